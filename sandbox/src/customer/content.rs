//! What a customer's message holds where the request leaves it out: enough of each kind that a handler has something to read.

use serde_json::{Map, Value, json};

/// The kinds of messages that people write (Meta's page "Webhooks", reference of `messages`). Others are written with an explicit
/// `type` and pass as they are given.
pub(super) const KINDS: &[&str] = &[
    "text",
    "image",
    "video",
    "audio",
    "document",
    "sticker",
    "location",
    "contacts",
    "reaction",
    "button",
    "interactive",
    "order",
    "system",
    "request_welcome",
    "unsupported",
    "edit",
    "revoke",
];

/// Kinds of `interactive`, which may be given without it.
pub(super) const REPLIES: &[&str] =
    &["button_reply", "list_reply", "nfm_reply", "call_permission_reply", "payment_method"];

/// The member of a content that a bare string stands for.
fn main_member(kind: &str) -> Option<&'static str> {
    Some(match kind {
        "text" | "system" => "body",
        "image" | "video" | "document" => "caption",
        "reaction" => "emoji",
        "button" => "text",
        "order" => "text",
        "unsupported" => "type",
        _ => return None,
    })
}

/// The content of this kind: what was given, over what it has by itself. `media_id` names a media file that was sent.
pub(super) fn content(kind: &str, given: Option<Value>, media_id: &str) -> Result<Option<Value>, String> {
    let given = match (given, main_member(kind)) {
        (Some(Value::String(text)), Some(member)) => Some(json!({member: text})),
        (given, _) => given,
    };
    let own = own(kind, media_id);
    let mut content = match (own, given) {
        (None, given) => return Ok(given.filter(|given| !given.is_null())),
        (Some(own), None | Some(Value::Null | Value::Bool(true))) => own,
        (Some(Value::Object(own)), Some(Value::Object(given))) => Value::Object(over(own, given)),
        (Some(Value::Array(_)), Some(Value::Array(given))) => Value::Array(given),
        (Some(Value::Array(_)), _) => return Err(format!("{kind}: wants a list")),
        (Some(_), _) => return Err(format!("{kind}: wants an object")),
    };
    if kind == "button" && content.get("payload").is_none() {
        content["payload"] = content["text"].clone();
    }
    Ok(Some(content))
}

fn over(mut own: Map<String, Value>, given: Map<String, Value>) -> Map<String, Value> {
    own.extend(given);
    // Null takes a member away.
    own.retain(|_, value| !value.is_null());
    own
}

/// A content by itself.
fn own(kind: &str, media_id: &str) -> Option<Value> {
    // What the file is, is told when it is made.
    let media = |mime_type: &str, more: Value| {
        let mut media = json!({"mime_type": mime_type, "id": media_id});
        if let (Some(media), Value::Object(more)) = (media.as_object_mut(), more) {
            media.extend(more);
        }
        media
    };
    Some(match kind {
        "text" => json!({"body": "Hello"}),
        "image" => media("image/jpeg", Value::Null),
        "video" => media("video/mp4", Value::Null),
        "audio" => media("audio/ogg; codecs=opus", json!({"voice": true})),
        "document" => media("application/pdf", json!({"filename": "document.pdf"})),
        "sticker" => media("image/webp", json!({"animated": false})),
        "location" => json!({"latitude": 48.2082, "longitude": 16.3738}),
        "contacts" => json!([{
            "name": {"formatted_name": "Ana Silva", "first_name": "Ana", "last_name": "Silva"},
            "phones": [{"phone": "+1 555 000 5678", "type": "CELL", "wa_id": "15550005678"}],
        }]),
        "reaction" => json!({"emoji": "👍"}),
        "button" => json!({"text": "Yes"}),
        "order" => json!({
            "catalog_id": "194836987003835",
            "text": "",
            "product_items": [{"product_retailer_id": "sku-1", "quantity": 1, "item_price": 7.99, "currency": "USD"}],
        }),
        "system" => json!({"type": "user_changed_number"}),
        _ => return None,
    })
}

/// A reply of this kind: what was given, over what it has by itself.
pub(super) fn reply(kind: &str, given: Option<Value>) -> Result<Value, String> {
    let own = match kind {
        "button_reply" => json!({"id": "yes", "title": "Yes"}),
        "list_reply" => json!({"id": "row-1", "title": "Row 1"}),
        "nfm_reply" => json!({"name": "flow", "body": "Sent", "response_json": {"flow_token": "unused"}}),
        "call_permission_reply" => json!({"response": "accept", "response_source": "user_action"}),
        _ => json!({}),
    };
    let mut reply = match (own, given) {
        (own, None | Some(Value::Null | Value::Bool(true))) => own,
        // The id of what was tapped, which is its title too.
        (_, Some(Value::String(id))) if kind.ends_with("_reply") => json!({"id": id, "title": id}),
        (Value::Object(own), Some(Value::Object(given))) => Value::Object(over(own, given)),
        _ => return Err(format!("{kind}: wants an object")),
    };
    // On the wire the answers of a form are JSON within a string.
    if let Some(answers) = reply.get_mut("response_json").filter(|answers| !answers.is_string()) {
        *answers = answers.to_string().into();
    }
    Ok(reply)
}

/// An ad that somebody came from.
pub(super) fn referral(given: Value) -> Result<Value, String> {
    let own = json!({
        "source_url": "https://fb.me/sandbox",
        "source_id": "120210000000000001",
        "source_type": "ad",
        "headline": "Chat with us",
        "body": "Summer sale",
        "media_type": "image",
        "image_url": "https://example.com/ad.jpg",
        "ctwa_clid": "ARAkLkA8rmlFeiCktEJQ",
    });
    match (own, given) {
        (own, Value::Bool(true)) => Ok(own),
        (Value::Object(own), Value::Object(given)) => Ok(Value::Object(over(own, given))),
        _ => Err("referral: wants an object, or true".to_owned()),
    }
}
