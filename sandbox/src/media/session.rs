//! The resumable upload: a session, its bytes, and a handle in the end (Meta's pages "Upload a file" and "Application
//! Uploads"). What Meta says of mistakes is not documented: the words here are ours.

use std::fmt::Display;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use ring::digest::{SHA256, digest};
use serde_json::{Value, json};

use super::rules;
use crate::api::Call;
use crate::facts::APP_ID;
use crate::graph::GraphError;
use crate::state::Inside;

/// Types of files that may be uploaded.
const TYPES: &[&str] = &["application/pdf", "image/jpeg", "image/jpg", "image/png", "video/mp4"];
/// The longest file that the sandbox takes, in bytes: that of a document.
const MOST_BYTES: usize = 100 << 20;
/// How long a handle lives, in seconds. Meta does not say; those of examples live about that long.
const HANDLE_S: u64 = 30 * 24 * 3600;

/// A file on its way.
#[derive(Debug)]
struct Session {
    filename: String,
    mime_type: String,
    length_bytes: usize,
    /// What has come, until all of it has.
    data: Vec<u8>,
    is_complete: bool,
}

/// All of them. The n-th has the same id in each sandbox, so that tests can name it.
#[derive(Debug, Default)]
pub(crate) struct Sessions(Vec<Session>);

impl Sessions {
    fn id(index: usize) -> String {
        format!("upload:{}?sig=sandbox{}", STANDARD.encode(format!("1:attachment:sandbox-{}", index + 1)), index + 1)
    }

    fn find(&mut self, id: &str) -> Option<(usize, &mut Session)> {
        self.0.iter_mut().enumerate().find(|(index, _)| Self::id(*index) == id)
    }
}

fn wrong(why: impl Display) -> GraphError {
    GraphError { message: format!("(#100) {why}"), ..GraphError::new(100) }
}

/// Whether a path is that of a session.
pub(crate) fn is_session(path: &str) -> bool {
    path.contains("/upload:")
}

/// What a request of an upload gets. `None` if it is about something else.
pub(crate) fn resumable(inside: &mut Inside, call: &Call, path: &[&str]) -> Option<Result<Value, GraphError>> {
    match (call.method.as_str(), path) {
        ("POST", ["app", "uploads"]) => Some(begin(inside, call)),
        ("POST", [app, "uploads"]) if *app == APP_ID => Some(begin(inside, call)),
        ("GET" | "POST", [id]) if id.starts_with("upload:") => {
            // The query is a part of the id.
            let id = call.path.find("upload:").map(|at| &call.path[at..]).unwrap_or_default();
            Some(go_on(inside, call, id))
        }
        _ => None,
    }
}

/// `POST /{app-id}/uploads`.
fn begin(inside: &mut Inside, call: &Call) -> Result<Value, GraphError> {
    let asked = |name: &str| {
        let given = call.query_value(name).filter(|value| !value.is_empty());
        given.ok_or_else(|| wrong(format!("The parameter {name} is required.")))
    };
    let (filename, length, mime_type) = (asked("file_name")?, asked("file_length")?, asked("file_type")?);
    if !TYPES.contains(&mime_type.as_str()) {
        return Err(wrong(format!("Param file_type must be one of {{{}}} - got \"{mime_type}\".", TYPES.join(", "))));
    }
    let length_bytes = length.parse().ok().filter(|length| (1..=MOST_BYTES).contains(length));
    let length_bytes = length_bytes.ok_or_else(|| wrong(format!("Param file_length is no length: \"{length}\".")))?;
    inside.sessions.0.push(Session { filename, mime_type, length_bytes, data: Vec::new(), is_complete: false });
    Ok(json!({"id": Sessions::id(inside.sessions.0.len() - 1)}))
}

/// `GET` and `POST /upload:…`.
fn go_on(inside: &mut Inside, call: &Call, id: &str) -> Result<Value, GraphError> {
    let is_oauth =
        call.authorization.as_deref().is_some_and(|header| header.to_ascii_lowercase().starts_with("oauth "));
    if !is_oauth {
        return Err(GraphError::new(104).details("An upload takes its token as \"Authorization: OAuth\" only."));
    }
    let Some((index, session)) = inside.sessions.find(id) else {
        return Err(GraphError::unsupported(&call.method, id));
    };
    let arrived = if session.is_complete { session.length_bytes } else { session.data.len() };
    if call.method == "GET" {
        return Ok(json!({"id": id, "file_offset": arrived}));
    }
    let offset: Option<usize> = call.file_offset.as_deref().and_then(|offset| offset.trim().parse().ok());
    let Some(offset) = offset else { return Err(wrong("The header file_offset is required.")) };
    if offset != arrived || session.is_complete {
        return Err(wrong(format!("The file goes on at {arrived}, not at {offset}.")));
    }
    if arrived + call.body.len() > session.length_bytes {
        let (got, length) = (arrived + call.body.len(), session.length_bytes);
        return Err(wrong(format!("The file was said to have {length} bytes, and has {got}.")));
    }
    session.data.extend_from_slice(&call.body);
    if session.data.len() < session.length_bytes {
        return Ok(json!({"id": id, "file_offset": session.data.len()}));
    }
    let mime_type = session.mime_type.replace("image/jpg", "image/jpeg");
    if !rules::begins_as(&mime_type, &session.data) {
        session.data.clear();
        return Err(wrong(format!("The file is not of the type that it was said to be: {mime_type}.")));
    }
    (session.data, session.is_complete) = (Vec::new(), true);
    let (name, kind) = (STANDARD.encode(&session.filename), STANDARD.encode(&session.mime_type));
    let ends = inside.clock.now_ms() / 1000 + HANDLE_S;
    let signature = inside.ids.letters(24);
    Ok(json!({"h": format!("4:{name}:{kind}:{signature}:e:{ends}:{APP_ID}:{index}")}))
}

/// What the log keeps of bytes: what they were.
pub(crate) fn summary_of_bare(body: &[u8], content_type: Option<&str>, file_offset: Option<&str>) -> Value {
    let sha256: String = digest(&SHA256, body).as_ref().iter().map(|byte| format!("{byte:02x}")).collect();
    json!({"file_offset": file_offset, "content_type": content_type, "bytes": body.len(), "sha256": sha256})
}
