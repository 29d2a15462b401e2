//! Webhooks on the wire: the handshake, statuses after sends, and delivery until the receiver has answered with 200.
#![allow(clippy::unwrap_used, clippy::panic, missing_docs, reason = "tests")]

mod common;

use std::time::Duration;

use common::receiver::{Receiver, are_as_documented, items};
use common::{Connection, SECRET, sandbox, send, subscribed, until};
use serde_json::{Value, json};
use wacloud_sandbox::{DeliveryState, Error, Fault, FaultKind, Sandbox, Settings, Webhook, WebhookFilter};

const TO: &str = "+15550001234";
const PATIENCE: Duration = Duration::from_secs(20);

fn names(statuses: &[Value]) -> Vec<&str> {
    statuses.iter().map(|status| status["status"].as_str().unwrap()).collect()
}

#[tokio::test]
async fn an_accepted_message_is_sent_delivered_and_read() {
    let receiver = Receiver::start().await;
    let sandbox = subscribed(&receiver, &json!({})).await;
    assert_eq!(receiver.handshakes(), 1);
    let mut connection = Connection::open(&sandbox).await;
    let body = json!({"messaging_product": "whatsapp", "to": TO, "type": "text", "text": {"body": "Hi"},
        "biz_opaque_callback_data": "order-ä/1"});
    let id = connection.post(&sandbox, &body).await.unwrap().json()["messages"][0]["id"].clone();
    let hits = receiver.wait(3).await;

    are_as_documented(&hits);
    for hit in &hits {
        assert!(hit.is_signed_with(SECRET) && hit.content_type == "application/json", "{hit:?}");
        assert!(hit.body.is_ascii(), "{hit:?}");
        assert!(std::str::from_utf8(&hit.body).unwrap().contains(r"order-\u00e4\/1"), "{hit:?}");
    }
    let statuses = items(&hits, "statuses");
    assert_eq!(names(&statuses), ["sent", "delivered", "read"]);
    let at = sandbox.ledger()[0].at;
    for status in &statuses {
        assert_eq!((&status["id"], &status["recipient_id"]), (&id, &"15550001234".into()));
        assert_eq!(status["biz_opaque_callback_data"], "order-ä/1");
        assert!(status["recipient_user_id"].as_str().unwrap().starts_with("US."));
        assert!(status["timestamp"].as_str().unwrap().parse::<u64>().unwrap() >= at / 1000);
        assert_eq!(status.get("conversation"), None, "gone since v24.0");
    }
    let price =
        json!({"billable": false, "pricing_model": "PMP", "type": "free_customer_service", "category": "service"});
    assert_eq!((&statuses[0]["pricing"], &statuses[1]["pricing"]), (&price, &price));
    assert_eq!(statuses[2].get("pricing"), None);
    let contacts = items(&hits, "contacts");
    assert_eq!((&contacts[0]["wa_id"], contacts.len()), (&"15550001234".into(), 3));
    let first = hits[0].json();
    assert_eq!(first["entry"][0]["id"], sandbox.settings().business_account_id);
    let metadata = &first["entry"][0]["changes"][0]["value"]["metadata"];
    assert_eq!(*metadata, json!({"display_phone_number": "15550783881", "phone_number_id": sandbox.phone_number_id()}));

    assert_eq!(sandbox.flush_webhooks(PATIENCE).await, 0);
    let ledger = connection.control("GET", "messages", &Value::Null).await;
    assert_eq!(ledger["messages"][0]["status"], "read");
    let counters = sandbox.counters();
    assert_eq!((counters.webhooks, counters.webhooks_failed), (3, 0));
}

