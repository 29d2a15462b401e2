//! Every fault, seen from the other end of a real connection.
#![allow(clippy::unwrap_used, clippy::panic, missing_docs, reason = "tests")]

mod common;

use std::io::ErrorKind;
use std::time::{Duration, Instant};

use common::{Connection, sandbox, send, until};
use serde_json::{Value, json};
use wacloud_sandbox::{Fault, FaultKind, Settings};

const TO: &str = "+15550001234";

#[tokio::test]
async fn connections_end_as_the_fault_says() {
    let sandbox = sandbox(Settings::default()).await;
    for (kind, expected, accepted) in [
        (FaultKind::ResetBefore, ErrorKind::ConnectionReset, 0),
        (FaultKind::ResetAfter, ErrorKind::ConnectionReset, 1),
        (FaultKind::ResetMidAnswer, ErrorKind::ConnectionReset, 1),
        (FaultKind::ResetMidHead, ErrorKind::ConnectionReset, 1),
        (FaultKind::CloseBefore, ErrorKind::UnexpectedEof, 0),
        (FaultKind::CloseAfter, ErrorKind::UnexpectedEof, 1),
        (FaultKind::Garbage, ErrorKind::UnexpectedEof, 1),
        (FaultKind::Truncate, ErrorKind::UnexpectedEof, 1),
    ] {
        sandbox.reset();
        sandbox.add_fault(Fault::new(kind)).unwrap();
        let error = send(&sandbox, TO).await.unwrap_err();
        assert_eq!((error.kind(), sandbox.ledger().len()), (expected, accepted), "{kind:?}");
        let logged = &sandbox.requests()[0];
        let status = (kind == FaultKind::Truncate).then_some(200);
        assert_eq!((logged.fault, logged.status), (Some(kind), status), "{kind:?}");
        assert_eq!(send(&sandbox, TO).await.unwrap().status, 200, "the fault is used up");
    }
}

#[tokio::test]
async fn answers_are_replaced() {
    let sandbox = sandbox(Settings::default()).await;
    let cases: Vec<(Value, u16, usize, &str)> = vec![
        (json!({"kind": "graph_error", "code": 130429}), 400, 0, r#""code":130429"#),
        (
            json!({"kind": "graph_error", "code": 2, "is_transient": true, "subcode": 7, "details": "d"}),
            503,
            0,
            r#""is_transient":true"#,
        ),
        (json!({"kind": "graph_error", "code": 131000, "accepted": true}), 500, 1, r#""code":131000"#),
        (json!({"kind": "status", "status": 502}), 502, 0, ""),
        (json!({"kind": "status", "status": 504, "accepted": true}), 504, 1, ""),
        (json!({"kind": "html", "status": 500}), 500, 0, "<!DOCTYPE html>"),
        (json!({"kind": "no_id"}), 200, 1, r#"{"messaging_product":"whatsapp"}"#),
        (json!({"kind": "bad_json"}), 200, 1, "{\"messaging_product\""),
        (json!({"kind": "redirect", "location": "http://127.0.0.1:1/"}), 302, 0, ""),
        (json!({"kind": "answer", "status": 418, "headers": {"x-tea": "yes"}, "body": {"a": 1}}), 418, 0, r#"{"a":1}"#),
        (json!({"kind": "drip", "delay_ms": 0}), 200, 1, "\"messages\""),
    ];
    for (fault, status, accepted, body) in cases {
        sandbox.reset();
        Connection::open(&sandbox).await.control("POST", "faults", &fault).await;
        let reply = send(&sandbox, TO).await.unwrap();
        assert_eq!((reply.status, sandbox.ledger().len()), (status, accepted), "{fault}");
        assert!(String::from_utf8_lossy(&reply.body).contains(body), "{fault}: {reply:?}");
        assert_eq!(sandbox.requests()[0].status, Some(status), "{fault}");
    }
}

#[tokio::test]
async fn headers_come_with_the_answers() {
    let sandbox = sandbox(Settings::default()).await;
    for (fault, name, value) in [
        (json!({"kind": "status", "status": 429, "retry_after_s": 7}), "retry-after", "7"),
        (json!({"kind": "graph_error", "code": 4, "retry_after_s": 9}), "retry-after", "9"),
        (json!({"kind": "redirect", "location": "http://127.0.0.1:1/"}), "location", "http://127.0.0.1:1/"),
        (json!({"kind": "answer", "status": 200, "headers": {"x-tea": "yes"}}), "x-tea", "yes"),
    ] {
        Connection::open(&sandbox).await.control("POST", "faults", &fault).await;
        assert_eq!(send(&sandbox, TO).await.unwrap().header(name), Some(value), "{fault}");
    }
}

#[tokio::test]
async fn a_late_acceptance_outlives_the_client() {
    let sandbox = sandbox(Settings::default()).await;
    sandbox.add_fault(Fault::delay(50)).unwrap();
    let start = Instant::now();
    assert_eq!(send(&sandbox, TO).await.unwrap().status, 200);
    assert!(start.elapsed() >= Duration::from_millis(50));

    sandbox.reset();
    sandbox.add_fault(Fault { accepted: Some(false), ..Fault::delay(5_000) }).unwrap();
    // Hangs up once the request is there.
    tokio::select! {
        answered = send(&sandbox, TO) => panic!("{answered:?}"),
        () = until(|| sandbox.requests().len() == 1) => {}
    }
    assert_eq!(sandbox.ledger().len(), 0, "not yet");
    // Accepted although nobody waits any more.
    until(|| sandbox.ledger().len() == 1).await;
}

#[tokio::test]
async fn an_oversized_answer_is_as_large_as_it_says() {
    let sandbox = sandbox(Settings::default()).await;
    sandbox.add_fault(Fault::new(FaultKind::Oversized)).unwrap();
    assert_eq!(send(&sandbox, TO).await.unwrap().body.len(), 64 << 20);
}

#[tokio::test]
async fn a_fault_wins_over_every_check_and_leaves_the_control_api_alone() {
    let sandbox = sandbox(Settings::default()).await;
    sandbox.add_fault(Fault::status(503).times(0)).unwrap();
    let mut connection = Connection::open(&sandbox).await;
    let reply = connection.request("POST", "/v25.0/1/messages", &[], "no token, no JSON").await.unwrap();
    assert_eq!(reply.status, 503);
    let state = connection.control("GET", "state", &Value::Null).await;
    assert_eq!(state["counters"]["faults"]["status"], 1);
    connection.control("DELETE", "faults", &Value::Null).await;
    assert_eq!(connection.send(&sandbox, TO, "Hi").await.unwrap().status, 200);
}

#[tokio::test]
async fn an_interim_answer_goes_before_the_ordinary_one() {
    let sandbox = sandbox(Settings::default()).await;
    sandbox.add_fault(Fault::new(FaultKind::Interim)).unwrap();
    assert_eq!(send(&sandbox, TO).await.unwrap().status, 103);
    assert_eq!((sandbox.ledger().len(), sandbox.requests()[0].status), (1, Some(200)));
}
