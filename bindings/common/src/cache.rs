//! The last few values by key, the least recently used going first.

/// Few enough that a walk along a list beats a map and a queue.
pub(crate) struct Lru<V> {
    capacity: usize,
    /// The last used one last.
    entries: Vec<(String, V)>,
}

impl<V: Clone> Lru<V> {
    pub(crate) fn new(capacity: usize) -> Self {
        Self { capacity, entries: Vec::new() }
    }

    /// The value of `key`, made and kept if there is none.
    pub(crate) fn get_or_make<E>(&mut self, key: &str, make: impl FnOnce() -> Result<V, E>) -> Result<V, E> {
        let place = self.entries.iter().position(|(known, _)| known == key);
        let entry = match place {
            Some(place) => self.entries.remove(place),
            None => (key.to_string(), make()?),
        };
        let value = entry.1.clone();
        if self.entries.len() == self.capacity {
            self.entries.remove(0);
        }
        self.entries.push(entry);
        Ok(value)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keeps_what_was_used_last() {
        let mut cache = Lru::new(2);
        let mut made = Vec::new();
        for key in ["a", "b", "a", "c", "a", "b"] {
            let value = cache.get_or_make(key, || {
                made.push(key);
                Ok::<_, ()>(key.to_uppercase())
            });
            assert_eq!(value, Ok(key.to_uppercase()));
        }
        // "b" had to go for "c", "a" was in use.
        assert_eq!(made, ["a", "b", "c", "b"]);
    }

    #[test]
    fn a_failure_is_not_kept() {
        let mut cache = Lru::new(2);
        assert_eq!(cache.get_or_make("a", || Err::<u8, _>("no")), Err("no"));
        assert_eq!(cache.get_or_make("a", || Ok::<_, &str>(1)), Ok(1));
    }
}
