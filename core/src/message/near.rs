//! Names that are not known, and the one that was meant.

/// How a sentence begins that ends with the name that was meant.
const MEANT: &str = "is not known here; did you mean ";

/// The name that [`not_known`] has told as the one that was meant.
pub(crate) fn meant_by(message: &str) -> Option<&str> {
    message.strip_prefix(MEANT)?.strip_suffix('?')
}

/// What is told of a name that is none of the known ones.
pub(crate) fn not_known(given: &str, known: &[&str]) -> String {
    match (nearest(given, known), known) {
        (Some(meant), _) => format!("{MEANT}{meant}?"),
        (None, []) => "is not known here".to_owned(),
        (None, _) => format!("is not known here; known are {}", known.join(", ")),
    }
}

/// The known name that is nearest to what was given, if one is near: the same but for capitals and underscores, or but for
/// a letter in three.
pub(crate) fn nearest<'k>(given: &str, known: &[&'k str]) -> Option<&'k str> {
    let given = plain(given);
    let most = given.len() / 3;
    known
        .iter()
        .map(|name| (distance(&given, &plain(name)), *name))
        .filter(|(distance, _)| *distance <= most)
        .min_by_key(|(distance, _)| *distance)
        .map(|(_, name)| name)
}

/// What is left without what languages write differently.
fn plain(name: &str) -> Vec<char> {
    name.chars().filter(|letter| !matches!(letter, '_' | '-')).flat_map(char::to_lowercase).collect()
}

/// How many letters have to be put in, left out or changed (Levenshtein).
fn distance(one: &[char], other: &[char]) -> usize {
    let mut row: Vec<usize> = (0..=other.len()).collect();
    for (i, letter) in one.iter().enumerate() {
        let mut before = i;
        row[0] = i + 1;
        for (j, its) in other.iter().enumerate() {
            let changed = before + usize::from(letter != its);
            before = row[j + 1];
            row[j + 1] = changed.min(before + 1).min(row[j] + 1);
        }
    }
    row[other.len()]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_slip_is_understood_and_another_word_is_not() {
        let known = ["to", "body", "preview_url", "reply_to", "tracker", "max_wait_ms", "index"];
        for (given, meant) in [
            ("previewUrl", Some("preview_url")),
            ("preview_urls", Some("preview_url")),
            ("replyto", Some("reply_to")),
            ("traker", Some("tracker")),
            ("maxWait", Some("max_wait_ms")),
            ("bdoy", None),
            ("text", None),
            ("idx", None),
            ("", None),
        ] {
            assert_eq!(nearest(given, &known), meant, "{given}");
        }
    }
}
