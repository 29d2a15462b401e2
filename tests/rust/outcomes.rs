//! What vectors cannot say about outcomes: repetitions and their budget, time limits, cancelling, the token function.
//!
//! Where nobody answers, time is paused, so that waits take none: a refused connection is refused at once. Where somebody
//! answers, it is real, and the tests wait for conditions.
#![allow(clippy::unwrap_used, clippy::panic, missing_docs, reason = "tests")]

mod support;

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use futures_util::future::{BoxFuture, join_all};
use serde_json::{Value, json};
use support::vector::differences;
use support::wire::{self, Server, acceptance, answer, read_request};
use support::{TO, client, sandbox, until};
use tokio::io::AsyncWriteExt as _;
use tokio::time::{Instant, sleep};
use wacloud::{CallOptions, CancelToken, Client, Error, Message, Secret, Settings, Shared, TokenSource, registry};
use wacloud_sandbox::{Fault, FaultKind, Sandbox};

/// The error says all this.
#[track_caller]
fn assert_told(error: &Error, expected: &Value) {
    let found = differences(expected, &error.to_value());
    assert!(found.is_empty(), "{found:?} in {}", error.to_json());
}

fn not_sent(reason: &str, attempts: u32) -> Value {
    json!({"type": "NotSentError", "outcome": "not_sent", "may_have_been_sent": false, "reason": reason,
           "attempts": attempts})
}

fn unknown(reason: &str, attempts: u32) -> Value {
    json!({"type": "DeliveryUnknownError", "outcome": "unknown", "may_have_been_sent": true, "reason": reason,
           "attempts": attempts, "tracker": "*"})
}

fn text() -> String {
    json!({"to": TO, "body": "Hello"}).to_string()
}

/// Sends a text that `cancel` can end.
async fn send(client: &Client, cancel: &CancelToken) -> Result<String, Error> {
    registry::dispatch(client, "send_text", &text(), &CallOptions::default(), cancel.clone())
        .await
        .map(|reply| reply.json)
}

// Repeating

#[tokio::test(start_paused = true)]
async fn a_refused_connection_is_tried_again_until_somebody_listens() {
    let (socket, url) = wire::deaf_port();
    let late = tokio::spawn(async move {
        // Behind the first repetition (after 1 to 1.5 s) and before the second (after 3 to 4 s).
        sleep(Duration::from_secs(2)).await;
        tokio::time::resume();
        Server::on(socket.listen(16).unwrap(), |_, mut stream| async move {
            read_request(&mut stream).await.unwrap();
            stream.write_all(&answer(200, &acceptance("wamid.late"))).await.unwrap();
            // Open until the client goes.
            let _ = read_request(&mut stream).await;
        })
    });
    let sent = client(&url, |_| {}).send_text(TO, "Hello").await.unwrap();
    assert_eq!((sent.id.as_str(), sent.meta.attempts), ("wamid.late", 3));
    assert_eq!(late.await.unwrap().connections(), 1);
}

#[tokio::test(start_paused = true)]
async fn retries_wait_longer_each_time_and_end() {
    let (_socket, url) = wire::deaf_port();
    let begun = Instant::now();
    let error = client(&url, |s| s.max_retries = Some(3)).send_text(TO, "Hello").await.unwrap_err();
    assert_told(&error, &not_sent("connection", 4));
    // 1 + 2 + 4 s, each with up to half a second by chance.
    let took = begun.elapsed().as_secs_f64();
    assert!((7.0..8.6).contains(&took), "{took} s");
}

#[tokio::test]
async fn who_finds_nobody_on_this_machine_is_asked_for_the_sandbox() {
    const HINT: &str = "(is `wacloud sandbox` running?)";
    let (_socket, url) = wire::deaf_port();
    let told = async |url: &str, proxy: Option<String>| {
        let settings = client(url, |settings| (settings.max_retries, settings.proxy) = (Some(0), proxy));
        settings.send_text(TO, "Hello").await.unwrap_err().to_string()
    };
    let refused = told(&url, None).await;
    assert!(refused.contains(&format!("no connection to {url} {HINT}: ")), "{refused}");
    let port = url.rsplit(':').next().unwrap();
    assert!(told(&format!("http://localhost:{port}"), None).await.contains(HINT));
    // Nobody listens where the proxy should be; and here somebody does.
    assert!(!told("https://graph.example", Some(url.clone())).await.contains(HINT));
    assert!(!told("http://127.0.0.1:1", Some(url.clone())).await.contains(HINT));
    let gone = Server::start(|_, stream| async move { drop(stream) });
    let lost = told(&gone.await.url(), None).await;
    assert!(!lost.contains(HINT), "{lost}");
}

