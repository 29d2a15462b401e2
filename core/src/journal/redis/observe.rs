//! What webhooks tell of messages on a server.

use serde::{Deserialize, Serialize};

use super::message::{Message, nonce_text};
use super::names::{self, Names};
use super::scripts::OBSERVE;
use crate::journal::Observed;
use crate::journal::kept::NO_TRACKER;
use crate::journal::news::{JournalNews, Step};
use crate::journal::tracker::Name;
use crate::store::{Line, Unusable};

/// So many that have the same tracker of the sender's own and no id yet are looked through.
const LOOKED_THROUGH: isize = 10_000;
/// So many scripts are asked for at once.
const AT_ONCE: usize = 64;

/// Where a message is. The number in its tracker, if that led there.
struct Found {
    id: u64,
    nonce: Option<u64>,
}

#[derive(Deserialize)]
#[serde(tag = "is", rename_all = "snake_case")]
enum Answer {
    Noted { settles: bool, is_fresh: bool },
    Other,
}

/// What a status says beside its time, as the script takes it.
#[derive(Serialize)]
struct More<'n> {
    #[serde(skip_serializing_if = "Option::is_none")]
    code: Option<i64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    problem: Option<&'n str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    category: Option<&'n str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pricing_type: Option<&'n str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    billable: Option<bool>,
}

/// Takes all in. Where it fails in the middle, the same again does no harm.
pub(super) async fn all(line: &Line, news: &[JournalNews], now_ms: u64) -> Result<Observed, Unusable> {
    let mut observed = Observed::default();
    // In any order, as they come from Meta.
    for some in news.chunks(AT_ONCE) {
        let told = some.iter().map(|news| one(line, news, now_ms));
        for told in futures_util::future::try_join_all(told).await? {
            count(&mut observed, told.as_ref());
        }
    }
    Ok(observed)
}

fn count(observed: &mut Observed, told: Option<&(Step, Answer)>) {
    let Some((step, Answer::Noted { settles, is_fresh })) = told else {
        observed.others += 1;
        return;
    };
    observed.settled += u64::from(*settles);
    let count = match step {
        _ if !*is_fresh => &mut observed.repeated,
        Step::Sent => &mut observed.sent,
        Step::Delivered => &mut observed.delivered,
        Step::Read => &mut observed.read,
        Step::Failed => &mut observed.failed,
    };
    *count += 1;
}

async fn one(line: &Line, news: &JournalNews, now_ms: u64) -> Result<Option<(Step, Answer)>, Unusable> {
    let Some((step, wamid)) = news.step() else { return Ok(None) };
    let Some(Found { id, nonce }) = find(line, news, wamid).await? else { return Ok(None) };
    let (campaign, number) = names::parts(id);
    let member = match step {
        Step::Sent => "sent_ms",
        Step::Delivered => "delivered_ms",
        Step::Read => "read_ms",
        Step::Failed => "failed_ms",
    };
    let more = More {
        code: news.code,
        problem: news.problem.as_deref(),
        category: news.category.as_deref(),
        pricing_type: news.pricing_type.as_deref(),
        billable: news.billable,
    };
    // It is strings and numbers, which cannot fail to become JSON.
    let more = serde_json::to_string(&more).unwrap_or_else(|_| "{}".to_owned());
    let answer = line.run(&OBSERVE, |call| {
        call.key(Names::of(campaign).all()).arg(number).arg(nonce.map(nonce_text).unwrap_or_default());
        call.arg(wamid).arg(news.at_ms(now_ms)).arg(member).arg(&more);
    });
    Ok(Some((step, answer.await?)))
}

async fn find(line: &Line, news: &JournalNews, wamid: &str) -> Result<Option<Found>, Unusable> {
    let tracker = news.tracker.as_deref();
    if let Some(name) = tracker.and_then(Name::of_tracker) {
        return Ok(Some(Found { id: name.id, nonce: Some(name.nonce) }));
    }
    // With a tracker of the sender's own, or none: by the id, if the answer told it.
    let campaigns: Vec<u64> = super::campaigns(line).await?.into_iter().map(|(_, number)| number).collect();
    if let [id, ..] = by_index(line, &campaigns, 'w', wamid).await?[..] {
        return Ok(Some(Found { id, nonce: None }));
    }
    let Some(tracker) = tracker.filter(|tracker| *tracker != NO_TRACKER) else { return Ok(None) };
    by_own_tracker(line, &campaigns, news, tracker).await
}

/// By a tracker that the sender made, who may have given the same to several: only where there is no doubt.
async fn by_own_tracker(
    line: &Line,
    campaigns: &[u64],
    news: &JournalNews,
    tracker: &str,
) -> Result<Option<Found>, Unusable> {
    let mut only = None;
    for id in by_index(line, campaigns, 't', tracker).await? {
        let (campaign, number) = names::parts(id);
        let (text,): (Option<Vec<u8>>,) = line.ask(redis::pipe().hget(Names::of(campaign).messages(), number)).await?;
        let message: Option<Message> = text.and_then(|text| serde_json::from_slice(&text).ok());
        let is_it = message.is_some_and(|message| message.wamid.is_none() && news.is_for(&message.to));
        if is_it && only.replace(Found { id, nonce: None }).is_some() {
            return Ok(None);
        }
    }
    Ok(only)
}

/// The messages that an index has under a name, in all campaigns.
async fn by_index(line: &Line, campaigns: &[u64], kind: char, name: &str) -> Result<Vec<u64>, Unusable> {
    let begin = format!("{kind}{name}\0");
    let mut pipe = redis::pipe();
    for campaign in campaigns {
        let (from, to) = (format!("[{begin}"), format!("({kind}{name}\u{1}"));
        pipe.zrangebylex_limit(Names::of(*campaign).index(), from, to, 0, LOOKED_THROUGH);
    }
    if campaigns.is_empty() {
        return Ok(Vec::new());
    }
    let found: Vec<Vec<String>> = line.ask(&pipe).await?;
    let of_campaign = |(campaign, members): (&u64, Vec<String>)| {
        let numbers = members.into_iter().filter_map(|member| member.strip_prefix(&begin)?.parse().ok());
        numbers.map(|number| names::id(*campaign, number)).collect::<Vec<_>>()
    };
    Ok(campaigns.iter().zip(found).flat_map(of_campaign).collect())
}
