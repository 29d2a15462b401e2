use std::path::{Path, PathBuf};

use super::*;

/// A directory of one test, removed in the end.
struct Place(PathBuf);

impl Place {
    fn new() -> Self {
        let path = std::env::temp_dir().join(format!("wacloud-test-{:016x}", rand::random::<u64>()));
        std::fs::create_dir(&path).unwrap();
        Place(path)
    }

    fn file(&self) -> PathBuf {
        self.0.join("inbox.db")
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        let _ = std::fs::remove_dir_all(&self.0);
    }
}

fn item(name: &str, value: u64, until_s: u64) -> Item {
    Item { key: Key::of(name), value, until_s }
}

async fn keeps_what_it_is_given(shelf: &Shelf) {
    let raise = |name, value| Change::Raise(item(name, value, 1_000));
    let before = shelf.change(vec![raise("a", 2), raise("b", 1), raise("a", 1)], 100).await.unwrap();
    assert_eq!(before, [0, 0, 2]);
    assert_eq!(shelf.change(vec![raise("a", 3), raise("a", 2)], 100).await.unwrap(), [2, 3]);
    let keys = || ["a", "b", "c"].map(Key::of).to_vec();
    assert_eq!(shelf.get(keys(), 100).await.unwrap(), [3, 1, 0]);
    let put = vec![Change::Put(item("a", 1, 1_000)), Change::Put(item("b", 0, 1_000))];
    assert_eq!(shelf.change(put, 100).await.unwrap(), [3, 1]);
    assert_eq!(shelf.get(keys(), 100).await.unwrap(), [1, 0, 0]);
    // One with a long time keeps it.
    shelf.change(vec![Change::Raise(item("a", 2, 200))], 100).await.unwrap();
    assert_eq!(shelf.get(keys(), 500).await.unwrap(), [2, 0, 0]);
}

#[tokio::test]
async fn memory_keeps_what_it_is_given() {
    let shelf = Shelf::memory(100);
    keeps_what_it_is_given(&shelf).await;
    assert_eq!(shelf.get(vec![Key::of("a")], 1_000).await.unwrap(), [0], "over");
}

#[tokio::test]
async fn memory_is_bounded() {
    let shelf = Shelf::memory(100);
    for n in 0..1_000 {
        shelf.change(vec![Change::Raise(item(&n.to_string(), 1, 10_000 + n))], 1).await.unwrap();
    }
    let Shelf::Memory(memory) = &shelf else { panic!("another shelf") };
    let kept = memory.get(&(0..1_000).map(|n: u64| Key::of(&n.to_string())).collect::<Vec<_>>(), 1);
    assert!(kept.iter().filter(|value| **value > 0).count() <= 100);
    assert_eq!((kept[0], kept[999]), (0, 1));
}

#[tokio::test]
async fn a_file_keeps_what_it_is_given_also_for_others() {
    let place = Place::new();
    keeps_what_it_is_given(&Shelf::sqlite(place.file())).await;
    let other = Shelf::sqlite(place.file());
    assert_eq!(other.get(vec![Key::of("a")], 500).await.unwrap(), [2]);
    assert_eq!(other.get(vec![Key::of("a")], 1_000).await.unwrap(), [0], "over");
    // What is over goes sometime.
    let many = (0..1_200).map(|n| Change::Raise(item(&format!("many{n}"), 1, 2_000))).collect();
    other.change(many, 1_500).await.unwrap();
    let connection = rusqlite::Connection::open(place.file()).unwrap();
    let rows: i64 = connection.query_row("SELECT count(*) FROM number", [], |row| row.get(0)).unwrap();
    assert_eq!(rows, 1_200);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn of_many_at_once_one_is_the_first() {
    let place = Place::new();
    let tasks: Vec<_> = (0..8)
        .map(|_| {
            let shelf = Shelf::sqlite(place.file());
            tokio::spawn(async move {
                let mut firsts = 0;
                for n in 0..50 {
                    let change = Change::Raise(item(&n.to_string(), 1, 1_000));
                    firsts += u64::from(shelf.change(vec![change], 1).await.unwrap() == [0]);
                }
                firsts
            })
        })
        .collect();
    let mut firsts = 0;
    for task in tasks {
        firsts += task.await.unwrap();
    }
    assert_eq!(firsts, 50);
}

async fn problem(path: &Path) -> String {
    let error = Shelf::sqlite(path).get(vec![Key::of("a")], 1).await.unwrap_err();
    assert_eq!(error.place, path.display().to_string());
    error.problem
}

#[tokio::test]
async fn a_file_that_cannot_be_used_is_told_and_left_alone() {
    let place = Place::new();
    let path = place.file();
    std::fs::write(&path, "an ordinary text, long enough to have a header of its own; ".repeat(20)).unwrap();
    let text = std::fs::read(&path).unwrap();
    assert!(problem(&path).await.contains("not a database"));
    assert_eq!(std::fs::read(&path).unwrap(), text);
    std::fs::remove_file(&path).unwrap();
    rusqlite::Connection::open(&path).unwrap().execute_batch("CREATE TABLE own (a)").unwrap();
    assert!(problem(&path).await.contains("of something else"));
    std::fs::remove_file(&path).unwrap();
    Shelf::sqlite(&path).get(vec![Key::of("a")], 1).await.unwrap();
    rusqlite::Connection::open(&path).unwrap().pragma_update(None, "user_version", 9).unwrap();
    assert!(problem(&path).await.contains("newer version"));
    assert!(problem(&place.0.join("nowhere/inbox.db")).await.contains("no directory"));
    assert!(problem(&place.0).await.contains("is a directory"));
}
