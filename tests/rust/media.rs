//! Files: what goes up once, what is refused before anything leaves, and what happens when the wire breaks.
#![allow(clippy::unwrap_used, clippy::panic, missing_docs, reason = "tests")]

mod support;

use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex};

use bytes::Bytes;
use futures_util::StreamExt as _;
use serde_json::{Value, json};
use support::wire::{Server, answer, read_request};
use support::{TO, client, sandbox, until};
use tokio::io::AsyncWriteExt as _;
use wacloud::bulk::BulkOptions;
use wacloud::message::Upload;
use wacloud::operation::media;
use wacloud::{CallOptions, CancelToken, Client, Error, Media, Message, registry};
use wacloud_sandbox::{Fault, FaultKind, Sandbox};

const PDF: &[u8] = b"%PDF-1.7\nan invoice\n";

/// A folder that goes with the test.
struct Folder(PathBuf);

impl Folder {
    fn new() -> Self {
        let path = std::env::temp_dir().join(format!("wacloud-media-{:016x}", fastrand::u64(..)));
        std::fs::create_dir_all(&path).unwrap();
        Folder(path)
    }

    fn file(&self, name: &str, bytes: &[u8]) -> PathBuf {
        let path = self.0.join(name);
        std::fs::write(&path, bytes).unwrap();
        path
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        let _ = std::fs::remove_dir_all(&self.0);
    }
}

fn uploads(sandbox: &Sandbox) -> usize {
    sandbox.requests().iter().filter(|request| request.path.ends_with("/media")).count()
}

/// The media object of each accepted message.
fn sent(sandbox: &Sandbox, kind: &str) -> Vec<Value> {
    sandbox.ledger().iter().map(|message| message.payload.value()[kind].clone()).collect()
}

fn rules(error: &Error) -> Vec<(String, String)> {
    error.violations().iter().map(|violation| (violation.path.clone(), violation.rule.clone())).collect()
}

#[tokio::test]
async fn a_file_is_uploaded_once_however_many_it_is_sent_to() {
    let (sandbox, folder) = (sandbox().await, Folder::new());
    let client = client(&sandbox.url(), |s| s.rate = Some(0.0.into()));
    let path = folder.file("invoice.pdf", PDF);
    let messages = (0..1000).map(|n| Message::document(format!("+1555{n:07}"), Media::file(&path)));
    let mut results = client.send_bulk(messages);
    let mut accepted = 0;
    while let Some(result) = results.next().await {
        result.result.unwrap();
        accepted += 1;
    }
    assert_eq!((accepted, uploads(&sandbox)), (1000, 1));
    let id = sent(&sandbox, "document")[0]["id"].clone();
    assert!(sent(&sandbox, "document").iter().all(|sent| *sent == json!({"id": id, "filename": "invoice.pdf"})));
    // The same content from elsewhere is the same upload.
    client.send_document(TO, Media::from(Upload::bytes(PDF).named("a.pdf"))).await.unwrap();
    assert_eq!(uploads(&sandbox), 1);
    folder.file("invoice.pdf", b"%PDF-1.7\nanother one\n");
    client.send_document(TO, Media::file(&path)).await.unwrap();
    assert_eq!(uploads(&sandbox), 2, "another content");
}

#[tokio::test]
async fn clients_that_share_a_cache_upload_once_and_another_number_does_so_itself() {
    let (sandbox, folder) = (sandbox().await, Folder::new());
    sandbox.add_fault(Fault::delay(300)).unwrap();
    let cache = folder.0.join("uploads.db").display().to_string();
    let clients: Vec<Client> =
        (0..4).map(|_| client(&sandbox.url(), |s| s.media_cache = Some(cache.clone()))).collect();
    let sends = clients.iter().map(|client| client.send_image(TO, Upload::bytes(photo())));
    for sent in futures_util::future::join_all(sends).await {
        sent.unwrap();
    }
    assert_eq!((uploads(&sandbox), sent(&sandbox, "image").len()), (1, 4));
    let alone = client(&sandbox.url(), |_| {});
    alone.send_image(TO, Upload::bytes(photo())).await.unwrap();
    assert_eq!(uploads(&sandbox), 2, "who shares nothing");
}

fn photo() -> Vec<u8> {
    std::fs::read(Path::new(env!("CARGO_MANIFEST_DIR")).join("vectors/files/photo.png")).unwrap()
}

