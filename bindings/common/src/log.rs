//! What the host's logger is told. Core's events wait in the mailbox of the call or bulk that they are about, and come out
//! with whatever is fetched next, so that the host's function runs on the host's thread.

use std::sync::Arc;

use serde_json::{Map, Value};
use wacloud::{Error, Event, Level, Observer};

use crate::envelope;
use crate::mailbox::{Content, Mailbox};

/// The option by which a host asks for events: the least level that it wants to be told.
pub(crate) const OPTION: &str = "log";

/// How many events wait for a host that fetches nothing. A bulk may go on for hours meanwhile.
const MOST: usize = 10_000;

/// The level that the host asks for, if it does.
pub(crate) fn level(own: &mut Map<String, Value>) -> Result<Option<Level>, Error> {
    let wanted = own.remove(OPTION).unwrap_or_default();
    serde_json::from_value(wanted)
        .map_err(|_| Error::Config { setting: OPTION.into(), message: "must be debug, info or warning".into() })
}

/// Tells whoever waits at this mailbox.
pub(crate) struct HostLog<C> {
    pub(crate) mailbox: Arc<Mailbox<C>>,
    pub(crate) least: Level,
}

impl<C: Content + Send + 'static> Observer for HostLog<C> {
    fn wants(&self, level: Level) -> bool {
        level >= self.least
    }

    fn observe(&self, event: &Event) {
        self.mailbox.log(event);
    }
}

/// Events that are not fetched yet.
#[derive(Default)]
pub(crate) struct Log {
    events: Vec<String>,
    /// How many came when there was no more room.
    lost: usize,
}

impl Log {
    pub(crate) fn is_empty(&self) -> bool {
        self.events.is_empty()
    }

    pub(crate) fn add(&mut self, event: &Event) {
        if self.events.len() < MOST {
            self.events.push(event.to_json());
        } else {
            self.lost += 1;
        }
    }

    /// The envelope with these events.
    pub(crate) fn with(mut self, envelope: String) -> String {
        if self.lost > 0 {
            let message = format!("{} events were not logged: nobody fetched them in time", self.lost);
            self.events.push(Event::Warning { subject: "log", message }.to_json());
        }
        if self.is_empty() { envelope } else { envelope::with_log(&envelope, &self.events) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn event() -> Event {
        Event::Warning { subject: "test", message: "mind the step".into() }
    }

    #[test]
    fn events_come_before_what_they_come_with() {
        let with = |count: usize, envelope: &str| {
            let mut log = Log::default();
            (0..count).for_each(|_| log.add(&event()));
            serde_json::from_str::<Value>(&log.with(envelope.into())).unwrap()
        };
        assert_eq!(with(0, r#"{"ok":1}"#), serde_json::json!({"ok": 1}));
        let told = with(2, r#"{"ok":1}"#);
        assert_eq!((&told["ok"], told["log"].as_array().unwrap().len()), (&1.into(), 2));
        assert_eq!(
            told["log"][0],
            serde_json::json!({"level": "warning", "message": "mind the step",
                                                      "fields": {"kind": "warning", "subject": "test"}})
        );
        assert_eq!(with(1, "{}").as_object().unwrap().len(), 1);
    }

    #[test]
    fn what_nobody_fetches_does_not_fill_the_memory() {
        let mut log = Log::default();
        (0..MOST + 7).for_each(|_| log.add(&event()));
        let told: Value = serde_json::from_str(&log.with("{}".into())).unwrap();
        let events = told["log"].as_array().unwrap();
        assert_eq!(events.len(), MOST + 1);
        assert!(events[MOST]["message"].as_str().unwrap().starts_with("7 events were not logged"));
    }

    #[test]
    fn a_level_has_a_name() {
        let read = |text: &str| level(&mut serde_json::from_str(text).unwrap());
        assert_eq!(read("{}").unwrap(), None);
        assert_eq!(read(r#"{"log":"warning"}"#).unwrap(), Some(Level::Warning));
        assert!(read(r#"{"log":"loud"}"#).unwrap_err().to_json().contains("must be debug, info or warning"));
    }
}
