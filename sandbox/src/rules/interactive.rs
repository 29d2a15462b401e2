//! `interactive`: one table per kind of interactive message.

use serde_json::{Map, Value};

use super::address::ADDRESS_MESSAGE;
use super::carousel::CAROUSEL;
use super::commerce::{CATALOG, PRODUCT, PRODUCT_LIST, REVIEW_AND_PAY, REVIEW_ORDER};
use super::message::{CAPTIONED, DOCUMENT, ID, LINK, id_or_link};
use super::shape::{ANY_TEXT, Member, Object, Path, SOME_TEXT, Shape, Violation, closed, may, must, one_of, repeated};

pub(super) const INTERACTIVE: Shape = Shape::Tagged(
    "type",
    &[
        ("button", &closed!(&[KIND, HEADER, BODY, FOOTER, must!("action", Shape::Object(&BUTTONS))], &[])),
        ("list", &closed!(&[KIND, TEXT_HEADER, LONG_BODY, FOOTER, must!("action", Shape::Object(&LIST))], &[])),
        ("cta_url", &closed!(&[KIND, HEADER, BODY, FOOTER, must!("action", Shape::Object(&CTA_URL))], &[])),
        ("flow", &closed!(&[KIND, HEADER, BODY, FOOTER, must!("action", Shape::Object(&FLOW))], &[])),
        ("product", &closed!(&[KIND, OPTIONAL_BODY, FOOTER, must!("action", Shape::Object(&PRODUCT))], &[])),
        (
            "product_list",
            &closed!(&[KIND, REQUIRED_TEXT_HEADER, BODY, FOOTER, must!("action", Shape::Object(&PRODUCT_LIST))], &[]),
        ),
        ("catalog_message", &closed!(&[KIND, BODY, FOOTER, must!("action", Shape::Object(&CATALOG))], &[])),
        ("location_request_message", &closed!(&[KIND, BODY, must!("action", Shape::Object(&SEND_LOCATION))], &[])),
        (
            "call_permission_request",
            &closed!(&[KIND, HEADER, OPTIONAL_BODY, FOOTER, must!("action", Shape::Object(&CALL_PERMISSION))], &[]),
        ),
        (
            "order_details",
            &closed!(
                &[KIND, ORDER_HEADER, BODY, FOOTER, must!("action", Shape::Object(&REVIEW_AND_PAY))],
                &[no_picture_without_order]
            ),
        ),
        ("order_status", &closed!(&[KIND, HEADER, BODY, FOOTER, must!("action", Shape::Object(&REVIEW_ORDER))], &[])),
        (
            "address_message",
            &closed!(&[KIND, HEADER, BODY, FOOTER, must!("action", Shape::Object(&ADDRESS_MESSAGE))], &[]),
        ),
        ("voice_call", &closed!(&[KIND, HEADER, BODY, FOOTER, must!("action", Shape::Object(&VOICE_CALL))], &[])),
        ("carousel", &closed!(&[KIND, BODY, must!("action", Shape::Object(&CAROUSEL))], &[])),
        // "Business-scoped user IDs": asks for the phone number of somebody who hides it behind a user name.
        ("request_contact_info", &closed!(&[KIND, BODY, must!("action", Shape::Object(&CONTACT_INFO))], &[])),
    ],
);

const KIND: Member = must!("type", ANY_TEXT);
const BODY: Member = must!("body", Shape::Object(&closed!(&[must!("text", Shape::Text(1, 1024))], &[])));
const OPTIONAL_BODY: Member = may!("body", Shape::Object(&closed!(&[must!("text", Shape::Text(1, 1024))], &[])));
/// Meta's page "Interactive list messages" gives a list's body 4096 characters, its document 1024.
const LONG_BODY: Member = must!("body", Shape::Object(&closed!(&[must!("text", Shape::Text(1, 4096))], &[])));
const FOOTER: Member = may!("footer", Shape::Object(&closed!(&[must!("text", Shape::Text(1, 60))], &[])));

