//! Texts with `{column}` in them.

use std::borrow::Cow;

use serde_json::{Map, Value};

use super::source::Cells;

/// A text in which `{name}` stands for what a row has in the column `name`, `{name|there}` for `there` where that is empty,
/// and `{{` and `}}` for braces.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Pattern(Vec<Part>);

#[derive(Debug, Clone, PartialEq, Eq)]
enum Part {
    Text(String),
    Column { name: String, otherwise: Option<String> },
}

/// The column in which something is missing.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Missing(pub(crate) String);

impl Pattern {
    /// What stands in a column, whole.
    pub(crate) fn column(name: &str) -> Self {
        Pattern(vec![Part::Column { name: name.to_owned(), otherwise: None }])
    }

    /// Reads a text.
    pub(crate) fn parse(text: &str) -> Result<Self, String> {
        let mut parts = Vec::new();
        let mut plain = String::new();
        let mut rest = text;
        while let Some(at) = rest.find(['{', '}']) {
            plain.push_str(&rest[..at]);
            let brace = &rest[at..=at];
            rest = &rest[at + 1..];
            if let Some(after) = rest.strip_prefix(brace) {
                plain.push_str(brace);
                rest = after;
            } else if brace == "}" {
                plain.push('}');
            } else {
                let (inside, after) = rest
                    .split_once('}')
                    .ok_or_else(|| format!("{text:?} has a {{ that is not closed; a brace itself is written {{{{"))?;
                if inside.trim().is_empty() {
                    return Err(format!("{text:?} has {{}} without a column's name; a brace itself is written {{{{"));
                }
                if !plain.is_empty() {
                    parts.push(Part::Text(std::mem::take(&mut plain)));
                }
                let (name, otherwise) = match inside.split_once('|') {
                    Some((name, otherwise)) => (name, Some(otherwise.to_owned())),
                    None => (inside, None),
                };
                parts.push(Part::Column { name: name.trim().to_owned(), otherwise });
                rest = after;
            }
        }
        plain.push_str(rest);
        if !plain.is_empty() || parts.is_empty() {
            parts.push(Part::Text(plain));
        }
        Ok(Pattern(parts))
    }

    /// The columns that it names, and whether each may be missing.
    pub(crate) fn columns(&self) -> impl Iterator<Item = (&str, bool)> {
        self.0.iter().filter_map(|part| match part {
            Part::Text(_) => None,
            Part::Column { name, otherwise } => Some((name.as_str(), otherwise.is_some())),
        })
    }

    /// The text for a row.
    pub(crate) fn fill(&self, cells: &Cells) -> Result<String, Missing> {
        let mut text = String::new();
        for part in &self.0 {
            match part {
                Part::Text(plain) => text.push_str(plain),
                Part::Column { name, otherwise } => {
                    let cell = cells.text(name).filter(|cell| !cell.trim().is_empty());
                    let cell = cell.or_else(|| otherwise.as_deref().map(Cow::Borrowed));
                    text.push_str(&cell.ok_or_else(|| Missing(name.clone()))?);
                }
            }
        }
        Ok(text)
    }

    /// The same, or what stands in the column itself where that is more than text: a number, an object.
    fn value(&self, cells: &Cells) -> Result<Value, Missing> {
        if let [Part::Column { name, .. }] = self.0.as_slice()
            && let Some(value) = cells.value(name)
        {
            return Ok(value.clone());
        }
        self.fill(cells).map(Value::from)
    }
}

/// JSON with patterns for texts.
#[derive(Debug, Clone)]
pub(crate) enum Node {
    Fixed(Value),
    Text(Pattern),
    List(Vec<Node>),
    Object(Vec<(String, Node)>),
}

