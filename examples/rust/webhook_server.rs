//! A webhook server that answers everybody who writes.
//!
//! ```text
//! cargo run -p wacloud-examples --example webhook_server -- 8080
//! ```
//!
//! It takes `WA_PHONE_ID`, `WA_TOKEN`, `WA_APP_SECRET` and `WA_VERIFY_TOKEN` from the environment, and remembers in `INBOX`
//! (`inbox.db` unless set) what it has worked on.
//!
//! Events are worked on before Meta gets its 200. What could not be sent is forgotten and answered with a 500, so Meta
//! delivers it again; everything else in that delivery is known by then.

use std::env;
use std::sync::Arc;

use http_body_util::{BodyExt, Full};
use hyper::body::{Bytes, Incoming};
use hyper::service::service_fn;
use hyper::{Method, Request, Response, StatusCode};
use hyper_util::rt::TokioIo;
use tokio::net::TcpListener;
use wacloud::inbox::Dedup;
use wacloud::webhook::{self, WebhookEvent, WebhookKind};
use wacloud::{Client, Error, Message};

type Failure = Box<dyn std::error::Error + Send + Sync>;

struct Bot {
    wa: Client,
    dedup: Dedup,
    app_secret: String,
    verify_token: String,
}

impl Bot {
    async fn work(&self, event: &WebhookEvent) -> Result<(), Error> {
        if event.kind == WebhookKind::Message && !event.standby {
            self.wa.mark_read(event).await?;
            match event.r#type.as_str() {
                "text" => {
                    let text = format!("You wrote: {}", event.text.as_deref().unwrap_or_default());
                    self.wa.reply(event, Message::text(event, text)).await?;
                }
                "reaction" => {}
                _ => _ = self.wa.react(event, "👍").await?,
            }
        } else if event.status.as_deref() == Some("failed") {
            println!("{:?} {:?}", event.id, event.errors);
        }
        Ok(())
    }

    async fn receive(&self, body: &[u8], signature: Option<&str>) -> Result<StatusCode, Error> {
        webhook::verify(&[&self.app_secret], body, signature)?;
        let mut status = StatusCode::OK;
        for event in self.dedup.fresh(webhook::parse(body)?).await? {
            if let Err(error) = self.work(&event).await {
                eprintln!("{error}");
                if matches!(error, Error::NotSent(_)) {
                    self.dedup.forget(&[event]).await?;
                    status = StatusCode::INTERNAL_SERVER_ERROR;
                }
            }
        }
        Ok(status)
    }

    async fn answer(&self, request: Request<Incoming>) -> Result<Response<Full<Bytes>>, Failure> {
        let (head, body) = request.into_parts();
        let answered = if head.method == Method::GET {
            webhook::challenge(head.uri.query().unwrap_or_default(), &self.verify_token)
                .map(|challenge| (StatusCode::OK, challenge))
        } else {
            let signature = head.headers.get("x-hub-signature-256").and_then(|header| header.to_str().ok());
            let body = body.collect().await?.to_bytes();
            self.receive(&body, signature).await.map(|status| (status, String::new()))
        };
        let (status, text) = answered.unwrap_or_else(|error| match error {
            Error::WebhookSignature { .. } => (StatusCode::FORBIDDEN, error.to_string()),
            error => (StatusCode::INTERNAL_SERVER_ERROR, error.to_string()),
        });
        Ok(Response::builder().status(status).body(Full::from(text))?)
    }
}

#[tokio::main]
async fn main() -> Result<(), Failure> {
    let bot = Arc::new(Bot {
        wa: Client::from_env()?,
        dedup: Dedup::open(&env::var("INBOX").unwrap_or_else(|_| "inbox.db".to_owned()))?,
        app_secret: env::var("WA_APP_SECRET")?,
        verify_token: env::var("WA_VERIFY_TOKEN")?,
    });
    let port: u16 = env::args().nth(1).unwrap_or_default().parse()?;
    let listener = TcpListener::bind(("127.0.0.1", port)).await?;
    println!("http://{}/", listener.local_addr()?);
    loop {
        let (stream, _) = listener.accept().await?;
        let bot = bot.clone();
        tokio::spawn(async move {
            let service = service_fn(|request| bot.answer(request));
            // A connection that ends in the middle is delivered again.
            let _ = hyper::server::conn::http1::Builder::new().serve_connection(TokioIo::new(stream), service).await;
        });
    }
}
