//! Whether a template may be created or changed: every documented limit, told with its place in Graph's body. Limits are in
//! [`limits`]; sources: Meta's pages "Template components" and those on the kinds of templates.

mod button;
mod text;

use serde_json::Value;

use super::definition::{ComponentDefinition, OfferDefinition, TemplateDefinition, is_word};
use super::words::{check_category, check_language, check_name, check_word};
use crate::message::limits;
use crate::message::near::{meant_by, nearest, not_known};
use crate::message::violation::{Checker, Rule, invalid, is_within};
use crate::message::{Invalid, Violation};
use text::{Examples, check_example, check_types, check_variables, count};

/// How variables are named.
const FORMATS: &[&str] = &["POSITIONAL", "NAMED"];
/// What a header can be.
const HEADERS: &[&str] = &["TEXT", "IMAGE", "VIDEO", "GIF", "DOCUMENT", "LOCATION", "PRODUCT"];
/// Those that Meta wants to see an example of.
const MEDIA_HEADERS: &[&str] = &["IMAGE", "VIDEO", "GIF", "DOCUMENT"];

/// Which members a part has besides `type`, of the parts that are known.
const PARTS: &[(&str, &[&str])] = &[
    ("HEADER", &["format", "text", "example"]),
    ("BODY", &["text", "example", "add_security_recommendation"]),
    ("FOOTER", &["text", "code_expiration_minutes"]),
    ("BUTTONS", &["buttons"]),
    ("CAROUSEL", &["cards"]),
    ("LIMITED_TIME_OFFER", &["limited_time_offer"]),
];

/// What the rules of a part depend on.
#[derive(Debug, Clone, Copy)]
struct About {
    is_named: bool,
    /// An authentication template, whose text is Meta's.
    is_code: bool,
    /// A card of a carousel.
    is_card: bool,
}

impl TemplateDefinition {
    /// Everything that Meta would refuse at once, of a template that is to be created, with its place in Graph's body.
    ///
    /// # Errors
    /// [`Invalid`] with at least one violation.
    pub fn check_new(&self) -> Result<(), Invalid> {
        once(|checker| self.tell_new(checker))
    }

    /// The same of what an edit changes: what is not there stays as it is.
    ///
    /// # Errors
    /// [`Invalid`] with at least one violation.
    pub fn check_edit(&self) -> Result<(), Invalid> {
        once(|checker| self.tell_edit(checker))
    }

    fn tell_new(&self, checker: &mut Checker) {
        self.check_types(checker);
        check_name(self.name.as_deref().unwrap_or_default(), checker);
        check_language("language", self.language.as_deref().unwrap_or_default(), checker);
        check_category(self.category.as_deref().unwrap_or_default(), checker);
        self.check_parts(checker);
    }

    fn tell_edit(&self, checker: &mut Checker) {
        self.check_types(checker);
        if let Some(category) = &self.category {
            check_category(category, checker);
        }
        if self.components.is_some() {
            self.check_parts(checker);
        }
    }

    fn check_parts(&self, checker: &mut Checker) {
        if let Some(format) = &self.parameter_format {
            check_word("parameter_format", &format.to_ascii_uppercase(), FORMATS, checker);
        }
        let components = self.components.as_deref().unwrap_or_default();
        if components.is_empty() {
            return checker.refuse_at("components", Rule::Required, "is required: a list with a BODY at least");
        }
        // Unless it says so, they are counted.
        let is_named = is_word(self.parameter_format.as_ref(), "NAMED");
        let is_code = is_word(self.category.as_ref(), "AUTHENTICATION")
            || components.iter().any(|component| component.add_security_recommendation.is_some());
        let about = About { is_named, is_code, is_card: false };
        checker.member("components", |checker| {
            check_all(components, about, checker);
            let is_body = |kind: &String| kind.eq_ignore_ascii_case("BODY") || meant_part(kind) == Some("BODY");
            if !components.iter().any(|component| component.kind.as_ref().is_some_and(is_body)) {
                checker.refuse(Rule::Required, "must have a component of type BODY");
            }
        });
    }
}

