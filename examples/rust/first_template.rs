use wacloud::Client;

#[tokio::main]
async fn main() -> wacloud::Result<()> {
    let wa = Client::from_env()?;
    wa.send_template("+15550001234", "hello_world", "en_US").await?;
    Ok(())
}
