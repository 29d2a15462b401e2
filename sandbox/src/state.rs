//! Everything a running sandbox knows, behind one lock.

use std::collections::VecDeque;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use fastrand::Rng;

use crate::business::Business;
use crate::clock::Clock;
use crate::customer::{People, Written};
use crate::fault::Faults;
use crate::graph::Ids;
use crate::ledger::{Counters, Ledger};
use crate::limits::Limits;
use crate::media::{MediaStore, Sessions};
use crate::settings::Settings;
use crate::template::Templates;
use crate::webhook::Webhooks;

/// Shared by all connections.
#[derive(Debug)]
pub(crate) struct Shared {
    inside: Mutex<Inside>,
}

/// What the lock guards.
#[derive(Debug)]
pub(crate) struct Inside {
    pub(crate) settings: Settings,
    pub(crate) ledger: Ledger,
    pub(crate) faults: Faults,
    pub(crate) limits: Limits,
    pub(crate) templates: Templates,
    pub(crate) media: MediaStore,
    /// Of the resumable upload.
    pub(crate) sessions: Sessions,
    /// What makes addresses of files ours.
    pub(crate) media_secret: u64,
    pub(crate) ids: Ids,
    pub(crate) clock: Clock,
    pub(crate) people: People,
    pub(crate) business: Business,
    /// What customers wrote, oldest first.
    pub(crate) written: VecDeque<Arc<Written>>,
    pub(crate) webhooks: Webhooks,
    jitter: Rng,
    /// The settings as they were at the start, for a full reset.
    first: Settings,
}

impl Shared {
    pub(crate) fn new(settings: Settings) -> Self {
        let inside = Inside {
            ledger: Ledger::default(),
            faults: Faults::new(settings.seed),
            limits: Limits::default(),
            templates: Templates::new(),
            media: MediaStore::default(),
            sessions: Sessions::default(),
            media_secret: fastrand::u64(..),
            ids: Ids::new(settings.seed),
            clock: Clock::default(),
            people: People::default(),
            business: Business::default(),
            written: VecDeque::new(),
            webhooks: Webhooks::new(settings.seed),
            jitter: Rng::with_seed(settings.seed.unwrap_or(0)),
            first: settings.clone(),
            settings,
        };
        Self { inside: Mutex::new(inside) }
    }

    /// The lock. A panic elsewhere has been reported by then; what it guards is still the best there is.
    pub(crate) fn lock(&self) -> MutexGuard<'_, Inside> {
        self.inside.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Inside {
    /// Takes settings over; a new seed starts chance anew.
    pub(crate) fn set(&mut self, settings: Settings) {
        if settings.seed != self.settings.seed {
            self.ids = Ids::new(settings.seed);
            self.jitter = Rng::with_seed(settings.seed.unwrap_or(0));
            let pending = self.faults.pending().to_vec();
            self.faults = Faults::new(settings.seed);
            pending.into_iter().for_each(|fault| self.faults.add(fault));
            self.webhooks.reseed(settings.seed);
        }
        self.settings = settings;
    }

    /// Forgets what happened and what was planned; with `settings` also what was set.
    pub(crate) fn reset(&mut self, settings: bool) {
        let connections = self.ledger.counters.connections;
        self.ledger = Ledger::default();
        // Connections outlive a reset: their numbers go on.
        self.ledger.counters = Counters { connections, ..Counters::default() };
        self.limits = Limits::default();
        self.templates = Templates::new();
        self.media = MediaStore::default();
        self.sessions = Sessions::default();
        self.clock = Clock::default();
        self.people = People::default();
        self.business = Business::default();
        self.written.clear();
        if settings {
            // Another address has to pass the handshake first.
            self.webhooks.verified &= self.settings.webhook.url == self.first.webhook.url;
            self.settings = self.first.clone();
        }
        self.webhooks.clear(self.settings.seed);
        self.faults = Faults::new(self.settings.seed);
        self.jitter = Rng::with_seed(self.settings.seed.unwrap_or(0));
    }

    pub(crate) fn remember_written(&mut self, written: Written) {
        while self.written.len() >= self.settings.keep {
            self.written.pop_front();
        }
        self.written.push_back(Arc::new(written));
    }

    /// How long the next answer is held back, in milliseconds.
    pub(crate) fn latency_ms(&mut self) -> u64 {
        match self.settings.jitter_ms {
            0 => self.settings.latency_ms,
            jitter => self.settings.latency_ms.saturating_add(self.jitter.u64(0..=jitter)),
        }
    }
}
