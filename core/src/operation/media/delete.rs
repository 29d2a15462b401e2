//! `media.delete`.

use serde::Deserialize;

use super::get;
use crate::client::send::{self, How};
use crate::client::{Client, Context, Operation, Request};
use crate::error::Result;
use crate::graph::Method;
use crate::message::Invalid;
use crate::operation::Done;
use crate::outcome::Effect;

/// Deletes a file that Meta has. Messages that were sent with it keep it.
///
/// It may be repeated; of a file that is gone already Meta answers with an `ApiError` of code 100, whose `help` says what that
/// means here.
///
/// Source: Meta's page "Media", delete.
///
/// ```no_run
/// # async fn example(wa: wacloud::Client) -> wacloud::Result<()> {
/// wa.delete_media("1037543291543636").await?;
/// # Ok(())
/// # }
/// ```
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[cfg_attr(feature = "manifest", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct Delete {
    /// The id: of an upload, or from the webhook of a message. All digits.
    pub media_id: String,
    /// Deletes only if the file belongs to the number with this id. Any of the account's numbers unless given.
    pub phone_number_id: Option<String>,
}

builder!(Delete { media_id: String; phone_number_id: String });

impl Client {
    /// [`Delete`] for any number.
    ///
    /// # Errors
    /// Every [`Error`](crate::Error).
    pub async fn delete_media(&self, media_id: impl Into<String>) -> Result<Done> {
        self.call(Delete::new(media_id)).await
    }
}

impl Operation for Delete {
    const NAME: &'static str = "media.delete";
    const EFFECT: Effect = Effect::Idempotent;
    const EXAMPLE: &'static str = r#"{"media_id": "1037543291543636"}"#;
    type Output = Done;

    fn request(self, _: &Context<'_>) -> std::result::Result<Request, Invalid> {
        get::request(Method::Delete, &self.media_id, self.phone_number_id.as_deref())
    }

    async fn perform(self, client: &Client, how: How) -> Result<Done> {
        let media_id = self.media_id.clone();
        let done = send::run(client, self, how).await?;
        // No message shall be sent with it any more.
        client.forget_upload(media_id).await;
        Ok(done)
    }
}
