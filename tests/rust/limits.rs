//! Limits, with random messages: core lets through exactly what Meta's documented limits allow, the sandbox, which has read
//! the documents for itself, accepts all of it, and Meta's schema, where it lies beside the checkout, too.
#![allow(clippy::unwrap_used, clippy::panic, missing_docs, reason = "tests")]

mod support;

use std::collections::BTreeSet;

use proptest::prelude::*;
use proptest::test_runner::{Config, TestRunner};
use serde_json::{Value, json};
use support::TO;
use support::schema::Schema;
use support::vector::violations;
use wacloud::{CallOptions, CancelToken, Client, Message, registry};

/// An operation, its arguments, and the paths in Graph's body at which they break a limit.
type Case = (&'static str, Value, BTreeSet<String>);

/// Texts whose length lies around `limit` or anywhere below, of characters of one to four bytes.
fn text(limit: usize) -> impl Strategy<Value = String> {
    let length = prop_oneof![
        3 => 0..=limit,
        2 => limit.saturating_sub(1)..=limit + 1,
        1 => 0..=1_usize,
        1 => limit + 1..=limit * 2,
    ];
    let character = prop_oneof![
        4 => prop::char::range(' ', '~'),
        1 => prop::char::range('\u{a0}', '\u{7ff}'),
        1 => prop::char::range('\u{3040}', '\u{30ff}'),
        1 => prop::char::range('\u{1f300}', '\u{1f64f}'),
        1 => any::<char>(),
    ];
    (length, prop::collection::vec(character, 1..6))
        .prop_map(|(length, pattern)| pattern.into_iter().cycle().take(length).collect())
}

/// A text that may be left out.
fn maybe(limit: usize) -> impl Strategy<Value = Option<String>> {
    prop::option::weighted(0.5, text(limit))
}

/// Collects the limits that a message breaks.
#[derive(Default)]
struct Broken(BTreeSet<String>);

impl Broken {
    /// A text of one to `limit` characters.
    fn text(&mut self, path: &str, text: &str, limit: usize) {
        if !(1..=limit).contains(&text.chars().count()) {
            self.0.insert(path.to_owned());
        }
    }

    /// A text of up to `limit` characters, none included.
    fn caption(&mut self, path: &str, text: Option<&String>, limit: usize) {
        if text.is_some_and(|text| text.chars().count() > limit) {
            self.0.insert(path.to_owned());
        }
    }

    fn optional(&mut self, path: &str, text: Option<&String>, limit: usize) {
        if let Some(text) = text {
            self.text(path, text, limit);
        }
    }
}

fn texts() -> impl Strategy<Value = Case> {
    (text(4096), prop::option::of(any::<bool>()), maybe(512)).prop_map(|(body, preview_url, tracker)| {
        let mut broken = Broken::default();
        broken.text("text.body", &body, 4096);
        broken.optional("biz_opaque_callback_data", tracker.as_ref(), 512);
        let params = json!({"to": TO, "body": body, "preview_url": preview_url, "tracker": tracker});
        ("send_text", params, broken.0)
    })
}

fn media() -> impl Strategy<Value = String> {
    prop_oneof!["[0-9]{1,20}", "https://[a-z]{1,10}\\.example/[a-z0-9/._~-]{0,30}(\\?[a-z0-9=&%-]{0,20})?"]
}

fn images() -> impl Strategy<Value = Case> {
    (media(), maybe(1024)).prop_map(|(image, caption)| {
        let mut broken = Broken::default();
        broken.caption("image.caption", caption.as_ref(), 1024);
        ("send_image", json!({"to": TO, "image": image, "caption": caption}), broken.0)
    })
}

fn documents() -> impl Strategy<Value = Case> {
    (media(), maybe(1024), maybe(240)).prop_map(|(document, caption, filename)| {
        let mut broken = Broken::default();
        broken.caption("document.caption", caption.as_ref(), 1024);
        broken.optional("document.filename", filename.as_ref(), 240);
        let params = json!({"to": TO, "document": document, "caption": caption, "filename": filename});
        ("send_document", params, broken.0)
    })
}

fn buttons() -> impl Strategy<Value = Case> {
    let button = (prop_oneof![3 => text(256), 1 => "[ab]"], prop_oneof![3 => text(20), 1 => "[AB]"]);
    (text(1024), prop::collection::vec(button, 0..5), maybe(60), maybe(60)).prop_map(
        |(body, buttons, header, footer)| {
            const PLACE: &str = "interactive.action.buttons";
            let mut broken = Broken::default();
            broken.text("interactive.body.text", &body, 1024);
            broken.optional("interactive.header.text", header.as_ref(), 60);
            broken.optional("interactive.footer.text", footer.as_ref(), 60);
            if !(1..=3).contains(&buttons.len()) {
                broken.0.insert(PLACE.to_owned());
            }
            for (index, (id, title)) in buttons.iter().enumerate() {
                let (id_place, title_place) =
                    (format!("{PLACE}[{index}].reply.id"), format!("{PLACE}[{index}].reply.title"));
                broken.text(&id_place, id, 256);
                broken.text(&title_place, title, 20);
                let before = &buttons[..index];
                if id.trim() != id || before.iter().any(|(other, _)| other == id) {
                    broken.0.insert(id_place);
                }
                if before.iter().any(|(_, other)| other == title) {
                    broken.0.insert(title_place);
                }
            }
            let buttons: Value = buttons.iter().map(|(id, title)| json!({"id": id, "title": title})).collect();
            let params = json!({"to": TO, "body": body, "buttons": buttons, "header": header, "footer": footer});
            ("send_buttons", params, broken.0)
        },
    )
}

/// Values for the template `appointment`, which the sandbox knows: one in its header and two in its body.
fn templates() -> impl Strategy<Value = Case> {
    (text(60), text(200), text(200)).prop_map(|(header, first, second)| {
        let mut broken = Broken::default();
        broken.text("template.components[0].parameters[0].text", &header, 60);
        broken.text("template.components[1].parameters[0].text", &first, 32_768);
        broken.text("template.components[1].parameters[1].text", &second, 32_768);
        for (place, value) in
            [("[0].parameters[0]", &header), ("[1].parameters[0]", &first), ("[1].parameters[1]", &second)]
        {
            if value.contains(['\n', '\r', '\t']) || value.contains("     ") {
                broken.0.insert(format!("template.components{place}.text"));
            }
        }
        let params =
            json!({"to": TO, "name": "appointment", "language": "en_US", "header": header, "body": [first, second]});
        ("send_template", params, broken.0)
    })
}

/// A title and rows with a title and a description each.
type Section = (Option<String>, Vec<(String, Option<String>)>);

/// Lists of up to three sections; rows have ids of their own, so that only lengths and counts are at stake.
fn lists() -> impl Strategy<Value = Case> {
    let row = (text(24), maybe(72));
    let section = (maybe(24), prop::collection::vec(row, 0..6));
    (text(4096), text(20), prop::collection::vec(section, 0..4), maybe(60)).prop_map(|(body, button, sections, footer)| {
        const PLACE: &str = "interactive.action.sections";
        let mut broken = Broken::default();
        broken.text("interactive.body.text", &body, 4096);
        broken.text("interactive.action.button", &button, 20);
        broken.optional("interactive.footer.text", footer.as_ref(), 60);
        let rows: usize = sections.iter().map(|(_, rows)| rows.len()).sum();
        if sections.is_empty() || rows > 10 {
            broken.0.insert(PLACE.to_owned());
        }
        for (index, (title, rows)) in sections.iter().enumerate() {
            let place = format!("{PLACE}[{index}].title");
            match title {
                None if sections.len() > 1 => drop(broken.0.insert(place)),
                Some(title) if sections.len() > 1 => broken.text(&place, title, 24),
                title => broken.caption(&place, title.as_ref(), 24),
            }
            if rows.is_empty() {
                broken.0.insert(format!("{PLACE}[{index}].rows"));
            }
            for (row, (title, description)) in rows.iter().enumerate() {
                broken.text(&format!("{PLACE}[{index}].rows[{row}].title"), title, 24);
                broken.caption(&format!("{PLACE}[{index}].rows[{row}].description"), description.as_ref(), 72);
            }
        }
        let section = |(index, (title, rows)): (usize, &Section)| {
            let row = |(row, (title, description)): (usize, &(String, Option<String>))| {
                json!({"id": format!("{index}-{row}"), "title": title, "description": description})
            };
            json!({"title": title, "rows": rows.iter().enumerate().map(row).collect::<Value>()})
        };
        let sections: Value = sections.iter().enumerate().map(section).collect();
        let params = json!({"to": TO, "body": body, "button": button, "sections": sections, "footer": footer});
        ("send_list", params, broken.0)
    })
}

/// Cards of one kind with a link each.
fn carousels() -> impl Strategy<Value = Case> {
    let card = (maybe(160), text(20));
    (text(1024), prop::collection::vec(card, 0..12)).prop_map(|(body, cards)| {
        const PLACE: &str = "interactive.action.cards";
        let mut broken = Broken::default();
        broken.text("interactive.body.text", &body, 1024);
        if !(2..=10).contains(&cards.len()) {
            broken.0.insert(PLACE.to_owned());
        }
        for (index, (body, display_text)) in cards.iter().enumerate() {
            let place = format!("{PLACE}[{index}].body.text");
            broken.optional(&place, body.as_ref(), 160);
            if body.as_ref().is_some_and(|body| body.matches('\n').count() > 2) {
                broken.0.insert(place);
            }
            broken.text(&format!("{PLACE}[{index}].action.parameters.display_text"), display_text, 20);
        }
        let card = |(body, display_text): &(Option<String>, String)| {
            json!({"header": {"image": "https://example.com/a.jpg"}, "body": body, "display_text": display_text,
                   "url": "https://example.com/a"})
        };
        let params = json!({"to": TO, "body": body, "cards": cards.iter().map(card).collect::<Value>()});
        ("send_carousel", params, broken.0)
    })
}

fn links() -> impl Strategy<Value = Case> {
    (text(1024), text(20), maybe(60)).prop_map(|(body, display_text, header)| {
        let mut broken = Broken::default();
        broken.text("interactive.body.text", &body, 1024);
        broken.text("interactive.action.parameters.display_text", &display_text, 20);
        broken.optional("interactive.header.text", header.as_ref(), 60);
        let params = json!({"to": TO, "body": body, "display_text": display_text, "url": "https://example.com/a",
                            "header": header});
        ("send_cta_url", params, broken.0)
    })
}

fn cases() -> impl Strategy<Value = Case> {
    prop_oneof![texts(), images(), documents(), buttons(), lists(), carousels(), links(), templates()]
}

/// Core's judgement of a case: the body, or the paths of the violations.
fn judged((operation, params, _): &Case) -> Result<Value, BTreeSet<String>> {
    match registry::payload(operation, &params.to_string()) {
        Ok(body) => Ok(serde_json::from_str(&body).unwrap()),
        Err(error) => Err(violations(&error.to_value()["violations"]).into_iter().map(|(path, _)| path).collect()),
    }
}

proptest! {
    #![proptest_config(Config { cases: 400, failure_persistence: None, ..Config::default() })]

    #[test]
    fn exactly_what_breaks_a_limit_is_refused(case in cases()) {
        match judged(&case) {
            Ok(body) => prop_assert!(case.2.is_empty(), "{:?} went through as {body}", case.2),
            Err(told) => prop_assert_eq!(told, case.2),
        }
    }

    #[test]
    fn a_payload_read_back_is_the_same(case in cases()) {
        if let Ok(body) = judged(&case) {
            let message = Message::from_payload(&body).unwrap();
            prop_assert_eq!(message.payload().unwrap(), body);
        }
    }

    #[test]
    fn a_body_that_is_not_understood_is_refused_and_not_changed(case in cases(), extra in "[a-z_]{1,12}", deep in any::<bool>()) {
        if let Ok(mut body) = judged(&case) {
            let kind = body["type"].as_str().unwrap().to_owned();
            let place = if deep { &mut body[&kind] } else { &mut body };
            prop_assume!(place.get(&extra).is_none());
            place[&extra] = json!({"any": "thing"});
            prop_assert!(Message::from_payload(&body).is_err(), "{body}");
        }
    }
}

/// Random messages that are sent are all accepted.
#[test]
fn what_core_accepts_the_sandbox_and_metas_schema_accept() {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    let sandbox = runtime.block_on(support::sandbox());
    let client = support::client(&sandbox.url(), |s| s.rate = Some(0.0.into()));
    let schema = Schema::load();
    let send = |client: &Client, operation: &str, params: &Value| {
        let (options, cancel) = (CallOptions::default(), CancelToken::new());
        runtime.block_on(registry::dispatch(client, operation, &params.to_string(), &options, cancel))
    };
    let mut runner = TestRunner::new(Config { cases: 250, failure_persistence: None, ..Config::default() });
    let sent = std::cell::Cell::new(0_u64);
    let result = runner.run(&cases(), |case| {
        let outcome = send(&client, case.0, &case.1);
        prop_assert_eq!(outcome.is_ok(), case.2.is_empty(), "{:?}", outcome.err().map(|error| error.to_json()));
        if outcome.is_ok() {
            sent.set(sent.get() + 1);
            let body = sandbox.ledger().last().unwrap().payload.value();
            if let Some(schema) = &schema {
                let complaints = schema.complaints(&body);
                prop_assert!(complaints.is_empty(), "{complaints:?} about {body}");
            }
        }
        Ok(())
    });
    if let Err(failure) = result {
        panic!("{failure}");
    }
    assert!(sent.get() > 50, "only {} messages were right", sent.get());
    assert_eq!(sandbox.counters().accepted, sent.get());
    assert_eq!(sandbox.counters().requests, sent.get(), "what is wrong never leaves");
}
