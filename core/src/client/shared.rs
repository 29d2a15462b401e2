//! What the clients of one process have in common.

use std::collections::{HashMap, HashSet};
use std::path::PathBuf;
use std::sync::{Arc, Mutex, PoisonError};

use super::pacing::Place;
use super::settings::{self, Resolved};
use super::templates::KnownTemplates;
use super::transport::Transport;
use super::upload::Uploads;
use crate::pace::{AppHold, Pacer};
use crate::store::{self, Link, LocalStore, Server, ServerAddress, Store};

/// Connection pools and the pace of each number. Clients made with the same `Shared` keep the limits together and use each
/// other's connections. One a process is enough; a forked child needs a new one, since connections and clocks of the parent
/// are not its own.
#[derive(Clone)]
pub struct Shared(Arc<Inner>);

struct Inner {
    pacers: Mutex<HashMap<(Place, String), Arc<Pacer>>>,
    apps: Mutex<HashMap<(Place, String), Arc<AppHold>>>,
    servers: Mutex<HashMap<ServerAddress, Arc<Server>>>,
    links: Mutex<HashMap<ServerAddress, Arc<Link>>>,
    transports: Mutex<HashMap<settings::Link, Arc<Transport>>>,
    templates: Mutex<HashMap<String, Arc<KnownTemplates>>>,
    uploads: Mutex<HashMap<Option<PathBuf>, Arc<Uploads>>>,
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
            pacers: Mutex::default(),
            apps: Mutex::default(),
            servers: Mutex::default(),
            links: Mutex::default(),
            transports: Mutex::default(),
            templates: Mutex::default(),
            uploads: Mutex::default(),
            warnings: Mutex::default(),
        }))
    }

    /// The pace of a number at an API.
    pub(super) fn pacer(&self, settings: &Resolved) -> Arc<Pacer> {
        let name = format!("{}/{}", settings.link.base_url, settings.phone_number_id);
        let place = &settings.pacing.place;
        get(&self.0.pacers, (place.clone(), name.clone()), || Pacer::new(&name, &self.store(place)))
    }

    /// The holds of the app that a token belongs to. What tells apps apart is not known, so it is their tokens; and where
    /// those change, the app is the number.
    pub(super) fn app(&self, settings: &Resolved) -> Arc<AppHold> {
        let whose = match &settings.access_token {
            // A name is kept in the open: of the token it has no more than a hash that names it.
            Some(token) => format!("app-{:016x}", store::hash(token.expose())),
            None => format!("app-of-{}", settings.phone_number_id),
        };
        let name = format!("{}/{whose}", settings.link.base_url);
        let place = &settings.pacing.place;
        get(&self.0.apps, (place.clone(), name.clone()), || AppHold::new(&name, &self.store(place)))
    }

    fn store(&self, place: &Place) -> Store {
        match place {
            Place::Process => Store::Local(LocalStore::Memory),
            Place::Host(directory) => Store::Local(LocalStore::host(directory.clone())),
            Place::Redis(address, directory) => {
                let server = get(&self.0.servers, address.clone(), || Server::new(address.clone()));
                Store::Redis(server, LocalStore::host(directory.clone()))
            }
        }
    }

    /// What is known of the templates of an account.
    pub(super) fn templates(&self, settings: &Resolved) -> Option<Arc<KnownTemplates>> {
        let account = settings.business_account_id.as_deref()?;
        let name = format!("{}/{account}", settings.link.base_url);
        Some(get(&self.0.templates, name, KnownTemplates::default))
    }

    /// Whether this warning is given for the first time.
    pub(super) fn is_new(&self, warning: &str) -> bool {
        self.0.warnings.lock().unwrap_or_else(PoisonError::into_inner).insert(warning.to_owned())
    }

    /// The way to a server for whoever has to know what it keeps.
    pub(super) fn link(&self, address: &ServerAddress) -> Arc<Link> {
        get(&self.0.links, address.clone(), || Link::new(address.clone()))
    }

    /// What is known of uploads in a file, or in this process.
    pub(super) fn uploads(&self, settings: &Resolved) -> Arc<Uploads> {
        let path = &settings.media_cache;
        get(&self.0.uploads, path.clone(), || Uploads::new(path.clone()))
    }

    /// The pool of connections for a link.
    pub(super) fn transport(&self, link: &settings::Link) -> Arc<Transport> {
        get(&self.0.transports, link.clone(), || Transport::new(link.clone()))
    }
}

fn get<K: std::hash::Hash + Eq, V>(kept: &Mutex<HashMap<K, Arc<V>>>, key: K, make: impl FnOnce() -> V) -> Arc<V> {
    let mut kept = kept.lock().unwrap_or_else(PoisonError::into_inner);
    kept.entry(key).or_insert_with(|| Arc::new(make())).clone()
}
