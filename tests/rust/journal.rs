//! A campaign that is interrupted goes on where it was, and nobody gets a second message.
#![allow(clippy::unwrap_used, clippy::panic, missing_docs, reason = "tests")]

mod support;

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use futures_util::StreamExt as _;
use support::campaign::{self, Kept, Warnings, counts, message, run, to, unlimited};
use support::{client, sandbox};
use wacloud::bulk::BulkOptions;
use wacloud::journal::{Journal, JournalRow, Purge};
use wacloud::{Error, Media, Message};

/// A directory of its own, gone with the test.
struct Place(PathBuf);

impl Place {
    fn new() -> Self {
        let path = std::env::temp_dir().join(format!("wacloud-journal-{:016x}", fastrand::u64(..)));
        std::fs::create_dir(&path).unwrap();
        Place(path)
    }

    fn file(&self) -> String {
        self.0.join("spring.db").display().to_string()
    }

    fn kept(&self) -> Kept {
        Kept { place: self.file(), campaign: None }
    }

    fn options(&self) -> BulkOptions {
        self.kept().options()
    }

    fn journal(&self) -> Journal {
        self.kept().journal()
    }

    async fn rows(&self) -> Vec<JournalRow> {
        self.kept().rows().await
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        let _ = std::fs::remove_dir_all(&self.0);
    }
}

#[tokio::test]
async fn the_same_call_again_sends_nothing_twice() {
    campaign::the_same_call_again_sends_nothing_twice(&Place::new().kept()).await;
}

#[tokio::test]
async fn equal_messages_are_as_many_as_the_list_has() {
    campaign::equal_messages_are_as_many_as_the_list_has(&Place::new().kept()).await;
}

#[tokio::test]
async fn equal_messages_far_apart_are_told_apart_while_others_are_under_way() {
    let (place, sandbox) = (Place::new(), sandbox().await);
    let client = unlimited(&sandbox);
    // Each comes six times; where it comes again some are under way and some have ended.
    let list = || (0..240).map(|n| message(n * 7 % 40));
    let options = BulkOptions { window: Some(8), ..place.options() };
    let (told, _) = run(&client, list(), &options).await;
    let mut keys: Vec<_> = told.iter().map(|result| result.key.clone().unwrap()).collect();
    keys.sort();
    keys.dedup();
    assert_eq!((keys.len(), sandbox.counters().accepted), (240, 240));
    let (told, progress) = run(&client, list(), &options).await;
    assert!(told.iter().all(|result| result.replayed));
    assert_eq!((progress.new_keys, sandbox.counters().accepted), (0, 240));
}

#[tokio::test]
async fn a_key_stands_for_its_message_whatever_that_says() {
    campaign::a_key_stands_for_its_message_whatever_that_says(&Place::new().kept()).await;
}

#[tokio::test]
async fn what_was_refused_stays_unless_it_was_not_about_the_message() {
    campaign::what_was_refused_stays_unless_it_was_not_about_the_message(&Place::new().kept()).await;
}

#[tokio::test]
async fn what_is_unknown_stays_so_until_a_webhook_settles_it() {
    campaign::what_is_unknown_stays_so_until_a_webhook_settles_it(&Place::new().kept()).await;
}

#[tokio::test]
async fn consent_sends_what_is_unknown_again() {
    campaign::consent_sends_what_is_unknown_again(&Place::new().kept()).await;
}

#[tokio::test]
async fn what_is_settled_while_it_waits_is_not_sent_again() {
    campaign::what_is_settled_while_it_waits_is_not_sent_again(&Place::new().kept()).await;
}

#[tokio::test]
async fn what_is_settled_between_two_attempts_is_not_sent_again() {
    campaign::what_is_settled_between_two_attempts_is_not_sent_again(&Place::new().kept()).await;
}

#[tokio::test]
async fn who_is_second_is_told_who_is_first() {
    let (place, sandbox) = (Place::new(), sandbox().await);
    let client = unlimited(&sandbox);
    let mut first = client.send_bulk_with((0..100).map(message), &BulkOptions { window: Some(4), ..place.options() });
    first.next().await.unwrap();
    let mut second = client.send_bulk_with((0..1).map(message), &place.options());
    assert!(second.next().await.is_none());
    let refusal = second.stopped_by().unwrap().to_string();
    assert!(refusal.contains("is in use") && refusal.contains(&std::process::id().to_string()), "{refusal}");
    first.stop();
    while first.next().await.is_some() {}
    let (told, _) = run(&client, (0..100).map(message), &place.options()).await;
    assert_eq!(told.len(), 100);
    assert_eq!(sandbox.counters().accepted, 100);
}

