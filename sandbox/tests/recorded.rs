//! Against recorded exchanges with the real Graph API, where a copy of them lies beside the checkout.
#![allow(clippy::unwrap_used, clippy::panic, missing_docs, reason = "tests")]

mod common;

use std::fs;
use std::path::Path;

use common::{Connection, sandbox};
use serde_json::{Value, json};
use wacloud_sandbox::{PhoneNumber, Settings, Template};

/// What an edge server adds, and what makes no sense on loopback.
const LEFT_OUT: &[&str] = &[
    "access-control-allow-origin",
    "alt-svc",
    "connection",
    "cross-origin-resource-policy",
    "debug-link",
    "error-mid",
    "proxy-status",
    "strict-transport-security",
    "x-fb-aed",
    "x-fb-connection-quality",
];

/// What Meta let pass in the recordings against its own document, as the document wants it.
fn as_documented(body: &mut Value) {
    if let Some(number) = body["to"].as_u64() {
        body["to"] = format!("+{number}").into();
    }
    if body.get("status").is_some() {
        body.as_object_mut().unwrap().remove("recipient_type");
    }
    if let Some(parameter) = body.pointer_mut("/template/components/0/parameters/0") {
        parameter["type"] = "text".into();
    }
}

/// The names of all members, down to the leaves.
fn shape(value: &Value) -> Value {
    match value {
        Value::Object(members) => members.iter().map(|(name, value)| (name.clone(), shape(value))).collect(),
        Value::Array(items) => items.iter().map(shape).collect(),
        _ => Value::Null,
    }
}

#[tokio::test]
async fn answers_have_the_recorded_form() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../shared/graph-exchanges/exchanges.jsonl");
    let Ok(text) = fs::read_to_string(path) else {
        println!("skipped: the recorded exchanges do not lie beside this checkout");
        return;
    };
    let numbers = ["107878721936019", "562412910296094"].map(PhoneNumber::new).to_vec();
    let sandbox = sandbox(Settings { phone_numbers: numbers, ..Settings::default() }).await;
    let template = json!({"name": "sample_shipping_confirmation", "language": "en_US", "body": "Shipped, {{1}}."});
    sandbox.add_template(serde_json::from_value::<Template>(template).unwrap());
    let mut connection = Connection::open(&sandbox).await;
    let mut compared = 0;
    for line in text.lines() {
        let recorded: Value = serde_json::from_str(line).unwrap();
        let url = recorded["url"].as_str().unwrap();
        let unknown_object = recorded["body"]["error"]["error_subcode"] == 33;
        let Some(path) = url.strip_prefix("https://graph.facebook.com") else {
            continue;
        };
        if !path.ends_with("/messages") && !unknown_object {
            continue;
        }
        let mut body = recorded["request"].clone();
        if body.is_object() {
            as_documented(&mut body);
        }
        // The recording of "outgoing" marks a message that only that account had sent.
        if recorded["body"]["error"]["error_data"]["details"]
            .as_str()
            .is_some_and(|details| details.contains("outgoing"))
        {
            let sent = connection.send(&sandbox, "+13437772910", "Hi").await.unwrap();
            body["message_id"] = sent.json()["messages"][0]["id"].clone();
        }
        let method = recorded["method"].as_str().unwrap();
        let headers = [("authorization", "Bearer sandbox-token"), ("content-type", "application/json")];
        let reply = connection.request(method, path, &headers, &body.to_string()).await.unwrap();
        let id = &recorded["id"];
        assert_eq!(
            reply.status,
            recorded["status"].as_u64().unwrap() as u16,
            "{id}: {}",
            String::from_utf8_lossy(&reply.body)
        );
        assert_eq!(shape(&reply.json()), shape(&recorded["body"]), "{id}");
        for member in ["message", "type", "code", "error_subcode"] {
            assert_eq!(reply.json()["error"][member], recorded["body"]["error"][member], "{id}");
        }
        for (name, value) in recorded["headers"].as_object().unwrap() {
            let name = name.to_lowercase();
            // Recorded when v19.0 still lived or had ended, with and without a version in the path.
            if LEFT_OUT.contains(&name.as_str()) {
                continue;
            }
            let here = reply.header(&name).unwrap_or_else(|| panic!("{id}: no {name}"));
            if matches!(name.as_str(), "content-type" | "www-authenticate" | "pragma" | "expires" | "cache-control") {
                assert_eq!(Some(here), value[0].as_str(), "{id}: {name}");
            }
        }
        compared += 1;
    }
    assert!(compared > 30, "{compared}");
}
