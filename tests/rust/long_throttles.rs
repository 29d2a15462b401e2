//! Refusals for pace that last for minutes: what is held back, who waits and who is told, and that nonsense ends.
//!
//! The sandbox answers in real time. What takes minutes is skipped: once nothing is under way, the clock is moved.
#![allow(clippy::unwrap_used, clippy::panic, missing_docs, reason = "tests")]

mod support;

use std::collections::BTreeSet;
use std::task::Poll;
use std::time::Duration;

use futures_util::StreamExt as _;
use support::{TO, client, sandbox, until};
use tokio::time::{Instant, sleep};
use wacloud::bulk::BulkOptions;
use wacloud::outcome::Outcome;
use wacloud::{CallOptions, Client, Message};
use wacloud_sandbox::{Fault, Sandbox};

fn to(n: usize) -> String {
    format!("+1555{n:07}")
}

/// Refusals of everything that say "in five minutes": by the header, or by what is known of the code.
fn refusals() -> Vec<Fault> {
    let told = |fault: Fault| Fault { retry_after_s: Some(300), ..fault };
    vec![
        told(Fault::graph_error(130_429)),
        told(Fault::graph_error(131_057)),
        told(Fault::graph_error(4)),
        told(Fault::status(429)),
        Fault::graph_error(80_007),
        Fault::graph_error(613),
    ]
}

/// Moves the clock while nothing is under way.
async fn move_clock(by: Duration) {
    tokio::time::pause();
    tokio::time::advance(by).await;
    tokio::time::resume();
}

/// Sends a bulk that is refused, until it stands still; returns what has been told.
async fn stands_still(
    sandbox: &Sandbox,
    results: &mut (impl futures_util::Stream<Item = wacloud::bulk::BulkResult> + Unpin),
) -> Vec<wacloud::bulk::BulkResult> {
    let mut told = Vec::new();
    let (mut requests, mut since) = (0, Instant::now());
    while requests == 0 || since.elapsed() < Duration::from_millis(700) {
        tokio::select! {
            result = results.next() => told.push(result.unwrap()),
            () = sleep(Duration::from_millis(50)) => {}
        }
        if sandbox.requests().len() != requests {
            (requests, since) = (sandbox.requests().len(), Instant::now());
        }
    }
    told
}

#[tokio::test]
async fn a_bulk_waits_until_a_long_refusal_is_over() {
    const COUNT: usize = 150;
    for refusal in refusals() {
        let sandbox = sandbox().await;
        sandbox.add_fault(refusal.clone().times(0)).unwrap();
        let client = client(&sandbox.url(), |s| s.rate = Some(80.0.into()));
        let mut results = client.send_bulk((0..COUNT).map(|n| Message::text(to(n), "Hello")));
        let told = stands_still(&sandbox, &mut results).await;
        let refused = sandbox.requests().len();
        // Those that were on their way when the first answer came, and the slots of the next fifth of a second.
        assert!(told.is_empty() && (1..=100).contains(&refused), "{refusal:?}: {} told, {refused}", told.len());
        let held = client.pace().held_back_ms;
        assert!((290_000..=300_000).contains(&held), "{refusal:?}: {held} ms");

        sandbox.clear_faults();
        move_clock(Duration::from_secs(298) - Duration::from_millis(300_000 - held)).await;
        assert!(stands_still(&sandbox, &mut results).await.is_empty(), "{refusal:?}");
        assert_eq!(sandbox.requests().len(), refused, "{refusal:?}: not before it is over");
        let mut ended = BTreeSet::new();
        while let Some(result) = results.next().await {
            assert_eq!(result.outcome(), Outcome::Accepted, "{refusal:?}");
            ended.insert(result.index);
        }
        let counters = sandbox.counters();
        assert_eq!((ended.len(), counters.accepted, counters.duplicate_trackers), (COUNT, COUNT as u64, 0));
    }
}

#[tokio::test]
async fn a_bulk_with_a_max_wait_is_told_at_once_and_refuses_the_rest_itself() {
    let sandbox = sandbox().await;
    sandbox.add_fault(Fault { retry_after_s: Some(300), ..Fault::graph_error(130_429) }.times(0)).unwrap();
    let client = client(&sandbox.url(), |s| s.rate = Some(80.0.into()));
    let options = BulkOptions { max_wait_ms: Some(60_000), ..BulkOptions::default() };
    let begun = Instant::now();
    let results = client.send_bulk_with((0..300).map(|n| Message::text(to(n), "Hello")), &options);
    let told: Vec<_> = results.collect().await;
    let count = |outcome: Outcome| told.iter().filter(|result| result.outcome() == outcome).count();
    let requests = sandbox.requests().len();
    assert!(requests <= 150 && begun.elapsed() < Duration::from_secs(30), "{requests} {:?}", begun.elapsed());
    assert_eq!((count(Outcome::Rejected), count(Outcome::NotSent)), (requests, 300 - requests));
}

