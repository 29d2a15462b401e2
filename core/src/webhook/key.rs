//! What an event is known again by. Meta repeats a delivery until it is answered, and another app's failure repeats it for
//! everybody (Meta's page "Webhooks").

use super::event::{WebhookEvent, WebhookKind};

/// Of a status: the message, in a group the member, then how far it is. Of a message its id: edits, deletions and reactions
/// have ids of their own on WhatsApp. Of what has no id everything that it says.
pub(super) fn of(event: &WebhookEvent, item: &str) -> String {
    let id = event.id.as_deref();
    match (event.kind, id) {
        (WebhookKind::Status, Some(id)) => {
            let member = event.group_id.as_ref().and(event.recipient_user_id.as_ref().or(event.recipient.as_ref()));
            let status = event.status.as_deref().unwrap_or("unknown");
            ["status", &event.r#type, id, member.map_or("", String::as_str), status].join(":")
        }
        (WebhookKind::Message | WebhookKind::Echo | WebhookKind::History, Some(id)) if is_own(event) => {
            [kind(event), id].join(":")
        }
        _ => format!("{}:{}:{:032x}", kind(event), event.field.as_deref().unwrap_or_default(), hash(event, item)),
    }
}

/// Whether the id is the item's own and not that of the message that it is about, as it is on Messenger and Instagram.
fn is_own(event: &WebhookEvent) -> bool {
    !matches!(event.field.as_deref(), Some("reaction" | "message_edit" | "messaging_feedback"))
        && !matches!(event.r#type.as_str(), "reaction" | "edit" | "revoke" if event.channel != super::WebhookChannel::WhatsApp)
}

/// Kinds whose items have ids of their own, by name; the hash of the others says what they are.
fn kind(event: &WebhookEvent) -> &'static str {
    match event.kind {
        WebhookKind::Message => "message",
        WebhookKind::Echo => "echo",
        WebhookKind::History => "history",
        WebhookKind::Status => "status",
        _ => "event",
    }
}

fn hash(event: &WebhookEvent, item: &str) -> u128 {
    let scope = [event.account_id.as_deref(), event.number_id.as_deref()].map(Option::unwrap_or_default).join("\n");
    let time = event.timestamp.unwrap_or_default().to_bits();
    xxhash_rust::xxh3::xxh3_128(format!("{scope}\n{time}\n{item}").as_bytes())
}