/// What would be written to a file that nobody finds any more is nothing that the next run could go by.
#[cfg(unix)]
#[tokio::test]
async fn nothing_leaves_when_the_file_was_taken_away() {
    for ending in ["", "-wal"] {
        let (place, sandbox) = (Place::new(), sandbox().await);
        let client = unlimited(&sandbox);
        let options = BulkOptions { window: Some(4), ..place.options() };
        let mut bulk = client.send_bulk_with((0..100).map(message), &options);
        for _ in 0..10 {
            bulk.next().await.unwrap();
        }
        let moved = format!("{}{ending}", place.file());
        std::fs::rename(&moved, place.0.join("elsewhere")).unwrap();
        while bulk.next().await.is_some() {}
        let refusal = bulk.stopped_by().unwrap().to_string();
        assert!(refusal.contains("was moved, removed or replaced"), "{refusal}");
        assert!(sandbox.counters().accepted < 30, "{}", sandbox.counters().accepted);
    }
}

#[cfg(unix)]
#[tokio::test]
async fn a_file_of_two_names_is_not_sent_with() {
    let (place, sandbox) = (Place::new(), sandbox().await);
    let client = unlimited(&sandbox);
    run(&client, (0..2).map(message), &place.options()).await;
    let (soft, hard) = (place.0.join("soft.db"), place.0.join("hard.db"));
    std::os::unix::fs::symlink(place.file(), &soft).unwrap();
    let by = |path: &Path| BulkOptions {
        journal: Some(path.display().to_string()),
        campaign: Some("spring".to_owned()),
        ..BulkOptions::default()
    };
    let (told, _) = run(&client, (0..2).map(message), &by(&soft)).await;
    assert!(told.iter().all(|result| result.replayed), "a link that is followed is no other file");
    std::fs::hard_link(place.file(), &hard).unwrap();
    for path in [Path::new(&place.file()), &hard] {
        let mut bulk = client.send_bulk_with((0..4).map(message), &by(path));
        assert!(bulk.next().await.is_none());
        let refusal = bulk.stopped_by().unwrap().to_string();
        assert!(refusal.contains("hard link"), "{refusal}");
    }
    std::fs::remove_file(&hard).unwrap();
    let (told, _) = run(&client, (0..4).map(message), &place.options()).await;
    assert_eq!(told.iter().filter(|result| !result.replayed).count(), 2);
    assert_eq!(sandbox.counters().accepted, 4);
}

#[tokio::test]
async fn a_campaign_that_was_begun_with_a_wrong_number_goes_on_with_the_right_one() {
    campaign::a_wrong_number_is_mended(&Place::new().kept()).await;
}

#[tokio::test]
async fn a_campaign_stays_with_its_number() {
    let (place, sandbox) = (Place::new(), sandbox().await);
    run(&unlimited(&sandbox), (0..1).map(message), &place.options()).await;
    let other = client(&sandbox.url(), |settings| settings.phone_number_id = "999".to_owned());
    let mut results = other.send_bulk_with((0..1).map(message), &place.options());
    assert!(results.next().await.is_none());
    let refusal = results.stopped_by().unwrap().to_string();
    assert!(refusal.starts_with("campaign: spring was begun with number"), "{refusal}");
    // Another campaign of the same file is another matter; then reading has to name it.
    let options = BulkOptions { campaign: Some("autumn".to_owned()), ..place.options() };
    run(&unlimited(&sandbox), (0..1).map(message), &options).await;
    let journal = place.journal();
    assert_eq!(journal.campaigns().await.unwrap(), ["spring", "autumn"]);
    assert!(journal.report().await.unwrap_err().to_string().contains("has several (spring, autumn)"));
    let autumn = Journal::open(&place.file(), Some("autumn")).unwrap();
    assert_eq!(autumn.report().await.unwrap().accepted, 1);
}

