//! Webhooks: the vectors that every language runs, Meta's examples, and bodies that nobody would send.
#![allow(clippy::unwrap_used, clippy::panic, missing_docs, reason = "tests")]

mod support;

use std::path::Path;
use std::time::{Duration, Instant};

use base64::Engine as _;
use proptest::prelude::*;
use serde::Deserialize;
use serde::de::DeserializeOwned;
use serde_json::{Value, json};
use wacloud::webhook::{self, WebhookEvent, WebhookKind};

/// A body that is parsed: one of `body`, `text`, `pieces` and `base64`.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Parse {
    name: String,
    body: Option<Value>,
    text: Option<String>,
    pieces: Option<Vec<(String, usize)>>,
    base64: Option<String>,
    events: Option<Vec<Value>>,
    error: Option<Value>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Verify {
    name: String,
    app_secrets: Value,
    body: String,
    header: Option<String>,
    error: Option<Value>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Challenge {
    name: String,
    query: Value,
    verify_token: String,
    result: Option<String>,
    error: Option<Value>,
}

fn load<T: DeserializeOwned>(name: &str) -> Vec<T> {
    #[derive(Deserialize)]
    struct File<T> {
        vectors: Vec<T>,
    }
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join(format!("vectors/webhooks/{name}.json"));
    let file: File<T> = serde_json::from_str(&std::fs::read_to_string(path).unwrap()).unwrap();
    file.vectors
}

fn summary(name: &str, count: usize, failed: &[String]) {
    assert!(failed.is_empty(), "{} of {count} vectors failed:\n{}", failed.len(), failed.join("\n"));
    support::say(&format!("{count} webhook vectors passed: {name}"));
}

impl Parse {
    fn bytes(&self) -> Vec<u8> {
        match (&self.body, &self.text, &self.pieces, &self.base64) {
            (Some(body), None, None, None) => body.to_string().into_bytes(),
            (None, Some(text), None, None) => text.clone().into_bytes(),
            (None, None, Some(pieces), None) => {
                pieces.iter().map(|(piece, times)| piece.repeat(*times)).collect::<String>().into_bytes()
            }
            (None, None, None, Some(base64)) => base64::engine::general_purpose::STANDARD.decode(base64).unwrap(),
            _ => panic!("{} has not one body", self.name),
        }
    }
}

/// What is wrong with `actual`, of which `expected` names a part; lists are whole, `null` is absent, `"*"` any text.
fn compare(place: &str, expected: &Value, actual: Option<&Value>, found: &mut Vec<String>) {
    match (expected, actual) {
        (Value::Null, None) => {}
        (Value::String(any), Some(Value::String(text))) if any == "*" && !text.is_empty() => {}
        (Value::Object(expected), Some(Value::Object(actual))) => {
            for (name, expected) in expected {
                compare(&format!("{place}.{name}"), expected, actual.get(name), found);
            }
        }
        (Value::Array(expected), Some(Value::Array(actual))) if expected.len() == actual.len() => {
            for (index, (expected, actual)) in expected.iter().zip(actual).enumerate() {
                compare(&format!("{place}[{index}]"), expected, Some(actual), found);
            }
        }
        (Value::Number(expected), Some(Value::Number(actual))) if expected.as_f64() == actual.as_f64() => {}
        (expected, Some(actual)) if expected == actual => {}
        _ => found.push(format!("{place} is {}, expected {expected}", actual.unwrap_or(&Value::Null))),
    }
}

fn differences(expected: &Value, actual: &Value) -> Vec<String> {
    let mut found = Vec::new();
    compare("", expected, Some(actual), &mut found);
    found
}

fn check_parse(vector: &Parse) -> Vec<String> {
    let bytes = vector.bytes();
    match (webhook::parse(&bytes), &vector.events, &vector.error) {
        (Ok(events), Some(expected), None) => {
            if events.len() != expected.len() {
                return vec![format!("{} events, expected {}", events.len(), expected.len())];
            }
            let pairs = events.iter().zip(expected).enumerate();
            pairs.flat_map(|(index, (event, expected))| check_event(vector, index, event, expected)).collect()
        }
        (Err(error), None, Some(expected)) => differences(expected, &error.to_value()),
        (outcome, ..) => vec![format!("ended with {outcome:?}")],
    }
}

fn check_event(vector: &Parse, index: usize, event: &WebhookEvent, expected: &Value) -> Vec<String> {
    let mut expected = expected.clone();
    // Where in the body the item stands.
    if let (Some(at), Some(body)) = (expected.as_object_mut().unwrap().remove("at"), &vector.body) {
        expected["raw"] = body.pointer(at.as_str().unwrap()).unwrap().clone();
    }
    let mut actual = serde_json::to_value(event).unwrap();
    let mut found = Vec::new();
    if let Some(raw) = expected.as_object_mut().unwrap().remove("raw")
        && actual["raw"] != raw
    {
        found.push(format!("[{index}].raw is {}, expected {raw}", actual["raw"]));
    }
    // Absent and null are one.
    if let Some(errors) = actual["errors"].as_array_mut() {
        errors.iter_mut().filter_map(Value::as_object_mut).for_each(|error| error.retain(|_, value| !value.is_null()));
    }
    compare(&format!("[{index}]"), &expected, Some(&actual), &mut found);
    found
}

#[test]
fn every_parse_vector_passes() {
    let vectors: Vec<Parse> = load("parse");
    let failed = vectors.iter().filter_map(|vector| {
        let found = check_parse(vector);
        (!found.is_empty()).then(|| format!("{}\n    {}", vector.name, found.join("\n    ")))
    });
    summary("parse", vectors.len(), &failed.collect::<Vec<_>>());
}

/// What the language packages get says the same, and cutting an item out of the body gives its `raw`.
#[test]
fn the_answer_for_other_languages_says_the_same() {
    for vector in load::<Parse>("parse") {
        let bytes = vector.bytes();
        let (answer, events) = (webhook::answer("parse", "", &bytes), webhook::parse(&bytes));
        let (Ok(answer), Ok(events)) = (&answer, &events) else {
            assert_eq!(answer.unwrap_err().to_json(), events.unwrap_err().to_json(), "{}", vector.name);
            continue;
        };
        let answer: Value = serde_json::from_str(answer).unwrap();
        let body = answer["text"].as_str().map_or(bytes, |text| text.as_bytes().to_vec());
        let spans: Vec<usize> =
            answer["spans"].as_array().unwrap().iter().map(|at| at.as_u64().unwrap() as usize).collect();
        assert_eq!(spans.len(), events.len() * 2, "{}", vector.name);
        for ((event, told), span) in events.iter().zip(answer["events"].as_array().unwrap()).zip(spans.chunks(2)) {
            let mut event = serde_json::to_value(event).unwrap();
            let raw = event.as_object_mut().unwrap().remove("raw").unwrap();
            assert_eq!(&event, told, "{}", vector.name);
            let item: Result<Value, _> = serde_json::from_slice(&body[span[0]..span[1]]);
            // A number out of range is nothing that this library reads.
            if let Ok(item) = item {
                assert_eq!(item, raw, "{}", vector.name);
            }
        }
    }
}

#[test]
fn every_verify_vector_passes() {
    let vectors: Vec<Verify> = load("verify");
    let failed = vectors.iter().filter_map(|vector| {
        let secrets: Vec<&str> = match &vector.app_secrets {
            Value::Array(secrets) => secrets.iter().map(|secret| secret.as_str().unwrap()).collect(),
            secret => vec![secret.as_str().unwrap()],
        };
        let direct = webhook::verify(&secrets, vector.body.as_bytes(), vector.header.as_deref());
        let arguments = json!({"app_secrets": vector.app_secrets, "header": vector.header}).to_string();
        let by_name =
            webhook::answer("verify", &arguments, vector.body.as_bytes()).map(|answer| assert_eq!(answer, "null"));
        failure(&vector.name, vector.error.as_ref(), [direct, by_name])
    });
    summary("verify", vectors.len(), &failed.collect::<Vec<_>>());
}

#[test]
fn every_challenge_vector_passes() {
    let vectors: Vec<Challenge> = load("challenge");
    let failed = vectors.iter().filter_map(|vector| {
        let expected = vector.result.clone().unwrap_or_default();
        let arguments = json!({"query": vector.query, "verify_token": vector.verify_token}).to_string();
        let by_name = webhook::answer("challenge", &arguments, b"");
        let by_name = by_name.map(|answer| assert_eq!(answer, json!(expected).to_string(), "{}", vector.name));
        let direct = vector.query.as_str().map_or(by_name.clone(), |query| {
            webhook::challenge(query, &vector.verify_token)
                .map(|answer| assert_eq!(answer, expected, "{}", vector.name))
        });
        failure(&vector.name, vector.error.as_ref(), [direct, by_name])
    });
    summary("challenge", vectors.len(), &failed.collect::<Vec<_>>());
}

fn failure(name: &str, expected: Option<&Value>, outcomes: [Result<(), wacloud::Error>; 2]) -> Option<String> {
    let found: Vec<String> = outcomes
        .into_iter()
        .flat_map(|outcome| match (outcome, expected) {
            (Ok(()), None) => Vec::new(),
            (Err(error), Some(expected)) => differences(expected, &error.to_value()),
            (outcome, _) => vec![format!("ended with {outcome:?}")],
        })
        .collect();
    (!found.is_empty()).then(|| format!("{name}\n    {}", found.join("\n    ")))
}

/// Meta's own examples, those that are a message alone within a body.
#[test]
fn every_item_of_metas_examples_is_one_event() {
    let Some(folder) = support::beside("meta/dev/webhooks") else { return };
    let (mut total, mut others) = (0, 0);
    for file in std::fs::read_dir(folder).unwrap() {
        let path = file.unwrap().path();
        let example: Value = serde_json::from_str(&std::fs::read_to_string(&path).unwrap()).unwrap();
        let body = match example.get("entry") {
            Some(_) => example,
            None => json!({"object": "whatsapp_business_account", "entry": [{"id": "1", "changes": [
                {"field": "messages", "value": {"messaging_product": "whatsapp", "messages": [example]}}]}]}),
        };
        let events = webhook::parse(body.to_string().as_bytes()).unwrap();
        let expected = items(&body);
        assert_eq!(events.len(), expected.len(), "{}", path.display());
        for (event, item) in events.iter().zip(expected) {
            assert_eq!(&event.raw.to_value(), item, "{}", path.display());
            total += 1;
            others += usize::from(event.kind == WebhookKind::Other);
        }
    }
    assert!(total > 10, "only {total} items");
    assert!(others * 50 <= total, "{others} of {total} items have no kind");
    support::say(&format!("{total} items of Meta's examples are events, {others} of kind other"));
}

/// The items of a body that is as it should be.
fn items(body: &Value) -> Vec<&Value> {
    body["entry"]
        .as_array()
        .unwrap()
        .iter()
        .flat_map(|entry| entry["changes"].as_array().unwrap())
        .flat_map(|change| ["messages", "statuses", "groups", "errors"].map(|name| &change["value"][name]))
        .filter_map(Value::as_array)
        .flatten()
        .collect()
}

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
