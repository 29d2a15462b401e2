//! Numbers by key that outlast their process: what a receiver has to remember for days. Knows nothing of what they mean.
//!
//! Keys are hashes, so that nothing can be read from a store that it was not given: no phone numbers, no ids of messages.

mod memory;
mod redis;
mod sqlite;

use std::path::PathBuf;
use std::sync::Arc;

use super::{Server, ServerAddress, Unusable};
use memory::MemoryShelf;
use redis::RedisShelf;
use sqlite::SqliteShelf;

/// The name of a number.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) struct Key(u128);

impl Key {
    /// Of a name. Two names have the same key as often as two random numbers of 128 bits are the same.
    pub(crate) fn of(name: &str) -> Self {
        Key(xxhash_rust::xxh3::xxh3_128(name.as_bytes()))
    }
}

/// A number and how long it is kept.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Item {
    pub(crate) key: Key,
    /// Not 0, which stands for "none".
    pub(crate) value: u64,
    /// In seconds since 1970.
    pub(crate) until_s: u64,
}

/// What a shelf is asked to do with its items. Everything in one change happens together, in order, and alone among all who
/// share the shelf.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Change {
    /// To the higher of both values, to be kept for the longer of both times.
    Raise(Item),
    /// To this value, whatever was there; 0 forgets it.
    Put(Item),
}

impl Change {
    pub(crate) fn item(&self) -> &Item {
        match self {
            Change::Raise(item) | Change::Put(item) => item,
        }
    }
}

/// A place that keeps numbers.
pub(crate) enum Shelf {
    Memory(MemoryShelf),
    Sqlite(Arc<SqliteShelf>),
    Redis(RedisShelf),
}

impl Shelf {
    /// This process's memory, for up to `capacity` numbers.
    pub(crate) fn memory(capacity: usize) -> Self {
        Shelf::Memory(MemoryShelf::new(capacity))
    }

    /// A SQLite file. It is made when it is first used, if there is none.
    pub(crate) fn sqlite(path: impl Into<PathBuf>) -> Self {
        Shelf::Sqlite(Arc::new(SqliteShelf::new(path.into())))
    }

    /// A Redis or Valkey server; nothing is opened yet.
    pub(crate) fn redis(url: &str) -> Result<Self, String> {
        Ok(Shelf::Redis(RedisShelf::new(Arc::new(Server::new(ServerAddress::new(url, None)?)))))
    }

    /// Makes the changes, and returns what each number was before it; 0 is none.
    pub(crate) async fn change(&self, changes: Vec<Change>, now_s: u64) -> Result<Vec<u64>, Unusable> {
        match self {
            Shelf::Memory(shelf) => Ok(shelf.change(&changes, now_s)),
            Shelf::Sqlite(shelf) => in_background(shelf, move |shelf| shelf.change(&changes, now_s)).await,
            Shelf::Redis(shelf) => shelf.change(&changes, now_s).await,
        }
    }

    /// The numbers of these keys; 0 is none.
    pub(crate) async fn get(&self, keys: Vec<Key>, now_s: u64) -> Result<Vec<u64>, Unusable> {
        match self {
            Shelf::Memory(shelf) => Ok(shelf.get(&keys, now_s)),
            Shelf::Sqlite(shelf) => in_background(shelf, move |shelf| shelf.get(&keys, now_s)).await,
            Shelf::Redis(shelf) => shelf.get(&keys).await,
        }
    }
}

/// SQLite waits for disks and for others who write.
async fn in_background<T: Send + 'static>(
    shelf: &Arc<SqliteShelf>,
    work: impl FnOnce(&SqliteShelf) -> Result<T, Unusable> + Send + 'static,
) -> Result<T, Unusable> {
    let (shelf, place) = (shelf.clone(), shelf.place());
    match tokio::task::spawn_blocking(move || work(&shelf)).await {
        Ok(done) => done,
        Err(error) => Err(Unusable { place, problem: error.to_string() }),
    }
}

#[cfg(test)]
mod tests;
