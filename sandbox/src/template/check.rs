//! Whether the `template` member of a message fits one of the templates. Its form has been checked before.
//!
//! Meta documents what must fit, seldom with which code a misfit is answered. For offers, cards and values that a button does not
//! take, the codes here are the nearest by their titles.

use std::collections::BTreeSet;

use serde_json::{Map, Value};

use super::{Template, TemplateButton, TemplateCard, TemplateHeader};
use crate::graph::GraphError;

/// How a template message is sent, as far as it decides about a template.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Sent {
    /// Through `/marketing_messages`.
    pub(crate) marketing: bool,
    /// To a business-scoped user id.
    pub(crate) to_user: bool,
    /// To a group.
    pub(crate) to_group: bool,
}

/// The variables of a text in order of first appearance.
pub(super) fn variables(text: &str) -> Vec<&str> {
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

/// Whether `message` may be sent this way.
pub(crate) fn check(templates: &[Template], message: &Map<String, Value>, sent: Sent) -> Result<(), GraphError> {
    let template = find(templates, message)?;
    check_category(template, sent)?;
    let components = message.get("components").and_then(Value::as_array).map_or(&[][..], Vec::as_slice);
    let named = template.is_named();
    check_header("", template.header.as_ref(), named, parameters(components, "header"))?;
    check_text("body", &template.body, named, parameters(components, "body"))?;
    check_offer(template, components)?;
    check_buttons("", &template.buttons, components)?;
    check_cards(template, components)
}

fn find<'t>(templates: &'t [Template], message: &Map<String, Value>) -> Result<&'t Template, GraphError> {
    let name = message.get("name").and_then(Value::as_str).unwrap_or_default();
    let language = message.get("language").and_then(|language| language["code"].as_str()).unwrap_or_default();
    let not_found = || GraphError::new(132001).details(format!("template name ({name}) does not exist in {language}"));
    let template = templates.iter().find(|t| t.name == name && t.language == language).ok_or_else(not_found)?;
    match template.status.as_str() {
        "APPROVED" => Ok(template),
        "PAUSED" => Err(GraphError::new(132015).details(format!("template {name} is paused"))),
        "DISABLED" => Err(GraphError::new(132016).details(format!("template {name} is disabled"))),
        _ => Err(not_found()),
    }
}

/// "Business-scoped user IDs" and "Groups API" on authentication templates, "Send Marketing Messages" on all but marketing ones.
/// Only the first names its code.
fn check_category(template: &Template, sent: Sent) -> Result<(), GraphError> {
    let Some(category) = &template.category else {
        return Ok(());
    };
    let authentication = category.eq_ignore_ascii_case("AUTHENTICATION");
    if sent.to_user && authentication {
        return Err(GraphError::new(131062)
            .details("template: authentication templates go to phone numbers only, not to business-scoped user ids"));
    }
    if sent.to_group && authentication {
        return Err(GraphError::new(131051).details("template: groups get no authentication templates"));
    }
    if sent.marketing && !category.eq_ignore_ascii_case("MARKETING") {
        return Err(GraphError::new(134100).details(format!("template: the category is {category}, not MARKETING")));
    }
    Ok(())
}

fn component<'v>(components: &'v [Value], kind: &str) -> Option<&'v Value> {
    components.iter().find(|component| component["type"] == kind)
}

fn parameters<'v>(components: &'v [Value], kind: &str) -> &'v [Value] {
    component(components, kind).and_then(|found| found["parameters"].as_array()).map_or(&[], Vec::as_slice)
}

fn format_error(details: impl Into<String>) -> GraphError {
    GraphError::new(132012).details(details)
}

fn check_header(at: &str, header: Option<&TemplateHeader>, named: bool, sent: &[Value]) -> Result<(), GraphError> {
    let part = format!("{at}header");
    let Some(header) = header else {
        return check_text(&part, "", false, sent);
    };
    if header.format.eq_ignore_ascii_case("TEXT") {
        return check_text(&part, header.text.as_deref().unwrap_or_default(), named, sent);
    }
    let got = sent.first().and_then(|parameter| parameter["type"].as_str()).unwrap_or("unknown").to_ascii_uppercase();
    if !got.eq_ignore_ascii_case(&header.format) {
        return Err(format_error(format!("{part}: Format mismatch, expected {}, received {got}", header.format)));
    }
    if sent.len() > 1 {
        return Err(wrong_count(&part, sent.len(), 1));
    }
    Ok(())
}

fn wrong_count(part: &str, sent: usize, expected: usize) -> GraphError {
    GraphError::new(132000).details(format!(
        "{part}: number of localizable_params ({sent}) does not match the expected number of params ({expected})"
    ))
}

