//! The queue in front of the slots: who waits, who is cleared to go, and who is parked.
//!
//! Waiters stand by priority and order. One of them, the leader, asks the store on behalf of those who stand first: slots
//! for the number, and leave for each one's recipient. A waiter whose recipient has had enough for now is parked, and the
//! others pass; one that is cleared goes at the next slot, whoever it was reserved for. So an urgent message overtakes, and
//! a waiter that goes away leaves nothing behind.

use std::collections::{BTreeMap, VecDeque};
use std::sync::{Arc, Mutex, MutexGuard, OnceLock, PoisonError};
use std::time::Duration;

use tokio::sync::Notify;
use tokio::time::Instant;

use super::Priority;
use super::gcra::HORIZON;

/// A slot that is this much too late is dropped instead of being made up for: after a stall there must be no burst.
const TOO_LATE: Duration = Duration::from_millis(50);
/// Slots are asked for when those in hand last for less than this.
const LOW: Duration = Duration::from_millis(100);
/// When others have taken all slots of the horizon: a single one is free again at once, some are after this time.
const PATIENCE: Duration = Duration::from_millis(50);
/// The leader wakes up no more often than this, and serves what has come due: at 1,000 messages a second a timer for each
/// would cost more than sending it. The margin stands a jitter of 30 ms.
const GATHER: Duration = Duration::from_millis(4);
/// So many waiters are cleared at once.
const BATCH: usize = 256;
/// So many refunds are remembered; one that is forgotten costs its recipient a few seconds.
const REFUNDS: usize = 256;

/// Priority first, then the order of arrival.
type Place = (Priority, Turn);

/// A waiter's way out.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) enum Fate {
    Go(Turn),
    /// Its recipient may have a message at this time only, which is later than it waits.
    TooLate(Instant),
    /// Nothing goes before this time, which is later than it waits.
    Held(Instant),
}

/// A place in the order of arrival. Who has had a slot and needs another one comes back to it: what was begun is ended before
/// anything else is begun.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Turn(u64);

#[derive(Default)]
struct Waiter {
    wake: Notify,
    fate: OnceLock<Fate>,
}

struct Waiting {
    waiter: Arc<Waiter>,
    /// The recipient's key.
    pair: u64,
    deadline: Option<Instant>,
    is_cleared: bool,
}

/// A waiter that might be cleared.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Candidate {
    place: Place,
    pub(super) pair: u64,
}

/// What the leader asks the store for.
#[derive(Debug, Default)]
pub(super) struct Wish {
    /// In their order.
    pub(super) candidates: Vec<Candidate>,
    /// So many of the first stand before somebody who is cleared already, and take that one's slot.
    pub(super) overtakers: usize,
    /// Slots in hand that nobody is cleared for …
    pub(super) spare: usize,
    /// … or, the other way round, slots that are missing for those who are.
    pub(super) owed: usize,
    /// Recipients whose message was cleared and did not go.
    pub(super) refunds: Vec<u64>,
}

/// What the store gave.
#[derive(Debug, Default)]
pub(super) struct Grant {
    pub(super) slots: Vec<Instant>,
    pub(super) cleared: Vec<Candidate>,
    /// With the time at which their recipients may have a message.
    pub(super) parked: Vec<(Candidate, Instant)>,
    /// No slot before this time.
    pub(super) not_before: Option<Instant>,
    /// Until when Meta holds the number back.
    pub(super) held: Option<Instant>,
}

/// What a waiter does next.
enum Step {
    Leave(Fate),
    Ask(Wish),
    /// The leader: until that time, or until somebody needs it.
    Sleep(Option<Instant>),
    /// Somebody else leads.
    Follow,
}

#[derive(Default)]
pub(super) struct Queue {
    line: Mutex<Line>,
}

#[derive(Default)]
struct Line {
    waiting: BTreeMap<Place, Waiting>,
    /// How many of them are cleared.
    cleared: usize,
    parked: BTreeMap<(Instant, Place), Waiting>,
    slots: VecDeque<Instant>,
    leader: Option<Place>,
    /// Whether the store is being asked.
    is_asking: bool,
    ask_again: Option<Instant>,
    /// Until when the number is held back, as the store said last: who does not wait for so long need not begin.
    held: Option<Instant>,
    served: Option<Instant>,
    refunds: Vec<u64>,
    arrived: u64,
}

/// A place in the queue. Dropping it before its turn, or before it was used, leaves no gap.
struct Ticket<'q> {
    queue: &'q Queue,
    place: Place,
    waiter: Arc<Waiter>,
    pair: u64,
    is_used: bool,
}

