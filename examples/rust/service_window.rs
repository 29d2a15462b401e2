use wacloud::inbox::ServiceWindow;
use wacloud::operation::SendTemplate;
use wacloud::{Client, Message, webhook};

const BODY: &str = r#"{"object":"whatsapp_business_account","entry":[{"id":"1","changes":[{"field":"messages","value":{"metadata":{"phone_number_id":"106540352242922"},"messages":[{"from":"15550001234","id":"wamid.A","type":"text","text":{"body":"Hello"}}]}}]}]}"#;

#[tokio::main]
async fn main() -> wacloud::Result<()> {
    let wa = Client::from_env()?;
    let window = ServiceWindow::new(); // or ServiceWindow::open("inbox.db")?: it may be the same file that Dedup has
    window.observe(&webhook::parse(BODY.as_bytes())?).await?;
    for to in ["+15550001234", "+15550005678"] {
        println!("{to} is open: {}", window.is_open(wa.phone_number_id(), to).await?);
        let template = SendTemplate::new(to, "hello_world", "en_US").into();
        window.send(&wa, Message::text(to, "It is here."), template).await?;
    }
    Ok(())
}
