//! The client's methods and the constructors of messages: the same parameters, once to send and once to keep.

use crate::docs::{Docs, Speech};
use crate::layout;
use crate::model::{Group, Model, OTHER_NUMBER, Operation, all_docs};
use crate::schema::Type;

use super::types::{self, references};
use super::{LANGUAGE, STEP, comment, documented, identifier, import, options_name, parameter, signature, table_name};

/// The contents of `client.ts`.
pub(super) fn client(model: &Model, speech: &Speech) -> Vec<String> {
    let mut lines = vec![
        "import type { WhatsAppClient } from '../client.js'".to_string(),
        "import { Group, callable, owner } from '../group.js'".to_string(),
        "import { perform, type Operation } from '../operation.js'".to_string(),
        "import * as operations from './operations.js'".to_string(),
    ];
    let outputs = model.operations.iter().map(|operation| &operation.output);
    let listed = model.operations.iter().filter_map(|operation| model.listed(operation));
    let mut names = imported(&model.operations, outputs.chain(listed).collect());
    names.extend(["CallOptions".into(), "ClientSettings".into()]);
    lines.extend(import(names, "import type", "./types.js"));
    for class in &model.groups {
        lines.extend(group(model, class, speech));
    }
    lines.extend(
        [
            "",
            "/** A method for each call of the API. */",
            "export abstract class Operations {",
            "  /** @internal */",
            "  abstract [perform]<Output>(",
            "    operation: Operation<Output>,",
            "    required: readonly unknown[],",
            "    options?: object,",
            "  ): Promise<Output>",
            "",
            "  /** A client with some settings changed; this one stays as it is. */",
            "  abstract withOptions(settings: Partial<ClientSettings>): WhatsAppClient",
        ]
        .map(String::from),
    );
    for group in &model.groups {
        let (class, name) = (&group.class, LANGUAGE.method(&group.name));
        lines.push(String::new());
        lines.extend(documented(STEP, &group.docs, speech));
        if group.is_callable() {
            lines.push(format!("  get {name}(): {class} & ((phoneNumberId: string) => WhatsAppClient) {{"));
            let other = "(phoneNumberId: string) => this.withOptions({ phoneNumberId })";
            lines.push(format!("    return callable({class}, this, {other})"));
        } else {
            lines.push(format!("  get {name}(): {class} {{"));
            lines.push(format!("    return new {class}(this)"));
        }
        lines.push("  }".into());
    }
    for operation in model.operations_of(None) {
        lines.extend(method(operation, "this", speech));
    }
    lines.push("}".into());
    lines
}

/// The class of a group.
fn group(model: &Model, group: &Group, speech: &Speech) -> Vec<String> {
    let mut lines = vec![String::new()];
    let mut says = group.docs.clone();
    if group.is_callable() {
        says = says.and(&format!("As a function, with the id of another number: {OTHER_NUMBER}"));
    }
    lines.extend(documented("", &says, speech));
    lines.push(format!("export class {} extends Group {{", &group.class));
    for (index, operation) in model.operations_of(Some(group)).enumerate() {
        // No blank line after the opening brace.
        lines.extend(method(operation, "this[owner]", speech).into_iter().skip(usize::from(index == 0)));
        if let Some(item) = model.listed(operation) {
            lines.extend(all(operation, item, speech));
        }
    }
    lines.push("}".into());
    lines
}

/// A method that makes a call.
fn method(operation: &Operation, client: &str, speech: &Speech) -> Vec<String> {
    let output = types::name(&operation.output);
    let options = match options_name(operation) {
        Some(options) => format!("{options} & CallOptions"),
        None => "CallOptions".into(),
    };
    let mut lines = vec![String::new()];
    lines.extend(docs(operation, Some("What may be said about it, and about the call."), speech));
    let head = LANGUAGE.method(operation.method());
    let tail = format!(": Promise<{output}> {{");
    lines.extend(signature(STEP, &head, &parameters(operation, Some(&options)), &tail));
    let (table, required) = (table_name(operation), required(operation));
    lines.push(format!("    return {client}[perform](operations.{table}, [{required}], options)"));
    lines.push("  }".into());
    lines
}

