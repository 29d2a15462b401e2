//! The error classes. What they have in common is written by hand, and so is the making of one from what the core tells.

use crate::docs::Speech;
use crate::model::{ErrorClass, Model};

use super::types::{self, references};
use super::{STEP, documented, identifier, import};

/// The contents of `errors.ts`.
pub(super) fn errors(model: &Model, speech: &Speech) -> Vec<String> {
    let fields = model.errors.iter().flat_map(|error| &error.fields);
    let used = references(fields.map(|field| &field.ty));
    let mut lines = vec!["import { Failure } from '../failure.js'".to_string()];
    lines.extend(import(used, "import type", "./types.js"));
    for error in &model.errors {
        lines.push(String::new());
        lines.extend(class(error, speech));
    }
    lines
}

fn class(error: &ErrorClass, speech: &Speech) -> Vec<String> {
    let parent = error.parent.as_deref().unwrap_or("Failure");
    let mut lines = documented("", &error.docs, speech);
    lines.push(format!("export class {} extends {parent} {{", error.name));
    for field in &error.fields {
        lines.extend(documented(STEP, &field.docs, speech));
        let mark = if types::is_optional(field) { "?" } else { "" };
        let ty = types::name(&field.ty);
        lines.push(format!("{STEP}declare readonly {}{mark}: {ty}", identifier(field)));
    }
    if !error.fields.is_empty() {
        lines.push(String::new());
    }
    lines.push(format!("{STEP}static {{"));
    lines.push(format!("{STEP}{STEP}this.prototype.name = '{}'", error.name));
    lines.push(format!("{STEP}}}"));
    lines.push("}".into());
    lines
}
