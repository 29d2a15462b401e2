//! What Meta says of a token, a number and itself: what `wacloud doctor` looks at.
//!
//! These are reads, and no operations of the language packages.

use std::time::SystemTime;

use serde::{Deserialize, Serialize};

use super::operation::{Context, Operation, Request, RequestBody};
use super::{Client, token, version};
use crate::error::{Attempted, Error, Result};
use crate::graph::{Endpoint, InputToken, Method};
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

/// What Meta says of the number: `GET /{phone-number-id}`.
///
/// Source: Meta's OpenAPI document (`PhoneNumberInfo`), its page "Throughput", and recorded answers for `status` and
/// `account_mode`.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct NumberFacts {
    /// Its id.
    pub id: String,
    /// The number as people read it.
    pub display_phone_number: Option<String>,
    /// The name that people see.
    pub verified_name: Option<String>,
    /// `GREEN`, `YELLOW`, `RED`, `NA` or `UNKNOWN`.
    pub quality_rating: Option<String>,
    /// `APPROVED`, `AVAILABLE_WITHOUT_REVIEW`, `DECLINED`, `EXPIRED`, `PENDING_REVIEW` or `NONE`.
    pub name_status: Option<String>,
    /// `VERIFIED`, `NOT_VERIFIED` or `EXPIRED`.
    pub code_verification_status: Option<String>,
    /// `CONNECTED`, `DISCONNECTED`, `FLAGGED`, `RESTRICTED` …
    pub status: Option<String>,
    /// `LIVE` or `SANDBOX` (one of Meta's test numbers).
    pub account_mode: Option<String>,
    /// How much it may send.
    pub throughput: Option<Throughput>,
}

/// How much a number may send.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct Throughput {
    /// `STANDARD` (80 messages a second), `HIGH` (1,000) or `NOT_APPLICABLE`.
    pub level: String,
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

/// Fields that Meta documents.
const DOCUMENTED: &str =
    "display_phone_number,verified_name,quality_rating,name_status,code_verification_status,throughput";
/// And those that are recorded besides.
const ALL: &str = "display_phone_number,verified_name,quality_rating,name_status,code_verification_status,throughput,status,account_mode";

/// Graph's code for a field that does not exist, among other things.
const NO_SUCH_FIELD: i64 = 100;

impl Client {
    /// What Meta says of the access token.
    ///
    /// # Errors
    /// Every [`Error`].
    pub async fn inspect_token(&self) -> Result<TokenFacts> {
        let attempted = Attempted { operation: ReadToken::NAME, ..Attempted::default() };
        let token = token::token(self.settings(), self.token_cache(), self.token_source(), &attempted).await?;
        let answer = self.call(ReadToken { input_token: token.expose().to_owned() }).await?;
        Ok(answer.data)
    }

    /// What Meta says of the number. Fields that it does not know any more are absent.
    ///
    /// # Errors
    /// Every [`Error`].
    pub async fn inspect_number(&self) -> Result<NumberFacts> {
        match self.call(ReadNumber { only_documented: false }).await {
            Err(Error::Api(error)) if error.error.code == Some(NO_SUCH_FIELD) && error.error.subcode.is_none() => {
                self.call(ReadNumber { only_documented: true }).await
            }
            other => other,
        }
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
        Ok(Request { method: Method::Get, endpoint, body: RequestBody::None })
    }
}

#[derive(Deserialize)]
struct ReadNumber {
    only_documented: bool,
}

impl Operation for ReadNumber {
    const NAME: &'static str = "phone_number";
    const EFFECT: Effect = Effect::Read;
    const EXAMPLE: &'static str = r#"{"only_documented": false}"#;
    type Output = NumberFacts;

    fn request(self, cx: &Context<'_>) -> std::result::Result<Request, Invalid> {
        let phone_number_id = cx.phone_number_id.to_owned();
        let fields = if self.only_documented { DOCUMENTED } else { ALL };
        let endpoint = Endpoint::PhoneNumber { phone_number_id, fields };
        Ok(Request { method: Method::Get, endpoint, body: RequestBody::None })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn recorded_and_documented_answers_are_read() {
        let number: NumberFacts = serde_json::from_str(
            r#"{"id": "107878721936019", "display_phone_number": "+1 555-093-4873", "verified_name": "Test Number",
                "quality_rating": "GREEN", "code_verification_status": "NOT_VERIFIED", "account_mode": "SANDBOX",
                "name_status": "AVAILABLE_WITHOUT_REVIEW", "status": "DISCONNECTED", "is_pin_enabled": true}"#,
        )
        .unwrap();
        assert_eq!((number.status.as_deref(), number.throughput), (Some("DISCONNECTED"), None));
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
