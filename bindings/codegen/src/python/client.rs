//! The clients and `Message`: a method for each operation.

use super::annotation::{Way, annotation, is_by_hand};
use super::class::class_docs;
use super::module::{STEP, all, file, import, imports, is_used};
use super::{Python, identifier};
use crate::docs::Docs;
use crate::layout::{WIDTH, bracketed};
use crate::model::{Group, OTHER_NUMBER, OTHER_NUMBER_ID, Operation, all_docs};
use crate::output::GeneratedFile;
use crate::schema::{Field, Type};

/// Who waits.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    Sync,
    Async,
}

/// What differs between the two clients.
struct Words {
    path: &'static str,
    class: &'static str,
    base: &'static str,
    module: &'static str,
    def: &'static str,
    call: &'static str,
    group: &'static str,
    /// What goes through all pages of a list.
    iterator: &'static str,
    docs: &'static [&'static str],
    token: &'static str,
    messages: &'static str,
    results: &'static str,
    bulk_docs: &'static str,
}

const SYNC: Words = Words {
    path: "client.py",
    class: "WhatsAppClient",
    base: "SyncClient",
    module: "wacloud._sync",
    def: "def",
    call: "return self._call(",
    group: "Group",
    iterator: "Iterator",
    docs: &[
        "Sends messages from one number; every method returns when Meta has answered.",
        "",
        "May be used by many threads at once, after a fork, and as a context manager.",
    ],
    token: "str | TokenFunction",
    messages: "Iterable[BulkItem]",
    results: "BulkResults",
    bulk_docs: "Sends many messages; gives out what became of each, as it is known.\n\n\
        `messages` may be any iterable. It is asked on this thread, and only as far ahead as messages can \
        go out, so it may be as long as it likes. One bad message never stops the rest. Leaving the loop, or \
        a `with` block around it, stops what has not started and waits for what is in flight; an exception in `messages` is raised \
        when what was pulled before it has been told. When every further message would be refused, too (a dead \
        token, a wrong number id, a locked account, the spam limit), nothing more is pulled or sent, and after the last result the \
        `ApiError` that stopped the bulk is raised. On Ctrl-C, `wacloud_outcome` of the exception lists \
        what was not yet told.",
};

const ASYNC: Words = Words {
    path: "async_client.py",
    class: "AsyncWhatsAppClient",
    base: "AsyncClient",
    module: "wacloud._async",
    def: "async def",
    call: "return await self._call(",
    group: "AsyncGroup",
    iterator: "AsyncIterator",
    docs: &[
        "Sends messages from one number, for asyncio.",
        "",
        "May be used by many event loops at once, after a fork, and as an async context manager.",
    ],
    token: "str | TokenFunction | AsyncTokenFunction",
    messages: "Iterable[BulkItem] | AsyncIterable[BulkItem]",
    results: "AsyncBulkResults",
    bulk_docs: "Sends many messages; gives out what became of each, as it is known.\n\n\
        `messages` may be any iterable or async iterable. It is asked only as far ahead as messages can go \
        out, so it may be as long as it likes. One bad message never stops the rest. Leaving an \
        `async with` block around the loop, or closing the results, stops what has not started and waits for \
        what is in flight; an exception in `messages` is raised when \
        what was pulled before it has been told. When every further message would be refused, too (a dead \
        token, a wrong number id, a locked account, the spam limit), nothing more is pulled or sent, and after the last result the \
        `ApiError` that stopped the bulk is raised. When the task is cancelled, `wacloud_outcome` of the \
        exception lists what was not yet told.",
};

const SEND_DOCS: &str = "Sends a message that was built before.";

impl Words {
    /// `PhoneOperations` or `AsyncPhoneOperations`.
    fn class_of(&self, group: &Group) -> String {
        self.group.trim_end_matches("Group").to_owned() + &group.class
    }
}

