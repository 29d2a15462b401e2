//! JSON text as a tree that borrows from it.
//!
//! `serde_json` would do for well-formed bodies. Here a part that is odd must not take the rest of a batch with it: half
//! a surrogate pair becomes U+FFFD, a number of any size is its own text (an id is no float), and each node knows the
//! text that it was made of, so that events can tell what was received without keeping a copy of every tree.

use std::borrow::Cow;

/// How deeply lists and objects may lie within each other; Meta's reach a dozen.
pub(super) const MAX_DEPTH: usize = 100;

/// A value and the text that it was made of.
#[derive(Debug)]
pub(super) struct Node<'a> {
    pub(super) text: &'a str,
    pub(super) json: Json<'a>,
}

/// What a value is.
#[derive(Debug)]
pub(super) enum Json<'a> {
    Null,
    Bool(bool),
    /// [`Node::text`] says which.
    Number,
    Text(Cow<'a, str>),
    List(Vec<Node<'a>>),
    /// In the order of the text; of two members with one name the last one counts.
    Object(Vec<(Cow<'a, str>, Node<'a>)>),
}

/// A text that was read to its end.
#[derive(Debug)]
pub(super) struct Document<'a> {
    pub(super) root: Node<'a>,
    /// Where escapes stand that are half a surrogate pair. Each is six bytes long.
    pub(super) halves: Vec<usize>,
}

/// Why a text is not JSON, or not taken as such.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct NotJson {
    pub(super) problem: &'static str,
    /// In bytes.
    pub(super) offset: usize,
    /// It may be JSON, and is nested more deeply than [`MAX_DEPTH`].
    pub(super) is_too_deep: bool,
}

/// Reads a text.
pub(super) fn read(text: &str) -> Result<Document<'_>, NotJson> {
    let mut reader = Reader { text, bytes: text.as_bytes(), at: 0, depth: 0, halves: Vec::new() };
    let root = reader.value()?;
    reader.space();
    if reader.at < reader.bytes.len() {
        return Err(reader.problem("something follows after its end"));
    }
    Ok(Document { root, halves: reader.halves })
}

/// Which bytes end a run of plain characters within a text: the quote, the backslash, control characters.
fn is_special(byte: u8) -> bool {
    matches!(byte, b'"' | b'\\' | ..0x20)
}

/// How many of eight bytes stand before the first special one. All eight are looked at together: a byte is below another
/// one where its highest bit appears when that is taken away from it and was not there before. What is borrowed from the
/// next byte is wrong there only, behind the first one.
fn plain_of_eight(bytes: [u8; 8]) -> usize {
    const EACH: u64 = u64::from_ne_bytes([1; 8]);
    let eight = u64::from_le_bytes(bytes);
    let is_below = |eight: u64, limit: u8| eight.wrapping_sub(EACH * u64::from(limit)) & !eight;
    let is_equal = |byte: u8| is_below(eight ^ (EACH * u64::from(byte)), 1);
    let special = (is_below(eight, 0x20) | is_equal(b'"') | is_equal(b'\\')) & (EACH * 0x80);
    (special.trailing_zeros() / 8) as usize
}

struct Reader<'a> {
    text: &'a str,
    bytes: &'a [u8],
    at: usize,
    depth: usize,
    halves: Vec<usize>,
}

impl<'a> Reader<'a> {
    fn problem(&self, problem: &'static str) -> NotJson {
        NotJson { problem, offset: self.at, is_too_deep: false }
    }

    #[inline]
    fn peek(&self) -> Option<u8> {
        self.bytes.get(self.at).copied()
    }

    fn space(&mut self) {
        while matches!(self.peek(), Some(b' ' | b'\n' | b'\r' | b'\t')) {
            self.at += 1;
        }
    }

