//! Options that are the boundary's own: a host gives them together with core's, and core does not know them.

use std::borrow::Cow;

use serde_json::{Map, Value};

/// The options of these names, and the text without them. What is no object stays for core to refuse.
pub(crate) fn split<'t>(json: &'t str, own: &[&str]) -> (Map<String, Value>, Cow<'t, str>) {
    let none = (Map::new(), Cow::Borrowed(json));
    // Mostly there is none, and nothing to be read twice.
    if !own.iter().any(|name| json.contains(name)) {
        return none;
    }
    let Ok(Value::Object(mut options)) = serde_json::from_str(json) else { return none };
    let taken = own.iter().filter_map(|name| options.shift_remove_entry(*name)).collect();
    (taken, Cow::Owned(Value::Object(options).to_string()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_is_named_is_taken() {
        let (own, core) = split(r#"{"log":"info","timeout_ms":5}"#, &["log", "copy_of"]);
        assert_eq!((own["log"].as_str(), &*core), (Some("info"), r#"{"timeout_ms":5}"#));
        for text in ["{}", r#"{"timeout_ms":"log"}"#, "[\"log\"]", "{\"log\""] {
            let (own, core) = split(text, &["log"]);
            assert!(own.is_empty() && core == text, "{text}");
        }
    }
}