#[tokio::test]
async fn each_kind_of_recipient_has_its_own_statuses() {
    let receiver = Receiver::start().await;
    let sandbox =
        subscribed(&receiver, &json!({"statuses": ["sent", "delivered", "played"], "conversation": true})).await;
    let mut connection = Connection::open(&sandbox).await;
    let text = |name: &str, to: &str| json!({"messaging_product": "whatsapp", name: to, "type": "text", "text": {"body": "Hi"}});

    connection.post(&sandbox, &text("recipient", "US.134912086")).await.unwrap();
    let hits = receiver.wait(2).await;
    are_as_documented(&hits);
    for status in items(&hits, "statuses") {
        assert_eq!((status.get("recipient_id"), &status["recipient_user_id"]), (None, &"US.134912086".into()));
        assert_eq!(status["conversation"]["origin"]["type"], "service");
        let expires = status["conversation"].get("expiration_timestamp");
        assert_eq!(expires.is_some(), status["status"] == "sent");
    }

    let mut group = text("to", "Y2FwaV9ncm91cDo");
    group["recipient_type"] = "group".into();
    connection.post(&sandbox, &group).await.unwrap();
    let hits = receiver.wait(4).await;
    are_as_documented(&hits);
    let statuses = items(&hits[2..], "statuses");
    assert_eq!(names(&statuses), ["sent", "sent", "delivered", "delivered"], "one for each member");
    assert!(
        statuses
            .iter()
            .all(|status| status["recipient_id"] == "Y2FwaV9ncm91cDo" && status["recipient_type"] == "group")
    );
    assert_ne!(statuses[0]["recipient_participant_id"], statuses[1]["recipient_participant_id"]);

    let id = sandbox.ledger()[0].id.clone();
    let reaction = json!({"messaging_product": "whatsapp", "to": TO, "type": "reaction",
        "reaction": {"message_id": id, "emoji": "👍"}});
    connection.post(&sandbox, &reaction).await.unwrap();
    let voice =
        json!({"messaging_product": "whatsapp", "to": TO, "type": "audio", "audio": {"id": "1", "voice": true}});
    connection.post(&sandbox, &voice).await.unwrap();
    assert_eq!(sandbox.flush_webhooks(PATIENCE).await, 0);
    let hits = receiver.wait(8).await;
    assert_eq!(names(&items(&hits[4..5], "statuses")), ["sent"], "a reaction has no other");
    assert_eq!(names(&items(&hits[5..], "statuses")), ["sent", "delivered", "played"]);

    let template = json!({"messaging_product": "whatsapp", "to": TO, "type": "template",
        "template": {"name": "hello_world", "language": {"code": "en_US"}}});
    connection.post(&sandbox, &template).await.unwrap();
    let read = json!({"messaging_product": "whatsapp", "status": "read", "message_id": "wamid.HBgLMTU1NTAwMDEyMzQ="});
    assert_eq!(connection.post(&sandbox, &read).await.unwrap().status, 200);
    assert_eq!(sandbox.flush_webhooks(PATIENCE).await, 0);
    let hits = receiver.hits();
    assert_eq!(hits.len(), 10, "marking as read tells nothing");
    let pricing = &items(&hits[8..], "statuses")[0]["pricing"];
    assert_eq!(
        (&pricing["category"], &pricing["type"], &pricing["billable"]),
        (&"utility".into(), &"regular".into(), &true.into())
    );
    are_as_documented(&hits);
}

#[tokio::test]
async fn a_message_can_fail_after_it_was_accepted() {
    let receiver = Receiver::start().await;
    let sandbox = subscribed(&receiver, &json!({})).await;
    let fault = json!({"kind": "failed", "code": 131026, "to": TO, "details": "No account."});
    sandbox.add_fault(serde_json::from_value(fault).unwrap()).unwrap();
    assert_eq!(send(&sandbox, TO).await.unwrap().status, 200);
    assert_eq!(sandbox.flush_webhooks(PATIENCE).await, 0);
    let hits = receiver.hits();
    are_as_documented(&hits);
    let statuses = items(&hits, "statuses");
    assert_eq!((names(&statuses), items(&hits, "contacts").len()), (vec!["failed"], 0));
    let error = &statuses[0]["errors"][0];
    assert_eq!(
        (&error["code"], &error["title"], &error["message"]),
        (&131_026.into(), &"Message undeliverable".into(), &error["title"])
    );
    assert_eq!(error["error_data"], json!({"details": "No account."}));
    assert_eq!((statuses[0].get("pricing"), statuses[0].get("recipient_user_id")), (None, None));
    assert_eq!(serde_json::to_value(&*sandbox.ledger()[0]).unwrap()["status"], "failed");
}

#[tokio::test]
async fn what_was_accepted_without_an_answer_is_told_by_webhook() {
    let receiver = Receiver::start().await;
    let sandbox = subscribed(&receiver, &json!({"statuses": ["sent"]})).await;
    let kinds =
        [FaultKind::ResetAfter, FaultKind::CloseAfter, FaultKind::ResetMidAnswer, FaultKind::NoId, FaultKind::Garbage];
    for kind in kinds {
        sandbox.add_fault(Fault::new(kind)).unwrap();
        let _ = send(&sandbox, TO).await;
    }
    sandbox.add_fault(Fault::new(FaultKind::ResetBefore)).unwrap();
    let _ = send(&sandbox, TO).await;
    assert_eq!(sandbox.flush_webhooks(PATIENCE).await, 0);
    let told: Vec<String> =
        items(&receiver.hits(), "statuses").iter().map(|status| status["id"].as_str().unwrap().to_owned()).collect();
    let accepted: Vec<String> = sandbox.ledger().iter().map(|message| message.id.clone()).collect();
    assert_eq!((told.len(), told), (kinds.len(), accepted));
}

