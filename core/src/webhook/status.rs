//! What became of messages.

use super::event::{WebhookEvent, WebhookKind};
use super::json::Node;
use super::people::{self, Names};
use super::walk::Scope;

details! {
    /// What a message costs.
    WebhookPricing {
        /// Whether it costs anything. Meta is about to drop it.
        billable: Option<bool> = "billable",
        /// `PMP` (each message), formerly `CBP` (each conversation).
        pricing_model: Option<String> = "pricing_model",
        /// `regular`, `free_customer_service` or `free_entry_point`.
        r#type: Option<String> = "type",
        /// `marketing`, `utility`, `authentication`, `service`, …
        category: Option<String> = "category",
    }
    /// The conversation that a message is billed in.
    WebhookConversation {
        /// Its id.
        id: Option<String> = "id",
        /// When it ends, in seconds since 1970.
        expiration_timestamp: Option<f64> = "expiration_timestamp" as time,
        /// What opened it: `service`, `marketing`, `referral_conversion`, …
        origin: Option<String> = "origin.type",
    }
}

/// Whom a message went to.
const RECIPIENT: Names = Names {
    number: "recipient_id",
    user_id: "recipient_user_id",
    parent: "recipient_parent_user_id|parent_recipient_user_id",
};

/// Which member a message to a group went to.
const PARTICIPANT: Names = Names {
    number: "recipient_participant_id|participant_recipient_id",
    user_id: "recipient_participant_user_id",
    parent: "recipient_participant_parent_user_id",
};

/// An item of `statuses`.
pub(super) fn status(scope: &Scope<'_>, item: &Node<'_>) -> WebhookEvent {
    let mut event = scope.event(WebhookKind::Status, item);
    event.status = item.text_of("status");
    event.r#type = item.text_of("type").unwrap_or_else(|| "message".to_owned());
    event.tracker = item.text_of("biz_opaque_callback_data");
    event.group_id = item.text_of("group_id");
    if item.str_of("recipient_type") == Some("group") {
        event.group_id = event.group_id.take().or_else(|| item.text_of("recipient_id"));
        people::to(&mut event, scope, item, &PARTICIPANT);
    } else {
        people::to(&mut event, scope, item, &RECIPIENT);
    }
    // Pages on groups show it within the conversation.
    WebhookEvent::set(&mut event.pricing, item.find("pricing|conversation.pricing"));
    WebhookEvent::set(&mut event.conversation, item.get("conversation"));
    event.payment = item.get("payment").and_then(Node::to_map);
    event.identity_key_hash = item.text_of("recipient_identity_key_hash").or(event.identity_key_hash.take());
    if event.r#type == "call" {
        event.kind = WebhookKind::Call;
        event.r#type = "status".to_owned();
    }
    scope.errors(&mut event, item);
    event
}
