//! Which events are news, who may be written to freely, and answering: what a customer writes goes the whole way.
#![allow(clippy::unwrap_used, clippy::panic, missing_docs, reason = "tests")]

mod support;

use std::path::PathBuf;
use std::sync::{Arc, Mutex};
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use serde_json::{Value, json};
use support::redis::RedisServer;
use support::wire::{Server, answer, read_request};
use support::{TO, client};
use tokio::io::AsyncWriteExt as _;
use wacloud::inbox::{Dedup, ServiceWindow};
use wacloud::operation::{MarkRead, SendLocation, SendTemplate};
use wacloud::webhook::{self, WebhookChannel, WebhookEvent, WebhookKind};
use wacloud::{Client, Error, Message};
use wacloud_sandbox::Sandbox;

const DAY: Duration = Duration::from_secs(24 * 3600);

/// Signature and body of each delivery.
type Came = Arc<Mutex<Vec<(String, Vec<u8>)>>>;

/// What makes an event one that is not answered.
type Change = fn(&mut WebhookEvent);

/// A sandbox that keeps the window, and a server that takes its webhooks.
struct Site {
    sandbox: Sandbox,
    client: Client,
    came: Came,
    _server: Server,
}

impl Site {
    async fn new(webhook: Value) -> Self {
        let settings = wacloud_sandbox::Settings { rate: 0, pair_rate: false, window: true, ..Default::default() };
        let sandbox = Sandbox::start(settings).await.unwrap();
        let came = Came::default();
        let keep = came.clone();
        let server = Server::start(move |_, mut stream| {
            let keep = keep.clone();
            async move {
                while let Some(request) = read_request(&mut stream).await {
                    let reply = if request.line.starts_with("GET") {
                        let query = request.line.split([' ', '?']).nth(2).unwrap();
                        webhook::challenge(query, wacloud_sandbox::DEFAULT_VERIFY_TOKEN).unwrap()
                    } else {
                        let signature = request.head.lines().find_map(|line| {
                            let (name, value) = line.split_once(": ")?;
                            name.eq_ignore_ascii_case("x-hub-signature-256").then(|| value.to_owned())
                        });
                        keep.lock().unwrap().push((signature.unwrap(), request.body));
                        String::new()
                    };
                    stream.write_all(&answer(200, &reply)).await.unwrap();
                }
            }
        })
        .await;
        let mut patch = json!({"url": format!("{}/webhook", server.url()), "statuses": []});
        patch.as_object_mut().unwrap().extend(webhook.as_object().unwrap().clone());
        sandbox.subscribe(patch.as_object().unwrap()).await.unwrap();
        let client = client(&sandbox.url(), |_| ());
        Site { sandbox, client, came, _server: server }
    }

    /// The events of what a customer writes, each delivery verified.
    async fn written(&self) -> Vec<WebhookEvent> {
        self.sandbox.write_as_customer(&json!({"from": TO, "text": "Are you open?"})).unwrap();
        assert_eq!(self.sandbox.flush_webhooks(Duration::from_secs(20)).await, 0);
        let came = std::mem::take(&mut *self.came.lock().unwrap());
        let events = came.into_iter().flat_map(|(signature, body)| {
            webhook::verify(&[wacloud_sandbox::DEFAULT_APP_SECRET], &body, Some(&signature)).unwrap();
            webhook::parse(&body).unwrap()
        });
        events.collect()
    }

    fn payloads(&self) -> Vec<Value> {
        self.sandbox.ledger().iter().map(|message| message.payload.value()).collect()
    }

    fn kinds(&self) -> Vec<String> {
        self.sandbox.ledger().iter().map(|message| message.kind.clone()).collect()
    }
}

fn template() -> Message {
    SendTemplate::new(TO, "hello_world", "en_US").into()
}

fn now_s() -> u64 {
    SystemTime::now().duration_since(UNIX_EPOCH).unwrap().as_secs()
}

