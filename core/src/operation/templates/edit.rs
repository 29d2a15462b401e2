//! `templates.edit`: another text for a template.

use serde::Deserialize;
use serde_json::json;

use super::which::check_id;
use crate::client::send::{self, How};
use crate::client::{Client, Context, Operation, Request};
use crate::error::Result;
use crate::graph::Object;
use crate::message::violation::{Checker, Rule};
use crate::message::{Invalid, Open, Violation, merge};
use crate::operation::Done;
use crate::outcome::Effect;
use crate::template::{ComponentDefinition, TemplateDefinition};

/// Changes a template that is approved, rejected or paused. What is given takes the place of what was there; Meta looks at it
/// again, and it cannot be sent until it is approved.
///
/// Meta allows one edit of an approved template a day and ten in 30 days; its category cannot be edited.
///
/// Source: Meta's OpenAPI document (`POST /{template-id}`) and its page on editing templates.
///
/// ```no_run
/// # async fn example(wa: wacloud::Client, id: &str) -> wacloud::Result<()> {
/// use wacloud::operation::templates;
/// use wacloud::template::ComponentDefinition;
///
/// let body = ComponentDefinition {
///     kind: Some("BODY".into()),
///     text: Some("Your order is on its way.".into()),
///     ..ComponentDefinition::default()
/// };
/// wa.call(templates::Edit::new(id).components(vec![body])).await?;
/// # Ok(())
/// # }
/// ```
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[cfg_attr(feature = "manifest", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct Edit {
    /// Its id: see `templates.get`.
    pub id: String,
    /// What it is to be made of, all of it. As it was unless given.
    #[cfg_attr(feature = "manifest", schemars(default, schema_with = "super::optional_components_schema"))]
    pub components: Option<Vec<ComponentDefinition>>,
    /// `AUTHENTICATION`, `MARKETING` or `UTILITY`, of one that is not approved. As it was unless given.
    pub category: Option<String>,
    /// Members of Graph's body that this version does not know. They are added to it, unchecked.
    pub extra: Option<Open>,
}

builder!(Edit { id: String; components: Vec<ComponentDefinition>, category: String, extra: Open });

impl Operation for Edit {
    const NAME: &'static str = "templates.edit";
    const EFFECT: Effect = Effect::Once;
    const EXAMPLE: &'static str = r#"{"id": "1192339204654487", "components": [
        {"type": "BODY", "text": "Your order is on its way."}]}"#;
    type Output = Done;

    fn request(self, _: &Context<'_>) -> std::result::Result<Request, Invalid> {
        let mut checker = Checker::default();
        check_id(&self.id, &mut checker);
        if self.components.is_none() && self.category.is_none() && self.extra.is_none() {
            checker.refuse_at("components", Rule::Required, "is required: either components or category");
        }
        let mut definition = TemplateDefinition {
            category: self.category,
            components: self.components,
            ..TemplateDefinition::default()
        };
        // Which format its variables have is the template's own, and not known here: they show it.
        definition.parameter_format = definition.is_named().then(|| "NAMED".to_owned());
        let mut invalid = definition.check_edit().err().map(|invalid| invalid.violations).unwrap_or_default();
        let mut body = json!(TemplateDefinition { parameter_format: None, ..definition });
        if let Some(extra) = self.extra {
            checker.member("extra", |checker| extra.check(checker));
            merge(&mut body, &extra.0.into(), &mut checker);
        }
        invalid.extend_from_slice(checker.found());
        if !invalid.is_empty() {
            return Err(Invalid::new(invalid));
        }
        Ok(Request::post(Object::new(&self.id), body))
    }

    fn judge(self) -> Vec<Violation> {
        self.request(&Context::default()).err().map(|invalid| invalid.violations).unwrap_or_default()
    }

    async fn perform(self, client: &Client, how: How) -> Result<Done> {
        let done = send::run(client, self, how).await;
        // Its name is not known here.
        client.forget_templates(None);
        done
    }
}
