//! Sends `BENCH_MESSAGES` texts in bulk, each to somebody else. `make bench` measures it.

use futures_util::StreamExt;
use wacloud::{Client, Message};

#[tokio::main]
async fn main() -> wacloud::Result<()> {
    let count: u32 = std::env::var("BENCH_MESSAGES").ok().and_then(|count| count.parse().ok()).unwrap_or(2000);
    let messages = (0..count).map(|n| Message::text(format!("+1212555{n:04}"), "The shop opens at nine"));
    let mut results = Client::from_env()?.send_bulk(messages);
    while let Some(result) = results.next().await {
        result.result?;
    }
    Ok(())
}