    /// What was read since `start`. All that the reader stops at is ASCII, so characters stay whole.
    fn since(&self, start: usize) -> &'a str {
        self.text.get(start..self.at).unwrap_or_default()
    }

    fn value(&mut self) -> Result<Node<'a>, NotJson> {
        self.space();
        let start = self.at;
        let json = match self.peek() {
            Some(b'"') => Json::Text(self.string()?),
            Some(b'{') => self.inside(Self::object)?,
            Some(b'[') => self.inside(Self::list)?,
            Some(b'-' | b'0'..=b'9') => self.number()?,
            Some(b't') => self.word("true", Json::Bool(true))?,
            Some(b'f') => self.word("false", Json::Bool(false))?,
            Some(b'n') => self.word("null", Json::Null)?,
            Some(_) => return Err(self.problem("this begins no value")),
            None => return Err(self.problem("it ends where a value belongs")),
        };
        Ok(Node { text: self.since(start), json })
    }

    fn inside(&mut self, read: fn(&mut Self) -> Result<Json<'a>, NotJson>) -> Result<Json<'a>, NotJson> {
        if self.depth == MAX_DEPTH {
            return Err(NotJson { is_too_deep: true, ..self.problem("it is nested too deeply") });
        }
        self.depth += 1;
        self.at += 1;
        let json = read(self)?;
        self.depth -= 1;
        Ok(json)
    }

    /// After `{`.
    fn object(&mut self) -> Result<Json<'a>, NotJson> {
        self.space();
        if self.skip(b'}') {
            return Ok(Json::Object(Vec::new()));
        }
        // Room for what most of Meta's have, so that it is made once.
        let mut members = Vec::with_capacity(8);
        loop {
            self.space();
            if self.peek() != Some(b'"') {
                return Err(self.problem("a name in quotes belongs here"));
            }
            let name = self.string()?;
            self.space();
            if !self.skip(b':') {
                return Err(self.problem("a colon belongs here"));
            }
            members.push((name, self.value()?));
            self.space();
            if self.skip(b'}') {
                return Ok(Json::Object(members));
            }
            if !self.skip(b',') {
                return Err(self.problem("a comma or the end of the object belongs here"));
            }
        }
    }

    /// After `[`.
    fn list(&mut self) -> Result<Json<'a>, NotJson> {
        let mut items = Vec::new();
        self.space();
        if self.skip(b']') {
            return Ok(Json::List(items));
        }
        loop {
            items.push(self.value()?);
            self.space();
            if self.skip(b']') {
                return Ok(Json::List(items));
            }
            if !self.skip(b',') {
                return Err(self.problem("a comma or the end of the list belongs here"));
            }
        }
    }

    fn skip(&mut self, byte: u8) -> bool {
        let is_there = self.peek() == Some(byte);
        self.at += usize::from(is_there);
        is_there
    }

    fn word(&mut self, word: &str, json: Json<'a>) -> Result<Json<'a>, NotJson> {
        if !self.bytes[self.at..].starts_with(word.as_bytes()) {
            return Err(self.problem("this begins no value"));
        }
        self.at += word.len();
        Ok(json)
    }

    fn number(&mut self) -> Result<Json<'a>, NotJson> {
        self.skip(b'-');
        // No digit follows a leading zero.
        if !self.skip(b'0') {
            self.digits()?;
        }
        if self.skip(b'.') {
            self.digits()?;
        }
        if self.skip(b'e') || self.skip(b'E') {
            let _ = self.skip(b'+') || self.skip(b'-');
            self.digits()?;
        }
        Ok(Json::Number)
    }

    /// At least one.
    fn digits(&mut self) -> Result<(), NotJson> {
        let start = self.at;
        while matches!(self.peek(), Some(b'0'..=b'9')) {
            self.at += 1;
        }
        if self.at == start { Err(self.problem("a digit belongs here")) } else { Ok(()) }
    }

    /// From one quote to the other.
    fn string(&mut self) -> Result<Cow<'a, str>, NotJson> {
        self.at += 1;
        let start = self.at;
        self.plain()?;
        if self.skip(b'"') {
            return Ok(Cow::Borrowed(self.text.get(start..self.at - 1).unwrap_or_default()));
        }
        let mut said = self.since(start).to_owned();
        loop {
            // A backslash, or `plain` had failed.
            said.push(self.escape()?);
            let start = self.at;
            self.plain()?;
            said.push_str(self.since(start));
            if self.skip(b'"') {
                return Ok(Cow::Owned(said));
            }
        }
    }

    /// Goes on to the next quote or backslash.
    fn plain(&mut self) -> Result<(), NotJson> {
        while let Some(eight) = self.bytes[self.at..].first_chunk() {
            let length = plain_of_eight(*eight);
            self.at += length;
            if length < eight.len() {
                break;
            }
        }
        while self.peek().is_some_and(|byte| !is_special(byte)) {
            self.at += 1;
        }
        match self.peek() {
            Some(b'"' | b'\\') => Ok(()),
            Some(_) => Err(self.problem("a control character stands within a text")),
            None => Err(self.problem("it ends within a text")),
        }
    }

    fn escape(&mut self) -> Result<char, NotJson> {
        let start = self.at;
        self.at += 1;
        let character = match self.peek() {
            Some(byte @ (b'"' | b'\\' | b'/')) => char::from(byte),
            Some(b'b') => '\u{8}',
            Some(b'f') => '\u{c}',
            Some(b'n') => '\n',
            Some(b'r') => '\r',
            Some(b't') => '\t',
            Some(b'u') => return self.unicode(start),
            _ => return Err(self.problem("this is no escape")),
        };
        self.at += 1;
        Ok(character)
    }

    /// At the `u` of an escape that begins at `start`.
    fn unicode(&mut self, start: usize) -> Result<char, NotJson> {
        self.at += 1;
        let first = self.hex()?;
        if let Some(character) = char::from_u32(first) {
            return Ok(character);
        }
        // One of a surrogate pair; only a first one goes with what follows, and only if that is a second one.
        if first < 0xDC00 && self.bytes[self.at..].starts_with(b"\\u") {
            let after_first = self.at;
            self.at += 2;
            let second = self.hex()?;
            if (0xDC00..0xE000).contains(&second) {
                let pair = 0x10000 + ((first - 0xD800) << 10) + (second - 0xDC00);
                return Ok(char::from_u32(pair).unwrap_or(char::REPLACEMENT_CHARACTER));
            }
            self.at = after_first;
        }
        self.halves.push(start);
        Ok(char::REPLACEMENT_CHARACTER)
    }

    fn hex(&mut self) -> Result<u32, NotJson> {
        let digits = self.bytes.get(self.at..self.at + 4).unwrap_or_default();
        let mut number = 0;
        for digit in digits {
            let digit = char::from(*digit).to_digit(16).ok_or_else(|| self.problem("this is no escape"))?;
            number = number * 16 + digit;
        }
        if digits.len() < 4 {
            return Err(self.problem("it ends within an escape"));
        }
        self.at += 4;
        Ok(number)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use serde_json::Value;

    use super::*;

    #[test]
    fn reads_what_serde_json_reads_and_refuses_the_rest() {
        for text in [
            "null",
            " true ",
            "[1, -0, 0.5, 1e3, -1.5E-7]",
            r#"{"a": {"b": []}, "a": 2}"#,
            r#""\u00e4\n\/\ud83d\ude00""#,
            r#""a\u0000b""#,
            "12345678901234567",
            "",
            "{",
            "[1,]",
            "{\"a\"}",
            "{,}",
            "01",
            "1.",
            "-",
            "+1",
            "1e",
            "tru",
            "\"",
            "\"\n\"",
            r#""\x""#,
            r#""\u12g4""#,
            r#""\u12"#,
            "[1 2]",
            "1 2",
            "{a: 1}",
            "'a'",
            "\u{feff}1",
            "NaN",
        ] {
            let known: Option<Value> = serde_json::from_str(text).ok();
            assert_eq!(read(text).ok().map(|document| document.root.to_value()), known, "{text}");
        }
    }

    #[test]
    fn what_serde_json_refuses_for_one_value_is_read() {
        let document =
            read(r#"["\ud83d", "a\udE00b", "\ud83d\u0041", 1e999, 123456789012345678901234567890]"#).unwrap();
        assert_eq!(document.halves, [2, 13, 24]);
        let Json::List(items) = &document.root.json else { panic!() };
        let texts: Vec<&str> = items.iter().filter_map(Node::str).collect();
        assert_eq!(texts, ["\u{fffd}", "a\u{fffd}b", "\u{fffd}A", "1e999", "123456789012345678901234567890"]);
    }

    #[test]
    fn special_bytes_are_found_wherever_they_stand() {
        for (place, byte) in (0..20).flat_map(|place| (0..=u8::MAX).map(move |byte| (place, byte))) {
            let mut text = [b'"'; 22];
            text[1..21].fill(0x7f);
            text[place + 1] = byte;
            let Ok(text) = std::str::from_utf8(&text) else { continue };
            let known: Option<Value> = serde_json::from_str(text).ok();
            assert_eq!(read(text).ok().map(|document| document.root.to_value()), known, "{byte} at {place}");
        }
        for byte in 0..=u8::MAX {
            for behind in [0, 0x1f, 0x20, 0x21, 0x22, 0x23, 0x5b, 0x5c, 0x5d, 0x80, 0xff] {
                let mut eight = [b'a', b'a', b'a', byte, behind, behind, behind, behind];
                let expected = |eight: &[u8]| eight.iter().position(|byte| is_special(*byte)).unwrap_or(8);
                assert_eq!(plain_of_eight(eight), expected(&eight), "{eight:?}");
                eight.reverse();
                assert_eq!(plain_of_eight(eight), expected(&eight), "{eight:?}");
            }
        }
    }

    #[test]
    fn depth_is_bounded() {
        let nested = |depth: usize| "[".repeat(depth) + &"]".repeat(depth);
        assert!(read(&nested(MAX_DEPTH)).is_ok());
        for text in [nested(MAX_DEPTH + 1), nested(1_000_000), "[".repeat(1_000_000), "{\"a\":".repeat(1_000_000)] {
            assert!(read(&text).unwrap_err().is_too_deep);
        }
    }

    #[test]
    fn a_node_knows_its_text() {
        let document = read(r#" {"a": [1, "\u0041"] } "#).unwrap();
        assert_eq!(document.root.text, r#"{"a": [1, "\u0041"] }"#);
        assert_eq!(document.root.get("a").unwrap().text, r#"[1, "\u0041"]"#);
    }

    proptest! {
        #[test]
        fn agrees_with_serde_json_on_any_text(text in r#"[\[\]{}",:0-9eE.\\ua-f\-+ \n]{0,40}"#) {
            let known: Result<Value, _> = serde_json::from_str(&text);
            match (read(&text), known) {
                (Ok(document), Ok(known)) => prop_assert_eq!(document.root.to_value(), known),
                // What it refuses beyond the grammar: numbers out of range and half surrogate pairs.
                (Ok(document), Err(_)) => prop_assert!(!document.halves.is_empty() || text.contains(['e', 'E'])),
                (Err(_), Err(_)) => {}
                (Err(refusal), Ok(_)) => prop_assert!(false, "{refusal:?}"),
            }
        }
    }
}