#[tokio::test]
async fn a_journal_that_was_renamed_is_not_begun_anew() {
    let (place, sandbox) = (Place::new(), sandbox().await);
    let client = unlimited(&sandbox);
    run(&client, (0..3).map(message), &place.options()).await;
    let renamed = place.0.join("spring-2026.db").display().to_string();
    std::fs::rename(place.file(), &renamed).unwrap();
    let unnamed = Kept { place: renamed, campaign: None };
    let mut results = client.send_bulk_with((0..3).map(message), &unnamed.options());
    assert!(results.next().await.is_none());
    let refusal = results.stopped_by().unwrap();
    assert!(matches!(refusal, Error::Config { setting, .. } if setting == "campaign"), "{refusal:?}");
    assert!(refusal.to_string().contains("has campaigns with names (spring)"), "{refusal}");
    assert_eq!(unnamed.journal().campaigns().await.unwrap(), ["spring"]);
    // It is gone on with by its name, and the only one of a file is read without.
    let named = Kept { campaign: Some("spring".to_owned()), ..unnamed.clone() };
    let (told, _) = run(&client, (0..4).map(message), &named.options()).await;
    assert_eq!(counts(&told), [4, 0, 0, 0, 3]);
    assert_eq!((sandbox.counters().accepted, unnamed.rows().await.len()), (4, 4));
    // A new one has a name, and from then on the file has it for who gives none.
    let new = Kept { campaign: Some("spring-2026".to_owned()), ..unnamed.clone() };
    run(&client, [message(7)], &new.options()).await;
    let (told, _) = run(&client, [message(7)], &unnamed.options()).await;
    assert_eq!(counts(&told), [1, 0, 0, 0, 1]);
}

#[tokio::test]
async fn files_that_are_no_journals_are_left_alone() {
    let (place, sandbox) = (Place::new(), sandbox().await);
    let client = unlimited(&sandbox);
    let refused = async || {
        let mut results = client.send_bulk_with((0..3).map(message), &place.options());
        assert!(results.next().await.is_none());
        results.stopped_by().unwrap().to_string()
    };
    assert!(place.journal().report().await.unwrap_err().to_string().contains("does not exist"));
    assert!(!Path::new(&place.file()).exists());
    std::fs::write(place.file(), "just a text ".repeat(100)).unwrap();
    assert!(refused().await.contains("not a database"));
    assert_eq!(std::fs::read_to_string(place.file()).unwrap(), "just a text ".repeat(100));
    // One that was damaged in the middle.
    std::fs::remove_file(place.file()).unwrap();
    run(&client, (0..200).map(message), &place.options()).await;
    let mut bytes = std::fs::read(place.file()).unwrap();
    assert!(bytes.len() > 16 * 4096, "{}", bytes.len());
    bytes[4 * 4096..12 * 4096].fill(0x5a);
    std::fs::write(place.file(), &bytes).unwrap();
    let told = refused().await;
    assert!(told.contains("damaged"), "{told}");
    assert_eq!(sandbox.counters().accepted, 200);
    // One of another version of this library: its number stands in the header ("Database File Format", 1.3).
    std::fs::remove_file(place.file()).unwrap();
    run(&client, (0..3).map(message), &place.options()).await;
    let good = std::fs::read(place.file()).unwrap();
    for (layout, expected) in [(1_u32, "an earlier version"), (1_000, "a newer version")] {
        let mut other = good.clone();
        other[60..64].copy_from_slice(&layout.to_be_bytes());
        std::fs::write(place.file(), &other).unwrap();
        let told = refused().await;
        assert!(told.contains(expected), "{told}");
        assert_eq!(std::fs::read(place.file()).unwrap(), other);
    }
}

