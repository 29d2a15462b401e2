//! The Cloud API itself: who may come in, what is asked, and the answer.

use std::time::Instant;

use serde_json::{Map, Value, json};

use bytes::Bytes;

use crate::business;
use crate::customer::{Price, Window};
use crate::facts;
use crate::graph::{Answer, GraphError, Usage, header_set, route};
use crate::ledger::{AcceptedMessage, Json, MessageStatus, Refusal};
use crate::limits::Over;
use crate::media;
use crate::recipient::{is_user_id, wa_id};
use crate::rules::{Body, Violation, check_marketing, check_messages};
use crate::settings::PhoneNumber;
use crate::state::Inside;
use crate::template::{self, Sent};

/// A request that has been read to its last byte.
#[derive(Debug, Clone)]
pub(crate) struct Call {
    pub(crate) method: String,
    /// Path with the query.
    pub(crate) path: String,
    pub(crate) authorization: Option<String>,
    pub(crate) content_type: Option<String>,
    /// Where in its file a body belongs.
    pub(crate) file_offset: Option<String>,
    /// The name by which the sandbox was called.
    pub(crate) host: Option<String>,
    pub(crate) body: Bytes,
    /// The body as JSON, if it is.
    pub(crate) json: Option<Value>,
    /// When the last byte was read.
    pub(crate) received: Instant,
}

impl Call {
    /// The path without the query.
    pub(crate) fn route_path(&self) -> &str {
        self.path.split_once('?').map_or(self.path.as_str(), |(path, _)| path)
    }

    /// A value of the query, as written.
    pub(crate) fn query(&self, name: &str) -> Option<&str> {
        let (_, query) = self.path.split_once('?')?;
        query.split('&').find_map(|pair| pair.strip_prefix(name)?.strip_prefix('='))
    }

    /// The same as it was meant.
    pub(crate) fn query_value(&self, name: &str) -> Option<String> {
        let pair = format!("{name}={}", self.query(name)?);
        form_urlencoded::parse(pair.as_bytes()).next().map(|(_, value)| value.into_owned())
    }

    /// Whom a message is for, as written.
    pub(crate) fn recipient(&self) -> Option<&str> {
        self.member("to").or_else(|| self.member("recipient"))
    }

    /// A member of the body that is a string.
    fn member(&self, name: &str) -> Option<&str> {
        self.json.as_ref()?.get(name)?.as_str()
    }
}

/// What came of a call.
pub(crate) struct Outcome {
    pub(crate) answer: Answer,
    pub(crate) refused: Option<Refusal>,
}

/// How far a call got before it was refused: it decides the usage header.
struct Refused {
    error: Box<GraphError>,
    usage: Usage,
}

impl From<GraphError> for Refused {
    fn from(error: GraphError) -> Self {
        Self { error: Box::new(error), usage: Usage::Business }
    }
}

impl From<Violation> for Refused {
    fn from(violation: Violation) -> Self {
        GraphError::new(violation.code).details(violation.to_string()).into()
    }
}

/// Refused before the business number was reached.
fn outside(error: GraphError) -> Refused {
    Refused { error: Box::new(error), usage: Usage::App }
}

/// Answers a call, and takes the message in if it is one.
pub(crate) fn answer(inside: &mut Inside, call: &Call) -> Outcome {
    let ids = inside.ids.request();
    let path = call.route_path();
    if media::is_address(path) {
        return fetch(inside, call, &ids.request);
    }
    let (route, known_version) = match route(path) {
        Some(route) => (route, true),
        None => (crate::graph::Route { answered: 26, ended: None, rest: path.trim_start_matches('/') }, false),
    };
    let done = if known_version {
        handle(inside, call, route.rest, &ids.request)
    } else {
        Err(outside(GraphError::unknown_path(path)))
    };
    let usage = done.as_ref().map_or_else(|refused| refused.usage, |_| Usage::Business);
    let headers = header_set(&ids, &route, usage, &inside.settings.business_account_id);
    match done {
        Ok(body) => Outcome { answer: Answer::graph(headers, &body), refused: None },
        Err(Refused { error, .. }) => {
            *inside.ledger.counters.refused.entry(error.code).or_default() += 1;
            let answer = Answer::error(headers, &error, &ids.request);
            let refused = Refusal { code: error.code, message: error.message, details: error.details };
            Outcome { answer, refused: Some(refused) }
        }
    }
}

