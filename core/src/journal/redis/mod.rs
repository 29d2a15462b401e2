//! A journal on a Redis or Valkey server, which workers on many hosts share.
//!
//! A run is a worker. It claims each message before it sends it, and has what it claimed for as long as it says that it is
//! there: a lease of 30 seconds, renewed every ten and with each message that leaves. What it was about to send is free for
//! others when the lease ends; what may have left is unknown then, and is not sent by anybody. Each claim has a number that
//! only grows, and a message leaves only where the server says at that moment that the claim still holds: a worker that
//! slept through its lease sends nothing that somebody else has. It can still tell that a message was accepted.
//!
//! | what happens | what comes of it |
//! | --- | --- |
//! | a worker ends, however | after its lease others send what it had not begun with; what may have left is unknown |
//! | two workers have the same message at once | one sends it; the other one tells `claimed`, and its outcome the next time; where it was accepted when it was about to leave, that |
//! | the server is away | nothing leaves; the bulk stops with a `StoreError` |
//! | the connection is lost for a moment | the same: the server may have lost something meanwhile. The same call goes on |
//! | the server comes back empty | a process that had seen the campaign stops with a `StoreError`; a new one begins anew |
//! | the server's memory is full | nothing leaves; what was in flight may end as unknown |
//! | the server loses its last moments | what was sent in them is sent again: it depends on the server's settings, below |
//!
//! **What a server promises is up to its settings**, and a bulk tells with a warning (`journal`) what they do not cover: with
//! `appendonly yes` and `appendfsync always` nothing is forgotten that was told; with `everysec`, the usual setting, up to two
//! seconds where the machine fails; without a log everything since the last snapshot. A replica that takes over may lack the
//! last moment, too. Many providers do not say how they are set; then the warning says that. A server that throws keys away
//! (`maxmemory-policy allkeys-…`) is refused.
//!
//! **Equal messages without keys** are told apart by how many came before them in the list, so each worker has to walk the
//! same list: then it does not matter who sends which. In a queue, where each job is a bulk of one message, equal messages
//! are one message, and the second one is taken for a repetition of the first: give each a key of its own there.
//!
//! A worker remembers which names it has met: some 40 bytes a message of its list. A campaign takes some 500 bytes a message
//! on the server. In a cluster a campaign lies on one node; it takes a proxy that finds it, since redirections are not
//! followed. Forgetting somebody removes them from the server's memory; its log has them until it is written anew
//! (`BGREWRITEAOF`).

mod doubts;
mod message;
mod names;
mod observe;
mod read;
mod run;
mod scripts;

use std::sync::Arc;

pub(super) use run::RedisRun;

use super::news::JournalNews;
use super::report::Report;
use super::{JournalRow, Observed, Purge};
use crate::client::use_ring;
use crate::error::{Error, Result};
use crate::store::{Line, Link, ServerAddress, Unusable};
use names::Names;
use scripts::ENROL;

/// The server that an address names; `None` where it is no address of one.
pub(super) fn address(place: &str, ca_bundle: Option<&str>) -> Option<Result<ServerAddress>> {
    if !place.starts_with("redis://") && !place.starts_with("rediss://") {
        return None;
    }
    use_ring();
    Some(ServerAddress::new(place, ca_bundle).map_err(|why| Error::config("journal", why)))
}

/// A server that is read, and that webhooks are written to.
pub(super) struct RedisJournal {
    link: Arc<Link>,
}

impl RedisJournal {
    pub(super) fn new(address: ServerAddress) -> Self {
        RedisJournal { link: Arc::new(Link::new(address)) }
    }

    pub(super) fn place(&self) -> String {
        self.link.host()
    }

    /// The campaigns of the server.
    pub(super) async fn campaigns(&self) -> Result<Vec<String>> {
        let all = campaigns(&self.link.line().await?).await?;
        Ok(all.into_iter().map(|(name, _)| name).collect())
    }

    pub(super) async fn report(&self, campaign: &str) -> Result<Option<Report>> {
        let line = self.link.line().await?;
        match find(&line, campaign).await? {
            Some(number) => Ok(read::report(&line, number, campaign, self.place()).await?),
            None => Ok(None),
        }
    }

    pub(super) async fn rows(&self, campaign: &str, after: u64, limit: u32) -> Result<Vec<JournalRow>> {
        let line = self.link.line().await?;
        match find(&line, campaign).await? {
            Some(number) => Ok(read::rows(&line, number, names::parts(after).1, limit).await?),
            None => Ok(Vec::new()),
        }
    }

    pub(super) async fn observe(&self, news: &[JournalNews], now_ms: u64) -> Result<Observed> {
        Ok(observe::all(&self.link.line().await?, news, now_ms).await?)
    }

    pub(super) async fn purge(&self, campaign: Option<&str>, purge: &Purge, now_ms: u64) -> Result<u64> {
        let line = self.link.line().await?;
        let mut removed = 0;
        for (name, number) in campaigns(&line).await? {
            if campaign.is_none_or(|campaign| campaign == name) {
                removed += read::purge(&line, number, purge, now_ms).await?;
            }
        }
        Ok(removed)
    }

    pub(super) async fn note(&self, campaign: &str) -> Result<Option<String>> {
        let line = self.link.line().await?;
        let Some(number) = find(&line, campaign).await? else { return Ok(None) };
        let (note,) = line.ask(redis::pipe().hget(Names::of(number).head(), "note")).await?;
        Ok(note)
    }

    pub(super) async fn set_note(&self, campaign: &str, note: &str) -> Result<bool> {
        let line = self.link.line().await?;
        let Some(number) = find(&line, campaign).await? else { return Ok(false) };
        let () = line.ask(redis::pipe().hset(Names::of(number).head(), "note", note).ignore()).await?;
        Ok(true)
    }
}

/// All campaigns with their numbers, in the order in which they began.
async fn campaigns(line: &Line) -> std::result::Result<Vec<(String, u64)>, Unusable> {
    let (found,): (Vec<(String, u64)>,) = line.ask(redis::pipe().zrange_withscores(names::CAMPAIGNS, 0, -1)).await?;
    Ok(found)
}

/// The number of a campaign.
async fn find(line: &Line, campaign: &str) -> std::result::Result<Option<u64>, Unusable> {
    let (number,): (Option<u64>,) = line.ask(redis::pipe().zscore(names::CAMPAIGNS, campaign)).await?;
    Ok(number)
}

/// The number of a campaign, which it gets now if it has none.
async fn enrol(line: &Line, campaign: &str) -> std::result::Result<u64, Unusable> {
    line.run(&ENROL, |call| _ = call.key(names::CAMPAIGNS).key(names::LAST).arg(campaign)).await
}
