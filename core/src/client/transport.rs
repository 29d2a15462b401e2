//! One request over HTTP: it reports what happened, and decides nothing.

use std::sync::{Mutex, PoisonError};
use std::time::{Duration, SystemTime};

use bytes::{Bytes, BytesMut};
use reqwest::header::{AUTHORIZATION, CONTENT_TYPE, HeaderMap, HeaderValue};
use tokio::sync::OnceCell;
use tokio::time::Instant;
use tokio_util::sync::CancellationToken;
use url::Url;

use super::body::{Grip, Outgoing};
use super::causes::{is_connection_refused, is_refused_stream, root_cause};
use super::settings::{HttpVersion, Link, Secret, is_loopback};
use crate::error::{Error, Result};
use crate::graph::{Method, usage};
use crate::media;
use crate::message::Violation;
use crate::message::violation::Rule;
use crate::outcome::Failure;

/// Answers of the calls that we have are a few kilobytes; whatever is longer is not one of them.
const LONGEST_ANSWER: usize = 1 << 20;
/// A longer `Retry-After` is taken for a week: Meta's longest limit, for registering a number, lasts three days.
const LONGEST_BELIEVED: Duration = Duration::from_secs(7 * 24 * 3_600);
/// Below the 30 s after which common servers and balancers close an idle connection, so that a request seldom meets one
/// that is just being closed.
const IDLE: Duration = Duration::from_secs(25);

/// How often an HTTP/2 connection with something under way is asked if it still lives, and how long it has to say so. All
/// messages share it, so each would run into its time limit on one that is gone.
const PING: Duration = Duration::from_secs(10);

/// A pool of connections to one API.
pub(super) struct Transport {
    link: Link,
    /// Built at the first request: a client that never sends opens nothing and reads no certificates.
    http: OnceCell<reqwest::Client>,
    /// The last path and its URL: nearly every request goes where the one before it went.
    last: Mutex<Option<(String, Url)>>,
    /// What the last answer to a read said of the server.
    read: Mutex<Option<ReadFrom>>,
}

/// What an answer says of the server that gave it.
#[derive(Debug, Clone)]
pub(super) struct ReadFrom {
    /// The `Date` header.
    pub(super) date: Option<String>,
    /// The version of the API that answered, which is not always the one that was asked (`facebook-api-version`).
    pub(super) api_version: Option<String>,
    pub(super) asked: SystemTime,
    pub(super) answered: SystemTime,
}

/// An answer, complete or not.
#[derive(Debug)]
pub(super) struct Answer {
    pub(super) status: u16,
    pub(super) retry_after: Option<Duration>,
    /// How long to wait according to the usage headers, of an answer that refuses.
    pub(super) usage_wait: Option<Duration>,
    /// What Meta's support asks for.
    pub(super) request_id: Option<String>,
    /// The body, or what became of it.
    pub(super) body: std::result::Result<Bytes, String>,
}

/// No answer.
#[derive(Debug)]
pub(super) struct NoAnswer {
    pub(super) failure: Failure,
    /// For people.
    pub(super) cause: String,
    /// Whether a complete request may have been carried out.
    pub(super) may_have_arrived: bool,
}

impl Transport {
    pub(super) fn new(link: Link) -> Self {
        Transport { link, http: OnceCell::new(), last: Mutex::default(), read: Mutex::default() }
    }

