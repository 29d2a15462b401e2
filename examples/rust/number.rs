use futures_util::TryStreamExt as _;
use wacloud::operation::{account, phone, profile, qr_codes};

#[tokio::main]
async fn main() -> wacloud::Result<()> {
    let wa = wacloud::Client::from_env()?;
    let number = wa.call(phone::Get::new()).await?;
    println!("{:?} {:?}", number.display_phone_number, number.quality_rating);
    wa.call(profile::Update::new().about("Open from 9 to 6")).await?;
    let made = wa.call(qr_codes::Create::new("I would like to order")).await?;
    println!("{:?}", made.deep_link_url);

    let mut numbers = std::pin::pin!(wa.all(account::Phones::new()));
    while let Some(number) = numbers.try_next().await? {
        let other = wa.phone(number.id)?;
        other.send_text("+15550001234", "Hello from this number, too").await?;
    }
    Ok(())
}
