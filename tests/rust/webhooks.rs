//! Webhooks: the vectors that every language runs, and Meta's examples.
#![allow(clippy::unwrap_used, clippy::panic, missing_docs, reason = "tests")]

mod support;

use std::path::Path;

use base64::Engine as _;
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
    // What is left out because it is empty or false.
    for (name, nothing) in
        [("media", json!([])), ("errors", json!([])), ("forwarded", json!(false)), ("standby", json!(false))]
    {
        actual.as_object_mut().unwrap().entry(name).or_insert(nothing);
    }
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
        let [text, told @ ..] = &answer.as_array().unwrap()[..] else { panic!("{}", vector.name) };
        let body = text.as_str().map_or(bytes, |text| text.as_bytes().to_vec());
        assert_eq!(told.len(), events.len() * 4, "{}", vector.name);
        for (event, told) in events.iter().zip(told.chunks(4)) {
            let [values, names, start, end] = told else { panic!("{}", vector.name) };
            let (values, names) = (values.as_array().unwrap(), names.as_str().unwrap().split(' '));
            assert_eq!(values.len(), names.clone().count(), "{}", vector.name);
            let told: Value = names.map(str::to_owned).zip(values.iter().cloned()).collect();
            let span = start.as_u64().unwrap() as usize..end.as_u64().unwrap() as usize;
            let mut event = serde_json::to_value(event).unwrap();
            let raw = event.as_object_mut().unwrap().remove("raw").unwrap();
            assert_eq!(event, told, "{}", vector.name);
            let item: Result<Value, _> = serde_json::from_slice(&body[span]);
            // A number out of range is nothing that this library reads.
            if let Ok(item) = item {
                assert_eq!(item, raw, "{}", vector.name);
            }
        }
    }
}

#[test]
fn every_event_has_a_key_and_keeps_it() {
    let mut seen = 0;
    for vector in load::<Parse>("parse") {
        let keys = || webhook::parse(&vector.bytes()).unwrap_or_default().into_iter().map(|event| event.key);
        let (first, again): (Vec<String>, Vec<String>) = (keys().collect(), keys().collect());
        assert!(first.iter().all(|key| !key.is_empty()), "{}: {first:?}", vector.name);
        assert_eq!(first, again, "{}", vector.name);
        seen += first.len();
    }
    assert!(seen > 200, "only {seen} events");
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