    /// Sends one request and waits for its answer until the deadline or until it is cancelled.
    pub(super) async fn exchange(
        &self,
        (method, path): (Method, &str),
        body: &Outgoing,
        (scheme, token): (&str, &Secret),
        deadline: Instant,
        cancel: &CancellationToken,
    ) -> Result<std::result::Result<Answer, NoAnswer>> {
        let http = self.http.get_or_try_init(|| async { build(&self.link) }).await?;
        let (grip, is_bodyless) = (Grip::default(), body.is_empty());
        let refused = |why: String| Error::Validation(Violation::new("file", Rule::Format, why).into());
        let content_type = body.content_type().map_err(|_| refused("has no MIME type that a header can say".into()))?;
        let watched = body.watched(grip.clone()).map_err(|error| refused(format!("cannot be read: {error}")))?;
        let request = http
            .request(http_method(method), self.url(path)?)
            .header(AUTHORIZATION, authorization(scheme, token)?)
            .header(CONTENT_TYPE, content_type)
            .body(reqwest::Body::wrap(watched));
        let request = match body.file_offset() {
            // Not `file-offset`: the name is the one of Meta's page.
            Some(offset) => request.header("file_offset", offset),
            None => request,
        };
        let asked = SystemTime::now();
        let answer = async {
            let mut response = request.send().await.map_err(|error| {
                let failure = if error.is_connect() { Failure::Connect } else { Failure::ConnectionLost };
                let what = match failure {
                    Failure::Connect => format!("no connection to {}{}", self.link.base_url, self.hint(&error)),
                    _ => "the connection was lost".to_owned(),
                };
                // A request without a body cannot be withdrawn, but needs a connection like any other.
                let never_left = is_bodyless && failure == Failure::Connect;
                let may_have_arrived = !grip.withdraw() && !never_left && !is_refused_stream(&error);
                NoAnswer { failure, cause: format!("{what}: {}", root_cause(error)), may_have_arrived }
            })?;
            let head = Head::of(&response);
            if method == Method::Get {
                self.note(&response, asked);
            }
            Ok(head.complete(read(&mut response, deadline, cancel).await.map(|body| without(token, body))))
        };
        let gone =
            |failure, cause: &str| NoAnswer { failure, cause: cause.to_owned(), may_have_arrived: !grip.withdraw() };
        let exchanged = tokio::select! {
            biased;
            // An answer that is there counts, even in the moment of a cancel.
            answer = answer => answer,
            () = cancel.cancelled() => Err(gone(Failure::Cancelled, "it was cancelled")),
            () = tokio::time::sleep_until(deadline) => Err(gone(Failure::TimeOut, "no answer came in time")),
        };
        // What was uploaded, if anything was, is not what was to be.
        let is_taken = exchanged.as_ref().is_ok_and(|answer| answer.status < 300);
        if grip.is_changed() || is_taken && grip.is_unchecked() {
            return Err(refused(media::CHANGED.to_owned()));
        }
        Ok(exchanged)
    }

    /// What to look at where nobody listens. On this machine that mostly is a sandbox which was not started.
    fn hint(&self, error: &reqwest::Error) -> &'static str {
        let is_here = self.link.proxy.is_none() && Url::parse(&self.link.base_url).is_ok_and(|url| is_loopback(&url));
        if is_here && is_connection_refused(error) { " (is `wacloud sandbox` running?)" } else { "" }
    }

    /// Asks for what is at an address, which must be one that the token may go to. Its body is read piece by piece.
    pub(super) async fn fetch(&self, url: Url, token: &Secret) -> Result<std::result::Result<Fetched, Refusal>> {
        let http = self.http.get_or_try_init(|| async { build(&self.link) }).await?;
        let response = http.get(url).header(AUTHORIZATION, authorization("Bearer", token)?).send().await;
        let mut response = match response {
            Ok(response) => response,
            Err(error) => {
                return Ok(Err(Refusal::NoConnection(format!("the file did not come: {}", root_cause(error)))));
            }
        };
        let status = response.status().as_u16();
        if status != 200 {
            let mut body = BytesMut::new();
            while let Ok(Some(chunk)) = response.chunk().await
                && body.len() + chunk.len() <= LONGEST_ANSWER
            {
                body.extend_from_slice(&chunk);
            }
            return Ok(Err(Refusal::Status { status, body: without(token, body.freeze()) }));
        }
        Ok(Ok(Fetched { length_bytes: response.content_length(), response }))
    }

    /// Keeps what an answer to a read says of the server.
    fn note(&self, response: &reqwest::Response, asked: SystemTime) {
        let header = |name: &str| text(response.headers(), name).map(str::to_owned);
        let seen = ReadFrom {
            date: header("date"),
            api_version: header("facebook-api-version"),
            asked,
            answered: SystemTime::now(),
        };
        *self.read.lock().unwrap_or_else(PoisonError::into_inner) = Some(seen);
    }

    /// What the last answer to a read said of the server.
    pub(super) fn last_read(&self) -> Option<ReadFrom> {
        self.read.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    fn url(&self, path: &str) -> Result<Url> {
        // A read with a query is made once, and a token that is asked about stands in one.
        if path.contains('?') {
            return parse(&format!("{}{path}", self.link.base_url));
        }
        let mut last = self.last.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some((known, url)) = &*last
            && known == path
        {
            return Ok(url.clone());
        }
        let url = parse(&format!("{}{path}", self.link.base_url))?;
        *last = Some((path.to_owned(), url.clone()));
        Ok(url)
    }
}

/// A file that begins to come.
pub(super) struct Fetched {
    /// How long it is, if that is announced.
    pub(super) length_bytes: Option<u64>,
    response: reqwest::Response,
}

