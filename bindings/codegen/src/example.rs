//! An operation's example, which core has as JSON arguments, as a call in each language.

use serde_json::{Map, Value};

use crate::model::{Definition, Operation};
use crate::naming::{Language, camel};
use crate::schema::{Field, Type};

/// Where a line of an example ends at the latest. Examples stand in comments, which need some room themselves.
const WIDTH: usize = 88;

/// How a language writes a call and its values.
struct Dialect {
    language: Language,
    step: &'static str,
}

/// Code that is written on one line, or over several.
enum Code {
    Leaf(String),
    /// Opening, items, closing.
    Brackets(String, Vec<Code>, &'static str),
    /// What stands before another: `"id": …`.
    Prefixed(String, Box<Code>),
}

impl Code {
    fn in_one_line(&self, language: Language) -> String {
        match self {
            Code::Leaf(text) => text.clone(),
            Code::Prefixed(prefix, code) => format!("{prefix}{}", code.in_one_line(language)),
            Code::Brackets(open, items, close) => {
                let items: Vec<String> = items.iter().map(|item| item.in_one_line(language)).collect();
                // As each language's formatter has it.
                let pad = if open.ends_with('{') && language == Language::Node && !items.is_empty() { " " } else { "" };
                format!("{open}{pad}{}{pad}{close}", items.join(", "))
            }
        }
    }

    /// `head` and the code, broken where it is too long.
    fn lines(&self, dialect: &Dialect, indent: &str, head: &str, tail: &str) -> Vec<String> {
        let line = format!("{indent}{head}{}{tail}", self.in_one_line(dialect.language));
        if line.chars().count() <= WIDTH {
            return vec![line];
        }
        match self {
            Code::Leaf(_) => vec![line],
            Code::Prefixed(prefix, code) => code.lines(dialect, indent, &format!("{head}{prefix}"), tail),
            Code::Brackets(open, items, close) => {
                let deeper = format!("{indent}{}", dialect.step);
                let mut lines = vec![format!("{indent}{head}{open}")];
                lines.extend(items.iter().flat_map(|item| item.lines(dialect, &deeper, "", ",")));
                lines.push(format!("{indent}{close}{tail}"));
                lines
            }
        }
    }
}

/// The example of an operation in a language: a call on `wa`.
pub(crate) fn call(operation: &Operation, definitions: &[Definition], language: Language) -> Vec<String> {
    let dialect = Dialect { language, step: if language == Language::Node { "  " } else { "    " } };
    let writer = Writer { dialect: &dialect, definitions };
    let given = |field: &&Field| operation.example.contains_key(&field.name);
    let value = |field: &Field| writer.value(&operation.example[&field.name], Some(&field.ty));
    let required = operation.params.iter().filter(|field| field.required).filter(given);
    let mut arguments: Vec<Code> = required.map(value).collect();
    let optional: Vec<&Field> = operation.params.iter().filter(|field| !field.required).filter(given).collect();
    let named = |field: &&Field| {
        let name = language.identifier(&field.name, &field.ty);
        let prefix = match language {
            Language::Python => format!("{name}="),
            Language::Node | Language::Php => format!("{name}: "),
        };
        Code::Prefixed(prefix, Box::new(value(field)))
    };
    match language {
        Language::Node if optional.is_empty() => {}
        Language::Node => arguments.push(Code::Brackets("{".into(), optional.iter().map(named).collect(), "}")),
        Language::Python | Language::Php => arguments.extend(optional.iter().map(named)),
    }
    let method = language.method(&operation.name);
    let (head, tail) = match language {
        Language::Python => (format!("wa.{method}("), ""),
        Language::Node => (format!("await wa.{method}("), ""),
        Language::Php => (format!("$wa->{method}("), ";"),
    };
    Code::Brackets(head, arguments, ")").lines(&dialect, "", "", tail)
}

struct Writer<'a> {
    dialect: &'a Dialect,
    definitions: &'a [Definition],
}

