//! Connections: accepting them, reading requests, and ending them as roughly as a fault asks.

use std::convert::Infallible;
use std::fmt;
use std::sync::Arc;
use std::time::{Duration, Instant};

use bytes::Bytes;
use http_body_util::combinators::BoxBody;
use http_body_util::{BodyExt as _, Full, Limited};
use hyper::body::Incoming;
use hyper::header::{AUTHORIZATION, CONTENT_TYPE, HOST, HeaderMap};
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper::{Method, Request, Response};
use hyper_util::rt::TokioIo;
use tokio::io::AsyncWriteExt as _;
use tokio::net::{TcpListener, TcpStream};
use tokio::task::JoinSet;

use crate::api::Call;
use crate::damage::{Ending, Plan, Script, plan};
use crate::graph::Answer;
use crate::ledger::{HeaderLines, Json, LoggedRequest};
use crate::state::Shared;
use crate::{control, media, page};

/// Bodies beyond this are refused: no message comes near it.
const BODY_BYTES: usize = 4 << 20;

pub(crate) type ResponseBody = BoxBody<Bytes, Infallible>;

/// Accepts connections until the task is aborted, which ends them too.
pub(crate) async fn serve(listener: TcpListener, shared: Arc<Shared>) {
    let mut connections = JoinSet::new();
    loop {
        while connections.try_join_next().is_some() {}
        match listener.accept().await {
            Ok((stream, _)) => {
                let number = {
                    let counters = &mut shared.lock().ledger.counters;
                    counters.connections += 1;
                    counters.connections - 1
                };
                connections.spawn(connection(stream, number, Arc::clone(&shared)));
            }
            // Out of descriptors, most likely: others have to go before one can come.
            Err(_) => tokio::time::sleep(Duration::from_millis(10)).await,
        }
    }
}

/// Serves one connection. A fault leaves hyper with an error that carries the script for the bare socket.
async fn connection(stream: TcpStream, number: u64, shared: Arc<Shared>) {
    // Small answers must leave at once.
    let _ = stream.set_nodelay(true);
    let service = service_fn(move |request| respond(request, number, Arc::clone(&shared)));
    let mut connection = http1::Builder::new().serve_connection(TokioIo::new(stream), service);
    let Err(error) = (&mut connection).await else {
        return;
    };
    let mut cause: Option<&(dyn std::error::Error + 'static)> = Some(&error);
    while let Some(error) = cause {
        if let Some(Abandon(script)) = error.downcast_ref::<Abandon>() {
            let script = script.clone();
            return play(connection.into_parts().io.into_inner(), script).await;
        }
        cause = error.source();
    }
}

/// Writes what the script says and ends the connection. That the client has gone by then is no error.
async fn play(mut stream: TcpStream, script: Script) {
    for (index, piece) in script.pieces.iter().enumerate() {
        if index > 0 {
            tokio::time::sleep(script.pause).await;
        }
        if stream.write_all(piece).await.is_err() {
            return;
        }
    }
    match script.ending {
        // With a linger time of zero, closing sends a reset.
        Ending::Reset => drop(stream.set_zero_linger()),
        Ending::Close => drop(stream.shutdown().await),
    }
}

/// Why hyper has to let go of a connection.
#[derive(Debug)]
struct Abandon(Script);

impl fmt::Display for Abandon {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a fault takes the connection over")
    }
}

impl std::error::Error for Abandon {}

async fn respond(
    request: Request<Incoming>,
    connection: u64,
    shared: Arc<Shared>,
) -> Result<Response<ResponseBody>, Abandon> {
    let (head, body) = request.into_parts();
    let path = head.uri.path_and_query().map_or("/", |path| path.as_str()).to_owned();
    let header = |name| head.headers.get(name).and_then(|value| value.to_str().ok()).map(str::to_owned);
    let content_type = header(CONTENT_TYPE);
    let boundary = content_type.as_deref().and_then(media::boundary);
    let is_bare = head.method == Method::POST && media::is_session(&path);
    let most = if boundary.is_some() || is_bare { media::FORM_BYTES } else { BODY_BYTES };
    let body = match Limited::new(body, most).collect().await {
        Ok(body) if boundary.is_some() || is_bare => body.to_bytes(),
        // A copy of its own: a slice would keep the connection's whole read buffer in the ledger.
        Ok(body) => Bytes::copy_from_slice(&body.to_bytes()),
        Err(_) => return Ok(http_response(Answer::bare(413))),
    };
    let received = Instant::now();
    let route = path.split_once('?').map_or(path.as_str(), |(route, _)| route);
    let own = route == "/" || route.starts_with("/_sandbox/");
    if own {
        let answer = match control::gate(&shared, &head.headers) {
            Some(refused) => refused,
            None if route == "/" => page::inbox(),
            None => control::handle(&shared, head.method.as_str(), &path, body).await,
        };
        return Ok(http_response(answer));
    }
    // Of a file the log keeps what it was.
    let form = boundary.and_then(|boundary| media::summary(&body, boundary));
    let file_offset = head.headers.get("file_offset").and_then(|value| value.to_str().ok()).map(str::to_owned);
    let logged_body = match (form, boundary) {
        (Some(form), _) => Bytes::from(form.to_string()),
        (None, Some(_)) => Bytes::from_static(b"\"(a form that cannot be read)\""),
        (None, None) if is_bare => {
            let told = media::summary_of_bare(&body, content_type.as_deref(), file_offset.as_deref());
            Bytes::from(told.to_string())
        }
        (None, None) => body.clone(),
    };
    let call = Call {
        method: head.method.as_str().to_owned(),
        authorization: header(AUTHORIZATION),
        host: header(HOST),
        json: if boundary.is_some() || is_bare { None } else { serde_json::from_slice(&body).ok() },
        content_type,
        file_offset,
        path,
        body,
        received,
    };
    let logged = LoggedRequest {
        index: 0,
        at: 0,
        method: call.method.clone(),
        path: call.path.clone(),
        headers: header_lines(&head.headers),
        body: Json(logged_body),
        status: None,
        fault: None,
        refused: None,
        connection,
    };
    match plan(&shared, call, logged).await {
        Plan::Answer(answer, wait) => {
            if !wait.is_zero() {
                tokio::time::sleep(wait).await;
            }
            Ok(http_response(answer))
        }
        Plan::Abandon(script) => Err(Abandon(script)),
    }
}

fn header_lines(headers: &HeaderMap) -> HeaderLines {
    let mut lines = String::with_capacity(256);
    for (name, value) in headers {
        lines.push_str(name.as_str());
        lines.push_str(": ");
        lines.push_str(if name == AUTHORIZATION { "(left out)" } else { value.to_str().unwrap_or("(not text)") });
        lines.push('\n');
    }
    HeaderLines(lines.into_boxed_str())
}

fn http_response(answer: Answer) -> Response<ResponseBody> {
    let mut response = Response::new(Full::new(answer.body).boxed());
    *response.status_mut() = hyper::StatusCode::from_u16(answer.status).unwrap_or_default();
    *response.headers_mut() = answer.headers;
    response
}
