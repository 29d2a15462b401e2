//! Managing templates on the wire: lists in pages, creating with what Meta refuses, approval, editing, deleting, and the
//! webhooks that follow.
#![allow(clippy::unwrap_used, clippy::panic, missing_docs, reason = "tests")]

mod common;

use std::time::Duration;

use common::receiver::Receiver;
use common::{Connection, Reply, SECRET, sandbox, subscribed};
use serde_json::{Value, json};
use wacloud_sandbox::{Sandbox, Settings};

async fn ask(sandbox: &Sandbox, method: &str, path: &str, body: &Value) -> Reply {
    let token = format!("Bearer {}", sandbox.token());
    let body = if body.is_null() { String::new() } else { body.to_string() };
    let headers = [("authorization", token.as_str()), ("content-type", "application/json")];
    Connection::open(sandbox).await.request(method, &format!("/v25.0/{path}"), &headers, &body).await.unwrap()
}

fn account(sandbox: &Sandbox, query: &str) -> String {
    format!("{}/message_templates{query}", sandbox.settings().business_account_id)
}

async fn create(sandbox: &Sandbox, template: &Value) -> Reply {
    ask(sandbox, "POST", &account(sandbox, ""), template).await
}

fn template(name: &str, text: &str) -> Value {
    json!({"name": name, "language": "en_US", "category": "UTILITY", "components": [
        {"type": "BODY", "text": text, "example": {"body_text": [["Ana"]]}}]})
}

async fn by_hand() -> Sandbox {
    sandbox(Settings { template_review_ms: None, rate: 0, pair_rate: false, ..Settings::default() }).await
}

async fn send(sandbox: &Sandbox, name: &str, values: &[&str]) -> i64 {
    let parameters: Vec<Value> = values.iter().map(|text| json!({"type": "text", "text": text})).collect();
    let body = json!({"messaging_product": "whatsapp", "to": "+15550001234", "type": "template", "template": {
        "name": name, "language": {"code": "en_US"}, "components": [{"type": "body", "parameters": parameters}]}});
    Connection::open(sandbox).await.post(sandbox, &body).await.unwrap().code()
}

#[tokio::test]
async fn a_template_goes_from_pending_to_approved_and_on() {
    let sandbox = by_hand().await;
    let made = create(&sandbox, &template("greeting", "Hello {{1}}, welcome.")).await;
    assert_eq!(made.status, 200);
    let made = made.json();
    assert_eq!((&made["status"], &made["category"]), (&"PENDING".into(), &"UTILITY".into()));
    let id = made["id"].as_str().unwrap().to_owned();
    assert_eq!(send(&sandbox, "greeting", &["Ana"]).await, 132_001);
    for (status, expected) in
        [("APPROVED", 0), ("PAUSED", 132_015), ("DISABLED", 132_016), ("REJECTED", 132_001), ("APPROVED", 0)]
    {
        sandbox.decide_template(&json!({"name": "greeting", "status": status})).unwrap();
        assert_eq!(send(&sandbox, "greeting", &["Ana"]).await, expected, "{status}");
        let told = ask(&sandbox, "GET", &format!("{id}?fields=status,rejected_reason"), &Value::Null).await.json();
        let reason = if status == "REJECTED" { "INVALID_FORMAT" } else { "NONE" };
        assert_eq!(told, json!({"status": status, "rejected_reason": reason, "id": id}));
    }
    assert_eq!(send(&sandbox, "greeting", &["Ana", "Bo"]).await, 132_000, "it is held to what was created");
    let told = ask(&sandbox, "GET", &id, &Value::Null).await.json();
    let components = template("greeting", "Hello {{1}}, welcome.")["components"].clone();
    let expected = json!({"name": "greeting", "parameter_format": "POSITIONAL", "components": components,
        "language": "en_US", "status": "APPROVED", "category": "UTILITY", "id": id});
    assert_eq!(told, expected);
    for wrong in [json!({"name": "greeting", "status": "FINE"}), json!({"name": "nobody", "status": "PAUSED"})] {
        assert!(sandbox.decide_template(&wrong).is_err(), "{wrong}");
    }
}