/// A method that goes through all pages of a list.
fn all(operation: &Operation, item: &Type, speech: &Speech) -> Vec<String> {
    let method = LANGUAGE.method(operation.method());
    let mut lines = vec![String::new()];
    lines.extend(documented(STEP, &Docs::new(all_docs(&method)), speech));
    let options = match options_name(operation) {
        Some(options) => format!("Omit<{options}, 'after' | 'before'> & CallOptions"),
        None => "CallOptions".into(),
    };
    let tail = format!(": AsyncIterableIterator<{}> {{", types::name(item));
    let head = LANGUAGE.method(&format!("{}_all", operation.method()));
    lines.extend(signature(STEP, &head, &parameters(operation, Some(&options)), &tail));
    let (table, required) = (table_name(operation), required(operation));
    lines.push(format!("    return this.pages(operations.{table}, [{required}], options)"));
    lines.push("  }".into());
    lines
}

/// The contents of `message.ts`.
pub(super) fn message(model: &Model, speech: &Speech) -> Vec<String> {
    let built = model.operations.iter().filter(|operation| operation.constructor.is_some());
    let mut lines = vec![
        "import { BuiltMessage } from '../message.js'".to_string(),
        "import * as operations from './operations.js'".to_string(),
    ];
    let names = imported(built.clone(), Vec::new());
    lines.extend(import(names, "import type", "./types.js"));
    lines.extend(
        [
            "",
            "/**",
            " * A message to be sent, now or later, alone or in bulk.",
            " *",
            " * Building never fails: what is wrong with it is told, all of it at once, by `payload()` and when",
            " * it is sent.",
            " */",
            "export class Message extends BuiltMessage {",
        ]
        .map(String::from),
    );
    for (index, operation) in built.enumerate() {
        let Some(constructor) = &operation.constructor else {
            continue;
        };
        let options = options_name(operation);
        if index > 0 {
            lines.push(String::new());
        }
        lines.extend(docs(operation, options.as_ref().map(|_| "What may be said about it."), speech));
        let head = format!("static {}", LANGUAGE.method(constructor));
        lines.extend(signature(STEP, &head, &parameters(operation, options.as_deref()), ": Message {"));
        let table = table_name(operation);
        let options = if options.is_some() { ", options" } else { "" };
        let required = required(operation);
        lines.push(format!("    return new Message(operations.{table}, [{required}]{options})"));
        lines.push("  }".into());
    }
    lines.push("}".into());
    lines
}

/// What an operation does and what its parameters are.
fn docs(operation: &Operation, options: Option<&str>, speech: &Speech) -> Vec<String> {
    let mut lines = operation.docs.lines(speech, layout::WIDTH - STEP.len() - 3);
    let required = operation.params.iter().filter(|param| param.required);
    let mut parameters: Vec<String> =
        required.flat_map(|param| parameter(STEP, &identifier(param), &param.docs.in_one_line(speech))).collect();
    if let Some(options) = options {
        parameters.extend(parameter(STEP, "options", options));
    }
    if !lines.is_empty() && !parameters.is_empty() {
        lines.push(String::new());
    }
    lines.extend(parameters);
    comment(STEP, &lines)
}

fn parameters(operation: &Operation, options: Option<&str>) -> Vec<String> {
    let required = operation.params.iter().filter(|param| param.required);
    let required = required.map(|param| format!("{}: {}", identifier(param), types::name(&param.ty)));
    required.chain(options.map(|options| format!("options?: {options}"))).collect()
}

fn required(operation: &Operation) -> String {
    let required = operation.params.iter().filter(|param| param.required);
    required.map(identifier).collect::<Vec<_>>().join(", ")
}

/// The types that the signatures of these operations name.
fn imported<'a>(operations: impl IntoIterator<Item = &'a Operation>, others: Vec<&Type>) -> Vec<String> {
    let mut names: Vec<String> = references(others).into_iter().collect();
    for operation in operations {
        let required = operation.params.iter().filter(|param| param.required);
        names.extend(references(required.map(|param| &param.ty)));
        names.extend(options_name(operation));
    }
    names
}
