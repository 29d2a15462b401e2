//! Faults on demand: what can go wrong, and when it does.

use fastrand::Rng;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use crate::Error;

/// What goes wrong.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum FaultKind {
    /// A Graph error (`code`; `status`, `message`, `details`, `subcode`, `is_transient`, `retry_after_s` optional). Not accepted
    /// unless `accepted`.
    GraphError,
    /// A bare `status` without a body (`retry_after_s` optional). Not accepted unless `accepted`.
    Status,
    /// An HTML page with `status`, as an edge server writes it. Not accepted.
    Html,
    /// The whole request is read, not accepted, and the connection reset.
    ResetBefore,
    /// The message is accepted, then the connection reset before any answer.
    ResetAfter,
    /// The message is accepted, half of the answer leaves, then the connection is reset.
    ResetMidAnswer,
    /// The message is accepted, half of the answer's head leaves, then the connection is reset.
    ResetMidHead,
    /// The request is read, not accepted, and the connection closed without an answer.
    CloseBefore,
    /// The message is accepted, then the connection closed without an answer.
    CloseAfter,
    /// The message is accepted; what comes back is no HTTP.
    Garbage,
    /// An interim answer (103 Early Hints) goes before the ordinary one.
    Interim,
    /// The answer comes `delay_ms` late. Accepted at once, or with `"accepted": false` only when the delay is over.
    Delay,
    /// Accepted; the answer promises more bytes than it has.
    Truncate,
    /// Accepted; a 200 without a message id.
    NoId,
    /// Accepted; a 200 whose body is no JSON.
    BadJson,
    /// A redirect (`status` 302, `location`). Not accepted.
    Redirect,
    /// A canned answer (`status`, `headers`, `body`). Not accepted.
    Answer,
    /// Accepted; the answer comes byte by byte, `delay_ms` apart.
    Drip,
    /// Accepted; the answer is 64 MiB long.
    Oversized,
    /// Accepted with an ordinary answer; then it fails: the status `failed` with `code` (`message`, `details` optional) follows in
    /// the place of the others.
    Failed,
}

/// A fault waits for requests it applies to. Made by [`Fault::new`] and the methods that narrow it, or read from JSON.
///
/// ```
/// use wacloud_sandbox::Fault;
/// let fault = Fault::graph_error(130429).times(2).to("+15550001234");
/// assert_eq!(serde_json::to_value(fault).unwrap()["code"], 130429);
/// ```
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Fault {
    /// What goes wrong.
    pub kind: FaultKind,
    /// How often; 0 is for ever.
    #[serde(default = "once")]
    pub times: u32,
    /// How many matching requests pass first.
    #[serde(default, skip_serializing_if = "is_zero")]
    pub skip: u32,
    /// How likely it is for each matching request, 0 to 1.
    #[serde(default = "certain")]
    pub probability: f64,
    /// Only requests to this recipient (as sent; punctuation and `+` do not count).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub to: Option<String>,
    /// Only requests whose path contains this.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub path: Option<String>,
    /// Graph's error code.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub code: Option<i64>,
    /// HTTP status.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub status: Option<u16>,
    /// `error.message`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub message: Option<String>,
    /// `error.error_data.details`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub details: Option<String>,
    /// `error.error_subcode`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub subcode: Option<i64>,
    /// `error.is_transient`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub is_transient: Option<bool>,
    /// Header `Retry-After`, in seconds.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub retry_after_s: Option<u64>,
    /// Whether the message goes into the ledger.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub accepted: Option<bool>,
    /// Milliseconds: of the whole delay, or between two bytes.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub delay_ms: Option<u64>,
    /// Where a redirect points.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub location: Option<String>,
    /// Headers of a canned answer.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub headers: Option<Map<String, Value>>,
    /// Body of a canned answer: text as it is, anything else as JSON.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub body: Option<Value>,
}

fn once() -> u32 {
    1
}

fn certain() -> f64 {
    1.0
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde's signature")]
fn is_zero(n: &u32) -> bool {
    *n == 0
}

/// Members every fault may have.
const COMMON: &[&str] = &["kind", "times", "skip", "probability", "to", "path"];

/// Members each kind must have, and may have.
fn members(kind: FaultKind) -> (&'static [&'static str], &'static [&'static str]) {
    match kind {
        FaultKind::GraphError => {
            (&["code"], &["status", "message", "details", "subcode", "is_transient", "retry_after_s", "accepted"])
        }
        FaultKind::Status => (&["status"], &["retry_after_s", "accepted"]),
        FaultKind::Html => (&["status"], &[]),
        FaultKind::Delay => (&["delay_ms"], &["accepted"]),
        FaultKind::Drip => (&["delay_ms"], &[]),
        FaultKind::Redirect => (&["location"], &["status"]),
        FaultKind::Failed => (&["code"], &["message", "details"]),
        FaultKind::Answer => (&["status"], &["headers", "body"]),
        _ => (&[], &[]),
    }
}

impl Fault {
    /// A fault of this kind, once, for any request. Kinds that need more members get them from the caller.
    pub fn new(kind: FaultKind) -> Self {
        Self {
            kind,
            times: 1,
            skip: 0,
            probability: 1.0,
            to: None,
            path: None,
            code: None,
            status: None,
            message: None,
            details: None,
            subcode: None,
            is_transient: None,
            retry_after_s: None,
            accepted: None,
            delay_ms: None,
            location: None,
            headers: None,
            body: None,
        }
    }

    /// A Graph error of this code.
    pub fn graph_error(code: i64) -> Self {
        Self { code: Some(code), ..Self::new(FaultKind::GraphError) }
    }

    /// A bare HTTP status.
    pub fn status(status: u16) -> Self {
        Self { status: Some(status), ..Self::new(FaultKind::Status) }
    }

