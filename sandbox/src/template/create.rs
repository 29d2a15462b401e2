//! Whether a template may be created: the sandbox's own reading of Meta's pages. Subcodes are those of Meta's page "Error
//! codes" where it has one; what it has none for is told as a wrong parameter.

use std::collections::BTreeSet;

use serde_json::{Map, Value};

use super::check::variables;
use super::graph_form::component;
use crate::graph::GraphError;

/// "Template components", in characters.
const HEADER: usize = 60;
const BODY: usize = 1024;
const FOOTER: usize = 60;
const BUTTON: usize = 25;
const URL: usize = 2000;
const PHONE: usize = 20;
const NAME: usize = 512;
const CARD_BODY: usize = 160;

const CATEGORIES: &[&str] = &["AUTHENTICATION", "MARKETING", "UTILITY"];
const FORMATS: &[&str] = &["TEXT", "IMAGE", "VIDEO", "GIF", "DOCUMENT", "LOCATION", "PRODUCT"];

/// How many buttons of a kind there may be.
const MOST: &[(&str, usize)] = &[("URL", 2), ("PHONE_NUMBER", 1), ("COPY_CODE", 1), ("OTP", 1), ("FLOW", 1)];

/// What a template is called and what it is made of.
pub(super) struct New<'v> {
    pub(super) name: &'v str,
    pub(super) language: &'v str,
    pub(super) category: &'v str,
    pub(super) is_named: bool,
    pub(super) components: &'v [Value],
}

/// Reads and checks the body of a request that creates a template.
pub(super) fn read(body: &Map<String, Value>) -> Result<New<'_>, GraphError> {
    let text = |name: &str| match body.get(name) {
        Some(Value::String(text)) if !text.is_empty() => Ok(text.as_str()),
        Some(Value::String(_)) | None => Err(GraphError::param(format!("The parameter {name} is required."))),
        Some(_) => Err(GraphError::param(format!("Param {name} must be a string"))),
    };
    let (name, language, category) = (text("name")?, text("language")?, text("category")?);
    let plain = |b: u8| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'_';
    if name.len() > NAME || !name.bytes().all(plain) {
        return Err(GraphError::param(format!(
            "Param name must be at most {NAME} lowercase alphanumeric characters and underscores"
        )));
    }
    let is_code = |code: &str| code.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'_') && code.len() <= 10;
    if !is_code(language) {
        return Err(GraphError::param(format!("Param language must be a supported language code - got {language:?}.")));
    }
    let category = category_of(category)?;
    let format = body.get("parameter_format").map_or(Some("POSITIONAL"), Value::as_str).unwrap_or_default();
    let is_named = format.eq_ignore_ascii_case("NAMED");
    if !is_named && !format.eq_ignore_ascii_case("POSITIONAL") {
        return Err(GraphError::param(format!(
            "Param parameter_format must be one of {{POSITIONAL, NAMED}} - got {format:?}."
        )));
    }
    let components = list(body.get("components"))?;
    let new = New { name, language, category, is_named, components };
    check(&new)?;
    Ok(new)
}

/// One of Meta's categories, whose pages write them in small letters as well.
pub(super) fn category_of(text: &str) -> Result<&'static str, GraphError> {
    CATEGORIES.iter().find(|known| known.eq_ignore_ascii_case(text)).copied().ok_or_else(|| {
        let known = CATEGORIES.join(", ");
        GraphError::param(format!("Param category must be one of {{{known}}} - got {text:?}."))
    })
}

/// The list of components.
pub(super) fn list(components: Option<&Value>) -> Result<&[Value], GraphError> {
    match components {
        Some(Value::Array(components)) if !components.is_empty() => Ok(components),
        Some(Value::Array(_)) | None => Err(GraphError::param("The parameter components is required.")),
        Some(_) => Err(GraphError::param("Param components must be an array.")),
    }
}

/// Every rule about the components.
pub(super) fn check(new: &New<'_>) -> Result<(), GraphError> {
    check_part(new.components, new, false)?;
    if component(new.components, "BODY").is_none() {
        return Err(missing("BODY", "text"));
    }
    let cards = component(new.components, "CAROUSEL").map(|carousel| &carousel["cards"]);
    for card in cards.into_iter().flat_map(|cards| cards.as_array().into_iter().flatten()) {
        check_part(list(card.get("components"))?, new, true)?;
    }
    match cards.map(|cards| cards.as_array().map_or(0, Vec::len)) {
        Some(count) if !(1..=10).contains(&count) => {
            Err(GraphError::param(format!("Param components: a carousel must have 1 to 10 cards, has {count}")))
        }
        _ => Ok(()),
    }
}