#[tokio::test]
async fn everything_that_is_wrong_with_files_is_told_before_anything_leaves() {
    let (sandbox, folder) = (sandbox().await, Folder::new());
    let client = client(&sandbox.url(), |_| {});
    let large = folder.file("large.png", &{
        let mut bytes = photo();
        bytes.resize(5 * 1024 * 1024 + 1, 0);
        bytes
    });
    for (media, rule) in [
        (Media::file(folder.0.join("missing.png")), "required"),
        (Media::file(&folder.0), "format"),
        (Media::file(folder.file("a.pdf", PDF)), "format"),
        (Media::file(folder.file("empty.png", b"")), "length"),
        (Media::file(large), "length"),
        (Media::bytes(&b"\0\x01"[..]), "format"),
    ] {
        let error = client.send_image(TO, media.clone()).await.unwrap_err();
        assert_eq!(rules(&error), [("image".to_owned(), rule.to_owned())], "{media:?}: {error}");
        assert_eq!(error.outcome().name(), "not_sent");
    }
    assert_eq!(sandbox.requests().len(), 0);
}

#[tokio::test]
async fn headers_of_interactive_messages_and_templates_take_files_too() {
    let (sandbox, folder) = (sandbox().await, Folder::new());
    let client = client(&sandbox.url(), |_| {});
    let name = wacloud::message::hand_in(Upload::file(folder.file("p.png", &photo())));
    let arguments = json!({"to": TO, "body": "Yes?", "buttons": [{"id": "y", "title": "Yes"}],
                           "header": {"image": {"upload": name}}})
    .to_string();
    let shown: Value = serde_json::from_str(&registry::payload("send_buttons", &arguments).unwrap()).unwrap();
    let file = shown["interactive"]["header"]["image"]["file"].as_str().unwrap();
    assert!(file.ends_with("p.png"), "the payload shows what will be uploaded: {file}");
    let options = CallOptions::default();
    registry::dispatch(&client, "send_buttons", &arguments, &options, CancelToken::new()).await.unwrap();
    let header = sent(&sandbox, "interactive")[0]["header"].clone();
    assert_eq!(header["type"], "image");
    assert!(header["image"]["id"].is_string() && header["image"].get("file").is_none(), "{header}");
    // What a payload shows sends nothing: a path in JSON is not a file.
    assert!(Message::from_payload(&shown).is_err());
    wacloud::message::take_back(&name);
    let error = registry::payload("send_buttons", &arguments).unwrap_err();
    assert_eq!(rules(&error), [("interactive.header.image".to_owned(), "format".to_owned())]);
}

#[tokio::test]
async fn an_upload_that_fails_leaves_its_message_unsent() {
    let sandbox = sandbox().await;
    let client = client(&sandbox.url(), |s| s.max_retries = Some(0));
    let send = || client.send_image(TO, Upload::bytes(photo()));
    for (fault, class, outcome) in [
        (Fault::new(FaultKind::ResetAfter), "NotSentError", "not_sent"),
        (Fault::status(503), "NotSentError", "not_sent"),
        (Fault::graph_error(131_053), "MediaError", "rejected"),
        (Fault::graph_error(190), "AuthenticationError", "rejected"),
    ] {
        sandbox.add_fault(Fault { path: Some("/media".to_owned()), ..fault.clone() }).unwrap();
        let error = send().await.unwrap_err();
        assert_eq!((error.class_name(), error.outcome().name()), (class, outcome), "{fault:?}: {error}");
    }
    assert_eq!(sandbox.counters().accepted, 0);
    send().await.unwrap();
    assert_eq!((sandbox.counters().accepted, uploads(&sandbox)), (1, 5));
}

#[tokio::test]
async fn an_id_that_is_gone_is_forgotten_and_the_message_goes_out_with_a_new_one() {
    let sandbox = sandbox().await;
    let client = client(&sandbox.url(), |_| {});
    let send = || client.send_image(TO, Upload::bytes(photo()));
    send().await.unwrap();
    let id = sent(&sandbox, "image")[0]["id"].as_str().unwrap().to_owned();
    // Somebody else deletes it.
    support::client(&sandbox.url(), |_| {}).delete_media(&id).await.unwrap();
    send().await.unwrap();
    let ids = sent(&sandbox, "image");
    assert_eq!((ids.len(), uploads(&sandbox)), (2, 2));
    assert_ne!(ids[0], ids[1]);
    // Who deletes it knows at once.
    let before = sandbox.requests().len();
    client.delete_media(ids[1]["id"].as_str().unwrap()).await.unwrap();
    send().await.unwrap();
    assert_eq!(sandbox.requests().len() - before, 3, "delete, upload, send");
}