/// A file at its address, which is none of Graph's: what it refuses has no words.
fn fetch(inside: &mut Inside, call: &Call, request_id: &str) -> Outcome {
    if let Err(error) = check_token(inside, call) {
        let headers = Answer::text(401, "application/json; charset=UTF-8", "").headers;
        let refused = Refusal { code: error.code, message: error.message.clone(), details: None };
        return Outcome { answer: Answer::error(headers, &error, request_id), refused: Some(refused) };
    }
    Outcome { answer: media::fetch(inside, call).unwrap_or_else(|| Answer::bare(404)), refused: None }
}

/// The answer that a `graph_error` fault gives.
pub(crate) fn fault_answer(inside: &mut Inside, call: &Call, error: &GraphError) -> Answer {
    let ids = inside.ids.request();
    let path = call.route_path();
    let route = route(path).unwrap_or(crate::graph::Route { answered: 26, ended: None, rest: path });
    let headers = header_set(&ids, &route, Usage::Business, &inside.settings.business_account_id);
    Answer::error(headers, error, &ids.request)
}

fn handle(inside: &mut Inside, call: &Call, rest: &str, request_id: &str) -> Result<Value, Refused> {
    check_token(inside, call).map_err(outside)?;
    let path: Vec<&str> = rest.trim_end_matches('/').split('/').collect();
    if let Some(answer) = media::resumable(inside, call, &path) {
        return answer.map_err(outside);
    }
    if let Some(answer) = business::manage(inside, call, &path) {
        return answer.map_err(Refused::from);
    }
    let mut segments = path.into_iter();
    let (object, edge, more) =
        (segments.next().unwrap_or_default(), segments.next().unwrap_or_default(), segments.next());
    if more.is_some() || object.is_empty() {
        return Err(outside(GraphError::unknown_path(&format!("/{rest}"))));
    }
    if let Some(answer) = template::manage(inside, call, object, edge) {
        return answer.map_err(Refused::from);
    }
    let number = inside.settings.phone_number(object).cloned();
    match (number, call.method.as_str(), edge) {
        (Some(number), "POST", "messages") => send(inside, call, &number, request_id, check_messages),
        (Some(number), "POST", "marketing_messages") => send(inside, call, &number, request_id, check_marketing),
        (Some(number), "POST", "media") => media::upload(inside, call, &number).map_err(Refused::from),
        (Some(number), "GET", "") => {
            Ok(facts::number(inside, &number, call.query_value("fields").as_deref()).map_err(outside)?)
        }
        (None, "GET", "") if object == "debug_token" => debug_token(inside, call),
        (None, "GET", "") => media::look_up(inside, call, object).map_err(outside),
        (None, "DELETE", "") => media::delete(inside, call, object).map_err(outside),
        (Some(_), "GET", edge) if !edge.is_empty() && !matches!(edge, "messages" | "marketing_messages") => {
            Err(outside(GraphError::no_such_field(edge)))
        }
        _ => Err(outside(GraphError::unsupported(&call.method, object))),
    }
}

/// What a token is good for, asked with another one or with itself.
fn debug_token(inside: &Inside, call: &Call) -> Result<Value, Refused> {
    let Some(written) = call.query("input_token") else {
        return Err(outside(GraphError {
            message: "(#100) The parameter input_token is required".to_owned(),
            ..GraphError::new(100)
        }));
    };
    let asked =
        form_urlencoded::parse(format!("token={written}").as_bytes()).next().map(|(_, token)| token.into_owned());
    Ok(facts::token(&inside.settings, &asked.unwrap_or_default()))
}

