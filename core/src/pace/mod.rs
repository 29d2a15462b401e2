//! Pace: when the next message may go. The limits are Meta's; keeping them is this room's.
//!
//! Everybody who sends from one number of one API shares a [`Pacer`]. Waiters stand in a queue by priority and order; one
//! of them, the leader, reserves slots a little ahead and hands each to whoever stands first when it comes. So an urgent
//! message overtakes, and a waiter that goes away leaves nothing behind.

mod gcra;
mod pair;
mod queue;

use std::sync::Arc;
use std::time::Duration;

use tokio::time::Instant;

use crate::store::{Record, Records};
use gcra::{Pace, Reservation, State};
use pair::PairHolds;
use queue::Queue;

/// How much below the limit the pace runs. A server that counts in any one-second window sees evenly sent messages bunched
/// by jitter: 3 % stand 30 ms of it.
const MARGIN: f64 = 0.03;

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
    key: String,
    records: Arc<dyn Records>,
    queue: Queue,
    pairs: PairHolds,
}

/// What a message asks of the pacer.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Ask<'a> {
    /// The number's limit; 0 for none.
    pub(crate) per_second: f64,
    pub(crate) priority: Priority,
    /// Who the message goes to.
    pub(crate) recipient: &'a str,
    /// When the caller gives up; `None` for never.
    pub(crate) deadline: Option<Instant>,
}

/// No slot came before the deadline.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct TooLate(pub(crate) String);

impl Pacer {
    pub(crate) fn new(key: String, records: Arc<dyn Records>) -> Self {
        Pacer { key, records, queue: Queue::default(), pairs: PairHolds::default() }
    }

    /// Waits for a slot. Dropping the future gives it back.
    pub(crate) async fn slot(&self, ask: Ask<'_>) -> Result<(), TooLate> {
        while let Some(until) = self.pairs.until(ask.recipient) {
            if ask.deadline.is_some_and(|deadline| deadline < until) {
                return Err(TooLate(format!(
                    "Meta's pair rate limit holds this recipient back for another {:.0} s",
                    until.duration_since(Instant::now()).as_secs_f64().ceil()
                )));
            }
            tokio::time::sleep_until(until).await;
        }
        let pace = Pace::new(ask.per_second, MARGIN);
        let wait = self.queue.wait(ask.priority, |want| self.reserve(pace, want));
        match ask.deadline {
            None => wait.await,
            Some(deadline) => tokio::time::timeout_at(deadline, wait)
                .await
                .map_err(|_| TooLate("the rate limit left no slot within max_wait".to_owned()))?,
        }
        Ok(())
    }

    /// Meta's pair rate limit refused a message to this recipient (131056).
    pub(crate) fn refused_pair(&self, recipient: &str, retry_after: Option<Duration>) {
        self.pairs.hold(recipient, retry_after);
    }

    /// The number's throughput was refused (130429): it slows down.
    pub(crate) fn refused_throughput(&self) {
        self.change(State::refused);
    }

    /// The whole number stands still: Meta said for how long, maintains it, or holds back the app.
    pub(crate) fn pause(&self, pause: Duration) {
        self.change(|state, now_us| state.hold(now_us, pause));
    }

    /// Meta accepted a message to this recipient.
    pub(crate) fn accepted(&self, recipient: &str) {
        self.pairs.accepted(recipient);
    }

    fn reserve(&self, pace: Pace, want: u32) -> queue::Answer {
        let mut answer = queue::Answer::NotBefore(Instant::now());
        self.change(|state, now_us| {
            let now = Instant::now();
            let at = |us: u64| now + Duration::from_micros(us.saturating_sub(now_us));
            answer = match state.reserve(now_us, pace, want) {
                Reservation::NotBefore(us) => queue::Answer::NotBefore(at(us)),
                Reservation::Granted(slots) => queue::Answer::Slots(
                    (0..u64::from(slots.count)).map(|n| at(slots.first_us + n * slots.interval_us)).collect(),
                ),
            };
        });
        answer
    }

    fn change(&self, mut change: impl FnMut(&mut State, u64)) {
        self.records.update(&self.key, &mut |record: &mut Record, now_us| {
            let mut state = State::from(*record);
            change(&mut state, now_us);
            *record = state.into();
        });
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::store::Memory;

    fn pacer() -> Arc<Pacer> {
        Arc::new(Pacer::new("origin/1".into(), Arc::new(Memory::new())))
    }

    fn ask(recipient: &str) -> Ask<'_> {
        Ask { per_second: 80.0, priority: Priority::Normal, recipient, deadline: None }
    }

