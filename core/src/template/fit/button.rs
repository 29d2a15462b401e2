//! The buttons of a template, and what they take.

use crate::message::template::{ButtonComponent, Component};
use crate::message::violation::{Checker, Rule};
use crate::template::definition::ButtonDefinition;
use crate::template::variables;

/// A button of a template.
#[derive(Debug, Clone)]
pub(super) struct Button {
    kind: String,
    text: String,
    url: Option<String>,
    takes: Takes,
}

/// What a kind of button takes of a message.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Takes {
    /// A value of this `sub_type`, which must be given.
    One(&'static str),
    /// A value of this `sub_type`, or none.
    Maybe(&'static str),
    Nothing,
    /// The kind is newer than this version.
    Anything,
}

/// By the kind of button (Meta's pages on the templates that have them).
const BUTTONS: &[(&str, Takes)] = &[
    ("QUICK_REPLY", Takes::Maybe("quick_reply")),
    ("PHONE_NUMBER", Takes::Nothing),
    // A one-time password's button is a URL button to whoever sends.
    ("OTP", Takes::One("url")),
    ("COPY_CODE", Takes::One("copy_code")),
    ("FLOW", Takes::Maybe("flow")),
    ("CATALOG", Takes::Maybe("catalog")),
    ("MPM", Takes::One("mpm")),
    ("SPM", Takes::Nothing),
    ("ORDER_DETAILS", Takes::One("order_details")),
    ("VOICE_CALL", Takes::Maybe("voice_call")),
];

/// What calls say for a `sub_type`, where that is another word.
const ARGUMENTS: &[(&str, &str)] = &[("mpm", "products"), ("voice_call", "call_ttl_minutes")];

fn argument(sub_type: &'static str) -> &'static str {
    ARGUMENTS.iter().find(|(of, _)| *of == sub_type).map_or(sub_type, |(_, argument)| argument)
}

impl Button {
    pub(super) fn new(definition: &ButtonDefinition) -> Self {
        let kind = definition.kind.as_deref().unwrap_or_default().to_ascii_uppercase();
        let has_variable = definition.url.as_deref().is_some_and(|url| !variables::all(url).is_empty());
        let takes = match kind.as_str() {
            "URL" if has_variable => Takes::One("url"),
            "URL" => Takes::Nothing,
            other => BUTTONS.iter().find(|(known, _)| *known == other).map_or(Takes::Anything, |(_, takes)| *takes),
        };
        Button { text: definition.text.clone().unwrap_or_default(), url: definition.url.clone(), kind, takes }
    }

    /// Once it is approved, Meta tells the button of a one-time password as one that opens an address of its own.
    fn is_otp(&self) -> bool {
        self.kind == "OTP" || self.url.as_deref().is_some_and(|url| url.contains("otp_type="))
    }

    /// `button 0 "Shop" of promo (en_US) opens https://…`.
    fn says(&self, index: usize, of: &str) -> String {
        let named = if self.text.is_empty() { String::new() } else { format!(" {:?}", self.text) };
        let is = match (self.kind.as_str(), &self.url) {
            _ if self.is_otp() => "hands over a one-time password".to_owned(),
            ("URL", Some(url)) => format!("opens {url}"),
            ("COPY_CODE", _) => "copies a code".to_owned(),
            ("PHONE_NUMBER", _) => "calls a number".to_owned(),
            (kind, _) => format!("is {kind}"),
        };
        format!("button {index}{named} of {of} {is}")
    }

    /// How a call gives its value.
    fn wants(&self, sub_type: &'static str) -> &'static str {
        if self.is_otp() { "otp" } else { argument(sub_type) }
    }

    fn check(&self, index: usize, of: &str, given: &ButtonComponent, checker: &mut Checker) {
        let got = given.sub_type.name();
        let says = self.says(index, of);
        match self.takes {
            Takes::One(sub_type) | Takes::Maybe(sub_type) if sub_type == got => {}
            Takes::One(sub_type) | Takes::Maybe(sub_type) => {
                let message = format!("{says} and takes {}, got {}", self.wants(sub_type), argument(got));
                checker.refuse_at("sub_type", Rule::Choice, message);
            }
            Takes::Nothing => {
                checker.refuse(Rule::Conflict, format!("{says} and takes no value, got {}", argument(got)));
            }
            Takes::Anything => {}
        }
    }
}

/// The values of buttons among the components of a message.
pub(super) fn check(buttons: &[Button], of: &str, components: &[Component], checker: &mut Checker) {
    let mut filled = Vec::new();
    for (place, component) in components.iter().enumerate() {
        let Component::Button(given) = component else { continue };
        checker.item(place, |checker| {
            // Without a position, or with none that can be, the message itself is wrong and says so.
            let Some(index) = given.position().and_then(|index| usize::try_from(index).ok()) else { return };
            filled.push(index);
            match (buttons.get(index), buttons.len()) {
                (Some(button), _) => button.check(index, of, given, checker),
                (None, 0) => checker.refuse(Rule::Conflict, format!("{of} has no buttons")),
                (None, 1) => {
                    let message = format!("{of} has one button, at index 0; there is none at {index}");
                    checker.refuse_at("index", Rule::Choice, message);
                }
                (None, count) => {
                    let last = count - 1;
                    let message = format!("{of} has {count} buttons, at index 0 to {last}; there is none at {index}");
                    checker.refuse_at("index", Rule::Choice, message);
                }
            }
        });
    }
    for (index, button) in buttons.iter().enumerate().filter(|(index, _)| !filled.contains(index)) {
        if let Takes::One(sub_type) = button.takes {
            let message = format!("{} and takes {}, none was given", button.says(index, of), button.wants(sub_type));
            checker.refuse(Rule::Required, message);
        }
    }
}
