use std::process::{Command, Stdio};
use std::time::Duration;

use super::*;

static KIND: FileKind =
    FileKind { application_id: 0x7761_6374, layout: 1, schema: "CREATE TABLE IF NOT EXISTS number (value INTEGER);" };

struct Room(PathBuf);

impl Room {
    fn new() -> Self {
        let name = format!("wacloud-sqlite-{}-{:016x}", std::process::id(), rand::random::<u64>());
        let path = std::env::temp_dir().join(name);
        std::fs::create_dir(&path).unwrap();
        Room(path)
    }

    fn path(&self, name: &str) -> PathBuf {
        self.0.join(name)
    }

    /// What other programs in this process do: every file is opened and closed.
    fn copy(&self) {
        for file in std::fs::read_dir(&self.0).unwrap().flatten().filter(|file| file.path().is_file()) {
            std::fs::read(file.path()).unwrap();
        }
    }
}

impl Drop for Room {
    fn drop(&mut self) {
        let _ = std::fs::remove_dir_all(&self.0);
    }
}

fn file(path: PathBuf) -> SqliteFile {
    SqliteFile::new(path, &KIND)
}

fn add(file: &SqliteFile) -> Result<(), Unusable> {
    file.with(|connection| connection.execute("INSERT INTO number VALUES (1)", []).map(drop))
}

fn count(connection: &Connection) -> i64 {
    connection.query_row("SELECT count(*) FROM number", [], |row| row.get(0)).unwrap()
}

/// What another process finds, which has SQLite of its own. None where there is no Python.
fn elsewhere(path: &Path, before: &str) -> Option<String> {
    let code = format!(
        "import sqlite3, sys\nc = sqlite3.connect(sys.argv[1])\n{before}\n\
         print(c.execute('select count(*) from number').fetchone()[0])\nc.close()"
    );
    let asked = Command::new("python3").args(["-c", &code]).arg(path).stderr(Stdio::inherit()).output();
    assert!(asked.is_ok() || std::env::var_os("CI").is_none(), "python3: {asked:?}");
    Some(String::from_utf8(asked.ok()?.stdout).unwrap().trim().to_owned())
}

#[test]
fn the_last_one_leaves_nothing_beside_a_file() {
    let room = Room::new();
    let (one, two) = (file(room.path("a.db")), file(room.path("a.db")));
    add(&one).unwrap();
    add(&two).unwrap();
    let names = || std::fs::read_dir(&room.0).unwrap().count();
    assert_eq!(names(), 3);
    drop(one);
    add(&two).unwrap();
    assert_eq!(names(), 3, "the other one still uses it");
    drop(two);
    assert_eq!(names(), 1);
    assert_eq!(count(&connect(&room.path("a.db"), &KIND).unwrap()), 3);
}

#[test]
fn what_is_used_once_is_closed_again() {
    let room = Room::new();
    let file = file(room.path("a.db"));
    assert_eq!(file.once(|file| Ok(count(file))).unwrap(), 0);
    assert!(!room.path("a.db-wal").exists());
    add(&file).unwrap();
    assert_eq!(file.once(|file| Ok(count(file))).unwrap(), 1);
    assert!(room.path("a.db-wal").exists(), "who had it open keeps it so");
}

#[cfg(any(target_os = "linux", target_os = "android"))]
#[test]
fn a_copy_in_this_process_takes_no_lock_away() {
    let room = Room::new();
    let path = room.path("a.db");
    let file = file(path.clone());
    add(&file).unwrap();
    let held = connect(&path, &KIND).unwrap();
    let _lock = RunLock::take(&held, Duration::ZERO).unwrap().unwrap();
    room.copy();
    // Another process that comes and goes now is not the last one, and does not begin the shared memory anew.
    let Some(found) = elsewhere(&path, "") else { return };
    assert_eq!(found, "1");
    assert!(file.with(|_| Ok(())).is_ok() && held.is_in_place());
    add(&file).unwrap();
    assert_eq!(elsewhere(&path, "").unwrap(), "2");
    let other = connect(&path, &KIND).unwrap();
    assert!(RunLock::take(&other, Duration::ZERO).unwrap().is_none());
}

#[cfg(any(target_os = "linux", target_os = "android"))]
#[test]
fn one_sends_whatever_name_the_file_has() {
    let room = Room::new();
    let path = room.path("a.db");
    let held = connect(&path, &KIND).unwrap();
    std::fs::hard_link(&path, room.path("hard.db")).unwrap();
    std::os::unix::fs::symlink(&path, room.path("soft.db")).unwrap();
    assert!(held.has_other_names());
    let lock = RunLock::take(&held, Duration::ZERO).unwrap().unwrap();
    assert!(RunLock::take(&connect(&room.path("soft.db"), &KIND).unwrap(), Duration::ZERO).unwrap().is_none());
    // As another process sees it, which has an open file of its own.
    let flock = |name: &str| {
        // When it is closed SQLite's locks go; this one stays.
        let file = std::fs::File::open(room.path(name)).unwrap();
        rustix::fs::flock(&file, rustix::fs::FlockOperation::NonBlockingLockExclusive).is_ok()
    };
    assert_eq!(["a.db", "hard.db", "soft.db"].map(flock), [false; 3]);
    drop(lock);
    assert_eq!(["a.db", "hard.db", "soft.db"].map(flock), [true; 3]);
    assert!(RunLock::take(&held, Duration::ZERO).unwrap().is_some());
}

#[test]
fn a_log_that_was_taken_away_is_not_written_to() {
    let room = Room::new();
    let path = room.path("a.db");
    let file = file(path.clone());
    add(&file).unwrap();
    file.with(|connection| connection.query_row("PRAGMA wal_checkpoint", [], |_| Ok(()))).unwrap();
    let held = connect(&path, &KIND).unwrap();
    std::fs::remove_file(room.path("a.db-wal")).unwrap();
    std::fs::remove_file(room.path("a.db-shm")).unwrap();
    assert!(!held.is_in_place());
    // While somebody here still has the old one open, SQLite would go on with its shared memory.
    add(&file).unwrap_err();
    held.leave_alone();
    drop(held);
    add(&file).unwrap();
    drop(file);
    assert_eq!(count(&connect(&path, &KIND).unwrap()), 2);
}

#[test]
fn a_file_that_was_removed_is_made_anew() {
    let room = Room::new();
    let path = room.path("a.db");
    let file = file(path.clone());
    add(&file).unwrap();
    for ending in ["", "-wal", "-shm"] {
        std::fs::remove_file(beside(&path, ending)).unwrap();
    }
    add(&file).unwrap();
    assert_eq!(count(&connect(&path, &KIND).unwrap()), 1);
}

#[test]
fn many_begin_at_once() {
    let room = Room::new();
    let path = room.path("a.db");
    std::thread::scope(|scope| {
        for _ in 0..4 {
            scope.spawn(|| {
                for _ in 0..10 {
                    let file = file(path.clone());
                    add(&file).unwrap();
                }
            });
        }
    });
    assert_eq!(count(&connect(&path, &KIND).unwrap()), 40);
}
