//! Items of WhatsApp's lists that have no file of their own.

use super::content;
use super::event::{WebhookEvent, WebhookKind};
use super::json::Node;
use super::people::{self, ABOUT, FROM, WebhookIdentity};
use super::read::Lenient as _;
use super::walk::Scope;

/// An item of `messages`.
pub(super) fn message(scope: &Scope<'_>, item: &Node<'_>) -> WebhookEvent {
    let mut event = scope.event(WebhookKind::Message, item);
    people::from(&mut event, scope, item, &FROM);
    event.group_id = item.text_of("group_id");
    content::fill(&mut event, item);
    scope.errors(&mut event, item);
    event
}

/// An item of `user_preferences`.
pub(super) fn preference(scope: &Scope<'_>, item: &Node<'_>) -> WebhookEvent {
    let mut event = scope.event(WebhookKind::Preference, item);
    people::from(&mut event, scope, item, &ABOUT);
    event.r#type = item.text_of("category").unwrap_or_else(|| "unknown".to_owned());
    event.status = item.text_of("value");
    WebhookEvent::set(&mut event.preference, Some(item));
    event
}

/// An item of `user_id_update`.
pub(super) fn identity(scope: &Scope<'_>, item: &Node<'_>) -> WebhookEvent {
    let mut event = scope.event(WebhookKind::Identity, item);
    event.r#type = "user_changed_user_id".to_owned();
    event.text = item.text_of("detail");
    event.identity = WebhookIdentity::lenient(item)
        .map(|identity| Box::new(WebhookIdentity { change: Some(event.r#type.clone()), ..identity }));
    event.sender = item.text_of("wa_id");
    event.sender_user_id = item.text_at("user_id.current");
    event.user = event.sender_user_id.clone().or_else(|| event.sender.clone());
    event
}

/// An item of `user_actions` or `automatic_events`.
pub(super) fn action(scope: &Scope<'_>, item: &Node<'_>) -> WebhookEvent {
    let mut event = scope.event(WebhookKind::Action, item);
    event.r#type = item.text_at("event_name|action_type").unwrap_or_else(|| "unknown".to_owned());
    event.id = item.text_of("id");
    event
}
