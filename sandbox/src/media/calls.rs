//! The calls of the API that are about files.

use bytes::Bytes;
use hyper::header::{CONTENT_DISPOSITION, CONTENT_TYPE, HeaderName, HeaderValue, X_CONTENT_TYPE_OPTIONS};
use serde_json::{Value, json};

use super::form::{self, boundary};
use super::rules;
use super::store::{self, Known, MediaFile, ends_s};
use crate::api::Call;
use crate::graph::{Answer, GraphError};
use crate::settings::PhoneNumber;
use crate::state::Inside;

/// Where files are fetched. On Meta's side it is another host (lookaside.fbsbx.com).
const ADDRESS: &str = "/whatsapp_business/attachments/";

/// Whether a path is the address of a file.
pub(crate) fn is_address(path: &str) -> bool {
    path == ADDRESS
}

fn required(name: &str) -> GraphError {
    GraphError { message: format!("(#100) The parameter {name} is required."), ..GraphError::new(100) }
}

/// `POST /{phone-number-id}/media`.
pub(crate) fn upload(inside: &mut Inside, call: &Call, number: &PhoneNumber) -> Result<Value, GraphError> {
    let Some(boundary) = call.content_type.as_deref().and_then(boundary) else {
        return Err(required("file"));
    };
    let parts = form::parts(&call.body, boundary)
        .map_err(|why| GraphError::new(100).details(format!("The form cannot be read: {why}")))?;
    let field = |name: &str| parts.iter().find(|part| part.name == name);
    let text = |name: &str| field(name).map(|part| String::from_utf8_lossy(&part.data).into_owned());
    match text("messaging_product").as_deref() {
        None => return Err(required("messaging_product")),
        Some("whatsapp") => {}
        Some(other) => {
            let message = format!("(#100) Param messaging_product must be one of {{WHATSAPP}} - got \"{other}\".");
            return Err(GraphError { message, ..GraphError::new(100) });
        }
    }
    let file = field("file").filter(|file| file.filename.is_some()).ok_or_else(|| required("file"))?;
    // The page calls `type` required, its own example leaves it to the part's content type.
    let mime_type = text("type").or_else(|| file.content_type.clone()).ok_or_else(|| required("type"))?;
    rules::check_upload(&mime_type, &file.data)?;
    if let Some(of_part) = file.content_type.as_deref().filter(|of_part| *of_part != mime_type) {
        rules::check_upload(of_part, &file.data)?;
    }
    let id = inside.ids.digits(16);
    let file = MediaFile {
        id: id.clone(),
        phone_number_id: number.id.clone(),
        mime_type,
        filename: file.filename.clone(),
        file_size: 0,
        sha256: String::new(),
        at: inside.clock.now_ms(),
        received: false,
        // The form's own bytes, of which this is nearly all.
        bytes: file.data.clone(),
    };
    inside.media.add(file);
    Ok(json!({"id": id}))
}

/// The file of an id, if it is there and belongs to the number that the query names.
fn find<'i>(inside: &'i Inside, call: &Call, id: &str) -> Result<&'i MediaFile, GraphError> {
    let number = call.query("phone_number_id");
    match inside.media.get(id, inside.clock.now_ms()) {
        Known::Here(file) if number.is_none_or(|number| number == file.phone_number_id) => Ok(file),
        _ => Err(GraphError::unsupported(&call.method, id)),
    }
}

/// `GET /{media-id}`. The numbers and their order are those of recorded answers.
pub(crate) fn look_up(inside: &Inside, call: &Call, id: &str) -> Result<Value, GraphError> {
    let file = find(inside, call, id)?;
    let settings = &inside.settings;
    let host = call.host.clone().unwrap_or_else(|| format!("{}:{}", settings.host, settings.port));
    let query = store::query(file, inside.media_secret, ends_s(inside.clock.now_ms()));
    Ok(json!({
        "url": format!("http://{host}{ADDRESS}?{query}"),
        "mime_type": file.mime_type,
        "sha256": file.sha256,
        "file_size": file.file_size,
        "id": file.id,
        "messaging_product": "whatsapp",
    }))
}

/// `DELETE /{media-id}`. An id that leads nowhere is told in other words than for a GET (recorded).
pub(crate) fn delete(inside: &mut Inside, call: &Call, id: &str) -> Result<Value, GraphError> {
    if find(inside, call, id).is_err() {
        let message = "(#100) Invalid post_id parameter".to_owned();
        return Err(GraphError { message, ..GraphError::new(100) });
    }
    inside.media.delete(id);
    Ok(json!({"success": true}))
}

/// `GET` of an address: the bytes, for five minutes and with the token only.
pub(crate) fn fetch(inside: &Inside, call: &Call) -> Option<Answer> {
    let (id, ends) = (call.query("mid")?, call.query("ext")?.parse().ok()?);
    let now_ms = inside.clock.now_ms();
    let Known::Here(file) = inside.media.get(id, now_ms) else { return None };
    let is_ours =
        call.path.split_once('?').map(|(_, query)| query) == Some(&store::query(file, inside.media_secret, ends));
    (is_ours && now_ms / 1000 < ends).then(|| content(file))
}

/// The same for the page of the sandbox itself, which has no token.
pub(crate) fn fetch_own(inside: &Inside, id: &str) -> Option<Answer> {
    let Known::Here(file) = inside.media.get(id, inside.clock.now_ms()) else { return None };
    let mut answer = content(file);
    // Nothing that was uploaded runs as a part of the page.
    if !matches!(file.mime_type.as_str(), "image/jpeg" | "image/png" | "image/webp") {
        answer.headers.insert(CONTENT_DISPOSITION, HeaderValue::from_static("attachment"));
    }
    Some(answer)
}

fn content(file: &MediaFile) -> Answer {
    let mut answer = Answer::text(200, "application/octet-stream", Bytes::clone(&file.bytes));
    if let Ok(mime_type) = HeaderValue::from_str(&file.mime_type) {
        answer.headers.insert(CONTENT_TYPE, mime_type);
    }
    answer.headers.insert(X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff"));
    let policy = HeaderName::from_static("content-security-policy");
    answer.headers.insert(policy, HeaderValue::from_static("default-src 'none'; sandbox"));
    answer
}

/// All files, oldest first, for the control API.
pub(crate) fn list(inside: &Inside) -> Value {
    json!({"media": inside.media.list()})
}
