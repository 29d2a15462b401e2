//! `send_template`.

use serde::Deserialize;

use super::MessageOperation;
use crate::message::template::{Component, ComponentKind};
use crate::message::{Content, Invalid, Message, Recipient, Template, Tracker, Variables};

/// Sends an approved template, filled with values. Templates go out at any time, also outside the customer service window.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[cfg_attr(feature = "manifest", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct SendTemplate {
    /// Who it goes to: a phone number with `+` and country code, a business-scoped user id or a group.
    pub to: Recipient,
    /// The template's name: lower-case letters, digits and `_`, up to 512 characters.
    pub name: String,
    /// The code of the approved translation, exactly: `en` and `en_US` are two.
    pub language: String,
    /// The values of the body's variables: a list of texts in the order of `{{1}}`, `{{2}}` …, or texts by name for a
    /// template with named variables. Each 1 to 32,768 characters.
    pub body: Option<Variables>,
    /// The value of the variable in a text header: 1 to 60 characters.
    pub header: Option<String>,
    /// The id (`wamid.…`) of the message that this one answers: it is shown quoted.
    pub reply_to: Option<String>,
    /// Text of up to 512 characters that every status webhook of this message carries back; made up unless given, left out
    /// when `false`.
    pub tracker: Option<Tracker>,
}

builder!(SendTemplate {
    to: Recipient, name: String, language: String;
    body: Variables, header: String, reply_to: String, tracker: Tracker,
});

impl MessageOperation for SendTemplate {
    const NAME: &'static str = "send_template";
    const CONSTRUCTOR: &'static str = "template";
    const PATHS: &'static [(&'static str, &'static str)] = &[
        ("name", "template.name"),
        ("language", "template.language.code"),
        ("header", "template.components[0].parameters[0].text"),
    ];

    fn message(self) -> Result<Message, Invalid> {
        let mut template = Template::new(self.name, self.language);
        let header = self.header.map(Component::text_header);
        let body = self.body.map(|values| values.component(ComponentKind::Body));
        let components: Vec<Component> = header.into_iter().chain(body).collect();
        template.components = Some(components).filter(|components| !components.is_empty());
        Ok(Message::new(self.to, Content::Template(template)).with(self.reply_to, self.tracker))
    }
}
