//! An HTTP/2 server whose every frame the test decides (RFC 9113 §4.1, §6).

use std::sync::Arc;

use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;

use super::failing::{End, GOOD, Seen, end};
use super::wire::Server;

const DATA: u8 = 0;
const HEADERS: u8 = 1;
const RST_STREAM: u8 = 3;
const SETTINGS: u8 = 4;
const PING: u8 = 6;
const GOAWAY: u8 = 7;
/// Of DATA and HEADERS END_STREAM, of SETTINGS and PING ACK.
const LAST: u8 = 1;
const END_HEADERS: u8 = 4;
const PREFACE: &[u8] = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n";

// Error codes (RFC 9113 §7).
pub(crate) const NO_ERROR: u32 = 0;
pub(crate) const INTERNAL_ERROR: u32 = 2;
pub(crate) const REFUSED_STREAM: u32 = 7;
pub(crate) const CANCEL: u32 = 8;
pub(crate) const ENHANCE_YOUR_CALM: u32 = 11;
pub(crate) const HTTP_1_1_REQUIRED: u32 = 13;

/// What a server does to a request of a stream.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Step {
    /// Resets the stream with this code.
    Reset(u32),
    /// Leaves, and says that streams from ours on (`Ours`) or after it (`Next`) were not looked at.
    GoAway(First, u32),
    /// Says 200 and begins its body.
    HalfAnswer,
    /// Answers well.
    Answer,
    /// Writes what is no frame.
    Garbage,
    /// Ends the connection.
    End(End),
}

/// The first stream that a GOAWAY leaves out.
#[derive(Debug, Clone, Copy)]
pub(crate) enum First {
    Ours,
    Next,
}

/// Whether a fault waits for the whole request.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum When {
    Headers,
    Body,
}

/// A server that takes these steps with the first request and answers all others well.
pub(crate) async fn failing(when: When, steps: &'static [Step]) -> (Server, Arc<Seen>) {
    let seen = Arc::new(Seen::default());
    let noted = seen.clone();
    let server = Server::start(move |_, stream| serve(stream, when, steps, noted.clone())).await;
    (server, seen)
}

/// A server whose first connection takes `total` requests, says that it looked at the first `served` of them only, answers
/// these and closes. Later connections answer all.
pub(crate) async fn leaving(served: usize, total: usize) -> (Server, Arc<Seen>) {
    let seen = Arc::new(Seen::default());
    let noted = seen.clone();
    let server = Server::start(move |number, mut stream| {
        let seen = noted.clone();
        async move {
            let mut streams = Vec::new();
            greet(&mut stream).await;
            while let Some(id) = complete_request(&mut stream).await {
                seen.count_one();
                if number > 0 {
                    answer(&mut stream, id).await;
                    continue;
                }
                streams.push(id);
                if streams.len() == total {
                    go_away(&mut stream, streams[served - 1], NO_ERROR).await;
                    for id in &streams[..served] {
                        answer(&mut stream, *id).await;
                    }
                    return end(stream, End::Close, &seen).await;
                }
            }
        }
    })
    .await;
    (server, seen)
}

async fn greet(stream: &mut TcpStream) {
    let mut preface = [0; PREFACE.len()];
    stream.read_exact(&mut preface).await.unwrap();
    assert_eq!(preface, PREFACE);
    write(stream, SETTINGS, 0, 0, &[]).await;
}

/// Waits for the end of a request's body, and answers what the connection itself asks meanwhile.
async fn complete_request(stream: &mut TcpStream) -> Option<u32> {
    loop {
        let frame = read(stream).await?;
        let is_last = frame.flags & LAST != 0;
        match frame.kind {
            SETTINGS if !is_last => write(stream, SETTINGS, LAST, 0, &[]).await,
            PING if !is_last => write(stream, PING, LAST, 0, &frame.payload).await,
            DATA if is_last => return Some(frame.stream),
            _ => {}
        }
    }
}

