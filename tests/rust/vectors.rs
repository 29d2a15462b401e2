//! Every vector against core and sandbox, both in this process, through the door that the language packages use.
#![allow(clippy::unwrap_used, clippy::panic, missing_docs, reason = "tests")]

mod support;

use std::path::Path;

use futures_util::{StreamExt as _, stream};
use serde_json::{Map, Value, json};
use support::schema::Schema;
use support::vector::{self, BulkVector, Vector, differences};
use wacloud::bulk::{Bulk, BulkOptions};
use wacloud::{CallOptions, CancelToken, Client, Settings, Shared, registry};
use wacloud_sandbox::{LoggedRequest, Sandbox};

/// Made up by core, and so not part of any vector.
const TRACKER: &str = "biz_opaque_callback_data";

/// Files that vectors upload.
const FILES: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/vectors/files");

/// Where vectors write files.
fn temporary() -> std::path::PathBuf {
    let folder = std::env::temp_dir().join(format!("wacloud-vectors-{}", std::process::id()));
    std::fs::create_dir_all(&folder).unwrap();
    folder
}

/// Vectors that run at a time: some of them wait for a repetition.
const AT_ONCE: usize = 16;

#[tokio::test]
async fn every_vector_passes() {
    let schema = Schema::load();
    let vectors = vector::load();
    let count = vectors.len();
    let outcomes = stream::iter(&vectors).map(run).buffer_unordered(AT_ONCE);
    let outcomes: Vec<(&str, Vec<String>, Vec<Value>)> = outcomes.collect().await;
    let mut failed = Vec::new();
    let mut validated = 0;
    for (name, mut complaints, bodies) in outcomes {
        if let Some(schema) = &schema {
            complaints.extend(bodies.iter().flat_map(|body| schema.complaints(body)));
            validated += bodies.len();
        }
        if !complaints.is_empty() {
            failed.push(format!("{name}\n    {}", complaints.join("\n    ")));
        }
    }
    std::fs::remove_dir_all(temporary()).unwrap();
    summarize(count, failed.len());
    assert!(failed.is_empty(), "{} of {count} vectors failed:\n{}", failed.len(), failed.join("\n"));
    if schema.is_some() {
        assert!(validated > count / 4, "only {validated} request bodies were there to be validated");
        support::say(&format!("{count} vectors passed; {validated} request bodies keep to Meta's schema"));
    } else {
        support::say(&format!("{count} vectors passed"));
    }
}

/// Leaves the counts where the summary of all languages finds them.
fn summarize(count: usize, failed: usize) {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../target/test-summary");
    let summary = json!({"suite": "rust", "vectors": count, "passed": count - failed, "failed": failed, "skipped": 0});
    std::fs::create_dir_all(&folder).unwrap();
    std::fs::write(folder.join("rust.json"), format!("{summary}\n")).unwrap();
}

/// Name, complaints and the bodies of all requests of a vector.
async fn run(vector: &Vector) -> (&str, Vec<String>, Vec<Value>) {
    let sandbox = support::sandbox().await;
    for fault in &vector.faults {
        let text = serde_json::to_string(fault).unwrap().replace("{base_url}", &sandbox.url());
        sandbox.add_fault(serde_json::from_str(&text).unwrap()).unwrap();
    }
    let client = client(&sandbox, &vector.settings);
    let mut complaints = match (&vector.operation, &vector.bulk) {
        (Some(operation), None) => call(vector, operation, &client).await,
        (None, Some(bulk)) => send_all(vector, bulk, &client).await,
        _ => vec!["names an operation or a bulk, one of them".to_owned()],
    };
    let requests = sandbox.requests();
    complaints.extend(check_requests(vector, &requests, &sandbox));
    let accepted = sandbox.counters().accepted;
    if vector.accepted.is_some_and(|expected| expected != accepted) {
        complaints.push(format!("{accepted} messages were accepted, expected {:?}", vector.accepted));
    }
    // The schema is that of messages.
    let of_messages = requests.iter().filter(|request| request.path.ends_with("/messages"));
    (&vector.name, complaints, of_messages.map(|request| request.body.value()).collect())
}

fn client(sandbox: &Sandbox, extra: &Map<String, Value>) -> Client {
    let mut settings = json!({
        "phone_number_id": sandbox.phone_number_id(), "business_account_id": sandbox.business_account_id(),
        "access_token": sandbox.token(), "base_url": sandbox.url(), "check_templates": false,
        // Not that of the host: another sandbox may have had this port in the last minutes, and a Retry-After of ten.
        "pace": "process",
    });
    settings.as_object_mut().unwrap().extend(extra.clone());
    Client::with_shared(Settings::from_json(&settings.to_string()).unwrap(), &Shared::new()).unwrap()
}

