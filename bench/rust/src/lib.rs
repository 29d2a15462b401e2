//! What the Rust contenders of `bench/clients.py` have in common: what they send, and how they are measured.

use std::error::Error;
use std::io::Write;
use std::ops::Range;
use std::time::Instant;

use nix::sys::resource::{Usage, UsageWho, getrusage};
use nix::sys::time::TimeValLike;
use serde::Serialize;

/// Whatever goes wrong ends the measurement.
pub type Result<T> = std::result::Result<T, Box<dyn Error + Send + Sync>>;

/// What every message says.
pub const TEXT: &str = "The shop opens at nine";

/// The number that they are sent from.
pub const PHONE_NUMBER_ID: &str = "106540352242922";

/// What stands for a token: as long as real ones are.
pub const TOKEN: &str =
    "EAAGbenchbenchbenchbenchbenchbenchbenchbenchbenchbenchbenchbenchbenchbenchbenchbenchbenchbench";

/// How many requests are under way at once.
pub const IN_FLIGHT: usize = 32;

/// Who message `n` goes to.
pub fn recipient(n: u32) -> String {
    format!("+1212{n:07}")
}

/// The request body of message `n`, as every client without help of its own sends it.
///
/// # Errors
/// None that happens.
pub fn body(n: u32) -> Result<Vec<u8>> {
    #[derive(Serialize)]
    struct Body<'a> {
        messaging_product: &'a str,
        to: &'a str,
        r#type: &'a str,
        text: Text<'a>,
    }
    #[derive(Serialize)]
    struct Text<'a> {
        body: &'a str,
    }
    let to = recipient(n);
    let text = Text { body: TEXT };
    Ok(serde_json::to_vec(&Body { messaging_product: "whatsapp", to: &to, r#type: "text", text })?)
}

/// The id in an answer.
///
/// # Errors
/// There is none.
pub fn id(answer: &[u8]) -> Result<String> {
    #[derive(serde::Deserialize)]
    struct Answer {
        messages: Vec<Message>,
    }
    #[derive(serde::Deserialize)]
    struct Message {
        id: String,
    }
    let answer: Answer = serde_json::from_slice(answer)?;
    Ok(answer.messages.into_iter().next().ok_or("no message in the answer")?.id)
}

/// What to send, and where, as `bench/clients.py` says it.
#[derive(Debug)]
pub struct Task {
    /// Where the server is: `http://127.0.0.1:1234`.
    pub url: String,
    warm_up: u32,
    messages: u32,
}

impl Task {
    /// From the environment.
    ///
    /// # Errors
    /// A variable is missing or no number.
    pub fn from_env() -> Result<Self> {
        let variable = |name| std::env::var(name).map_err(|_| format!("{name} is not set"));
        Ok(Task {
            url: variable("BENCH_URL")?,
            warm_up: variable("BENCH_WARM_UP")?.parse()?,
            messages: variable("BENCH_MESSAGES")?.parse()?,
        })
    }

    /// The path that messages are sent to.
    pub fn path(&self) -> String {
        format!("/v25.0/{PHONE_NUMBER_ID}/messages")
    }

    /// Sends the warm-up, then what is measured, and prints what the latter cost this process.
    ///
    /// # Errors
    /// What `send` fails with.
    pub async fn measure(&self, mut send: impl AsyncFnMut(Range<u32>) -> Result<()>) -> Result<()> {
        send(0..self.warm_up).await?;
        let (before, began) = (getrusage(UsageWho::RUSAGE_SELF)?, Instant::now());
        send(self.warm_up..self.warm_up + self.messages).await?;
        let (seconds, after) = (began.elapsed().as_secs_f64(), getrusage(UsageWho::RUSAGE_SELF)?);
        let cpu_us = microseconds(&after) - microseconds(&before);
        writeln!(std::io::stdout(), r#"{{"cpu_us":{cpu_us},"seconds":{seconds}}}"#)?;
        Ok(())
    }
}

fn microseconds(usage: &Usage) -> i64 {
    (usage.user_time() + usage.system_time()).num_microseconds()
}
