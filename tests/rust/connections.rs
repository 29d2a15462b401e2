//! What happens to connections: lost, stale, slow, endless ones, proxies, certificates, HTTP/2.
#![allow(clippy::unwrap_used, clippy::panic, missing_docs, reason = "tests")]

mod support;

use std::collections::HashMap;
use std::path::PathBuf;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use futures_util::future::join_all;
use hyper::body::Incoming;
use hyper_util::rt::{TokioExecutor, TokioIo};
use rcgen::{BasicConstraints, CertificateParams, IsCa, Issuer, KeyPair, KeyUsagePurpose};
use serde_json::{Value, json};
use support::vector::differences;
use support::wire::{self, Server, acceptance, answer, read_request};
use support::{TO, client, sandbox};
use tokio::io::AsyncWriteExt as _;
use tokio_rustls::TlsAcceptor;
use tokio_rustls::rustls::ServerConfig;
use tokio_rustls::rustls::crypto::ring;
use tokio_rustls::rustls::pki_types::PrivateKeyDer;
use wacloud::client::HttpVersion;
use wacloud::{CancelToken, Error};
use wacloud_sandbox::{Fault, FaultKind};

#[track_caller]
fn assert_told(error: &Error, expected: &Value) {
    let found = differences(expected, &error.to_value());
    assert!(found.is_empty(), "{found:?} in {}", error.to_json());
}

fn no_connection() -> Value {
    json!({"type": "NotSentError", "outcome": "not_sent", "reason": "connection", "attempts": 1})
}

// Lost and stale

#[tokio::test]
async fn a_connection_that_is_closed_while_idle_doubles_nothing() {
    let copies = Arc::new(Mutex::new(HashMap::<String, usize>::new()));
    let counted = copies.clone();
    // Answers one message and closes, without a word of it in the answer: the client may meet the connection as it goes.
    let server = Server::start(move |number, mut stream| {
        let counted = counted.clone();
        async move {
            let request = read_request(&mut stream).await.unwrap().json();
            let tracker = request["biz_opaque_callback_data"].as_str().unwrap().to_owned();
            *counted.lock().unwrap().entry(tracker).or_default() += 1;
            let _ = stream.write_all(&answer(200, &acceptance(&format!("wamid.{number}")))).await;
        }
    })
    .await;
    let client = client(&server.url(), |s| s.rate = Some(0.0.into()));
    let mut accepted = 0;
    for _ in 0..200 {
        match client.send_text(TO, "Hello").await {
            Ok(sent) => {
                accepted += 1;
                assert_eq!(copies.lock().unwrap()[&sent.tracker.unwrap()], 1);
            }
            Err(error) => assert_told(&error, &json!({"outcome": "unknown", "reason": "connection_lost"})),
        }
    }
    assert!(accepted >= 100, "only {accepted}");
    assert!(copies.lock().unwrap().values().all(|copies| *copies == 1), "a message was delivered twice");
}

#[tokio::test]
async fn a_reused_connection_that_dies_under_a_message_leaves_it_unknown() {
    let requests = Arc::new(AtomicUsize::new(0));
    let counted = requests.clone();
    let server = Server::start(move |_, mut stream| {
        let counted = counted.clone();
        async move {
            for number in 0.. {
                if read_request(&mut stream).await.is_none() {
                    return;
                }
                counted.fetch_add(1, Ordering::SeqCst);
                if number == 1 {
                    // The second message has arrived; it gets a reset for an answer.
                    stream.set_zero_linger().unwrap();
                    return;
                }
                stream.write_all(&answer(200, &acceptance("wamid.A"))).await.unwrap();
            }
        }
    })
    .await;
    let client = client(&server.url(), |_| {});
    client.send_text(TO, "First").await.unwrap();
    let error = client.send_text(TO, "Second").await.unwrap_err();
    assert_told(&error, &json!({"outcome": "unknown", "reason": "connection_lost", "attempts": 1, "tracker": "*"}));
    client.send_text(TO, "Third").await.unwrap();
    assert_eq!((requests.load(Ordering::SeqCst), server.connections()), (3, 2));
}

// Slow and endless answers

#[tokio::test]
async fn an_endless_answer_is_not_read_to_its_end() {
    let sandbox = sandbox().await;
    sandbox.add_fault(Fault::new(FaultKind::Oversized)).unwrap();
    let error = client(&sandbox.url(), |_| {}).send_text(TO, "Hello").await.unwrap_err();
    assert_told(&error, &json!({"outcome": "unknown", "reason": "broken_answer", "status": 200, "tracker": "*"}));
    assert_eq!((sandbox.requests().len(), sandbox.counters().accepted), (1, 1));
}

