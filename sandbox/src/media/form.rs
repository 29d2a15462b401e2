//! `multipart/form-data` (RFC 7578), as an upload comes.

use bytes::Bytes;
use ring::digest::{SHA256, digest};
use serde_json::{Map, Value, json};

/// One field of a form.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Part {
    pub(super) name: String,
    pub(super) filename: Option<String>,
    pub(super) content_type: Option<String>,
    pub(super) data: Bytes,
}

/// The boundary in a content type, if that is a form's.
pub(crate) fn boundary(content_type: &str) -> Option<&str> {
    let (kind, parameters) = content_type.split_once(';')?;
    if !kind.trim().eq_ignore_ascii_case("multipart/form-data") {
        return None;
    }
    let boundary = parameters.split(';').find_map(|one| one.trim().strip_prefix("boundary="))?;
    Some(boundary.trim_matches('"')).filter(|boundary| !boundary.is_empty())
}

/// The fields of a form, in order; or what is wrong with it.
pub(super) fn parts(body: &Bytes, boundary: &str) -> Result<Vec<Part>, &'static str> {
    let line = format!("\r\n--{boundary}");
    let first = &line.as_bytes()[2..];
    let mut at = match body.starts_with(first) {
        true => first.len(),
        false => find(body, 0, line.as_bytes()).ok_or("it does not begin with its boundary")? + line.len(),
    };
    let mut parts = Vec::new();
    loop {
        if body[at..].starts_with(b"--") {
            return Ok(parts);
        }
        let Some(head) = body[at..].strip_prefix(b"\r\n") else { return Err("a boundary does not end its line") };
        let head_at = body.len() - head.len();
        let head_ends = find(body, head_at, b"\r\n\r\n").ok_or("a part has no end of its headers")?;
        let data_at = head_ends + 4;
        let ends = find(body, head_ends + 2, line.as_bytes()).ok_or("it ends without its last boundary")?;
        let head = std::str::from_utf8(&body[head_at..head_ends]).map_err(|_| "a part's headers are no text")?;
        parts.push(part(head, body.slice(data_at.min(ends)..ends))?);
        at = ends + line.len();
    }
}

fn find(body: &[u8], from: usize, needle: &[u8]) -> Option<usize> {
    let first = *needle.first()?;
    let mut at = from;
    while let Some(next) = body.get(at..)?.iter().position(|byte| *byte == first) {
        at += next;
        if body[at..].starts_with(needle) {
            return Some(at);
        }
        at += 1;
    }
    None
}

fn part(head: &str, data: Bytes) -> Result<Part, &'static str> {
    let header = |name: &str| {
        let mut lines = head.split("\r\n").filter_map(|line| line.split_once(':'));
        lines.find(|(known, _)| known.trim().eq_ignore_ascii_case(name)).map(|(_, value)| value.trim())
    };
    let disposition = header("content-disposition").ok_or("a part has no Content-Disposition")?;
    let parameter = |name: &str| {
        let value = disposition.split("; ").find_map(|one| one.trim().strip_prefix(name)?.strip_prefix('='))?;
        Some(value.trim_matches('"').to_owned())
    };
    Ok(Part {
        name: parameter("name").ok_or("a part has no name")?,
        filename: parameter("filename"),
        content_type: header("content-type").map(str::to_owned),
        data,
    })
}

/// What the log keeps of a form: its fields, and of a file what it is.
pub(crate) fn summary(body: &Bytes, boundary: &str) -> Option<Value> {
    let field = |part: &Part| match &part.filename {
        None => String::from_utf8_lossy(&part.data).into_owned().into(),
        Some(filename) => {
            let sha256: String =
                digest(&SHA256, &part.data).as_ref().iter().map(|byte| format!("{byte:02x}")).collect();
            json!({"filename": filename, "content_type": part.content_type, "bytes": part.data.len(), "sha256": sha256})
        }
    };
    let parts = parts(body, boundary).ok()?;
    Some(Value::Object(parts.iter().map(|part| (part.name.clone(), field(part))).collect::<Map<_, _>>()))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(body: &str) -> Result<Vec<Part>, &'static str> {
        parts(&Bytes::copy_from_slice(body.replace('\n', "\r\n").as_bytes()), "b")
    }

    #[test]
    fn fields_and_files_are_read() {
        let body = "--b\nContent-Disposition: form-data; name=\"type\"\n\nimage/png\n\
                    --b\ncontent-disposition: form-data; name=\"file\"; filename=\"a b.png\"\nContent-Type: image/png\n\n\
                    x\n--c\n\n--b--\n";
        let parts = read(body).unwrap();
        assert_eq!(
            (parts[0].name.as_str(), &parts[0].data[..], &parts[0].filename),
            ("type", &b"image/png"[..], &None)
        );
        assert_eq!(parts[1].filename.as_deref(), Some("a b.png"));
        assert_eq!((parts[1].content_type.as_deref(), &parts[1].data[..]), (Some("image/png"), &b"x\r\n--c\r\n"[..]));
    }

    #[test]
    fn what_is_cut_off_is_no_form() {
        let whole = "--b\nContent-Disposition: form-data; name=\"a\"\n\nx\n--b--";
        assert!(read(whole).is_ok());
        for cut in [
            "",
            "--b",
            "--b\n",
            "--b\nContent-Disposition: form-data; name=\"a\"\n\nx",
            "--b\nContent-Type: a/b\n\nx\n--b--",
        ] {
            assert!(read(cut).is_err(), "{cut:?}");
        }
        assert_eq!(boundary("multipart/form-data; boundary=\"a b\""), Some("a b"));
        assert_eq!(boundary("application/json"), None);
    }
}
