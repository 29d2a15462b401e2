//! The manifest: what the generator of the language packages reads.

use std::collections::{BTreeMap, BTreeSet};

use schemars::generate::SchemaSettings;
use schemars::{JsonSchema, SchemaGenerator};
use serde_json::{Map, Value, json};

use crate::bulk::{BulkOptions, BulkProgress, BulkResult};
use crate::client::{CallOptions, ClientStats, Operation, Settings, UploadProgress};
use crate::journal::{JournalRow, Observed, Report};
use crate::pace::PaceReport;
use crate::webhook::WebhookEvent;

/// What may be said about a message that is sent alone, beside the options of every call. Those who know what a window is
/// carry it (`inbox`).
#[derive(JsonSchema)]
#[expect(dead_code, reason = "only its description is used")]
struct SendOptions {
    /// Who may be sent anything now. The message goes out where the window of its recipient is open, `fallback` where it is
    /// closed: there, and where Meta says so (131047).
    window: Option<WindowRef>,
    /// A template to the same person, for a closed `window`.
    fallback: Option<MessageRef>,
}

/// Something that the language packages have a class of their own for.
macro_rules! by_hand {
    ($name:ident, $class:literal) => {
        struct $name;

        impl JsonSchema for $name {
            fn schema_name() -> std::borrow::Cow<'static, str> {
                $class.into()
            }

            fn json_schema(_: &mut SchemaGenerator) -> schemars::Schema {
                schemars::json_schema!({"type": "object", "properties": {}})
            }
        }
    };
}

by_hand!(WindowRef, "ServiceWindow");
by_hand!(MessageRef, "Message");

/// Collects the operations. What they share stands once, in `$defs`.
pub(super) struct Manifest {
    generator: SchemaGenerator,
    operations: Vec<Value>,
    results: BTreeMap<String, Value>,
}

impl Default for Manifest {
    fn default() -> Self {
        Manifest {
            generator: SchemaSettings::draft2020_12().into_generator(),
            operations: Vec::new(),
            results: BTreeMap::new(),
        }
    }
}

fn always_there(result: &mut Value) {
    let mut filled_in = Vec::new();
    for (name, member) in result["properties"].as_object_mut().into_iter().flatten() {
        if let Some(member) = member.as_object_mut()
            && member.get("default").is_some_and(|default| !default.is_null())
        {
            member.remove("default");
            filled_in.push(Value::String(name.clone()));
        }
    }
    if let Some(required) = result.as_object_mut().map(|result| result.entry("required").or_insert_with(|| json!([])))
        && let Some(required) = required.as_array_mut()
    {
        filled_in.retain(|name| !required.contains(name));
        required.extend(filled_in);
    }
}

/// The names of all definitions that these schemas are made of.
fn reached<'a>(schemas: impl IntoIterator<Item = &'a Value>, definitions: &Map<String, Value>) -> BTreeSet<String> {
    let mut found = BTreeSet::new();
    let mut next: Vec<&Value> = schemas.into_iter().collect();
    while let Some(value) = next.pop() {
        match value {
            Value::Array(items) => next.extend(items),
            Value::Object(members) => {
                next.extend(members.values());
                let name = members.get("$ref").and_then(Value::as_str).and_then(|target| target.rsplit('/').next());
                if let Some(name) = name
                    && found.insert(name.to_owned())
                {
                    next.extend(definitions.get(name));
                }
            }
            _ => {}
        }
    }
    found
}

impl Manifest {
    pub(super) fn add<O: Operation + JsonSchema>(&mut self)
    where
        O::Output: JsonSchema,
    {
        let mut arguments = self.schema::<O>();
        let docs = arguments.remove("description").unwrap_or_default();
        // What takes nothing says so.
        arguments.entry("properties").or_insert_with(|| json!({}));
        let output = self.result::<O::Output>();
        self.operations.push(json!({
            "name": O::NAME,
            "effect": O::EFFECT.name(),
            "constructor": O::CONSTRUCTOR,
            "docs": docs,
            // A test reads every one of them.
            "example": serde_json::from_str::<Value>(O::EXAMPLE).unwrap_or_default(),
            "params": arguments,
            "output": output,
        }));
    }

    pub(super) fn finish(mut self) -> Value {
        let settings = self.schema::<Settings>();
        let call_options = self.schema::<CallOptions>();
        let send_options = self.schema::<SendOptions>();
        let bulk_options = self.schema::<BulkOptions>();
        self.result::<BulkResult>();
        self.result::<BulkProgress>();
        self.result::<UploadProgress>();
        self.result::<ClientStats>();
        self.result::<PaceReport>();
        self.result::<JournalRow>();
        self.result::<Observed>();
        self.result::<Report>();
        let event = self.schema::<WebhookEvent>();
        let mut definitions = self.generator.take_definitions(true);
        // A result that another result holds is a result, not an argument type.
        let held = reached(self.results.values(), &definitions);
        let options = [&settings, &call_options, &send_options, &bulk_options];
        let given = options.into_iter().map(|schema| Value::Object(schema.clone()));
        let given: Vec<Value> =
            given.chain(self.operations.iter().map(|operation| operation["params"].clone())).collect();
        let given = reached(&given, &definitions);
        for name in held.difference(&given) {
            if definitions[name].get("properties").is_some()
                && let Some(result) = definitions.shift_remove(name)
            {
                self.results.entry(name.to_owned()).or_insert(result);
            }
        }
        // What Meta may leave out and is filled in then is always there in a result.
        self.results.values_mut().for_each(always_there);
        // What an event is made of; enumerations are written out where they are used.
        let is_part = |name: &str, schema: &Value| name.starts_with("Webhook") && schema.get("properties").is_some();
        let (mut webhooks, definitions): (Map<String, Value>, Map<String, Value>) =
            definitions.into_iter().partition(|(name, schema)| is_part(name, schema));
        webhooks.insert("WebhookEvent".to_owned(), Value::Object(event));
        json!({
            "version": env!("CARGO_PKG_VERSION"),
            "settings": settings,
            "call_options": call_options,
            "send_options": send_options,
            "bulk_options": bulk_options,
            "groups": super::registry::GROUPS.iter().map(|(name, docs)| json!({"name": name, "docs": docs})).collect::<Vec<_>>(),
            "operations": self.operations,
            "results": self.results,
            "webhooks": webhooks,
            "errors": crate::error::catalogue(),
            "$defs": definitions,
        })
    }

    fn schema<T: JsonSchema>(&mut self) -> Map<String, Value> {
        match T::json_schema(&mut self.generator).to_value() {
            Value::Object(schema) => schema,
            _ => Map::new(),
        }
    }

    fn result<T: JsonSchema>(&mut self) -> String {
        let name = T::schema_name().into_owned();
        let schema = self.schema::<T>();
        self.results.insert(name.clone(), Value::Object(schema));
        name
    }
}
