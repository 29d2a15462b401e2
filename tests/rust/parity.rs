//! The manifest, from which the language packages are made, against the vectors, which prove them.
#![allow(clippy::unwrap_used, clippy::panic, missing_docs, reason = "tests")]

mod support;

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value;
use support::vector;
use wacloud::registry;

/// Good and bad vectors and the parameters that good ones give, by operation.
#[derive(Debug, Default)]
struct Proof {
    good: usize,
    bad: usize,
    params: BTreeSet<String>,
}

fn proofs() -> BTreeMap<String, Proof> {
    let mut proofs = BTreeMap::<String, Proof>::new();
    for vector in vector::load() {
        let Some(operation) = vector.operation else { continue };
        let proof = proofs.entry(operation).or_default();
        if vector.error.is_some() {
            proof.bad += 1;
        } else {
            proof.good += 1;
            proof.params.extend(vector.params.into_iter().flatten().map(|(name, _)| name));
        }
    }
    proofs
}

fn operations() -> BTreeMap<String, Value> {
    let manifest = registry::manifest();
    let operations = manifest["operations"].as_array().unwrap().clone();
    let count = operations.len();
    let by_name: BTreeMap<_, _> =
        operations.into_iter().map(|operation| (operation["name"].as_str().unwrap().to_owned(), operation)).collect();
    assert_eq!(by_name.len(), count, "an operation stands in the manifest twice");
    by_name
}

#[test]
fn every_operation_has_vectors_and_every_vector_an_operation() {
    let (operations, proofs) = (operations(), proofs());
    assert_eq!(operations.keys().collect::<Vec<_>>(), proofs.keys().collect::<Vec<_>>());
    for (name, proof) in &proofs {
        assert!(proof.good >= 2 && proof.bad >= 2, "{name}: {} good and {} bad vectors", proof.good, proof.bad);
    }
}

#[test]
fn every_parameter_is_proved_and_documented() {
    let (operations, proofs) = (operations(), proofs());
    let mut missing = Vec::new();
    for (name, operation) in &operations {
        if !operation["docs"].as_str().is_some_and(|docs| docs.contains("Source: ")) {
            missing.push(format!("{name}: no documentation that says where it is from"));
        }
        let params = operation["params"]["properties"].as_object().unwrap();
        assert!(!params.is_empty() || operation["effect"] != "message", "{name} takes nothing");
        for (param, schema) in params {
            if schema["description"].as_str().is_none_or(str::is_empty) {
                missing.push(format!("{name}: {param} is not documented"));
            }
            if !proofs[name].params.contains(param) {
                missing.push(format!("{name}: no good vector gives {param}"));
            }
        }
    }
    assert!(missing.is_empty(), "{missing:#?}");
}

#[test]
fn settings_options_results_and_errors_are_documented() {
    let manifest = registry::manifest();
    let documented = |place: &str, schema: &Value| {
        for (name, member) in schema["properties"].as_object().unwrap() {
            assert!(member["description"].as_str().is_some_and(|text| !text.is_empty()), "{place}: {name}");
        }
    };
    for place in ["settings", "call_options", "bulk_options"] {
        documented(place, &manifest[place]);
    }
    for (name, result) in manifest["results"].as_object().unwrap() {
        documented(name, result);
    }
    for error in manifest["errors"].as_array().unwrap() {
        assert!(error["docs"].as_str().is_some_and(|text| !text.is_empty()), "{error}");
        for field in error["fields"].as_array().unwrap() {
            assert!(field["docs"].as_str().is_some_and(|text| !text.is_empty()), "{}: {field}", error["name"]);
        }
    }
}

#[test]
fn every_result_and_operation_can_be_looked_up() {
    let manifest = registry::manifest();
    for (name, operation) in operations() {
        let output = operation["output"].as_str().unwrap();
        assert!(manifest["results"].get(output).is_some(), "{name}: {output} is not described");
        let sends = operation["constructor"].is_string();
        assert_eq!(sends, operation["effect"] == "message", "{name}");
        assert_eq!(registry::describe(&name), Some((name.as_str(), sends)), "{name}");
    }
}
