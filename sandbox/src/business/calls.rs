//! Settings of a number, and addresses of webhooks.

use serde_json::{Map, Value};

use super::{NumberState, invalid, success, text};
use crate::graph::GraphError;

/// What settings there are (Meta's OpenAPI document).
const SETTINGS: [&str; 4] = ["calling", "payload_encryption", "storage_configuration", "user_identity_change"];

/// Each that is given takes the place of its members.
pub(super) fn settings(state: &mut NumberState, body: &Map<String, Value>) -> Result<Value, GraphError> {
    for name in SETTINGS {
        match body.get(name) {
            None => {}
            Some(Value::Object(given)) => {
                let known = state.settings.entry(name).or_insert_with(|| Value::Object(Map::new()));
                if let Value::Object(known) = known {
                    known.extend(given.clone());
                }
            }
            Some(_) => return Err(invalid(400, format!("(#100) Param {name} must be an object."))),
        }
    }
    success()
}

/// Where webhooks are to go. Nobody is asked: addresses elsewhere are out of a sandbox's reach.
pub(super) fn callback(body: &Map<String, Value>) -> Result<Option<String>, GraphError> {
    let (uri, token) = (text(body, "override_callback_uri")?, text(body, "verify_token")?);
    match (uri, token) {
        (None | Some(""), _) => Ok(None),
        (Some(uri), _) if !uri.starts_with("https://") || uri.len() == "https://".len() => {
            Err(invalid(400, "Invalid callback URI format"))
        }
        (Some(_), None | Some("")) => Err(invalid(400, "(#100) The parameter verify_token is required.")),
        (Some(uri), Some(_)) => Ok(Some(uri.to_owned())),
    }
}
