//! `Message::text(…)` and its like.

use crate::model::Operation;

use super::comment::{UNCHECKED, comment, sections, text, trait_docs};
use super::signature::{method, parameters, wire};
use super::{LANGUAGE, Php, STEP};

impl Php<'_> {
    /// `MessageConstructors.php`.
    pub(super) fn message_constructors(&self) -> Vec<String> {
        let types =
            self.imported_types(self.model.operations.iter().filter(|operation| operation.constructor.is_some()));
        let mut lines = trait_docs("A way to make each kind of message.", Some(UNCHECKED), types);
        lines.extend(["trait MessageConstructors".to_string(), "{".into()]);
        let mut separator = None;
        for operation in &self.model.operations {
            if let Some(constructor) = &operation.constructor {
                lines.extend(separator.replace(String::new()));
                lines.extend(self.constructor(operation, &LANGUAGE.method(constructor)));
            }
        }
        lines.push("}".into());
        lines
    }

    fn constructor(&self, operation: &Operation, name: &str) -> Vec<String> {
        let sender = LANGUAGE.method(&operation.name);
        let intro =
            text(STEP, &format!("A message as {{@see WhatsAppClient::{sender}()}} sends it. It is not checked yet."));
        let mut lines = comment(STEP, &sections(&[intro, self.params(STEP, &operation.params)]));
        let taken = parameters(&operation.params);
        lines.extend(method(&format!("public static function {name}"), &taken, ": self"));
        lines.extend(wire(&format!("return new self('{}', ", operation.name), &operation.params, ");"));
        lines.push(format!("{STEP}}}"));
        lines
    }
}
