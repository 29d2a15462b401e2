use wacloud::{CallOptions, Client, Message, Priority, Settings};

#[tokio::main]
async fn main() -> wacloud::Result<()> {
    let mut settings = Settings::from_env()?;
    settings.rate = Some(20.0.into());
    settings.max_wait_ms = Some(10_000);
    let wa = Client::with_settings(settings)?;

    let soon = CallOptions { priority: Some(Priority::Urgent), timeout_ms: Some(15_000), ..CallOptions::default() };
    wa.send_with(Message::text("+15550001234", "Your code is 4711"), &soon).await?;

    let patient = wa.with_options(|settings| settings.max_wait_ms = Some(600_000))?;
    let later = CallOptions { priority: Some(Priority::Low), ..CallOptions::default() };
    patient.send_with(Message::text("+15550001234", "Our new opening hours"), &later).await?;
    Ok(())
}
