//! The account: what is told of it, its numbers, and which app gets its webhooks (Meta's page "Override webhooks").

use serde_json::{Map, Value, json};

use super::{asked, calls, paging, success};
use crate::api::Call;
use crate::facts;
use crate::graph::GraphError;
use crate::state::Inside;

/// What was changed about the account.
#[derive(Debug, Default)]
pub(super) struct AccountState {
    is_subscribed: bool,
    override_callback_uri: Option<String>,
}

/// Fields that an account has (Meta's OpenAPI document, and the Graph API's reference of the node).
const FIELDS: &[&str] = &[
    "id",
    "name",
    "timezone_id",
    "message_template_namespace",
    "account_review_status",
    "business_verification_status",
    "country",
    "currency",
    "ownership_type",
    "primary_business_location",
    "auth_international_rate_eligibility",
    "health_status",
    "is_enabled_for_insights",
    "marketing_messages_lite_api_status",
    "on_behalf_of_business_info",
    "owner_business_info",
    "primary_funding_id",
    "purchase_order_number",
    "status",
];

/// What a request about the account gets. `None` if it is about something that is managed elsewhere.
pub(super) fn manage(inside: &mut Inside, call: &Call, edge: &[&str]) -> Option<Result<Value, GraphError>> {
    let answer = match (call.method.as_str(), edge) {
        ("GET", []) => told(inside, call),
        ("GET", ["phone_numbers"]) => phone_numbers(inside, call),
        ("GET", ["subscribed_apps"]) => {
            let account = &inside.business.account;
            let link = format!("https://www.facebook.com/games/?app_id={}", crate::facts::APP_ID);
            let app = json!({"id": crate::facts::APP_ID, "name": "Sandbox", "link": link});
            let mut entry = json!({"whatsapp_business_api_data": app});
            if let Some(uri) = &account.override_callback_uri {
                entry["override_callback_uri"] = uri.as_str().into();
            }
            let data: Vec<Value> = account.is_subscribed.then_some(entry).into_iter().collect();
            Ok(json!({"data": data}))
        }
        ("POST", ["subscribed_apps"]) => subscribe(inside, call),
        ("DELETE", ["subscribed_apps"]) => {
            inside.business.account = AccountState::default();
            success()
        }
        _ => return None,
    };
    Some(answer)
}

fn told(inside: &Inside, call: &Call) -> Result<Value, GraphError> {
    let id = &inside.settings.business_account_id;
    let known = json!({
        "id": id, "name": "Sandbox", "timezone_id": "1",
        "message_template_namespace": "ba30dd89_2ebd_41e4_b805_f2c05ae04cc9", "account_review_status": "APPROVED",
        "business_verification_status": "verified", "country": "US", "currency": "USD", "ownership_type": "SELF_OWNED",
        "primary_business_location": "US",
    });
    // Those that the reference describes as default ones.
    let usual = "id,name,timezone_id,message_template_namespace".to_owned();
    let fields = call.query_value("fields").unwrap_or(usual);
    let asked = asked(&fields, "WhatsAppBusinessAccount", FIELDS)?;
    let known = known.as_object().into_iter().flatten();
    let found = known.filter(|(name, _)| asked.contains(name.as_str()) || *name == "id");
    Ok(Value::Object(found.map(|(name, value)| (name.clone(), value.clone())).collect::<Map<_, _>>()))
}

fn phone_numbers(inside: &Inside, call: &Call) -> Result<Value, GraphError> {
    let fields = call.query_value("fields");
    let numbers = inside.settings.phone_numbers.iter();
    let told = numbers.map(|number| facts::number(inside, number, fields.as_deref())).collect::<Result<Vec<_>, _>>()?;
    paging::page(&told, call)
}

fn subscribe(inside: &mut Inside, call: &Call) -> Result<Value, GraphError> {
    let nothing = Map::new();
    let body = call.json.as_ref().and_then(Value::as_object).unwrap_or(&nothing);
    let override_callback_uri = calls::callback(body)?;
    inside.business.account = AccountState { is_subscribed: true, override_callback_uri };
    success()
}