#[tokio::test]
async fn approval_comes_by_itself_and_is_told_signed() {
    let receiver = Receiver::start().await;
    let sandbox = subscribed(&receiver, &json!({})).await;
    let set = json!({"template_review_ms": 3_600_000});
    sandbox.set(set.as_object().unwrap()).unwrap();
    let id = create(&sandbox, &template("greeting", "Hello {{1}}, welcome.")).await.json()["id"].clone();
    assert_eq!(send(&sandbox, "greeting", &["Ana"]).await, 132_001);
    sandbox.advance_clock(Duration::from_secs(3_601));
    let hits = receiver.wait(1).await;
    assert!(hits[0].is_signed_with(SECRET));
    let body = hits[0].json();
    assert_eq!(body["entry"][0]["id"], sandbox.settings().business_account_id);
    assert!(body["entry"][0]["time"].is_u64());
    let change = &body["entry"][0]["changes"][0];
    assert_eq!(change["field"], "message_template_status_update");
    let number: u64 = id.as_str().unwrap().parse().unwrap();
    let expected = json!({"event": "APPROVED", "message_template_id": number, "message_template_name": "greeting",
        "message_template_language": "en_US", "message_template_category": "UTILITY", "reason": "NONE"});
    assert_eq!(change["value"], expected);
    assert_eq!(send(&sandbox, "greeting", &["Ana"]).await, 0);

    Connection::open(&sandbox)
        .await
        .control("POST", "templates/status", &json!({"name": "greeting", "status": "REJECTED", "reason": "SCAM"}))
        .await;
    let told = hits_about_templates(&receiver).await;
    assert_eq!((&told["event"], &told["reason"]), (&"REJECTED".into(), &"SCAM".into()));
}

/// The value of the last POST about a template.
async fn hits_about_templates(receiver: &Receiver) -> Value {
    for count in 2.. {
        let hits = receiver.wait(count).await;
        let change = hits[count - 1].json()["entry"][0]["changes"][0].clone();
        if change["field"] == "message_template_status_update" {
            return change["value"].clone();
        }
    }
    Value::Null
}

#[tokio::test]
async fn lists_come_in_pages_and_filtered() {
    let sandbox = by_hand().await;
    let all = ask(&sandbox, "GET", &account(&sandbox, "?limit=1000"), &Value::Null).await.json();
    let count = all["data"].as_array().unwrap().len();
    assert_eq!(count, sandbox.templates().len());
    assert!(all["paging"].get("next").is_none() && all["paging"]["cursors"]["after"].is_string());
    let mut names = Vec::new();
    let mut query = "?limit=7&fields=name,language".to_owned();
    loop {
        let page = ask(&sandbox, "GET", &account(&sandbox, &query), &Value::Null).await.json();
        for one in page["data"].as_array().unwrap() {
            assert_eq!(one.as_object().unwrap().len(), 3, "name, language and id: {one}");
            names.push(format!("{} {}", one["name"], one["language"]));
        }
        if page["paging"].get("next").is_none() {
            let before = page["paging"]["cursors"]["before"].as_str().unwrap();
            let back = account(&sandbox, &format!("?limit=7&before={before}"));
            let back = ask(&sandbox, "GET", &back, &Value::Null).await.json();
            assert_eq!(back["data"].as_array().unwrap().len(), 7);
            break;
        }
        query = format!("?limit=7&fields=name,language&after={}", page["paging"]["cursors"]["after"].as_str().unwrap());
    }
    let mut unique = names.clone();
    unique.dedup();
    assert_eq!((names.len(), unique.len()), (count, count));
    sandbox.decide_template(&json!({"name": "promo", "status": "PAUSED"})).unwrap();
    for (query, expected) in [
        ("?name=order_update", 3),
        ("?name=order_update&language=de", 1),
        ("?status=PAUSED", 1),
        ("?category=AUTHENTICATION", 1),
        ("?name=nothing", 0),
    ] {
        let found = ask(&sandbox, "GET", &account(&sandbox, query), &Value::Null).await.json();
        assert_eq!(found["data"].as_array().unwrap().len(), expected, "{query}");
    }
    for query in ["?limit=0", "?after=nonsense", "?fields=colour"] {
        assert_eq!(ask(&sandbox, "GET", &account(&sandbox, query), &Value::Null).await.code(), 100, "{query}");
    }
}

