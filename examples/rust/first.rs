use wacloud::Client;

#[tokio::main]
async fn main() -> wacloud::Result<()> {
    let wa = Client::from_env()?;
    let sent = wa.send_text("+15550001234", "Hello from Rust").await?;
    println!("{}", sent.id);
    Ok(())
}
