//! What a repetition costs: a slot of the number and of the recipient like any other request, within the time of its call.
//!
//! Where nobody answers, time is paused, and what the client tells has exact times. Where somebody answers, it is real.
#![allow(clippy::unwrap_used, clippy::panic, missing_docs, reason = "tests")]

mod support;

use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use futures_util::StreamExt as _;
use futures_util::future::{BoxFuture, join_all};
use serde_json::json;
use support::wire::{self, Server, acceptance, answer, read_request};
use support::{TO, client, sandbox, say, until};
use tokio::io::AsyncWriteExt as _;
use tokio::time::{Instant, sleep};
use wacloud::client::OnUnknown;
use wacloud::{
    CallOptions, CancelToken, Client, Error, Event, Level, Message, Observer, Secret, Settings, TokenSource, registry,
};

/// When requests were made.
#[derive(Default)]
struct Attempts(Mutex<Vec<Instant>>);

impl Observer for Attempts {
    fn wants(&self, level: Level) -> bool {
        level >= Level::Debug
    }

    fn observe(&self, event: &Event) {
        if matches!(event, Event::Attempt { .. }) {
            self.0.lock().unwrap().push(Instant::now());
        }
    }
}

impl Attempts {
    fn all(&self) -> Vec<Instant> {
        self.0.lock().unwrap().clone()
    }
}

fn watched(url: &str, change: impl FnOnce(&mut Settings)) -> (Client, Arc<Attempts>) {
    let attempts = Arc::<Attempts>::default();
    (client(url, change).with_observer(attempts.clone()), attempts)
}

/// The most that fall into any window of a second.
fn most_in_a_second(times: &[Instant]) -> usize {
    let within =
        |begin: Instant| times.iter().filter(|at| **at >= begin && **at < begin + Duration::from_secs(1)).count();
    times.iter().map(|begin| within(*begin)).max().unwrap_or(0)
}

fn to(n: usize) -> String {
    format!("+1555{n:07}")
}

#[track_caller]
fn assert_ends(error: &Error, outcome: &str, reason: Option<&str>, attempts: u32) {
    let told = error.to_value();
    let reason = reason.map_or(json!(null), |reason| json!(reason));
    assert_eq!((&told["outcome"], &told["reason"], &told["attempts"]), (&json!(outcome), &reason, &json!(attempts)));
}

#[tokio::test(start_paused = true)]
async fn a_repetition_takes_a_slot_of_the_number() {
    let (_socket, url) = wire::deaf_port();
    let (client, attempts) = watched(&url, |s| (s.rate, s.max_retries) = (Some(20.0.into()), Some(2)));
    let begun = Instant::now();
    let sent = join_all((0..40).map(|n| client.send_text(to(n), "Hello"))).await;
    for result in sent {
        assert_ends(&result.unwrap_err(), "not_sent", Some("connection"), 3);
    }
    let attempts = attempts.all();
    let most = most_in_a_second(&attempts);
    assert!(attempts.len() == 120 && most <= 20, "{} attempts, {most} in a second", attempts.len());
    // What was begun is ended first, so the last ones wait for no more than their turn: 119 slots, and two pauses at most.
    let took = begun.elapsed().as_secs_f64();
    assert!((119.0 / 20.0..119.0 / 19.0 + 4.0).contains(&took), "{took}");
}

#[tokio::test(start_paused = true)]
async fn a_repetition_takes_a_slot_of_its_recipient() {
    const EACH: f64 = 6.0;
    let (_socket, url) = wire::deaf_port();
    let (client, attempts) = watched(&url, |s| (s.pair_rate, s.max_retries) = (Some(1.0 / EACH), Some(3)));
    let begun = Instant::now();
    let options = CallOptions { max_wait_ms: Some(600_000), ..CallOptions::default() };
    for result in join_all((0..25).map(|n| client.send_with(Message::text(TO, n.to_string()), &options))).await {
        assert_eq!(result.unwrap_err().to_value()["reason"], "connection");
    }
    let attempts = attempts.all();
    // As Meta counts: each takes six seconds, and 45 may be owed.
    let mut paid = 0.0_f64;
    for at in &attempts {
        let at = (*at - begun).as_secs_f64();
        paid = paid.max(at) + EACH;
        assert!(paid - at <= 45.0 * EACH, "{at}");
    }
    // The burst, and what comes free within the 120 s for a call.
    assert!((60..=66).contains(&attempts.len()), "{}", attempts.len());
    assert!(begun.elapsed() <= Duration::from_secs(121), "{:?}", begun.elapsed());
}

