//! What the fault matrix cannot say about connections: chance, many at once, and those that work.
#![allow(clippy::unwrap_used, clippy::panic, missing_docs, reason = "tests")]

mod support;

use std::collections::HashMap;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use futures_util::future::join_all;
use hyper::body::Incoming;
use hyper_util::rt::{TokioExecutor, TokioIo};
use serde_json::{Value, json};
use support::failing::End;
use support::http2::leaving;
use support::vector::differences;
use support::wire::{Server, acceptance, answer, read_request};
use support::{TO, client};
use tokio::io::AsyncWriteExt as _;
use wacloud::client::HttpVersion;
use wacloud::{CancelToken, Error};

#[track_caller]
fn assert_told(error: &Error, expected: &Value) {
    let found = differences(expected, &error.to_value());
    assert!(found.is_empty(), "{found:?} in {}", error.to_json());
}

// Lost and stale

/// Answers one message on each connection and ends it, without a word of that in the answer, a little later each time: the
/// client meets some connections as they go, before or after it writes on them.
async fn fickle(how: End) -> (Server, Arc<Mutex<HashMap<String, usize>>>) {
    let copies = Arc::new(Mutex::new(HashMap::<String, usize>::new()));
    let counted = copies.clone();
    let server = Server::start(move |number, mut stream| {
        let counted = counted.clone();
        async move {
            let request = read_request(&mut stream).await.unwrap().json();
            let tracker = request["biz_opaque_callback_data"].as_str().unwrap().to_owned();
            *counted.lock().unwrap().entry(tracker).or_default() += 1;
            let _ = stream.write_all(&answer(200, &acceptance(&format!("wamid.{number}")))).await;
            for _ in 0..number % 8 {
                tokio::task::yield_now().await;
            }
            if how == End::Reset {
                stream.set_zero_linger().unwrap();
            }
        }
    })
    .await;
    (server, copies)
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_connection_that_ends_under_a_message_doubles_nothing() {
    for how in [End::Close, End::Reset] {
        let (server, copies) = fickle(how).await;
        let client = client(&server.url(), |s| s.rate = Some(0.0.into()));
        let mut accepted = 0;
        for _ in 0..300 {
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
}

// Slow answers

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

// Proxies

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

#[tokio::test]
async fn what_an_http2_server_leaves_out_as_it_goes_is_sent_elsewhere() {
    let (server, seen) = leaving(3, 8).await;
    let client = client(&server.url(), |s| {
        s.http_version = Some(HttpVersion::Http2);
        s.rate = Some(0.0.into());
    });
    let sent = join_all((0..8).map(|n| client.send_text(TO, n.to_string()))).await;
    let mut attempts: Vec<u32> = sent.into_iter().map(|sent| sent.unwrap().meta.attempts).collect();
    attempts.sort_unstable();
    assert_eq!(attempts, [1, 1, 1, 2, 2, 2, 2, 2]);
    assert_eq!((seen.complete(), server.connections()), (8 + 5, 2));
}
