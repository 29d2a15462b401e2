//! What is wrong with a message: every mistake, each with its place in Graph's body.

use std::fmt;
use std::sync::Arc;

use serde::{Deserialize, Serialize};

use super::upload::Upload;

/// One mistake in what was to be sent.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "manifest", derive(schemars::JsonSchema))]
pub struct Violation {
    /// Where it is, as a path in Graph's request body: `interactive.action.buttons[0].reply.title`. Of a call that sends no
    /// message, as a path in its arguments.
    pub path: String,
    /// Which rule it breaks: `required`, `type`, `unknown`, `length`, `count`, `unique`, `format`, `choice` or
    /// `conflict`.
    pub rule: String,
    /// One sentence for a person.
    pub message: String,
}

impl Violation {
    pub(crate) fn new(path: impl Into<String>, rule: Rule, message: impl Into<String>) -> Self {
        Violation { path: path.into(), rule: rule.name().to_owned(), message: message.into() }
    }

    /// The same, with its place below another one.
    pub(crate) fn below(self, place: &str) -> Self {
        let between = if self.path.is_empty() || self.path.starts_with('[') || place.is_empty() { "" } else { "." };
        Violation { path: format!("{place}{between}{}", self.path), ..self }
    }
}

impl fmt::Display for Violation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.path.is_empty() { f.write_str(&self.message) } else { write!(f, "{}: {}", self.path, self.message) }
    }
}

/// Every mistake of one message or call; nothing was sent.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub struct Invalid {
    /// At least one, in the order in which they were found.
    pub violations: Vec<Violation>,
    /// Whether the call sends and changes nothing anyway: then there is no need to say so.
    pub only_reads: bool,
}

impl Invalid {
    pub(crate) fn new(violations: Vec<Violation>) -> Self {
        Invalid { violations, only_reads: false }
    }
}

impl fmt::Display for Invalid {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let count = self.violations.len();
        f.write_str(&match count {
            1 => "1 mistake".to_owned(),
            _ => format!("{count} mistakes"),
        })?;
        if !self.only_reads {
            f.write_str(", nothing was sent")?;
        }
        for violation in &self.violations {
            write!(f, "; {violation}")?;
        }
        Ok(())
    }
}

impl From<Violation> for Invalid {
    fn from(violation: Violation) -> Self {
        Invalid::new(vec![violation])
    }
}

/// Violations as an error.
pub(crate) fn invalid<T>(result: Result<T, Vec<Violation>>) -> Result<T, Invalid> {
    result.map_err(Invalid::new)
}

/// Whether `path` is `place` or lies below it.
pub(crate) fn is_within(path: &str, place: &str) -> bool {
    path.strip_prefix(place).is_some_and(|rest| rest.is_empty() || place.is_empty() || rest.starts_with(['.', '[']))
}

