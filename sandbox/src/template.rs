//! The templates the sandbox knows, and whether the parameters of a message fit one.

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use crate::graph::GraphError;

/// A template in one language, as `POST /_sandbox/templates` takes it. A simplification of Meta's own form.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Template {
    /// Its name.
    pub name: String,
    /// Language code as in `en_US`.
    pub language: String,
    /// `APPROVED` templates can be sent; `PAUSED` and `DISABLED` ones answer with their own codes, others are not found.
    #[serde(default = "approved")]
    pub status: String,
    /// What stands above the body.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub header: Option<TemplateHeader>,
    /// The text, with `{{1}}`, `{{2}}`, … or `{{name}}` for variables.
    pub body: String,
    /// `POSITIONAL` or `NAMED`.
    #[serde(default = "positional")]
    pub parameter_format: String,
    /// Buttons in order.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub buttons: Vec<TemplateButton>,
}

/// The header of a template.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct TemplateHeader {
    /// `TEXT`, `IMAGE`, `VIDEO`, `DOCUMENT` or `LOCATION`.
    pub format: String,
    /// The text of a `TEXT` header.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub text: Option<String>,
}

/// A button of a template.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct TemplateButton {
    /// `QUICK_REPLY`, `URL`, `COPY_CODE`, `FLOW`, `CATALOG`, `PHONE_NUMBER`, …
    #[serde(rename = "type")]
    pub kind: String,
    /// Where a `URL` button leads; `{{1}}` at the end makes it wait for a parameter.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub url: Option<String>,
    /// What the button says.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub text: Option<String>,
}

fn approved() -> String {
    "APPROVED".to_owned()
}

fn positional() -> String {
    "POSITIONAL".to_owned()
}

impl Template {
    fn built_in(name: &str, language: &str, body: &str) -> Self {
        Self {
            name: name.to_owned(),
            language: language.to_owned(),
            status: approved(),
            header: None,
            body: body.to_owned(),
            parameter_format: positional(),
            buttons: Vec::new(),
        }
    }

    fn is_named(&self) -> bool {
        self.parameter_format.eq_ignore_ascii_case("NAMED")
    }
}

/// What every sandbox knows from the start.
pub(crate) fn built_in() -> Vec<Template> {
    let greeting =
        "Welcome and congratulations!! This message demonstrates your ability to send a message notification.";
    let text_header = |text: &str| Some(TemplateHeader { format: "TEXT".to_owned(), text: Some(text.to_owned()) });
    vec![
        Template { header: text_header("Hello World"), ..Template::built_in("hello_world", "en_US", greeting) },
        Template::built_in("order_update", "en_US", "Hello {{1}}, your order {{2}} is on its way."),
        Template::built_in("order_update", "de", "Hallo {{1}}, deine Bestellung {{2}} ist unterwegs."),
        Template {
            parameter_format: "NAMED".to_owned(),
            ..Template::built_in("order_update_named", "en_US", "Hello {{name}}, your order {{order}} is on its way.")
        },
        Template {
            header: text_header("Your appointment at {{1}}"),
            ..Template::built_in("appointment", "en_US", "Hello {{1}}, we look forward to seeing you on {{2}}.")
        },
        Template {
            header: Some(TemplateHeader { format: "IMAGE".to_owned(), text: None }),
            buttons: vec![
                TemplateButton {
                    kind: "URL".to_owned(),
                    url: Some("https://example.com/offer/{{1}}".to_owned()),
                    text: Some("Show me".to_owned()),
                },
                TemplateButton { kind: "COPY_CODE".to_owned(), url: None, text: None },
            ],
            ..Template::built_in("promo", "en_US", "Hello {{1}}, this is for you.")
        },
    ]
}

/// The variables of a text in order of first appearance.
fn variables(text: &str) -> Vec<&str> {
    let mut found = Vec::new();
    let mut rest = text;
    while let Some((_, after)) = rest.split_once("{{") {
        let Some((name, after)) = after.split_once("}}") else {
            break;
        };
        if !found.contains(&name.trim()) {
            found.push(name.trim());
        }
        rest = after;
    }
    found
}

