//! The fault matrix: what becomes of a message, of one that may be sent twice, and of a call that does no harm twice, under
//! each fault of the network and of the server, and what their callers are told.
#![allow(clippy::unwrap_used, clippy::panic, missing_docs, reason = "tests")]

mod support;

use std::time::Duration;

use futures_util::{StreamExt as _, stream};
use serde_json::{Value, json};
use support::TO;
use support::failing::End;
use support::matrix::{Ends, Row, rows};
use support::site::{Place, Site};
use support::vector::differences;
use wacloud::client::OnUnknown;
use wacloud::{Client, Error, Settings};

use Ends::{Accepted, Again, Broken, Lost, Never, Rejected, Throttled, Unknown};

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Mode {
    /// A message, by default.
    Message,
    /// A message with `on_unknown="resend"`.
    Resend,
    /// `mark_read`.
    Idempotent,
}

const MODES: [Mode; 3] = [Mode::Message, Mode::Resend, Mode::Idempotent];

/// Runs at a time: each holds a few descriptors, and some wait for a repetition.
const AT_ONCE: usize = 96;

/// How long a server is waited for that has less to do than it should.
const PATIENCE: Duration = Duration::from_secs(20);

/// How long an attempt may take that ends in silence. An attempt that is answered takes a second at most on a machine that
/// has much else to do, with so many at once.
const SILENCE_MS: u64 = 10_000;

// What follows from a row

struct Expected {
    /// A part of the error's data, or none of success.
    error: Option<Value>,
    attempts: usize,
    /// Complete requests that have arrived in the end.
    arrived: usize,
    /// What the error's message says.
    says: Vec<&'static str>,
}

fn expectation(row: &Row, mode: Mode) -> Expected {
    let is_message = mode != Mode::Idempotent;
    let (once, again) = (row.arrived, row.arrived + 1);
    let success = |attempts, arrived| Expected { error: None, attempts, arrived, says: Vec::new() };
    let failure = |error, attempts, arrived, says| Expected { error: Some(error), attempts, arrived, says };
    match row.ends {
        Accepted if row.arrived == 0 => success(1, 1),
        Accepted => success(1, once),
        Again => success(2, again),
        Never => {
            let error = json!({"type": "NotSentError", "outcome": "not_sent", "may_have_been_sent": false,
                               "reason": "connection"});
            let subject = if is_message { "The message was not sent: " } else { "The call was not sent: " };
            failure(error, 2, 0, vec![subject, "Nothing reached Meta, so it is safe to send it again."])
        }
        Unknown(_) | Lost if mode == Mode::Message => {
            let reason = if let Unknown(reason) = row.ends { reason } else { "connection_lost" };
            let error = json!({"type": "DeliveryUnknownError", "outcome": "unknown", "may_have_been_sent": true,
                               "reason": reason, "tracker": "*"});
            let says = vec![
                "It is not known whether the message was accepted: ",
                "It was not repeated, since that could deliver it twice.",
                "A status webhook that carries the tracker wac-",
            ];
            failure(error, 1, once, says)
        }
        Unknown(_) => success(2, again),
        Lost => {
            let error = json!({"type": "DeliveryUnknownError", "outcome": "unknown", "reason": "connection_lost"});
            let says = match is_message {
                true => vec!["It was sent again, as the settings ask, and may arrive more than once."],
                false => vec!["It is not known whether the call was carried out: "],
            };
            failure(error, 2, 2 * once, says)
        }
        Broken(status) if is_message => {
            let error = json!({"type": "DeliveryUnknownError", "outcome": "unknown", "may_have_been_sent": true,
                               "reason": "broken_answer", "status": status, "tracker": "*"});
            let says =
                vec!["It is not known whether the message was accepted: ", "Its id is lost: do not send it again."];
            failure(error, 1, once, says)
        }
        Broken(_) => success(2, again),
        Throttled if is_message => success(2, again),
        Throttled => {
            let error = json!({"type": "RateLimitError", "outcome": "rejected", "may_have_been_sent": false,
                               "scope": "number", "retryable": true});
            failure(error, 1, once, vec!["Meta refused the call: "])
        }
        Rejected(status, class) => {
            let error = json!({"type": class, "outcome": "rejected", "may_have_been_sent": false, "status": status});
            let says = if is_message { "Meta refused the message: " } else { "Meta refused the call: " };
            failure(error, 1, once, vec![says])
        }
    }
}

