//! `templates.create_from_library`: a new template from one of Meta's.

use serde::Deserialize;
use serde_json::json;

use crate::client::send::{self, How};
use crate::client::{Client, Context, Operation, Request};
use crate::error::Result;
use crate::graph::Object;
use crate::message::violation::{Checker, Rule};
use crate::message::{Invalid, Open, Violation, limits, merge};
use crate::outcome::Effect;
use crate::template::MessageTemplate;
use crate::template::words::{check_category, check_language, check_name};

/// Creates a template from one of Meta's template library, whose text is Meta's and approved as it is: all that is the
/// account's own are the name, where buttons lead, and what may be added to the text.
///
/// Names of 1 to 512 lower-case letters, digits and `_`, the language and the category are checked before anything leaves. What
/// is in the library is seen in WhatsApp Manager, and told by Meta: a `TemplateError` or an `ApiError` where there is no such
/// template. It is not repeated by itself: whether a lost request has created the template is seen with `templates.get`.
///
/// Source: Meta's page "Template library" (`POST /{waba-id}/message_templates`).
///
/// ```no_run
/// # async fn example(wa: wacloud::Client) -> wacloud::Result<()> {
/// use wacloud::operation::templates;
///
/// let template = templates::CreateFromLibrary::new("parcel_on_its_way", "en_US", "UTILITY", "delivery_update_1");
/// println!("{:?}", wa.call(template).await?.status);
/// # Ok(())
/// # }
/// ```
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[cfg_attr(feature = "manifest", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct CreateFromLibrary {
    /// The name that it is to have in the account: 1 to 512 lower-case letters, digits and `_`.
    pub name: String,
    /// The code of its language, which must be one that the library has it in: `en_US`.
    pub language: String,
    /// `UTILITY` or `AUTHENTICATION`, as the library has it.
    pub category: String,
    /// Its name in Meta's library: `delivery_update_1`.
    pub library_template_name: String,
    /// What its buttons need, button by button, as Graph has it: `{"type": "URL", "url": {"base_url":
    /// "https://example.com/{{1}}", "url_suffix_example": "https://example.com/a"}}`, `{"type": "PHONE_NUMBER",
    /// "phone_number": "+15550001234"}`, `{"type": "OTP", "otp_type": "COPY_CODE"}`. Required where it has such buttons.
    pub library_template_button_inputs: Option<Vec<Open>>,
    /// What is added to its text, as Graph has it: `add_contact_number`, `add_learn_more_link`,
    /// `add_security_recommendation` and `add_track_package_link`, true or false, and `code_expiration_minutes`, 1 to 90.
    pub library_template_body_inputs: Option<Open>,
    /// Members of Graph's body that this version does not know. They are added to it, unchecked.
    pub extra: Option<Open>,
}

builder!(CreateFromLibrary {
    name: String,
    language: String,
    category: String,
    library_template_name: String;
    library_template_button_inputs: Vec<Open>,
    library_template_body_inputs: Open,
    extra: Open,
});

impl Operation for CreateFromLibrary {
    const NAME: &'static str = "templates.create_from_library";
    const EFFECT: Effect = Effect::Once;
    const NEEDS_ACCOUNT: bool = true;
    const EXAMPLE: &'static str = r#"{"name": "parcel_on_its_way", "language": "en_US", "category": "UTILITY",
        "library_template_name": "delivery_update_1", "library_template_button_inputs": [
            {"type": "URL", "url": {"base_url": "https://example.com/{{1}}", "url_suffix_example": "https://example.com/a"}}]}"#;
    type Output = MessageTemplate;

    fn request(self, cx: &Context<'_>) -> std::result::Result<Request, Invalid> {
        let mut checker = Checker::default();
        check_name(&self.name, &mut checker);
        check_language("language", &self.language, &mut checker);
        check_category(&self.category, &mut checker);
        checker.text("library_template_name", &self.library_template_name, 1, limits::TEMPLATE_NAME);
        let mut body = json!({
            "name": self.name, "language": self.language, "category": self.category,
            "library_template_name": self.library_template_name,
        });
        if let Some(inputs) = self.library_template_button_inputs {
            checker.items("library_template_button_inputs", &inputs, |checker, input| input.check(checker));
            if inputs.len() > limits::TEMPLATE_BUTTONS {
                checker.count("library_template_button_inputs", inputs.len(), 0, limits::TEMPLATE_BUTTONS);
            }
            body["library_template_button_inputs"] = json!(inputs);
        }
        if let Some(inputs) = self.library_template_body_inputs {
            checker.member("library_template_body_inputs", |checker| check_inputs(&inputs, checker));
            body["library_template_body_inputs"] = json!(inputs);
        }
        if let Some(extra) = self.extra {
            checker.member("extra", |checker| extra.check(checker));
            merge(&mut body, &extra.0.into(), &mut checker);
        }
        checker.into_result()?;
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

fn check_inputs(inputs: &Open, checker: &mut Checker) {
    inputs.check(checker);
    if let Some(minutes) = inputs.0.get("code_expiration_minutes") {
        let most = u64::from(limits::TEMPLATE_CODE_MINUTES);
        if !minutes.as_u64().is_some_and(|minutes| (1..=most).contains(&minutes)) {
            let message = format!("must be a whole number from 1 to {most}, got {minutes}");
            checker.refuse_at("code_expiration_minutes", Rule::Format, message);
        }
    }
}
