//! The tables of a journal's file.
//!
//! What is about to leave is written down a batch at a time, one row of `intent` for all messages of a moment: that is what
//! has to be on the disk before they go, and one row is quick. Each message gets its row in `message` when its outcome is
//! known; the intent of a batch goes with the last one. So a message that stands in an intent and has no row for it, or one
//! for an earlier intent only, may have left, and nobody knows more.
//!
//! A key is found by its hash in `lookup`. Hashes come in no order, so each would write a page of its own; they are gathered
//! in `fresh` (which is written at its end) and moved some thousand at a time, in their order.
//!
//! A decision against the plainer design, a row written at the intent and changed at the outcome: that writes the
//! page of each row twice, and once with an index. The two were not measured against each other.

use crate::store::sqlite::FileKind;

pub(super) static KIND: FileKind = FileKind {
    // `wacj`
    application_id: 0x7761_636a,
    layout: 1,
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
             CREATE TABLE IF NOT EXISTS intent (
                 id INTEGER PRIMARY KEY,
                 campaign INTEGER NOT NULL,
                 entries TEXT NOT NULL
             );
             CREATE TABLE IF NOT EXISTS message (
                 id INTEGER PRIMARY KEY,
                 campaign INTEGER NOT NULL,
                 key TEXT NOT NULL,
                 place INTEGER NOT NULL,
                 run INTEGER NOT NULL,
                 intent INTEGER NOT NULL,
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
             CREATE TABLE IF NOT EXISTS fresh (id INTEGER PRIMARY KEY, hash INTEGER NOT NULL);
             CREATE INDEX IF NOT EXISTS message_tracker ON message (tracker) WHERE tracker IS NOT NULL;
             CREATE INDEX IF NOT EXISTS message_wamid ON message (wamid) WHERE tracker IS NOT NULL;",
};
