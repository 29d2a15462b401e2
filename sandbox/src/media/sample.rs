//! What customers send where a request says nothing: the smallest files of each kind, which are what they say.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use bytes::Bytes;
use ring::digest::{SHA256, digest};
use serde_json::{Map, Value};

use super::store::MediaFile;
use crate::state::Inside;

/// A MIME type and bytes for a kind of message, of those that carry a file.
fn sample(kind: &str) -> Option<(&'static str, Bytes)> {
    let (mime_type, bytes): (_, &'static [u8]) = match kind {
        "image" => ("image/jpeg", include_bytes!("sample.jpg")),
        "sticker" => ("image/webp", include_bytes!("sample.webp")),
        "video" => ("video/mp4", b"\0\0\0\x18ftypmp42\0\0\0\0mp42isom\0\0\0\x08mdat"),
        "audio" => (
            "audio/ogg; codecs=opus",
            b"OggS\0\x02\0\0\0\0\0\0\0\0\x01\0\0\0\0\0\0\0\0\0\0\0\x01\x13OpusHead\x01\x01\0\0\x80\xbb\0\0\0\0\0",
        ),
        "document" => ("application/pdf", b"%PDF-1.4\n1 0 obj<</Type/Catalog>>endobj\ntrailer<</Root 1 0 R>>\n%%EOF\n"),
        _ => return None,
    };
    Some((mime_type, Bytes::from_static(bytes)))
}

/// Keeps the file of a customer's message under its id, so that it can be looked up and fetched. `content` is told its hash,
/// and its type where none was given.
pub(crate) fn receive(inside: &mut Inside, phone_number_id: &str, kind: &str, content: &mut Map<String, Value>) {
    let Some((mime_type, bytes)) = sample(kind) else { return };
    let Some(id) = content.get("id").and_then(Value::as_str) else { return };
    let given = content.get("mime_type").and_then(Value::as_str);
    let file = MediaFile {
        id: id.to_owned(),
        phone_number_id: phone_number_id.to_owned(),
        mime_type: given.unwrap_or(mime_type).to_owned(),
        filename: content.get("filename").and_then(Value::as_str).map(str::to_owned),
        file_size: 0,
        sha256: String::new(),
        at: inside.clock.now_ms(),
        received: true,
        bytes: bytes.clone(),
    };
    // Webhooks write it in base64, answers of the API in hexadecimal digits.
    content.entry("sha256").or_insert_with(|| STANDARD.encode(digest(&SHA256, &bytes)).into());
    content.entry("mime_type").or_insert_with(|| mime_type.into());
    inside.media.add(file);
}
