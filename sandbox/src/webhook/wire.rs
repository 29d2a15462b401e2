//! What goes over the wire: the body as Meta escapes it, its signature, the POST and the handshake.

use std::error::Error as _;
use std::fmt::Write as _;
use std::time::Duration;

use bytes::Bytes;
use http_body_util::{BodyExt as _, Full, Limited};
use hyper::header::{CONTENT_TYPE, USER_AGENT};
use hyper::{Method, Request, Uri};
use hyper_util::client::legacy::Client;
use hyper_util::client::legacy::connect::HttpConnector;
use hyper_util::rt::TokioExecutor;
use ring::hmac;
use serde_json::Value;

use super::settings::{Webhook, address};
use crate::Error;

/// How much of an answer is read.
const ANSWER_BYTES: usize = 64 << 10;
/// How much of it is shown.
const SHOWN_CHARS: usize = 200;

/// A payload as it leaves Meta: whatever is not ASCII as `\u00e4`, in lower case, and `/` as `\/`.
pub(crate) fn escaped(payload: &Value) -> Bytes {
    let text = payload.to_string();
    let mut out = String::with_capacity(text.len() + text.len() / 8);
    // Both occur within strings only, so the text stays the same JSON.
    for c in text.chars() {
        match c {
            '/' => out.push_str("\\/"),
            c if c.is_ascii() => out.push(c),
            c => {
                for unit in c.encode_utf16(&mut [0; 2]) {
                    let _ = write!(out, "\\u{unit:04x}");
                }
            }
        }
    }
    out.into()
}

/// The value of `X-Hub-Signature-256`.
pub(crate) fn signature(secret: &str, body: &[u8]) -> String {
    let key = hmac::Key::new(hmac::HMAC_SHA256, secret.as_bytes());
    format!("sha256={}", hex(hmac::sign(&key, body).as_ref()))
}

/// Lower-case hexadecimal digits.
pub(super) fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

/// What came back.
#[derive(Debug)]
pub(crate) struct Answered {
    pub(crate) status: u16,
    pub(crate) body: Bytes,
}

impl Answered {
    /// The beginning of the body, as far as it is text.
    fn shown(&self) -> String {
        String::from_utf8_lossy(&self.body).chars().take(SHOWN_CHARS).collect()
    }
}

/// Makes requests to the server under test. Neither follows redirects nor uses a proxy.
#[derive(Debug, Clone)]
pub(crate) struct Caller {
    client: Client<HttpConnector, Full<Bytes>>,
}

impl Caller {
    pub(crate) fn new() -> Self {
        let mut connector = HttpConnector::new();
        connector.set_nodelay(true);
        Self { client: Client::builder(TokioExecutor::new()).build(connector) }
    }

    /// One POST; the error says why there is no answer.
    pub(crate) async fn post(
        &self,
        url: &str,
        signature: &str,
        body: Bytes,
        timeout: Duration,
    ) -> Result<Answered, String> {
        let request = Request::post(url)
            .header(CONTENT_TYPE, "application/json")
            .header("x-hub-signature-256", signature)
            .header(USER_AGENT, "facebookexternalua")
            .body(Full::new(body))
            .map_err(|error| error.to_string())?;
        self.call(request, timeout).await
    }

    async fn call(&self, request: Request<Full<Bytes>>, timeout: Duration) -> Result<Answered, String> {
        let exchange = async {
            let response = self.client.request(request).await.map_err(|error| match error.source() {
                Some(cause) => format!("{error}: {}", innermost(cause)),
                None => error.to_string(),
            })?;
            let status = response.status().as_u16();
            // The status has decided; a body that is too long or cut changes nothing.
            let body = Limited::new(response.into_body(), ANSWER_BYTES).collect().await;
            Ok(Answered { status, body: body.map(|body| body.to_bytes()).unwrap_or_default() })
        };
        let late = || format!("no answer within {} ms", timeout.as_millis());
        tokio::time::timeout(timeout, exchange).await.unwrap_or_else(|_| Err(late()))
    }

