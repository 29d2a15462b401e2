//! The client's methods.

use crate::docs::Docs;
use crate::layout::bracketed;
use crate::model::{Group, Operation, all_docs};
use crate::schema::{Field, Type};

use super::comment::{UNCHECKED, comment, sections, tag, text, trait_docs};
use super::signature::{method, parameters, variables, wire};
use super::{LANGUAGE, Php, STEP, types};

/// What never crosses the boundary: this library keeps it.
fn logger() -> Field {
    Field {
        name: "logger".into(),
        ty: Type::Json,
        nullable: true,
        required: false,
        default: None,
        docs: Docs::new(
            "Is told what the client does: a logger as PSR-3 describes it (the package `psr/log`). Unless given, warnings \
             go to PHP's own error log.",
        ),
    }
}

/// Inside a method.
const INNER: &str = "        ";

impl Php<'_> {
    /// `ClientSettings.php`.
    pub(super) fn client_settings(&self) -> Vec<String> {
        let settings = &[&self.model.settings[..], &[logger()]].concat();
        let mut lines = trait_docs("The settings of a client.", None, Vec::new());
        lines.extend(["trait ClientSettings".to_string(), "{".into()]);

        let throws = tag(STEP, "@throws", "ConfigError A setting is wrong, or the extension is not there.");
        let docs = sections(&[self.params(STEP, settings), throws.clone()]);
        lines.extend(comment(STEP, &docs));
        lines.extend(method("public function __construct", &parameters(settings), ""));
        lines.extend(wire("$this->open(", settings, ");"));
        lines.extend([format!("{STEP}}}"), String::new()]);

        let changes = settings.iter().map(|field| Field { required: false, ..field.clone() });
        let changes: Vec<Field> = changes.collect();
        let intro = "A copy of this client with other settings: what is null stays as it is. It is cheap, and copies share \
                     their connections.";
        let docs = sections(&[text(STEP, intro), self.params(STEP, &changes), throws]);
        lines.extend(comment(STEP, &docs));
        lines.extend(method("public function withOptions", &parameters(&changes), ": static"));
        lines.extend(wire("return $this->changed(", &changes, ");"));
        lines.extend([format!("{STEP}}}"), "}".to_string()]);
        lines
    }

    /// `ClientOperations.php`.
    pub(super) fn client_operations(&self) -> Vec<String> {
        let types = self.imported_types(self.model.operations_of(None));
        let mut lines = trait_docs("A method for each call of the API.", Some(UNCHECKED), types);
        lines.extend([
            "trait ClientOperations".to_string(),
            "{".into(),
            format!("{STEP}use CallOptions;"),
            String::new(),
        ]);
        let mut methods: Vec<Vec<String>> =
            self.model.operations_of(None).map(|operation| self.operation(operation)).collect();
        methods.extend(self.send());
        methods.extend([self.send_bulk(), self.groups()]);
        lines.extend(methods.join(&String::new()));
        lines.push("}".into());
        lines
    }

    /// What makes the groups, which are properties.
    fn groups(&self) -> Vec<String> {
        let mut lines = comment(STEP, &["What belongs together: operations of a common subject.".into()]);
        lines.extend(method("public function __get", &["string $name".into()], ": object"));
        lines.push(format!("{INNER}return match ($name) {{"));
        for group in &self.model.groups {
            let (name, class) = (LANGUAGE.method(&group.name), &group.class);
            lines.push(format!("{INNER}{STEP}'{name}' => new {class}($this->transport(...)),"));
        }
        lines.push(format!("{INNER}{STEP}default => throw new \\Error('A client has no property ' . $name . '.'),"));
        lines.extend([format!("{INNER}}};"), format!("{STEP}}}"), String::new()]);
        lines.extend(method("public function __isset", &["string $name".into()], ": bool"));
        let names = self.model.groups.iter().map(|group| format!("'{}'", LANGUAGE.method(&group.name)));
        let names: Vec<String> = names.collect();
        lines.extend(bracketed(INNER, STEP, "return in_array($name, [", &names, ", true);"));
        lines.push(format!("{STEP}}}"));
        lines
    }

    /// The class of a group.
    pub(super) fn group(&self, group: &Group) -> Vec<String> {
        let types = self.imported_types(self.model.operations_of(Some(group)));
        let docs = [self.lines("", &group.docs), text("", UNCHECKED), types];
        let mut lines = comment("", &sections(&docs));
        lines.extend([format!("final class {} extends Group", &group.class), "{".into()]);
        let methods = self.model.operations_of(Some(group)).flat_map(|operation| {
            let all = self.model.listed(operation).map(|item| self.all(operation, item));
            [Some(self.operation(operation)), all].into_iter().flatten()
        });
        let methods: Vec<Vec<String>> = methods.collect();
        lines.extend(methods.join(&String::new()));
        lines.push("}".into());
        lines
    }

    /// A method that goes through all pages of a list.
    fn all(&self, operation: &Operation, item: &Type) -> Vec<String> {
        let (options, own) = (&self.model.call_options, operation.params_of_all());
        let name = LANGUAGE.method(operation.method());
        let item = match item {
            Type::Ref(name) => name.clone(),
            other => types::documented(self.model, other),
        };
        let returns = format!("\\Generator<int, {item}, mixed, void>");
        let docs = [
            text(STEP, &all_docs(&name)),
            self.params(STEP, own.iter().copied().chain(options)),
            tag(STEP, "@return", &returns),
            tag(STEP, "@throws", "WhatsAppError"),
        ];
        let mut lines = comment(STEP, &sections(&docs));
        let taken = parameters(own.iter().copied().chain(options));
        let head = format!("public function {}", LANGUAGE.method(&format!("{}_all", operation.method())));
        lines.extend(method(&head, &taken, ": \\Generator"));
        lines.extend(wire("$params = ", own.iter().copied(), ";"));
        let options = variables(options);
        lines.extend(bracketed(INNER, STEP, "$options = self::callOptions(", &options, ";"));
        lines.push(String::new());
        let arguments = [
            format!("'{}'", operation.name),
            "$params".into(),
            "$options".into(),
            format!("{}::fromCore(...)", self.output(operation)),
        ];
        lines.extend(bracketed(INNER, STEP, "return $this->pages(", &arguments, ";"));
        lines.push(format!("{STEP}}}"));
        lines
    }

    /// `CallOptions.php`.
    pub(super) fn call_options_trait(&self) -> Vec<String> {
        let mut lines = trait_docs("The options of a call.", None, Vec::new());
        lines.extend(["trait CallOptions".to_string(), "{".into()]);
        lines.extend(self.call_options());
        lines.push("}".into());
        lines
    }

    fn operation(&self, operation: &Operation) -> Vec<String> {
        let options = &self.model.call_options;
        let output = self.output(operation);
        let documented = self.params(STEP, operation.params.iter().chain(options));
        let throws = tag(STEP, "@throws", "WhatsAppError");
        let mut lines = comment(STEP, &sections(&[self.lines(STEP, &operation.docs), documented, throws]));
        let taken = parameters(operation.params.iter().chain(options));
        let head = format!("public function {}", LANGUAGE.method(operation.method()));
        lines.extend(method(&head, &taken, &format!(": {output}")));
        match &operation.constructor {
            Some(constructor) => {
                let made = format!("$message = Message::{}(", LANGUAGE.method(constructor));
                lines.extend(bracketed(INNER, STEP, &made, &variables(&operation.params), ";"));
                lines.push(String::new());
                let mut arguments = vec!["$message".to_string()];
                arguments.extend(variables(options));
                lines.extend(bracketed(INNER, STEP, "return $this->send(", &arguments, ";"));
            }
            None => {
                lines.extend(wire("$params = ", &operation.params, ";"));
                let name = format!("'{}'", operation.name);
                lines.extend(self.call(&[name, "$params".into()], &output, ""));
            }
        }
        lines.push(format!("{STEP}}}"));
        lines
    }

    /// `send`, if there is a message to send.
    fn send(&self) -> Option<Vec<String>> {
        let operation = self.model.operations.iter().find(|operation| operation.constructor.is_some())?;
        let output = self.output(operation);
        let options: Vec<&Field> = self.model.call_options.iter().chain(&self.model.send_options).collect();
        let mut docs = vec![text(STEP, "Sends a message that was made before.")];
        let mut params = tag(STEP, "@param", "Message $message What to send.");
        params.extend(self.params(STEP, options.iter().copied()));
        docs.extend([params, tag(STEP, "@throws", "WhatsAppError")]);
        let mut lines = comment(STEP, &sections(&docs));
        let mut taken = vec!["mixed $message".to_string()];
        taken.extend(parameters(options));
        lines.extend(method("public function send", &taken, &format!(": {output}")));
        lines.push(format!("{INNER}$message = self::message($message);"));
        lines.extend(wire("$within = ", &self.model.send_options, ";"));
        lines.extend(self.call(&["$message->operation".into(), "$message->params".into()], &output, " + $within"));
        lines.push(format!("{STEP}}}"));
        Some(lines)
    }

    fn send_bulk(&self) -> Vec<String> {
        let options = &self.model.bulk_options;
        let intro =
            "Sends many messages, and tells what became of each as it is known, by its place among the messages.";
        let more = "Messages are taken from the iterable only when there is room for them, so it may be a generator over \
                    millions. One that is wrong does not stop the others. Leaving the loop stops what has not started and \
                    waits for what is in flight; an exception in the iterable comes out when everything taken before has \
                    been told. When every further message would be refused, too (a dead token, a wrong \
                    number id, a locked account, the spam limit), nothing more is taken or sent, and after the last result the exception that stopped the bulk \
                    is thrown.";
        let mut params = tag(
            STEP,
            "@param",
            "iterable<mixed, Message|array{string, Message}> $messages What to send. With a journal a message may have a key of its own: that of the iterable, if it is a text, or a pair of the key and the message. Integers that are not a list's 0, 1, 2, … are refused.",
        );
        params.extend(self.params(STEP, options));
        let returns = tag(STEP, "@return", "\\Generator<int, BulkResult, mixed, void>");
        let throws = tag(
            STEP,
            "@throws",
            "WhatsAppError The bulk cannot begin, or stopped by itself; never for a message alone.",
        );
        let docs = sections(&[text(STEP, intro), text(STEP, more), params, returns, throws]);
        let mut lines = comment(STEP, &docs);
        let mut taken = vec!["mixed $messages".to_string()];
        taken.extend(parameters(options));
        lines.extend(method("public function sendBulk", &taken, ": \\Generator"));
        lines.extend(wire("$options = ", options, ";"));
        lines.extend([
            String::new(),
            format!("{INNER}return $this->transport()->bulk($messages, $options);"),
            format!("{STEP}}}"),
        ]);
        lines
    }

    /// The options of a call as core takes them.
    fn call_options(&self) -> Vec<String> {
        let options = &self.model.call_options;
        let mut lines = comment(STEP, &["@return array<string, mixed> In core's names.".into()]);
        lines.extend(method("protected static function callOptions", &parameters(options), ": array"));
        lines.extend(wire("return ", options, ";"));
        lines.push(format!("{STEP}}}"));
        lines
    }

    /// The statements that make a call; `more` is added to its options.
    fn call(&self, arguments: &[String], output: &str, more: &str) -> Vec<String> {
        let options = variables(&self.model.call_options);
        let mut lines = bracketed(INNER, STEP, "$options = self::callOptions(", &options, &format!("{more};"));
        lines.push(String::new());
        let mut arguments = arguments.to_vec();
        arguments.extend(["$options".to_string(), format!("{output}::fromCore(...)")]);
        lines.extend(bracketed(INNER, STEP, "return $this->transport()->call(", &arguments, ";"));
        lines
    }

    /// What a call returns: the class of its result.
    fn output(&self, operation: &Operation) -> String {
        match &operation.output {
            Type::Ref(name) => name.clone(),
            other => types::native(self.model, other),
        }
    }
}
