//! What a client tells while it works, and what it counts.
#![allow(clippy::unwrap_used, clippy::panic, missing_docs, reason = "tests")]

mod support;

use std::sync::{Arc, Mutex};

use futures_util::StreamExt as _;
use futures_util::future::BoxFuture;
use serde_json::{Value, json};
use support::vector::differences;
use support::{TO, client, sandbox, settings, until, wire};
use tracing::field::{Field, Visit};
use tracing::span;
use wacloud::client::Counters;
use wacloud::{
    CallOptions, CancelToken, Client, Event, Level, Message, Observer, Secret, Settings, Shared, TokenSource, registry,
};
use wacloud_sandbox::{DEFAULT_TOKEN, Fault, FaultKind};

/// Keeps everything that it is told.
struct Collector {
    least: Level,
    told: Mutex<Vec<Event>>,
}

impl Observer for Collector {
    fn wants(&self, level: Level) -> bool {
        level >= self.least
    }

    fn observe(&self, event: &Event) {
        self.told.lock().unwrap().push(event.clone());
    }
}

impl Collector {
    fn from(least: Level) -> Arc<Self> {
        Arc::new(Collector { least, told: Mutex::default() })
    }

    fn kinds(&self) -> Vec<String> {
        self.fields().iter().map(|event| event["kind"].as_str().unwrap().to_owned()).collect()
    }

    fn fields(&self) -> Vec<Value> {
        self.told.lock().unwrap().iter().map(|event| Value::Object(event.fields())).collect()
    }

    /// The one event of this kind.
    #[track_caller]
    fn the(&self, kind: &str) -> Value {
        let mut found: Vec<Value> = self.fields().into_iter().filter(|event| event["kind"] == kind).collect();
        assert_eq!(found.len(), 1, "{kind} in {:?}", self.kinds());
        found.remove(0)
    }

    #[track_caller]
    fn tells(&self, kind: &str, expected: &Value) {
        let event = self.the(kind);
        let found = differences(expected, &event);
        assert!(found.is_empty(), "{found:?} in {event}");
    }
}

fn heard(url: &str, change: impl FnOnce(&mut Settings)) -> (Client, Arc<Collector>) {
    let collector = Collector::from(Level::Debug);
    (client(url, change).with_observer(collector.clone()), collector)
}

#[tokio::test]
async fn an_accepted_message_is_told_with_all_that_finds_it_again() {
    let sandbox = sandbox().await;
    let (client, told) = heard(&sandbox.url(), |_| {});
    let sent = client.send_text(TO, "the secret plan").await.unwrap();
    assert_eq!(told.kinds(), ["attempt", "outcome"]);
    told.tells("attempt", &json!({"operation": "send_text", "attempt": 1, "tracker": sent.tracker}));
    told.tells(
        "outcome",
        &json!({"operation": "send_text", "outcome": "accepted", "id": sent.id, "tracker": sent.tracker,
                "request_id": sent.meta.request_id, "attempts": 1}),
    );
    let fields = Value::from(told.fields());
    let everything = format!("{:?} {fields}", told.told.lock().unwrap());
    for kept in ["secret plan", "15550001234", DEFAULT_TOKEN] {
        assert!(!everything.contains(kept), "{kept} in {everything}");
    }
}

#[tokio::test]
async fn content_is_told_where_it_is_asked_for() {
    let sandbox = sandbox().await;
    let (client, told) = heard(&sandbox.url(), |s| s.log_content = Some(true));
    client.send_text(TO, "Hello").await.unwrap();
    told.tells("attempt", &json!({"to": TO, "body": {"to": TO, "text": {"body": "Hello"}}}));
    told.tells("outcome", &json!({"to": TO}));
}

#[tokio::test(start_paused = true)]
async fn a_retry_says_why_and_how_long_it_pauses() {
    let (_socket, url) = wire::deaf_port();
    let (client, told) = heard(&url, |s| s.max_retries = Some(1));
    client.send_text(TO, "Hello").await.unwrap_err();
    assert_eq!(told.kinds(), ["attempt", "retry", "attempt", "outcome"]);
    let retry = told.the("retry");
    assert_eq!(
        (&retry["reason"], &retry["attempt"], &retry["may_be_twice"]),
        (&json!("connection"), &json!(1), &json!(false))
    );
    assert!((1_000..=1_500).contains(&retry["pause_ms"].as_u64().unwrap()), "{retry}");
    assert!(retry["cause"].as_str().unwrap().contains(&url), "{retry}");
    told.tells(
        "outcome",
        &json!({"outcome": "not_sent", "error": "NotSentError", "reason": "connection", "attempts": 2, "cause": "*"}),
    );
    let stats = client.stats();
    assert_eq!((stats.not_sent, stats.attempts, stats.retries, stats.in_flight), (1, 2, 1, 0));
}

