//! What receivers have to stand: several items in one POST, repeats, disorder, wrong signatures, payloads of any kind.
#![allow(clippy::unwrap_used, clippy::panic, missing_docs, reason = "tests")]

mod common;

use std::time::Duration;

use common::receiver::{Receiver, are_as_documented, items};
use common::{Connection, SECRET, subscribed};
use serde_json::{Value, json};
use wacloud_sandbox::WebhookFilter;

const TO: &str = "+15550001234";
const PATIENCE: Duration = Duration::from_secs(20);

#[tokio::test]
async fn a_batch_has_several_of_everything_and_loses_nothing() {
    let receiver = Receiver::start().await;
    let sandbox = subscribed(&receiver, &json!({"batch": 10, "hold_ms": 60_000})).await;
    let mut connection = Connection::open(&sandbox).await;
    for i in 0..4 {
        connection.send(&sandbox, TO, "Hi").await.unwrap();
        sandbox.write_as_customer(&json!({"from": format!("+1555000200{i}"), "text": "Hello"})).unwrap();
    }
    // Ten of sixteen items fill a POST; the others are held back until somebody wants them.
    receiver.wait(1).await;
    assert_eq!(sandbox.flush_webhooks(PATIENCE).await, 0);
    let hits = receiver.hits();
    are_as_documented(&hits);
    assert_eq!(hits.len(), 2);
    assert_eq!((items(&hits, "messages").len(), items(&hits, "statuses").len()), (4, 12));
    let entries = hits[0].json()["entry"].as_array().unwrap().clone();
    let changes: Vec<&Value> = entries.iter().flat_map(|entry| entry["changes"].as_array().unwrap()).collect();
    assert!(entries.len() > 1 && changes.len() > entries.len(), "{entries:#?}");
    let lists = changes.iter().flat_map(|change| ["messages", "statuses"].map(|list| &change["value"][list]));
    assert!(lists.filter_map(Value::as_array).any(|list| list.len() > 1), "{entries:#?}");
}

#[tokio::test]
async fn a_thousand_items_fit_one_post() {
    let receiver = Receiver::start().await;
    let sandbox = subscribed(&receiver, &json!({"batch": 1000, "hold_ms": 60_000})).await;
    let requests: Vec<Value> = (0..1000).map(|i| json!({"from": format!("+1555{i:07}"), "text": "Hi"})).collect();
    for request in &requests {
        sandbox.write_as_customer(request).unwrap();
    }
    let hits = receiver.wait(1).await;
    are_as_documented(&hits);
    assert_eq!((hits.len(), items(&hits, "messages").len(), items(&hits, "contacts").len()), (1, 1000, 1000));
}

#[tokio::test]
async fn what_is_held_back_goes_when_its_time_is_over() {
    let receiver = Receiver::start().await;
    let sandbox = subscribed(&receiver, &json!({"batch": 100, "hold_ms": 600_000})).await;
    sandbox.write_as_customer(&json!({"from": TO, "text": "Hi"})).unwrap();
    assert_eq!(sandbox.webhooks(&WebhookFilter::default()).len(), 0);
    sandbox.advance_clock(Duration::from_secs(600));
    assert_eq!(items(&receiver.wait(1).await, "messages").len(), 1);
}

#[tokio::test]
async fn each_post_can_come_twice() {
    let receiver = Receiver::start().await;
    let sandbox = subscribed(&receiver, &json!({"repeat": 2, "statuses": ["sent"]})).await;
    Connection::open(&sandbox).await.send(&sandbox, TO, "Hi").await.unwrap();
    assert_eq!(sandbox.flush_webhooks(PATIENCE).await, 0);
    let hits = receiver.hits();
    assert_eq!(hits.len(), 2);
    assert_eq!((&hits[0].body, &hits[0].signature), (&hits[1].body, &hits[1].signature));
    assert_eq!(sandbox.webhooks(&WebhookFilter::default())[0].sent, 2);
}

