//! Core against what the real Graph API has answered, where the recordings lie beside the checkout.
#![allow(clippy::unwrap_used, clippy::panic, missing_docs, reason = "tests")]

mod support;

use serde_json::{Value, json};
use support::{TO, beside, client, sandbox, say};
use wacloud::graph::GraphError;
use wacloud::operation::media::{MediaInfo, UploadedMedia};
use wacloud_sandbox::{Fault, FaultKind};

/// The recorded exchanges.
fn exchanges() -> Option<Vec<Value>> {
    let text = std::fs::read_to_string(beside("graph-exchanges/exchanges.jsonl")?).unwrap();
    Some(text.lines().map(|line| serde_json::from_str(line).unwrap()).collect())
}

/// Reads a body with an error, and compares what is kept with what came.
fn keeps_everything(name: &str, body: &Value) {
    let error = GraphError::from_body(body.to_string().as_bytes()).unwrap_or_else(|| panic!("{name}: not read"));
    assert_eq!(error.to_value(), body["error"], "{name}");
    assert!(error.code.is_some(), "{name}: no code");
    assert!(!error.message.is_empty(), "{name}: no message");
}

#[test]
fn errors_of_metas_document_are_read_without_loss() {
    let Some(folder) = beside("meta/dev/errors") else { return };
    let mut read = 0;
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        let body = serde_json::from_str(&std::fs::read_to_string(&path).unwrap()).unwrap();
        keeps_everything(&path.display().to_string(), &body);
        read += 1;
    }
    assert!(read > 50, "only {read} errors");
    say(&format!("{read} errors of Meta's document read"));
}

#[test]
fn recorded_errors_are_read_without_loss() {
    let Some(exchanges) = exchanges() else { return };
    let errors: Vec<&Value> = exchanges.iter().filter(|exchange| exchange["body"].get("error").is_some()).collect();
    for exchange in &errors {
        keeps_everything(exchange["id"].as_str().unwrap(), &exchange["body"]);
    }
    assert!(errors.len() > 10, "only {} errors", errors.len());
    say(&format!("{} recorded errors read", errors.len()));
}

#[test]
fn recorded_answers_about_media_are_read_without_loss() {
    let Some(exchanges) = exchanges() else { return };
    let (mut files, mut uploads) = (0, 0);
    for exchange in exchanges.iter().filter(|exchange| exchange["id"].as_str().unwrap().starts_with("medias/")) {
        let body = &exchange["body"];
        let read = match (body.get("url"), body.get("id")) {
            (Some(_), _) => {
                files += 1;
                json!(serde_json::from_value::<MediaInfo>(body.clone()).unwrap())
            }
            (None, Some(_)) => {
                uploads += 1;
                json!(serde_json::from_value::<UploadedMedia>(body.clone()).unwrap())
            }
            _ => continue,
        };
        let mut told = read.as_object().unwrap().clone();
        let extra = told.remove("extra").unwrap();
        told.extend(extra.as_object().unwrap().clone());
        assert_eq!(Value::Object(told), *body, "{}", exchange["id"]);
    }
    assert!(files >= 3 && uploads >= 5, "{files} files, {uploads} uploads");
    say(&format!("{files} recorded addresses and {uploads} recorded uploads read"));
}

/// The recorded answer, as it was, from a sandbox.
fn replay(exchange: &Value) -> Fault {
    let headers = exchange["headers"].as_object().unwrap();
    // How the recording's connection was framed is not part of the answer.
    let framing = ["transfer-encoding", "content-length", "content-encoding", "connection"];
    let headers = headers
        .iter()
        .filter(|(name, _)| !framing.contains(&name.to_lowercase().as_str()))
        .map(|(name, values)| (name.to_lowercase(), values[0].clone()));
    Fault {
        status: Some(u16::try_from(exchange["status"].as_u64().unwrap()).unwrap()),
        headers: Some(headers.collect()),
        body: Some(exchange["body"].clone()),
        ..Fault::new(FaultKind::Answer)
    }
}

fn of_messages(exchange: &Value, statuses: std::ops::Range<u64>) -> bool {
    exchange["url"].as_str().unwrap().ends_with("/messages") && statuses.contains(&exchange["status"].as_u64().unwrap())
}

#[tokio::test]
async fn every_recorded_acceptance_yields_its_id() {
    let Some(exchanges) = exchanges() else { return };
    let sandbox = sandbox().await;
    let client = client(&sandbox.url(), |_| {});
    let mut read = 0;
    for exchange in exchanges.iter().filter(|exchange| of_messages(exchange, 200..300)) {
        sandbox.add_fault(replay(exchange)).unwrap();
        if exchange["request"]["status"] == "read" {
            assert!(client.mark_read("wamid.A").await.unwrap().success, "{}", exchange["id"]);
        } else {
            let sent =
                client.send_text(TO, "Hello").await.unwrap_or_else(|error| panic!("{}: {error}", exchange["id"]));
            assert_eq!(json!(sent.id), exchange["body"]["messages"][0]["id"]);
            assert_eq!(json!(sent.wa_id), exchange["body"]["contacts"][0]["wa_id"]);
            assert_eq!(json!(sent.meta.request_id), exchange["headers"]["X-Fb-Request-Id"][0]);
            assert_eq!((sent.to.as_str(), sent.meta.attempts), (TO, 1));
        }
        read += 1;
    }
    assert!(read >= 15, "only {read} acceptances");
    say(&format!("{read} recorded acceptances read"));
}

#[tokio::test]
async fn every_recorded_refusal_is_told_as_one() {
    let Some(exchanges) = exchanges() else { return };
    let sandbox = sandbox().await;
    let client = client(&sandbox.url(), |_| {});
    let mut read = 0;
    for exchange in exchanges.iter().filter(|exchange| of_messages(exchange, 400..500)) {
        sandbox.add_fault(replay(exchange)).unwrap();
        let error = client.send_text(TO, "Hello").await.unwrap_err().to_value();
        let recorded = &exchange["body"]["error"];
        let told = [&error["code"], &error["subcode"], &error["fbtrace_id"], &error["status"], &error["details"]];
        let expected = [
            &recorded["code"],
            &recorded["error_subcode"],
            &recorded["fbtrace_id"],
            &exchange["status"],
            &recorded["error_data"]["details"],
        ];
        assert_eq!(told, expected, "{}", exchange["id"]);
        assert_eq!((&error["outcome"], &error["may_have_been_sent"]), (&json!("rejected"), &json!(false)));
        read += 1;
    }
    assert!(read >= 3, "only {read} refusals");
    assert_eq!(sandbox.counters().accepted, 0);
}
