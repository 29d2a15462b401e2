//! What the suites share.
#![allow(dead_code, reason = "each suite uses a part of it")]

pub(crate) mod campaign;
pub(crate) mod document;
pub(crate) mod failing;
pub(crate) mod http2;
pub(crate) mod matrix;
pub(crate) mod redis;
pub(crate) mod schema;
pub(crate) mod sequence;
pub(crate) mod site;
pub(crate) mod tls;
pub(crate) mod vector;
pub(crate) mod wire;

use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use wacloud::client::PaceStore;
use wacloud::{Client, Settings, Shared};
use wacloud_sandbox::{DEFAULT_PHONE_NUMBER_ID, DEFAULT_TOKEN, Sandbox};

/// Somebody to write to.
pub(crate) const TO: &str = "+15550001234";

/// Writes a line past the test harness, which swallows what `println` says of a test that passes.
pub(crate) fn say(line: &str) {
    let _ = writeln!(std::io::stdout(), "{line}");
}

/// A file or folder of reference material that lies beside the checkout, where there is one; says so where there is none.
pub(crate) fn beside(path: &str) -> Option<PathBuf> {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../shared").join(path);
    if !path.exists() {
        say(&format!("skipped: {} does not lie beside this checkout", path.display()));
        return None;
    }
    Some(path)
}

/// A sandbox without limits of pace.
pub(crate) async fn sandbox() -> Sandbox {
    let settings = wacloud_sandbox::Settings { rate: 0, pair_rate: false, seed: Some(1), ..Default::default() };
    Sandbox::start(settings).await.unwrap()
}

/// The settings of a client of the API at `url`.
pub(crate) fn settings(url: &str) -> Settings {
    let mut settings = Settings::new(DEFAULT_PHONE_NUMBER_ID, DEFAULT_TOKEN);
    settings.base_url = Some(url.to_owned());
    // Ports come again, and with them what an earlier test has left with the host.
    settings.pace = Some(PaceStore::Process);
    // Most suites write to one person.
    settings.pair_rate = Some(0.0);
    settings
}

/// A client of the API at `url`, with a pace and connections of its own.
pub(crate) fn client(url: &str, change: impl FnOnce(&mut Settings)) -> Client {
    let mut settings = settings(url);
    change(&mut settings);
    Client::with_shared(settings, &Shared::new()).unwrap()
}

/// Waits until something is so. It fails after half a minute, which nothing here takes.
pub(crate) async fn until(what: &str, mut is_so: impl FnMut() -> bool) {
    let begun = Instant::now();
    while !is_so() {
        assert!(begun.elapsed() < Duration::from_secs(30), "still not so: {what}");
        tokio::time::sleep(Duration::from_millis(2)).await;
    }
}
