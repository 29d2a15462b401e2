use serde_json::{Value, json};

use super::{check_marketing, check_messages};

mod pages;

/// The valid bodies that the other tests change: every type and every kind of interactive message.
fn valid_bodies() -> Vec<Value> {
    let message = |kind: &str, content: Value| json!({"messaging_product": "whatsapp", "to": "+15550001234", "type": kind, kind: content});
    let interactive = |kind: &str, rest: Value| {
        let mut content = json!({"type": kind, "body": {"text": "Body"}});
        content.as_object_mut().unwrap().extend(rest.as_object().unwrap().clone());
        message("interactive", content)
    };
    let reply = |id: &str| json!({"type": "reply", "reply": {"id": id, "title": id}});
    let text = json!({"type": "text", "text": "Ana"});
    let components = json!([
        {"type": "header", "parameters": [{"type": "image", "image": {"link": "https://example.com/a.jpg"}}]},
        {"type": "header", "parameters": [{"type": "location", "location": {"latitude": "48.2", "longitude": 16.37}}]},
        {"type": "body", "parameters": [text, {"type": "text", "text": "x", "parameter_name": "order"},
            {"type": "currency", "currency": {"fallback_value": "1 €", "code": "EUR", "amount_1000": 1000}},
            {"type": "date_time", "date_time": {"fallback_value": "today", "year": 2026}}]},
        {"type": "button", "sub_type": "url", "index": "0", "parameters": [{"type": "text", "text": "suffix"}]},
        {"type": "button", "sub_type": "quick_reply", "index": 1, "parameters": [{"type": "payload", "payload": "p"}]},
        {"type": "button", "sub_type": "copy_code", "index": 2, "parameters": [{"type": "coupon_code", "coupon_code": "SAVE10"}]},
        {"type": "button", "sub_type": "flow", "index": 3, "parameters": [{"type": "action", "action": {"flow_token": "t"}}]},
        {"type": "carousel", "cards": [{"card_index": 0, "components": [{"type": "body", "parameters": [text]}]}]},
        {"type": "limited_time_offer", "parameters": [{"type": "limited_time_offer", "limited_time_offer": {"expiration_time_ms": 1}}]},
    ]);
    let rows = json!([{"id": "m9", "title": "09:00", "description": "one hour"}, {"id": "m10", "title": "10:00"}]);
    let flow = json!({"flow_message_version": "3", "flow_cta": "Open", "flow_id": "1", "flow_token": "t", "mode": "draft",
        "flow_action": "navigate", "flow_action_payload": {"screen": "S", "data": {"any": 1}}});
    vec![
        json!({"messaging_product": "whatsapp", "recipient_type": "individual", "to": "+15550001234", "type": "text",
            "text": {"body": "Hi", "preview_url": true}, "context": {"message_id": "wamid.x"}, "biz_opaque_callback_data": "t"}),
        message("image", json!({"link": "https://example.com/a.jpg", "caption": "A"})),
        message("video", json!({"id": "1", "caption": "A"})),
        message("document", json!({"id": "1", "caption": "A", "filename": "a.pdf"})),
        message("audio", json!({"id": "1", "voice": true})),
        message("sticker", json!({"id": "1"})),
        message("location", json!({"latitude": 48.2, "longitude": "16.37", "name": "Office", "address": "Street 1"})),
        message(
            "contacts",
            json!([{"name": {"formatted_name": "Ana B", "first_name": "Ana"}, "phones": [{"phone": "+1", "type": "Mobile", "wa_id": "1"}],
            "emails": [{"email": "a@b.example"}], "addresses": [{"city": "Graz"}], "org": {"company": "B"}, "urls": [{"url": "https://b.example"}],
            "birthday": "2000-12-31"}]),
        ),
        message("reaction", json!({"message_id": "wamid.x", "emoji": "👍"})),
        message(
            "template",
            json!({"name": "n", "language": {"code": "en_US", "policy": "deterministic"}, "components": components}),
        ),
        interactive(
            "button",
            json!({"action": {"buttons": [reply("yes"), reply("no")]}, "footer": {"text": "F"},
            "header": {"type": "image", "image": {"id": "1"}}}),
        ),
        interactive(
            "list",
            json!({"action": {"button": "Slots", "sections": [{"title": "Monday", "rows": rows}, {"title": "Tuesday", "rows": rows}]},
            "header": {"type": "text", "text": "H"}}),
        ),
        interactive(
            "cta_url",
            json!({"action": {"name": "cta_url", "parameters": {"display_text": "See", "url": "https://a.example"}}}),
        ),
        interactive("flow", json!({"action": {"name": "flow", "parameters": flow}})),
        interactive("product", json!({"action": {"catalog_id": "1", "product_retailer_id": "2"}})),
        interactive(
            "product_list",
            json!({"header": {"type": "text", "text": "H"},
            "action": {"catalog_id": "1", "sections": [{"title": "T", "product_items": [{"product_retailer_id": "2"}]}]}}),
        ),
        interactive(
            "catalog_message",
            json!({"action": {"name": "catalog_message", "parameters": {"thumbnail_product_retailer_id": "2"}}}),
        ),
        interactive("location_request_message", json!({"action": {"name": "send_location"}})),
        interactive("call_permission_request", json!({"action": {"name": "call_permission_request"}})),
        interactive("order_details", json!({"action": {"name": "review_and_pay", "parameters": pages::order("INR")}})),
        interactive("order_status", json!({"action": {"name": "review_order", "parameters": pages::status()}})),
        interactive("address_message", json!({"action": {"name": "address_message", "parameters": {"country": "IN"}}})),
        interactive("voice_call", json!({"action": {"name": "voice_call"}})),
        json!({"messaging_product": "whatsapp", "status": "read", "message_id": "wamid.x", "typing_indicator": {"type": "text"}}),
    ]
}

