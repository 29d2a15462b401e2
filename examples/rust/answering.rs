use wacloud::operation::MarkRead;
use wacloud::webhook::{self, WebhookKind};
use wacloud::{Client, Message};

const BODY: &str = r#"{"object":"whatsapp_business_account","entry":[{"id":"1","changes":[{"field":"messages","value":{"metadata":{"phone_number_id":"106540352242922"},"messages":[{"from":"15550001234","id":"wamid.A","type":"text","text":{"body":"Hello"}}]}}]}]}"#;

#[tokio::main]
async fn main() -> wacloud::Result<()> {
    let wa = Client::from_env()?;
    for event in webhook::parse(BODY.as_bytes())? {
        if event.kind == WebhookKind::Message {
            wa.call(MarkRead::new(&event).typing(true)).await?;
            wa.reply(&event, Message::text(&event, "Hello! We are on it.")).await?;
            wa.react(&event, "👍").await?;
            wa.send_text(&event, "This one quotes nothing.").await?;
        }
    }
    Ok(())
}