#[tokio::test]
async fn a_bulk_waits_for_a_recipient_and_sends_to_the_others() {
    let sandbox = sandbox().await;
    sandbox.add_fault(Fault { retry_after_s: Some(300), ..Fault::graph_error(131_056).to(TO) }.times(0)).unwrap();
    let client = client(&sandbox.url(), |s| s.rate = Some(80.0.into()));
    let messages = (0..40).map(|n| Message::text(if n % 2 == 0 { TO.to_owned() } else { to(n) }, "Hello"));
    let mut results = client.send_bulk(messages);
    let told = stands_still(&sandbox, &mut results).await;
    let others: BTreeSet<u64> =
        told.iter().filter(|told| told.outcome() == Outcome::Accepted).map(|t| t.index).collect();
    assert_eq!((told.len(), others), (20, (0..40).filter(|n| n % 2 == 1).collect()));
    let refused = sandbox.requests().len() - 20;
    assert!(refused <= 20, "{refused}");
    sandbox.clear_faults();
    move_clock(Duration::from_secs(300)).await;
    let rest: Vec<_> = results.collect().await;
    assert!(rest.len() == 20 && rest.iter().all(|result| result.outcome() == Outcome::Accepted));
    assert_eq!(sandbox.counters().accepted, 40);
}

#[tokio::test]
async fn a_bulk_that_is_left_while_it_is_held_back_tells_what_became_of_each() {
    let sandbox = sandbox().await;
    sandbox.add_fault(Fault::graph_error(80_007).times(0)).unwrap();
    let client = client(&sandbox.url(), |s| s.rate = Some(80.0.into()));
    let mut results = client.send_bulk((0..100).map(|n| Message::text(to(n), "Hello")));
    assert!(stands_still(&sandbox, &mut results).await.is_empty());
    let refused = sandbox.requests().len();
    results.stop();
    let told: Vec<_> = results.collect().await;
    let count = |outcome: Outcome| told.iter().filter(|result| result.outcome() == outcome).count();
    assert_eq!((count(Outcome::Rejected), count(Outcome::NotSent), told.len()), (refused, 100 - refused, 100));
    assert_eq!(sandbox.requests().len(), refused);
}

/// What a single message is told, as (type, whole seconds until then).
async fn told(client: &Client, to: &str) -> (String, u64) {
    let begun = Instant::now();
    let error = client.send_text(to, "Hello").await.unwrap_err().to_value();
    assert!(begun.elapsed() < Duration::from_secs(30), "at once: {:?}", begun.elapsed());
    assert_ne!(error["outcome"], "unknown");
    (error["type"].as_str().unwrap().to_owned(), error["retry_after"].as_f64().unwrap().ceil() as u64)
}

#[tokio::test]
async fn a_single_message_is_refused_without_a_request_while_its_limit_is_held() {
    let pair = Fault { retry_after_s: Some(300), ..Fault::graph_error(131_056) };
    for refusal in refusals().into_iter().chain([pair]) {
        let sandbox = sandbox().await;
        sandbox.add_fault(refusal.clone()).unwrap();
        let client = client(&sandbox.url(), |_| {});
        assert_eq!(told(&client, TO).await, ("RateLimitError".to_owned(), 300), "{refusal:?}");
        for _ in 0..3 {
            let (kind, seconds) = told(&client, TO).await;
            assert!(kind == "NotSentError" && (290..=300).contains(&seconds), "{refusal:?}: {kind} {seconds}");
        }
        assert_eq!(sandbox.requests().len(), 1, "{refusal:?}");
        let other = client.send_text("+15550009999", "Hello").await;
        assert_eq!(other.is_ok(), refusal.code == Some(131_056), "{refusal:?}");
        move_clock(Duration::from_secs(300)).await;
        client.send_text(TO, "Hello").await.unwrap();
    }
}

#[tokio::test]
async fn a_single_message_that_may_wait_for_so_long_still_has_the_choice() {
    let sandbox = sandbox().await;
    sandbox.add_fault(Fault { retry_after_s: Some(300), ..Fault::graph_error(130_429) }).unwrap();
    let client = client(&sandbox.url(), |_| {});
    told(&client, TO).await;
    let options = CallOptions { max_wait_ms: Some(400_000), ..CallOptions::default() };
    let mut sending = Box::pin(client.send_with(Message::text(TO, "Hello"), &options));
    assert!(std::future::poll_fn(|cx| Poll::Ready(sending.as_mut().poll(cx))).await.is_pending());
    move_clock(Duration::from_secs(300)).await;
    sending.await.unwrap();
    assert_eq!(sandbox.counters().accepted, 1);
}

#[tokio::test]
async fn a_refusal_that_is_nonsense_holds_for_an_hour_at_most() {
    const HOUR: Duration = Duration::from_secs(3_600);
    for code in [4, 17, 341, 613, 80_007, 130_429, 131_056, 131_057] {
        for seconds in [999_999_999, u64::MAX] {
            let sandbox = sandbox().await;
            sandbox.add_fault(Fault { retry_after_s: Some(seconds), ..Fault::graph_error(code) }).unwrap();
            let client = client(&sandbox.url(), |_| {});
            told(&client, TO).await;
            let (kind, wait) = told(&client, TO).await;
            assert!(kind == "NotSentError" && (3_590..=3_600).contains(&wait), "{code} {seconds}: {kind} {wait}");
            move_clock(HOUR).await;
            client.send_text(TO, "Hello").await.unwrap();
        }
    }
}

#[tokio::test]
async fn other_calls_that_are_refused_hold_no_messages_back() {
    let sandbox = sandbox().await;
    for code in [80_007, 613, 130_429] {
        sandbox.add_fault(Fault { retry_after_s: Some(300), ..Fault::graph_error(code) }).unwrap();
        let client = client(&sandbox.url(), |_| {});
        client.mark_read("wamid.A").await.unwrap_err();
        client.send_text(TO, "Hello").await.unwrap();
    }
    until("all are accepted", || sandbox.counters().accepted == 3).await;
}
