//! Core's manifest as the emitters read it.

use std::collections::BTreeMap;

use serde_json::{Map, Value};

use crate::docs::Docs;
use crate::example;
use crate::naming::{Language, pascal};
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
    /// Of a message that is sent alone.
    pub(crate) send_options: Vec<Field>,
    /// What may be said with a bulk.
    /// `progress` may be a function, too, in every language but Rust, whose streams have a method for it.
    pub(crate) bulk_options: Vec<Field>,
    pub(crate) operations: Vec<Operation>,
    /// What operations of a common subject stand together under.
    pub(crate) groups: Vec<Group>,
    /// What operations return.
    pub(crate) results: Vec<Definition>,
    /// Webhook events, and what they are made of.
    pub(crate) webhooks: Vec<Definition>,
    /// Types that parameters share.
    pub(crate) definitions: Vec<Definition>,
    /// Parents come before their children.
    pub(crate) errors: Vec<ErrorClass>,
}

/// Operations of a common subject: those whose names begin with `phone.`.
#[derive(Debug)]
pub(crate) struct Group {
    /// `phone`
    pub(crate) name: String,
    /// What its class is called: `PhoneOperations`.
    pub(crate) class: String,
    pub(crate) docs: Docs,
}

impl Group {
    /// Whether the group can be called itself: `phone("other id")` is the client for another number.
    pub(crate) fn is_callable(&self) -> bool {
        self.name == "phone"
    }
}

/// What calling the group `phone` does, for its documentation.
pub(crate) const OTHER_NUMBER: &str = "The same client for another number: it shares connections, token and what it counts, and keeps the pace of that number.";
/// What it takes.
pub(crate) const OTHER_NUMBER_ID: &str =
    "The id of that number, from Meta's dashboard: all digits, not the number itself.";

/// What the method does that goes through all pages, for its documentation.
pub(crate) fn all_docs(method: &str) -> String {
    format!(
        "Everything that `{method}` lists, page after page: the next one is asked for when the one before is used up. `limit` \
         is how many are asked for at a time."
    )
}

/// A call of the API.
#[derive(Debug)]
pub(crate) struct Operation {
    /// `send_text`, or `media.upload` for one of a group.
    pub(crate) name: String,
    /// What repeating it does: `message`, `read`, `idempotent` or `once`.
    pub(crate) effect: String,
    /// The name after `Message.` of the constructor with the same parameters; what has one has a payload, too.
    pub(crate) constructor: Option<String>,
    /// Required ones first.
    pub(crate) params: Vec<Field>,
    pub(crate) output: Type,
    pub(crate) docs: Docs,
    /// Arguments that show how it is called.
    pub(crate) example: Map<String, Value>,
}

impl Operation {
    /// `media` of `media.upload`.
    pub(crate) fn group(&self) -> Option<&str> {
        self.name.split_once('.').map(|(group, _)| group)
    }

    /// `upload` of `media.upload`.
    pub(crate) fn method(&self) -> &str {
        self.name.split_once('.').map_or(&self.name, |(_, method)| method)
    }
}

/// A type with a name.
#[derive(Debug)]
pub(crate) struct Definition {
    pub(crate) name: String,
    pub(crate) ty: Type,
    pub(crate) docs: Docs,
}

