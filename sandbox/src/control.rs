//! The control API under `/_sandbox/`.

use std::future::Future;
use std::pin::Pin;

use bytes::Bytes;
use hyper::header::{HOST, HeaderMap, ORIGIN};
use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::{Map, Value, json};

use crate::fault::Fault;
use crate::graph::Answer;
use crate::ledger::{MessageFilter, RequestFilter};
use crate::settings::Settings;
use crate::state::{Inside, Shared};
use crate::template::{self, Template};
use crate::{Error, media, webhook};

/// The refusal of a request to the control API or the page that a foreign web page may have sent.
///
/// A page elsewhere can name our address (its `Origin` betrays it) or have its own name resolve to it (its `Host` does).
pub(crate) fn gate(shared: &Shared, headers: &HeaderMap) -> Option<Answer> {
    let text = |name| headers.get(name).map(|value| value.to_str().unwrap_or("?"));
    let refuse =
        |what: String| problem(403, &format!("{what} may not drive the sandbox; see the setting allowed_hosts"));
    let host = text(HOST).unwrap_or_default();
    if !host_is_ours(host, &shared.lock().settings) {
        return Some(refuse(format!("the host {host:?}")));
    }
    let origin = text(ORIGIN).filter(|origin| origin.strip_prefix("http://") != Some(host))?;
    Some(refuse(format!("a page from {origin:?}")))
}

fn host_is_ours(host: &str, settings: &Settings) -> bool {
    let name = match host.rsplit_once(':') {
        Some((name, port)) if port.bytes().all(|b| b.is_ascii_digit()) => name,
        _ => host,
    };
    // A name that is an address already cannot be made to resolve elsewhere.
    let address = name.trim_start_matches('[').trim_end_matches(']').parse::<std::net::IpAddr>().is_ok();
    address
        || name.eq_ignore_ascii_case("localhost")
        || settings.allowed_hosts.iter().any(|allowed| name.eq_ignore_ascii_case(allowed))
}

/// Answers a request to the control API.
pub(crate) async fn handle(shared: &Shared, method: &str, path: &str, body: Bytes) -> Answer {
    let (path, query) = path.split_once('?').unwrap_or((path, ""));
    let here = || ROUTES.iter().chain(webhook::ROUTES).filter(|(known, ..)| *known == path);
    let input = Input { query: query.to_owned(), body };
    let done = match here().find(|(_, known, _)| *known == method) {
        Some((.., Run::Now(run))) => Some(run(shared, &input)),
        Some((.., Run::Later(run))) => Some(run(shared, input).await),
        None => None,
    };
    match done {
        Some(done) => done.unwrap_or_else(|error| problem(400, &error.to_string())),
        None if here().next().is_none() => {
            let all = ROUTES.iter().chain(webhook::ROUTES);
            let paths: Vec<String> = all.map(|(path, method, _)| format!("{method} {path}")).collect();
            Answer::json(404, &json!({"error": "there is no such path under /_sandbox/; see paths", "paths": paths}))
        }
        None => {
            let methods: Vec<&str> = here().map(|(_, known, _)| *known).collect();
            problem(405, &format!("{path} knows {}", methods.join(", ")))
        }
    }
}

/// What came with a request.
pub(crate) struct Input {
    pub(crate) query: String,
    pub(crate) body: Bytes,
}

pub(crate) type Later<'a> = Pin<Box<dyn Future<Output = Result<Answer, Error>> + Send + 'a>>;

/// What a request does: at once, or with waiting.
pub(crate) enum Run {
    Now(fn(&Shared, &Input) -> Result<Answer, Error>),
    Later(for<'a> fn(&'a Shared, Input) -> Later<'a>),
}

/// Path, method, and what they do.
pub(crate) type Route = (&'static str, &'static str, Run);