/// Whether the `template` member of a message fits one of the templates. Its form has been checked before.
pub(crate) fn check(templates: &[Template], sent: &Map<String, Value>) -> Result<(), GraphError> {
    let name = sent.get("name").and_then(Value::as_str).unwrap_or_default();
    let language = sent.get("language").and_then(|language| language["code"].as_str()).unwrap_or_default();
    let not_found = || GraphError::new(132001).details(format!("template name ({name}) does not exist in {language}"));
    let template = templates.iter().find(|t| t.name == name && t.language == language).ok_or_else(not_found)?;
    match template.status.as_str() {
        "APPROVED" => {}
        "PAUSED" => {
            return Err(GraphError::new(132015).details(format!("template {name} is paused")));
        }
        "DISABLED" => {
            return Err(GraphError::new(132016).details(format!("template {name} is disabled")));
        }
        _ => return Err(not_found()),
    }
    let components = sent.get("components").and_then(Value::as_array).map_or(&[][..], Vec::as_slice);
    let parameters = |kind: &str| -> &[Value] {
        components
            .iter()
            .find(|component| component["type"] == kind)
            .and_then(|component| component["parameters"].as_array())
            .map_or(&[], Vec::as_slice)
    };
    check_header(template, parameters("header"))?;
    check_text("body", &template.body, template.is_named(), parameters("body"))?;
    check_buttons(&template.buttons, components)
}

fn format_error(details: impl Into<String>) -> GraphError {
    GraphError::new(132012).details(details)
}

fn check_header(template: &Template, sent: &[Value]) -> Result<(), GraphError> {
    let Some(header) = &template.header else {
        return check_text("header", "", false, sent);
    };
    if header.format == "TEXT" {
        return check_text("header", header.text.as_deref().unwrap_or_default(), template.is_named(), sent);
    }
    let got = sent.first().and_then(|parameter| parameter["type"].as_str()).unwrap_or("unknown").to_ascii_uppercase();
    if got != header.format {
        return Err(format_error(format!("header: Format mismatch, expected {}, received {got}", header.format)));
    }
    Ok(())
}

fn check_text(part: &str, text: &str, named: bool, sent: &[Value]) -> Result<(), GraphError> {
    let expected = variables(text);
    if sent.len() != expected.len() {
        return Err(GraphError::new(132000).details(format!(
            "{part}: number of localizable_params ({}) does not match the expected number of params ({})",
            sent.len(),
            expected.len()
        )));
    }
    let names: Vec<Option<&str>> = sent.iter().map(|parameter| parameter["parameter_name"].as_str()).collect();
    if !named {
        return match names.iter().position(Option::is_some) {
            Some(index) => Err(format_error(format!(
                "{part}: parameters[{index}] is named, but the template counts its variables"
            ))),
            None => Ok(()),
        };
    }
    if names.iter().any(|name| name.is_none_or(str::is_empty)) {
        return Err(format_error(format!("{part}: Parameter name is missing or empty")));
    }
    let (given, wanted): (BTreeSet<&str>, BTreeSet<&str>) =
        (names.into_iter().flatten().collect(), expected.into_iter().collect());
    match wanted.difference(&given).next() {
        Some(missing) => Err(format_error(format!("{part}: parameter {missing} is missing"))),
        None => Ok(()),
    }
}

fn check_buttons(buttons: &[TemplateButton], components: &[Value]) -> Result<(), GraphError> {
    let mut filled = BTreeSet::new();
    for component in components.iter().filter(|component| component["type"] == "button") {
        let index = match &component["index"] {
            Value::String(text) => text.parse().unwrap_or(usize::MAX),
            number => number.as_u64().and_then(|n| usize::try_from(n).ok()).unwrap_or(usize::MAX),
        };
        let sub_type = component["sub_type"].as_str().unwrap_or_default();
        match buttons.get(index) {
            Some(button) if button.kind.eq_ignore_ascii_case(sub_type) => filled.insert(index),
            Some(button) => {
                return Err(format_error(format!(
                    "buttons: button at index {index} is of type {}, not {sub_type}",
                    button.kind
                )));
            }
            None => {
                return Err(format_error(format!("buttons: there is no button at index {index}")));
            }
        };
    }
    for (index, button) in buttons.iter().enumerate() {
        let waits = match button.kind.as_str() {
            "URL" => button.url.as_deref().is_some_and(|url| !variables(url).is_empty()),
            kind => kind == "COPY_CODE",
        };
        if waits && !filled.contains(&index) {
            return Err(GraphError::new(131008)
                .details(format!("buttons: Button at index {index} of type {} requires a parameter", button.kind)));
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests;
