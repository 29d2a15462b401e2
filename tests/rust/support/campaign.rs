//! What campaigns do, wherever their journal is: in a file or on a server.
#![allow(clippy::unwrap_used, clippy::panic, reason = "tests")]

use std::sync::Mutex;

use futures_util::StreamExt as _;
use serde_json::json;
use wacloud::bulk::{Bulk, BulkMessage, BulkOptions, BulkProgress, BulkResult};
use wacloud::client::OnUnknown;
use wacloud::journal::{Journal, JournalRow};
use wacloud::outcome::Outcome;
use wacloud::{Client, Error, Event, Level, Message, Observer, webhook};
use wacloud_sandbox::{Fault, FaultKind, Sandbox};

use super::{client, sandbox, until};

/// Keeps warnings.
#[derive(Default)]
pub(crate) struct Warnings(pub(crate) Mutex<Vec<String>>);

impl Observer for Warnings {
    fn wants(&self, level: Level) -> bool {
        level >= Level::Warning
    }

    fn observe(&self, event: &Event) {
        if let Event::Warning { subject: "journal", message } = event {
            self.0.lock().unwrap().push(message.clone());
        }
    }
}

/// Where a journal is kept.
#[derive(Clone)]
pub(crate) struct Kept {
    pub(crate) place: String,
    /// Left out where the place has a name for it.
    pub(crate) campaign: Option<String>,
}

impl Kept {
    pub(crate) fn options(&self) -> BulkOptions {
        BulkOptions { journal: Some(self.place.clone()), campaign: self.campaign.clone(), ..BulkOptions::default() }
    }

    pub(crate) fn journal(&self) -> Journal {
        Journal::open(&self.place, self.campaign.as_deref()).unwrap()
    }

    pub(crate) async fn rows(&self) -> Vec<JournalRow> {
        self.journal().rows(0, 1_000).await.unwrap()
    }
}

pub(crate) fn to(n: usize) -> String {
    format!("+1555{n:07}")
}

pub(crate) fn message(n: usize) -> Message {
    Message::text(to(n), format!("Hello {n}"))
}

pub(crate) fn unlimited(sandbox: &Sandbox) -> Client {
    client(&sandbox.url(), |settings| settings.rate = Some(0.0.into()))
}

pub(crate) fn fail(sandbox: &Sandbox, fault: Fault) {
    sandbox.add_fault(fault).unwrap();
}

/// Sends all, and returns what was told, by place, and how far it came.
pub(crate) async fn run<M: Into<BulkMessage>>(
    client: &Client,
    messages: impl IntoIterator<Item = M>,
    options: &BulkOptions,
) -> (Vec<BulkResult>, BulkProgress) {
    let messages: Vec<BulkMessage> = messages.into_iter().map(Into::into).collect();
    let mut results = client.send_bulk_with(messages, options);
    let mut told = Vec::new();
    while let Some(result) = results.next().await {
        told.push(result);
    }
    told.sort_by_key(|result| result.index);
    (told, results.progress())
}

/// Accepted, rejected, not sent, unknown, and how many of them were replayed.
pub(crate) fn counts(results: &[BulkResult]) -> [usize; 5] {
    let of = |outcome| results.iter().filter(|result| result.outcome() == outcome).count();
    let replayed = results.iter().filter(|result| result.replayed).count();
    [of(Outcome::Accepted), of(Outcome::Rejected), of(Outcome::NotSent), of(Outcome::Unknown), replayed]
}

