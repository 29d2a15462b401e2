//! What people give for a type that every language has by hand, for the reference: core knows no more than its name.

use crate::layout::row;

/// The table of such a type; nothing for one that is not known here, which a test refuses.
pub(crate) fn table(name: &str) -> String {
    let Some((_, head, rows)) = TYPES.iter().find(|(known, ..)| *known == name) else { return String::new() };
    let mut table = format!("\n| {head} |  |\n| --- | --- |\n");
    table.extend(rows.iter().map(|cells| row(cells)));
    table
}

type Rows = &'static [[&'static str; 2]];

/// The name, what the first column of its table is, and the rows.
const TYPES: &[(&str, &str, Rows)] = &[
    (
        "LocalMedia",
        "made with",
        &[
            [
                "`Media.file(path, filename=…, mime_type=…)`",
                "A file of this machine. Its type is told by its content and its name unless given. Uploaded once, however many messages it is in.",
            ],
            ["`Media.bytes(data, filename=…, mime_type=…)`", "Bytes, uploaded like a file."],
            [
                "`Media.id(media_id)`",
                "Not local, but where one is wanted: the id of an upload. The text of digits does as well.",
            ],
            ["`Media.link(url)`", "Not local either: what Meta fetches itself. The text `https://…` does as well."],
        ],
    ),
    (
        "MediaFile",
        "language",
        &[
            [
                "Python",
                "A path (`str` or `PathLike`), `bytes` and their like, an open file, an iterable of `bytes` (asynchronous, too, of the `AsyncWhatsAppClient`), `Media.file(…)`, `Media.bytes(…)`",
            ],
            [
                "Node",
                "A path (text or a `file:` `URL`), `Uint8Array` and `Buffer`, `ArrayBuffer`, `Blob`, a stream or another iterable of bytes, `Media.file(…)`, `Media.bytes(…)`",
            ],
            ["PHP", "A path (text or `SplFileInfo`), an open stream, `Media::file(…)`, `Media::bytes(…)`"],
            ["Rust", "A path (`&str`, `String`, `Path`, `PathBuf`), bytes (`Bytes`, `Vec<u8>`)"],
        ],
    ),
];

#[cfg(test)]
mod tests {
    use crate::model::Model;

    #[test]
    fn no_type_has_an_empty_table() {
        let model = Model::parse(&wacloud::registry::manifest()).unwrap();
        let pages = crate::messages_page::emit(&model).map(|page| page.text);
        for page in &pages {
            assert!(!page.contains("| --- | --- | --- |\n\n"), "a table has no rows");
        }
        assert!(pages[0].contains("### LocalMedia\n") && pages[0].contains("| `Media.bytes("));
        assert!(pages[1].contains("### MediaFile\n") && pages[1].contains("| PHP | A path"));
    }
}