#[tokio::test]
async fn what_meta_refuses_to_create_is_refused() {
    let sandbox = by_hand().await;
    let with = |components: Value| {
        let mut one = template("greeting", "Hello {{1}}, welcome.");
        one["components"] = components;
        one
    };
    let body = |text: &str| with(json!([{"type": "BODY", "text": text, "example": {"body_text": [["Ana"]]}}]));
    let beside = |component: Value| with(json!([{"type": "BODY", "text": "Hello."}, component]));
    let long = "x".repeat(1025);
    for (wrong, subcode) in [
        (body("{{1}}, welcome to us"), Some(2_388_299)),
        (body("Welcome to us, {{1}}"), Some(2_388_299)),
        (body(&long), Some(2_388_040)),
        (body("Hello {{2}}, welcome."), Some(2_388_072)),
        (body("Hello {{name}}, welcome."), Some(2_388_072)),
        (with(json!([{"type": "BODY", "text": "Hello {{1}}, welcome."}])), Some(2_388_043)),
        (with(json!([{"type": "FOOTER", "text": "Bye"}])), Some(2_388_043)),
        (beside(json!({"type": "HEADER", "format": "TEXT", "text": "{{1}} {{2}}"})), Some(2_388_047)),
        (beside(json!({"type": "HEADER", "format": "IMAGE"})), Some(2_388_043)),
        (beside(json!({"type": "FOOTER", "text": "For {{1}}"})), Some(2_388_073)),
        (
            beside(json!({"type": "BUTTONS", "buttons": [{"type": "QUICK_REPLY", "text": "x".repeat(26)}]})),
            Some(2_388_040),
        ),
        (beside(json!({"type": "BUTTONS", "buttons": []})), None),
        (beside(json!({"type": "BUTTONS", "buttons": [{"type": "OTP", "otp_type": "COPY_CODE"}]})), None),
        (beside(json!({"type": "SONG"})), None),
        (json!({"name": "Greeting", "language": "en_US", "category": "UTILITY", "components": []}), None),
        (json!({"name": "greeting", "language": "en_US", "category": "NEWS", "components": []}), None),
        (json!({"language": "en_US"}), None),
    ] {
        let reply = create(&sandbox, &wrong).await;
        let error = reply.json()["error"].clone();
        assert_eq!((reply.status, &error["code"]), (400, &100.into()), "{wrong}");
        assert_eq!(error["error_subcode"].as_i64(), subcode, "{wrong} {error}");
        if subcode.is_some() {
            assert!(error["error_user_title"].is_string() && error["error_user_msg"].is_string(), "{error}");
        }
    }
    assert_eq!(create(&sandbox, &template("greeting", "Hello {{1}}, welcome.")).await.status, 200);
    let again = create(&sandbox, &template("greeting", "Hello {{1}}, welcome.")).await.json();
    assert_eq!(again["error"]["error_subcode"], 2_388_024);
}

