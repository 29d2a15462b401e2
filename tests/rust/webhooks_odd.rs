//! Webhooks that are large, random or that nobody would send: nothing panics, nothing is dropped, nothing takes for ever.
#![allow(clippy::unwrap_used, clippy::panic, missing_docs, reason = "tests")]

use std::time::{Duration, Instant};

use proptest::prelude::*;
use serde_json::{Value, json};
use wacloud::webhook::{self, WebhookKind};

#[test]
fn a_thousand_items_are_a_thousand_events() {
    let message = |n: usize| {
        json!({"from": format!("1555{n:07}"), "id": format!("wamid.{n}"), "timestamp": "1749416383",
        "type": "text", "text": {"body": format!("number {n}")}})
    };
    let contact = |n: usize| json!({"wa_id": format!("1555{n:07}"), "profile": {"name": format!("Person {n}")}});
    let change = |from: usize, to: usize| {
        json!({"field": "messages", "value": {
        "messages": (from..to).map(message).collect::<Vec<_>>(),
        "contacts": (from..to).rev().map(contact).collect::<Vec<_>>()}})
    };
    let body = json!({"object": "whatsapp_business_account", "entry": [
        {"id": "1", "changes": [change(0, 300), change(300, 301)]}, {"id": "2", "changes": [change(301, 1000)]}]});
    let events = webhook::parse(body.to_string().as_bytes()).unwrap();
    assert_eq!(events.len(), 1000);
    for (n, event) in events.iter().enumerate() {
        assert_eq!(event.id, Some(format!("wamid.{n}")));
        assert_eq!(event.text, Some(format!("number {n}")));
        assert_eq!(event.name, Some(format!("Person {n}")));
    }
}

