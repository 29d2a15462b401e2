use wacloud::client::PaceStore;
use wacloud::{Client, Settings};

#[tokio::main]
async fn main() -> wacloud::Result<()> {
    let mut settings = Settings::from_env()?;
    settings.pace = Some(PaceStore::Redis("redis://127.0.0.1:6379/0".to_owned()));
    let wa = Client::with_settings(settings)?;
    wa.send_text("+15550001234", "Hello").await?;
    Ok(())
}