#[test]
fn the_sandboxs_token_does_not_go_to_meta() {
    let made = |base_url: Option<&str>| {
        let mut settings = Settings::new("106540352242922", wacloud_sandbox::DEFAULT_TOKEN);
        settings.base_url = base_url.map(str::to_owned);
        Client::with_shared(settings, &Shared::new())
    };
    for meta in [None, Some("https://graph.facebook.com"), Some("https://graph.facebook.com/")] {
        let error = made(meta).unwrap_err();
        assert_eq!(error.to_value()["setting"], "access_token");
        assert!(error.to_string().contains("set base_url (WA_BASE_URL in the environment)"), "{error}");
    }
    for elsewhere in ["http://127.0.0.1:8025", "https://sandbox.example"] {
        assert!(made(Some(elsewhere)).is_ok(), "{elsewhere}");
    }
}

#[tokio::test(start_paused = true)]
async fn a_budget_ends_the_retries_of_a_client_that_reaches_nobody() {
    let (_socket, url) = wire::deaf_port();
    let client = client(&url, |s| {
        s.max_retries = Some(10);
        s.rate = Some(0.0.into());
    });
    let sends = (0..200).map(|n| client.send_text(TO, n.to_string()));
    let attempts: u64 = join_all(sends)
        .await
        .into_iter()
        .map(|result| {
            let error = result.unwrap_err().to_value();
            assert_eq!(error["outcome"], "not_sent");
            error["attempts"].as_u64().unwrap()
        })
        .sum();
    assert_eq!(attempts, 200 + 100, "each message is tried once, and 100 of them again");
}

#[tokio::test]
async fn reading_is_repeated_when_its_answer_is_lost() {
    let sandbox = sandbox().await;
    sandbox.add_fault(Fault::new(FaultKind::ResetBefore)).unwrap();
    // In the sandbox nobody has written, so there is nothing to read: the second answer is a canned one.
    let answer = Fault { status: Some(200), body: Some(json!({"success": true})), ..Fault::new(FaultKind::Answer) };
    sandbox.add_fault(answer).unwrap();
    assert!(client(&sandbox.url(), |_| {}).mark_read("wamid.A").await.unwrap().success);
    assert_eq!(sandbox.requests().len(), 2);
}

/// A server that reads one request and resets its connection; how many it has reset; and a client that calls it.
async fn with_a_reset() -> (Server, Arc<AtomicUsize>, Client) {
    let resets = Arc::new(AtomicUsize::new(0));
    let counted = resets.clone();
    let server = Server::start(move |_, mut stream| {
        let counted = counted.clone();
        async move {
            read_request(&mut stream).await.unwrap();
            stream.set_zero_linger().unwrap();
            drop(stream);
            counted.fetch_add(1, Ordering::SeqCst);
        }
    })
    .await;
    let client = client(&server.url(), |s| s.max_retries = Some(1));
    (server, resets, client)
}

#[tokio::test]
async fn a_call_that_may_have_been_carried_out_stays_unknown_when_nobody_is_reached_again() {
    let (server, resets, client) = with_a_reset().await;
    let (error, ()) = tokio::join!(client.mark_read("wamid.A"), async {
        until("the connection is reset", || resets.load(Ordering::SeqCst) == 1).await;
        // Before the repetition, after a second at least.
        drop(server);
    });
    let expected =
        json!({"type": "DeliveryUnknownError", "outcome": "unknown", "reason": "connection_lost", "attempts": 2});
    assert_told(&error.unwrap_err(), &expected);
}

#[tokio::test]
async fn a_call_that_may_have_been_carried_out_stays_unknown_when_it_is_cancelled_then() {
    let (_server, resets, client) = with_a_reset().await;
    let (cancel, options) = (CancelToken::new(), CallOptions::default());
    let params = r#"{"message_id": "wamid.A"}"#;
    let call = registry::dispatch(&client, "mark_read", params, &options, cancel.clone());
    let (error, ()) = tokio::join!(call, async {
        until("the connection is reset", || resets.load(Ordering::SeqCst) == 1).await;
        // The client has the reset by now; this lets it look. The repetition comes after a second.
        for _ in 0..1_000 {
            tokio::task::yield_now().await;
        }
        cancel.cancel();
    });
    assert_told(&error.unwrap_err(), &json!({"outcome": "unknown", "reason": "connection_lost", "attempts": 1}));
}

// Time limits

#[tokio::test(start_paused = true)]
async fn the_total_time_ends_the_retries() {
    let (_socket, url) = wire::deaf_port();
    let begun = Instant::now();
    let options = CallOptions { timeout_ms: Some(2_500), ..CallOptions::default() };
    let error = client(&url, |_| {}).send_with(Message::text(TO, "Hello"), &options).await.unwrap_err();
    // The second repetition would begin after 3 s at least.
    assert_told(&error, &not_sent("connection", 2));
    assert!(begun.elapsed() < Duration::from_millis(2_500));
}

