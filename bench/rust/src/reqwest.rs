//! Bare reqwest: one client, a window of 32 requests.

use std::ops::Range;

use futures_util::{StreamExt, TryStreamExt, stream};
use reqwest::header::{AUTHORIZATION, CONTENT_TYPE};
use wacloud_bench::{IN_FLIGHT, Result, TOKEN, Task, body, id};

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<()> {
    let task = Task::from_env()?;
    // reqwest wants to know about TLS even where there is none.
    let _ = rustls::crypto::ring::default_provider().install_default();
    let http = reqwest::Client::builder().tls_certs_only([]).no_proxy().http1_only().build()?;
    let url = format!("{}{}", task.url, task.path());
    task.measure(async |numbers: Range<u32>| {
        let sent = stream::iter(numbers).map(|n| send(&http, &url, n)).buffer_unordered(IN_FLIGHT);
        sent.try_for_each(async |()| Ok(())).await
    })
    .await
}

async fn send(http: &reqwest::Client, url: &str, n: u32) -> Result<()> {
    let request = http
        .post(url)
        .header(AUTHORIZATION, format!("Bearer {TOKEN}"))
        .header(CONTENT_TYPE, "application/json")
        .body(body(n)?);
    let answer = request.send().await?.error_for_status()?;
    id(&answer.bytes().await?).map(drop)
}
