//! Tables by which members are renamed, field by field, between camelCase here and snake_case in the core. Keys that
//! are the user's own are in no table, and stay.

use std::collections::BTreeSet;

use crate::model::{Model, Operation};
use crate::schema::{Field, Type};

use super::expression::Expression;
use super::types::{self, references};
use super::{LANGUAGE, STEP, identifier, import, table_name};

/// Writes shapes, as far as there is something to rename.
pub(super) struct Shapes<'a> {
    model: &'a Model,
    /// Definitions that the core tells: they have a shape in any case, because it is by their shape that members that
    /// are null are left out.
    told: BTreeSet<String>,
}

impl<'a> Shapes<'a> {
    pub(super) fn new(model: &'a Model) -> Self {
        let outputs = model.operations.iter().map(|operation| &operation.output);
        let back = || model.results.iter().chain(&model.webhooks);
        let results = back().map(|result| &result.ty);
        let errors = model.errors.iter().flat_map(|error| &error.fields);
        let mut told: BTreeSet<String> = back().map(|known| known.name.clone()).collect();
        let mut next = references(outputs.chain(results).chain(errors.map(|field| &field.ty)));
        while let Some(name) = next.pop_first() {
            let definition = model.definition(&name).map(|known| &known.ty);
            if told.insert(name) {
                next.append(&mut references(definition));
            }
        }
        Self { model, told }
    }

    /// How members of a type are renamed.
    pub(super) fn of(&self, ty: &Type) -> Option<Expression> {
        match ty {
            Type::List(items) => Some(Expression::Call("listOf", vec![self.of(items)?])),
            Type::Map(values) => Some(Expression::Call("mapOf", vec![self.of(values)?])),
            ty if ty.is_event() => Some(Expression::Name("incoming".into())),
            Type::Object(fields) => {
                let shape = self.of_fields(fields);
                (!shape.is_empty()).then(|| shape.into())
            }
            Type::Ref(name) => self.has_name(name).then(|| Expression::Name(naming_of(name))),
            Type::Union(members) => {
                let mut shapes: Vec<_> = members.iter().filter_map(|member| self.of(member)).collect();
                match shapes.len() {
                    0 | 1 => shapes.pop(),
                    _ => Some(Expression::Call("either", shapes)),
                }
            }
            _ => None,
        }
    }

    /// How these members are renamed.
    pub(super) fn of_fields<'f>(&self, fields: impl IntoIterator<Item = &'f Field>) -> Struct {
        let mut shape = Struct::default();
        for field in fields {
            let here = identifier(field);
            // Several classes of errors have members of the same name.
            if here != field.name && shape.names.iter().all(|(known, _)| *known != here) {
                shape.names.push((here, Expression::Text(field.name.clone())));
            }
            if let Some(member) = self.of(&field.ty) {
                shape.members.push((field.name.clone(), member));
            }
        }
        shape
    }

    /// Whether the definition has a shape of its own.
    fn has_name(&self, name: &str) -> bool {
        let definition = self.model.definition(name);
        definition.is_some_and(|known| {
            let is_told = self.told.contains(name) && matches!(known.ty, Type::Object(_));
            is_told || self.of(&known.ty).is_some()
        })
    }

    /// Definitions with a shape, each after those that it is made of.
    fn definitions(&self) -> Vec<Vec<String>> {
        let mut done = BTreeSet::new();
        let mut written = Vec::new();
        for known in self.model.definitions.iter().chain(&self.model.results).chain(&self.model.webhooks) {
            self.define(&known.name, &mut done, &mut written);
        }
        written
    }

    fn define(&self, name: &str, done: &mut BTreeSet<String>, written: &mut Vec<Vec<String>>) {
        if !self.has_name(name) || !done.insert(name.to_string()) {
            return;
        }
        let Some(known) = self.model.definition(name) else {
            return;
        };
        for part in references([&known.ty]) {
            self.define(&part, done, written);
        }
        let shape = match &known.ty {
            Type::Object(fields) => Some(self.of_fields(fields).into()),
            ty => self.of(ty),
        };
        let head = format!("export const {} = ", naming_of(name));
        written.extend(shape.map(|shape| shape.lines("", &head, "")));
    }
}

/// Names that differ, and members that have some.
#[derive(Debug, Default)]
pub(super) struct Struct {
    names: Vec<(String, Expression)>,
    members: Vec<(String, Expression)>,
}

