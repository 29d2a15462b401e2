//! An access token that comes from a function of the host: the call asks, through its own mailbox, and the host's thread
//! that waits for the call calls the function. The runtime's thread never does.

use std::sync::Arc;

use futures_util::future::BoxFuture;
use serde_json::Value;
use wacloud::{Secret, TokenSource};

use crate::mailbox::{Content, Mailbox};

/// Asks whoever waits at this mailbox.
pub(crate) struct HostToken<C>(pub(crate) Arc<Mailbox<C>>);

impl<C: Content + Send + 'static> TokenSource for HostToken<C> {
    fn token(&self) -> BoxFuture<'_, Result<Secret, String>> {
        Box::pin(async {
            let reply = self.0.ask().ok_or(NOBODY)?;
            read(&reply.await.map_err(|_| NOBODY)?)
        })
    }
}

const NOBODY: &str = "nobody waits for the call any more, so its token function cannot be called";

/// `{"token": "…"}` or `{"error": "…"}`.
fn read(answer_json: &str) -> Result<Secret, String> {
    let answer: Value = serde_json::from_str(answer_json).unwrap_or_default();
    match (&answer["token"], &answer["error"]) {
        (Value::String(token), _) => Ok(Secret::new(token.as_str())),
        (_, Value::String(why)) => Err(why.clone()),
        _ => Err("the token function must return text".into()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn answers_are_read_and_what_is_none_is_refused() {
        assert!(read(r#"{"token":"EAAG"}"#).is_ok());
        assert_eq!(read(r#"{"error":"vault is sealed"}"#).err().as_deref(), Some("vault is sealed"));
        for answer in ["", "{}", r#"{"token":7}"#, "[1"] {
            assert!(read(answer).unwrap_err().contains("must return text"), "{answer}");
        }
    }
}