#[tokio::test]
async fn a_message_that_may_come_twice_is_a_warning() {
    let sandbox = sandbox().await;
    sandbox.add_fault(Fault::new(FaultKind::ResetAfter)).unwrap();
    let told = Collector::from(Level::Warning);
    let client = client(&sandbox.url(), |s| s.on_unknown = Some(wacloud::client::OnUnknown::Resend));
    client.with_observer(told.clone()).send_text(TO, "Hello").await.unwrap();
    assert_eq!(told.kinds(), ["retry"], "and nothing that is less than a warning");
    told.tells("retry", &json!({"may_be_twice": true, "reason": "connection_lost", "tracker": "*"}));
}

#[tokio::test]
async fn outcomes_that_are_no_acceptance_say_why() {
    let sandbox = sandbox().await;
    for (fault, expected) in [
        (Fault::graph_error(131_047), json!({"outcome": "rejected", "error": "WindowClosedError", "code": 131_047})),
        (Fault::status(503), json!({"outcome": "unknown", "error": "DeliveryUnknownError", "reason": "server_error"})),
        (Fault::new(FaultKind::NoId), json!({"outcome": "unknown", "reason": "broken_answer"})),
    ] {
        sandbox.add_fault(fault).unwrap();
        let (client, told) = heard(&sandbox.url(), |_| {});
        client.send_text(TO, "Hello").await.unwrap_err();
        told.tells("outcome", &expected);
    }
    let (client, told) = heard(&sandbox.url(), |_| {});
    client.send_text(TO, "").await.unwrap_err();
    client.send(Message::text("call me", "")).await.unwrap_err();
    let options = CallOptions::default();
    registry::dispatch(&client, "send_text", "{}", &options, CancelToken::new()).await.unwrap_err();
    let names: Vec<_> = told.fields().iter().map(|e| (e["operation"].clone(), e["error"].clone())).collect();
    assert_eq!(names, ["send_text", "send", "send_text"].map(|name| (json!(name), json!("ValidationError"))));
    assert_eq!(client.stats().not_sent, 3);
}

#[tokio::test(start_paused = true)]
async fn a_long_wait_is_told_while_it_lasts() {
    let (_socket, url) = wire::deaf_port();
    let slow = |s: &mut Settings| {
        s.rate = Some(0.1.into());
        s.max_retries = Some(0);
    };
    let (client, told) = heard(&url, slow);
    client.send_text(TO, "one").await.unwrap_err();
    let second = tokio::spawn({
        let client = client.clone();
        async move { client.send_text(TO, "two").await }
    });
    until("a wait is told", || told.kinds().contains(&"wait".to_owned())).await;
    assert_eq!(client.stats().waiting, 1);
    told.tells("wait", &json!({"operation": "send_text", "waited_ms": 1_000, "bulk": false}));
    assert_eq!(told.told.lock().unwrap().iter().map(Event::level).max(), Some(Level::Info));
    second.await.unwrap().unwrap_err();
    let stats = client.stats();
    assert_eq!(stats.waiting, 0);
    assert!(stats.waited_ms >= 9_000, "{stats:?}");
}

#[tokio::test]
async fn throttles_are_told_and_counted_by_what_they_hold_back() {
    let sandbox = sandbox().await;
    for code in [130_429, 131_056, 4] {
        sandbox.add_fault(Fault { retry_after_s: Some(1), ..Fault::graph_error(code) }).unwrap();
        let (client, told) = heard(&sandbox.url(), |s| s.max_wait_ms = Some(10));
        client.send_text(TO, "Hello").await.unwrap_err();
        let scope = match code {
            131_056 => "pair",
            4 => "app",
            _ => "number",
        };
        told.tells("throttled", &json!({"scope": scope, "code": code, "retry_after_ms": 1_000}));
        let counted = serde_json::to_value(client.stats()).unwrap();
        for other in ["pair", "number", "account", "app"] {
            assert_eq!(counted[format!("throttled_{other}")], u64::from(other == scope), "{other} of {code}");
        }
        assert_eq!((&counted["rejected"], &counted["retries"]), (&json!(1), &json!(0)));
    }
}

#[tokio::test]
async fn a_worn_out_token_is_told_without_it() {
    struct Tokens(Mutex<Vec<&'static str>>);
    impl TokenSource for Tokens {
        fn token(&self) -> BoxFuture<'_, Result<Secret, String>> {
            let token = self.0.lock().unwrap().pop().unwrap();
            Box::pin(async move { Ok(Secret::new(token)) })
        }
    }
    let sandbox = sandbox().await;
    let (client, told) = heard(&sandbox.url(), |s| {
        s.access_token = None;
        s.token_callback = Some(true);
    });
    let client = client.with_token_source(Arc::new(Tokens(Mutex::new(vec![DEFAULT_TOKEN, "worn-out"]))));
    client.send_text(TO, "Hello").await.unwrap();
    told.tells("retry", &json!({"reason": "token_refused", "pause_ms": 0}));
    assert!(!format!("{:?}", told.told.lock().unwrap()).contains("worn-out"));
}

