//! Core's documentation (the Markdown of its Rust comments) in the words of each language.

use std::collections::HashMap;

use serde_json::Value;

use crate::model::Model;
use crate::naming::Language;
use crate::schema::Type;

/// How the examples of core's operations begin: compiled with its tests, not run.
const RUST_FENCE: &str = "```no_run";

/// The Markdown of one thing.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Docs {
    markdown: String,
}

impl Docs {
    /// With a paragraph's end added.
    pub(crate) fn and(self, more: &str) -> Self {
        Docs { markdown: format!("{} {more}", self.markdown) }
    }
}

/// A piece of documentation.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Block {
    Heading(String),
    Paragraph(String),
    Item(String),
    /// An example in the reader's language, or in none (`json`, `text`): the tag and the lines.
    Code(String, Vec<String>),
}

/// How a language calls what core's documentation names in `code`.
#[derive(Debug)]
pub(crate) struct Speech {
    language: Language,
    names: HashMap<String, String>,
}

impl Speech {
    pub(crate) fn new(language: Language, model: &Model) -> Self {
        // A duration is also spoken of without its unit.
        let fields = model.all_fields().flat_map(|field| {
            let said = language.identifier(&field.name, &field.ty);
            let bare = field.name.strip_suffix("_ms").filter(|_| field.ty == Type::DurationMs);
            let names = [Some(field.name.as_str()), bare];
            names.into_iter().flatten().map(move |name| (name.to_string(), said.clone()))
        });
        let operations =
            model.operations.iter().map(|operation| (operation.name.clone(), language.method(&operation.name)));
        Self { language, names: fields.chain(operations).collect() }
    }

    /// Renames what is written as `code`, and takes Rust's links off.
    fn say(&self, text: &str) -> String {
        let text = without_rust_links(text);
        let mut said = String::new();
        for (index, span) in text.split('`').enumerate() {
            if index > 0 {
                said.push('`');
            }
            let is_code = index % 2 == 1;
            match self.names.get(span) {
                Some(name) if is_code => said.push_str(name),
                // How media are made is no method of an object there.
                None if is_code && self.language == Language::Php && span.starts_with("Media.") => {
                    said.push_str(&span.replacen('.', "::", 1));
                }
                None if is_code => said.push_str(self.language.word(span)),
                _ => said.push_str(span),
            }
        }
        said
    }
}

/// Links such as `[text](crate::Message)` lead somewhere in Rust's pages only. Addresses stay.
fn without_rust_links(text: &str) -> String {
    let mut plain = String::new();
    let mut rest = text;
    while let Some(start) = rest.find('[') {
        let (before, from) = rest.split_at(start);
        plain.push_str(before);
        let Some(end) = from.find(']') else {
            rest = from;
            break;
        };
        let (label, after) = (&from[1..end], &from[end + 1..]);
        let target = after.strip_prefix('(').and_then(|inside| inside.split_once(')'));
        rest = match target {
            Some((target, beyond)) if !target.contains("://") => {
                plain.push_str(label);
                beyond
            }
            None if label.starts_with('`') && label.ends_with('`') => {
                plain.push_str(label);
                after
            }
            _ => {
                plain.push_str(&from[..=end]);
                after
            }
        };
    }
    plain + rest
}

impl Docs {
    pub(crate) fn new(markdown: impl Into<String>) -> Self {
        Self { markdown: markdown.into() }
    }

    /// Adds Markdown at its end.
    pub(crate) fn add(&mut self, markdown: &str) {
        self.markdown += markdown;
    }

    /// What a schema says about itself.
    pub(crate) fn of(schema: &Value) -> Self {
        Self::new(schema["description"].as_str().unwrap_or_default())
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.markdown.trim().is_empty()
    }

    /// All of it for one language: examples of the others are left out.
    pub(crate) fn blocks(&self, speech: &Speech) -> Vec<Block> {
        let mut blocks = Vec::new();
        let mut lines = self.markdown.lines();
        let mut open: Option<Block> = None;
        while let Some(line) = lines.next() {
            let trimmed = line.trim();
            if let Some(tag) = trimmed.strip_prefix("```") {
                blocks.extend(open.take());
                let code = lines.by_ref().take_while(|line| line.trim() != "```");
                let code: Vec<String> = code.map(String::from).collect();
                if speech.keeps(tag) {
                    blocks.push(Block::Code(tag.into(), code));
                }
            } else if trimmed.is_empty() {
                blocks.extend(open.take());
            } else if trimmed.starts_with('#') {
                blocks.extend(open.take());
                let title = trimmed.trim_start_matches('#').trim();
                blocks.push(Block::Heading(speech.say(title)));
            } else if let Some(item) = item(trimmed) {
                blocks.extend(open.replace(Block::Item(speech.say(item))));
            } else if let Some(Block::Paragraph(text) | Block::Item(text)) = &mut open {
                text.push(' ');
                text.push_str(&speech.say(trimmed));
            } else {
                open = Some(Block::Paragraph(speech.say(trimmed)));
            }
        }
        blocks.extend(open);
        // A heading over examples that were all for others.
        let is_idle = |index: usize| {
            matches!((&blocks[index], blocks.get(index + 1)), (Block::Heading(_), None | Some(Block::Heading(_))))
        };
        let kept: Vec<usize> = (0..blocks.len()).filter(|index| !is_idle(*index)).collect();
        kept.into_iter().map(|index| blocks[index].clone()).collect()
    }