async fn call(vector: &Vector, operation: &str, client: &Client) -> Vec<String> {
    let params = Value::Object(vector.params.clone().unwrap_or_default()).to_string();
    // The number that an event came to.
    let params = params.replace("{phone_number_id}", client.phone_number_id());
    let params = params.replace("{files}", FILES).replace("{temp}", &temporary().display().to_string());
    let options = vector.options.clone().unwrap_or_else(|| json!({}));
    let options = CallOptions::from_json(&options.to_string()).unwrap();
    let outcome = registry::dispatch(client, operation, &params, &options, CancelToken::new()).await;
    let mut complaints = match (&outcome, &vector.result, &vector.error) {
        (Ok(output), Some(expected), None) => differences(expected, &serde_json::from_str(&output.json).unwrap()),
        (Err(error), None, Some(expected)) => {
            let told: Value = serde_json::from_str(&error.to_json()).unwrap();
            differences(expected, &told)
        }
        (_, Some(_), Some(_)) | (_, None, None) => vec!["expects a result or an error, one of them".to_owned()],
        (Ok(output), None, Some(_)) => vec![format!("succeeded: {}", output.json)],
        (Err(error), Some(_), None) => vec![format!("failed: {error}")],
    };
    if registry::describe(operation).is_some_and(|(_, is_message)| is_message) {
        complaints.extend(check_payload(vector, operation, &params));
    }
    complaints
}

/// What is built without sending is what goes out, and mistakes are the same ones.
fn check_payload(vector: &Vector, operation: &str, params: &str) -> Vec<String> {
    let payload = registry::payload(operation, params);
    match (payload, vector.requests.as_deref(), &vector.error) {
        (Ok(payload), Some([request]), _) => {
            let payload: Value = serde_json::from_str(&payload).unwrap();
            if payload == request.body {
                Vec::new()
            } else {
                vec![format!("the payload is {payload}, expected {}", request.body)]
            }
        }
        (Err(error), _, Some(expected)) => {
            differences(expected, &error.to_value()).into_iter().map(|d| format!("payload: {d}")).collect()
        }
        (Ok(payload), Some([]), Some(_)) => vec![format!("a payload was built: {payload}")],
        (Err(error), _, None) => vec![format!("there is no payload: {error}")],
        (Ok(_), _, _) => Vec::new(),
    }
}

async fn send_all(vector: &Vector, bulk: &BulkVector, client: &Client) -> Vec<String> {
    let options = BulkOptions::from_json(&Value::Object(bulk.options.clone()).to_string()).unwrap();
    let running = Bulk::start(client.clone(), &options);
    // As there is room and no further, like every language.
    let mut messages = bulk.messages.iter();
    let mut told = Vec::new();
    let (mut room, mut is_open) = (running.room(), true);
    loop {
        while is_open && room > 0 {
            match messages.next() {
                Some(message) => room = running.push_json(&json!([message]).to_string()).unwrap(),
                None => is_open = false,
            }
        }
        if !is_open {
            running.finish();
        }
        let Some(chunk) = running.next().await else { break };
        (room, is_open) = (chunk.room, is_open && !running.is_stopped());
        told.extend(chunk.results.iter().map(|result| serde_json::to_value(result).unwrap()));
    }
    let Some(expected) = &vector.results else { return vec!["a bulk expects results".to_owned()] };
    match (&vector.error, running.stopped_by().map(wacloud::Error::to_value)) {
        (None, None) => {}
        (Some(expected), Some(error)) => {
            let differences = differences(expected, &error);
            if !differences.is_empty() {
                return differences;
            }
        }
        (expected, error) => return vec![format!("the bulk was stopped by {error:?}, expected {expected:?}")],
    }
    if told.len() != expected.len() {
        return vec![format!("{} results were told, expected {}: {told:?}", told.len(), expected.len())];
    }
    expected.iter().zip(&told).flat_map(|(expected, told)| differences(expected, told)).collect()
}

fn check_requests(vector: &Vector, actual: &[std::sync::Arc<LoggedRequest>], sandbox: &Sandbox) -> Vec<String> {
    let phone_number_id = &sandbox.phone_number_id();
    let mut complaints = Vec::new();
    let count = vector.request_count.or(vector.requests.as_ref().map(Vec::len));
    if count.is_some_and(|count| count != actual.len()) {
        complaints.push(format!("{} requests reached the API, expected {count:?}", actual.len()));
    }
    for (expected, actual) in vector.requests.iter().flatten().zip(actual) {
        let path = expected.path.replace("{phone_number_id}", phone_number_id);
        let path = path.replace("{business_account_id}", &sandbox.business_account_id());
        if (&*expected.method, &*path) != (&*actual.method, &*actual.path) {
            complaints.push(format!("{} {}, expected {} {path}", actual.method, actual.path, expected.method));
        }
        let mut body = actual.body.value();
        if gives_no_tracker(vector)
            && let Some(tracker) = body.as_object_mut().and_then(|body| body.remove(TRACKER))
            && !is_made_up(&tracker)
        {
            complaints.push(format!("the tracker {tracker} is nobody's"));
        }
        if body != expected.body {
            complaints.push(format!("the body is {body}, expected {}", expected.body));
        }
    }
    complaints
}

/// Whether the caller left the tracker to core.
fn gives_no_tracker(vector: &Vector) -> bool {
    vector.params.as_ref().is_none_or(|params| {
        let of_payload = params.get("payload").and_then(|payload| payload.get(TRACKER));
        params.get("tracker").or(of_payload).is_none_or(Value::is_null)
    })
}

/// A tracker as core makes them up: too long to be guessed.
fn is_made_up(tracker: &Value) -> bool {
    let digits = tracker.as_str().and_then(|tracker| tracker.strip_prefix("wac-"));
    digits.is_some_and(|digits| digits.len() == 32 && digits.bytes().all(|b| b.is_ascii_hexdigit()))
}
