//! A campaign that several workers send, with a journal on a server. A worker is a client with a `Shared` of its own here: it
//! has its own connections, as a process has.
#![allow(clippy::unwrap_used, clippy::panic, missing_docs, reason = "tests")]

mod support;

use std::collections::BTreeSet;
use std::sync::Arc;
use std::time::Duration;

use futures_util::StreamExt as _;
use support::campaign::{self, Kept, Warnings, counts, fail, message, run, statuses, to, unlimited};
use support::redis::RedisServer;
use support::{client, sandbox, say, until};
use wacloud::bulk::{BulkOptions, BulkResult};
use wacloud::journal::{Journal, Purge};
use wacloud::message::Tracker;
use wacloud::outcome::Outcome;
use wacloud::{Error, Message, NotSentReason};
use wacloud_sandbox::{Fault, FaultKind, Sandbox};

/// The leases of the first campaign of a server.
const LEASES: &str = "wacloud:{journal:1}:leases";

fn kept(server: &RedisServer) -> Kept {
    Kept { place: server.url(), campaign: Some("spring".to_owned()) }
}

/// As if every worker that is there had said nothing for 30 seconds.
fn end_all_leases(server: &RedisServer) {
    server.ask(&["DEL", LEASES]);
}

fn is_claimed(result: &BulkResult) -> bool {
    matches!(&result.result, Err(Error::NotSent(error)) if error.reason == NotSentReason::Claimed)
}

fn recipients(sandbox: &Sandbox) -> Vec<String> {
    sandbox.ledger().iter().map(|message| message.to.clone()).collect()
}

fn assert_nobody_got_two(sandbox: &Sandbox) {
    let all = recipients(sandbox);
    assert_eq!(all.iter().collect::<BTreeSet<_>>().len(), all.len());
}

macro_rules! campaigns {
    ($($name:ident),*) => {
        $(#[tokio::test]
        async fn $name() {
            let Some(server) = RedisServer::start(&[]) else { return };
            campaign::$name(&kept(&server)).await;
        })*
    };
}

campaigns!(
    the_same_call_again_sends_nothing_twice,
    equal_messages_are_as_many_as_the_list_has,
    a_key_stands_for_its_message_whatever_that_says,
    what_was_refused_stays_unless_it_was_not_about_the_message,
    what_is_unknown_stays_so_until_a_webhook_settles_it,
    consent_sends_what_is_unknown_again,
    what_is_settled_while_it_waits_is_not_sent_again,
    what_is_settled_between_two_attempts_is_not_sent_again,
    what_is_pushed_is_journaled_as_well
);

/// A server of a cluster refuses scripts whose keys belong to different servers.
#[tokio::test]
async fn scripts_touch_only_what_a_cluster_keeps_together() {
    let directory = std::env::temp_dir().join(format!("wacloud-cluster-{:016x}", fastrand::u64(..)));
    std::fs::create_dir(&directory).unwrap();
    let place = directory.display().to_string();
    let Some(server) = RedisServer::start(&["--cluster-enabled", "yes", "--dir", &place]) else { return };
    server.ask(&["CLUSTER", "ADDSLOTSRANGE", "0", "16383"]);
    until("the cluster works", || server.ask(&["CLUSTER", "INFO"])[0].contains("cluster_state:ok")).await;
    campaign::what_is_unknown_stays_so_until_a_webhook_settles_it(&kept(&server)).await;
    let other = Kept { campaign: Some("autumn".to_owned()), ..kept(&server) };
    campaign::what_was_refused_stays_unless_it_was_not_about_the_message(&other).await;
    tokio::time::sleep(Duration::from_millis(2)).await;
    let purge = Purge { older_than_ms: Some(0), ..Purge::default() };
    assert_eq!(Journal::open(&server.url(), None).unwrap().purge(purge).await.unwrap(), 9);
    drop(server);
    std::fs::remove_dir_all(&directory).unwrap();
}

#[tokio::test]
async fn a_campaign_that_was_begun_with_a_wrong_number_goes_on_with_the_right_one() {
    let Some(server) = RedisServer::start(&[]) else { return };
    campaign::a_wrong_number_is_mended(&kept(&server)).await;
}