impl Python<'_> {
    /// `client.py` or `async_client.py`.
    pub(super) fn client(&self, kind: Kind) -> GeneratedFile {
        let words = match kind {
            Kind::Sync => &SYNC,
            Kind::Async => &ASYNC,
        };
        let mut class: Vec<String> = Vec::new();
        for group in &self.model.groups {
            class.extend(self.group(group, words));
        }
        class.extend([String::new(), String::new()]);
        class.push(format!("class {}({}):", words.class, words.base));
        class.extend(class_docs(words.docs));
        class.push(String::new());
        class.extend(self.constructor(words));
        for group in &self.model.groups {
            class.extend([String::new(), format!("{STEP}@property")]);
            class.push(format!("{STEP}def {}(self) -> {}:", group.name, words.class_of(group)));
            class.extend(self.docstring(&STEP.repeat(2), &group.docs, &[]));
            class.push(format!("{STEP}{STEP}return {}(self)", words.class_of(group)));
        }
        for operation in self.model.operations_of(None) {
            class.push(String::new());
            class.extend(self.operation(operation, words));
        }
        class.push(String::new());
        class.extend(self.send(words));
        class.push(String::new());
        class.extend(self.send_bulk(words));

        let makers = self.model.operations.iter().filter_map(|operation| match &operation.output {
            Type::Ref(name) => Some(name.as_str()),
            _ => None,
        });
        let mut makers: Vec<&str> = makers.collect();
        makers.sort_unstable();
        makers.dedup();
        let mut runtime = vec![
            import("wacloud._generated.results", &makers),
            vec!["from wacloud._message import operation_and_params".to_owned()],
        ];
        if is_used("as_it_is", &class) {
            runtime.push(vec!["from wacloud._results import as_it_is".into()]);
        }
        let mut bases = vec![words.base, words.group];
        bases.retain(|name| is_used(name, &class));
        bases.sort_unstable();
        runtime.push(import(words.module, &bases));
        // By module, which is what the first line of each begins with.
        runtime.sort();
        let runtime = runtime.concat();
        // What is on a list is named in signatures only.
        let mut listed: Vec<&str> = self
            .model
            .operations
            .iter()
            .filter_map(|operation| match self.model.listed(operation) {
                Some(Type::Ref(name)) if !makers.contains(&name.as_str()) => Some(name.as_str()),
                _ => None,
            })
            .collect();
        listed.extend(["BulkProgress", "UploadProgress"]);
        listed.sort_unstable();
        listed.dedup();
        let mut types = self.given_names();
        types.extend(["AsyncTokenFunction", "TokenFunction"]);
        types.sort_unstable();
        let typing = [
            ("collections.abc", vec!["AsyncIterable", "AsyncIterator", "Callable", "Iterable", "Iterator", "Sequence"]),
            ("os", vec!["PathLike"]),
            ("typing", vec!["Any", "Literal"]),
            ("wacloud._async_bulk", vec!["AsyncBulkResults"]),
            ("wacloud._bulk", vec!["BulkItem", "BulkResults"]),
            ("wacloud._generated.message", vec!["Message"]),
            ("wacloud._generated.results", listed),
            ("wacloud._generated.types", types),
            ("wacloud._generated.webhooks", vec!["WebhookEvent"]),
            ("wacloud._media", vec!["MediaFile"]),
            ("wacloud._values", vec!["Media", "Recipient"]),
            ("wacloud.inbox", vec!["AsyncServiceWindow", "ServiceWindow"]),
        ];
        let code: Vec<String> = without_docstrings(&class);
        let mut body = imports(&runtime, &typing, &code);
        body.pop();
        body.extend(class);
        file(words.path, &format!("The client{}.", if kind == Kind::Async { " for asyncio" } else { "" }), &body)
    }

    /// The names of `types.py` that parameters may have.
    fn given_names(&self) -> Vec<&str> {
        let names = self.model.definitions.iter().map(|definition| definition.name.as_str());
        let mut names: Vec<&str> = names.filter(|name| !is_by_hand(name)).collect();
        names.sort_unstable();
        names
    }

    fn constructor(&self, words: &Words) -> Vec<String> {
        let mut params = vec!["self".to_string()];
        let mut is_keyword_only = false;
        for setting in &self.model.settings {
            if !setting.required && !is_keyword_only {
                params.push("*".into());
                is_keyword_only = true;
            }
            let name = identifier(setting);
            params.push(match name.as_str() {
                "access_token" => format!("{name}: {}", words.token),
                _ => self.parameter(setting),
            });
        }
        let mut lines = bracketed(STEP, STEP, "def __init__(", &params, " -> None:");
        let inner = STEP.repeat(2);
        let settings: Vec<&Field> = self.model.settings.iter().collect();
        let docs = Docs::new("Opens nothing and contacts nobody.");
        lines.extend(self.docstring(&inner, &docs, &settings));
        // A single argument in brackets of its own: ruff keeps the two together.
        lines.push(format!("{inner}self._configure("));
        lines.extend(dictionary(&STEP.repeat(3), &settings, ""));
        lines.push(format!("{inner})"));
        lines
    }

    /// A parameter of a method, `None` when it is left out.
    fn parameter(&self, field: &Field) -> String {
        let default = if field.required { "" } else { " = None" };
        format!("{}: {}{default}", identifier(field), self.annotation(field, Way::Taken))
    }

    /// `self` and the parameters, those that may be left out by name only.
    fn parameters(&self, first: &[&str], fields: &[&Field]) -> Vec<String> {
        let mut params: Vec<String> = first.iter().map(|param| (*param).to_string()).collect();
        let (required, optional): (Vec<&Field>, Vec<&Field>) = fields.iter().copied().partition(|field| field.required);
        params.extend(required.iter().map(|field| self.parameter(field)));
        if !optional.is_empty() {
            params.push("*".into());
            params.extend(optional.iter().map(|field| self.parameter(field)));
        }
        params
    }

    /// The class of a group.
    fn group(&self, group: &Group, words: &Words) -> Vec<String> {
        let mut lines = vec![String::new(), String::new()];
        lines.push(format!("class {}({}):", words.class_of(group), words.group));
        lines.extend(self.docstring(STEP, &group.docs, &[]));
        lines.extend([String::new(), format!("{STEP}__slots__ = ()")]);
        if group.is_callable() {
            let id = Field {
                name: "phone_number_id".into(),
                ty: Type::String,
                nullable: false,
                required: true,
                default: None,
                docs: Docs::new(OTHER_NUMBER_ID),
            };
            lines.extend([format!("{STEP}_client: {}", words.class), String::new()]);
            lines.push(format!("{STEP}def __call__(self, phone_number_id: str) -> {}:", words.class));
            lines.extend(self.docstring(&STEP.repeat(2), &Docs::new(OTHER_NUMBER), &[&id]));
            lines.push(format!("{STEP}{STEP}return self._client.with_options(phone_number_id=phone_number_id)"));
        }
        // After a method with the name of a type, that name is the method to type checkers.
        let (after, before): (Vec<&Operation>, Vec<&Operation>) =
            self.model.operations_of(Some(group)).partition(|operation| operation.method() == "list");
        for operation in before.into_iter().chain(after) {
            let mut own = vec![String::new()];
            own.extend(self.operation(operation, words));
            if let Some(item) = self.model.listed(operation) {
                lines.push(String::new());
                lines.extend(self.all(operation, item, words));
            }
            lines.extend(own);
        }
        lines
    }

    /// What goes through all pages of a list.
    fn all(&self, operation: &Operation, item: &Type, words: &Words) -> Vec<String> {
        let own = operation.params_of_all();
        let options: Vec<&Field> = self.model.call_options.iter().collect();
        let fields = [own.clone(), options.clone()].concat();
        let params = self.parameters(&["self"], &fields);
        let tail = format!(" -> {}[{}]:", words.iterator, annotation(item, Way::Returned));
        let mut lines = bracketed(STEP, STEP, &format!("def {}_all(", operation.method()), &params, &tail);
        let inner = STEP.repeat(2);
        lines.extend(self.docstring(&inner, &Docs::new(all_docs(operation.method())), &fields));
        let deeper = STEP.repeat(3);
        let arguments = [
            vec![format!("{deeper}{:?},", operation.name)],
            dictionary(&deeper, &own, ","),
            dictionary(&deeper, &options, ","),
            vec![format!("{deeper}{}.from_core,", annotation(&operation.output, Way::Returned))],
        ];
        lines.extend(call(&inner, "return self._all(", &arguments.concat()));
        lines
    }

    fn operation(&self, operation: &Operation, words: &Words) -> Vec<String> {
        let own: Vec<&Field> = operation.params.iter().collect();
        let options: Vec<&Field> = self.model.call_options.iter().collect();
        let fields = [own.clone(), options.clone()].concat();
        let params = self.parameters(&["self"], &fields);
        let head = format!("{} {}(", words.def, operation.method());
        let tail = format!(" -> {}:", annotation(&operation.output, Way::Returned));
        let mut lines = bracketed(STEP, STEP, &head, &params, &tail);
        let inner = STEP.repeat(2);
        lines.extend(self.docstring(&inner, &operation.docs, &fields));
        let deeper = STEP.repeat(3);
        let maker = match &operation.output {
            Type::Ref(name) => format!("{name}.from_core"),
            _ => "as_it_is".into(),
        };
        let arguments = [
            vec![format!("{deeper}{:?},", operation.name)],
            dictionary(&deeper, &own, ","),
            dictionary(&deeper, &options, ","),
            vec![format!("{deeper}{maker},")],
        ];
        lines.extend(call(&inner, words.call, &arguments.concat()));
        lines
    }

    /// `send(message)`: what all messages give back, they give back here.
    fn send(&self, words: &Words) -> Vec<String> {
        let options: Vec<&Field> = self.model.call_options.iter().chain(&self.model.send_options).collect();
        let params = self.parameters(&["self", "message: Message"], &options);
        let result = self.message_result();
        let mut lines = bracketed(STEP, STEP, &format!("{} send(", words.def), &params, &format!(" -> {result}:"));
        let inner = STEP.repeat(2);
        lines.extend(self.docstring(&inner, &Docs::new(SEND_DOCS), &options));
        let deeper = STEP.repeat(3);
        let arguments = [
            vec![format!("{deeper}*operation_and_params(message),")],
            dictionary(&deeper, &options, ","),
            vec![format!("{deeper}{result}.from_core,")],
        ];
        lines.extend(call(&inner, words.call, &arguments.concat()));
        lines
    }

    fn message_result(&self) -> String {
        let mut messages = self.model.operations.iter().filter(|o| o.constructor.is_some());
        messages.next().map_or_else(String::new, |o| annotation(&o.output, Way::Returned))
    }

    fn send_bulk(&self, words: &Words) -> Vec<String> {
        let options: Vec<&Field> = self.model.bulk_options.iter().collect();
        let messages = format!("messages: {}", words.messages);
        let params = self.parameters(&["self", &messages], &options);
        let mut lines = bracketed(STEP, STEP, "def send_bulk(", &params, &format!(" -> {}:", words.results));
        let inner = STEP.repeat(2);
        lines.extend(self.docstring(&inner, &Docs::new(words.bulk_docs), &options));
        let deeper = STEP.repeat(3);
        let arguments = [vec![format!("{deeper}messages,")], dictionary(&deeper, &options, ",")];
        lines.extend(call(&inner, "return self._send_all(", &arguments.concat()));
        lines
    }

    /// `message.py`.
    pub(super) fn message(&self) -> GeneratedFile {
        let messages: Vec<(&Operation, &String)> = self
            .model
            .operations
            .iter()
            .filter_map(|operation| Some((operation, operation.constructor.as_ref()?)))
            .collect();
        let mut class = vec![String::new(), String::new(), "class Message(MessageBase):".into()];
        class.extend(class_docs(&[
            "A message that is built first and sent later, alone or in bulk.",
            "",
            "Building never raises: `payload()`, `send` and `send_bulk` tell all mistakes at once.",
        ]));
        class.push(String::new());
        class.push(format!("{STEP}__slots__ = ()"));
        for (operation, constructor) in messages {
            class.push(String::new());
            class.push(format!("{STEP}@staticmethod"));
            let fields: Vec<&Field> = operation.params.iter().collect();
            let params = self.parameters(&[], &fields);
            class.extend(bracketed(STEP, STEP, &format!("def {constructor}("), &params, " -> Message:"));
            let inner = STEP.repeat(2);
            let docs = Docs::new(format!("What `{}` sends.", operation.name));
            class.extend(self.docstring(&inner, &docs, &fields));
            let deeper = STEP.repeat(3);
            let arguments = [vec![format!("{deeper}{:?},", operation.name)], dictionary(&deeper, &fields, ",")];
            class.extend(call(&inner, "return Message(", &arguments.concat()));
        }
        let types = self.given_names();
        let typing = [
            ("collections.abc", vec!["Sequence"]),
            ("os", vec!["PathLike"]),
            ("typing", vec!["Any", "Literal"]),
            ("wacloud._generated.results", vec!["UploadedMedia"]),
            ("wacloud._generated.types", types),
            ("wacloud._generated.webhooks", vec!["WebhookEvent"]),
            ("wacloud._media", vec!["MediaFile"]),
            ("wacloud._values", vec!["Media", "Recipient"]),
        ];
        let runtime = ["from wacloud._message import MessageBase".to_string()];
        let mut body = imports(&runtime, &typing, &without_docstrings(&class));
        body.extend(all(&["Message"]));
        body.extend(class);
        file("message.py", "Messages to be sent later.", &body)
    }
}

