//! The engine: shapes, objects made of members, and the path to a violation.

use std::fmt;

use serde_json::{Map, Value};

/// What a value has to look like.
pub(crate) enum Shape {
    /// A string of so many characters.
    Text(usize, usize),
    /// A string that is one of these.
    OneOf(&'static [&'static str]),
    /// A string for which the function holds; the text says what it has to be.
    Written(fn(&str) -> bool, &'static str),
    Bool,
    Integer(i64, i64),
    /// Degrees up to so many on either side of zero, as a number or as a string (Meta's document says string, its examples number).
    Degrees(f64),
    Object(&'static Object),
    /// An object whose contents Meta does not document.
    Open,
    /// A list of so many items.
    List(usize, usize, &'static Shape),
    /// An object whose string member (named first) decides which table holds.
    Tagged(&'static str, &'static [(&'static str, &'static Object)]),
    /// Either of the two.
    Either(&'static Shape, &'static Shape),
}

/// Any number of characters or items.
pub(crate) const ANY: usize = usize::MAX;
/// A string of any length, also empty.
pub(crate) const ANY_TEXT: Shape = Shape::Text(0, ANY);
/// A string that is not empty.
pub(crate) const SOME_TEXT: Shape = Shape::Text(1, ANY);

/// One member of an object.
pub(crate) struct Member {
    pub(crate) name: &'static str,
    pub(crate) required: bool,
    pub(crate) shape: Shape,
}

/// A rule between members that no single shape can say.
pub(crate) type Rule = fn(&Map<String, Value>, &Path<'_>) -> Result<(), Violation>;

/// An object: its members, and rules between them.
pub(crate) struct Object {
    pub(crate) members: &'static [Member],
    pub(crate) rules: &'static [Rule],
    /// Whether members that the table does not name are let through.
    pub(crate) open: bool,
}

// Macros and not functions: the tables are nested references, and only literals live long enough to be referred to.

/// A member that must be there.
macro_rules! must {
    ($name:expr, $shape:expr $(,)?) => {
        crate::rules::shape::Member { name: $name, required: true, shape: $shape }
    };
}

/// A member that may be there.
macro_rules! may {
    ($name:expr, $shape:expr $(,)?) => {
        crate::rules::shape::Member { name: $name, required: false, shape: $shape }
    };
}

/// An object of these members and no others, and with these rules between them.
macro_rules! closed {
    ($members:expr, $rules:expr $(,)?) => {
        crate::rules::shape::Object { members: $members, rules: $rules, open: false }
    };
}

/// An object of which only these members are known.
macro_rules! open {
    ($members:expr $(,)?) => {
        crate::rules::shape::Object { members: $members, rules: &[], open: true }
    };
}

pub(crate) use {closed, may, must, open};

/// Where a value is, as a list that lives on the stack: it becomes text only when something is wrong.
pub(crate) struct Path<'a> {
    parent: Option<&'a Path<'a>>,
    step: Step<'a>,
}

enum Step<'a> {
    Root,
    Member(&'a str),
    Item(usize),
}

impl<'a> Path<'a> {
    pub(crate) const ROOT: Path<'static> = Path { parent: None, step: Step::Root };

    pub(crate) fn member(&'a self, name: &'a str) -> Path<'a> {
        Path { parent: Some(self), step: Step::Member(name) }
    }

    pub(crate) fn item(&'a self, index: usize) -> Path<'a> {
        Path { parent: Some(self), step: Step::Item(index) }
    }

    /// The value here breaks a rule about values: 131009.
    pub(crate) fn value(&self, says: impl Into<String>) -> Violation {
        Violation { code: 131009, path: self.to_string(), says: says.into() }
    }

    /// The value here should not be here, or is of the wrong type: 100.
    pub(crate) fn invalid(&self, says: impl Into<String>) -> Violation {
        Violation { code: 100, path: self.to_string(), says: says.into() }
    }

    /// Nothing is here: 131008.
    pub(crate) fn missing(&self, says: impl Into<String>) -> Violation {
        Violation { code: 131008, path: self.to_string(), says: says.into() }
    }
}

impl fmt::Display for Path<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Some(parent) = self.parent {
            parent.fmt(f)?;
        }
        match self.step {
            Step::Root => Ok(()),
            Step::Item(index) => write!(f, "[{index}]"),
            Step::Member(name) => {
                let dot = self.parent.is_some_and(|parent| !matches!(parent.step, Step::Root));
                write!(f, "{}{name}", if dot { "." } else { "" })
            }
        }
    }
}

/// The first thing that is wrong with a body.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Violation {
    pub(crate) code: i64,
    /// As in `interactive.action.buttons[0].reply.title`.
    pub(crate) path: String,
    pub(crate) says: String,
}

impl fmt::Display for Violation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.path.is_empty() { f.write_str(&self.says) } else { write!(f, "{}: {}", self.path, self.says) }
    }
}

