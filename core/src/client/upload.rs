//! Files on their way up: of `media.upload`, and of messages, for which each is uploaded once.

use std::collections::HashMap;
use std::path::PathBuf;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use futures_util::future::BoxFuture;
use ring::digest;
use serde::{Deserialize as _, Deserializer};
use tokio::time::Instant;

use super::body::Outgoing;
use super::form::Form;
use super::operation::{Expected, Request, RequestBody};
use super::send::{self, How};
use super::{Client, Event, Level};
use crate::error::{Attempted, Error, NotSentReason, Result};
use crate::graph::{Method, Object, Payload, Uploaded};
use crate::media::{self, Checked, Hashes, Problem};
use crate::message::violation::Rule;
use crate::message::{Invalid, Upload, Violation, Wanted};
use crate::outcome::{Effect, Outcome};
use crate::store::{self, CLAIM, Standing, UploadIds, UploadKey};

/// Uploads live for 30 days (Meta's page "Media"); the last one is not counted on, since clocks differ and a message that is
/// sent with one has to be fetched yet.
const LIFE: Duration = Duration::from_secs(29 * 24 * 3600);

/// How long to wait before asking anew whether another process is through.
const ANOTHER_LOOK: Duration = Duration::from_millis(200);

/// How fast an upload must be at least: files get that much more time than other requests.
const SLOWEST_BYTES_A_SECOND: u64 = 128 * 1024;

/// What Meta says of a message with an id that it does not know (any more).
const REFUSED_IDS: [i64; 4] = [100, 131_009, 131_052, 131_053];

/// How much more time a request has for the file that it carries.
pub(super) fn time_for(file_bytes: u64) -> Duration {
    Duration::from_secs(file_bytes / SLOWEST_BYTES_A_SECOND)
}

/// What the clients of a process know of their uploads.
pub(super) struct Uploads {
    ids: UploadIds,
    /// Who uploads something has its turn; who wants the same waits for that.
    turns: Mutex<HashMap<UploadKey, Arc<Turn>>>,
    hashes: Hashes,
}

/// How the last upload of something failed, if it did.
type Turn = tokio::sync::Mutex<Option<(Instant, Error)>>;

impl Uploads {
    pub(super) fn new(path: Option<PathBuf>) -> Self {
        Uploads { ids: UploadIds::new(path), turns: Mutex::default(), hashes: Hashes::default() }
    }

    fn turn(&self, key: UploadKey) -> Arc<Turn> {
        let mut turns = self.turns.lock().unwrap_or_else(PoisonError::into_inner);
        turns.retain(|_, turn| Arc::strong_count(turn) > 1);
        turns.entry(key).or_default().clone()
    }
}

/// An id that a message goes out with.
#[derive(Debug)]
pub(super) struct Used {
    key: UploadKey,
    id: String,
    /// Whether it was uploaded earlier.
    was_known: bool,
}

/// Uploads what a message wants, as far as it is not there already. Everything is looked at first: of a message with two
/// files of which one cannot be sent, none is uploaded.
///
/// Whatever fails, the message was not sent.
pub(super) async fn settle(
    client: &Client,
    payload: &mut Payload,
    how: &How,
    attempted: &Attempted,
) -> Result<Vec<Used>> {
    let mut files = Vec::new();
    let mut mistakes = Vec::new();
    for wanted in payload.wanted() {
        match look_at(client, wanted).await {
            Ok(looked_at) => files.push((wanted.clone(), looked_at)),
            Err(Problem { rule, message }) => mistakes.push(Violation::new(wanted.path.clone(), rule, message)),
        }
    }
    if !mistakes.is_empty() {
        return Err(Invalid::new(mistakes).into());
    }
    let (mut used, mut uploaded) = (Vec::new(), Vec::new());
    for (wanted, file) in files {
        let one = once(client, &wanted, &file, how).await;
        let one = one.map_err(|error| of_message(error, attempted, &wanted.path))?;
        uploaded.push(Uploaded { id: one.id.clone(), filename: file.checked.filename });
        used.push(one);
    }
    payload.settle_uploads(uploaded);
    Ok(used)
}

/// What a file is, and what it is known by.
struct LookedAt {
    checked: Checked,
    sha256: [u8; 32],
    key: UploadKey,
}

async fn look_at(client: &Client, wanted: &Wanted) -> std::result::Result<LookedAt, Problem> {
    let (uploads, upload, kind) = (client.uploads().clone(), wanted.upload.clone(), wanted.kind);
    let looked_at = in_background(move || {
        let checked = media::check(&upload, Some(kind))?;
        let unreadable = |error| Problem { rule: Rule::Format, message: format!("cannot be read: {error}") };
        let content = uploads.hashes.content(&upload.source).map_err(unreadable)?;
        media::is_the_same(&upload, &content)?;
        Ok((checked, content.sha256))
    });
    let (checked, sha256) = looked_at.await?;
    client.tell_of_name(&checked);
    let mut hash = digest::Context::new(&digest::SHA256);
    for part in [client.base_url(), client.phone_number_id(), &checked.mime_type] {
        hash.update(part.as_bytes());
        hash.update(b"\n");
    }
    hash.update(&sha256);
    let key = hash.finish().as_ref().try_into().unwrap_or(sha256);
    Ok(LookedAt { checked, sha256, key })
}

