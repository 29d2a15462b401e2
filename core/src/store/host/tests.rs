use std::os::unix::fs::{MetadataExt, PermissionsExt};
use std::path::PathBuf;

use super::super::entries::ENTRIES;
use super::*;

/// A directory of one test, removed in the end.
struct Place(PathBuf);

impl Place {
    fn new() -> Self {
        let path = std::env::temp_dir().join(format!("wacloud-test-{:016x}", rand::random::<u64>()));
        std::fs::create_dir(&path).unwrap();
        Place(path)
    }

    fn book(&self, name: &str) -> HostBook {
        HostBook::new(Room::new(Some(self.0.clone())), name)
    }

    fn files(&self) -> Vec<PathBuf> {
        std::fs::read_dir(&self.0).unwrap().map(|file| file.unwrap().path()).collect()
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        let _ = std::fs::remove_dir_all(&self.0);
    }
}

fn add(book: &HostBook, keys: &[u64]) -> (u64, Vec<u64>) {
    book.update(keys, &mut |page: Page<'_>| {
        page.record.0[0] += 1;
        for entry in page.entries.iter_mut() {
            entry.0[0] = page.now_us + 60_000_000;
            entry.0[3] += 1;
        }
        (page.record.0[0], page.entries.iter().map(|entry| entry.0[3]).collect())
    })
}

#[test]
fn two_that_open_a_book_share_it() {
    let place = Place::new();
    let (one, other) = (place.book("https://graph.facebook.com/1"), place.book("https://graph.facebook.com/1"));
    assert_eq!(add(&one, &[7, 8]), (1, vec![1, 1]));
    assert_eq!(add(&other, &[8, 9]), (2, vec![2, 1]));
    assert_eq!(add(&one, &[9, 7]), (3, vec![2, 2]));
    assert_eq!(add(&place.book("https://graph.facebook.com/2"), &[9]), (1, vec![1]));
    assert_eq!(one.take_notice(), None);
}

#[test]
fn names_that_look_alike_are_different_books() {
    let place = Place::new();
    add(&place.book("https://a/b_1"), &[]);
    assert_eq!(add(&place.book("https://a_b/1"), &[]).0, 1);
    assert_eq!(place.files().len(), 2);
}

#[test]
fn many_threads_lose_nothing() {
    let place = Place::new();
    std::thread::scope(|scope| {
        for _ in 0..4 {
            scope.spawn(|| {
                let book = place.book("1");
                for n in 0..500 {
                    add(&book, &[n % 10 + 1]);
                }
            });
        }
    });
    assert_eq!(add(&place.book("1"), &[1]), (2001, vec![201]));
}

/// Sets entries that count for so many microseconds from now.
fn put(book: &HostBook, keys: impl Iterator<Item = u64>, for_us: u64) {
    for keys in keys.collect::<Vec<_>>().chunks(200) {
        book.update(keys, &mut |page: Page<'_>| {
            page.entries.iter_mut().for_each(|entry| entry.0 = [page.now_us + for_us, 0, 0, entry.0[3] + 1]);
        });
    }
}