impl Fetched {
    /// The next piece, `None` at the end; or why there is none.
    pub(super) async fn next(&mut self) -> std::result::Result<Option<Bytes>, String> {
        self.response.chunk().await.map_err(root_cause)
    }
}

/// No file.
pub(super) enum Refusal {
    /// Nothing came.
    NoConnection(String),
    /// Another status than 200.
    Status { status: u16, body: Bytes },
}

/// What an answer says before its body.
struct Head {
    status: u16,
    retry_after: Option<Duration>,
    usage_wait: Option<Duration>,
    request_id: Option<String>,
}

impl Head {
    fn of(response: &reqwest::Response) -> Self {
        let headers = response.headers();
        let usage = || usage::wait(text(headers, "x-app-usage"), text(headers, "x-business-use-case-usage"));
        Head {
            status: response.status().as_u16(),
            usage_wait: (!response.status().is_success()).then(usage).flatten(),
            // Meta declares seconds only; RFC 9110 §10.2.3 also has a date, which would need a clock that agrees.
            retry_after: text(headers, "retry-after").and_then(seconds),
            // What errors carry as `fbtrace_id` is this header, in every recorded answer.
            request_id: text(headers, "x-fb-request-id").or(text(headers, "x-fb-trace-id")).map(str::to_owned),
        }
    }

    fn complete(self, body: std::result::Result<Bytes, String>) -> Answer {
        let Head { status, retry_after, usage_wait, request_id } = self;
        Answer { status, retry_after, usage_wait, request_id, body }
    }
}

/// A number of seconds; of one that is nonsense the longest time that is believed.
fn seconds(text: &str) -> Option<Duration> {
    let digits = text.trim();
    let is_number = !digits.is_empty() && digits.bytes().all(|byte| byte.is_ascii_digit());
    is_number.then(|| Duration::from_secs(digits.parse().unwrap_or(u64::MAX)).min(LONGEST_BELIEVED))
}

fn text<'h>(headers: &'h HeaderMap, name: &str) -> Option<&'h str> {
    headers.get(name)?.to_str().ok()
}

/// The body, within its bounds. Once there is a status, a lost, late or endless body is part of the answer, not a failure
/// to get one. A cancel does not interrupt it for long: it is mostly in the same packet.
async fn read(
    response: &mut reqwest::Response,
    deadline: Instant,
    cancel: &CancellationToken,
) -> std::result::Result<Bytes, String> {
    let all = async {
        // An answer mostly is one piece, which need not be copied.
        let first = response.chunk().await.map_err(root_cause)?.unwrap_or_default();
        let mut body = BytesMut::new();
        while let Some(chunk) = response.chunk().await.map_err(root_cause)? {
            if body.is_empty() {
                body.extend_from_slice(&first);
            }
            if body.len() + chunk.len() > LONGEST_ANSWER {
                return Err("the answer is longer than any that Meta gives".to_owned());
            }
            body.extend_from_slice(&chunk);
        }
        Ok(if body.is_empty() { first } else { body.freeze() })
    };
    tokio::select! {
        biased;
        body = all => body,
        () = cancel.cancelled() => Err("it was cancelled in the middle of the answer".to_owned()),
        () = tokio::time::sleep_until(deadline) => Err("the answer did not end in time".to_owned()),
    }
}

/// The body without the token. Graph quotes one that it cannot read ("Malformed access token …"), and what it says goes into
/// errors and logs. What is shorter than any of Meta's tokens could stand in an answer by chance.
fn without(token: &Secret, body: Bytes) -> Bytes {
    let token = token.expose();
    // Looking for the whole token is a matter of tables; looking for its beginning is not, and mostly ends the search.
    let beginning = token.get(..16).unwrap_or(token);
    match std::str::from_utf8(&body) {
        Ok(text) if token.len() >= 20 && text.contains(beginning) => text.replace(token, "…").into(),
        _ => body,
    }
}

fn authorization(scheme: &str, token: &Secret) -> Result<HeaderValue> {
    let mut value = HeaderValue::try_from(format!("{scheme} {}", token.expose()))
        .map_err(|_| Error::config("access_token", "has characters that no token has"))?;
    value.set_sensitive(true);
    Ok(value)
}

fn http_method(method: Method) -> reqwest::Method {
    match method {
        Method::Get => reqwest::Method::GET,
        Method::Post => reqwest::Method::POST,
        Method::Delete => reqwest::Method::DELETE,
    }
}