#[tokio::test]
async fn a_campaign_that_goes_on_knows_its_files_by_their_paths() {
    let (sandbox, folder) = (sandbox().await, Folder::new());
    let client = client(&sandbox.url(), |_| {});
    let path = folder.file("invoice.pdf", PDF);
    let journal = folder.0.join("campaign.db").display().to_string();
    let mut replayed = Vec::new();
    for content in [PDF, &b"%PDF-1.7\nwritten anew\n"[..]] {
        std::fs::write(&path, content).unwrap();
        let messages = vec![Message::document(TO, Media::file(&path)), Message::image(TO, Upload::bytes(photo()))];
        let options = BulkOptions { journal: Some(journal.clone()), ..BulkOptions::default() };
        let mut results = client.send_bulk_with(messages, &options);
        while let Some(result) = results.next().await {
            result.result.unwrap();
            replayed.push(result.replayed);
        }
    }
    assert_eq!((replayed, sandbox.counters().accepted), (vec![false, false, true, true], 2));
}

#[tokio::test]
async fn an_upload_tells_how_far_it_is_and_comes_back_whole() {
    let (sandbox, folder) = (sandbox().await, Folder::new());
    let told: Arc<Mutex<Vec<(u64, u64)>>> = Arc::default();
    let teller = told.clone();
    let client = client(&sandbox.url(), |_| {})
        .with_upload_progress(Arc::new(move |p| teller.lock().unwrap().push((p.sent_bytes, p.total_bytes))));
    let mut bytes = PDF.to_vec();
    bytes.resize(1_000_000, b'x');
    let uploaded = client.upload_media(folder.file("a.pdf", &bytes)).await.unwrap();
    let told = told.lock().unwrap().clone();
    assert!(told.len() > 3 && told.windows(2).all(|pair| pair[0].0 < pair[1].0), "{told:?}");
    assert_eq!(told.last(), Some(&(1_000_000, 1_000_000)));
    assert_eq!(client.media_bytes(&uploaded.id).await.unwrap(), bytes);
    let target = folder.file("b.pdf", b"what was there");
    let downloaded = client.download_media(&uploaded.id, target.display().to_string()).await.unwrap();
    assert_eq!((downloaded.file_size, std::fs::read(&target).unwrap()), (1_000_000, bytes));
    let left: Vec<_> = std::fs::read_dir(&folder.0).unwrap().map(|entry| entry.unwrap().file_name()).collect();
    assert_eq!(left.len(), 2, "nothing but the files: {left:?}");
}

/// A server that names an address and then does what it is told with who comes there.
async fn with_address(elsewhere: Option<String>, broken: Vec<u8>) -> (Server, Arc<Mutex<Vec<String>>>) {
    let heads: Arc<Mutex<Vec<String>>> = Arc::default();
    let seen = heads.clone();
    let server = Server::start(move |_, mut stream| {
        let (seen, elsewhere, broken) = (seen.clone(), elsewhere.clone(), broken.clone());
        async move {
            while let Some(request) = read_request(&mut stream).await {
                let head = request.head;
                let is_look_up = head.starts_with("GET /v25.0/");
                let host = head.lines().find_map(|line| line.to_lowercase().strip_prefix("host: ").map(str::to_owned));
                seen.lock().unwrap().push(head);
                let url = elsewhere.clone().unwrap_or_else(|| format!("http://{}/file", host.unwrap_or_default()));
                let info = json!({"id": "1", "url": url, "mime_type": "application/pdf", "file_size": PDF.len(),
                                  "sha256": "ab".repeat(32)});
                let reply = if is_look_up { answer(200, &info.to_string()) } else { broken.clone() };
                if stream.write_all(&reply).await.is_err() || !is_look_up {
                    return;
                }
            }
        }
    })
    .await;
    (server, heads)
}

#[tokio::test]
async fn a_download_that_is_cut_or_not_what_was_announced_leaves_nothing() {
    let folder = Folder::new();
    let cut = b"HTTP/1.1 200 OK\r\ncontent-length: 100\r\n\r\n%PDF".to_vec();
    let wrong = answer(200, "something else");
    for (broken, reason) in [(cut, "connection_lost"), (wrong, "broken_answer")] {
        let (server, heads) = with_address(None, broken).await;
        let client = client(&server.url(), |s| s.max_retries = Some(1));
        let target = folder.0.join("a.pdf").display().to_string();
        let error = client.download_media("1", target).await.unwrap_err().to_value();
        assert_eq!((&error["reason"], &error["attempts"]), (&json!(reason), &json!(2)), "{error}");
        assert_eq!(heads.lock().unwrap().len(), 3, "the address once, the file twice");
        assert_eq!(std::fs::read_dir(&folder.0).unwrap().count(), 0);
    }
}