pub(crate) fn statuses(rows: &[(&str, Option<&str>, &str)]) -> Vec<wacloud::WebhookEvent> {
    let statuses: Vec<_> = rows
        .iter()
        .map(|(wamid, tracker, status)| {
            json!({"id": wamid, "status": status, "timestamp": "1764300000", "recipient_id": "15550000001",
                "biz_opaque_callback_data": tracker,
                "pricing": {"billable": true, "pricing_model": "PMP", "category": "utility", "type": "regular"},
                "errors": if *status == "failed" {
                    json!([{"code": 131_026, "title": "Message undeliverable", "message": "Message undeliverable"}])
                } else { json!([]) }})
        })
        .collect();
    let body = json!({"object": "whatsapp_business_account", "entry": [{"id": "2", "changes": [{"field": "messages",
        "value": {"metadata": {"phone_number_id": "1"}, "statuses": statuses}}]}]});
    webhook::parse(body.to_string().as_bytes()).unwrap()
}

pub(crate) async fn the_same_call_again_sends_nothing_twice(place: &Kept) {
    let sandbox = sandbox().await;
    let client = unlimited(&sandbox);
    let (first, progress) = run(&client, (0..100).map(message), &place.options()).await;
    assert_eq!(counts(&first), [100, 0, 0, 0, 0]);
    assert_eq!((progress.new_keys, progress.replayed), (100, 0));
    // Some are gone, the order is another one, there are new ones.
    let list = (50..120).rev().chain(0..40);
    let (second, progress) = run(&client, list.map(message), &place.options()).await;
    assert_eq!(counts(&second), [110, 0, 0, 0, 90]);
    assert_eq!((progress.new_keys, progress.replayed), (20, 90));
    let ids = |results: &[BulkResult]| -> std::collections::BTreeMap<String, String> {
        let sent = results.iter().map(|result| result.result.as_ref().unwrap());
        sent.map(|sent| (sent.to.clone(), sent.id.clone())).collect()
    };
    let (before, now) = (ids(&first), ids(&second));
    assert!(before.iter().all(|(to, id)| now.get(to).is_none_or(|replayed| replayed == id)));
    assert_eq!(sandbox.counters().accepted, 120);
    assert!(first[7].result.as_ref().unwrap().tracker.as_ref().unwrap().starts_with("wacj-"));
    let replayed = second.iter().find(|result| result.replayed).unwrap().result.as_ref().unwrap();
    let original = first.iter().filter_map(|result| result.result.as_ref().ok()).find(|sent| sent.id == replayed.id);
    assert_eq!(original.unwrap(), replayed);
}

pub(crate) async fn equal_messages_are_as_many_as_the_list_has(place: &Kept) {
    let sandbox = sandbox().await;
    let client = client(&sandbox.url(), |settings| {
        settings.rate = Some(0.0.into());
        settings.pair_rate = Some(0.0);
    });
    let list = || [1, 1, 2, 1].map(message);
    let (told, _) = run(&client, list(), &place.options()).await;
    let keys: Vec<_> = told.iter().map(|result| result.key.clone().unwrap()).collect();
    assert_eq!(keys.iter().map(|key| key.rsplit_once('.').unwrap().1).collect::<Vec<_>>(), ["1", "2", "1", "3"]);
    let (told, progress) = run(&client, list().into_iter().chain([message(1)]), &place.options()).await;
    assert_eq!(counts(&told), [5, 0, 0, 0, 4]);
    assert_eq!((progress.new_keys, sandbox.counters().accepted), (1, 5));
}

pub(crate) async fn a_key_stands_for_its_message_whatever_that_says(place: &Kept) {
    let sandbox = sandbox().await;
    let client = unlimited(&sandbox);
    let keyed = |text: &'static str| [7, 8].map(move |n| (format!("order {n}"), Message::text(to(n), text)));
    run(&client, keyed("It is on its way."), &place.options()).await;
    let (told, _) = run(&client, keyed("It has left."), &place.options()).await;
    assert_eq!((counts(&told), told[0].key.as_deref()), ([2, 0, 0, 0, 2], Some("order 7")));
    let twice = [("order 9", message(9)), ("order 9", message(10)), ("", message(11))];
    let (told, _) = run(&client, twice, &place.options()).await;
    assert_eq!(counts(&told), [1, 0, 2, 0, 0]);
    let Err(Error::Validation(invalid)) = &told[1].result else { panic!("{told:?}") };
    assert_eq!((invalid.violations[0].path.as_str(), invalid.violations[0].rule.as_str()), ("key", "unique"));
    assert!(told[2].result.as_ref().unwrap_err().to_string().contains("1 to 200 characters"));
    assert_eq!(sandbox.counters().accepted, 3);
}