fn refusal(body: &Value) -> Option<(i64, String)> {
    check_messages(body).err().map(|violation| (violation.code, violation.path))
}

#[test]
fn every_documented_kind_is_accepted() {
    for body in valid_bodies() {
        assert_eq!(refusal(&body), None, "{body}");
    }
    let by_user = json!({"messaging_product": "whatsapp", "recipient": "US.1", "text": {"body": "Hi"}});
    assert_eq!(refusal(&by_user), None, "a missing type is text, and a user id is a recipient");
}

#[test]
fn a_violation_names_its_code_and_path() {
    let text = |count: usize| json!({"messaging_product": "whatsapp", "to": "+1555", "type": "text", "text": {"body": "ü".repeat(count)}});
    let with = |pointer: &str, key: &str, value: Value| {
        let mut body = text(1);
        body.pointer_mut(pointer).unwrap()[key] = value;
        body
    };
    let interactive = |action: Value| {
        json!({"messaging_product": "whatsapp", "to": "+1", "type": "interactive",
            "interactive": {"type": if action.get("sections").is_some() { "list" } else { "button" }, "body": {"text": "B"}, "action": action}})
    };
    let button = |title: &str| json!({"type": "reply", "reply": {"id": title, "title": title}});
    let row = |id: usize| json!({"id": id.to_string(), "title": "T"});
    let rows = |count: usize| (0..count).map(row).collect::<Vec<_>>();
    let cases = [
        (json!([]), 100, ""),
        (json!({}), 131008, "messaging_product"),
        (text(0), 131009, "text.body"),
        (text(4097), 131009, "text.body"),
        (with("", "to", json!(15_550_001_234_u64)), 100, "to"),
        (json!({"messaging_product": "whatsapp", "text": {"body": "Hi"}}), 100, "to"),
        (with("", "type", json!("txt")), 131009, "type"),
        (with("", "type", json!("image")), 100, "text"),
        (with("", "image", json!({"id": "1"})), 100, "image"),
        (with("", "preview_url", json!(true)), 100, "preview_url"),
        (with("/text", "preview_url", json!("true")), 100, "text.preview_url"),
        (with("", "biz_opaque_callback_data", json!("x".repeat(513))), 131009, "biz_opaque_callback_data"),
        (interactive(json!({"buttons": []})), 131009, "interactive.action.buttons"),
        (
            interactive(json!({"buttons": [button("a"), button("b"), button("a")]})),
            131009,
            "interactive.action.buttons[2].reply.title",
        ),
        (
            interactive(json!({"buttons": [button(&"a".repeat(21))]})),
            131009,
            "interactive.action.buttons[0].reply.title",
        ),
        (
            interactive(
                json!({"button": "B", "sections": [{"title": "a", "rows": rows(6)}, {"title": "b", "rows": rows(5)}]}),
            ),
            131009,
            "interactive.action.sections",
        ),
        (
            interactive(json!({"button": "B", "sections": [{"title": "a", "rows": rows(1)}, {"rows": rows(1)}]})),
            131008,
            "interactive.action.sections[1].title",
        ),
    ];
    for (body, code, path) in cases {
        assert_eq!(refusal(&body), Some((code, path.to_owned())), "{body}");
    }
    assert_eq!(refusal(&text(4096)), None, "limits count characters, not bytes");
}

