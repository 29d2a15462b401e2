//! `docs/messages.md` and `docs/calls.md`: every call with its arguments and how it is made in each language, for people.

use std::collections::BTreeSet;

use crate::by_hand;
use crate::docs::{Block, Docs, Speech};
use crate::error_table::with_links;
use crate::example;
use crate::model::{Definition, Model, Operation, visit};
use crate::naming::Language;
use crate::output::{BANNER, GeneratedFile};
use crate::schema::{Field, Type};

/// Both pages: `docs/messages.md`, and `docs/calls.md` for what is in groups. They speak Python; a note at their heads says
/// how the other languages differ.
pub(crate) fn emit(model: &Model) -> [GeneratedFile; 2] {
    let page = Page { model, speech: Speech::new(Language::Python, model) };
    let messages: Vec<&Operation> = model.operations_of(None).collect();
    let mut text = format!("<!-- {BANNER} -->\n\n# Messages\n\n{INTRODUCTION}\n\n```rust\n{RUST}```\n\n{PRELUDES}\n");
    text += &page.contents(&messages);
    text += "\n\n## Sending\n";
    text.extend(messages.iter().map(|operation| page.operation(operation)));
    text += "\n## Objects\n\nWhat arguments are made of. In Node the names are in camel case.\n";
    text += &page.definitions(&page.taken(&messages));

    let mut calls =
        format!("<!-- {BANNER} -->\n\n# Calls about the number and the account\n\n{OF_CALLS}\n\n{PRELUDES}\n");
    for group in &model.groups {
        calls += &page.contents(&model.operations_of(Some(group)).collect::<Vec<_>>());
    }
    calls.push('\n');
    for group in &model.groups {
        calls += &format!("\n## `{}`\n\n{}\n", group.name, page.one_line(&group.docs));
        calls.extend(model.operations_of(Some(group)).map(|operation| page.operation(operation)));
    }
    let grouped: Vec<&Operation> = model.operations.iter().filter(|operation| operation.group().is_some()).collect();
    calls += "\n## Objects\n\nWhat arguments and results are made of. In Node and PHP the members of results are in camel case.\n";
    let told = grouped.iter().map(|operation| &operation.output);
    let objects: BTreeSet<&str> = page.taken(&grouped).into_iter().chain(page.reached(told)).collect();
    calls += &page.definitions(&objects);
    [GeneratedFile::new("docs/messages.md", text), GeneratedFile::new("docs/calls.md", calls)]
}

const OF_CALLS: &str = "\
Every call that sends no message, with its limits and an example: [numbers and accounts](number.md) shows how they go together.
Names are Python's; in Node and PHP they are in camel case (`wa.qrCodes.list()`, `$wa->qrCodes->list()`), in Rust each is a
struct for `client.call(…)` (`operation::qr_codes::List`). They take the same options as messages do
([settings](settings.md#of-a-call)), and wait for no rate.

What is read, and what may be done twice, is repeated by itself when an answer is lost. What must happen once
(`phone.register`, `qr_codes.create`) never is: it ends in a `DeliveryUnknownError` then.

Results keep what this version has no name for in `extra`, by Meta's own names. A list comes in pages: `items`, and `after` for
the next one while `has_next`. For each list `x` there is `x_all` (`xAll`), which goes through all pages.";

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

/// What the examples take for granted: a client, and an event of a webhook.
const PRELUDES: &str = "\
<!-- prelude python
from wacloud import WhatsAppClient, webhooks

wa = WhatsAppClient.from_env()
event = webhooks.parse(b'{\"object\": \"whatsapp_business_account\", \"entry\": [{\"changes\": [{\"field\": \"message_template_status_update\", \"value\": {}}]}]}')[0]
-->
<!-- prelude js
import { webhooks, WhatsAppClient } from 'wacloud'

const wa = WhatsAppClient.fromEnv()
const [event] = webhooks.parse(Buffer.from('{\"object\": \"whatsapp_business_account\", \"entry\": [{\"changes\": [{\"field\": \"message_template_status_update\", \"value\": {}}]}]}'))
-->
<!-- prelude php
use WaCloud\\Webhooks;
use WaCloud\\WhatsAppClient;

$wa = WhatsAppClient::fromEnv();
$event = Webhooks::parse('{\"object\": \"whatsapp_business_account\", \"entry\": [{\"changes\": [{\"field\": \"message_template_status_update\", \"value\": {}}]}]}')[0];
-->";

/// Which errors a call can end in, beside those of its settings. The codes are Graph's.
fn ends(effect: &str) -> &'static str {
    match effect {
        "message" => {
            "Errors: `ValidationError` with every mistake, `NotSentError`, `ApiError` and its kinds by [code](errors.md#codes), \
             `DeliveryUnknownError` when the answer was lost."
        }
        "once" => {
            "Errors: `ValidationError`, `NotSentError`, `ApiError` by [code](errors.md#codes), `DeliveryUnknownError` when the \
             answer was lost: it is not repeated."
        }
        _ => {
            "Errors: `ValidationError`, `NotSentError`, `ApiError` by [code](errors.md#codes), `DeliveryUnknownError` when the \
             last repetition got no answer either."
        }
    }
}

struct Page<'a> {
    model: &'a Model,
    speech: Speech,
}