impl Queue {
    /// Waits for a slot, at most until `deadline` if the recipient or the number is held back. `turn` is where it stood if it
    /// had one before. `ask` is called by one waiter at a time; it must bring its answer to [`Queue::apply`] or call
    /// [`Queue::give_up`], at once or later.
    pub(super) async fn wait<F: Future<Output = ()> + Send>(
        &self,
        priority: Priority,
        pair: u64,
        deadline: Option<Instant>,
        turn: Option<Turn>,
        ask: impl Fn(Wish) -> F,
    ) -> Fate {
        let mut ticket = self.arrive(priority, pair, deadline, turn);
        loop {
            let step = self.line().step(&ticket);
            match step {
                Step::Leave(fate) => {
                    ticket.is_used = true;
                    return fate;
                }
                Step::Ask(wish) => ask(wish).await,
                Step::Sleep(Some(until)) => {
                    tokio::select! {
                        () = tokio::time::sleep_until(until) => {}
                        () = ticket.waiter.wake.notified() => {}
                    }
                }
                Step::Sleep(None) | Step::Follow => ticket.waiter.wake.notified().await,
            }
        }
    }

    /// What the store gave. Who was cleared and has left meanwhile gives back.
    pub(super) fn apply(&self, grant: Grant) {
        let mut line = self.line();
        line.is_asking = false;
        line.slots.extend(grant.slots);
        line.ask_again = grant.not_before.map(|at| at + PATIENCE);
        for candidate in grant.cleared {
            line.clear(candidate);
        }
        for (candidate, until) in grant.parked {
            line.park(candidate.place, until);
        }
        line.held = grant.held;
        line.refuse_held();
        line.wake_leader();
    }

    /// Meta holds the number back until then: slots in hand would be refused, too.
    pub(super) fn hold(&self, until: Instant) {
        let mut line = self.line();
        line.slots.clear();
        line.held = line.held.max(Some(until));
        line.refuse_held();
        line.wake_leader();
    }

    /// There is no answer.
    pub(super) fn give_up(&self) {
        let mut line = self.line();
        line.is_asking = false;
        line.wake_leader();
    }

    /// How many wait, and how many of them are parked for their recipient.
    pub(super) fn len(&self) -> (usize, usize) {
        let line = self.line();
        (line.waiting.len() + line.parked.len(), line.parked.len())
    }

    fn line(&self) -> MutexGuard<'_, Line> {
        // Every change below is whole before anything that could panic.
        self.line.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn arrive(&self, priority: Priority, pair: u64, deadline: Option<Instant>, turn: Option<Turn>) -> Ticket<'_> {
        let mut line = self.line();
        line.arrived += 1;
        let place = (priority, turn.unwrap_or(Turn(line.arrived)));
        let waiter = Arc::<Waiter>::default();
        if let Some(held) = line.held_beyond(deadline) {
            let _ = waiter.fate.set(Fate::Held(held));
            return Ticket { queue: self, place, waiter, pair, is_used: false };
        }
        line.waiting.insert(place, Waiting { waiter: waiter.clone(), pair, deadline, is_cleared: false });
        // One that stands before somebody who is cleared must be cleared, too, before the next slot.
        if line.waiting.range(place..).nth(1).is_some() {
            line.wake_leader();
        }
        Ticket { queue: self, place, waiter, pair, is_used: false }
    }
}

impl Line {
    fn step(&mut self, ticket: &Ticket<'_>) -> Step {
        if let Some(fate) = ticket.waiter.fate.get() {
            if self.leader == Some(ticket.place) {
                self.hand_over();
            }
            return Step::Leave(*fate);
        }
        if *self.leader.get_or_insert(ticket.place) != ticket.place {
            return Step::Follow;
        }
        let now = Instant::now();
        self.unpark(now);
        while self.slots.front().is_some_and(|slot| *slot + TOO_LATE < now) {
            self.slots.pop_front();
        }
        while self.slots.front().is_some_and(|slot| *slot <= now) && self.cleared > 0 {
            if self.overtakers() > 0 && !self.is_asking {
                break;
            }
            let Some(place) = self.waiting.iter().find(|(_, w)| w.is_cleared).map(|(place, _)| *place) else { break };
            self.slots.pop_front();
            self.cleared -= 1;
            self.served = Some(now);
            self.tell(place, Fate::Go(place.1));
            if place == ticket.place {
                self.hand_over();
                return Step::Leave(Fate::Go(place.1));
            }
        }
        match self.wish(now) {
            Ok(wish) => {
                self.is_asking = true;
                Step::Ask(wish)
            }
            Err(ask_at) => Step::Sleep(self.next(ask_at)),
        }
    }

    /// What to ask the store for now, or when to ask.
    fn wish(&mut self, now: Instant) -> Result<Wish, Option<Instant>> {
        let spare = self.slots.len().saturating_sub(self.cleared);
        let owed = self.cleared.saturating_sub(self.slots.len());
        if self.is_asking || (self.waiting.len() == self.cleared && owed == 0) {
            return Err(None);
        }
        let overtakers = self.overtakers();
        let low = self.slots.back().map(|last| *last - LOW);
        let ask_at = low.max(self.ask_again);
        if overtakers == 0 && spare == 0 && ask_at.is_some_and(|at| at > now) {
            return Err(ask_at);
        }
        let candidates = self.waiting.iter().filter(|(_, waiting)| !waiting.is_cleared);
        let candidates = candidates.map(|(place, waiting)| Candidate { place: *place, pair: waiting.pair });
        Ok(Wish {
            candidates: candidates.take(BATCH).collect(),
            overtakers,
            spare,
            owed,
            refunds: std::mem::take(&mut self.refunds),
        })
    }

