//! Sends `BENCH_MESSAGES` texts in bulk and prints by how many KiB the process grew at most. `make bench` measures it.
#![allow(clippy::print_stdout, reason = "what it prints is what it is for")]

use futures_util::StreamExt;
use wacloud::{Client, Message, Settings, Shared};

fn peak() -> Option<u64> {
    let status = std::fs::read_to_string("/proc/self/status").ok()?;
    status.split_once("VmHWM:")?.1.split_whitespace().next()?.parse().ok()
}

#[tokio::main]
async fn main() -> wacloud::Result<()> {
    let said = |name: &str| std::env::var(name).unwrap_or_default();
    let mut settings = Settings::new(said("WA_PHONE_ID"), said("WA_TOKEN"));
    settings.base_url = Some(said("WA_BASE_URL"));
    (settings.rate, settings.pair_rate) = (Some(0.0.into()), Some(0.0));
    let wa = Client::with_shared(settings, &Shared::new())?;
    let count: u32 = said("BENCH_MESSAGES").parse().unwrap_or(100_000);
    let before = peak().unwrap_or_default();
    let messages = (0..count).map(|n| Message::text(format!("+1212{n:07}"), "The shop opens at nine"));
    let mut results = wa.send_bulk(messages);
    while let Some(result) = results.next().await {
        result.result?;
    }
    println!("{}", peak().unwrap_or_default() - before);
    Ok(())
}
