//! Pace: when the next message may go. The limits are Meta's; keeping them is this room's.
//!
//! Everybody who sends from one number of one API shares a [`Pacer`] in the process, and with other processes and hosts the
//! book that it writes in. Waiters stand in a queue by priority and order; see `queue.rs` for how they are served, and
//! `gcra.rs`, `pair.rs` and `adapt.rs` for the arithmetic, which is pure.

mod adapt;
mod alias;
mod app;
mod gcra;
mod pair;
mod queue;
mod report;

use std::collections::HashSet;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::task::Poll;
use std::time::Duration;

use tokio::time::Instant;

pub(crate) use app::AppHold;
pub(crate) use queue::Turn;
pub use report::PaceReport;

use crate::store::{Book, Entry, Page, Record, Store};
use alias::Aliases;
use gcra::{Pace, Reservation, State};
use pair::{Pair, PairPace};
use queue::{Fate, Grant, Queue, Wish};

/// How much below the limits the pace runs. A server that counts in any one-second window sees evenly sent messages bunched
/// by jitter: 3 % stand 30 ms of it.
const MARGIN: f64 = 0.03;

/// So often the book is looked at where there are no limits: somebody else may have been refused.
const LOOK_EVERY: Duration = Duration::from_millis(100);

/// So many recipients are remembered whose next acceptance is news.
const REFUSED_PAIRS: usize = 10_000;

/// Which waiter goes first.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Hash, serde::Serialize, serde::Deserialize)]
#[cfg_attr(feature = "manifest", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum Priority {
    /// Before everything else: one-time passwords.
    Urgent,
    /// As usual.
    #[default]
    Normal,
    /// After everything else: what a bulk does.
    Low,
}

/// The pace of one number at one API.
pub(crate) struct Pacer {
    store: &'static str,
    book: Book,
    queue: Queue,
    aliases: Aliases,
    /// Whether some recipient may be held back, as the book said last: only then are entries looked at where there is no
    /// pair limit.
    holds_pairs: AtomicBool,
    /// Whether entries of recipients were ever asked for here.
    counts_pairs: AtomicBool,
    /// Recipients whom Meta refused to this process: their next message that is accepted ends the row of refusals.
    refused: Mutex<HashSet<u64>>,
    /// What the book said last, for reports where asking it again would take a round trip.
    seen: Mutex<Seen>,
}

/// What the book said, and when.
#[derive(Clone, Copy)]
struct Seen {
    state: State,
    now_us: u64,
    at: Instant,
    /// Graph's code of the last refusal that this process met.
    last_code: Option<i64>,
}

/// The limits of a number.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Limits {
    /// Messages a second; 0 for no limit.
    pub(crate) per_second: f64,
    /// Messages a second to one recipient; 0 for no limit.
    pub(crate) pair_per_second: f64,
}

impl Limits {
    fn is_any(self) -> bool {
        self.per_second > 0.0 || self.pair_per_second > 0.0
    }
}

/// What a message asks of the pacer.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Ask<'a> {
    pub(crate) limits: Limits,
    pub(crate) priority: Priority,
    /// Who the message goes to.
    pub(crate) recipient: &'a str,
    /// When the caller gives up; `None` for never.
    pub(crate) deadline: Option<Instant>,
    /// Where the message stood when it had a slot before.
    pub(crate) turn: Option<Turn>,
}

/// What Meta refused.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Refusal<'a> {
    /// Messages to this recipient (131056), for as long as it says, if it does.
    Pair(&'a str, Option<Duration>),
    /// The number's throughput (130429), at these limits: it slows down.
    Throughput(Limits),
    /// Everything from the number, for so long: Meta says so, maintains it, or holds back the app.
    Pause(Duration),
}

/// No slot came before the deadline.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct TooLate {
    pub(crate) cause: String,
    /// How long whatever holds the message back still does, where that is known.
    pub(crate) retry_after: Option<Duration>,
}

impl TooLate {
    /// Somebody, or everything, is held back until then.
    pub(crate) fn held(what: &str, until: Instant) -> Self {
        // In whole seconds and not too early: what is said is what is told.
        let seconds = until.duration_since(Instant::now()).as_secs_f64().ceil();
        let cause = format!("{what} back for another {seconds:.0} s");
        TooLate { cause, retry_after: Some(Duration::from_secs_f64(seconds)) }
    }

    fn number_held(until: Instant) -> Self {
        Self::held("the rate limit left no slot within max_wait: Meta holds the number", until)
    }
}

impl Pacer {
    pub(crate) fn new(name: &str, store: &Store) -> Self {
        let seen = Seen { state: State::default(), now_us: 0, at: Instant::now(), last_code: None };
        Pacer {
            store: store.name(),
            book: store.book(name),
            queue: Queue::default(),
            aliases: Aliases::default(),
            holds_pairs: AtomicBool::new(false),
            counts_pairs: AtomicBool::new(false),
            refused: Mutex::default(),
            seen: Mutex::new(seen),
        }
    }

