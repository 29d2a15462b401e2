//! What is to be done now: statuses that are due, POSTs that can be put together, POSTs that may go.

use std::cmp::Reverse;

use super::envelope::payload;
use super::queue::{Due, READY, Waiting};
use super::settings::{LARGEST_BATCH, Webhook};
use super::wire::escaped;
use super::{envelope::Item, status};
use crate::state::Inside;
use crate::template;

/// How far a sandbox without a webhook lets statuses gather, in milliseconds: nobody but the page looks at them.
const UNHURRIED_MS: u64 = 20;

/// What is to be done.
pub(super) struct Turn {
    pub(super) posts: Vec<Due>,
    /// When there is more, in milliseconds since 1970.
    pub(super) next_ms: Option<u64>,
    /// Nothing waits any more.
    pub(super) idle: bool,
}

/// Moves everything on that is due, and takes out up to `room` POSTs.
pub(super) fn turn(inside: &mut Inside, room: usize) -> Turn {
    let now_ms = inside.clock.now_ms();
    template::review(inside, now_ms);
    take_steps(inside, now_ms);
    while release(inside, now_ms) {}
    let mut posts = Vec::new();
    if inside.settings.webhook.url.is_some() && inside.webhooks.verified {
        while posts.len() < room
            && let Some(due) = inside.webhooks.take_due(now_ms)
        {
            posts.push(due);
        }
    }
    let webhooks = &inside.webhooks;
    let steps = webhooks.steps.peek().map(|Reverse((due_ms, ..))| match inside.settings.webhook.is_subscribed() {
        true => *due_ms,
        false => (*due_ms).max(now_ms + UNHURRIED_MS),
    });
    let held = webhooks.outbox.front().filter(|_| webhooks.pending() < READY);
    let held = held.map(|first| first.at_ms().saturating_add(inside.settings.webhook.hold_ms));
    let queue = webhooks.next_due_ms().filter(|_| posts.len() < room && webhooks.verified);
    let reviews = inside.templates.next_review_ms();
    Turn { posts, next_ms: [steps, held, queue, reviews].into_iter().flatten().min(), idle: webhooks.waiting() == 0 }
}

/// Statuses that are due become the messages' own, and wait to be told if somebody listens.
fn take_steps(inside: &mut Inside, now_ms: u64) {
    let hurry = inside.webhooks.hurry > 0;
    while let Some(Reverse((due_ms, index, step))) = inside.webhooks.steps.peek().copied() {
        if due_ms > now_ms && !hurry {
            return;
        }
        inside.webhooks.steps.pop();
        let webhook = &inside.settings.webhook;
        let Some(message) = inside.ledger.message(index) else {
            // Forgotten before it was told.
            inside.webhooks.dropped += u64::from(webhook.is_subscribed());
            continue;
        };
        let plan = status::plan(message, webhook);
        let Some(status) = plan.get(step).copied() else {
            continue;
        };
        if step + 1 < plan.len() {
            inside.webhooks.steps.push(Reverse((due_ms + webhook.status_delay_ms, index, step + 1)));
        }
        let listens = webhook.is_subscribed();
        inside.ledger.change(index, |message| message.status = message.status.max(status));
        if listens {
            inside.webhooks.put(Waiting::Status { message: index, status, at_ms: due_ms });
        }
    }
}

/// Puts what waits into POSTs, if it need not wait longer. Whether there may be more.
fn release(inside: &mut Inside, now_ms: u64) -> bool {
    let Webhook { batch, shuffle, hold_ms, repeat, .. } = inside.settings.webhook;
    let webhooks = &mut inside.webhooks;
    let Some(first) = webhooks.outbox.front() else {
        return false;
    };
    let together = if shuffle { LARGEST_BATCH } else { batch };
    let ready = together == 1
        || webhooks.hurry > 0
        || webhooks.outbox.len() >= together
        || first.at_ms().saturating_add(hold_ms) <= now_ms;
    if !ready || webhooks.pending() >= READY {
        return false;
    }
    let mut taken: Vec<Waiting> = webhooks.outbox.drain(..together.min(webhooks.outbox.len())).collect();
    if shuffle {
        out_of_order(&mut taken, &mut webhooks.rng);
    }
    let mut taken = taken.into_iter().peekable();
    while taken.peek().is_some() {
        let items: Vec<Item> = taken.by_ref().take(batch).filter_map(|waiting| rendered(inside, waiting)).collect();
        if !items.is_empty() {
            let body = escaped(&payload(&inside.settings.business_account_id, items));
            inside.webhooks.add(body, now_ms, repeat);
        }
    }
    true
}

fn rendered(inside: &mut Inside, waiting: Waiting) -> Option<Item> {
    let item = match waiting {
        Waiting::Status { message, status, at_ms } => status::item(inside, message, status, at_ms),
        Waiting::Item { item, .. } => Some(*item),
    };
    inside.webhooks.dropped += u64::from(item.is_none());
    item
}

/// Another order than the one they came in, whatever chance says.
fn out_of_order<T>(items: &mut [T], rng: &mut fastrand::Rng) {
    let mut order: Vec<usize> = (0..items.len()).collect();
    rng.shuffle(&mut order);
    if order.is_sorted() {
        order.reverse();
    }
    // `order` says which item comes to each place; swaps along its cycles bring it there.
    for place in 0..order.len() {
        let mut from = order[place];
        while from < place {
            from = order[from];
        }
        items.swap(place, from);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn out_of_order_is_never_in_order_and_repeats_with_the_seed() {
        for seed in 0..50 {
            for count in 2..6 {
                let run = || {
                    let mut items: Vec<u32> = (0..count).collect();
                    out_of_order(&mut items, &mut fastrand::Rng::with_seed(seed));
                    items
                };
                let mut items = run();
                assert_eq!(items, run());
                assert!(!items.is_sorted(), "{seed} {items:?}");
                items.sort_unstable();
                assert_eq!(items, (0..count).collect::<Vec<_>>(), "none is lost");
            }
        }
        out_of_order::<u32>(&mut [], &mut fastrand::Rng::with_seed(0));
        out_of_order(&mut [1], &mut fastrand::Rng::with_seed(0));
    }
}
