//! A random sequence of faults, the messages that go through it, and what must hold whatever happens.

use std::collections::HashMap;

use fastrand::Rng;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use wacloud_sandbox::{Fault, FaultKind, LoggedRequest, Sandbox};

/// Longer than an answer takes on a machine that has much else to do, and shorter than a slow fault.
const ATTEMPT_MS: u64 = 4_000;
const SLOW_MS: u64 = 6_000;

/// What a program is told, as JSON.
#[derive(Debug, Clone, Serialize)]
pub(crate) struct Task {
    /// Of the client, with core's names.
    pub(crate) settings: Value,
    /// Messages that are sent one by one, or all at once, as the language likes.
    pub(crate) single: Vec<Text>,
    /// Messages that are sent as a bulk.
    pub(crate) bulk: Vec<Text>,
}

/// A text message.
#[derive(Debug, Clone, Serialize)]
pub(crate) struct Text {
    pub(crate) to: String,
    pub(crate) body: String,
    pub(crate) tracker: String,
    /// When it is cancelled, in microseconds.
    #[serde(skip)]
    pub(crate) cancel_after_us: Option<u64>,
}

/// What a program says became of a message.
#[derive(Debug, Clone, Deserialize)]
pub(crate) struct Told {
    pub(crate) tracker: String,
    pub(crate) outcome: String,
    pub(crate) attempts: usize,
}

/// Faults and messages that follow from a seed.
#[derive(Debug)]
pub(crate) struct Sequence {
    pub(crate) seed: u64,
    pub(crate) faults: Vec<Fault>,
    pub(crate) task: Task,
    resends: bool,
}

impl Sequence {
    /// `size` is how many messages go one by one, and how many as a bulk, at most.
    pub(crate) fn new(seed: u64, size: usize) -> Self {
        let rng = &mut Rng::with_seed(seed);
        let text = |kind: &str, n, cancel_after_us| Text {
            to: format!("+1555{n:07}"),
            body: "Hello".to_owned(),
            tracker: format!("{kind}-{n}"),
            cancel_after_us,
        };
        let cancels = rng.u8(..10) < 3;
        let single = (0..rng.usize(1..=size)).map(|n| {
            let cancel = (cancels && rng.bool()).then(|| rng.u64(..4_000));
            text("single", n, cancel)
        });
        let single = single.collect();
        let bulk: Vec<Text> = (0..rng.usize(..=size)).map(|n| text("bulk", 1_000 + n, None)).collect();
        let faults: Vec<Fault> = (0..rng.usize(1..=4)).map(|_| fault(rng)).collect();
        let resends = rng.u8(..10) < 3;
        let is_slow = |fault: &Fault| matches!(fault.kind, FaultKind::Delay | FaultKind::Drip);
        let settings = json!({
            "rate": 0,
            // Ports come again, and with them what an earlier sequence has left with the host.
            "pace": "process",
            // A repetition waits for a second at least, so few sequences have one.
            "max_retries": i32::from(rng.u8(..10) < 3),
            "on_unknown": if resends { "resend" } else { "raise" },
            "attempt_timeout_ms": if faults.iter().any(is_slow) { ATTEMPT_MS } else { 30_000 },
            "max_wait_ms": 400,
        });
        Sequence { seed, faults, task: Task { settings, single, bulk }, resends }
    }

    pub(crate) fn without_cancels(mut self) -> Self {
        self.task.single.iter_mut().for_each(|text| text.cancel_after_us = None);
        self
    }

    /// A sandbox with these faults, and where it is in the task.
    pub(crate) async fn begin(&mut self) -> Sandbox {
        let settings =
            wacloud_sandbox::Settings { rate: 0, pair_rate: false, seed: Some(self.seed), ..Default::default() };
        let sandbox = Sandbox::start(settings).await.unwrap();
        for fault in &self.faults {
            sandbox.add_fault(fault.clone()).unwrap();
        }
        self.task.settings["base_url"] = sandbox.url().into();
        self.task.settings["phone_number_id"] = sandbox.phone_number_id().into();
        self.task.settings["access_token"] = sandbox.token().into();
        sandbox
    }

