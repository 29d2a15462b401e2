//! What the API tells about numbers and tokens.

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value, json};

use crate::graph::GraphError;
use crate::settings::{PhoneNumber, Settings};
use crate::state::Inside;

/// The app of every token.
pub(crate) const APP_ID: &str = "634974688087057";

/// What `GET /debug_token` tells of the sandbox's tokens (Meta's pages "Debug token" and "Permissions").
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct TokenFacts {
    /// `SYSTEM_USER`, as for a token that is made for servers, or `USER`, as for the one that the dashboard shows.
    #[serde(rename = "type")]
    pub kind: String,
    /// When it ends, in seconds since 1970; 0 for never.
    pub expires_at: i64,
    /// What it may do.
    pub scopes: Vec<String>,
}

impl Default for TokenFacts {
    fn default() -> Self {
        Self {
            kind: "SYSTEM_USER".to_owned(),
            expires_at: 0,
            scopes: ["whatsapp_business_management", "whatsapp_business_messaging"].map(str::to_owned).into(),
        }
    }
}

/// The answer to `GET /debug_token`. A token that is not known is told as one that is not valid, which is no error.
pub(crate) fn token(settings: &Settings, asked: &str) -> Value {
    let facts = &settings.token_facts;
    if !settings.tokens.iter().any(|known| known == asked) {
        let error = json!({"code": 190, "message": "Invalid OAuth access token."});
        return json!({"data": {"error": error, "is_valid": false, "scopes": []}});
    }
    json!({"data": {
        "app_id": APP_ID, "type": facts.kind, "application": "Sandbox", "data_access_expires_at": 0,
        "expires_at": facts.expires_at, "is_valid": true, "issued_at": 1_712_099_387, "scopes": facts.scopes,
        "granular_scopes": facts.scopes.iter()
            .map(|scope| json!({"scope": scope, "target_ids": [settings.business_account_id]})).collect::<Vec<_>>(),
        "user_id": "122100000000000000",
    }})
}

/// Other fields that a number has, of which the sandbox has nothing to tell (the Graph API's reference of the node).
const SILENT: &[&str] = &[
    "certificate",
    "conversational_automation",
    "country_code",
    "country_dial_code",
    "eligibility_for_api_business_global_search",
    "health_status",
    "host_platform",
    "is_on_biz_app",
    "is_preverified_number",
    "last_onboarded_time",
    "new_certificate",
    "new_name_status",
    "official_business_account",
    "platform_type",
    "quality_score",
    "search_visibility",
    "unified_cert_status",
    "username",
    "webhook_configuration",
];

/// The fields of a number that were asked for, in the order in which recorded answers have them; the id comes with any.
///
/// # Errors
/// A field that numbers do not have, as recorded.
pub(crate) fn number(inside: &Inside, number: &PhoneNumber, fields: Option<&str>) -> Result<Value, GraphError> {
    let settings = &inside.settings;
    let known = [
        ("id", json!(number.id)),
        ("display_phone_number", json!(number.display_phone_number)),
        ("verified_name", json!("Sandbox")),
        ("account_mode", json!("LIVE")),
        ("quality_rating", json!(number.quality_rating)),
        ("code_verification_status", json!(number.code_verification_status)),
        ("name_status", json!("APPROVED")),
        ("status", json!(number.status)),
        ("throughput", json!({"level": if settings.rate > 80 { "HIGH" } else { "STANDARD" }})),
        ("messaging_limit_tier", json!("TIER_250")),
        ("whatsapp_business_manager_messaging_limit", json!("TIER_250")),
        ("is_official_business_account", json!(false)),
        ("is_pin_enabled", json!(true)),
    ];
    // Without a list Graph gives those that the number's page describes as default ones.
    let asked = names(fields.unwrap_or("display_phone_number,verified_name,quality_rating"));
    if let Some(unknown) = asked.iter().find(|name| known.iter().all(|(k, _)| k != *name) && !SILENT.contains(name)) {
        return Err(GraphError::no_such_field(unknown));
    }
    let found = known.into_iter().filter(|(name, _)| asked.contains(name));
    let mut answer: Map<String, Value> = found.map(|(name, value)| (name.to_owned(), value)).collect();
    let changed = inside.business.fields(&number.id).into_iter();
    answer.extend(changed.filter(|(name, _)| asked.contains(&name.as_str())));
    answer.insert("id".to_owned(), json!(number.id));
    Ok(Value::Object(answer))
}

/// The names in a list of fields, without what they have in brackets.
pub(crate) fn names(fields: &str) -> Vec<&str> {
    let (mut found, mut begin, mut depth) = (Vec::new(), 0, 0_usize);
    for (at, c) in fields.char_indices() {
        match c {
            '{' | '(' => depth += 1,
            '}' | ')' => depth = depth.saturating_sub(1),
            ',' if depth == 0 => {
                found.push(&fields[begin..at]);
                begin = at + 1;
            }
            _ => {}
        }
    }
    found.push(&fields[begin..]);
    let bare = |name: &str| name.find(['{', '.', '(']).unwrap_or(name.len());
    found.into_iter().map(|name| name[..bare(name)].trim()).filter(|name| !name.is_empty()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn fields_may_say_what_they_are_to_have() {
        assert_eq!(names("a,b{c,d(1,2)},qr_image_url.format(SVG), e"), ["a", "b", "qr_image_url", "e"]);
        let shared = crate::state::Shared::new(Settings::default());
        let inside = shared.lock();
        let asked = |fields: &str| number(&inside, &inside.settings.phone_numbers[0], Some(fields));
        assert_eq!(asked("verified_name,health_status{entities}").unwrap()["verified_name"], "Sandbox");
        assert_eq!(asked("colour").unwrap_err().code, 100);
    }
}
