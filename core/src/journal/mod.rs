//! What a campaign intended and what became of it: a bulk that is interrupted goes on where it was, and nobody gets a second
//! message.
//!
//! A bulk with the option `journal` writes down that a message may leave before it does, and how it ended. The same call
//! again tells what is known and sends the rest. [`Journal`] reads it, and takes in what status webhooks say.
//!
//! | what happens | with `journal_sync` (default) | without |
//! | --- | --- | --- |
//! | the process ends, however: an exception, `kill -9`, out of memory | nothing twice; what was in flight is unknown, and what ended in its last few milliseconds | the same |
//! | the machine ends: power, kernel | nothing twice, if the disk keeps what it has synced | the last moments may be lost: what was sent in them is sent again |
//! | the disk is full or fails | the bulk stops before the next message leaves | the same |
//!
//! A journal holds keys, numbers of people, trackers, ids and outcomes. It holds no texts, unless `journal_messages` asks
//! for them, and forgets people with [`Journal::purge`].

mod kept;
mod key;
mod ledger;
mod naming;
mod news;
mod place;
mod record;
mod redis;
mod report;
mod run;
mod sqlite;
mod tracker;

use std::time::{SystemTime, UNIX_EPOCH};

use serde::{Deserialize, Serialize};
use serde_json::Value;

pub(crate) use key::refused as wrong_key;
pub use news::JournalNews;
pub use report::{Bucket, Cost, Reason, Report, Times};
pub(crate) use run::{Run, Standing, Told, doubt_of_key, payload};

use crate::client::Client;
use crate::error::{Error, Result};
use crate::webhook::WebhookEvent;
use ledger::Ledger;
use place::{Place, in_background};
use record::Again;
use redis::RedisRun;
use sqlite::SqliteRun;

/// The journal of a campaign: what became of its messages.
///
/// It is read, and told of webhooks, while a bulk writes it in the same process or in another one.
///
/// ```no_run
/// # async fn example(body: &[u8]) -> wacloud::Result<()> {
/// use wacloud::journal::Journal;
/// use wacloud::webhook;
///
/// let journal = Journal::open("campaign.db", None)?;
/// let observed = journal.observe(&webhook::parse(body)?).await?;
/// println!("{} settled", observed.settled);
/// let report = journal.report().await?;
/// println!("{} of {} delivered", report.delivered, report.accepted);
/// # Ok(())
/// # }
/// ```
#[derive(Clone)]
pub struct Journal {
    place: Place,
    campaign: Option<String>,
}

/// A message of a campaign, as its journal knows it.
#[derive(Debug, Clone, Default, PartialEq, Serialize)]
#[cfg_attr(feature = "manifest", derive(schemars::JsonSchema))]
pub struct JournalRow {
    /// Where it stands in the journal: what to go on after.
    pub position: u64,
    /// The key that it was given, or that was made from what it says.
    pub key: String,
    /// Its place in the list that it was last sent from, from 0.
    pub index: u64,
    /// Who it went to.
    pub to: String,
    /// What its status webhooks carry.
    pub tracker: Option<String>,
    /// `accepted`, `rejected`, `not_sent` or `unknown`.
    pub outcome: String,
    /// When that was learnt, in milliseconds since 1970.
    pub at_ms: u64,
    /// The message's id (`wamid.…`), when it was accepted.
    pub id: Option<String>,
    /// Graph's code, when Meta refused it.
    pub code: Option<i64>,
    /// Why it was not sent or is unknown, in a stable word; of a refusal the class of its error.
    pub reason: Option<String>,
    /// What was wrong, for people.
    pub problem: Option<String>,
    /// The message as it went out, if the journal keeps that.
    pub message: Option<Value>,
    /// When it left Meta's servers, in milliseconds since 1970.
    pub sent_at_ms: Option<u64>,
    /// When it reached a device, in milliseconds since 1970.
    pub delivered_at_ms: Option<u64>,
    /// When it was read, in milliseconds since 1970.
    pub read_at_ms: Option<u64>,
    /// When it failed after it was accepted, in milliseconds since 1970.
    pub failed_at_ms: Option<u64>,
    /// Graph's code of that.
    pub failed_code: Option<i64>,
    /// What was wrong then, for people.
    pub failed_problem: Option<String>,
    /// What Meta counts it as: `marketing`, `utility`, …
    pub category: Option<String>,
    /// `regular`, `free_customer_service` or `free_entry_point`.
    pub pricing_type: Option<String>,
    /// Whether it costs anything.
    pub billable: Option<bool>,
}

