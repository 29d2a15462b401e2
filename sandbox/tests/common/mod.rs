//! A small HTTP client over a bare socket, so that the tests see what is really on the wire.
#![allow(clippy::unwrap_used, clippy::panic, clippy::print_stdout, missing_docs, reason = "tests")]
#![allow(dead_code, reason = "each test file uses a part of it")]

pub(crate) mod receiver;

use std::io;
use std::time::{Duration, Instant};

use serde_json::Value;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;
use wacloud_sandbox::{Sandbox, Settings};

/// An answer.
#[derive(Debug)]
pub(crate) struct Reply {
    pub(crate) status: u16,
    pub(crate) headers: Vec<(String, String)>,
    pub(crate) body: Vec<u8>,
}

impl Reply {
    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        self.headers.iter().find(|(known, _)| known == name).map(|(_, value)| value.as_str())
    }

    pub(crate) fn json(&self) -> Value {
        serde_json::from_slice(&self.body).unwrap_or_else(|e| panic!("{e}: {}", String::from_utf8_lossy(&self.body)))
    }

    pub(crate) fn code(&self) -> i64 {
        self.json()["error"]["code"].as_i64().unwrap_or(0)
    }
}

/// A connection that is kept open.
pub(crate) struct Connection {
    stream: TcpStream,
}

impl Connection {
    pub(crate) async fn open(sandbox: &Sandbox) -> Self {
        Self { stream: TcpStream::connect(sandbox.address()).await.unwrap() }
    }

    pub(crate) async fn request(
        &mut self,
        method: &str,
        path: &str,
        headers: &[(&str, &str)],
        body: &str,
    ) -> io::Result<Reply> {
        let mut text = format!("{method} {path} HTTP/1.1\r\ncontent-length: {}\r\n", body.len());
        if !headers.iter().any(|(name, _)| *name == "host") {
            text.push_str("host: localhost\r\n");
        }
        for (name, value) in headers {
            text.push_str(&format!("{name}: {value}\r\n"));
        }
        text.push_str("\r\n");
        text.push_str(body);
        self.stream.write_all(text.as_bytes()).await?;
        self.read().await
    }

    async fn read(&mut self) -> io::Result<Reply> {
        let mut bytes = Vec::new();
        let end = loop {
            if let Some(end) = bytes.windows(4).position(|four| four == b"\r\n\r\n") {
                break end;
            }
            if self.stream.read_buf(&mut bytes).await? == 0 {
                return Err(io::ErrorKind::UnexpectedEof.into());
            }
        };
        let head = String::from_utf8(bytes[..end].to_vec()).unwrap();
        let mut lines = head.lines();
        let status = lines.next().unwrap().split(' ').nth(1).unwrap().parse().unwrap();
        let headers: Vec<(String, String)> = lines
            .filter_map(|line| line.split_once(": "))
            .map(|(name, value)| (name.to_lowercase(), value.to_owned()))
            .collect();
        let length =
            headers.iter().find(|(name, _)| name == "content-length").map_or(0, |(_, value)| value.parse().unwrap());
        let mut body = bytes[end + 4..].to_vec();
        while body.len() < length {
            if self.stream.read_buf(&mut body).await? == 0 {
                return Err(io::ErrorKind::UnexpectedEof.into());
            }
        }
        Ok(Reply { status, headers, body })
    }

    /// A message to this recipient with this text and tracker.
    pub(crate) async fn send(&mut self, sandbox: &Sandbox, to: &str, body: &str) -> io::Result<Reply> {
        let body =
            serde_json::json!({"messaging_product": "whatsapp", "to": to, "type": "text", "text": {"body": body}});
        self.post(sandbox, &body).await
    }

    pub(crate) async fn post(&mut self, sandbox: &Sandbox, body: &Value) -> io::Result<Reply> {
        let path = format!("/v25.0/{}/messages", sandbox.phone_number_id());
        let token = format!("Bearer {}", sandbox.token());
        let headers = [("authorization", token.as_str()), ("content-type", "application/json")];
        self.request("POST", &path, &headers, &body.to_string()).await
    }

    /// A request to the control API.
    pub(crate) async fn control(&mut self, method: &str, path: &str, body: &Value) -> Value {
        let body = if body.is_null() { String::new() } else { body.to_string() };
        let reply = self.request(method, &format!("/_sandbox/{path}"), &[], &body).await.unwrap();
        assert!(reply.status < 300, "{method} {path}: {}", String::from_utf8_lossy(&reply.body));
        reply.json()
    }
}

pub(crate) async fn sandbox(settings: Settings) -> Sandbox {
    Sandbox::start(Settings { seed: Some(1), ..settings }).await.unwrap()
}

/// A message on a connection of its own.
pub(crate) async fn send(sandbox: &Sandbox, to: &str) -> io::Result<Reply> {
    Connection::open(sandbox).await.send(sandbox, to, "Hello").await
}

/// Waits until something is so. It fails after half a minute, which nothing here takes.
pub(crate) async fn until(mut is_so: impl FnMut() -> bool) {
    let begun = Instant::now();
    while !is_so() {
        assert!(begun.elapsed() < Duration::from_secs(30), "waited in vain");
        tokio::time::sleep(Duration::from_millis(2)).await;
    }
}

/// A sandbox whose webhook is this receiver.
pub(crate) async fn subscribed(receiver: &receiver::Receiver, more: &Value) -> Sandbox {
    let sandbox = sandbox(Settings::default()).await;
    let mut patch = serde_json::json!({
        "url": receiver.url(), "verify_token": "my-token", "app_secret": SECRET, "status_delay_ms": 1, "first_retry_ms": 1,
    });
    patch.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
    sandbox.subscribe(patch.as_object().unwrap()).await.unwrap();
    sandbox
}

/// The app secret of `subscribed`.
pub(crate) const SECRET: &str = "app-secret";