#[tokio::test(start_paused = true)]
async fn the_time_for_the_call_ends_the_wait_for_another_slot() {
    let (_socket, url) = wire::deaf_port();
    let (client, attempts) = watched(&url, |s| s.rate = Some(0.1.into()));
    let begun = Instant::now();
    let options = CallOptions { timeout_ms: Some(5_000), ..CallOptions::default() };
    let error = client.send_with(Message::text(TO, "Hello"), &options).await.unwrap_err();
    assert_ends(&error, "not_sent", Some("connection"), 1);
    assert_eq!((begun.elapsed().as_secs(), attempts.all().len()), (5, 1));
    // The second begins its own time when it has its slot, and is repeated once within it.
    let options = CallOptions { timeout_ms: Some(15_000), ..CallOptions::default() };
    let begun = Instant::now();
    let error = client.send_with(Message::text(TO, "Hello"), &options).await.unwrap_err();
    assert_ends(&error, "not_sent", Some("connection"), 2);
    let took = begun.elapsed().as_secs();
    assert!((15..=22).contains(&took), "{took}");
    assert_eq!(attempts.all().len(), 3);
}

#[tokio::test(start_paused = true)]
async fn max_wait_ends_the_wait_for_another_slot() {
    let (_socket, url) = wire::deaf_port();
    let (client, attempts) = watched(&url, |s| (s.rate, s.max_wait_ms) = (Some(0.1.into()), Some(3_000)));
    let begun = Instant::now();
    assert_ends(&client.send_text(TO, "Hello").await.unwrap_err(), "not_sent", Some("connection"), 1);
    // A pause of 1 to 1.5 s is no wait for the pace.
    assert_eq!((begun.elapsed().as_secs(), attempts.all().len()), (4, 1));
}

#[tokio::test(start_paused = true)]
async fn what_is_cancelled_while_it_waits_for_another_slot_is_not_sent() {
    let (_socket, url) = wire::deaf_port();
    let (client, attempts) = watched(&url, |s| s.rate = Some(0.1.into()));
    let (cancel, options) = (CancelToken::new(), CallOptions::default());
    let text = json!({"to": TO, "body": "Hello"}).to_string();
    let (error, ()) = tokio::join!(registry::dispatch(&client, "send_text", &text, &options, cancel.clone()), async {
        sleep(Duration::from_secs(4)).await;
        cancel.cancel();
    });
    assert_ends(&error.unwrap_err(), "not_sent", Some("cancelled"), 1);
    assert_eq!(attempts.all().len(), 1);
}

/// A server that answers as `say` does, given the number of the request; how many there were, and when.
async fn answering(say: fn(usize) -> Vec<u8>) -> (Server, Arc<Mutex<Vec<Instant>>>) {
    let (came, count) = (Arc::<Mutex<Vec<Instant>>>::default(), Arc::<AtomicUsize>::default());
    let seen = came.clone();
    let server = Server::start(move |_, mut stream| {
        let (seen, count) = (seen.clone(), count.clone());
        async move {
            while read_request(&mut stream).await.is_some() {
                seen.lock().unwrap().push(Instant::now());
                let said = say(count.fetch_add(1, Ordering::SeqCst));
                if stream.write_all(&said).await.is_err() {
                    return;
                }
            }
        }
    });
    (server.await, came)
}

#[tokio::test]
async fn what_is_sent_again_after_an_unknown_keeps_the_rate() {
    const COUNT: usize = 40;
    let (server, came) = answering(|n| match n < COUNT {
        true => answer(503, ""),
        false => answer(200, &acceptance("wamid.again")),
    })
    .await;
    let client = client(&server.url(), |s| {
        s.rate = Some(20.0.into());
        s.on_unknown = Some(OnUnknown::Resend);
    });
    let mut results = client.send_bulk((0..COUNT).map(|n| Message::text(to(n), "Hello")));
    while let Some(result) = results.next().await {
        result.result.unwrap();
    }
    let came = came.lock().unwrap().clone();
    let most = most_in_a_second(&came);
    say(&format!("{} requests at 20 a second: {most} in the busiest second", came.len()));
    // Without a slot for each there are nearly twice as many.
    assert!(came.len() == 2 * COUNT && most <= 23, "{} requests, {most} in a second", came.len());
}

