//! Interfaces and types: what goes in, what comes out, what can be set.

use std::collections::BTreeSet;

use crate::docs::{Docs, Speech};
use crate::layout::WIDTH;
use crate::model::{self, Definition, Model};
use crate::schema::{Field, Type};

use super::{STEP, documented, identifier, options_name};

/// How TypeScript writes a type.
pub(super) fn name(ty: &Type) -> String {
    match ty {
        Type::String => "string".into(),
        Type::Bytes => "Buffer".into(),
        Type::Bool => "boolean".into(),
        Type::False => "false".into(),
        Type::Int | Type::Float | Type::DurationMs => "number".into(),
        Type::Enum(values) => {
            let values: Vec<_> = values.iter().map(|value| format!("'{value}'")).collect();
            values.join(" | ")
        }
        Type::List(items) => match name(items) {
            items if items.contains(" | ") || items.starts_with("readonly ") => format!("readonly ({items})[]"),
            items => format!("readonly {items}[]"),
        },
        Type::Map(values) => format!("Readonly<Record<string, {}>>", name(values)),
        ty if ty.is_event() => "WebhookEvent".into(),
        Type::Object(fields) => {
            let members = fields.iter().map(|field| {
                let mark = if is_optional(field) { "?" } else { "" };
                format!("{}{mark}: {}", identifier(field), name(&field.ty))
            });
            format!("{{ {} }}", members.collect::<Vec<_>>().join("; "))
        }
        Type::Ref(definition) => definition.clone(),
        Type::Union(members) => members.iter().map(name).collect::<Vec<_>>().join(" | "),
        Type::Null => "null".into(),
        Type::Json => "unknown".into(),
        Type::Callback(result) => format!("((progress: {result}) => unknown)"),
    }
}

/// What the core leaves out and what it tells as `null` is the same here: not there.
pub(super) fn is_optional(field: &Field) -> bool {
    !field.required || field.nullable
}

/// The names of definitions that a type is made of.
pub(super) fn references<'a>(types: impl IntoIterator<Item = &'a Type>) -> BTreeSet<String> {
    let mut names = BTreeSet::new();
    for ty in types {
        model::visit(ty, &mut |ty| {
            if let Type::Ref(name) | Type::Callback(name) = ty {
                names.insert(name.clone());
            }
        });
    }
    names
}

/// The contents of `types.ts`.
pub(super) fn types(model: &Model, speech: &Speech) -> Vec<String> {
    let mut lines = vec![
        "import type { AccessToken } from '../call.js'".to_string(),
        "import type { ServiceWindow } from '../inbox.js'".to_string(),
        "import type { LocalMedia } from '../held.js'".to_string(),
        "import type { FilePath } from '../media.js'".to_string(),
        "export type { LocalMedia, LocalMediaOptions, FilePath, MediaFile } from '../media.js'".to_string(),
        "import type { Logger } from '../log.js'".to_string(),
        "import type { ApiError } from './errors.js'".to_string(),
        "import type { Message } from './message.js'".to_string(),
    ];
    for known in model.definitions.iter().filter(|known| !known.is_by_hand()) {
        lines.extend(definition(known, Direction::In, speech));
    }
    for known in model.results.iter().chain(&model.webhooks) {
        lines.extend(definition(known, Direction::Out, speech));
    }
    for operation in &model.operations {
        let Some(name) = options_name(operation) else {
            continue;
        };
        let docs = Docs::new(match &operation.constructor {
            Some(_) => format!("What may be said about a message of `{}`.", operation.name),
            None => format!("What may be said with `{}`.", operation.name),
        });
        let options = operation.params.iter().filter(|param| !param.required);
        lines.extend(interface(&name, &docs, options, Direction::In, speech));
    }
    let docs = Docs::new("What may be said with any call.");
    lines.extend(with_member("CallOptions", &docs, &model.call_options, (SIGNAL, SIGNAL_OF_CALL), speech));
    let docs = Docs::new("What may be said with a message that is sent alone.");
    lines.extend(interface("SendOptions extends CallOptions", &docs, &model.send_options, Direction::In, speech));
    let docs = Docs::new("What may be said with a bulk.");
    lines.extend(with_member("BulkOptions", &docs, &model.bulk_options, (SIGNAL, SIGNAL_OF_BULK), speech));
    let docs = Docs::new("The settings of a client.");
    lines.extend(with_member("ClientSettings", &docs, &model.settings, ("logger?: Logger", LOGGER), speech));
    lines
}

