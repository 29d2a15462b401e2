//! Where a fault of the matrix happens, made anew for each of its runs.

use std::any::Any;
use std::sync::Arc;

use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpSocket, TcpStream};
use wacloud::Settings;
use wacloud::client::HttpVersion;

use super::failing::{self, End, Script, Seen, end, serve};
use super::http2::{self, Step, When};
use super::tls;
use super::wire::{self, Server, answer, read_request};

/// The place of a fault.
#[derive(Debug, Clone)]
pub(crate) enum Place {
    /// A name that nobody has (RFC 6761 §6.4).
    NoSuchHost,
    /// A port that refuses.
    DeafPort,
    /// A port that takes no more connections, and does not say so.
    FullPort,
    /// A server of our own without TLS.
    Plain(Script),
    /// The same, spoken to with TLS.
    NoTls(Script),
    /// One with TLS, spoken to without.
    UnexpectedTls,
    /// One whose certificate is for this name, from an authority that the client trusts or not.
    Certificate { name: &'static str, is_trusted: bool },
    /// A trusted one.
    Tls(Script),
    /// A proxy that is asked for a tunnel.
    Tunnel(Script),
    /// A proxy that makes a tunnel, at whose other end TLS is spoken.
    Through(Script),
    /// A proxy that is not there.
    NoProxy,
    /// A proxy that passes requests on itself.
    Relay(Script),
    /// A server that speaks HTTP/2.
    Http2(When, &'static [Step]),
}

/// A place that is there.
pub(crate) struct Site {
    url: String,
    proxy: Option<String>,
    ca_bundle: Option<String>,
    http_version: Option<HttpVersion>,
    pub(crate) seen: Arc<Seen>,
    /// Ends with the site.
    _held: Vec<Box<dyn Any + Send>>,
}

impl Site {
    fn new(url: impl Into<String>, seen: Arc<Seen>, held: Vec<Box<dyn Any + Send>>) -> Self {
        Site { url: url.into(), proxy: None, ca_bundle: None, http_version: None, seen, _held: held }
    }

    pub(crate) async fn build(place: &Place) -> Self {
        let nobody = Arc::<Seen>::default;
        match place.clone() {
            Place::NoSuchHost => Site::new("https://graph.invalid", nobody(), Vec::new()),
            Place::DeafPort => {
                let (socket, url) = wire::deaf_port();
                Site::new(url, nobody(), vec![Box::new(socket)])
            }
            Place::FullPort => {
                let (url, held) = full_port().await;
                Site::new(url, nobody(), vec![Box::new(held)])
            }
            Place::Plain(script) => {
                let (server, seen) = failing::failing(script).await;
                Site::new(server.url(), seen, vec![Box::new(server)])
            }
            Place::NoTls(script) => {
                let (server, seen) = failing::failing(script).await;
                Site::new(secure(&server), seen, vec![Box::new(server)])
            }
            Place::UnexpectedTls => {
                let (server, seen, authority) = with_tls("127.0.0.1", None).await;
                Site::new(server.url(), seen, vec![Box::new((server, authority))])
            }
            Place::Certificate { name, is_trusted } => {
                let (server, seen, authority) = with_tls(name, None).await;
                let ca_bundle = is_trusted.then(|| authority.path());
                Site { ca_bundle, ..Site::new(secure(&server), seen, vec![Box::new((server, authority))]) }
            }
            Place::Tls(script) => {
                let (server, seen, authority) = with_tls("127.0.0.1", Some(script)).await;
                let ca_bundle = Some(authority.path());
                Site { ca_bundle, ..Site::new(secure(&server), seen, vec![Box::new((server, authority))]) }
            }
            Place::Tunnel(script) => {
                let (server, seen) = failing::failing(script).await;
                let proxy = Some(server.url());
                Site { proxy, ..Site::new("https://graph.example", seen, vec![Box::new(server)]) }
            }
            Place::Through(script) => {
                let (server, seen, authority) = tunnel(script).await;
                let (proxy, ca_bundle) = (Some(server.url()), Some(authority.path()));
                let held: Vec<Box<dyn Any + Send>> = vec![Box::new((server, authority))];
                Site { proxy, ca_bundle, ..Site::new("https://graph.example", seen, held) }
            }
            Place::NoProxy => {
                let (socket, url) = wire::deaf_port();
                Site { proxy: Some(url), ..Site::new("https://graph.example", nobody(), vec![Box::new(socket)]) }
            }
            Place::Relay(script) => {
                let (server, seen) = failing::failing(script).await;
                let proxy = Some(server.url());
                Site { proxy, ..Site::new("http://127.0.0.1:1", seen, vec![Box::new(server)]) }
            }
            Place::Http2(when, steps) => {
                let (server, seen) = http2::failing(when, steps).await;
                let http_version = Some(HttpVersion::Http2);
                Site { http_version, ..Site::new(server.url(), seen, vec![Box::new(server)]) }
            }
        }
    }

    /// Leads a client here.
    pub(crate) fn lead(&self, settings: &mut Settings) {
        settings.base_url = Some(self.url.clone());
        settings.proxy.clone_from(&self.proxy);
        settings.ca_bundle.clone_from(&self.ca_bundle);
        settings.http_version = self.http_version;
    }
}

fn secure(server: &Server) -> String {
    server.url().replace("http:", "https:")
}

/// A port whose queue of connections is full: whoever connects waits, and is told nothing.
async fn full_port() -> (String, (TcpListener, Vec<TcpStream>)) {
    let socket = TcpSocket::new_v4().unwrap();
    socket.bind("127.0.0.1:0".parse().unwrap()).unwrap();
    let listener = socket.listen(1).unwrap();
    let address = listener.local_addr().unwrap();
    let mut waiting = Vec::new();
    let patience = std::time::Duration::from_millis(200);
    while let Ok(stream) = tokio::time::timeout(patience, TcpStream::connect(address)).await {
        waiting.push(stream.unwrap());
    }
    (format!("http://{address}"), (listener, waiting))
}

async fn with_tls(name: &str, script: Option<Script>) -> (Server, Arc<Seen>, tls::Authority) {
    let (acceptor, authority) = tls::acceptor(name);
    let seen = Arc::new(Seen::default());
    let noted = seen.clone();
    let server = Server::start(move |_, stream| {
        let (acceptor, script, seen) = (acceptor.clone(), script.clone(), noted.clone());
        async move {
            // A client that does not trust the certificate hangs up here.
            let Ok(stream) = acceptor.accept(stream).await else { return };
            let script = script.unwrap_or_else(|| Script::new(failing::Reads::All, "", End::Well));
            serve(stream, script, seen).await;
        }
    })
    .await;
    (server, seen, authority)
}

/// A proxy that makes any tunnel, and speaks for the other end of it.
async fn tunnel(script: Script) -> (Server, Arc<Seen>, tls::Authority) {
    let (acceptor, authority) = tls::acceptor("graph.example");
    let seen = Arc::new(Seen::default());
    let noted = seen.clone();
    let server = Server::start(move |_, mut stream| {
        let (acceptor, script, seen) = (acceptor.clone(), script.clone(), noted.clone());
        async move {
            let line = read_request(&mut stream).await.unwrap().line;
            assert_eq!(line, "CONNECT graph.example:443 HTTP/1.1");
            stream.write_all(&answer(200, "")).await.unwrap();
            if let (failing::Reads::Idle, how) = (script.reads, script.ends) {
                // In the middle of the handshake.
                let _ = stream.read(&mut [0; 16]).await;
                return end(stream, how, &seen).await;
            }
            let Ok(stream) = acceptor.accept(stream).await else { return };
            serve(stream, script, seen).await;
        }
    })
    .await;
    (server, seen, authority)
}