pub(crate) async fn what_was_refused_stays_unless_it_was_not_about_the_message(place: &Kept) {
    let sandbox = sandbox().await;
    let client = unlimited(&sandbox);
    fail(&sandbox, Fault { to: Some(to(1)), ..Fault::graph_error(131_026) });
    let (told, _) = run(&client, (0..3).map(message), &place.options()).await;
    assert_eq!(counts(&told), [2, 1, 0, 0, 0]);
    let (told, _) = run(&client, (0..3).map(message), &place.options()).await;
    assert_eq!(counts(&told), [2, 1, 0, 0, 3]);
    let Err(Error::Api(refusal)) = &told[1].result else { panic!("{told:?}") };
    assert_eq!((refusal.error.code, refusal.class_name()), (Some(131_026), "RecipientError"));
    let (told, _) =
        run(&client, (0..3).map(message), &BulkOptions { retry_rejected: Some(true), ..place.options() }).await;
    assert_eq!(counts(&told), [3, 0, 0, 0, 2]);
    // A dead token is no answer about anybody.
    fail(&sandbox, Fault::graph_error(190));
    let options = BulkOptions { window: Some(1), ..place.options() };
    let (told, _) = run(&client, (0..6).map(message), &options).await;
    assert_eq!(counts(&told), [3, 1, 0, 0, 3]);
    let (told, _) = run(&client, (0..6).map(message), &place.options()).await;
    assert_eq!(counts(&told), [6, 0, 0, 0, 3]);
    assert_eq!(sandbox.counters().accepted, 6);
}

pub(crate) async fn what_is_unknown_stays_so_until_a_webhook_settles_it(place: &Kept) {
    let sandbox = sandbox().await;
    let client = unlimited(&sandbox);
    fail(&sandbox, Fault { to: Some(to(1)), ..Fault::new(FaultKind::ResetAfter) });
    let (told, _) = run(&client, (0..3).map(message), &place.options()).await;
    assert_eq!(counts(&told), [2, 0, 0, 1, 0]);
    let (told, _) = run(&client, (0..3).map(message), &place.options()).await;
    assert_eq!(counts(&told), [2, 0, 0, 1, 3]);
    let tracker = told[1].result.as_ref().unwrap_err().tracker().unwrap().to_owned();
    let journal = place.journal();
    // Of another journal, of nobody, and of a message that is known.
    let known = told[0].result.as_ref().unwrap();
    let others = statuses(&[("wamid.X", Some("wacj-2-00ff"), "sent"), ("wamid.Y", None, "sent")]);
    assert_eq!(journal.observe(&others).await.unwrap().others, 2);
    let events = statuses(&[
        ("wamid.B", Some(&tracker), "read"),
        ("wamid.B", Some(&tracker), "delivered"),
        ("wamid.B", Some(&tracker), "delivered"),
        (&known.id, known.tracker.as_deref(), "sent"),
        (&known.id, known.tracker.as_deref(), "failed"),
    ]);
    let observed = journal.observe(&events).await.unwrap();
    assert_eq!((observed.settled, observed.sent, observed.delivered, observed.read), (1, 1, 1, 1));
    assert_eq!((observed.failed, observed.repeated, observed.others), (1, 1, 0));
    let (told, _) = run(&client, (0..3).map(message), &place.options()).await;
    assert_eq!(counts(&told), [3, 0, 0, 0, 3]);
    assert_eq!(told[1].result.as_ref().unwrap().id, "wamid.B");
    let report = journal.report().await.unwrap();
    assert_eq!((report.campaign.as_str(), report.runs, report.messages), ("spring", 3, 3));
    assert_eq!((report.accepted, report.sent, report.delivered, report.read, report.failed), (3, 2, 1, 1, 1));
    assert_eq!((report.costs[0].category.as_str(), report.costs[0].count), ("utility", 2));
    let failed = report.reasons.iter().find(|reason| reason.outcome == "failed").unwrap();
    assert_eq!((failed.code, failed.count), (Some(131_026), 1));
    assert!(!failed.help.is_empty());
    assert_eq!(sandbox.counters().accepted, 3);
}