#[tokio::test]
async fn copies_count_together_and_others_apart() {
    let sandbox = sandbox().await;
    let first = client(&sandbox.url(), |_| {});
    let copy = first.with_options(|s| s.max_retries = Some(0)).unwrap();
    let other = first.with_counters(Arc::new(Counters::default()));
    first.send_text(TO, "one").await.unwrap();
    let messages = ["two", "three", ""].map(|text| Message::text(TO, text));
    assert_eq!(copy.send_bulk(messages).count().await, 3);
    copy.mark_read("wamid.A").await.unwrap();
    assert_eq!(first.stats(), copy.stats());
    let stats = first.stats();
    assert_eq!((stats.accepted, stats.not_sent, stats.attempts), (3, 1, 4), "{stats:?}");
    assert_eq!(other.stats(), wacloud::ClientStats::default());
}

#[tokio::test]
async fn what_is_in_flight_is_counted_until_nobody_waits_for_it() {
    let sandbox = sandbox().await;
    sandbox.add_fault(Fault::delay(60_000)).unwrap();
    let client = client(&sandbox.url(), |_| {});
    let sending = tokio::spawn({
        let client = client.clone();
        async move { client.send_text(TO, "Hello").await }
    });
    until("it is in flight", || client.stats().in_flight == 1).await;
    sending.abort();
    assert!(sending.await.unwrap_err().is_cancelled());
    assert_eq!((client.stats().in_flight, client.stats().attempts), (0, 1));
}

#[test]
fn a_warning_about_the_settings_is_told_once() {
    let shared = Shared::new();
    let old = || Settings { api_version: Some("v16.0".to_owned()), ..settings("http://localhost:1") };
    let first = Client::with_shared(old(), &shared).unwrap();
    let second = Client::with_shared(old(), &shared).unwrap();
    let told = Collector::from(Level::Warning);
    for client in [&second, &first, &first.with_options(|s| s.max_retries = Some(0)).unwrap(), &first] {
        let _ = client.with_observer(told.clone());
    }
    assert_eq!(told.kinds(), ["warning"]);
    told.tells("warning", &json!({"subject": "api_version"}));
    assert!(told.told.lock().unwrap()[0].message().contains("v16.0 has ended"));
}

/// Writes what comes through `tracing` to text.
struct Traces(Mutex<Vec<String>>);

struct Text<'t>(&'t mut String);

impl Visit for Text<'_> {
    fn record_debug(&mut self, field: &Field, value: &dyn std::fmt::Debug) {
        *self.0 += &format!(" {}={value:?}", field.name());
    }
}

impl tracing::Subscriber for &'static Traces {
    fn enabled(&self, metadata: &tracing::Metadata<'_>) -> bool {
        metadata.target() == "wacloud"
    }

    fn event(&self, event: &tracing::Event<'_>) {
        let mut text = event.metadata().level().to_string();
        event.record(&mut Text(&mut text));
        self.0.lock().unwrap().push(text);
    }

    fn new_span(&self, _: &span::Attributes<'_>) -> span::Id {
        span::Id::from_u64(1)
    }

    fn record(&self, _: &span::Id, _: &span::Record<'_>) {}
    fn record_follows_from(&self, _: &span::Id, _: &span::Id) {}
    fn enter(&self, _: &span::Id) {}
    fn exit(&self, _: &span::Id) {}
}

#[tokio::test]
async fn without_an_observer_it_goes_through_tracing() {
    let traces: &'static Traces = Box::leak(Box::new(Traces(Mutex::default())));
    let _listening = tracing::subscriber::set_default(traces);
    let sandbox = sandbox().await;
    let old = Settings { api_version: Some("v15.0".to_owned()), ..settings(&sandbox.url()) };
    let client = Client::with_shared(old, &Shared::new()).unwrap();
    let sent = client.send_text(TO, "the secret plan").await.unwrap();
    let told = traces.0.lock().unwrap().clone();
    let begins = |n: usize, with: &str| assert!(told[n].starts_with(with), "{told:?}");
    assert_eq!(told.len(), 3, "{told:?}");
    begins(0, "WARN message=Graph API v15.0 has ended");
    begins(1, "DEBUG message=request goes out kind=\"attempt\" operation=\"send_text\" tracker=\"wac-");
    begins(2, "INFO message=message accepted kind=\"outcome\" operation=\"send_text\"");
    assert!(told[2].contains(&format!(" id=\"{}\"", sent.id)) && !told[2].contains("cause"), "{told:?}");
    let collector = Collector::from(Level::Debug);
    client.with_observer(collector.clone()).send_text(TO, "Hello").await.unwrap();
    assert_eq!(collector.kinds().len(), 3);
    assert_eq!(traces.0.lock().unwrap().len(), 3, "an observer takes the place of tracing");
}