/// Answers with the head at once and the body byte by byte.
async fn dripping(pause: Duration) -> Server {
    Server::start(move |_, mut stream| async move {
        read_request(&mut stream).await.unwrap();
        let whole = answer(200, &acceptance("wamid.slow"));
        let body = whole.windows(4).position(|four| four == b"\r\n\r\n").unwrap() + 4;
        stream.set_nodelay(true).unwrap();
        stream.write_all(&whole[..body]).await.unwrap();
        for byte in &whole[body..] {
            tokio::time::sleep(pause).await;
            if stream.write_all(&[*byte]).await.is_err() {
                return;
            }
        }
    })
    .await
}

#[tokio::test]
async fn a_slow_answer_counts_when_it_ends_in_time() {
    let server = dripping(Duration::from_millis(1)).await;
    let sent = client(&server.url(), |_| {}).send_text(TO, "Hello").await.unwrap();
    assert_eq!((sent.id.as_str(), sent.meta.attempts), ("wamid.slow", 1));
}

#[tokio::test]
async fn an_answer_that_is_too_slow_was_still_an_acceptance() {
    let server = dripping(Duration::from_secs(10)).await;
    let client = client(&server.url(), |s| s.attempt_timeout_ms = Some(1_000));
    let error = client.send_text(TO, "Hello").await.unwrap_err();
    assert_told(&error, &json!({"outcome": "unknown", "reason": "broken_answer", "status": 200, "attempts": 1}));
}

#[tokio::test]
async fn an_answer_without_a_status_in_time_is_none() {
    let sandbox = sandbox().await;
    sandbox.add_fault(Fault { delay_ms: Some(1_000), ..Fault::new(FaultKind::Drip) }).unwrap();
    let client = client(&sandbox.url(), |s| s.attempt_timeout_ms = Some(300));
    let error = client.send_text(TO, "Hello").await.unwrap_err();
    assert_told(&error, &json!({"outcome": "unknown", "reason": "timeout", "status": null, "attempts": 1}));
    assert_eq!(sandbox.requests().len(), 1);
}

// Proxies

#[tokio::test]
async fn a_proxy_that_refuses_to_connect_means_not_sent() {
    for status in [403, 407, 502] {
        let seen = Arc::new(Mutex::new(String::new()));
        let note = seen.clone();
        let proxy = Server::start(move |_, mut stream| {
            let note = note.clone();
            async move {
                *note.lock().unwrap() = read_request(&mut stream).await.unwrap().line;
                stream.write_all(&answer(status, "no")).await.unwrap();
            }
        })
        .await;
        let client = client("https://graph.example", |s| {
            s.proxy = Some(proxy.url());
            s.max_retries = Some(0);
        });
        assert_told(&client.send_text(TO, "Hello").await.unwrap_err(), &no_connection());
        assert_eq!(*seen.lock().unwrap(), "CONNECT graph.example:443 HTTP/1.1");
    }
}

#[tokio::test]
async fn a_proxy_that_is_not_there_means_not_sent() {
    let (_socket, proxy) = wire::deaf_port();
    let client = client("https://graph.example", |s| {
        s.proxy = Some(proxy);
        s.max_retries = Some(0);
    });
    assert_told(&client.send_text(TO, "Hello").await.unwrap_err(), &no_connection());
}

#[tokio::test]
async fn a_proxy_carries_messages() {
    let seen = Arc::new(Mutex::new(String::new()));
    let note = seen.clone();
    let proxy = Server::start(move |_, mut stream| {
        let note = note.clone();
        async move {
            *note.lock().unwrap() = read_request(&mut stream).await.unwrap().line;
            stream.write_all(&answer(200, &acceptance("wamid.proxy"))).await.unwrap();
        }
    })
    .await;
    let client = client("http://127.0.0.1:1", |s| s.proxy = Some(proxy.url()));
    assert_eq!(client.send_text(TO, "Hello").await.unwrap().id, "wamid.proxy");
    let line = seen.lock().unwrap().clone();
    assert!(line.starts_with("POST http://127.0.0.1:1/v25.0/"), "{line}");
}

// Certificates