const SIGNAL: &str = "signal?: AbortSignal";
const SIGNAL_OF_CALL: &str = "Ends the call. What became of the message by then is the `cause` of the `AbortError`.";
const SIGNAL_OF_BULK: &str = "Starts no further message; the results of those in flight are told before the `AbortError`, which has those that had \
     been taken and never started in `unstarted`.";

const LOGGER: &str = "Is told what the client does: `console`, or whatever else has methods `debug`, `info` and `warn`; what it \
                      lacks is not told. Unless given, warnings are told with `process.emitWarning`.";

/// Whether the user writes it or the core.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Direction {
    In,
    Out,
}

fn definition(known: &Definition, direction: Direction, speech: &Speech) -> Vec<String> {
    match &known.ty {
        Type::Object(fields) => interface(&known.name, &known.docs, fields, direction, speech),
        ty => {
            let mut lines = vec![String::new()];
            lines.extend(documented("", &known.docs, speech));
            lines.extend(alias(&known.name, ty));
            lines
        }
    }
}

fn alias(alias: &str, ty: &Type) -> Vec<String> {
    let line = format!("export type {alias} = {}", name(ty));
    match ty {
        Type::Union(members) if line.chars().count() > WIDTH => {
            let members = members.iter().map(|member| format!("{STEP}| {}", name(member)));
            [format!("export type {alias} =")].into_iter().chain(members).collect()
        }
        _ => vec![line],
    }
}

fn interface<'a>(
    name: &str,
    docs: &Docs,
    fields: impl IntoIterator<Item = &'a Field>,
    direction: Direction,
    speech: &Speech,
) -> Vec<String> {
    let mut lines = vec![String::new()];
    lines.extend(documented("", docs, speech));
    lines.push(format!("export interface {name} {{"));
    for field in fields {
        lines.extend(documented(STEP, &field.docs, speech));
        lines.push(format!("{STEP}{}", member(field, direction)));
    }
    lines.push("}".into());
    lines
}

fn member(field: &Field, direction: Direction) -> String {
    let ty = match field.name.as_str() {
        "access_token" => "AccessToken".into(),
        // They cross as data; errors are made of them.
        "errors" => "readonly ApiError[]".into(),
        _ => name(&field.ty),
    };
    let name = identifier(field);
    match (direction, is_optional(field)) {
        (Direction::Out, false) => format!("readonly {name}: {ty}"),
        (Direction::Out, true) => format!("readonly {name}?: {ty}"),
        (Direction::In, false) => format!("{name}: {ty}"),
        // Said to be undefined is as good as not said, also under `exactOptionalPropertyTypes`.
        (Direction::In, true) => format!("{name}?: {ty} | undefined"),
    }
}

/// An interface with one more member, which never crosses the boundary: its declaration and its documentation.
fn with_member(
    name: &str,
    docs: &Docs,
    fields: &[Field],
    (member, docs_of_member): (&str, &str),
    speech: &Speech,
) -> Vec<String> {
    let mut lines = interface(name, docs, fields, Direction::In, speech);
    let end = lines.pop();
    lines.extend(documented(STEP, &Docs::new(docs_of_member), speech));
    lines.push(format!("{STEP}{member} | undefined"));
    lines.extend(end);
    lines
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn types_are_written_as_typescript_does() {
        let text_or_link = Type::Union(vec![
            Type::String,
            Type::Object(vec![Field {
                name: "media_link".into(),
                ty: Type::String,
                nullable: false,
                required: true,
                default: None,
                docs: Docs::default(),
            }]),
        ]);
        assert_eq!(name(&text_or_link), "string | { mediaLink: string }");
        assert_eq!(name(&Type::List(Box::new(text_or_link))), "readonly (string | { mediaLink: string })[]");
        assert_eq!(name(&Type::Enum(vec!["low".into(), "normal".into()])), "'low' | 'normal'");
    }
}