    /// What is wrong with what was told, by what the sandbox has seen.
    pub(crate) fn check(&self, told: &[Told], sandbox: &Sandbox) -> Vec<String> {
        // Requests first: a slow server accepts one later, but counts none later.
        let requests = sandbox.requests();
        let mut arrived = HashMap::<String, Vec<&LoggedRequest>>::new();
        for request in &requests {
            let tracker = request.body.value()["biz_opaque_callback_data"].as_str().unwrap().to_owned();
            arrived.entry(tracker).or_default().push(request);
        }
        let mut ledger = HashMap::<String, usize>::new();
        for message in sandbox.ledger() {
            *ledger.entry(message.tracker.clone().unwrap()).or_default() += 1;
        }
        let mut wrong =
            self.check_sums(told, ledger.values().sum(), requests.iter().filter(|r| is_doubtful(r)).count());
        for text in self.texts() {
            let outcomes: Vec<&Told> = told.iter().filter(|told| told.tracker == text.tracker).collect();
            let [one] = outcomes[..] else {
                wrong.push(format!("{} has {} outcomes", text.tracker, outcomes.len()));
                continue;
            };
            let copies = ledger.get(&text.tracker).copied().unwrap_or(0);
            let requests = arrived.get(&text.tracker).map_or(&[][..], Vec::as_slice);
            wrong.extend(self.complaint(text, one, copies, requests).map(|why| {
                let seen: Vec<_> = requests.iter().map(|request| (request.fault, request.status)).collect();
                format!("{one:?} {why}: {copies} copies, requests {seen:?}")
            }));
        }
        wrong
    }

    fn texts(&self) -> impl Iterator<Item = &Text> {
        self.task.single.iter().chain(&self.task.bulk)
    }

    fn check_sums(&self, told: &[Told], ledger: usize, doubtful: usize) -> Vec<String> {
        let count = |outcome: &str| told.iter().filter(|told| told.outcome == outcome).count();
        let (accepted, unknown) = (count("accepted"), count("unknown"));
        let sum = accepted + unknown + count("rejected") + count("not_sent");
        let cancelled = self.texts().filter(|text| text.cancel_after_us.is_some()).count();
        let mut wrong = Vec::new();
        let mut must = |is_so: bool, what: String| (!is_so).then(|| wrong.push(what));
        must(sum == self.texts().count(), format!("{sum} outcomes of {} messages", self.texts().count()));
        must(accepted <= ledger, format!("{accepted} accepted, {ledger} in the ledger"));
        must(
            self.resends || ledger <= accepted + unknown,
            format!("{ledger} in the ledger, {accepted} + {unknown} told"),
        );
        must(unknown <= doubtful + cancelled, format!("{unknown} unknown, {doubtful} faults and {cancelled} cancels"));
        wrong
    }

    fn complaint(&self, text: &Text, told: &Told, copies: usize, requests: &[&LoggedRequest]) -> Option<&'static str> {
        let most = if self.resends { usize::MAX } else { 1 };
        let is_right = match told.outcome.as_str() {
            "accepted" => (1..=most).contains(&copies),
            "unknown" => copies <= most,
            _ => copies == 0,
        };
        let may_be_unknown = text.cancel_after_us.is_some() || requests.iter().any(|request| is_doubtful(request));
        let (_, earlier) = requests.split_last().unzip();
        let may_be_repeated = |request: &&LoggedRequest| {
            is_throttle(request) || self.resends && is_doubtful(request) && !is_broken(request)
        };
        if !is_right {
            Some("is not true")
        } else if told.outcome == "unknown" && !may_be_unknown {
            Some("has no reason to be unknown")
        } else if requests.len() > told.attempts {
            Some("was repeated by nobody who counts")
        } else if !earlier.unwrap_or_default().iter().all(may_be_repeated) {
            Some("was repeated after something that forbids it")
        } else {
            None
        }
    }
}