#[tokio::test]
async fn an_unknown_that_gets_no_other_slot_stays_unknown() {
    let (server, came) = answering(|_| answer(503, "")).await;
    let client = client(&server.url(), |s| {
        s.rate = Some(0.1.into());
        s.on_unknown = Some(OnUnknown::Resend);
    });
    let options = CallOptions { timeout_ms: Some(2_500), ..CallOptions::default() };
    let error = client.send_with(Message::text(TO, "Hello"), &options).await.unwrap_err();
    assert_ends(&error, "unknown", Some("server_error"), 1);
    assert!(!error.to_string().contains("It was sent again"), "{error}");
    assert_eq!(came.lock().unwrap().len(), 1);
}

#[tokio::test]
async fn an_unknown_of_which_no_copy_got_out_was_not_sent_again() {
    let server = Server::start(|_, mut stream| async move {
        read_request(&mut stream).await;
        stream.write_all(&answer(503, "")).await.unwrap();
    });
    let server = server.await;
    let client = client(&server.url(), |s| {
        s.on_unknown = Some(OnUnknown::Resend);
        s.max_retries = Some(1);
    });
    let (error, ()) = tokio::join!(client.send_text(TO, "Hello"), async {
        until("the first request came", || server.connections() == 1).await;
        drop(server);
    });
    let error = error.unwrap_err();
    assert_ends(&error, "unknown", Some("server_error"), 2);
    assert!(!error.to_string().contains("It was sent again"), "{error}");
}

// The token function

struct Tokens(AtomicUsize);

impl TokenSource for Tokens {
    fn token(&self) -> BoxFuture<'_, Result<Secret, String>> {
        let turn = self.0.fetch_add(1, Ordering::SeqCst);
        Box::pin(async move { if turn == 0 { Ok(Secret::new("worn-out")) } else { std::future::pending().await } })
    }
}

fn with_tokens(url: &str, change: impl FnOnce(&mut Settings), asked: usize) -> Client {
    let client = client(url, |s| {
        s.access_token = None;
        s.token_callback = Some(true);
        change(s);
    });
    client.with_token_source(Arc::new(Tokens(AtomicUsize::new(asked))))
}

#[tokio::test(start_paused = true)]
async fn the_time_for_the_call_ends_the_wait_for_a_token() {
    for timeout_ms in [None, Some(2_000)] {
        let client = with_tokens("http://127.0.0.1:1", |_| {}, 1);
        let options = CallOptions { timeout_ms, ..CallOptions::default() };
        let begun = Instant::now();
        let error = client.send_with(Message::text(TO, "Hello"), &options).await.unwrap_err();
        assert_ends(&error, "not_sent", Some("token"), 0);
        let timeout_ms = u128::from(timeout_ms.unwrap_or(120_000));
        assert!((timeout_ms..timeout_ms + 10).contains(&begun.elapsed().as_millis()), "{:?}", begun.elapsed());
        assert!(error.to_string().contains("had not answered when the time for the call was over"), "{error}");
    }
}

#[tokio::test]
async fn the_time_for_the_call_ends_the_wait_for_a_new_token() {
    let sandbox = sandbox().await;
    let client = with_tokens(&sandbox.url(), |_| {}, 0);
    let options = CallOptions { timeout_ms: Some(500), ..CallOptions::default() };
    let error = client.send_with(Message::text(TO, "Hello"), &options).await.unwrap_err();
    // Meta refused the first: nothing was sent.
    assert_ends(&error, "not_sent", Some("token"), 1);
    assert_eq!((sandbox.requests().len(), sandbox.counters().accepted), (1, 0));
}

/// What the old token met says nothing of the new one, and must not end a bulk as the refusal of a dead token does.
#[tokio::test]
async fn a_worn_out_token_that_gets_no_slot_for_another_one_is_not_refused() {
    let short = CallOptions { timeout_ms: Some(500), ..CallOptions::default() };
    let patient = CallOptions { max_wait_ms: Some(200), ..CallOptions::default() };
    for options in [short, patient] {
        let sandbox = sandbox().await;
        let client = with_tokens(&sandbox.url(), |s| s.rate = Some(0.1.into()), 0);
        let error = client.send_with(Message::text(TO, "Hello"), &options).await.unwrap_err();
        assert_ends(&error, "not_sent", Some("max_wait"), 1);
        assert!(error.to_string().contains("the access token was worn out, and for another one"), "{error}");
        assert_eq!(sandbox.requests().len(), 1);
    }
}
