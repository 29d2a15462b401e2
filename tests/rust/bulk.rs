//! A bulk that stops by itself, and how far it is, against a sandbox.
#![allow(clippy::unwrap_used, clippy::panic, missing_docs, reason = "tests")]

mod support;

use std::cell::Cell;
use std::rc::Rc;
use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::{Arc, Mutex};

use futures_util::StreamExt as _;
use futures_util::future::BoxFuture;
use serde_json::json;
use support::{client, sandbox};
use wacloud::bulk::{BulkOptions, BulkProgress, BulkResult, BulkStream};
use wacloud::outcome::Outcome;
use wacloud::{Error, Message, NotSentReason, Secret, TokenSource};
use wacloud_sandbox::Fault;

fn to(n: usize) -> String {
    format!("+1555{n:07}")
}

/// Messages without end, and how many of them have been pulled.
fn counted() -> (impl Iterator<Item = Message> + Unpin, Rc<Cell<usize>>) {
    let pulled = Rc::new(Cell::new(0));
    let count = pulled.clone();
    let messages = (0..).map(move |n| {
        count.set(n + 1);
        Message::text(to(n), "Hello")
    });
    (messages, pulled)
}

async fn all<I: Iterator<Item = Message> + Unpin>(results: &mut BulkStream<I>) -> Vec<BulkResult> {
    let mut told = Vec::new();
    while let Some(result) = results.next().await {
        told.push(result);
    }
    told
}

fn code(error: &Error) -> Option<i64> {
    match error {
        Error::Api(error) => error.error.code,
        _ => None,
    }
}

#[tokio::test]
async fn a_locked_number_ends_what_has_not_started_and_pulls_nothing_more() {
    let sandbox = sandbox().await;
    sandbox.add_fault(Fault::graph_error(131_031).times(0).to(to(3))).unwrap();
    // All of a window waits for the pace before the refusal comes.
    let client = client(&sandbox.url(), |s| s.rate = Some(20.0.into()));
    let (messages, pulled) = counted();
    let options = BulkOptions { window: Some(40), ..BulkOptions::default() };
    let mut results = client.send_bulk_with(messages, &options);
    let told = all(&mut results).await;

    let refusals: Vec<&BulkResult> = told.iter().filter(|r| r.outcome() == Outcome::Rejected).collect();
    assert_eq!(refusals.iter().map(|r| r.index).collect::<Vec<_>>(), [3]);
    assert_eq!(results.stopped_by().and_then(code), Some(131_031));
    assert_eq!(told.len(), pulled.get(), "what was pulled is told");
    assert!(pulled.get() <= 3 + 40, "{} were pulled", pulled.get());
    let mut not_sent = 0;
    for result in &told {
        let Err(Error::NotSent(error)) = &result.result else { continue };
        assert_eq!(error.reason, NotSentReason::Stopped);
        assert!(error.to_string().contains("131031 (Account locked)"), "{error}");
        not_sent += 1;
    }
    assert!(not_sent >= 30, "{not_sent} were not sent");
    let counters = sandbox.counters();
    assert_eq!(counters.accepted as usize, told.len() - not_sent - 1);
    // It stays at its end, and pulls nothing.
    assert!(results.next().await.is_none());
    assert_eq!(told.len(), pulled.get());
}

#[tokio::test]
async fn what_is_in_flight_is_told_as_it_ends() {
    let sandbox = sandbox().await;
    sandbox.add_fault(Fault::graph_error(131_048).to(to(0))).unwrap();
    sandbox.add_fault(Fault::delay(500).to(to(1))).unwrap();
    let client = client(&sandbox.url(), |s| s.rate = Some(0.0.into()));
    let options = BulkOptions { window: Some(2), ..BulkOptions::default() };
    let mut results = client.send_bulk_with(counted().0, &options);
    let told = all(&mut results).await;
    let told: Vec<_> = told.iter().map(|result| (result.index, result.outcome())).collect();
    assert_eq!(told, [(0, Outcome::Rejected), (1, Outcome::Accepted)]);
}

/// Without a limit of rate 32 messages are on their way at once. Tried anew where the machine stalls: who has waited for a
/// quarter of a second goes as well.
#[tokio::test]
async fn who_waits_for_a_place_when_a_bulk_stops_does_not_go() {
    let mut outcomes = Vec::new();
    for _ in 0..5 {
        let sandbox = sandbox().await;
        sandbox.add_fault(Fault::graph_error(131_048).to(to(0))).unwrap();
        for n in 1..32 {
            sandbox.add_fault(Fault::delay(150).to(to(n))).unwrap();
        }
        let client = client(&sandbox.url(), |s| s.rate = Some(0.0.into()));
        let options = BulkOptions { window: Some(40), in_order: Some(true), ..BulkOptions::default() };
        let told = all(&mut client.send_bulk_with(counted().0, &options)).await;
        outcomes = told.iter().map(BulkResult::outcome).collect();
        let mut expected = vec![Outcome::NotSent; told.len().max(40)];
        expected[0] = Outcome::Rejected;
        expected[1..32].fill(Outcome::Accepted);
        if outcomes == expected {
            return;
        }
    }
    panic!("{outcomes:?}");
}