#[tokio::test]
async fn a_redirect_to_somebody_else_brings_them_nothing() {
    let (other, others) = with_address(None, Vec::new()).await;
    let redirect = format!("HTTP/1.1 302 Found\r\nlocation: {}/file\r\ncontent-length: 0\r\n\r\n", other.url());
    let (server, heads) = with_address(None, redirect.into_bytes()).await;
    let error = client(&server.url(), |_| {}).media_bytes("1").await.unwrap_err();
    assert_eq!(error.to_value()["status"], 302);
    assert!(heads.lock().unwrap().iter().all(|head| head.to_lowercase().contains("authorization: bearer ")));
    // And an address of theirs is not asked at all.
    let (server, _) = with_address(Some(format!("{}/file", other.url())), Vec::new()).await;
    let error = client(&server.url(), |_| {}).media_bytes("1").await.unwrap_err();
    assert_eq!(rules(&error), [("url".to_owned(), "format".to_owned())]);
    assert_eq!(others.lock().unwrap().len(), 0);
}

#[tokio::test]
async fn an_upload_can_be_cancelled_and_its_message_was_not_sent() {
    let sandbox = sandbox().await;
    let client = client(&sandbox.url(), |_| {});
    sandbox.add_fault(Fault { path: Some("/media".to_owned()), ..Fault::delay(60_000) }).unwrap();
    let cancel = CancelToken::new();
    let name = wacloud::message::hand_in(Upload::bytes(photo()));
    let arguments = json!({"to": TO, "image": {"upload": name}}).to_string();
    let options = CallOptions::default();
    let call = registry::dispatch(&client, "send_image", &arguments, &options, cancel.clone());
    let (error, ()) = tokio::join!(call, async {
        until("the upload has begun", || uploads(&sandbox) == 1).await;
        cancel.cancel();
    });
    let error = error.unwrap_err().to_value();
    assert_eq!((&error["type"], &error["reason"]), (&json!("NotSentError"), &json!("cancelled")));
    // Whoever comes next does not wait for it.
    sandbox.clear_faults();
    client.send_image(TO, Upload::bytes(photo())).await.unwrap();
}

#[tokio::test]
async fn what_rust_programs_give_is_a_file() {
    let sandbox = sandbox().await;
    let client = client(&sandbox.url(), |_| {});
    client.upload_media(Bytes::from_static(PDF)).await.unwrap();
    client.call(media::Upload::new(PDF.to_vec()).filename("a.pdf")).await.unwrap();
    let error = client.upload_media("").await.unwrap_err();
    assert_eq!(rules(&error), [("file".to_owned(), "required".to_owned())]);
}

/// A server of the resumable upload that takes this much of the first body and lets go.
async fn with_session(breaks_at: usize) -> (Server, Arc<Mutex<Vec<String>>>, Arc<Mutex<Vec<u8>>>) {
    let (heads, file) = (Arc::<Mutex<Vec<String>>>::default(), Arc::<Mutex<Vec<u8>>>::default());
    let (seen, kept) = (heads.clone(), file.clone());
    let server = Server::start(move |_, mut stream| {
        let (seen, kept) = (seen.clone(), kept.clone());
        async move {
            while let Some(request) = read_request(&mut stream).await {
                let is_first = kept.lock().unwrap().is_empty();
                seen.lock().unwrap().push(request.head.clone());
                let reply = if request.line.contains("/app/uploads") {
                    json!({"id": "upload:MTph+/dA==?sig=ARZq_k-A"})
                } else if request.line.starts_with("GET") {
                    json!({"id": "upload:MTph+/dA==?sig=ARZq_k-A", "file_offset": kept.lock().unwrap().len()})
                } else if is_first {
                    kept.lock().unwrap().extend_from_slice(&request.body[..breaks_at]);
                    return;
                } else {
                    kept.lock().unwrap().extend_from_slice(&request.body);
                    json!({"h": "4:a"})
                };
                stream.write_all(&answer(200, &reply.to_string())).await.unwrap();
            }
        }
    })
    .await;
    (server, heads, file)
}

