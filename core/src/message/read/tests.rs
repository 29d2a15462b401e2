use serde::Deserialize;
use serde_json::json;

use super::*;

#[derive(Debug, Deserialize, PartialEq)]
#[serde(rename_all = "lowercase")]
enum Colour {
    Red,
    Blue,
}

#[derive(Debug, Deserialize, PartialEq)]
struct Inner {
    id: String,
    size: Option<u8>,
}

#[derive(Debug, Deserialize, PartialEq)]
struct Outer {
    name: String,
    flag: Option<bool>,
    colour: Option<Colour>,
    items: Vec<Inner>,
}

#[test]
fn reads_what_is_right() {
    let value = json!({"name": "n", "colour": "blue", "items": [{"id": "a", "size": 3}]});
    let read: Outer = read(&value).unwrap();
    assert_eq!(read.colour, Some(Colour::Blue));
    assert_eq!(read.items, [Inner { id: "a".into(), size: Some(3) }]);
}

#[test]
fn tells_every_mistake_with_its_path() {
    let value = json!({
        "flag": "yes", "colour": "green", "extra": 1,
        "items": [{"id": 5, "size": 300}, "no", {}],
    });
    let found = read::<Outer>(&value).unwrap_err();
    let told: Vec<(&str, &str)> = found.iter().map(|v| (v.path.as_str(), v.rule.as_str())).collect();
    for expected in [
        ("extra", "unknown"),
        ("name", "required"),
        ("flag", "type"),
        ("colour", "choice"),
        ("items[0].id", "type"),
        ("items[0].size", "type"),
        ("items[1]", "type"),
        ("items[2].id", "required"),
    ] {
        assert!(told.contains(&expected), "{expected:?} is missing in {told:?}");
    }
    assert_eq!(told.len(), 8);
}

#[test]
fn names_what_json_could_not_carry() {
    let found = read::<Inner>(&json!({"id": {"$unsupported": "bytes"}})).unwrap_err();
    assert_eq!(found[0].message, "must be text, got bytes");
    let found = read::<Outer>(&json!({"name": "n", "items": {"$unsupported": "a set"}})).unwrap_err();
    assert_eq!(found[0].message, "must be a list, got a set");
    assert_eq!(found.len(), 1);
}
