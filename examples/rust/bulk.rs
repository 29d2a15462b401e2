use futures_util::StreamExt;
use wacloud::{Client, Message};

#[tokio::main]
async fn main() -> wacloud::Result<()> {
    let wa = Client::from_env()?;
    let numbers = (0..200).map(|n| format!("+1212555{n:04}"));
    let mut results = wa.send_bulk(numbers.map(|to| Message::text(to, "The shop opens at nine")));
    while let Some(result) = results.next().await {
        if let Err(error) = &result.result {
            eprintln!("message {}: {error}", result.index);
        }
    }
    Ok(())
}