/// What webhooks told a journal.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "manifest", derive(schemars::JsonSchema), schemars(rename = "JournalObserved"))]
pub struct Observed {
    /// How many messages turned out to be accepted, of which that was not known.
    pub settled: u64,
    /// How many are newly known to be sent.
    pub sent: u64,
    /// How many are newly known to be delivered.
    pub delivered: u64,
    /// How many are newly known to be read.
    pub read: u64,
    /// How many are newly known to have failed.
    pub failed: u64,
    /// How many statuses were known.
    pub repeated: u64,
    /// How many events are about no message of this journal.
    pub others: u64,
}

/// What a journal forgets: messages that both members describe.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Purge {
    /// Whose outcome was learnt longer ago than this, in milliseconds.
    pub older_than_ms: Option<u64>,
    /// Which went to this person, as [`JournalRow::to`] has it.
    pub recipient: Option<String>,
}

/// What a campaign was begun with, and has to go on with.
#[derive(Debug, Clone)]
struct About {
    phone_number_id: String,
    origin: String,
    total: Option<u64>,
}

impl About {
    fn is_same(&self, other: &About) -> bool {
        self.phone_number_id == other.phone_number_id && self.origin == other.origin
    }

    fn conflict(&self, campaign: &str, now: &About) -> Error {
        let what = |about: &About| format!("number {} at {}", about.phone_number_id, about.origin);
        let problem = format!(
            "{campaign} was begun with {}, this is {}; take another campaign or another file",
            what(self),
            what(now)
        );
        Error::config("campaign", problem)
    }
}

/// How a bulk keeps its journal.
#[derive(Debug, Clone)]
pub(crate) struct Keeping {
    pub(crate) place: String,
    pub(crate) campaign: Option<String>,
    pub(crate) syncs: bool,
    pub(crate) keeps_messages: bool,
    pub(crate) retry_rejected: bool,
    pub(crate) total: Option<u64>,
}

impl Keeping {
    /// Opens the journal and begins.
    pub(crate) async fn begin(self, client: Client) -> Result<Run> {
        let journal = Journal::open(&self.place, self.campaign.as_deref())?;
        let about = About {
            phone_number_id: client.phone_number_id().to_owned(),
            origin: run::origin(&client),
            total: self.total,
        };
        let again = Again { retry_rejected: self.retry_rejected, on_unknown: client.on_unknown() };
        let ledger = match &journal.place {
            Place::Sqlite(file) => {
                let (given, syncs) = (journal.campaign.clone(), self.syncs);
                let begun = in_background(file, move |file| {
                    let campaign = given.map_or_else(|| naming::unnamed(file), Ok)?;
                    SqliteRun::begin(file.path(), &campaign, &about, syncs, now_ms())
                });
                Ledger::Sqlite(begun.await?)
            }
            Place::Redis(_) => {
                let campaign = journal.campaign.as_deref().ok_or_else(needs_campaign)?;
                // With the client's connection, and its own certificates.
                let address = redis::address(&self.place, client.ca_bundle()).ok_or_else(needs_campaign)??;
                Ledger::Redis(RedisRun::begin(client.link(&address), campaign, &about, again, &client).await?)
            }
        };
        Ok(Run::new(ledger, again, self.keeps_messages, now_ms))
    }

    /// What is wrong with a place and a campaign that a bulk is given; nothing is opened.
    pub(crate) fn check(place: &str, campaign: Option<&str>) -> Result<()> {
        let journal = Journal::open(place, campaign)?;
        match journal.place {
            Place::Redis(_) if campaign.is_none() => Err(needs_campaign()),
            _ => Ok(()),
        }
    }
}

/// Others use the same server, and equal messages of another campaign are other messages.
fn needs_campaign() -> Error {
    Error::config("campaign", "must be given where the journal is on a server: others keep theirs there, too")
}

impl Journal {
    /// The journal in a SQLite file, or on a Redis or Valkey server (`redis://…`, `rediss://…` with TLS). Nothing is opened
    /// yet.
    ///
    /// `campaign` names one of several campaigns of a place. Without it, it is the only one that is there.
    ///
    /// # Errors
    /// [`Error::Config`] where `place` or `campaign` cannot be one.
    pub fn open(place: &str, campaign: Option<&str>) -> Result<Self> {
        let place = Place::of(place)?;
        if let Some(campaign) = campaign
            && !(1..=naming::LONGEST).contains(&campaign.chars().count())
        {
            return Err(Error::config("campaign", format!("must have 1 to {} characters", naming::LONGEST)));
        }
        Ok(Journal { place, campaign: campaign.map(str::to_owned) })
    }

