//! Meta's resumable upload: a file goes up in a session that can be gone on with, and has a handle in the end.
//!
//! Source: Meta's pages "Upload a file" (Graph API, Resumable Upload API) and "Application Uploads". That `app` stands for the
//! app of the token: Meta's collection "WhatsApp Business Platform", "Resumable Upload - Create an Upload Session", and the
//! former text of the first page.

use std::sync::Arc;
use std::time::Duration;

use serde_json::Value;
use tokio::time::Instant;

use super::body::Outgoing;
use super::form::Form;
use super::operation::{Answered, Request, RequestBody};
use super::send::{self, How};
use super::{Client, upload};
use crate::error::{Error, Result};
use crate::graph::{Method, Object, SessionId};
use crate::media::{Checked, Problem};
use crate::message::violation::Rule;
use crate::message::{Upload, UploadSource, Violation, limits};
use crate::outcome::{self, Effect};

/// What the requests are counted and told as.
const NAME: &str = "media.upload_handle";

/// A file that goes up without a form, from some place on.
#[derive(Debug, Clone)]
pub struct Bare {
    source: UploadSource,
    mime_type: String,
    length_bytes: u64,
    offset_bytes: u64,
}

impl Bare {
    pub(super) fn outgoing(&self, client: &Client) -> Outgoing {
        let (source, progress) = (self.source.clone(), client.progress.clone());
        Outgoing::Form(Arc::new(Form::bare(source, self.length_bytes, &self.mime_type, self.offset_bytes, progress)))
    }
}

/// The request that begins a session, for a file of which this is known.
pub(crate) fn beginning(filename: Option<&str>, mime_type: Option<&str>, length_bytes: Option<u64>) -> Request {
    let uploads = Object::new("app").then("uploads").with("file_name", filename).with("file_length", length_bytes);
    Request::post_nothing(uploads.with("file_type", mime_type))
}

/// Uploads a file, and reads the answer that has its handle.
///
/// Where an attempt ends and nobody knows how much of it has arrived, that is asked, and the rest goes up. Where all is there,
/// the handle was in an answer that is lost: another session brings another one.
pub(crate) async fn upload<T: Send>(
    client: &Client,
    upload: &Arc<Upload>,
    how: &How,
    answer: fn(&Answered<'_>) -> Option<T>,
) -> Result<T> {
    let checked = look_at(client, upload).await?;
    let mut file = Bare {
        source: upload.source.clone(),
        mime_type: checked.mime_type.clone(),
        length_bytes: checked.length_bytes,
        offset_bytes: 0,
    };
    let ends = how.options.timeout_ms.map(|ms| Instant::now() + Duration::from_millis(ms));
    let begin = || {
        let Checked { filename, mime_type, length_bytes, .. } = &checked;
        let request = beginning(Some(filename), Some(mime_type), Some(*length_bytes));
        send::carry(client, (NAME, Effect::Idempotent, None), request, within(how, ends), session)
    };
    let mut session = begin().await?;
    let (mut retries, mut attempts) = (0, 0);
    loop {
        let request = Request {
            method: Method::Post,
            endpoint: session.clone().into(),
            body: RequestBody::Bare(Arc::new(file.clone())),
        };
        // Once: it is not repeated before it was asked how much has arrived.
        let sent = send::carry(client, (NAME, Effect::Once, None), request, within(how, ends), answer).await;
        let Err(Error::DeliveryUnknown(doubt)) = sent else { return sent };
        attempts += doubt.attempted.attempts;
        let given_up = || Error::DeliveryUnknown(doubt.clone()).after(attempts, false);
        let pause = outcome::backoff(retries, rand::random());
        let is_over = ends.is_some_and(|ends| Instant::now() + pause >= ends);
        if how.cancel.is_cancelled() || is_over || retries >= client.settings().max_retries || !client.may_retry() {
            return Err(given_up());
        }
        retries += 1;
        tokio::select! {
            () = tokio::time::sleep(pause) => {}
            () = how.cancel.cancelled() => return Err(given_up()),
            () = how.stop.stopped() => return Err(given_up()),
        }
        let question = Request::get(session.clone());
        let asked = send::carry(client, (NAME, Effect::Read, None), question, within(how, ends), offset).await;
        match asked {
            Ok(offset_bytes) if offset_bytes < file.length_bytes => file.offset_bytes = offset_bytes,
            // All of it is there, or the session is not there any more.
            Ok(_) | Err(Error::Api(_)) => {
                session = begin().await?;
                file.offset_bytes = 0;
            }
            Err(_) => return Err(given_up()),
        }
    }
}

/// The same call for one request, in the time that is left. A millisecond that has begun is one: the call has all of its time.
fn within(how: &How, ends: Option<Instant>) -> How {
    let mut again = how.again();
    let left = ends.map(|ends| ends.saturating_duration_since(Instant::now()).as_nanos().div_ceil(1_000_000));
    again.options.timeout_ms = left.map(|ms| u64::try_from(ms).unwrap_or(u64::MAX).max(1));
    again
}

/// Looks at the file before anything leaves.
async fn look_at(client: &Client, upload: &Arc<Upload>) -> Result<Checked> {
    let refused = |Problem { rule, message }| Error::Validation(Violation::new("file", rule, message).into());
    let checked = upload::checked(client, upload, None).await.map_err(refused)?;
    if !limits::HANDLE_TYPES.contains(&checked.mime_type.as_str()) {
        let (mime_type, known) = (&checked.mime_type, limits::HANDLE_TYPES.join(", "));
        let message =
            format!("is {mime_type}, for which Meta gives no handle; it takes {known} ({})", checked.filename);
        return Err(refused(Problem { rule: Rule::Format, message }));
    }
    Ok(checked)
}

/// The session in the answer to its beginning.
fn session(answered: &Answered<'_>) -> Option<SessionId> {
    SessionId::new(read(answered)?.get("id")?.as_str()?)
}

/// How much has arrived.
fn offset(answered: &Answered<'_>) -> Option<u64> {
    let answer = read(answered)?;
    let offset = answer.get("file_offset")?;
    offset.as_u64().or_else(|| offset.as_str()?.parse().ok())
}

fn read(answered: &Answered<'_>) -> Option<Value> {
    serde_json::from_slice(answered.body).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test(start_paused = true)]
    async fn a_request_has_all_the_time_that_is_left() {
        let left = |us| within(&How::default(), Some(Instant::now() + Duration::from_micros(us))).options.timeout_ms;
        assert_eq!([0, 1, 1_000, 19_999_001].map(left), [Some(1), Some(1), Some(1), Some(20_000)]);
    }
}