impl Node {
    pub(crate) fn parse(value: &Value) -> Result<Self, String> {
        Ok(match value {
            Value::String(text) => Node::Text(Pattern::parse(text)?),
            Value::Array(items) => Node::List(items.iter().map(Node::parse).collect::<Result<_, _>>()?),
            Value::Object(members) => Node::Object(
                members
                    .iter()
                    .map(|(name, value)| Ok((name.clone(), Node::parse(value)?)))
                    .collect::<Result<_, String>>()?,
            ),
            fixed => Node::Fixed(fixed.clone()),
        })
    }

    /// The JSON for a row.
    pub(crate) fn fill(&self, cells: &Cells) -> Result<Value, Missing> {
        Ok(match self {
            Node::Fixed(value) => value.clone(),
            Node::Text(pattern) => pattern.value(cells)?,
            Node::List(items) => items.iter().map(|item| item.fill(cells)).collect::<Result<Vec<_>, _>>()?.into(),
            Node::Object(members) => {
                let filled = members.iter().map(|(name, node)| Ok((name.clone(), node.fill(cells)?)));
                filled.collect::<Result<Map<_, _>, _>>()?.into()
            }
        })
    }

    /// The columns that it names, each time that it does, and whether each may be missing there.
    pub(crate) fn columns(&self) -> Vec<(&str, bool)> {
        match self {
            Node::Fixed(_) => Vec::new(),
            Node::Text(pattern) => pattern.columns().collect(),
            Node::List(items) => items.iter().flat_map(Node::columns).collect(),
            Node::Object(members) => members.iter().flat_map(|(_, node)| node.columns()).collect(),
        }
    }

    /// What stands below a name or, as a number, at a place.
    pub(crate) fn get(&self, name: &str) -> Option<&Node> {
        match self {
            Node::Object(members) => members.iter().find(|(known, _)| known == name).map(|(_, node)| node),
            Node::List(items) => items.get(name.parse::<usize>().ok()?),
            Node::Fixed(_) | Node::Text(_) => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn cells(value: Value) -> Cells {
        match value {
            Value::Object(members) => Cells::Json(members),
            other => panic!("{other}"),
        }
    }

    fn filled(text: &str) -> Result<String, Missing> {
        let cells = cells(json!({"name": "Ana", "first name": "A", "empty": " ", "n": 5}));
        Pattern::parse(text).unwrap().fill(&cells)
    }

    #[test]
    fn columns_take_their_places() {
        for (text, expected) in [
            ("Hello {name}!", "Hello Ana!"),
            ("{name}{n}", "Ana5"),
            ("{ first name }", "A"),
            ("{{name}} {{{name}}} }", "{name} {Ana} }"),
            ("{empty|you}, {gone|me}, {name|her}", "you, me, Ana"),
            ("plain", "plain"),
            ("", ""),
        ] {
            assert_eq!(filled(text).as_deref(), Ok(expected), "{text}");
        }
        assert_eq!(filled("{name} {empty}"), Err(Missing("empty".to_owned())));
        assert_eq!(filled("{gone}"), Err(Missing("gone".to_owned())));
        // What a cell says is not read again.
        let cells = cells(json!({"name": "{n}", "n": 5}));
        assert_eq!(Pattern::parse("{name}").unwrap().fill(&cells).as_deref(), Ok("{n}"));
    }

    #[test]
    fn braces_without_sense_are_refused() {
        for text in ["Hello {name", "{}", "{ }"] {
            assert!(Pattern::parse(text).unwrap_err().contains("{{"), "{text}");
        }
    }

    #[test]
    fn json_is_filled_everywhere_and_keeps_what_is_more_than_text() {
        let node = Node::parse(&json!({"body": ["{name}", "#{n}"], "at": "{n}", "on": true})).unwrap();
        let cells = cells(json!({"name": "Ana", "n": 5}));
        assert_eq!(node.fill(&cells), Ok(json!({"body": ["Ana", "#5"], "at": 5, "on": true})));
        assert_eq!(node.columns(), [("name", false), ("n", false), ("n", false)]);
        assert_eq!(node.get("body").and_then(|body| body.get("1")).map(Node::columns), Some(vec![("n", false)]));
    }
}
