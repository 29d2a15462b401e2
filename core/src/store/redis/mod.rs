//! Books that several machines share, on a Redis or Valkey server.
//!
//! One script reads the values of a book with the server's time, and writes them if nobody was faster; what they mean is
//! computed here. A second copy of the arithmetic in Lua would be one round trip less, and would have to agree with this
//! one for ever; the server is asked a few times a second, not once a message.

mod facts;
mod link;
mod server;

use std::sync::Arc;
use std::time::Duration;

pub(crate) use facts::Facts;
pub(crate) use link::{Line, Link};
use server::Lost;
pub(crate) use server::{Server, ServerAddress};

use super::{Entry, LocalBook, Page, Record, bytes_to_words, words_to_bytes};

/// Others are faster now and then; so often in a row means that something is wrong.
const TRIES: u32 = 20;
/// What nobody has written for so long says nothing any more.
const RECORD_KEPT_MS: u64 = 3_600_000;

/// A book on a server, and the one that takes over while the server is away.
pub(crate) struct RedisBook {
    server: Arc<Server>,
    record_name: String,
    entry_prefix: String,
    instead: LocalBook,
}

impl RedisBook {
    pub(super) fn new(server: Arc<Server>, name: &str, instead: LocalBook) -> Self {
        // In braces is what decides where a cluster keeps a key: all keys of a book are together, as its script needs them.
        let prefix = format!("wacloud:{{{}}}", name.replace(['{', '}'], ""));
        RedisBook { server, record_name: format!("{prefix}:pace"), entry_prefix: format!("{prefix}:to:"), instead }
    }

    pub(super) async fn update<T: Send>(&self, keys: &[u64], change: &mut (impl FnMut(Page<'_>) -> T + Send)) -> T {
        match self.try_update(keys, change).await {
            Ok(done) => done,
            Err(Lost) => self.instead.update(keys, change),
        }
    }

    pub(super) fn take_notice(&self) -> Option<String> {
        self.server.take_notice().or_else(|| self.instead.take_notice())
    }

    async fn try_update<T: Send>(
        &self,
        keys: &[u64],
        change: &mut (impl FnMut(Page<'_>) -> T + Send),
    ) -> Result<T, Lost> {
        let names: Vec<String> = std::iter::once(self.record_name.clone())
            .chain(keys.iter().map(|key| format!("{}{key:016x}", self.entry_prefix)))
            .collect();
        let mut seen = self.server.read(&names).await?;
        for attempt in 0..TRIES {
            let mut values = Values::read(&seen);
            let before = values.clone();
            let now_us = self.server.now_us();
            let done = change(Page { now_us, record: &mut values.record, entries: &mut values.entries });
            let writes = values.writes(&before, now_us);
            if writes.iter().all(|write| write.value.is_empty()) {
                return Ok(done);
            }
            match self.server.write(&names, &seen, &writes).await? {
                None => return Ok(done),
                Some(changed) => seen = changed,
            }
            // Whoever comes from further away would lose every time against neighbours of the server.
            tokio::time::sleep(Duration::from_micros(rand::random_range(0..500 << attempt.min(6)))).await;
        }
        Err(self.server.lost("others change the same records all the time"))
    }
}

/// The values of a book, as they were read.
#[derive(Clone)]
struct Values {
    record: Record,
    entries: Vec<Entry>,
}

/// A new value, empty to leave the old one, and how long it is kept.
struct Write {
    value: Vec<u8>,
    kept_ms: u64,
}

impl Values {
    fn read(seen: &[Vec<u8>]) -> Self {
        let mut record = Record::default();
        // What has another length is of another version: it counts for nothing, and is written over.
        if let Some(bytes) = seen.first().filter(|bytes| bytes.len() == Record::WORDS * 8) {
            bytes_to_words(bytes, &mut record.0);
        }
        let entry = |bytes: &Vec<u8>| {
            let mut entry = Entry::default();
            if bytes.len() == Entry::WORDS * 8 {
                bytes_to_words(bytes, &mut entry.0);
            }
            entry
        };
        Values { record, entries: seen.iter().skip(1).map(entry).collect() }
    }

    fn writes(&self, before: &Values, now_us: u64) -> Vec<Write> {
        let record = Write { value: changed(&self.record.0, &before.record.0), kept_ms: RECORD_KEPT_MS };
        let entries = self.entries.iter().zip(&before.entries).map(|(entry, before)| Write {
            value: changed(&entry.0, &before.0),
            kept_ms: entry.until_us().saturating_sub(now_us) / 1_000 + 1_000,
        });
        std::iter::once(record).chain(entries).collect()
    }
}

fn changed(words: &[u64], before: &[u64]) -> Vec<u8> {
    if words == before {
        return Vec::new();
    }
    let mut bytes = vec![0; words.len() * 8];
    words_to_bytes(words, &mut bytes);
    bytes
}