    /// An answer that comes so many milliseconds late.
    pub fn delay(delay_ms: u64) -> Self {
        Self { delay_ms: Some(delay_ms), ..Self::new(FaultKind::Delay) }
    }

    /// So often; 0 is for ever.
    #[must_use]
    pub fn times(mut self, times: u32) -> Self {
        self.times = times;
        self
    }

    /// So many matching requests pass first.
    #[must_use]
    pub fn skip(mut self, skip: u32) -> Self {
        self.skip = skip;
        self
    }

    /// Only for this recipient.
    #[must_use]
    pub fn to(mut self, to: impl Into<String>) -> Self {
        self.to = Some(to.into());
        self
    }

    pub(crate) fn check(&self) -> Result<(), Error> {
        let wrong = |what: String| Err(Error::Fault(what));
        let (must, may) = members(self.kind);
        let Ok(Value::Object(given)) = serde_json::to_value(self) else {
            return wrong("not an object".to_owned());
        };
        if let Some(missing) = must.iter().find(|name| !given.contains_key(**name)) {
            return wrong(format!("{}: {missing} is required", given["kind"]));
        }
        let known = |name: &str| COMMON.contains(&name) || must.contains(&name) || may.contains(&name);
        if let Some(unknown) = given.keys().find(|name| !known(name)) {
            return wrong(format!("{}: does not take {unknown}", given["kind"]));
        }
        if !(0.0..=1.0).contains(&self.probability) {
            return wrong("probability: between 0 and 1".to_owned());
        }
        if self.status.is_some_and(|status| !(200..=599).contains(&status)) {
            return wrong("status: between 200 and 599".to_owned());
        }
        Ok(())
    }
}

/// The faults that wait, in order of registration.
#[derive(Debug)]
pub(crate) struct Faults {
    pending: Vec<Fault>,
    rng: Rng,
}

impl Faults {
    pub(crate) fn new(seed: Option<u64>) -> Self {
        Self { pending: Vec::new(), rng: Rng::with_seed(seed.unwrap_or(0)) }
    }

    pub(crate) fn add(&mut self, fault: Fault) {
        self.pending.push(fault);
    }

    pub(crate) fn clear(&mut self) {
        self.pending.clear();
    }

    pub(crate) fn pending(&self) -> &[Fault] {
        &self.pending
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.pending.is_empty()
    }

    /// The fault that hits a request, if one does. One that has no more turns is gone afterwards.
    pub(crate) fn take(&mut self, path: &str, to: Option<&str>) -> Option<Fault> {
        let rng = &mut self.rng;
        let hit = self.pending.iter_mut().position(|fault| {
            let here = fault.path.as_deref().is_none_or(|part| path.contains(part));
            let theirs = fault.to.as_deref().is_none_or(|wanted| to.is_some_and(|to| same_recipient(wanted, to)));
            if !here || !theirs {
                return false;
            }
            if fault.skip > 0 {
                fault.skip -= 1;
                return false;
            }
            fault.probability >= 1.0 || rng.f64() < fault.probability
        })?;
        let fault = self.pending[hit].clone();
        match self.pending[hit].times {
            0 => {}
            1 => {
                self.pending.remove(hit);
            }
            left => self.pending[hit].times = left - 1,
        }
        Some(fault)
    }
}

/// Whether two spellings mean the same recipient.
pub(crate) fn same_recipient(one: &str, other: &str) -> bool {
    let bare = |text: &str| text.chars().filter(|c| c.is_alphanumeric() || *c == '.').collect::<String>();
    one == other || bare(one) == bare(other)
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn fault(value: Value) -> Result<Fault, String> {
        let fault: Fault = serde_json::from_value(value).map_err(|e| e.to_string())?;
        fault.check().map_err(|e| e.to_string())?;
        Ok(fault)
    }

    #[test]
    fn the_first_fault_that_matches_wins() {
        let mut faults = Faults::new(None);
        faults.add(Fault::status(503).to("+1 (555) 000-1234"));
        faults.add(Fault::graph_error(2).times(2).skip(1));
        let mut hit = |to| faults.take("/1/messages", Some(to)).map(|fault| fault.kind);
        assert_eq!(hit("+15550009999"), None, "skipped");
        assert_eq!(hit("15550001234"), Some(FaultKind::Status));
        assert_eq!(hit("15550001234"), Some(FaultKind::GraphError));
        assert_eq!(hit("15550001234"), Some(FaultKind::GraphError));
        assert_eq!(hit("15550001234"), None);
        assert!(faults.is_empty());
    }

    #[test]
    fn chance_repeats_with_the_seed() {
        let run = |seed| {
            let mut faults = Faults::new(Some(seed));
            faults.add(Fault { probability: 0.3, times: 0, ..Fault::status(500) });
            (0..1000).map(|_| faults.take("/", None).is_some()).collect::<Vec<_>>()
        };
        assert_eq!(run(1), run(1));
        assert_ne!(run(1), run(2));
        let hits = run(1).into_iter().filter(|hit| *hit).count();
        assert!((200..400).contains(&hits), "{hits}");
    }

    #[test]
    fn a_fault_that_makes_no_sense_is_refused() {
        assert!(fault(json!({"kind": "graph_error", "code": 2, "times": 0, "path": "/messages"})).is_ok());
        for wrong in [
            json!({"kind": "explode"}),
            json!({"kind": "graph_error"}),
            json!({"kind": "status", "status": 99}),
            json!({"kind": "reset_before", "delay_ms": 1}),
            json!({"kind": "delay", "delay_ms": 1, "probabilty": 0.5}),
            json!({"kind": "no_id", "probability": 2}),
        ] {
            assert!(fault(wrong.clone()).is_err(), "{wrong}");
        }
    }
}
