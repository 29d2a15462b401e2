//! What the API manages beside messages: a number's registration, profile, block list, QR codes, commands and settings, and
//! the account that it belongs to.
//!
//! Sources: Meta's OpenAPI document with its examples of errors, and the pages that the files name.

mod account;
mod blocks;
mod calls;
mod number;
mod paging;
mod profile;
mod qr_codes;

use std::collections::{HashMap, HashSet};

use serde_json::{Map, Value, json};

use crate::api::Call;
use crate::graph::GraphError;
use crate::state::Inside;

use qr_codes::QrCode;

/// What was changed about numbers and account.
#[derive(Debug, Default)]
pub(crate) struct Business {
    numbers: HashMap<String, NumberState>,
    account: account::AccountState,
}

/// What was changed about a number.
#[derive(Debug, Clone)]
pub(crate) struct NumberState {
    is_registered: bool,
    /// How often it was registered and deregistered.
    registrations: u32,
    codes_requested: u32,
    is_verified: Option<bool>,
    pin: String,
    profile: Map<String, Value>,
    /// WhatsApp accounts, in the order in which they were blocked.
    blocked: Vec<String>,
    qr_codes: Vec<QrCode>,
    automation: Map<String, Value>,
    settings: Map<String, Value>,
    /// Fields that `POST /{phone-number-id}` changed.
    fields: Map<String, Value>,
}

/// The pin of numbers, until it is changed; and the code by which they are verified, which no telephone gets here.
const PIN: &str = "123456";
const VERIFICATION_CODE: &str = "123456";

impl Default for NumberState {
    /// Registered, with a code, so that there is something to see.
    fn default() -> Self {
        let profile = json!({"about": "Hey there! I am using WhatsApp.", "messaging_product": "whatsapp"});
        Self {
            is_registered: true,
            registrations: 0,
            codes_requested: 0,
            is_verified: None,
            pin: PIN.to_owned(),
            profile: profile.as_object().cloned().unwrap_or_default(),
            blocked: Vec::new(),
            qr_codes: vec![QrCode::new("4O4YGZEG3RIVE1", "Hello")],
            automation: Map::new(),
            settings: Map::new(),
            fields: Map::new(),
        }
    }
}

impl Business {
    fn number(&mut self, id: &str) -> &mut NumberState {
        self.numbers.entry(id.to_owned()).or_default()
    }

    /// Whether a number can send.
    pub(crate) fn is_registered(&self, id: &str) -> bool {
        self.numbers.get(id).is_none_or(|number| number.is_registered)
    }

    /// Whether a number has blocked an account.
    pub(crate) fn has_blocked(&self, id: &str, wa_id: &str) -> bool {
        self.numbers.get(id).is_some_and(|number| number.blocked.iter().any(|known| known == wa_id))
    }

    /// Fields of a number that differ from what the settings say.
    pub(crate) fn fields(&self, id: &str) -> Map<String, Value> {
        let Some(number) = self.numbers.get(id) else { return Map::new() };
        let mut fields = number.fields.clone();
        if !number.is_registered {
            fields.insert("status".to_owned(), "DISCONNECTED".into());
        }
        if let Some(is_verified) = number.is_verified {
            let status = if is_verified { "VERIFIED" } else { "NOT_VERIFIED" };
            fields.insert("code_verification_status".to_owned(), status.into());
        }
        if !number.automation.is_empty() {
            fields.insert("conversational_automation".to_owned(), Value::Object(number.automation.clone()));
        }
        fields
    }
}

/// What a request that manages something gets. `None` if it is about something else.
pub(crate) fn manage(inside: &mut Inside, call: &Call, path: &[&str]) -> Option<Result<Value, GraphError>> {
    let (object, rest) = path.split_first()?;
    if *object == inside.settings.business_account_id {
        return account::manage(inside, call, rest);
    }
    let number = inside.settings.phone_number(object)?.clone();
    let answer = match (call.method.as_str(), rest) {
        (
            "POST",
            []
            | ["register" | "deregister" | "request_code" | "verify_code" | "settings" | "conversational_automation"],
        )
        | ("GET", ["settings"]) => number::manage(inside, call, &number, rest.first().copied().unwrap_or_default()),
        ("GET" | "POST", ["whatsapp_business_profile"]) => profile::manage(inside, call, &number),
        ("GET" | "POST" | "DELETE", ["block_users"]) => blocks::manage(inside, call, &number),
        ("GET" | "POST" | "DELETE", ["message_qrdls", rest @ ..]) if rest.len() < 2 => {
            qr_codes::manage(inside, call, &number, rest.first().copied())
        }
        _ => return None,
    };
    Some(answer)
}

/// What most changes are answered with.
fn success() -> Result<Value, GraphError> {
    Ok(json!({"success": true}))
}

/// An error 100 as Meta's document has it: without the number in front of its words.
fn invalid(status: u16, message: impl Into<String>) -> GraphError {
    let class = if status == 400 { "OAuthException" } else { "GraphMethodException" };
    GraphError { status, message: message.into(), class, ..GraphError::new(100) }
}

/// Something that is not there (803).
fn not_found(message: &str) -> GraphError {
    GraphError { message: message.to_owned(), class: "GraphMethodException", ..GraphError::new(803) }
}

/// The body, which must be an object.
fn body(call: &Call) -> Result<&Map<String, Value>, GraphError> {
    call.json.as_ref().and_then(Value::as_object).ok_or_else(|| invalid(400, "Invalid JSON in request body"))
}

/// A body that says that it is about WhatsApp.
fn body_of_whatsapp(call: &Call) -> Result<&Map<String, Value>, GraphError> {
    let body = body(call)?;
    match body.get("messaging_product") {
        Some(product) if product == "whatsapp" => Ok(body),
        _ => Err(invalid(400, "Invalid parameter: messaging_product is required")),
    }
}

/// A member that is a text, if it is there.
fn text<'b>(body: &'b Map<String, Value>, name: &str) -> Result<Option<&'b str>, GraphError> {
    match body.get(name) {
        None => Ok(None),
        Some(Value::String(text)) => Ok(Some(text)),
        Some(_) => Err(invalid(400, format!("(#100) Param {name} must be a string."))),
    }
}

/// A member that must be there.
fn required<'b>(body: &'b Map<String, Value>, name: &str) -> Result<&'b str, GraphError> {
    text(body, name)?.ok_or_else(|| invalid(400, format!("(#100) The parameter {name} is required.")))
}

/// Fields that were asked for: refused where the object has none of that name.
fn asked<'f>(fields: &'f str, node: &str, known: &[&str]) -> Result<HashSet<&'f str>, GraphError> {
    let names = crate::facts::names(fields);
    match names.iter().find(|name| !known.contains(name)) {
        Some(unknown) => {
            Err(invalid(400, format!("(#100) Tried accessing nonexisting field ({unknown}) on node type ({node})")))
        }
        None => Ok(names.into_iter().collect()),
    }
}
