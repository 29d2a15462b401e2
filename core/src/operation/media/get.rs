//! `media.get`.

use serde::{Deserialize, Deserializer, Serialize};
use serde_json::Value;

use super::check_id;
use crate::client::{Client, Context, Operation, Request, RequestBody};
use crate::error::Result;
use crate::graph::{Extra, Method, Object};
use crate::message::Invalid;
use crate::message::violation::{Checker, Rule};
use crate::outcome::Effect;

/// Tells where a file can be fetched, its type, size and hash: of an upload (for 30 days) or of what a customer sent (for 7
/// days).
///
/// The address works for 5 minutes, and only with the token; `media.download` fetches it.
///
/// Source: Meta's page "Media", media URL.
///
/// ```no_run
/// # async fn example(wa: wacloud::Client) -> wacloud::Result<()> {
/// let info = wa.media_info("1037543291543636").await?;
/// println!("{:?} {:?}", info.mime_type, info.file_size);
/// # Ok(())
/// # }
/// ```
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[cfg_attr(feature = "manifest", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct Get {
    /// The id: of an upload, or from the webhook of a message. All digits.
    pub media_id: String,
    /// Answers only if the file belongs to the number with this id. Any of the account's numbers unless given.
    pub phone_number_id: Option<String>,
}

/// A file that Meta has.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "manifest", derive(schemars::JsonSchema))]
pub struct MediaInfo {
    /// Its id.
    pub id: String,
    /// Where it can be fetched with the token, for 5 minutes.
    pub url: String,
    /// Its MIME type.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub mime_type: Option<String>,
    /// The hash (SHA-256) of its content, in hexadecimal digits.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub sha256: Option<String>,
    /// Its length in bytes.
    // Meta's document says text, recorded answers have a number.
    #[serde(default, deserialize_with = "number", skip_serializing_if = "Option::is_none")]
    pub file_size: Option<u64>,
    /// What Meta said beside that.
    #[serde(flatten)]
    pub extra: Extra,
}

builder!(Get { media_id: String; phone_number_id: String });

impl Client {
    /// [`Get`] for any number.
    ///
    /// # Errors
    /// Every [`Error`](crate::Error).
    pub async fn media_info(&self, media_id: impl Into<String>) -> Result<MediaInfo> {
        self.call(Get::new(media_id)).await
    }
}

impl Operation for Get {
    const NAME: &'static str = "media.get";
    const EFFECT: Effect = Effect::Read;
    const EXAMPLE: &'static str = r#"{"media_id": "1037543291543636"}"#;
    type Output = MediaInfo;

    fn request(self, _: &Context<'_>) -> std::result::Result<Request, Invalid> {
        request(Method::Get, &self.media_id, self.phone_number_id.as_deref())
    }
}

/// A number, however it is written.
fn number<'de, D: Deserializer<'de>>(deserializer: D) -> std::result::Result<Option<u64>, D::Error> {
    let value = Value::deserialize(deserializer)?;
    Ok(value.as_u64().or_else(|| value.as_str()?.parse().ok()))
}

/// A request about one file.
pub(super) fn request(
    method: Method,
    media_id: &str,
    phone_number_id: Option<&str>,
) -> std::result::Result<Request, Invalid> {
    let mut checker = Checker::default();
    check_id(media_id, &mut checker);
    if phone_number_id.is_some_and(|id| id.is_empty() || !id.bytes().all(|byte| byte.is_ascii_digit())) {
        let message = "must be the id of a number from Meta's dashboard, all digits";
        checker.refuse_at("phone_number_id", Rule::Format, message);
    }
    checker.into_result()?;
    let endpoint = Object::new(media_id).with("phone_number_id", phone_number_id).into();
    Ok(Request { method, endpoint, body: RequestBody::None })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn both_ways_of_writing_a_size_are_read_and_nothing_is_lost() {
        for size in ["303833", "\"303833\""] {
            let answer = format!(
                r#"{{"messaging_product": "whatsapp", "url": "https://lookaside.fbsbx.com/a", "mime_type": "image/jpeg",
                     "sha256": "ab", "file_size": {size}, "id": "2621233374848975"}}"#
            );
            let info: MediaInfo = serde_json::from_str(&answer).unwrap();
            assert_eq!(
                (info.file_size, info.extra.get("messaging_product")),
                (Some(303_833), Some(&"whatsapp".into()))
            );
        }
    }
}