#[tokio::test]
async fn a_server_needs_the_name_of_a_campaign() {
    let options = BulkOptions::from_json(r#"{"journal":"redis://127.0.0.1:1/0"}"#).unwrap_err().to_string();
    assert!(options.starts_with("campaign: must be given"), "{options}");
    let Some(server) = RedisServer::start(&[]) else { return };
    let sandbox = sandbox().await;
    let client = unlimited(&sandbox);
    let options = BulkOptions { journal: Some(server.url()), ..BulkOptions::default() };
    let mut results = client.send_bulk_with([message(1)], &options);
    assert!(results.next().await.is_none());
    assert!(results.stopped_by().unwrap().to_string().starts_with("campaign: must be given"));
    let journal = Journal::open(&server.url(), None).unwrap();
    assert!(journal.report().await.unwrap_err().to_string().contains("has none yet"));
    run(&client, [message(1)], &kept(&server).options()).await;
    // Another number must not take it for its own.
    let other = support::client(&sandbox.url(), |settings| settings.phone_number_id = "999".to_owned());
    let mut results = other.send_bulk_with([message(1)], &kept(&server).options());
    assert!(results.next().await.is_none());
    let refusal = results.stopped_by().unwrap().to_string();
    assert!(refusal.starts_with("campaign: spring was begun with number"), "{refusal}");
    assert_eq!(journal.report().await.unwrap().accepted, 1);
    // Another campaign is another matter; then reading has to name it.
    let autumn = Kept { campaign: Some("autumn".to_owned()), ..kept(&server) };
    let (told, _) = run(&client, [message(1)], &autumn.options()).await;
    assert_eq!(counts(&told), [1, 0, 0, 0, 0]);
    assert_eq!(journal.campaigns().await.unwrap(), ["spring", "autumn"]);
    assert!(journal.report().await.unwrap_err().to_string().contains("has several (spring, autumn)"));
    autumn.journal().set_note("list.csv").await.unwrap();
    assert_eq!(autumn.journal().note().await.unwrap().as_deref(), Some("list.csv"));
    assert_eq!(kept(&server).journal().note().await.unwrap(), None);
    let winter = Journal::open(&server.url(), Some("winter")).unwrap();
    assert!(winter.set_note("x").await.unwrap_err().to_string().contains("\"winter\" is not in"));
}

#[tokio::test]
async fn it_holds_no_texts_and_forgets_people() {
    let Some(server) = RedisServer::start(&[]) else { return };
    let sandbox = sandbox().await;
    let client = unlimited(&sandbox);
    let own = |n: usize| message(n).tracker(Tracker::Given(format!("order {n}")));
    run(&client, (0..3).map(own), &kept(&server).options()).await;
    let holds = |text: &str| {
        let parts = ["messages", "numbers", "index", "head"].map(|part| format!("wacloud:{{journal:1}}:{part}"));
        let all = |key: &String| match server.ask(&["TYPE", key])[0].as_str() {
            "zset" => server.ask(&["ZRANGE", key, "0", "-1"]),
            _ => server.ask(&["HGETALL", key]),
        };
        parts.iter().flat_map(all).any(|known| known.contains(text))
    };
    assert!(!holds("Hello") && holds(&to(1)) && holds("order 1"));
    let journal = Journal::open(&server.url(), None).unwrap();
    let forget = async |purge| journal.purge(purge).await;
    assert!(forget(Purge::default()).await.is_err());
    assert_eq!(forget(Purge { recipient: Some(to(1)), ..Purge::default() }).await.unwrap(), 1);
    assert!(!holds(&to(1)) && !holds("order 1") && holds(&to(2)));
    assert_eq!(forget(Purge { older_than_ms: Some(3_600_000), ..Purge::default() }).await.unwrap(), 0);
    tokio::time::sleep(Duration::from_millis(2)).await;
    assert_eq!(forget(Purge { older_than_ms: Some(0), ..Purge::default() }).await.unwrap(), 2);
    assert!(!holds("+1555") && !holds("wamid"));
    let options = BulkOptions { journal_messages: Some(true), ..kept(&server).options() };
    run(&client, (0..1).map(message), &options).await;
    assert_eq!(kept(&server).rows().await[0].message.as_ref().unwrap()["text"]["body"], "Hello 0");
    // What nobody has looked through at once is read in pages.
    run(&client, (0..2_500).map(message), &kept(&server).options()).await;
    let journal = kept(&server).journal();
    let (mut read, mut after) = (0, 0);
    loop {
        let rows = journal.rows(after, 700).await.unwrap();
        let Some(last) = rows.last() else { break };
        assert!(rows.windows(2).all(|pair| pair[0].position < pair[1].position));
        (read, after) = (read + rows.len(), last.position);
    }
    assert_eq!((read, journal.report().await.unwrap().accepted), (2_500, 2_500));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn workers_of_one_campaign_share_its_list() {
    let Some(server) = RedisServer::start(&[]) else { return };
    let sandbox = sandbox().await;
    let options = BulkOptions { window: Some(32), ..kept(&server).options() };
    let work = || {
        let (client, options) = (unlimited(&sandbox), options.clone());
        tokio::spawn(async move { run(&client, (0..600).map(message), &options).await.0 })
    };
    let (one, other) = tokio::join!(work(), work());
    let (one, other) = (one.unwrap(), other.unwrap());
    let sent = |told: &[BulkResult]| told.iter().filter(|told| told.result.is_ok() && !told.replayed).count();
    let claimed = |told: &[BulkResult]| told.iter().filter(|told| is_claimed(told)).count();
    say(&format!("600 messages by two workers: {} and {}", sent(&one), sent(&other)));
    assert_eq!(sent(&one) + sent(&other), 600);
    for told in [&one, &other] {
        let replayed = told.iter().filter(|told| told.replayed).count();
        assert_eq!(sent(told) + replayed + claimed(told), 600);
    }
    assert_eq!(sandbox.counters().accepted, 600);
    assert_nobody_got_two(&sandbox);
    let (told, _) = run(&unlimited(&sandbox), (0..600).map(message), &options).await;
    assert_eq!(counts(&told), [600, 0, 0, 0, 600]);
    let report = kept(&server).journal().report().await.unwrap();
    assert_eq!((report.accepted, report.runs, report.messages, report.in_flight), (600, 3, 600, 0));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_a_dead_worker_had_begun_is_unknown_and_the_rest_is_free() {
    let Some(server) = RedisServer::start(&[]) else { return };
    let sandbox = Arc::new(sandbox().await);
    // The first ten are answered at once, the others after a long time: so many are in flight when it ends.
    for n in 10..20 {
        fail(&sandbox, Fault::delay(60_000).to(to(n)));
    }
    let options = BulkOptions { window: Some(20), ..kept(&server).options() };
    let worker = std::thread::spawn({
        let (url, options) = (sandbox.url(), options.clone());
        let count = sandbox.clone();
        move || {
            let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
            runtime.block_on(async {
                let client = client(&url, |settings| settings.rate = Some(0.0.into()));
                let mut results = client.send_bulk_with((0..20).map(message), &options);
                for _ in 0..10 {
                    results.next().await.unwrap().result.unwrap();
                }
                tokio::select! {
                    _ = results.next() => {}
                    () = until("all have arrived", || count.requests().len() >= 20) => {}
                }
                // Nothing of it runs any more from here on.
                std::mem::forget(results);
            });
            runtime.shutdown_background();
        }
    });
    worker.join().unwrap();
    let again = unlimited(&sandbox);
    let (told, _) = run(&again, (0..30).map(message), &options).await;
    // As long as it might still be there, what it has is left to it.
    assert_eq!((counts(&told), told.iter().filter(|told| is_claimed(told)).count()), ([20, 0, 10, 0, 10], 10));
    let report = kept(&server).journal().report().await.unwrap();
    assert_eq!((report.in_flight, report.unknown, report.messages), (10, 0, 30));
    end_all_leases(&server);
    let report = kept(&server).journal().report().await.unwrap();
    assert_eq!((report.in_flight, report.unknown, report.messages), (0, 10, 30));
    let rows = kept(&server).rows().await;
    assert_eq!(rows.iter().filter(|row| row.reason.as_deref() == Some("interrupted")).count(), 10);
    let (told, _) = run(&again, (0..30).map(message), &options).await;
    assert_eq!(counts(&told), [20, 0, 0, 10, 30]);
    assert_nobody_got_two(&sandbox);
    // Their status webhooks tell.
    let tracker = told[12].result.as_ref().unwrap_err().tracker().unwrap().to_owned();
    let events = statuses(&[("wamid.Z", Some(&tracker), "delivered")]);
    assert_eq!(kept(&server).journal().observe(&events).await.unwrap().settled, 1);
    let (told, _) = run(&again, (0..30).map(message), &options).await;
    assert_eq!(counts(&told), [21, 0, 0, 9, 30]);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn who_slept_through_its_lease_sends_nothing_that_others_have() {
    let Some(server) = RedisServer::start(&[]) else { return };
    let sandbox = sandbox().await;
    // One message a second: the others wait with a claim.
    let slow = client(&sandbox.url(), |settings| settings.rate = Some(1.0.into()));
    let options = kept(&server).options();
    let sleeping = tokio::spawn({
        let options = options.clone();
        async move { run(&slow, (0..4).map(message), &options).await.0 }
    });
    until("it has claimed all", || server.ask(&["HLEN", "wacloud:{journal:1}:messages"])[0] == "4").await;
    until("one was sent", || sandbox.counters().accepted >= 1).await;
    end_all_leases(&server);
    // What became of the last one the other one does not learn.
    fail(&sandbox, Fault { to: Some(to(3)), ..Fault::new(FaultKind::ResetAfter) });
    let (told, _) = run(&unlimited(&sandbox), (0..4).map(message), &options).await;
    let sent = told.iter().filter(|told| !told.replayed).count();
    let slept = sleeping.await.unwrap();
    let kept_back = slept.iter().filter(|told| told.replayed || is_claimed(told)).count();
    say(&format!("of 4 messages {sent} were taken from a worker that slept; it kept back {kept_back}"));
    assert!(sent >= 2 && sent == kept_back, "{told:?} {slept:?}");
    // Of those that were accepted it tells that, as the journal has it.
    let ids =
        |told: &[BulkResult]| told.iter().map(|told| told.result.as_ref().unwrap().id.clone()).collect::<Vec<_>>();
    assert_eq!(ids(&told[..3]), ids(&slept[..3]));
    assert!(is_claimed(&slept[3]), "{slept:?}");
    assert!(slept[3].result.as_ref().unwrap_err().to_string().contains("said nothing"));
    assert_nobody_got_two(&sandbox);
    let (told, _) = run(&unlimited(&sandbox), (0..4).map(message), &options).await;
    assert_eq!((counts(&told), sandbox.counters().accepted), ([3, 0, 0, 1, 4], 4));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_was_accepted_counts_although_the_claim_was_lost() {
    let Some(server) = RedisServer::start(&[]) else { return };
    let sandbox = sandbox().await;
    fail(&sandbox, Fault::delay(4_000).to(to(1)));
    let options = kept(&server).options();
    let slow = tokio::spawn({
        let (client, options) = (unlimited(&sandbox), options.clone());
        async move { run(&client, [message(1)], &options).await.0 }
    });
    until("it has left", || sandbox.requests().len() == 1).await;
    end_all_leases(&server);
    let (told, _) = run(&unlimited(&sandbox), [message(1)], &options).await;
    assert_eq!(counts(&told), [0, 0, 0, 1, 1], "nobody knows yet");
    assert_eq!(counts(&slow.await.unwrap()), [1, 0, 0, 0, 0]);
    let (told, _) = run(&unlimited(&sandbox), [message(1)], &options).await;
    assert_eq!((counts(&told), sandbox.counters().accepted), ([1, 0, 0, 0, 1], 1));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_server_that_comes_back_empty_is_no_new_beginning() {
    let Some(mut server) = RedisServer::start(&[]) else { return };
    let sandbox = sandbox().await;
    let client = client(&sandbox.url(), |settings| settings.rate = Some(100.0.into()));
    let options = BulkOptions { window: Some(8), ..kept(&server).options() };
    let mut results = client.send_bulk_with((0..500).map(message), &options);
    let mut told = Vec::new();
    while told.len() < 20 {
        told.push(results.next().await.unwrap());
    }
    server.kill();
    server.run();
    while let Some(result) = results.next().await {
        told.push(result);
    }
    assert!(matches!(results.stopped_by(), Some(Error::Store { .. })), "{:?}", results.stopped_by());
    assert!(told.len() < 60 && sandbox.counters().accepted < 60, "{}", told.len());
    // The same process knows that there was something.
    let mut results = client.send_bulk_with((0..500).map(message), &options);
    assert!(results.next().await.is_none());
    let refusal = results.stopped_by().unwrap().to_string();
    assert!(refusal.contains("has lost the campaign \"spring\""), "{refusal}");
    assert_nobody_got_two(&sandbox);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_campaign_that_is_deleted_under_way_stops() {
    let Some(server) = RedisServer::start(&[]) else { return };
    let sandbox = sandbox().await;
    let client = client(&sandbox.url(), |settings| settings.rate = Some(100.0.into()));
    let options = BulkOptions { window: Some(8), ..kept(&server).options() };
    let mut results = client.send_bulk_with((0..500).map(message), &options);
    for _ in 0..20 {
        results.next().await.unwrap();
    }
    server.ask(&["FLUSHALL"]);
    let mut told = 20;
    while results.next().await.is_some() {
        told += 1;
    }
    let refusal = results.stopped_by().unwrap().to_string();
    assert!(told < 60 && refusal.contains("has lost the campaign"), "{told} {refusal}");
    assert_nobody_got_two(&sandbox);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn nothing_leaves_while_the_server_is_away() {
    let directory = std::env::temp_dir().join(format!("wacloud-aof-{:016x}", fastrand::u64(..)));
    std::fs::create_dir(&directory).unwrap();
    let place = directory.display().to_string();
    let durable = ["--appendonly", "yes", "--appendfsync", "always", "--dir", &place];
    let Some(mut server) = RedisServer::start(&durable) else { return };
    let sandbox = sandbox().await;
    let client = client(&sandbox.url(), |settings| settings.rate = Some(200.0.into()));
    let options = BulkOptions { window: Some(8), ..kept(&server).options() };
    let mut results = client.send_bulk_with((0..200).map(message), &options);
    for _ in 0..20 {
        results.next().await.unwrap();
    }
    server.kill();
    until("it has stopped", || {
        results.stopped_by().is_some() || futures_util::FutureExt::now_or_never(results.next()).is_none()
    })
    .await;
    let while_away = sandbox.counters().accepted;
    let mut more = 0;
    while results.next().await.is_some() {
        more += 1;
    }
    assert!(matches!(results.stopped_by(), Some(Error::Store { .. })), "{:?}", results.stopped_by());
    assert!(sandbox.counters().accepted <= while_away + 8 && more < 100, "{more}");
    let mut refused = client.send_bulk_with([message(1)], &options);
    assert!(refused.next().await.is_none());
    assert!(matches!(refused.stopped_by(), Some(Error::Store { .. })));
    // It has kept everything, so the same call goes on.
    server.run();
    let (told, _) = run(&unlimited(&sandbox), (0..200).map(message), &options).await;
    let [accepted, rejected, not_sent, unknown, _] = counts(&told);
    let claimed = told.iter().filter(|told| is_claimed(told)).count();
    assert_eq!((accepted + unknown + claimed, rejected, not_sent), (200, 0, claimed));
    assert_nobody_got_two(&sandbox);
    end_all_leases(&server);
    let (told, _) = run(&unlimited(&sandbox), (0..200).map(message), &options).await;
    let unknown = told.iter().filter(|told| told.outcome() == Outcome::Unknown).count();
    say(&format!("a server that was away for a moment: {unknown} of 200 messages unknown"));
    assert!(unknown <= 8 && counts(&told)[0] + unknown == 200, "{:?}", counts(&told));
    assert_nobody_got_two(&sandbox);
    drop(server);
    std::fs::remove_dir_all(&directory).unwrap();
}

#[tokio::test]
async fn trackers_of_ones_own_and_none_lead_back_too() {
    let Some(server) = RedisServer::start(&[]) else { return };
    let sandbox = sandbox().await;
    let client = unlimited(&sandbox);
    fail(&sandbox, Fault { to: Some(to(1)), ..Fault::new(FaultKind::ResetAfter) });
    let of_campaign = |n| Message::text(to(n), "Hello").tracker(Tracker::Given("spring sale".to_owned()));
    let (told, _) = run(&client, [1, 2, 3].map(of_campaign), &kept(&server).options()).await;
    assert_eq!(counts(&told), [2, 0, 0, 1, 0]);
    let untracked = Message::text(to(4), "Hello").tracker(Tracker::Off);
    let autumn = Kept { campaign: Some("autumn".to_owned()), ..kept(&server) };
    let (without, _) = run(&client, [untracked], &autumn.options()).await;
    let id = without[0].result.as_ref().unwrap().id.clone();
    let journal = Journal::open(&server.url(), None).unwrap();
    let known = told[1].result.as_ref().unwrap().id.clone();
    // `statuses` writes about +15550000001, whose message is the only one without an id.
    let events = statuses(&[
        ("wamid.A", Some("spring sale"), "delivered"),
        (&known, Some("spring sale"), "read"),
        (&id, None, "sent"),
        ("wamid.B", Some("spring sale"), "sent"),
    ]);
    let observed = journal.observe(&events).await.unwrap();
    assert_eq!((observed.settled, observed.delivered, observed.read), (1, 1, 1));
    assert_eq!((observed.sent, observed.others), (1, 1));
    let (told, _) = run(&client, [1, 2, 3].map(of_campaign), &kept(&server).options()).await;
    assert_eq!((counts(&told), told[0].result.as_ref().unwrap().id.as_str()), ([3, 0, 0, 0, 3], "wamid.A"));
}

#[tokio::test]
async fn what_a_server_does_not_promise_is_told_once() {
    let Some(server) = RedisServer::start(&[]) else { return };
    let sandbox = sandbox().await;
    let warnings = Arc::new(Warnings::default());
    let client = unlimited(&sandbox).with_observer(warnings.clone());
    for n in 0..2 {
        run(&client, [message(n)], &kept(&server).options()).await;
    }
    let told = warnings.0.lock().unwrap().join("\n");
    assert!(told.contains("everything in memory only") && told.lines().count() == 1, "{told}");
    // Who may not ask is told that, too.
    server.ask(&["ACL", "SETUSER", "worker", "on", ">open", "~*", "+@all", "-config", "-info"]);
    let place = Kept { place: server.url_with("worker:open"), ..kept(&server) };
    run(&client, [message(3)], &place.options()).await;
    assert!(warnings.0.lock().unwrap().last().unwrap().contains("could not be checked"));
    server.ask(&["CONFIG", "SET", "maxmemory", "100mb"]);
    server.ask(&["CONFIG", "SET", "maxmemory-policy", "allkeys-lru"]);
    let client = unlimited(&sandbox);
    let mut results = client.send_bulk_with([message(4)], &kept(&server).options());
    assert!(results.next().await.is_none());
    let refusal = results.stopped_by().unwrap().to_string();
    assert!(refusal.starts_with("journal: ") && refusal.contains("allkeys-lru"), "{refusal}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn who_leaves_a_bulk_leaves_it_to_others() {
    let Some(server) = RedisServer::start(&[]) else { return };
    let sandbox = sandbox().await;
    let slow = client(&sandbox.url(), |settings| settings.rate = Some(1.0.into()));
    let mut results = slow.send_bulk_with((0..10).map(message), &kept(&server).options());
    results.next().await.unwrap();
    drop(results);
    until("it has given up its lease", || server.ask(&["ZCARD", LEASES])[0] == "0").await;
    let (told, _) = run(&unlimited(&sandbox), (0..10).map(message), &kept(&server).options()).await;
    let [accepted, _, not_sent, unknown, _] = counts(&told);
    assert_eq!((accepted + unknown, not_sent), (10, 0));
    assert_nobody_got_two(&sandbox);
}
