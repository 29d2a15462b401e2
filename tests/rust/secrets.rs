//! The token, and a proxy's password, are in nothing that a program could log.
#![allow(clippy::unwrap_used, clippy::panic, missing_docs, reason = "tests")]

mod support;

use std::sync::{Arc, Mutex};

use serde_json::{Value, json};
use support::wire::{self, Server};
use support::{TO, client, sandbox, settings};
use wacloud::bulk::{Bulk, BulkOptions};
use wacloud::{CallOptions, Client, Error, Event, Level, Observer, Secret, Settings};
use wacloud_sandbox::{Fault, FaultKind, Sandbox};

const TOKEN: &str = "EAAGm0PX4ZCpsBAsecret0token";
const PASSWORD: &str = "proxy0password";

/// Shows every event, with all that a setting can add to it.
#[derive(Default)]
struct Events(Mutex<Vec<String>>);

impl Observer for Events {
    fn wants(&self, _: Level) -> bool {
        true
    }

    fn observe(&self, event: &Event) {
        self.0.lock().unwrap().extend([event.to_json(), format!("{event:?}")]);
    }
}

/// Every form in which something ends up in a log.
#[derive(Default)]
struct Shown(Vec<String>);

impl Shown {
    fn error(&mut self, error: &Error) {
        self.0.extend([error.to_string(), format!("{error:?}"), format!("{error:#?}"), error.to_json()]);
        let mut source = std::error::Error::source(error);
        while let Some(cause) = source {
            self.0.extend([cause.to_string(), format!("{cause:?}")]);
            source = cause.source();
        }
    }

    fn settings(&mut self, settings: &Settings) {
        self.0.extend([format!("{settings:?}"), format!("{settings:#?}")]);
    }

    fn events(&mut self, events: &Events) {
        let told = std::mem::take(&mut *events.0.lock().unwrap());
        assert!(!told.is_empty());
        self.0.extend(told);
    }

    #[track_caller]
    fn holds_no_secret(&self) {
        for text in &self.0 {
            assert!(!text.contains(TOKEN), "the token is in: {text}");
            assert!(!text.contains(PASSWORD), "the password is in: {text}");
        }
    }
}

async fn sandbox_with_token() -> Sandbox {
    let sandbox = sandbox().await;
    sandbox.set(json!({"tokens": [TOKEN]}).as_object().unwrap()).unwrap();
    sandbox
}

fn client_of(url: &str) -> Client {
    client(url, |s| {
        s.access_token = Some(Secret::new(TOKEN));
        s.max_retries = Some(0);
        s.max_wait_ms = Some(50);
        s.attempt_timeout_ms = Some(200);
        s.log_content = Some(true);
    })
}

/// One of each kind, and answers that quote the token, as Graph does with one that it cannot read.
fn faults() -> Vec<Fault> {
    let answer =
        |status: u16, body: Value| Fault { status: Some(status), body: Some(body), ..Fault::new(FaultKind::Answer) };
    let quoting = |code: i64| {
        json!({"error": {
            "message": format!("Malformed access token {TOKEN}"), "type": "OAuthException", "code": code,
            "error_data": {"details": format!("got {TOKEN}")}, "error_user_msg": TOKEN, "echo": [TOKEN],
        }})
    };
    vec![
        Fault::graph_error(190),
        Fault::graph_error(100),
        Fault::graph_error(130_429),
        Fault::graph_error(131_000),
        Fault::status(401),
        Fault::status(503),
        Fault::delay(30_000),
        Fault::new(FaultKind::ResetBefore),
        Fault::new(FaultKind::ResetAfter),
        Fault::new(FaultKind::CloseBefore),
        Fault::new(FaultKind::Truncate),
        Fault::new(FaultKind::NoId),
        Fault::new(FaultKind::BadJson),
        Fault { location: Some(format!("https://example.com/?t={TOKEN}")), ..Fault::new(FaultKind::Redirect) },
        answer(400, quoting(190)),
        answer(500, quoting(2)),
        answer(400, json!(format!("what is {TOKEN}?"))),
        answer(200, json!({"messages": [{"token": TOKEN}]})),
    ]
}

