//! The Python package's classes.

mod annotation;
mod class;
mod client;
mod docstring;
mod module;

use crate::docs::Speech;
use crate::model::Model;
use crate::naming::Language;
use crate::output::GeneratedFile;
use crate::schema::{Field, Type};

/// Where they lie; nothing else lies there.
pub(crate) const FOLDER: &str = "python/wacloud/_generated";

/// All files of that folder.
pub(crate) fn emit(model: &Model) -> Vec<GeneratedFile> {
    let python = Python { model, speech: Speech::new(Language::Python, model) };
    vec![
        python.package(),
        python.async_groups(),
        python.names(),
        python.types(),
        python.results(),
        python.webhooks(),
        python.errors(),
        python.message(),
        python.client(client::Kind::Sync),
        python.client(client::Kind::Async),
    ]
}

/// What every part of the emitter looks at.
struct Python<'m> {
    model: &'m Model,
    speech: Speech,
}

/// The name of a parameter, setting or member.
fn identifier(field: &Field) -> String {
    Language::Python.identifier(&field.name, &field.ty)
}

impl Python<'_> {
    /// The classes that come back: results, and what errors carry.
    fn returned(&self) -> impl Iterator<Item = &crate::model::Definition> {
        let carried = self.model.definitions.iter().filter(|definition| {
            let mut fields = self.model.errors.iter().flat_map(|error| &error.fields);
            fields.any(|field| match &field.ty {
                Type::List(item) => **item == Type::Ref(definition.name.clone()),
                ty => *ty == Type::Ref(definition.name.clone()),
            })
        });
        self.model.results.iter().chain(carried)
    }

    fn is_returned(&self, name: &str) -> bool {
        self.returned().chain(&self.model.webhooks).any(|definition| definition.name == name)
    }

    /// `__init__.py`: the classes that `import wacloud` offers without a further thought.
    fn package(&self) -> GeneratedFile {
        let mut errors: Vec<&str> = self.model.errors.iter().map(|e| e.name.as_str()).collect();
        let mut results: Vec<&str> = self.returned().map(|d| d.name.as_str()).collect();
        errors.sort_unstable();
        results.sort_unstable();
        let mut groups: Vec<&str> = self.model.groups.iter().map(|group| group.class.as_str()).collect();
        groups.sort_unstable();
        let mut all = [&errors[..], &["Message"], &results[..], &groups[..]].concat();
        all.sort_unstable();
        let mut body = Vec::new();
        let modules = [("client", groups), ("errors", errors), ("message", vec!["Message"]), ("results", results)];
        for (module, names) in modules {
            body.extend(module::import(&format!("wacloud._generated.{module}"), &names));
        }
        body.push(String::new());
        body.extend(module::all(&all));
        module::file("__init__.py", "", &body)
    }

    /// `async_groups.py`: the groups of `AsyncWhatsAppClient`, by name. At run time they are found when somebody asks: asyncio
    /// costs more to import than all the rest.
    fn async_groups(&self) -> GeneratedFile {
        let mut groups: Vec<String> = self.model.groups.iter().map(|group| format!("Async{}", group.class)).collect();
        groups.sort_unstable();
        let groups: Vec<&str> = groups.iter().map(String::as_str).collect();
        let mut body = vec!["from __future__ import annotations".to_owned(), String::new()];
        body.extend(["TYPE_CHECKING = False".to_owned(), "if TYPE_CHECKING:".to_owned()]);
        let imports = module::import("wacloud._generated.async_client", &groups);
        body.extend(imports.into_iter().map(|line| format!("    {line}")));
        body.push(String::new());
        body.extend(module::all(&groups));
        module::file("async_groups.py", "The groups of the client for asyncio, for those who name them.", &body)
    }

    /// `names.py`: where Python's names are not the core's.
    fn names(&self) -> GeneratedFile {
        let options =
            [&self.model.settings, &self.model.call_options, &self.model.send_options, &self.model.bulk_options];
        let mut durations: Vec<String> = options
            .into_iter()
            .flatten()
            .filter(|field| field.ty == Type::DurationMs)
            .map(|field| format!("    {:?}: {:?},", identifier(field), field.name))
            .collect();
        durations.sort();
        durations.dedup();
        let mut body = vec!["# Options in seconds, and their names in the core, in milliseconds.".into()];
        body.push("DURATIONS = {".into());
        body.extend(durations);
        body.push("}".into());
        module::file("names.py", "Where Python's names are not the core's.", &body)
    }
}