impl Writer<'_> {
    fn value(&self, value: &Value, ty: Option<&Type>) -> Code {
        let language = self.dialect.language;
        if ty.is_some_and(Type::is_event) {
            return Code::Leaf(if language == Language::Php { "$event" } else { "event" }.to_owned());
        }
        match value {
            Value::Array(items) => {
                let item = match self.resolved(ty) {
                    Some(Type::List(item)) => Some(&**item),
                    Some(Type::Union(members)) => members.iter().find_map(|member| match member {
                        Type::List(item) => Some(&**item),
                        _ => None,
                    }),
                    _ => None,
                };
                let items = items.iter().map(|value| self.value(value, item)).collect();
                Code::Brackets("[".into(), items, "]")
            }
            Value::Object(members) => self.object(members, ty),
            Value::String(text) => Code::Leaf(quoted(text, language)),
            other => Code::Leaf(language.word(&other.to_string()).to_owned()),
        }
    }

    fn object(&self, members: &Map<String, Value>, ty: Option<&Type>) -> Code {
        let language = self.dialect.language;
        let fields = self.fields(members, ty);
        let items = members.iter().map(|(name, value)| {
            let field = fields.and_then(|fields| fields.iter().find(|field| field.name == *name));
            // Keys that no type knows are the caller's own.
            let key = match (language, field) {
                (Language::Node, Some(_)) => format!("{}: ", camel(name)),
                (Language::Node, None) => format!("{name}: "),
                (Language::Python, _) => format!("{}: ", quoted(name, language)),
                (Language::Php, _) => format!("{} => ", quoted(name, language)),
            };
            Code::Prefixed(key, Box::new(self.value(value, field.map(|field| &field.ty))))
        });
        let (open, close) = if language == Language::Php { ("[", "]") } else { ("{", "}") };
        Code::Brackets(open.into(), items.collect(), close)
    }

    /// The members that an object of this type has: of a union, those of the member that has the object's names.
    fn fields<'t>(&'t self, members: &Map<String, Value>, ty: Option<&'t Type>) -> Option<&'t [Field]> {
        match self.resolved(ty)? {
            Type::Object(fields) => Some(fields),
            Type::Union(parts) => parts.iter().find_map(|part| {
                let fields = self.fields(members, Some(part))?;
                members.keys().all(|name| fields.iter().any(|field| field.name == *name)).then_some(fields)
            }),
            _ => None,
        }
    }

    fn resolved<'t>(&'t self, ty: Option<&'t Type>) -> Option<&'t Type> {
        match ty? {
            Type::Ref(name) => self.resolved(self.definitions.iter().find(|d| d.name == *name).map(|d| &d.ty)),
            ty => Some(ty),
        }
    }
}

fn quoted(text: &str, language: Language) -> String {
    let (quote, escaped) = match language {
        Language::Python => ('"', text.replace('\\', "\\\\").replace('"', "\\\"")),
        Language::Node | Language::Php => ('\'', text.replace('\\', "\\\\").replace('\'', "\\'")),
    };
    format!("{quote}{escaped}{quote}")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::Model;

    fn written(name: &str, language: Language) -> String {
        let model = Model::parse(&wacloud::registry::manifest()).unwrap();
        let operation = model.operations.iter().find(|operation| operation.name == name).unwrap();
        call(operation, &model.definitions, language).join("\n")
    }

    #[test]
    fn a_call_looks_like_its_language() {
        assert_eq!(written("send_text", Language::Python), r#"wa.send_text("+15550001234", "Hello")"#);
        assert_eq!(written("send_text", Language::Php), "$wa->sendText('+15550001234', 'Hello');");
        let sound = "await wa.sendAudio('+15550001234', 'https://example.com/hello.ogg', { voice: true })";
        assert_eq!(written("send_audio", Language::Node), sound);
        assert!(written("send_audio", Language::Python).ends_with("voice=True)"));
    }

    #[test]
    fn known_members_have_the_languages_names_and_the_callers_own_stay() {
        let contact = written("send_contacts", Language::Node);
        assert!(contact.contains("formattedName: 'Ana Silva'"), "{contact}");
        let payload = written("send_payload", Language::Node);
        assert!(payload.contains("messaging_product: 'whatsapp'"), "{payload}");
        assert!(written("send_contacts", Language::Php).contains("'formatted_name' => 'Ana Silva'"));
    }
}