#[tokio::test]
async fn a_handshake_that_fails_leaves_everything_as_it_was() {
    let receiver = Receiver::start().await;
    let sandbox = sandbox(Settings::default()).await;
    let mut connection = Connection::open(&sandbox).await;
    let gone = Receiver::start().await;
    let nobody = gone.url();
    gone.stop().await;
    let put = json!({"url": receiver.url(), "verify_token": "my-token"});
    let with = |name: &str, value: Value| {
        let mut put = put.clone();
        put[name] = value;
        put
    };
    for (body, challenge, says) in [
        (with("verify_token", "other".into()), None, "403 \"Forbidden\""),
        (put.clone(), Some((200, "OK")), "the value of hub.challenge and nothing else"),
        (put.clone(), Some((200, "<html>")), "<html>"),
        (put.clone(), Some((302, "")), "302"),
        (with("url", nobody.into()), None, "Is your server running?"),
        (with("url", "https://example.com/webhook".into()), None, "https is not spoken"),
        (with("url", "ftp://127.0.0.1/".into()), None, "http://"),
        (with("fields", json!(["flows"])), None, "fields"),
        (with("batch", 1001.into()), None, "batch: 1 to 1000"),
        (with("statuses", json!(["sent", "lost"])), None, "lost"),
        (with("bacth", 2.into()), None, "bacth"),
        (with("app_secret", "".into()), None, "app_secret"),
    ] {
        if let Some((status, text)) = challenge {
            receiver.answers_handshakes(status, text);
        }
        let reply = connection.request("PUT", "/_sandbox/webhook", &[], &body.to_string()).await.unwrap();
        let error = reply.json()["error"].as_str().unwrap_or_default().to_owned();
        assert!(reply.status == 400 && error.contains(says), "{body}: {error}");
        let state = connection.control("GET", "webhook", &Value::Null).await;
        assert_eq!((&state["subscribed"], &state["url"]), (&false.into(), &Value::Null));
    }
    send(&sandbox, TO).await.unwrap();
    assert_eq!(sandbox.flush_webhooks(PATIENCE).await, 0, "the status of a message does not need a webhook");
    assert_eq!((receiver.hits().len(), sandbox.webhooks(&WebhookFilter::default()).len()), (0, 0));
    assert!(matches!(sandbox.post_webhook("{}"), Err(Error::Webhook(_))));
}

#[tokio::test]
async fn whatever_is_not_200_is_repeated_and_the_rest_goes_on() {
    let receiver = Receiver::start().await;
    let sandbox = subscribed(&receiver, &json!({"statuses": ["sent"], "first_retry_ms": 1})).await;
    receiver.answers(&[500, 404, 201, 302]);
    let mut connection = Connection::open(&sandbox).await;
    for _ in 0..2 {
        connection.send(&sandbox, TO, "Hi").await.unwrap();
    }
    assert_eq!(sandbox.flush_webhooks(PATIENCE).await, 0);
    let hits = receiver.hits();
    assert_eq!(hits.len(), 6);
    let taken: Vec<_> = hits.iter().filter(|hit| hit.status == 200).cloned().collect();
    let mut ids: Vec<Value> = items(&taken, "statuses").iter().map(|status| status["id"].clone()).collect();
    ids.sort_by_key(Value::to_string);
    ids.dedup();
    assert_eq!(ids.len(), 2, "each was taken once");

    let list = connection.control("GET", "webhooks?state=delivered", &Value::Null).await;
    let deliveries = list["webhooks"].as_array().unwrap();
    assert_eq!(deliveries.iter().map(|one| one["sent"].as_u64().unwrap()).sum::<u64>(), 6);
    for (delivery, hit) in deliveries.iter().flat_map(|one| one["attempts"].as_array().unwrap()).zip(&hits) {
        assert!(delivery["signature"].as_str().unwrap().starts_with("sha256=") && hit.is_signed_with(SECRET));
    }
    let after = connection.control("GET", "webhooks?after=0&limit=1", &Value::Null).await;
    assert_eq!((&after["webhooks"][0]["index"], after["webhooks"].as_array().unwrap().len()), (&1.into(), 1));
    let counters = connection.control("GET", "state", &Value::Null).await["counters"].clone();
    assert_eq!((&counters["webhooks"], &counters["webhooks_failed"]), (&6.into(), &4.into()));
    connection.control("POST", "reset", &Value::Null).await;
    assert_eq!(connection.control("GET", "webhooks", &Value::Null).await, json!({"webhooks": []}));
    assert_eq!(
        connection.control("GET", "webhook", &Value::Null).await["subscribed"],
        true,
        "a reset keeps the subscription"
    );
}

