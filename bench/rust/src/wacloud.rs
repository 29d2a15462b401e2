//! A bulk of wacloud: a window of 32 messages, or of `BENCH_WINDOW`, no limit of rate; with a journal where `BENCH_JOURNAL`
//! names one.

use std::ops::Range;

use futures_util::StreamExt;
use wacloud::bulk::BulkOptions;
use wacloud::{Client, Message, Settings};
use wacloud_bench::{IN_FLIGHT, PHONE_NUMBER_ID, Result, TEXT, TOKEN, Task, recipient};

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<()> {
    let task = Task::from_env()?;
    let mut settings = Settings::new(PHONE_NUMBER_ID, TOKEN);
    settings.base_url = Some(task.url.clone());
    settings.rate = Some(0.0.into());
    settings.pair_rate = Some(0.0);
    let client = Client::with_settings(settings)?;
    let journal = std::env::var("BENCH_JOURNAL").ok();
    let window = std::env::var("BENCH_WINDOW").ok().and_then(|window| window.parse().ok());
    let window = window.or(u32::try_from(IN_FLIGHT).ok());
    let options = BulkOptions { window, journal, ..BulkOptions::default() };
    task.measure(async |numbers: Range<u32>| {
        let messages = numbers.map(|n| Message::text(recipient(n), TEXT));
        let mut results = client.send_bulk_with(messages, &options);
        while let Some(result) = results.next().await {
            result.result?;
        }
        Ok(())
    })
    .await
}