    /// How the campaign went so far.
    ///
    /// # Errors
    /// [`Error::Store`] where the journal cannot be read; [`Error::Config`] where there is no such campaign.
    pub async fn report(&self) -> Result<Report> {
        let campaign = self.campaign().await?;
        self.place.report(campaign).await?.ok_or_else(|| self.no_such())
    }

    /// Its messages, up to `limit` at a time, in the order in which they were first met: those after a
    /// [`position`](JournalRow::position), 0 for the first.
    ///
    /// # Errors
    /// As [`report`](Self::report).
    pub async fn rows(&self, after: u64, limit: u32) -> Result<Vec<JournalRow>> {
        let campaign = self.campaign().await?;
        self.place.rows(campaign, after, limit).await
    }

    /// Takes in what webhooks say, in any order and as often as they come: an unknown outcome is settled, and what was sent,
    /// delivered, read or failed is written down, with what it is counted as. All campaigns of the place are looked through.
    ///
    /// # Errors
    /// [`Error::Store`] where the journal cannot be written. Answer Meta with a 500 then: it delivers again.
    pub async fn observe(&self, events: &[WebhookEvent]) -> Result<Observed> {
        self.learn(events.iter().map(JournalNews::from).collect()).await
    }

    /// The same from what the language packages write of events.
    ///
    /// # Errors
    /// As [`observe`](Self::observe).
    pub async fn learn(&self, news: Vec<JournalNews>) -> Result<Observed> {
        self.place.observe(news).await
    }

    /// Forgets messages, with everything that is known of them, and returns how many. A list that still has them sends them
    /// again: take people off the list, too. Without a campaign's name it forgets in all of them. The file is written anew, so
    /// that nothing of them stays in it; while a bulk uses it, traces may stay until the next time.
    ///
    /// # Errors
    /// [`Error::Store`] where the journal cannot be written; [`Error::Config`] where `purge` describes nothing.
    pub async fn purge(&self, purge: Purge) -> Result<u64> {
        if purge.older_than_ms.is_none() && purge.recipient.is_none() {
            return Err(Error::config("purge", "needs an age, a recipient or both"));
        }
        self.place.purge(self.campaign.clone(), purge).await
    }

    /// The names of its campaigns, in the order in which they began.
    ///
    /// # Errors
    /// [`Error::Store`] where the journal cannot be read.
    pub async fn campaigns(&self) -> Result<Vec<String>> {
        self.place.campaigns().await
    }

    /// What was written on the campaign with [`set_note`](Self::set_note).
    ///
    /// # Errors
    /// As [`report`](Self::report).
    pub async fn note(&self) -> Result<Option<String>> {
        let campaign = self.campaign().await?;
        self.place.note(campaign).await
    }

    /// Writes a text of your own on the campaign, such as where its list lies.
    ///
    /// # Errors
    /// As [`report`](Self::report).
    pub async fn set_note(&self, note: &str) -> Result<()> {
        let campaign = self.campaign().await?;
        if self.place.set_note(campaign, note.to_owned()).await? { Ok(()) } else { Err(self.no_such()) }
    }

    fn no_such(&self) -> Error {
        let place = self.place.name();
        match &self.campaign {
            Some(campaign) => Error::config("campaign", format!("{campaign:?} is not in {place}")),
            None => Error::config("campaign", format!("{place} has none yet")),
        }
    }

    /// The campaign that is meant.
    async fn campaign(&self) -> Result<String> {
        if let Some(campaign) = &self.campaign {
            return Ok(campaign.clone());
        }
        let mut campaigns = self.place.campaigns().await?;
        let place = self.place.name();
        match campaigns.len() {
            1 => Ok(campaigns.remove(0)),
            0 => Err(self.no_such()),
            _ => {
                Err(Error::config("campaign", format!("must be given: {place} has several ({})", campaigns.join(", "))))
            }
        }
    }
}

fn now_ms() -> u64 {
    let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    u64::try_from(since.as_millis()).unwrap_or(u64::MAX)
}
