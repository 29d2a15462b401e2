//! The Node package's classes.

mod classes;
mod errors;
mod expression;
mod shapes;
mod types;

use std::collections::BTreeSet;

use expression::Expression;

use crate::docs::{self, Docs, Speech};
use crate::layout::{self, WIDTH};
use crate::model::{Model, Operation};
use crate::naming::{self, Language};
use crate::output::{BANNER, GeneratedFile};
use crate::schema::Field;

/// Where they lie; nothing else lies there.
pub(crate) const FOLDER: &str = "node/src/generated";

const LANGUAGE: Language = Language::Node;
const STEP: &str = "  ";

/// All files of that folder.
pub(crate) fn emit(model: &Model) -> Vec<GeneratedFile> {
    let speech = Speech::new(LANGUAGE, model);
    let version = vec![format!("export const VERSION = '{}'", model.version)];
    [
        ("client.ts", classes::client(model, &speech)),
        ("errors.ts", errors::errors(model, &speech)),
        ("message.ts", classes::message(model, &speech)),
        ("operations.ts", shapes::operations(model)),
        ("types.ts", types::types(model, &speech)),
        ("version.ts", version),
    ]
    .map(|(path, lines)| GeneratedFile::new(path, format!("// {BANNER}\n\n{}\n", lines.join("\n"))))
    .into()
}

fn identifier(field: &Field) -> String {
    LANGUAGE.identifier(&field.name, &field.ty)
}

/// The interface with the optional parameters of an operation: what a message of that kind is built with is named after
/// the message, anything else after the call.
fn options_name(operation: &Operation) -> Option<String> {
    let name = operation.constructor.clone().unwrap_or_else(|| operation.name.replace('.', "_"));
    let has_options = operation.params.iter().any(|param| !param.required);
    has_options.then(|| naming::pascal(&name) + "Options")
}

/// The name of an operation among the tables: `phoneGet` of `phone.get`.
fn table_name(operation: &Operation) -> String {
    naming::camel(&operation.name.replace('.', "_"))
}

/// A documentation comment, on one line if it fits.
fn comment(indent: &str, lines: &[String]) -> Vec<String> {
    match lines {
        [] => Vec::new(),
        [line] if indent.len() + line.chars().count() + 7 <= WIDTH => {
            vec![format!("{indent}/** {line} */")]
        }
        lines => {
            let mut text = vec![format!("{indent}/**")];
            text.extend(lines.iter().map(|line| format!("{indent} * {line}").trim_end().to_string()));
            text.push(format!("{indent} */"));
            text
        }
    }
}

/// The comment that says what the documentation says.
fn documented(indent: &str, docs: &Docs, speech: &Speech) -> Vec<String> {
    // A comment of one line has its marks around it.
    let width = WIDTH - indent.len() - 3;
    let lines = docs.lines(speech, width);
    comment(indent, &lines)
}

/// A line of a comment that explains a parameter.
fn parameter(indent: &str, name: &str, docs: &str) -> Vec<String> {
    let width = WIDTH - indent.len() - 3;
    docs::wrap(&format!("{name} - {docs}"), width, "@param ", "  ")
}

/// The line that imports these names, sorted and each once.
fn import(names: impl IntoIterator<Item = String>, kind: &str, from: &str) -> Vec<String> {
    let names: BTreeSet<String> = names.into_iter().collect();
    if names.is_empty() {
        return Vec::new();
    }
    let members = names.into_iter().map(|name| (name.clone(), Expression::Name(name)));
    Expression::Object(members.collect()).lines("", &format!("{kind} "), &format!(" from '{from}'"))
}

/// A signature, parameters on lines of their own if they do not fit on one.
fn signature(indent: &str, head: &str, parameters: &[String], tail: &str) -> Vec<String> {
    layout::bracketed(indent, STEP, &format!("{head}("), parameters, tail)
}
