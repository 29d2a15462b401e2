//! Which MIME type a file has: its content says so, its name where the content leaves it open. Pure.

use crate::message::limits;
use crate::message::names::{EXCEL, POWERPOINT, WORD, by_name};

/// How much of a file is looked at. Office files name their kind in the fourth entry of their archive, a few kilobytes in.
pub(super) const HEAD_BYTES: usize = 16 * 1024;

/// What the content of a file can be: several types, where it does not tell them apart.
fn by_content(head: &[u8]) -> Vec<&'static str> {
    // An OLE file holds any old Office format, and says which far behind its beginning.
    if head.starts_with(b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1") {
        return vec!["application/msword", "application/vnd.ms-excel", "application/vnd.ms-powerpoint"];
    }
    if head.get(4..10).is_some_and(|brand| brand == b"ftyp3g") {
        return vec!["video/3gpp"];
    }
    let Some(found) = infer::get(head) else {
        let is_text = !head.is_empty() && is_text(head);
        return if is_text { vec!["text/plain"] } else { Vec::new() };
    };
    match found.mime_type() {
        // The same container; what is in it is not looked at.
        "video/mp4" | "video/x-m4v" => vec!["video/mp4", "audio/mp4"],
        "audio/m4a" => vec!["audio/mp4"],
        "audio/opus" => vec!["audio/ogg"],
        // Ogg that does not begin with Opus, which is the only one that Meta takes.
        "audio/ogg" => vec!["audio/ogg without Opus"],
        // An archive in which the parts of an Office file stand in another order than usual.
        "application/zip" => vec!["application/zip", WORD, EXCEL, POWERPOINT],
        // It is a text whatever it says.
        text if text.starts_with("text/") => vec![text, "text/plain"],
        other => vec![other],
    }
}

/// Text in UTF-8, or in an older code without control characters.
fn is_text(head: &[u8]) -> bool {
    !head.iter().any(|byte| *byte < 0x20 && !matches!(byte, b'\t' | b'\n' | b'\r' | 0x0c | 0x1b))
}

/// What a file is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Sniffed {
    pub(super) mime_type: String,
    /// The type that its name stands for, where the content is another.
    pub(super) name_says: Option<&'static str>,
}

/// What is said about a file that contradicts itself, or of which nothing is known.
pub(super) fn sniff(
    head: &[u8],
    name: Option<&str>,
    given: Option<&str>,
    kind: Option<&str>,
) -> Result<Sniffed, String> {
    let possible = by_content(head);
    if let Some(given) = given {
        let plain = given.split(';').next().unwrap_or_default().trim().to_ascii_lowercase();
        return if possible.is_empty() || possible.contains(&plain.as_str()) {
            Ok(Sniffed { mime_type: plain, name_says: None })
        } else {
            Err(format!("is {} by its content, and {plain} was said", possible[0]))
        };
    }
    let named = name.and_then(by_name).map(|known| known.mime_type);
    // Where the content leaves it open, the name decides, then what it is sent as.
    let by_name = named.filter(|named| possible.is_empty() || possible.contains(named));
    let by_kind = || possible.iter().copied().find(|mime_type| kind.is_some_and(|kind| has(kind, mime_type)));
    match by_name.or_else(by_kind).or(possible.first().copied()) {
        Some(mime_type) => {
            let name_says = named.filter(|named| *named != mime_type);
            Ok(Sniffed { mime_type: mime_type.to_owned(), name_says })
        }
        None => Err("has no type that its content or its name would tell: say its MIME type".to_owned()),
    }
}

/// Whether this is a MIME type of the kind.
pub(super) fn has(kind: &str, mime_type: &str) -> bool {
    let limit = limits::MEDIA.iter().find(|limit| limit.kind == kind);
    limit.is_some_and(|limit| limit.mime_types.contains(&mime_type))
}

#[cfg(test)]
mod tests {
    use super::*;

    const PNG: &[u8] = b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR";
    const MP4: &[u8] = b"\0\0\0\x18ftypmp42\0\0\0\0mp42isom";

    fn told(head: &[u8], name: &str) -> Result<String, String> {
        sniff(head, Some(name).filter(|name| !name.is_empty()), None, None).map(|sniffed| sniffed.mime_type)
    }

    #[test]
    fn the_content_decides() {
        for (head, name, expected) in [
            (&b"\xff\xd8\xff\xe0\0\x10JFIF"[..], "", "image/jpeg"),
            (PNG, "photo.jpg", "image/png"),
            (MP4, "", "video/mp4"),
            (b"\0\0\0\x18ftyp3gp5\0\0", "", "video/3gpp"),
            (b"\0\0\0\x18ftypM4A \0\0\0\0", "", "audio/mp4"),
            (b"ID3\x04\0\0", "", "audio/mpeg"),
            (b"#!AMR\n\x3c\x0c\xd5\x53\xfa\x00\x80", "", "audio/amr"),
            (b"%PDF-1.7\n", "invoice", "application/pdf"),
            (b"Dear Ana,\nthe gate moved.\n", "letter", "text/plain"),
            (b"RIFF\0\0\0\0WEBPVP8X", "", "image/webp"),
        ] {
            assert_eq!(told(head, name).as_deref(), Ok(expected), "{name:?}");
        }
        let sniffed = sniff(PNG, Some("photo.jpg"), None, None).unwrap();
        assert_eq!(sniffed.name_says, Some("image/jpeg"), "a contradiction is told");
    }

    #[test]
    fn the_name_decides_what_the_content_leaves_open() {
        let ole = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1\0\0";
        assert_eq!(told(ole, "prices.xls").as_deref(), Ok("application/vnd.ms-excel"));
        assert_eq!(told(ole, "").as_deref(), Ok("application/msword"));
        assert_eq!(told(MP4, "song.m4a").as_deref(), Ok("audio/mp4"));
        assert_eq!(told(b"PK\x03\x04\0\0", "plan.xlsx").as_deref(), Ok(EXCEL));
        assert_eq!(told(b"PK\x03\x04\0\0", "plan.zip").as_deref(), Ok("application/zip"));
        let as_sound = sniff(MP4, None, None, Some("audio")).unwrap();
        assert_eq!(as_sound.mime_type, "audio/mp4");
        assert!(told(b"\0\x01\x02", "").is_err());
    }

    #[test]
    fn what_is_said_must_fit() {
        let said = |given| sniff(PNG, None, Some(given), None);
        assert_eq!(said("image/png; q=1").unwrap().mime_type, "image/png");
        assert_eq!(said("image/jpeg").unwrap_err(), "is image/png by its content, and image/jpeg was said");
    }

    #[test]
    fn ogg_has_to_be_opus() {
        let mut opus = b"OggS".to_vec();
        opus.resize(28, 0);
        opus.extend_from_slice(b"OpusHead");
        assert_eq!(told(&opus, "").as_deref(), Ok("audio/ogg"));
        assert_eq!(told(b"OggS\0\0\0\0", "").as_deref(), Ok("audio/ogg without Opus"));
    }
}
