//! Bulk and pace together, in real time, against a sandbox that counts in every window of a second.
#![allow(clippy::unwrap_used, clippy::panic, missing_docs, reason = "tests")]

mod support;

use std::cell::Cell;
use std::collections::BTreeSet;
use std::rc::Rc;
use std::task::Poll;

use futures_util::StreamExt as _;
use serde_json::{Value, json};
use support::{client, sandbox, say};
use wacloud::bulk::{Bulk, BulkOptions};
use wacloud::outcome::Outcome;
use wacloud::{CallOptions, Error, Message, NotSentReason, Priority};
use wacloud_sandbox::{Fault, Sandbox};

/// A recipient of its own for each message, so that only the number's limit counts.
fn to(n: usize) -> String {
    format!("+1555{n:07}")
}

fn message(n: usize) -> Message {
    Message::text(to(n), format!("Hello {n}"))
}

/// Messages, and how many of them have been pulled.
fn counted() -> (impl Iterator<Item = Message> + Unpin, Rc<Cell<usize>>) {
    let pulled = Rc::new(Cell::new(0));
    let count = pulled.clone();
    let messages = (0..).map(move |n| {
        count.set(n + 1);
        message(n)
    });
    (messages, pulled)
}

fn is_stopped(error: &Error) -> bool {
    matches!(error, Error::NotSent(error) if error.reason == NotSentReason::Stopped)
}

/// Tried anew where the machine stalls: what it has held up arrives at once then, and counts in one second. A pace that is
/// too fast is so every time. (`make bench` promises the same of one turn.)
#[tokio::test]
async fn two_thousand_messages_keep_within_the_limit() {
    let mut refused = Vec::new();
    while refused.last().is_none_or(|refused| *refused > 2) {
        assert!(refused.len() < 3, "{refused:?} refusals");
        refused.push(two_thousand().await);
    }
}

/// How many refusals it took.
async fn two_thousand() -> u64 {
    const COUNT: usize = 2_000;
    // 80 messages in any second, and the pair rate: what a new number has.
    let sandbox = Sandbox::start(wacloud_sandbox::Settings::default()).await.unwrap();
    let client = client(&sandbox.url(), |_| {});
    let mut results = client.send_bulk((0..COUNT).map(message));
    let mut ids = BTreeSet::new();
    while let Some(result) = results.next().await {
        ids.insert(result.result.unwrap().id);
    }
    let counters = sandbox.counters();
    let refused: u64 = counters.refused.values().sum();
    assert_eq!((ids.len(), counters.accepted, counters.duplicate_trackers), (COUNT, COUNT as u64, 0));
    let recipients: BTreeSet<String> = sandbox.ledger().iter().map(|message| message.to.clone()).collect();
    assert_eq!(recipients, (0..COUNT).map(to).collect());
    say(&format!("{COUNT} messages accepted, {refused} refusals"));
    refused
}

#[tokio::test]
async fn a_list_is_pulled_no_further_than_the_window() {
    const WINDOW: usize = 8;
    let sandbox = sandbox().await;
    let client = client(&sandbox.url(), |s| s.rate = Some(0.0.into()));
    let (messages, pulled) = counted();
    let options = BulkOptions { window: Some(WINDOW as u32), ..BulkOptions::default() };
    let mut results = client.send_bulk_with(messages, &options);
    assert_eq!(pulled.get(), 0, "nothing is pulled before results are asked for");
    let looked = std::future::poll_fn(|cx| Poll::Ready(results.poll_next_unpin(cx))).await;
    assert!(looked.is_pending());
    assert_eq!(pulled.get(), WINDOW);
    for told in 1..=50 {
        assert_eq!(results.next().await.unwrap().outcome(), Outcome::Accepted);
        assert!(pulled.get() < told + WINDOW, "{} pulled, {told} told", pulled.get());
    }
    results.stop();
    while results.next().await.is_some() {}
    assert!(pulled.get() < 50 + WINDOW);
}

#[tokio::test]
async fn stopping_tells_every_message_that_was_pulled() {
    let sandbox = sandbox().await;
    let client = client(&sandbox.url(), |s| s.rate = Some(20.0.into()));
    let (messages, pulled) = counted();
    let options = BulkOptions { window: Some(50), ..BulkOptions::default() };
    let mut results = client.send_bulk_with(messages, &options);
    let mut told = Vec::new();
    for _ in 0..3 {
        told.push(results.next().await.unwrap());
    }
    let pulled_before = pulled.get();
    results.stop();
    while let Some(result) = results.next().await {
        told.push(result);
    }
    assert_eq!(pulled.get(), pulled_before, "nothing is pulled after the stop");
    let indices: BTreeSet<u64> = told.iter().map(|result| result.index).collect();
    assert_eq!(indices, (0..pulled_before as u64).collect());
    assert_eq!(told.len(), pulled_before);
    let accepted = told.iter().filter(|result| result.result.is_ok()).count();
    assert!(accepted < 20, "{accepted} of {pulled_before} went out");
    assert!(told.iter().all(|result| result.result.as_ref().err().is_none_or(is_stopped)));
    assert_eq!(sandbox.counters().accepted, accepted as u64);
}

