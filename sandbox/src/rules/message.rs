//! The body of `POST /{phone-number-id}/messages`: what every message has, and the families without a file of their own.

use serde_json::{Map, Value};

use super::contacts::CONTACTS;
use super::interactive::INTERACTIVE;
use super::shape::{
    ANY_TEXT, Member, Object, Path, SOME_TEXT, Shape, Violation, closed, may, must, object_at, one_of, string,
};
use super::template::TEMPLATE;

/// A body that keeps the rules.
#[derive(Debug)]
pub(crate) enum Body<'v> {
    /// A message of this type; `marketing` if it came through `/marketing_messages`.
    Message { kind: &'static str, body: &'v Map<String, Value>, marketing: bool },
    /// An incoming message is marked as read.
    Read { message_id: &'v str },
}

/// The type of a message and the shape of the member of that name.
static TYPES: &[(&str, Shape)] = &[
    ("text", Shape::Object(&TEXT)),
    ("image", Shape::Object(&CAPTIONED)),
    ("video", Shape::Object(&CAPTIONED)),
    ("document", Shape::Object(&DOCUMENT)),
    ("audio", Shape::Object(&AUDIO)),
    ("sticker", Shape::Object(&MEDIA)),
    ("location", Shape::Object(&LOCATION)),
    ("contacts", CONTACTS),
    ("reaction", Shape::Object(&REACTION)),
    ("interactive", INTERACTIVE),
    ("template", Shape::Object(&TEMPLATE)),
    ("pin", Shape::Object(&PIN)),
];

static COMMON: &[Member] = &[
    must!("messaging_product", Shape::OneOf(&["whatsapp"])),
    may!("recipient_type", Shape::OneOf(&["individual", "group"])),
    may!("to", SOME_TEXT),
    may!("recipient", SOME_TEXT),
    may!("type", ANY_TEXT),
    may!("context", Shape::Object(&closed!(&[must!("message_id", SOME_TEXT)], &[]))),
    may!("biz_opaque_callback_data", Shape::Text(0, 512)),
    may!("recipient_identity_key_hash", ANY_TEXT),
];

/// What `/marketing_messages` takes besides.
static MARKETING: &[Member] = &[
    may!("product_policy", Shape::OneOf(&["CLOUD_API_FALLBACK", "STRICT"])),
    may!("message_activity_sharing", Shape::Bool),
];

static TEXT: Object = closed!(&[must!("body", Shape::Text(1, 4096)), may!("preview_url", Shape::Bool)], &[]);
pub(super) static CAPTIONED: Object = closed!(&[ID, LINK, may!("caption", Shape::Text(0, 1024))], &[id_or_link]);
pub(super) static DOCUMENT: Object =
    closed!(&[ID, LINK, may!("caption", Shape::Text(0, 1024)), may!("filename", Shape::Text(0, 240))], &[id_or_link]);
static AUDIO: Object = closed!(&[ID, LINK, may!("voice", Shape::Bool)], &[id_or_link]);
pub(super) static MEDIA: Object = closed!(&[ID, LINK], &[id_or_link]);
pub(super) static LOCATION: Object = closed!(
    &[
        must!("latitude", Shape::Degrees(90.0)),
        must!("longitude", Shape::Degrees(180.0)),
        may!("name", ANY_TEXT),
        may!("address", ANY_TEXT),
    ],
    &[],
);
/// An empty emoji takes a reaction back.
static REACTION: Object = closed!(&[must!("message_id", SOME_TEXT), must!("emoji", ANY_TEXT)], &[]);
/// "Group messaging": days as a number, though the page's request puts them into quotes.
static PIN: Object = closed!(
    &[
        must!("type", Shape::OneOf(&["pin", "unpin"])),
        must!("message_id", SOME_TEXT),
        may!("expiration_days", Shape::Either(&Shape::Written(is_days, "1 to 30 days"), &Shape::Integer(1, 30))),
    ],
    &[a_pin_expires],
);

fn is_days(text: &str) -> bool {
    text.bytes().all(|b| b.is_ascii_digit()) && text.parse().is_ok_and(|days: u8| (1..=30).contains(&days))
}

fn a_pin_expires(pin: &Map<String, Value>, path: &Path<'_>) -> Result<(), Violation> {
    if pin["type"] == "pin" && !pin.contains_key("expiration_days") {
        return Err(path.member("expiration_days").missing("is required to pin a message"));
    }
    Ok(())
}

