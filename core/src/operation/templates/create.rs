//! `templates.create`: a new template.

use serde::Deserialize;
use serde_json::json;

use crate::client::send::{self, How};
use crate::client::{Client, Context, Operation, Request};
use crate::error::Result;
use crate::graph::Object;
use crate::message::violation::{Checker, Rule};
use crate::message::{Invalid, Open, Violation, merge};
use crate::outcome::Effect;
use crate::template::{ComponentDefinition, MessageTemplate, TemplateDefinition};

/// Creates a template in one language. It can be sent when Meta has approved it, which takes minutes as a rule and a day at
/// most: see `templates.wait_until_approved`, and the webhook `message_template_status_update`.
///
/// Every documented limit is checked before anything leaves, and all mistakes are told at once. What Meta refuses is a
/// `TemplateError`: the name exists in that language (subcode 2388024), the account has too many (2388019), a variable
/// stands at the start or the end of the body (2388299). It is not repeated by itself: whether a lost request has created the
/// template is seen with `templates.get`. Meta allows 100 creations an hour.
///
/// Source: Meta's OpenAPI document (`POST /{waba-id}/message_templates`), its pages "Template components", carousel,
/// limited-time offer, authentication, catalog, multi-product and Flow templates.
///
/// ```no_run
/// # async fn example(wa: wacloud::Client) -> wacloud::Result<()> {
/// use wacloud::operation::templates;
/// use wacloud::template::{ComponentDefinition, ComponentExample};
///
/// let body = ComponentDefinition {
///     kind: Some("BODY".into()),
///     text: Some("Hello {{1}}, your order {{2}} is on its way.".into()),
///     example: Some(ComponentExample {
///         body_text: Some(vec![vec!["Ana".into(), "#1042".into()]]),
///         ..ComponentExample::default()
///     }),
///     ..ComponentDefinition::default()
/// };
/// let created = wa.call(templates::Create::new("order_update", "en_US", "UTILITY", vec![body])).await?;
/// println!("{} {:?}", created.id, created.status);
/// # Ok(())
/// # }
/// ```
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[cfg_attr(feature = "manifest", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct Create {
    /// Its name: 1 to 512 lower-case letters, digits and `_`.
    pub name: String,
    /// The code of its language: `en_US`.
    pub language: String,
    /// `AUTHENTICATION`, `MARKETING` or `UTILITY`. Meta may change it.
    pub category: String,
    /// What it is made of: a body at least, and a header, a footer, buttons, a carousel or a limited-time offer. What
    /// `templates.get` tells can be given; members that this version does not know go out as they are.
    #[cfg_attr(feature = "manifest", schemars(schema_with = "super::components_schema"))]
    pub components: Vec<ComponentDefinition>,
    /// Whether variables are counted, `POSITIONAL` (unless given), or have names, `NAMED`.
    pub parameter_format: Option<String>,
    /// For how many seconds Meta tries to deliver a message of it.
    pub message_send_ttl_seconds: Option<i64>,
    /// Members of Graph's body that this version does not know. They are added to it, unchecked.
    pub extra: Option<Open>,
}

builder!(Create {
    name: String,
    language: String,
    category: String,
    components: Vec<ComponentDefinition>;
    parameter_format: String,
    message_send_ttl_seconds: i64,
    extra: Open,
});

impl Operation for Create {
    const NAME: &'static str = "templates.create";
    const EFFECT: Effect = Effect::Once;
    const NEEDS_ACCOUNT: bool = true;
    const EXAMPLE: &'static str = r##"{"name": "order_shipped", "language": "en_US", "category": "UTILITY",
        "components": [
            {"type": "BODY", "text": "Hello {{1}}, your order {{2}} is on its way.",
             "example": {"body_text": [["Ana", "#1042"]]}},
            {"type": "FOOTER", "text": "Reply STOP to hear no more."}]}"##;
    type Output = MessageTemplate;

    fn request(self, cx: &Context<'_>) -> std::result::Result<Request, Invalid> {
        let definition = TemplateDefinition {
            name: Some(self.name),
            language: Some(self.language),
            category: Some(self.category),
            parameter_format: self.parameter_format,
            components: Some(self.components),
            ..TemplateDefinition::default()
        };
        let mut checker = Checker::default();
        if let Some(seconds) = self.message_send_ttl_seconds.filter(|seconds| *seconds < -1 || *seconds == 0) {
            let message = format!("must be a number of seconds, or -1 for Meta's longest, got {seconds}");
            checker.refuse_at("message_send_ttl_seconds", Rule::Format, message);
        }
        let mut invalid = definition.check_new().err().map(|invalid| invalid.violations).unwrap_or_default();
        let mut body = json!(definition);
        if let Some(seconds) = self.message_send_ttl_seconds {
            body["message_send_ttl_seconds"] = seconds.into();
        }
        if let Some(extra) = self.extra {
            checker.member("extra", |checker| extra.check(checker));
            merge(&mut body, &extra.0.into(), &mut checker);
        }
        invalid.extend_from_slice(checker.found());
        if !invalid.is_empty() {
            return Err(Invalid::new(invalid));
        }
        Ok(Request::post(Object::new(cx.business_account_id).then("message_templates"), body))
    }

    fn judge(self) -> Vec<Violation> {
        self.request(&Context::default()).err().map(|invalid| invalid.violations).unwrap_or_default()
    }

    async fn perform(self, client: &Client, how: How) -> Result<MessageTemplate> {
        let name = self.name.clone();
        let created = send::run(client, self, how).await;
        client.forget_templates(Some(&name));
        created
    }
}