const HEADER: Member = may!(
    "header",
    Shape::Tagged(
        "type",
        &[
            ("text", &TEXT_HEADER_OBJECT),
            ("image", &closed!(&[KIND, SUB_TEXT, must!("image", Shape::Object(&CAPTIONED))], &[])),
            ("video", &closed!(&[KIND, SUB_TEXT, must!("video", Shape::Object(&CAPTIONED))], &[])),
            ("document", &closed!(&[KIND, SUB_TEXT, must!("document", Shape::Object(&DOCUMENT))], &[])),
        ],
    ),
);
/// A header whose picture may say who provides it, as in Meta's examples of orders.
const ORDER_HEADER: Member = may!(
    "header",
    Shape::Tagged(
        "type",
        &[
            ("text", &TEXT_HEADER_OBJECT),
            ("image", &closed!(&[KIND, SUB_TEXT, must!("image", Shape::Object(&PROVIDED))], &[])),
            ("video", &closed!(&[KIND, SUB_TEXT, must!("video", Shape::Object(&PROVIDED))], &[])),
            ("document", &closed!(&[KIND, SUB_TEXT, must!("document", Shape::Object(&DOCUMENT))], &[])),
        ],
    ),
);
static PROVIDED: Object = closed!(
    &[
        ID,
        LINK,
        may!("caption", Shape::Text(0, 1024)),
        may!("provider", Shape::Either(&ANY_TEXT, &Shape::Object(&closed!(&[must!("name", ANY_TEXT)], &[])))),
    ],
    &[id_or_link],
);
const TEXT_ONLY: Shape = Shape::Tagged("type", &[("text", &TEXT_HEADER_OBJECT)]);
const TEXT_HEADER: Member = may!("header", TEXT_ONLY);
const REQUIRED_TEXT_HEADER: Member = must!("header", TEXT_ONLY);
static TEXT_HEADER_OBJECT: Object = closed!(&[KIND, SUB_TEXT, must!("text", Shape::Text(1, 60))], &[]);
const SUB_TEXT: Member = may!("sub_text", Shape::Text(0, 60));

static SEND_LOCATION: Object = closed!(&[must!("name", Shape::OneOf(&["send_location"]))], &[]);
static CALL_PERMISSION: Object = closed!(&[must!("name", Shape::OneOf(&["call_permission_request"]))], &[]);

static BUTTONS: Object =
    closed!(&[must!("buttons", Shape::List(1, 3, &Shape::Object(&BUTTON)))], &[button_titles_differ]);
static BUTTON: Object = closed!(&[must!("type", Shape::OneOf(&["reply"])), must!("reply", Shape::Object(&REPLY))], &[]);
static REPLY: Object = closed!(&[must!("id", Shape::Text(1, 256)), must!("title", Shape::Text(1, 20))], &[]);

static LIST: Object = closed!(
    &[must!("button", Shape::Text(1, 20)), must!("sections", Shape::List(1, 10, &Shape::Object(&ROWS)))],
    &[several_sections_have_titles, at_most_10_rows],
);
static ROWS: Object = closed!(&[SECTION_TITLE, must!("rows", Shape::List(1, 10, &Shape::Object(&ROW)))], &[]);
static ROW: Object = closed!(
    &[must!("id", Shape::Text(1, 200)), must!("title", Shape::Text(1, 24)), may!("description", Shape::Text(0, 72))],
    &[]
);
pub(super) const SECTION_TITLE: Member = may!("title", Shape::Text(0, 24));

static CTA_URL: Object = closed!(
    &[must!("name", Shape::OneOf(&["cta_url"])), must!("parameters", Shape::Object(&CTA_URL_PARAMETERS)),],
    &[],
);
pub(super) static CTA_URL_PARAMETERS: Object =
    closed!(&[must!("display_text", Shape::Text(1, 20)), must!("url", SOME_TEXT)], &[]);

