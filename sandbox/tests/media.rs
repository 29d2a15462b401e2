//! Files: uploaded, looked up, fetched, deleted, and named by messages.
#![allow(clippy::unwrap_used, clippy::panic, missing_docs, reason = "tests")]

mod common;

use common::receiver::Receiver;
use common::{Connection, Reply, sandbox, subscribed};
use serde_json::{Value, json};
use wacloud_sandbox::{Sandbox, Settings};

const PDF: &str = "%PDF-1.7\nan invoice\n";

fn form(fields: &[(&str, &str)], file: Option<(&str, &str, &str)>) -> String {
    let mut body = String::new();
    for (name, value) in fields {
        body += &format!("--frontier\r\nContent-Disposition: form-data; name=\"{name}\"\r\n\r\n{value}\r\n");
    }
    if let Some((filename, content_type, data)) = file {
        body += &format!(
            "--frontier\r\nContent-Disposition: form-data; name=\"file\"; filename=\"{filename}\"\r\n\
             Content-Type: {content_type}\r\n\r\n{data}\r\n"
        );
    }
    body + "--frontier--\r\n"
}

struct Api<'s> {
    sandbox: &'s Sandbox,
    connection: Connection,
}

impl<'s> Api<'s> {
    async fn of(sandbox: &'s Sandbox) -> Self {
        Api { sandbox, connection: Connection::open(sandbox).await }
    }

    async fn call(&mut self, method: &str, path: &str, body: &str) -> Reply {
        let token = format!("Bearer {}", self.sandbox.token());
        let host = self.sandbox.address().to_string();
        let headers = [
            ("authorization", token.as_str()),
            ("host", host.as_str()),
            ("content-type", "multipart/form-data; boundary=frontier"),
        ];
        self.connection.request(method, path, &headers, body).await.unwrap()
    }

    async fn upload(&mut self, body: &str) -> Reply {
        let path = format!("/v25.0/{}/media", self.sandbox.phone_number_id());
        self.call("POST", &path, body).await
    }

    async fn uploaded(&mut self) -> String {
        let fields = [("messaging_product", "whatsapp"), ("type", "application/pdf")];
        let reply = self.upload(&form(&fields, Some(("a.pdf", "application/pdf", PDF)))).await;
        assert_eq!(reply.status, 200, "{}", String::from_utf8_lossy(&reply.body));
        reply.json()["id"].as_str().unwrap().to_owned()
    }

    async fn send(&mut self, kind: &str, id: &str) -> Reply {
        let body = json!({"messaging_product": "whatsapp", "to": "+15550001234", "type": kind, kind: {"id": id}});
        self.connection.post(self.sandbox, &body).await.unwrap()
    }
}

#[tokio::test]
async fn what_was_uploaded_comes_back_until_it_is_deleted() {
    let sandbox = sandbox(Settings::default()).await;
    let mut api = Api::of(&sandbox).await;
    let id = api.uploaded().await;
    let info = api.call("GET", &format!("/v25.0/{id}"), "").await.json();
    assert_eq!(
        (&info["id"], &info["mime_type"], &info["file_size"], &info["messaging_product"]),
        (&json!(id), &json!("application/pdf"), &json!(PDF.len()), &json!("whatsapp"))
    );
    let address = info["url"].as_str().unwrap().strip_prefix(&sandbox.url()).unwrap().to_owned();
    let file = api.call("GET", &address, "").await;
    assert_eq!((file.status, file.body.as_slice()), (200, PDF.as_bytes()));
    assert_eq!(file.header("content-type"), Some("application/pdf"));
    let without = api.connection.request("GET", &address, &[], "").await.unwrap();
    assert_eq!(without.status, 401, "an address is nothing without the token");

    let elsewhere = api.call("GET", &format!("/v25.0/{id}?phone_number_id=1"), "").await;
    assert_eq!((elsewhere.status, elsewhere.code()), (400, 100));
    let requests = sandbox.requests();
    let logged = requests[0].body.value();
    assert_eq!((&logged["type"], &logged["file"]["bytes"]), (&json!("application/pdf"), &json!(PDF.len())));

    assert_eq!(api.call("DELETE", &format!("/v25.0/{id}"), "").await.json(), json!({"success": true}));
    assert_eq!(api.call("GET", &format!("/v25.0/{id}"), "").await.json()["error"]["error_subcode"], 33);
    assert_eq!(api.call("GET", &address, "").await.status, 404);
    let again = api.call("DELETE", &format!("/v25.0/{id}"), "").await;
    assert_eq!(again.json()["error"]["message"], "(#100) Invalid post_id parameter");
}

