//! How templates are spoken of: in their own words.

use crate::message::near::nearest;

/// `order_update (en_US)`.
pub(super) fn title(name: Option<&str>, language: Option<&str>) -> String {
    format!("{} ({})", name.unwrap_or("?"), language.unwrap_or("?"))
}

/// What is told of a name that no template of the account has; `others` are names that there are.
pub(crate) fn no_template(name: &str, others: &[&str]) -> String {
    match nearest(name, others) {
        Some(meant) => format!("the business account has no template {name:?}; did you mean {meant}?"),
        None => format!("the business account has no template {name:?}: names are exact"),
    }
}

/// `{{1}} {{2}}`.
pub(super) fn braced<T: AsRef<str>>(names: &[T]) -> String {
    let braced: Vec<String> = names.iter().map(|name| format!("{{{{{}}}}}", name.as_ref())).collect();
    braced.join(" ")
}

/// `2 values {{1}} {{2}}`.
pub(super) fn values(names: &[String]) -> String {
    match names.len() {
        0 => "no values".to_owned(),
        1 => format!("1 value {}", braced(names)),
        count => format!("{count} values {}", braced(names)),
    }
}

/// What a header is, or what was given as one: `an image`.
pub(super) fn kind(kind: &str) -> String {
    match kind.to_ascii_lowercase().as_str() {
        "text" => "text".to_owned(),
        "date_time" => "a date_time".to_owned(),
        "gif" => "a GIF".to_owned(),
        other if other.starts_with(['a', 'e', 'i', 'o', 'u']) => format!("an {other}"),
        other => format!("a {other}"),
    }
}

/// Why a template in this state cannot be sent, if that is so. What is not known here is Meta's to judge.
pub(super) fn unsendable(status: &str, reason: Option<&str>) -> Option<String> {
    Some(match status.to_ascii_uppercase().as_str() {
        "PENDING" => "is not approved yet (PENDING)".to_owned(),
        "REJECTED" => match reason.filter(|reason| !matches!(*reason, "" | "NONE")) {
            Some(reason) => format!("was rejected by Meta ({reason})"),
            None => "was rejected by Meta".to_owned(),
        },
        "PAUSED" => "is paused: Meta has stopped it for now because people did not like it (132015)".to_owned(),
        "DISABLED" => "is disabled for good (132016)".to_owned(),
        "IN_APPEAL" => "is not approved: an appeal is under way".to_owned(),
        "DELETED" => "was deleted".to_owned(),
        _ => return None,
    })
}