    /// Waits for a slot. Dropping the future gives it back. Returns where the message stood, if it stood anywhere.
    pub(crate) async fn slot(self: &Arc<Self>, ask: Ask<'_>) -> Result<Option<Turn>, TooLate> {
        if !ask.limits.is_any() && self.is_free() {
            return Ok(None);
        }
        // Boxed: every message under way would have room for it.
        Box::pin(self.queued_slot(ask)).await
    }

    async fn queued_slot(self: &Arc<Self>, ask: Ask<'_>) -> Result<Option<Turn>, TooLate> {
        let pair = self.aliases.key(ask.recipient);
        let wait = self.queue.wait(ask.priority, pair, ask.deadline, ask.turn, |wish| self.ask(wish, ask.limits));
        let fate = match ask.deadline {
            None => wait.await,
            Some(deadline) => tokio::time::timeout_at(deadline, wait).await.map_err(|_| self.too_late())?,
        };
        match fate {
            Fate::Go(turn) => Ok(Some(turn)),
            Fate::TooLate(until) => {
                let what = "the pair rate limit (how often one recipient may get a message) holds this recipient";
                Err(TooLate::held(what, until))
            }
            Fate::Held(until) => Err(TooLate::number_held(until)),
        }
    }

    /// Why there was no slot: Meta holds the number back, or too many wait.
    fn too_late(&self) -> TooLate {
        let seen = *self.seen();
        let now = Instant::now();
        match seen.state.held_for(seen.now_us_at(now)) {
            Duration::ZERO => {
                TooLate { cause: "the rate limit left no slot within max_wait".to_owned(), retry_after: None }
            }
            held => TooLate::number_held(now + held),
        }
    }

    /// Whether nothing is held back, as the book said a moment ago: without limits that is all there is to ask it.
    fn is_free(&self) -> bool {
        let seen = self.seen();
        let now = Instant::now();
        let now_us = seen.now_us_at(now);
        now < seen.at + LOOK_EVERY
            && seen.now_us > 0
            && seen.state.held_for(now_us).is_zero()
            && !seen.state.holds_pairs(now_us)
    }

    /// Meta refused. `code` is Graph's.
    pub(crate) async fn refused(&self, refusal: Refusal<'_>, code: Option<i64>) {
        match refusal {
            Refusal::Throughput(limits) => {
                let pace = Pace::new(limits.per_second, MARGIN);
                self.change(|state, now_us| state.refused(now_us, pace)).await;
            }
            Refusal::Pause(pause) => {
                let hold = |state: &mut State, now_us| {
                    state.hold(now_us, pause);
                    state.held_for(now_us)
                };
                let held = self.change(hold).await;
                self.queue.hold(Instant::now() + held);
            }
            Refusal::Pair(recipient, retry_after) => {
                self.counts_pairs.store(true, Ordering::Relaxed);
                let key = self.aliases.key(recipient);
                {
                    let mut refused = self.refused_pairs();
                    // A row that is not remembered ends with time.
                    if refused.len() < REFUSED_PAIRS {
                        refused.insert(key);
                    }
                }
                self.update(&[key], |state, entries, now_us| {
                    for entry in entries {
                        let mut pair = Pair::from(*entry);
                        state.hold_pair(pair.refused(now_us, retry_after));
                        *entry = pair.into();
                    }
                })
                .await;
            }
        }
        self.seen().last_code = code;
    }

    /// Meta accepted a message to `recipient`, and knows it under these names.
    pub(crate) async fn accepted(&self, recipient: &str, known_as: Option<&str>) {
        // Acceptances are many and refusals few: only after one the book is told.
        let was_refused = {
            let mut refused = self.refused_pairs();
            !refused.is_empty() && refused.remove(&self.aliases.key(recipient))
        };
        if was_refused {
            self.update(&[self.aliases.key(recipient)], |_, entries, _| {
                for entry in entries {
                    let mut pair = Pair::from(*entry);
                    pair.accepted();
                    *entry = pair.into();
                }
            })
            .await;
        }
        let Some((key, meant)) = known_as.and_then(|known_as| self.aliases.learn(recipient, known_as)) else { return };
        // Where recipients are not counted nothing can count twice, and the book costs seven system calls.
        if !self.counts_pairs.load(Ordering::Relaxed) {
            return;
        }
        // What was counted under the other name counts from now on.
        self.update(&[key, meant], |_, entries, now_us| {
            if let [known, meant] = entries {
                let mut pair = Pair::from(*meant);
                pair.take_over(&Pair::from(*known), now_us);
                *meant = pair.into();
            }
        })
        .await;
    }

    /// What Meta allows the number, if somebody asked it of late.
    pub(crate) async fn level(&self) -> Option<u32> {
        let known = {
            let seen = self.seen();
            seen.state.level(seen.now_us_at(Instant::now()))
        };
        if known.is_some() {
            return known;
        }
        self.change(|state, now_us| state.level(now_us)).await
    }

    /// Meta allows the number so many messages a second.
    pub(crate) async fn set_level(&self, level: u32) {
        self.change(|state, now_us| state.set_level(now_us, level)).await;
    }