impl Shape {
    pub(crate) fn check(&self, value: &Value, path: &Path<'_>) -> Result<(), Violation> {
        match self {
            Self::Text(min, max) => {
                let count = string(value, path)?.chars().count();
                if count < *min {
                    Err(path.value("must not be empty"))
                } else if count > *max {
                    Err(path.value(format!("at most {max} characters, not {count}")))
                } else {
                    Ok(())
                }
            }
            Self::OneOf(allowed) => {
                let text = string(value, path)?;
                if allowed.contains(&text) {
                    return Ok(());
                }
                Err(path.value(format!("must be one of {{{}}}, not {text:?}", allowed.join(", "))))
            }
            Self::Written(holds, what) => {
                if holds(string(value, path)?) {
                    Ok(())
                } else {
                    Err(path.value(format!("must be {what}")))
                }
            }
            Self::Bool if value.is_boolean() => Ok(()),
            Self::Bool => Err(wrong_type(path, "true or false", value)),
            Self::Integer(min, max) => match value.as_i64() {
                Some(number) if (*min..=*max).contains(&number) => Ok(()),
                Some(number) if min == max => Err(path.value(format!("must be {min}, not {number}"))),
                Some(number) => Err(path.value(format!("must be between {min} and {max}, not {number}"))),
                None => Err(wrong_type(path, "an integer", value)),
            },
            Self::Degrees(limit) => check_degrees(value, *limit, path),
            Self::Object(object) => object.check(object_at(value, path)?, path),
            Self::Open => object_at(value, path).map(|_| ()),
            Self::List(min, max, item) => check_list(value, (*min, *max), item, path),
            Self::Tagged(tag, variants) => check_tagged(value, tag, variants, path),
            Self::Either(one, other) => one.check(value, path).or_else(|_| other.check(value, path)),
        }
    }
}

impl Object {
    pub(crate) fn check(&self, map: &Map<String, Value>, path: &Path<'_>) -> Result<(), Violation> {
        if !self.open
            && let Some(unknown) = map.keys().find(|key| !self.members.iter().any(|member| member.name == *key))
        {
            return Err(path.member(unknown).invalid("unexpected key"));
        }
        for member in self.members {
            match map.get(member.name) {
                Some(value) => member.shape.check(value, &path.member(member.name))?,
                None if member.required => {
                    return Err(path.member(member.name).missing("is required"));
                }
                None => {}
            }
        }
        self.rules.iter().try_for_each(|rule| rule(map, path))
    }
}

fn check_list(value: &Value, (min, max): (usize, usize), item: &Shape, path: &Path<'_>) -> Result<(), Violation> {
    let Value::Array(items) = value else {
        return Err(wrong_type(path, "a list", value));
    };
    if items.len() < min {
        return Err(path.value(format!("at least {min}, not {}", items.len())));
    }
    if items.len() > max {
        return Err(path.value(format!("at most {max}, not {}", items.len())));
    }
    items.iter().enumerate().try_for_each(|(index, value)| item.check(value, &path.item(index)))
}

fn check_tagged(
    value: &Value,
    tag: &str,
    variants: &[(&str, &'static Object)],
    path: &Path<'_>,
) -> Result<(), Violation> {
    variant(object_at(value, path)?, tag, variants, path)
}

/// Checks an object by the table that its member `tag` names.
pub(crate) fn variant(
    map: &Map<String, Value>,
    tag: &str,
    variants: &[(&str, &'static Object)],
    path: &Path<'_>,
) -> Result<(), Violation> {
    let here = path.member(tag);
    let Some(name) = map.get(tag) else {
        return Err(here.missing("is required"));
    };
    let name = string(name, &here)?;
    match variants.iter().find(|(variant, _)| *variant == name) {
        Some((_, object)) => object.check(map, path),
        None => {
            let names: Vec<&str> = variants.iter().map(|(variant, _)| *variant).collect();
            Err(here.value(format!("must be one of {{{}}}, not {name:?}", names.join(", "))))
        }
    }
}

fn check_degrees(value: &Value, limit: f64, path: &Path<'_>) -> Result<(), Violation> {
    let degrees = match value {
        Value::Number(number) => number.as_f64(),
        Value::String(text) if is_decimal(text) => text.parse().ok(),
        Value::String(_) => return Err(path.value("must be a number")),
        _ => return Err(wrong_type(path, "a number", value)),
    };
    match degrees {
        Some(degrees) if degrees.abs() <= limit => Ok(()),
        _ => Err(path.value(format!("must be between -{limit} and {limit}"))),
    }
}

fn is_decimal(text: &str) -> bool {
    let all_digits = |part: &str| !part.is_empty() && part.bytes().all(|b| b.is_ascii_digit());
    let (whole, fraction) = text.split_once('.').unwrap_or((text, "0"));
    let whole = whole.strip_prefix('-').unwrap_or(whole);
    all_digits(whole) && whole.len() <= 3 && all_digits(fraction)
}

pub(crate) fn object_at<'v>(value: &'v Value, path: &Path<'_>) -> Result<&'v Map<String, Value>, Violation> {
    value.as_object().ok_or_else(|| wrong_type(path, "an object", value))
}

pub(crate) fn string<'v>(value: &'v Value, path: &Path<'_>) -> Result<&'v str, Violation> {
    value.as_str().ok_or_else(|| wrong_type(path, "a string", value))
}

fn wrong_type(path: &Path<'_>, wanted: &str, got: &Value) -> Violation {
    let got = match got {
        Value::Null => "null",
        Value::Bool(_) => "a boolean",
        Value::Number(_) => "a number",
        Value::String(_) => "a string",
        Value::Array(_) => "a list",
        Value::Object(_) => "an object",
    };
    path.invalid(format!("must be {wanted}, not {got}"))
}

/// Exactly one of two members.
pub(crate) fn one_of(map: &Map<String, Value>, path: &Path<'_>, one: &str, other: &str) -> Result<(), Violation> {
    match (map.contains_key(one), map.contains_key(other)) {
        (true, false) | (false, true) => Ok(()),
        (true, true) => Err(path.member(one).invalid(format!("give either {one} or {other}, not both"))),
        (false, false) => Err(path.member(one).missing(format!("{one} or {other} is required"))),
    }
}

/// The index of the first text that an earlier one equals.
pub(crate) fn repeated<'v>(texts: impl Iterator<Item = Option<&'v str>>) -> Option<usize> {
    let mut seen = Vec::new();
    for (index, text) in texts.enumerate() {
        let Some(text) = text else { continue };
        if seen.contains(&text) {
            return Some(index);
        }
        seen.push(text);
    }
    None
}
