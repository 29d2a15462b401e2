//! Calls, bulks and clients against a server that answers when it is told to.

mod bulk;
mod call;
mod fork;
mod log;
mod server;

use std::time::Duration;

use serde_json::{Value, json};

use crate::ClientHandle;
use crate::process::tests::FakeProcess;

/// Long enough that only a hang reaches it.
const LONG: Duration = Duration::from_secs(30);

const NOTHING: Duration = Duration::ZERO;

fn config(base_url: &str) -> Value {
    json!({
        "phone_number_id": "106540352242922",
        "access_token": "EAAG",
        "base_url": base_url,
        "rate": 0,
        "pair_rate": 0,
        "pace": "process",
        "max_retries": 0,
    })
}

fn client(fake: &FakeProcess, config: &Value) -> ClientHandle {
    ClientHandle::of(fake.process, &config.to_string())
}

fn params(body: &str) -> Value {
    json!({"to": "+15550001234", "body": body})
}

fn read(envelope: Option<String>) -> Value {
    serde_json::from_str(&envelope.expect("there is something to fetch")).expect("it is JSON")
}