async fn in_background<T: Send + 'static>(
    work: impl FnOnce() -> std::result::Result<T, Problem> + Send + 'static,
) -> std::result::Result<T, Problem> {
    let ended = |error| Problem { rule: Rule::Format, message: format!("could not be looked at: {error}") };
    tokio::task::spawn_blocking(work).await.map_err(ended)?
}

/// The id of an upload: the one that is known, or that of an upload now. Who wants the same at the same time, here or in
/// another process that shares the ids, waits for it.
async fn once(client: &Client, wanted: &Wanted, file: &LookedAt, how: &How) -> Result<Used> {
    let LookedAt { checked, sha256, key } = file;
    let (uploads, key) = (client.uploads(), *key);
    let asked = Instant::now();
    let until = asked + client.settings().total_timeout + time_for(checked.length_bytes);
    let turn = uploads.turn(key);
    let mut last = tokio::select! {
        last = turn.lock() => last,
        error = ends(how, until) => return Err(error),
    };
    // Of many that wait for one upload which Meta refuses, each would be refused alike.
    if let Some((failed, error)) = &*last
        && *failed >= asked
        && error.outcome() == Outcome::Rejected
    {
        return Err(error.clone());
    }
    let claim = loop {
        match uploads.ids.find(key, now_ms()).await.map_err(unusable)? {
            Standing::Uploaded(id) => return Ok(Used { key, id, was_known: true }),
            Standing::Claimed(claim) => break claim,
            Standing::Busy => tokio::select! {
                () = tokio::time::sleep(ANOTHER_LOOK) => {}
                error = ends(how, until) => return Err(error),
            },
        }
    };
    let mut guard = GiveUp { uploads: Some(uploads.clone()), key, claim };
    let uploaded = now(client, wanted, *sha256, how);
    tokio::pin!(uploaded);
    let uploaded = loop {
        tokio::select! {
            uploaded = &mut uploaded => break uploaded,
            () = tokio::time::sleep(CLAIM / 3) => drop(uploads.ids.renew(key, claim, now_ms()).await),
        }
    };
    guard.uploads = None;
    match uploaded {
        Ok(id) => {
            let until_ms = now_ms() + u64::try_from(LIFE.as_millis()).unwrap_or_default();
            // It is uploaded, whether that can be remembered or not.
            if let Err(why) = uploads.ids.keep(key, id.clone(), until_ms).await {
                let message = format!("the id of an upload was not kept: {} {}", why.place, why.problem);
                client.warn_once("media_cache", message);
            }
            *last = None;
            Ok(Used { key, id, was_known: false })
        }
        Err(error) => {
            let _ = uploads.ids.give_up(key, claim).await;
            *last = Some((Instant::now(), error.clone()));
            Err(error)
        }
    }
}

/// Gives a claim back where a call is dropped in the middle of its upload.
struct GiveUp {
    uploads: Option<Arc<Uploads>>,
    key: UploadKey,
    claim: i64,
}

impl Drop for GiveUp {
    fn drop(&mut self) {
        if let (Some(uploads), Ok(runtime)) = (self.uploads.take(), tokio::runtime::Handle::try_current()) {
            let (key, claim) = (self.key, self.claim);
            runtime.spawn(async move { uploads.ids.give_up(key, claim).await });
        }
    }
}

/// Why a call does not wait any longer.
async fn ends(how: &How, until: Instant) -> Error {
    let (reason, cause) = tokio::select! {
        () = how.cancel.cancelled() => (NotSentReason::Cancelled, "it was cancelled before anything went out".to_owned()),
        () = how.stop.stopped() => (NotSentReason::Stopped, how.stop.cause()),
        () = tokio::time::sleep_until(until) => {
            (NotSentReason::TimeOut, "somebody else who uploads the same did not end in time".to_owned())
        }
    };
    Error::not_sent(reason, cause, Attempted { operation: "media.upload", ..Attempted::default() })
}

/// Uploads, whatever is known. What goes up is what was looked at, or nothing: its id is kept for that. Boxed, since a
/// message's call holds that of its upload.
fn now<'a>(client: &'a Client, wanted: &Wanted, sha256: [u8; 32], how: &How) -> BoxFuture<'a, Result<String>> {
    let expected = Expected { kind: wanted.kind, sha256 };
    let request = request(client.phone_number_id(), wanted.upload.clone(), Some(expected));
    let how = How { options: how.options, cancel: how.cancel.clone(), stop: how.stop.clone(), ..How::default() };
    Box::pin(async move {
        let id = |answered: &super::Answered<'_>| id(answered.body);
        send::carry(client, ("media.upload", Effect::Idempotent, None), request, how, id).await
    })
}

