//! A worker of a campaign, while it sends.

use std::collections::HashMap;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use redis::ScriptInvocation;
use serde::Deserialize;
use tokio::task::{JoinHandle, JoinSet};
use tokio::time::Instant;

use super::message::{self, Details, Ended, Message};
use super::names::{self, Names};
use super::scripts::{BEAT, BEGIN, END, INTEND, PLAN};
use super::{doubts, enrol, find};
use crate::client::Client;
use crate::error::{Attempted, Error, NotSentReason, Result};
use crate::journal::About;
use crate::journal::key::Key;
use crate::journal::ledger::Planned;
use crate::journal::record::{Again, Ending, Entry, Record, Verdict};
use crate::journal::tracker::Name;
use crate::store::{Line, Link, Unusable};

/// How long a worker that says nothing keeps what it has claimed.
const LEASE: Duration = Duration::from_secs(30);
/// How long an outcome is tried to be written while the server is away. Longer would hold up whoever waits for results.
const PATIENCE: Duration = Duration::from_secs(5);
const TRY_AGAIN: Duration = Duration::from_millis(250);
/// Others change a message now and then; so often in a row means that something is wrong.
const TRIES: u32 = 20;

/// A worker. Dropping it gives up what it has claimed.
pub(in crate::journal) struct RedisRun {
    worker: Arc<Worker>,
    beating: JoinHandle<()>,
    again: Again,
    /// How many messages of a name this worker has met: of all that it has met, since they may be anywhere in its list.
    met: Mutex<HashMap<u128, u32>>,
    claims: Mutex<HashMap<u64, Claim>>,
    /// What nobody waits for.
    unawaited: Mutex<JoinSet<()>>,
    is_closed: AtomicBool,
}

struct Worker {
    link: Arc<Link>,
    /// The connection that it began with. A server that was restarted may have less than it was told, so a run does not go
    /// on over another one.
    line: Line,
    campaign: String,
    number: u64,
    names: Names,
    epoch: String,
    id: u64,
}

/// A message that this worker may send.
#[derive(Clone, Copy)]
struct Claim {
    /// Only grows: whoever has an older one has lost the message to somebody else.
    fence: u64,
    /// Which attempt it is.
    attempt: u32,
}

/// How a message ended, or an attempt of it, as the script takes it.
struct End {
    number: u64,
    fence: u64,
    attempt: u32,
    key: String,
    nonce: String,
    details: String,
    ended: String,
}

impl End {
    fn new(entry: &Entry, ending: &Ending<'_>, fence: u64, attempt: u32) -> Result<Self> {
        Ok(End {
            number: names::parts(entry.name.id).1,
            fence,
            attempt,
            key: entry.key.clone(),
            nonce: message::nonce_text(entry.name.nonce),
            details: json(&Details::of(entry))?,
            ended: json(&Ended::of(ending))?,
        })
    }
}

#[derive(Deserialize)]
#[serde(tag = "is", rename_all = "snake_case")]
enum Beginning {
    Begun { epoch: String, worker: u64 },
    Other { phone_number_id: String, origin: String },
    Gone,
}

#[derive(Deserialize)]
#[serde(tag = "is", rename_all = "snake_case")]
enum Answer {
    Claimed {
        number: u64,
        nonce: String,
        fence: u64,
    },
    Known {
        number: u64,
        fence: u64,
        message: Box<Message>,
    },
    /// Another worker has it.
    Held,
    Gone,
}

/// Whether a message may leave.
#[derive(Deserialize)]
#[serde(tag = "is", rename_all = "snake_case")]
enum Intent {
    Done,
    /// It was accepted already.
    Settled {
        message: Box<Message>,
    },
    /// The claim was lost.
    Lost,
    Gone,
}

/// What most scripts answer.
#[derive(Deserialize)]
#[serde(tag = "is", rename_all = "snake_case")]
enum Plain {
    Done,
    /// The claim was lost.
    Lost,
    /// The server has lost the campaign.
    Gone,
}

