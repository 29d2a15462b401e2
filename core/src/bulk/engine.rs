//! The window: messages in flight, and results that wait for their turn.

use std::collections::BTreeMap;
use std::task::{Context, Poll};

use futures_util::future::BoxFuture;
use tokio::time::Instant;
use tokio_util::sync::CancellationToken;

use super::one::Sending;
use super::options::BulkOptions;
use super::places::Places;
use super::progress::Tally;
use super::result::BulkResult;
use crate::client::lines::Lines;
use crate::client::send::How;
use crate::client::stop::Stop;
use crate::client::{CallOptions, Client};
use crate::error::Result;
use crate::journal::Run;
use crate::message::{Invalid, Message};
use crate::pace::Priority;

const WINDOW: u32 = 256;
/// For numbers that were upgraded: at 1,000 messages a second, answers that take 0.2 s would fill the other.
const FAST_WINDOW: u32 = 512;
const FAST: f64 = 500.0;

/// The journal of a bulk.
enum Keeper {
    Nobody,
    Opening(BoxFuture<'static, Result<Run>>),
    Open(Run),
    /// Everything is told, and what is written shall be there for whoever begins next.
    Closing(BoxFuture<'static, ()>),
    /// It is closed, or could never be opened.
    Gone,
}

/// Messages in flight and results on their way.
pub(super) struct Engine {
    client: Client,
    how: How,
    window: usize,
    keeper: Keeper,
    in_order: bool,
    tally: Tally,
    pushed: u64,
    told: u64,
    in_flight: Places<BulkResult>,
    /// Complete, but not yet their turn; by index. Only used in order.
    early: BTreeMap<u64, BulkResult>,
}

impl Engine {
    pub(super) fn new(client: Client, options: &BulkOptions) -> Self {
        let call = CallOptions {
            timeout_ms: options.timeout_ms,
            max_wait_ms: options.max_wait_ms,
            priority: Some(options.priority.unwrap_or(Priority::Low)),
        };
        let limits = client.limits();
        let keeper = match options.keeping() {
            Some(keeping) => Keeper::Opening(Box::pin(keeping.begin(client.clone()))),
            None => Keeper::Nobody,
        };
        let window = if limits.per_second > FAST { FAST_WINDOW } else { WINDOW };
        // A pace keeps the messages that are under way few by itself.
        let lines = (limits.per_second == 0.0).then(Lines::new);
        Engine {
            client,
            how: How { options: call, waits_for_ever: true, lines, ..How::default() },
            window: usize::try_from(options.window.unwrap_or(window).max(1)).unwrap_or(1),
            keeper,
            in_order: options.in_order.unwrap_or_default(),
            tally: Tally::new(options.total),
            pushed: 0,
            told: 0,
            in_flight: Places::new(),
            early: BTreeMap::new(),
        }
    }

    /// How many more messages are wanted now.
    pub(super) fn room(&self) -> usize {
        let untold = usize::try_from(self.pushed - self.told).unwrap_or(usize::MAX);
        let is_ready = matches!(self.keeper, Keeper::Nobody | Keeper::Open(_));
        if self.how.stop.is_stopped() || !is_ready { 0 } else { self.window.saturating_sub(untold) }
    }

    /// How many messages it takes before their results are told.
    pub(super) fn window(&self) -> usize {
        self.window
    }

    /// Whether the journal could not be opened: then there will be no results.
    pub(super) fn could_not_begin(&self) -> bool {
        self.pushed == 0 && matches!(self.keeper, Keeper::Gone) && self.how.stop.refusal().is_some()
    }

    /// Takes the next message, or what stands in its place.
    pub(super) fn push(&mut self, message: std::result::Result<Message, Invalid>, key: Option<String>) {
        let index = self.pushed;
        self.pushed += 1;
        self.tally.begin(Instant::now());
        let sending = Sending {
            client: self.client.clone(),
            how: self.how.clone(),
            run: match &self.keeper {
                Keeper::Open(run) => Some(run.clone()),
                _ => None,
            },
            tally: self.tally.clone(),
        };
        self.in_flight.push(sending.send(message, key, index));
    }

    /// How far it is.
    pub(super) fn tally(&self) -> &Tally {
        &self.tally
    }

    /// Ends what has not started; what is in flight goes on.
    pub(super) fn stop(&self) -> &Stop {
        &self.how.stop
    }

    /// Ends everything at once, with the outcome that it has by then.
    pub(super) fn cancel(&self) -> &CancellationToken {
        &self.how.cancel
    }

    /// Ready when the journal is open, or cannot be opened: messages may be pushed then.
    pub(super) fn poll_open(&mut self, cx: &mut Context<'_>) -> Poll<()> {
        if let Keeper::Opening(opening) = &mut self.keeper {
            match std::task::ready!(opening.as_mut().poll(cx)) {
                Ok(run) => self.keeper = Keeper::Open(run),
                Err(error) => {
                    self.how.stop.stop_because(&error);
                    self.keeper = Keeper::Gone;
                }
            }
        }
        Poll::Ready(())
    }

    /// The next result; `None` when everything that was pushed is told.
    pub(super) fn poll_next(&mut self, cx: &mut Context<'_>) -> Poll<Option<BulkResult>> {
        loop {
            if let Some(result) = self.early.remove(&self.told) {
                self.told += 1;
                return Poll::Ready(Some(result));
            }
            let next = self.in_flight.poll_next(cx);
            if let Poll::Ready(Some(result)) = &next {
                self.tally.count(result.outcome(), result.replayed, Instant::now());
            }
            match next {
                Poll::Ready(Some(result)) if self.in_order && result.index != self.told => {
                    self.early.insert(result.index, result);
                }
                Poll::Ready(Some(result)) => {
                    self.told += 1;
                    return Poll::Ready(Some(result));
                }
                Poll::Ready(None) => return Poll::Ready(None),
                Poll::Pending => return Poll::Pending,
            }
        }
    }

    /// Returns when the journal is closed, once everything is told.
    pub(super) fn poll_close(&mut self, cx: &mut Context<'_>) -> Poll<()> {
        loop {
            match std::mem::replace(&mut self.keeper, Keeper::Gone) {
                Keeper::Open(run) => {
                    let client = self.client.clone();
                    self.keeper = Keeper::Closing(Box::pin(async move { run.close(&client).await }));
                }
                Keeper::Closing(mut closing) => {
                    if closing.as_mut().poll(cx).is_pending() {
                        self.keeper = Keeper::Closing(closing);
                        return Poll::Pending;
                    }
                }
                Keeper::Nobody | Keeper::Opening(_) | Keeper::Gone => return Poll::Ready(()),
            }
        }
    }
}