    /// What went wrong with keeping the pace, once.
    pub(crate) fn take_notice(&self) -> Option<String> {
        self.book.take_notice()
    }

    /// Asks the store. Who asks may go away before a distant one has answered: the answer still comes, and what it brings is
    /// not lost.
    async fn ask(self: &Arc<Self>, wish: Wish, limits: Limits) {
        let pacer = self.clone();
        let mut asking = Box::pin(async move {
            let asking = Asking(&pacer.queue);
            let grant = pacer.reserve(wish, limits).await;
            std::mem::forget(asking);
            pacer.queue.apply(grant);
        });
        let polled = std::future::poll_fn(|cx| Poll::Ready(asking.as_mut().poll(cx))).await;
        if polled.is_pending() {
            tokio::spawn(asking);
        }
    }

    async fn reserve(&self, wish: Wish, limits: Limits) -> Grant {
        let pace = Pace::new(limits.per_second, MARGIN);
        let pair_pace = PairPace::new(limits.pair_per_second);
        let are_pairs_counted = pair_pace.is_some() || self.holds_pairs.load(Ordering::Relaxed);
        let mut keys: Vec<u64> = Vec::new();
        if are_pairs_counted {
            self.counts_pairs.store(true, Ordering::Relaxed);
            keys.extend(wish.candidates.iter().map(|candidate| candidate.pair).chain(wish.refunds.iter().copied()));
            keys.sort_unstable();
            keys.dedup();
        }
        let index = |pair: u64| keys.binary_search(&pair).ok();
        self.update(&keys, |state, entries, now_us| {
            let mut pairs: Vec<Pair> = entries.iter().map(|entry| Pair::from(*entry)).collect();
            for refund in &wish.refunds {
                if let Some(at) = index(*refund) {
                    pairs[at].give_back(pair_pace);
                }
            }
            let now = Instant::now();
            let time = |us: u64| now + Duration::from_micros(us.saturating_sub(now_us));
            let held = state.held_for(now_us);
            let mut grant = Grant { held: (!held.is_zero()).then(|| now + held), ..Grant::default() };
            let most = (state.free(now_us, pace) as usize).saturating_sub(wish.owed) + wish.spare;
            for (n, candidate) in wish.candidates.iter().enumerate() {
                if grant.cleared.len() >= most && n >= wish.overtakers {
                    break;
                }
                let slot_us = state.slot_us(now_us, pace, (wish.owed + grant.cleared.len()).saturating_sub(wish.spare));
                match index(candidate.pair).map_or(Ok(()), |at| pairs[at].admit(slot_us, pair_pace)) {
                    Ok(()) => grant.cleared.push(*candidate),
                    Err(until_us) => grant.parked.push((*candidate, time(until_us))),
                }
            }
            let want = (wish.owed + grant.cleared.len()).saturating_sub(wish.spare);
            let want = u32::try_from(want).unwrap_or(u32::MAX);
            let is_full = grant.cleared.len() + grant.parked.len() < wish.candidates.len();
            match state.reserve(now_us, pace, want) {
                Reservation::Granted(slots) => {
                    let all = (0..u64::from(slots.count)).map(|n| time(slots.first_us + n * slots.interval_us));
                    grant.slots.extend(all);
                }
                Reservation::NotBefore(us) if is_full || want > 0 => grant.not_before = Some(time(us)),
                Reservation::NotBefore(_) => {}
            }
            for (entry, pair) in entries.iter_mut().zip(pairs) {
                *entry = pair.into();
            }
            grant
        })
        .await
    }

    async fn change<T: Send>(&self, mut change: impl FnMut(&mut State, u64) -> T + Send) -> T {
        self.update(&[], |state, _, now_us| change(state, now_us)).await
    }

    async fn update<T: Send>(
        &self,
        keys: &[u64],
        mut change: impl FnMut(&mut State, &mut [Entry], u64) -> T + Send,
    ) -> T {
        let (done, state, now_us) = self
            .book
            .update(keys, |page: Page<'_>| {
                let mut state = State::from(*page.record);
                let done = change(&mut state, page.entries, page.now_us);
                *page.record = Record::from(state);
                (done, state, page.now_us)
            })
            .await;
        self.holds_pairs.store(state.holds_pairs(now_us), Ordering::Relaxed);
        let mut seen = self.seen();
        *seen = Seen { state, now_us, at: Instant::now(), ..*seen };
        done
    }

    fn refused_pairs(&self) -> std::sync::MutexGuard<'_, HashSet<u64>> {
        self.refused.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn seen(&self) -> std::sync::MutexGuard<'_, Seen> {
        self.seen.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Seen {
    fn now_us_at(&self, now: Instant) -> u64 {
        self.now_us + u64::try_from(now.duration_since(self.at).as_micros()).unwrap_or(u64::MAX / 2)
    }
}

/// The store is being asked. Whatever ends that without an answer, nobody waits for one.
struct Asking<'q>(&'q Queue);

impl Drop for Asking<'_> {
    fn drop(&mut self) {
        self.0.give_up();
    }
}

#[cfg(test)]
mod tests;