pub(crate) async fn consent_sends_what_is_unknown_again(place: &Kept) {
    let sandbox = sandbox().await;
    let client = unlimited(&sandbox);
    fail(&sandbox, Fault { to: Some(to(1)), ..Fault::new(FaultKind::ResetAfter) });
    run(&client, (0..2).map(message), &place.options()).await;
    let consenting = super::client(&sandbox.url(), |settings| {
        settings.rate = Some(0.0.into());
        settings.on_unknown = Some(OnUnknown::Resend);
        settings.max_retries = Some(0);
    });
    // Refused now, an earlier copy may have been accepted all the same.
    fail(&sandbox, Fault { to: Some(to(1)), ..Fault::graph_error(131_026) });
    let (told, _) = run(&consenting, (0..2).map(message), &place.options()).await;
    assert_eq!(counts(&told), [1, 0, 0, 1, 1]);
    let (told, _) = run(&consenting, (0..2).map(message), &place.options()).await;
    assert_eq!(counts(&told), [2, 0, 0, 0, 1]);
}

pub(crate) async fn a_wrong_number_is_mended(place: &Kept) {
    let sandbox = sandbox().await;
    let wrong = super::client(&sandbox.url(), |settings| {
        settings.rate = Some(0.0.into());
        settings.phone_number_id = "999".to_owned();
    });
    let (told, _) = run(&wrong, (0..3).map(message), &place.options()).await;
    let [accepted, rejected, _, unknown, _] = counts(&told);
    assert!((accepted, unknown) == (0, 0) && rejected > 0, "{told:?}");
    let client = unlimited(&sandbox);
    let (told, _) = run(&client, (0..3).map(message), &place.options()).await;
    assert_eq!(counts(&told)[..4], [3, 0, 0, 0]);
    assert_eq!(place.journal().report().await.unwrap().phone_number_id, client.phone_number_id());
    // Now something went out, and it is the other number's turn to be refused.
    let mut results = wrong.send_bulk_with((0..3).map(message), &place.options());
    assert!(results.next().await.is_none());
    assert!(results.stopped_by().unwrap().to_string().contains("was begun with number"));
    assert_eq!(sandbox.counters().accepted, 3);
}

/// Pushes items as the language packages do. What was told, and why it stopped.
pub(crate) async fn push(client: &Client, items: &str, options: &BulkOptions) -> (Vec<BulkResult>, Option<String>) {
    let bulk = Bulk::start(client.clone(), options);
    bulk.push_json(items).unwrap();
    bulk.finish();
    let mut told = Vec::new();
    while let Some(chunk) = bulk.next().await {
        told.extend(chunk.results);
    }
    (told, bulk.stopped_by().map(ToString::to_string))
}

pub(crate) async fn what_is_pushed_is_journaled_as_well(place: &Kept) {
    let sandbox = sandbox().await;
    let client = unlimited(&sandbox);
    let items = r#"[["send_text",{"to":"+15550000001","body":"a"},"k1"],["send_text",{"to":"+15550000002","body":"b"}],
        ["send_text",{"to":"nobody","body":"c"},"k3"],["send_text",{"to":"nobody","body":"c"}]]"#;
    let (told, _) = push(&client, items, &place.options()).await;
    assert_eq!(counts(&told), [2, 0, 2, 0, 0]);
    let (told, _) = push(&client, items, &place.options()).await;
    assert_eq!(counts(&told), [2, 0, 2, 0, 2]);
    let rows = place.rows().await;
    let invalid = rows.iter().find(|row| row.key == "k3").unwrap();
    assert_eq!((invalid.outcome.as_str(), invalid.reason.as_deref()), ("not_sent", Some("ValidationError")));
}

