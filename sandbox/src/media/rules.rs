//! What may be uploaded, and which media a message may name (Meta's page "Media", supported media types).

use serde_json::Value;

use super::store::{Known, MediaStore};
use crate::graph::GraphError;

const MB: usize = 1 << 20;

/// A kind of message, the MIME types of its media and their most bytes.
struct Kind(&'static str, &'static [&'static str], usize);

static KINDS: &[Kind] = &[
    Kind("image", &["image/jpeg", "image/png"], 5 * MB),
    Kind("video", &["video/mp4", "video/3gpp"], 16 * MB),
    Kind("audio", &["audio/aac", "audio/mp4", "audio/mpeg", "audio/amr", "audio/ogg"], 16 * MB),
    Kind("sticker", &["image/webp"], 500 << 10),
    Kind(
        "document",
        &[
            "text/plain",
            "application/pdf",
            "application/vnd.ms-powerpoint",
            "application/msword",
            "application/vnd.ms-excel",
            "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
            "application/vnd.openxmlformats-officedocument.presentationml.presentation",
            "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
        ],
        100 * MB,
    ),
];

/// How files of a type begin, of those that do.
static BEGINNINGS: &[(&str, usize, &[u8])] = &[
    ("image/jpeg", 0, b"\xff\xd8\xff"),
    ("image/png", 0, b"\x89PNG\r\n\x1a\n"),
    ("image/webp", 8, b"WEBP"),
    ("video/mp4", 4, b"ftyp"),
    ("video/3gpp", 4, b"ftyp"),
    ("audio/mp4", 4, b"ftyp"),
    ("audio/ogg", 0, b"OggS"),
    ("audio/amr", 0, b"#!AMR"),
    ("application/pdf", 0, b"%PDF"),
];

/// The type without its parameters: `audio/ogg; codecs=opus`.
fn plain(mime_type: &str) -> &str {
    mime_type.split(';').next().unwrap_or_default().trim()
}

fn of_type(mime_type: &str) -> Option<&'static Kind> {
    KINDS.iter().find(|Kind(_, types, _)| types.contains(&mime_type))
}

/// Whether a file begins as those of its type do.
pub(super) fn begins_as(mime_type: &str, data: &[u8]) -> bool {
    let begins = |at: usize, with: &[u8]| data.get(at..at + with.len()) == Some(with);
    !BEGINNINGS.iter().any(|(known, at, with)| *known == mime_type && !begins(*at, with))
}

/// Checks an upload.
pub(super) fn check_upload(mime_type: &str, data: &[u8]) -> Result<(), GraphError> {
    let mime_type = plain(mime_type);
    let Some(Kind(_, _, most)) = of_type(mime_type) else {
        let known: Vec<&str> = KINDS.iter().flat_map(|Kind(_, types, _)| types.iter().copied()).collect();
        return Err(GraphError {
            message: format!(
                "(#100) Param file must be a file with one of the following types: {}. Received file of type '{mime_type}'.",
                known.join(", ")
            ),
            ..GraphError::new(100)
        });
    };
    let refused = |why: String| Err(GraphError::new(131_053).details(why));
    // Only those that move may be longer than 100 KB (the flag of RFC 9649, section 2.7).
    let moves = data.get(12..16) == Some(b"VP8X") && data.get(20).is_some_and(|flags| flags & 2 != 0);
    let most = if mime_type == "image/webp" && !moves { 100 << 10 } else { *most };
    if data.len() > most {
        return refused(format!("Media file size is too large: {} bytes, {mime_type} may have {most}", data.len()));
    }
    if data.is_empty() {
        return refused("Media file is empty".to_owned());
    }
    if !begins_as(mime_type, data) {
        return refused(format!("Media file is not of the type that it was uploaded as: {mime_type}"));
    }
    Ok(())
}

/// Checks the media that a message names. An id that was never given out passes unless `strict`: whoever tries something out
/// has one from elsewhere.
pub(crate) fn check_message(
    media: &MediaStore,
    body: &Value,
    phone_number_id: &str,
    strict: bool,
    now_ms: u64,
) -> Result<(), GraphError> {
    walk(body, "", &mut |path, kind, id| {
        let missing = || {
            let details = format!("{path}.id: there is no media object with the id {id}");
            Err(GraphError::new(100).details(details))
        };
        let file = match media.get(id, now_ms) {
            Known::Here(file) => file,
            Known::Never if !strict => return Ok(()),
            Known::Gone | Known::Never => return missing(),
        };
        if file.phone_number_id != phone_number_id {
            return missing();
        }
        let kind = if kind == "gif" { "video" } else { kind };
        let fits = of_type(plain(&file.mime_type)).is_some_and(|Kind(known, ..)| *known == kind);
        match fits {
            true => Ok(()),
            false => {
                let details = format!("{path}.id: is {}, which cannot be sent as {kind}", file.mime_type);
                Err(GraphError::new(131_053).details(details))
            }
        }
    })
}

/// Finds every media object with an id: its path, its kind and the id.
fn walk(
    value: &Value,
    path: &str,
    found: &mut dyn FnMut(&str, &str, &str) -> Result<(), GraphError>,
) -> Result<(), GraphError> {
    match value {
        Value::Array(items) => {
            items.iter().enumerate().try_for_each(|(index, item)| walk(item, &format!("{path}[{index}]"), found))
        }
        Value::Object(members) => members.iter().try_for_each(|(name, member)| {
            let below = if path.is_empty() { name.clone() } else { format!("{path}.{name}") };
            let is_media = matches!(name.as_str(), "image" | "video" | "audio" | "document" | "sticker" | "gif");
            match member.get("id").and_then(Value::as_str) {
                Some(id) if is_media => found(&below, name, id),
                _ => walk(member, &below, found),
            }
        }),
        _ => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn code(mime_type: &str, data: &[u8]) -> Option<i64> {
        check_upload(mime_type, data).err().map(|error| error.code)
    }

    #[test]
    fn type_size_and_content_are_checked() {
        assert_eq!(code("application/pdf", b"%PDF-1.7"), None);
        assert_eq!(code("audio/ogg; codecs=opus", b"OggS"), None);
        assert_eq!(code("application/zip", b"PK"), Some(100));
        assert_eq!(code("image/png", b"\xff\xd8\xff"), Some(131_053));
        assert_eq!(code("text/plain", b""), Some(131_053));
        let mut long = b"\xff\xd8\xff".to_vec();
        long.resize(5 * MB + 1, 0);
        assert_eq!(code("image/jpeg", &long), Some(131_053));
        let sticker = |flags: u8| {
            let mut bytes = b"RIFF\0\0\0\0WEBPVP8X\0\0\0\0".to_vec();
            bytes.push(flags);
            bytes.resize(200 << 10, 0);
            bytes
        };
        assert_eq!((code("image/webp", &sticker(2)), code("image/webp", &sticker(0))), (None, Some(131_053)));
    }
}