fn check_text(part: &str, text: &str, named: bool, sent: &[Value]) -> Result<(), GraphError> {
    let expected = variables(text);
    if sent.len() != expected.len() {
        return Err(wrong_count(part, sent.len(), expected.len()));
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

fn check_offer(template: &Template, components: &[Value]) -> Result<(), GraphError> {
    let expires = template.limited_time_offer.as_ref().is_some_and(|offer| offer.has_expiration);
    match (expires, component(components, "limited_time_offer")) {
        (true, None) => Err(GraphError::new(131008).details("limited_time_offer: expiration_time_ms is required")),
        (false, Some(_)) => Err(format_error("limited_time_offer: the template has no offer that expires")),
        _ => Ok(()),
    }
}

/// The `sub_type` that fills a kind of button. A one-time password's button is a URL button once Meta has it.
fn sub_type(button: &TemplateButton) -> &str {
    if button.kind.eq_ignore_ascii_case("OTP") { "URL" } else { &button.kind }
}

/// Whether a message must say something for this button.
fn waits(button: &TemplateButton) -> bool {
    match button.kind.to_ascii_uppercase().as_str() {
        "URL" => button.url.as_deref().is_some_and(|url| !variables(url).is_empty()),
        kind => matches!(kind, "OTP" | "COPY_CODE" | "MPM" | "ORDER_DETAILS"),
    }
}

fn check_buttons(at: &str, buttons: &[TemplateButton], components: &[Value]) -> Result<(), GraphError> {
    let mut filled = BTreeSet::new();
    for component in components.iter().filter(|component| component["type"] == "button") {
        let given = component["sub_type"].as_str().unwrap_or_default();
        let is_such = |button: &TemplateButton| sub_type(button).eq_ignore_ascii_case(given);
        let index = match &component["index"] {
            // Meta's example of a call button has no index.
            Value::Null => buttons.iter().position(is_such).unwrap_or(usize::MAX),
            Value::String(text) => text.parse().unwrap_or(usize::MAX),
            number => number.as_u64().and_then(|n| usize::try_from(n).ok()).unwrap_or(usize::MAX),
        };
        match buttons.get(index) {
            Some(button) if !is_such(button) => {
                return Err(format_error(format!(
                    "{at}buttons: button at index {index} is of type {}, not {given}",
                    button.kind
                )));
            }
            Some(button) if sub_type(button).eq_ignore_ascii_case("URL") && !waits(button) => {
                return Err(GraphError::new(132018)
                    .details(format!("{at}buttons: Button at index {index} of type Url does not require parameters")));
            }
            Some(button) => check_code(at, index, button, component)?,
            None if index == usize::MAX => {
                return Err(format_error(format!("{at}buttons: there is no {given} button")));
            }
            None => return Err(format_error(format!("{at}buttons: there is no button at index {index}"))),
        }
        filled.insert(index);
    }
    match buttons.iter().enumerate().find(|(index, button)| waits(button) && !filled.contains(index)) {
        Some((index, button)) => Err(GraphError::new(131008)
            .details(format!("{at}buttons: Button at index {index} of type {} requires a parameter", button.kind))),
        None => Ok(()),
    }
}

/// "Copy code authentication templates": a one-time password has at most 15 characters.
fn check_code(at: &str, index: usize, button: &TemplateButton, component: &Value) -> Result<(), GraphError> {
    let code = component["parameters"][0]["text"].as_str().unwrap_or_default();
    if button.kind.eq_ignore_ascii_case("OTP") && !(1..=15).contains(&code.chars().count()) {
        return Err(GraphError::new(131009)
            .details(format!("{at}buttons: the code of the button at index {index} must have 1 to 15 characters")));
    }
    Ok(())
}

/// "Media card carousel templates": as many cards as the template has. "Product card carousel templates": up to ten, all like
/// the first.
fn check_cards(template: &Template, components: &[Value]) -> Result<(), GraphError> {
    let sent = component(components, "carousel").and_then(|carousel| carousel["cards"].as_array());
    let (Some(first), Some(sent)) = (template.cards.first(), sent) else {
        return match (template.cards.is_empty(), sent) {
            (false, None) => Err(GraphError::new(131008).details("carousel: the template has cards, the message none")),
            (true, Some(_)) => Err(format_error("carousel: the template has no cards")),
            _ => Ok(()),
        };
    };
    let products = first.header.format.eq_ignore_ascii_case("PRODUCT");
    if !products && sent.len() != template.cards.len() {
        return Err(format_error(format!(
            "carousel: number of cards ({}) does not match the expected number of cards ({})",
            sent.len(),
            template.cards.len()
        )));
    }
    for card in sent {
        let index = card["card_index"].as_u64().and_then(|n| usize::try_from(n).ok()).unwrap_or(usize::MAX);
        let wanted = template.cards.get(index).or(products.then_some(first));
        let Some(wanted) = wanted else {
            return Err(format_error(format!("carousel: there is no card with index {index}")));
        };
        let components = card["components"].as_array().map_or(&[][..], Vec::as_slice);
        check_card(&format!("carousel card {index} "), wanted, template.is_named(), components)?;
    }
    Ok(())
}

fn check_card(at: &str, card: &TemplateCard, named: bool, components: &[Value]) -> Result<(), GraphError> {
    check_header(at, Some(&card.header), named, parameters(components, "header"))?;
    let body = card.body.as_deref().unwrap_or_default();
    check_text(&format!("{at}body"), body, named, parameters(components, "body"))?;
    check_buttons(at, &card.buttons, components)
}
