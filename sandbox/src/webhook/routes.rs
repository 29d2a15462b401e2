//! The control API of webhooks, customers and the clock.

use std::time::Duration;

use bytes::Bytes;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value, json};

use super::delivery::{Delivery, WebhookFilter};
use super::envelope::{Item, List};
use super::queue::Waiting;
use super::settings::Webhook;
use super::wire::Caller;
use super::worker::flush;
use crate::Error;
use crate::control::{Input, Route, Run, from_body, from_query, ok};
use crate::customer::{Written, write as write_message};
use crate::graph::Answer;
use crate::ledger::newest;
use crate::state::{Inside, Shared};

pub(crate) static ROUTES: &[Route] = &[
    ("/_sandbox/webhook", "GET", Run::Now(|shared, _| Ok(ok(&subscription(&shared.lock()))))),
    ("/_sandbox/webhook", "PUT", Run::Later(|shared, input| Box::pin(put(shared, input)))),
    ("/_sandbox/webhook", "DELETE", Run::Later(|shared, _| Box::pin(delete(shared)))),
    ("/_sandbox/webhooks", "GET", Run::Now(list)),
    ("/_sandbox/webhooks", "POST", Run::Now(post_raw)),
    ("/_sandbox/webhooks/flush", "POST", Run::Later(|shared, input| Box::pin(flushed(shared, input)))),
    ("/_sandbox/customer", "GET", Run::Now(written)),
    ("/_sandbox/customer", "POST", Run::Now(customer)),
    ("/_sandbox/clock", "GET", Run::Now(|shared, _| Ok(ok(&clock(&shared.lock()))))),
    ("/_sandbox/clock", "POST", Run::Now(advance)),
];

/// The subscription and how far it is.
fn subscription(inside: &Inside) -> Value {
    let (webhook, webhooks) = (&inside.settings.webhook, &inside.webhooks);
    let mut all = serde_json::to_value(webhook).unwrap_or_default();
    all["subscribed"] = (webhook.url.is_some() && webhooks.verified).into();
    all["problem"] = webhooks.problem().filter(|_| webhook.url.is_some()).into();
    all["pending"] = webhooks.waiting().into();
    all["dropped"] = webhooks.dropped.into();
    all
}

/// Changes the webhook. An address or a verify token that is named has to pass the handshake first.
pub(crate) async fn subscribe(shared: &Shared, patch: &Map<String, Value>) -> Result<(), Error> {
    let mut all = serde_json::to_value(&shared.lock().settings.webhook).map_err(|e| Error::Webhook(e.to_string()))?;
    if let Value::Object(all) = &mut all {
        all.extend(patch.iter().map(|(name, value)| (name.clone(), value.clone())));
    }
    let webhook: Webhook = serde_json::from_value(all).map_err(|e| Error::Settings(format!("webhook: {e}")))?;
    webhook.check()?;
    let asks = webhook.url.is_some() && (patch.contains_key("url") || patch.contains_key("verify_token"));
    if asks {
        Caller::new().handshake(&webhook).await?;
    }
    let mut inside = shared.lock();
    if webhook.url.is_none() {
        inside.webhooks.give_up();
    }
    inside.webhooks.verified = webhook.url.is_some() && (asks || inside.webhooks.verified);
    inside.settings.webhook = webhook;
    inside.webhooks.wake.notify_one();
    Ok(())
}

async fn put(shared: &Shared, input: Input) -> Result<Answer, Error> {
    let patch: Map<String, Value> = from_body(&input.body)?;
    subscribe(shared, &patch).await?;
    Ok(ok(&subscription(&shared.lock())))
}

async fn delete(shared: &Shared) -> Result<Answer, Error> {
    let nowhere = Map::from_iter([("url".to_owned(), Value::Null)]);
    subscribe(shared, &nowhere).await?;
    Ok(ok(&subscription(&shared.lock())))
}

/// The POSTs that the filter lets through.
pub(crate) fn deliveries(shared: &Shared, filter: &WebhookFilter) -> Vec<Delivery> {
    shared.lock().webhooks.deliveries(filter)
}

fn list(shared: &Shared, input: &Input) -> Result<Answer, Error> {
    let filter: WebhookFilter = from_query(&input.query)?;
    Ok(ok(&one_list("webhooks", &deliveries(shared, &filter))))
}

