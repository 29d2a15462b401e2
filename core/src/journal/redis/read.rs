//! What people read on a server, and what is forgotten: in pages, so that it has time for others in between.

use std::collections::{HashMap, HashSet};

use super::message::{Message, State};
use super::names::{self, Names};
use super::scripts::PURGE;
use crate::journal::report::{Cost, Gathered, Report};
use crate::journal::{JournalRow, Purge};
use crate::outcome::Outcome;
use crate::store::{Line, Unusable};

/// So many messages are half a megabyte.
const PAGE: u64 = 1_000;

/// The messages of a campaign, a page at a time.
struct Reader<'l> {
    line: &'l Line,
    names: Names,
    /// The number of the last message that was read.
    after: u64,
    last: u64,
    /// The workers that are there.
    workers: HashSet<u64>,
}

impl<'l> Reader<'l> {
    async fn new(line: &'l Line, campaign: u64, after: u64) -> Result<Self, Unusable> {
        let names = Names::of(campaign);
        let ((now_s, _),): ((i64, i64),) = line.ask(redis::pipe().cmd("TIME")).await?;
        let mut pipe = redis::pipe();
        pipe.hget(names.head(), "messages").zrangebyscore(names.leases(), now_s * 1_000, "+inf");
        let (last, workers): (Option<u64>, HashSet<u64>) = line.ask(&pipe).await?;
        Ok(Reader { line, names, after, last: last.unwrap_or_default(), workers })
    }

    /// The next messages with their numbers, as they stand now; none when there are no more.
    async fn page(&mut self) -> Result<Option<Vec<(u64, Message)>>, Unusable> {
        if self.after >= self.last {
            return Ok(None);
        }
        let numbers: Vec<u64> = (self.after + 1..=self.last.min(self.after + PAGE)).collect();
        self.after += PAGE;
        let (found,) = self.line.ask(redis::pipe().cmd("HMGET").arg(self.names.messages()).arg(&numbers)).await?;
        let found: Vec<Option<Vec<u8>>> = found;
        let messages = numbers.into_iter().zip(found).filter_map(|(number, text)| {
            // One that a later version writes otherwise is left out.
            let message: Message = serde_json::from_slice(&text?).ok()?;
            Some((number, message.seen(|worker| self.workers.contains(&worker))))
        });
        Ok(Some(messages.collect()))
    }
}

pub(super) async fn rows(line: &Line, campaign: u64, after: u64, limit: u32) -> Result<Vec<JournalRow>, Unusable> {
    let limit = usize::try_from(limit).unwrap_or(usize::MAX);
    let mut reader = Reader::new(line, campaign, after).await?;
    let mut rows = Vec::new();
    while rows.len() < limit
        && let Some(page) = reader.page().await?
    {
        rows.extend(page.into_iter().filter_map(|(number, message)| message.row(names::id(campaign, number))));
    }
    rows.truncate(limit);
    Ok(rows)
}

pub(super) async fn report(line: &Line, campaign: u64, name: &str, place: String) -> Result<Option<Report>, Unusable> {
    let (head,): (HashMap<String, String>,) = line.ask(redis::pipe().hgetall(Names::of(campaign).head())).await?;
    let text = |field: &str| head.get(field).cloned().unwrap_or_default();
    let number = |field: &str| head.get(field).and_then(|text| text.parse().ok());
    if !head.contains_key("epoch") {
        return Ok(None);
    }
    let mut report = Report {
        campaign: name.to_owned(),
        place,
        phone_number_id: text("phone_number_id"),
        origin: text("origin"),
        begun_at_ms: number("begun_ms").unwrap_or_default(),
        runs: number("runs").unwrap_or_default(),
        total: number("total"),
        ..Report::default()
    };
    let mut counts = Counts::default();
    let mut reader = Reader::new(line, campaign, 0).await?;
    while let Some(page) = reader.page().await? {
        page.into_iter().for_each(|(_, message)| counts.add(message));
    }
    counts.tell(&mut report);
    Ok(Some(report))
}

/// What a report counts: in bounded memory, since reasons and categories are few.
#[derive(Default)]
struct Counts {
    gathered: Gathered,
    in_flight: u64,
    reasons: HashMap<(&'static str, Option<i64>, Option<String>), u64>,
    /// By code, with one of the texts.
    failures: HashMap<Option<i64>, (Option<String>, u64)>,
    costs: HashMap<(String, Option<String>, Option<bool>), u64>,
}

impl Counts {
    fn add(&mut self, message: Message) {
        let Some(outcome) = message.outcome() else {
            self.in_flight += u64::from(message.state == Some(State::Left));
            return;
        };
        let steps = [message.sent_ms, message.delivered_ms, message.read_ms, message.failed_ms];
        self.gathered.add(outcome, message.at_ms, steps);
        if outcome != Outcome::Accepted {
            *self.reasons.entry((outcome.name(), message.code, message.reason)).or_default() += 1;
        }
        if message.failed_ms.is_some() {
            let (problem, count) = self.failures.entry(message.failed_code).or_default();
            *count += 1;
            *problem = problem.take().or(message.failed_told);
        }
        if let Some(category) = message.category {
            *self.costs.entry((category, message.pricing_type, message.billable)).or_default() += 1;
        }
    }

    fn tell(self, report: &mut Report) {
        report.in_flight = self.in_flight;
        self.gathered.tell(report);
        for ((outcome, code, reason), count) in self.reasons {
            report.add_reason(outcome, code, reason.as_deref(), count);
        }
        for (code, (problem, count)) in self.failures {
            report.add_reason("failed", code, problem.as_deref(), count);
        }
        report.sort_reasons();
        let costs = self.costs.into_iter();
        report.costs = costs
            .map(|((category, pricing_type, billable), count)| Cost { category, pricing_type, billable, count })
            .collect();
        report.costs.sort_by_key(|cost| std::cmp::Reverse(cost.count));
    }
}

/// Forgets messages that have an outcome, and claims that nobody has any more; says how many messages those were.
pub(super) async fn purge(line: &Line, campaign: u64, purge: &Purge, now_ms: u64) -> Result<u64, Unusable> {
    let before_ms = purge.older_than_ms.map(|age_ms| now_ms.saturating_sub(age_ms));
    let is_meant = |message: &Message| {
        let at_ms = if message.outcome.is_some() { message.at_ms } else { message.since_ms };
        message.state.is_none()
            && purge.recipient.as_ref().is_none_or(|recipient| *recipient == message.to)
            && before_ms.is_none_or(|before_ms| at_ms < before_ms)
    };
    let mut reader = Reader::new(line, campaign, 0).await?;
    let mut removed = 0;
    while let Some(page) = reader.page().await? {
        let numbers: Vec<u64> =
            page.into_iter().filter(|(_, message)| is_meant(message)).map(|(number, _)| number).collect();
        if !numbers.is_empty() {
            removed += line.run::<u64>(&PURGE, |call| _ = call.key(reader.names.all()).arg(&numbers)).await?;
        }
    }
    Ok(removed)
}