/// What is told of a value that is of another type than it should be, or stands under another name, is told once: what else
/// is wrong with it follows from that.
fn once(tell: impl FnOnce(&mut Checker)) -> Result<(), Invalid> {
    let mut checker = Checker::default();
    tell(&mut checker);
    let found = checker.found();
    let of_type: Vec<&str> =
        found.iter().filter(|told| told.rule == Rule::Type.name()).map(|told| told.path.as_str()).collect();
    let misspelt: Vec<String> = found
        .iter()
        .filter_map(|told| {
            let (place, _) = told.path.rsplit_once('.')?;
            meant_by(&told.message).map(|meant| format!("{place}.{meant}"))
        })
        .collect();
    let follows = |told: &&Violation| {
        let is_of_type = told.rule == Rule::Type.name();
        misspelt.iter().any(|path| is_within(&told.path, path))
            || !is_of_type && of_type.iter().any(|path| is_within(&told.path, path))
    };
    let violations: Vec<Violation> = found.iter().filter(|told| !follows(told)).cloned().collect();
    invalid(if violations.is_empty() { Ok(()) } else { Err(violations) })
}

/// The known part that a type is a slip of. What is near none is newer than this version.
fn meant_part(kind: &str) -> Option<&'static str> {
    let known: Vec<&str> = PARTS.iter().map(|(known, _)| *known).collect();
    nearest(kind, &known).filter(|meant| !kind.eq_ignore_ascii_case(meant))
}

/// The parts of a template or of a card.
fn check_all(components: &[ComponentDefinition], about: About, checker: &mut Checker) {
    let mut seen: Vec<String> = Vec::new();
    checker.each(components, |checker, component| {
        component.check_types(checker);
        let kind = component.kind.as_deref().unwrap_or_default().to_ascii_uppercase();
        if kind.is_empty() {
            return checker.refuse_at("type", Rule::Required, "is required: text such as BODY");
        }
        if meant_part(&kind).is_some() {
            let known: Vec<&str> = PARTS.iter().map(|(known, _)| *known).collect();
            return checker.refuse_at("type", Rule::Choice, not_known(&kind, &known));
        }
        if seen.contains(&kind) {
            let place = if about.is_card { "card" } else { "template" };
            checker.refuse_at(
                "type",
                Rule::Unique,
                format!("only one {kind} may be in a {place}, and there is one before"),
            );
        }
        check_members(&kind, component, checker);
        match kind.as_str() {
            "HEADER" => check_header(component, about, checker),
            "BODY" => check_body(component, about, checker),
            "FOOTER" => check_footer(component, about, checker),
            "BUTTONS" => button::check_all(component.buttons.as_deref(), about, checker),
            "CAROUSEL" => check_cards(component, about, checker),
            "LIMITED_TIME_OFFER" => check_offer(component.limited_time_offer.as_ref(), checker),
            // Newer than this version: Meta's to judge.
            _ => {}
        }
        seen.push(kind);
    });
}

/// Members that belong to another part.
fn check_members(kind: &str, component: &ComponentDefinition, checker: &mut Checker) {
    let Some((_, own)) = PARTS.iter().find(|(known, _)| *known == kind) else { return };
    let given = [
        ("format", component.format.is_some()),
        ("text", component.text.is_some()),
        ("example", component.example.is_some()),
        ("buttons", component.buttons.is_some()),
        ("cards", component.cards.is_some()),
        ("limited_time_offer", component.limited_time_offer.is_some()),
        ("add_security_recommendation", component.add_security_recommendation.is_some()),
        ("code_expiration_minutes", component.code_expiration_minutes.is_some()),
    ];
    let foreign = given.map(|(name, is_given)| (name, is_given && !own.contains(&name)));
    checker.none_of(&foreign, &format!("a component of type {kind}"));
}

fn check_header(header: &ComponentDefinition, about: About, checker: &mut Checker) {
    let format = header.format.as_deref().unwrap_or_default().to_ascii_uppercase();
    check_word("format", &format, HEADERS, checker);
    if about.is_card && matches!(format.as_str(), "TEXT" | "DOCUMENT" | "LOCATION") {
        checker.refuse_at("format", Rule::Choice, "must be IMAGE, VIDEO or PRODUCT in a card");
    }
    let example = header.example.as_ref();
    if let Some(example) = example {
        checker.member("example", |checker| check_types(example, checker));
    }
    if format == "TEXT" {
        let text = header.text.as_deref().unwrap_or_default();
        checker.text("text", text, 1, limits::TEMPLATE_HEADER);
        if text.contains('\n') {
            checker.refuse_at("text", Rule::Format, "must be one line");
        }
        let names = check_variables("text", text, about.is_named, checker);
        if names.len() > 1 {
            let message = format!("must have one variable at most, has {}", names.len());
            return checker.refuse_at("text", Rule::Count, message);
        }
        let given = Examples {
            values: example.and_then(|example| count(example, "header_text")),
            named: example.and_then(|example| example.header_text_named_params.as_deref()),
        };
        check_example(&names, about.is_named, ("header_text", "header_text_named_params"), given, checker);
    } else if header.text.is_some() && HEADERS.contains(&format.as_str()) {
        checker.refuse_at(
            "text",
            Rule::Conflict,
            format!("stands in a header of the format TEXT, this one is {format}"),
        );
    }
    if MEDIA_HEADERS.contains(&format.as_str()) {
        let handles = example.and_then(|example| example.header_handle.as_ref());
        if handles.is_none_or(|handles| handles.iter().all(String::is_empty)) {
            checker.member("example", |checker| {
                let message =
                    "is required: a list of one handle from media.upload_handle, so that Meta can see what it is";
                checker.refuse_at("header_handle", Rule::Required, message);
            });
        }
    }
}

