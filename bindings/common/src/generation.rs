//! What a process has once, from its start or the fork that made it: a runtime, what its clients share, and the clients
//! that it keeps.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError, Weak};

use tokio::runtime::Handle;
use wacloud::client::Counters;
use wacloud::{Client, Error, Settings, Shared};

use crate::cache::Lru;
use crate::inbox::Inbox;
use crate::runtime::LazyRuntime;

/// A PHP script that makes its client anew for each request finds the connections of the one before; a program that
/// makes clients without end does not keep them all.
const CLIENTS_KEPT: usize = 64;

pub(crate) struct Generation {
    runtime: LazyRuntime,
    shared: Shared,
    clients: Mutex<Lru<Client>>,
    /// By family: what a client and its copies count together. A child of a fork counts anew.
    counters: Mutex<HashMap<u64, Weak<Counters>>>,
    /// By name: what is remembered of events, for as long as somebody holds it.
    inboxes: Mutex<HashMap<String, Weak<Inbox>>>,
}

impl Generation {
    /// Starts nothing.
    pub(crate) fn new() -> Self {
        Self {
            runtime: LazyRuntime::default(),
            shared: Shared::new(),
            clients: Mutex::new(Lru::new(CLIENTS_KEPT)),
            counters: Mutex::default(),
            inboxes: Mutex::default(),
        }
    }

    /// The runtime, running from here on.
    pub(crate) fn runtime(&self) -> Result<Handle, Error> {
        self.runtime.handle().map_err(|error| Error::Internal {
            message: format!("the runtime could not be started: {error}"),
            may_have_been_sent: false,
        })
    }

    /// A client with these settings: the one that is kept under `key`, if there is one.
    pub(crate) fn client(&self, settings: &Settings, key: Option<&str>) -> Result<Client, Error> {
        let make = || Client::with_shared(settings.clone(), &self.shared);
        match key {
            None => make(),
            Some(key) => self.clients.lock().unwrap_or_else(PoisonError::into_inner).get_or_make(key, make),
        }
    }

    /// What the clients of a family count with, for as long as there is one of them.
    pub(crate) fn counters(&self, family: u64) -> Arc<Counters> {
        let mut known = self.counters.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(counters) = known.get(&family).and_then(Weak::upgrade) {
            return counters;
        }
        known.retain(|_, counters| counters.strong_count() > 0);
        let counters = Arc::new(Counters::default());
        known.insert(family, Arc::downgrade(&counters));
        counters
    }

    /// The inbox of that name, made if nobody holds it.
    pub(crate) fn inbox(&self, name: &str, make: impl FnOnce() -> Result<Inbox, Error>) -> Result<Arc<Inbox>, Error> {
        let mut known = self.inboxes.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(inbox) = known.get(name).and_then(Weak::upgrade) {
            return Ok(inbox);
        }
        let inbox = Arc::new(make()?);
        known.retain(|_, inbox| inbox.strong_count() > 0);
        known.insert(name.to_owned(), Arc::downgrade(&inbox));
        Ok(inbox)
    }

    pub(crate) fn shutdown(&self) {
        self.runtime.shutdown();
    }

    #[cfg(test)]
    pub(crate) fn is_running(&self) -> bool {
        self.runtime.is_running()
    }

    #[cfg(test)]
    pub(crate) fn with_clients_locked(&self, work: impl FnOnce()) {
        let _locked = self.clients.lock().unwrap();
        work();
    }
}