/// Whether one of two places is the other or lies below it.
pub(crate) fn meet(one: &str, other: &str) -> bool {
    is_within(one, other) || is_within(other, one)
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

#[derive(Debug, Clone)]
enum Step {
    Member(&'static str),
    /// A member that the caller named.
    Key(String),
    Item(usize),
}

/// Collects violations while a message is walked. The path is only written out when something is wrong.
#[derive(Debug, Default)]
pub(crate) struct Checker {
    steps: Vec<Step>,
    violations: Vec<Violation>,
    uploads: Vec<Wanted>,
}

/// Something that has to be uploaded, and the object in Graph's body that then gets its id.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Wanted {
    /// The path of the object: `template.components[0].parameters[0].image`.
    pub(crate) path: String,
    /// What it is sent as: `image`.
    pub(crate) kind: &'static str,
    pub(crate) upload: Arc<Upload>,
}

impl Checker {
    /// Checks what lies below a member.
    pub(crate) fn member<R>(&mut self, name: &'static str, check: impl FnOnce(&mut Self) -> R) -> R {
        self.below(Step::Member(name), check)
    }

    /// Checks what lies below a member that the caller named.
    pub(crate) fn key(&mut self, name: &str, check: impl FnOnce(&mut Self)) {
        self.below(Step::Key(name.to_owned()), check);
    }

    /// Checks what lies below an item of the list where the walk stands.
    pub(crate) fn item<R>(&mut self, index: usize, check: impl FnOnce(&mut Self) -> R) -> R {
        self.below(Step::Item(index), check)
    }

    fn below<R>(&mut self, step: Step, check: impl FnOnce(&mut Self) -> R) -> R {
        self.steps.push(step);
        let checked = check(self);
        self.steps.pop();
        checked
    }

    /// Checks each item of a list below a member.
    pub(crate) fn items<'t, T>(&mut self, name: &'static str, items: &'t [T], check: impl FnMut(&mut Self, &'t T)) {
        self.member(name, |checker| checker.each(items, check));
    }

    /// Checks each item of the list where the walk stands.
    pub(crate) fn each<'t, T>(&mut self, items: &'t [T], mut check: impl FnMut(&mut Self, &'t T)) {
        for (index, item) in items.iter().enumerate() {
            self.item(index, |checker| check(checker, item));
        }
    }

    /// Tells, at `place` in the items of a list, which of them say the same there as one before.
    pub(crate) fn all_differ<T>(
        &mut self,
        list: &'static str,
        items: &[T],
        place: &[&'static str],
        text: impl Fn(&T) -> &str,
    ) {
        let mut seen = std::collections::HashSet::new();
        for (index, item) in items.iter().enumerate() {
            // An empty one has been told already.
            if text(item).is_empty() || seen.insert(text(item)) {
                continue;
            }
            let depth = self.steps.len();
            self.steps.extend([Step::Member(list), Step::Item(index)]);
            self.steps.extend(place.iter().map(|name| Step::Member(name)));
            let name = place.last().copied().unwrap_or_default();
            self.refuse(Rule::Unique, format!("is the {name} of another one too"));
            self.steps.truncate(depth);
        }
    }

    /// Tells of each of these members that it is there, where it has no meaning.
    pub(crate) fn none_of(&mut self, members: &[(&'static str, bool)], place: &str) {
        for (name, _) in members.iter().filter(|(_, is_given)| *is_given) {
            self.refuse_at(name, Rule::Unknown, format!("is not known in {place}"));
        }
    }

    /// One of two members, and not both.
    pub(crate) fn one_of(&mut self, one: (&'static str, bool), other: (&'static str, bool)) {
        match (one.1, other.1) {
            (true, true) => self.refuse_at(other.0, Rule::Conflict, format!("cannot stand beside {}", one.0)),
            (false, false) => {
                self.refuse_at(one.0, Rule::Required, format!("is required: either {} or {}", one.0, other.0));
            }
            _ => {}
        }
    }

    /// A member that must be there.
    pub(crate) fn required<T>(&mut self, name: &'static str, member: Option<&T>, check: impl FnOnce(&mut Self, &T)) {
        match member {
            Some(member) => self.member(name, |checker| check(checker, member)),
            None => self.refuse_at(name, Rule::Required, "is required"),
        }
    }

    /// Reports a mistake at the place where the walk stands.
    pub(crate) fn refuse(&mut self, rule: Rule, message: impl Into<String>) {
        let path = self.path();
        self.violations.push(Violation { path, rule: rule.name().to_owned(), message: message.into() });
    }

    /// Takes over a mistake that was found elsewhere, with its own place.
    pub(crate) fn add(&mut self, violation: &Violation) {
        self.violations.push(violation.clone());
    }

    /// Takes over mistakes that were found elsewhere, with their places below the one where the walk stands.
    pub(crate) fn add_below(&mut self, violations: Vec<Violation>) {
        let here = self.path();
        self.violations.extend(violations.into_iter().map(|violation| violation.below(&here)));
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

    /// A message that came to one number is answered, and marked, by that number only: another one has a conversation, and a
    /// service window, of its own.
    pub(crate) fn own_number(&mut self, path: &'static str, came_to: Option<&str>, own: &str) {
        if let Some(number) = came_to.filter(|number| *number != own) {
            let message = format!("came to the number {number}, and this client sends from {own}");
            self.refuse_at(path, Rule::Conflict, message);
        }
    }

    /// Notes that what stands here is to be uploaded.
    pub(crate) fn wants(&mut self, kind: &'static str, upload: &Arc<Upload>) {
        let path = self.path();
        self.uploads.push(Wanted { path, kind, upload: upload.clone() });
    }

    /// What is to be uploaded.
    pub(crate) fn into_uploads(self) -> Vec<Wanted> {
        self.uploads
    }

    /// What was refused so far.
    pub(crate) fn found(&self) -> &[Violation] {
        &self.violations
    }

    /// Nothing, or everything that was refused.
    pub(crate) fn into_result(self) -> Result<(), Invalid> {
        invalid(if self.violations.is_empty() { Ok(()) } else { Err(self.violations) })
    }

    fn path(&self) -> String {
        let mut path = String::new();
        for step in &self.steps {
            let name = match step {
                Step::Member(name) => *name,
                Step::Key(name) => name.as_str(),
                Step::Item(index) => {
                    path.push_str(&format!("[{index}]"));
                    continue;
                }
            };
            if !path.is_empty() {
                path.push('.');
            }
            path.push_str(name);
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
        let found = checker.found();
        assert_eq!(found.len(), 1);
        assert_eq!(found[0].path, "interactive.buttons[0].title");
        assert_eq!(found[0].rule, "required");
    }

    #[test]
    fn only_what_could_send_says_that_nothing_was_sent() {
        let invalid: Invalid = Violation::new("name", Rule::Required, "is required").into();
        assert_eq!(invalid.to_string(), "1 mistake, nothing was sent; name: is required");
        let read = Invalid { only_reads: true, ..invalid };
        assert_eq!(read.to_string(), "1 mistake; name: is required");
    }

    #[test]
    fn lengths_are_counted_in_characters() {
        let mut checker = Checker::default();
        checker.text("body", &"😀".repeat(20), 1, 20);
        checker.text("body", &"😀".repeat(21), 1, 20);
        let found = checker.found();
        assert_eq!(found.len(), 1);
        assert_eq!(found[0].message, "must have at most 20 characters, has 21");
    }
}
