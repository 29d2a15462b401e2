//! The PHP package's classes.

mod client;
mod comment;
mod errors;
mod message;
mod results;
mod signature;
mod types;

use crate::docs::Speech;
use crate::model::Model;
use crate::naming::Language;
use crate::output::{BANNER, GeneratedFile};
use crate::schema::Field;

/// Where they lie; nothing else lies there.
pub(crate) const FOLDER: &str = "php/generated";

const LANGUAGE: Language = Language::Php;
const STEP: &str = "    ";

/// What the classes are made from.
struct Php<'a> {
    model: &'a Model,
    speech: Speech,
}

/// All files of that folder.
pub(crate) fn emit(model: &Model) -> Vec<GeneratedFile> {
    let php = Php { model, speech: Speech::new(LANGUAGE, model) };
    let mut files = vec![
        php.file("Internal", "CallOptions", &php.call_options_trait()),
        php.file("Internal", "ClientOperations", &php.client_operations()),
        php.file("Internal", "ClientSettings", &php.client_settings()),
        php.file("Internal", "MessageConstructors", &php.message_constructors()),
        php.file("Internal", "SettingNames", &php.setting_names()),
        php.file("Internal", "Version", &php.version()),
    ];
    for group in &model.groups {
        files.push(php.file("", &group.class, &php.group(group)));
    }
    files.push(php.file("", "Types", &php.types()));
    for (name, lines) in php.results() {
        files.push(php.file("", name, &lines));
    }
    for error in &model.errors {
        files.push(php.file("Exception", &error.name, &php.error(error)));
    }
    files
}

fn identifier(field: &Field) -> String {
    LANGUAGE.identifier(&field.name, &field.ty)
}

fn variable(field: &Field) -> String {
    format!("${}", identifier(field))
}

impl Php<'_> {
    /// A file with one class: Composer finds it by its namespace and name.
    fn file(&self, namespace: &str, class: &str, body: &[String]) -> GeneratedFile {
        let full = |namespace: &str| match namespace {
            "" => "WaCloud".to_string(),
            inner => format!("WaCloud\\{inner}"),
        };
        let mut lines = vec![
            "<?php".to_string(),
            String::new(),
            format!("// {BANNER}"),
            String::new(),
            "declare(strict_types=1);".into(),
            String::new(),
            format!("namespace {};", full(namespace)),
            String::new(),
        ];
        let text = body.join("\n");
        let mut imports: Vec<String> = self
            .classes()
            .filter(|(home, name)| *home != namespace && is_used(name, &text))
            .map(|(home, name)| format!("use {}\\{name};", full(home)))
            .collect();
        imports.sort_unstable();
        if !imports.is_empty() {
            lines.extend(imports);
            lines.push(String::new());
        }
        lines.extend_from_slice(body);
        let folder = if namespace.is_empty() { String::new() } else { format!("{namespace}/") };
        GeneratedFile::new(format!("{folder}{class}.php"), lines.join("\n") + "\n")
    }

    /// Every class that generated code may name, with its namespace.
    fn classes(&self) -> impl Iterator<Item = (&'static str, &str)> {
        let by_hand = [
            ("", "Media"),
            ("", "Message"),
            ("", "Recipient"),
            ("", "ServiceWindow"),
            ("", "Types"),
            ("", "WhatsAppClient"),
            ("Internal", "CallOptions"),
            ("Internal", "Duration"),
            ("Internal", "ErrorBehaviour"),
            ("Internal", "Errors"),
            ("Internal", "Group"),
        ];
        let groups = self.model.groups.iter().map(|group| ("", group.class.as_str()));
        let results = self.returned().map(|definition| ("", definition.name.as_str()));
        let errors = self.model.errors.iter().map(|error| ("Exception", error.name.as_str()));
        by_hand.into_iter().chain(groups).chain(results).chain(errors)
    }

    fn setting_names(&self) -> Vec<String> {
        let docs = ["What settings and options are called here that core's errors name.", "", "@internal"];
        let mut lines = comment::comment("", &docs.map(String::from));
        lines.extend(["final class SettingNames".to_string(), "{".into()]);
        lines.push(format!("{STEP}/** By core's names, also as its texts have them. */"));
        lines.push(format!("{STEP}public const HERE = ["));
        let names = self.model.settings_in(LANGUAGE).into_iter();
        lines.extend(names.map(|(core, here)| format!("{STEP}{STEP}'{core}' => '{here}',")));
        lines.extend([format!("{STEP}];"), "}".to_string()]);
        lines
    }

    fn version(&self) -> Vec<String> {
        let mut lines =
            comment::comment("", &["The version of this library.".into(), String::new(), "@internal".into()]);
        lines.extend([
            "final class Version".to_string(),
            "{".into(),
            format!("{STEP}public const NUMBER = '{}';", self.model.version),
            "}".into(),
        ]);
        lines
    }
}

/// Whether a class is named in a text: as a whole word, and not as a part of a namespace.
fn is_used(class: &str, text: &str) -> bool {
    let is_part = |character: char| character.is_alphanumeric() || character == '_' || character == '\\';
    text.match_indices(class)
        .any(|(start, _)| !text[..start].ends_with(is_part) && !text[start + class.len()..].starts_with(is_part))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn classes_are_imported_where_they_are_named() {
        assert!(is_used("Media", "string|Media $image"));
        assert!(!is_used("Media", "throws MediaError"));
        assert!(!is_used("Media", "new \\Other\\Media()"));
    }
}