#[test]
fn the_marketing_endpoint_takes_templates_only() {
    let template = json!({"messaging_product": "whatsapp", "to": "+15550001234", "type": "template", "product_policy": "STRICT",
        "message_activity_sharing": true, "template": {"name": "n", "language": {"code": "en"}}});
    assert!(check_marketing(&template).is_ok());
    assert!(check_messages(&template).is_err());
    assert!(check_marketing(&valid_bodies()[0]).is_err());
}

mod meta {
    //! Against Meta's own document, where a copy of it lies beside the checkout.

    use std::fs;
    use std::path::{Path, PathBuf};

    use super::*;

    fn folder() -> Option<PathBuf> {
        let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../shared/meta");
        if !folder.is_dir() {
            println!("skipped: Meta's document does not lie beside this checkout");
            return None;
        }
        Some(folder)
    }

    fn read(path: &Path) -> Value {
        serde_json::from_slice(&fs::read(path).unwrap()).unwrap()
    }

    /// Puts something plausible where an example says what belongs there.
    fn fill(value: &mut Value) {
        match value {
            Value::String(text) if text.contains("http(s)://") => {
                *text = "https://example.com/file".to_owned();
            }
            Value::String(text) if text.starts_with("{{") => *text = "+15550001234".to_owned(),
            Value::Array(items) => items.iter_mut().for_each(fill),
            Value::Object(members) => members.values_mut().for_each(fill),
            _ => {}
        }
    }

    fn examples(folder: &Path) -> Vec<(String, Value, bool)> {
        let index = read(&folder.join("dev/index.json"));
        let of_messages = |entry: &&Value| entry["schema"] == "message-request.schema.json";
        let example = |entry: &Value| {
            let mut body = read(&folder.join("dev").join(entry["file"].as_str().unwrap()));
            fill(&mut body);
            (entry["name"].as_str().unwrap().to_owned(), body, entry["validates_strict"] == true)
        };
        index.as_array().unwrap().iter().filter(of_messages).map(example).collect()
    }

    #[test]
    fn its_examples_are_accepted_and_its_mistakes_refused() {
        let Some(folder) = folder() else { return };
        let examples = examples(&folder);
        assert!(examples.len() > 20);
        for (name, body, valid) in examples {
            // Its only example without a type shows the default that Meta's pages describe.
            let valid = valid || body.get("type").is_none();
            assert_eq!(check_messages(&body).is_ok(), valid, "{name}: {:?}", refusal(&body));
        }
    }

    /// Each way to spoil one place of a body.
    fn spoilt(value: &Value) -> Vec<Value> {
        let mut others = vec![
            Value::Null,
            json!(true),
            json!(7),
            json!(-1000.5),
            json!(""),
            json!("?"),
            json!("x".repeat(5000)),
            json!([]),
            json!({}),
            json!(vec![json!({}); 300]),
        ];
        match value {
            Value::Object(members) => {
                let mut more = members.clone();
                more.insert("unknown".to_owned(), json!(1));
                others.push(Value::Object(more));
                for name in members.keys() {
                    let mut fewer = members.clone();
                    fewer.remove(name);
                    others.push(Value::Object(fewer));
                    for inner in spoilt(&members[name]) {
                        let mut changed = members.clone();
                        changed.insert(name.clone(), inner);
                        others.push(Value::Object(changed));
                    }
                }
            }
            Value::Array(items) => {
                others.extend((0..items.len()).map(|at| Value::Array([&items[..at], &items[at + 1..]].concat())));
                for (at, item) in items.iter().enumerate() {
                    others.extend(spoilt(item).into_iter().map(|inner| {
                        let mut changed = items.clone();
                        changed[at] = inner;
                        Value::Array(changed)
                    }));
                }
            }
            _ => {}
        }
        others
    }

    #[test]
    fn whatever_its_schema_refuses_is_refused() {
        let Some(folder) = folder() else { return };
        let schema = jsonschema::validator_for(&read(&folder.join("message-request.strict.schema.json"))).unwrap();
        let examples = examples(&folder).into_iter().filter(|(.., valid)| *valid).map(|(_, body, _)| body);
        let (mut tried, mut refused) = (0, 0);
        for body in valid_bodies().into_iter().chain(examples) {
            assert!(schema.is_valid(&body), "not a valid start: {body}");
            for body in spoilt(&body) {
                tried += 1;
                let default_type = body.get("type").is_none() && body.get("text").is_some();
                if default_type || schema.is_valid(&body) {
                    continue;
                }
                refused += 1;
                assert!(check_messages(&body).is_err(), "the schema refuses {body}");
            }
        }
        assert!(tried > 5_000 && refused > 5_000, "{tried} tried, {refused} refused");
    }
}