fn check_token(inside: &Inside, call: &Call) -> Result<(), GraphError> {
    let token = call.authorization.as_deref().map(|header| {
        let (scheme, token) = header.split_once(' ').unwrap_or((header, ""));
        if scheme.eq_ignore_ascii_case("bearer") || scheme.eq_ignore_ascii_case("oauth") { token.trim() } else { "" }
    });
    match token {
        None | Some("") => Err(GraphError::new(104)),
        Some(token) if inside.settings.tokens.iter().any(|known| known == token) => Ok(()),
        Some(_) => Err(GraphError::new(190)),
    }
}

/// Meta's page "Error codes".
const WINDOW_CLOSED: &str =
    "Message failed to send because more than 24 hours have passed since the customer last replied to this number.";

type CheckBody = for<'v> fn(&'v Value) -> Result<Body<'v>, Violation>;

fn send(
    inside: &mut Inside,
    call: &Call,
    number: &PhoneNumber,
    request_id: &str,
    check: CheckBody,
) -> Result<Value, Refused> {
    let Some(body) = &call.json else {
        return Err(GraphError::new(100).details("Invalid JSON in request body").into());
    };
    match check(body)? {
        Body::Read { message_id } => mark_read(inside, message_id),
        Body::Message { kind, body, marketing } => {
            if !inside.business.is_registered(&number.id) {
                return Err(GraphError::new(133_010)
                    .details("The phone number is not registered on the Cloud API.")
                    .into());
            }
            let (input, reached) = reached(body, number)?;
            if let Reached::Account(wa_id) = &reached
                && inside.business.has_blocked(&number.id, wa_id)
            {
                return Err(GraphError::new(130_403)
                    .details("The recipient is on the block list of this number.")
                    .into());
            }
            if let Some(Value::Object(message)) = body.get("template") {
                let (to_user, to_group) = (matches!(reached, Reached::User(_)), matches!(reached, Reached::Group(_)));
                template::check(&inside.templates, message, Sent { marketing, to_user, to_group })?;
            }
            let (strict, now_ms) = (inside.settings.strict_media, inside.clock.now_ms());
            media::check_message(
                &inside.media,
                call.json.as_ref().unwrap_or(&Value::Null),
                &number.id,
                strict,
                now_ms,
            )?;
            let price = price(inside, number, &reached, body, marketing);
            accept(inside, call, number, request_id, kind, (input, reached, price))
        }
    }
}

/// What a message costs, which depends on the open window and the template's category.
fn price(inside: &Inside, number: &PhoneNumber, to: &Reached, body: &Map<String, Value>, marketing: bool) -> Price {
    let user_id = match to {
        Reached::Account(wa_id) => inside.people.of_number(wa_id, &inside.settings.business_account_id).user_id,
        Reached::User(user_id) => user_id.clone(),
        // Groups have no window that the sandbox keeps.
        Reached::Group(_) => String::new(),
    };
    let window = inside.people.window(&number.id, &user_id, inside.clock.now_ms());
    let category = match body.get("template") {
        Some(_) if marketing => "marketing_lite".to_owned(),
        Some(sent) => {
            let is =
                |known: &&template::Template| sent["name"] == known.name && sent["language"]["code"] == known.language;
            let category = inside.templates.iter().find(is).and_then(|known| known.category.as_deref());
            category.unwrap_or("utility").to_ascii_lowercase()
        }
        None => "service".to_owned(),
    };
    Price { window, category }
}

/// Both refusals are recorded answers.
fn mark_read(inside: &Inside, message_id: &str) -> Result<Value, Refused> {
    let wrong = |details: String| Err(GraphError::new(100).details(details).into());
    if !message_id.starts_with("wamid.") {
        return wrong("Please check the message ID you have provided.".to_owned());
    }
    if inside.ledger.was_sent(message_id) {
        return wrong(format!(
            "Message supplied to mark message as read API with message ID: {message_id} is outgoing. Please use an incoming message ID."
        ));
    }
    Ok(json!({"success": true}))
}