#[tokio::test]
async fn a_conversation_is_taken_once_answered_read_and_reacted_to() {
    let site = Site::new(json!({"repeat": 2})).await;
    let (dedup, window, wa) = (Dedup::new(), ServiceWindow::new(), &site.client);
    let events = site.written().await;
    assert_eq!(events.len(), 2, "it came twice");
    let fresh = dedup.fresh(events.clone()).await.unwrap();
    let [event] = &fresh[..] else { panic!("{} are news", fresh.len()) };

    let number = wa.phone_number_id();
    assert!(!window.is_open(number, TO).await.unwrap());
    window.observe(&events).await.unwrap();
    assert!(window.is_open(number, event).await.unwrap());
    let until_s = window.open_until(number, TO).await.unwrap().unwrap();
    assert!(until_s.abs_diff(now_s() + DAY.as_secs()) < 60);

    wa.reply(event, Message::text(event, "Until six.")).await.unwrap();
    wa.reply(event, SendLocation::new(event, 48.2, 16.4).into()).await.unwrap();
    wa.call(MarkRead::new(event)).await.unwrap();
    wa.react(event, "👍").await.unwrap();
    let payloads = site.payloads();
    let [text, place, reaction] = &payloads[..] else { panic!("{payloads:?}") };
    for answer in [text, place] {
        assert_eq!((&answer["to"], &answer["context"]["message_id"]), (&json!(TO), &json!(event.id)));
    }
    assert_eq!(reaction["reaction"], json!({"message_id": event.id, "emoji": "👍"}));
    let requests = site.sandbox.requests();
    let read = requests.iter().map(|request| request.body.value()).find(|body| body["status"] == "read").unwrap();
    assert_eq!(read["message_id"], json!(event.id));
}

#[tokio::test]
async fn a_template_goes_out_where_the_window_is_closed() {
    let site = Site::new(json!({})).await;
    let sent = ServiceWindow::new().send(&site.client, Message::text(TO, "Hello"), template()).await;
    assert!(sent.is_ok(), "{sent:?}");
    assert_eq!(site.kinds(), ["template"]);
    assert_eq!(site.sandbox.requests().len(), 1, "the text was not tried");
}

#[tokio::test]
async fn the_window_learns_from_meta_that_it_is_closed() {
    let site = Site::new(json!({})).await;
    let (window, number) = (ServiceWindow::new(), site.client.phone_number_id());
    window.observe(&site.written().await).await.unwrap();
    let send = || window.send(&site.client, Message::text(TO, "Hello"), template());
    send().await.unwrap();
    site.sandbox.advance_clock(DAY);
    assert!(window.is_open(number, TO).await.unwrap(), "our clock was not moved");
    send().await.unwrap();
    assert!(!window.is_open(number, TO).await.unwrap());
    send().await.unwrap();
    assert_eq!(site.kinds(), ["text", "template", "template"]);
    let statuses: Vec<Option<u16>> = site.sandbox.requests().iter().map(|request| request.status).collect();
    assert_eq!(statuses, [200, 400, 200, 200].map(Some));
}

#[tokio::test]
async fn what_nobody_wrote_to_this_number_is_not_answered() {
    let site = Site::new(json!({})).await;
    let [event] = &site.written().await[..] else { panic!("one message is one event") };
    let changes: [(&str, Change); 3] = [
        ("conflict", |event| event.number_id = Some("1".into())),
        ("type", |event| event.kind = WebhookKind::Status),
        ("type", |event| event.channel = WebhookChannel::Messenger),
    ];
    for (rule, change) in changes {
        let mut event = event.clone();
        change(&mut event);
        let refused = site.client.reply(&event, Message::text(&event, "Hello")).await;
        let Err(Error::Validation(invalid)) = refused else { panic!("{refused:?}") };
        assert!(invalid.violations.iter().all(|violation| violation.rule == rule), "{invalid:?}");
        let read = site.client.call(MarkRead::new(&event)).await;
        assert!(matches!(read, Err(Error::Validation(_))), "{read:?}");
    }
    assert_eq!(site.sandbox.requests().len(), 0);
}

/// A folder of one test, removed in the end.
struct Folder(PathBuf);

