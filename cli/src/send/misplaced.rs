//! A recipient that stands where the message belongs, as some other programs take it.

use super::kinds;

/// Options that say who gets it, or that the line is about something else.
const SAID: &[&str] = &["--to", "--group", "--args", "--help", "-h"];

/// What to write instead, of a command line (without the program's name) that names the recipient by its place. What clap
/// says of such a line is about the word behind it.
pub(crate) fn told(line: &[String]) -> Option<String> {
    let [command, kind, words @ ..] = line else { return None };
    let kind = kinds::find(kind).filter(|kind| command == "send" && !kinds::is_whole(kind))?;
    let is_said = |word: &String| SAID.iter().any(|said| word.split('=').next() == Some(said));
    if words.iter().any(is_said) {
        return None;
    }
    let number = words.iter().take_while(|word| !word.starts_with('-')).find(|word| is_number(word))?;
    Some(format!(
        "the recipient goes after --to: wacloud send {} --to {} {}. Nothing was sent.",
        kind.name,
        if number.contains([' ', '(']) { format!("{number:?}") } else { number.clone() },
        kind.example
    ))
}

/// Whether it is written as a phone number: digits, or `+`, digits and what people put between them. A date is not one.
fn is_number(text: &str) -> bool {
    let (rest, between) = match text.strip_prefix('+') {
        Some(rest) => (rest, " ()-"),
        None => (text, ""),
    };
    let digits = rest.bytes().filter(u8::is_ascii_digit).count();
    (8..=15).contains(&digits) && rest.chars().all(|c| c.is_ascii_digit() || between.contains(c))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(line: &[&str]) -> Option<String> {
        told(&line.iter().map(ToString::to_string).collect::<Vec<_>>())
    }

    #[test]
    fn a_recipient_by_its_place_is_told_where_it_goes() {
        let text = of(&["send", "text", "+15550001234", "Hello"]).unwrap();
        assert_eq!(
            text,
            "the recipient goes after --to: wacloud send text --to +15550001234 \"Hello\". Nothing was sent."
        );
        for line in [
            &["send", "text", "+15550001234"][..],
            &["send", "text", "15550001234", "Hello"],
            &["send", "text", "Hello", "+15550001234"],
            &["send", "template", "+15550001234", "hello_world", "--lang", "en_US"],
            &["send", "image", "+15550001234", "--link", "https://example.com/a.jpg"],
            &["send", "location", "+15550001234", "48.2", "16.4"],
        ] {
            assert!(
                of(line).is_some_and(|told| told.contains("--to +15550001234") || told.contains("--to 1555")),
                "{line:?}"
            );
        }
        assert!(of(&["send", "text", "+1 (555) 000-1234"]).unwrap().contains("--to \"+1 (555) 000-1234\""));
    }

    #[test]
    fn what_says_who_gets_it_or_looks_like_no_number_is_left_alone() {
        for line in [
            &["send", "text", "--to", "+15550001234", "+15550005678"][..],
            &["send", "text", "15550001234", "--to=+15550001234"],
            &["send", "text", "15550001234", "--group", "g"],
            &["send", "location", "+48.20821", "+16.37381"],
            &["send", "text", "2026-11-28"],
            &["send", "text", "4711"],
            &["send", "text", "+15550001234", "--help"],
            &["send", "location", "--args", "@15550001234"],
            &["send", "raw", "15550001234"],
            &["bulk", "15550001234"],
            &["send", "nothing", "15550001234"],
            &["send", "text"],
            &[],
        ] {
            assert_eq!(of(line), None, "{line:?}");
        }
    }
}
