//! The part of JSON Schema that core's manifest uses, read into types that an emitter can match on.

use serde_json::{Map, Value};

use crate::docs::Docs;

/// A schema that says something this generator does not know.
#[derive(Debug, thiserror::Error, PartialEq, Eq)]
#[error("manifest, {path}: {problem}")]
pub(crate) struct SchemaError {
    pub(crate) path: String,
    pub(crate) problem: String,
}

impl SchemaError {
    pub(crate) fn new(path: &str, problem: impl Into<String>) -> Self {
        Self { path: path.into(), problem: problem.into() }
    }
}

/// The type of a value.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Type {
    String,
    /// Bytes, which cross beside the JSON.
    Bytes,
    Bool,
    /// The literal `false`, as in `tracker: string | false`.
    False,
    Int,
    Float,
    /// Whole milliseconds on the wire; seconds as a float in Python and PHP.
    DurationMs,
    /// A string that must be one of these.
    Enum(Vec<String>),
    List(Box<Type>),
    /// An object whose keys are the user's: never renamed.
    Map(Box<Type>),
    /// An object with known members, written in place.
    Object(Vec<Field>),
    /// A definition or a result, by name.
    Ref(String),
    /// One of several; never nested, never with [`Type::Null`] at the level of a field.
    Union(Vec<Type>),
    Null,
    /// Any JSON value.
    Json,
    /// A function of the user's that is called with a result of that name. It never crosses the boundary: the language
    /// package keeps it, so no schema describes it.
    Callback(String),
}

impl Type {
    /// Whether it is how an event of a webhook crosses, for which users have a class.
    pub(crate) fn is_event(&self) -> bool {
        matches!(self, Type::Object(fields) if matches!(&fields[..], [only] if only.name == "event"))
    }
}

/// A parameter, a setting, or a member of an object.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Field {
    /// In core's words.
    pub(crate) name: String,
    pub(crate) ty: Type,
    /// Whether `null` is a value of it. What is optional may also be left out.
    pub(crate) nullable: bool,
    pub(crate) required: bool,
    /// What it is when left out, unless that is `null`.
    pub(crate) default: Option<Value>,
    pub(crate) docs: Docs,
}

/// The members of an object schema, in order.
pub(crate) fn fields(schema: &Value, path: &str) -> Result<Vec<Field>, SchemaError> {
    let Some(properties) = schema.get("properties") else {
        return Ok(Vec::new());
    };
    let properties = object(properties, &format!("{path}.properties"))?;
    let required: Vec<&str> = schema
        .get("required")
        .and_then(Value::as_array)
        .map(|names| names.iter().filter_map(Value::as_str).collect())
        .unwrap_or_default();
    properties
        .iter()
        .map(|(name, schema)| {
            let required = required.contains(&name.as_str());
            field(name, schema, required, &format!("{path}.{name}"))
        })
        .collect()
}

fn field(name: &str, schema: &Value, required: bool, path: &str) -> Result<Field, SchemaError> {
    let (ty, nullable) = without_null(ty(schema, path)?);
    Ok(Field {
        name: name.into(),
        ty,
        nullable,
        required,
        default: schema.get("default").filter(|value| !value.is_null()).cloned(),
        docs: Docs::of(schema),
    })
}

fn without_null(ty: Type) -> (Type, bool) {
    match ty {
        Type::Union(members) if members.contains(&Type::Null) => {
            let members = members.into_iter().filter(|ty| *ty != Type::Null);
            (union(members.collect()), true)
        }
        ty => (ty, false),
    }
}

/// The type that a schema describes.
pub(crate) fn ty(schema: &Value, path: &str) -> Result<Type, SchemaError> {
    if *schema == Value::Bool(true) {
        return Ok(Type::Json);
    }
    let schema = object(schema, path)?;
    if let Some(Value::String(name)) = schema.get("x-callback") {
        return Ok(Type::Union(vec![Type::Callback(name.clone()), Type::Null]));
    }
    if let Some(target) = schema.get("$ref") {
        return match target.as_str().and_then(referred) {
            Some(name) => Ok(Type::Ref(name.into())),
            None => Err(SchemaError::new(path, "$ref is no text")),
        };
    }
    for key in ["anyOf", "oneOf", "allOf"] {
        if let Some(Value::Array(members)) = schema.get(key) {
            if key == "allOf" && members.len() != 1 {
                return Err(SchemaError::new(path, "allOf of several has no type"));
            }
            let members = members.iter().map(|member| ty(member, path));
            return Ok(union(members.collect::<Result<_, _>>()?));
        }
    }
    if let Some(value) = schema.get("const") {
        return constant(value, path);
    }
    if let Some(Value::Array(values)) = schema.get("enum") {
        let values = values.iter().map(|value| constant(value, path));
        return Ok(union(values.collect::<Result<_, _>>()?));
    }
    match schema.get("type") {
        None => Ok(Type::Json),
        Some(Value::String(name)) => named(name, schema, path),
        Some(Value::Array(names)) => {
            let names = names.iter().filter_map(Value::as_str);
            let members = names.map(|name| named(name, schema, path));
            Ok(union(members.collect::<Result<_, _>>()?))
        }
        Some(other) => Err(SchemaError::new(path, format!("type {other}"))),
    }
}

