//! Where a journal is read: a file or a server.

use std::sync::Arc;

use super::news::JournalNews;
use super::redis::{self, RedisJournal};
use super::report::Report;
use super::sqlite::SqliteJournal;
use super::{JournalRow, Observed, Purge, now_ms};
use crate::error::{Error, Result};
use crate::store::Unusable;

#[derive(Clone)]
pub(super) enum Place {
    Sqlite(Arc<SqliteJournal>),
    Redis(Arc<RedisJournal>),
}

impl Place {
    /// The place that a text names. Nothing is opened.
    pub(super) fn of(place: &str) -> Result<Self> {
        if place.trim().is_empty() {
            return Err(Error::config("journal", "must be the path of a file or redis://…"));
        }
        if let Some(address) = redis::address(place, None) {
            return Ok(Place::Redis(Arc::new(RedisJournal::new(address?))));
        }
        match place.split_once("://") {
            Some((scheme, _)) => {
                let problem = format!("must be the path of a file, redis://… or rediss://…, got {scheme}://");
                Err(Error::config("journal", problem))
            }
            None => Ok(Place::Sqlite(Arc::new(SqliteJournal::new(place)))),
        }
    }

    /// The file, or the server's host.
    pub(super) fn name(&self) -> String {
        match self {
            Place::Sqlite(file) => file.place(),
            Place::Redis(server) => server.place(),
        }
    }

    pub(super) async fn campaigns(&self) -> Result<Vec<String>> {
        match self {
            Place::Sqlite(file) => in_background(file, |file| file.campaigns()).await,
            Place::Redis(server) => server.campaigns().await,
        }
    }

    pub(super) async fn report(&self, campaign: String) -> Result<Option<Report>> {
        match self {
            Place::Sqlite(file) => in_background(file, move |file| file.report(&campaign, now_ms())).await,
            Place::Redis(server) => server.report(&campaign).await,
        }
    }

    pub(super) async fn rows(&self, campaign: String, after: u64, limit: u32) -> Result<Vec<JournalRow>> {
        match self {
            Place::Sqlite(file) => in_background(file, move |file| file.rows(&campaign, after, limit, now_ms())).await,
            Place::Redis(server) => server.rows(&campaign, after, limit).await,
        }
    }

    pub(super) async fn observe(&self, news: Vec<JournalNews>) -> Result<Observed> {
        match self {
            Place::Sqlite(file) => in_background(file, move |file| file.observe(&news, now_ms())).await,
            Place::Redis(server) => server.observe(&news, now_ms()).await,
        }
    }

    pub(super) async fn purge(&self, campaign: Option<String>, purge: Purge) -> Result<u64> {
        match self {
            Place::Sqlite(file) => {
                in_background(file, move |file| file.purge(campaign.as_deref(), &purge, now_ms())).await
            }
            Place::Redis(server) => server.purge(campaign.as_deref(), &purge, now_ms()).await,
        }
    }

    pub(super) async fn note(&self, campaign: String) -> Result<Option<String>> {
        match self {
            Place::Sqlite(file) => in_background(file, move |file| file.note(&campaign)).await,
            Place::Redis(server) => server.note(&campaign).await,
        }
    }

    /// Whether there is such a campaign.
    pub(super) async fn set_note(&self, campaign: String, note: String) -> Result<bool> {
        match self {
            Place::Sqlite(file) => in_background(file, move |file| file.set_note(&campaign, &note)).await,
            Place::Redis(server) => server.set_note(&campaign, &note).await,
        }
    }
}

/// SQLite waits for disks and for others who write.
pub(super) async fn in_background<T: Send + 'static>(
    file: &Arc<SqliteJournal>,
    work: impl FnOnce(&SqliteJournal) -> Result<T> + Send + 'static,
) -> Result<T> {
    let (file, place) = (file.clone(), file.place());
    match tokio::task::spawn_blocking(move || work(&file)).await {
        Ok(done) => done,
        Err(error) => Err(Unusable { place, problem: error.to_string() }.into()),
    }
}
