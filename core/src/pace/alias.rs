//! One person, several addresses. Meta's `wa_id` may differ from the number that a message was sent to (Brazil, Mexico), and
//! a business-scoped user id stands for a number: they count as one for the pair limit.

use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};

use crate::store;

/// So many are remembered. Beyond it everything is forgotten, and learned again with the next answers.
const REMEMBERED: usize = 1 << 16;

/// Which address is another name of which.
#[derive(Default)]
pub(super) struct Aliases(Mutex<HashMap<u64, u64>>);

impl Aliases {
    /// The key under which messages to this address count.
    pub(super) fn key(&self, address: &str) -> u64 {
        let key = store::hash(digits(address));
        self.0.lock().unwrap_or_else(PoisonError::into_inner).get(&key).copied().unwrap_or(key)
    }

    /// Meta knows the address as `known_as`. Returns both keys if that is news.
    pub(super) fn learn(&self, address: &str, known_as: &str) -> Option<(u64, u64)> {
        let (address, known_as) = (digits(address), digits(known_as));
        if address == known_as {
            return None;
        }
        let (key, meant) = (store::hash(address), store::hash(known_as));
        let mut aliases = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if aliases.len() >= REMEMBERED && !aliases.contains_key(&key) {
            aliases.clear();
        }
        (aliases.insert(key, meant) != Some(meant)).then_some((key, meant))
    }
}

/// Numbers go out with a plus and come back without.
fn digits(address: &str) -> &str {
    address.strip_prefix('+').unwrap_or(address)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_counts_as_the_one_that_meta_knows() {
        let aliases = Aliases::default();
        assert_eq!(aliases.learn("+15550001234", "15550001234"), None);
        assert_ne!(aliases.key("+5511987654321"), aliases.key("551187654321"));
        assert!(aliases.learn("+5511987654321", "551187654321").is_some());
        assert!(aliases.learn("+5511987654321", "551187654321").is_none(), "no news");
        assert_eq!(aliases.key("+5511987654321"), aliases.key("551187654321"));
    }
}
