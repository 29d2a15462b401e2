//! The words that templates are told apart by, and the one that was meant.

use crate::message::limits;
use crate::message::near::nearest;
use crate::message::violation::{Checker, Rule};

/// Meta's categories.
pub(crate) const CATEGORIES: &[&str] = &["AUTHENTICATION", "MARKETING", "UTILITY"];

/// States of a template (Meta's OpenAPI document, its page on the states of templates).
pub(crate) const STATES: &[&str] = &[
    "APPROVED",
    "PENDING",
    "REJECTED",
    "PAUSED",
    "DISABLED",
    "IN_APPEAL",
    "PENDING_DELETION",
    "DELETED",
    "LIMIT_EXCEEDED",
];

/// Names that people give where a code belongs.
const LANGUAGES: &[(&str, &str)] = &[
    ("arabic", "ar"),
    ("dutch", "nl"),
    ("english", "en"),
    ("french", "fr"),
    ("german", "de"),
    ("hindi", "hi"),
    ("indonesian", "id"),
    ("italian", "it"),
    ("polish", "pl"),
    ("portuguese", "pt_BR"),
    ("russian", "ru"),
    ("spanish", "es"),
    ("turkish", "tr"),
];

/// A word that must be there and one of these.
pub(super) fn check_word(name: &'static str, word: &str, known: &[&str], checker: &mut Checker) {
    if word.is_empty() {
        checker.refuse_at(name, Rule::Required, format!("is required: one of {}", known.join(", ")));
    } else if !known.contains(&word) {
        checker.refuse_at(name, Rule::Choice, format!("must be one of {}, got {word:?}", known.join(", ")));
    }
}

/// The name of a new template.
pub(crate) fn check_name(name: &str, checker: &mut Checker) {
    checker.text("name", name, 1, limits::TEMPLATE_NAME);
    if !name.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'_') {
        checker.refuse_at("name", Rule::Format, "must be lower-case letters, digits and _");
    }
}

/// Meta's pages write it in capitals, and in small letters as well ("Media card carousel templates").
pub(crate) fn check_category(category: &str, checker: &mut Checker) {
    check_word("category", &category.to_ascii_uppercase(), CATEGORIES, checker);
}

/// A word of Meta's to look for. One that is newer than this version passes; a slip, and what is none of Meta's words,
/// which are in capitals, would only find nothing.
pub(crate) fn check_sought(name: &'static str, word: Option<&String>, known: &[&str], checker: &mut Checker) {
    let Some(word) = word.filter(|word| !word.is_empty() && !known.contains(&word.as_str())) else { return };
    if let Some(meant) = nearest(word, known) {
        checker.refuse_at(name, Rule::Choice, format!("is not known, got {word:?}; did you mean {meant}?"));
    } else if word.chars().any(char::is_lowercase) {
        checker.refuse_at(name, Rule::Choice, format!("is in capitals, as {}, got {word:?}", known.join(", ")));
    }
}

/// The code of a language: Meta lists codes such as `en`, `fil` and `pt_BR`.
pub(crate) fn check_language(name: &'static str, code: &str, checker: &mut Checker) {
    checker.text(name, code, 1, limits::LANGUAGE_CODE);
    if code.is_empty() || is_code(code) {
        return;
    }
    if code.contains('-') {
        let fixed = code.replace('-', "_");
        return checker.refuse_at(name, Rule::Format, format!("is written with an underscore: {fixed}"));
    }
    let message = match meant(code) {
        Some(meant) => format!("must be a language code, got {code:?}; did you mean {meant}?"),
        None => "must be a language code such as en or en_US".to_owned(),
    };
    checker.refuse_at(name, Rule::Format, message);
}

/// Two or three small letters, and perhaps a country or a script.
fn is_code(code: &str) -> bool {
    let (language, place) = code.split_once('_').unwrap_or((code, "US"));
    let is_language = (2..=3).contains(&language.len()) && language.bytes().all(|b| b.is_ascii_lowercase());
    let is_plain = place.len() >= 2 && place.bytes().all(|b| b.is_ascii_alphanumeric());
    is_language && is_plain && !place.bytes().all(|b| b.is_ascii_lowercase())
}

fn meant(code: &str) -> Option<String> {
    let word: String = code.chars().take_while(char::is_ascii_alphabetic).collect::<String>().to_ascii_lowercase();
    if let Some((_, code)) = LANGUAGES.iter().find(|(name, _)| *name == word) {
        return Some((*code).to_owned());
    }
    let (language, place) = code.split_once('_').unwrap_or((code, ""));
    let fixed = match place {
        "" => language.to_ascii_lowercase(),
        place => format!("{}_{}", language.to_ascii_lowercase(), place.to_ascii_uppercase()),
    };
    is_code(&fixed).then_some(fixed)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn told(check: impl FnOnce(&mut Checker)) -> Option<String> {
        let mut checker = Checker::default();
        check(&mut checker);
        checker.found().first().map(|violation| violation.message.clone())
    }

    #[test]
    fn a_state_may_be_new_and_no_slip() {
        for (word, expected) in [
            ("APPROVED", None),
            ("ARCHIVED", None),
            ("PENDING_REVIEW", None),
            ("approvd", Some("is not known, got \"approvd\"; did you mean APPROVED?")),
            ("approved", Some("is not known, got \"approved\"; did you mean APPROVED?")),
            ("REJECT", Some("is not known, got \"REJECT\"; did you mean REJECTED?")),
        ] {
            let word = word.to_owned();
            let got = told(|checker| check_sought("status", Some(&word), STATES, checker));
            assert_eq!(got.as_deref(), expected, "{word}");
        }
        let word = "good ones".to_owned();
        let got = told(|checker| check_sought("status", Some(&word), STATES, checker));
        assert!(got.is_some_and(|got| got.starts_with("is in capitals, as APPROVED, PENDING")));
    }

    #[test]
    fn a_language_is_a_code() {
        for (code, expected) in [
            ("en", None),
            ("fil", None),
            ("pt_BR", None),
            ("zh_Hans", None),
            ("es_419", None),
            ("en-US", Some("is written with an underscore: en_US")),
            ("english", Some("must be a language code, got \"english\"; did you mean en?")),
            ("English (US)", Some("must be a language code, got \"English (US)\"; did you mean en?")),
            ("en_us", Some("must be a language code, got \"en_us\"; did you mean en_US?")),
            ("EN", Some("must be a language code, got \"EN\"; did you mean en?")),
            ("klingon", Some("must be a language code such as en or en_US")),
            ("", Some("must not be empty")),
        ] {
            assert_eq!(told(|checker| check_language("language", code, checker)).as_deref(), expected, "{code}");
        }
    }
}
