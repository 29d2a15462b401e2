use wacloud::webhook::{self, WebhookKind};

/// What a route for webhooks does with a POST: `signature` is its header X-Hub-Signature-256.
fn receive(app_secret: &str, raw_body: &[u8], signature: Option<&str>) -> wacloud::Result<()> {
    webhook::verify(&[app_secret], raw_body, signature)?;
    for event in webhook::parse(raw_body)? {
        match event.kind {
            WebhookKind::Message if !event.standby => println!("{:?} wrote {:?}", event.user, event.text),
            WebhookKind::Status => println!("{:?} is {:?}", event.id, event.status),
            _ => println!("{:?}", event.kind),
        }
    }
    Ok(())
}

fn main() -> wacloud::Result<()> {
    let query = "hub.mode=subscribe&hub.verify_token=my+word&hub.challenge=1158201444";
    println!("{}", webhook::challenge(query, "my word")?);

    let body = br#"{"object":"page","entry":[{"id":"900","messaging":[{"sender":{"id":"77"},"recipient":{"id":"900"},"message":{"mid":"m_1","text":"Hello"}}]}]}"#;
    let signature = "sha256=dde7f84c130d791f30314e8c514c6119b19ad90616a413a2b727ef14afc446c2";
    receive("app secret", body, Some(signature))
}
