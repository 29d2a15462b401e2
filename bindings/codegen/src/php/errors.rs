//! The exceptions. What they do is written by hand, and so is the choice of one for what core tells.

use crate::model::ErrorClass;
use crate::schema::Field;

use super::comment::{comment, sections, text};
use super::{Php, STEP, identifier};

impl Php<'_> {
    /// A class of exception.
    pub(super) fn error(&self, error: &ErrorClass) -> Vec<String> {
        let mut docs = vec![self.lines("", &error.docs)];
        // Exceptions have these two already.
        let (inherited, own): (Vec<&Field>, Vec<&Field>) =
            error.fields.iter().partition(|field| matches!(field.name.as_str(), "message" | "code"));
        for field in inherited.iter().filter(|field| field.name == "code") {
            let meaning = field.docs.in_one_line(&self.speech);
            docs.push(text("", &format!("`getCode()`: {meaning} 0 if there is none.")));
        }
        let mut lines = comment("", &sections(&docs));
        lines.push(match &error.parent {
            Some(parent) => format!("class {} extends {parent}", error.name),
            None => format!("class {} extends \\RuntimeException implements \\JsonSerializable", error.name),
        });
        lines.push("{".into());
        if error.parent.is_none() {
            lines.extend([format!("{STEP}use ErrorBehaviour;"), String::new()]);
        }
        for field in &own {
            lines.extend(comment(STEP, &self.property_docs(STEP, field)));
            lines.extend([
                format!("{STEP}public readonly {} ${};", self.property(field), identifier(field)),
                String::new(),
            ]);
        }
        if !own.is_empty() || error.parent.is_none() {
            lines.extend(self.error_constructor(error, &own));
        }
        lines.push("}".into());
        lines
    }

    fn error_constructor(&self, error: &ErrorClass, own: &[&Field]) -> Vec<String> {
        let tags = ["@internal".to_string(), String::new(), "@param array<string, mixed> $data".into()];
        let mut lines = comment(STEP, &tags);
        let inner = STEP.repeat(2);
        lines.extend([
            format!("{STEP}public function __construct(array $data, ?\\Throwable $previous = null)"),
            format!("{STEP}{{"),
        ]);
        match error.parent {
            Some(_) => lines.push(format!("{inner}parent::__construct($data, $previous);")),
            None => lines.extend([
                format!("{inner}parent::__construct($data['message'], $data['code'] ?? 0, $previous);"),
                format!("{inner}$this->pointAtCaller();"),
            ]),
        }
        let reads = own.iter().map(|field| format!("{inner}$this->{} = {};", identifier(field), self.read(field)));
        lines.extend(reads);
        lines.push(format!("{STEP}}}"));
        lines
    }
}
