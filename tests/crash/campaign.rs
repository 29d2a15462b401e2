//! A campaign that can be killed at any moment: see campaign.py. For test_kill.py.
#![allow(clippy::unwrap_used, clippy::print_stdout, missing_docs, reason = "a program for tests")]

use std::io::Read as _;

use futures_util::StreamExt as _;
use serde_json::{Value, json};
use wacloud::bulk::{BulkMessage, BulkOptions};
use wacloud::{Client, Message, Settings};

#[tokio::main]
async fn main() {
    let mut text = String::new();
    std::io::stdin().read_to_string(&mut text).unwrap();
    let task: Value = serde_json::from_str(&text).unwrap();
    let settings: Settings = serde_json::from_value(task["settings"].clone()).unwrap();
    let options = BulkOptions::from_json(&task["options"].to_string()).unwrap();
    let messages = task["messages"].as_array().unwrap().iter().map(|message| {
        let text = |at: usize| message[at].as_str().unwrap();
        BulkMessage { key: message[2].as_str().map(str::to_owned), message: Message::text(text(0), text(1)) }
    });
    let client = Client::with_settings(settings).unwrap();
    let mut results = client.send_bulk_with(messages, &options);
    while let Some(result) = results.next().await {
        println!("{}", json!([result.index, result.key, result.outcome().name(), result.replayed]));
    }
    assert!(results.stopped_by().is_none(), "{:?}", results.stopped_by());
    println!("\"done\"");
}
