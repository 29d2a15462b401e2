//! What waits to be told, and what became of each POST. No I/O; the time is given.

use std::cmp::Reverse;
use std::collections::{BTreeMap, BinaryHeap, VecDeque};
use std::sync::Arc;

use bytes::Bytes;
use fastrand::Rng;
use tokio::sync::Notify;

use super::delivery::{Attempt, Delivery, DeliveryState, WebhookFilter};
use super::envelope::Item;
use super::settings::Webhook;
use crate::ledger::{Json, MessageStatus};

/// How many POSTs are remembered, and how many bytes of them; those that wait go last.
const KEPT: usize = 10_000;
const KEPT_BYTES: usize = 64 << 20;
/// How many POSTs are made ready: beyond this, statuses wait as the few bytes that they are until then.
pub(super) const READY: usize = 1_000;
/// How many items wait at most.
const OUTBOX: usize = 1_000_000;
/// How many attempts of a POST are remembered.
const ATTEMPTS: usize = 100;
/// Meta's page "Webhooks": a POST is repeated for up to 7 days.
const GIVE_UP_MS: u64 = 7 * 86_400_000;

/// An item that waits to be put into a POST.
#[derive(Debug)]
pub(super) enum Waiting {
    /// A status, rendered when it goes: so it takes no room.
    Status { message: u64, status: MessageStatus, at_ms: u64 },
    /// A message from a customer.
    Item { item: Box<Item>, at_ms: u64 },
}

impl Waiting {
    pub(super) fn at_ms(&self) -> u64 {
        match self {
            Self::Status { at_ms, .. } | Self::Item { at_ms, .. } => *at_ms,
        }
    }
}

/// A POST that can go.
#[derive(Debug)]
pub(super) struct Due {
    pub(super) generation: u64,
    pub(super) index: u64,
    pub(super) body: Bytes,
}

/// Everything that is to be told.
#[derive(Debug)]
pub(crate) struct Webhooks {
    /// When the next status of a message is due, the message, and which of its statuses it is.
    pub(super) steps: BinaryHeap<Reverse<(u64, u64, usize)>>,
    pub(super) outbox: VecDeque<Waiting>,
    deliveries: BTreeMap<u64, Delivery>,
    /// When a POST may go.
    queue: BinaryHeap<Reverse<(u64, u64)>>,
    next: u64,
    pending: usize,
    bytes: usize,
    /// Items that had no room.
    pub(super) dropped: u64,
    /// A reset begins a new one: what was under way before it concerns nobody.
    generation: u64,
    /// How many wait for everything to be told.
    pub(super) hurry: usize,
    pub(super) rng: Rng,
    /// Whether the handshake with the present address is done.
    pub(crate) verified: bool,
    /// Why it is not.
    pub(super) problem: Option<String>,
    /// Something is to be done earlier than the worker thinks.
    pub(super) wake: Arc<Notify>,
    /// Nothing waits any more.
    pub(super) settled: Arc<Notify>,
}

impl Webhooks {
    pub(crate) fn new(seed: Option<u64>) -> Self {
        Self {
            steps: BinaryHeap::new(),
            outbox: VecDeque::new(),
            deliveries: BTreeMap::new(),
            queue: BinaryHeap::new(),
            next: 0,
            pending: 0,
            bytes: 0,
            dropped: 0,
            generation: 0,
            hurry: 0,
            rng: Rng::with_seed(seed.unwrap_or(0)),
            verified: false,
            problem: None,
            wake: Arc::default(),
            settled: Arc::default(),
        }
    }

    /// Forgets everything but the subscription.
    pub(crate) fn clear(&mut self, seed: Option<u64>) {
        let before = std::mem::replace(self, Self::new(seed));
        self.generation = before.generation + 1;
        (self.verified, self.problem) = (before.verified, before.problem);
        (self.hurry, self.wake, self.settled) = (before.hurry, before.wake, before.settled);
        self.wake.notify_one();
    }

    /// Why there is no subscription although there should be one.
    pub(crate) fn problem(&self) -> Option<String> {
        self.problem.clone().filter(|_| !self.verified)
    }

    /// Has the worker look again.
    pub(crate) fn wake(&self) {
        self.wake.notify_one();
    }

    pub(crate) fn reseed(&mut self, seed: Option<u64>) {
        self.rng = Rng::with_seed(seed.unwrap_or(0));
    }

    /// Plans the first status of a message.
    pub(crate) fn schedule(&mut self, message: u64, due_ms: u64) {
        let first = self.steps.peek().is_none_or(|Reverse((earliest, ..))| due_ms < *earliest);
        self.steps.push(Reverse((due_ms, message, 0)));
        if first {
            self.wake.notify_one();
        }
    }