#[tokio::test]
async fn every_form_that_can_be_created_can_be_sent() {
    let sandbox = by_hand().await;
    let built_in = ask(&sandbox, "GET", &account(&sandbox, "?name=login_code"), &Value::Null).await.json();
    let components = &built_in["data"][0]["components"];
    assert_eq!(components[0]["text"], "*{{1}}* is your verification code.");
    assert!(components[1]["buttons"][0]["url"].as_str().unwrap().contains("otp_type=COPY_CODE"));
    let code = json!({"name": "code", "language": "en_US", "category": "AUTHENTICATION", "components": [
        {"type": "BODY", "add_security_recommendation": true}, {"type": "FOOTER", "code_expiration_minutes": 5},
        {"type": "BUTTONS", "buttons": [{"type": "OTP", "otp_type": "COPY_CODE"}]}]});
    assert_eq!(create(&sandbox, &code).await.status, 200);
    sandbox.decide_template(&json!({"name": "code", "status": "APPROVED"})).unwrap();
    let mut message = json!({"messaging_product": "whatsapp", "to": "+15550001234", "type": "template", "template": {
        "name": "code", "language": {"code": "en_US"}, "components": [
            {"type": "body", "parameters": [{"type": "text", "text": "123456"}]}]}});
    let mut connection = Connection::open(&sandbox).await;
    assert_eq!(connection.post(&sandbox, &message).await.unwrap().code(), 131_008, "the button needs it, too");
    let button =
        json!({"type": "button", "sub_type": "url", "index": "0", "parameters": [{"type": "text", "text": "123456"}]});
    message["template"]["components"].as_array_mut().unwrap().push(button);
    assert_eq!(connection.post(&sandbox, &message).await.unwrap().code(), 0);
}

#[tokio::test]
async fn a_template_is_edited_and_deleted() {
    let sandbox = by_hand().await;
    let id = create(&sandbox, &template("greeting", "Hello {{1}}, welcome.")).await.json()["id"]
        .as_str()
        .unwrap()
        .to_owned();
    let edit = json!({"components": [{"type": "BODY", "text": "Hello and welcome."}]});
    assert_eq!(ask(&sandbox, "POST", &id, &edit).await.code(), 100, "it is being looked at");
    sandbox.decide_template(&json!({"name": "greeting", "status": "APPROVED"})).unwrap();
    assert_eq!(
        ask(&sandbox, "POST", &id, &json!({"category": "MARKETING"})).await.code(),
        100,
        "approved ones keep it"
    );
    assert_eq!(ask(&sandbox, "POST", &id, &edit).await.json(), json!({"success": true}));
    assert_eq!(send(&sandbox, "greeting", &["Ana"]).await, 132_001, "Meta looks at it again");
    sandbox.decide_template(&json!({"name": "greeting", "status": "APPROVED"})).unwrap();
    assert_eq!(send(&sandbox, "greeting", &["Ana"]).await, 132_000);

    let german = ask(&sandbox, "GET", &account(&sandbox, "?name=order_update&language=de"), &Value::Null).await.json();
    let german = german["data"][0]["id"].as_str().unwrap();
    let one = account(&sandbox, &format!("?name=order_update&hsm_id={german}"));
    assert_eq!(ask(&sandbox, "DELETE", &one, &Value::Null).await.json(), json!({"success": true}));
    let left = ask(&sandbox, "GET", &account(&sandbox, "?name=order_update&language=en_US"), &Value::Null).await.json();
    assert_eq!(left["data"].as_array().unwrap().len(), 2, "the other language, and the name that contains it");
    assert_eq!(ask(&sandbox, "DELETE", &one, &Value::Null).await.json()["error"]["error_subcode"], 2_593_002);
    assert_eq!(ask(&sandbox, "DELETE", &account(&sandbox, ""), &Value::Null).await.code(), 100);
    assert_eq!(ask(&sandbox, "DELETE", &account(&sandbox, "?name=greeting"), &Value::Null).await.status, 200);
    assert_eq!(ask(&sandbox, "GET", &id, &Value::Null).await.code(), 100);
    let again = template("greeting", "Hello {{1}}, welcome.");
    assert_eq!(create(&sandbox, &again).await.json()["error"]["error_subcode"], 2_388_023);
    sandbox.advance_clock(Duration::from_secs(30 * 86_400 + 1));
    assert_eq!(create(&sandbox, &again).await.status, 200);
    let token = [("authorization", "Bearer nobody")];
    let path = format!("/v25.0/{}", account(&sandbox, ""));
    assert_eq!(Connection::open(&sandbox).await.request("GET", &path, &token, "").await.unwrap().code(), 190);
}
