//! What names a message within its campaign. Pure.

use std::fmt::Write;

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
    Content(u128),
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

    /// One for what a message says. SHA-256, since variables come from outside: nobody shall be able to make a message that is
    /// taken for somebody else's. The first 128 bits.
    pub(super) fn content(content: &[u8]) -> Self {
        let digest = digest::digest(&digest::SHA256, content);
        let half: [u8; 16] = digest.as_ref()[..16].try_into().unwrap_or_default();
        Key::Content(u128::from_be_bytes(half))
    }

    /// The key of the nth message of this name, from 1.
    pub(super) fn nth(&self, n: u32) -> String {
        match self {
            Key::Given(key) => key.clone(),
            Key::Content(hash) => {
                let mut key = String::with_capacity(40);
                // A string takes what is written to it.
                let _ = write!(key, "{hash:032x}.{n}");
                key
            }
        }
    }
}

/// What is wrong with a key.
pub(crate) fn refused(rule: &str, message: String) -> Invalid {
    Violation { path: "key".to_owned(), rule: rule.to_owned(), message }.into()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn hash(text: &str) -> Key {
        Key::content(text.as_bytes())
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
