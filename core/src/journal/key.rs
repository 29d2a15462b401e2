//! What names a message within its campaign. Pure.

use std::io;

use ring::digest;

use crate::message::{Invalid, Violation};

/// Longer ones are no names any more.
const LONGEST: usize = 200;

/// A name as it was given or made.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Key {
    /// By whoever sends: an order's number.
    Given(String),
    /// From what the message says and who it goes to: equal messages have the same, and are told apart by how many of them
    /// came before.
    Content(String),
}

impl Key {
    /// A given one.
    pub(super) fn given(key: String) -> Result<Self, Invalid> {
        let length = key.chars().count();
        if (1..=LONGEST).contains(&length) {
            return Ok(Key::Given(key));
        }
        Err(refused("length", format!("must have 1 to {LONGEST} characters, has {length}")))
    }

    /// The key of the nth message of this name, from 1.
    pub(super) fn nth(&self, n: u32) -> String {
        match self {
            Key::Given(key) => key.clone(),
            Key::Content(hash) => format!("{hash}.{n}"),
        }
    }
}

/// What is wrong with a key.
pub(crate) fn refused(rule: &str, message: String) -> Invalid {
    Violation { path: "key".to_owned(), rule: rule.to_owned(), message }.into()
}

/// Hashes what is written to it. SHA-256, since variables come from outside: nobody shall be able to make a message that is
/// taken for somebody else's.
pub(super) struct Hasher(digest::Context);

impl Hasher {
    pub(super) fn new() -> Self {
        Hasher(digest::Context::new(&digest::SHA256))
    }

    /// The first 128 bits; as text.
    pub(super) fn key(self) -> Key {
        let digest = self.0.finish();
        let half: [u8; 16] = digest.as_ref()[..16].try_into().unwrap_or_default();
        Key::Content(format!("{:032x}", u128::from_be_bytes(half)))
    }
}

impl io::Write for Hasher {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.update(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use std::io::Write as _;

    use super::*;

    fn hash(text: &str) -> Key {
        let mut hasher = Hasher::new();
        hasher.write_all(text.as_bytes()).unwrap();
        hasher.key()
    }

    #[test]
    fn equal_messages_are_told_apart_by_their_number() {
        assert_eq!(hash("a"), hash("a"));
        assert_ne!(hash("a"), hash("b"));
        // The first half of SHA-256 of "a".
        assert_eq!(hash("a").nth(2), "ca978112ca1bbdcafac231b39a23dc4d.2");
    }

    #[test]
    fn a_given_key_is_taken_as_it_is() {
        assert_eq!(Key::given("order 7".to_owned()).unwrap().nth(3), "order 7");
        for wrong in [String::new(), "x".repeat(201)] {
            assert_eq!(Key::given(wrong).unwrap_err().violations[0].path, "key");
        }
    }
}
