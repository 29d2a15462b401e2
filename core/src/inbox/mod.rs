//! What joins receiving and sending: which events are news, who may be written to freely, and answering.
//!
//! [`Dedup`] and [`ServiceWindow`] remember in memory, in a SQLite file or on a Redis or Valkey server. They keep hashes, no
//! phone numbers and no texts.

mod dedup;
mod reply;
mod window;

use std::sync::Arc;
use std::time::{SystemTime, UNIX_EPOCH};

pub use dedup::Dedup;
pub use window::{ServiceWindow, WindowNews};

use crate::error::{Error, Result};
use crate::store::{Change, Key, Shelf, Unusable};

/// So many things are remembered in memory at most; those nearest to their end are forgotten first. It takes some 10 MB.
const IN_MEMORY: usize = 200_000;

/// Where something is remembered, and the clock for how long.
#[derive(Clone)]
struct Memory {
    shelf: Arc<Shelf>,
    now_s: fn() -> u64,
}

impl Memory {
    fn of_process() -> Self {
        Memory { shelf: Arc::new(Shelf::memory(IN_MEMORY)), now_s }
    }

    /// By text: the path of a file, or the URL of a server.
    fn open(place: &str) -> Result<Self> {
        let shelf = match place.split_once("://") {
            Some(("redis" | "rediss", _)) => Shelf::redis(place).map_err(|problem| Error::config("store", problem))?,
            Some((scheme, _)) => {
                let problem = format!("must be the path of a file, redis:// or rediss://, got {scheme}://");
                return Err(Error::config("store", problem));
            }
            None if place.trim().is_empty() => return Err(Error::config("store", "must not be empty")),
            None => Shelf::sqlite(place),
        };
        Ok(Memory { shelf: Arc::new(shelf), now_s })
    }

    fn now_s(&self) -> u64 {
        (self.now_s)()
    }

    async fn change(&self, changes: Vec<Change>) -> Result<Vec<u64>> {
        Ok(self.shelf.change(changes, self.now_s()).await?)
    }

    async fn get(&self, keys: Vec<Key>) -> Result<Vec<u64>> {
        Ok(self.shelf.get(keys, self.now_s()).await?)
    }
}

impl From<Unusable> for Error {
    fn from(Unusable { place, problem }: Unusable) -> Self {
        Error::Store { place, problem }
    }
}

fn now_s() -> u64 {
    SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default().as_secs()
}
