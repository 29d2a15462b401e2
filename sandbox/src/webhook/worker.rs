//! The task that makes the POSTs, and the handshake before them.

use std::sync::Arc;
use std::time::{Duration, Instant};

use tokio::task::JoinSet;

use super::delivery::Attempt;
use super::queue::Due;
use super::settings::Webhook;
use super::turn::turn;
use super::wire::{Caller, Handshake, signature};
use crate::Error;
use crate::state::Shared;

/// Between two tries to reach a server that was not there when the sandbox started.
const HANDSHAKE_EVERY: Duration = Duration::from_millis(500);

/// Tells everything there is to tell, until the task is aborted.
pub(crate) async fn deliver(shared: Arc<Shared>) {
    let caller = Caller::new();
    let mut under_way = JoinSet::new();
    let mut shaking: Option<Instant> = None;
    loop {
        let (turn, webhook, now_ms, wake) = {
            let mut inside = shared.lock();
            let room = inside.settings.webhook.connections.saturating_sub(under_way.len());
            let turn = turn(&mut inside, room);
            if turn.idle {
                inside.webhooks.settled.notify_waiters();
            }
            let (now_ms, wake) = (inside.clock.now_ms(), Arc::clone(&inside.webhooks.wake));
            let unverified = inside.settings.webhook.url.is_some() && !inside.webhooks.verified;
            shaking = if unverified { shaking.or_else(|| Some(Instant::now())) } else { None };
            (turn, inside.settings.webhook.clone(), now_ms, wake)
        };
        for due in turn.posts {
            under_way.spawn(post(Arc::clone(&shared), caller.clone(), webhook.clone(), due));
        }
        let until = turn.next_ms.map(|next_ms| Duration::from_millis(next_ms.saturating_sub(now_ms).clamp(1, 60_000)));
        tokio::select! {
            () = wake.notified() => {}
            Some(_) = under_way.join_next() => {}
            () = tokio::time::sleep(until.unwrap_or_default()), if until.is_some() => {}
            () = tokio::time::sleep_until(shaking.unwrap_or_else(Instant::now).into()), if shaking.is_some() => {
                shake_hands(&shared, &caller, &webhook).await;
                shaking = Some(Instant::now() + HANDSHAKE_EVERY);
            }
        }
    }
}

/// One attempt at a POST.
async fn post(shared: Arc<Shared>, caller: Caller, webhook: Webhook, due: Due) {
    let Some(url) = &webhook.url else {
        return;
    };
    let secret = if webhook.wrong_signature { "not the app secret" } else { &webhook.app_secret };
    let signature = signature(secret, &due.body);
    let at = shared.lock().clock.now_ms();
    let begun = Instant::now();
    let timeout = Duration::from_millis(webhook.timeout_ms);
    let answer = caller.post(url, &signature, due.body.clone(), timeout).await;
    let took_ms = u64::try_from(begun.elapsed().as_millis()).unwrap_or(u64::MAX);
    let (status, error) = match answer {
        Ok(answer) => (Some(answer.status), None),
        Err(why) => (None, Some(why)),
    };
    let mut inside = shared.lock();
    // Not by the clock, which may have been moved meanwhile: the wait for the repeat begins with the answer.
    let now_ms = at.saturating_add(took_ms);
    let counts = inside.webhooks.finish(&webhook, &due, Attempt { at, took_ms, status, error, signature }, now_ms);
    if counts {
        inside.ledger.counters.webhooks += 1;
        inside.ledger.counters.webhooks_failed += u64::from(status != Some(200));
    }
}

/// The handshake with a server that was not there before.
async fn shake_hands(shared: &Shared, caller: &Caller, webhook: &Webhook) {
    let result = caller.handshake(webhook).await;
    let mut inside = shared.lock();
    // Another address may have been set meanwhile.
    if inside.settings.webhook.url == webhook.url {
        inside.webhooks.verified |= result.is_ok();
        inside.webhooks.problem = result.err().map(|why| Error::from(why).to_string());
    }
}

/// Subscribes what the settings name. A server that does not answer yet is asked again in the background; one that answers
/// wrongly is an error.
pub(crate) async fn subscribe_at_start(shared: &Shared) -> Result<(), Error> {
    let webhook = shared.lock().settings.webhook.clone();
    if webhook.url.is_none() {
        return Ok(());
    }
    let result = Caller::new().handshake(&webhook).await;
    let mut inside = shared.lock();
    match result {
        Ok(()) => inside.webhooks.verified = true,
        Err(Handshake::Unreachable(why)) => inside.webhooks.problem = Some(why),
        Err(refused) => return Err(refused.into()),
    }
    Ok(())
}

/// Lets everything go that waits, and waits until all of it was answered with 200, up to `timeout`. How much still waits.
pub(crate) async fn flush(shared: &Shared, timeout: Duration) -> usize {
    let hurry = Hurry::begin(shared);
    let deadline = tokio::time::Instant::now() + timeout;
    loop {
        let (settled, waiting) = {
            let inside = shared.lock();
            (Arc::clone(&inside.webhooks.settled), inside.webhooks.waiting())
        };
        // Made before the second look, so that what happens in between is not missed.
        let notified = settled.notified();
        if waiting == 0 || shared.lock().webhooks.waiting() == 0 {
            break;
        }
        if tokio::time::timeout_at(deadline, notified).await.is_err() {
            break;
        }
    }
    drop(hurry);
    shared.lock().webhooks.waiting()
}

/// Nothing is held back while this lives, also when whoever waits goes away.
struct Hurry<'a>(&'a Shared);

impl<'a> Hurry<'a> {
    fn begin(shared: &'a Shared) -> Self {
        let mut inside = shared.lock();
        let now_ms = inside.clock.now_ms();
        inside.webhooks.hurry += 1;
        inside.webhooks.hasten(now_ms);
        Self(shared)
    }
}

impl Drop for Hurry<'_> {
    fn drop(&mut self) {
        self.0.lock().webhooks.hurry -= 1;
    }
}
