//! `docs/messages.md`: every call with its arguments and how it is made in each language, for people.

use crate::docs::{Block, Docs, Speech};
use crate::example;
use crate::model::{Definition, Model, Operation};
use crate::naming::Language;
use crate::output::{BANNER, GeneratedFile};
use crate::schema::{Field, Type};

/// The page. It speaks Python; a note at its head says how the other languages differ.
pub(crate) fn emit(model: &Model) -> GeneratedFile {
    let page = Page { model, speech: Speech::new(Language::Python, model) };
    let mut text = format!("<!-- {BANNER} -->\n\n# Messages\n\n{INTRODUCTION}\n\n```rust\n{RUST}```\n\n{PRELUDES}\n");
    for operation in &model.operations {
        text += &format!("\n- [`{0}`](#{0})", operation.name);
    }
    text.push('\n');
    for operation in &model.operations {
        text += &page.operation(operation);
    }
    text += "\n# Objects\n\nWhat arguments are made of. In Node the names are in camel case.\n";
    for known in &model.definitions {
        text += &page.definition(known);
    }
    GeneratedFile::new("docs/messages.md", text)
}

const INTRODUCTION: &str = "\
Every kind of message with its limits and an example. Names are Python's; in Node and PHP they are in camel case
(`sendText`, `previewUrl`). Required arguments come first, the others are keyword arguments in Python, one object in Node,
named arguments in PHP. What goes with `send_x` goes with `Message.x(…)` as well, which makes the message without sending it:
for a bulk, or to look at its `payload()`. For `send_payload` and `send_raw` those are `Message.from_payload(…)` and
`Message.raw(…)`.

Lengths are counted in characters, as Meta does. All mistakes of a message are told at once, before anything leaves, each
with its path in Graph's body, whatever the argument is called.

Beside its own arguments, every call takes options that say how it goes out: `timeout` and `max_wait` (in seconds; `timeoutMs`
and `maxWaitMs` in Node), `priority` (`urgent`, `normal` or `low`), and `signal` in Node. They are in
[settings](settings.md#of-a-call), with those of the client that count where they are not given.

In Rust, `send_image` is a method of `Client` that takes what is required, and `operation::SendImage` has the rest:";

/// How it is done in Rust, which has no example of its own for each call here: those are in its own documentation.
const RUST: &str = include_str!("../../../examples/rust/messages.rs");

const PRELUDES: &str = "\
<!-- prelude python
from wacloud import WhatsAppClient

wa = WhatsAppClient.from_env()
-->
<!-- prelude js
import { WhatsAppClient } from 'wacloud'

const wa = WhatsAppClient.fromEnv()
-->
<!-- prelude php
use WaCloud\\WhatsAppClient;

$wa = WhatsAppClient::fromEnv();
-->";

struct Page<'a> {
    model: &'a Model,
    speech: Speech,
}

impl Page<'_> {
    fn operation(&self, operation: &Operation) -> String {
        let mut text = format!("\n## {}\n", operation.name);
        for block in operation.docs.blocks(&self.speech) {
            match block {
                Block::Paragraph(paragraph) => text += &format!("\n{paragraph}\n"),
                Block::Item(item) => text += &format!("- {item}\n"),
                // The examples follow below, in all languages.
                Block::Heading(_) | Block::Code(..) => {}
            }
        }
        text += "\n| argument | type | |\n| --- | --- | --- |\n";
        for param in &operation.params {
            text += &self.row(param);
        }
        for (tag, language) in [("python", Language::Python), ("js", Language::Node), ("php", Language::Php)] {
            let code = example::call(operation, &self.model.definitions, language).join("\n");
            text += &format!("\n```{tag}\n{code}\n```\n");
        }
        text
    }

    fn definition(&self, known: &Definition) -> String {
        let Type::Object(fields) = &known.ty else { return String::new() };
        if known.name == "Violation" {
            return String::new();
        }
        let mut text = format!("\n## {}\n\n{}\n", known.name, self.one_line(&known.docs));
        text += "\n| member | type | |\n| --- | --- | --- |\n";
        for field in fields {
            text += &self.row(field);
        }
        text
    }

    fn row(&self, field: &Field) -> String {
        let name = Language::Python.identifier(&field.name, &field.ty);
        let mark = if field.required { "" } else { "?" };
        let ty = self.ty(&field.ty);
        format!("| `{name}`{mark} | {ty} | {} |\n", self.one_line(&field.docs).replace('|', "\\|"))
    }

    fn one_line(&self, docs: &Docs) -> String {
        docs.in_one_line(&self.speech)
    }

    fn ty(&self, ty: &Type) -> String {
        match ty {
            Type::String => "text".into(),
            Type::Bytes => "bytes".into(),
            Type::Bool => "true or false".into(),
            Type::False => "`false`".into(),
            Type::Int => "whole number".into(),
            Type::Float | Type::DurationMs => "number".into(),
            Type::Enum(values) => values.iter().map(|value| format!("`{value}`")).collect::<Vec<_>>().join(", "),
            Type::List(item) => format!("list of {}", self.ty(item)),
            Type::Map(value) => format!("object of {}", self.ty(value)),
            Type::Object(_) | Type::Json | Type::Null => "anything".into(),
            Type::Callback(_) => "function".into(),
            Type::Union(members) => members.iter().map(|member| self.ty(member)).collect::<Vec<_>>().join(" or "),
            Type::Ref(name) => match self.model.definition(name).map(|known| &known.ty) {
                Some(Type::Object(_)) => format!("[`{name}`](#{})", name.to_lowercase()),
                _ => format!("`{name}`"),
            },
        }
    }
}