/// Ten megabytes of whatever is slowest take seconds in this build, not minutes: nothing grows with the square.
#[test]
fn large_bodies_take_bounded_time() {
    let size = 10 << 20;
    let fill = |head: &str, piece: &dyn Fn(usize) -> String, tail: &str| {
        let mut body = head.to_owned();
        let mut n = 0;
        while body.len() + tail.len() < size {
            body += if n == 0 { "" } else { "," };
            body += &piece(n);
            n += 1;
        }
        body + tail
    };
    let value = |inner: &str| format!(r#"{{"entry":[{{"changes":[{{"field":"messages","value":{{{inner}"#);
    let cases: Vec<(&str, String)> = vec![
        ("one text", format!("{}\"{}\"}}}}]}}]}}", value(r#""messages":"#), "x".repeat(size))),
        ("escapes", format!("{}\"{}\"}}}}]}}]}}", value(r#""messages":"#), r"\ud83d".repeat(size / 6))),
        ("members", fill(&value(""), &|n| format!("\"k{n}\":{{}}"), "}}]}]}")),
        ("contacts and messages", {
            let contacts = fill(&value(r#""contacts":["#), &|n| format!("{{\"wa_id\":\"{n}\"}}"), "");
            contacts[..size / 2].rsplit_once(',').unwrap().0.to_owned()
                + &fill(
                    r#"],"messages":["#,
                    &|n| format!("{{\"from\":\"{n}\",\"id\":\"some-longer-id-{n}-{}\"}}", "y".repeat(80)),
                    "]}}]}]}",
                )[..]
        }),
        (
            "errors beside a message",
            fill(
                &value(r#""messages":[{},{}],"errors":["#),
                &|n| format!("{{\"code\":{n},\"t\":\"{}\"}}", "z".repeat(90)),
                "]}}]}]}",
            ),
        ),
        ("lists", format!("[{}1]", "[],".repeat(size / 3))),
        ("open brackets", "[".repeat(size)),
    ];
    for (name, body) in cases {
        let begun = Instant::now();
        let events = webhook::parse(body.as_bytes()).map(|events| events.len());
        assert!(begun.elapsed() < Duration::from_secs(30), "{name}: {:?} for {events:?}", begun.elapsed());
    }
}

/// Names that mean something, so that random trees reach far.
const NAMES: &[&str] = &[
    "object",
    "entry",
    "id",
    "time",
    "changes",
    "field",
    "value",
    "messaging",
    "standby",
    "metadata",
    "contacts",
    "messages",
    "statuses",
    "errors",
    "history",
    "threads",
    "calls",
    "groups",
    "message",
    "from",
    "type",
    "timestamp",
    "text",
    "body",
    "interactive",
    "context",
    "reaction",
    "sender",
    "recipient",
    "mid",
    "attachments",
    "payload",
    "read",
    "watermark",
    "system",
    "edit",
    "nfm_reply",
    "response_json",
    "user_id",
    "wa_id",
    "profile",
    "name",
    "code",
    "message_echoes",
    "x",
];

fn tree() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        any::<f64>().prop_map(Value::from),
        "\\PC{0,8}".prop_map(Value::from),
        proptest::sample::select(vec![
            "whatsapp_business_account",
            "page",
            "instagram",
            "messages",
            "history",
            "flows",
            "comments",
            "text",
            "image",
            "interactive",
            "edit",
            "contacts",
            "order",
            "whatsapp",
            "{\"a\":[1]}",
            "call",
            "group",
        ])
        .prop_map(Value::from),
    ];
    leaf.prop_recursive(10, 120, 8, |inner| {
        prop_oneof![
            proptest::collection::vec(inner.clone(), 0..6).prop_map(Value::from),
            proptest::collection::vec((proptest::sample::select(NAMES), inner), 0..8).prop_map(
                |members| Value::Object(members.into_iter().map(|(name, value)| (name.to_owned(), value)).collect())
            ),
        ]
    })
}

/// An item that is read as such whatever is in it.
fn item() -> impl Strategy<Value = Value> {
    tree().prop_map(|value| match value {
        Value::Object(members) => Value::Object(members),
        other => json!({"id": "a", "type": "text", "text": other}),
    })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(500))]

    #[test]
    fn whatever_comes_nothing_panics_and_nothing_is_dropped(body in tree()) {
        let text = body.to_string();
        match webhook::parse(text.as_bytes()) {
            Ok(events) => {
                let is_empty = |value: &Value| value.as_array().is_some_and(Vec::is_empty);
                let has_nothing = is_empty(&body) || is_empty(&body["entry"])
                    || body.as_array().is_some_and(|bodies| bodies.iter().all(|body| is_empty(&body["entry"])));
                prop_assert_eq!(events.is_empty(), has_nothing);
                for event in events {
                    prop_assert!(text.contains(event.raw.as_str()));
                }
            }
            Err(error) => {
                prop_assert!(!body.is_object() && !body.is_array(), "{error}");
                prop_assert_eq!(&error.violations()[0].path, "body");
            }
        }
    }

    /// Items under every list of messages, statuses, echoes, calls and groups: one event each, in their order.
    #[test]
    fn as_many_items_as_events(entries in proptest::collection::vec(proptest::collection::vec(
        (proptest::sample::select(&["messages", "statuses", "message_echoes", "calls", "groups", "user_preferences"][..]),
         proptest::collection::vec(item(), 1..5)), 1..4), 1..4))
    {
        let changes = |lists: &Vec<(&str, Vec<Value>)>| -> Vec<Value> {
            lists.iter().map(|(name, items)| json!({"field": "messages", "value": {(*name): items}})).collect()
        };
        let body: Vec<Value> = entries.iter().map(|lists| json!({"id": "1", "changes": changes(lists)})).collect();
        let body = json!({"object": "whatsapp_business_account", "entry": body});
        let expected: Vec<&Value> = entries.iter().flatten().flat_map(|(_, items)| items).collect();
        let events = webhook::parse(body.to_string().as_bytes()).unwrap();
        prop_assert_eq!(events.len(), expected.len());
        for (event, item) in events.iter().zip(expected) {
            prop_assert_ne!(event.kind, WebhookKind::Other);
            prop_assert_eq!(&event.raw.to_value(), item);
        }
    }

    #[test]
    fn any_bytes_are_events_or_a_refusal(bytes in proptest::collection::vec(any::<u8>(), 0..64), cut in 0_usize..400) {
        let _ = webhook::parse(&bytes);
        // A good body with something wrong in the middle.
        let mut body = br#"{"object":"page","entry":[{"id":"1","messaging":[{"sender":{"id":"2"},"message":{"mid":"m","text":"\ud83d\ude00"}}]}]}"#.to_vec();
        let cut = cut % body.len();
        body.splice(cut..cut, bytes);
        let _ = webhook::parse(&body);
    }

    #[test]
    fn only_the_right_secret_fits(secret in "\\PC{1,20}", other in "\\PC{1,20}", body in proptest::collection::vec(any::<u8>(), 0..80)) {
        let key = ring::hmac::Key::new(ring::hmac::HMAC_SHA256, secret.as_bytes());
        let digits: String = ring::hmac::sign(&key, &body).as_ref().iter().map(|byte| format!("{byte:02x}")).collect();
        let header = format!("sha256={digits}");
        prop_assert!(webhook::verify(&[&secret], &body, Some(&header)).is_ok());
        prop_assert_eq!(webhook::verify(&[&other], &body, Some(&header)).is_ok(), secret == other);
    }
}