#[tokio::test]
async fn an_address_ends_after_five_minutes_and_an_upload_after_thirty_days() {
    let sandbox = sandbox(Settings::default()).await;
    let mut api = Api::of(&sandbox).await;
    let id = api.uploaded().await;
    let info = api.call("GET", &format!("/v25.0/{id}"), "").await.json();
    let address = info["url"].as_str().unwrap().strip_prefix(&sandbox.url()).unwrap().to_owned();
    let advance = |seconds: u64| json!({"advance_ms": seconds * 1000});
    api.connection.control("POST", "clock", &advance(301)).await;
    assert_eq!(api.call("GET", &address, "").await.status, 404);
    assert_eq!(api.call("GET", &address.replace("ext=1", "ext=2"), "").await.status, 404, "nobody makes one longer");
    assert_eq!(api.call("GET", &format!("/v25.0/{id}"), "").await.status, 200);
    assert_eq!(api.send("document", &id).await.status, 200);
    api.connection.control("POST", "clock", &advance(30 * 24 * 3600)).await;
    assert_eq!(api.call("GET", &format!("/v25.0/{id}"), "").await.status, 400);
    let gone = api.send("document", &id).await;
    assert_eq!((gone.status, gone.code()), (400, 100));
}

#[tokio::test]
async fn an_upload_that_lacks_something_is_refused() {
    let sandbox = sandbox(Settings::default()).await;
    let mut api = Api::of(&sandbox).await;
    let product = ("messaging_product", "whatsapp");
    let pdf = Some(("a.pdf", "application/pdf", PDF));
    for (body, code, part) in [
        (form(&[product], None), 100, "The parameter file is required"),
        (form(&[], pdf), 100, "The parameter messaging_product is required"),
        (form(&[("messaging_product", "telegram")], pdf), 100, "telegram"),
        (form(&[product], Some(("a.zip", "application/zip", "PK"))), 100, "following types"),
        (form(&[product, ("type", "image/png")], Some(("a.png", "image/png", PDF))), 131_053, "not of the type"),
        (form(&[product], Some(("a.txt", "text/plain", ""))), 131_053, "empty"),
        ("--frontier\r\n".to_owned(), 100, "cannot be read"),
    ] {
        let reply = api.upload(&body).await;
        let text = String::from_utf8_lossy(&reply.body).into_owned();
        assert!(reply.code() == code && text.contains(part), "{part}: {text}");
    }
    assert_eq!(api.upload(&form(&[product], pdf)).await.status, 200, "the part says its type");
    let elsewhere = api.call("POST", "/v25.0/1234567/media", &form(&[product], pdf)).await;
    assert_eq!(elsewhere.json()["error"]["error_subcode"], 33);
}

#[tokio::test]
async fn a_message_names_media_that_are_there_and_of_its_kind() {
    let sandbox = sandbox(Settings::default()).await;
    let mut api = Api::of(&sandbox).await;
    let id = api.uploaded().await;
    assert_eq!(api.send("document", &id).await.status, 200);
    let wrong = api.send("image", &id).await;
    assert_eq!((wrong.status, wrong.code()), (400, 131_053));
    assert_eq!(api.send("image", "1013859600285441").await.status, 200, "an id of elsewhere");
    api.connection.control("PUT", "settings", &json!({"strict_media": true})).await;
    let unknown = api.send("image", "1013859600285441").await;
    assert_eq!((unknown.status, unknown.code()), (400, 100));
    let details = unknown.json()["error"]["error_data"]["details"].clone();
    assert_eq!(details, "image.id: there is no media object with the id 1013859600285441");
    assert_eq!(api.send("document", &id).await.status, 200);
}