    #[tokio::test(start_paused = true)]
    async fn messages_leave_at_the_rate() {
        let pacer = pacer();
        let begin = Instant::now();
        let all = (0..2000).map(|_| {
            let pacer = pacer.clone();
            async move { pacer.slot(ask("+15550001234")).await.map(|()| begin.elapsed()) }
        });
        let times: Vec<Duration> = futures_util::future::join_all(all).await.into_iter().map(Result::unwrap).collect();
        let last = times.iter().max().unwrap().as_secs_f64();
        let ideal = 1999.0 / 80.0;
        assert!(last >= ideal && last <= ideal / 0.96, "{last} s for {ideal} s");
    }

    #[tokio::test(start_paused = true)]
    async fn an_urgent_message_overtakes() {
        let pacer = pacer();
        let order = Arc::new(std::sync::Mutex::new(Vec::new()));
        let mut tasks = Vec::new();
        for n in 0..100 {
            let (pacer, order) = (pacer.clone(), order.clone());
            tasks.push(tokio::spawn(async move {
                pacer.slot(ask("+15550001234")).await.unwrap();
                order.lock().unwrap().push(n);
            }));
        }
        tokio::time::sleep(Duration::from_millis(300)).await;
        let before = order.lock().unwrap().len();
        pacer.slot(Ask { priority: Priority::Urgent, ..ask("+15550001234") }).await.unwrap();
        let after = order.lock().unwrap().len();
        assert!(before > 10 && after <= before + 2, "{before} then {after}");
        for task in tasks {
            task.await.unwrap();
        }
        assert_eq!(*order.lock().unwrap(), (0..100).collect::<Vec<_>>());
    }

    #[tokio::test(start_paused = true)]
    async fn who_goes_away_strands_nothing() {
        let pacer = pacer();
        let waiting: Vec<_> = (0..50)
            .map(|_| {
                let pacer = pacer.clone();
                tokio::spawn(async move { pacer.slot(ask("+15550001234")).await })
            })
            .collect();
        tokio::time::sleep(Duration::from_millis(20)).await;
        waiting.iter().for_each(tokio::task::JoinHandle::abort);
        futures_util::future::join_all(waiting).await;
        let begin = Instant::now();
        pacer.slot(ask("+15550001234")).await.unwrap();
        assert!(begin.elapsed() < Duration::from_millis(30), "{:?}", begin.elapsed());
    }

    #[tokio::test(start_paused = true)]
    async fn who_stands_behind_those_who_go_away_is_served() {
        let pacer = pacer();
        let join = |pacer: Arc<Pacer>| tokio::spawn(async move { pacer.slot(ask("+15550001234")).await });
        let leaving: Vec<_> = (0..50).map(|_| join(pacer.clone())).collect();
        let staying = join(pacer.clone());
        tokio::time::sleep(Duration::from_millis(20)).await;
        leaving.iter().for_each(tokio::task::JoinHandle::abort);
        tokio::time::timeout(Duration::from_secs(5), staying).await.unwrap().unwrap().unwrap();
    }

    #[tokio::test(start_paused = true)]
    async fn a_deadline_is_kept() {
        let pacer = pacer();
        pacer.pause(Duration::from_secs(60));
        let begin = Instant::now();
        let deadline = Some(begin + Duration::from_secs(2));
        assert!(pacer.slot(Ask { deadline, ..ask("+1") }).await.is_err());
        assert_eq!(begin.elapsed().as_secs(), 2);
    }

    #[tokio::test(start_paused = true)]
    async fn a_pair_refusal_holds_back_one_recipient() {
        let pacer = pacer();
        let begin = Instant::now();
        pacer.refused_pair("+15550001234", None);
        pacer.slot(ask("+15550009999")).await.unwrap();
        assert!(begin.elapsed() < Duration::from_millis(20));
        pacer.slot(ask("+15550001234")).await.unwrap();
        assert_eq!(begin.elapsed().as_secs(), 1);
        pacer.refused_pair("+15550001234", None);
        pacer.slot(ask("+15550001234")).await.unwrap();
        assert_eq!(begin.elapsed().as_secs(), 5, "4 s after the second refusal in a row");
    }

    #[tokio::test(start_paused = true)]
    async fn without_a_limit_only_holds_count() {
        let pacer = pacer();
        let begin = Instant::now();
        let free = Ask { per_second: 0.0, ..ask("+1") };
        for _ in 0..10_000 {
            pacer.slot(free).await.unwrap();
        }
        assert!(begin.elapsed() < Duration::from_millis(5));
        pacer.pause(Duration::from_secs(1));
        pacer.slot(free).await.unwrap();
        assert!(begin.elapsed() >= Duration::from_secs(1));
    }
}
