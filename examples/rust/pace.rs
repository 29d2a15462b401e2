//! Sends `BENCH_MESSAGES` texts in bulk at `BENCH_RATE`, each to somebody else. `make bench` measures it.

use futures_util::StreamExt;
use wacloud::{Client, Message, Settings};

#[tokio::main]
async fn main() -> wacloud::Result<()> {
    let said = |name: &str| std::env::var(name).unwrap_or_default();
    let mut settings = Settings::from_env()?;
    settings.rate = Some(said("BENCH_RATE").parse().unwrap_or(80.0).into());
    settings.pace_dir = Some(said("BENCH_PACE_DIR"));
    let (count, area): (u32, _) = (said("BENCH_MESSAGES").parse().unwrap_or(2000), said("BENCH_AREA"));
    let messages = (0..count).map(|n| Message::text(format!("+1{area}555{n:04}"), "The shop opens at nine"));
    let mut results = Client::with_settings(settings)?.send_bulk(messages);
    while let Some(result) = results.next().await {
        result.result?;
    }
    Ok(())
}
