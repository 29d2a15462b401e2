//! What is remembered of events, as a host holds it.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use arc_swap::ArcSwapOption;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use wacloud::Error;
use wacloud::inbox::{Dedup, ServiceWindow, WindowNews};

use crate::call::CallHandle;
use crate::fence::fenced;
use crate::process::{Bound, PROCESS, Process};

/// Where it is remembered. Text of it is how a host names it in a call's options.
#[derive(Clone, PartialEq, Eq, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
struct Config {
    /// The path of a file or the URL of a server; this process's memory without one.
    store: Option<String>,
    /// Which one it is, of those in memory.
    #[serde(skip_serializing_if = "Option::is_none")]
    id: Option<u64>,
}

/// What is remembered in one place.
pub(crate) struct Inbox {
    dedup: Dedup,
    pub(crate) window: ServiceWindow,
}

impl Inbox {
    fn open(config: &Config) -> Result<Self, Error> {
        Ok(match &config.store {
            Some(store) => Inbox { dedup: Dedup::open(store)?, window: ServiceWindow::open(store)? },
            None => Inbox { dedup: Dedup::new(), window: ServiceWindow::new() },
        })
    }
}

/// What a host asks.
#[derive(Deserialize)]
#[serde(tag = "what", rename_all = "snake_case")]
enum Question {
    /// Which of the events with these keys are news. They are known from then on.
    Fresh { keys: Vec<String> },
    /// Takes the events of these keys for unknown again.
    Forget { keys: Vec<String> },
    /// Learns who may be written to freely.
    Observe { events: Vec<WindowNews> },
    /// Until when somebody may be.
    OpenUntil { number_id: String, to: Value },
}

impl Question {
    async fn ask(self, inbox: &Inbox) -> Result<String, Error> {
        let done = || Ok("true".to_owned());
        match self {
            Question::Fresh { keys } => {
                let fresh = inbox.dedup.are_fresh(keys.iter().map(String::as_str)).await?;
                Ok(serde_json::to_string(&fresh).unwrap_or_default())
            }
            Question::Forget { keys } => {
                inbox.dedup.forget_keys(keys.iter().map(String::as_str)).await?;
                done()
            }
            Question::Observe { events } => {
                inbox.window.learn(&events).await?;
                done()
            }
            Question::OpenUntil { number_id, to } => {
                let to: wacloud::Recipient = serde_json::from_value(to).map_err(|error| refused("to", &error))?;
                let until_s = inbox.window.open_until(&number_id, to).await?;
                Ok(serde_json::to_string(&until_s).unwrap_or_default())
            }
        }
    }
}

fn refused(setting: &str, error: &serde_json::Error) -> Error {
    Error::Config { setting: setting.into(), message: error.to_string() }
}

/// A memory of events. Making one opens nothing; those of the same place are one.
pub struct InboxHandle {
    process: &'static Process,
    config: Result<Config, Error>,
    held: ArcSwapOption<Bound<Arc<Inbox>>>,
}

impl InboxHandle {
    /// One at this place: `{"store": …}`. Never fails: [`error`](Self::error) tells what is wrong, and so does every
    /// question.
    pub fn new(config_json: &str) -> Self {
        Self::of(&PROCESS, config_json)
    }

    fn of(process: &'static Process, config_json: &str) -> Self {
        static LAST: AtomicU64 = AtomicU64::new(0);
        let read = || {
            let mut config: Config = serde_json::from_str(config_json).map_err(|_| Error::Config {
                setting: "store".into(),
                message: "must be the path of a file or the address of a server, as text".into(),
            })?;
            config.id = config.store.is_none().then(|| LAST.fetch_add(1, Ordering::Relaxed));
            Inbox::open(&config).map(|_| config)
        };
        Self { process, config: fenced(false, read).and_then(|config| config), held: ArcSwapOption::empty() }
    }

    /// What is wrong with it, as error data.
    pub fn error(&self) -> Option<String> {
        self.config.as_ref().err().map(Error::to_json)
    }

    /// What names it in the options of a call.
    pub fn name(&self) -> String {
        self.config.as_ref().ok().and_then(|config| serde_json::to_string(config).ok()).unwrap_or_default()
    }

    fn inbox(&self) -> Result<Arc<Inbox>, Error> {
        let config = self.config.as_ref().map_err(Error::clone)?;
        if let Some(inbox) = self.held.load().as_deref().and_then(Bound::get) {
            return Ok(inbox.clone());
        }
        let inbox = find(self.process, config)?;
        self.held.store(Some(Arc::new(Bound::new(self.process.pid, inbox.clone()))));
        Ok(inbox)
    }

    /// Begins to answer a question. Whatever is wrong is in its answer.
    pub fn submit(&self, question_json: &str) -> CallHandle {
        let pid = self.process.pid;
        let started = fenced(false, || {
            let question: Question = serde_json::from_str(question_json).map_err(|error| refused("what", &error))?;
            let inbox = self.inbox()?;
            let runtime = self.process.with(|generation| generation.runtime())?;
            Ok(CallHandle::begin(pid, &runtime, async move { question.ask(&inbox).await }))
        });
        started.and_then(|started| started).unwrap_or_else(|error| CallHandle::failed(pid, "", &error))
    }
}

fn find(process: &Process, config: &Config) -> Result<Arc<Inbox>, Error> {
    let name = serde_json::to_string(config).unwrap_or_default();
    process.with(|generation| generation.inbox(&name, || Inbox::open(config)))
}

/// The window of that name, of a call's options.
pub(crate) fn named(process: &Process, name: &str) -> Result<Arc<Inbox>, Error> {
    let config: Config = serde_json::from_str(name)
        .map_err(|_| Error::Config { setting: "window".into(), message: "must be a ServiceWindow".into() })?;
    find(process, &config)
}
