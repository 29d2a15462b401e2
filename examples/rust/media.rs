use wacloud::operation::media;
use wacloud::{Client, Media, Settings};

#[tokio::main]
async fn main() -> wacloud::Result<()> {
    let mut settings = Settings::from_env()?;
    settings.media_cache = Some("uploads.db".to_owned());
    let wa = Client::with_settings(settings)?;
    let invoice = Media::file("invoice.pdf");
    for to in ["+15550001234", "+15550005678"] {
        wa.send_document(to, invoice.clone()).await?;
    }
    let uploaded = wa.call(media::Upload::new("photo.png").filename("door.png")).await?;
    println!("{:?}", wa.media_info(&uploaded.id).await?.mime_type);
    wa.download_media(&uploaded.id, "copy.png").await?;
    wa.delete_media(&uploaded.id).await?;
    Ok(())
}