fn one_list<'a, T: Serialize>(name: &'static str, items: &'a [T]) -> impl Serialize + 'a {
    std::collections::BTreeMap::from([(name, items)])
}

/// Signs and sends this body, byte for byte. The index of the POST.
pub(crate) fn post(shared: &Shared, body: Bytes) -> Result<u64, Error> {
    let mut inside = shared.lock();
    if inside.settings.webhook.url.is_none() {
        return Err(nobody_listens());
    }
    has_room(&inside)?;
    let (now_ms, repeat) = (inside.clock.now_ms(), inside.settings.webhook.repeat);
    let index = inside.webhooks.add(body, now_ms, repeat);
    inside.webhooks.wake.notify_one();
    Ok(index)
}

fn nobody_listens() -> Error {
    Error::Webhook("none is subscribed; PUT /_sandbox/webhook {\"url\": …} does that".to_owned())
}

fn has_room(inside: &Inside) -> Result<(), Error> {
    if inside.webhooks.has_room() {
        return Ok(());
    }
    Err(Error::Webhook(format!("{} of them wait already; is your server running?", inside.webhooks.waiting())))
}

fn post_raw(shared: &Shared, input: &Input) -> Result<Answer, Error> {
    let index = post(shared, input.body.clone())?;
    Ok(Answer::json(201, &json!({"index": index})))
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields, default)]
struct Flush {
    timeout_ms: u64,
}

impl Default for Flush {
    fn default() -> Self {
        Self { timeout_ms: 10_000 }
    }
}

async fn flushed(shared: &Shared, input: Input) -> Result<Answer, Error> {
    let Flush { timeout_ms } = if input.body.is_empty() { Flush::default() } else { from_body(&input.body)? };
    let pending = flush(shared, Duration::from_millis(timeout_ms)).await;
    Ok(ok(&json!({"pending": pending})))
}

/// Writes a message as a customer.
pub(crate) fn write(shared: &Shared, request: &Value) -> Result<Written, Error> {
    let mut inside = shared.lock();
    has_room(&inside)?;
    let written = write_message(&mut inside, request)?;
    if inside.settings.webhook.is_subscribed()
        && let Some(number) = inside.settings.phone_number(&written.phone_number_id).cloned()
    {
        let contacts = Some(written.contact.clone()).filter(|contact| !contact.is_null());
        let values = vec![written.message.clone()];
        let item = Item { number, list: List::Messages, contacts: contacts.into_iter().collect(), values };
        inside.webhooks.put(Waiting::Item { item: Box::new(item), at_ms: written.at });
        inside.webhooks.wake.notify_one();
    }
    Ok(written)
}

/// One message, or a list of them: all are written, or those before the first mistake.
fn customer(shared: &Shared, input: &Input) -> Result<Answer, Error> {
    match from_body::<Value>(&input.body)? {
        Value::Array(requests) => {
            let written = requests.iter().map(|request| write(shared, request)).collect::<Result<Vec<_>, _>>()?;
            Ok(Answer::json(201, &json!({"messages": written})))
        }
        request => Ok(Answer::json(201, &write(shared, &request)?)),
    }
}

#[derive(Deserialize, Default)]
#[serde(deny_unknown_fields, default)]
struct WrittenFilter {
    after: Option<u64>,
    limit: Option<usize>,
}

fn written(shared: &Shared, input: &Input) -> Result<Answer, Error> {
    let filter: WrittenFilter = from_query(&input.query)?;
    let lets = |one: &Written| filter.after.is_none_or(|after| one.index > after);
    let written = newest(&shared.lock().written, filter.limit, lets);
    Ok(ok(&crate::control::json_list("messages", &written)))
}

fn clock(inside: &Inside) -> Value {
    json!({"now_ms": inside.clock.now_ms(), "ahead_ms": inside.clock.ahead_ms()})
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Advance {
    advance_ms: u64,
}

fn advance(shared: &Shared, input: &Input) -> Result<Answer, Error> {
    let Advance { advance_ms } = from_body(&input.body)?;
    let mut inside = shared.lock();
    inside.clock.advance(Duration::from_millis(advance_ms));
    inside.webhooks.wake.notify_one();
    Ok(ok(&clock(&inside)))
}
