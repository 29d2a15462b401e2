//! What became of a request: which failure belongs to which of the four outcomes, and what may be done about it. Pure.
//!
//! The rules are those of RFC 9110 §9.2.2 (a request that is not idempotent is not repeated unless it is known that the
//! first was not applied), applied to what Meta documents about its error codes.

use std::time::Duration;

use crate::graph::GraphError;
use crate::graph::codes::{self, Acceptance, CodeRow, Remedy, Scope};

/// How every send ends.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Outcome {
    /// Meta took the message and named it.
    Accepted,
    /// Meta answered: no.
    Rejected,
    /// It is certain that no complete request reached Meta.
    NotSent,
    /// It may have been accepted.
    Unknown,
}

impl Outcome {
    /// The outcome's public name: `accepted`, `rejected`, `not_sent` or `unknown`.
    pub fn name(self) -> &'static str {
        match self {
            Outcome::Accepted => "accepted",
            Outcome::Rejected => "rejected",
            Outcome::NotSent => "not_sent",
            Outcome::Unknown => "unknown",
        }
    }
}

/// What a call does to the world, which decides what may be repeated.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Effect {
    /// Changes nothing: may be repeated after any failure.
    Read,
    /// Doing it twice is doing it once: may be repeated after any failure.
    Idempotent,
    /// Must happen once and has no meaning twice: repeated only when it was certainly not done.
    Once,
    /// Sends a message: repeated only when it was certainly not sent, paced, and settled by webhooks.
    Message,
}

impl Effect {
    /// The effect's public name.
    pub fn name(self) -> &'static str {
        match self {
            Effect::Read => "read",
            Effect::Idempotent => "idempotent",
            Effect::Once => "once",
            Effect::Message => "message",
        }
    }

    /// Whether repeating after an unknown outcome does no harm.
    pub(crate) fn is_repeatable(self) -> bool {
        matches!(self, Effect::Read | Effect::Idempotent)
    }
}

/// Why an attempt brought no answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Failure {
    /// No connection: DNS, TCP, TLS or the proxy.
    Connect,
    /// The connection was lost.
    ConnectionLost,
    /// The time for one attempt was over.
    TimeOut,
    /// The caller cancelled.
    Cancelled,
}

impl Failure {
    /// The stable name in `reason`.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Failure::Connect => "connect",
            Failure::ConnectionLost => "connection_lost",
            Failure::TimeOut => "timeout",
            Failure::Cancelled => "cancelled",
        }
    }
}

/// What one attempt proves.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Verdict {
    /// 2xx. Whether it holds what the call needs is for the call to say.
    Answered,
    /// Meta refused; the same request gets the same answer.
    Rejected,
    /// Meta refused because of pace; the same request works later.
    Throttled(Scope),
    /// Nothing arrived.
    NotSent(Failure),
    /// Nobody knows.
    Unknown(Doubt),
}

/// Why nobody knows.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Doubt {
    /// No answer came.
    NoAnswer(Failure),
    /// A server error that promises nothing.
    ServerError,
    /// 2xx, but not the answer that belongs to it: mostly accepted, and its id is lost. Never sent again by anybody's consent.
    BrokenAnswer,
}

impl Doubt {
    /// The stable name in `reason`.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Doubt::NoAnswer(failure) => failure.name(),
            Doubt::ServerError => "server_error",
            Doubt::BrokenAnswer => "broken_answer",
        }
    }
}

/// An attempt that ended without an answer.
///
/// A body that was never touched proves that no complete request left, and so does a server that says so. One that was
/// touched proves nothing, not even on a stale keep-alive connection: it is mostly unprocessed then, but cannot be told
/// from one that was processed.
pub(crate) fn of_failure(failure: Failure, may_have_arrived: bool) -> Verdict {
    if may_have_arrived { Verdict::Unknown(Doubt::NoAnswer(failure)) } else { Verdict::NotSent(failure) }
}

