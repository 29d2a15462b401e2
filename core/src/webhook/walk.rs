//! From a body to its items. Whatever holds no item is one itself, of kind `other`: nothing that was received is dropped.

use super::event::{Raw, WebhookChannel, WebhookEvent, WebhookKind};
use super::json::Node;
use super::people::People;
use super::{account, call, direct, group, message, status, takeover};
use crate::error::ApiError;
use crate::graph::GraphError;

/// What surrounds an item.
pub(super) struct Scope<'n> {
    pub(super) channel: WebhookChannel,
    pub(super) account_id: Option<&'n str>,
    pub(super) field: Option<&'n str>,
    entry: &'n Node<'n>,
    metadata: Option<&'n Node<'n>>,
    is_standby: bool,
    pub(super) people: People<'n>,
}

/// Where events go.
pub(super) struct Telling<'t> {
    sink: &'t mut dyn FnMut(WebhookEvent, &str),
    count: usize,
}

impl<'t> Telling<'t> {
    pub(super) fn to(sink: &'t mut dyn FnMut(WebhookEvent, &str)) -> Self {
        Telling { sink, count: 0 }
    }

    /// An event, and the item that it was made of.
    pub(super) fn tell(&mut self, event: WebhookEvent, item: &Node<'_>) {
        self.count += 1;
        (self.sink)(event, item.text);
    }

    /// How many have been told.
    pub(super) fn count(&self) -> usize {
        self.count
    }
}

type Read = fn(&Scope<'_>, &Node<'_>) -> WebhookEvent;

/// WhatsApp's lists of items.
const LISTS: [(&str, Read); 10] = [
    ("messages", message::message),
    ("statuses", status::status),
    ("message_echoes", takeover::echo),
    ("calls", call::call),
    ("groups", group::group),
    ("user_preferences", message::preference),
    ("user_id_update", message::identity),
    ("user_actions", message::action),
    ("automatic_events", message::action),
    ("state_sync", takeover::contact),
];

/// Members of a value that are read elsewhere, or say only what it is.
const AROUND: &[&str] =
    &["messaging_product", "metadata", "contacts", "errors", "field", "object", "history", "standby"];

/// More errors than that beside messages are events of their own, so that they are not copied into each message.
const ERRORS_SHARED: usize = 10;

impl<'n> Scope<'n> {
    fn new(channel: WebhookChannel, entry: &'n Node<'n>) -> Self {
        Scope {
            channel,
            account_id: entry.str_of("id"),
            field: None,
            entry,
            metadata: None,
            is_standby: false,
            people: People::default(),
        }
    }

    /// An event about an item, with what the surroundings say.
    pub(super) fn event(&self, kind: WebhookKind, item: &Node<'_>) -> WebhookEvent {
        let of_number = |name: &str| self.metadata.and_then(|metadata| metadata.text_at(name));
        let timestamp = item.get("timestamp").and_then(Node::time);
        WebhookEvent {
            kind,
            channel: self.channel,
            field: self.field.map(str::to_owned),
            account_id: self.account_id.map(str::to_owned),
            number_id: of_number("phone_number_id"),
            number: of_number("display_phone_number"),
            id: item.text_of("id"),
            timestamp: timestamp.or_else(|| self.entry.get("time").and_then(Node::time)),
            standby: self.is_standby,
            ..WebhookEvent::default()
        }
    }

