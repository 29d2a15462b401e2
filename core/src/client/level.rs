//! What Meta allows a number: `rate="auto"`.

use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;

use serde::Deserialize;
use tokio::sync::Mutex;
use tokio::time::Instant;

use super::operation::{Context, Operation, Request};
use super::pacing::{Rate, STANDARD};
use super::send::{self, How};
use super::{CallOptions, Client};
use crate::graph::{Object, PhoneNumber};
use crate::message::Invalid;
use crate::outcome::Effect;
use crate::pace::Limits;

/// Meta's page "Throughput": what upgraded numbers may send.
const HIGH: u32 = 1_000;
/// Messages wait for the answer; without one they go as those of a new number.
const TIMEOUT_MS: u64 = 10_000;
const NOT_AGAIN_FOR: Duration = Duration::from_secs(60);

/// What is known of the level.
#[derive(Default)]
pub(super) struct KnownLevel {
    /// Messages a second; 0 for not known.
    known: AtomicU32,
    /// Held by whoever asks; when it did in vain, until when nobody does again.
    asking: Mutex<Option<Instant>>,
}

impl Client {
    /// The limits, as far as they are known.
    pub(crate) fn limits(&self) -> Limits {
        let known = self.inner.level.known.load(Ordering::Relaxed);
        self.settings().pacing.limits((known > 0).then_some(known))
    }

    /// The limits, asked for if need be.
    pub(super) async fn ask_limits(&self) -> Limits {
        if self.settings().pacing.rate == Rate::Auto {
            let level = match self.pacer().level().await {
                Some(level) => level,
                // The question goes through the loop that messages wait in: a future cannot hold itself.
                None => Box::pin(self.ask_level()).await,
            };
            self.inner.level.known.store(level, Ordering::Relaxed);
        }
        self.limits()
    }

    async fn ask_level(&self) -> u32 {
        let mut not_before = self.inner.level.asking.lock().await;
        // Somebody else may have asked meanwhile.
        if let Some(level) = self.pacer().level().await {
            return level;
        }
        if not_before.is_some_and(|at| at > Instant::now()) {
            return STANDARD as u32;
        }
        let options = CallOptions { timeout_ms: Some(TIMEOUT_MS), ..CallOptions::default() };
        match send::run(self, GetThroughput {}, How { options, ..How::default() }).await {
            Ok(answer) => {
                let throughput = answer.throughput.unwrap_or_default();
                let level = if throughput.level == "HIGH" { HIGH } else { STANDARD as u32 };
                self.pacer().set_level(level).await;
                level
            }
            Err(error) => {
                *not_before = Some(Instant::now() + NOT_AGAIN_FOR);
                self.warn(format!(
                    "what Meta allows the number could not be learned, so it sends as a new one, {STANDARD} a second: {error}"
                ));
                STANDARD as u32
            }
        }
    }
}

/// `GET /{phone-number-id}?fields=throughput`.
#[derive(Deserialize)]
struct GetThroughput {}

impl Operation for GetThroughput {
    const NAME: &'static str = "throughput";
    const EFFECT: Effect = Effect::Read;
    const EXAMPLE: &'static str = "{}";
    type Output = PhoneNumber;

    fn request(self, cx: &Context<'_>) -> Result<Request, Invalid> {
        Ok(Request::get(Object::new(cx.phone_number_id).with("fields", Some("throughput"))))
    }
}
