//! The free-form carousel. From Meta's pages "Interactive media carousel messages" and "Interactive product carousel messages".

use serde_json::{Map, Value};

use super::commerce::PRODUCT;
use super::interactive::CTA_URL_PARAMETERS;
use super::message::MEDIA;
use super::shape::{ANY, ANY_TEXT, Member, Object, Path, Shape, Violation, closed, may, must, one_of};

pub(super) static CAROUSEL: Object =
    closed!(&[must!("cards", Shape::List(2, 10, &CARD))], &[card_indices_differ, cards_are_alike]);

static CARD: Shape = Shape::Tagged(
    "type",
    &[
        // Also the type of a card with quick replies.
        (
            "cta_url",
            &closed!(
                &[KIND, INDEX, HEADER, may!("body", Shape::Object(&BODY)), must!("action", Shape::Object(&ACTION))],
                &[]
            ),
        ),
        ("product", &closed!(&[KIND, INDEX, must!("action", Shape::Object(&PRODUCT))], &[])),
    ],
);
const KIND: Member = must!("type", ANY_TEXT);
pub(super) const INDEX: Member = must!("card_index", Shape::Integer(0, 9));
const HEADER: Member = must!(
    "header",
    Shape::Tagged(
        "type",
        &[
            ("image", &closed!(&[KIND, must!("image", Shape::Object(&MEDIA))], &[])),
            ("video", &closed!(&[KIND, must!("video", Shape::Object(&MEDIA))], &[])),
        ],
    ),
);
static BODY: Object = closed!(&[must!("text", Shape::Text(1, 160))], &[at_most_2_line_breaks]);

/// One button that opens a URL, or quick replies.
static ACTION: Object = closed!(
    &[
        may!("name", Shape::OneOf(&["cta_url"])),
        may!("parameters", Shape::Object(&CTA_URL_PARAMETERS)),
        may!("buttons", Shape::List(1, ANY, &Shape::Object(&QUICK_REPLY))),
    ],
    &[url_or_quick_replies],
);
static QUICK_REPLY: Object = closed!(
    &[
        must!("type", Shape::OneOf(&["quick_reply"])),
        must!(
            "quick_reply",
            Shape::Object(&closed!(&[must!("id", Shape::Text(1, 256)), must!("title", Shape::Text(1, 20))], &[]))
        ),
    ],
    &[],
);

fn at_most_2_line_breaks(body: &Map<String, Value>, path: &Path<'_>) -> Result<(), Violation> {
    match body["text"].as_str().unwrap_or_default().matches('\n').count() {
        0..=2 => Ok(()),
        count => Err(path.member("text").value(format!("at most 2 line breaks, not {count}"))),
    }
}

fn url_or_quick_replies(action: &Map<String, Value>, path: &Path<'_>) -> Result<(), Violation> {
    one_of(action, path, "parameters", "buttons")?;
    match (action.contains_key("name"), action.contains_key("buttons")) {
        (true, true) => Err(path.member("name").invalid("unexpected key: quick replies have no name")),
        (false, false) => Err(path.member("name").missing("is required")),
        _ => Ok(()),
    }
}

fn cards(action: &Map<String, Value>) -> &[Value] {
    action.get("cards").and_then(Value::as_array).map_or(&[], Vec::as_slice)
}

/// In a template's carousel too.
pub(super) fn card_indices_differ(action: &Map<String, Value>, path: &Path<'_>) -> Result<(), Violation> {
    let cards = cards(action);
    let repeats =
        |index: &usize| cards[..*index].iter().any(|other| other["card_index"] == cards[*index]["card_index"]);
    match (0..cards.len()).find(repeats) {
        Some(index) => {
            Err(path.member("cards").item(index).member("card_index").value("must differ from card to card"))
        }
        None => Ok(()),
    }
}

/// What has to be the same on all cards.
fn cards_are_alike(action: &Map<String, Value>, path: &Path<'_>) -> Result<(), Violation> {
    let cards = cards(action);
    let look = |card: &Value| {
        let buttons = card["action"]["buttons"].as_array().map(Vec::len);
        (card["type"].clone(), card["header"]["type"].clone(), buttons, card["action"]["catalog_id"].clone())
    };
    match cards.iter().position(|card| look(card) != look(&cards[0])) {
        Some(index) => Err(path.member("cards").item(index).value(
            "all cards must have the same type, the same type of header, the same kind and number of buttons and the same catalog",
        )),
        None => Ok(()),
    }
}