impl RedisRun {
    /// Begins on a server, and tells what that does not promise.
    pub(in crate::journal) async fn begin(
        link: Arc<Link>,
        campaign: &str,
        about: &About,
        again: Again,
        client: &Client,
    ) -> Result<Self> {
        let line = link.line().await?;
        if let Some(refusal) = doubts::refusal(line.facts()) {
            return Err(Error::config("journal", format!("{}: {refusal}", link.host())));
        }
        for doubt in doubts::doubts(line.facts()) {
            client.warn_once("journal", format!("{} {doubt}", link.host()));
        }
        // What this process has seen is not begun anew, whatever the server says.
        let seen = link.mark(campaign);
        let number = match seen {
            Some(_) => find(&line, campaign).await?.ok_or_else(|| gone(&link, campaign))?,
            None => enrol(&line, campaign).await?,
        };
        let names = Names::of(number);
        let epoch = if seen.is_some() { String::new() } else { format!("{:032x}", rand::random::<u128>()) };
        let begun = line.run(&BEGIN, |call| {
            call.key(names.all()).arg(campaign).arg(&epoch).arg(&about.phone_number_id).arg(&about.origin);
            call.arg(about.total.map(|total| total.to_string()).unwrap_or_default()).arg(lease_ms());
        });
        let (epoch, id) = match begun.await? {
            Beginning::Begun { epoch, worker } if seen.as_ref().is_none_or(|seen| *seen == epoch) => (epoch, worker),
            Beginning::Begun { .. } | Beginning::Gone => return Err(gone(&link, campaign).into()),
            Beginning::Other { phone_number_id, origin } => {
                let before = About { phone_number_id, origin, total: None };
                return Err(before.conflict(campaign, about));
            }
        };
        link.set_mark(campaign, &epoch);
        let worker = Arc::new(Worker { link, line, campaign: campaign.to_owned(), number, names, epoch, id });
        let beating = tokio::spawn(beat(worker.clone()));
        Ok(RedisRun {
            worker,
            beating,
            again,
            met: Mutex::default(),
            claims: Mutex::default(),
            unawaited: Mutex::default(),
            is_closed: AtomicBool::new(false),
        })
    }

    pub(in crate::journal) async fn plan(&self, key: &Key, index: u64) -> Result<Planned> {
        let Some(n) = self.meet(key) else { return Ok(Planned::Twice { key: key.nth(1) }) };
        let text = key.nth(n);
        let fresh = Name::new(0);
        let mut known: Option<(u64, Record)> = None;
        for _ in 0..TRIES {
            let seen = known.as_ref().map(|(fence, _)| fence.to_string()).unwrap_or_default();
            let told = self.worker.run(&PLAN, |call| {
                call.arg(&text).arg(index).arg(message::nonce_text(fresh.nonce)).arg(&seen);
            });
            match told.await? {
                Answer::Held => return Ok(Planned::Claimed { key: text }),
                Answer::Claimed { number, nonce, fence } => {
                    let id = names::id(self.worker.number, number);
                    lock(&self.claims).insert(id, Claim { fence, attempt: 0 });
                    return Ok(match known {
                        Some((_, record)) => Planned::Known { key: text, record },
                        None => Planned::New { key: text, name: message::name(id, &nonce) },
                    });
                }
                Answer::Known { number, fence, message } => {
                    let record = message.record(names::id(self.worker.number, number));
                    if matches!(record.verdict(self.again), Verdict::Tell(_)) {
                        return Ok(Planned::Known { key: text, record });
                    }
                    known = Some((fence, record));
                }
                Answer::Gone => return Err(self.worker.gone().into()),
            }
        }
        Err(self.worker.link.unusable("cannot be used: others change the same message all the time").into())
    }

    /// Which message of its name it is; none where it must be the only one and is not.
    fn meet(&self, key: &Key) -> Option<u32> {
        let name = match key {
            Key::Given(text) => xxhash_rust::xxh3::xxh3_128(text.as_bytes()),
            Key::Content(hash) => *hash,
        };
        let mut met = lock(&self.met);
        let n = met.entry(name).or_default();
        *n += 1;
        (*n == 1 || matches!(key, Key::Content(_))).then_some(*n)
    }

    pub(in crate::journal) async fn intend(&self, entry: &Entry) -> Result<Option<Box<Record>>> {
        let claim = lock(&self.claims).get_mut(&entry.name.id).map(|claim| {
            claim.attempt += 1;
            *claim
        });
        let Some(Claim { fence, attempt }) = claim else { return Err(lost()) };
        let details = json(&Details::of(entry))?;
        let told = self.worker.run(&INTEND, |call| {
            call.arg(lease_ms()).arg(names::parts(entry.name.id).1).arg(fence).arg(attempt).arg(&details);
        });
        match told.await? {
            Intent::Done => Ok(None),
            Intent::Settled { message } => Ok(Some(Box::new(message.record(entry.name.id)))),
            Intent::Lost => Err(lost()),
            Intent::Gone => Err(self.worker.gone().into()),
        }
    }

    /// Whoever settled a message has let go of it already.
    pub(in crate::journal) fn settled(&self, entry: &Entry) {
        lock(&self.claims).remove(&entry.name.id);
    }

    pub(in crate::journal) async fn end(&self, entry: &Entry, ending: &Ending<'_>) -> Result<()> {
        let claim = lock(&self.claims).remove(&entry.name.id);
        let fence = claim.map(|claim| claim.fence).unwrap_or_default();
        self.worker.end(&End::new(entry, ending, fence, 0)?).await
    }

