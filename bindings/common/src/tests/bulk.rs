//! Many messages.

use std::collections::BTreeSet;
use std::time::Instant;

use serde_json::{Value, json};

use super::server::Server;
use super::{LONG, NOTHING, client, config, params, read};
use crate::BulkHandle;
use crate::process::tests::FakeProcess;

fn push(bulk: &BulkHandle, messages: impl IntoIterator<Item = Value>) -> u64 {
    let items: Vec<Value> = messages.into_iter().collect();
    read(Some(bulk.push(&json!(items).to_string())))["ok"].as_u64().unwrap()
}

/// Reads to the end.
fn rest(bulk: &BulkHandle) -> Vec<Value> {
    let mut results = Vec::new();
    loop {
        let told = read(bulk.next(LONG));
        if told["done"] == true {
            return results;
        }
        let chunk = told["results"].as_array().unwrap_or_else(|| panic!("{told}"));
        assert!((1..=256).contains(&chunk.len()));
        results.extend(chunk.iter().cloned());
    }
}

fn text(body: &str) -> Value {
    json!(["send_text", params(body)])
}

#[test]
fn every_message_is_told_once_and_a_bad_one_stops_none() {
    let (fake, server) = (FakeProcess::new(), Server::start());
    let bulk = client(&fake, &config(&server.url)).bulk(r#"{"window":1000}"#);
    let room = push(&bulk, (0..600).map(|_| text("Hello")));
    assert!((400..=1000).contains(&room), "{room}");
    push(
        &bulk,
        [
            json!(["send_text", params(""), "empty"]),
            json!(["", {"got": "int"}]),
            json!(["send_text", params("Hello"), "last"]),
        ],
    );
    bulk.finish();
    let results = rest(&bulk);
    let indexes: BTreeSet<u64> = results.iter().map(|r| r["index"].as_u64().unwrap()).collect();
    assert_eq!(results.len(), 603);
    assert_eq!(indexes.len(), 603);
    let outcome = |index: u64| {
        let result = results.iter().find(|r| r["index"] == index).unwrap();
        (result["outcome"].clone(), result["key"].clone())
    };
    assert_eq!(outcome(0), (json!("accepted"), json!(null)));
    assert_eq!(outcome(600), (json!("not_sent"), json!("empty")));
    assert_eq!(outcome(601), (json!("not_sent"), json!(null)));
    assert_eq!(outcome(602), (json!("accepted"), json!("last")));
    assert_eq!(read(bulk.next(NOTHING)), json!({"done": true}));
}

#[test]
fn cancelling_waits_for_what_is_in_flight() {
    let (fake, server) = (FakeProcess::new(), Server::start());
    let bulk = client(&fake, &config(&server.url)).bulk(r#"{"window":1}"#);
    server.hold();
    push(&bulk, [text("one"), text("two")]);
    server.wait_for_requests(1);
    bulk.cancel();
    server.release();
    let results = rest(&bulk);
    assert_eq!(results[0]["outcome"], "accepted");
    assert!(results[1..].iter().all(|result| result["outcome"] == "not_sent"));
    assert_eq!(server.authorizations().len(), 1);
}

#[test]
fn cancelling_twice_waits_for_nothing() {
    let (fake, server) = (FakeProcess::new(), Server::start());
    let bulk = client(&fake, &config(&server.url)).bulk("{}");
    server.hold();
    push(&bulk, [text("one")]);
    server.wait_for_requests(1);
    bulk.cancel();
    assert_eq!(bulk.next(NOTHING), None);
    bulk.cancel();
    let results = rest(&bulk);
    assert_eq!(results[0]["outcome"], "unknown");
    assert_eq!(results[0]["error"]["reason"], "cancelled");
    server.release();
}

#[test]
fn messages_share_the_answer_to_the_question_for_a_token() {
    let (fake, server) = (FakeProcess::new(), Server::start());
    let mut config = config(&server.url);
    config["access_token"] = json!(null);
    config["token_callback"] = json!(true);
    let bulk = client(&fake, &config).bulk("{}");
    push(&bulk, [text("one"), text("two"), text("three")]);
    bulk.finish();
    assert_eq!(read(bulk.next(LONG)), json!({"event": {"kind": "token"}}));
    bulk.answer(r#"{"token":"FRESH"}"#);
    let mut results = Vec::new();
    loop {
        let told = read(bulk.next(LONG));
        if told["event"].is_object() {
            bulk.answer(r#"{"token":"FRESH"}"#);
        } else if told["done"] == true {
            break;
        } else {
            results.extend(told["results"].as_array().unwrap().iter().cloned());
        }
    }
    assert!(results.iter().all(|result| result["outcome"] == "accepted"));
    assert_eq!(server.authorizations(), ["Bearer FRESH"; 3]);
}

#[test]
fn a_bulk_that_nobody_holds_starts_nothing_more() {
    let (fake, server) = (FakeProcess::new(), Server::start());
    let bulk = client(&fake, &config(&server.url)).bulk(r#"{"window":1}"#);
    server.hold();
    push(&bulk, (0..50).map(|_| text("Hello")));
    server.wait_for_requests(1);
    let is_under_way = bulk.probe();
    drop(bulk);
    assert!(is_under_way());
    server.release();
    let began = Instant::now();
    while is_under_way() {
        assert!(began.elapsed() < LONG);
        std::thread::yield_now();
    }
    assert_eq!(server.authorizations().len(), 1);
}

#[test]
fn a_bulk_that_stops_by_itself_says_so_and_ends_in_the_error() {
    let (fake, server) = (FakeProcess::new(), Server::start());
    server.refuse(r#"{"error":{"message":"Business Account locked","code":131031}}"#);
    let bulk = client(&fake, &config(&server.url)).bulk(r#"{"window":1}"#);
    push(&bulk, [text("one"), text("two"), text("three")]);
    let mut results = Vec::new();
    while results.len() < 3 {
        let told = read(bulk.next(LONG));
        assert_eq!((&told["stopped"], &told["room"]), (&json!(true), &json!(0)), "{told}");
        results.extend(told["results"].as_array().unwrap().iter().cloned());
    }
    assert_eq!(results[0]["outcome"], "rejected");
    assert!(results[1..].iter().all(|result| result["error"]["reason"] == "stopped"));
    // The host was slow: what it pushes all the same is told, too.
    assert_eq!(push(&bulk, [text("four")]), 0);
    bulk.finish();
    assert_eq!(read(bulk.next(LONG))["results"][0]["error"]["reason"], "stopped");
    for _ in 0..2 {
        let end = read(bulk.next(LONG));
        assert_eq!((&end["error"]["type"], &end["error"]["code"]), (&json!("PolicyError"), &json!(131_031)));
        let message = end["error"]["message"].as_str().unwrap();
        assert!(message.starts_with("The bulk stopped by itself") && message.contains("Business Account locked"));
    }
    assert_eq!(server.authorizations().len(), 1);
}

#[test]
fn progress_comes_to_the_host_that_asked_for_it() {
    let (fake, server) = (FakeProcess::new(), Server::start());
    let bulk = client(&fake, &config(&server.url)).bulk(r#"{"window":50,"total":40,"progress_callback":true}"#);
    // Before anything is pushed, and with room for messages.
    let first = read(bulk.next(LONG));
    assert_eq!((&first["results"], &first["room"], &first["progress"]["done"]), (&json!([]), &json!(50), &json!(0)));
    push(&bulk, (0..39).map(|_| text("Hello")).chain([text("")]));
    bulk.finish();
    let (mut told, mut last) = (0, Value::Null);
    loop {
        let chunk = read(bulk.next(LONG));
        if chunk["done"] == true {
            break;
        }
        let results = chunk["results"].as_array().unwrap().len();
        assert!(results <= 16);
        told += results;
        last = chunk["progress"].clone();
    }
    assert_eq!(told, 40);
    assert_eq!((&last["done"], &last["total"], &last["eta_ms"]), (&json!(40), &json!(40), &json!(0)));
    assert_eq!((&last["accepted"], &last["not_sent"]), (&json!(39), &json!(1)));
}

#[test]
fn a_bulk_that_nobody_watches_tells_no_progress() {
    let (fake, server) = (FakeProcess::new(), Server::start());
    for options in ["{}", r#"{"progress":false}"#, r#"{"progress_callback":false}"#] {
        let bulk = client(&fake, &config(&server.url)).bulk(options);
        push(&bulk, [text("one")]);
        bulk.finish();
        let told = read(bulk.next(LONG));
        assert_eq!(told["results"].as_array().map(Vec::len), Some(1), "{told}");
        assert_eq!(told["progress"], Value::Null);
        assert_eq!(read(bulk.next(LONG)), json!({"done": true}));
    }
}

#[test]
fn wrong_options_are_told() {
    let (fake, server) = (FakeProcess::new(), Server::start());
    let bulk = client(&fake, &config(&server.url)).bulk(r#"{"window":0}"#);
    assert_eq!(read(Some(bulk.push("[]")))["error"]["setting"], "window");
    assert_eq!(read(bulk.next(NOTHING))["error"]["setting"], "window");
}
