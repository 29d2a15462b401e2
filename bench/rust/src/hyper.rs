//! hyper without anything around it: 32 connections, each with one request after the other. What an HTTP client in Rust
//! costs at least.

use std::ops::Range;
use std::sync::atomic::{AtomicU32, Ordering};

use bytes::Bytes;
use futures_util::future::try_join_all;
use http_body_util::{BodyExt, Full};
use hyper::client::conn::http1::{SendRequest, handshake};
use hyper::header::{AUTHORIZATION, CONTENT_TYPE, HOST};
use hyper::{Method, Request};
use hyper_util::rt::TokioIo;
use tokio::net::TcpStream;
use wacloud_bench::{IN_FLIGHT, Result, TOKEN, Task, body, id};

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<()> {
    let task = Task::from_env()?;
    let host = task.url.trim_start_matches("http://").to_owned();
    let connections = (0..IN_FLIGHT).map(|_| connect(&host));
    let mut connections = try_join_all(connections).await?;
    let path = task.path();
    task.measure(async |numbers: Range<u32>| {
        let next = AtomicU32::new(numbers.start);
        let end = numbers.end;
        let all = connections.iter_mut().map(async |connection| {
            loop {
                let n = next.fetch_add(1, Ordering::Relaxed);
                if n >= end {
                    return Result::Ok(());
                }
                send(connection, &host, &path, n).await?;
            }
        });
        try_join_all(all).await.map(drop)
    })
    .await
}

async fn connect(host: &str) -> Result<SendRequest<Full<Bytes>>> {
    let stream = TcpStream::connect(host).await?;
    stream.set_nodelay(true)?;
    let (sender, connection) = handshake(TokioIo::new(stream)).await?;
    tokio::spawn(connection);
    Ok(sender)
}

async fn send(connection: &mut SendRequest<Full<Bytes>>, host: &str, path: &str, n: u32) -> Result<()> {
    let request = Request::builder()
        .method(Method::POST)
        .uri(path)
        .header(HOST, host)
        .header(AUTHORIZATION, format!("Bearer {TOKEN}"))
        .header(CONTENT_TYPE, "application/json")
        .body(Full::new(Bytes::from(body(n)?)))?;
    connection.ready().await?;
    let answer = connection.send_request(request).await?;
    if !answer.status().is_success() {
        return Err(answer.status().to_string().into());
    }
    id(&answer.into_body().collect().await?.to_bytes()).map(drop)
}
