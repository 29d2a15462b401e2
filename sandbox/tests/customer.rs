//! What customers write, how it is told, and the service window that it opens.
#![allow(clippy::unwrap_used, clippy::panic, missing_docs, reason = "tests")]

mod common;

use std::time::Duration;

use common::receiver::{Hit, Receiver, are_as_documented, items};
use common::{Connection, SECRET, sandbox, subscribed};
use serde_json::{Value, json};
use wacloud_sandbox::{Sandbox, Settings};

const ANA: &str = "+1 (555) 000-1234";
const PATIENCE: Duration = Duration::from_secs(20);

/// Writes a message and gives what the webhook told about it: message, and the contact beside it.
async fn told(sandbox: &Sandbox, receiver: &Receiver, request: Value) -> (Value, Value) {
    let written = sandbox.write_as_customer(&request).unwrap_or_else(|error| panic!("{request}: {error}"));
    let is_it = |hit: &Hit| items(std::slice::from_ref(hit), "messages").iter().any(|one| one["id"] == *written.id);
    let hits = receiver.wait_for(|hits| hits.iter().any(is_it)).await;
    let hit = hits.into_iter().find(is_it).unwrap();
    are_as_documented(std::slice::from_ref(&hit));
    assert!(hit.is_signed_with(SECRET));
    let one = |list| items(std::slice::from_ref(&hit), list).into_iter().next().unwrap_or_default();
    assert_eq!(one("messages"), written.message);
    (one("messages"), one("contacts"))
}

