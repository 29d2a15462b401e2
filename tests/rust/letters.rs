//! Files that are not what they were: nobody gets the letter of somebody else.
#![allow(clippy::unwrap_used, clippy::panic, missing_docs, reason = "tests")]

mod support;

use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex};
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use futures_util::future::BoxFuture;
use futures_util::{FutureExt as _, StreamExt as _};
use serde_json::{Value, json};
use support::{TO, client, sandbox};
use wacloud::bulk::{Bulk, BulkOptions};
use wacloud::message::{Upload, hand_in};
use wacloud::{CallOptions, CancelToken, Client, Error, Media, Message, Pinned, Secret, TokenSource, registry};
use wacloud_sandbox::{DEFAULT_TOKEN, Sandbox};

/// A path that goes with the test.
struct Letter(PathBuf);

impl Letter {
    fn new() -> Self {
        Letter(std::env::temp_dir().join(format!("wacloud-letter-{:016x}.txt", fastrand::u64(..))))
    }

    fn write(&self, text: &str) -> &Path {
        std::fs::write(&self.0, text).unwrap();
        &self.0
    }

    /// As `cp -p`, `rsync -t` and `unzip` do: with the time that it had elsewhere.
    fn copy(&self, text: &str, time: SystemTime) -> &Path {
        self.write(text);
        std::fs::File::options().write(true).open(&self.0).unwrap().set_modified(time).unwrap();
        &self.0
    }
}

impl Drop for Letter {
    fn drop(&mut self) {
        let _ = std::fs::remove_file(&self.0);
    }
}

fn person(n: usize) -> String {
    format!("+1555000{n:04}")
}

/// All letters have the same length.
fn text(n: usize) -> String {
    format!("Dear customer {n:04}, this is your letter.\n")
}

/// Who was sent what.
async fn received(sandbox: &Sandbox, client: &Client) -> Vec<(String, String)> {
    let mut received = Vec::new();
    for message in sandbox.ledger() {
        let body = message.payload.value();
        let content = client.media_bytes(body["document"]["id"].as_str().unwrap()).await.unwrap();
        received.push((body["to"].as_str().unwrap().to_owned(), String::from_utf8(content.to_vec()).unwrap()));
    }
    received
}

async fn assert_own_letters(sandbox: &Sandbox, client: &Client) {
    let received = received(sandbox, client).await;
    let wrong = received.iter().filter(|(to, letter)| (0..1000).any(|n| *letter == text(n) && *to != person(n)));
    assert_eq!(wrong.count(), 0, "of {} letters", received.len());
}

/// That it says what happened and what to do, at the place of the file.
fn assert_told(error: &Error) {
    assert_eq!(error.outcome().name(), "not_sent", "{error}");
    let told: Vec<_> = error.violations().iter().map(|violation| (&*violation.path, &violation.message)).collect();
    assert!(
        told.len() == 1
            && told[0].0 == "document"
            && told[0].1.contains("path of its own")
            && told[0].1.contains("Media.bytes"),
        "{told:?}"
    );
}

#[tokio::test]
async fn letters_with_the_same_name_length_and_time_are_told_apart() {
    let sandbox = sandbox().await;
    let client = client(&sandbox.url(), |_| {});
    let (letter, time) = (Letter::new(), UNIX_EPOCH + Duration::from_secs(1_700_000_000));
    for n in 0..30 {
        client.send_document(person(n), Media::file(letter.copy(&text(n), time))).await.unwrap();
    }
    assert_own_letters(&sandbox, &client).await;
    assert_eq!(sandbox.counters().accepted, 30);
}

#[tokio::test]
async fn a_list_that_writes_each_letter_to_one_path_sends_nobody_the_letter_of_another() {
    let sandbox = sandbox().await;
    let client = client(&sandbox.url(), |s| s.rate = Some(0.0.into()));
    let letter = Letter::new();
    let messages = (0..100).map(|n| Message::document(person(n), Media::file(letter.write(&text(n)))));
    let results: Vec<_> = client.send_bulk(messages).collect().await;
    let refused: Vec<_> = results.iter().filter_map(|result| result.result.as_ref().err()).collect();
    refused.iter().for_each(|error| assert_told(error));
    assert_own_letters(&sandbox, &client).await;
    // The last one is what it was.
    assert!(results.iter().any(|result| result.index == 99 && result.result.is_ok()), "{:?}", refused.last());
    assert!(!refused.is_empty(), "all were pulled before the first was uploaded");
}

/// What a language package pushes.
fn pushed(n: usize, held: &str) -> Value {
    json!(["send_document", {"to": person(n), "document": {"upload": held}}])
}

/// The results of messages that were pushed.
async fn results(bulk: &Bulk) -> Vec<wacloud::bulk::BulkResult> {
    bulk.finish();
    let mut results = Vec::new();
    while let Some(chunk) = bulk.next().await {
        results.extend(chunk.results);
    }
    results
}