#[tokio::test]
async fn it_holds_no_texts_and_forgets_people() {
    let (place, sandbox) = (Place::new(), sandbox().await);
    let client = unlimited(&sandbox);
    run(&client, (0..3).map(message), &place.options()).await;
    assert!(place.rows().await.iter().all(|row| row.message.is_none()));
    let files = || std::fs::read_dir(&place.0).unwrap().map(|file| std::fs::read(file.unwrap().path()).unwrap());
    let holds = |text: &str| files().any(|file| file.windows(text.len()).any(|part| part == text.as_bytes()));
    assert!(!holds("Hello"));
    assert!(holds(&to(1)));
    let journal = place.journal();
    let forget = |purge| journal.purge(purge);
    assert!(forget(Purge::default()).await.is_err());
    assert_eq!(forget(Purge { recipient: Some(to(1)), ..Purge::default() }).await.unwrap(), 1);
    assert!(!holds(&to(1)) && holds(&to(2)));
    assert_eq!(forget(Purge { older_than_ms: Some(3_600_000), ..Purge::default() }).await.unwrap(), 0);
    assert_eq!(forget(Purge { older_than_ms: Some(0), ..Purge::default() }).await.unwrap(), 2);
    let options = BulkOptions { journal_messages: Some(true), ..place.options() };
    run(&client, (0..1).map(message), &options).await;
    assert_eq!(place.rows().await[0].message.as_ref().unwrap()["text"]["body"], "Hello 0");
}

#[tokio::test]
async fn a_file_counts_by_its_path_and_asks_for_a_key() {
    let (place, sandbox) = (Place::new(), sandbox().await);
    let warnings = Arc::new(Warnings::default());
    let client = unlimited(&sandbox).with_observer(warnings.clone());
    let path = place.0.join("offer.pdf");
    let offer = |path: &Path| Message::document(to(1), Media::file(path));
    let make = |content: &str| std::fs::write(&path, format!("%PDF-1.7\n{content}\n")).unwrap();
    make("one");
    run(&client, [("offer 1", offer(&path))], &place.options()).await;
    assert!(warnings.0.lock().unwrap().is_empty());
    for _ in 0..2 {
        run(&client, [offer(&path), message(2)], &place.options()).await;
    }
    let told = warnings.0.lock().unwrap().join("\n");
    assert!(told.contains("give each message a key") && told.lines().count() == 1, "{told}");
    // It was made anew, and its path has something in it that says nothing.
    make("two");
    let (told, _) = run(&client, [offer(&place.0.join("./offer.pdf"))], &place.options()).await;
    assert_eq!((counts(&told), sandbox.counters().accepted), ([1, 0, 0, 0, 1], 3));
}

#[tokio::test]
async fn a_key_is_met_once_in_a_run_whatever_is_forgotten_meanwhile() {
    let (place, sandbox) = (Place::new(), sandbox().await);
    let client = unlimited(&sandbox);
    let keyed = |n: usize| (format!("order {n}"), message(n));
    let options = BulkOptions { window: Some(1), ..place.options() };
    let mut results = client.send_bulk_with([keyed(1), keyed(2), keyed(1)], &options);
    for _ in 0..2 {
        assert!(results.next().await.unwrap().result.is_ok());
    }
    let all = Purge { older_than_ms: Some(0), ..Purge::default() };
    // They are written a moment after they were told.
    while place.rows().await.len() < 2 {
        tokio::time::sleep(Duration::from_millis(2)).await;
    }
    tokio::time::sleep(Duration::from_millis(2)).await;
    assert_eq!(place.journal().purge(all).await.unwrap(), 2);
    let mut rest = Vec::new();
    while let Some(result) = results.next().await {
        rest.push(result);
    }
    assert_eq!(counts(&rest), [0, 0, 1, 0, 0]);
    let Err(Error::Validation(invalid)) = &rest[0].result else { panic!("{rest:?}") };
    assert_eq!((invalid.violations[0].rule.as_str(), sandbox.counters().accepted), ("unique", 2));
    // Who forgot them means it: the next run sends them again.
    let (told, _) = run(&client, [keyed(1), keyed(2)], &place.options()).await;
    assert_eq!(counts(&told), [2, 0, 0, 0, 0]);
}

#[tokio::test]
async fn what_is_pushed_is_journaled_as_well() {
    let place = Place::new();
    campaign::what_is_pushed_is_journaled_as_well(&place.kept()).await;
    std::fs::write(place.file(), "no journal").unwrap();
    let (told, stopped_by) = campaign::push(&unlimited(&sandbox().await), "[]", &place.options()).await;
    assert!(told.is_empty() && stopped_by.unwrap().contains("not a database"));
    let options = BulkOptions::from_json(r#"{"campaign":"x"}"#);
    assert!(options.unwrap_err().to_string().contains("needs a journal"));
}