    /// Its first example in Rust, as rustdoc shows it: without the lines that only make it compile.
    pub(crate) fn example_in_rust(&self) -> Option<Vec<String>> {
        let mut lines = self.markdown.lines().skip_while(|line| line.trim() != RUST_FENCE);
        lines.next()?;
        let code = lines.take_while(|line| line.trim() != "```");
        Some(code.filter(|line| *line != "#" && !line.starts_with("# ")).map(String::from).collect())
    }

    /// All of it as lines of at most `width` characters (a long word or a line of code may be longer).
    pub(crate) fn lines(&self, speech: &Speech, width: usize) -> Vec<String> {
        render(&self.blocks(speech), width)
    }

    /// Its paragraphs as one line: for a parameter in a list.
    pub(crate) fn in_one_line(&self, speech: &Speech) -> String {
        let texts = self.blocks(speech).into_iter().filter_map(|block| match block {
            Block::Paragraph(text) | Block::Item(text) => Some(text),
            Block::Heading(_) | Block::Code(..) => None,
        });
        texts.collect::<Vec<_>>().join(" ")
    }
}

impl Speech {
    /// Whether an example with this tag is for this language's readers. Untagged is Rust, as in Rust's own pages.
    fn keeps(&self, tag: &str) -> bool {
        tag == self.language.fence_tag() || tag == "json" || tag == "text"
    }
}

fn item(line: &str) -> Option<&str> {
    line.strip_prefix("- ").or_else(|| line.strip_prefix("* "))
}

/// Blocks as Markdown lines, a blank line between two blocks but not between two items.
pub(crate) fn render(blocks: &[Block], width: usize) -> Vec<String> {
    let mut lines = Vec::new();
    let mut previous: Option<&Block> = None;
    for block in blocks {
        let tight = matches!((previous, block), (Some(Block::Item(_)), Block::Item(_)));
        if previous.is_some() && !tight {
            lines.push(String::new());
        }
        match block {
            Block::Heading(text) => lines.push(format!("{text}:")),
            Block::Paragraph(text) => lines.extend(wrap(text, width, "", "")),
            Block::Item(text) => lines.extend(wrap(text, width, "- ", "  ")),
            Block::Code(tag, code) => {
                lines.push(format!("```{tag}"));
                lines.extend(code.iter().cloned());
                lines.push("```".into());
            }
        }
        previous = Some(block);
    }
    lines
}

/// `text` in lines of at most `width` characters, the first after `first`, the others after `rest`.
pub(crate) fn wrap(text: &str, width: usize, first: &str, rest: &str) -> Vec<String> {
    let mut lines = Vec::new();
    let mut line = first.to_string();
    let mut is_empty = true;
    for word in text.split_whitespace() {
        if !is_empty && line.chars().count() + 1 + word.chars().count() > width {
            lines.push(std::mem::replace(&mut line, rest.to_string()));
            is_empty = true;
        }
        if !is_empty {
            line.push(' ');
        }
        line.push_str(word);
        is_empty = false;
    }
    if !is_empty {
        lines.push(line);
    }
    lines
}

#[cfg(test)]
mod tests {
    use super::*;

    fn speech(language: Language) -> Speech {
        let names = [("reply_to", "replyTo"), ("send_text", "sendText")];
        Speech { language, names: names.map(|(a, b)| (a.to_string(), b.to_string())).into() }
    }

    const MARKDOWN: &str = "Sends a text, see [`Message`] and [Meta's page](https://example.com).\nOf `send_text` \
                            the `reply_to` is `null`, or not reply_to.\n\n- one\n  more\n- two\n\n# Examples\n\n\
                            ```python\nx = 1\n```\n\n```ts\nconst x = 1\n```\n\n# Rust\n\n```\nlet x = 1;\n```";

    #[test]
    fn each_language_gets_its_names_and_its_examples() {
        let blocks = Docs::new(MARKDOWN).blocks(&speech(Language::Node));
        let expected = [
            Block::Paragraph(
                "Sends a text, see `Message` and [Meta's page](https://example.com). Of `sendText` the `replyTo` \
                 is `null`, or not reply_to."
                    .into(),
            ),
            Block::Item("one more".into()),
            Block::Item("two".into()),
            Block::Heading("Examples".into()),
            Block::Code("ts".into(), vec!["const x = 1".into()]),
        ];
        assert_eq!(blocks, expected);
        let python = Docs::new(MARKDOWN).lines(&speech(Language::Python), 40);
        assert!(python.contains(&"x = 1".to_string()));
        assert!(python.iter().any(|line| line.contains("`None`")));
    }

    #[test]
    fn rust_examples_are_shown_as_rustdoc_shows_them() {
        let docs = Docs::new(
            "Does it.\n\n```no_run\n# async fn example() {\nlet x = 1;\n\nx;\n# }\n```\n\n```no_run\ny;\n```",
        );
        assert_eq!(docs.example_in_rust(), Some(vec!["let x = 1;".into(), String::new(), "x;".into()]));
        assert_eq!(Docs::new("Does it.").example_in_rust(), None);
    }

    #[test]
    fn lines_are_wrapped_with_their_indentation() {
        assert_eq!(wrap("aa bb cc", 5, "", ""), ["aa bb", "cc"]);
        assert_eq!(wrap("aa bb cc", 6, "- ", "  "), ["- aa", "  bb", "  cc"]);
        assert_eq!(wrap("toolongword a", 4, "", ""), ["toolongword", "a"]);
    }

    #[test]
    fn items_stay_together() {
        let blocks = [Block::Paragraph("a".into()), Block::Item("b".into()), Block::Item("c".into())];
        assert_eq!(render(&blocks, 80), ["a", "", "- b", "- c"]);
    }
}