static FLOW: Object =
    closed!(&[must!("name", Shape::OneOf(&["flow"])), must!("parameters", Shape::Object(&FLOW_PARAMETERS))], &[]);
static FLOW_PARAMETERS: Object = closed!(
    &[
        must!("flow_message_version", Shape::OneOf(&["3"])),
        must!("flow_cta", Shape::Text(1, 30)),
        may!("flow_id", SOME_TEXT),
        may!("flow_name", SOME_TEXT),
        may!("flow_token", ANY_TEXT),
        may!("mode", Shape::OneOf(&["draft", "published"])),
        may!("flow_action", Shape::OneOf(&["navigate", "data_exchange"])),
        may!(
            "flow_action_payload",
            Shape::Object(&closed!(&[may!("screen", ANY_TEXT), may!("data", Shape::Open)], &[]))
        ),
    ],
    &[flow_id_or_name],
);

/// "Send WhatsApp Call Button Messages and Deep Links": the button lives for up to 30 days.
static VOICE_CALL: Object = closed!(
    &[
        must!("name", Shape::OneOf(&["voice_call"])),
        may!(
            "parameters",
            Shape::Object(&closed!(
                &[
                    may!("display_text", Shape::Text(1, 20)),
                    may!("ttl_minutes", CALL_MINUTES),
                    may!("payload", CALL_PAYLOAD)
                ],
                &[]
            ))
        ),
    ],
    &[],
);
pub(super) const CALL_MINUTES: Shape = Shape::Integer(1, 43_200);
pub(super) const CALL_PAYLOAD: Shape = Shape::Text(0, 512);

static CONTACT_INFO: Object = closed!(&[must!("name", Shape::OneOf(&["request_contact_info"]))], &[]);

fn items<'v>(map: &'v Map<String, Value>, name: &str) -> &'v [Value] {
    map.get(name).and_then(Value::as_array).map_or(&[], Vec::as_slice)
}

fn button_titles_differ(action: &Map<String, Value>, path: &Path<'_>) -> Result<(), Violation> {
    match repeated(items(action, "buttons").iter().map(|button| button["reply"]["title"].as_str())) {
        Some(index) => {
            Err(path.member("buttons").item(index).member("reply").member("title").value("titles must differ"))
        }
        None => Ok(()),
    }
}

pub(super) fn several_sections_have_titles(action: &Map<String, Value>, path: &Path<'_>) -> Result<(), Violation> {
    let sections = items(action, "sections");
    match sections.iter().position(|section| section.get("title").is_none()) {
        Some(index) if sections.len() > 1 => Err(path
            .member("sections")
            .item(index)
            .member("title")
            .missing("is required when there are several sections")),
        _ => Ok(()),
    }
}

pub(super) fn at_most(action: &Map<String, Value>, path: &Path<'_>, name: &str, most: usize) -> Result<(), Violation> {
    let count: usize =
        items(action, "sections").iter().map(|section| section[name].as_array().map_or(0, Vec::len)).sum();
    if count > most {
        return Err(path
            .member("sections")
            .value(format!("at most {most} {name} in all sections together, not {count}")));
    }
    Ok(())
}

fn at_most_10_rows(action: &Map<String, Value>, path: &Path<'_>) -> Result<(), Violation> {
    at_most(action, path, "rows", 10)
}

/// "Orders": an order that is a total only shows the total where its picture would be.
fn no_picture_without_order(interactive: &Map<String, Value>, path: &Path<'_>) -> Result<(), Violation> {
    let simplified = interactive["action"]["parameters"].get("order").is_none();
    if simplified && interactive.get("header").is_some_and(|header| header["type"] == "image") {
        return Err(path.member("header").value("an order without its items has no image header"));
    }
    Ok(())
}

fn flow_id_or_name(parameters: &Map<String, Value>, path: &Path<'_>) -> Result<(), Violation> {
    one_of(parameters, path, "flow_id", "flow_name")
}
