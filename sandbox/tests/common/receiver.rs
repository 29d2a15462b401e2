//! The server under test: it answers the handshake, takes webhooks as planned, and remembers what came.

use std::collections::VecDeque;
use std::convert::Infallible;
use std::net::SocketAddr;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use bytes::Bytes;
use http_body_util::{BodyExt as _, Full};
use hyper::body::Incoming;
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper::{Method, Request, Response};
use hyper_util::rt::TokioIo;
use ring::hmac;
use serde_json::{Value, json};
use tokio::net::TcpListener;
use tokio::sync::Notify;
use tokio::task::{JoinHandle, JoinSet};

/// A POST as it came.
#[derive(Debug, Clone)]
pub(crate) struct Hit {
    pub(crate) signature: String,
    pub(crate) content_type: String,
    pub(crate) body: Bytes,
    /// What it was answered with.
    pub(crate) status: u16,
}

impl Hit {
    pub(crate) fn json(&self) -> Value {
        serde_json::from_slice(&self.body).unwrap()
    }

    pub(crate) fn is_signed_with(&self, secret: &str) -> bool {
        let tag = hmac::sign(&hmac::Key::new(hmac::HMAC_SHA256, secret.as_bytes()), &self.body);
        let hex: String = tag.as_ref().iter().map(|byte| format!("{byte:02x}")).collect();
        self.signature == format!("sha256={hex}")
    }
}

#[derive(Debug, Default)]
struct State {
    hits: Vec<Hit>,
    handshakes: u32,
    /// Statuses of the next answers; 200 when there are no more.
    plan: VecDeque<u16>,
    /// What the handshake is answered with instead of the challenge.
    challenge: Option<(u16, String)>,
}

/// It ends when it is dropped.
pub(crate) struct Receiver {
    pub(crate) address: SocketAddr,
    state: Arc<Mutex<State>>,
    changed: Arc<Notify>,
    server: JoinHandle<()>,
}

impl Receiver {
    pub(crate) async fn start() -> Self {
        Self::on(0).await
    }

    /// On this port: that of one that was stopped.
    pub(crate) async fn on(port: u16) -> Self {
        let listener = TcpListener::bind(("127.0.0.1", port)).await.unwrap();
        let address = listener.local_addr().unwrap();
        let (state, changed) = (Arc::<Mutex<State>>::default(), Arc::<Notify>::default());
        let server = tokio::spawn(serve(listener, Arc::clone(&state), Arc::clone(&changed)));
        Self { address, state, changed, server }
    }

    pub(crate) fn url(&self) -> String {
        format!("http://{}/webhook", self.address)
    }

    /// The next POSTs are answered with these statuses.
    pub(crate) fn answers(&self, statuses: &[u16]) {
        self.state.lock().unwrap().plan = statuses.iter().copied().collect();
    }

    /// The handshake is answered with this.
    pub(crate) fn answers_handshakes(&self, status: u16, body: &str) {
        self.state.lock().unwrap().challenge = Some((status, body.to_owned()));
    }

    pub(crate) fn handshakes(&self) -> u32 {
        self.state.lock().unwrap().handshakes
    }

    pub(crate) fn hits(&self) -> Vec<Hit> {
        self.state.lock().unwrap().hits.clone()
    }

    /// What came, as soon as it is what is waited for.
    pub(crate) async fn wait_for(&self, what: impl Fn(&[Hit]) -> bool) -> Vec<Hit> {
        let wait = async {
            loop {
                let changed = self.changed.notified();
                let hits = self.hits();
                if what(&hits) {
                    return hits;
                }
                changed.await;
            }
        };
        let end = tokio::time::timeout(Duration::from_secs(20), wait).await;
        end.unwrap_or_else(|_| panic!("waited in vain; there came {:#?}", self.hits()))
    }

    /// So many POSTs, at least.
    pub(crate) async fn wait(&self, count: usize) -> Vec<Hit> {
        self.wait_for(|hits| hits.len() >= count).await
    }

    /// Stops listening and cuts all connections.
    pub(crate) async fn stop(mut self) {
        self.server.abort();
        let _ = (&mut self.server).await;
    }
}