    /// How many stand before somebody who is cleared, and are not.
    fn overtakers(&self) -> usize {
        if self.cleared == 0 { 0 } else { self.waiting.values().take_while(|waiting| !waiting.is_cleared).count() }
    }

    /// When the leader has something to do.
    fn next(&self, ask_at: Option<Instant>) -> Option<Instant> {
        let gathered = |slot: Instant| self.served.map_or(slot, |served| slot.max(served + GATHER));
        let slot = self.slots.front().filter(|_| self.cleared > 0).map(|slot| gathered(*slot));
        let parked = self.parked.keys().next().map(|(until, _)| *until);
        [slot, ask_at, parked].into_iter().flatten().min()
    }

    fn unpark(&mut self, now: Instant) {
        while let Some(entry) = self.parked.first_entry() {
            let (until, place) = *entry.key();
            if until > now {
                return;
            }
            let waiting = entry.remove();
            self.waiting.insert(place, waiting);
        }
    }

    fn clear(&mut self, candidate: Candidate) {
        match self.waiting.get_mut(&candidate.place) {
            Some(waiting) => {
                waiting.is_cleared = true;
                self.cleared += 1;
            }
            None => self.refund(candidate.pair),
        }
    }

    fn park(&mut self, place: Place, until: Instant) {
        match self.waiting.get(&place).map(|waiting| waiting.deadline.is_some_and(|deadline| deadline < until)) {
            Some(true) => self.tell(place, Fate::TooLate(until)),
            Some(false) => {
                if let Some(waiting) = self.waiting.remove(&place) {
                    self.parked.insert((until, place), waiting);
                }
            }
            None => {}
        }
    }

    /// The end of the hold, for who does not wait for so long.
    fn held_beyond(&self, deadline: Option<Instant>) -> Option<Instant> {
        self.held.filter(|held| deadline.is_some_and(|deadline| deadline < *held))
    }

    /// Who has no slot yet and waits for less long than the number is held back learns it now.
    fn refuse_held(&mut self) {
        let Some(held) = self.held else { return };
        let mut slots = self.slots.len();
        let mut late: Vec<(Place, Option<u64>)> = Vec::new();
        for (place, waiting) in &self.waiting {
            if waiting.is_cleared && slots > 0 {
                slots -= 1;
            } else if self.held_beyond(waiting.deadline).is_some() {
                late.push((*place, waiting.is_cleared.then_some(waiting.pair)));
            }
        }
        for (place, cleared) in late {
            if let Some(pair) = cleared {
                self.cleared -= 1;
                self.refund(pair);
            }
            self.tell(place, Fate::Held(held));
        }
    }

    /// The waiter leaves the line, and learns why.
    fn tell(&mut self, place: Place, fate: Fate) {
        if let Some(waiting) = self.waiting.remove(&place) {
            // It is told once: whoever is told is not in the line any more.
            let _ = waiting.waiter.fate.set(fate);
            waiting.waiter.wake.notify_one();
        }
    }

    fn refund(&mut self, pair: u64) {
        if self.refunds.len() < REFUNDS {
            self.refunds.push(pair);
        }
    }

    fn wake_leader(&mut self) {
        match self.leader.map(|place| self.find(place)) {
            Some(Some(leader)) => leader.wake.notify_one(),
            Some(None) => {}
            None => self.hand_over(),
        }
    }

    fn find(&self, place: Place) -> Option<&Arc<Waiter>> {
        let parked = || self.parked.iter().find(|((_, parked), _)| *parked == place).map(|(_, waiting)| waiting);
        self.waiting.get(&place).or_else(parked).map(|waiting| &waiting.waiter)
    }

    /// The leader leaves; whoever stands first leads on.
    fn hand_over(&mut self) {
        self.leader = None;
        if let Some(next) = self.waiting.values().next().or_else(|| self.parked.values().next()) {
            next.waiter.wake.notify_one();
        }
    }

    /// A waiter went away without having gone.
    fn leave(&mut self, ticket: &Ticket<'_>) {
        if matches!(ticket.waiter.fate.get(), Some(Fate::Go(_))) {
            // Served, but gone before it could leave: the slot is the next one's.
            self.slots.push_front(Instant::now());
            self.refund(ticket.pair);
        } else if let Some(waiting) = self.waiting.remove(&ticket.place) {
            if waiting.is_cleared {
                self.cleared -= 1;
                self.refund(waiting.pair);
            }
        } else {
            self.parked.retain(|(_, place), _| *place != ticket.place);
        }
        // Without a leader, this one may be whom the last leader woke to lead on.
        if self.leader.is_none_or(|leader| leader == ticket.place) {
            self.hand_over();
        } else {
            self.wake_leader();
        }
    }
}

impl Drop for Ticket<'_> {
    fn drop(&mut self) {
        if !self.is_used {
            self.queue.line().leave(self);
        }
    }
}

const _: () = assert!(LOW.as_millis() < HORIZON.as_millis());