/// A server with TLS whose certificate, for `name`, comes from an authority of its own; and that authority as a file.
async fn with_own_authority(name: &str) -> (Server, PathBuf) {
    let mut authority = CertificateParams::new(Vec::new()).unwrap();
    authority.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    authority.key_usages = vec![KeyUsagePurpose::KeyCertSign];
    let authority_key = KeyPair::generate().unwrap();
    let root = authority.self_signed(&authority_key).unwrap();
    let key = KeyPair::generate().unwrap();
    let issuer = Issuer::new(authority, authority_key);
    let certificate = CertificateParams::new(vec![name.to_owned()]).unwrap().signed_by(&key, &issuer).unwrap();
    let config = ServerConfig::builder_with_provider(Arc::new(ring::default_provider()))
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_no_client_auth()
        .with_single_cert(vec![certificate.der().clone()], PrivateKeyDer::try_from(key.serialize_der()).unwrap())
        .unwrap();
    let acceptor = TlsAcceptor::from(Arc::new(config));
    let server = Server::start(move |_, stream| {
        let acceptor = acceptor.clone();
        async move {
            // A client that does not trust the certificate hangs up here.
            let Ok(mut stream) = acceptor.accept(stream).await else { return };
            while read_request(&mut stream).await.is_some() {
                stream.write_all(&answer(200, &acceptance("wamid.tls"))).await.unwrap();
            }
        }
    })
    .await;
    let file = PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join(format!("authority-{}.pem", server.address().port()));
    std::fs::write(&file, root.pem()).unwrap();
    (server, file)
}

#[tokio::test]
async fn an_authority_is_trusted_only_when_it_is_named() {
    let (server, authority) = with_own_authority("127.0.0.1").await;
    let url = server.url().replace("http:", "https:");
    let error = client(&url, |s| s.max_retries = Some(0)).send_text(TO, "Hello").await.unwrap_err();
    assert_told(&error, &no_connection());

    let trusting = client(&url, |s| s.ca_bundle = Some(authority.display().to_string()));
    assert_eq!(trusting.send_text(TO, "Hello").await.unwrap().id, "wamid.tls");
    std::fs::remove_file(authority).unwrap();
}

#[tokio::test]
async fn a_certificate_for_another_name_is_refused() {
    let (server, authority) = with_own_authority("graph.example").await;
    let client = client(&server.url().replace("http:", "https:"), |s| {
        s.ca_bundle = Some(authority.display().to_string());
        s.max_retries = Some(0);
    });
    assert_told(&client.send_text(TO, "Hello").await.unwrap_err(), &no_connection());
    std::fs::remove_file(authority).unwrap();
}

// HTTP/2

/// A server that speaks HTTP/2 and answers once all `expected` requests are there; `cut` cuts its connections.
async fn http2(expected: usize, cut: &CancelToken) -> (Server, Arc<AtomicUsize>) {
    let requests = Arc::new(AtomicUsize::new(0));
    let (counted, cut) = (requests.clone(), cut.clone());
    let server = Server::start(move |_, stream| {
        let (counted, cut) = (counted.clone(), cut.clone());
        async move {
            let service = hyper::service::service_fn(move |request: hyper::Request<Incoming>| {
                let counted = counted.clone();
                async move {
                    http_body_util::BodyExt::collect(request.into_body()).await?;
                    counted.fetch_add(1, Ordering::SeqCst);
                    while counted.load(Ordering::SeqCst) < expected {
                        tokio::time::sleep(Duration::from_millis(2)).await;
                    }
                    Ok::<_, hyper::Error>(hyper::Response::new(acceptance("wamid.h2")))
                }
            });
            let connection = hyper::server::conn::http2::Builder::new(TokioExecutor::new())
                .serve_connection(TokioIo::new(stream), service);
            tokio::select! {
                _ = connection => {}
                () = cut.cancelled() => {}
            }
        }
    })
    .await;
    (server, requests)
}

#[tokio::test]
async fn http2_shares_one_connection() {
    let (server, requests) = http2(8, &CancelToken::new()).await;
    let client = client(&server.url(), |s| {
        s.http_version = Some(HttpVersion::Http2);
        s.rate = Some(0.0.into());
    });
    let sent = join_all((0..8).map(|n| client.send_text(TO, n.to_string()))).await;
    assert!(sent.into_iter().all(|sent| sent.unwrap().id == "wamid.h2"));
    assert_eq!((requests.load(Ordering::SeqCst), server.connections()), (8, 1));
}

#[tokio::test]
async fn a_lost_http2_connection_repeats_none_of_its_messages() {
    let cut = CancelToken::new();
    let (server, requests) = http2(usize::MAX, &cut).await;
    let client = client(&server.url(), |s| {
        s.http_version = Some(HttpVersion::Http2);
        s.rate = Some(0.0.into());
    });
    let (outcomes, ()) = tokio::join!(join_all((0..8).map(|n| client.send_text(TO, n.to_string()))), async {
        support::until("all messages have arrived", || requests.load(Ordering::SeqCst) == 8).await;
        cut.cancel();
    });
    for outcome in outcomes {
        assert_told(&outcome.unwrap_err(), &json!({"outcome": "unknown", "reason": "connection_lost", "attempts": 1}));
    }
    assert_eq!((requests.load(Ordering::SeqCst), server.connections()), (8, 1));
}
