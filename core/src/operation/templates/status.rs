//! `templates.status`: whether a template can be sent.

use serde::Deserialize;

use super::which::Which;
use crate::client::send::{self, How};
use crate::client::{Client, Context, Operation, Request};
use crate::error::Result;
use crate::message::Invalid;
use crate::outcome::Effect;
use crate::template::MessageTemplate;

/// What tells of a template's state.
pub(super) const FIELDS: &str = "name,language,status,category,rejected_reason,quality_score";

/// Whether a template can be sent, and why not: its state, category, quality, and the reason of a rejection, without what it
/// is made of. By its id, or by its name and language.
///
/// Source: Meta's pages on the states and the quality of templates.
///
/// ```no_run
/// # async fn example(wa: wacloud::Client) -> wacloud::Result<()> {
/// use wacloud::operation::templates;
///
/// let template = wa.call(templates::Status::new().name("order_update").language("en_US")).await?;
/// println!("{:?} {:?}", template.status, template.rejected_reason);
/// # Ok(())
/// # }
/// ```
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize)]
#[cfg_attr(feature = "manifest", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct Status {
    /// Its id, instead of `name` and `language`.
    pub id: Option<String>,
    /// Its name, exactly.
    pub name: Option<String>,
    /// The code of its language: `en` and `en_US` are two.
    pub language: Option<String>,
}

builder!(Status { ; id: String, name: String, language: String });

impl Status {
    fn which(&self) -> Which<'_> {
        Which { id: self.id.as_deref(), name: self.name.as_deref(), language: self.language.as_deref() }
    }

    /// Asks Meta, for this call.
    pub(super) async fn ask(self, operation: &'static str, client: &Client, how: How) -> Result<MessageTemplate> {
        if self.name.is_none() || self.id.is_some() {
            return send::run(client, self, how).await;
        }
        self.which().find(operation, client, how, FIELDS).await
    }
}

impl Operation for Status {
    const NAME: &'static str = "templates.status";
    const EFFECT: Effect = Effect::Read;
    const EXAMPLE: &'static str = r#"{"name": "order_update", "language": "en_US"}"#;
    type Output = MessageTemplate;

    fn request(self, cx: &Context<'_>) -> std::result::Result<Request, Invalid> {
        self.which().request(cx.business_account_id, FIELDS.to_owned())
    }

    async fn perform(self, client: &Client, how: How) -> Result<MessageTemplate> {
        self.ask(Self::NAME, client, how).await
    }
}
