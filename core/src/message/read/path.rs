//! Where in the JSON something is.

use crate::message::violation::{Rule, Violation};

/// A mistake at that place.
pub(super) fn violation(path: &Path<'_>, rule: Rule, message: impl Into<String>) -> Violation {
    let mut text = String::new();
    path.write(&mut text);
    Violation { path: text, rule: rule.name().to_owned(), message: message.into() }
}

/// Made on the way down, written out only where there is something to tell.
pub(super) enum Path<'a> {
    Root,
    Member(&'a Path<'a>, &'a str),
    Item(&'a Path<'a>, usize),
}

impl Path<'_> {
    pub(super) fn write(&self, text: &mut String) {
        match self {
            Path::Root => {}
            Path::Member(parent, name) => {
                parent.write(text);
                if !text.is_empty() {
                    text.push('.');
                }
                text.push_str(name);
            }
            Path::Item(parent, index) => {
                parent.write(text);
                text.push_str(&format!("[{index}]"));
            }
        }
    }
}