#[tokio::test]
async fn a_file_that_changes_after_its_message_was_pushed_is_not_sent() {
    let sandbox = sandbox().await;
    let client = client(&sandbox.url(), |s| s.rate = Some(0.0.into()));
    let bulk = Bulk::start(client.clone(), &BulkOptions::default());
    let letter = Letter::new();
    for n in 0..50 {
        let held = hand_in(Upload::file(letter.write(&text(n))));
        bulk.push_json(&json!([pushed(n, &held)]).to_string()).unwrap();
        wacloud::message::take_back(&held);
    }
    // Somebody begins to write the next one.
    let half_written = hand_in(Upload::file(letter.write(&text(50))));
    bulk.push_json(&json!([pushed(50, &half_written)]).to_string()).unwrap();
    letter.write("");
    let results = results(&bulk).await;
    assert_eq!(results.len(), 51);
    results.iter().filter_map(|result| result.result.as_ref().err()).for_each(assert_told);
    assert_eq!(sandbox.counters().accepted, 0, "nothing is what it was");
}

/// Does something when the token is needed: a file was looked at by then, and goes up next.
struct Meanwhile(Mutex<Option<Box<dyn FnOnce() + Send>>>);

impl TokenSource for Meanwhile {
    fn token(&self) -> BoxFuture<'_, Result<Secret, String>> {
        if let Some(work) = self.0.lock().unwrap().take() {
            work();
        }
        async { Ok(Secret::new(DEFAULT_TOKEN)) }.boxed()
    }
}

#[tokio::test]
async fn a_file_that_changes_before_it_goes_up_is_not_kept_for_what_it_was() {
    let cache = Letter::new();
    for cache in [None, Some(cache.0.display().to_string())] {
        let sandbox = sandbox().await;
        let client = client(&sandbox.url(), |s| {
            (s.access_token, s.token_callback) = (None, Some(true));
            s.media_cache = cache;
        });
        let letter = Letter::new();
        let path = letter.write(&text(0)).to_owned();
        let write = move || std::fs::write(path, text(1)).unwrap();
        let meanwhile = client.with_token_source(Arc::new(Meanwhile(Mutex::new(Some(Box::new(write))))));
        let client = client.with_token_source(Arc::new(Meanwhile(Mutex::default())));
        let sent = meanwhile.send_document(person(0), Media::file(&letter.0)).await;
        for n in [0, 1] {
            client.send_document(person(n), Upload::bytes(text(n))).await.unwrap();
        }
        assert_own_letters(&sandbox, &client).await;
        assert_told(&sent.unwrap_err());
        assert_eq!(sandbox.counters().accepted, 2);
        // It is what it is by now, and may be sent as that.
        client.send_document(person(1), Media::file(&letter.0)).await.unwrap();
        assert_own_letters(&sandbox, &client).await;
    }
}

#[tokio::test]
async fn one_file_that_is_kept_for_many_messages_follows_its_path() {
    let sandbox = sandbox().await;
    let client = client(&sandbox.url(), |_| {});
    let letter = Letter::new();
    let kept = wacloud::hold(Upload::file(letter.write("yesterday's prices\n")));
    for prices in ["today's prices\n", "tomorrow's prices\n"] {
        letter.write(prices);
        let bulk = Bulk::start(client.clone(), &BulkOptions::default());
        bulk.push_json(&json!([pushed(0, &kept), pushed(1, &kept)]).to_string()).unwrap();
        for result in results(&bulk).await {
            result.result.unwrap();
        }
        assert!(received(&sandbox, &client).await.iter().rev().take(2).all(|(_, letter)| letter == prices));
    }
    wacloud::message::take_back(&kept);
}

#[tokio::test]
async fn of_letters_that_are_pushed_together_only_the_last_of_one_path_is_there() {
    let sandbox = sandbox().await;
    let client = client(&sandbox.url(), |_| {});
    let letter = Letter::new();
    let held: Vec<_> = (0..20).map(|n| wacloud::hold(Upload::file(letter.write(&text(n))))).collect();
    let messages: Vec<_> = held.iter().enumerate().map(|(n, held)| pushed(n, held)).collect();
    let bulk = Bulk::start(client.clone(), &BulkOptions::default());
    bulk.push_json(&json!(messages).to_string()).unwrap();
    for result in results(&bulk).await {
        match result.result {
            Ok(_) => assert_eq!(result.index, 19),
            Err(error) => assert_told(&error),
        }
    }
    assert_eq!(received(&sandbox, &client).await, [(person(19), text(19))]);
    // And each is refused as long as it is kept.
    let error = registry::payload("send_document", &json!({"to": TO, "document": {"upload": held[0]}}).to_string());
    assert_told(&error.unwrap_err());
    held.iter().for_each(|held| wacloud::message::take_back(held));
}

#[tokio::test]
async fn calls_that_are_begun_one_after_the_other_go_out_with_what_was_there_then() {
    let sandbox = sandbox().await;
    let client = client(&sandbox.url(), |_| {});
    let letter = Letter::new();
    let kept = wacloud::hold(Upload::file(letter.write(&text(0))));
    let begun: Vec<_> = (0..5)
        .map(|n| {
            letter.write(&text(n));
            Pinned::new(&pushed(n, &kept)[1].to_string())
        })
        .collect();
    // The language package lets go of it as soon as the calls are begun.
    wacloud::message::take_back(&kept);
    for (n, arguments) in begun.iter().enumerate() {
        let (options, cancel) = (CallOptions::default(), CancelToken::new());
        let sent = registry::dispatch(&client, "send_document", arguments.arguments(), &options, cancel).await;
        match sent {
            Ok(_) => assert_eq!(n, 4),
            Err(error) => assert_told(&error),
        }
    }
    assert_eq!(received(&sandbox, &client).await, [(person(4), text(4))]);
}
