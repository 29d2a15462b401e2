//! What the clients of one process have in common.

use std::collections::{HashMap, HashSet};
use std::sync::{Arc, Mutex, PoisonError};

use super::settings::{Link, Resolved};
use super::transport::Transport;
use crate::pace::Pacer;
use crate::store::{Memory, Records};

/// Connection pools and the pace of each number. Clients made with the same `Shared` keep the limits together and use each
/// other's connections. One a process is enough; a forked child needs a new one, since connections and clocks of the parent
/// are not its own.
#[derive(Clone)]
pub struct Shared(Arc<Inner>);

struct Inner {
    records: Arc<dyn Records>,
    pacers: Mutex<HashMap<String, Arc<Pacer>>>,
    transports: Mutex<HashMap<Link, Arc<Transport>>>,
    warnings: Mutex<HashSet<String>>,
}

impl Default for Shared {
    fn default() -> Self {
        Self::new()
    }
}

impl std::fmt::Debug for Shared {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Shared").finish_non_exhaustive()
    }
}

impl Shared {
    /// A new one. It opens nothing.
    pub fn new() -> Self {
        Shared(Arc::new(Inner {
            records: Arc::new(Memory::new()),
            pacers: Mutex::default(),
            transports: Mutex::default(),
            warnings: Mutex::default(),
        }))
    }

    /// The pace of a number at an API.
    pub(super) fn pacer(&self, settings: &Resolved) -> Arc<Pacer> {
        let key = format!("{}/{}", settings.link.base_url, settings.phone_number_id);
        let mut pacers = self.0.pacers.lock().unwrap_or_else(PoisonError::into_inner);
        let pacer = || Arc::new(Pacer::new(key.clone(), self.0.records.clone()));
        pacers.entry(key.clone()).or_insert_with(pacer).clone()
    }

    /// Whether this warning is given for the first time.
    pub(super) fn is_new(&self, warning: &str) -> bool {
        self.0.warnings.lock().unwrap_or_else(PoisonError::into_inner).insert(warning.to_owned())
    }

    /// The pool of connections for a link.
    pub(super) fn transport(&self, link: &Link) -> Arc<Transport> {
        let mut transports = self.0.transports.lock().unwrap_or_else(PoisonError::into_inner);
        let transport = || Arc::new(Transport::new(link.clone()));
        transports.entry(link.clone()).or_insert_with(transport).clone()
    }
}