#[tokio::test]
async fn the_total_time_ends_an_attempt() {
    let sandbox = sandbox().await;
    sandbox.add_fault(Fault::delay(60_000)).unwrap();
    let client = client(&sandbox.url(), |_| {});
    // Shorter than the time of an attempt, and longer than it takes to get there.
    let options = CallOptions { timeout_ms: Some(20_000), ..CallOptions::default() };
    let begun = Instant::now();
    let (error, ()) = tokio::join!(client.send_with(Message::text(TO, "Hello"), &options), async {
        until("the message is accepted", || sandbox.counters().accepted == 1).await;
        // From here on everybody waits, and waiting takes no time.
        tokio::time::pause();
    });
    assert_told(&error.unwrap_err(), &unknown("timeout", 1));
    assert_eq!((begun.elapsed().as_secs(), sandbox.counters().accepted), (20, 1));
}

#[tokio::test]
async fn max_wait_ends_the_wait_for_the_pace() {
    let sandbox = sandbox().await;
    let client = client(&sandbox.url(), |s| {
        s.rate = Some(0.01.into());
        s.max_wait_ms = Some(50);
    });
    client.send_text(TO, "First").await.unwrap();
    assert_told(&client.send_text(TO, "Second").await.unwrap_err(), &not_sent("max_wait", 0));
    assert_eq!(sandbox.requests().len(), 1);
}

#[tokio::test]
async fn a_retry_after_is_waited_for() {
    let refusals = [
        Fault { retry_after_s: Some(1), ..Fault::graph_error(130_429) },
        Fault { retry_after_s: Some(1), ..Fault::graph_error(131_057) },
        Fault { retry_after_s: Some(2), ..Fault::graph_error(131_056) },
        Fault { retry_after_s: Some(1), ..Fault::status(429) },
    ];
    join_all(refusals.map(|refusal| async move {
        let sandbox = sandbox().await;
        let seconds = refusal.retry_after_s.unwrap();
        sandbox.add_fault(refusal.clone()).unwrap();
        let sent = client(&sandbox.url(), |_| {}).send_text(TO, "Hello").await.unwrap();
        assert_eq!(sent.meta.attempts, 2, "{refusal:?}");
        let at: Vec<u64> = sandbox.requests().iter().map(|request| request.at).collect();
        // Both times are cut to milliseconds.
        assert!(at[1] - at[0] + 1 >= seconds * 1000, "{refusal:?}: {at:?}");
    }))
    .await;
}

// Cancelling

#[tokio::test]
async fn what_is_cancelled_before_it_began_is_not_sent() {
    let sandbox = sandbox().await;
    let cancel = CancelToken::new();
    cancel.cancel();
    let error = send(&client(&sandbox.url(), |_| {}), &cancel).await.unwrap_err();
    assert_told(&error, &not_sent("cancelled", 0));
    assert!(sandbox.requests().is_empty());
}

#[tokio::test]
async fn what_is_cancelled_while_it_waits_for_the_pace_is_not_sent() {
    let sandbox = sandbox().await;
    let client = client(&sandbox.url(), |s| s.rate = Some(0.01.into()));
    client.send_text(TO, "First").await.unwrap();
    let cancel = CancelToken::new();
    let (error, ()) = tokio::join!(send(&client, &cancel), async {
        // Behind the send in this task's order, so it waits already.
        tokio::task::yield_now().await;
        cancel.cancel();
    });
    assert_told(&error.unwrap_err(), &not_sent("cancelled", 0));
    assert_eq!(sandbox.requests().len(), 1);
}

#[tokio::test(start_paused = true)]
async fn what_is_cancelled_between_two_attempts_is_not_sent() {
    let (_socket, url) = wire::deaf_port();
    let client = client(&url, |_| {});
    let cancel = CancelToken::new();
    let (error, ()) = tokio::join!(send(&client, &cancel), async {
        // The first attempt is over at once, the second comes after a second.
        sleep(Duration::from_millis(500)).await;
        cancel.cancel();
    });
    assert_told(&error.unwrap_err(), &not_sent("cancelled", 1));
}

#[tokio::test]
async fn what_is_cancelled_while_it_connects_is_not_sent() {
    // A server that never says hello.
    let server = Server::start(|_, stream| async move {
        let _stream = stream;
        std::future::pending::<()>().await;
    })
    .await;
    let client = client(&server.url().replace("http:", "https:"), |_| {});
    let cancel = CancelToken::new();
    let (error, ()) = tokio::join!(send(&client, &cancel), async {
        until("the client has connected", || server.connections() == 1).await;
        cancel.cancel();
    });
    assert_told(&error.unwrap_err(), &not_sent("cancelled", 1));
}

