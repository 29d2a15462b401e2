//! `templates.observe`: what webhooks tell of templates.

use serde::{Deserialize, Deserializer};
use serde_json::Value;

use crate::client::send::How;
use crate::client::{Client, Context, Operation, Request};
use crate::error::Result;
use crate::graph::Extra;
use crate::message::Invalid;
use crate::message::violation::{Checker, Rule};
use crate::operation::Done;
use crate::outcome::Effect;
use crate::webhook::{WebhookEvent, WebhookKind};

/// Tells this process of a webhook's event, whatever it is about: after one about a template the definitions that messages
/// are held to are fetched anew, and whoever waits for a decision looks at once.
///
/// It makes no request. Events that are not about templates are passed over, so that every one can be given.
///
/// Source: Meta's pages on `message_template_status_update`, `message_template_components_update`,
/// `message_template_quality_update` and `template_category_update`.
///
/// ```no_run
/// # async fn example(wa: wacloud::Client, events: Vec<wacloud::WebhookEvent>) -> wacloud::Result<()> {
/// use wacloud::operation::templates;
///
/// for event in &events {
///     wa.call(templates::Observe::new(event)).await?;
/// }
/// # Ok(())
/// # }
/// ```
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[cfg_attr(feature = "manifest", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct Observe {
    /// The event, as `webhooks.parse` tells it.
    pub event: TemplateNews,
}

builder!(Observe { event: TemplateNews; });

/// What is learned of an event.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TemplateNews(News);

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum News {
    OfTemplates,
    OfSomethingElse,
    NoEvent,
    Nothing,
}

impl From<&WebhookEvent> for TemplateNews {
    fn from(event: &WebhookEvent) -> Self {
        let is_about_templates = event.kind == WebhookKind::Template;
        TemplateNews(if is_about_templates { News::OfTemplates } else { News::OfSomethingElse })
    }
}

impl<'de> Deserialize<'de> for TemplateNews {
    /// Takes anything: what is no event is told when the call is checked.
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> std::result::Result<Self, D::Error> {
        let given = Value::deserialize(deserializer)?;
        let kind = given.get("event").and_then(|event| event.get("kind")).and_then(Value::as_str);
        Ok(TemplateNews(match kind {
            Some("template") => News::OfTemplates,
            Some(_) => News::OfSomethingElse,
            None if given.is_null() => News::Nothing,
            None => News::NoEvent,
        }))
    }
}

#[cfg(feature = "manifest")]
impl schemars::JsonSchema for TemplateNews {
    fn inline_schema() -> bool {
        true
    }

    fn schema_name() -> std::borrow::Cow<'static, str> {
        "TemplateNews".into()
    }

    fn json_schema(_: &mut schemars::SchemaGenerator) -> schemars::Schema {
        schemars::json_schema!({"type": "object", "properties": {"event": {"type": "object"}}, "required": ["event"]})
    }
}

impl Operation for Observe {
    const NAME: &'static str = "templates.observe";
    const EFFECT: Effect = Effect::Read;
    const EXAMPLE: &'static str = r#"{"event": {"event": {"kind": "template", "channel": "whatsapp"}}}"#;
    type Output = Done;

    /// There is none: see [`Operation::perform`].
    fn request(self, _: &Context<'_>) -> std::result::Result<Request, Invalid> {
        let mut checker = Checker::default();
        checker.refuse_at("event", Rule::Type, "is observed, not sent");
        checker.into_result()?;
        Err(Invalid::new(Vec::new()))
    }

    async fn perform(self, client: &Client, _: How) -> Result<Done> {
        let mut checker = Checker::default();
        match self.event.0 {
            News::OfTemplates => client.forget_templates(None),
            News::OfSomethingElse => {}
            News::NoEvent => checker.refuse_at("event", Rule::Type, "must be an event of webhooks.parse"),
            News::Nothing => checker.refuse_at("event", Rule::Required, "is required: an event of webhooks.parse"),
        }
        checker.into_result().map_err(|invalid| client.refused(Self::NAME, Self::EFFECT, invalid))?;
        Ok(Done { success: true, extra: Extra::default() })
    }
}
