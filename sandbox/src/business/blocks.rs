//! The block list (Meta's page "Block users").

use serde_json::{Value, json};

use super::{body_of_whatsapp, invalid, paging};
use crate::api::Call;
use crate::customer::Window;
use crate::graph::GraphError;
use crate::recipient::wa_id;
use crate::settings::PhoneNumber;
use crate::state::Inside;

/// How many fit.
const MOST: usize = 64_000;
/// How many in one request.
const MOST_AT_ONCE: usize = 1_000;

pub(super) fn manage(inside: &mut Inside, call: &Call, number: &PhoneNumber) -> Result<Value, GraphError> {
    if call.method == "GET" {
        let blocked = &inside.business.number(&number.id).blocked;
        let items: Vec<Value> =
            blocked.iter().map(|wa_id| json!({"messaging_product": "whatsapp", "wa_id": wa_id})).collect();
        return paging::page(&items, call);
    }
    let users = body_of_whatsapp(call)?.get("block_users").and_then(Value::as_array);
    let users = users.ok_or_else(|| invalid(400, "(#100) The parameter block_users is required."))?;
    if users.len() > MOST_AT_ONCE {
        return Err(invalid(400, "(#100) Param block_users must have at most 1000 elements."));
    }
    let (mut done, mut failed) = (Vec::new(), Vec::new());
    for user in users {
        let input = user.get("user").and_then(Value::as_str);
        let input =
            input.ok_or_else(|| invalid(400, "(#100) Param block_users must be an array of objects with user."))?;
        match change(inside, number, input, call.method == "POST") {
            Ok(wa_id) => done.push(json!({"input": input, "wa_id": wa_id})),
            Err((wa_id, code, details)) => {
                let error = GraphError::new(code);
                let mut entry = json!({
                    "input": input,
                    "errors": [{"message": error.message, "code": code, "error_data": {"details": details}}],
                });
                if let Some(wa_id) = wa_id {
                    entry["wa_id"] = wa_id.into();
                }
                failed.push(entry);
            }
        }
    }
    let name = if call.method == "POST" { "added_users" } else { "removed_users" };
    let mut lists = json!({});
    if !done.is_empty() || failed.is_empty() {
        lists[name] = done.into();
    }
    let answer = json!({"messaging_product": "whatsapp", "block_users": lists});
    if failed.is_empty() {
        return Ok(answer);
    }
    let mut partial = answer;
    partial["block_users"]["failed_users"] = failed.into();
    let details = "Failed to block some users, see the block_users response list for details";
    Err(GraphError { beside: Some(Box::new(partial)), ..GraphError::new(139_100).details(details) })
}

/// The account whose entry was changed; or its id, why it was not, and in words.
fn change(
    inside: &mut Inside,
    number: &PhoneNumber,
    input: &str,
    block: bool,
) -> Result<String, (Option<String>, i64, &'static str)> {
    let Ok(wa_id) = wa_id(input, number) else {
        return Err((None, 131_047, "The number is not a WhatsApp user."));
    };
    if wa_id == number.digits() {
        return Err((Some(wa_id), 131_021, "Failed to block self phone number."));
    }
    let user_id = inside.people.of_number(&wa_id, &inside.settings.business_account_id).user_id;
    let is_closed = inside.people.window(&number.id, &user_id, inside.clock.now_ms()) == Window::Closed;
    if block && inside.settings.window && is_closed {
        return Err((Some(wa_id), 131_047, "User has not messaged in the last 24 hours."));
    }
    let blocked = &mut inside.business.number(&number.id).blocked;
    let at = blocked.iter().position(|known| *known == wa_id);
    match (block, at) {
        (true, None) if blocked.len() >= MOST => {
            return Err((Some(wa_id), 139_101, "The blocklist has reached its 64,000 user limit."));
        }
        (true, None) => blocked.push(wa_id.clone()),
        (false, Some(at)) => {
            blocked.remove(at);
        }
        _ => {}
    }
    Ok(wa_id)
}