#[tokio::test]
async fn no_error_of_a_call_shows_the_token() {
    let mut shown = Shown::default();
    let faults = faults();
    let count = faults.len();
    for fault in faults {
        let sandbox = sandbox_with_token().await;
        sandbox.add_fault(Fault { times: 0, ..fault.clone() }).unwrap();
        let events = Arc::new(Events::default());
        let client = client_of(&sandbox.url()).with_observer(events.clone());
        match client.send_text(TO, "Hello").await {
            Ok(sent) => panic!("{fault:?} was survived: {sent}"),
            Err(error) => shown.error(&error),
        }
        shown.0.push(format!("{client:?} {client:#?}"));
        shown.events(&events);
    }
    assert!(shown.0.len() >= 5 * count);
    shown.holds_no_secret();
}

#[tokio::test]
async fn no_result_of_a_bulk_shows_the_token() {
    let sandbox = sandbox_with_token().await;
    for fault in faults() {
        sandbox.add_fault(fault).unwrap();
    }
    let mut shown = Shown::default();
    let events = Arc::new(Events::default());
    let client = client_of(&sandbox.url()).with_observer(events.clone());
    let bulk = Bulk::start(client, &BulkOptions { window: Some(1), ..BulkOptions::default() });
    let item = json!(["send_text", {"to": TO, "body": "Hello"}, "key"]);
    bulk.push_json(&Value::from(vec![item; 20]).to_string()).unwrap();
    bulk.finish();
    while let Some(chunk) = bulk.next().await {
        shown.0.push(format!("{chunk:?}"));
        for result in &chunk.results {
            shown.0.push(serde_json::to_string(result).unwrap());
        }
    }
    shown.events(&events);
    shown.holds_no_secret();
}

#[tokio::test]
async fn no_failure_to_connect_shows_token_or_password() {
    let mut shown = Shown::default();
    let (_socket, deaf) = wire::deaf_port();
    let speechless = Server::start(|_, stream| async move { drop(stream) }).await;
    let with_password = speechless.url().replace("http://", &format!("http://user:{PASSWORD}@"));
    let tries: [(&str, Option<&str>); 4] = [
        (&deaf, None),
        (&speechless.url().replace("http:", "https:"), None),
        ("https://graph.example", Some(&with_password)),
        ("https://graph.example", Some("http://[")),
    ];
    for (url, proxy) in tries {
        let mut settings = settings(url);
        settings.access_token = Some(Secret::new(TOKEN));
        settings.max_retries = Some(0);
        settings.proxy = proxy.map(|proxy| proxy.replace('[', &format!("user:{PASSWORD}@[")));
        shown.settings(&settings);
        let client = match Client::with_settings(settings) {
            Ok(client) => client,
            Err(error) => {
                shown.error(&error);
                continue;
            }
        };
        shown.0.push(format!("{client:?}"));
        let events = Arc::new(Events::default());
        shown.error(&client.with_observer(events.clone()).send_text(TO, "Hello").await.unwrap_err());
        if !events.0.lock().unwrap().is_empty() {
            shown.events(&events);
        }
    }
    shown.holds_no_secret();
}

#[test]
fn no_mistake_in_settings_shows_the_token() {
    let mut shown = Shown::default();
    for token in [format!("{TOKEN}\n"), format!(" {TOKEN}"), format!("Bearer {TOKEN}"), format!("{TOKEN}\u{e9}")] {
        shown.error(&Client::new("106540352242922", token).unwrap_err());
    }
    for wrong in [
        json!({"phone_number_id": TOKEN, "access_token": "t"}),
        json!({"phone_number_id": "1", "access_token": [TOKEN]}),
        json!({"phone_number_id": "1", "access_token": {"token": TOKEN}}),
        json!({"phone_number_id": 1, "access_token": TOKEN}),
        json!({"phone_number_id": "1", "access_token": TOKEN, "rate": "fast", "on_unknown": "retry"}),
        json!({"phone_number_id": "1", "access_token": TOKEN, "base_url": format!("https://{TOKEN}@graph.example")}),
        json!({"phone_number_id": "1", "access_token": TOKEN, "base_url": format!("http://graph.example/{TOKEN}")}),
    ] {
        match Settings::from_json(&wrong.to_string()) {
            Ok(settings) => shown.error(&Client::with_settings(settings).unwrap_err()),
            Err(error) => shown.error(&error),
        }
    }
    shown.error(&Settings::from_json(&format!("{{\"access_token\": \"{TOKEN}\", ")).unwrap_err());
    shown.error(&Settings::from_json(&format!("{{\"access_token\": {TOKEN}}}")).unwrap_err());
    shown.error(&CallOptions::from_json(&json!({"timeout_ms": -1}).to_string()).unwrap_err());
    let secret = Secret::new(TOKEN);
    shown.0.push(format!("{secret:?} {secret:#?}"));
    shown.holds_no_secret();
}
