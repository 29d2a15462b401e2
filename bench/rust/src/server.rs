//! The server that every client of `bench/clients.py` is measured against: answers each message as the Cloud API does, and
//! does nothing else, so that there is time left for the client. One thread, HTTP/1.1 with keep-alive.
//!
//! Prints its address, and ends with its standard input. `GET /count` tells how many messages it has answered.
//! `--latency-ms` makes every answer wait.

use std::convert::Infallible;
use std::io::Write;
use std::rc::Rc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use bytes::Bytes;
use http_body_util::{BodyExt, Full};
use hyper::body::Incoming;
use hyper::header::{CONTENT_TYPE, HeaderValue};
use hyper::service::service_fn;
use hyper::{Method, Request, Response, StatusCode};
use hyper_util::rt::{TokioIo, TokioTimer};
use tokio::io::AsyncReadExt;
use tokio::net::TcpListener;
use wacloud_bench::Result;

/// What Graph sends along, by the recorded answers.
const HEADERS: [(&str, &str); 11] = [
    ("vary", "Origin"),
    ("access-control-allow-origin", "*"),
    ("facebook-api-version", "v25.0"),
    ("strict-transport-security", "max-age=15552000; preload"),
    ("pragma", "no-cache"),
    ("cache-control", "private, no-cache, no-store, must-revalidate"),
    ("expires", "Sat, 01 Jan 2000 00:00:00 GMT"),
    ("x-fb-request-id", "A-iE7ZZIkkB83Oymghi-Lzs"),
    ("x-fb-trace-id", "Dy2AUN7UxIy"),
    ("x-fb-rev", "1017313430"),
    ("alt-svc", "h3=\":443\"; ma=86400"),
];

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<()> {
    let latency = match std::env::args().skip_while(|argument| argument != "--latency-ms").nth(1) {
        Some(ms) => Some(Duration::from_millis(ms.parse()?)),
        None => None,
    };
    let listener = TcpListener::bind("127.0.0.1:0").await?;
    writeln!(std::io::stdout(), r#"{{"url":"http://{}"}}"#, listener.local_addr()?)?;
    let count = Rc::new(AtomicU64::new(0));
    tokio::task::LocalSet::new()
        .run_until(async {
            tokio::select! {
                served = serve(listener, count, latency) => served,
                _ = ended() => Ok(()),
            }
        })
        .await
}

/// Standard input has ended, and with it whoever started this.
async fn ended() {
    let mut standard_input = tokio::io::stdin();
    while standard_input.read(&mut [0; 64]).await.is_ok_and(|read| read > 0) {}
}

async fn serve(listener: TcpListener, count: Rc<AtomicU64>, latency: Option<Duration>) -> Result<()> {
    loop {
        let (stream, _) = listener.accept().await?;
        stream.set_nodelay(true)?;
        let count = count.clone();
        tokio::task::spawn_local(async move {
            let answer = service_fn(|request| answer(request, &count, latency));
            let mut http = hyper::server::conn::http1::Builder::new();
            // A client that goes away in the middle harms nobody.
            let _ = http.timer(TokioTimer::new()).serve_connection(TokioIo::new(stream), answer).await;
        });
    }
}

async fn answer(
    request: Request<Incoming>,
    count: &AtomicU64,
    latency: Option<Duration>,
) -> std::result::Result<Response<Full<Bytes>>, Infallible> {
    let (head, body) = request.into_parts();
    if head.method == Method::GET && head.uri.path() == "/count" {
        return Ok(json(StatusCode::OK, count.load(Ordering::Relaxed).to_string()));
    }
    let is_known = head.headers.get("authorization").is_some_and(|value| value.as_bytes().starts_with(b"Bearer EAAG"));
    let is_message = head.method == Method::POST && head.uri.path().ends_with("/messages");
    let Ok(body) = body.collect().await else { return Ok(json(StatusCode::BAD_REQUEST, "{}".to_owned())) };
    if !is_known || !is_message || !body.to_bytes().starts_with(b"{") {
        return Ok(json(StatusCode::BAD_REQUEST, r#"{"error":{"code":100,"message":"not for me"}}"#.to_owned()));
    }
    if let Some(latency) = latency {
        tokio::time::sleep(latency).await;
    }
    let n = count.fetch_add(1, Ordering::Relaxed);
    Ok(json(
        StatusCode::OK,
        format!(
            r#"{{"messaging_product":"whatsapp","contacts":[{{"input":"+12120000000","wa_id":"12120000000"}}],"messages":[{{"id":"wamid.HBgLMTIxMjAwMDAwMDAVAgARGBJC{n:020}AA=="}}]}}"#
        ),
    ))
}

fn json(status: StatusCode, body: String) -> Response<Full<Bytes>> {
    let mut response = Response::new(Full::new(Bytes::from(body)));
    *response.status_mut() = status;
    let headers = response.headers_mut();
    headers.reserve(HEADERS.len() + 1);
    headers.insert(CONTENT_TYPE, HeaderValue::from_static("application/json; charset=UTF-8"));
    for (name, value) in HEADERS {
        headers.insert(name, HeaderValue::from_static(value));
    }
    response
}
