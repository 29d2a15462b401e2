//! Sends one message of each kind. `make demo` runs it against a local Cloud API.

use wacloud::operation::{SendButtons, SendDocument, SendImage, SendLocation, SendTemplate, SendText};
use wacloud::{Client, Media, ReplyButton, Variables};

const TO: &str = "+1 (212) 555-0101";

#[tokio::main]
async fn main() -> wacloud::Result<()> {
    let wa = Client::from_env()?;

    wa.call(SendText::new(TO, "Zoë, your parcel is here 📦").tracker(tracker("text"))).await?;
    let image = SendImage::new(TO, "https://example.com/parcel.jpg").caption("At the door");
    wa.call(image.tracker(tracker("image"))).await?;
    let document = SendDocument::new(TO, Media::link("https://example.com/1042.pdf")).filename("invoice-1042.pdf");
    wa.call(document.tracker(tracker("document"))).await?;
    let place = SendLocation::new(TO, 48.2082, 16.3738).name("Our shop").address("Stephansplatz 1");
    wa.call(place.tracker(tracker("location"))).await?;
    let answers = [ReplyButton::new("yes", "Yes"), ReplyButton::new("no", "No")];
    let buttons = SendButtons::new(TO, "Shall we come on Friday?", answers).footer("Answer by 6 pm");
    wa.call(buttons.tracker(tracker("buttons"))).await?;

    let order = SendTemplate::new(TO, "order_update", "en_US").body(["Zoë", "#1042"]);
    wa.call(order.tracker(tracker("template, positional"))).await?;
    let order = SendTemplate::new(TO, "order_update_named", "en_US")
        .body(Variables::named([("name", "Zoë"), ("order", "#1042")]));
    wa.call(order.tracker(tracker("template, named"))).await?;
    let visit = SendTemplate::new(TO, "appointment", "en_US").header("Stephansplatz 1").body(["Zoë", "Friday, 4 pm"]);
    wa.call(visit.tracker(tracker("template, header"))).await?;

    wa.mark_read("wamid.received/rust").await?;
    Ok(())
}

/// What the Cloud API keeps beside the message: here language and kind, for the table.
fn tracker(kind: &str) -> String {
    format!("rust/{kind}")
}
