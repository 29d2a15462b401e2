//! A template's definition, as Meta takes and tells it. Meta's pages "Template components", "Media card carousel templates",
//! "Limited-time offer templates", "Authentication templates", "Catalog templates", "Multi-product message templates" and
//! "Sending Flows" (templates); its OpenAPI document has examples of most.

use serde_json::Value;

use super::open::open;
use super::{told, variables};
use crate::message::Open;

open! {
    /// A template in one language, as Meta tells it.
    TemplateDefinition as "TemplateDefinition" {
        /// Its id.
        id: String = "id",
        /// Its name: what a message names it by.
        name: String = "name",
        /// The code of its language: `en_US`.
        language: String = "language",
        /// `AUTHENTICATION`, `MARKETING` or `UTILITY`.
        category: String = "category",
        /// `APPROVED`, `PENDING`, `REJECTED`, `PAUSED`, `DISABLED` …
        status: String = "status",
        /// `POSITIONAL` (`{{1}}`, `{{2}}` …) or `NAMED` (`{{name}}`).
        parameter_format: String = "parameter_format",
        /// What it is made of.
        components: Vec<ComponentDefinition> = "components",
        /// Its category before Meta changed it.
        previous_category: String = "previous_category",
        /// Why it was rejected: `INVALID_FORMAT`, `NONE` …
        rejected_reason: String = "rejected_reason",
        /// What people think of it: `{"score": "GREEN", …}`.
        quality_score: Open = "quality_score",
    }

    /// One part of a template, by its `type`.
    ComponentDefinition as "TemplateComponent" {
        /// `HEADER`, `BODY`, `FOOTER`, `BUTTONS`, `CAROUSEL`, `LIMITED_TIME_OFFER` or `CALL_PERMISSION_REQUEST`.
        kind: String = "type",
        /// What a header is: `TEXT`, `IMAGE`, `VIDEO`, `GIF`, `DOCUMENT`, `LOCATION` or `PRODUCT`.
        format: String = "format",
        /// What it says, with `{{1}}` or `{{name}}` for variables: a body of up to 1,024 characters, a header (with one
        /// variable at most) or a footer (with none) of up to 60.
        text: String = "text",
        /// What stands for variables and media while Meta reads it: required where there are any.
        example: ComponentExample = "example",
        /// Up to 10 buttons.
        buttons: Vec<ButtonDefinition> = "buttons",
        /// Up to 10 cards of a carousel.
        cards: Vec<CardDefinition> = "cards",
        /// An offer that ends.
        limited_time_offer: OfferDefinition = "limited_time_offer",
        /// Whether the body of an authentication template warns of passing the code on.
        add_security_recommendation: bool = "add_security_recommendation",
        /// For how many minutes the footer of an authentication template says that the code is good: 1 to 90.
        code_expiration_minutes: u32 = "code_expiration_minutes",
    }

    /// What stands for variables and media while Meta reads a template.
    ComponentExample as "TemplateComponentExample" {
        /// The value of the header's variable.
        header_text: Vec<String> = "header_text",
        /// The value of the header's variable, where variables have names.
        header_text_named_params: Vec<NamedExample> = "header_text_named_params",
        /// The handle of the header's media, from `media.upload_handle`.
        header_handle: Vec<String> = "header_handle",
        /// The values of the body's variables: a list in a list.
        body_text: Vec<Vec<String>> = "body_text",
        /// The values of the body's variables, where they have names.
        body_text_named_params: Vec<NamedExample> = "body_text_named_params",
    }

    /// The value of a variable with a name, in an example.
    NamedExample as "TemplateNamedExample" {
        /// The variable's name.
        param_name: String = "param_name",
        /// What stands for it.
        example: String = "example",
    }

    /// A button of a template.
    ButtonDefinition as "TemplateButtonDefinition" {
        /// `QUICK_REPLY`, `URL`, `PHONE_NUMBER`, `COPY_CODE`, `OTP`, `FLOW`, `CATALOG`, `MPM`, `SPM`, `ORDER_DETAILS`,
        /// `VOICE_CALL` or `REQUEST_CONTACT_INFO`.
        kind: String = "type",
        /// What it says: up to 25 characters.
        text: String = "text",
        /// Where a `URL` button leads: up to 2,000 characters, with one variable at its end at most.
        url: String = "url",
        /// The number that a `PHONE_NUMBER` button calls: up to 20 characters.
        phone_number: String = "phone_number",
        /// What stands for the variable in `url`, as a list of one; the code of a `COPY_CODE` button, as text.
        example: Value = "example",
        /// How an `OTP` button hands the code over: `COPY_CODE`, `ONE_TAP` or `ZERO_TAP`.
        otp_type: String = "otp_type",
        /// What an `OTP` button says that fills the code in: up to 25 characters.
        autofill_text: String = "autofill_text",
        /// The Android app that the code is for.
        package_name: String = "package_name",
        /// The hash of the app's signature.
        signature_hash: String = "signature_hash",
        /// The Android apps that the code is for: instead of `package_name` and `signature_hash`.
        supported_apps: Vec<SupportedApp> = "supported_apps",
        /// Whether the terms of zero-tap codes were accepted: must be true for `ZERO_TAP`.
        zero_tap_terms_accepted: bool = "zero_tap_terms_accepted",
        /// The Flow that a `FLOW` button opens, by its id.
        flow_id: String = "flow_id",
        /// The same by its name.
        flow_name: String = "flow_name",
        /// The same as a new one: its JSON as text.
        flow_json: String = "flow_json",
        /// How the Flow begins: `navigate` or `data_exchange`.
        flow_action: String = "flow_action",
        /// The screen that it begins with.
        navigate_screen: String = "navigate_screen",
    }

    /// An Android app that a one-time password is for.
    SupportedApp as "TemplateSupportedApp" {
        /// Its package.
        package_name: String = "package_name",
        /// The hash of its signature.
        signature_hash: String = "signature_hash",
    }

    /// A card of a carousel template.
    CardDefinition as "TemplateCardDefinition" {
        /// Its header, body and buttons.
        #[cfg_attr(feature = "manifest", schemars(with = "Option<Vec<CardComponent>>"))]
        components: Vec<ComponentDefinition> = "components",
    }

    /// An offer that ends.
    OfferDefinition as "TemplateOfferDefinition" {
        /// What it says: up to 16 characters.
        text: String = "text",
        /// Whether a message says when it ends, and the time left is shown.
        has_expiration: bool = "has_expiration",
    }
}