impl Drop for Receiver {
    fn drop(&mut self) {
        self.server.abort();
    }
}

async fn serve(listener: TcpListener, state: Arc<Mutex<State>>, changed: Arc<Notify>) {
    let mut connections = JoinSet::new();
    while let Ok((stream, _)) = listener.accept().await {
        let (state, changed) = (Arc::clone(&state), Arc::clone(&changed));
        connections.spawn(async move {
            let service = service_fn(move |request| answer(request, Arc::clone(&state), Arc::clone(&changed)));
            let _ = http1::Builder::new().serve_connection(TokioIo::new(stream), service).await;
        });
    }
}

async fn answer(
    request: Request<Incoming>,
    state: Arc<Mutex<State>>,
    changed: Arc<Notify>,
) -> Result<Response<Full<Bytes>>, Infallible> {
    let reply =
        |status: u16, body: String| Ok(Response::builder().status(status).body(Full::new(Bytes::from(body))).unwrap());
    let header =
        |name: &str| request.headers().get(name).map(|value| value.to_str().unwrap().to_owned()).unwrap_or_default();
    if request.method() == Method::GET {
        let query: Vec<(String, String)> =
            form_urlencoded::parse(request.uri().query().unwrap_or("").as_bytes()).into_owned().collect();
        let value = |name: &str| query.iter().find(|(known, _)| known == name).map(|(_, value)| value.clone());
        let mut state = state.lock().unwrap();
        state.handshakes += 1;
        let right = value("hub.mode").as_deref() == Some("subscribe")
            && value("hub.verify_token").as_deref() == Some("my-token");
        return match &state.challenge {
            Some((status, body)) => reply(*status, body.clone()),
            None if right => reply(200, value("hub.challenge").unwrap()),
            None => reply(403, "Forbidden".to_owned()),
        };
    }
    let (signature, content_type) = (header("x-hub-signature-256"), header("content-type"));
    let body = request.into_body().collect().await.unwrap().to_bytes();
    let status = {
        let mut state = state.lock().unwrap();
        let status = state.plan.pop_front().unwrap_or(200);
        state.hits.push(Hit { signature, content_type, body, status });
        status
    };
    changed.notify_waiters();
    reply(status, "EVENT_RECEIVED".to_owned())
}

/// All items of this list (`messages`, `statuses`, `contacts`) of these POSTs, in order.
pub(crate) fn items(hits: &[Hit], list: &str) -> Vec<Value> {
    let mut found = Vec::new();
    for payload in hits.iter().map(Hit::json) {
        for entry in payload["entry"].as_array().unwrap() {
            for change in entry["changes"].as_array().unwrap() {
                found.extend(change["value"][list].as_array().into_iter().flatten().cloned());
            }
        }
    }
    found
}

/// Holds every payload against Meta's schema, where a copy of it lies beside the checkout.
pub(crate) fn are_as_documented(hits: &[Hit]) {
    let path = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("../../shared/meta/webhook.schema.json");
    let Ok(text) = std::fs::read_to_string(path) else {
        println!("skipped: Meta's schema does not lie beside this checkout");
        return;
    };
    let schema = jsonschema::validator_for(&serde_json::from_str(&text).unwrap()).unwrap();
    for hit in hits {
        let payload = with_numbers(hit.json());
        let wrong: Vec<String> =
            schema.iter_errors(&payload).map(|error| format!("{}: {error}", error.instance_path())).collect();
        assert!(wrong.is_empty(), "{wrong:#?}\n{payload:#}");
    }
}

/// The schema is older than hidden numbers, and wants them everywhere.
fn with_numbers(mut payload: Value) -> Value {
    for (list, own, name) in [("messages", "from_user_id", "from"), ("statuses", "recipient_user_id", "recipient_id")] {
        let entries = payload["entry"].as_array_mut().unwrap();
        let changes = entries.iter_mut().flat_map(|entry| entry["changes"].as_array_mut().unwrap());
        for item in
            changes.filter_map(|change| change["value"].get_mut(list)).flat_map(|list| list.as_array_mut().unwrap())
        {
            if item.get(name).is_none() && item.get(own).is_some() {
                item[name] = json!("15550000000");
            }
        }
    }
    payload
}
