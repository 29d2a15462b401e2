//! What the end of a file's name says of it. Pure.

pub(crate) const WORD: &str = "application/vnd.openxmlformats-officedocument.wordprocessingml.document";
pub(crate) const EXCEL: &str = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet";
pub(crate) const POWERPOINT: &str = "application/vnd.openxmlformats-officedocument.presentationml.presentation";

/// What a name stands for.
#[derive(Debug)]
pub(crate) struct Named {
    ending: &'static str,
    pub(crate) mime_type: &'static str,
    /// The kind of media.
    pub(crate) kind: &'static str,
}

const fn named(ending: &'static str, mime_type: &'static str, kind: &'static str) -> Named {
    Named { ending, mime_type, kind }
}

/// The formats of Meta's page "Media".
const ENDINGS: &[Named] = &[
    named("jpg", "image/jpeg", "image"),
    named("jpeg", "image/jpeg", "image"),
    named("png", "image/png", "image"),
    named("webp", "image/webp", "sticker"),
    named("mp4", "video/mp4", "video"),
    named("3gp", "video/3gpp", "video"),
    named("3gpp", "video/3gpp", "video"),
    named("aac", "audio/aac", "audio"),
    named("amr", "audio/amr", "audio"),
    named("mp3", "audio/mpeg", "audio"),
    named("m4a", "audio/mp4", "audio"),
    named("ogg", "audio/ogg", "audio"),
    named("opus", "audio/ogg", "audio"),
    named("pdf", "application/pdf", "document"),
    named("txt", "text/plain", "document"),
    named("doc", "application/msword", "document"),
    named("xls", "application/vnd.ms-excel", "document"),
    named("ppt", "application/vnd.ms-powerpoint", "document"),
    named("docx", WORD, "document"),
    named("xlsx", EXCEL, "document"),
    named("pptx", POWERPOINT, "document"),
];

/// By the name of a file, or the path of a link.
pub(crate) fn by_name(name: &str) -> Option<&'static Named> {
    let ending = name.rsplit_once('.')?.1;
    ENDINGS.iter().find(|known| known.ending.eq_ignore_ascii_case(ending))
}
