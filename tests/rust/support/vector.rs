//! The vectors: what they are and how an answer is compared with one.

use std::path::Path;

use serde::Deserialize;
use serde_json::{Map, Value};
use wacloud_sandbox::Fault;

/// One case. A member that is not known here fails the run: a typing mistake must not make a vector prove less.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Vector {
    pub(crate) name: String,
    pub(crate) operation: Option<String>,
    pub(crate) params: Option<Map<String, Value>>,
    pub(crate) bulk: Option<BulkVector>,
    #[serde(default)]
    pub(crate) settings: Map<String, Value>,
    pub(crate) options: Option<Value>,
    #[serde(default)]
    pub(crate) faults: Vec<Fault>,
    pub(crate) requests: Option<Vec<ExpectedRequest>>,
    pub(crate) request_count: Option<usize>,
    pub(crate) result: Option<Value>,
    pub(crate) error: Option<Value>,
    pub(crate) results: Option<Vec<Value>>,
    pub(crate) accepted: Option<u64>,
}

/// Messages that are sent together.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct BulkVector {
    pub(crate) messages: Vec<Value>,
    #[serde(default)]
    pub(crate) options: Map<String, Value>,
}

/// A request as the API must have got it.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct ExpectedRequest {
    pub(crate) method: String,
    pub(crate) path: String,
    pub(crate) body: Value,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    vectors: Vec<Vector>,
}

/// The vectors of every file, each with its file's name before its own.
pub(crate) fn load() -> Vec<Vector> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("vectors");
    let mut paths: Vec<_> = std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).collect();
    paths.retain(|path| path.extension().is_some_and(|extension| extension == "json"));
    paths.sort();
    let mut vectors = Vec::new();
    for path in paths {
        let text = std::fs::read_to_string(&path).unwrap();
        let file: File = serde_json::from_str(&text).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
        let family = path.file_stem().unwrap().to_string_lossy().into_owned();
        vectors.extend(
            file.vectors.into_iter().map(|vector| Vector { name: format!("{family}: {}", vector.name), ..vector }),
        );
    }
    assert!(!vectors.is_empty(), "there are no vectors");
    vectors
}

/// What is wrong with `actual`, of which `expected` names a part. `"*"` is any text but the empty one, violations are a
/// whole set of path and rule, and 600 is 600.0.
pub(crate) fn differences(expected: &Value, actual: &Value) -> Vec<String> {
    let mut found = Vec::new();
    compare("", expected, actual, &mut found);
    found
}

fn compare(place: &str, expected: &Value, actual: &Value, found: &mut Vec<String>) {
    let same = match (expected, actual) {
        (Value::String(any), actual) if any == "*" => actual.as_str().is_some_and(|text| !text.is_empty()),
        (Value::Object(expected), Value::Object(actual)) => {
            for (name, expected) in expected {
                let place = format!("{place}.{name}");
                match actual.get(name) {
                    Some(actual) if name == "violations" => compare_sets(&place, expected, actual, found),
                    Some(actual) => compare(&place, expected, actual, found),
                    // What is absent is left out.
                    None if expected.is_null() => {}
                    None => found.push(format!("{place} is missing, expected {expected}")),
                }
            }
            return;
        }
        (Value::Array(expected), Value::Array(actual)) if expected.len() == actual.len() => {
            for (index, (expected, actual)) in expected.iter().zip(actual).enumerate() {
                compare(&format!("{place}[{index}]"), expected, actual, found);
            }
            return;
        }
        (Value::Number(expected), Value::Number(actual)) => expected.as_f64() == actual.as_f64(),
        _ => expected == actual,
    };
    if !same {
        found.push(format!("{place} is {actual}, expected {expected}"));
    }
}

fn compare_sets(place: &str, expected: &Value, actual: &Value, found: &mut Vec<String>) {
    let (expected, actual) = (violations(expected), violations(actual));
    if expected != actual {
        found.push(format!("{place} are {actual:?}, expected {expected:?}"));
    }
}

/// Path and rule of each violation, sorted.
pub(crate) fn violations(list: &Value) -> Vec<(String, String)> {
    let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
    let mut set: Vec<_> = list.as_array().into_iter().flatten().map(|v| (text(&v["path"]), text(&v["rule"]))).collect();
    set.sort();
    set
}