/// Whether a client cannot know what became of the request.
fn is_doubtful(request: &LoggedRequest) -> bool {
    match request.fault {
        None | Some(FaultKind::Interim | FaultKind::Redirect | FaultKind::Answer) => false,
        Some(FaultKind::Status | FaultKind::Html | FaultKind::GraphError) => {
            request.status.is_none_or(|status| !(300..500).contains(&status))
        }
        Some(_) => true,
    }
}

/// Whether the answer was a 200 of which nothing can be made: accepted, and never to be sent again.
fn is_broken(request: &LoggedRequest) -> bool {
    use FaultKind::{BadJson, Html, NoId, ResetMidAnswer, Truncate};
    matches!(request.fault, Some(BadJson | NoId | ResetMidAnswer | Truncate))
        || request.fault == Some(Html) && request.status == Some(200)
}

fn is_throttle(request: &LoggedRequest) -> bool {
    matches!(request.fault, Some(FaultKind::Status | FaultKind::GraphError)) && !is_doubtful(request)
}

/// Codes that promise that nothing was accepted, and codes that do not. They come with 400 and with 500, so that the log of
/// requests tells them apart.
const CERTAIN: &[i64] = &[100, 131_047, 131_026, 131_053, 132_001, 130_429, 131_057, 4, 80_007];
const DOUBTFUL: &[i64] = &[1, 2, 131_000, 131_016, 987_654];
const STATUSES: &[u16] = &[400, 403, 404, 408, 413, 429, 429, 500, 502, 503, 504, 529];

fn fault(rng: &mut Rng) -> Fault {
    use FaultKind::{
        Answer, BadJson, CloseAfter, CloseBefore, Delay, Drip, Garbage, Html, Interim, NoId, Redirect, ResetAfter,
        ResetBefore, ResetMidAnswer, ResetMidHead, Truncate,
    };
    let mut fault = match rng.u8(..60) {
        0..8 => {
            let code = *rng.choice(CERTAIN).unwrap();
            // Without it, it lasts for five minutes, which a bulk waits for.
            let retry_after_s = (code == 80_007).then_some(1);
            Fault { status: Some(400), retry_after_s, ..Fault::graph_error(code) }
        }
        8..10 => {
            let code = *rng.choice(DOUBTFUL).unwrap();
            Fault { status: Some(500), accepted: Some(rng.bool()), ..Fault::graph_error(code) }
        }
        10..16 => Fault::status(*rng.choice(STATUSES).unwrap()),
        16 => Fault { accepted: Some(true), ..Fault::status(504) },
        17 => Fault { status: Some(403), body: Some(json!("no")), ..Fault::new(Answer) },
        18 => Fault { location: Some("https://example.com/".to_owned()), ..Fault::new(Redirect) },
        19 => Fault { status: rng.choice([200, 403, 502]), ..Fault::new(Html) },
        20 => Fault { accepted: Some(rng.bool()), ..Fault::delay(SLOW_MS) },
        21 => Fault { delay_ms: Some(SLOW_MS), ..Fault::new(Drip) },
        _ => Fault::new(
            rng.choice([
                ResetBefore,
                ResetAfter,
                ResetMidAnswer,
                ResetMidHead,
                CloseBefore,
                CloseAfter,
                Garbage,
                Truncate,
                NoId,
                BadJson,
                Interim,
            ])
            .unwrap(),
        ),
    };
    fault.probability = [0.1, 0.3, 0.7, 1.0][rng.usize(..4)];
    fault.skip = rng.u32(..4);
    // What is waited for comes seldom, so that a bulk ends.
    let takes_time = matches!(fault.kind, Delay | Drip | FaultKind::GraphError) || fault.status == Some(429);
    fault.times = if takes_time { rng.u32(1..=2) } else { rng.u32(..5) };
    fault
}
