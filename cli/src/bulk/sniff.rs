//! How a file is written, by its name and its beginning.

use std::path::Path;

use crate::exit::Failure;

/// What may stand between columns.
pub(crate) const SEPARATORS: [(u8, &str); 3] = [(b',', "comma"), (b';', "semicolon"), (b'\t', "tab")];

/// Refuses what is no UTF-8 text, with what to do. Only a beginning is looked at: the rest shows as it is read.
pub(super) fn is_text(name: &str, head: &[u8]) -> Result<(), Failure> {
    let utf16 = head.starts_with(b"\xff\xfe")
        || head.starts_with(b"\xfe\xff")
        || head.iter().take(4_096).any(|byte| *byte == 0);
    if utf16 {
        return Err(Failure::usage(format!(
            "{name} is not UTF-8 text: it looks like UTF-16 (Excel's \"Unicode text\") or a workbook. Save it as \"CSV UTF-8\"."
        )));
    }
    if head.starts_with(b"PK\x03\x04") {
        return Err(Failure::usage(format!("{name} is a workbook, not a CSV file. Save it as \"CSV UTF-8\".")));
    }
    Ok(())
}

pub(super) fn not_utf8(name: &str, line: u64) -> Failure {
    Failure::usage(format!(
        "{name} is not UTF-8 (line {line}): it looks like Windows-1252, as Excel saves \"CSV\". Save it as \"CSV UTF-8\", or convert \
         it: iconv -f WINDOWS-1252 -t UTF-8 OLD > NEW. Nothing was sent."
    ))
}

pub(super) fn is_json(path: &str, text: &[u8]) -> bool {
    let ending = Path::new(path).extension().and_then(|ending| ending.to_str()).map(str::to_ascii_lowercase);
    match ending.as_deref() {
        Some("jsonl" | "ndjson") => true,
        Some("csv" | "tsv") => false,
        _ => text.iter().find(|byte| !byte.is_ascii_whitespace()) == Some(&b'{'),
    }
}

/// What stands between the columns: whichever there is most of in the first line, outside of quotes.
pub(super) fn sniff(text: &[u8]) -> u8 {
    let mut counts = [0_u32; SEPARATORS.len()];
    let mut is_quoted = false;
    for byte in text {
        match byte {
            b'"' => is_quoted = !is_quoted,
            b'\n' | b'\r' if !is_quoted => break,
            byte if !is_quoted => {
                if let Some(at) = SEPARATORS.iter().position(|(separator, _)| separator == byte) {
                    counts[at] += 1;
                }
            }
            _ => {}
        }
    }
    // Of equal ones the first: a file with one column has none at all.
    let most = counts.iter().enumerate().max_by_key(|(at, count)| (**count, SEPARATORS.len() - at));
    SEPARATORS[most.map_or(0, |(at, _)| at)].0
}