impl<'m> Page<'m> {
    /// A list of links.
    fn contents(&self, operations: &[&Operation]) -> String {
        // A heading's address has no dots.
        let link = |operation: &&Operation| format!("\n- [`{}`](#{})", operation.name, operation.name.replace('.', ""));
        operations.iter().map(link).collect()
    }

    /// The names of what these types are made of.
    fn reached<'t>(&self, types: impl IntoIterator<Item = &'t Type>) -> BTreeSet<&'m str> {
        let mut found = BTreeSet::new();
        let mut next: Vec<String> = Vec::new();
        let collect = |ty: &Type, next: &mut Vec<String>| {
            visit(ty, &mut |ty| {
                if let Type::Ref(name) = ty {
                    next.push(name.clone());
                }
            });
        };
        types.into_iter().for_each(|ty| collect(ty, &mut next));
        while let Some(known) = next.pop().and_then(|name| self.model.definition(&name)) {
            if found.insert(known.name.as_str()) {
                collect(&known.ty, &mut next);
            }
        }
        found
    }

    /// What the arguments of these operations are made of.
    fn taken(&self, operations: &[&Operation]) -> BTreeSet<&'m str> {
        self.reached(operations.iter().flat_map(|operation| &operation.params).map(|param| &param.ty))
    }

    fn definitions(&self, names: &BTreeSet<&str>) -> String {
        let all = self.model.definitions.iter().chain(&self.model.results);
        all.filter(|known| names.contains(known.name.as_str())).map(|known| self.definition(known)).collect()
    }

    fn operation(&self, operation: &Operation) -> String {
        let mut text = format!("\n### {}\n", operation.name);
        for block in operation.docs.blocks(&self.speech) {
            match block {
                Block::Paragraph(paragraph) => text += &format!("\n{}\n", with_links(&paragraph)),
                Block::Item(item) => text += &format!("- {}\n", with_links(&item)),
                // The examples follow below, in all languages.
                Block::Heading(_) | Block::Code(..) => {}
            }
        }
        if !operation.params.is_empty() {
            text += "\n| argument | type | |\n| --- | --- | --- |\n";
        }
        for param in &operation.params {
            text += &self.row(param);
        }
        if let (Some(_), Type::Ref(result)) = (operation.group(), &operation.output) {
            text += &format!("\nGives back [`{result}`](#{}).\n", result.to_lowercase());
        }
        text += &format!("\n{}\n", ends(&operation.effect));
        for (tag, language) in [("python", Language::Python), ("js", Language::Node), ("php", Language::Php)] {
            let code = example::call(operation, &self.model.definitions, language).join("\n");
            text += &format!("\n```{tag}\n{code}\n```\n");
        }
        if let Some(code) = operation.docs.example_in_rust() {
            text += &format!("\n```rust,no_run\n{}\n```\n", code.join("\n"));
        }
        text
    }

    fn definition(&self, known: &Definition) -> String {
        let Type::Object(fields) = &known.ty else { return String::new() };
        if known.name == "Violation" {
            return String::new();
        }
        let mut text = format!("\n### {}\n\n{}\n", known.name, self.one_line(&known.docs));
        if known.is_by_hand() {
            return text + &by_hand::table(&known.name);
        }
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
