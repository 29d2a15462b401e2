//! Core's definitions of templates against Meta's own document, where it lies beside the checkout: each comes out as it was
//! read, and what Meta shows as a request is held to be one.
#![allow(clippy::unwrap_used, clippy::panic, missing_docs, reason = "tests")]

mod support;

use serde_json::Value;
use support::{beside, say};
use wacloud::template::TemplateDefinition;

/// The examples whose name begins so.
fn examples(kind: &str, begins: &str) -> Option<Vec<(String, Value)>> {
    let folder = beside(&format!("meta/dev/{kind}"))?;
    let mut found = Vec::new();
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        let name = path.file_stem().unwrap().to_string_lossy().into_owned();
        if name.starts_with(begins) {
            found.push((name, serde_json::from_str(&std::fs::read_to_string(&path).unwrap()).unwrap()));
        }
    }
    Some(found)
}

fn comes_out_equal(name: &str, definition: &Value) -> TemplateDefinition {
    let read: TemplateDefinition = serde_json::from_value(definition.clone()).unwrap();
    assert_eq!(&serde_json::to_value(&read).unwrap(), definition, "{name}");
    read
}

#[test]
fn what_meta_shows_as_a_new_template_is_one() {
    let Some(requests) = examples("requests", "templates-create-") else { return };
    for (name, request) in &requests {
        let mut definition = comes_out_equal(name, request);
        // A placeholder is no name.
        if definition.name.as_deref().is_some_and(|name| name.contains('<')) {
            definition.name = Some("a_template".to_owned());
        }
        definition.check_new().unwrap_or_else(|error| panic!("{name}: {error}"));
        assert!(definition.rest.0.is_empty(), "{name}: {:?}", definition.rest);
    }
    assert!(requests.len() >= 7, "only {}", requests.len());
    say(&format!("{} new templates of Meta's document read and written", requests.len()));
}

#[test]
fn what_meta_tells_of_templates_is_read_whole() {
    let Some(answers) = examples("responses", "template") else { return };
    let mut read = 0;
    for (name, answer) in &answers {
        match answer["data"].as_array() {
            Some(definitions) => definitions.iter().for_each(|definition| {
                let definition = comes_out_equal(name, definition);
                assert!(definition.rest.0.is_empty(), "{name}: {:?}", definition.rest);
                definition.check_new().unwrap_or_else(|error| panic!("{name}: {error}"));
                read += 1;
            }),
            None => drop(comes_out_equal(name, answer)),
        }
    }
    assert!(read >= 2, "only {read}");
    say(&format!("{} answers about templates read and written", answers.len()));
}
