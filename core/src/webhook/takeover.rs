//! Others who have a conversation: people in the WhatsApp Business app, other apps and agents.

use super::content;
use super::event::{WebhookEvent, WebhookKind};
use super::json::Node;
use super::people::{self, ABOUT, FROM, Names, TO, without_at};
use super::read::Lenient as _;
use super::walk::{Scope, Telling};

details! {
    /// Who has a conversation now.
    WebhookHandover {
        /// The role of the app or agent that had it.
        previous_owner_role: Option<String> = "previous_owner_role",
        /// The role of the app or agent that has it.
        new_owner_role: Option<String> = "new_owner_role",
        /// The app that had it.
        previous_owner_app_id: Option<String> = "previous_owner_app_id",
        /// The app that has it, or asks for it.
        new_owner_app_id: Option<String> = "new_owner_app_id|requested_owner_app_id",
        /// What the other app wrote for you.
        metadata: Option<String> = "metadata",
        /// What has been talked about.
        summary: Option<String> = "conversation_context.summary.text",
    }
    /// How far a history has come.
    WebhookHistory {
        /// 0: the last day, 1: until 90 days ago, 2: until 180 days ago.
        phase: Option<i64> = "phase",
        /// The place of this part within its phase.
        chunk_order: Option<i64> = "chunk_order",
        /// In percent.
        progress: Option<f64> = "progress",
    }
}

/// An item of `message_echoes`.
pub(super) fn echo(scope: &Scope<'_>, item: &Node<'_>) -> WebhookEvent {
    let mut event = scope.event(WebhookKind::Echo, item);
    people::to(&mut event, scope, item, &TO);
    (event.sender, event.sender_user_id) = (item.text_at(FROM.number), item.text_at(FROM.user_id));
    content::fill(&mut event, item);
    event.group_id = item.text_of("group_id");
    scope.errors(&mut event, item);
    event
}

/// An item of `history`: its messages, one by one. Without any it is told itself.
pub(super) fn history(scope: &Scope<'_>, item: &Node<'_>, telling: &mut Telling<'_>) {
    let before = telling.count();
    let progress = item.get("metadata").and_then(WebhookHistory::lenient).map(Box::new);
    for thread in item.items_of("threads") {
        for message in thread.items_of("messages") {
            telling.tell(told(scope, thread, message, progress.clone()), message);
        }
    }
    for error in item.items_of("errors") {
        telling.tell(WebhookEvent { history: progress.clone(), ..scope.error(error) }, error);
    }
    if telling.count() > before {
        return;
    }
    let mut event = match progress {
        Some(_) => scope.event(WebhookKind::History, item),
        None => scope.other(item, "history"),
    };
    if progress.is_some() {
        event.r#type = "progress".to_owned();
    }
    telling.tell(WebhookEvent { history: progress, ..event }, item);
}

fn told(scope: &Scope<'_>, thread: &Node<'_>, item: &Node<'_>, progress: Option<Box<WebhookHistory>>) -> WebhookEvent {
    if !item.is_object() {
        return scope.other(item, "history");
    }
    /// Whom the thread is with.
    const WITH: Names =
        Names { number: "context.wa_id|id", user_id: "context.user_id", parent: "context.parent_user_id" };
    let mut event = scope.event(WebhookKind::History, item);
    let person = people::other_person(&mut event, scope, thread, &WITH);
    event.username = without_at(thread.str_at("context.username")).or(event.username.take());
    (event.sender, event.sender_user_id) = (item.text_at(FROM.number), item.text_at(FROM.user_id));
    (event.recipient, event.recipient_user_id) = (item.text_at(TO.number), item.text_at(TO.user_id));
    // A person who hides the number is named by the thread alone.
    let is_ours = item.find("to|to_user_id").is_some();
    let (number, user_id) = match is_ours {
        true => (&mut event.recipient, &mut event.recipient_user_id),
        false => (&mut event.sender, &mut event.sender_user_id),
    };
    if number.is_none() || *number == person.number {
        *number = number.take().or(person.number);
        *user_id = user_id.take().or(person.user_id);
    }
    content::fill(&mut event, item);
    event.status = item.text_at("history_context.status");
    event.history = progress;
    scope.errors(&mut event, item);
    event
}

/// An item of `state_sync`: the contact book of the app.
pub(super) fn contact(scope: &Scope<'_>, item: &Node<'_>) -> WebhookEvent {
    let mut event = scope.event(WebhookKind::Contact, item);
    event.r#type = item.text_of("action").unwrap_or_else(|| "unknown".to_owned());
    event.timestamp = item.find("metadata.timestamp").and_then(Node::time).or(event.timestamp);
    if let Some(contact) = item.get("contact") {
        let person = people::other_person(&mut event, scope, contact, &ABOUT);
        (event.sender, event.sender_user_id) = (person.number, person.user_id);
        event.name = contact.text_at("full_name|first_name");
        event.username = without_at(contact.str_of("username"));
    }
    event
}

/// The value of `messaging_handovers`.
pub(super) fn handover(scope: &Scope<'_>, value: &Node<'_>) -> WebhookEvent {
    /// The person, where the conversation has one.
    const SENDER: Names =
        Names { number: "sender.phone_number", user_id: "sender.user_id", parent: "sender.parent_user_id" };
    let mut event = scope.event(WebhookKind::Handover, value);
    event.r#type = value.text_of("type").unwrap_or_else(|| "unknown".to_owned());
    event.number_id = event.number_id.take().or_else(|| value.text_at("recipient.phone_number_id"));
    people::from(&mut event, scope, value, &SENDER);
    event.handover = value.get(&event.r#type).and_then(WebhookHandover::lenient).map(Box::new);
    event
}
