//! Where the access token comes from.

use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use futures_util::future::BoxFuture;
use tokio::time::Instant;

use super::settings::{Secret, check_token};
use crate::error::{Attempted, Error, NotSentReason, Result};

/// Gives the access token when it is needed, so that it may change while a client lives.
///
/// What it gave is used for a minute, and no longer than until Meta refuses it.
pub trait TokenSource: Send + Sync {
    /// The token, or why there is none.
    fn token(&self) -> BoxFuture<'_, std::result::Result<Secret, String>>;
}

/// How long a token that a function gave is used before it is asked for again.
const FRESH: Duration = Duration::from_secs(60);

/// The last token that a function gave.
#[derive(Default)]
pub(super) struct TokenCache(Mutex<Option<(Secret, Instant)>>);

impl TokenCache {
    fn fresh(&self) -> Option<Secret> {
        let cached = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        cached.as_ref().filter(|(_, at)| at.elapsed() < FRESH).map(|(token, _)| token.clone())
    }

    fn keep(&self, token: &Secret) {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner) = Some((token.clone(), Instant::now()));
    }

    /// Meta refused it.
    pub(super) fn forget(&self) {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner) = None;
    }
}

/// The token, where nobody has to be asked for it.
pub(super) fn at_hand(fixed: Option<Secret>, cache: &TokenCache) -> Option<Secret> {
    fixed.or_else(|| cache.fresh())
}

/// The token for the next request.
pub(super) async fn token(
    fixed: Option<Secret>,
    cache: &TokenCache,
    source: Option<&Arc<dyn TokenSource>>,
    attempted: &Attempted,
) -> Result<Secret> {
    if let Some(token) = at_hand(fixed, cache) {
        return Ok(token);
    }
    let Some(source) = source else {
        return Err(Error::config("access_token", "comes from a function, and there is none"));
    };
    let token = source
        .token()
        .await
        .map_err(|why| Error::not_sent(NotSentReason::Token, format!("no access token: {why}"), attempted.clone()))?;
    check_token(&token)?;
    cache.keep(&token);
    Ok(token)
}

/// The function that gives it had not answered when the time was over.
pub(super) fn not_in_time(attempted: &Attempted) -> Error {
    let cause = "no access token: the function that gives it had not answered when the time for the call was over";
    Error::not_sent(NotSentReason::Token, cause, attempted.clone())
}
