//! What Meta says of a token and of itself: what `wacloud doctor` looks at, beside the number (`operation::phone`).
//!
//! These are reads, and no operations of the language packages.

use std::time::SystemTime;

use serde::{Deserialize, Serialize};

use super::operation::{Context, Operation, Request};
use super::{Client, token, version};
use crate::error::{Attempted, Result};
use crate::graph::{Endpoint, InputToken};
use crate::message::Invalid;
use crate::outcome::Effect;

/// What Meta says of the access token: `GET /debug_token`.
///
/// Source: Meta's pages "Debug token" of the Graph API and "Permissions" of the WhatsApp Business Platform.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct TokenFacts {
    /// Whether it is good now.
    pub is_valid: bool,
    /// `USER`, `SYSTEM_USER`, `PAGE` or `APP`.
    #[serde(rename = "type")]
    pub kind: Option<String>,
    /// The app that it belongs to.
    pub app_id: Option<String>,
    /// The app's name.
    pub application: Option<String>,
    /// When it was made, in seconds since 1970.
    pub issued_at: Option<i64>,
    /// When it ends, in seconds since 1970; 0 for never.
    pub expires_at: Option<i64>,
    /// When the access to data ends, in seconds since 1970; 0 for never.
    pub data_access_expires_at: Option<i64>,
    /// What it may do: `whatsapp_business_messaging`, `whatsapp_business_management` …
    pub scopes: Vec<String>,
    /// Why it is not valid.
    pub error: Option<TokenProblem>,
}

/// Why a token is not valid.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct TokenProblem {
    /// Graph's code.
    pub code: Option<i64>,
    /// Graph's words.
    pub message: String,
}

/// What the server's last answer said of itself.
#[derive(Debug, Clone, PartialEq)]
pub struct ServerFacts {
    /// Its `Date` header.
    pub date: Option<String>,
    /// The version of the API that answered.
    pub api_version: Option<String>,
    /// When the request left, by the clock of this machine.
    pub asked: SystemTime,
    /// When the answer began, by the clock of this machine.
    pub answered: SystemTime,
}

impl Client {
    /// What Meta says of the access token.
    ///
    /// # Errors
    /// Every [`Error`](crate::Error).
    pub async fn inspect_token(&self) -> Result<TokenFacts> {
        let attempted = Attempted { operation: ReadToken::NAME, ..Attempted::default() };
        let token = token::token(self.fixed_token(), self.token_cache(), self.token_source(), &attempted).await?;
        let answer = self.call(ReadToken { input_token: token.expose().to_owned() }).await?;
        Ok(answer.data)
    }

    /// What the answer to the last read said of the server; `None` before the first one.
    pub fn server(&self) -> Option<ServerFacts> {
        let seen = self.transport().last_read()?;
        Some(ServerFacts { date: seen.date, api_version: seen.api_version, asked: seen.asked, answered: seen.answered })
    }

    /// The version of the API that requests name.
    pub fn api_version(&self) -> &str {
        &self.settings().api_version
    }

    /// The day on which that version ends, where Meta has announced it: `2028-07-29`.
    pub fn api_version_end(&self) -> Option<&'static str> {
        version::end(self.api_version())
    }
}

#[derive(Deserialize)]
struct ReadToken {
    input_token: String,
}

#[derive(Serialize, Deserialize)]
struct TokenAnswer {
    data: TokenFacts,
}

impl Operation for ReadToken {
    const NAME: &'static str = "debug_token";
    const EFFECT: Effect = Effect::Read;
    const EXAMPLE: &'static str = r#"{"input_token": "EAAG"}"#;
    type Output = TokenAnswer;

    fn request(self, _: &Context<'_>) -> std::result::Result<Request, Invalid> {
        let endpoint = Endpoint::DebugToken { input_token: InputToken::new(self.input_token) };
        Ok(Request::get(endpoint))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn recorded_and_documented_answers_are_read() {
        let answer: TokenAnswer = serde_json::from_str(
            r#"{"data": {"app_id": "634974688087057", "type": "SYSTEM_USER", "application": "Lucky Shrub",
                "data_access_expires_at": 0, "expires_at": 0, "is_valid": true, "issued_at": 1712099387,
                "scopes": ["whatsapp_business_management", "whatsapp_business_messaging"], "user_id": "1"}}"#,
        )
        .unwrap();
        assert_eq!((answer.data.kind.as_deref(), answer.data.scopes.len()), (Some("SYSTEM_USER"), 2));
        // A body without `data` is no answer to this question.
        assert!(serde_json::from_str::<TokenAnswer>(r#"{"success": true}"#).is_err());
    }
}
