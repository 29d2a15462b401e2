//! Where state is kept. Knows nothing of what the records mean.

mod memory;

pub(crate) use memory::Memory;

/// A small record of fixed size, so that every store can hold it: in memory, in a file under a lock, on a server.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) struct Record(pub(crate) [u64; 6]);

/// A place that keeps records by key.
pub(crate) trait Records: Send + Sync {
    /// Changes the record of `key`, alone among everybody who shares the store. The change is given the store's clock in
    /// microseconds; a record that was never changed is all zeros.
    fn update(&self, key: &str, change: &mut dyn FnMut(&mut Record, u64));
}