fn missing(kind: &str, field: &str) -> GraphError {
    GraphError::of_template(
        2_388_043,
        "Message template \"components\" param is missing expected field(s)",
        format!("component of type {kind} is missing expected field(s) ({field})"),
    )
}

fn check_part(components: &[Value], new: &New<'_>, is_card: bool) -> Result<(), GraphError> {
    let mut seen = BTreeSet::new();
    for component in components {
        let Some(kind) = component["type"].as_str().map(str::to_ascii_uppercase) else {
            return Err(GraphError::param("Param components: each must be an object with a type"));
        };
        match kind.as_str() {
            "HEADER" => check_header(component, new)?,
            "BODY" => check_body(component, new, is_card)?,
            "FOOTER" => check_footer(component, new)?,
            "BUTTONS" => check_buttons(component, new, if is_card { 2 } else { 10 })?,
            "LIMITED_TIME_OFFER" => {
                let text = component["limited_time_offer"]["text"].as_str().unwrap_or_default();
                long("LIMITED_TIME_OFFER", text, 16)?;
            }
            "CAROUSEL" | "CALL_PERMISSION_REQUEST" => {}
            other => return Err(GraphError::param(format!("Param components: there is no type {other:?}"))),
        }
        if !seen.insert(kind.clone()) {
            return Err(GraphError::param(format!("Param components: there is more than one of type {kind}")));
        }
    }
    Ok(())
}

fn long(kind: &str, text: &str, most: usize) -> Result<(), GraphError> {
    let count = text.chars().count();
    if (1..=most).contains(&count) {
        return Ok(());
    }
    if count == 0 {
        return Err(missing(kind, "text"));
    }
    Err(GraphError::of_template(
        2_388_040,
        "Character Limit Exceeded",
        format!("The {kind} field exceeds the limit of {most} characters: it has {count}"),
    ))
}

/// Whether variables are written as the format of the template says.
fn well_named(text: &str, new: &New<'_>) -> bool {
    let names = variables(text);
    if new.is_named {
        let plain = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '_';
        return names.iter().all(|name| name.chars().all(plain) && name.starts_with(|c: char| c.is_ascii_lowercase()));
    }
    (1..=names.len()).all(|number| names.iter().any(|name| *name == number.to_string()))
}

/// Whether each variable has an example.
fn has_examples(text: &str, new: &New<'_>, in_order: Option<&Value>, by_name: &Value) -> bool {
    let names = variables(text);
    if names.is_empty() {
        return true;
    }
    if new.is_named {
        let given = by_name.as_array().map_or(&[][..], Vec::as_slice);
        return names
            .iter()
            .all(|name| given.iter().any(|one| one["param_name"] == *name && one["example"].is_string()));
    }
    match in_order {
        // "Multi-product message templates": a text for one variable.
        Some(Value::String(_)) => names.len() == 1,
        Some(Value::Array(values)) => values.len() == names.len(),
        _ => false,
    }
}

fn check_header(header: &Value, new: &New<'_>) -> Result<(), GraphError> {
    let format = header["format"].as_str().unwrap_or_default().to_ascii_uppercase();
    let wrong = |says: String| GraphError::of_template(2_388_047, "Message header format is incorrect", says);
    if !FORMATS.contains(&format.as_str()) {
        return Err(wrong(format!("The header's format must be one of {}, not {format:?}", FORMATS.join(", "))));
    }
    let example = &header["example"];
    if format != "TEXT" {
        let has_handle = example["header_handle"][0].as_str().is_some_and(|handle| !handle.is_empty());
        return match format.as_str() {
            "LOCATION" | "PRODUCT" => Ok(()),
            _ if has_handle => Ok(()),
            _ => Err(missing("HEADER", "example")),
        };
    }
    let text = header["text"].as_str().unwrap_or_default();
    long("HEADER", text, HEADER)?;
    if text.contains('\n') || text.contains('*') || variables(text).len() > 1 || !well_named(text, new) {
        return Err(wrong("A header has one line without asterisks, and one variable at most".to_owned()));
    }
    let fits = has_examples(text, new, Some(&example["header_text"]), &example["header_text_named_params"]);
    if fits { Ok(()) } else { Err(missing("HEADER", "example")) }
}

