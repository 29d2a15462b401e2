use wacloud::{Client, Error};

#[tokio::main]
async fn main() -> wacloud::Result<()> {
    let wa = Client::from_env()?;
    match wa.send_text("+15550001234", "Your table is ready").await {
        Ok(sent) => println!("accepted: {}", sent.id),
        Err(Error::DeliveryUnknown(error)) => println!("unknown: {error}"),
        Err(Error::Api(error)) => println!("rejected: {error}"),
        Err(error) => println!("not sent: {error}"),
    }
    Ok(())
}