#[tokio::test]
async fn every_kind_of_message_can_be_written() {
    let receiver = Receiver::start().await;
    let sandbox = subscribed(&receiver, &json!({"statuses": []})).await;
    Connection::open(&sandbox).await.send(&sandbox, ANA, "Yes or no?").await.unwrap();
    let sent = sandbox.ledger()[0].id.clone();
    for (request, kind, pointer, expected) in [
        (json!({"text": "Grüße/👋"}), "text", "/text/body", json!("Grüße/👋")),
        (json!({"text": {"body": "Hi"}}), "text", "/text", json!({"body": "Hi"})),
        (json!({"type": "text"}), "text", "/text/body", json!("Hello")),
        (json!({"image": "Look"}), "image", "/image/caption", json!("Look")),
        (json!({"image": {"id": "77"}}), "image", "/image/id", json!("77")),
        (json!({"video": {}}), "video", "/video/mime_type", json!("video/mp4")),
        (json!({"audio": true}), "audio", "/audio/voice", json!(true)),
        (json!({"audio": {"voice": false}}), "audio", "/audio/voice", json!(false)),
        (json!({"document": {"filename": "a.pdf"}}), "document", "/document/filename", json!("a.pdf")),
        (json!({"sticker": null}), "sticker", "/sticker/animated", json!(false)),
        (json!({"location": {"latitude": 1.5, "name": "Office"}}), "location", "/location/latitude", json!(1.5)),
        (json!({"type": "contacts"}), "contacts", "/contacts/0/name/first_name", json!("Ana")),
        (
            json!({"contacts": [{"name": {"formatted_name": "B"}}]}),
            "contacts",
            "/contacts/0/name/formatted_name",
            json!("B"),
        ),
        (json!({"reaction": "🎉"}), "reaction", "/reaction", json!({"emoji": "🎉", "message_id": sent})),
        (
            json!({"reaction": {"message_id": "wamid.x", "emoji": null}}),
            "reaction",
            "/reaction",
            json!({"message_id": "wamid.x"}),
        ),
        (json!({"button": "Stop"}), "button", "/button", json!({"text": "Stop", "payload": "Stop"})),
        (json!({"button": {"text": "Stop", "payload": "STOP"}}), "button", "/button/payload", json!("STOP")),
        (
            json!({"button_reply": "yes"}),
            "interactive",
            "/interactive",
            json!({"type": "button_reply", "button_reply": {"id": "yes", "title": "yes"}}),
        ),
        (
            json!({"list_reply": {"id": "a", "title": "A", "description": "d"}}),
            "interactive",
            "/interactive/list_reply/description",
            json!("d"),
        ),
        (
            json!({"nfm_reply": {"response_json": {"a": [1]}}}),
            "interactive",
            "/interactive/nfm_reply/response_json",
            json!(r#"{"a":[1]}"#),
        ),
        (
            json!({"interactive": {"type": "call_permission_reply"}}),
            "interactive",
            "/interactive/call_permission_reply/response",
            json!("accept"),
        ),
        (
            json!({"type": "interactive", "button_reply": {"id": "n", "title": "No"}}),
            "interactive",
            "/interactive/button_reply/id",
            json!("n"),
        ),
        (json!({"order": "please"}), "order", "/order/text", json!("please")),
        (json!({"type": "request_welcome"}), "request_welcome", "/type", json!("request_welcome")),
        (json!({"type": "unsupported"}), "unsupported", "/errors/0/code", json!(131_051)),
        (json!({"unsupported": "edit"}), "unsupported", "/unsupported/type", json!("edit")),
        (
            json!({"system": {"wa_id": "15550009999"}}),
            "system",
            "/system/body",
            json!("User Ana changed from 15550001234 to 15550009999"),
        ),
        (
            json!({"revoke": {"original_message_id": "wamid.x"}}),
            "revoke",
            "/revoke/original_message_id",
            json!("wamid.x"),
        ),
        (json!({"type": "hologram", "hologram": {"depth": 3}}), "hologram", "/hologram/depth", json!(3)),
    ] {
        let mut request = request;
        request["from"] = ANA.into();
        request["name"] = "Ana".into();
        let (message, contact) = told(&sandbox, &receiver, request.clone()).await;
        assert_eq!(
            (&message["type"], message.pointer(pointer)),
            (&kind.into(), Some(&expected)),
            "{request}: {message}"
        );
        assert_eq!((&message["from"], &message["from_user_id"]), (&"15550001234".into(), &sandbox_user_id(&message)));
        if kind == "system" {
            assert_eq!(contact, Value::Null);
        } else {
            assert_eq!((&contact["wa_id"], &contact["profile"]), (&"15550001234".into(), &json!({"name": "Ana"})));
        }
        if matches!(kind, "interactive" | "button") {
            assert_eq!(
                message["context"],
                json!({"from": "15550783881", "id": sent}),
                "the newest message was answered"
            );
        }
    }
    assert_eq!(sandbox.counters().incoming, 29);
}

fn sandbox_user_id(message: &Value) -> Value {
    let id = message["from_user_id"].as_str().unwrap();
    assert!(id.starts_with("US.") && id.len() == 23, "{id}");
    id.into()
}

#[tokio::test]
async fn who_wrote_and_what_it_is_about() {
    let receiver = Receiver::start().await;
    let sandbox = subscribed(&receiver, &json!({"statuses": ["sent", "delivered"]})).await;

    let hidden = json!({"user_id": "DE.77", "name": "Ben", "username": "ben", "text": "Hi"});
    let (message, contact) = told(&sandbox, &receiver, hidden).await;
    assert_eq!((message.get("from"), &message["from_user_id"]), (None, &"DE.77".into()));
    assert_eq!(contact, json!({"profile": {"name": "Ben", "username": "ben"}, "user_id": "DE.77"}));
    let (_, contact) = told(&sandbox, &receiver, json!({"from": "DE.77", "text": "Me again"})).await;
    assert_eq!(contact["profile"]["name"], "Ben", "people are known by then");

    let (message, _) =
        told(&sandbox, &receiver, json!({"from": "55 51 99999-1234", "text": "Oi", "reply_to": "wamid.a"})).await;
    assert_eq!(message["from"], "555199991234", "the account of that number");
    assert_eq!(message["context"], json!({"from": "15550783881", "id": "wamid.a"}));
    let forwarded = json!({"from": ANA, "text": "Look", "context": {"forwarded": true}});
    assert_eq!(told(&sandbox, &receiver, forwarded).await.0["context"], json!({"forwarded": true}));
    let ad = json!({"from": ANA, "text": "Is it in stock?", "referral": {"source_id": "9"}, "group_id": "g"});
    let (message, _) = told(&sandbox, &receiver, ad).await;
    assert_eq!((&message["referral"]["source_id"], &message["referral"]["source_type"]), (&"9".into(), &"ad".into()));
    assert_eq!(message["group_id"], "g");

    // A name is told with statuses, too, and an ad decides the price.
    let mut connection = Connection::open(&sandbox).await;
    let named = json!({"from": ANA, "name": "Ana", "username": "ana", "text": "?"});
    told(&sandbox, &receiver, named).await;
    let sent = connection.send(&sandbox, ANA, "Yes").await.unwrap().json()["messages"][0]["id"].clone();
    assert_eq!(sandbox.flush_webhooks(PATIENCE).await, 0);
    let hits: Vec<Hit> = receiver.hits().into_iter().rev().take(2).rev().collect();
    are_as_documented(&hits);
    let (statuses, contacts) = (items(&hits, "statuses"), items(&hits, "contacts"));
    assert_eq!((&statuses[0]["id"], contacts[0]["profile"].get("username")), (&sent, None));
    assert_eq!(contacts[1]["profile"], json!({"name": "Ana", "username": "ana"}));
    assert_eq!(statuses[0]["conversation"]["origin"], json!({"type": "referral_conversion"}));
    assert_eq!(statuses[0]["pricing"]["type"], "free_entry_point");

    let read = json!({"messaging_product": "whatsapp", "status": "read", "message_id": message["id"]});
    assert_eq!(connection.post(&sandbox, &read).await.unwrap().status, 200);
}

#[tokio::test]
async fn the_control_api_tells_what_was_written() {
    let sandbox = sandbox(Settings::default()).await;
    let mut connection = Connection::open(&sandbox).await;
    let one = connection.control("POST", "customer", &json!({"from": ANA, "text": "1"})).await;
    assert!(one["id"].as_str().unwrap().starts_with("wamid."));
    assert_eq!(
        (&one["wa_id"], &one["index"], &one["message"]["text"]["body"]),
        (&"15550001234".into(), &0.into(), &"1".into())
    );
    let many = connection
        .control("POST", "customer", &json!([{"from": ANA, "text": "2"}, {"user_id": "DE.1", "text": "3"}]))
        .await;
    assert_eq!(many["messages"].as_array().unwrap().len(), 2);
    let list = connection.control("GET", "customer?after=0&limit=1", &Value::Null).await;
    assert_eq!((&list["messages"][0]["user_id"], list["messages"].as_array().unwrap().len()), (&"DE.1".into(), 1));
    for (request, says) in [
        (json!({"text": "Hi"}), "from (a number or a user id)"),
        (json!({"from": "abc", "text": "Hi"}), "from:"),
        (json!({"user_id": "15550001234", "text": "Hi"}), "user_id:"),
        (json!({"from": ANA}), "a content is required"),
        (json!({"from": ANA, "text": "Hi", "image": {}}), "one content at a time"),
        (json!({"from": ANA, "txt": "Hi"}), "txt is neither"),
        (json!({"from": ANA, "type": "text", "image": {}}), "image is neither"),
        (json!({"from": ANA, "location": "here"}), "location: wants an object"),
        (json!({"user_id": "US.1", "reaction": "👍"}), "reaction.message_id"),
        (json!({"from": ANA, "text": "Hi", "phone_number_id": "5"}), "phone_number_id"),
        (json!({"from": ANA, "text": "Hi", "referral": 3}), "referral"),
        (json!([3]), "customer"),
    ] {
        let reply = connection.request("POST", "/_sandbox/customer", &[], &request.to_string()).await.unwrap();
        let error = reply.json()["error"].as_str().unwrap_or_default().to_owned();
        assert!(reply.status == 400 && error.contains(says), "{request}: {error}");
    }
    connection.control("POST", "reset", &Value::Null).await;
    assert_eq!(connection.control("GET", "customer", &Value::Null).await, json!({"messages": []}));
}

#[tokio::test]
async fn free_form_messages_need_an_open_window_where_it_is_kept() {
    let sandbox = sandbox(Settings { window: true, pair_rate: false, ..Settings::default() }).await;
    let mut connection = Connection::open(&sandbox).await;
    let reply = connection.send(&sandbox, ANA, "Hi").await.unwrap();
    assert_eq!((reply.status, reply.code()), (400, 131_047));
    assert!(reply.json()["error"]["error_data"]["details"].as_str().unwrap().contains("24 hours"));
    let template = json!({"messaging_product": "whatsapp", "to": ANA, "type": "template",
        "template": {"name": "hello_world", "language": {"code": "en_US"}}});
    assert_eq!(connection.post(&sandbox, &template).await.unwrap().status, 200, "templates pass always");

    let written = sandbox.write_as_customer(&json!({"from": ANA, "text": "Hello?"})).unwrap();
    assert_eq!(connection.send(&sandbox, ANA, "Hi").await.unwrap().status, 200);
    assert_eq!(connection.send(&sandbox, "+15550009999", "Hi").await.unwrap().code(), 131_047, "others did not write");
    let by_user_id =
        json!({"messaging_product": "whatsapp", "recipient": written.user_id, "type": "text", "text": {"body": "Hi"}});
    assert_eq!(connection.post(&sandbox, &by_user_id).await.unwrap().status, 200, "it is the same person");

    connection.control("POST", "clock", &json!({"advance_ms": 24 * 3_600_000 - 60_000})).await;
    assert_eq!(connection.send(&sandbox, ANA, "Hi").await.unwrap().status, 200);
    connection.control("POST", "clock", &json!({"advance_ms": 60_000})).await;
    assert_eq!(connection.send(&sandbox, ANA, "Hi").await.unwrap().code(), 131_047);

    sandbox.write_as_customer(&json!({"from": ANA, "system": {"wa_id": "15550009999"}})).unwrap();
    assert_eq!(connection.send(&sandbox, ANA, "Hi").await.unwrap().code(), 131_047, "that was no message");
    sandbox.write_as_customer(&json!({"from": ANA, "text": "From the ad", "referral": true})).unwrap();
    sandbox.advance_clock(Duration::from_secs(71 * 3600));
    assert_eq!(connection.send(&sandbox, ANA, "Hi").await.unwrap().status, 200);
    sandbox.advance_clock(Duration::from_secs(3600));
    assert_eq!(connection.send(&sandbox, ANA, "Hi").await.unwrap().code(), 131_047);
}

#[tokio::test]
async fn incoming_messages_count_against_the_throughput() {
    let sandbox = sandbox(Settings { rate: 2, ..Settings::default() }).await;
    let begun = std::time::Instant::now();
    for text in ["1", "2", "3"] {
        sandbox.write_as_customer(&json!({"from": ANA, "text": text})).unwrap();
    }
    let code = Connection::open(&sandbox).await.send(&sandbox, ANA, "Hi").await.unwrap().code();
    // On a machine so slow that the second is over, there is room again.
    if begun.elapsed() < Duration::from_secs(1) {
        assert_eq!(code, 130_429);
    }
    sandbox.advance_clock(Duration::from_secs(1));
    assert_eq!(Connection::open(&sandbox).await.send(&sandbox, ANA, "Hi").await.unwrap().status, 200);
}