#[tokio::test]
async fn without_a_limit_a_stopped_bulk_starts_nothing_more() {
    let sandbox = sandbox().await;
    let client = client(&sandbox.url(), |s| s.rate = Some(0.0.into()));
    let mut results = client.send_bulk((0..10_000).map(message));
    // The first message is pulled and begun by this; the rest of the window has not been looked at since.
    results.next().await.unwrap();
    let begun = sandbox.counters().requests;
    results.stop();
    let mut accepted = 1;
    while let Some(result) = results.next().await {
        match result.result {
            Ok(_) => accepted += 1,
            Err(error) => assert!(is_stopped(&error), "{error}"),
        }
    }
    assert_eq!(sandbox.counters().accepted, accepted);
    assert!(accepted <= 256 && accepted >= begun, "{accepted} accepted, {begun} begun");
}

#[tokio::test]
async fn in_order_means_in_order() {
    let sandbox = sandbox().await;
    for slow in [0, 7, 30] {
        sandbox.add_fault(Fault::delay(300).to(to(slow))).unwrap();
    }
    let client = client(&sandbox.url(), |s| s.rate = Some(0.0.into()));
    let options = BulkOptions { in_order: Some(true), window: Some(16), ..BulkOptions::default() };
    let told: Vec<u64> =
        client.send_bulk_with((0..60).map(message), &options).map(|result| result.index).collect().await;
    assert_eq!(told, (0..60).collect::<Vec<_>>());
}

#[tokio::test]
async fn as_completed_a_slow_message_holds_up_no_other() {
    let sandbox = sandbox().await;
    sandbox.add_fault(Fault::delay(60_000).to(to(0))).unwrap();
    let client = client(&sandbox.url(), |s| s.rate = Some(0.0.into()));
    let results = client.send_bulk((0..60).map(message));
    // All but the slow one, which is not waited for.
    let told: BTreeSet<u64> = results.take(59).map(|result| result.index).collect().await;
    assert_eq!(told, (1..60).collect());
}

/// Sends one more message behind everything that still waits: when it is accepted, nothing before it is left.
async fn flush(client: &wacloud::Client) {
    let options = CallOptions { priority: Some(Priority::Low), ..CallOptions::default() };
    client.send_with(message(9_999_999), &options).await.unwrap();
}

#[tokio::test]
async fn a_dropped_stream_sends_nothing_more() {
    let sandbox = sandbox().await;
    let client = client(&sandbox.url(), |s| s.rate = Some(20.0.into()));
    let mut results = client.send_bulk((0..500).map(message));
    for _ in 0..3 {
        results.next().await.unwrap();
    }
    drop(results);
    flush(&client).await;
    // Three told, the flush, and those whose time came in between: at 20 a second not many.
    assert!(sandbox.counters().accepted < 20, "{:?}", sandbox.counters());
}

fn items(range: std::ops::Range<usize>) -> String {
    let item = |n: usize| json!(["send_text", {"to": to(n), "body": "Hello"}, format!("key-{n}")]);
    range.map(item).collect::<Value>().to_string()
}

#[tokio::test]
async fn a_dropped_bulk_sends_nothing_more() {
    let sandbox = sandbox().await;
    let client = client(&sandbox.url(), |s| s.rate = Some(20.0.into()));
    let bulk = Bulk::start(client.clone(), &BulkOptions::default());
    bulk.push_json(&items(0..500)).unwrap();
    bulk.next().await.unwrap();
    drop(bulk);
    flush(&client).await;
    assert!(sandbox.counters().accepted < 20, "{:?}", sandbox.counters());
}

#[tokio::test]
async fn a_pushed_bulk_tells_each_message_once_with_its_key() {
    let sandbox = sandbox().await;
    let client = client(&sandbox.url(), |s| s.rate = Some(0.0.into()));
    let bulk = Bulk::start(client, &BulkOptions { window: Some(10), ..BulkOptions::default() });
    assert_eq!(bulk.room(), 10);
    assert_eq!(bulk.push_json(&items(0..4)).unwrap(), 6);
    assert_eq!(bulk.push_json(&items(4..30)).unwrap(), 0, "more than the window is taken, but not wanted");
    let mut told = BTreeSet::new();
    while told.len() < 30 {
        for result in bulk.next().await.unwrap().results {
            assert_eq!(result.key, Some(format!("key-{}", result.index)));
            assert!(result.result.is_ok() && told.insert(result.index));
        }
    }
    assert_eq!(bulk.room(), 10);
    bulk.finish();
    assert!(bulk.next().await.is_none() && bulk.push_json(&items(0..1)).is_err());
    assert_eq!((told, sandbox.counters().accepted), ((0..30).collect(), 30));
}

#[tokio::test]
async fn a_stopped_bulk_tells_every_message_that_was_pushed() {
    let sandbox = sandbox().await;
    let client = client(&sandbox.url(), |s| s.rate = Some(20.0.into()));
    let bulk = Bulk::start(client, &BulkOptions { window: Some(10), ..BulkOptions::default() });
    bulk.push_json(&items(0..100)).unwrap();
    let mut told: Vec<_> = bulk.next().await.unwrap().results;
    bulk.stop();
    while let Some(chunk) = bulk.next().await {
        told.extend(chunk.results);
    }
    assert_eq!(told.iter().map(|result| result.index).collect::<BTreeSet<_>>(), (0..100).collect());
    assert_eq!(told.len(), 100);
    let accepted = told.iter().filter(|result| result.result.is_ok()).count();
    assert!(told.iter().all(|result| result.result.as_ref().err().is_none_or(is_stopped)));
    assert!(accepted < 20, "{accepted} went out");
    assert_eq!(sandbox.counters().accepted, accepted as u64);
}
