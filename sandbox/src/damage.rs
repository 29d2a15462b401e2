//! What a request meets: an ordinary answer, or the fault that waits for it.

use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use hyper::header::{HeaderName, HeaderValue, LOCATION, RETRY_AFTER};
use serde_json::Value;

use crate::api::{self, Call, Outcome};
use crate::fault::{Fault, FaultKind};
use crate::graph::{Answer, GraphError};
use crate::ledger::LoggedRequest;
use crate::state::{Inside, Shared};

/// What to do with a connection.
pub(crate) enum Plan {
    /// Answer after a while.
    Answer(Answer, Duration),
    /// Take the socket away from HTTP and do this.
    Abandon(Script),
}

/// What to write to a bare socket, and how to end it.
#[derive(Debug, Clone)]
pub(crate) struct Script {
    pub(crate) pieces: Vec<Bytes>,
    /// Between two pieces.
    pub(crate) pause: Duration,
    pub(crate) ending: Ending,
}

/// How a connection ends.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Ending {
    Reset,
    Close,
}

/// Decides about a call that has been read, and writes it down.
pub(crate) async fn plan(shared: &Arc<Shared>, call: Call, mut logged: LoggedRequest) -> Plan {
    let (index, fault) = {
        let mut inside = shared.lock();
        logged.at = inside.clock.now_ms();
        let index = inside.ledger.log(logged);
        if inside.faults.is_empty() {
            let wait = Duration::from_millis(inside.latency_ms());
            return Plan::Answer(answered(&mut inside, &call, index), wait);
        }
        let fault = inside.faults.take(&call.path, call.recipient());
        if let Some(fault) = &fault {
            *inside.ledger.counters.faults.entry(fault.kind).or_default() += 1;
            inside.ledger.settle(index, |request| request.fault = Some(fault.kind));
        }
        (index, fault)
    };
    match fault {
        Some(Fault { kind: FaultKind::Delay, accepted: Some(false), delay_ms, .. }) => {
            late(shared, call, index, Duration::from_millis(delay_ms.unwrap_or(0))).await
        }
        fault => {
            let mut inside = shared.lock();
            let wait = Duration::from_millis(inside.latency_ms());
            match fault {
                None => Plan::Answer(answered(&mut inside, &call, index), wait),
                Some(fault) => damaged(&mut inside, &call, index, &fault, wait),
            }
        }
    }
}

/// Works on a call only when the delay is over, whether or not the client still waits: so does a slow server.
async fn late(shared: &Arc<Shared>, call: Call, index: u64, delay: Duration) -> Plan {
    let shared = Arc::clone(shared);
    let work = tokio::spawn(async move {
        tokio::time::sleep(delay).await;
        let mut inside = shared.lock();
        answered(&mut inside, &call, index)
    });
    let answer = work.await.unwrap_or_else(|_| Answer::bare(500));
    Plan::Answer(answer, Duration::ZERO)
}

/// The sandbox's own answer.
fn answered(inside: &mut Inside, call: &Call, index: u64) -> Answer {
    let Outcome { answer, refused } = api::answer(inside, call);
    inside.ledger.settle(index, |request| {
        request.status = Some(answer.status);
        request.refused = refused;
    });
    answer
}

fn damaged(inside: &mut Inside, call: &Call, index: u64, fault: &Fault, wait: Duration) -> Plan {
    let delay = Duration::from_millis(fault.delay_ms.unwrap_or(0));
    let cut = |inside: &mut Inside| inside.ledger.settle(index, |request| request.status = None);
    match fault.kind {
        FaultKind::ResetBefore => Plan::Abandon(silent(Ending::Reset)),
        FaultKind::CloseBefore => Plan::Abandon(silent(Ending::Close)),
        FaultKind::ResetAfter | FaultKind::CloseAfter | FaultKind::Garbage => {
            answered(inside, call, index);
            cut(inside);
            Plan::Abandon(match fault.kind {
                FaultKind::ResetAfter => silent(Ending::Reset),
                FaultKind::CloseAfter => silent(Ending::Close),
                // As from a port that somebody else has taken.
                _ => once("SSH-2.0-OpenSSH_9.6\r\n", Ending::Close),
            })
        }
        FaultKind::ResetMidAnswer => {
            let answer = answered(inside, call, index);
            let bytes = on_the_wire(&answer, 0);
            cut(inside);
            // The head whole, so that the status is known, and half of the body.
            Plan::Abandon(once(bytes.slice(..bytes.len() - answer.body.len() / 2), Ending::Reset))
        }
        FaultKind::ResetMidHead => {
            let answer = answered(inside, call, index);
            let bytes = on_the_wire(&answer, 0);
            cut(inside);
            Plan::Abandon(once(bytes.slice(..(bytes.len() - answer.body.len()) / 2), Ending::Reset))
        }
        FaultKind::Interim => {
            let hints = b"HTTP/1.1 103 Early Hints\r\nlink: </>; rel=preconnect\r\n\r\n";
            let bytes = [&hints[..], &on_the_wire(&answered(inside, call, index), 0)].concat();
            Plan::Abandon(once(bytes, Ending::Close))
        }
        FaultKind::Truncate => Plan::Abandon(once(on_the_wire(&answered(inside, call, index), 100), Ending::Close)),
        FaultKind::Drip => {
            let bytes = on_the_wire(&answered(inside, call, index), 0);
            let pieces = (0..bytes.len()).map(|at| bytes.slice(at..=at)).collect();
            Plan::Abandon(Script { pieces, pause: delay, ending: Ending::Close })
        }
        FaultKind::Delay => Plan::Answer(answered(inside, call, index), wait + delay),
        FaultKind::Failed => {
            let next = inside.ledger.counters.accepted;
            let answer = answered(inside, call, index);
            inside.ledger.change(next, |message| message.error = Some(graph_error(fault).in_status()));
            Plan::Answer(answer, wait)
        }
        _ => {
            let answer = replaced(inside, call, index, fault);
            inside.ledger.settle(index, |request| request.status = Some(answer.status));
            Plan::Answer(answer, wait)
        }
    }
}