#[tokio::test]
async fn what_is_cancelled_after_it_went_out_is_unknown() {
    let sandbox = sandbox().await;
    sandbox.add_fault(Fault::delay(60_000)).unwrap();
    let client = client(&sandbox.url(), |_| {});
    let cancel = CancelToken::new();
    let (error, ()) = tokio::join!(send(&client, &cancel), async {
        until("the message is accepted", || sandbox.counters().accepted == 1).await;
        cancel.cancel();
    });
    let error = error.unwrap_err();
    assert_told(&error, &unknown("cancelled", 1));
    assert_eq!(error.tracker(), sandbox.ledger()[0].tracker.as_deref(), "a webhook can settle it");
    assert_eq!(sandbox.requests().len(), 1);
}

// The token function

/// Gives `token-1`, `token-2` …, or the error of its turn.
struct Tokens {
    asked: AtomicUsize,
    give: fn(usize) -> Result<String, String>,
}

impl Tokens {
    fn new(give: fn(usize) -> Result<String, String>) -> Arc<Self> {
        Arc::new(Tokens { asked: AtomicUsize::new(0), give })
    }

    fn asked(&self) -> usize {
        self.asked.load(Ordering::SeqCst)
    }
}

impl TokenSource for Tokens {
    fn token(&self) -> BoxFuture<'_, Result<Secret, String>> {
        let turn = self.asked.fetch_add(1, Ordering::SeqCst) + 1;
        Box::pin(async move { (self.give)(turn).map(Secret::new) })
    }
}

/// A sandbox that lets in these tokens, and a client that asks a function for its token.
async fn with_token_function(tokens: &[&str], source: &Arc<Tokens>) -> (Sandbox, Client) {
    let sandbox = sandbox().await;
    sandbox.set(json!({"tokens": tokens}).as_object().unwrap()).unwrap();
    let client = client(&sandbox.url(), |s| {
        s.access_token = None;
        s.token_callback = Some(true);
    });
    (sandbox, client.with_token_source(source.clone()))
}

#[tokio::test]
async fn a_token_is_asked_for_when_it_is_needed_and_kept() {
    let source = Tokens::new(|turn| Ok(format!("token-{turn}")));
    let (sandbox, client) = with_token_function(&["token-1"], &source).await;
    assert_eq!(source.asked(), 0);
    client.send_text(TO, "First").await.unwrap();
    client.clone().send_text(TO, "Second").await.unwrap();
    assert_eq!(source.asked(), 1);
    assert_eq!(sandbox.counters().accepted, 2);
}

#[tokio::test]
async fn a_token_that_is_worn_out_is_renewed_once() {
    let source = Tokens::new(|turn| Ok(format!("token-{turn}")));
    let (sandbox, client) = with_token_function(&["token-2"], &source).await;
    let sent = client.send_text(TO, "Hello").await.unwrap();
    assert_eq!((sent.meta.attempts, source.asked()), (2, 2));

    sandbox.set(json!({"tokens": ["another"]}).as_object().unwrap()).unwrap();
    let error = client.send_text(TO, "Hello").await.unwrap_err();
    let refused = json!({"type": "AuthenticationError", "code": 190, "outcome": "rejected", "attempts": 2});
    assert_told(&error, &refused);
    assert_eq!(source.asked(), 3);
    assert_eq!(sandbox.counters().accepted, 1);
}

#[tokio::test]
async fn without_a_token_nothing_is_sent() {
    let source = Tokens::new(|_| Err("the vault is closed".to_owned()));
    let (sandbox, client) = with_token_function(&["token-1"], &source).await;
    let error = client.send_text(TO, "Hello").await.unwrap_err();
    assert_told(&error, &not_sent("token", 0));
    assert!(error.to_string().contains("the vault is closed"));
    assert!(sandbox.requests().is_empty());
}

#[tokio::test]
async fn a_call_that_waits_for_its_token_can_be_cancelled() {
    struct Never;
    impl TokenSource for Never {
        fn token(&self) -> BoxFuture<'_, Result<Secret, String>> {
            Box::pin(std::future::pending())
        }
    }
    let (sandbox, client) = with_token_function(&["token-1"], &Tokens::new(|_| Ok(String::new()))).await;
    let client = client.with_token_source(Arc::new(Never));
    let cancel = CancelToken::new();
    let (error, ()) = tokio::join!(send(&client, &cancel), async {
        tokio::task::yield_now().await;
        cancel.cancel();
    });
    assert_told(&error.unwrap_err(), &not_sent("cancelled", 0));
    assert!(sandbox.requests().is_empty());
}
