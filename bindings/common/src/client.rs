//! Clients as a host holds them.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use arc_swap::ArcSwapOption;
use serde_json::{Map, Value};
use tokio::runtime::Handle;
use wacloud::{CallOptions, Client, Error, Pinned, Settings};

use crate::bulk::{BulkHandle, Options};
use crate::call::{CallHandle, Request, Within};
use crate::envelope;
use crate::fence::fenced;
use crate::inbox;
use crate::log;
use crate::look::Question;
use crate::options;
use crate::process::{Bound, PROCESS, Process};

/// A client. Making one opens nothing; clients with the same settings are one client, but each counts for itself and its
/// copies.
pub struct ClientHandle {
    process: &'static Process,
    config: Result<Config, Error>,
    /// Shared with its copies, which count together.
    family: u64,
    /// The client of the process that used this last.
    held: ArcSwapOption<Bound<Client>>,
}

struct Config {
    settings: Settings,
    /// Under what the client is kept; `None` if it is this handle's alone.
    key: Option<String>,
}

impl Config {
    fn read(json: &str) -> Result<Self, Error> {
        let settings = Settings::from_json(json)?;
        let key = match settings.token_callback {
            // Two functions cannot be told apart by settings.
            Some(true) => None,
            _ => canonical(json),
        };
        Ok(Self { settings, key })
    }
}

/// The same text for the same settings: sorted, without those that are not given.
fn canonical(json: &str) -> Option<String> {
    let mut settings: BTreeMap<String, Value> = serde_json::from_str(json).ok()?;
    settings.retain(|_, value| !value.is_null());
    serde_json::to_string(&settings).ok()
}

/// What is told of settings that a host has looked for in the environment in vain.
fn missing(names: &Value) -> Error {
    let names = names.as_array().into_iter().flatten().filter_map(Value::as_str);
    Settings::missing(&names.collect::<Vec<_>>())
}

/// A number that no other family of this process has.
fn new_family() -> u64 {
    static LAST: AtomicU64 = AtomicU64::new(0);
    LAST.fetch_add(1, Ordering::Relaxed)
}

impl ClientHandle {
    /// A client with these settings. Never fails: [`error`](Self::error) tells what is wrong with them, and so does every
    /// call. `{"missing": ["access_token"]}` instead is one that was to come from the environment, which has not got these.
    pub fn new(config_json: &str) -> Self {
        Self::of(&PROCESS, config_json)
    }

    pub(crate) fn of(process: &'static Process, config_json: &str) -> Self {
        let (own, config_json) = options::split(config_json, &["copy_of", "missing"]);
        let mut handle = Self {
            process,
            config: fenced(false, || match own.get("missing") {
                Some(names) => Err(missing(names)),
                None => Config::read(&config_json),
            })
            .and_then(|config| config),
            family: own.get("copy_of").and_then(Value::as_u64).unwrap_or_else(new_family),
            held: ArcSwapOption::empty(),
        };
        // Some settings are only checked by what is made of them.
        if let Err(error) = fenced(false, || handle.client()).and_then(|client| client) {
            handle.config = Err(error);
        }
        handle
    }

    /// What is wrong with the settings, as error data.
    pub fn error(&self) -> Option<String> {
        self.config.as_ref().err().map(Error::to_json)
    }

    fn client(&self) -> Result<Client, Error> {
        let config = self.config.as_ref().map_err(Error::clone)?;
        if let Some(client) = self.held.load().as_deref().and_then(Bound::get) {
            return Ok(client.clone());
        }
        let key = config.key.as_deref();
        let client = self.process.with(|generation| {
            let client = generation.client(&config.settings, key)?;
            Ok::<_, Error>(client.with_counters(generation.counters(self.family)))
        })?;
        let held = Bound::new(self.process.pid, client.clone());
        self.held.store(Some(Arc::new(held)));
        Ok(client)
    }

    /// Answers a local question (`look.rs` has them all) at once, as an envelope.
    pub fn look(&self, what_json: &str) -> String {
        let answer = fenced(false, || Ok(Question::read(what_json)?.answer(&self.client()?, self.family)));
        answer.and_then(|answer| answer).unwrap_or_else(|error| envelope::error(&error))
    }

    fn ready(&self) -> Result<(Handle, Client), Error> {
        let client = self.client()?;
        let runtime = self.process.with(|generation| generation.runtime())?;
        Ok((runtime, client))
    }

    /// Begins a call. Whatever is wrong is in its answer.
    pub fn submit(&self, operation: &str, params_json: &str, options_json: &str) -> CallHandle {
        let pid = self.process.pid;
        let started = fenced(false, || {
            let (params, given) = (Pinned::new(params_json), Pinned::new(options_json));
            let (mut own, of_core) =
                options::split(given.arguments(), &[log::OPTION, "window", "fallback", "progress"]);
            let request = Request {
                operation: operation.into(),
                params,
                options: CallOptions::from_json(&of_core)?,
                within: self.within(&own)?,
                progress: own.get("progress") == Some(&Value::Bool(true)),
                log: log::level(&mut own)?,
                given,
            };
            let (runtime, client) = self.ready()?;
            Ok(CallHandle::start(pid, &runtime, &client, request))
        });
        started.and_then(|started| started).unwrap_or_else(|error| CallHandle::failed(pid, operation, &error))
    }

    /// The window that a message depends on, and what goes out where that is closed.
    fn within(&self, own: &Map<String, Value>) -> Result<Option<Within>, Error> {
        let refused = |setting: &str, message: &str| Error::Config { setting: setting.into(), message: message.into() };
        let (window, fallback) = match (own.get("window"), own.get("fallback")) {
            (None, None) => return Ok(None),
            (Some(window), Some(fallback)) => (window, fallback),
            (Some(_), None) => {
                return Err(refused("fallback", "is required with window: what is sent where it is closed"));
            }
            (None, Some(_)) => return Err(refused("window", "is required with fallback: who may be sent anything")),
        };
        let window = inbox::named(self.process, window.as_str().unwrap_or_default())?;
        let (Some(name), Some(arguments)) = (fallback.get(0).and_then(Value::as_str), fallback.get(1)) else {
            return Err(refused("fallback", "must be a message, made with Message.template"));
        };
        Ok(Some(Within { window, fallback: (name.to_owned(), arguments.to_string()) }))
    }

    /// Begins a bulk, empty so far. Whatever is wrong is told by it.
    pub fn bulk(&self, options_json: &str) -> BulkHandle {
        let pid = self.process.pid;
        let started = fenced(false, || {
            let options = Options::from_json(options_json)?;
            let (runtime, client) = self.ready()?;
            Ok(BulkHandle::start(pid, &runtime, &client, &options))
        });
        started.and_then(|started| started).unwrap_or_else(|error| BulkHandle::failed(pid, envelope::error(&error)))
    }
}
