//! Docstrings in Google's style, which editors read.

use super::{Python, identifier};
use crate::docs::Docs;
use crate::layout::{WIDTH, indented};
use crate::schema::Field;

impl Python<'_> {
    /// The docstring of something that takes `params`, indented.
    pub(super) fn docstring(&self, indent: &str, docs: &Docs, params: &[&Field]) -> Vec<String> {
        self.docstring_with(indent, docs, "Args:", params)
    }

    /// The docstring of a class with its members, which `help` does not show otherwise.
    pub(super) fn docstring_of_class(&self, indent: &str, docs: &Docs, members: &[Field]) -> Vec<String> {
        self.docstring_with(indent, docs, "Attributes:", &members.iter().collect::<Vec<_>>())
    }

    fn docstring_with(&self, indent: &str, docs: &Docs, heading: &str, params: &[&Field]) -> Vec<String> {
        let width = WIDTH - indent.len();
        // A docstring of one line has its quotes at both ends.
        let mut lines = docs.lines(&self.speech, width - 6);
        let arguments: Vec<String> = params
            .iter()
            .filter(|param| !param.docs.is_empty())
            .flat_map(|param| self.argument(param, width))
            .collect();
        if !arguments.is_empty() {
            lines.extend([String::new(), heading.into()]);
            lines.extend(arguments);
        }
        quoted(indent, lines)
    }

    fn argument(&self, param: &Field, width: usize) -> Vec<String> {
        let text = format!("{}: {}", identifier(param), param.docs.in_one_line(&self.speech));
        crate::docs::wrap(&text, width, "    ", "        ")
    }
}

/// A docstring with these lines.
pub(super) fn quoted(indent: &str, mut lines: Vec<String>) -> Vec<String> {
    if lines.is_empty() {
        return lines;
    }
    for line in &mut lines {
        *line = line.replace('\\', "\\\\").replace("\"\"\"", "\\\"\\\"\\\"");
    }
    lines[0].insert_str(0, "\"\"\"");
    match &mut lines[..] {
        [only] if !only.ends_with('"') => only.push_str("\"\"\""),
        _ => lines.push("\"\"\"".into()),
    }
    indented(indent, lines).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn quotes_never_end_a_docstring_early() {
        let lines = |text: &str| quoted("  ", vec![text.into()]);
        assert_eq!(lines("one"), ["  \"\"\"one\"\"\""]);
        assert_eq!(lines("a \\d"), ["  \"\"\"a \\\\d\"\"\""]);
        assert_eq!(lines("say \"so\""), ["  \"\"\"say \"so\"", "  \"\"\""]);
    }
}
