//! A button that opens a form (a Flow).

use serde::{Deserialize, Serialize};

use super::{Action, FrameRules};
use crate::message::limits;
use crate::message::open::Open;
use crate::message::tagged::words;
use crate::message::violation::{Checker, Rule};

/// A button that opens a form.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Flow {
    /// Always `flow`.
    pub name: FlowWord,
    /// Which form, and how.
    pub parameters: FlowParameters,
}

words! {
    /// The name of this action.
    FlowWord = "flow";
    /// The version of such messages.
    FlowVersion = "3";
}

/// Which form, and how.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct FlowParameters {
    /// Always `3`.
    pub flow_message_version: FlowVersion,
    /// What the button says: 1 to 30 characters.
    pub flow_cta: String,
    /// The form, by its id; exactly one of `flow_id` and `flow_name`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub flow_id: Option<String>,
    /// The form, by its name; exactly one of `flow_id` and `flow_name`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub flow_name: Option<String>,
    /// What tells this conversation from others.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub flow_token: Option<String>,
    /// Whether it is published.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub mode: Option<FlowMode>,
    /// How it begins.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub flow_action: Option<FlowAction>,
    /// With what it begins.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub flow_action_payload: Option<FlowPayload>,
}

/// Whether a form is published.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "manifest", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum FlowMode {
    /// Not yet: only testers can open it.
    Draft,
    /// It is.
    Published,
}

/// How a form begins.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "manifest", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum FlowAction {
    /// With a screen that the message names.
    Navigate,
    /// With an answer of the form's endpoint.
    DataExchange,
}

/// With what a form begins.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct FlowPayload {
    /// The first screen's id.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub screen: Option<String>,
    /// What it is filled with: not empty.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub data: Option<Open>,
}

impl Flow {
    /// A button with these parameters.
    pub fn new(parameters: FlowParameters) -> Self {
        Flow { name: FlowWord::Is, parameters }
    }
}

impl Action for Flow {
    const FRAME: FrameRules = FrameRules::ALL;

    fn check(&self, checker: &mut Checker) {
        checker.member("parameters", |c| self.parameters.check(c));
    }
}

impl FlowParameters {
    fn check(&self, checker: &mut Checker) {
        checker.text("flow_cta", &self.flow_cta, 1, limits::FLOW_CTA);
        checker.one_of(("flow_id", self.flow_id.is_some()), ("flow_name", self.flow_name.is_some()));
        checker.optional_text("flow_id", self.flow_id.as_ref(), 1, usize::MAX);
        checker.optional_text("flow_name", self.flow_name.as_ref(), 1, usize::MAX);
        let Some(payload) = &self.flow_action_payload else { return };
        checker.member("flow_action_payload", |checker| {
            if self.flow_action == Some(FlowAction::DataExchange) {
                checker
                    .refuse(Rule::Conflict, "belongs to flow_action navigate: with data_exchange the endpoint says it");
            }
            checker.optional_text("screen", payload.screen.as_ref(), 1, usize::MAX);
            if let Some(data) = &payload.data {
                checker.member("data", |checker| {
                    data.check(checker);
                    if data.0.is_empty() {
                        checker.refuse(Rule::Required, "must not be empty: leave it out");
                    }
                });
            }
        });
    }
}
