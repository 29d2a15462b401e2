//! The queue in front of the slots.

use std::collections::{BTreeMap, VecDeque};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use tokio::sync::Notify;
use tokio::time::Instant;

use super::Priority;

/// A slot that is this much too late is dropped instead of being made up for: after a stall there must be no burst.
const TOO_LATE: Duration = Duration::from_millis(50);

/// What a reservation brings.
pub(super) enum Answer {
    /// The times at which the next messages may go.
    Slots(Vec<Instant>),
    /// Nothing yet: ask again at this time.
    NotBefore(Instant),
}

/// Waiters by priority and order, and the slots reserved for whoever stands first.
#[derive(Default)]
pub(super) struct Queue {
    line: Mutex<Line>,
}

/// Priority first, then the order of arrival.
type Place = (Priority, u64);

#[derive(Default)]
struct Line {
    waiting: BTreeMap<Place, Arc<Waiter>>,
    slots: VecDeque<Instant>,
    leader: Option<Place>,
    arrived: u64,
}

#[derive(Default)]
struct Waiter {
    wake: Notify,
    served: AtomicBool,
}

/// A place in the queue. Dropping it before its turn, or before it was used, leaves no gap.
struct Ticket<'q> {
    queue: &'q Queue,
    place: Place,
    waiter: Arc<Waiter>,
    used: bool,
}

/// What a waiter does next.
enum Step {
    Go,
    Reserve(u32),
    /// The leader: until the next slot, or until somebody needs it.
    Sleep(Instant),
    /// Somebody else leads.
    Follow,
}

impl Queue {
    /// Waits for a slot. `reserve` is asked for a number of slots, by one waiter at a time.
    pub(super) async fn wait(&self, priority: Priority, reserve: impl Fn(u32) -> Answer) {
        let mut ticket = self.arrive(priority);
        loop {
            match self.step(&ticket) {
                Step::Go => {
                    ticket.used = true;
                    return;
                }
                Step::Reserve(want) => match reserve(want) {
                    Answer::Slots(slots) => self.line().slots.extend(slots),
                    Answer::NotBefore(at) => ticket.rest(at).await,
                },
                Step::Sleep(until) => ticket.rest(until).await,
                Step::Follow => ticket.waiter.wake.notified().await,
            }
        }
    }

    fn line(&self) -> MutexGuard<'_, Line> {
        // Every change below is whole before anything that could panic.
        self.line.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn arrive(&self, priority: Priority) -> Ticket<'_> {
        let mut line = self.line();
        line.arrived += 1;
        let place = (priority, line.arrived);
        let waiter = Arc::<Waiter>::default();
        line.waiting.insert(place, waiter.clone());
        Ticket { queue: self, place, waiter, used: false }
    }

    fn step(&self, ticket: &Ticket<'_>) -> Step {
        let mut line = self.line();
        if ticket.waiter.served.load(Ordering::Relaxed) {
            return Step::Go;
        }
        if *line.leader.get_or_insert(ticket.place) != ticket.place {
            return Step::Follow;
        }
        let now = Instant::now();
        while line.slots.front().is_some_and(|slot| *slot + TOO_LATE < now) {
            line.slots.pop_front();
        }
        while line.slots.front().is_some_and(|slot| *slot <= now) {
            let Some((place, waiter)) = line.waiting.pop_first() else { break };
            line.slots.pop_front();
            waiter.served.store(true, Ordering::Relaxed);
            if place == ticket.place {
                line.hand_over();
                return Step::Go;
            }
            waiter.wake.notify_one();
        }
        match line.slots.front() {
            Some(next) => Step::Sleep(*next),
            None => Step::Reserve(u32::try_from(line.waiting.len()).unwrap_or(u32::MAX)),
        }
    }
}

impl Line {
    /// The leader leaves; whoever stands first leads on.
    fn hand_over(&mut self) {
        self.leader = None;
        if let Some(next) = self.waiting.values().next() {
            next.wake.notify_one();
        }
    }
}

impl Ticket<'_> {
    async fn rest(&self, until: Instant) {
        tokio::select! {
            () = tokio::time::sleep_until(until) => {}
            () = self.waiter.wake.notified() => {}
        }
    }
}

impl Drop for Ticket<'_> {
    fn drop(&mut self) {
        if self.used {
            return;
        }
        let mut line = self.queue.line();
        line.waiting.remove(&self.place);
        if self.waiter.served.load(Ordering::Relaxed) {
            // Served, but gone before it could leave: the slot is the next one's.
            line.slots.push_front(Instant::now());
        }
        // Without a leader, this one may be whom the last leader woke to lead on.
        if line.leader.is_none_or(|leader| leader == self.place) {
            line.hand_over();
        } else if let Some(leader) = line.leader.and_then(|place| line.waiting.get(&place)) {
            leader.wake.notify_one();
        }
    }
}
