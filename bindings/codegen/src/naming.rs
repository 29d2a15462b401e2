//! Core's names (`send_text`, `attempt_timeout_ms`) in the words of each language.

use crate::schema::Type;

/// A language that classes are written in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Language {
    Python,
    Node,
    Php,
}

impl Language {
    /// A parameter, setting, field or method. Python and PHP count time in seconds, where a name needs no unit.
    pub(crate) fn identifier(self, name: &str, ty: &Type) -> String {
        match self {
            Language::Python => without_unit(name, ty).to_string(),
            Language::Node => camel(name),
            Language::Php => camel(without_unit(name, ty)),
        }
    }

    /// A method.
    pub(crate) fn method(self, name: &str) -> String {
        match self {
            Language::Python => name.to_string(),
            Language::Node => camel(name),
            // `phone.get` is `phone->get` there.
            Language::Php => camel(name).replace('.', "->"),
        }
    }

    /// How code fences of this language are tagged in core's documentation.
    pub(crate) fn fence_tag(self) -> &'static str {
        match self {
            Language::Python => "python",
            Language::Node => "ts",
            Language::Php => "php",
        }
    }

    /// A JSON word (`true`, `false`, `null`) in this language; anything else as it is.
    pub(crate) fn word(self, word: &str) -> &str {
        match (self, word) {
            (Language::Python, "true") => "True",
            (Language::Python, "false") => "False",
            (Language::Python, "null") => "None",
            _ => word,
        }
    }
}

fn without_unit<'a>(name: &'a str, ty: &Type) -> &'a str {
    match ty {
        Type::DurationMs => name.strip_suffix("_ms").unwrap_or(name),
        _ => name,
    }
}

/// `reply_to` is `replyTo`.
pub(crate) fn camel(name: &str) -> String {
    let mut parts = name.split('_');
    let first = parts.next().unwrap_or_default().to_string();
    parts.fold(first, |done, part| done + &capitalised(part))
}

/// `reply_to` is `ReplyTo`.
pub(crate) fn pascal(name: &str) -> String {
    name.split('_').map(capitalised).collect()
}

fn capitalised(word: &str) -> String {
    let mut letters = word.chars();
    match letters.next() {
        Some(first) => first.to_uppercase().chain(letters).collect(),
        None => String::new(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_language_has_its_own_words() {
        let name = |language: Language| language.identifier("attempt_timeout_ms", &Type::DurationMs);
        assert_eq!(name(Language::Python), "attempt_timeout");
        assert_eq!(name(Language::Node), "attemptTimeoutMs");
        assert_eq!(name(Language::Php), "attemptTimeout");
        assert_eq!(Language::Php.identifier("rate_ms", &Type::Int), "rateMs");
        assert_eq!(Language::Node.method("send_text"), "sendText");
        assert_eq!(Language::Node.method("qr_codes.list_all"), "qrCodes.listAll");
        assert_eq!(Language::Php.method("qr_codes.list"), "qrCodes->list");
        assert_eq!(pascal("send_text"), "SendText");
        assert_eq!(Language::Python.word("null"), "None");
        assert_eq!(Language::Node.word("null"), "null");
    }
}