#[tokio::test]
async fn what_a_customer_sends_can_be_fetched() {
    let receiver = Receiver::start().await;
    let sandbox = subscribed(&receiver, &json!({})).await;
    let mut api = Api::of(&sandbox).await;
    for kind in ["image", "video", "audio", "document", "sticker"] {
        let written = api.connection.control("POST", "customer", &json!({"from": "15550001234", kind: true})).await;
        let media: &Value = &written["message"][kind];
        let id = media["id"].as_str().unwrap_or_else(|| panic!("{written}"));
        let info = api.call("GET", &format!("/v25.0/{id}"), "").await.json();
        assert_eq!(info["mime_type"], media["mime_type"], "{kind}");
        let address = info["url"].as_str().unwrap().strip_prefix(&sandbox.url()).unwrap().to_owned();
        let file = api.call("GET", &address, "").await;
        assert_eq!((file.status, json!(file.body.len())), (200, info["file_size"].clone()), "{kind}");
        let page = api.connection.request("GET", &format!("/_sandbox/media?id={id}"), &[], "").await.unwrap();
        assert_eq!((page.status, &page.body), (200, &file.body));
    }
    api.connection.control("POST", "media", &json!({"kind": "document", "id": "1037543291543636"})).await;
    assert_eq!(api.call("GET", "/v25.0/1037543291543636", "").await.json()["mime_type"], "application/pdf");
    let all = api.connection.control("GET", "media", &Value::Null).await;
    assert_eq!(all["media"].as_array().unwrap().len(), 6);
}

#[tokio::test]
async fn a_session_takes_a_file_in_order_and_gives_a_handle() {
    let sandbox = sandbox(Settings::default()).await;
    let mut connection = Connection::open(&sandbox).await;
    let host = sandbox.address().to_string();
    let mut call = async |method: &str, path: &str, scheme: &str, offset: Option<&str>, body: &str| {
        let token = format!("{scheme} {}", sandbox.token());
        let mut headers = vec![("authorization", token.as_str()), ("host", host.as_str())];
        headers.extend(offset.map(|offset| ("file_offset", offset)));
        let reply = connection.request(method, path, &headers, body).await.unwrap();
        (reply.status, reply.json())
    };
    let about = format!("file_name=a.pdf&file_length={}&file_type=application/pdf", PDF.len());
    for wrong in [
        about.replace("file_name=a.pdf", ""),
        about.replace("application/pdf", "text/plain"),
        about.replace(&format!("={}&", PDF.len()), "=0&"),
    ] {
        let (status, answer) = call("POST", &format!("/v25.0/app/uploads?{wrong}"), "Bearer", None, "").await;
        assert_eq!((status, &answer["error"]["code"]), (400, &json!(100)), "{wrong}");
    }
    let app = "634974688087057";
    let (_, begun) = call("POST", &format!("/v25.0/{app}/uploads?{about}"), "Bearer", None, "").await;
    let (_, another) = call("POST", &format!("/v25.0/app/uploads?{about}"), "Bearer", None, "").await;
    assert_ne!(begun["id"], another["id"]);
    let path = format!("/v25.0/{}", begun["id"].as_str().unwrap());
    for (scheme, path, offset, body, code) in [
        ("Bearer", path.as_str(), Some("0"), PDF, 104),
        ("OAuth", path.as_str(), None, PDF, 100),
        ("OAuth", path.as_str(), Some("1"), PDF, 100),
        ("OAuth", path.as_str(), Some("0"), "%PDF-1.7\nan invoice, and more than was said", 100),
        ("OAuth", "/v25.0/upload:MTph?sig=a", Some("0"), PDF, 100),
    ] {
        let (_, answer) = call("POST", path, scheme, offset, body).await;
        assert_eq!(answer["error"]["code"], code, "{scheme} {path} {offset:?} {body}");
    }
    assert_eq!(call("POST", &path, "OAuth", Some("0"), &PDF[..5]).await.1["file_offset"], 5);
    assert_eq!(call("GET", &path, "OAuth", None, "").await.1, json!({"id": begun["id"], "file_offset": 5}));
    let (status, answer) = call("POST", &path, "OAuth", Some("5"), &PDF[5..]).await;
    assert!(status == 200 && answer["h"].as_str().unwrap().starts_with("4:YS5wZGY="), "{answer}");
    assert_eq!(call("GET", &path, "OAuth", None, "").await.1["file_offset"], PDF.len());
    assert_eq!(call("POST", &path, "OAuth", Some("0"), PDF).await.0, 400);
    let other = format!("/v25.0/{}", another["id"].as_str().unwrap());
    let no_pdf = "x".repeat(PDF.len());
    assert_eq!(call("POST", &other, "OAuth", Some("0"), &no_pdf).await.0, 400);
}