/// What an answer's body holds, for whoever asks what became of the request.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) enum Said<'a> {
    /// An error of Graph's.
    Error(&'a GraphError),
    /// No error of Graph's: a page of something in between, or nothing.
    NoError,
    /// It broke off, or what there is of it cannot be read: it may have named any code.
    Half,
}

/// An attempt that was answered. Graph's code decides; the HTTP status only where there is no code, or one that nobody
/// knows: Meta has changed the statuses of its codes more than once.
pub(crate) fn of_answer(status: u16, said: Said<'_>) -> Verdict {
    if (200..300).contains(&status) {
        return Verdict::Answered;
    }
    let row = match said {
        Said::Error(error) => error.code.and_then(codes::lookup),
        Said::NoError => None,
        // Code 1 comes with a 400, and promises nothing. Only what was read may say that it is a refusal.
        Said::Half if (400..500).contains(&status) => return Verdict::Unknown(Doubt::ServerError),
        Said::Half => None,
    };
    match row {
        Some(row) => of_code(row),
        None if status == 429 => Verdict::Throttled(Scope::Number),
        // 3xx is not followed, 4xx is a no from whoever answered (RFC 9110 §15.5).
        None if (300..500).contains(&status) => Verdict::Rejected,
        // Also what is no final status at all, such as 101, which nobody asked for: it says nothing about the message.
        None => Verdict::Unknown(Doubt::ServerError),
    }
}

/// A 2xx that is not the answer, but an error and nothing else: as any other refusal, where its code promises that nothing was
/// accepted. A status is no key; some gateways answer everything with 200.
pub(crate) fn of_refusal_in_success(error: &GraphError) -> Option<Verdict> {
    let row = error.code.and_then(codes::lookup)?;
    (row.acceptance == Acceptance::No).then(|| of_code(row))
}

fn of_code(row: &CodeRow) -> Verdict {
    match (row.acceptance, row.remedy) {
        (Acceptance::Reported, _) => Verdict::Unknown(Doubt::ServerError),
        (Acceptance::No, Remedy::Throttle(scope)) => Verdict::Throttled(scope),
        (Acceptance::No, _) => Verdict::Rejected,
    }
}

/// The longest `Retry-After` that a call on its own waits for; a longer one is the caller's to plan.
pub(crate) const LONGEST_RETRY_AFTER: Duration = Duration::from_secs(120);

/// The longest time for which anything is held back, whatever an answer says: Meta counts calls by the hour (its page "Rate
/// limits"). Who is held back for longer is refused once more each hour; a nonsense time locks nobody out.
pub(crate) const LONGEST_HOLD: Duration = Duration::from_secs(3_600);

/// How long to wait before attempt `attempt` (0 for the first repetition): exponential to a minute, with jitter so that
/// clients that failed together do not come back together. `random` is from 0 to 1.
pub(crate) fn backoff(attempt: u32, random: f64) -> Duration {
    let seconds = 2_u64.saturating_pow(attempt).min(60);
    Duration::from_secs(seconds) + Duration::from_millis((random.clamp(0.0, 1.0) * 500.0) as u64)
}

/// How long a recipient is held back after its `n`th pair rate refusal in a row (0 for the first): 4^n seconds, as Meta's
/// page on error 131056 says; an hour at most.
pub(crate) fn pair_hold(n: u32) -> Duration {
    Duration::from_secs(4_u64.saturating_pow(n)).min(LONGEST_HOLD)
}

/// A token bucket that stops storms: every repetition after a transport failure takes from it, every answer gives a
/// little back. When Meta is out of reach, a thousand waiting messages do not become four thousand attempts.
#[derive(Debug, Clone, Copy)]
pub(crate) struct RetryBudget {
    tokens: u32,
}

impl RetryBudget {
    const FULL: u32 = 500;
    const COST: u32 = 5;

    pub(crate) fn new() -> Self {
        RetryBudget { tokens: Self::FULL }
    }

    pub(crate) fn take(&mut self) -> bool {
        let left = self.tokens.checked_sub(Self::COST);
        self.tokens = left.unwrap_or(self.tokens);
        left.is_some()
    }