    /// Something that there is no other name for.
    pub(super) fn other(&self, item: &Node<'_>, kind: &str) -> WebhookEvent {
        WebhookEvent { r#type: kind.to_owned(), ..self.event(WebhookKind::Other, item) }
    }

    /// An error that belongs to no message.
    pub(super) fn error(&self, error: &Node<'_>) -> WebhookEvent {
        let mut event = self.event(WebhookKind::Error, error);
        event.r#type = error.text_of("code").unwrap_or_else(|| "unknown".to_owned());
        event.errors.push(read_error(error, None));
        event
    }

    /// Adds the `errors` of an item.
    pub(super) fn errors(&self, event: &mut WebhookEvent, item: &Node<'_>) {
        let errors = item.items_of("errors").iter().map(|error| read_error(error, event.tracker.as_deref()));
        event.errors.extend(errors);
    }
}

fn read_error(error: &Node<'_>, tracker: Option<&str>) -> ApiError {
    let read = match error.to_map() {
        Some(members) => GraphError::from_object(members),
        None => GraphError { message: error.str().unwrap_or_default().to_owned(), ..GraphError::default() },
    };
    ApiError::reported(read, tracker.map(str::to_owned))
}

/// Tells every item of a body.
pub(super) fn body(body: &Node<'_>, telling: &mut Telling<'_>) {
    // Some samples of Instagram are a list of bodies.
    for body in body.items() {
        let channel = channel(body);
        match body.get("entry") {
            Some(entries) => entries.items().iter().for_each(|each| entry(channel, each, telling)),
            // The samples of the App Dashboard are a change without an entry.
            None => entry(channel, body, telling),
        }
    }
}

fn channel(body: &Node<'_>) -> WebhookChannel {
    match body.str_of("object") {
        Some("whatsapp_business_account") => WebhookChannel::WhatsApp,
        Some("page") => WebhookChannel::Messenger,
        Some("instagram") => WebhookChannel::Instagram,
        _ => WebhookChannel::Other,
    }
}

fn entry(channel: WebhookChannel, entry: &Node<'_>, telling: &mut Telling<'_>) {
    let before = telling.count();
    for each in entry.items_of("changes") {
        change(Scope::new(channel, entry), each, telling);
    }
    for (list, is_standby) in [("messaging", false), ("standby", true)] {
        let channel = if channel == WebhookChannel::Other { WebhookChannel::Messenger } else { channel };
        let scope = Scope { is_standby, ..Scope::new(channel, entry) };
        for each in entry.items_of(list) {
            let event = if each.is_object() { direct::item(&scope, each) } else { scope.other(each, list) };
            telling.tell(event, each);
        }
    }
    // Samples of Instagram have a change's members in the entry itself.
    if entry.get("field").is_some() && entry.get("value").is_some() {
        change(Scope::new(channel, entry), entry, telling);
    }
    if telling.count() == before {
        telling.tell(Scope::new(channel, entry).other(entry, "entry"), entry);
    }
}

fn change<'n>(mut scope: Scope<'n>, change: &'n Node<'n>, telling: &mut Telling<'_>) {
    scope.field = change.str_at("field|value.field");
    let kind = scope.field.unwrap_or("change");
    let Some(value) = change.get("value").filter(|value| value.is_object()) else {
        return telling.tell(scope.other(change, kind), change);
    };
    if scope.channel == WebhookChannel::Other && value.str_of("messaging_product") == Some("whatsapp") {
        scope.channel = WebhookChannel::WhatsApp;
    }
    if scope.is_direct() {
        return telling.tell(direct::change(&scope, value), value);
    }
    scope.metadata = value.get("metadata");
    if let Some(read) = scope.field.and_then(account::reader) {
        return telling.tell(read(&scope, value), value);
    }
    let before = telling.count();
    lists(&mut scope, value, telling);
    // Another agent has the conversation: its items lie one level deeper.
    if let Some(standby) = value.get("standby") {
        scope.is_standby = true;
        lists(&mut scope, standby, telling);
    }
    if telling.count() == before {
        telling.tell(scope.other(value, kind), value);
    }
}

/// Tells the items of every list of a value.
fn lists<'n>(scope: &mut Scope<'n>, value: &'n Node<'n>, telling: &mut Telling<'_>) {
    scope.people = People::of(value);
    let is_history = scope.field == Some("history");
    let mut found: [&[Node<'_>]; LISTS.len()] = Default::default();
    let mut unknown = Vec::new();
    for (name, member) in value.members() {
        if let Some(place) = LISTS.iter().position(|(known, _)| known == name) {
            found[place] = member.items();
        } else if member.is_container() && !AROUND.contains(&name.as_ref()) {
            unknown.push((name, member));
        }
    }
    // Errors beside items are theirs; by themselves they are events.
    let has_items = found.iter().any(|items| !items.is_empty());
    let errors = value.items_of("errors");
    let shared = if has_items && errors.len() <= ERRORS_SHARED { errors } else { &[] };
    if shared.is_empty() {
        errors.iter().for_each(|error| telling.tell(scope.error(error), error));
    }
    for ((name, read), items) in LISTS.iter().zip(found) {
        for item in items {
            if !item.is_object() {
                telling.tell(scope.other(item, name), item);
                continue;
            }
            let mut event = read(scope, item);
            if is_history {
                // Files of the history follow by themselves, as if they were new.
                event.kind = WebhookKind::History;
            }
            event.errors.extend(shared.iter().map(|error| read_error(error, event.tracker.as_deref())));
            telling.tell(event, item);
        }
    }
    for item in value.items_of("history") {
        takeover::history(scope, item, telling);
    }
    // Lists and objects beside the known ones: whatever comes new is told, too.
    for (name, member) in unknown {
        member.items().iter().for_each(|item| telling.tell(scope.other(item, name), item));
    }
}

impl WebhookEvent {
    pub(super) fn with_raw(self, text: &str) -> Self {
        WebhookEvent { raw: Raw::new(text), ..self }
    }
}
