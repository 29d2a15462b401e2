//! Core's manifest as the emitters read it.

use serde_json::Value;

use crate::docs::Docs;
use crate::schema::{self, Field, SchemaError, Type};

/// All that the language packages are made of.
#[derive(Debug)]
pub(crate) struct Model {
    pub(crate) version: String,
    /// The settings of a client, those it must have first. `access_token` is among them as required text: that it may
    /// be a function, and how a function crosses the boundary, is the language package's own business.
    pub(crate) settings: Vec<Field>,
    /// What may be said with any call.
    pub(crate) call_options: Vec<Field>,
    /// What may be said with a bulk.
    pub(crate) bulk_options: Vec<Field>,
    pub(crate) operations: Vec<Operation>,
    /// What operations return.
    pub(crate) results: Vec<Definition>,
    /// Types that parameters share.
    pub(crate) definitions: Vec<Definition>,
    /// Parents come before their children.
    pub(crate) errors: Vec<ErrorClass>,
}

/// A call of the API.
#[derive(Debug)]
pub(crate) struct Operation {
    /// `send_text`, or `media.upload` for one of a group.
    pub(crate) name: String,
    /// Which failures may be repeated: `read`, `idempotent`, `once` or `message`.
    pub(crate) effect: String,
    /// The name after `Message.` of the constructor with the same parameters.
    pub(crate) constructor: Option<String>,
    /// Whether its request body can be shown without sending.
    pub(crate) has_payload: bool,
    /// Required ones first.
    pub(crate) params: Vec<Field>,
    pub(crate) output: Type,
    pub(crate) docs: Docs,
}

impl Operation {
    /// `media` of `media.upload`.
    pub(crate) fn group(&self) -> Option<&str> {
        self.name.split_once('.').map(|(group, _)| group)
    }

    /// `upload` of `media.upload`.
    pub(crate) fn method(&self) -> &str {
        self.name
            .split_once('.')
            .map_or(&self.name, |(_, method)| method)
    }
}

/// A type with a name.
#[derive(Debug)]
pub(crate) struct Definition {
    pub(crate) name: String,
    pub(crate) ty: Type,
    pub(crate) docs: Docs,
}

/// A class of error.
#[derive(Debug)]
pub(crate) struct ErrorClass {
    pub(crate) name: String,
    pub(crate) parent: Option<String>,
    /// Its own, without those of its parents.
    pub(crate) fields: Vec<Field>,
    pub(crate) docs: Docs,
}

impl Model {
    /// Reads a manifest.
    pub(crate) fn parse(manifest: &Value) -> Result<Self, SchemaError> {
        let model = Self {
            version: text(manifest, "version", "manifest")?,
            settings: settings(&manifest["settings"])?,
            call_options: schema::fields(&manifest["call_options"], "call_options")?,
            bulk_options: schema::fields(&manifest["bulk_options"], "bulk_options")?,
            operations: list(manifest, "operations", operation)?,
            results: definitions(manifest, "results")?,
            definitions: definitions(manifest, "$defs")?,
            errors: list(manifest, "errors", error)?,
        };
        model.check_references()?;
        Ok(model)
    }

    /// The definition or result of that name.
    pub(crate) fn definition(&self, name: &str) -> Option<&Definition> {
        let mut all = self.definitions.iter().chain(&self.results);
        all.find(|definition| definition.name == name)
    }

    /// Every field of everything, to find the type that a name in the documentation stands for.
    pub(crate) fn all_fields(&self) -> impl Iterator<Item = &Field> {
        let params = self
            .operations
            .iter()
            .flat_map(|operation| &operation.params);
        let errors = self.errors.iter().flat_map(|error| &error.fields);
        let options = [&self.settings, &self.call_options, &self.bulk_options];
        params.chain(options.into_iter().flatten()).chain(errors)
    }