fn check_body(body: &ComponentDefinition, about: About, checker: &mut Checker) {
    if let Some(example) = &body.example {
        checker.member("example", |checker| check_types(example, checker));
    }
    // "Authentication templates": the text is Meta's own.
    if about.is_code && body.text.is_none() {
        return;
    }
    let text = body.text.as_deref().unwrap_or_default();
    let most = if about.is_card { limits::CARD_BODY } else { limits::TEMPLATE_BODY };
    checker.text("text", text, 1, most);
    let names = check_variables("text", text, about.is_named, checker);
    // 2388299 ("Error codes").
    let variables = super::variables::all(text);
    let is_first = variables.first().is_some_and(|variable| text[..variable.at.start].trim().is_empty());
    let is_last = variables.last().is_some_and(|variable| text[variable.at.end..].trim().is_empty());
    let place = match (is_first, is_last) {
        (true, true) => "neither begin nor end",
        (true, false) => "not begin",
        (false, true) => "not end",
        (false, false) => "",
    };
    if !place.is_empty() && !about.is_card {
        checker.refuse_at("text", Rule::Format, format!("must {place} with a variable (2388299)"));
    }
    let example = body.example.as_ref();
    let given = Examples {
        values: example.and_then(|example| count(example, "body_text")),
        named: example.and_then(|example| example.body_text_named_params.as_deref()),
    };
    check_example(&names, about.is_named, ("body_text", "body_text_named_params"), given, checker);
}

fn check_footer(footer: &ComponentDefinition, about: About, checker: &mut Checker) {
    if let Some(minutes) = footer.code_expiration_minutes {
        let most = limits::TEMPLATE_CODE_MINUTES;
        if !(1..=most).contains(&minutes) {
            checker.refuse_at("code_expiration_minutes", Rule::Format, format!("must be 1 to {most}, got {minutes}"));
        }
    }
    if about.is_code && footer.text.is_none() {
        return;
    }
    let text = footer.text.as_deref().unwrap_or_default();
    checker.text("text", text, 1, limits::TEMPLATE_FOOTER);
    if !super::variables::all(text).is_empty() {
        checker.refuse_at("text", Rule::Format, "must not have variables");
    }
}

fn check_cards(carousel: &ComponentDefinition, about: About, checker: &mut Checker) {
    let cards = carousel.cards.as_deref().unwrap_or_default();
    checker.count("cards", cards.len(), 1, limits::CARDS);
    checker.items("cards", cards, |checker, card| {
        card.check_types(checker);
        let components = card.components.as_deref().unwrap_or_default();
        checker.member("components", |checker| {
            check_all(components, About { is_card: true, ..about }, checker);
            if !components.iter().any(|component| is_word(component.kind.as_ref(), "HEADER")) {
                checker.refuse(Rule::Required, "must have a component of type HEADER");
            }
        });
    });
}

fn check_offer(offer: Option<&OfferDefinition>, checker: &mut Checker) {
    let Some(offer) = offer else {
        return checker.refuse_at("limited_time_offer", Rule::Required, "is required: an object with text");
    };
    checker.member("limited_time_offer", |checker| {
        offer.check_types(checker);
        checker.text("text", offer.text.as_deref().unwrap_or_default(), 1, limits::TEMPLATE_OFFER);
    });
}

/// The text of a member that is text or a list of one.
fn one_text(value: Option<&Value>) -> Option<&str> {
    match value? {
        Value::String(text) => Some(text),
        Value::Array(items) => items.first()?.as_str(),
        _ => None,
    }
}

#[cfg(test)]
mod tests;
