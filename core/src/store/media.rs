//! Ids of uploads by what was uploaded, for as long as Meta keeps them; and who is uploading something just now, so that
//! nobody else does. In memory, or in a file that the processes of a machine share.

use std::collections::HashMap;
use std::path::PathBuf;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use rusqlite::{Connection, OptionalExtension, TransactionBehavior, params};

use super::Unusable;
use super::sqlite::{FileKind, SqliteFile, signed};

static KIND: FileKind = FileKind {
    // `wacu`
    application_id: 0x7761_6375,
    layout: 1,
    schema: "CREATE TABLE IF NOT EXISTS upload (
                 key BLOB PRIMARY KEY, id TEXT, until_ms INTEGER NOT NULL, claim INTEGER NOT NULL
             ) WITHOUT ROWID;",
};

/// More are seldom sent in a month; each takes some 100 bytes.
const MOST_IN_MEMORY: usize = 100_000;

/// How long a claim holds unless it is renewed: so long others wait for an uploader that was killed.
pub(crate) const CLAIM: Duration = Duration::from_secs(15);

/// What tells uploads apart: a hash of the content, its type, the number and the API.
pub(crate) type UploadKey = [u8; 32];

/// What is known of an upload.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Standing {
    /// It has this id.
    Uploaded(String),
    /// Whoever asked is to upload it, under this claim.
    Claimed(i64),
    /// Somebody else does.
    Busy,
}

/// Where ids are kept.
pub(crate) enum UploadIds {
    Memory(Mutex<HashMap<UploadKey, (String, u64)>>),
    File(Arc<SqliteFile>),
}

impl UploadIds {
    /// In the file, or in this process's memory.
    pub(crate) fn new(path: Option<PathBuf>) -> Self {
        match path {
            Some(path) => UploadIds::File(Arc::new(SqliteFile::new(path, &KIND))),
            None => UploadIds::Memory(Mutex::default()),
        }
    }

    /// The id of an upload. Where there is none and nobody else makes one, it is the caller's to do. In memory nobody is ever
    /// busy: a process keeps its own calls apart.
    pub(crate) async fn find(&self, key: UploadKey, now_ms: u64) -> Result<Standing, Unusable> {
        match self {
            UploadIds::Memory(known) => {
                let known = known.lock().unwrap_or_else(PoisonError::into_inner);
                let id = known.get(&key).filter(|(_, until_ms)| *until_ms > now_ms).map(|(id, _)| id.clone());
                Ok(id.map_or(Standing::Claimed(0), Standing::Uploaded))
            }
            UploadIds::File(file) => {
                let claim = rand::random_range(1..=i64::MAX);
                in_background(file, move |file| file.with(|connection| find(connection, key, claim, now_ms))).await
            }
        }
    }

    /// Holds a claim for longer.
    pub(crate) async fn renew(&self, key: UploadKey, claim: i64, now_ms: u64) -> Result<(), Unusable> {
        let UploadIds::File(file) = self else { return Ok(()) };
        let until_ms = signed(now_ms + CLAIM.as_millis() as u64);
        let renew = move |connection: &mut Connection| {
            let sql = "UPDATE upload SET until_ms = ?3 WHERE key = ?1 AND claim = ?2 AND id IS NULL";
            connection.prepare_cached(sql)?.execute(params![key, claim, until_ms]).map(|_| ())
        };
        in_background(file, move |file| file.with(renew)).await
    }

    /// Keeps an id.
    pub(crate) async fn keep(&self, key: UploadKey, id: String, until_ms: u64) -> Result<(), Unusable> {
        match self {
            UploadIds::Memory(known) => {
                let mut known = known.lock().unwrap_or_else(PoisonError::into_inner);
                if known.len() >= MOST_IN_MEMORY {
                    known.clear();
                }
                known.insert(key, (id, until_ms));
                Ok(())
            }
            UploadIds::File(file) => {
                let keep = move |connection: &mut Connection| {
                    let sql = "INSERT OR REPLACE INTO upload (key, id, until_ms, claim) VALUES (?1, ?2, ?3, 0)";
                    connection.prepare_cached(sql)?.execute(params![key, id, signed(until_ms)]).map(|_| ())
                };
                in_background(file, move |file| file.with(keep)).await
            }
        }
    }

    /// Lets others try what came to nothing here.
    pub(crate) async fn give_up(&self, key: UploadKey, claim: i64) -> Result<(), Unusable> {
        let UploadIds::File(file) = self else { return Ok(()) };
        let give_up = move |connection: &mut Connection| {
            let sql = "DELETE FROM upload WHERE key = ?1 AND claim = ?2 AND id IS NULL";
            connection.prepare_cached(sql)?.execute(params![key, claim]).map(|_| ())
        };
        in_background(file, move |file| file.with(give_up)).await
    }

    /// Forgets an id that leads nowhere, if it is still the one that is known.
    pub(crate) async fn forget(&self, key: UploadKey, id: String) -> Result<(), Unusable> {
        match self {
            UploadIds::Memory(known) => {
                let mut known = known.lock().unwrap_or_else(PoisonError::into_inner);
                if known.get(&key).is_some_and(|(known, _)| *known == id) {
                    known.remove(&key);
                }
                Ok(())
            }
            UploadIds::File(file) => {
                let forget = move |connection: &mut Connection| {
                    let sql = "DELETE FROM upload WHERE key = ?1 AND id = ?2";
                    connection.prepare_cached(sql)?.execute(params![key, id]).map(|_| ())
                };
                in_background(file, move |file| file.with(forget)).await
            }
        }
    }
}