/// `{"to": to, …}` as an argument.
fn dictionary(indent: &str, fields: &[&Field], tail: &str) -> Vec<String> {
    let entries: Vec<String> = fields.iter().map(|field| format!("{0:?}: {0}", identifier(field))).collect();
    bracketed(indent, STEP, "{", &entries, tail)
}

/// A call with these arguments, each ending in a comma: on one line if it fits.
fn call(indent: &str, head: &str, arguments: &[String]) -> Vec<String> {
    let words: Vec<&str> = arguments.iter().map(|line| line.trim()).collect();
    let line = format!("{indent}{head}{})", words.join(" ").trim_end_matches(','));
    // A line that ends in a bracket belongs to an argument that has several.
    if line.chars().count() <= WIDTH && !arguments.iter().any(|line| line.ends_with('{')) {
        return vec![line];
    }
    let mut lines = vec![format!("{indent}{head}")];
    lines.extend(arguments.iter().cloned());
    lines.push(format!("{indent})"));
    lines
}

/// The lines that are code.
fn without_docstrings(lines: &[String]) -> Vec<String> {
    let mut within = false;
    let code = lines.iter().filter(|line| {
        let quotes = line.matches("\"\"\"").count();
        let was_within = within;
        within ^= quotes % 2 == 1;
        !was_within && quotes == 0
    });
    code.cloned().collect()
}