    pub(crate) fn give_back(&mut self) {
        self.tokens = (self.tokens + 1).min(Self::FULL);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn error(code: i64) -> GraphError {
        GraphError { code: Some(code), ..GraphError::default() }
    }

    #[test]
    fn the_code_decides_whatever_the_status() {
        for status in [400, 429, 500, 503] {
            let verdict = |code| of_answer(status, Said::Error(&error(code)));
            assert_eq!(verdict(130_429), Verdict::Throttled(Scope::Number));
            assert_eq!(verdict(131_056), Verdict::Throttled(Scope::Pair));
            assert_eq!(verdict(190), Verdict::Rejected);
            assert_eq!(verdict(131_000), Verdict::Unknown(Doubt::ServerError));
        }
    }

    #[test]
    fn without_a_known_code_the_status_decides() {
        let unknown_code = error(987_654);
        for said in [Said::NoError, Said::Error(&unknown_code)] {
            for status in [302, 400, 401, 403, 404, 405, 408, 413, 431] {
                assert_eq!(of_answer(status, said), Verdict::Rejected, "{status}");
            }
            for status in [101, 500, 502, 503, 504, 599, 999] {
                assert_eq!(of_answer(status, said), Verdict::Unknown(Doubt::ServerError), "{status}");
            }
            assert_eq!(of_answer(429, said), Verdict::Throttled(Scope::Number));
            assert_eq!(of_answer(200, said), Verdict::Answered);
        }
    }

    #[test]
    fn what_broke_off_may_have_named_any_code() {
        for status in [400, 401, 404, 429, 500, 503] {
            assert_eq!(of_answer(status, Said::Half), Verdict::Unknown(Doubt::ServerError), "{status}");
        }
        // Nobody who redirects has taken the message.
        assert_eq!(of_answer(307, Said::Half), Verdict::Rejected);
        assert_eq!(of_answer(200, Said::Half), Verdict::Answered);
    }

    #[test]
    fn only_a_certain_code_refuses_with_a_success() {
        for row in codes::CODES {
            let verdict = of_refusal_in_success(&error(row.first));
            let refuses = matches!(verdict, Some(Verdict::Rejected | Verdict::Throttled(_)));
            assert_eq!((refuses, verdict.is_none()), (row.acceptance == Acceptance::No, !refuses), "{row:?}");
        }
        assert_eq!(of_refusal_in_success(&error(987_654)), None);
        assert_eq!(of_refusal_in_success(&GraphError::default()), None);
    }

    #[test]
    fn only_an_untouched_body_proves_that_nothing_left() {
        for failure in [Failure::Connect, Failure::ConnectionLost, Failure::TimeOut, Failure::Cancelled] {
            assert_eq!(of_failure(failure, false), Verdict::NotSent(failure));
            assert_eq!(of_failure(failure, true), Verdict::Unknown(Doubt::NoAnswer(failure)));
        }
    }

    #[test]
    fn waits_double_to_a_minute() {
        let waits: Vec<u64> = (0..8).map(|attempt| backoff(attempt, 0.0).as_secs()).collect();
        assert_eq!(waits, [1, 2, 4, 8, 16, 32, 60, 60]);
        assert_eq!(backoff(0, 1.0), Duration::from_millis(1500));
        assert_eq!(backoff(u32::MAX, 1.0), Duration::from_millis(60_500));
        assert_eq!((0..8).map(|n| pair_hold(n).as_secs()).collect::<Vec<_>>(), [1, 4, 16, 64, 256, 1024, 3600, 3600]);
    }

    #[test]
    fn the_budget_runs_out_and_comes_back() {
        let mut budget = RetryBudget::new();
        let granted = (0..1000).filter(|_| budget.take()).count();
        assert_eq!(granted, 100);
        (0..5).for_each(|_| budget.give_back());
        assert!(budget.take());
        assert!(!budget.take());
    }
}
