//! Uploads the file `BENCH_FILE` and prints by how many KiB the process grew at most. `make bench` measures it.
#![allow(clippy::print_stdout, reason = "what it prints is what it is for")]

use wacloud::Client;

fn peak() -> Option<u64> {
    let status = std::fs::read_to_string("/proc/self/status").ok()?;
    status.split_once("VmHWM:")?.1.split_whitespace().next()?.parse().ok()
}

#[tokio::main]
async fn main() -> wacloud::Result<()> {
    let wa = Client::from_env()?;
    let file = std::env::var("BENCH_FILE").unwrap_or_default();
    let before = peak().unwrap_or_default();
    wa.upload_media(file).await?;
    println!("{}", peak().unwrap_or_default() - before);
    Ok(())
}