async fn serve(mut stream: TcpStream, when: When, steps: &'static [Step], seen: Arc<Seen>) {
    greet(&mut stream).await;
    if seen.turn() > 0 {
        while let Some(id) = complete_request(&mut stream).await {
            seen.count_one();
            answer(&mut stream, id).await;
        }
        return;
    }
    let id = match when {
        When::Headers => headers(&mut stream).await,
        When::Body => complete_request(&mut stream).await,
    };
    let Some(bad) = id else { return };
    if when == When::Body {
        seen.count_one();
    }
    if steps_end(&mut stream, steps, bad).await {
        return end_with(stream, steps, &seen).await;
    }
    while let Some(id) = complete_request(&mut stream).await {
        if id != bad {
            seen.count_one();
            answer(&mut stream, id).await;
        }
    }
}

/// Waits for the beginning of a request.
async fn headers(stream: &mut TcpStream) -> Option<u32> {
    loop {
        let frame = read(stream).await?;
        if frame.kind == HEADERS {
            return Some(frame.stream);
        }
    }
}

/// Takes the steps; whether they end the connection.
async fn steps_end(stream: &mut TcpStream, steps: &[Step], id: u32) -> bool {
    for step in steps {
        match *step {
            Step::Reset(code) => write(stream, RST_STREAM, 0, id, &code.to_be_bytes()).await,
            Step::GoAway(first, code) => {
                let last = if matches!(first, First::Ours) { id.saturating_sub(2) } else { id };
                go_away(stream, last, code).await;
            }
            Step::HalfAnswer => {
                write(stream, HEADERS, END_HEADERS, id, &[STATUS_200]).await;
                write(stream, DATA, 0, id, &GOOD.as_bytes()[..40]).await;
            }
            Step::Answer => answer(stream, id).await,
            Step::Garbage => {
                let _ = stream.write_all(b"HTTP/1.1 400 Bad Request\r\nconnection: close\r\n\r\n").await;
            }
            Step::End(_) => return true,
        }
    }
    false
}

async fn end_with(stream: TcpStream, steps: &[Step], seen: &Seen) {
    if let Some(Step::End(how)) = steps.last() {
        end(stream, *how, seen).await;
    }
}

/// `:status: 200` in HPACK's static table (RFC 7541, appendix A).
const STATUS_200: u8 = 0x88;

pub(crate) async fn answer(stream: &mut TcpStream, id: u32) {
    write(stream, HEADERS, END_HEADERS, id, &[STATUS_200]).await;
    write(stream, DATA, LAST, id, GOOD.as_bytes()).await;
}

pub(crate) async fn go_away(stream: &mut TcpStream, last: u32, code: u32) {
    let payload = [last.to_be_bytes(), code.to_be_bytes()].concat();
    write(stream, GOAWAY, 0, 0, &payload).await;
}

pub(crate) struct Frame {
    kind: u8,
    flags: u8,
    stream: u32,
    payload: Vec<u8>,
}

async fn read(stream: &mut TcpStream) -> Option<Frame> {
    let mut head = [0; 9];
    stream.read_exact(&mut head).await.ok()?;
    let [a, b, c, kind, flags, id @ ..] = head;
    let mut payload = vec![0; u32::from_be_bytes([0, a, b, c]) as usize];
    stream.read_exact(&mut payload).await.ok()?;
    Some(Frame { kind, flags, stream: u32::from_be_bytes(id) & 0x7fff_ffff, payload })
}

/// That the client has gone by then is no error.
async fn write(stream: &mut TcpStream, kind: u8, flags: u8, id: u32, payload: &[u8]) {
    let [_, a, b, c] = u32::try_from(payload.len()).unwrap().to_be_bytes();
    let head = [&[a, b, c, kind, flags][..], &id.to_be_bytes()].concat();
    let _ = stream.write_all(&[&head, payload].concat()).await;
}