fn check_body(body: &Value, new: &New<'_>, is_card: bool) -> Result<(), GraphError> {
    if new.category == "AUTHENTICATION" && body.get("text").is_none() {
        return Ok(());
    }
    let text = body["text"].as_str().unwrap_or_default();
    long("BODY", text, if is_card { CARD_BODY } else { BODY })?;
    let wrong = |says: &str| GraphError::of_template(2_388_072, "Message body format is incorrect", says);
    if !well_named(text, new) {
        return Err(wrong("Variables must be written as parameter_format says, and count from {{1}} without a gap"));
    }
    let trimmed = text.trim();
    if !is_card && (trimmed.starts_with("{{") || trimmed.ends_with("}}")) {
        return Err(GraphError::of_template(
            2_388_299,
            "Variables can't be at the start or end of the template",
            "This template has variables at its start or end. Add words before or after them.",
        ));
    }
    let names = variables(text);
    let words = text.split_whitespace().filter(|word| !word.contains("{{")).count();
    if !is_card && words < names.len() {
        return Err(GraphError::of_template(
            2_388_293,
            "Too many variables for the length of the message",
            "This template has too many variables for its length. Reduce them or make the message longer.",
        ));
    }
    let example = &body["example"];
    // A list in a list; a list alone is taken, too ("Media card carousel templates").
    let in_order = example["body_text"].get(0).filter(|first| first.is_array()).or(example.get("body_text"));
    let fits = has_examples(text, new, in_order, &example["body_text_named_params"]);
    if fits { Ok(()) } else { Err(missing("BODY", "example")) }
}

fn check_footer(footer: &Value, new: &New<'_>) -> Result<(), GraphError> {
    if new.category == "AUTHENTICATION" && footer.get("text").is_none() {
        let minutes = footer["code_expiration_minutes"].as_u64();
        return match minutes {
            Some(1..=90) => Ok(()),
            _ => Err(GraphError::param("Param components: code_expiration_minutes must be between 1 and 90")),
        };
    }
    let text = footer["text"].as_str().unwrap_or_default();
    long("FOOTER", text, FOOTER)?;
    if variables(text).is_empty() {
        return Ok(());
    }
    Err(GraphError::of_template(2_388_073, "Message footer format is incorrect", "A footer has no variables."))
}

fn check_buttons(component: &Value, new: &New<'_>, most: usize) -> Result<(), GraphError> {
    let buttons = component["buttons"].as_array().map_or(&[][..], Vec::as_slice);
    if !(1..=most).contains(&buttons.len()) {
        return Err(GraphError::param(format!(
            "Param components: there must be 1 to {most} buttons, there are {}",
            buttons.len()
        )));
    }
    let kind = |button: &Value| button["type"].as_str().unwrap_or_default().to_ascii_uppercase();
    for (of, most) in MOST {
        if buttons.iter().filter(|button| kind(button) == *of).count() > *most {
            return Err(GraphError::param(format!("Param components: at most {most} buttons of type {of}")));
        }
    }
    for button in buttons {
        let (kind, text) = (kind(button), button["text"].as_str().unwrap_or_default());
        if !text.is_empty() || matches!(kind.as_str(), "QUICK_REPLY" | "URL" | "PHONE_NUMBER" | "FLOW") {
            long("BUTTONS", text, BUTTON)?;
        }
        let wrong = |says: &str| Err(GraphError::param(format!("Param components: a button of type {kind} {says}")));
        let member = |name: &str| button[name].as_str().unwrap_or_default();
        match kind.as_str() {
            "URL" if member("url").is_empty() || member("url").chars().count() > URL => {
                return wrong("has a url of at most 2000 characters");
            }
            "URL" if !variables(member("url")).is_empty() && button["example"][0].as_str().is_none() => {
                return Err(missing("BUTTONS", "example"));
            }
            "URL" if member("url").contains("{{") && !member("url").ends_with("}}") => {
                return wrong("has its variable at the end of its url");
            }
            "PHONE_NUMBER" if !(1..=PHONE).contains(&member("phone_number").chars().count()) => {
                return wrong("has a phone_number of at most 20 characters");
            }
            "COPY_CODE" if button.get("example").is_none() => return Err(missing("BUTTONS", "example")),
            "OTP" if new.category != "AUTHENTICATION" => return wrong("belongs to an authentication template"),
            "OTP"
                if !matches!(
                    member("otp_type").to_ascii_uppercase().as_str(),
                    "COPY_CODE" | "ONE_TAP" | "ZERO_TAP"
                ) =>
            {
                return wrong("has an otp_type of COPY_CODE, ONE_TAP or ZERO_TAP");
            }
            "FLOW" => {
                let given =
                    ["flow_id", "flow_name", "flow_json"].iter().filter(|name| !member(name).is_empty()).count();
                if given != 1 {
                    return wrong("has one of flow_id, flow_name and flow_json");
                }
            }
            "" => return Err(GraphError::param("Param components: each button has a type")),
            _ => {}
        }
    }
    Ok(())
}