    fn check_references(&self) -> Result<(), SchemaError> {
        let definitions = self.definitions.iter().chain(&self.results);
        let outputs = self.operations.iter().map(|operation| &operation.output);
        let types = self.all_fields().map(|field| &field.ty);
        for ty in types
            .chain(definitions.map(|known| &known.ty))
            .chain(outputs)
        {
            let mut missing = None;
            visit(ty, &mut |ty| match ty {
                Type::Ref(name) if self.definition(name).is_none() => missing = Some(name.clone()),
                _ => {}
            });
            if let Some(name) = missing {
                return Err(SchemaError::new(
                    "$defs",
                    format!("{name} is used but not there"),
                ));
            }
        }
        for (index, error) in self.errors.iter().enumerate() {
            let known = |parent: &String| self.errors[..index].iter().any(|e| e.name == *parent);
            if !error.parent.as_ref().is_none_or(known) {
                let problem = format!("the parent of {} does not come before it", error.name);
                return Err(SchemaError::new("errors", problem));
            }
        }
        Ok(())
    }
}

/// Calls `see` with a type and everything it is made of.
pub(crate) fn visit(ty: &Type, see: &mut impl FnMut(&Type)) {
    see(ty);
    match ty {
        Type::List(inner) | Type::Map(inner) => visit(inner, see),
        Type::Union(members) => members.iter().for_each(|member| visit(member, see)),
        Type::Object(fields) => fields.iter().for_each(|field| visit(&field.ty, see)),
        _ => {}
    }
}

fn operation(value: &Value, path: &str) -> Result<Operation, SchemaError> {
    let name = text(value, "name", path)?;
    let mut params = schema::fields(&value["params"], &name)?;
    params.sort_by_key(|param| !param.required);
    let output = match &value["output"] {
        Value::String(result) => Type::Ref(result.clone()),
        Value::Null => Type::Null,
        schema => schema::ty(schema, &format!("{name}.output"))?,
    };
    Ok(Operation {
        effect: text(value, "effect", path)?,
        constructor: value["constructor"].as_str().map(String::from),
        has_payload: value["payload"].as_bool().unwrap_or(false),
        docs: Docs::new(value["docs"].as_str().unwrap_or_default()),
        name,
        params,
        output,
    })
}

fn settings(value: &Value) -> Result<Vec<Field>, SchemaError> {
    let mut settings = schema::fields(value, "settings")?;
    // How the boundary says that the token is a function.
    settings.retain(|field| field.name != "token_callback");
    for field in &mut settings {
        if field.name == "access_token" {
            (field.required, field.nullable) = (true, false);
        }
    }
    settings.sort_by_key(|field| !field.required);
    Ok(settings)
}

fn error(value: &Value, path: &str) -> Result<ErrorClass, SchemaError> {
    let name = text(value, "name", path)?;
    let fields = match &value["fields"] {
        Value::Null => Vec::new(),
        Value::Array(fields) => fields
            .iter()
            .map(|field| error_field(field, &name))
            .collect::<Result<_, _>>()?,
        _ => return Err(SchemaError::new(&name, "fields must be a list")),
    };
    Ok(ErrorClass {
        parent: value["parent"].as_str().map(String::from),
        docs: Docs::new(value["docs"].as_str().unwrap_or_default()),
        name,
        fields,
    })
}

fn error_field(value: &Value, class: &str) -> Result<Field, SchemaError> {
    let name = text(value, "name", class)?;
    let mut schema = match &value["type"] {
        schema @ Value::Object(_) => schema.clone(),
        name => serde_json::json!({"type": name}),
    };
    if let Some(docs) = value.get("docs") {
        schema["description"] = docs.clone();
    }
    let wrapped = serde_json::json!({"properties": {&name: schema}, "required": [&name]});
    let mut fields = schema::fields(&wrapped, class)?;
    Ok(fields.swap_remove(0))
}

fn definitions(manifest: &Value, key: &str) -> Result<Vec<Definition>, SchemaError> {
    schema::object(&manifest[key], key)?
        .iter()
        .map(|(name, schema)| {
            Ok(Definition {
                name: name.clone(),
                ty: schema::ty(schema, name)?,
                docs: Docs::of(schema),
            })
        })
        .collect()
}

fn list<T>(
    manifest: &Value,
    key: &str,
    read: fn(&Value, &str) -> Result<T, SchemaError>,
) -> Result<Vec<T>, SchemaError> {
    match &manifest[key] {
        Value::Array(values) => values.iter().map(|value| read(value, key)).collect(),
        _ => Err(SchemaError::new(key, "must be a list")),
    }
}

fn text(value: &Value, key: &str, path: &str) -> Result<String, SchemaError> {
    match &value[key] {
        Value::String(text) => Ok(text.clone()),
        _ => Err(SchemaError::new(path, format!("{key} must be text"))),
    }
}
