//! A customer's message, from what the control API was told to the item of a webhook.

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value, json};

use super::content::{KINDS, REPLIES, content, referral, reply};
use super::people::Person;
use crate::Error;
use crate::media;
use crate::recipient::{is_user_id, wa_id};
use crate::settings::PhoneNumber;
use crate::state::Inside;

/// What `POST /_sandbox/customer` takes. What is none of these members is the content, under the name of its kind.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct Request {
    from: Option<String>,
    user_id: Option<String>,
    name: Option<String>,
    username: Option<String>,
    phone_number_id: Option<String>,
    #[serde(rename = "type")]
    kind: Option<String>,
    reply_to: Option<String>,
    context: Option<Value>,
    referral: Option<Value>,
    group_id: Option<String>,
    errors: Option<Value>,
    #[serde(flatten)]
    content: Map<String, Value>,
}

/// A message that a customer wrote.
#[derive(Debug, Clone, Serialize)]
pub struct Written {
    /// Its message id.
    pub id: String,
    /// Counts incoming messages from 0.
    pub index: u64,
    /// When it was written, in milliseconds since 1970.
    pub at: u64,
    /// The business phone number that it went to.
    pub phone_number_id: String,
    /// The customer's number, unless it is hidden.
    pub wa_id: Option<String>,
    /// The customer's business-scoped user id.
    pub user_id: String,
    /// The customer's name.
    pub name: String,
    /// The message as the webhook carries it.
    pub message: Value,
    /// The item of `contacts` beside it.
    #[serde(skip)]
    pub(crate) contact: Value,
}

fn wrong(what: impl Into<String>) -> Error {
    Error::Control(format!("customer: {}", what.into()))
}

/// Writes a message as a customer. It is remembered and opens the service window; the caller hands it to the webhook.
pub(crate) fn write(inside: &mut Inside, request: &Value) -> Result<Written, Error> {
    let request: Request = serde_json::from_value(request.clone()).map_err(|error| wrong(error.to_string()))?;
    let number = number(inside, request.phone_number_id.as_deref())?;
    let person = person(inside, &request, &number)?;
    let (kind, given) = kind(&request)?;
    let at = inside.clock.now_ms();
    let mut context = request.context.clone();
    if let Some(answered) = answered(inside, &request, &person, &kind) {
        let member = context.get_or_insert_with(|| json!({}));
        member["from"] = number.digits().into();
        member["id"] = answered.into();
    }
    let id = inside.ids.incoming_wamid(person.wa_id.as_deref().unwrap_or(&person.user_id));
    let mut message = Map::new();
    let mut put = |name: &str, value: Option<Value>| value.map(|value| message.insert(name.to_owned(), value));
    put("context", context.clone());
    put("from", person.wa_id.clone().map(Value::from));
    put("from_user_id", Some(person.user_id.clone().into()));
    put("group_id", request.group_id.clone().map(Value::from));
    put("id", Some(id.clone().into()));
    put("timestamp", Some((at / 1000).to_string().into()));
    put("type", Some(kind.clone().into()));
    put(&kind, filled(inside, &person, &number.id, &kind, given, context.as_ref())?);
    put("errors", request.errors.clone().or_else(|| (kind == "unsupported").then(unsupported)));
    let ad = request.referral.clone().map(referral).transpose().map_err(wrong)?;
    let from_ad = ad.is_some();
    put("referral", ad);

    let written = Written {
        id,
        index: inside.ledger.counters.incoming,
        at,
        phone_number_id: number.id.clone(),
        wa_id: person.wa_id.clone(),
        user_id: person.user_id.clone(),
        name: person.name.clone(),
        message: Value::Object(message),
        // Meta's page on system messages: they come without contacts.
        contact: if kind == "system" { Value::Null } else { person.contact(true) },
    };
    inside.ledger.counters.incoming += 1;
    // What happens to an account is no message from its owner.
    if kind != "system" {
        inside.people.wrote(&number.id, &person.user_id, at, from_ad);
    }
    inside.people.remember(person);
    inside.limits.count(inside.clock.moved(std::time::Instant::now()), &number.id);
    inside.remember_written(written.clone());
    Ok(written)
}

fn number(inside: &Inside, id: Option<&str>) -> Result<PhoneNumber, Error> {
    let settings = &inside.settings;
    let number = match id {
        Some(id) => settings.phone_number(id),
        None => settings.phone_numbers.first(),
    };
    number
        .cloned()
        .ok_or_else(|| wrong(format!("phone_number_id: {:?} is not a number of this sandbox", id.unwrap_or(""))))
}

