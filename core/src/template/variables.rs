//! Variables in a template's texts.

use std::ops::Range;

/// A variable where it stands in a text.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Variable<'t> {
    /// What stands between the braces.
    pub(super) name: &'t str,
    /// Where it stands, braces and all, in bytes.
    pub(super) at: Range<usize>,
}

/// Every variable of a text, in order, those that come again as well.
pub(super) fn all(text: &str) -> Vec<Variable<'_>> {
    let mut found = Vec::new();
    let mut from = 0;
    while let Some(open) = text[from..].find("{{").map(|at| from + at) {
        let Some(close) = text[open..].find("}}").map(|at| open + at) else { break };
        found.push(Variable { name: text[open + 2..close].trim(), at: open..close + 2 });
        from = close + 2;
    }
    found
}

/// Their names, each once, in the order in which values are given: numbers by number, names as they come.
pub(super) fn names(text: &str) -> Vec<&str> {
    let mut names: Vec<&str> = Vec::new();
    for variable in all(text) {
        if !names.contains(&variable.name) {
            names.push(variable.name);
        }
    }
    if names.iter().all(|name| name.parse::<u32>().is_ok()) {
        names.sort_by_key(|name| name.parse::<u32>().unwrap_or_default());
    }
    names
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn variables_are_found_each_once_and_in_their_order() {
        for (text, expected) in [
            ("Hello {{1}}, {{2}} and {{1}}", vec!["1", "2"]),
            ("{{2}} before {{1}}", vec!["1", "2"]),
            ("{{ name }} and {{order}}", vec!["name", "order"]),
            ("{{10}} {{9}}", vec!["9", "10"]),
            ("{1} {{ {{", vec![]),
            ("Grüße {{1}}", vec!["1"]),
        ] {
            assert_eq!(names(text), expected, "{text}");
        }
        assert_eq!(all("ä{{1}}")[0].at, 2..7);
    }
}