#[tokio::test]
async fn statuses_come_out_of_order_and_the_seed_repeats_it() {
    let run = async || {
        let receiver = Receiver::start().await;
        let sandbox =
            subscribed(&receiver, &json!({"shuffle": true, "hold_ms": 60_000, "status_delay_ms": 2000})).await;
        Connection::open(&sandbox).await.send(&sandbox, TO, "Hi").await.unwrap();
        assert_eq!(sandbox.flush_webhooks(PATIENCE).await, 0);
        let statuses = items(&receiver.hits(), "statuses");
        let moments: Vec<u64> =
            statuses.iter().map(|status| status["timestamp"].as_str().unwrap().parse().unwrap()).collect();
        let names = statuses.iter().map(|status| status["status"].as_str().unwrap().to_owned()).collect::<Vec<_>>();
        (names, moments)
    };
    let (names, moments) = run().await;
    assert_eq!(names, run().await.0);
    let mut right: Vec<(u64, &str)> = moments.into_iter().zip(names.iter().map(String::as_str)).collect();
    assert!(!right.is_sorted(), "{right:?}");
    right.sort_unstable();
    assert_eq!(
        right.iter().map(|(_, name)| *name).collect::<Vec<_>>(),
        ["sent", "delivered", "read"],
        "times are right"
    );
}

#[tokio::test]
async fn a_wrong_signature_is_refused_and_a_right_one_follows() {
    let receiver = Receiver::start().await;
    let sandbox = subscribed(&receiver, &json!({"wrong_signature": true, "max_retry_ms": 1})).await;
    receiver.answers(&[401]);
    sandbox.write_as_customer(&json!({"from": TO, "text": "Hi"})).unwrap();
    let hits = receiver.wait(1).await;
    assert!(!hits[0].is_signed_with(SECRET) && hits[0].signature.len() == "sha256=".len() + 64);
    let mut connection = Connection::open(&sandbox).await;
    connection.control("PUT", "webhook", &json!({"wrong_signature": false})).await;
    sandbox.write_as_customer(&json!({"from": TO, "text": "Hi"})).unwrap();
    let hits = receiver.wait_for(|hits| hits.last().is_some_and(|hit| hit.is_signed_with(SECRET))).await;
    assert!(hits.len() >= 2);
    assert_eq!(receiver.handshakes(), 1, "neither address nor token changed");
}

#[tokio::test]
async fn any_payload_is_signed_and_sent_as_it_is() {
    let receiver = Receiver::start().await;
    let sandbox = subscribed(&receiver, &json!({})).await;
    let mut connection = Connection::open(&sandbox).await;
    for (index, body) in ["{ \"object\":\"page\", \"ä/\": 1.0 }", "no JSON", ""].into_iter().enumerate() {
        let reply = connection.request("POST", "/_sandbox/webhooks", &[], body).await.unwrap();
        assert_eq!((reply.status, reply.json()), (201, json!({"index": index})));
        let hits = receiver.wait(index + 1).await;
        assert_eq!(hits[index].body, body.as_bytes());
        assert!(hits[index].is_signed_with(SECRET));
    }
    assert_eq!(sandbox.flush_webhooks(PATIENCE).await, 0);
    let list = connection.control("GET", "webhooks", &Value::Null).await;
    assert_eq!(
        (&list["webhooks"][0]["payload"], &list["webhooks"][1]["payload"]),
        (&json!({"object": "page", "ä/": 1.0}), &"no JSON".into())
    );
}

#[tokio::test]
async fn several_posts_can_be_under_way() {
    let receiver = Receiver::start().await;
    let sandbox = subscribed(&receiver, &json!({"connections": 8, "statuses": []})).await;
    for i in 0..50 {
        sandbox.write_as_customer(&json!({"from": TO, "text": i.to_string()})).unwrap();
    }
    assert_eq!(sandbox.flush_webhooks(PATIENCE).await, 0);
    assert_eq!(items(&receiver.hits(), "messages").len(), 50);
}
