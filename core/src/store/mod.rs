//! Where state is kept that several share: threads of a process, processes of a host, hosts. Knows nothing of what it
//! means.
//!
//! A [`Book`] holds one [`Record`] and many small [`Entry`]s, found by a hash. Whoever changes it is alone with it for that
//! moment, among everybody who shares the store: a mutex in memory, a lock on a file, a comparison on a server.

mod entries;
#[cfg(unix)]
mod host;
mod media;
mod memory;
mod redis;
mod shelf;
pub(crate) mod sqlite;

use std::path::PathBuf;
use std::sync::Arc;

#[cfg(unix)]
use host::{HostBook, Room};
pub(crate) use media::{CLAIM, Standing, UploadIds, UploadKey};
use memory::MemoryBook;
use redis::RedisBook;
pub(crate) use redis::{Facts, Line, Link, Server, ServerAddress};
pub(crate) use shelf::{Change, Item, Key, Shelf};

/// The one record of a book. A book that was never written in has all zeros.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) struct Record(pub(crate) [u64; Record::WORDS]);

impl Record {
    pub(crate) const WORDS: usize = 12;
}

/// One of many entries of a book. Its first word is the time, by the store's clock, until which it says anything: after
/// that the store may forget it, and a forgotten one is all zeros.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) struct Entry(pub(crate) [u64; Entry::WORDS]);

impl Entry {
    pub(crate) const WORDS: usize = 4;

    fn until_us(&self) -> u64 {
        self.0[0]
    }
}

/// What a change may see and change.
pub(crate) struct Page<'p> {
    /// The store's clock, in microseconds.
    pub(crate) now_us: u64,
    pub(crate) record: &'p mut Record,
    /// One for each key, in their order.
    pub(crate) entries: &'p mut [Entry],
}

/// A place that keeps books.
#[derive(Clone)]
pub(crate) enum Store {
    Local(LocalStore),
    /// Several machines, and the store that takes over while the server is away.
    Redis(Arc<Server>, LocalStore),
}

/// A place on this machine.
#[derive(Clone)]
pub(crate) enum LocalStore {
    /// This process.
    Memory,
    /// The processes of one user: files in a directory, or where all of them look for them.
    #[cfg(unix)]
    Host(Option<PathBuf>),
}

impl LocalStore {
    #[cfg(unix)]
    pub(crate) fn host(directory: Option<PathBuf>) -> Self {
        LocalStore::Host(directory)
    }

    /// Where there are no such files yet, every process is alone.
    #[cfg(not(unix))]
    pub(crate) fn host(_: Option<PathBuf>) -> Self {
        LocalStore::Memory
    }

    fn book(&self, name: &str) -> LocalBook {
        match self {
            LocalStore::Memory => LocalBook::Memory(MemoryBook::new()),
            #[cfg(unix)]
            LocalStore::Host(directory) => LocalBook::Host(HostBook::new(Room::new(directory.clone()), name)),
        }
    }
}

impl Store {
    pub(crate) fn name(&self) -> &'static str {
        match self {
            Store::Local(LocalStore::Memory) => "process",
            #[cfg(unix)]
            Store::Local(LocalStore::Host(_)) => "host",
            Store::Redis(..) => "redis",
        }
    }

    /// The book of a name. Opens nothing yet.
    pub(crate) fn book(&self, name: &str) -> Book {
        match self {
            Store::Local(store) => Book::Local(store.book(name)),
            Store::Redis(server, instead) => Book::Redis(RedisBook::new(server.clone(), name, instead.book(name))),
        }
    }
}

/// Why a place cannot be used.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Unusable {
    /// The file, or the server's host.
    pub(crate) place: String,
    /// What is wrong with it, as the end of a sentence that begins with the place.
    pub(crate) problem: String,
}

/// What is kept under one name.
pub(crate) enum Book {
    Local(LocalBook),
    Redis(RedisBook),
}

/// What is kept on this machine under one name.
pub(crate) enum LocalBook {
    Memory(MemoryBook),
    #[cfg(unix)]
    Host(HostBook),
}

impl Book {
    /// Changes the record, and the entries of `keys` (each named once), alone among everybody who shares them. On a server
    /// the change is computed again when somebody else was faster; the last computation is the one that counts, and what it
    /// returned is what comes back. On this machine it is done when this is first polled.
    pub(crate) async fn update<T: Send>(&self, keys: &[u64], mut change: impl FnMut(Page<'_>) -> T + Send) -> T {
        match self {
            Book::Local(book) => book.update(keys, &mut change),
            // Boxed: every message under way would have room for it.
            Book::Redis(book) => Box::pin(book.update(keys, &mut change)).await,
        }
    }

    /// The same where it takes no waiting, which a server always does: then nothing is done. It needs no runtime.
    pub(crate) fn update_now<T>(&self, mut change: impl FnMut(Page<'_>) -> T) -> Option<T> {
        match self {
            Book::Local(book) => Some(book.update(&[], &mut change)),
            Book::Redis(_) => None,
        }
    }

    /// What went wrong with keeping it, once: for a warning.
    pub(crate) fn take_notice(&self) -> Option<String> {
        match self {
            Book::Local(book) => book.take_notice(),
            Book::Redis(book) => book.take_notice(),
        }
    }
}

impl LocalBook {
    fn update<T>(&self, keys: &[u64], change: &mut impl FnMut(Page<'_>) -> T) -> T {
        match self {
            LocalBook::Memory(book) => book.update(keys, change),
            #[cfg(unix)]
            LocalBook::Host(book) => book.update(keys, change),
        }
    }

    fn take_notice(&self) -> Option<String> {
        match self {
            LocalBook::Memory(_) => None,
            #[cfg(unix)]
            LocalBook::Host(book) => book.take_notice(),
        }
    }
}

/// A name for many things as one number: stable over processes, languages and versions, since all of them look for the same
/// entry. Zero is kept for "none".
pub(crate) fn hash(name: &str) -> u64 {
    xxhash_rust::xxh3::xxh3_64(name.as_bytes()).max(1)
}

fn words_to_bytes(words: &[u64], bytes: &mut [u8]) {
    for (word, bytes) in words.iter().zip(bytes.chunks_exact_mut(8)) {
        bytes.copy_from_slice(&word.to_le_bytes());
    }
}

fn bytes_to_words(bytes: &[u8], words: &mut [u64]) {
    for (word, bytes) in words.iter_mut().zip(bytes.chunks_exact(8)) {
        *word = u64::from_le_bytes(bytes.try_into().unwrap_or_default());
    }
}
