//! What the API tells about numbers and tokens.

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value, json};

use crate::settings::{PhoneNumber, Settings};

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
        "app_id": "634974688087057", "type": facts.kind, "application": "Sandbox", "data_access_expires_at": 0,
        "expires_at": facts.expires_at, "is_valid": true, "issued_at": 1_712_099_387, "scopes": facts.scopes,
        "granular_scopes": facts.scopes.iter()
            .map(|scope| json!({"scope": scope, "target_ids": [settings.business_account_id]})).collect::<Vec<_>>(),
        "user_id": "122100000000000000",
    }})
}

/// The fields of a number that were asked for, in the order in which recorded answers have them; the id comes with any.
pub(crate) fn number(settings: &Settings, number: &PhoneNumber, fields: Option<&str>) -> Value {
    let known = [
        ("display_phone_number", json!(number.display_phone_number)),
        ("verified_name", json!("Sandbox")),
        ("account_mode", json!("LIVE")),
        ("quality_rating", json!(number.quality_rating)),
        ("code_verification_status", json!(number.code_verification_status)),
        ("name_status", json!("APPROVED")),
        ("status", json!(number.status)),
        ("throughput", json!({"level": if settings.rate > 80 { "HIGH" } else { "STANDARD" }})),
    ];
    // Without a list Graph gives those that the number's page describes as default ones.
    let asked: Vec<&str> = fields.map_or(vec!["display_phone_number", "verified_name", "quality_rating"], |fields| {
        fields.split(',').flat_map(|field| field.split("%2C")).collect()
    });
    let found = known.into_iter().filter(|(name, _)| asked.contains(name));
    let mut answer: Map<String, Value> = found.map(|(name, value)| (name.to_owned(), value)).collect();
    answer.insert("id".to_owned(), json!(number.id));
    Value::Object(answer)
}
