//! `templates.get`: one template.

use serde::Deserialize;

use super::list::ALL;
use super::which::Which;
use crate::client::send::{self, How};
use crate::client::{Client, Context, Operation, Request};
use crate::error::Result;
use crate::message::Invalid;
use crate::message::violation::Checker;
use crate::operation::fields;
use crate::outcome::Effect;
use crate::template::MessageTemplate;

/// One template: by its id, or by its name and language.
///
/// One that is not there is refused: by Meta where it was named by its id, with a `ValidationError` that says which languages
/// there are where it was named by its name.
///
/// Source: Meta's OpenAPI document (`GET /{template-id}`, `GET /{waba-id}/message_templates`).
///
/// ```no_run
/// # async fn example(wa: wacloud::Client) -> wacloud::Result<()> {
/// use wacloud::operation::templates;
///
/// let template = wa.call(templates::Get::new().name("order_update").language("en_US")).await?;
/// println!("{:?} {:?}", template.status, template.components);
/// # Ok(())
/// # }
/// ```
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize)]
#[cfg_attr(feature = "manifest", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct Get {
    /// Its id, instead of `name` and `language`.
    pub id: Option<String>,
    /// Its name, exactly.
    pub name: Option<String>,
    /// The code of its language: `en` and `en_US` are two.
    pub language: Option<String>,
    /// What to ask for, by Graph's names. All that `MessageTemplate` has unless given.
    pub fields: Option<Vec<String>>,
}

builder!(Get { ; id: String, name: String, language: String, fields: Vec<String> });

impl Get {
    fn which(&self) -> Which<'_> {
        Which { id: self.id.as_deref(), name: self.name.as_deref(), language: self.language.as_deref() }
    }
}

impl Operation for Get {
    const NAME: &'static str = "templates.get";
    const EFFECT: Effect = Effect::Read;
    const EXAMPLE: &'static str = r#"{"name": "order_update", "language": "en_US"}"#;
    type Output = MessageTemplate;

    fn request(self, cx: &Context<'_>) -> std::result::Result<Request, Invalid> {
        let mut checker = Checker::default();
        let fields = fields::list(self.fields.as_deref(), ALL, &mut checker);
        self.which().check(&mut checker);
        checker.into_result()?;
        self.which().request(cx.business_account_id, fields)
    }

    async fn perform(self, client: &Client, how: How) -> Result<MessageTemplate> {
        if self.name.is_none() || self.id.is_some() {
            return send::run(client, self, how).await;
        }
        let mut checker = Checker::default();
        let fields = fields::list(self.fields.as_deref(), ALL, &mut checker);
        checker.into_result().map_err(|invalid| client.refused(Self::NAME, Self::EFFECT, invalid))?;
        self.which().find(Self::NAME, client, how, &fields).await
    }
}
