//! The tables of a journal's file.
//!
//! Whoever sends only ever adds to `log`: one row for all that happens in a moment, be it that messages may leave now or how
//! others ended. That is what has to be on the disk before they go, and one row is quick. Whoever wants to look something up
//! turns the log into rows of `message` first (`fold.rs`), and takes what it has read out of the log. A message that may
//! have left and whose end is not told stays in the log; nobody knows more of it.
//!
//! A key is found by its hash in `lookup`.
//!
//! A decision against the plainer design, a row for each message, written while it is sent: with its indexes it cost the
//! sender 36 us a message, the log costs a fifth of that (bench/README.md). And against a log in a file of its own: it would
//! save a few pages, and ask for checksums, torn ends and two files that agree, all of which SQLite has solved.

use crate::store::sqlite::FileKind;

pub(super) static KIND: FileKind = FileKind {
    // `wacj`
    application_id: 0x7761_636a,
    // 1 had a row for each message while it was sent, and was never released.
    layout: 2,
    schema: "CREATE TABLE IF NOT EXISTS campaign (
                 id INTEGER PRIMARY KEY,
                 name TEXT NOT NULL UNIQUE,
                 phone_number_id TEXT NOT NULL,
                 origin TEXT NOT NULL,
                 begun_ms INTEGER NOT NULL,
                 runs INTEGER NOT NULL,
                 total INTEGER,
                 note TEXT,
                 pid INTEGER,
                 pid_since_ms INTEGER
             );
             CREATE TABLE IF NOT EXISTS log (
                 id INTEGER PRIMARY KEY,
                 campaign INTEGER NOT NULL,
                 run INTEGER NOT NULL,
                 entries TEXT NOT NULL
             );
             CREATE TABLE IF NOT EXISTS message (
                 id INTEGER PRIMARY KEY,
                 campaign INTEGER NOT NULL,
                 key TEXT NOT NULL,
                 place INTEGER NOT NULL,
                 run INTEGER NOT NULL,
                 nonce INTEGER NOT NULL,
                 tracker TEXT,
                 recipient TEXT NOT NULL,
                 outcome INTEGER NOT NULL,
                 at_ms INTEGER NOT NULL,
                 wamid TEXT,
                 code INTEGER,
                 reason TEXT,
                 told TEXT,
                 body TEXT,
                 sent_ms INTEGER,
                 delivered_ms INTEGER,
                 read_ms INTEGER,
                 failed_ms INTEGER,
                 failed_code INTEGER,
                 failed_told TEXT,
                 category TEXT,
                 pricing_type TEXT,
                 billable INTEGER
             );
             CREATE TABLE IF NOT EXISTS lookup (
                 hash INTEGER NOT NULL, id INTEGER NOT NULL, PRIMARY KEY (hash, id)
             ) WITHOUT ROWID;
             CREATE INDEX IF NOT EXISTS message_tracker ON message (tracker) WHERE tracker IS NOT NULL;
             CREATE INDEX IF NOT EXISTS message_wamid ON message (wamid) WHERE tracker IS NOT NULL;",
};