    pub(super) fn put(&mut self, waiting: Waiting) {
        if self.outbox.len() >= OUTBOX {
            self.outbox.pop_front();
            self.dropped += 1;
        }
        self.outbox.push_back(waiting);
    }

    /// Whether more that is large may come.
    pub(super) fn has_room(&self) -> bool {
        self.outbox.len() < OUTBOX / 10 && self.pending < KEPT / 2 && self.bytes < KEPT_BYTES / 2
    }

    pub(super) fn pending(&self) -> usize {
        self.pending
    }

    /// How much waits, as far as it is known by now.
    pub(crate) fn waiting(&self) -> usize {
        self.steps.len() + self.outbox.len() + self.pending
    }

    /// Makes a POST ready.
    pub(super) fn add(&mut self, body: Bytes, now_ms: u64, repeat: u32) -> u64 {
        let index = self.next;
        self.next += 1;
        self.bytes += body.len();
        self.pending += 1;
        self.queue.push(Reverse((now_ms, index)));
        let delivery = Delivery {
            index,
            at: now_ms,
            state: DeliveryState::Pending,
            sent: 0,
            attempts: Vec::new(),
            payload: Json(body),
            wanted: repeat,
            failures: 0,
        };
        self.deliveries.insert(index, delivery);
        self.forget();
        index
    }

    fn forget(&mut self) {
        while self.deliveries.len() > KEPT || self.bytes > KEPT_BYTES && self.deliveries.len() > 1 {
            let done = self.deliveries.values().find(|delivery| delivery.state != DeliveryState::Pending);
            let Some(index) = done.map(|done| done.index).or_else(|| self.deliveries.keys().next().copied()) else {
                return;
            };
            if let Some(gone) = self.deliveries.remove(&index) {
                self.bytes -= gone.payload.0.len();
                if gone.state == DeliveryState::Pending {
                    self.pending -= 1;
                    self.dropped += 1;
                }
            }
        }
    }

    /// When the next POST may go.
    pub(super) fn next_due_ms(&self) -> Option<u64> {
        self.queue.peek().map(|Reverse((due_ms, _))| *due_ms)
    }

    /// The next POST that may go now.
    pub(super) fn take_due(&mut self, now_ms: u64) -> Option<Due> {
        while self.next_due_ms().is_some_and(|due_ms| due_ms <= now_ms) {
            let Reverse((_, index)) = self.queue.pop()?;
            let delivery = self.deliveries.get_mut(&index).filter(|one| one.state == DeliveryState::Pending);
            if let Some(delivery) = delivery {
                delivery.sent += 1;
                return Some(Due { generation: self.generation, index, body: delivery.payload.0.clone() });
            }
        }
        None
    }

    /// Writes down what became of an attempt, and plans the next one. Whether it was of use to anybody.
    pub(super) fn finish(&mut self, webhook: &Webhook, due: &Due, attempt: Attempt, now_ms: u64) -> bool {
        let current = due.generation == self.generation;
        let Some(delivery) = self.deliveries.get_mut(&due.index).filter(|_| current) else {
            return false;
        };
        let taken = attempt.status == Some(200);
        if delivery.attempts.len() >= ATTEMPTS {
            delivery.attempts.remove(0);
        }
        delivery.attempts.push(attempt);
        if delivery.state != DeliveryState::Pending {
            return true;
        }
        let next_ms = if taken {
            delivery.wanted = delivery.wanted.saturating_sub(1);
            now_ms
        } else {
            let doubled = webhook.first_retry_ms.saturating_mul(1 << delivery.failures.min(40));
            delivery.failures += 1;
            now_ms.saturating_add(doubled.min(webhook.max_retry_ms))
        };
        delivery.state = match delivery.wanted {
            0 => DeliveryState::Delivered,
            _ if next_ms > delivery.at.saturating_add(GIVE_UP_MS) => DeliveryState::GivenUp,
            _ => DeliveryState::Pending,
        };
        if delivery.state == DeliveryState::Pending {
            self.queue.push(Reverse((next_ms, due.index)));
        } else {
            self.pending -= 1;
        }
        true
    }

    /// What waits for its repeat goes now.
    pub(super) fn hasten(&mut self, now_ms: u64) {
        let queue = std::mem::take(&mut self.queue);
        self.queue = queue.into_iter().map(|Reverse((due_ms, index))| Reverse((due_ms.min(now_ms), index))).collect();
        self.wake.notify_one();
    }