fn parse(url: &str) -> Result<Url> {
    Url::parse(url).map_err(|error| Error::config("base_url", error.to_string()))
}

fn build(link: &Link) -> Result<reqwest::Client> {
    use_ring();
    let url = parse(&link.base_url)?;
    let mut builder = reqwest::Client::builder()
        .user_agent(link.user_agent.as_str())
        .connect_timeout(link.connect_timeout)
        .pool_idle_timeout(IDLE)
        .http2_keep_alive_interval(PING)
        .http2_keep_alive_timeout(PING)
        // A redirected send would be another request, to a place that nobody chose.
        .redirect(reqwest::redirect::Policy::none())
        // What is repeated, and when, is decided in one place, which is not this one.
        .retry(reqwest::retry::never())
        .tcp_nodelay(true);
    builder = match link.http_version {
        HttpVersion::Http1 => builder.http1_only(),
        HttpVersion::Http2 if url.scheme() == "http" => builder.http2_prior_knowledge(),
        HttpVersion::Http2 => builder,
    };
    if let Some(proxy) = &link.proxy {
        let proxy = reqwest::Proxy::all(proxy.as_str())
            .map_err(|_| Error::config("proxy", "must be a URL such as http://user:password@host:3128"))?;
        builder = builder.proxy(proxy);
    } else if is_loopback(&url) {
        // The environment's proxy is for other machines.
        builder = builder.no_proxy();
    }
    builder = if url.scheme() == "http" { builder.tls_certs_only([]) } else { builder.tls_certs_merge(roots(link)?) };
    builder.build().map_err(|error| {
        let setting = if link.ca_bundle.is_some() { "ca_bundle" } else { "proxy" };
        Error::config(setting, format!("no HTTP client could be made: {}", root_cause(error)))
    })
}

/// Mozilla's roots, so that a container without a CA bundle works, and the caller's own. The machine's are added by the
/// platform verifier.
fn roots(link: &Link) -> Result<Vec<reqwest::Certificate>> {
    let mozilla = webpki_root_certs::TLS_SERVER_ROOT_CERTS.iter().map(AsRef::as_ref);
    let mut roots: Vec<_> = mozilla.filter_map(|der| reqwest::Certificate::from_der(der).ok()).collect();
    if let Some(path) = &link.ca_bundle {
        roots.extend(own_roots(path)?);
    }
    Ok(roots)
}

/// The certificates of a PEM file.
pub(super) fn own_roots(path: &str) -> Result<Vec<reqwest::Certificate>> {
    let refuse = |why: String| Error::config("ca_bundle", why);
    let pem = std::fs::read(path).map_err(|error| refuse(format!("cannot be read: {error}")))?;
    match reqwest::Certificate::from_pem_bundle(&pem) {
        Ok(roots) if !roots.is_empty() => Ok(roots),
        _ => Err(refuse("holds no PEM certificate".to_owned())),
    }
}

/// Makes ring the process's TLS provider unless the program has chosen one.
pub(crate) fn use_ring() {
    if rustls::crypto::CryptoProvider::get_default().is_none() {
        // Another thread may have been faster; then there is one, too.
        let _ = rustls::crypto::ring::default_provider().install_default();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_retry_after_is_a_number_of_seconds_that_is_believed() {
        let told = |text: &str| seconds(text).map(|wait| wait.as_secs());
        assert_eq!([told("0"), told(" 7 "), told("600")], [Some(0), Some(7), Some(600)]);
        let week = Some(604_800);
        assert_eq!([told("604801"), told("18446744073709551615"), told("99999999999999999999999")], [week; 3]);
        for none in ["", " ", "-1", "+1", "1.5", "soon", "Wed, 21 Oct 2015 07:28:00 GMT"] {
            assert_eq!(told(none), None, "{none:?}");
        }
    }

    #[test]
    fn an_answer_that_quotes_the_token_is_told_without_it() {
        let cleaned =
            |token: &str, body: &'static str| without(&Secret::new(token), Bytes::from_static(body.as_bytes()));
        assert_eq!(
            cleaned("EAAGm0PX4ZCpsBAabcdef", r#"{"a":"Malformed EAAGm0PX4ZCpsBAabcdef"}"#),
            r#"{"a":"Malformed …"}"#
        );
        assert_eq!(cleaned("EAAGm0PX4ZCpsBAabcdef", r#"{"a":"b"}"#), r#"{"a":"b"}"#);
        assert_eq!(cleaned("a", r#"{"a":"a"}"#), r#"{"a":"a"}"#, "the token of a test");
    }
}