static ROUTES: &[Route] = &[
    (
        "/_sandbox/state",
        "GET",
        Run::Now(|shared, _| {
            let mut inside = shared.lock();
            template::review_due(&mut inside);
            Ok(ok(&state(&inside)))
        }),
    ),
    ("/_sandbox/messages", "GET", Run::Now(messages)),
    ("/_sandbox/requests", "GET", Run::Now(requests)),
    ("/_sandbox/reset", "POST", Run::Now(reset)),
    ("/_sandbox/settings", "GET", Run::Now(|shared, _| Ok(ok(&shared.lock().settings)))),
    ("/_sandbox/settings", "PUT", Run::Now(set)),
    ("/_sandbox/faults", "GET", Run::Now(|shared, _| Ok(ok(&json!({"faults": shared.lock().faults.pending()}))))),
    ("/_sandbox/faults", "POST", Run::Now(add_faults)),
    (
        "/_sandbox/faults",
        "DELETE",
        Run::Now(|shared, _| {
            shared.lock().faults.clear();
            Ok(ok(&json!({"faults": []})))
        }),
    ),
    ("/_sandbox/media", "GET", Run::Now(media_files)),
    ("/_sandbox/media", "POST", Run::Now(put_media)),
    ("/_sandbox/templates", "GET", Run::Now(|shared, _| Ok(ok(&templates(shared))))),
    ("/_sandbox/templates/status", "POST", Run::Now(decide_template)),
    ("/_sandbox/templates", "POST", Run::Now(add_templates)),
];

pub(crate) fn ok(body: &impl Serialize) -> Answer {
    Answer::json(200, body)
}

fn problem(status: u16, what: &str) -> Answer {
    Answer::json(status, &json!({"error": what}))
}

fn state(inside: &Inside) -> Value {
    json!({
        "version": env!("CARGO_PKG_VERSION"),
        "settings": inside.settings,
        "phone_numbers": inside.settings.phone_numbers,
        "counters": inside.ledger.counters,
        // Grows when the status of a message changes.
        "changes": inside.ledger.changes,
        // Grows when a template is added, changed, decided about or deleted.
        "template_changes": inside.templates.changes(),
        "webhooks_waiting": inside.webhooks.waiting(),
        "pending_faults": inside.faults.pending().len(),
    })
}

/// A query as a struct.
pub(crate) fn from_query<T: DeserializeOwned>(query: &str) -> Result<T, Error> {
    let value = |name: &str, text: &str| match name {
        // The only members that are no text.
        "after" | "limit" | "refused" => serde_json::from_str(text).unwrap_or_else(|_| text.into()),
        _ => Value::from(text),
    };
    let members = form_urlencoded::parse(query.as_bytes());
    let members: Map<String, Value> = members.map(|(name, text)| (name.to_string(), value(&name, &text))).collect();
    serde_json::from_value(Value::Object(members)).map_err(|e| Error::Control(format!("query: {e}")))
}

pub(crate) fn from_body<T: DeserializeOwned>(body: &[u8]) -> Result<T, Error> {
    serde_json::from_slice(body).map_err(|e| Error::Control(format!("body: {e}")))
}

/// One item, or a list of them.
fn one_or_many<T: DeserializeOwned>(body: &[u8]) -> Result<Vec<T>, Error> {
    match from_body::<Value>(body)? {
        Value::Array(items) => items
            .into_iter()
            .map(|item| serde_json::from_value(item).map_err(|e| Error::Control(format!("body: {e}"))))
            .collect(),
        // Straight from the text, so that the error names the line.
        _ => from_body(body).map(|item| vec![item]),
    }
}

fn messages(shared: &Shared, input: &Input) -> Result<Answer, Error> {
    let filter: MessageFilter = from_query(&input.query)?;
    let messages = shared.lock().ledger.messages(&filter);
    Ok(ok(&json_list("messages", &messages)))
}

#[derive(serde::Deserialize)]
#[serde(deny_unknown_fields)]
struct WhichFile {
    id: Option<String>,
}

#[derive(serde::Deserialize)]
#[serde(deny_unknown_fields)]
struct PutMedia {
    /// The kind of message that it is for, as `image`: it decides what the file is.
    kind: String,
    /// Made up unless given.
    id: Option<String>,
    filename: Option<String>,
}

/// Keeps a small file, as if a customer had sent it.
fn put_media(shared: &Shared, input: &Input) -> Result<Answer, Error> {
    let PutMedia { kind, id, filename } = from_body(&input.body)?;
    let mut inside = shared.lock();
    let number = inside.settings.phone_numbers.first().map(|number| number.id.clone()).unwrap_or_default();
    let id = id.unwrap_or_else(|| inside.ids.digits(16));
    let mut media = Map::from_iter([("id".to_owned(), Value::from(id))]);
    media.extend(filename.map(|filename| ("filename".to_owned(), filename.into())));
    media::receive(&mut inside, &number, &kind, &mut media);
    if !media.contains_key("sha256") {
        return Err(Error::Control(format!("body: kind: {kind:?} is not image, video, audio, document or sticker")));
    }
    Ok(Answer::json(201, &media))
}

