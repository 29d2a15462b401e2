//! Sends one message of each kind. `make demo` runs it against a local Cloud API.

use wacloud::operation::{SendButtons, SendDocument, SendImage, SendTemplate};
use wacloud::{Client, Media, Message, ReplyButton, Tracker, Variables};

const TO: &str = "+1 (212) 555-0101";

#[tokio::main]
async fn main() -> wacloud::Result<()> {
    let wa = Client::from_env()?;

    wa.send(Message::text(TO, "Zoë, your parcel is here 📦").tracker(given("text"))).await?;
    wa.call(SendImage {
        to: TO.into(),
        image: "https://example.com/parcel.jpg".into(),
        caption: Some("At the door".into()),
        reply_to: None,
        tracker: Some(given("image")),
    })
    .await?;
    wa.call(SendDocument {
        to: TO.into(),
        document: Media::link("https://example.com/1042.pdf"),
        filename: Some("invoice-1042.pdf".into()),
        caption: None,
        reply_to: None,
        tracker: Some(given("document")),
    })
    .await?;
    wa.call(SendButtons {
        to: TO.into(),
        body: "Shall we come on Friday?".into(),
        buttons: vec![ReplyButton::new("yes", "Yes"), ReplyButton::new("no", "No")],
        header: None,
        footer: Some("Answer by 6 pm".into()),
        reply_to: None,
        tracker: Some(given("buttons")),
    })
    .await?;

    let order = Variables::positional(["Zoë", "#1042"]);
    wa.call(template("order_update", Some(order), None, "template, positional")).await?;
    let order = Variables::named([("name", "Zoë"), ("order", "#1042")]);
    wa.call(template("order_update_named", Some(order), None, "template, named")).await?;
    let visit = Variables::positional(["Zoë", "Friday, 4 pm"]);
    wa.call(template("appointment", Some(visit), Some("Stephansplatz 1"), "template, header")).await?;

    wa.mark_read("wamid.received/rust").await?;
    Ok(())
}

fn template(name: &str, body: Option<Variables>, header: Option<&str>, kind: &str) -> SendTemplate {
    SendTemplate {
        to: TO.into(),
        name: name.into(),
        language: "en_US".into(),
        body,
        header: header.map(Into::into),
        reply_to: None,
        tracker: Some(given(kind)),
    }
}

/// What the Cloud API keeps beside the message: here the language and the kind, for the table.
fn given(kind: &str) -> Tracker {
    Tracker::Given(format!("rust/{kind}"))
}