/// The request that uploads something.
pub(crate) fn request(phone_number_id: &str, upload: Arc<Upload>, expected: Option<Expected>) -> Request {
    Request {
        method: Method::Post,
        endpoint: Object::new(phone_number_id).then("media").into(),
        body: RequestBody::Upload(upload, expected),
    }
}

/// An id, which Meta writes as text, and could write as the number that it is.
pub(crate) fn text_or_number<'de, D: Deserializer<'de>>(deserializer: D) -> std::result::Result<String, D::Error> {
    match serde_json::Value::deserialize(deserializer)? {
        serde_json::Value::String(id) => Ok(id),
        serde_json::Value::Number(id) => Ok(id.to_string()),
        _ => Err(serde::de::Error::custom("is no id")),
    }
}

/// The id in Meta's answer.
fn id(body: &[u8]) -> Option<String> {
    let answer: serde_json::Value = serde_json::from_slice(body).ok()?;
    text_or_number(answer.get("id")?.clone()).ok().filter(|id| !id.is_empty())
}

/// The form of an upload, once it was looked at.
pub(super) async fn form(client: &Client, upload: &Arc<Upload>, expected: Option<Expected>) -> Result<Outgoing> {
    let checked = checked(client, upload, expected.map(|expected| expected.kind)).await;
    let checked =
        checked.map_err(|Problem { rule, message }| Error::Validation(Violation::new("file", rule, message).into()))?;
    let Checked { mime_type, length_bytes, filename, .. } = checked;
    let form = Form::new(upload.source.clone(), length_bytes, &mime_type, &filename, client.progress.clone());
    Ok(Outgoing::Form(Arc::new(form.of_content(expected.map(|expected| expected.sha256)))))
}

/// What a file is, once it was looked at.
pub(super) async fn checked(
    client: &Client,
    upload: &Arc<Upload>,
    kind: Option<&'static str>,
) -> std::result::Result<Checked, Problem> {
    let looked_at = upload.clone();
    let checked = in_background(move || media::check(&looked_at, kind)).await?;
    client.tell_of_name(&checked);
    Ok(checked)
}

/// Forgets the ids that a message was refused with. `true` if one of them was an earlier upload's: then another try, with a
/// new one, makes sense.
pub(super) async fn forget_refused(client: &Client, used: Vec<Used>, error: &Error) -> bool {
    let code = match error {
        Error::Api(error) => error.error.code,
        _ => None,
    };
    if !code.is_some_and(|code| REFUSED_IDS.contains(&code)) {
        return false;
    }
    let mut was_known = false;
    for one in used {
        was_known |= one.was_known;
        let _ = client.uploads().ids.forget(one.key, one.id).await;
    }
    was_known
}

/// The failure of an upload as that of the message which needed it: the message certainly was not sent.
fn of_message(error: Error, attempted: &Attempted, path: &str) -> Error {
    let attempted = attempted.clone();
    let cause = |cause: &str| format!("its file could not be uploaded: {cause}");
    match error {
        Error::NotSent(error) => match error.reason {
            NotSentReason::Cancelled | NotSentReason::Stopped => Error::not_sent(error.reason, error.cause, attempted),
            reason => Error::not_sent(reason, cause(&error.cause), attempted),
        },
        Error::DeliveryUnknown(error) => {
            let reason = match error.reason {
                "cancelled" => NotSentReason::Cancelled,
                "timeout" => NotSentReason::TimeOut,
                _ => NotSentReason::Connection,
            };
            Error::not_sent(reason, cause(&error.cause), attempted)
        }
        Error::Api(mut error) => {
            error.attempted = attempted;
            Error::Api(error)
        }
        // To its sender the file is a part of the message.
        Error::Validation(mut invalid) => {
            invalid.violations.iter_mut().for_each(|violation| violation.path = path.to_owned());
            Error::Validation(invalid)
        }
        other => other,
    }
}

fn unusable(store::Unusable { place, problem }: store::Unusable) -> Error {
    Error::Store { place, problem }
}

fn now_ms() -> u64 {
    SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |since| u64::try_from(since.as_millis()).unwrap_or(u64::MAX))
}

impl Client {
    fn uploads(&self) -> &Arc<Uploads> {
        &self.inner.uploads
    }

    /// No message goes out with this id any more.
    pub(crate) async fn forget_upload(&self, id: String) {
        // One that stays known is refused by Meta, and forgotten then.
        let _ = self.uploads().ids.forget_id(id).await;
    }

    /// A name that promises another type than the content has: the content counts, and whoever runs this should know.
    fn tell_of_name(&self, checked: &Checked) {
        if let Some(name_says) = checked.name_says {
            let Checked { filename, mime_type, .. } = checked;
            let message =
                format!("{filename} is {mime_type} by its content and goes out as that; its name says {name_says}");
            self.tell(Level::Warning, || Event::Warning { subject: "media", message });
        }
    }
}
