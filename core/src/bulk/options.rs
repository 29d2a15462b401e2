//! What can be said about a bulk.

use serde::Deserialize;

use crate::error::{Error, Result};
use crate::journal::Keeping;
use crate::pace::Priority;

const WIDEST: u32 = 10_000;

/// Options of a bulk.
#[derive(Debug, Clone, Default, PartialEq, Deserialize)]
#[cfg_attr(feature = "manifest", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct BulkOptions {
    /// How many messages are taken before their results are told: 1 to 10,000, 256 unless given (512 at more than 500
    /// messages a second). So many may be in flight at once.
    #[cfg_attr(
        feature = "manifest",
        schemars(extend("x-default" = "256; 512 at more than 500 messages a second", "minimum" = 1, "maximum" = WIDEST,
            "x-unit" = "messages"))
    )]
    pub window: Option<u32>,
    /// Whether results come in the order of the messages instead of as they complete. No unless given.
    #[cfg_attr(feature = "manifest", schemars(extend("default" = false)))]
    pub in_order: Option<bool>,
    /// The longest time for each message with all its attempts, from the moment that the rate limit lets it go. The client's
    /// `total_timeout` unless given.
    #[cfg_attr(
        feature = "manifest",
        schemars(extend("format" = "duration-ms", "x-default" = "the client's `total_timeout`",
            "exclusiveMinimum" = 0))
    )]
    pub timeout_ms: Option<u64>,
    /// The longest time that a message waits for the rate limit. As long as it takes unless given.
    #[cfg_attr(feature = "manifest", schemars(extend("format" = "duration-ms", "x-default" = "as long as it takes")))]
    pub max_wait_ms: Option<u64>,
    /// Which messages go first when the rate limit makes them wait: `urgent`, `normal` or `low` (unless given: everything
    /// else overtakes a bulk).
    #[cfg_attr(feature = "manifest", schemars(extend("default" = "low")))]
    pub priority: Option<Priority>,
    /// How many messages there are, for `progress`: what is needed to tell the time left. Counted unless given, where the
    /// list says how long it is.
    #[cfg_attr(
        feature = "manifest",
        schemars(extend("x-default" = "counted, where the list says how long it is", "x-unit" = "messages"))
    )]
    pub total: Option<u64>,
    /// Where it is kept what became of the messages, so that the same call goes on after an interruption and sends nothing
    /// twice: the path of a SQLite file, or `redis://…` (`rediss://…` with TLS), a Redis or Valkey server that workers on
    /// many hosts share. Nowhere unless given.
    pub journal: Option<String>,
    /// The name of the campaign in the journal: 1 to 100 characters. The name of the file, without its ending, unless given.
    /// It must be given on a server, and where a file has campaigns of other names only, as one has that was renamed.
    #[cfg_attr(feature = "manifest", schemars(extend("x-default" = "the name of the file; none on a server")))]
    pub campaign: Option<String>,
    /// Whether it is on the disk that a message may leave before it does, so that a journal survives the machine, too. With
    /// `false` it survives only the process. Yes unless given. A server keeps it as its own settings say.
    #[cfg_attr(feature = "manifest", schemars(extend("default" = true)))]
    pub journal_sync: Option<bool>,
    /// Whether the journal keeps the messages as well: what they say. No unless given.
    #[cfg_attr(feature = "manifest", schemars(extend("default" = false)))]
    pub journal_messages: Option<bool>,
    /// Whether messages that Meta refused in an earlier run are sent again. No unless given: only refusals that were not about
    /// the message are tried again, those of the pace, of the token and of the number.
    #[cfg_attr(feature = "manifest", schemars(extend("default" = false)))]
    pub retry_rejected: Option<bool>,
    /// Whether a bar on stderr shows how far the bulk is: messages done, messages a second, the time left, and how many
    /// were rejected, not sent or are unknown. Where stderr is no terminal it is one line, at the end.
    #[cfg(feature = "progress")]
    #[cfg_attr(feature = "manifest", schemars(extend("default" = false)))]
    pub progress: Option<bool>,
}

impl BulkOptions {
    /// Options from JSON, as the language packages give them.
    ///
    /// # Errors
    /// [`Error::Config`] that names the option.
    pub fn from_json(json: &str) -> Result<Self> {
        let options: Self = crate::client::from_json(json)?;
        if options.window.is_some_and(|window| !(1..=WIDEST).contains(&window)) {
            return Err(Error::config("window", "must be 1 to 10,000"));
        }
        crate::client::check_timeout(options.timeout_ms)?;
        options.check_journal()?;
        Ok(options)
    }

    /// The journal is opened later; what is wrong with its name is told at once.
    fn check_journal(&self) -> Result<()> {
        match &self.journal {
            Some(place) => Keeping::check(place, self.campaign.as_deref()),
            None => {
                let given = [
                    ("campaign", self.campaign.is_some()),
                    ("journal_sync", self.journal_sync.is_some()),
                    ("journal_messages", self.journal_messages.is_some()),
                    ("retry_rejected", self.retry_rejected.is_some()),
                ];
                match given.into_iter().find(|(_, is_given)| *is_given) {
                    Some((option, _)) => Err(Error::config(option, "needs a journal")),
                    None => Ok(()),
                }
            }
        }
    }

    pub(super) fn keeping(&self) -> Option<Keeping> {
        Some(Keeping {
            place: self.journal.clone()?,
            campaign: self.campaign.clone(),
            syncs: self.journal_sync.unwrap_or(true),
            keeps_messages: self.journal_messages.unwrap_or_default(),
            retry_rejected: self.retry_rejected.unwrap_or_default(),
            total: self.total,
        })
    }
}
