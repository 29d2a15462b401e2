//! Messenger and Instagram, whose messages are called direct ones.

use super::content::{WebhookButton, WebhookLocation};
use super::event::{WebhookChannel, WebhookEvent, WebhookKind};
use super::json::Node;
use super::media::WebhookMedia;
use super::people::without_at;
use super::read::Lenient as _;
use super::takeover::WebhookHandover;
use super::walk::Scope;

/// Reads the member of an item that says what it is.
type Part = fn(&mut WebhookEvent, &Node<'_>);

/// Members of an item, in the order in which they are looked for: a message can have a referral beside it.
const PARTS: &[(&str, Part)] = &[
    ("message", message),
    ("postback", postback),
    ("reaction", reaction),
    ("message_edit", edit),
    ("read", |event, part| status(event, part, "read")),
    ("delivery", |event, part| status(event, part, "delivered")),
    ("optin", optin),
    ("referral", |event, part| WebhookEvent::set(&mut event.referral, Some(part))),
    ("account_linking", |event, part| event.status = part.text_of("status")),
    ("messaging_feedback", |_, _| {}),
    ("feedback", |_, _| {}),
    ("pass_thread_control", handover),
    ("take_thread_control", handover),
    ("request_thread_control", handover),
    ("app_roles", |event, _| event.kind = WebhookKind::Account),
    ("policy_enforcement", policy),
    ("policy-enforcement", policy),
];

/// Members of an item that say nothing about what it is.
const AROUND: &[&str] = &["sender", "recipient", "timestamp", "hop_context", "prior_message"];

/// Fields of `changes` that are comments.
const COMMENTS: &[&str] = &["comments", "live_comments", "mentions"];

/// An item of `messaging` or `standby`.
pub(super) fn item(scope: &Scope<'_>, item: &Node<'_>) -> WebhookEvent {
    let Some((name, part, read)) = PARTS.iter().find_map(|(name, read)| item.get(name).map(|part| (*name, part, read)))
    else {
        let mut event = scope.other(item, unknown(item));
        people(&mut event, scope, item);
        return event;
    };
    let mut event = scope.event(WebhookKind::Message, item);
    event.field = Some(name.to_owned());
    event.r#type = name.to_owned();
    event.id = part.text_of("mid");
    people(&mut event, scope, item);
    read(&mut event, part);
    if event.referral.is_none() {
        WebhookEvent::set(&mut event.referral, item.find("referral|postback.referral|message.referral"));
    }
    event
}

/// The value of a change: an item as in `messaging`, or a comment.
pub(super) fn change(scope: &Scope<'_>, value: &Node<'_>) -> WebhookEvent {
    if value.find("sender|recipient").is_some() && PARTS.iter().any(|(name, _)| value.get(name).is_some()) {
        return item(scope, value);
    }
    let field = scope.field.unwrap_or("unknown");
    if !COMMENTS.contains(&field) {
        return scope.other(value, field);
    }
    let mut event = scope.event(WebhookKind::Comment, value);
    event.r#type = field.to_owned();
    event.id = value.text_at("id|comment_id|media_id");
    event.text = value.text_of("text");
    event.reply_to = value.text_of("parent_id");
    event.sender_user_id = value.text_at("from.id");
    event.user = event.sender_user_id.clone();
    event.username = without_at(value.str_at("from.username"));
    if let Some(media) = value.get("media") {
        event.media = vec![WebhookMedia { r#type: media.text_of("media_product_type"), ..WebhookMedia::default() }];
        if let (Some(id), Some(first)) = (media.text_of("id"), event.media.first_mut()) {
            first.id = Some(id);
        }
    }
    event
}

/// The name of the first member that may say what an unknown item is.
fn unknown<'n>(item: &'n Node<'_>) -> &'n str {
    item.members().iter().map(|(name, _)| name.as_ref()).find(|name| !AROUND.contains(name)).unwrap_or("unknown")
}

fn people(event: &mut WebhookEvent, scope: &Scope<'_>, item: &Node<'_>) {
    let sender = item.text_at("sender.id");
    let recipient = item.text_at("recipient.id");
    // Somebody of the checkbox plugin has no other name yet.
    let by_reference = || item.text_at("sender.user_ref|recipient.user_ref|optin.user_ref");
    let is_ours = sender.is_some() && (sender.as_deref() == scope.account_id || is_echo(item));
    event.user = if is_ours { recipient.clone() } else { sender.clone() }.or_else(by_reference);
    (event.sender_user_id, event.recipient_user_id) = (sender, recipient);
}

fn is_echo(item: &Node<'_>) -> bool {
    item.find("message.is_echo").and_then(Node::flag).unwrap_or_default()
}

fn is_set(part: &Node<'_>, name: &str) -> bool {
    part.get(name).and_then(Node::flag).unwrap_or_default()
}

fn message(event: &mut WebhookEvent, part: &Node<'_>) {
    if is_set(part, "is_echo") {
        event.kind = WebhookKind::Echo;
        event.tracker = part.text_of("metadata");
    }
    event.text = part.text_of("text");
    event.reply_to = part.text_at("reply_to.mid|reply_to.story.id");
    event.media = part.items_of("attachments").iter().filter_map(WebhookMedia::lenient).collect();
    let location = part.items_of("attachments").iter().find_map(|attachment| attachment.find("payload.coordinates"));
    event.location = location.and_then(WebhookLocation::lenient).map(Box::new);
    if let Some(reply) = part.get("quick_reply") {
        event.button = WebhookButton::lenient(reply).map(|button| Box::new(button.titled(event.text.clone())));
    }
    let of_attachment = event.media.first().and_then(|media| media.r#type.as_deref());
    event.r#type = match (part.get("quick_reply"), of_attachment) {
        _ if is_set(part, "is_deleted") => "revoke",
        _ if is_set(part, "is_unsupported") => "unsupported",
        (Some(_), _) => "quick_reply",
        (None, Some(kind)) => kind,
        (None, None) if !event.media.is_empty() => "attachment",
        (None, None) => "text",
    }
    .to_owned();
    if event.r#type == "revoke" {
        event.reply_to.clone_from(&event.id);
    }
}

fn postback(event: &mut WebhookEvent, part: &Node<'_>) {
    event.text = part.text_of("title");
    WebhookEvent::set(&mut event.button, Some(part));
    WebhookEvent::set(&mut event.referral, part.get("referral"));
}

fn reaction(event: &mut WebhookEvent, part: &Node<'_>) {
    event.reply_to.clone_from(&event.id);
    let is_taken_back = part.str_of("action") == Some("unreact");
    event.text = if is_taken_back { None } else { part.text_at("emoji|reaction") }.or_else(|| Some(String::new()));
}

fn edit(event: &mut WebhookEvent, part: &Node<'_>) {
    event.r#type = "edit".to_owned();
    event.reply_to.clone_from(&event.id);
    event.text = part.text_of("text");
}

fn status(event: &mut WebhookEvent, part: &Node<'_>, status: &str) {
    event.kind = WebhookKind::Status;
    event.r#type = "message".to_owned();
    event.status = Some(status.to_owned());
    event.watermark = part.get("watermark").and_then(Node::time);
    event.timestamp = event.timestamp.or(event.watermark);
    event.message_ids = part.get("mids").map(|mids| mids.items().iter().filter_map(String::lenient).collect());
    if event.id.is_none() {
        event.id = event.message_ids.iter().flatten().next().cloned();
    }
    // It went to the person who has read it.
    std::mem::swap(&mut event.sender_user_id, &mut event.recipient_user_id);
}

fn optin(event: &mut WebhookEvent, part: &Node<'_>) {
    WebhookEvent::set(&mut event.button, Some(part));
    if part.get("ref").is_some() {
        WebhookEvent::set(&mut event.referral, Some(part));
    }
}

fn handover(event: &mut WebhookEvent, part: &Node<'_>) {
    event.kind = WebhookKind::Handover;
    event.handover = WebhookHandover::lenient(part).map(Box::new);
}

fn policy(event: &mut WebhookEvent, part: &Node<'_>) {
    event.kind = WebhookKind::Account;
    event.status = part.text_of("action");
    event.text = part.text_of("reason");
}

impl WebhookButton {
    fn titled(self, title: Option<String>) -> Self {
        WebhookButton { title: self.title.or(title), ..self }
    }
}

impl Scope<'_> {
    /// Whether it is Messenger or Instagram.
    pub(super) fn is_direct(&self) -> bool {
        matches!(self.channel, WebhookChannel::Messenger | WebhookChannel::Instagram)
    }
}