static READ: Object = closed!(
    &[
        must!("messaging_product", Shape::OneOf(&["whatsapp"])),
        must!("status", Shape::OneOf(&["read"])),
        must!("message_id", SOME_TEXT),
        may!("typing_indicator", Shape::Object(&closed!(&[must!("type", Shape::OneOf(&["text"]))], &[]))),
    ],
    &[],
);

pub(super) const ID: Member = may!("id", SOME_TEXT);
pub(super) const LINK: Member = may!("link", Shape::Written(is_link, "a link that begins with http:// or https://"));

pub(super) fn is_link(text: &str) -> bool {
    let rest = text.strip_prefix("https://").or_else(|| text.strip_prefix("http://"));
    rest.is_some_and(|rest| !rest.is_empty() && !rest.chars().any(char::is_whitespace))
}

pub(super) fn id_or_link(media: &Map<String, Value>, path: &Path<'_>) -> Result<(), Violation> {
    one_of(media, path, "id", "link")
}

/// Checks a body of `/messages`.
pub(crate) fn check_messages(body: &Value) -> Result<Body<'_>, Violation> {
    let map = object_at(body, &Path::ROOT)?;
    if map.contains_key("status") && !map.contains_key("to") {
        READ.check(map, &Path::ROOT)?;
        let message_id = map.get("message_id").and_then(Value::as_str).unwrap_or_default();
        return Ok(Body::Read { message_id });
    }
    Ok(Body::Message { kind: check_message(map, &[])?, body: map, marketing: false })
}

/// Checks a body of `/marketing_messages`: templates to individuals only.
pub(crate) fn check_marketing(body: &Value) -> Result<Body<'_>, Violation> {
    let map = object_at(body, &Path::ROOT)?;
    let kind = check_message(map, MARKETING)?;
    if kind != "template" {
        return Err(Path::ROOT.member("type").value("must be template"));
    }
    if map.get("recipient_type").is_some_and(|to| to == "group") {
        return Err(Path::ROOT.member("recipient_type").value("must be individual"));
    }
    Ok(Body::Message { kind, body: map, marketing: true })
}

fn check_message(map: &Map<String, Value>, besides: &[Member]) -> Result<&'static str, Violation> {
    let root = Path::ROOT;
    let here = root.member("type");
    // Meta's pages call text the default of a missing type.
    let named = map.get("type").map_or(Ok("text"), |name| string(name, &here))?;
    let Some((kind, shape)) = TYPES.iter().find(|(kind, _)| *kind == named) else {
        let names: Vec<&str> = TYPES.iter().map(|(kind, _)| *kind).collect();
        return Err(here.value(format!("must be one of {{{}}}, not {named:?}", names.join(", "))));
    };
    let members = || COMMON.iter().chain(besides);
    if let Some(unknown) = map.keys().find(|key| *key != kind && !members().any(|member| member.name == *key)) {
        let other_type = TYPES.iter().any(|(other, _)| other == unknown);
        let says = if other_type { format!("unexpected key: the type is {kind}") } else { "unexpected key".to_owned() };
        return Err(root.member(unknown).invalid(says));
    }
    for member in members() {
        match map.get(member.name) {
            Some(value) => member.shape.check(value, &root.member(member.name))?,
            None if member.required => return Err(root.member(member.name).missing("is required")),
            None => {}
        }
    }
    // "Business-scoped user IDs": with both, the phone number counts; with neither, this code.
    if !map.contains_key("to") && !map.contains_key("recipient") {
        return Err(root.member("to").invalid("is required"));
    }
    match map.get(*kind) {
        Some(value) => shape.check(value, &root.member(kind))?,
        None => {
            return Err(root.member(kind).missing(format!("is required for a message of type {kind}")));
        }
    }
    fits_recipient(kind, map.get("recipient_type").is_some_and(|to| to == "group"), &here)?;
    Ok(kind)
}

/// "Groups API" lists what groups do not get. With which code is nowhere written; this one says what it is.
fn fits_recipient(kind: &str, group: bool, here: &Path<'_>) -> Result<(), Violation> {
    match (kind, group) {
        ("interactive", true) => Err(Violation { code: 131051, ..here.value("groups get no interactive messages") }),
        ("pin", false) => Err(Violation { code: 131051, ..here.value("messages are pinned in groups only") }),
        _ => Ok(()),
    }
}
