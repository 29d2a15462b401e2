//! Header, body and buttons, of a template or of a card.

use super::button::{self, Button};
use crate::message::near::nearest;
use crate::message::template::{Component, Parameter};
use crate::message::violation::{Checker, Rule};
use crate::template::definition::{ComponentDefinition, is_word};
use crate::template::{told, variables};

/// What a part of a template waits for.
#[derive(Debug, Clone)]
pub(super) struct Part {
    title: String,
    is_named: bool,
    header: Header,
    /// The names of the body's variables.
    body: Vec<String>,
    buttons: Vec<Button>,
}

#[derive(Debug, Clone)]
enum Header {
    None,
    /// The names of its variables.
    Text(Vec<String>),
    /// `IMAGE`, `LOCATION` …
    Other(String),
}

fn names(text: &str) -> Vec<String> {
    variables::names(text).into_iter().map(str::to_owned).collect()
}

impl Part {
    pub(super) fn new(title: String, components: &[ComponentDefinition], is_named: bool, is_code: bool) -> Self {
        let find = |kind: &str| components.iter().find(|component| is_word(component.kind.as_ref(), kind));
        let header = match find("HEADER") {
            None => Header::None,
            Some(header) if is_word(header.format.as_ref(), "TEXT") || header.format.is_none() => {
                Header::Text(names(header.text.as_deref().unwrap_or_default()))
            }
            Some(header) => Header::Other(header.format.clone().unwrap_or_default().to_ascii_uppercase()),
        };
        let body = match find("BODY").map(|body| body.text.as_deref()) {
            Some(Some(text)) => names(text),
            // Meta's own text, which shows the code ("Authentication templates").
            Some(None) if is_code => vec!["1".to_owned()],
            _ => Vec::new(),
        };
        let buttons = find("BUTTONS").and_then(|component| component.buttons.as_deref()).unwrap_or_default();
        Part { title, is_named, header, body, buttons: buttons.iter().map(Button::new).collect() }
    }

    pub(super) fn is_product(&self) -> bool {
        matches!(&self.header, Header::Other(format) if format == "PRODUCT")
    }

    pub(super) fn check(&self, components: &[Component], checker: &mut Checker) {
        let header = components.iter().enumerate().find_map(|(place, component)| match component {
            Component::Header(header) => Some((place, header.parameters.as_deref().unwrap_or_default())),
            _ => None,
        });
        self.check_header(header, checker);
        let body = components.iter().enumerate().find_map(|(place, component)| match component {
            Component::Body(body) => Some((place, body.parameters.as_deref().unwrap_or_default())),
            _ => None,
        });
        self.check_values("body", &self.body, body, checker);
        button::check(&self.buttons, &self.title, components, checker);
    }

    fn check_header(&self, given: Option<(usize, &[Parameter])>, checker: &mut Checker) {
        let title = &self.title;
        let got = given.and_then(|(place, parameters)| Some((place, parameters.first()?.kind())));
        match (&self.header, got) {
            (Header::None, None) => {}
            (Header::None, Some((place, kind))) => {
                let message = format!("{title} has no header, got {}", told::kind(kind));
                checker.item(place, |c| c.refuse(Rule::Conflict, message));
            }
            (Header::Other(format), None) => {
                let message = format!("header of {title} is {}, none was given", told::kind(format));
                checker.refuse(Rule::Required, message);
            }
            (Header::Other(format), Some((_, kind))) if format.eq_ignore_ascii_case(kind) => {}
            (Header::Other(format), Some((place, kind))) => {
                let message = format!("header of {title} is {}, got {}", told::kind(format), told::kind(kind));
                checker.item(place, |c| {
                    c.member("parameters", |c| c.item(0, |c| c.refuse_at("type", Rule::Choice, message)));
                });
            }
            (Header::Text(names), Some((place, kind))) if !matches!(kind, "text" | "currency" | "date_time") => {
                let takes = if names.is_empty() { " and takes no value" } else { "" };
                let message = format!("header of {title} is text{takes}, got {}", told::kind(kind));
                checker.item(place, |c| {
                    c.member("parameters", |c| c.item(0, |c| c.refuse_at("type", Rule::Choice, message)));
                });
            }
            (Header::Text(names), _) => self.check_values("header", names, given, checker),
        }
    }

    /// The values of a text's variables.
    fn check_values(&self, part: &str, wanted: &[String], given: Option<(usize, &[Parameter])>, checker: &mut Checker) {
        let (place, parameters) = given.map_or((None, &[][..]), |(place, parameters)| (Some(place), parameters));
        let told = self.judge_values(part, wanted, parameters);
        for (index, rule, message) in told {
            match (place, index) {
                (None, _) => checker.refuse(rule, message),
                (Some(place), None) => checker.item(place, |c| c.refuse_at("parameters", rule, message)),
                (Some(place), Some(index)) => checker.item(place, |c| {
                    c.member("parameters", |c| c.item(index, |c| c.refuse_at("parameter_name", rule, message)));
                }),
            }
        }
    }

    /// What is wrong, each with the index of the value that it is about, if it is about one.
    fn judge_values(&self, part: &str, wanted: &[String], given: &[Parameter]) -> Vec<(Option<usize>, Rule, String)> {
        let of = format!("{part} of {}", self.title);
        let got = given.len();
        let has_names = given.iter().any(|parameter| parameter.name().is_some());
        if wanted.is_empty() || got == 0 {
            if wanted.len() == got {
                return Vec::new();
            }
            return vec![(None, Rule::Count, format!("{of} takes {}, got {got}", told::values(wanted)))];
        }
        let braced = told::braced(wanted);
        match (self.is_named, has_names) {
            (false, false) if wanted.len() == got => Vec::new(),
            (false, false) => vec![(None, Rule::Count, format!("{of} takes {}, got {got}", told::values(wanted)))],
            (false, true) => {
                vec![(None, Rule::Conflict, format!("{of} takes its values in order, {braced}, got them by name"))]
            }
            (true, false) => {
                vec![(None, Rule::Conflict, format!("{of} takes its values by name, {braced}, got {got} in order"))]
            }
            (true, true) => by_name(&of, wanted, given),
        }
    }
}

/// Values by name: those that are missing, and those that are none of the template's.
fn by_name(of: &str, wanted: &[String], given: &[Parameter]) -> Vec<(Option<usize>, Rule, String)> {
    let braced = told::braced(wanted);
    let names: Vec<&str> = given.iter().filter_map(Parameter::name).collect();
    let missing: Vec<&str> = wanted.iter().map(String::as_str).filter(|name| !names.contains(name)).collect();
    let mut told = Vec::new();
    if !missing.is_empty() {
        let is = if missing.len() == 1 { "is" } else { "are" };
        let message = format!("{of} takes {braced}: {} {is} missing", told::braced(&missing));
        told.push((None, Rule::Required, message));
    }
    for (index, name) in given.iter().enumerate().filter_map(|(index, p)| Some((index, p.name()?))) {
        if !wanted.iter().any(|known| known == name) {
            let meant = nearest(name, &missing).map(|meant| format!("; did you mean {{{{{meant}}}}}?"));
            let message = format!("{of} takes {braced}, not {{{{{name}}}}}{}", meant.unwrap_or_default());
            told.push((Some(index), Rule::Unknown, message));
        }
    }
    told
}
