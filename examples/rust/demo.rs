//! Sends one message of each kind. `make demo` runs it against a local Cloud API.

use wacloud::message::interactive::{ListRow, ListSection};
use wacloud::message::template::ButtonValue;
use wacloud::operation::{
    SendButtons, SendDocument, SendImage, SendList, SendLocation, SendReaction, SendTemplate, SendText,
};
use wacloud::{Client, Heading, Media, ReplyButton, Variables};

const TO: &str = "+1 (212) 555-0101";

#[tokio::main]
async fn main() -> wacloud::Result<()> {
    let wa = Client::from_env()?;

    wa.call(SendText::new(TO, "Zoë, your parcel is here 📦").tracker(tracker("text"))).await?;
    wa.call(SendReaction::new(TO, "wamid.received", "👍").tracker(tracker("reaction"))).await?;
    let image = SendImage::new(TO, "https://example.com/parcel.jpg").caption("At the door");
    wa.call(image.tracker(tracker("image"))).await?;
    let document = SendDocument::new(TO, Media::link("https://example.com/1042.pdf")).filename("invoice-1042.pdf");
    wa.call(document.tracker(tracker("document"))).await?;
    let place = SendLocation::new(TO, 48.2082, 16.3738).name("Our shop").address("Stephansplatz 1");
    wa.call(place.tracker(tracker("location"))).await?;
    let answers = [ReplyButton::new("yes", "Yes"), ReplyButton::new("no", "No")];
    let buttons = SendButtons::new(TO, "Shall we come on Friday?", answers).footer("Answer by 6 pm");
    wa.call(buttons.tracker(tracker("buttons"))).await?;
    let friday = ListRow { description: Some("one hour".into()), ..ListRow::new("f9", "9:00") };
    let times = [
        ListSection::new("Friday", [friday]),
        ListSection::new("Monday", [ListRow::new("m9", "9:00"), ListRow::new("m4", "16:00")]),
    ];
    let list = SendList::new(TO, "When may we come?", "Choose a time", times);
    wa.call(list.tracker(tracker("list"))).await?;

    let order = SendTemplate::new(TO, "order_update", "en_US").body(["Zoë", "#1042"]);
    wa.call(order.tracker(tracker("template, positional"))).await?;
    let order = SendTemplate::new(TO, "order_update_named", "en_US")
        .body(Variables::named([("name", "Zoë"), ("order", "#1042")]));
    wa.call(order.tracker(tracker("template, named"))).await?;
    let visit = SendTemplate::new(TO, "appointment", "en_US").header("Stephansplatz 1").body(["Zoë", "Friday, 4 pm"]);
    wa.call(visit.tracker(tracker("template, header"))).await?;
    let link = ButtonValue { index: 0, url: Some("zoe-42".into()), ..ButtonValue::default() };
    let coupon = ButtonValue { index: 1, copy_code: Some("SAVE10".into()), ..ButtonValue::default() };
    let promo = SendTemplate::new(TO, "promo", "en_US")
        .header(Heading::image("https://example.com/promo.jpg"))
        .body(["Zoë"])
        .buttons([link, coupon]);
    wa.call(promo.tracker(tracker("template, buttons"))).await?;

    wa.mark_read("wamid.received/rust").await?;
    Ok(())
}

/// What the Cloud API keeps beside the message: here language and kind, for the table.
fn tracker(kind: &str) -> String {
    format!("rust/{kind}")
}