#[tokio::test]
async fn a_file_for_a_handle_goes_on_where_it_was_cut() {
    let folder = Folder::new();
    let mut bytes = b"%PDF-1.7\n".to_vec();
    bytes.resize_with(300_000, || fastrand::u8(..));
    let path = folder.file("a.pdf", &bytes);
    for file in [Upload::file(path), Upload::bytes(bytes.clone())] {
        let (server, heads, arrived) = with_session(200_000).await;
        let told = Arc::new(Mutex::new(Vec::new()));
        let tell = told.clone();
        let client = client(&server.url(), |_| {})
            .with_upload_progress(Arc::new(move |now| tell.lock().unwrap().push((now.sent_bytes, now.total_bytes))));
        let uploaded = client.upload_handle(file).await.unwrap();
        assert_eq!(uploaded.handle, "4:a");
        assert!(*arrived.lock().unwrap() == bytes, "what has arrived is the file");
        let heads = heads.lock().unwrap();
        let lines: Vec<_> = heads.iter().filter_map(|head| head.lines().next()).collect();
        let session = "/v25.0/upload:MTph+/dA==?sig=ARZq_k-A HTTP/1.1";
        let beginning = "POST /v25.0/app/uploads?file_name=";
        assert!(
            lines[0].starts_with(beginning) && lines[0].contains("&file_length=300000&file_type=application%2Fpdf ")
        );
        assert_eq!(lines[1..], [format!("POST {session}"), format!("GET {session}"), format!("POST {session}")]);
        let has = |index: usize, header: &str| heads[index].to_lowercase().lines().any(|line| line == header);
        assert!(
            has(1, "file_offset: 0") && has(1, "content-length: 300000") && has(1, "content-type: application/pdf")
        );
        assert!(has(3, "file_offset: 200000") && has(3, "content-length: 100000"));
        assert!(heads[0].to_lowercase().contains("authorization: bearer "));
        assert!((1..4).all(|index| heads[index].to_lowercase().contains("authorization: oauth ")));
        assert_eq!(told.lock().unwrap().last(), Some(&(300_000, 300_000)));
    }
}

#[tokio::test]
async fn a_handle_is_good_for_a_template_and_for_the_profile() {
    let sandbox = sandbox().await;
    let account = sandbox.business_account_id();
    let client = client(&sandbox.url(), |s| s.business_account_id = Some(account));
    let handle = client.upload_handle(photo()).await.unwrap().handle;
    let components = json!([{"type": "HEADER", "format": "IMAGE", "example": {"header_handle": [handle]}},
                            {"type": "BODY", "text": "Hello"}]);
    let create = json!({"name": "with_photo", "language": "en_US", "category": "MARKETING", "components": components});
    let profile = json!({"profile_picture_handle": handle});
    for (name, arguments) in [("templates.create", create), ("profile.update", profile)] {
        let (options, cancel) = (CallOptions::default(), CancelToken::new());
        registry::dispatch(&client, name, &arguments.to_string(), &options, cancel).await.unwrap();
    }
}

#[tokio::test]
async fn an_upload_for_a_handle_ends_in_its_time_and_when_it_is_cancelled() {
    let sandbox = sandbox().await;
    let client = client(&sandbox.url(), |_| {});
    sandbox.add_fault(Fault { path: Some("/upload:".to_owned()), times: 9, ..Fault::delay(60_000) }).unwrap();
    let upload = media::UploadHandle::new(photo());
    let options = CallOptions { timeout_ms: Some(20_000), ..CallOptions::default() };
    let begun = tokio::time::Instant::now();
    let (error, ()) = tokio::join!(client.call_with(upload.clone(), &options), async {
        until("the upload has begun", || sandbox.requests().len() == 2).await;
        // From here on everybody waits, and waiting takes no time.
        tokio::time::pause();
    });
    tokio::time::resume();
    assert_eq!(begun.elapsed().as_secs(), 20);
    let error = error.unwrap_err().to_value();
    assert_eq!((&error["outcome"], &error["reason"]), (&json!("unknown"), &json!("timeout")), "{error}");
    let cancel = CancelToken::new();
    let name = wacloud::message::hand_in(Upload::bytes(photo()));
    let (arguments, options) = (json!({"file": {"upload": name}}).to_string(), CallOptions::default());
    let call = registry::dispatch(&client, "media.upload_handle", &arguments, &options, cancel.clone());
    let known = sandbox.requests().len();
    let (error, ()) = tokio::join!(call, async {
        until("the upload has begun", || sandbox.requests().len() == known + 2).await;
        cancel.cancel();
    });
    let error = error.unwrap_err().to_value();
    assert_eq!((&error["outcome"], &error["reason"]), (&json!("unknown"), &json!("cancelled")), "{error}");
    assert_eq!(sandbox.requests().len(), known + 2, "nobody asks further");
}
