//! The classes of what is given and what comes back.

use super::annotation::{Way, alternatives, annotation, is_by_hand};
use super::docstring::quoted;
use super::module::{STEP, all, file, import, imports, is_used};
use super::{Python, identifier};
use crate::layout::{WIDTH, bracketed};
use crate::model::{Definition, ErrorClass};
use crate::output::GeneratedFile;
use crate::schema::{Field, Type};

/// A name for a type that has no class.
fn alias(name: &str, ty: &Type) -> Vec<String> {
    let parts = alternatives(ty, Way::Taken);
    let line = format!("{name}: TypeAlias = {}", parts.join(" | "));
    if line.chars().count() <= WIDTH {
        return vec![line];
    }
    let mut lines = vec![format!("{name}: TypeAlias = (")];
    let inner = format!("{STEP}{}", parts.join(" | "));
    if inner.chars().count() <= WIDTH {
        lines.push(inner);
    } else {
        lines.extend(parts.iter().enumerate().map(|(index, part)| {
            let or = if index == 0 { "" } else { "| " };
            format!("{STEP}{or}{part}")
        }));
    }
    lines.push(")".into());
    lines
}

impl Python<'_> {
    /// `types.py`: what is written as plain objects, for type checkers.
    pub(super) fn types(&self) -> GeneratedFile {
        let mut body = Vec::new();
        // They name classes, which must be there before them.
        let mut aliases = Vec::new();
        let mut names = vec!["Settings"];
        for definition in &self.model.definitions {
            if is_by_hand(&definition.name) || self.is_returned(&definition.name) {
                continue;
            }
            names.push(&definition.name);
            match &definition.ty {
                Type::Object(fields) => body.extend(self.given(definition, fields)),
                ty => aliases.extend(alias(&definition.name, ty)),
            }
        }
        body.extend([String::new(), String::new()]);
        body.push("class Settings(TypedDict, total=False):".into());
        body.extend(class_docs(&["The settings of a client, by name."]));
        body.push(String::new());
        for setting in &self.model.settings {
            let name = identifier(setting);
            body.push(match name.as_str() {
                "access_token" => format!("{STEP}{name}: str | TokenFunction | AsyncTokenFunction"),
                _ => format!("{STEP}{name}: {}", self.annotation(setting, Way::Taken)),
            });
        }
        if !aliases.is_empty() {
            body.extend([String::new(), String::new()]);
            body.extend(aliases);
        }
        names.extend(["AsyncTokenFunction", "TokenFunction"]);
        names.sort_unstable();
        let mut lines = imports_at_run_time(&body);
        lines.extend(all(&names));
        lines.extend([String::new()]);
        lines.push("TokenFunction: TypeAlias = Callable[[], str]".into());
        lines.push("AsyncTokenFunction: TypeAlias = Callable[[], Awaitable[str]]".into());
        lines.extend(body);
        file("types.py", "What parameters are made of.", &lines)
    }

    fn given(&self, definition: &Definition, fields: &[Field]) -> Vec<String> {
        let mut lines = vec![String::new(), String::new()];
        let (required, optional): (Vec<&Field>, Vec<&Field>) = fields.iter().partition(|field| field.required);
        let name = &definition.name;
        // `NotRequired` came with Python 3.11; until then a class has either kind of member.
        let (base, rest) = if required.is_empty() || optional.is_empty() {
            let total = if required.is_empty() { ", total=False" } else { "" };
            (format!("TypedDict{total}"), fields.iter().collect())
        } else {
            lines.push(format!("class _{name}(TypedDict):"));
            lines.extend(self.members(&required));
            lines.extend([String::new(), String::new()]);
            (format!("_{name}, total=False"), optional)
        };
        lines.push(format!("class {name}({base}):"));
        let docs = self.docstring(STEP, &definition.docs, &[]);
        if !docs.is_empty() {
            lines.extend(docs);
            lines.push(String::new());
        }
        lines.extend(self.members(&rest));
        lines
    }

    /// Members of an object that is given. One that may be left out cannot be `None`.
    fn members(&self, fields: &[&Field]) -> Vec<String> {
        let members = fields.iter();
        let members = members.flat_map(|field| self.member(field, &annotation(&field.ty, Way::Taken), ""));
        members.collect()
    }

    /// A member, under the core's name, with its documentation below it.
    fn member(&self, field: &Field, annotation: &str, default: &str) -> Vec<String> {
        let line = format!("{STEP}{}: {annotation}{default}", field.name);
        let choices = annotation.strip_prefix("Literal[").and_then(|rest| rest.strip_suffix(']'));
        let mut lines = match choices {
            Some(choices) if line.chars().count() > WIDTH => {
                let choices: Vec<String> = choices.split(", ").map(String::from).collect();
                bracketed(STEP, STEP, &format!("{}: Literal[", field.name), &choices, default)
            }
            _ => vec![line],
        };
        lines.extend(self.docstring(STEP, &field.docs, &[]));
        lines
    }

    /// `results.py`: what comes back.
    pub(super) fn results(&self) -> GeneratedFile {
        let mut body = Vec::new();
        let mut names = Vec::new();
        // What others are made of comes first.
        let mut definitions: Vec<&Definition> = self.returned().collect();
        definitions.sort_by_key(|definition| self.depth(&definition.ty));
        for definition in definitions {
            if let Type::Object(fields) = &definition.ty {
                names.push(definition.name.as_str());
                body.extend(self.result(definition, fields));
            }
        }
        names.sort_unstable();
        let runtime =
            ["from wacloud._errors import error_from_core".to_string(), "from wacloud._results import Result".into()];
        let typing = [("typing", vec!["Any", "Literal"]), ("wacloud._generated.errors", vec!["WhatsAppError"])];
        let mut lines = imports(&runtime, &typing, &body);
        lines.extend(all(&names));
        lines.extend(body);
        file("results.py", "What comes back.", &lines)
    }

    /// `webhooks.py`: events and what they are made of. A file of its own: only who receives webhooks loads it.
    pub(super) fn webhooks(&self) -> GeneratedFile {
        let mut body = Vec::new();
        let mut names = Vec::new();
        let mut definitions: Vec<&Definition> = self.model.webhooks.iter().collect();
        definitions.sort_by_key(|definition| self.depth(&definition.ty));
        for definition in definitions {
            if let Type::Object(fields) = &definition.ty {
                names.push(definition.name.as_str());
                body.extend(match definition.name.as_str() {
                    "WebhookEvent" => self.event(definition, fields),
                    _ => self.result(definition, fields),
                });
            }
        }
        names.sort_unstable();
        let runtime = [
            "from wacloud._errors import errors_from_core".to_string(),
            "from wacloud._event import Event".into(),
            "from wacloud._results import Result".into(),
        ];
        let typing = [("typing", vec!["Any", "Literal"]), ("wacloud._generated.errors", vec!["ApiError"])];
        let mut lines = imports(&runtime, &typing, &body);
        lines.extend(all(&names));
        lines.extend(body);
        file("webhooks.py", "What webhooks tell.", &lines)
    }

    /// The class of events. What is absent is the class's own, so that an event holds only what it has.
    fn event(&self, definition: &Definition, fields: &[Field]) -> Vec<String> {
        let mut lines = vec![String::new(), String::new()];
        lines.push(format!("class {}(Event):", definition.name));
        lines.extend(self.docstring_of_class(STEP, &definition.docs, fields));
        lines.push(String::new());
        lines.extend(self.made(fields));
        lines.push(String::new());
        for field in fields {
            let annotation = self.result_annotation(field);
            let default = match (&field.ty, field.name.as_str()) {
                (_, "kind" | "channel") => " = \"other\"",
                (_, "type") => " = \"unknown\"",
                (Type::Bool, _) => " = False",
                _ => default_of(&annotation),
            };
            lines.extend(self.member(field, &annotation, default));
        }
        lines
    }

    /// How many results lie within each other here.
    fn depth(&self, ty: &Type) -> usize {
        let mut deepest = 0;
        crate::model::visit(ty, &mut |inner| {
            if let Type::Ref(name) = inner
                && let Some(definition) = self.model.definition(name)
            {
                deepest = deepest.max(1 + self.depth(&definition.ty));
            }
        });
        deepest
    }

    fn result(&self, definition: &Definition, fields: &[Field]) -> Vec<String> {
        let mut lines = vec![String::new(), String::new()];
        lines.push(format!("class {}(Result):", definition.name));
        lines.extend(self.docstring_of_class(STEP, &definition.docs, fields));
        lines.push(String::new());
        let slots: Vec<String> = fields.iter().map(|field| format!("{:?}", field.name)).collect();
        lines.extend(match &slots[..] {
            [only] => vec![format!("{STEP}__slots__ = ({only},)")],
            slots => bracketed(STEP, STEP, "__slots__ = (", slots, ""),
        });
        lines.extend(self.made(fields));
        lines.push(String::new());
        for field in fields {
            lines.extend(self.member(field, &self.result_annotation(field), ""));
        }
        lines.push(String::new());
        let mut params = vec!["self".to_string(), "*".into()];
        params.extend(fields.iter().map(|field| {
            let annotation = self.result_annotation(field);
            format!("{}: {annotation}{}", field.name, default_of(&annotation))
        }));
        lines.extend(bracketed(STEP, STEP, "def __init__(", &params, " -> None:"));
        for Field { name, .. } in fields {
            lines.push(format!("{STEP}{STEP}self.{name} = {name}"));
        }
        let is_id = |field: &Field| field.name == "id" && field.ty == Type::String && field.required && !field.nullable;
        if fields.iter().any(is_id) {
            lines.extend([
                String::new(),
                format!("{STEP}def __str__(self) -> str:"),
                format!("{STEP}{STEP}return self.id"),
            ]);
        }
        lines
    }

    fn result_annotation(&self, field: &Field) -> String {
        match field.name.as_str() {
            // Errors cross as data; Python makes exceptions of them.
            "error" => "WhatsAppError | None".into(),
            "errors" => "list[ApiError]".into(),
            _ => self.annotation(field, Way::Returned),
        }
    }

    /// What makes the members that are more than JSON.
    fn made(&self, fields: &[Field]) -> Vec<String> {
        let makers = fields.iter().filter_map(|field| {
            let maker = match (&field.ty, field.name.as_str()) {
                (_, "error") => "error_from_core".to_string(),
                (_, "errors") => "errors_from_core".to_string(),
                (Type::Ref(name), _) if self.is_returned(name) => format!("{name}.from_core"),
                (Type::List(item), _) => match &**item {
                    Type::Ref(name) if self.is_returned(name) => format!("{name}.list_from_core"),
                    _ => return None,
                },
                _ => return None,
            };
            Some(format!("{:?}: {maker}", field.name))
        });
        let makers: Vec<String> = makers.collect();
        match makers.is_empty() {
            true => makers,
            false => bracketed(STEP, STEP, "_made = {", &makers, ""),
        }
    }

    /// `errors.py`.
    pub(super) fn errors(&self) -> GeneratedFile {
        let mut body = Vec::new();
        for error in &self.model.errors {
            body.extend(self.error(error));
        }
        let mut names: Vec<&str> = self.model.errors.iter().map(|e| e.name.as_str()).collect();
        names.sort_unstable();
        let carried = self.returned().map(|definition| definition.name.as_str());
        let carried: Vec<&str> = carried.filter(|name| is_used(name, &body)).collect();
        let mut runtime = vec!["from wacloud._errors import BaseError".to_string()];
        if !carried.is_empty() {
            runtime.extend(import("wacloud._generated.results", &carried));
        }
        let mut lines = imports(&runtime, &[("typing", vec!["Any", "Literal"])], &body);
        lines.extend(all(&names));
        lines.extend(body);
        file("errors.py", "What can go wrong.", &lines)
    }

    fn error(&self, error: &ErrorClass) -> Vec<String> {
        let parent = error.parent.as_deref().unwrap_or("BaseError");
        let mut lines = vec![String::new(), String::new()];
        lines.push(format!("class {}({parent}):", error.name));
        lines.extend(self.docstring(STEP, &error.docs, &[]));
        lines.push(String::new());
        // What a traceback shows, and where it is found again when unpickled.
        lines.push(format!("{STEP}__module__ = \"wacloud\""));
        lines.extend(self.made(&error.fields));
        if !error.fields.is_empty() {
            lines.push(String::new());
        }
        for field in &error.fields {
            let annotation = self.annotation(field, Way::Returned);
            lines.extend(self.member(field, &annotation, default_of(&annotation)));
        }
        lines
    }
}

