//! Heads and bodies of methods.

use crate::layout::bracketed;
use crate::schema::{Field, Type};

use super::{STEP, types, variable};

/// Settings that no trace may show. An address of a proxy can hold a password.
const SECRET: [&str; 2] = ["access_token", "proxy"];

/// A method of a class, its opening brace included: after a parameter list of several lines on the line where that ends.
pub(super) fn method(head: &str, parameters: &[String], returns: &str) -> Vec<String> {
    let mut lines = bracketed(STEP, STEP, &format!("{head}("), parameters, returns);
    match &mut lines[..] {
        [_, .., last] => last.push_str(" {"),
        _ => lines.push(format!("{STEP}{{")),
    }
    lines
}

/// An array from core's names to the variables, as `head` wants it.
pub(super) fn wire<'f>(head: &str, fields: impl IntoIterator<Item = &'f Field>, tail: &str) -> Vec<String> {
    let indent = STEP.repeat(2);
    let members = fields.into_iter().map(|field| {
        let given = variable(field);
        let value = match &field.ty {
            Type::DurationMs => format!("Duration::toMilliseconds({given})"),
            // What is neither crosses as it is, and core says so.
            Type::Ref(name) if name == "ServiceWindow" => {
                format!("{given} instanceof ServiceWindow ? {given}->name() : {given}")
            }
            Type::Ref(name) if name == "Message" => {
                format!("{given} instanceof Message ? [{given}->operation, (object) {given}->params] : {given}")
            }
            _ => given,
        };
        format!("{indent}{STEP}'{}' => {value},", field.name)
    });
    let mut lines = vec![format!("{indent}{head}[")];
    lines.extend(members);
    lines.push(format!("{indent}]{tail}"));
    lines
}

/// Arguments, settings and options as a signature has them. PHP would check their types one by one, stop at the first that is
/// wrong, and blame a line of this library; core checks them with everything else and tells what the caller did.
pub(super) fn parameters<'f>(fields: impl IntoIterator<Item = &'f Field>) -> Vec<String> {
    let parameter = |field: &Field| {
        let secret = if SECRET.contains(&field.name.as_str()) { "#[\\SensitiveParameter] " } else { "" };
        let default = if types::is_optional(field) { " = null" } else { "" };
        format!("{secret}mixed {}{default}", variable(field))
    };
    fields.into_iter().map(parameter).collect()
}

/// The variables of fields, as arguments.
pub(super) fn variables<'f>(fields: impl IntoIterator<Item = &'f Field>) -> Vec<String> {
    fields.into_iter().map(variable).collect()
}