/// Who writes: somebody known, with what the request says anew.
fn person(inside: &Inside, request: &Request, number: &PhoneNumber) -> Result<Person, Error> {
    let account = &inside.settings.business_account_id;
    let (from, user_id) = match &request.from {
        // Either can be named as the sender.
        Some(from) if request.user_id.is_none() && is_user_id(from) => (None, Some(from)),
        from => (from.as_ref(), request.user_id.as_ref()),
    };
    if let Some(user_id) = user_id.filter(|id| !is_user_id(id)) {
        return Err(wrong(format!("user_id: {user_id:?} is not of the form US.13491208655302741918")));
    }
    let mut person = match (from, user_id) {
        (Some(from), user_id) => {
            let written = from.trim_start_matches('+');
            // People have a number with its country code, however it is written.
            let wa_id = wa_id(&format!("+{written}"), number).map_err(|says| wrong(format!("from: {says}")))?;
            let known = inside.people.of_number(&wa_id, account);
            Person { user_id: user_id.cloned().unwrap_or(known.user_id), ..known }
        }
        (None, Some(user_id)) => Person { wa_id: None, ..inside.people.of_user_id(user_id) },
        (None, None) => return Err(wrong("from (a number or a user id) is required")),
    };
    if let Some(name) = &request.name {
        person.name.clone_from(name);
    }
    if request.username.is_some() {
        person.username.clone_from(&request.username);
    }
    Ok(person)
}

/// The kind of a message, and its content as given.
fn kind(request: &Request) -> Result<(String, Option<Value>), Error> {
    let mut members = request.content.iter();
    let (first, more) = (members.next(), members.next());
    if let (Some((one, _)), Some((other, _))) = (first, more) {
        return Err(wrong(format!("one content at a time, not {one} and {other}")));
    }
    match (&request.kind, first) {
        (Some(kind), None) => Ok((kind.clone(), None)),
        (Some(kind), Some((name, value))) if kind == name => Ok((kind.clone(), Some(value.clone()))),
        (Some(kind), Some((name, value))) if kind == "interactive" && REPLIES.contains(&name.as_str()) => {
            Ok((kind.clone(), Some(json!({"type": name, name.as_str(): value}))))
        }
        (None, Some((name, value))) if REPLIES.contains(&name.as_str()) => {
            Ok(("interactive".to_owned(), Some(json!({"type": name, name.as_str(): value}))))
        }
        (None, Some((name, value))) if KINDS.contains(&name.as_str()) => Ok((name.clone(), Some(value.clone()))),
        (_, Some((name, _))) => Err(wrong(format!("{name} is neither a member nor the content of this type"))),
        (None, None) => Err(wrong(format!("a content is required: {}, {}", KINDS.join(", "), REPLIES.join(", ")))),
    }
}

/// The message that is answered: the one named, or for taps the newest that this person got.
fn answered(inside: &Inside, request: &Request, person: &Person, kind: &str) -> Option<String> {
    if request.reply_to.is_some() || request.context.is_some() || !matches!(kind, "button" | "interactive") {
        return request.reply_to.clone();
    }
    newest(inside, person)
}

fn newest(inside: &Inside, person: &Person) -> Option<String> {
    let keys = [person.wa_id.as_deref(), Some(person.user_id.as_str())];
    let found = keys.into_iter().flatten().filter_map(|key| inside.ledger.newest_to(key));
    found.max_by_key(|message| message.index).map(|message| message.id.clone())
}

/// The content as the webhook carries it.
fn filled(
    inside: &mut Inside,
    person: &Person,
    number_id: &str,
    kind: &str,
    given: Option<Value>,
    context: Option<&Value>,
) -> Result<Option<Value>, Error> {
    if kind == "interactive" {
        let given = given.unwrap_or_else(|| json!({"type": "button_reply"}));
        let inner = given["type"].as_str().ok_or_else(|| wrong("interactive.type is required"))?.to_owned();
        let content = reply(&inner, given.get(&inner).cloned()).map_err(wrong)?;
        return Ok(Some(json!({"type": inner, inner: content})));
    }
    let media_id = inside.ids.digits(16);
    let mut content = content(kind, given, &media_id).map_err(wrong)?;
    if let Some(Value::Object(content)) = &mut content {
        media::receive(inside, number_id, kind, content);
    }
    match (kind, &mut content) {
        ("reaction", Some(reaction)) if reaction.get("message_id").is_none() => {
            let named = context.and_then(|context| context["id"].as_str()).map(str::to_owned);
            let to = named.or_else(|| newest(inside, person));
            let to =
                to.ok_or_else(|| wrong("reaction.message_id is required: nothing was sent to this customer yet"))?;
            reaction["message_id"] = to.into();
        }
        ("system", Some(system)) if system.get("body").is_none() => {
            let before = person.wa_id.as_deref().unwrap_or(&person.user_id);
            let after = system["wa_id"].as_str().or(system["user_id"].as_str()).unwrap_or("another number");
            let body = format!("User {} changed from {before} to {after}", person.name);
            system["body"] = body.into();
        }
        _ => {}
    }
    Ok(content)
}

/// Meta's page "Unsupported messages".
fn unsupported() -> Value {
    json!([{
        "code": 131_051,
        "title": "Message type unknown",
        "message": "Message type unknown",
        "error_data": {"details": "Message type is currently not supported."},
    }])
}
