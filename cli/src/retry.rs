//! A command of one call says that it tries again: it would be silent for seconds otherwise. A bulk has its bar.

use std::io::Write as _;
use std::time::Duration;

use wacloud::{Event, Level, Observer};

/// Tells it on standard error.
pub(crate) struct ToldOnStderr;

impl Observer for ToldOnStderr {
    fn wants(&self, level: Level) -> bool {
        level >= Level::Info
    }

    fn observe(&self, event: &Event) {
        if let Some(line) = line(event) {
            // Where nobody reads that, the end of the call still tells all.
            let _ = writeln!(std::io::stderr(), "wacloud: {line}");
        }
    }
}

fn line(event: &Event) -> Option<String> {
    let Event::Retry { reason, cause, pause_ms, .. } = event else { return None };
    let pause = Duration::from_millis(*pause_ms).as_secs_f64();
    Some(format!("{}; trying again in {pause:.1} s", cause.as_deref().unwrap_or(reason)))
}

#[cfg(test)]
mod tests {
    use wacloud::client::EventCall;

    use super::*;

    #[test]
    fn only_another_attempt_is_told() {
        let call = EventCall { operation: "send_text", tracker: None, to: None };
        let retry = Event::Retry {
            call: call.clone(),
            attempt: 1,
            reason: "connection",
            cause: Some("no connection to http://127.0.0.1:1".into()),
            pause_ms: 1_249,
            may_be_twice: false,
        };
        assert_eq!(line(&retry).as_deref(), Some("no connection to http://127.0.0.1:1; trying again in 1.2 s"));
        assert_eq!(line(&Event::Wait { call, waited_ms: 2, bulk: false }), None);
    }
}