impl Definition {
    /// Whether every language package has a class of its own for it, of which the core tells no more than the name.
    pub(crate) fn is_by_hand(&self) -> bool {
        matches!(&self.ty, Type::Object(fields) if fields.is_empty())
    }
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
        let manifest = &without_plain_definitions(manifest)?;
        let mut model = Self {
            version: text(manifest, "version", "manifest")?,
            settings: settings(&manifest["settings"])?,
            call_options: schema::fields(&manifest["call_options"], "call_options")?,
            send_options: schema::fields(&manifest["send_options"], "send_options")?,
            bulk_options: bulk_options(&manifest["bulk_options"])?,
            operations: list(manifest, "operations", operation)?,
            groups: list(manifest, "groups", group)?,
            results: definitions(manifest, "results")?,
            webhooks: definitions(manifest, "webhooks")?,
            definitions: definitions(manifest, "$defs")?,
            errors: list(manifest, "errors", error)?,
        };
        model.definitions.push(violation());
        model.check_groups()?;
        model.check_references()?;
        model.show_examples();
        Ok(model)
    }

    /// The operations of a group, or those that are in none.
    pub(crate) fn operations_of(&self, group: Option<&Group>) -> impl Iterator<Item = &Operation> {
        let name = group.map(|group| group.name.as_str());
        self.operations.iter().filter(move |operation| operation.group() == name)
    }

    /// What is on the list of which an operation gives a page.
    pub(crate) fn listed(&self, operation: &Operation) -> Option<&Type> {
        let Type::Ref(name) = &operation.output else { return None };
        let Type::Object(fields) = &self.definition(name)?.ty else { return None };
        if operation.params.iter().all(|param| param.name != "after") {
            return None;
        }
        let is_page = name.ends_with("Page") && fields.iter().any(|field| field.name == "has_next");
        fields.iter().find(|field| is_page && field.name == "items").and_then(|field| match &field.ty {
            Type::List(item) => Some(&**item),
            _ => None,
        })
    }

    /// The definition or result of that name.
    pub(crate) fn definition(&self, name: &str) -> Option<&Definition> {
        let mut all = self.definitions.iter().chain(&self.results).chain(&self.webhooks);
        all.find(|definition| definition.name == name)
    }

    /// Every field of everything, to find the type that a name in the documentation stands for.
    pub(crate) fn all_fields(&self) -> impl Iterator<Item = &Field> {
        let params = self.operations.iter().flat_map(|operation| &operation.params);
        let errors = self.errors.iter().flat_map(|error| &error.fields);
        let options = [&self.settings, &self.call_options, &self.send_options, &self.bulk_options];
        params.chain(options.into_iter().flatten()).chain(errors)
    }

    /// Settings and options by core's names, where a language calls them otherwise: for errors that name one. A duration
    /// stands there without its unit, too, since that is how core's texts speak of it.
    pub(crate) fn settings_in(&self, language: Language) -> BTreeMap<String, String> {
        let all = self.settings.iter().chain(&self.call_options).chain(&self.bulk_options);
        let names = all.flat_map(|field| {
            let bare = field.name.strip_suffix("_ms").filter(|_| field.ty == Type::DurationMs);
            let here = language.identifier(&field.name, &field.ty);
            [Some(field.name.as_str()), bare].into_iter().flatten().map(move |name| (name.to_owned(), here.clone()))
        });
        names.filter(|(core, here)| core != here).collect()
    }

    /// Adds to the documentation of each operation how it is called, in each language.
    fn show_examples(&mut self) {
        for operation in self.operations.iter_mut().filter(|operation| !operation.example.is_empty()) {
            let mut section = "\n\n# Example\n\n".to_owned();
            for language in [Language::Python, Language::Node, Language::Php] {
                let code = example::call(operation, &self.definitions, language).join("\n");
                section += &format!("```{}\n{code}\n```\n\n", language.fence_tag());
            }
            operation.docs.add(&section);
        }
    }

    fn check_groups(&self) -> Result<(), SchemaError> {
        for operation in &self.operations {
            if operation.group().is_some_and(|name| self.groups.iter().all(|group| group.name != name)) {
                return Err(SchemaError::new("groups", format!("the one of {} is not there", operation.name)));
            }
        }
        match self.groups.iter().find(|group| self.operations_of(Some(group)).next().is_none()) {
            Some(group) => Err(SchemaError::new("groups", format!("{} has no operation", group.name))),
            None => Ok(()),
        }
    }

    fn check_references(&self) -> Result<(), SchemaError> {
        let definitions = self.definitions.iter().chain(&self.results).chain(&self.webhooks);
        let outputs = self.operations.iter().map(|operation| &operation.output);
        let types = self.all_fields().map(|field| &field.ty);
        for ty in types.chain(definitions.map(|known| &known.ty)).chain(outputs) {
            let mut missing = None;
            visit(ty, &mut |ty| match ty {
                Type::Ref(name) | Type::Callback(name) if self.definition(name).is_none() => {
                    missing = Some(name.clone());
                }
                _ => {}
            });
            if let Some(name) = missing {
                return Err(SchemaError::new("$defs", format!("{name} is used but not there")));
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
        docs: Docs::new(value["docs"].as_str().unwrap_or_default()),
        example: value["example"].as_object().cloned().unwrap_or_default(),
        name,
        params,
        output,
    })
}

