//! Registering a number, and what can be changed about it (Meta's pages "Registration", "Two-step verification",
//! "Conversational components").

use serde_json::{Map, Value, json};

use super::{NumberState, VERIFICATION_CODE, body, body_of_whatsapp, calls, invalid, required, success, text};
use crate::api::Call;
use crate::graph::GraphError;
use crate::settings::PhoneNumber;
use crate::state::Inside;

/// Registrations and deregistrations in 72 hours.
const REGISTRATIONS: u32 = 10;
/// Codes that are sent; Meta's own number is not known.
const CODES: u32 = 10;

pub(super) fn manage(inside: &mut Inside, call: &Call, number: &PhoneNumber, edge: &str) -> Result<Value, GraphError> {
    let was_verified = number.code_verification_status == "VERIFIED";
    let state = inside.business.number(&number.id);
    match (call.method.as_str(), edge) {
        ("POST", "") => update(state, body(call)?),
        ("POST", "register") => register(state, body_of_whatsapp(call)?, was_verified),
        ("POST", "deregister") => {
            count_registration(state)?;
            if !state.is_registered {
                return Err(invalid(400, "Phone number is not currently linked in Facebook hosted system"));
            }
            state.is_registered = false;
            success()
        }
        ("POST", "request_code") => request_code(state, body(call)?),
        ("POST", "verify_code") => {
            let code = required(body(call)?, "code")?;
            if code.is_empty() || !code.bytes().all(|b| b.is_ascii_digit()) {
                return Err(invalid(400, "Invalid parameter: code must be a numeric string"));
            }
            if code != VERIFICATION_CODE {
                return Err(invalid(422, "The verification code is invalid or has expired"));
            }
            state.is_verified = Some(true);
            Ok(json!({"success": true, "id": number.id}))
        }
        ("GET", "settings") => {
            let mut settings = state.settings.clone();
            settings.entry("storage_configuration").or_insert_with(|| json!({"status": "default"}));
            Ok(Value::Object(settings))
        }
        ("POST", "settings") => calls::settings(state, body(call)?),
        _ => automation(state, body(call)?),
    }
}

fn count_registration(state: &mut NumberState) -> Result<(), GraphError> {
    state.registrations += 1;
    if state.registrations > REGISTRATIONS {
        let details = "Registration or deregistration failed because there were too many attempts for this phone number in a \
                       short period of time.";
        return Err(GraphError::new(133_016).details(details));
    }
    Ok(())
}

fn pin(body: &Map<String, Value>) -> Result<&str, GraphError> {
    let pin = required(body, "pin")?;
    if pin.len() != 6 || !pin.bytes().all(|b| b.is_ascii_digit()) {
        return Err(invalid(400, "Invalid PIN format. PIN must be exactly 6 digits"));
    }
    Ok(pin)
}

fn register(state: &mut NumberState, body: &Map<String, Value>, was_verified: bool) -> Result<Value, GraphError> {
    count_registration(state)?;
    let pin = pin(body)?;
    if let Some(region) = text(body, "data_localization_region")?
        && (region.len() != 2 || !region.bytes().all(|b| b.is_ascii_uppercase()))
    {
        return Err(invalid(400, "(#100) Param data_localization_region must be a two-letter country code."));
    }
    if !state.is_verified.unwrap_or(was_verified) {
        return Err(GraphError::new(133_006).details("Phone number needs to be verified before registering."));
    }
    if pin != state.pin {
        return Err(GraphError::new(133_005).details("Two-step verification PIN mismatch."));
    }
    state.is_registered = true;
    success()
}

fn request_code(state: &mut NumberState, body: &Map<String, Value>) -> Result<Value, GraphError> {
    if !matches!(required(body, "code_method")?, "SMS" | "VOICE") {
        return Err(invalid(400, "(#100) Param code_method must be one of {SMS, VOICE}"));
    }
    if required(body, "language")?.is_empty() {
        return Err(invalid(400, "(#100) Param language must be a locale."));
    }
    state.codes_requested += 1;
    if state.codes_requested > CODES {
        let message = "Too many verification code requests. Please wait before requesting another code";
        return Err(GraphError { message: message.to_owned(), ..GraphError::new(613) });
    }
    success()
}

/// `POST /{phone-number-id}`: the pin, and what is told of the number.
fn update(state: &mut NumberState, body: &Map<String, Value>) -> Result<Value, GraphError> {
    let within = body.get("whatsapp_business_api_data").and_then(Value::as_object);
    for given in [Some(body), within].into_iter().flatten().filter(|given| given.contains_key("pin")) {
        state.pin = pin(given)?.to_owned();
    }
    if let Some(webhook) = body.get("webhook_configuration") {
        let webhook =
            webhook.as_object().ok_or_else(|| invalid(400, "(#100) Param webhook_configuration must be an object."))?;
        calls::callback(webhook)?;
        state
            .fields
            .insert("webhook_configuration".to_owned(), json!({"phone_number": webhook.get("override_callback_uri")}));
    }
    for (given, told) in [
        ("search_visibility", "search_visibility"),
        ("username", "username"),
        ("new_display_name", "new_display_name"),
        ("connection_status", "status"),
    ] {
        if let Some(value) = text(body, given)? {
            state.fields.insert(told.to_owned(), value.into());
        }
    }
    if state.fields.remove("new_display_name").is_some() {
        state.fields.insert("new_name_status".to_owned(), "PENDING_REVIEW".into());
    }
    success()
}

/// Four questions as the page has it, where the document says three.
const PROMPTS: usize = 4;
const COMMANDS: usize = 30;

fn automation(state: &mut NumberState, body: &Map<String, Value>) -> Result<Value, GraphError> {
    let list = |name: &str| match body.get(name) {
        None => Ok(&[] as &[Value]),
        Some(Value::Array(items)) => Ok(items.as_slice()),
        Some(_) => Err(invalid(400, format!("(#100) Param {name} must be an array."))),
    };
    let (prompts, commands) = (list("prompts")?, list("commands")?);
    if prompts.len() > PROMPTS {
        return Err(invalid(400, format!("Too many prompts provided. Maximum allowed is {PROMPTS}")));
    }
    for prompt in prompts {
        match prompt.as_str() {
            Some(prompt) if prompt.chars().count() > 80 => {
                return Err(invalid(400, "Prompt text exceeds maximum length of 80 characters"));
            }
            Some(_) => {}
            None => return Err(invalid(400, "(#100) Param prompts must be an array of strings.")),
        }
    }
    if commands.len() > COMMANDS {
        return Err(invalid(400, format!("Too many commands provided. Maximum allowed is {COMMANDS}")));
    }
    for command in commands {
        let command =
            command.as_object().ok_or_else(|| invalid(400, "(#100) Param commands must be an array of objects."))?;
        let name = required(command, "command_name")?;
        let description = required(command, "command_description")?;
        if name.is_empty() || !name.chars().all(|c| c.is_ascii_alphanumeric() || c == '_') {
            let message =
                "Invalid command name format. Command names must contain only alphanumeric characters and underscores";
            return Err(invalid(400, message));
        }
        if name.len() > 32 || description.chars().count() > 256 {
            return Err(invalid(400, "Command name or description exceeds its maximum length"));
        }
    }
    if let Some(enable) = body.get("enable_welcome_message")
        && !enable.is_boolean()
    {
        return Err(invalid(400, "(#100) Param enable_welcome_message must be a boolean."));
    }
    for name in ["enable_welcome_message", "prompts", "commands"] {
        if let Some(value) = body.get(name) {
            state.automation.insert(name.to_owned(), value.clone());
        }
    }
    success()
}
