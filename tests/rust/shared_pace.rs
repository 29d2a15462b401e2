//! The pace that processes and hosts share. A process is a `Shared` of its own here: it has its own queue and connections,
//! and meets the others only in the store. What only real processes show is in tests/e2e/test_shared_pace.py.
#![allow(clippy::unwrap_used, clippy::panic, missing_docs, reason = "tests")]

mod support;

use std::path::PathBuf;
use std::time::{Duration, Instant};

use futures_util::StreamExt as _;
use support::redis::RedisServer;
use support::{say, settings, until};
use wacloud::client::{PaceStore, Rate};
use wacloud::{Client, Error, Message, Settings, Shared};
use wacloud_sandbox::{DEFAULT_PHONE_NUMBER_ID, Fault, PhoneNumber, Sandbox};

const RATE: u32 = 80;
/// Of 480 messages. A machine that stalls lets messages arrive at once that left one after the other; who does not share the
/// limit has more than a hundred refused.
const MOST_REFUSED: u64 = 48;
const OTHER_NUMBER: &str = "222222222";

async fn strict_sandbox() -> Sandbox {
    Sandbox::start(wacloud_sandbox::Settings { rate: RATE, pair_rate: true, ..Default::default() }).await.unwrap()
}

async fn two_numbers() -> Sandbox {
    let mut settings = wacloud_sandbox::Settings::default();
    settings.phone_numbers.push(PhoneNumber::new(OTHER_NUMBER));
    Sandbox::start(settings).await.unwrap()
}

fn process(url: &str, change: impl FnOnce(&mut Settings)) -> Client {
    let mut settings = settings(url);
    (settings.pace, settings.pair_rate) = (None, None);
    change(&mut settings);
    Client::with_shared(settings, &Shared::new()).unwrap()
}

/// A directory of one test, removed in the end.
struct Directory(PathBuf);

impl Directory {
    fn new() -> Self {
        let path = std::env::temp_dir().join(format!("wacloud-pace-{}-{:?}", std::process::id(), Instant::now()));
        let path = PathBuf::from(path.display().to_string().replace(['{', '}', ' ', ':', ','], ""));
        std::fs::create_dir(&path).unwrap();
        Directory(path)
    }

    fn text(&self) -> String {
        self.0.display().to_string()
    }
}

impl Drop for Directory {
    fn drop(&mut self) {
        let _ = std::fs::remove_dir_all(&self.0);
    }
}

/// Sends `count` messages, each to somebody else, and panics at any that is not accepted.
async fn send(client: Client, name: usize, count: usize) {
    let messages = (0..count).map(move |n| Message::text(format!("+1{name:03}{n:07}"), "Hello"));
    let mut results = client.send_bulk(messages);
    while let Some(result) = results.next().await {
        result.result.unwrap();
    }
}

/// Three processes send at once; returns how many messages were refused.
async fn three_send(sandbox: &Sandbox, client: impl Fn() -> Client, count: usize) -> u64 {
    futures_util::future::join_all((0..3).map(|name| send(client(), name, count))).await;
    let counters = sandbox.counters();
    assert_eq!((counters.accepted, counters.duplicate_trackers), (3 * count as u64, 0));
    counters.refused.values().sum()
}

#[tokio::test]
async fn processes_of_a_host_keep_the_limit_together() {
    let (sandbox, directory) = (strict_sandbox().await, Directory::new());
    let client = || process(&sandbox.url(), |s| s.pace_dir = Some(directory.text()));
    let refused = three_send(&sandbox, client, 160).await;
    say(&format!("480 messages by three processes: {refused} refused"));
    assert!(refused <= MOST_REFUSED, "{refused} refused");
    assert_eq!(client().pace().store, "host");
}