#[tokio::test]
async fn webhooks_outlive_a_receiver_that_is_down() {
    let receiver = Receiver::start().await;
    let port = receiver.address.port();
    let sandbox = subscribed(&receiver, &json!({"max_retry_ms": 5})).await;
    receiver.stop().await;
    send(&sandbox, TO).await.unwrap();
    let mut connection = Connection::open(&sandbox).await;
    let attempts =
        || sandbox.webhooks(&WebhookFilter::default()).first().map_or(Vec::new(), |one| one.attempts.clone());
    until(|| !attempts().is_empty()).await;
    let flushed = connection.control("POST", "webhooks/flush", &json!({"timeout_ms": 100})).await;
    assert_eq!(flushed, json!({"pending": 3}));
    let attempt = &attempts()[0];
    assert!(attempt.status.is_none() && attempt.error.as_ref().unwrap().contains("refused"), "{attempt:?}");

    let receiver = Receiver::on(port).await;
    let hits = receiver.wait(3).await;
    let mut statuses = items(&hits, "statuses");
    statuses.sort_by_key(|status| ["sent", "delivered", "read"].iter().position(|name| status["status"] == **name));
    assert_eq!(names(&statuses), ["sent", "delivered", "read"]);
    assert_eq!(sandbox.flush_webhooks(PATIENCE).await, 0);
}

#[tokio::test]
async fn time_can_be_moved_so_that_waits_are_over() {
    let receiver = Receiver::start().await;
    let slow = json!({"status_delay_ms": 600_000, "statuses": ["sent"], "first_retry_ms": 3_600_000, "max_retry_ms": 604_800_000});
    let sandbox = subscribed(&receiver, &slow).await;
    receiver.answers(&[503; 9]);
    send(&sandbox, TO).await.unwrap();
    assert_eq!(sandbox.webhooks(&WebhookFilter::default()).len(), 0);
    sandbox.advance_clock(Duration::from_secs(600));
    receiver.wait(1).await;
    let mut connection = Connection::open(&sandbox).await;
    for hits in 2..=8 {
        // Each wait is twice as long: 1 h, 2 h, 4 h, …
        let due = 3_600_000_u64 << (hits - 2);
        let before = connection.control("GET", "clock", &Value::Null).await["ahead_ms"].as_u64().unwrap();
        let moved = connection.control("POST", "clock", &json!({"advance_ms": due})).await;
        assert_eq!(moved["ahead_ms"].as_u64().unwrap(), before + due);
        receiver.wait(hits).await;
    }
    // 1 + 2 + … + 64 h have passed; another 128 h would be more than 7 days.
    let given_up = async {
        while sandbox.webhooks(&WebhookFilter::default())[0].state == DeliveryState::Pending {
            tokio::task::yield_now().await;
        }
    };
    tokio::time::timeout(PATIENCE, given_up).await.unwrap();
    assert_eq!(sandbox.webhooks(&WebhookFilter::default())[0].state, DeliveryState::GivenUp);
    assert_eq!(sandbox.flush_webhooks(PATIENCE).await, 0);
}

#[tokio::test]
async fn a_receiver_may_start_after_the_sandbox_but_not_answer_wrongly() {
    let receiver = Receiver::start().await;
    let (port, url) = (receiver.address.port(), receiver.url());
    let webhook = |verify_token: &str| Webhook {
        url: Some(url.clone()),
        verify_token: verify_token.to_owned(),
        status_delay_ms: 1,
        ..Webhook::default()
    };
    let wrong = Sandbox::start(Settings { webhook: webhook("wrong"), ..Settings::default() }).await;
    assert!(matches!(wrong, Err(Error::Webhook(why)) if why.contains("403")));
    receiver.stop().await;
    let sandbox = sandbox(Settings { webhook: webhook("my-token"), ..Settings::default() }).await;
    send(&sandbox, TO).await.unwrap();
    let mut connection = Connection::open(&sandbox).await;
    let state = connection.control("GET", "webhook", &Value::Null).await;
    assert!(state["subscribed"] == false && state["problem"].as_str().unwrap().contains("running"), "{state}");

    let receiver = Receiver::on(port).await;
    let hits = receiver.wait(3).await;
    assert_eq!(names(&items(&hits, "statuses")), ["sent", "delivered", "read"]);
    assert!(hits.iter().all(|hit| hit.is_signed_with("sandbox-app-secret")));
    assert_eq!(connection.control("GET", "webhook", &Value::Null).await["subscribed"], true);
    let nowhere = connection.control("DELETE", "webhook", &Value::Null).await;
    assert_eq!((&nowhere["url"], &nowhere["subscribed"]), (&Value::Null, &false.into()));
    send(&sandbox, TO).await.unwrap();
    assert_eq!((sandbox.flush_webhooks(PATIENCE).await, receiver.hits().len()), (0, 3));
}