/// `Recipient` of `#/$defs/Recipient`.
pub(crate) fn referred(target: &str) -> Option<&str> {
    target.rsplit('/').next()
}

fn constant(value: &Value, path: &str) -> Result<Type, SchemaError> {
    match value {
        Value::String(text) => Ok(Type::Enum(vec![text.clone()])),
        Value::Bool(false) => Ok(Type::False),
        Value::Null => Ok(Type::Null),
        other => Err(SchemaError::new(path, format!("constant {other}"))),
    }
}

fn named(name: &str, schema: &Map<String, Value>, path: &str) -> Result<Type, SchemaError> {
    Ok(match name {
        "string" if schema.get("format") == Some(&"binary".into()) => Type::Bytes,
        "string" => Type::String,
        "boolean" => Type::Bool,
        "null" => Type::Null,
        "integer" | "number" if schema.get("format") == Some(&"duration-ms".into()) => Type::DurationMs,
        "integer" => Type::Int,
        "number" => Type::Float,
        "array" => Type::List(Box::new(match schema.get("items") {
            Some(items) => ty(items, &format!("{path}[]"))?,
            None => Type::Json,
        })),
        "object" if schema.contains_key("properties") => Type::Object(fields(&Value::Object(schema.clone()), path)?),
        "object" => Type::Map(Box::new(match schema.get("additionalProperties") {
            Some(values @ Value::Object(_)) => ty(values, &format!("{path}.*"))?,
            _ => Type::Json,
        })),
        other => return Err(SchemaError::new(path, format!("type {other:?}"))),
    })
}

/// One type for several: flat, without repeats, the literals of all enums in one.
fn union(members: Vec<Type>) -> Type {
    let mut flat: Vec<Type> = Vec::new();
    for member in members {
        let parts = match member {
            Type::Union(parts) => parts,
            part => vec![part],
        };
        for part in parts {
            if flat.contains(&part) {
                continue;
            }
            let known = flat.iter_mut().find_map(|known| match known {
                Type::Enum(literals) => Some(literals),
                _ => None,
            });
            match (part, known) {
                (Type::Enum(more), Some(literals)) => literals.extend(more),
                (part, _) => flat.push(part),
            }
        }
    }
    match flat.len() {
        1 => flat.swap_remove(0),
        _ => Type::Union(flat),
    }
}

/// The object that must be here.
pub(crate) fn object<'a>(value: &'a Value, path: &str) -> Result<&'a Map<String, Value>, SchemaError> {
    value.as_object().ok_or_else(|| SchemaError::new(path, "must be an object"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn read(schema: &Value) -> Type {
        ty(schema, "x").unwrap()
    }

    #[test]
    fn schemas_become_types() {
        for (schema, expected) in [
            (json!(true), Type::Json),
            (json!({"type": "string"}), Type::String),
            (json!({"type": "integer", "format": "duration-ms"}), Type::DurationMs),
            (json!({"$ref": "#/$defs/Recipient"}), Type::Ref("Recipient".into())),
            (json!({"type": "array", "items": {"type": "number"}}), Type::List(Box::new(Type::Float))),
            (json!({"type": "object", "additionalProperties": {"type": "string"}}), Type::Map(Box::new(Type::String))),
            (
                json!({"oneOf": [{"const": "raise", "description": "…"}, {"const": "resend"}]}),
                Type::Enum(vec!["raise".into(), "resend".into()]),
            ),
            (json!({"anyOf": [{"type": "string"}, {"const": false}]}), Type::Union(vec![Type::String, Type::False])),
        ] {
            assert_eq!(read(&schema), expected, "{schema}");
        }
    }

    #[test]
    fn what_is_unknown_is_refused_with_its_place() {
        let error = ty(&json!({"type": "array", "items": {"type": "tuple"}}), "send.to");
        assert_eq!(error.unwrap_err().to_string(), "manifest, send.to[]: type \"tuple\"");
    }

    #[test]
    fn null_is_a_property_of_the_field() {
        let schema = json!({
            "properties": {
                "to": {"$ref": "#/$defs/Recipient", "description": "Who."},
                "reply_to": {"type": ["string", "null"], "default": null},
                "header": {"anyOf": [{"$ref": "#/$defs/H"}, {"type": "null"}]},
                "rate": {"type": "integer", "default": 80},
            },
            "required": ["to"],
        });
        let fields = fields(&schema, "x").unwrap();
        let names: Vec<_> = fields.iter().map(|field| field.name.as_str()).collect();
        assert_eq!(names, ["to", "reply_to", "header", "rate"]);
        assert!(fields[0].required && !fields[0].nullable);
        assert_eq!((&fields[1].ty, fields[1].nullable), (&Type::String, true));
        assert_eq!((&fields[2].ty, fields[2].nullable), (&Type::Ref("H".into()), true));
        assert_eq!(fields[1].default, None);
        assert_eq!(fields[3].default, Some(80.into()));
    }
}