impl Struct {
    fn is_empty(&self) -> bool {
        self.names.is_empty() && self.members.is_empty()
    }
}

impl From<Struct> for Expression {
    fn from(shape: Struct) -> Self {
        let mut arguments = vec![Expression::Object(shape.names)];
        if !shape.members.is_empty() {
            arguments.push(Expression::Object(shape.members));
        }
        Expression::Call("struct", arguments)
    }
}

/// `SentMessage` is `sentMessage`.
fn naming_of(definition: &str) -> String {
    let mut letters = definition.chars();
    let first = letters.next().map(|letter| letter.to_ascii_lowercase());
    first.into_iter().chain(letters).collect()
}

/// The contents of `operations.ts`.
pub(super) fn operations(model: &Model) -> Vec<String> {
    let shapes = Shapes::new(model);
    let outputs = references(model.operations.iter().map(|operation| &operation.output));

    let mut body: Vec<String> = Vec::new();
    for lines in shapes.definitions() {
        body.push(String::new());
        body.extend(lines);
    }
    // Some classes have a member in common.
    let mut seen = std::collections::HashSet::new();
    let errors = model.errors.iter().flat_map(|error| &error.fields).filter(|field| seen.insert(&field.name));
    for (name, shape) in [
        ("errorFields", shapes.of_fields(errors)),
        ("clientSettings", shapes.of_fields(&model.settings)),
        ("bulkOptions", shapes.of_fields(&model.bulk_options)),
    ] {
        let shape = Expression::from(shape);
        body.push(String::new());
        body.extend(shape.lines("", &format!("export const {name} = "), ""));
    }
    // All of them: it is by their names that they are told from the options of a message.
    let names = model.call_options.iter().map(|field| (identifier(field), Expression::Text(field.name.clone())));
    let shape = Expression::Call("struct", vec![Expression::Object(names.collect())]);
    body.push(String::new());
    body.extend(shape.lines("", "export const callOptions = ", ""));
    let names = model.settings_in(LANGUAGE).into_iter().map(|(core, here)| (core, Expression::Text(here)));
    body.push(String::new());
    body.push("/** Settings and options by the names that the core has for them, also in its texts. */".into());
    let head = "export const settingNames: Readonly<Record<string, string>> = ";
    body.extend(Expression::Object(names.collect()).lines("", head, ""));
    let classes =
        model.errors.iter().map(|error| (error.name.clone(), Expression::Name(format!("errors.{}", error.name))));
    body.push(String::new());
    body.push("/** The classes by the names that the core has for them. */".into());
    body.extend(Expression::Object(classes.collect()).lines(
        "",
        "export const errorClasses: Readonly<Record<string, typeof errors.WhatsAppError>> = ",
        "",
    ));
    for known in &model.operations {
        body.push(String::new());
        body.extend(operation(known, &shapes));
    }

    let functions = ["either", "listOf", "mapOf", "struct"].map(String::from);
    let is_used = |function: &String| body.iter().any(|line| line.contains(&format!("{function}(")));
    let used = functions.into_iter().filter(is_used);
    let mut lines = vec![
        "import { incoming } from '../incoming.js'".to_string(),
        "import { reader, type Operation } from '../operation.js'".to_string(),
    ];
    lines.extend(import(used, "import", "../values.js"));
    lines.push("import * as errors from './errors.js'".into());
    lines.extend(import(outputs, "import type", "./types.js"));
    lines.extend(body);
    lines
}

fn operation(operation: &Operation, shapes: &Shapes<'_>) -> Vec<String> {
    let required = operation.params.iter().filter(|param| param.required);
    let required = required.map(|param| Expression::Text(param.name.clone()));
    let output = shapes.of(&operation.output).into_iter().collect();
    let name = table_name(operation);
    [
        vec![format!("export const {name}: Operation<{}> = {{", types::name(&operation.output))],
        vec![format!("{STEP}name: '{}',", operation.name)],
        Expression::List(required.collect()).lines(STEP, "required: ", ","),
        Expression::from(shapes.of_fields(&operation.params)).lines(STEP, "params: ", ","),
        Expression::Call("reader", output).lines(STEP, "read: ", ","),
        vec!["}".to_string()],
    ]
    .concat()
}