/// Faults that only put another answer in the place of the sandbox's own.
fn replaced(inside: &mut Inside, call: &Call, index: u64, fault: &Fault) -> Answer {
    let mut answer = match fault.kind {
        FaultKind::GraphError => {
            accept_if_asked(inside, call, index, fault);
            return api::fault_answer(inside, call, &graph_error(fault));
        }
        FaultKind::Html => Answer::text(
            fault.status.unwrap_or(502),
            "text/html; charset=utf-8",
            "<!DOCTYPE html>\n<html lang=\"en\"><head><title>Error</title></head><body><h1>Sorry, something went wrong.</h1></body></html>\n",
        ),
        FaultKind::Redirect => Answer::bare(fault.status.unwrap_or(302)),
        FaultKind::Answer => canned(fault),
        FaultKind::Status => {
            accept_if_asked(inside, call, index, fault);
            Answer::bare(fault.status.unwrap_or(500))
        }
        FaultKind::NoId => {
            let body = Bytes::from_static(br#"{"messaging_product":"whatsapp"}"#);
            Answer { body, ..answered(inside, call, index) }
        }
        FaultKind::BadJson => Answer {
            body: Bytes::from_static(b"{\"messaging_product\":\"whatsapp\",\"messages\":[{\"id\":"),
            ..answered(inside, call, index)
        },
        _ => Answer { body: oversized(), ..answered(inside, call, index) },
    };
    if let Some(location) = fault.location.as_deref().and_then(|location| HeaderValue::from_str(location).ok()) {
        answer.headers.insert(LOCATION, location);
    }
    if let Some(seconds) = fault.retry_after_s {
        answer.headers.insert(RETRY_AFTER, seconds.into());
    }
    answer
}

/// A server that fails after its work, and says the same as one that fails before it.
fn accept_if_asked(inside: &mut Inside, call: &Call, index: u64, fault: &Fault) {
    if fault.accepted == Some(true) {
        answered(inside, call, index);
    }
}

fn graph_error(fault: &Fault) -> GraphError {
    let known = GraphError::new(fault.code.unwrap_or(1));
    GraphError {
        status: fault.status.unwrap_or(known.status),
        message: fault.message.clone().unwrap_or(known.message),
        subcode: fault.subcode,
        details: fault.details.clone(),
        is_transient: fault.is_transient,
        retry_after_s: fault.retry_after_s.map(|seconds| u32::try_from(seconds).unwrap_or(u32::MAX)),
        ..GraphError::new(known.code)
    }
}

fn canned(fault: &Fault) -> Answer {
    let status = fault.status.unwrap_or(200);
    let mut answer = match &fault.body {
        None => Answer::bare(status),
        Some(Value::String(text)) => Answer::text(status, "text/plain; charset=utf-8", text.clone()),
        Some(value) => Answer::json(status, value),
    };
    for (name, value) in fault.headers.iter().flatten() {
        let value = value.as_str().map_or_else(|| value.to_string(), str::to_owned);
        if let (Ok(name), Ok(value)) = (name.parse::<HeaderName>(), HeaderValue::from_str(&value)) {
            answer.headers.insert(name, value);
        }
    }
    answer
}

fn silent(ending: Ending) -> Script {
    Script { pieces: Vec::new(), pause: Duration::ZERO, ending }
}

fn once(bytes: impl Into<Bytes>, ending: Ending) -> Script {
    Script { pieces: vec![bytes.into()], ..silent(ending) }
}

/// An answer as HTTP/1.1 writes it, promising `missing` bytes more than there are.
fn on_the_wire(answer: &Answer, missing: usize) -> Bytes {
    let reason =
        hyper::StatusCode::from_u16(answer.status).ok().and_then(|status| status.canonical_reason()).unwrap_or("");
    let mut head = format!("HTTP/1.1 {} {reason}\r\n", answer.status).into_bytes();
    for (name, value) in &answer.headers {
        head.extend_from_slice(name.as_str().as_bytes());
        head.extend_from_slice(b": ");
        head.extend_from_slice(value.as_bytes());
        head.extend_from_slice(b"\r\n");
    }
    head.extend_from_slice(
        format!("connection: close\r\ncontent-length: {}\r\n\r\n", answer.body.len() + missing).as_bytes(),
    );
    head.extend_from_slice(&answer.body);
    head.into()
}

/// 64 MiB of JSON that says nothing.
fn oversized() -> Bytes {
    let mut body = br#"{"messaging_product":"whatsapp","padding":""#.to_vec();
    body.resize((64 << 20) - 2, b' ');
    body.extend_from_slice(b"\"}");
    body.into()
}
