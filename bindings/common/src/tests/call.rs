//! One call at a time.

use std::sync::mpsc;

use serde_json::json;

use super::server::Server;
use super::{LONG, NOTHING, client, config, params, read};
use crate::process::tests::FakeProcess;
use crate::{CallHandle, ClientHandle};

fn send(client: &ClientHandle, body: &str) -> CallHandle {
    client.submit("send_text", &params(body).to_string(), "{}")
}

#[test]
fn a_call_is_answered_to_all_that_wait() {
    let (fake, server) = (FakeProcess::new(), Server::start());
    let client = client(&fake, &config(&server.url));
    assert_eq!(client.error(), None);
    server.hold();
    let call = send(&client, "Hello");
    let (tell, told) = mpsc::channel();
    call.on_done(Box::new(move || tell.send(()).unwrap()));
    server.wait_for_requests(1);
    assert_eq!(call.wait(NOTHING), None);
    assert!(told.try_recv().is_err());
    server.release();
    told.recv_timeout(LONG).unwrap();
    let answer = read(call.wait(NOTHING));
    assert_eq!(answer["ok"]["id"], "wamid.1");
    assert_eq!(read(call.clone().wait(LONG)), answer);
}

#[test]
fn making_a_client_starts_nothing() {
    let (fake, server) = (FakeProcess::new(), Server::start());
    let client = client(&fake, &config(&server.url));
    assert!(!fake.process.with(|generation| generation.is_running()));
    read(send(&client, "Hello").wait(LONG));
    assert!(fake.process.with(|generation| generation.is_running()));
}

#[test]
fn wrong_settings_are_told_and_fail_every_call() {
    let fake = FakeProcess::new();
    let wrong_number = json!({"phone_number_id": "+1 555", "access_token": "EAAG"});
    for wrong in [wrong_number, json!({"access_token": 7}), json!([])] {
        let client = client(&fake, &wrong);
        assert!(client.error().unwrap().contains("ConfigError"), "{wrong}");
        let answer = read(send(&client, "Hello").wait(NOTHING));
        assert_eq!(answer["error"]["type"], "ConfigError", "{wrong}");
        let end = read(client.bulk("{}").next(NOTHING));
        assert_eq!(end["error"]["type"], "ConfigError", "{wrong}");
    }
}

#[test]
fn mistakes_in_a_call_are_its_answer() {
    let (fake, server) = (FakeProcess::new(), Server::start());
    let client = client(&fake, &config(&server.url));
    let good = params("Hello").to_string();
    for (operation, params, options, error) in [
        ("send_text", r#"{"to":"call me","body":""}"#, "{}", "ValidationError"),
        ("send_text", "{", "{}", "ValidationError"),
        ("send_text", &good, r#"{"timeout":1}"#, "ConfigError"),
        ("send_smoke", &good, "{}", "ConfigError"),
    ] {
        let answer = read(client.submit(operation, params, options).wait(LONG));
        assert_eq!(answer["error"]["type"], error, "{operation} {params} {options}: {answer}");
        assert_eq!(answer["error"]["may_have_been_sent"], false);
    }
    assert_eq!(server.connections(), 0);
}

#[test]
fn a_cancelled_call_tells_what_became_of_it() {
    let (fake, server) = (FakeProcess::new(), Server::start());
    let client = client(&fake, &config(&server.url));
    server.hold();
    let call = send(&client, "Hello");
    server.wait_for_requests(1);
    call.cancel();
    let error = read(call.wait(LONG))["error"].clone();
    assert_eq!(error["type"], "DeliveryUnknownError", "{error}");
    assert_eq!(error["reason"], "cancelled");
    server.release();
}

#[test]
fn a_call_asks_for_its_token() {
    let (fake, server) = (FakeProcess::new(), Server::start());
    let mut config = config(&server.url);
    config["access_token"] = json!(null);
    config["token_callback"] = json!(true);

    let client = client(&fake, &config);
    let call = send(&client, "Hello");
    assert_eq!(read(call.wait(LONG)), json!({"event": {"kind": "token"}}));
    assert_eq!(call.wait(NOTHING), None);
    call.answer(r#"{"error":"the vault is sealed"}"#);
    let error = read(call.wait(LONG))["error"].clone();
    assert_eq!((&error["type"], &error["reason"]), (&json!("NotSentError"), &json!("token")));
    assert!(error["message"].as_str().unwrap().contains("the vault is sealed"));

    let call = send(&client, "Hello");
    let (tell, told) = mpsc::channel();
    call.on_done(Box::new(move || tell.send(()).unwrap()));
    told.recv_timeout(LONG).unwrap();
    assert!(read(call.wait(NOTHING))["event"].is_object());
    call.answer(r#"{"token":"FRESH"}"#);
    assert_eq!(read(call.wait(LONG))["ok"]["id"], "wamid.1");
    assert_eq!(server.authorizations(), ["Bearer FRESH"]);
}

#[test]
fn clients_with_the_same_settings_share_connections() {
    let (fake, server) = (FakeProcess::new(), Server::start());
    let config = config(&server.url);
    let reordered = format!(
        r#"{{"rate":0,"max_retries":0,"proxy":null,"base_url":{:?},"access_token":"EAAG","phone_number_id":"106540352242922"}}"#,
        server.url
    );
    for text in [config.to_string(), reordered, config.to_string()] {
        let client = ClientHandle::of(fake.process, &text);
        assert!(read(send(&client, "Hello").wait(LONG))["ok"].is_object());
    }
    assert_eq!(server.connections(), 1);
}

#[test]
fn when_the_runtime_ends_everybody_is_told() {
    let (fake, server) = (FakeProcess::new(), Server::start());
    let client = client(&fake, &config(&server.url));
    server.hold();
    let (call, bulk) = (send(&client, "Hello"), client.bulk("{}"));
    server.wait_for_requests(1);
    fake.process.shutdown();
    let error = read(call.wait(LONG))["error"].clone();
    assert_eq!(error["type"], "InternalError");
    assert_eq!(error["may_have_been_sent"], true);
    assert_eq!(read(bulk.next(LONG))["error"]["type"], "InternalError");
    server.release();
    assert!(read(send(&client, "Hello").wait(LONG))["ok"].is_object());
}

#[test]
fn a_payload_needs_no_client() {
    let body = read(Some(crate::payload("send_text", &params("Hello").to_string())));
    assert_eq!(body["ok"]["text"]["body"], "Hello");
    let wrong = read(Some(crate::payload("send_text", "{}")));
    assert_eq!(wrong["error"]["type"], "ValidationError");
}