/// Calls under a fault; what is not as it must be.
async fn run(row: &Row, mode: Mode) -> Vec<String> {
    let site = Site::build(&row.place).await;
    let client = support::client("http://127.0.0.1:1", |settings| prepare(settings, row, mode, &site));
    let is_reused = matches!(&row.place, Place::Plain(script) if script.is_reused);
    if is_reused {
        client.mark_read("wamid.first").await.unwrap();
    }
    if row.name == "closed while idle" {
        support::until("the client has noticed", || site.seen.goodbyes() == 1).await;
    }
    let before = site.seen.complete();
    let expected = expectation(row, mode);
    let mut wrong = match (call(&client, mode).await, &expected.error) {
        (Ok(attempts), None) if attempts == 0 || attempts == expected.attempts => Vec::new(),
        (Ok(attempts), _) => vec![format!("succeeded after {attempts} attempts")],
        (Err(error), None) => vec![format!("failed: {error}")],
        (Err(error), Some(data)) => {
            let mut wrong = differences(data, &error.to_value());
            wrong.extend(differences(&json!({"attempts": expected.attempts}), &error.to_value()));
            let told = error.to_string();
            wrong.extend(
                expected.says.iter().filter(|said| !told.contains(**said)).map(|said| format!("no {said:?} in {told}")),
            );
            wrong
        }
    };
    // A client that gives up may do so before the server has looked.
    let enough = || site.seen.complete() - before >= expected.arrived;
    let _ = tokio::time::timeout(PATIENCE, support::until("all has arrived", enough)).await;
    let arrived = site.seen.complete() - before;
    if arrived != expected.arrived {
        wrong.push(format!("{arrived} complete requests have arrived, expected {}", expected.arrived));
    }
    wrong
}

fn prepare(settings: &mut Settings, row: &Row, mode: Mode, site: &Site) {
    site.lead(settings);
    settings.rate = Some(0.0.into());
    settings.max_retries = Some(1);
    settings.on_unknown = (mode == Mode::Resend).then_some(OnUnknown::Resend);
    if is_waited_for(row) {
        settings.attempt_timeout_ms = Some(SILENCE_MS);
    }
    // Where nobody is reached in any case this may be short.
    settings.connect_timeout_ms = Some(if is_unreachable(&row.place) { 1_500 } else { 30_000 });
}

/// Whether the client has to wait until the time for its answer is over.
fn is_waited_for(row: &Row) -> bool {
    !is_unreachable(&row.place) && (row.ends == Unknown("timeout") || row.name.starts_with("silence"))
}

/// Whether nothing is heard before anything of a request could leave.
fn is_unreachable(place: &Place) -> bool {
    match place {
        Place::FullPort => true,
        Place::NoTls(script) | Place::Tunnel(script) => script.ends == End::Hang,
        _ => false,
    }
}

/// How many attempts a call took.
async fn call(client: &Client, mode: Mode) -> Result<usize, Error> {
    Ok(match mode {
        Mode::Message | Mode::Resend => client.send_text(TO, "Hello").await?.meta.attempts as usize,
        // It does not tell; what has arrived does.
        Mode::Idempotent => {
            client.mark_read("wamid.A").await?;
            0
        }
    })
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn every_fault_ends_as_it_must() {
    let rows = rows();
    let mut runs: Vec<_> = rows.iter().flat_map(|row| MODES.map(|mode| (row, mode))).collect();
    // Making a client with TLS takes its time, and rows with TLS stand together.
    fastrand::Rng::with_seed(1).shuffle(&mut runs);
    // What takes longest first, so that the others pass meanwhile.
    runs.sort_by_key(|(row, _)| !is_waited_for(row));
    let runs = stream::iter(runs).map(|(row, mode)| async move {
        let wrong = run(row, mode).await;
        (!wrong.is_empty()).then(|| format!("{} ({mode:?})\n    {}", row.name, wrong.join("\n    ")))
    });
    let failed: Vec<String> = runs.buffer_unordered(AT_ONCE).filter_map(std::future::ready).collect().await;
    let count = rows.len() * MODES.len();
    assert!(failed.is_empty(), "{} of {count} runs failed:\n{}", failed.len(), failed.join("\n"));
    support::say(&format!("{} faults passed, each under a message, a resent message and mark_read", rows.len()));
}
