//! The store of one process.

use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};

use tokio::time::Instant;

use super::{Record, Records};

/// Records in memory. Its clock is tokio's, so that tests can hold it.
pub(crate) struct Memory {
    begin: Instant,
    records: Mutex<HashMap<String, Record>>,
}

impl Memory {
    pub(crate) fn new() -> Self {
        Memory { begin: Instant::now(), records: Mutex::default() }
    }
}

impl Records for Memory {
    fn update(&self, key: &str, change: &mut dyn FnMut(&mut Record, u64)) {
        // A record is plain numbers, whole at every moment: a panic elsewhere leaves nothing half done.
        let mut records = self.records.lock().unwrap_or_else(PoisonError::into_inner);
        let now_us = u64::try_from(self.begin.elapsed().as_micros()).unwrap_or(u64::MAX);
        if !records.contains_key(key) {
            records.insert(key.to_owned(), Record::default());
        }
        if let Some(record) = records.get_mut(key) {
            change(record, now_us);
        }
    }
}
