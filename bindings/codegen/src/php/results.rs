//! The classes of what comes back.

use std::collections::BTreeSet;

use crate::model::{Definition, visit};
use crate::schema::{Field, Type};

use super::comment::comment;
use super::{Php, STEP, identifier, types};

impl Php<'_> {
    /// The definitions with a class: what a call returns or an exception holds, and what those are made of.
    pub(super) fn returned(&self) -> impl Iterator<Item = &Definition> {
        let back = || self.model.results.iter().chain(&self.model.webhooks);
        let mut names: BTreeSet<&str> = back().map(|result| result.name.as_str()).collect();
        let held = self.model.errors.iter().flat_map(|error| &error.fields);
        for field in held {
            visit(&field.ty, &mut |ty| {
                if let Type::Ref(name) = ty
                    && let Some(definition) = self.model.definition(name)
                {
                    names.insert(definition.name.as_str());
                }
            });
        }
        let all = back().chain(&self.model.definitions);
        all.filter(move |definition| names.contains(definition.name.as_str()))
    }

    fn is_returned(&self, name: &str) -> bool {
        self.returned().any(|definition| definition.name == name)
    }

    /// Name and class of each.
    pub(super) fn results(&self) -> impl Iterator<Item = (&str, Vec<String>)> {
        self.returned().filter_map(|definition| match &definition.ty {
            Type::Object(fields) => Some((definition.name.as_str(), self.result(definition, fields))),
            _ => None,
        })
    }

    fn result(&self, definition: &Definition, fields: &[Field]) -> Vec<String> {
        let has_id = fields.iter().any(|field| {
            let is_there = !types::is_optional(field);
            field.name == "id" && field.ty == Type::String && is_there
        });
        let mut fields: Vec<&Field> = fields.iter().collect();
        fields.sort_by_key(|field| types::is_optional(field));
        let mut lines = comment("", &self.lines("", &definition.docs));
        let stringable = if has_id { ", \\Stringable" } else { "" };
        lines.extend([
            format!("final readonly class {} implements \\JsonSerializable{stringable}", definition.name),
            "{".into(),
            format!("{STEP}public function __construct("),
        ]);
        let inner = STEP.repeat(2);
        for field in &fields {
            lines.extend(comment(&inner, &self.property_docs(&inner, field)));
            let default = if types::is_optional(field) { " = null" } else { "" };
            lines.push(format!("{inner}public {} ${}{default},", self.property(field), identifier(field)));
        }
        lines.extend([format!("{STEP}) {{"), format!("{STEP}}}"), String::new()]);
        lines.extend(self.maker(&definition.name, &fields));
        if has_id {
            lines.extend(simple_method("public function __toString(): string", "return $this->id;"));
        }
        lines.push(String::new());
        lines.extend(comment(STEP, &["@return array<string, mixed>".into()]));
        lines.extend(
            simple_method("public function jsonSerialize(): array", "return get_object_vars($this);")
                .into_iter()
                .skip(1),
        );
        lines.push("}".into());
        lines
    }

    fn maker(&self, class: &str, fields: &[&Field]) -> Vec<String> {
        let tags = ["@internal".to_string(), String::new(), "@param array<string, mixed> $data".into()];
        let mut lines = comment(STEP, &tags);
        lines.extend([
            format!("{STEP}public static function fromCore(array $data): self"),
            format!("{STEP}{{"),
            format!("{STEP}{STEP}return new self("),
        ]);
        for field in fields {
            lines.push(format!("{}{}: {},", STEP.repeat(3), identifier(field), self.read_of(class, field)));
        }
        lines.extend([format!("{STEP}{STEP});"), format!("{STEP}}}")]);
        lines
    }

    /// The PHP type of a property that core fills.
    pub(super) fn property(&self, field: &Field) -> String {
        let ty = match &field.ty {
            _ if is_error(field) => "WhatsAppError".into(),
            Type::Ref(name) if self.is_returned(name) => name.clone(),
            Type::Map(_) => "array".into(),
            ty => types::native(self.model, ty),
        };
        types::nullable(ty, types::is_optional(field))
    }

    /// What is said about such a property, its type included where PHP's own says less.
    pub(super) fn property_docs(&self, indent: &str, field: &Field) -> Vec<String> {
        let mut lines = self.lines(indent, &field.docs);
        let is_class = matches!(&field.ty, Type::Ref(name) if self.is_returned(name));
        let exact = match &field.ty {
            _ if is_error(field) || is_class => return lines,
            Type::List(_) if is_list_of_errors(field) => "list<ApiError>".into(),
            Type::List(item) => match &**item {
                Type::Ref(name) if self.is_returned(name) => format!("list<{name}>"),
                item => format!("list<{}>", types::documented(self.model, item)),
            },
            ty => types::documented(self.model, ty),
        };
        if exact != types::native(self.model, &field.ty) {
            let null = if types::is_optional(field) { "|null" } else { "" };
            lines.extend([String::new(), format!("@var {exact}{null}")]);
        }
        lines
    }

    /// How a property of a class is read. Events leave out what is empty or false.
    fn read_of(&self, class: &str, field: &Field) -> String {
        let read = self.read(field);
        let value = format!("$data['{}']", field.name);
        match &field.ty {
            Type::Bool if class == "WebhookEvent" => format!("{value} ?? false"),
            Type::List(_) if class == "WebhookEvent" && !types::is_optional(field) => {
                read.replace(&value, &format!("{value} ?? []"))
            }
            _ => read,
        }
    }

    /// How a property is read from core's data.
    pub(super) fn read(&self, field: &Field) -> String {
        let value = format!("$data['{}']", field.name);
        let made = match &field.ty {
            _ if is_error(field) => format!("Errors::fromCore({value})"),
            Type::Ref(name) if self.is_returned(name) => format!("{name}::fromCore({value})"),
            Type::List(_) if is_list_of_errors(field) => format!("array_map(Errors::fromCore(...), {value})"),
            Type::List(item) => match &**item {
                Type::Ref(name) if self.is_returned(name) => format!("array_map({name}::fromCore(...), {value})"),
                _ => value.clone(),
            },
            Type::DurationMs => format!("Duration::toSeconds({value})"),
            _ => value.clone(),
        };
        match types::is_optional(field) {
            false => made,
            true if made == value => format!("{value} ?? null"),
            true => format!("isset({value}) ? {made} : null"),
        }
    }
}

/// Errors cross as data, which no schema describes; PHP makes exceptions of them.
fn is_error(field: &Field) -> bool {
    field.name == "error"
}

/// The same for several.
fn is_list_of_errors(field: &Field) -> bool {
    field.name == "errors"
}

/// A method with one statement, after a blank line.
fn simple_method(head: &str, statement: &str) -> Vec<String> {
    vec![
        String::new(),
        format!("{STEP}{head}"),
        format!("{STEP}{{"),
        format!("{STEP}{STEP}{statement}"),
        format!("{STEP}}}"),
    ]
}
