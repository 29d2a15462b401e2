use wacloud::inbox::Dedup;
use wacloud::webhook;

const BODY: &str = r#"{"object":"page","entry":[{"id":"900","messaging":[{"sender":{"id":"77"},"recipient":{"id":"900"},"message":{"mid":"m_1","text":"Hello"}}]}]}"#;

#[tokio::main]
async fn main() -> wacloud::Result<()> {
    let dedup = Dedup::new(); // in memory; or Dedup::open("inbox.db")?, Dedup::open("redis://localhost:6379/0")?
    for _delivery in 0..2 {
        for event in dedup.fresh(webhook::parse(BODY.as_bytes())?).await? {
            println!("{:?} wrote {:?}", event.user, event.text);
        }
    }
    Ok(())
}
