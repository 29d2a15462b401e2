//! Log events, and what is asked of a client without a request.

use serde_json::{Value, json};

use super::server::Server;
use super::{LONG, NOTHING, client, config, params, read};
use crate::ClientHandle;
use crate::process::tests::FakeProcess;

fn ask(client: &ClientHandle, what: &str) -> Value {
    read(Some(client.look(&json!({"what": what}).to_string())))["ok"].clone()
}

/// The log events until the member of that name comes, and it.
fn until(mut next: impl FnMut() -> Option<String>, member: &str) -> (Vec<Value>, Value) {
    let mut events = Vec::new();
    loop {
        let told = read(next());
        events.extend(told["log"].as_array().into_iter().flatten().cloned());
        if !told[member].is_null() {
            return (events, told[member].clone());
        }
        assert!(
            told.as_object().unwrap().keys().all(|key| key == "log" || key == "results" || key == "room"),
            "{told}"
        );
    }
}

fn kinds(events: &[Value]) -> Vec<&str> {
    events.iter().map(|event| event["fields"]["kind"].as_str().unwrap()).collect()
}

#[test]
fn a_call_tells_what_it_does_to_a_host_that_asks_for_it() {
    let (fake, server) = (FakeProcess::new(), Server::start());
    let client = client(&fake, &config(&server.url));
    let send = |options: &str| client.submit("send_text", &params("Hello").to_string(), options);
    for (options, expected) in [("debug", vec!["attempt", "outcome"]), ("info", vec!["outcome"]), ("warning", vec![])] {
        let call = send(&json!({"log": options, "timeout_ms": 10_000}).to_string());
        let (events, answer) = until(|| call.wait(LONG), "ok");
        assert_eq!(kinds(&events), expected);
        assert!(events.iter().all(|event| event["fields"]["operation"] == "send_text"));
        assert!(answer["id"].is_string());
        assert_eq!(read(call.wait(NOTHING))["log"], Value::Null, "told once");
    }
    assert_eq!(until(|| send("{}").wait(LONG), "ok").0, Vec::<Value>::new());
    let wrong = read(send(r#"{"log":"loud"}"#).wait(NOTHING));
    assert_eq!(wrong["error"]["setting"], "log");
}

#[test]
fn an_event_does_not_wait_for_the_answer() {
    let (fake, server) = (FakeProcess::new(), Server::start());
    let client = client(&fake, &config(&server.url));
    server.hold();
    let call = client.submit("send_text", &params("Hello").to_string(), r#"{"log":"debug"}"#);
    let told = read(call.wait(LONG));
    assert_eq!((&told["log"][0]["fields"]["kind"], &told["ok"]), (&json!("attempt"), &Value::Null));
    server.release();
    assert_eq!(kinds(&until(|| call.wait(LONG), "ok").0), ["outcome"]);
}

#[test]
fn the_events_of_a_bulk_come_with_its_results() {
    let (fake, server) = (FakeProcess::new(), Server::start());
    let bulk = client(&fake, &config(&server.url)).bulk(r#"{"log":"info","window":50}"#);
    let items = (0..40).map(|n| json!(["send_text", params(if n == 7 { "" } else { "Hello" })]));
    bulk.push(&Value::from_iter(items).to_string());
    bulk.finish();
    let (events, _) = until(|| bulk.next(LONG), "done");
    assert_eq!(kinds(&events), ["outcome"; 40]);
    let not_sent = events.iter().filter(|event| event["fields"]["outcome"] == "not_sent").count();
    assert_eq!(not_sent, 1);
}

#[test]
fn a_client_counts_with_its_copies_and_not_with_others() {
    let (fake, server) = (FakeProcess::new(), Server::start());
    let mut config = config(&server.url);
    let (first, other) = (client(&fake, &config), client(&fake, &config));
    config["max_retries"] = json!(1);
    config["copy_of"] = ask(&first, "family");
    let copy = client(&fake, &config);
    for client in [&first, &copy] {
        read(client.submit("send_text", &params("Hello").to_string(), "{}").wait(LONG));
    }
    let stats = ask(&first, "stats");
    assert_eq!((&stats["accepted"], &stats["attempts"], &stats["in_flight"]), (&json!(2), &json!(2), &json!(0)));
    assert_eq!(ask(&copy, "stats"), stats);
    assert_eq!(ask(&other, "stats")["accepted"], 0);
    fake.fork();
    assert_eq!(ask(&first, "stats")["accepted"], 0, "a child counts anew");
}

#[test]
fn warnings_about_settings_are_told_once() {
    let (fake, server) = (FakeProcess::new(), Server::start());
    let mut config = config(&server.url);
    config["api_version"] = json!("v14.0");
    let (first, second) = (client(&fake, &config), client(&fake, &config));
    let warnings = ask(&second, "warnings");
    assert_eq!(warnings[0]["level"], "warning");
    assert!(warnings[0]["message"].as_str().unwrap().contains("v14.0"), "{warnings}");
    assert_eq!((ask(&first, "warnings"), ask(&second, "warnings")), (json!([]), json!([])));
}

#[test]
fn what_a_host_has_not_found_in_the_environment_is_told() {
    let fake = FakeProcess::new();
    let missing = |names: Value| {
        let error = client(&fake, &json!({"missing": names})).error().unwrap();
        serde_json::from_str::<Value>(&error).unwrap()
    };
    let both = missing(json!(["phone_number_id", "access_token"]));
    assert_eq!((&both["type"], &both["setting"]), (&json!("ConfigError"), &json!("phone_number_id")));
    assert!(both["message"].as_str().unwrap().contains("WA_PHONE_ID and WA_TOKEN are not set. "), "{both}");
    assert_eq!(missing(json!(["access_token"]))["setting"], "access_token");
}

#[test]
fn a_question_that_is_none_is_refused() {
    let fake = FakeProcess::new();
    let right = client(&fake, &config("http://localhost:1"));
    for what in ["", "{}", r#"{"what":"weather"}"#] {
        assert_eq!(read(Some(right.look(what)))["error"]["setting"], "what", "{what}");
    }
    let wrong = client(&fake, &json!({}));
    assert_eq!(read(Some(wrong.look(r#"{"what":"stats"}"#)))["error"]["type"], "ConfigError");
}
