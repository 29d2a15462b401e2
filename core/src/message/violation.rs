//! What is wrong with a message: every mistake, each with its place in Graph's body.

use std::fmt;

use serde::{Deserialize, Serialize};

/// One mistake in what was to be sent.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "manifest", derive(schemars::JsonSchema))]
pub struct Violation {
    /// Where it is, as a path in Graph's request body: `interactive.action.buttons[0].reply.title`.
    pub path: String,
    /// Which rule it breaks: `required`, `type`, `unknown`, `length`, `count`, `unique`, `format`, `choice` or
    /// `conflict`.
    pub rule: String,
    /// One sentence for a person.
    pub message: String,
}

impl fmt::Display for Violation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.path.is_empty() { f.write_str(&self.message) } else { write!(f, "{}: {}", self.path, self.message) }
    }
}

/// Every mistake of one message or call; nothing was sent.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub struct Invalid {
    /// At least one, in the order in which they were found.
    pub violations: Vec<Violation>,
}

impl fmt::Display for Invalid {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let count = self.violations.len();
        write!(f, "{count} {}, nothing was sent", if count == 1 { "mistake" } else { "mistakes" })?;
        for violation in &self.violations {
            write!(f, "; {violation}")?;
        }
        Ok(())
    }
}

/// Violations as an error.
pub(crate) fn invalid<T>(result: Result<T, Vec<Violation>>) -> Result<T, Invalid> {
    result.map_err(|violations| Invalid { violations })
}

/// The rules a violation can name. Their names are public and stable.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Rule {
    Required,
    Type,
    Unknown,
    Length,
    Count,
    Unique,
    Format,
    Choice,
    Conflict,
}

impl Rule {
    pub(crate) fn name(self) -> &'static str {
        match self {
            Rule::Required => "required",
            Rule::Type => "type",
            Rule::Unknown => "unknown",
            Rule::Length => "length",
            Rule::Count => "count",
            Rule::Unique => "unique",
            Rule::Format => "format",
            Rule::Choice => "choice",
            Rule::Conflict => "conflict",
        }
    }
}

#[derive(Debug, Clone, Copy)]
enum Step {
    Member(&'static str),
    Item(usize),
}

/// Collects violations while a message is walked. The path is only written out when something is wrong.
#[derive(Debug, Default)]
pub(crate) struct Checker {
    steps: Vec<Step>,
    violations: Vec<Violation>,
}

impl Checker {
    /// Checks what lies below a member.
    pub(crate) fn member(&mut self, name: &'static str, check: impl FnOnce(&mut Self)) {
        self.steps.push(Step::Member(name));
        check(self);
        self.steps.pop();
    }

    /// Checks each item of a list below a member.
    pub(crate) fn items<T>(&mut self, name: &'static str, items: &[T], mut check: impl FnMut(&mut Self, &T)) {
        self.steps.push(Step::Member(name));
        for (index, item) in items.iter().enumerate() {
            self.steps.push(Step::Item(index));
            check(self, item);
            self.steps.pop();
        }
        self.steps.pop();
    }

    /// Reports a mistake at the place where the walk stands.
    pub(crate) fn refuse(&mut self, rule: Rule, message: impl Into<String>) {
        let path = self.path();
        self.violations.push(Violation { path, rule: rule.name().to_owned(), message: message.into() });
    }

    /// Reports a mistake at a member of the place where the walk stands.
    pub(crate) fn refuse_at(&mut self, name: &'static str, rule: Rule, message: impl Into<String>) {
        self.member(name, |checker| checker.refuse(rule, message));
    }

    /// A text that must be there and hold from `min` to `max` characters (Unicode scalar values, not bytes).
    pub(crate) fn text(&mut self, name: &'static str, text: &str, min: usize, max: usize) {
        // A text of no more bytes than `max` has no more characters either; most texts end here.
        if text.len() <= max && text.len() >= min && min <= 1 {
            return;
        }
        let count = text.chars().count();
        if count < min {
            let rule = if count == 0 { Rule::Required } else { Rule::Length };
            let message = if count == 0 {
                "must not be empty".to_owned()
            } else {
                format!("must have at least {min} characters, has {count}")
            };
            self.refuse_at(name, rule, message);
        } else if count > max {
            self.refuse_at(name, Rule::Length, format!("must have at most {max} characters, has {count}"));
        }
    }

    /// The same for a text that may be left out.
    pub(crate) fn optional_text(&mut self, name: &'static str, text: Option<&String>, min: usize, max: usize) {
        if let Some(text) = text {
            self.text(name, text, min, max);
        }
    }

    /// A list that must hold from `min` to `max` items.
    pub(crate) fn count(&mut self, name: &'static str, count: usize, min: usize, max: usize) {
        if count < min || count > max {
            self.refuse_at(name, Rule::Count, format!("must have {min} to {max} items, has {count}"));
        }
    }

    #[cfg(test)]
    pub(crate) fn finish(self) -> Vec<Violation> {
        self.violations
    }

    /// Nothing, or everything that was refused.
    pub(crate) fn into_result(self) -> Result<(), Invalid> {
        invalid(if self.violations.is_empty() { Ok(()) } else { Err(self.violations) })
    }

    fn path(&self) -> String {
        let mut path = String::new();
        for step in &self.steps {
            match step {
                Step::Member(name) => {
                    if !path.is_empty() {
                        path.push('.');
                    }
                    path.push_str(name);
                }
                Step::Item(index) => path.push_str(&format!("[{index}]")),
            }
        }
        path
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths_name_members_and_items() {
        let mut checker = Checker::default();
        checker.member("interactive", |c| {
            c.items("buttons", &["", "ok"], |c, title| {
                c.text("title", title, 1, 20);
            });
        });
        let found = checker.finish();
        assert_eq!(found.len(), 1);
        assert_eq!(found[0].path, "interactive.buttons[0].title");
        assert_eq!(found[0].rule, "required");
    }

    #[test]
    fn lengths_are_counted_in_characters() {
        let mut checker = Checker::default();
        checker.text("body", &"😀".repeat(20), 1, 20);
        checker.text("body", &"😀".repeat(21), 1, 20);
        let found = checker.finish();
        assert_eq!(found.len(), 1);
        assert_eq!(found[0].message, "must have at most 20 characters, has 21");
    }
}