fn consenting(sandbox: &Sandbox, rate: f64) -> Client {
    client(&sandbox.url(), |settings| {
        settings.rate = Some(rate.into());
        settings.on_unknown = Some(OnUnknown::Resend);
    })
}

/// What the webhooks of all that arrived at Meta say.
fn delivered(sandbox: &Sandbox) -> Vec<wacloud::WebhookEvent> {
    let ledger = sandbox.ledger();
    let rows: Vec<_> = ledger.iter().map(|sent| (&*sent.id, sent.tracker.as_deref(), "delivered")).collect();
    statuses(&rows)
}

pub(crate) async fn what_is_settled_while_it_waits_is_not_sent_again(place: &Kept) {
    let sandbox = sandbox().await;
    fail(&sandbox, Fault { times: 3, ..Fault::new(FaultKind::ResetAfter) });
    let (told, _) = run(&unlimited(&sandbox), (0..3).map(message), &place.options()).await;
    assert_eq!((counts(&told), sandbox.counters().accepted), ([0, 0, 0, 3, 0], 3));
    let first = delivered(&sandbox);
    // One a second: webhooks come while the second and the third wait.
    let second = tokio::spawn({
        let (client, options) = (consenting(&sandbox, 1.0), place.options());
        async move { run(&client, (0..3).map(message), &options).await.0 }
    });
    until("the first one was sent again", || sandbox.counters().accepted == 4).await;
    assert!(place.journal().observe(&first).await.unwrap().settled >= 2);
    let told = second.await.unwrap();
    assert_eq!((counts(&told), sandbox.counters().accepted), ([3, 0, 0, 0, 2], 4));
    let ledger = sandbox.ledger();
    for told in told.iter().filter(|told| told.replayed) {
        let (sent, first) = (told.result.as_ref().unwrap(), ledger.iter().find(|sent| sent.to == to_of(told)).unwrap());
        assert_eq!((&sent.id, sent.tracker.as_deref()), (&first.id, first.tracker.as_deref()));
    }
    let (told, _) = run(&consenting(&sandbox, 0.0), (0..3).map(message), &place.options()).await;
    assert_eq!((counts(&told), sandbox.counters().accepted), ([3, 0, 0, 0, 3], 4));
}

fn to_of(told: &BulkResult) -> String {
    told.result.as_ref().unwrap().to.clone()
}

pub(crate) async fn what_is_settled_between_two_attempts_is_not_sent_again(place: &Kept) {
    let sandbox = sandbox().await;
    fail(&sandbox, Fault::new(FaultKind::ResetAfter));
    // A second attempt comes after a second or more.
    let sending = tokio::spawn({
        let (client, options) = (consenting(&sandbox, 0.0), place.options());
        async move { run(&client, [message(1)], &options).await.0 }
    });
    until("it was accepted", || sandbox.counters().accepted == 1).await;
    assert_eq!(place.journal().observe(&delivered(&sandbox)).await.unwrap().settled, 1);
    let told = sending.await.unwrap();
    assert_eq!((counts(&told), sandbox.counters().accepted), ([1, 0, 0, 0, 0], 1));
    assert_eq!(told[0].result.as_ref().unwrap().id, sandbox.ledger()[0].id);
    let rows = place.rows().await;
    assert_eq!((rows.len(), rows[0].outcome.as_str(), rows[0].delivered_at_ms.is_some()), (1, "accepted", true));
    let (told, _) = run(&unlimited(&sandbox), [message(1)], &place.options()).await;
    assert_eq!((counts(&told), sandbox.counters().accepted), ([1, 0, 0, 0, 1], 1));
}
