use wacloud::message::interactive::{ListRow, ListSection};
use wacloud::message::template::ButtonValue;
use wacloud::operation::{SendImage, SendList, SendTemplate};
use wacloud::{Client, Heading, Message};

#[tokio::main]
async fn main() -> wacloud::Result<()> {
    let wa = Client::from_env()?;
    let to = "+15550001234";

    // What is required are arguments; the rest is set by name, and goes out with `call`.
    wa.send_image(to, "https://example.com/parcel.jpg").await?;
    wa.call(SendImage::new(to, "https://example.com/parcel.jpg").caption("At the door")).await?;

    let monday = ListSection::new("Monday", [ListRow::new("m9", "09:00"), ListRow::new("m10", "10:00")]);
    wa.call(SendList::new(to, "Pick a slot", "Slots", [monday]).footer("Reply by 6 pm")).await?;

    let link = ButtonValue { index: 0, url: Some("marta-42".into()), ..ButtonValue::default() };
    let code = ButtonValue { index: 1, copy_code: Some("SAVE10".into()), ..ButtonValue::default() };
    let promo = SendTemplate::new(to, "promo", "en_US")
        .header(Heading::image("https://example.com/offer.jpg"))
        .body(["Marta"])
        .buttons([link, code]);

    // An operation is a message, too: to look at it, to send it later, in bulk.
    let message = Message::from(promo).reply_to("wamid.HBgLMTU1NTAwMDEyMzQ=");
    println!("{}", message.payload()?);
    wa.send(message).await?;
    Ok(())
}
