//! A campaign that the journal knows already: what it was begun with, whether this one is that, and what is left of it.

use std::path::Path;

use wacloud::journal::Journal;

use super::job::{Job, Resumed};
use super::memory::{Changes, Identities, Memory};
use super::run::Note;
use crate::exit::Failure;
use crate::term::{counted, grouped};

/// Refuses a file that has messages which the campaign did not have: whether they shall be sent, too, is not ours to say.
fn is_known(identities: &Identities, resumed: &Resumed, name: &str) -> Result<(), Failure> {
    let new = identities.changes_since(&resumed.memory.rows).new;
    if resumed.allow_new || new == 0 {
        return Ok(());
    }
    Err(Failure::usage(format!(
        "{name} has changed since the campaign began: {} not in it then. Nothing was sent. If they shall be sent, too, say \
         --allow-new.",
        counted(new, "message was", "messages were")
    )))
}

/// Refuses another list under the same name. A longer or a shorter one goes on; where some rows have gone and others have
/// come, somebody whose row was written anew would get a second message, and `resume` would forget who is left of the first.
fn is_the_list(identities: &Identities, memory: &Memory, name: &str) -> Result<(), Failure> {
    let Changes { new, gone } = identities.changes_since(&memory.rows);
    if new == 0 || gone == 0 {
        return Ok(());
    }
    Err(Failure::usage(format!(
        "{name} is another list than the one that the campaign was begun with: {} not in it, and {} of that are not here. Whoever's row \
         was changed would get a second message. Nothing was sent. The first list is gone on with by `wacloud resume`; a list of its \
         own is a campaign of its own: --campaign NAME. If all of this one shall be sent: --allow-new.",
        counted(new, "message was", "messages were"),
        grouped(gone)
    )))
}

/// Whether the rows are some of those that the campaign was begun with.
pub(super) fn is_part(identities: &Identities, memory: &Memory) -> bool {
    identities.fingerprint().count < memory.rows.count && identities.new_to(&memory.rows) == 0
}

/// What core calls the campaign of a journal that was given no name: the file's, without its ending.
fn default_name(place: &str) -> Option<String> {
    Some(Path::new(place).file_stem()?.to_string_lossy().chars().take(100).collect())
}

impl Job {
    /// The campaign's name in the journal.
    fn name(&self) -> Option<String> {
        self.campaign_name.clone().or_else(|| default_name(self.journal.as_deref()?))
    }

    fn opened(&self) -> Result<Option<Journal>, Failure> {
        let Some(place) = &self.journal else { return Ok(None) };
        Ok(Some(Journal::open(place, self.name().as_deref())?))
    }

    /// What the campaign was begun with, if it was. Refused is what would send a message to people that nobody meant to have
    /// it: another list or another message under the same name, rows that were not there.
    pub(super) async fn agrees(&self, identities: &Identities, name: &str) -> Result<Option<Memory>, Failure> {
        if let Some(resumed) = &self.resumed {
            is_known(identities, resumed, name)?;
            return Ok(Some(resumed.memory.clone()));
        }
        let Some(journal) = self.opened()? else { return Ok(None) };
        let before = self.before(&journal).await?;
        if let (Some(memory), false) = (&before, self.allow_new) {
            is_the_list(identities, memory, name)?;
        }
        Ok(before)
    }

    /// What the campaign was begun with, if it was. Refused is what would send a second message to everybody, or none to
    /// anybody, without a word: another message under the same name, or no name where there are others.
    async fn before(&self, journal: &Journal) -> Result<Option<Memory>, Failure> {
        // Where there is no journal yet there is nothing to compare with; one that cannot be used is told by the bulk.
        let Ok(campaigns) = journal.campaigns().await else { return Ok(None) };
        let place = self.journal.as_deref().unwrap_or_default();
        let name = self.name().unwrap_or_default();
        if !campaigns.contains(&name) {
            return match (&self.campaign_name, campaigns.is_empty()) {
                (None, false) => Err(Failure::usage(format!(
                    "{place} has campaigns with names ({}): say which one this is with --campaign. Nothing was sent.",
                    campaigns.join(", ")
                ))),
                _ => Ok(None),
            };
        }
        let memory = journal.note().await.ok().flatten().as_deref().and_then(Memory::read);
        match memory {
            Some(memory) if memory.campaign != self.campaign && !self.allow_new => Err(Failure::usage(format!(
                "campaign {name} was begun with another message or with other columns. With --key nobody would get the new one, \
                 without everybody would get it as a second message. Nothing was sent. A campaign of its own: --campaign NAME. \
                 If it shall go on like this: --allow-new."
            ))),
            memory => Ok(memory),
        }
    }

    /// What `wacloud resume` will need.
    pub(super) fn note(&self, identities: &Identities) -> Result<Option<Note>, Failure> {
        let Some(journal) = self.opened()? else { return Ok(None) };
        let memory = Memory::new(
            self.file.clone().settled()?,
            self.campaign.clone(),
            identities.fingerprint(),
            self.client.given_rate(),
        );
        Ok(Some(Note { journal, text: memory.written() }))
    }

    /// How far the campaign is, of one that was begun.
    pub(super) async fn so_far(&self) -> Result<Option<String>, Failure> {
        let Some(journal) = self.opened()? else { return Ok(None) };
        let known = journal.campaigns().await.unwrap_or_default();
        if !self.name().is_some_and(|name| known.contains(&name)) {
            return Ok(None);
        }
        let report = journal.report().await?;
        let others = [(report.rejected, "rejected"), (report.unknown + report.in_flight, "unknown")];
        let others: String = others
            .into_iter()
            .filter(|(count, _)| *count > 0)
            .map(|(count, name)| format!(", {} {name}", grouped(count)))
            .collect();
        Ok(Some(format!("So far, as the journal tells: {} accepted{others}.", grouped(report.accepted))))
    }
}
