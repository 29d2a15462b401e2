//! `templates.delete`: a template less.

use serde::Deserialize;

use super::which::check_id;
use crate::client::send::{self, How};
use crate::client::{Client, Context, Operation, Request};
use crate::error::{Error, Result};
use crate::graph::{Extra, Object};
use crate::message::Invalid;
use crate::message::violation::Checker;
use crate::operation::Done;
use crate::outcome::Effect;

/// Graph's subcode for a template that is not there.
const NOT_FOUND: i64 = 2_593_002;

/// Deletes a template: all its languages by the name alone, one of them by its id as well. Meta keeps the name from being used
/// again for 30 days.
///
/// It may be repeated, and is after a lost answer.
///
/// Source: Meta's OpenAPI document (`DELETE /{waba-id}/message_templates`) and its page on deleting templates.
///
/// ```no_run
/// # async fn example(wa: wacloud::Client) -> wacloud::Result<()> {
/// use wacloud::operation::templates;
///
/// wa.call(templates::Delete::new("summer_sale")).await?;
/// # Ok(())
/// # }
/// ```
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[cfg_attr(feature = "manifest", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct Delete {
    /// Its name, exactly.
    pub name: String,
    /// The id of the one language that is to go. All of them unless given.
    pub id: Option<String>,
}

builder!(Delete { name: String; id: String });

impl Operation for Delete {
    const NAME: &'static str = "templates.delete";
    const EFFECT: Effect = Effect::Idempotent;
    const NEEDS_ACCOUNT: bool = true;
    const EXAMPLE: &'static str = r#"{"name": "summer_sale"}"#;
    type Output = Done;

    fn request(self, cx: &Context<'_>) -> std::result::Result<Request, Invalid> {
        let mut checker = Checker::default();
        checker.text("name", &self.name, 1, usize::MAX);
        if let Some(id) = &self.id {
            check_id(id, &mut checker);
        }
        checker.into_result()?;
        let all = Object::new(cx.business_account_id).then("message_templates");
        Ok(Request::delete(all.with("name", Some(self.name)).with("hsm_id", self.id)))
    }

    async fn perform(self, client: &Client, how: How) -> Result<Done> {
        let name = self.name.clone();
        let done = send::run(client, self, how).await;
        client.forget_templates(Some(&name));
        match done {
            // The attempt before has deleted it, and its answer was lost.
            Err(Error::Api(error)) if error.attempted.attempts > 1 && error.error.subcode == Some(NOT_FOUND) => {
                Ok(Done { success: true, extra: Extra::default() })
            }
            done => done,
        }
    }
}
