//! What a chat offers by itself: commands, questions to begin with, a greeting.
//!
//! Source: Meta's page "Conversational components" and its OpenAPI document.

use serde::{Deserialize, Serialize};
use serde_json::json;

use super::Done;
use super::call::Body;
use super::check::some_of;
use crate::client::Request;
use crate::graph::{Extra, Object};
use crate::message::limits;
use crate::message::violation::Rule;

/// What the group is about.
pub(super) const DOCS: &str =
    "What a chat with the number offers by itself: commands, questions to begin with, a greeting.";

/// A command that people find when they type `/`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "manifest", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct Command {
    /// What is typed after the `/`: up to 32 letters, digits and `_`.
    pub command_name: String,
    /// What it is for: up to 256 characters.
    pub command_description: String,
}

/// A command as Meta tells it.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "manifest", derive(schemars::JsonSchema))]
pub struct KnownCommand {
    /// What is typed after the `/`.
    pub command_name: String,
    /// What it is for.
    #[serde(default)]
    pub command_description: String,
    /// What Meta said beside that.
    #[serde(flatten)]
    pub extra: Extra,
}

/// What a chat offers by itself.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
#[cfg_attr(feature = "manifest", derive(schemars::JsonSchema))]
pub struct ConversationalAutomation {
    /// Whether a webhook tells of people who open the chat for the first time, so that they can be greeted.
    pub enable_welcome_message: bool,
    /// Questions that people who open the chat for the first time can tap.
    pub prompts: Vec<String>,
    /// Commands that people find when they type `/`.
    pub commands: Vec<KnownCommand>,
    /// What Meta said beside that.
    #[serde(flatten)]
    pub extra: Extra,
}

/// It is a field of the number, absent where nothing was ever set. The number's own members are kept with it.
fn read(body: &[u8]) -> Option<ConversationalAutomation> {
    #[derive(Deserialize)]
    struct Number {
        conversational_automation: Option<ConversationalAutomation>,
        #[serde(flatten)]
        beside: Extra,
    }
    let Number { conversational_automation, beside } = serde_json::from_slice(body).ok()?;
    let is_number = beside.get("id").is_some();
    let mut set = conversational_automation.or_else(|| is_number.then(ConversationalAutomation::default))?;
    set.extra.add(beside);
    Some(set)
}

call! {
    /// Which commands, questions and greeting are set.
    ///
    /// Source: Meta's page "Conversational components".
    ///
    /// ```no_run
    /// # async fn example(wa: wacloud::Client) -> wacloud::Result<()> {
    /// use wacloud::operation::commands;
    ///
    /// let commands = wa.call(commands::Get::new()).await?;
    /// println!("{commands:?}");
    /// # Ok(())
    /// # }
    /// ```
    Get: "commands.get", Read, ConversationalAutomation, r#"{}"#, answer: read { ; }
    |_, cx, _| Request::get(Object::new(cx.phone_number_id).with("fields", Some("conversational_automation")))
}

call! {
    /// Sets commands, questions and greeting. What is left out stays; an empty list takes off what was there.
    ///
    /// Emoji are not possible in any of them. A tapped question and a typed command come in as texts.
    ///
    /// Source: Meta's page "Conversational components" (its OpenAPI document says three questions, the page four).
    ///
    /// ```no_run
    /// # async fn example(wa: wacloud::Client) -> wacloud::Result<()> {
    /// use wacloud::operation::commands::{Command, Set};
    ///
    /// let status = Command { command_name: "status".into(), command_description: "Where is my order?".into() };
    /// wa.call(Set::new().commands([status])).await?;
    /// # Ok(())
    /// # }
    /// ```
    Set: "commands.set", Idempotent, Done,
        r#"{"prompts": ["Where is my order?"], "commands": [{"command_name": "status", "command_description": "Where is my order?"}]}"#
    {
        ;
        /// Whether a webhook (`request_welcome`) tells of people who open the chat for the first time.
        enable_welcome_message: bool,
        /// Questions that people who open the chat for the first time can tap: up to 4, of up to 80 characters each.
        prompts: Vec<String>,
        /// Commands that people find when they type `/`: up to 30.
        commands: Vec<Command>,
    }
    |call, cx, checker| {
        if let Some(prompts) = &call.prompts {
            checker.count("prompts", prompts.len(), 0, limits::PROMPTS);
            checker.items("prompts", prompts, |checker, prompt| {
                let count = prompt.chars().count();
                if count == 0 {
                    checker.refuse(Rule::Required, "must not be empty");
                } else if count > limits::PROMPT {
                    checker.refuse(Rule::Length, format!("must have at most {} characters, has {count}", limits::PROMPT));
                }
            });
        }
        if let Some(commands) = &call.commands {
            checker.count("commands", commands.len(), 0, limits::COMMANDS);
            checker.items("commands", commands, |checker, command| {
                checker.text("command_name", &command.command_name, 1, limits::COMMAND_NAME);
                if !command.command_name.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'_') {
                    checker.refuse_at("command_name", Rule::Format, "must be letters, digits and _, without the /");
                }
                checker.text("command_description", &command.command_description, 1, limits::COMMAND_DESCRIPTION);
            });
            checker.all_differ("commands", commands, &["command_name"], |command| &command.command_name);
        }
        let body = Body::new()
            .with("enable_welcome_message", call.enable_welcome_message)
            .with("prompts", call.prompts)
            .with("commands", call.commands.map(|commands| json!(commands)));
        some_of(&body, "enable_welcome_message, prompts, commands", checker);
        Request::post(Object::new(cx.phone_number_id).then("conversational_automation"), body.into())
    }
}
