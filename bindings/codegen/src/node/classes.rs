//! The client's methods and the constructors of messages: the same parameters, once to send and once to keep.

use crate::docs::Speech;
use crate::layout;
use crate::model::{Model, Operation};
use crate::naming;
use crate::schema::Type;

use super::types::{self, references};
use super::{LANGUAGE, STEP, comment, identifier, import, options_name, parameter, signature};

/// The contents of `client.ts`.
pub(super) fn client(model: &Model, speech: &Speech) -> Vec<String> {
    let mut lines = vec![
        "import { perform, type Operation } from '../operation.js'".to_string(),
        "import * as operations from './operations.js'".to_string(),
    ];
    let outputs = model.operations.iter().map(|operation| &operation.output);
    let mut names = imported(&model.operations, outputs.collect());
    names.push("CallOptions".into());
    lines.extend(import(names, "import type", "./types.js"));
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
        ]
        .map(String::from),
    );
    for operation in &model.operations {
        let output = types::name(&operation.output);
        let options = match options_name(operation) {
            Some(options) => format!("{options} & CallOptions"),
            None => "CallOptions".into(),
        };
        lines.push(String::new());
        lines.extend(docs(operation, Some("What may be said about it, and about the call."), speech));
        let head = LANGUAGE.method(operation.method());
        let tail = format!(": Promise<{output}> {{");
        lines.extend(signature(STEP, &head, &parameters(operation, Some(&options)), &tail));
        let table = naming::camel(&operation.name);
        let required = required(operation);
        lines.push(format!("    return this[perform](operations.{table}, [{required}], options)"));
        lines.push("  }".into());
    }
    lines.push("}".into());
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
        let table = naming::camel(&operation.name);
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