/// Whom a message reaches.
enum Reached {
    Account(String),
    User(String),
    Group(String),
}

impl Reached {
    fn key(&self) -> &str {
        match self {
            Self::Account(id) | Self::User(id) | Self::Group(id) => id,
        }
    }
}

fn reached(body: &Map<String, Value>, number: &PhoneNumber) -> Result<(String, Reached), GraphError> {
    let invalid = |name: &str, says: String| GraphError::new(131009).details(format!("{name}: {says}"));
    let text = |name: &str| body.get(name).and_then(Value::as_str).map(str::to_owned);
    let group = body.get("recipient_type").is_some_and(|kind| kind == "group");
    match (text("to"), text("recipient")) {
        (Some(to), _) if group => Ok((to.clone(), Reached::Group(to))),
        (Some(to), _) => {
            let wa_id = wa_id(&to, number).map_err(|says| invalid("to", says))?;
            if wa_id == number.digits() {
                return Err(GraphError::new(131021).details("to: the recipient is the sender"));
            }
            Ok((to, Reached::Account(wa_id)))
        }
        (None, Some(user)) if group || !is_user_id(&user) => Err(invalid(
            "recipient",
            format!("{user:?} is not a business-scoped user id, as in US.13491208655302741918"),
        )),
        (None, Some(user)) => Ok((user.clone(), Reached::User(user))),
        (None, None) => Err(GraphError::new(100).details("to: is required")),
    }
}

fn accept(
    inside: &mut Inside,
    call: &Call,
    number: &PhoneNumber,
    request_id: &str,
    kind: &str,
    (input, reached, price): (String, Reached, Price),
) -> Result<Value, Refused> {
    let settings = &inside.settings;
    let needs_window = settings.window && kind != "template" && !matches!(reached, Reached::Group(_));
    if needs_window && price.window == Window::Closed {
        return Err(GraphError::new(131_047).details(WINDOW_CLOSED).into());
    }
    let now = inside.clock.moved(call.received);
    if let Err(over) = inside.limits.admit(now, &number.id, reached.key(), settings.rate, settings.pair_rate) {
        return Err(throttled(&over, settings.throttle_status).into());
    }
    let id = inside.ids.wamid(reached.key());
    let mut contact = json!({"input": input});
    let mut message = json!({"id": id});
    if kind == "template" {
        message["message_status"] = "accepted".into();
    }
    let (mut wa_id, mut user_id, mut group_id) = (None, None, None);
    match reached {
        Reached::Account(account) => {
            contact["wa_id"] = account.as_str().into();
            wa_id = Some(account);
        }
        Reached::User(user) => {
            contact["user_id"] = user.as_str().into();
            user_id = Some(user);
        }
        Reached::Group(group) => {
            message["group_id"] = group.as_str().into();
            group_id = Some(group);
        }
    }
    let accepted = AcceptedMessage {
        id,
        index: 0,
        at: inside.clock.now_ms(),
        phone_number_id: number.id.clone(),
        to: input,
        wa_id,
        user_id,
        group_id,
        kind: kind.to_owned(),
        tracker: call.member("biz_opaque_callback_data").map(str::to_owned),
        payload: Json(call.body.clone()),
        request_id: request_id.to_owned(),
        status: MessageStatus::Accepted,
        error: None,
        price,
    };
    let due_ms = accepted.at + settings.webhook.status_delay_ms;
    let index = inside.ledger.accept(accepted, settings.keep);
    inside.webhooks.schedule(index, due_ms);
    Ok(json!({"messaging_product": "whatsapp", "contacts": [contact], "messages": [message]}))
}

fn throttled(over: &Over, status: u16) -> GraphError {
    let (code, details) = match over {
        Over::Throughput => (
            130429,
            "Message failed to send because there were too many messages sent from this phone number in a short period of time.",
        ),
        Over::Pair => (
            131056,
            "Message failed to send because there were too many messages sent from this phone number to the same phone number in a short period of time.",
        ),
    };
    GraphError { status, ..GraphError::new(code).details(details) }
}
