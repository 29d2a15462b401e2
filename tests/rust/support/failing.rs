//! A server that fails once, at a stage that the test chooses, and answers well before and after.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use tokio::io::{AsyncRead, AsyncReadExt as _, AsyncWrite, AsyncWriteExt as _};
use tokio::net::TcpStream;
use tokio_rustls::server::TlsStream;

use super::wire::{Received, Server, answer, read_request};

/// An answer that pleases every call: a message's and `mark_read`'s.
pub(crate) const GOOD: &str = r#"{"messaging_product":"whatsapp","contacts":[{"input":"+15550001234","wa_id":"15550001234"}],"messages":[{"id":"wamid.good"}],"success":true}"#;

/// How a request fails: how much of it is read, what is said then, and how it ends.
#[derive(Debug, Clone)]
pub(crate) struct Script {
    pub(crate) reads: Reads,
    pub(crate) says: Vec<u8>,
    pub(crate) ends: End,
    /// Whether the connection has served a request before.
    pub(crate) is_reused: bool,
    /// Whether it fails every time.
    pub(crate) is_lasting: bool,
}

#[derive(Debug, Clone, Copy)]
pub(crate) enum Reads {
    /// Nothing; but there is something to read.
    Nothing,
    /// The head and half of the body.
    Half,
    /// A complete request.
    All,
    /// Not even the beginning is waited for: it ends once the request before it is answered.
    Idle,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum End {
    /// A FIN, after which the rest of the request is still read.
    Close,
    /// A RST.
    Reset,
    /// Nothing more comes.
    Hang,
    /// Goes on with a good answer.
    Well,
}

/// Places in a good answer.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Place {
    StatusLine,
    Headers,
    Body,
}

/// The beginning of a good answer, up to the middle of a place.
pub(crate) fn up_to(place: Place) -> Vec<u8> {
    let mut whole = answer(200, GOOD);
    let head = whole.len() - GOOD.len();
    whole.truncate(match place {
        Place::StatusLine => "HTTP/1.1 20".len(),
        Place::Headers => head - 10,
        Place::Body => whole.len() - GOOD.len() / 2,
    });
    whole
}

impl Script {
    /// Fails on a new connection.
    pub(crate) fn new(reads: Reads, says: impl Into<Vec<u8>>, ends: End) -> Self {
        Script { reads, says: says.into(), ends, is_reused: false, is_lasting: false }
    }

    /// Fails on a connection that has served a request.
    pub(crate) fn reused(self) -> Self {
        Script { is_reused: true, ..self }
    }

    /// Fails every time.
    pub(crate) fn always(self) -> Self {
        Script { is_lasting: true, ..self }
    }
}

/// What has happened so far at a server.
#[derive(Debug, Default)]
pub(crate) struct Seen {
    complete: AtomicUsize,
    turns: AtomicUsize,
    goodbyes: AtomicUsize,
}

impl Seen {
    /// How many complete requests there were.
    pub(crate) fn complete(&self) -> usize {
        self.complete.load(Ordering::SeqCst)
    }

    /// Counts what is no wish for a tunnel.
    fn count(&self, request: &Received) {
        if request.line.starts_with("POST ") {
            self.count_one();
        }
    }

    pub(crate) fn count_one(&self) {
        self.complete.fetch_add(1, Ordering::SeqCst);
    }

    /// How many clients have noticed that a connection was closed, and closed their side.
    pub(crate) fn goodbyes(&self) -> usize {
        self.goodbyes.load(Ordering::SeqCst)
    }

    /// The number of the next attempt.
    pub(crate) fn turn(&self) -> usize {
        self.turns.fetch_add(1, Ordering::SeqCst)
    }
}

/// A connection that can be reset.
pub(crate) trait Wire: AsyncRead + AsyncWrite + Unpin + Send {
    fn socket(&self) -> &TcpStream;
}

impl Wire for TcpStream {
    fn socket(&self) -> &TcpStream {
        self
    }
}

impl Wire for TlsStream<TcpStream> {
    fn socket(&self) -> &TcpStream {
        self.get_ref().0
    }
}

/// A plain server that follows the script once.
pub(crate) async fn failing(script: Script) -> (Server, Arc<Seen>) {
    let seen = Arc::new(Seen::default());
    let noted = seen.clone();
    let server = Server::start(move |_, stream| serve(stream, script.clone(), noted.clone())).await;
    (server, seen)
}

/// Serves a connection until it ends.
pub(crate) async fn serve(mut stream: impl Wire, script: Script, seen: Arc<Seen>) {
    let bad = usize::from(script.is_reused);
    loop {
        let mut first = [0];
        // A turn begins with its first byte, so that a connection that is never used takes none.
        if stream.read_exact(&mut first).await.is_err() {
            return;
        }
        let turn = seen.turn();
        if turn == bad || turn > bad && script.is_lasting {
            let ends = act(&mut stream, first[0], &script, &seen).await;
            if ends != End::Well {
                return end(stream, ends, &seen).await;
            }
        } else {
            let mut rest = (&first[..]).chain(&mut stream);
            let Some(request) = read_request(&mut rest).await else { return };
            seen.count(&request);
        }
        if stream.write_all(&answer(200, GOOD)).await.is_err() {
            return;
        }
        if matches!(script.reads, Reads::Idle) && turn + 1 == bad {
            seen.turn();
            return end(stream, script.ends, &seen).await;
        }
    }
}

async fn act(stream: &mut impl Wire, first: u8, script: &Script, seen: &Seen) -> End {
    match script.reads {
        Reads::Nothing | Reads::Idle => {}
        Reads::Half => {
            // The whole head, of which nobody knows the length, and 40 bytes of some 200.
            let mut four = [0, 0, 0, first];
            while four != *b"\r\n\r\n" {
                four.rotate_left(1);
                stream.read_exact(&mut four[3..]).await.unwrap();
            }
            stream.read_exact(&mut [0; 40]).await.unwrap();
        }
        Reads::All => {
            let first = [first];
            let mut rest = (&first[..]).chain(&mut *stream);
            seen.count(&read_request(&mut rest).await.unwrap());
        }
    }
    // A client that has enough of an endless answer goes away.
    let _ = stream.write_all(&script.says).await;
    script.ends
}

/// Ends a connection.
pub(crate) async fn end(mut stream: impl Wire, how: End, seen: &Seen) {
    match how {
        End::Reset => stream.socket().set_zero_linger().unwrap(),
        End::Close => {
            let _ = stream.shutdown().await;
            // Unread bytes would turn the close into a reset.
            while stream.read(&mut [0; 1024]).await.is_ok_and(|read| read > 0) {}
            seen.goodbyes.fetch_add(1, Ordering::SeqCst);
        }
        End::Hang | End::Well => std::future::pending().await,
    }
}
