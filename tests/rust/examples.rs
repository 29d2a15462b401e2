//! Core against the requests of Meta's own document, where it lies beside the checkout: each is read into a message and
//! comes out as it was, and whatever is changed in it so that Meta's schema refuses it, core refuses too.
#![allow(clippy::unwrap_used, clippy::panic, missing_docs, reason = "tests")]

mod support;

use serde_json::{Value, json};
use support::schema::Schema;
use support::{beside, say};
use wacloud::{Message, MessageOperation, operation, registry};

/// The requests to the endpoints that send messages, with what stands for something put in.
fn requests() -> Option<Vec<(String, Value)>> {
    let folder = beside("meta/dev/requests")?;
    let mut requests = Vec::new();
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        let name = path.file_stem().unwrap().to_string_lossy().into_owned();
        if name.starts_with("messages-") || name.starts_with("marketing-") {
            let body = serde_json::from_str(&std::fs::read_to_string(&path).unwrap()).unwrap();
            requests.push((name, filled("", body)));
        }
    }
    requests.sort_by(|(one, _), (other, _)| one.cmp(other));
    Some(requests)
}

/// Puts in what placeholders stand for, by the member that they are in.
fn filled(member: &str, value: Value) -> Value {
    match value {
        Value::String(text) if ["<", "{{", "http(s)://"].iter().any(|mark| text.contains(mark)) => {
            let filler = match member {
                "link" | "url" => "https://example.com/a".to_owned(),
                "to" => "+15550001234".to_owned(),
                "type" => "text".to_owned(),
                "name" => "a_template".to_owned(),
                // Two different placeholders are two different things.
                _ => text.trim_matches(['<', '>', '{', '}']).chars().rev().take(20).collect::<String>(),
            };
            filler.into()
        }
        Value::Array(items) => items.into_iter().map(|item| filled(member, item)).collect(),
        Value::Object(members) => {
            members.into_iter().map(|(name, value)| (name.clone(), filled(&name, value))).collect()
        }
        other => other,
    }
}

/// What the body must come out as: a number always gets its `+`.
fn with_plus(mut body: Value) -> Value {
    let digits = body["to"].as_str().filter(|to| to.bytes().all(|b| b.is_ascii_digit())).map(|to| format!("+{to}"));
    if let Some(digits) = digits {
        body["to"] = digits.into();
    }
    body
}

#[test]
fn requests_of_metas_document_come_out_as_they_were() {
    let (Some(requests), Some(schema)) = (requests(), Schema::load()) else { return };
    let mut read = 0;
    for (name, body) in &requests {
        let message = Message::from_payload(body);
        if !schema.complaints(body).is_empty() {
            assert!(message.is_err(), "{name} is not as Meta's own schema wants it, and was read");
            continue;
        }
        let message = message.unwrap_or_else(|error| panic!("{name}: {error}"));
        assert_eq!(message.payload().unwrap(), with_plus(body.clone()), "{name}");
        read += 1;
    }
    assert!(read >= 25, "only {read} of {} requests were right", requests.len());
    say(&format!("{read} requests of Meta's document read and written"));
}

/// Every place in a body, as JSON pointers.
fn places(here: &Value, path: String, found: &mut Vec<String>) {
    match here {
        Value::Array(items) => {
            for (index, item) in items.iter().enumerate() {
                places(item, format!("{path}/{index}"), found);
            }
        }
        Value::Object(members) => {
            for (name, member) in members {
                places(member, format!("{path}/{}", name.replace('~', "~0").replace('/', "~1")), found);
            }
        }
        _ => {}
    }
    found.push(path);
}

/// Every body that differs from `body` by one mistake, with a word about it.
fn mistakes(body: &Value) -> Vec<(String, Value)> {
    let mut all = Vec::new();
    places(body, String::new(), &mut all);
    let mut found = Vec::new();
    for path in &all {
        let mut change = |what: String, change: &dyn Fn(&mut Value)| {
            let mut changed = body.clone();
            change(changed.pointer_mut(path).unwrap());
            found.push((format!("{path}: {what}"), changed));
        };
        let here = body.pointer(path).unwrap();
        let wrong = if here.is_string() { json!([1]) } else { json!("?") };
        change("another type".to_owned(), &|place| *place = wrong.clone());
        match here {
            Value::String(_) => change("far too long".to_owned(), &|place| *place = "x".repeat(40_000).into()),
            Value::Array(_) => change("far too many".to_owned(), &|place| {
                let one = place[0].clone();
                place.as_array_mut().unwrap().extend(std::iter::repeat_n(one, 300));
            }),
            Value::Object(members) => {
                change("one member more".to_owned(), &|place| place["something_new"] = json!("x"));
                for name in members.keys() {
                    change(format!("without {name}"), &|place| {
                        place.as_object_mut().unwrap().remove(name);
                    });
                }
            }
            _ => {}
        }
    }
    found
}

#[test]
fn a_mistake_in_a_request_of_metas_document_is_refused() {
    let (Some(requests), Some(schema)) = (requests(), Schema::load()) else { return };
    let mut refused = 0;
    let mut taken = Vec::new();
    for (name, body) in requests.iter().filter(|(_, body)| schema.complaints(body).is_empty()) {
        for (what, changed) in mistakes(body) {
            if schema.complaints(&changed).is_empty() {
                continue;
            }
            match Message::from_payload(&changed) {
                Ok(_) => taken.push(format!("{name}{what}")),
                Err(_) => refused += 1,
            }
        }
    }
    assert!(taken.is_empty(), "{} of {} were taken: {taken:#?}", taken.len(), refused + taken.len());
    assert!(refused > 300, "only {refused} mistakes were made");
    say(&format!("{refused} mistakes in requests of Meta's document refused"));
}

/// The example that an operation's documentation shows works.
#[test]
fn every_example_is_right() {
    let manifest = registry::manifest();
    for operation in manifest["operations"].as_array().unwrap() {
        let name = operation["name"].as_str().unwrap();
        let example = &operation["example"];
        assert!(example.is_object(), "{name} has no example");
        if operation["constructor"].is_string() {
            registry::payload(name, &example.to_string()).unwrap_or_else(|error| panic!("{name}: {error}"));
        }
    }
    assert!(operation::SendText::EXAMPLE.contains("Hello"));
}