/// All files, or the bytes of one.
fn media_files(shared: &Shared, input: &Input) -> Result<Answer, Error> {
    let WhichFile { id } = from_query(&input.query)?;
    let inside = shared.lock();
    Ok(match id {
        Some(id) => media::fetch_own(&inside, &id).unwrap_or_else(|| problem(404, "there is no such file")),
        None => ok(&media::list(&inside)),
    })
}

fn requests(shared: &Shared, input: &Input) -> Result<Answer, Error> {
    let filter: RequestFilter = from_query(&input.query)?;
    let requests = shared.lock().ledger.requests(&filter);
    Ok(ok(&json_list("requests", &requests)))
}

/// An object with one list, written without building a tree first: ledgers are long.
pub(crate) fn json_list<'a, T: Serialize>(name: &'static str, items: &'a [std::sync::Arc<T>]) -> impl Serialize + 'a {
    let items: Vec<&T> = items.iter().map(AsRef::as_ref).collect();
    std::collections::BTreeMap::from([(name, items)])
}

#[derive(serde::Deserialize, Default)]
#[serde(deny_unknown_fields, default)]
struct Reset {
    settings: bool,
}

fn reset(shared: &Shared, input: &Input) -> Result<Answer, Error> {
    let reset: Reset = if input.body.is_empty() { Reset::default() } else { from_body(&input.body)? };
    let mut inside = shared.lock();
    inside.reset(reset.settings);
    Ok(ok(&state(&inside)))
}

fn set(shared: &Shared, input: &Input) -> Result<Answer, Error> {
    let patch: Map<String, Value> = from_body(&input.body)?;
    let mut inside = shared.lock();
    let merged = inside.settings.merged(&patch)?;
    inside.set(merged);
    Ok(ok(&inside.settings))
}

fn add_faults(shared: &Shared, input: &Input) -> Result<Answer, Error> {
    let faults: Vec<Fault> = one_or_many(&input.body)?;
    faults.iter().try_for_each(Fault::check)?;
    let mut inside = shared.lock();
    faults.into_iter().for_each(|fault| inside.faults.add(fault));
    Ok(Answer::json(201, &json!({"faults": inside.faults.pending()})))
}

fn add_templates(shared: &Shared, input: &Input) -> Result<Answer, Error> {
    let templates: Vec<Template> = one_or_many(&input.body)?;
    let mut inside = shared.lock();
    templates.into_iter().for_each(|template| inside.templates.put(template));
    Ok(Answer::json(201, &json!({"templates": *inside.templates})))
}

fn templates(shared: &Shared) -> Value {
    let mut inside = shared.lock();
    template::review_due(&mut inside);
    json!({"templates": *inside.templates})
}

fn decide_template(shared: &Shared, input: &Input) -> Result<Answer, Error> {
    let decisions: Vec<Value> = one_or_many(&input.body)?;
    let mut inside = shared.lock();
    let decided: Result<Vec<Template>, Error> =
        decisions.iter().map(|decision| template::decide(&mut inside, decision)).collect();
    Ok(ok(&json!({"templates": decided?})))
}

#[cfg(test)]
mod tests {
    use super::*;
    use hyper::header::HeaderValue;

    fn passes(host: &'static str, origin: Option<&'static str>) -> bool {
        let shared = Shared::new(Settings { allowed_hosts: vec!["sandbox".to_owned()], ..Settings::default() });
        let mut headers = HeaderMap::new();
        headers.insert(HOST, HeaderValue::from_static(host));
        if let Some(origin) = origin {
            headers.insert(ORIGIN, HeaderValue::from_static(origin));
        }
        gate(&shared, &headers).is_none()
    }

    #[test]
    fn no_foreign_page_drives_the_sandbox() {
        for host in ["127.0.0.1:8025", "localhost:8025", "LOCALHOST", "[::1]:8025", "sandbox:8025", "192.168.1.5"] {
            assert!(passes(host, None), "{host}");
        }
        for host in
            ["evil.example:8025", "localhost.evil.example", "127.0.0.1.evil.example:1", "", "127.0.0.1@evil.example"]
        {
            assert!(!passes(host, None), "{host}");
        }
        assert!(passes("localhost:8025", Some("http://localhost:8025")));
        for origin in ["http://evil.example", "null", "http://localhost:3000", "https://localhost:8025"] {
            assert!(!passes("localhost:8025", Some(origin)), "{origin}");
        }
    }
}