/// What may be missing is `None` then.
fn default_of(annotation: &str) -> &'static str {
    if annotation.ends_with("| None") { " = None" } else { "" }
}

/// What `types.py` needs besides the aliases of its own; all of it is evaluated, so that tools can look at it.
fn imports_at_run_time(body: &[String]) -> Vec<String> {
    let of = |module: &str, always: &[&'static str], names: &[&'static str]| {
        let used = names.iter().filter(|name| is_used(name, body));
        let mut names: Vec<&str> = always.iter().chain(used).copied().collect();
        names.sort_unstable();
        format!("from {module} import {}", names.join(", "))
    };
    let mut lines = vec![
        "from __future__ import annotations".into(),
        String::new(),
        of("collections.abc", &["Awaitable", "Callable"], &["Sequence"]),
    ];
    if is_used("PathLike", body) {
        lines.push("from os import PathLike".into());
    }
    lines.extend([of("typing", &["TypeAlias", "TypedDict"], &["Any", "Literal"]), String::new()]);
    if is_used("Media", body) {
        if is_used("UploadedMedia", body) {
            lines.push("from wacloud._generated.results import UploadedMedia".into());
        }
        lines.extend(["from wacloud._values import Media".into(), String::new()]);
    }
    lines
}

/// A class's docstring that is no documentation of the core's.
pub(super) fn class_docs(lines: &[&str]) -> Vec<String> {
    quoted(STEP, lines.iter().map(|line| (*line).to_string()).collect())
}