#[tokio::test]
async fn hosts_keep_the_limit_together_on_a_server() {
    let Some(server) = RedisServer::start(&[]) else { return };
    let sandbox = strict_sandbox().await;
    let client = || process(&sandbox.url(), |s| s.pace = Some(PaceStore::Redis(server.url())));
    let refused = three_send(&sandbox, client, 160).await;
    say(&format!("480 messages by three hosts: {refused} refused"));
    assert!(refused <= MOST_REFUSED, "{refused} refused");
    assert_eq!(client().pace().store, "redis");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_server_that_dies_and_comes_back_loses_and_doubles_nothing() {
    let Some(mut server) = RedisServer::start(&[]) else { return };
    let (sandbox, directory) = (strict_sandbox().await, Directory::new());
    let url = server.url();
    let client = || {
        process(&sandbox.url(), |s| {
            s.pace = Some(PaceStore::Redis(url.clone()));
            s.pace_dir = Some(directory.text());
        })
    };
    let sending = three_send(&sandbox, client, 160);
    let trouble = async {
        until("80 messages were accepted", || sandbox.counters().accepted >= 80).await;
        server.kill();
        until("200 messages were accepted", || sandbox.counters().accepted >= 200).await;
        server.run();
    };
    let (refused, ()) = tokio::join!(sending, trouble);
    say(&format!("480 messages while the server was away for a while: {refused} refused"));
}

/// As the language packages ask it: outside of any runtime, whether the server is there or not.
#[test]
fn the_pace_is_told_without_a_runtime_and_without_waiting() {
    for url in ["redis://127.0.0.1:1/0", "redis://127.0.0.1:6379/0"] {
        let client = process("http://127.0.0.1:1", |s| s.pace = Some(PaceStore::Redis(url.to_owned())));
        let begun = Instant::now();
        let report = client.pace();
        assert_eq!((report.store.as_str(), report.rate), ("redis", 80.0));
        assert!(begun.elapsed() < Duration::from_secs(1));
    }
    let Some(server) = RedisServer::start(&[]) else { return };
    let runtime = tokio::runtime::Runtime::new().unwrap();
    let sandbox = runtime.block_on(strict_sandbox());
    let client = process(&sandbox.url(), |s| s.pace = Some(PaceStore::Redis(server.url())));
    runtime.block_on(client.send(Message::text("+15550001234", "Hello"))).unwrap();
    drop(server);
    assert_eq!(client.pace().waiting, 0);
}

#[tokio::test]
async fn a_server_needs_its_password() {
    let Some(server) = RedisServer::start(&["--requirepass", "open-sesame"]) else { return };
    let (sandbox, directory) = (strict_sandbox().await, Directory::new());
    let with = |url: String| {
        process(&sandbox.url(), |s| {
            s.pace = Some(PaceStore::Redis(url));
            s.pace_dir = Some(directory.text());
        })
    };
    for url in [server.url_with(":open-sesame"), server.url_with(":wrong"), server.url()] {
        with(url).send(Message::text("+15550001234", "Hello")).await.unwrap();
    }
    // Who was not let in kept the pace with the host.
    assert_eq!(std::fs::read_dir(&directory.0).unwrap().count(), 2, "the number's book and its app's");
    assert_eq!(sandbox.counters().accepted, 3);
}

#[tokio::test]
async fn a_recipient_is_held_back_for_all_processes() {
    let (sandbox, directory) = (strict_sandbox().await, Directory::new());
    let client = || process(&sandbox.url(), |s| s.pace_dir = Some(directory.text()));
    let (one, other) = (client(), client());
    for n in 0..45 {
        let client = if n % 2 == 0 { &one } else { &other };
        client.send(Message::text("+15550001234", "Hello")).await.unwrap();
    }
    for client in [&one, &other] {
        let options = wacloud::CallOptions { max_wait_ms: Some(1_000), ..Default::default() };
        match client.send_with(Message::text("+15550001234", "Hello"), &options).await {
            Err(Error::NotSent(error)) => assert!(error.to_string().contains("pair rate limit"), "{error}"),
            other => panic!("{other:?}"),
        }
        client.send(Message::text("+15550005678", "Hello")).await.unwrap();
    }
    assert!(sandbox.counters().refused.is_empty());
}

#[tokio::test]
async fn numbers_and_apis_do_not_touch_each_other() {
    let (here, there, directory) = (two_numbers().await, two_numbers().await, Directory::new());
    // A message in 100 s: who shared the pace with another one would wait for longer than it may.
    let send = async |sandbox: &Sandbox, number: &str| {
        let client = process(&sandbox.url(), |s| {
            (s.rate, s.max_wait_ms) = (Some(0.01.into()), Some(3_000));
            (s.pace_dir, s.phone_number_id) = (Some(directory.text()), number.to_owned());
        });
        client.send(Message::text("+15550001234", "Hello")).await
    };
    send(&here, DEFAULT_PHONE_NUMBER_ID).await.unwrap();
    send(&there, DEFAULT_PHONE_NUMBER_ID).await.unwrap();
    send(&here, OTHER_NUMBER).await.unwrap();
    send(&there, OTHER_NUMBER).await.unwrap();
    let shared = send(&here, OTHER_NUMBER).await.unwrap_err();
    assert_eq!(shared.to_value()["reason"], "max_wait", "{shared}");
}

#[tokio::test]
async fn a_refusal_of_the_app_holds_back_all_its_numbers() {
    let (sandbox, directory) = (two_numbers().await, Directory::new());
    let of = |id: &str| {
        process(&sandbox.url(), |s| {
            s.pace_dir = Some(directory.text());
            s.phone_number_id = id.to_owned();
        })
    };
    let (one, other) = (of(DEFAULT_PHONE_NUMBER_ID), of(OTHER_NUMBER));
    sandbox.add_fault(Fault::graph_error(4)).unwrap();
    let begun = Instant::now();
    one.send(Message::text("+15550001234", "Hello")).await.unwrap();
    // Sent again after the pause, which the other number's process has kept as well.
    assert!(begun.elapsed() >= Duration::from_secs(1));
    sandbox.add_fault(Fault { retry_after_s: Some(60), ..Fault::graph_error(4) }).unwrap();
    let options = wacloud::CallOptions { max_wait_ms: Some(300), ..Default::default() };
    one.send_with(Message::text("+15550001234", "Hello"), &options).await.unwrap_err();
    match other.send_with(Message::text("+15550001234", "Hello"), &options).await {
        Err(Error::NotSent(error)) => assert!(error.to_string().contains("holds the app back"), "{error}"),
        other => panic!("{other:?}"),
    }
}

#[tokio::test]
async fn a_refusal_that_is_nonsense_holds_all_processes_for_an_hour_at_most() {
    let (directory, server) = (Directory::new(), RedisServer::start(&[]));
    let stores = [None].into_iter().chain(server.iter().map(|server| Some(PaceStore::Redis(server.url()))));
    for (store, code) in stores.flat_map(|store| [4, 80_007, 130_429, 131_056].map(|code| (store.clone(), code))) {
        let sandbox = strict_sandbox().await;
        let client = || {
            process(&sandbox.url(), |s| {
                s.pace = store.clone();
                s.pace_dir = Some(directory.text());
            })
        };
        sandbox.add_fault(Fault { retry_after_s: Some(999_999_999), ..Fault::graph_error(code) }).unwrap();
        client().send(Message::text("+15550001234", "Hello")).await.unwrap_err();
        let error = client().send(Message::text("+15550001234", "Hello")).await.unwrap_err().to_value();
        assert_eq!((&error["reason"], sandbox.requests().len()), (&"max_wait".into(), 1), "{store:?} {code}");
        let wait = error["retry_after"].as_f64().unwrap();
        assert!((3_590.0..=3_600.0).contains(&wait), "{store:?} {code}: {wait} s");
    }
}

#[tokio::test]
async fn a_number_is_asked_what_it_may() {
    let sandbox = Sandbox::start(wacloud_sandbox::Settings { rate: 1_000, ..Default::default() }).await.unwrap();
    let directory = Directory::new();
    let client = || {
        process(&sandbox.url(), |s| {
            (s.rate, s.pace_dir) = (Some(Rate::Auto), Some(directory.text()));
        })
    };
    let one = client();
    assert_eq!(one.pace().rate, 80.0, "until it was asked");
    one.send(Message::text("+15550001234", "Hello")).await.unwrap();
    assert_eq!(one.pace().rate, 1_000.0);
    let other = client();
    other.send(Message::text("+15550001234", "Hello")).await.unwrap();
    assert_eq!(other.pace().rate, 1_000.0);
    let asked = sandbox.requests().iter().filter(|request| request.path.contains("fields=throughput")).count();
    assert_eq!(asked, 1, "what one process has asked the others know");
}

#[tokio::test]
async fn without_an_answer_a_number_sends_as_a_new_one() {
    let sandbox = strict_sandbox().await;
    sandbox.add_fault(Fault::graph_error(100)).unwrap();
    let client = process(&sandbox.url(), |s| (s.rate, s.pace) = (Some(Rate::Auto), Some(PaceStore::Process)));
    client.send(Message::text("+15550001234", "Hello")).await.unwrap();
    client.send(Message::text("+15550001234", "Hello")).await.unwrap();
    assert_eq!(client.pace().rate, 80.0);
    assert_eq!(sandbox.requests().len(), 3, "it is not asked again at once");
}

#[tokio::test]
async fn a_number_that_may_less_finds_its_level() {
    let sandbox = Sandbox::start(wacloud_sandbox::Settings { rate: 20, ..Default::default() }).await.unwrap();
    let client = process(&sandbox.url(), |s| s.pace = Some(PaceStore::Process));
    let begun = Instant::now();
    send(client.clone(), 1, 300).await;
    let (took, report) = (begun.elapsed().as_secs_f64(), client.pace());
    say(&format!("300 messages at 20/s took {took:.1} s, {} refused", report.refused));
    assert_eq!(sandbox.counters().accepted, 300);
    // By the level and not by the time that it took: a machine that stalls is refused more, and pauses for longer.
    assert!((5.0..30.0).contains(&report.current_rate) && report.refused < 300, "{report:?} {took}");
}
