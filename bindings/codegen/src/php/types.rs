//! Types: as PHP checks them, and as documentation says them more exactly.

use crate::model::Model;
use crate::schema::{Field, Type};

/// Definitions that PHP has classes for beside plain text.
const BY_HAND: [(&str, &str); 6] = [
    ("Recipient", "Recipient|WebhookEvent"),
    ("MessageId", "WebhookEvent"),
    ("MediaRef", "Media"),
    ("LocalMedia", "Media"),
    ("FilePath", "\\SplFileInfo"),
    ("MediaFile", "\\SplFileInfo|Media|resource"),
];

/// The type of what is given for a field, as documentation says it: PHP does not check it.
pub(super) fn documented_parameter(model: &Model, field: &Field) -> String {
    let ty = match field.name.as_str() {
        "access_token" => "string|(callable(): string)".into(),
        "logger" => "\\Psr\\Log\\LoggerInterface".into(),
        _ => documented(model, &field.ty),
    };
    if is_optional(field) && ty != "mixed" { format!("{ty}|null") } else { ty }
}

/// What may be left out is null then.
pub(super) fn is_optional(field: &Field) -> bool {
    field.nullable || !field.required
}

/// A type that PHP checks, `null` added.
pub(super) fn nullable(ty: String, is_nullable: bool) -> String {
    match ty.as_str() {
        _ if !is_nullable || ty == "mixed" => ty,
        _ if ty.contains('|') => format!("{ty}|null"),
        _ => format!("?{ty}"),
    }
}

/// A type as PHP checks it.
pub(super) fn native(model: &Model, ty: &Type) -> String {
    match ty {
        Type::String | Type::Bytes | Type::Enum(_) => "string".into(),
        Type::Bool => "bool".into(),
        Type::False => "false".into(),
        Type::Int => "int".into(),
        Type::Float | Type::DurationMs => "float".into(),
        ty if ty.is_event() => "WebhookEvent".into(),
        Type::List(_) | Type::Object(_) => "array".into(),
        // An empty array would be a list: an empty object has to be one.
        Type::Map(_) => "array|\\stdClass".into(),
        Type::Ref(name) => match by_hand(name) {
            Some(class) => format!("string|{class}"),
            None => model.definition(name).map_or("mixed".into(), |known| match known.is_by_hand() {
                true => known.name.clone(),
                false => native(model, &known.ty),
            }),
        },
        Type::Union(members) => union(members.iter().map(|member| native(model, member))),
        Type::Null => "null".into(),
        Type::Json => "mixed".into(),
        Type::Callback(_) => "callable".into(),
    }
}

/// A type as documentation says it. Objects go by their names, which `Types` explains.
pub(super) fn documented(model: &Model, ty: &Type) -> String {
    match ty {
        Type::Enum(values) => union(values.iter().map(|value| format!("'{value}'"))),
        Type::List(items) => format!("list<{}>", documented(model, items)),
        Type::Map(values) => format!("array<string, {}>", documented(model, values)),
        ty if ty.is_event() => native(model, ty),
        Type::Object(fields) => {
            let members = fields.iter().map(|field| {
                let mark = if is_optional(field) { "?" } else { "" };
                format!("{}{mark}: {}", field.name, documented(model, &field.ty))
            });
            format!("array{{{}}}", members.collect::<Vec<_>>().join(", "))
        }
        Type::Ref(name) if has_name(model, name) => name.clone(),
        Type::Ref(name) if by_hand(name).is_none() => match model.definition(name) {
            Some(known) if !known.is_by_hand() => documented(model, &known.ty),
            _ => native(model, ty),
        },
        Type::Union(members) => union(members.iter().map(|member| documented(model, member))),
        Type::Callback(name) => format!("(callable({name}): mixed)"),
        _ => native(model, ty),
    }
}

/// Whether a definition is an array with known keys that `Types` has a name for.
pub(super) fn has_name(model: &Model, name: &str) -> bool {
    let is_given = model.definitions.iter().any(|known| known.name == name);
    let is_object =
        model.definition(name).is_some_and(|known| matches!(known.ty, Type::Object(_)) && !known.is_by_hand());
    is_given && is_object && by_hand(name).is_none() && name != "Violation"
}

fn by_hand(name: &str) -> Option<&'static str> {
    BY_HAND.iter().find(|(known, _)| *known == name).map(|(_, class)| *class)
}

/// Several types, each once.
fn union(members: impl Iterator<Item = String>) -> String {
    let mut parts: Vec<String> = Vec::new();
    for member in members {
        for part in member.split('|') {
            if !parts.iter().any(|known| known == part) {
                parts.push(part.into());
            }
        }
    }
    parts.join("|")
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn model() -> Model {
        let manifest = json!({
            "version": "0", "operations": [], "groups": [], "results": {}, "webhooks": {}, "errors": [],
            "settings": {}, "call_options": {}, "send_options": {}, "bulk_options": {},
            "$defs": {
                "Recipient": {"type": "string"},
                "Values": {"anyOf": [
                    {"type": "array", "items": {"type": "string"}},
                    {"type": "object", "additionalProperties": {"type": "string"}},
                ]},
            },
        });
        Model::parse(&manifest).unwrap()
    }

    fn both(ty: &Type) -> (String, String) {
        (native(&model(), ty), documented(&model(), ty))
    }

    #[test]
    fn types_are_php_types() {
        const TO: &str = "string|Recipient|WebhookEvent";
        let said = |native: &str, documented: &str| (native.to_string(), documented.to_string());
        assert_eq!(both(&Type::Ref("Recipient".into())), said(TO, TO));
        assert_eq!(both(&Type::Ref("Values".into())), said("array|\\stdClass", "list<string>|array<string, string>"));
        assert_eq!(both(&Type::Enum(vec!["a".into(), "b".into()])), said("string", "'a'|'b'"));
        assert_eq!(both(&Type::Union(vec![Type::String, Type::False])), said("string|false", "string|false"));
    }

    #[test]
    fn null_is_written_as_short_as_it_goes() {
        assert_eq!(nullable("string".into(), true), "?string");
        assert_eq!(nullable("string|false".into(), true), "string|false|null");
        assert_eq!(nullable("mixed".into(), true), "mixed");
        assert_eq!(nullable("int".into(), false), "int");
    }
}