impl UploadIds {
    /// Forgets an id, whatever it is the id of.
    pub(crate) async fn forget_id(&self, id: String) -> Result<(), Unusable> {
        match self {
            UploadIds::Memory(known) => {
                known.lock().unwrap_or_else(PoisonError::into_inner).retain(|_, (known, _)| *known != id);
                Ok(())
            }
            UploadIds::File(file) => {
                let forget = move |connection: &mut Connection| {
                    connection.execute("DELETE FROM upload WHERE id = ?1", params![id]).map(|_| ())
                };
                in_background(file, move |file| file.with(forget)).await
            }
        }
    }
}

/// One look and one claim, together: of two processes that ask at once one uploads.
fn find(connection: &mut Connection, key: UploadKey, claim: i64, now_ms: u64) -> rusqlite::Result<Standing> {
    let known = |connection: &Connection| {
        connection
            .prepare_cached("SELECT id FROM upload WHERE key = ?1 AND until_ms > ?2")?
            .query_row(params![key, signed(now_ms)], |row| row.get::<_, Option<String>>(0))
            .optional()
    };
    // Mostly it is there, and nobody needs to write.
    match known(connection)? {
        Some(Some(id)) => return Ok(Standing::Uploaded(id)),
        Some(None) => return Ok(Standing::Busy),
        None => {}
    }
    let transaction = connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
    let standing = match known(&transaction)? {
        Some(Some(id)) => Standing::Uploaded(id),
        Some(None) => Standing::Busy,
        None => {
            transaction.execute("DELETE FROM upload WHERE until_ms <= ?1", params![signed(now_ms)])?;
            let until_ms = signed(now_ms + CLAIM.as_millis() as u64);
            let sql = "INSERT OR REPLACE INTO upload (key, id, until_ms, claim) VALUES (?1, NULL, ?2, ?3)";
            transaction.execute(sql, params![key, until_ms, claim])?;
            Standing::Claimed(claim)
        }
    };
    transaction.commit()?;
    Ok(standing)
}

/// SQLite waits for disks and for others who write.
async fn in_background<T: Send + 'static>(
    file: &Arc<SqliteFile>,
    work: impl FnOnce(&SqliteFile) -> Result<T, Unusable> + Send + 'static,
) -> Result<T, Unusable> {
    let (file, place) = (file.clone(), file.place());
    match tokio::task::spawn_blocking(move || work(&file)).await {
        Ok(done) => done,
        Err(error) => Err(Unusable { place, problem: error.to_string() }),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const KEY: UploadKey = [7; 32];

    fn places() -> Vec<(UploadIds, Option<PathBuf>)> {
        let path = std::env::temp_dir().join(format!("wacloud-ids-{}-{}", std::process::id(), rand::random::<u32>()));
        vec![(UploadIds::new(None), None), (UploadIds::new(Some(path.clone())), Some(path))]
    }

    fn clean(path: Option<&PathBuf>) {
        for ending in ["", "-wal", "-shm"] {
            let _ = path.map(|path| std::fs::remove_file(format!("{}{ending}", path.display())));
        }
    }

    #[tokio::test]
    async fn an_id_is_known_until_it_ends_or_is_forgotten() {
        for (ids, path) in places() {
            assert!(matches!(ids.find(KEY, 1_000).await.unwrap(), Standing::Claimed(_)));
            ids.keep(KEY, "4490".to_owned(), 5_000).await.unwrap();
            assert_eq!(ids.find(KEY, 4_999).await.unwrap(), Standing::Uploaded("4490".to_owned()));
            assert!(matches!(ids.find([8; 32], 4_999).await.unwrap(), Standing::Claimed(_)));
            ids.forget(KEY, "4491".to_owned()).await.unwrap();
            assert!(matches!(ids.find(KEY, 4_999).await.unwrap(), Standing::Uploaded(_)), "another one");
            ids.forget(KEY, "4490".to_owned()).await.unwrap();
            assert!(matches!(ids.find(KEY, 4_999).await.unwrap(), Standing::Claimed(_)));
            ids.keep(KEY, "4490".to_owned(), 5_000).await.unwrap();
            assert!(matches!(ids.find(KEY, 5_000).await.unwrap(), Standing::Claimed(_)), "it has ended");
            clean(path.as_ref());
        }
    }

    #[tokio::test]
    async fn of_several_one_uploads_and_another_takes_over_when_it_is_gone() {
        let (_, path) = places().remove(1);
        let [one, two] = [(); 2].map(|()| UploadIds::new(path.clone()));
        let Standing::Claimed(claim) = one.find(KEY, 1_000).await.unwrap() else { panic!("nobody had it") };
        assert_eq!(two.find(KEY, 1_001).await.unwrap(), Standing::Busy);
        one.renew(KEY, claim, 10_000).await.unwrap();
        assert_eq!(two.find(KEY, 24_999).await.unwrap(), Standing::Busy);
        assert!(matches!(two.find(KEY, 25_000).await.unwrap(), Standing::Claimed(_)), "it was not renewed");
        one.give_up(KEY, claim).await.unwrap();
        assert_eq!(one.find(KEY, 25_001).await.unwrap(), Standing::Busy, "a claim that is over ends no other");
        clean(path.as_ref());
    }
}