#[tokio::test]
async fn a_bulk_that_ends_by_itself_was_stopped_by_nothing() {
    let sandbox = sandbox().await;
    sandbox.add_fault(Fault::graph_error(131_026).to(to(1))).unwrap();
    let client = client(&sandbox.url(), |s| s.rate = Some(0.0.into()));
    let mut results = client.send_bulk((0..5).map(|n| Message::text(to(n), "Hello")));
    assert_eq!(all(&mut results).await.len(), 5);
    assert!(results.stopped_by().is_none());
}

/// Gives one token until it is told to give another.
struct Tokens {
    asked: AtomicU32,
    now: fn(u32) -> &'static str,
}

impl TokenSource for Tokens {
    fn token(&self) -> BoxFuture<'_, Result<Secret, String>> {
        let turn = self.asked.fetch_add(1, Ordering::SeqCst);
        Box::pin(async move { Ok(Secret::new((self.now)(turn))) })
    }
}

async fn with_tokens(now: fn(u32) -> &'static str) -> (Vec<BulkResult>, Option<i64>, u32) {
    let sandbox = sandbox().await;
    sandbox.set(json!({"tokens": ["new"]}).as_object().unwrap()).unwrap();
    let source = Arc::new(Tokens { asked: AtomicU32::new(0), now });
    let client = client(&sandbox.url(), |s| {
        (s.access_token, s.token_callback, s.rate) = (None, Some(true), Some(0.0.into()));
    });
    let client = client.with_token_source(source.clone());
    let options = BulkOptions { window: Some(8), ..BulkOptions::default() };
    let mut results = client.send_bulk_with((0..50).map(|n| Message::text(to(n), "Hello")), &options);
    let told = all(&mut results).await;
    (told, results.stopped_by().and_then(code), source.asked.load(Ordering::SeqCst))
}

#[tokio::test]
async fn a_token_that_its_function_renews_stops_nothing() {
    let (told, stopped_by, asked) = with_tokens(|turn| if turn == 0 { "old" } else { "new" }).await;
    assert_eq!(told.iter().filter(|result| result.outcome() == Outcome::Accepted).count(), 50);
    assert_eq!(stopped_by, None);
    assert!(asked >= 2);
}

#[tokio::test]
async fn a_token_function_that_cannot_help_does_not_keep_a_bulk_going() {
    let (told, stopped_by, asked) = with_tokens(|_| "old").await;
    assert_eq!(stopped_by, Some(190));
    assert!(told.len() < 50, "{} of 50 were pulled", told.len());
    assert!(told.iter().all(|result| matches!(result.outcome(), Outcome::Rejected | Outcome::NotSent)));
    assert!(asked >= 2, "the function was asked again before the bulk stopped");
}

/// What a function is told while a bulk is read to its end.
async fn watched<I: Iterator<Item = Message> + Unpin>(results: BulkStream<I>) -> Vec<BulkProgress> {
    let told = Arc::new(Mutex::new(Vec::new()));
    let telling = told.clone();
    let mut results = results.on_progress(move |progress| telling.lock().unwrap().push(*progress));
    all(&mut results).await;
    let told = told.lock().unwrap();
    told.clone()
}

#[tokio::test]
async fn progress_is_told_to_the_end() {
    let sandbox = sandbox().await;
    sandbox.add_fault(Fault::graph_error(131_026).to(to(3))).unwrap();
    // Long enough that the other 39 are told before, ten times a second.
    sandbox.add_fault(Fault::delay(2_000).to(to(5))).unwrap();
    let client = client(&sandbox.url(), |s| s.rate = Some(0.0.into()));
    let told = watched(client.send_bulk((0..40).map(|n| Message::text(to(n), "Hello")))).await;
    let last = told.last().unwrap();
    assert_eq!((last.done, last.total, last.eta_ms), (40, Some(40), Some(0)));
    assert_eq!((last.accepted, last.rejected, last.not_sent, last.unknown), (39, 1, 0, 0));
    assert!(told.windows(2).all(|pair| pair[0].done <= pair[1].done && pair[0].elapsed_ms <= pair[1].elapsed_ms));
    // While one message is awaited and nothing else comes, too: 39 are told before the last one is there.
    assert!(told.iter().any(|progress| progress.done == 39), "{told:?}");
    assert!(told.len() as u64 <= last.elapsed_ms / 100 + 3, "{told:?}");
}

#[tokio::test]
async fn the_total_is_the_lists_or_what_is_said() {
    let sandbox = sandbox().await;
    let client = client(&sandbox.url(), |s| s.rate = Some(0.0.into()));
    let some = || (0..4).map(|n| Message::text(to(n), "Hello"));
    let total = async |total, is_counted| {
        let options = BulkOptions { total, ..BulkOptions::default() };
        let told = match is_counted {
            true => watched(client.send_bulk_with(some(), &options)).await,
            // How many pass a filter is not known before.
            false => watched(client.send_bulk_with(some().filter(|_| true), &options)).await,
        };
        told.last().unwrap().total
    };
    assert_eq!(total(None, true).await, Some(4));
    assert_eq!(total(None, false).await, None);
    assert_eq!(total(Some(9), false).await, Some(9));
    assert_eq!(total(Some(9), true).await, Some(9));
}
