//! What a terminal shows: colours where there is one, numbers and times for people.

use std::fmt::Write as _;
use std::io::IsTerminal as _;

/// Puts colours on, or leaves them out: where there is no terminal, or `NO_COLOR` asks for none (no-color.org).
#[derive(Debug, Clone, Copy)]
pub(crate) struct Paint {
    is_on: bool,
}

impl Paint {
    #[cfg(test)]
    pub(crate) const PLAIN: Paint = Paint { is_on: false };

    pub(crate) fn stdout() -> Self {
        Paint { is_on: std::io::stdout().is_terminal() && Self::is_wanted() }
    }

    pub(crate) fn stderr() -> Self {
        Paint { is_on: std::io::stderr().is_terminal() && Self::is_wanted() }
    }

    fn is_wanted() -> bool {
        let is_set = |name: &str| std::env::var_os(name).is_some_and(|value| !value.is_empty());
        !is_set("NO_COLOR") && std::env::var_os("TERM").is_none_or(|term| term != "dumb")
    }

    fn put(self, code: &str, text: &str) -> String {
        if self.is_on { format!("\x1b[{code}m{text}\x1b[0m") } else { text.to_owned() }
    }

    pub(crate) fn good(self, text: &str) -> String {
        self.put("32", text)
    }

    pub(crate) fn warning(self, text: &str) -> String {
        self.put("33", text)
    }

    pub(crate) fn bad(self, text: &str) -> String {
        self.put("31", text)
    }

    pub(crate) fn dim(self, text: &str) -> String {
        self.put("2", text)
    }

    pub(crate) fn bold(self, text: &str) -> String {
        self.put("1", text)
    }
}

/// `1,234,567`
pub(crate) fn grouped(number: u64) -> String {
    let digits = number.to_string();
    let mut text = String::with_capacity(digits.len() * 4 / 3);
    for (index, digit) in digits.chars().enumerate() {
        if index > 0 && (digits.len() - index).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    text
}

/// `1 row`, `2,000 rows`
pub(crate) fn counted(number: u64, one: &str, many: &str) -> String {
    format!("{} {}", grouped(number), if number == 1 { one } else { many })
}

/// `400 ms`, `1.5 s`, `12 s`, `3 min 20 s`, `1 h 5 min`, `2 d 3 h`
pub(crate) fn span(ms: u64) -> String {
    let seconds = ms / 1_000;
    match seconds {
        0 => format!("{ms} ms"),
        1..10 => format!("{:.1} s", ms as f64 / 1_000.0),
        10..60 => format!("{seconds} s"),
        60..3_600 => two(seconds / 60, "min", seconds % 60, "s"),
        3_600..86_400 => two(seconds / 3_600, "h", seconds / 60 % 60, "min"),
        _ => two(seconds / 86_400, "d", seconds / 3_600 % 24, "h"),
    }
}

fn two(large: u64, of: &str, small: u64, and: &str) -> String {
    if small == 0 { format!("{large} {of}") } else { format!("{large} {of} {small} {and}") }
}

/// `99.2 %`; what is not all is never told as 100 %, what is not nothing never as 0 %.
pub(crate) fn percent(part: u64, whole: u64) -> String {
    if whole == 0 {
        return "–".to_owned();
    }
    let exact = part as f64 * 100.0 / whole as f64;
    let shown = if part == whole { 100.0 } else { exact.min(99.9) };
    match shown {
        100.0 => "100 %".to_owned(),
        shown if part > 0 && shown < 0.1 => "< 0.1 %".to_owned(),
        shown => format!("{shown:.1} %"),
    }
}

/// The text in lines of so many characters, broken at spaces, each after so many spaces.
pub(crate) fn wrapped(text: &str, width: usize, indent: usize) -> String {
    let margin = " ".repeat(indent);
    let mut out = margin.clone();
    let mut used = 0;
    for word in text.split_whitespace() {
        let length = word.chars().count();
        if used > 0 && used + 1 + length > width {
            let _ = write!(out, "\n{margin}");
            used = 0;
        } else if used > 0 {
            out.push(' ');
            used += 1;
        }
        out.push_str(word);
        used += length;
    }
    out
}

/// The text without what could steer a terminal: a title or a text of Meta's, or a cell of a file, is only shown.
pub(crate) fn plain(text: &str) -> String {
    text.chars().map(|c| if c.is_control() { ' ' } else { c }).collect()
}

/// The beginning of a text, with `…` where it was cut.
pub(crate) fn cut(text: &str, most: usize) -> String {
    let text = plain(text);
    if text.chars().count() <= most {
        return text;
    }
    let mut short: String = text.chars().take(most.saturating_sub(1)).collect();
    short.push('…');
    short
}

/// As a shell takes it for one word.
pub(crate) fn quoted(text: &str) -> String {
    let is_plain = |c: char| c.is_alphanumeric() || matches!(c, '/' | '.' | '-' | '_' | ':' | '@');
    if !text.is_empty() && text.chars().all(is_plain) {
        text.to_owned()
    } else {
        format!("'{}'", text.replace('\'', "'\\''"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_and_times_are_for_people() {
        assert_eq!([0, 999, 1_000, 12_345_678].map(grouped), ["0", "999", "1,000", "12,345,678"]);
        assert_eq!(
            [400, 1_500, 12_345, 60_000, 200_000, 3_900_000, 86_400_000, 183_600_000].map(span),
            ["400 ms", "1.5 s", "12 s", "1 min", "3 min 20 s", "1 h 5 min", "1 d", "2 d 3 h"]
        );
        assert_eq!(counted(1, "row", "rows") + &counted(2_000, "row", "rows"), "1 row2,000 rows");
    }

    #[test]
    fn a_share_is_never_rounded_to_all_or_nothing() {
        for (part, whole, told) in
            [(0, 0, "–"), (0, 5, "0.0 %"), (1, 1_000_000, "< 0.1 %"), (999_999, 1_000_000, "99.9 %"), (5, 5, "100 %")]
        {
            assert_eq!(percent(part, whole), told, "{part}/{whole}");
        }
    }

    #[test]
    fn texts_are_broken_cut_and_cannot_steer_a_terminal() {
        assert_eq!(wrapped("one two three", 7, 2), "  one two\n  three");
        assert_eq!(cut("abcdef", 4), "abc…");
        assert_eq!(plain("a\x1b[31mb\nc"), "a [31mb c");
        assert_eq!(Paint::PLAIN.bad("x"), "x");
        assert_eq!(Paint { is_on: true }.bad("x"), "\x1b[31mx\x1b[0m");
    }
}