impl Folder {
    fn new(name: &str) -> Self {
        let path = std::env::temp_dir().join(format!("wacloud-inbox-{}-{name}", std::process::id()));
        std::fs::create_dir(&path).unwrap();
        Folder(path)
    }

    fn file(&self, name: &str) -> String {
        self.0.join(name).display().to_string()
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        let _ = std::fs::remove_dir_all(&self.0);
    }
}

/// Many tell news at once in one place, each with a connection of its own: each event is news to one of them.
async fn is_shared(place: &str, number: &str, events: &[WebhookEvent]) {
    let tasks = (0..8).map(|_| {
        let (dedup, events) = (Dedup::open(place).unwrap(), events.to_vec());
        tokio::spawn(async move { dedup.fresh(events).await.unwrap().len() })
    });
    let told: Vec<usize> = futures_util::future::join_all(tasks).await.into_iter().map(Result::unwrap).collect();
    assert_eq!(told.iter().sum::<usize>(), events.len(), "{told:?}");
    let dedup = Dedup::open(place).unwrap();
    dedup.forget(&events[..1]).await.unwrap();
    assert_eq!(dedup.fresh(events.to_vec()).await.unwrap().len(), 1);
    ServiceWindow::open(place).unwrap().observe(events).await.unwrap();
    assert!(ServiceWindow::open(place).unwrap().is_open(number, TO).await.unwrap());
    assert!(!ServiceWindow::open(place).unwrap().is_open("1", TO).await.unwrap());
}

async fn several(site: &Site) -> Vec<WebhookEvent> {
    let mut events = Vec::new();
    for _ in 0..20 {
        events.extend(site.written().await);
    }
    events
}

#[tokio::test(flavor = "multi_thread")]
async fn a_file_is_shared_and_holds_no_numbers() {
    let (site, folder) = (Site::new(json!({})).await, Folder::new("shared"));
    let place = folder.file("inbox.db");
    is_shared(&place, site.client.phone_number_id(), &several(&site).await).await;
    let bytes = std::fs::read(&place).unwrap();
    for personal in ["15550001234", "wamid.", "Are you open?"] {
        assert!(!bytes.windows(personal.len()).any(|part| part == personal.as_bytes()), "{personal}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_server_is_shared_and_holds_no_numbers() {
    let Some(mut redis) = RedisServer::start(&[]) else { return };
    let site = Site::new(json!({})).await;
    let events = several(&site).await;
    is_shared(&redis.url(), site.client.phone_number_id(), &events).await;
    redis.kill();
    let lost = Dedup::open(&redis.url()).unwrap().fresh(events).await;
    assert!(matches!(lost, Err(Error::Store { .. })), "{lost:?}");
}

#[tokio::test]
async fn a_store_that_cannot_be_used_is_told_and_nothing_is_sent() {
    let (site, folder) = (Site::new(json!({})).await, Folder::new("unusable"));
    let events = site.written().await;
    let no_database = folder.file("no-database");
    std::fs::write(&no_database, "this is no database, and long enough to be seen as none: ".repeat(20)).unwrap();
    for place in [no_database, folder.file("no/such/folder/inbox.db"), "redis://127.0.0.1:1".into()] {
        let told = Dedup::open(&place).unwrap().fresh(events.clone()).await;
        let Err(Error::Store { place: named, problem }) = told else { panic!("{place}: {told:?}") };
        assert!(!named.is_empty() && !problem.is_empty(), "{place}");
        let window = ServiceWindow::open(&place).unwrap();
        assert!(matches!(window.observe(&events).await, Err(Error::Store { .. })), "{place}");
        let sent = window.send(&site.client, Message::text(TO, "Hello"), template()).await;
        assert!(matches!(sent, Err(Error::Store { .. })), "{place}: {sent:?}");
    }
    assert_eq!(site.sandbox.requests().len(), 0);
    for place in ["", " ", "mysql://localhost"] {
        assert!(matches!(Dedup::open(place).err(), Some(Error::Config { .. })), "{place:?}");
        assert!(matches!(ServiceWindow::open(place).err(), Some(Error::Config { .. })), "{place:?}");
    }
}
