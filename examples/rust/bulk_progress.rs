use futures_util::StreamExt;
use wacloud::{Client, Message};

#[tokio::main]
async fn main() -> wacloud::Result<()> {
    let wa = Client::from_env()?;
    let messages = (0..100).map(|n| Message::text(format!("+1212555{n:04}"), "The shop opens at nine"));
    let mut results = wa.send_bulk(messages).on_progress(|progress| {
        eprintln!("{} done, {:.0} a second", progress.done, progress.rate);
    });
    while let Some(result) = results.next().await {
        if let Err(error) = &result.result {
            eprintln!("message {}: {error}", result.index);
        }
    }
    if let Some(error) = results.stopped_by() {
        return Err(error.clone());
    }
    Ok(())
}
