//! Variables in the texts of a new template, and what stands for them while Meta reads it.

use serde_json::Value;

use crate::message::violation::{Checker, Rule};
use crate::template::definition::{ComponentExample, NamedExample};
use crate::template::{told, variables};

/// Checks the variables of a text, and tells their names.
pub(super) fn check_variables<'t>(
    member: &'static str,
    text: &'t str,
    is_named: bool,
    checker: &mut Checker,
) -> Vec<&'t str> {
    let names = variables::names(text);
    if is_named {
        let plain = |b: u8| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'_';
        let is_name = |name: &str| name.bytes().all(plain) && name.starts_with(|c: char| c.is_ascii_lowercase());
        for name in names.iter().filter(|name| !is_name(name)) {
            let message = format!("has the variable {{{{{name}}}}}: names are lower-case letters, digits and _");
            checker.refuse_at(member, Rule::Format, message);
        }
        return names;
    }
    if let Some(name) = names.iter().find(|name| name.parse::<u32>().is_err()) {
        let message = format!(
            "has the variable {{{{{name}}}}}: names need parameter_format NAMED, else variables are {{{{1}}}}, {{{{2}}}} …"
        );
        checker.refuse_at(member, Rule::Format, message);
    } else if let Some(missing) = (1..=names.len()).find(|number| !names.iter().any(|name| *name == number.to_string()))
    {
        let message = format!("must count its variables from {{{{1}}}} without a gap: {{{{{missing}}}}} is missing");
        checker.refuse_at(member, Rule::Format, message);
    }
    names
}

/// Members of an example whose values Meta takes in short, too: a body's, a list in a list, as a list, and either as the text
/// alone where there is one ("Media card carousel templates", "Multi-product message templates").
const IN_SHORT: &[&str] = &["body_text", "header_text"];

/// How many values stand in short at that member.
fn count_in_short(example: &ComponentExample, member: &str) -> Option<usize> {
    match example.rest.0.get(member)? {
        Value::String(_) => Some(1),
        Value::Array(values) if values.iter().all(Value::is_string) => Some(values.len()),
        _ => None,
    }
}

/// How many values the example has at that member, in order.
pub(super) fn count(example: &ComponentExample, member: &str) -> Option<usize> {
    let values = match member {
        "body_text" => example.body_text.as_deref().map(|lists| lists.first().map_or(0, Vec::len)),
        _ => example.header_text.as_deref().map(<[String]>::len),
    };
    values.or_else(|| count_in_short(example, member))
}

/// Tells members of an example that are of another type than they should be.
pub(super) fn check_types(example: &ComponentExample, checker: &mut Checker) {
    let mut example = example.clone();
    for member in IN_SHORT {
        if count_in_short(&example, member).is_some() {
            example.rest.0.shift_remove(*member);
        }
    }
    example.check_types(checker);
}

/// What stands for the variables of a text.
#[derive(Debug, Clone, Copy)]
pub(super) struct Examples<'e> {
    /// How many values are given in order.
    pub(super) values: Option<usize>,
    pub(super) named: Option<&'e [NamedExample]>,
}

/// Whether each variable has an example. `members` is where they stand: in order, and by name.
pub(super) fn check_example(
    names: &[&str],
    is_named: bool,
    members: (&'static str, &'static str),
    given: Examples<'_>,
    checker: &mut Checker,
) {
    if names.is_empty() {
        return;
    }
    // Names where they should be counted, which has been told: the examples of such names are named, too. A gap, which has
    // been told as well, is none where they are counted right.
    let are_names = names.iter().all(|name| name.parse::<u32>().is_err());
    if are_names && !is_named && given.values.is_some() {
        return;
    }
    let is_named = is_named || are_names;
    let counted: Vec<String> = (1..=names.len()).map(|number| number.to_string()).collect();
    let braced = if is_named { told::braced(names) } else { told::braced(&counted) };
    checker.member("example", |checker| match (is_named, given.values, given.named) {
        (false, None, _) => {
            checker.refuse_at(members.0, Rule::Required, format!("is required: what stands for {braced}"));
        }
        (false, Some(count), _) if count != names.len() => {
            checker.refuse_at(members.0, Rule::Count, format!("must have a value for each of {braced}, has {count}"));
        }
        (true, _, None) => {
            checker.refuse_at(members.1, Rule::Required, format!("is required: what stands for {braced}"));
        }
        (true, _, Some(named)) => {
            checker.items(members.1, named, |checker, example| example.check_types(checker));
            for name in names {
                if !named.iter().any(|example| example.param_name.as_deref() == Some(name)) {
                    checker.refuse_at(members.1, Rule::Required, format!("has no value for {{{{{name}}}}}"));
                }
            }
        }
        (false, Some(_), _) => {}
    });
}
