//! What is remembered of events, and the journals of campaigns, as a host holds them.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use arc_swap::ArcSwapOption;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use wacloud::Error;
use wacloud::inbox::{Dedup, ServiceWindow, WindowNews};
use wacloud::journal::{Journal, JournalNews, Purge};

use crate::call::CallHandle;
use crate::fence::fenced;
use crate::process::{Bound, PROCESS, Process};

/// Where it is remembered. Text of it is how a host names it in a call's options.
#[derive(Clone, PartialEq, Eq, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
struct Config {
    /// A journal's place; what is remembered of events otherwise.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    journal: Option<String>,
    /// The campaign in the journal.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    campaign: Option<String>,
    /// The path of a file or the URL of a server; this process's memory without one.
    #[serde(default)]
    store: Option<String>,
    /// Which one it is, of those in memory.
    #[serde(skip_serializing_if = "Option::is_none")]
    id: Option<u64>,
}

/// What is remembered in one place.
pub(crate) enum Inbox {
    /// Of events.
    Events { dedup: Dedup, window: ServiceWindow },
    /// Of a campaign.
    Journal(Journal),
}

impl Inbox {
    fn open(config: &Config) -> Result<Self, Error> {
        Ok(match (&config.journal, &config.store) {
            (Some(place), _) => Inbox::Journal(Journal::open(place, config.campaign.as_deref())?),
            (None, Some(store)) => Inbox::Events { dedup: Dedup::open(store)?, window: ServiceWindow::open(store)? },
            (None, None) => Inbox::Events { dedup: Dedup::new(), window: ServiceWindow::new() },
        })
    }

    fn dedup(&self) -> Result<&Dedup, Error> {
        match self {
            Inbox::Events { dedup, .. } => Ok(dedup),
            Inbox::Journal(_) => Err(not_this("events")),
        }
    }

    fn window(&self) -> Result<&ServiceWindow, Error> {
        match self {
            Inbox::Events { window, .. } => Ok(window),
            Inbox::Journal(_) => Err(not_this("window")),
        }
    }

    fn journal(&self) -> Result<&Journal, Error> {
        match self {
            Inbox::Events { .. } => Err(not_this("journal")),
            Inbox::Journal(journal) => Ok(journal),
        }
    }
}

/// The language packages have a class for each.
fn not_this(setting: &str) -> Error {
    Error::Config { setting: setting.into(), message: "is kept elsewhere".into() }
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
    /// How a campaign went.
    Report,
    /// Its messages after a position.
    Rows { after: u64, limit: u32 },
    /// Tells a journal of statuses.
    Settle { events: Vec<JournalNews> },
    /// Forgets messages of a journal.
    Purge { purge: Purge },
    /// The campaigns of a journal's place.
    Campaigns,
    /// What was written on a campaign.
    Note,
    /// Writes on a campaign.
    SetNote { note: String },
}

impl Question {
    async fn ask(self, inbox: &Inbox) -> Result<String, Error> {
        match self {
            Question::Fresh { keys } => json(&inbox.dedup()?.are_fresh(keys.iter().map(String::as_str)).await?),
            Question::Forget { keys } => json(&inbox.dedup()?.forget_keys(keys.iter().map(String::as_str)).await?),
            Question::Observe { events } => json(&inbox.window()?.learn(&events).await?),
            Question::OpenUntil { number_id, to } => {
                let to: wacloud::Recipient = serde_json::from_value(to).map_err(|error| refused("to", &error))?;
                json(&inbox.window()?.open_until(&number_id, to).await?)
            }
            Question::Report => json(&inbox.journal()?.report().await?),
            Question::Rows { after, limit } => json(&inbox.journal()?.rows(after, limit).await?),
            Question::Settle { events } => json(&inbox.journal()?.learn(events).await?),
            Question::Purge { purge } => json(&inbox.journal()?.purge(purge).await?),
            Question::Campaigns => json(&inbox.journal()?.campaigns().await?),
            Question::Note => json(&inbox.journal()?.note().await?),
            Question::SetNote { note } => json(&inbox.journal()?.set_note(&note).await?),
        }
    }
}

fn json(answer: &impl Serialize) -> Result<String, Error> {
    serde_json::to_string(answer)
        .map_err(|error| Error::Internal { message: error.to_string(), may_have_been_sent: false })
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
                setting: if config_json.contains(r#""journal""#) { "journal" } else { "store" }.into(),
                message: "must be the path of a file or the address of a server, as text".into(),
            })?;
            config.id =
                (config.store.is_none() && config.journal.is_none()).then(|| LAST.fetch_add(1, Ordering::Relaxed));
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
pub(crate) fn named(process: &Process, name: &str) -> Result<ServiceWindow, Error> {
    let refused = || Error::Config { setting: "window".into(), message: "must be a ServiceWindow".into() };
    let config: Config = serde_json::from_str(name).map_err(|_| refused())?;
    find(process, &config)?.window().cloned().map_err(|_| refused())
}