fn group(value: &Value, path: &str) -> Result<Group, SchemaError> {
    let name = text(value, "name", path)?;
    Ok(Group { class: pascal(&name) + "Operations", docs: Docs::new(text(value, "docs", path)?), name })
}

impl Operation {
    /// The parameters of the method that goes through all pages: what says where to begin is its own affair.
    pub(crate) fn params_of_all(&self) -> Vec<&Field> {
        self.params.iter().filter(|param| !matches!(param.name.as_str(), "after" | "before")).collect()
    }
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

fn bulk_options(value: &Value) -> Result<Vec<Field>, SchemaError> {
    let mut options = schema::fields(value, "bulk_options")?;
    for field in &mut options {
        if field.name == "progress" {
            field.ty = Type::Union(vec![field.ty.clone(), Type::Callback("BulkProgress".into())]);
            field.docs = std::mem::take(&mut field.docs).and(
                "A function is called with a `BulkProgress` instead, by whoever asks for results: at most ten times a \
                 second, and once after the last result.",
            );
        }
    }
    Ok(options)
}

fn error(value: &Value, path: &str) -> Result<ErrorClass, SchemaError> {
    let name = text(value, "name", path)?;
    let fields = match &value["fields"] {
        Value::Null => Vec::new(),
        Value::Array(fields) => fields.iter().map(|field| error_field(field, &name)).collect::<Result<_, _>>()?,
        _ => return Err(SchemaError::new(&name, "fields must be a list")),
    };
    Ok(ErrorClass {
        parent: value["parent"].as_str().map(String::from),
        docs: Docs::new(value["docs"].as_str().unwrap_or_default()),
        name,
        fields,
    })
}

/// Core says the type of an error's member in a word: one of JSON Schema, with `?` where it may be `null`, or
/// `violations`.
fn error_field(value: &Value, class: &str) -> Result<Field, SchemaError> {
    let name = text(value, "name", class)?;
    let word = text(value, "type", class)?;
    let (word, nullable) = match word.strip_suffix('?') {
        Some(word) => (word, true),
        None => (word.as_str(), false),
    };
    let ty = match word {
        "violations" => Type::List(Box::new(Type::Ref(VIOLATION.into()))),
        word => schema::ty(&serde_json::json!({"type": word}), &format!("{class}.{name}"))?,
    };
    let docs = Docs::new(value["docs"].as_str().unwrap_or_default());
    Ok(Field { name, ty, nullable, required: true, default: None, docs })
}

/// One mistake in a message. Every language has its own class for it.
const VIOLATION: &str = "Violation";

fn violation() -> Definition {
    let member = |name: &str, docs: &str| Field {
        name: name.into(),
        ty: Type::String,
        nullable: false,
        required: true,
        default: None,
        docs: Docs::new(docs),
    };
    let members = vec![
        member("path", "Where it is, in Graph's request body: `interactive.action.buttons[0].reply.title`."),
        member("rule", "The rule that it breaks, in a stable word."),
        member("message", "A sentence for people."),
    ];
    Definition { name: VIOLATION.into(), ty: Type::Object(members), docs: Docs::new("One mistake in a message.") }
}

/// The manifest with choices of plain values (`urgent`, `normal`, `low`) written out where they are used: no language
/// needs a name for them.
fn without_plain_definitions(manifest: &Value) -> Result<Value, SchemaError> {
    let mut plain = Map::new();
    for (name, schema) in schema::object(&manifest["$defs"], "$defs")? {
        if is_plain(&schema::ty(schema, name)?) {
            plain.insert(name.clone(), schema.clone());
        }
    }
    let mut manifest = manifest.clone();
    if let Some(definitions) = manifest["$defs"].as_object_mut() {
        definitions.retain(|name, _| !plain.contains_key(name));
    }
    write_out(&mut manifest, &plain);
    Ok(manifest)
}

fn is_plain(ty: &Type) -> bool {
    match ty {
        Type::Enum(_) | Type::String | Type::False | Type::Bool | Type::Int | Type::Float => true,
        Type::Union(members) => members.iter().all(is_plain),
        _ => false,
    }
}

fn write_out(value: &mut Value, plain: &Map<String, Value>) {
    match value {
        Value::Array(items) => items.iter_mut().for_each(|item| write_out(item, plain)),
        Value::Object(members) => {
            let target = members.get("$ref").and_then(Value::as_str).and_then(schema::referred);
            if let Some(Value::Object(definition)) = target.and_then(|name| plain.get(name)) {
                members.remove("$ref");
                for (key, member) in definition {
                    // What the place says about itself comes before what the definition does.
                    members.entry(key.clone()).or_insert_with(|| member.clone());
                }
            }
            members.values_mut().for_each(|member| write_out(member, plain));
        }
        _ => {}
    }
}

fn definitions(manifest: &Value, key: &str) -> Result<Vec<Definition>, SchemaError> {
    schema::object(&manifest[key], key)?
        .iter()
        .map(|(name, schema)| {
            Ok(Definition { name: name.clone(), ty: schema::ty(schema, name)?, docs: Docs::of(schema) })
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

#[cfg(test)]
mod tests {
    use super::*;

    fn manifest() -> Value {
        wacloud::registry::manifest()
    }

    #[test]
    fn cores_manifest_is_read_whole() {
        let model = Model::parse(&manifest()).unwrap();
        let send_text = model.operations.iter().find(|operation| operation.name == "send_text").unwrap();
        assert_eq!(send_text.constructor.as_deref(), Some("text"));
        assert_eq!(send_text.method(), "send_text");
        let names: Vec<&str> = send_text.params.iter().map(|param| param.name.as_str()).collect();
        assert_eq!(names[..2], ["to", "body"]);
        let tracker = send_text.params.iter().find(|param| param.name == "tracker").unwrap();
        assert_eq!(tracker.ty, Type::Union(vec![Type::String, Type::False]));
        let mut required = model.settings.iter().filter(|setting| setting.required);
        assert_eq!(required.next().unwrap().name, "phone_number_id");
        assert_eq!(required.next().unwrap().name, "access_token");
        assert!(required.next().is_none());
        assert!(model.settings.iter().all(|setting| setting.name != "token_callback"));
    }

    #[test]
    fn settings_have_the_names_of_the_language() {
        let model = Model::parse(&manifest()).unwrap();
        let php = model.settings_in(Language::Php);
        let named = |core: &str| php.get(core).map(String::as_str);
        assert_eq!((named("pair_rate"), named("max_wait_ms")), (Some("pairRate"), Some("maxWait")));
        assert_eq!((named("in_order"), named("max_wait"), named("rate")), (Some("inOrder"), Some("maxWait"), None));
        assert_eq!(model.settings_in(Language::Node)["max_wait"], "maxWaitMs");
    }

    #[test]
    fn every_thing_has_its_documentation() {
        let model = Model::parse(&manifest()).unwrap();
        for operation in &model.operations {
            assert!(!operation.docs.is_empty(), "{}", operation.name);
        }
        for field in model.all_fields() {
            assert!(!field.docs.is_empty(), "{}", field.name);
        }
    }

    #[test]
    fn what_is_not_there_cannot_be_used() {
        let mut broken = manifest();
        broken["operations"][0]["params"]["properties"]["to"] = serde_json::json!({"$ref": "#/$defs/Nobody"});
        assert!(Model::parse(&broken).unwrap_err().to_string().contains("Nobody"));
        let mut broken = manifest();
        broken["errors"][0]["parent"] = "LaterError".into();
        assert!(Model::parse(&broken).unwrap_err().to_string().contains("WhatsAppError"));
    }
}
