//! Pictures, films, sounds, files and stickers.

use super::sends;
use crate::message::{Content, Media, MediaObject};

sends! {
    /// Sends a picture: JPEG or PNG (8 bit, RGB or RGBA), up to 5 MB.
    ///
    /// A file of this machine is checked before a byte leaves. What a link leads to or an id names is refused by Meta when it is of
    /// another type or larger, mostly by webhook after the message was accepted (131053, a `MediaError`). Meta
    /// keeps what a link led to for 10 minutes.
    ///
    /// Source: Meta's pages "Image messages" and "Media".
    ///
    /// ```no_run
    /// # async fn example(wa: wacloud::Client) -> wacloud::Result<()> {
    /// use wacloud::operation::SendImage;
    ///
    /// wa.call(SendImage::new("+15550001234", "https://example.com/parcel.jpg").caption("At the door")).await?;
    /// # Ok(())
    /// # }
    /// ```
    SendImage: send_image, image,
    r#"{"to": "+15550001234", "image": "https://example.com/parcel.jpg", "caption": "At the door"}"# {
        /// The picture: an `https://` link that Meta fetches, the id of an upload, or a file of this machine (`Media.file`).
        image: Media = "image",
        ;
        /// A text below it: up to 1,024 characters.
        caption: String = "image.caption",
    }
    => Content::Image(MediaObject::new(image).caption(caption))
}

sends! {
    /// Sends a film: MP4 or 3GP (H.264, AAC, one audio stream or none), up to 16 MB.
    ///
    /// A file of this machine is checked before a byte leaves. What a link leads to or an id names is refused by Meta when it is of
    /// another type or larger, mostly by webhook after the message was accepted (131053, a `MediaError`).
    ///
    /// Source: Meta's pages "Video messages" and "Media".
    ///
    /// ```no_run
    /// # async fn example(wa: wacloud::Client) -> wacloud::Result<()> {
    /// wa.send_video("+15550001234", "https://example.com/unboxing.mp4").await?;
    /// # Ok(())
    /// # }
    /// ```
    SendVideo: send_video, video,
    r#"{"to": "+15550001234", "video": "https://example.com/unboxing.mp4", "caption": "Unboxing"}"# {
        /// The film: an `https://` link that Meta fetches, the id of an upload, or a file of this machine (`Media.file`).
        video: Media = "video",
        ;
        /// A text below it: up to 1,024 characters.
        caption: String = "video.caption",
    }
    => Content::Video(MediaObject::new(video).caption(caption))
}

sends! {
    /// Sends a sound: AAC, AMR, MP3, M4A or OGG (Opus, mono), up to 16 MB.
    ///
    /// With `voice` it is shown as a voice message, which has to be OGG with Opus; up to 512 KB it is played with a tap,
    /// beyond that it is shown with a download arrow.
    ///
    /// Source: Meta's pages "Audio messages" and "Media".
    ///
    /// ```no_run
    /// # async fn example(wa: wacloud::Client) -> wacloud::Result<()> {
    /// use wacloud::operation::SendAudio;
    ///
    /// wa.call(SendAudio::new("+15550001234", "https://example.com/hello.ogg").voice(true)).await?;
    /// # Ok(())
    /// # }
    /// ```
    SendAudio: send_audio, audio,
    r#"{"to": "+15550001234", "audio": "https://example.com/hello.ogg", "voice": true}"# {
        /// The sound: an `https://` link that Meta fetches, the id of an upload, or a file of this machine (`Media.file`).
        audio: Media = "audio",
        ;
        /// Whether it is shown as a voice message. No unless given.
        voice: bool = "audio.voice",
    }
    => Content::Audio(MediaObject::new(audio).voice(voice))
}

sends! {
    /// Sends a file: PDF, text, Word, Excel or PowerPoint, up to 100 MB.
    ///
    /// Source: Meta's pages "Document messages" and "Media".
    ///
    /// ```no_run
    /// # async fn example(wa: wacloud::Client) -> wacloud::Result<()> {
    /// use wacloud::operation::SendDocument;
    ///
    /// wa.call(SendDocument::new("+15550001234", "https://example.com/1042.pdf").filename("invoice-1042.pdf")).await?;
    /// # Ok(())
    /// # }
    /// ```
    SendDocument: send_document, document,
    r#"{"to": "+15550001234", "document": "https://example.com/1042.pdf", "filename": "invoice-1042.pdf"}"# {
        /// The file: an `https://` link that Meta fetches, the id of an upload, or a file of this machine (`Media.file`).
        document: Media = "document",
        ;
        /// The name that people see and save it under: up to 240 characters. Its ending decides which program opens it.
        filename: String = "document.filename",
        /// A text below it: up to 1,024 characters.
        caption: String = "document.caption",
    }
    => Content::Document(MediaObject::new(document).caption(caption).filename(filename))
}

sends! {
    /// Sends a sticker: WebP of 512 by 512 pixels, up to 100 KB, moving ones up to 500 KB.
    ///
    /// Source: Meta's pages "Sticker messages" and "Media".
    ///
    /// ```no_run
    /// # async fn example(wa: wacloud::Client) -> wacloud::Result<()> {
    /// wa.send_sticker("+15550001234", "https://example.com/thanks.webp").await?;
    /// # Ok(())
    /// # }
    /// ```
    SendSticker: send_sticker, sticker, r#"{"to": "+15550001234", "sticker": "https://example.com/thanks.webp"}"# {
        /// The sticker: an `https://` link that Meta fetches, the id of an upload, or a file of this machine (`Media.file`).
        sticker: Media = "sticker",
        ;
    }
    => Content::Sticker(MediaObject::new(sticker))
}