/// A part of a card, as it is described to other languages: a component that has no cards itself, since their types cannot
/// hold themselves.
#[cfg(feature = "manifest")]
#[derive(schemars::JsonSchema)]
#[schemars(rename = "TemplateCardComponent")]
#[expect(dead_code, reason = "only its description is used")]
struct CardComponent {
    /// `HEADER`, `BODY` or `BUTTONS`.
    #[schemars(rename = "type")]
    kind: Option<String>,
    /// What a header is: `IMAGE`, `VIDEO` or `PRODUCT`.
    format: Option<String>,
    /// What a body says: up to 160 characters.
    text: Option<String>,
    /// What stands for variables and media while Meta reads it.
    example: Option<ComponentExample>,
    /// Up to 2 buttons.
    buttons: Option<Vec<ButtonDefinition>>,
}

impl TemplateDefinition {
    /// How a person names it: `order_update (en_US)`.
    pub fn title(&self) -> String {
        told::title(self.name.as_deref(), self.language.as_deref())
    }

    /// Whether its variables have names. Where Meta does not say, they show it themselves.
    pub(crate) fn is_named(&self) -> bool {
        match &self.parameter_format {
            Some(format) => format.eq_ignore_ascii_case("NAMED"),
            None => {
                let texts = self.components.iter().flatten().filter_map(|component| component.text.as_deref());
                let mut names = texts.flat_map(variables::names);
                names.any(|name| name.starts_with(|c: char| c.is_ascii_alphabetic()))
            }
        }
    }
}

/// Whether a text is this word, whatever its capitals: Meta's examples have types in both.
pub(super) fn is_word(text: Option<&String>, word: &str) -> bool {
    text.is_some_and(|text| text.eq_ignore_ascii_case(word))
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn nothing_is_lost_whatever_it_is() {
        for definition in [
            json!({"name": "a", "components": [{"type": "BODY", "text": 5, "new": {"deep": [1, null]}}], "id": 7}),
            json!({"components": "none", "status": null, "quality_score": {"score": "GREEN", "date": 1}}),
            json!({"components": [{"type": "BUTTONS", "buttons": [{"type": "X", "example": ["a"]}, {"type": "Y", "example": "b"}]}]}),
            json!({}),
        ] {
            let read: TemplateDefinition = serde_json::from_value(definition.clone()).unwrap();
            assert_eq!(serde_json::to_value(&read).unwrap(), definition);
        }
    }
}