    /// Asks whether the server at `webhook.url` is the one that knows the verify token.
    pub(crate) async fn handshake(&self, webhook: &Webhook) -> Result<(), Handshake> {
        let Some(url) = &webhook.url else {
            return Ok(());
        };
        let uri = address(url).map_err(|error| Handshake::Refused(error.to_string()))?;
        // From chance of its own: how often a server has to be asked must not change the ids of messages.
        let challenge = fastrand::u32(1_000_000_000..).to_string();
        let asked = with_query(&uri, &webhook.verify_token, &challenge);
        let request = Request::builder().method(Method::GET).uri(asked).header(USER_AGENT, "facebookplatform/1.0");
        let request =
            request.body(Full::default()).map_err(|error| Handshake::Refused(format!("webhook: url: {error}")))?;
        let timeout = Duration::from_millis(webhook.timeout_ms);
        let answer = self.call(request, timeout).await.map_err(|why| {
            Handshake::Unreachable(format!("the handshake with {url} got no answer: {why}. Is your server running?"))
        })?;
        let refused = |what: String| Err(Handshake::Refused(format!("the handshake with {url} failed: {what}")));
        let shown = answer.shown();
        match (answer.status, answer.body == challenge.as_bytes()) {
            (200, true) => Ok(()),
            (200, false) => refused(format!(
                "the answer has to be the value of hub.challenge and nothing else, {challenge:?}, not {shown:?}"
            )),
            (status, _) => refused(format!(
                "the answer was {status} {shown:?} and has to be 200 with the value of hub.challenge. The token sent as \
                 hub.verify_token was {:?}; it has to be the one that your server expects",
                webhook.verify_token
            )),
        }
    }
}

/// Why there is no subscription.
#[derive(Debug)]
pub(crate) enum Handshake {
    /// Nobody answered: the server may not be up yet.
    Unreachable(String),
    /// The answer was wrong.
    Refused(String),
}

impl From<Handshake> for Error {
    fn from(handshake: Handshake) -> Self {
        match handshake {
            Handshake::Unreachable(what) | Handshake::Refused(what) => Self::Webhook(what),
        }
    }
}

/// The URL of the handshake. A query that the address has already stays in front.
fn with_query(uri: &Uri, verify_token: &str, challenge: &str) -> String {
    let query = form_urlencoded::Serializer::new(String::new())
        .append_pair("hub.mode", "subscribe")
        .append_pair("hub.challenge", challenge)
        .append_pair("hub.verify_token", verify_token)
        .finish();
    let authority = uri.authority().map_or("", |authority| authority.as_str());
    let before = uri.query().map_or_else(String::new, |query| format!("{query}&"));
    format!("http://{authority}{}?{before}{query}", uri.path())
}

fn innermost(error: &dyn std::error::Error) -> String {
    let mut deepest = error;
    while let Some(cause) = deepest.source() {
        deepest = cause;
    }
    deepest.to_string()
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn a_body_is_ascii_and_the_same_json() {
        let value = json!({"ä/b": "Größe 👋 </p> \u{7f}\n\"\\"});
        let body = escaped(&value);
        let text = std::str::from_utf8(&body).unwrap();
        assert_eq!(text, "{\"\\u00e4\\/b\":\"Gr\\u00f6\\u00dfe \\ud83d\\udc4b <\\/p> \u{7f}\\n\\\"\\\\\"}",);
        assert_eq!(serde_json::from_slice::<Value>(&body).unwrap(), value);
    }

    #[test]
    fn the_signature_is_that_of_rfc_4231() {
        // Test case 2: key "Jefe".
        assert_eq!(
            signature("Jefe", b"what do ya want for nothing?"),
            "sha256=5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843"
        );
    }

    #[test]
    fn the_handshake_keeps_the_query_of_the_address() {
        let uri = "http://localhost:3000/hook?a=1".parse().unwrap();
        assert_eq!(
            with_query(&uri, "to&ken", "7"),
            "http://localhost:3000/hook?a=1&hub.mode=subscribe&hub.challenge=7&hub.verify_token=to%26ken"
        );
        let uri = "http://localhost:3000".parse().unwrap();
        assert!(with_query(&uri, "t", "7").starts_with("http://localhost:3000/?hub.mode="));
    }
}