    /// Gives everything up that waits: there is nobody to tell it to.
    pub(super) fn give_up(&mut self) {
        self.outbox.clear();
        self.queue.clear();
        for delivery in self.deliveries.values_mut().filter(|one| one.state == DeliveryState::Pending) {
            delivery.state = DeliveryState::GivenUp;
        }
        self.pending = 0;
    }

    /// The POSTs that the filter lets through, oldest first.
    pub(crate) fn deliveries(&self, filter: &WebhookFilter) -> Vec<Delivery> {
        let lets = |one: &&Delivery| {
            filter.after.is_none_or(|after| one.index > after) && filter.state.is_none_or(|state| one.state == state)
        };
        let newest = self.deliveries.values().rev().filter(lets).take(filter.limit.unwrap_or(usize::MAX));
        let mut newest: Vec<Delivery> = newest.cloned().collect();
        newest.reverse();
        newest
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn attempt(status: Option<u16>) -> Attempt {
        Attempt { at: 0, took_ms: 0, status, error: None, signature: String::new() }
    }

    fn state(webhooks: &Webhooks) -> DeliveryState {
        webhooks.deliveries.values().next().unwrap().state
    }

    #[test]
    fn waits_double_up_to_the_longest_and_end_after_seven_days() {
        let webhook = Webhook { first_retry_ms: 1_000, max_retry_ms: 8_000, ..Webhook::default() };
        let mut webhooks = Webhooks::new(None);
        webhooks.add(Bytes::new(), 0, 1);
        let mut now_ms = 0;
        for expected in [1_000, 2_000, 4_000, 8_000, 8_000] {
            let due = webhooks.take_due(now_ms).unwrap();
            assert!(webhooks.take_due(u64::MAX).is_none(), "it is under way");
            assert!(webhooks.finish(&webhook, &due, attempt(Some(500)), now_ms));
            assert_eq!(webhooks.next_due_ms(), Some(now_ms + expected));
            assert!(webhooks.take_due(now_ms + expected - 1).is_none());
            now_ms += expected;
        }
        let due = webhooks.take_due(now_ms).unwrap();
        webhooks.finish(&webhook, &due, attempt(None), GIVE_UP_MS);
        assert_eq!((state(&webhooks), webhooks.waiting()), (DeliveryState::GivenUp, 0));
    }

    #[test]
    fn a_post_is_made_as_often_as_asked_and_only_200_counts() {
        let (webhook, mut webhooks) = (Webhook::default(), Webhooks::new(None));
        webhooks.add(Bytes::new(), 0, 2);
        for (status, expected) in [
            (200, DeliveryState::Pending),
            (201, DeliveryState::Pending),
            (302, DeliveryState::Pending),
            (200, DeliveryState::Delivered),
        ] {
            let due = webhooks.take_due(u64::MAX).unwrap();
            webhooks.finish(&webhook, &due, attempt(Some(status)), 0);
            assert_eq!(state(&webhooks), expected, "{status}");
        }
        assert_eq!(webhooks.deliveries[&0].sent, 4);
    }

    #[test]
    fn what_a_reset_forgot_is_not_found_again() {
        let mut webhooks = Webhooks::new(None);
        webhooks.add(Bytes::new(), 0, 1);
        let due = webhooks.take_due(0).unwrap();
        webhooks.clear(None);
        webhooks.add(Bytes::new(), 0, 1);
        assert!(!webhooks.finish(&Webhook::default(), &due, attempt(Some(200)), 0));
        assert_eq!(state(&webhooks), DeliveryState::Pending);
    }

    #[test]
    fn memory_is_bounded_and_what_is_done_goes_first() {
        let (webhook, mut webhooks) = (Webhook::default(), Webhooks::new(None));
        webhooks.add(Bytes::from_static(b"waits"), 0, 1);
        let waits = webhooks.take_due(0).unwrap();
        for _ in 0..KEPT + 10 {
            webhooks.add(Bytes::from_static(b"done"), 0, 1);
            let due = webhooks.take_due(0).unwrap();
            webhooks.finish(&webhook, &due, attempt(Some(200)), 0);
        }
        assert_eq!((webhooks.deliveries.len(), webhooks.dropped, webhooks.pending), (KEPT, 0, 1));
        assert!(webhooks.finish(&webhook, &waits, attempt(Some(200)), 0));
        for _ in 0..3 {
            webhooks.add(vec![b' '; KEPT_BYTES / 2].into(), 0, 1);
        }
        assert!(webhooks.bytes <= KEPT_BYTES && webhooks.dropped == 1, "{} {}", webhooks.bytes, webhooks.dropped);
    }
}
