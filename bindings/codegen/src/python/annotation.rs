//! Type annotations.

use super::Python;
use crate::schema::{Field, Type};

/// Which way a value goes: what is taken may be wider than what is given back.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Way {
    Taken,
    Returned,
}

/// Definitions that Python has written by hand, and what a parameter of them takes.
const BY_HAND: [(&str, &str); 8] = [
    ("Recipient", "str | Recipient | WebhookEvent"),
    ("MessageId", "str | WebhookEvent"),
    ("MediaRef", "str | Media | UploadedMedia | PathLike[str]"),
    ("FilePath", "str | PathLike[str]"),
    ("MediaFile", "MediaFile"),
    ("LocalMedia", "Media"),
    ("ServiceWindow", "ServiceWindow | AsyncServiceWindow"),
    ("Message", "Message"),
];

/// Whether the definition has a class of its own, written by hand.
pub(super) fn is_by_hand(name: &str) -> bool {
    BY_HAND.iter().any(|(known, _)| *known == name)
}

impl Python<'_> {
    /// The annotation of a field, with `None` if it may be left out.
    pub(super) fn annotation(&self, field: &Field, way: Way) -> String {
        let annotation = annotation(&field.ty, way);
        if (field.nullable || !field.required) && annotation != "Any" {
            return annotation + " | None";
        }
        annotation
    }
}

/// Whether text is one of several things that it may be.
fn takes_text(ty: &Type) -> bool {
    matches!(ty, Type::Union(members) if members.contains(&Type::String))
}

/// The members of a union as Python writes them, each once.
pub(super) fn alternatives(ty: &Type, way: Way) -> Vec<String> {
    let members = match ty {
        Type::Union(members) => members.as_slice(),
        ty => std::slice::from_ref(ty),
    };
    let mut parts: Vec<String> = Vec::new();
    for part in members.iter().flat_map(|member| top_level(&annotation(member, way))) {
        if !parts.contains(&part) {
            parts.push(part);
        }
    }
    parts
}

/// `a[b | c] | d` in its parts.
fn top_level(annotation: &str) -> Vec<String> {
    let mut parts = vec![String::new()];
    let mut depth = 0_usize;
    for c in annotation.chars() {
        match c {
            '[' => depth += 1,
            ']' => depth = depth.saturating_sub(1),
            '|' if depth == 0 => {
                parts.push(String::new());
                continue;
            }
            _ => {}
        }
        if let Some(part) = parts.last_mut() {
            part.push(c);
        }
    }
    parts.iter().map(|part| part.trim().to_owned()).collect()
}

/// The annotation of a type.
pub(super) fn annotation(ty: &Type, way: Way) -> String {
    match ty {
        Type::String => "str".into(),
        Type::Bytes => "bytes".into(),
        Type::Bool => "bool".into(),
        Type::False => "Literal[False]".into(),
        // What comes back keeps the core's names, which say their unit.
        Type::DurationMs if way == Way::Returned => "int".into(),
        Type::Int => "int".into(),
        Type::Float | Type::DurationMs => "float".into(),
        Type::Enum(values) => {
            let values: Vec<String> = values.iter().map(|value| format!("{value:?}")).collect();
            format!("Literal[{}]", values.join(", "))
        }
        // Text is a sequence of text, too, and a list of values was meant.
        Type::List(item) if way == Way::Taken && **item == Type::String => "list[str] | tuple[str, ...]".into(),
        // A list of texts is none of texts and other things to a type checker, which is right about lists that change.
        Type::List(item) if way == Way::Taken && takes_text(item) => {
            let item = annotation(item, way);
            format!("list[str] | list[{item}] | tuple[{item}, ...]")
        }
        Type::List(item) if way == Way::Taken => format!("Sequence[{}]", annotation(item, way)),
        Type::List(item) => format!("list[{}]", annotation(item, way)),
        Type::Map(value) if way == Way::Taken && takes_text(value) => {
            format!("dict[str, str] | dict[str, {}]", annotation(value, way))
        }
        Type::Map(value) => format!("dict[str, {}]", annotation(value, way)),
        ty if ty.is_event() => "WebhookEvent".into(),
        Type::Object(_) => "dict[str, Any]".into(),
        Type::Ref(name) => {
            let by_hand = BY_HAND.iter().find(|(known, _)| known == name);
            by_hand.map_or_else(|| name.clone(), |(_, annotation)| (*annotation).into())
        }
        Type::Union(_) => alternatives(ty, way).join(" | "),
        Type::Null => "None".into(),
        Type::Json => "Any".into(),
        // What it returns is of no interest; in an async client it may be awaitable.
        Type::Callback(name) => format!("Callable[[{name}], object]"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn types_are_python_types() {
        let taken = |ty: Type| annotation(&ty, Way::Taken);
        let list = |item: Type| Type::List(Box::new(item));
        assert_eq!(taken(Type::Ref("Recipient".into())), "str | Recipient | WebhookEvent");
        assert_eq!(taken(list(Type::String)), "list[str] | tuple[str, ...]");
        assert_eq!(taken(list(Type::Int)), "Sequence[int]");
        assert_eq!(annotation(&list(Type::Int), Way::Returned), "list[int]");
        let text_or_false = Type::Union(vec![Type::String, Type::False]);
        assert_eq!(taken(text_or_false.clone()), "str | Literal[False]");
        assert_eq!(
            taken(list(text_or_false.clone())),
            "list[str] | list[str | Literal[False]] | tuple[str | Literal[False], ...]"
        );
        assert_eq!(
            alternatives(&Type::Union(vec![text_or_false, Type::Ref("MediaRef".into())]), Way::Taken),
            ["str", "Literal[False]", "Media", "UploadedMedia", "PathLike[str]"]
        );
    }
}