    /// Nobody waits for it: where the worker ends before it is written, an attempt is taken for one that may have left. And
    /// where it comes too late, it says which attempt it was about.
    pub(in crate::journal) fn repeated(&self, entry: &Entry, ending: &Ending<'_>) {
        let Some(Claim { fence, attempt }) = lock(&self.claims).get(&entry.name.id).copied() else { return };
        let Ok(end) = End::new(entry, ending, fence, attempt) else { return };
        let worker = self.worker.clone();
        let mut unawaited = lock(&self.unawaited);
        while unawaited.try_join_next().is_some() {}
        unawaited.spawn(async move { _ = worker.end(&end).await });
    }

    /// Returns when everything is written and what was claimed is free for others.
    pub(in crate::journal) async fn close(&self) {
        let mut unawaited = std::mem::take(&mut *lock(&self.unawaited));
        while unawaited.join_next().await.is_some() {}
        self.is_closed.store(true, Ordering::Relaxed);
        self.beating.abort();
        self.worker.give_up().await;
    }
}

impl Drop for RedisRun {
    /// A bulk that was left: others may go on at once, where there is still something that can tell them.
    fn drop(&mut self) {
        self.beating.abort();
        if !self.is_closed.load(Ordering::Relaxed)
            && let Ok(runtime) = tokio::runtime::Handle::try_current()
        {
            let worker = self.worker.clone();
            runtime.spawn(async move { worker.give_up().await });
        }
    }
}

impl Worker {
    async fn run<T: serde::de::DeserializeOwned>(
        &self,
        script: &redis::Script,
        prepare: impl FnOnce(&mut ScriptInvocation<'_>) + Send,
    ) -> std::result::Result<T, Unusable> {
        self.run_over(&self.line, script, prepare).await
    }

    async fn run_over<T: serde::de::DeserializeOwned>(
        &self,
        line: &Line,
        script: &redis::Script,
        prepare: impl FnOnce(&mut ScriptInvocation<'_>) + Send,
    ) -> std::result::Result<T, Unusable> {
        line.run(script, |call| {
            call.key(self.names.all()).arg(&self.epoch).arg(self.id);
            prepare(call);
        })
        .await
    }

    /// Outcomes are facts, so they are written over another connection as well.
    async fn end(&self, end: &End) -> Result<()> {
        let until = Instant::now() + PATIENCE;
        let mut line = Ok(self.line.clone());
        loop {
            let problem = match &line {
                Ok(line) => {
                    let told = self.run_over(line, &END, |call| {
                        call.arg(end.number).arg(end.fence).arg(end.attempt).arg(&end.key);
                        call.arg(&end.nonce).arg(&end.details).arg(&end.ended);
                    });
                    match told.await {
                        Ok(Plain::Done | Plain::Lost) => return Ok(()),
                        Ok(Plain::Gone) => return Err(self.gone().into()),
                        Err(problem) => problem,
                    }
                }
                Err(problem) => Unusable::clone(problem),
            };
            if Instant::now() >= until {
                return Err(problem.into());
            }
            tokio::time::sleep(TRY_AGAIN).await;
            line = self.link.line().await;
        }
    }

    async fn give_up(&self) {
        let _: std::result::Result<Plain, _> = self.run(&BEAT, |call| _ = call.arg(0)).await;
    }

    fn gone(&self) -> Unusable {
        gone(&self.link, &self.campaign)
    }
}

/// Says that a worker is there, until it is told to stop or the campaign is gone.
async fn beat(worker: Arc<Worker>) {
    loop {
        tokio::time::sleep(LEASE / 3).await;
        if let Ok(Plain::Gone) = worker.run(&BEAT, |call| _ = call.arg(lease_ms())).await {
            return;
        }
    }
}

fn gone(link: &Link, campaign: &str) -> Unusable {
    link.unusable(format!(
        "has lost the campaign {campaign:?}, which this process has seen there: it was emptied, or came back without its data. \
         Find out who got the messages before they are sent again; a new process begins anew"
    ))
}

/// Somebody else has the message.
fn lost() -> Error {
    let attempted = Attempted { operation: "send", is_message: true, ..Attempted::default() };
    let cause = "this worker had said nothing for so long that another one took the message";
    Error::not_sent(NotSentReason::Claimed, cause, attempted)
}

fn lease_ms() -> u64 {
    u64::try_from(LEASE.as_millis()).unwrap_or(u64::MAX)
}

fn json(value: &impl serde::Serialize) -> Result<String> {
    serde_json::to_string(value)
        .map_err(|error| Error::Internal { message: error.to_string(), may_have_been_sent: false })
}

fn lock<T>(mutex: &Mutex<T>) -> std::sync::MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
