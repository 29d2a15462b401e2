//! What a client costs that has sent nothing. Alone in its program, because it counts the program's threads.
#![cfg(target_os = "linux")]
#![allow(clippy::unwrap_used, missing_docs, reason = "tests")]

use wacloud::{Client, Settings};

/// Threads and open files.
fn running() -> [usize; 2] {
    ["task", "fd"].map(|what| std::fs::read_dir(format!("/proc/self/{what}")).unwrap().count())
}

#[test]
fn making_a_client_starts_no_thread_and_opens_nothing() {
    let before = running();
    let client = Client::with_settings(Settings::new("106540352242922", "token")).unwrap();
    let other = client.with_options(|settings| settings.rate = Some(20.0.into())).unwrap();
    assert_eq!(running(), before);
    drop((client, other));
}