fn is_known(book: &HostBook, key: u64) -> bool {
    book.update(&[key], &mut |page: Page<'_>| page.entries[0].0[3] > 0)
}

#[test]
fn what_counts_is_kept_when_the_file_has_gone_round() {
    let place = Place::new();
    let (book, sleeper) = (place.book("1"), place.book("1"));
    put(&book, [1, 2].into_iter(), 3_600_000_000);
    assert!(is_known(&sleeper, 1));
    // Nobody can know these any more when the next ones are written.
    put(&book, 10..layout::RING * 3, 1);
    assert_eq!(book.take_notice(), None);
    for book in [&book, &sleeper, &place.book("1")] {
        assert_eq!([1, 2, 10].map(|key| is_known(book, key)), [true, true, false]);
    }
    let bytes = place.files()[0].metadata().unwrap().len();
    assert!(bytes < 3_000_000, "{bytes}");
}

#[test]
fn more_recipients_than_entries_push_out_those_nearest_to_their_end() {
    let place = Place::new();
    let book = place.book("1");
    let many = ENTRIES as u64;
    put(&book, 1..=10, 3_600_000_000);
    put(&book, 100..many * 2, 60_000_000);
    for book in [&book, &place.book("1")] {
        assert!((1..=10).all(|key| is_known(book, key)));
        assert!((many * 3 / 2..many * 2).all(|key| is_known(book, key)));
    }
}

#[test]
fn a_file_of_another_boot_or_of_nothing_counts_for_nothing() {
    let place = Place::new();
    add(&place.book("1"), &[3]);
    let file = place.files().remove(0);
    for damage in [vec![], b"short".to_vec(), b"another\x01 boot or another program, who knows".repeat(20)] {
        std::fs::write(&file, damage).unwrap();
        assert_eq!(add(&place.book("1"), &[3]), (1, vec![1]));
    }
}

#[test]
fn a_file_that_was_removed_is_made_anew_by_all() {
    let place = Place::new();
    let (one, other) = (place.book("1"), place.book("1"));
    add(&one, &[]);
    add(&other, &[]);
    std::fs::remove_file(place.files().remove(0)).unwrap();
    assert_eq!(add(&one, &[]).0, 1);
    assert_eq!(add(&other, &[]).0, 2);
}

#[test]
fn files_are_this_users_alone() {
    let place = Place::new();
    add(&place.book("1"), &[]);
    let file = place.files().remove(0);
    assert_eq!(file.metadata().unwrap().mode() & 0o777, 0o600);
    std::fs::set_permissions(&file, std::fs::Permissions::from_mode(0o666)).unwrap();
    let book = place.book("1");
    assert_eq!(add(&book, &[]).0, 1, "in memory, not from the file");
    assert!(book.take_notice().unwrap().contains("open to other users"));
    assert_eq!(book.take_notice(), None, "told once");
}

#[test]
fn links_are_not_followed() {
    let place = Place::new();
    add(&place.book("1"), &[]);
    let file = place.files().remove(0);
    let elsewhere = place.0.join("elsewhere");
    std::fs::rename(&file, &elsewhere).unwrap();
    std::os::unix::fs::symlink(&elsewhere, &file).unwrap();
    let book = place.book("1");
    assert_eq!(add(&book, &[]).0, 1);
    assert!(book.take_notice().is_some());
}

#[test]
fn a_directory_that_cannot_be_made_leaves_the_process_alone() {
    let place = Place::new();
    let in_the_way = place.0.join("file");
    std::fs::write(&in_the_way, "").unwrap();
    let book = HostBook::new(Room::new(Some(in_the_way.join("pace"))), "1");
    assert_eq!([add(&book, &[1]).0, add(&book, &[1]).0], [1, 2]);
    assert!(book.take_notice().unwrap().contains("kept in this process alone"));
}

#[test]
fn whoever_keeps_the_lock_for_ever_stops_nobody() {
    let place = Place::new();
    let book = place.book("1");
    add(&book, &[]);
    let file = File::open(place.files().remove(0)).unwrap();
    rustix::fs::flock(&file, FlockOperation::LockExclusive).unwrap();
    assert_eq!(add(&book, &[]).0, 1, "alone");
    assert!(book.take_notice().unwrap().contains("locked"));
}

#[test]
fn what_nobody_wrote_for_long_is_cleaned_away() {
    let place = Place::new();
    add(&place.book("old"), &[]);
    let old = place.files().remove(0);
    let long_ago = std::time::SystemTime::now() - Duration::from_secs(7200);
    File::options().write(true).open(&old).unwrap().set_modified(long_ago).unwrap();
    std::fs::write(place.0.join("not-ours"), "").unwrap();
    add(&place.book("new"), &[]);
    assert!(!old.exists() && place.files().len() == 2);
}
