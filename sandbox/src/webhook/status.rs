//! The statuses of an accepted message: which ones follow, and how each reads.

use serde_json::{Value, json};

use super::envelope::{Item, List};
use super::settings::Webhook;
use super::wire::hex;
use crate::customer::{Person, Price, Window};
use crate::ledger::{AcceptedMessage, MessageStatus};
use crate::settings::Settings;
use crate::state::Inside;

/// Who is in every group: the sandbox has none of its own.
const GROUP_MEMBERS: &[&str] = &["15550000001", "15550000002"];

/// The statuses that follow, in order.
pub(super) fn plan(message: &AcceptedMessage, webhook: &Webhook) -> Vec<MessageStatus> {
    if message.error.is_some() {
        return vec![MessageStatus::Failed];
    }
    let voice = message.kind == "audio" && message.payload.value()["audio"]["voice"] == true;
    let follows = |status: &MessageStatus| match status {
        MessageStatus::Played => voice,
        // Meta's page "Reaction messages": only `sent` follows.
        status => message.kind != "reaction" || *status == MessageStatus::Sent,
    };
    webhook.statuses.iter().copied().filter(follows).collect()
}

/// A status as the webhook carries it.
pub(super) fn item(inside: &Inside, index: u64, status: MessageStatus, at_ms: u64) -> Option<Item> {
    let message = inside.ledger.message(index)?;
    let settings = &inside.settings;
    let number = settings.phone_number(&message.phone_number_id)?;
    let of_number = |wa_id: &str| inside.people.of_number(wa_id, &settings.business_account_id);
    let people: Vec<Person> = match (&message.wa_id, &message.user_id) {
        (Some(wa_id), _) => vec![of_number(wa_id)],
        // The number of somebody who was reached by user id stays hidden.
        (None, Some(user_id)) => vec![Person { wa_id: None, ..inside.people.of_user_id(user_id) }],
        (None, None) => GROUP_MEMBERS.iter().map(|wa_id| of_number(wa_id)).collect(),
    };
    let failed = status == MessageStatus::Failed;
    let with_username = matches!(status, MessageStatus::Delivered | MessageStatus::Read | MessageStatus::Played);
    Some(Item {
        number: number.clone(),
        list: List::Statuses,
        // Meta's page on user names documents them as absent on `failed`.
        contacts: people.iter().filter(|_| !failed).map(|person| person.contact(with_username)).collect(),
        values: people.iter().map(|person| value(settings, message, status, at_ms, person)).collect(),
    })
}

fn value(settings: &Settings, message: &AcceptedMessage, status: MessageStatus, at_ms: u64, person: &Person) -> Value {
    let failed = status == MessageStatus::Failed;
    let mut value = json!({"id": message.id, "status": status, "timestamp": (at_ms / 1000).to_string()});
    if let Some(group) = &message.group_id {
        value["recipient_type"] = "group".into();
        value["recipient_id"] = group.as_str().into();
        if let Some(wa_id) = &person.wa_id {
            value["recipient_participant_id"] = wa_id.as_str().into();
        }
        value["recipient_participant_user_id"] = person.user_id.as_str().into();
    } else {
        if let Some(wa_id) = &person.wa_id {
            value["recipient_id"] = wa_id.as_str().into();
        }
        if !failed || message.wa_id.is_none() {
            value["recipient_user_id"] = person.user_id.as_str().into();
        }
    }
    if let Some(conversation) = conversation(settings, message, status) {
        value["conversation"] = conversation;
    }
    // Meta's page "Pricing": on `sent`, and on one of `delivered` and `read`.
    let statuses = &settings.webhook.statuses;
    let second =
        if statuses.contains(&MessageStatus::Delivered) { MessageStatus::Delivered } else { MessageStatus::Read };
    if status == MessageStatus::Sent || status == second {
        value["pricing"] = pricing(&message.price);
    }
    if let Some(tracker) = &message.tracker {
        value["biz_opaque_callback_data"] = tracker.as_str().into();
    }
    if let Some(error) = message.error.as_ref().filter(|_| failed) {
        value["errors"] = json!([error]);
    }
    value
}

fn pricing(price: &Price) -> Value {
    let free = match price.window {
        Window::EntryPoint => Some("free_entry_point"),
        // Without an open window this passes in a lenient sandbox only, and is priced as if there were one.
        _ if price.category == "service" => Some("free_customer_service"),
        Window::Service if price.category == "utility" => Some("free_customer_service"),
        _ => None,
    };
    json!({
        "billable": free.is_none(),
        "pricing_model": "PMP",
        "type": free.unwrap_or("regular"),
        "category": price.category,
    })
}

/// Meta's page on the `messages` webhook: from v24.0 on only free entry points have one.
fn conversation(settings: &Settings, message: &AcceptedMessage, status: MessageStatus) -> Option<Value> {
    let from_ad = message.price.window == Window::EntryPoint;
    if !(from_ad || settings.webhook.conversation) || status == MessageStatus::Failed {
        return None;
    }
    // One for each person and kind: good enough to see that statuses belong together.
    let origin = if from_ad { "referral_conversion" } else { message.price.category.as_str() };
    let id = ring::digest::digest(&ring::digest::SHA256, format!("{}/{origin}", message.reached()).as_bytes());
    let id = hex(&id.as_ref()[..16]);
    let mut conversation = json!({"id": id, "origin": {"type": origin}});
    if status == MessageStatus::Sent {
        let hours: u64 = if from_ad { 72 } else { 24 };
        conversation["expiration_timestamp"] = (message.at / 1000 + hours * 3600).to_string().into();
    }
    Some(conversation)
}
