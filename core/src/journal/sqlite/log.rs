//! What a row of the log says: which messages may leave, and how others ended, in the order in which that happened. JSON, so
//! that people can read it, too: `{"leaves":[…]}` with the values of an [`Intended`] in their order, `{"ended":[…]}` with
//! those of an [`Ended`]. Names for each of them would make it an eighth longer, and each is written for itself.

use std::borrow::Cow;
use std::sync::atomic::AtomicBool;

use serde::{Deserialize, Serialize, Serializer};

use crate::journal::kept::{number, outcome, tracker_of, tracker_text};
use crate::journal::record::{Ending, Entry, Told};
use crate::journal::tracker::Name;

/// Something that happened to a message.
#[derive(Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum Step<'a> {
    /// It may leave from now on.
    Leaves(Intended<'a>),
    /// It ended, or an attempt came to nothing.
    Ended(Ended<'a>),
}

/// A message, as whoever finds it in the log has to know it.
#[derive(Debug, Clone, Deserialize)]
pub(super) struct Intended<'a> {
    pub(super) id: u64,
    pub(super) nonce: u64,
    pub(super) key: Cow<'a, str>,
    pub(super) index: u64,
    pub(super) to: Cow<'a, str>,
    pub(super) tracker: Option<Cow<'a, str>>,
    pub(super) body: Option<Cow<'a, str>>,
}

impl Serialize for Intended<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let Intended { id, nonce, key, index, to, tracker, body } = self;
        (id, nonce, key, index, to, tracker, body).serialize(serializer)
    }
}

impl<'a> From<&'a Entry> for Intended<'a> {
    fn from(entry: &'a Entry) -> Self {
        Intended {
            id: entry.name.id,
            nonce: entry.name.nonce,
            key: Cow::Borrowed(&entry.key),
            index: entry.index,
            to: Cow::Borrowed(&entry.recipient),
            tracker: tracker_text(&entry.tracker).map(Cow::Borrowed),
            body: entry.body.as_deref().map(Cow::Borrowed),
        }
    }
}

impl Intended<'_> {
    pub(super) fn entry(self) -> Entry {
        Entry {
            name: Name { id: self.id, nonce: self.nonce },
            key: self.key.into_owned(),
            index: self.index,
            recipient: self.to.into_owned(),
            tracker: tracker_of(self.tracker.map(Cow::into_owned)),
            body: self.body.map(Cow::into_owned),
            may_have_left: AtomicBool::default(),
        }
    }
}

/// How a message ended.
#[derive(Debug, Deserialize)]
pub(super) struct Ended<'a> {
    pub(super) id: u64,
    outcome: i64,
    at_ms: u64,
    wamid: Option<Cow<'a, str>>,
    code: Option<i64>,
    reason: Option<Cow<'a, str>>,
    told: Option<Told<'a>>,
    /// Of one that the log does not say of that it leaves.
    pub(super) message: Option<Intended<'a>>,
}

impl Serialize for Ended<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let Ended { id, outcome, at_ms, wamid, code, reason, told, message } = self;
        (id, outcome, at_ms, wamid, code, reason, told, message).serialize(serializer)
    }
}

impl<'a> Ended<'a> {
    /// The ending of a message; who did not leave, as far as the log knows, stands there with it.
    pub(super) fn new(entry: &'a Entry, ending: &'a Ending<'_>, has_left: bool) -> Self {
        Ended {
            id: entry.name.id,
            outcome: number(ending.outcome),
            at_ms: ending.at_ms,
            wamid: ending.wamid.as_deref().map(Cow::Borrowed),
            code: ending.code,
            reason: ending.reason.as_deref().map(Cow::Borrowed),
            // Mostly it is borrowed.
            told: ending.told.clone(),
            message: (!has_left).then(|| Intended::from(entry)),
        }
    }

    pub(super) fn ending(self) -> Ending<'static> {
        Ending {
            outcome: outcome(self.outcome),
            at_ms: self.at_ms,
            wamid: owned(self.wamid),
            code: self.code,
            reason: owned(self.reason),
            told: self.told.and_then(Told::into_owned),
        }
    }
}

fn owned(text: Option<Cow<'_, str>>) -> Option<Cow<'static, str>> {
    text.map(|text| Cow::Owned(text.into_owned()))
}

/// The steps of a row. One that cannot be read must not look like one without messages: they may have left.
pub(super) fn steps(text: &str) -> rusqlite::Result<Vec<Step<'static>>> {
    serde_json::from_str(text)
        .map_err(|error| rusqlite::Error::FromSqlConversionFailure(0, rusqlite::types::Type::Text, Box::new(error)))
}

/// The text of a row.
pub(super) fn text(steps: &[Step<'_>]) -> rusqlite::Result<String> {
    serde_json::to_string(steps).map_err(|error| rusqlite::Error::ToSqlConversionFailure(Box::new(error)))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::client::SentMessage;

    fn entry() -> Entry {
        Entry {
            name: Name { id: 3, nonce: 7 },
            key: "order \"7\"".to_owned(),
            index: 2,
            recipient: "+15550001234".to_owned(),
            tracker: tracker_of(None),
            body: None,
            may_have_left: false.into(),
        }
    }

    fn sent() -> SentMessage {
        serde_json::from_value(serde_json::json!({
            "id": "wamid.A", "to": "+15550001234", "wa_id": "15550001234", "tracker": "t",
            "meta": {"attempts": 1, "elapsed_ms": 5}, "extra": {"new": [1]},
        }))
        .unwrap()
    }

    #[test]
    fn a_row_has_values_in_their_order() {
        let (entry, result) = (entry(), Ok(sent()));
        let ending = Ending::of(&result, 9);
        let rows = [Step::Leaves(Intended::from(&entry)), Step::Ended(Ended::new(&entry, &ending, true))];
        let told = r#"{"wa_id":"15550001234","meta":{"attempts":1,"elapsed_ms":5},"extra":{"new":[1]}}"#;
        let leaves = r#"{"leaves":[3,7,"order \"7\"",2,"+15550001234",null,null]}"#;
        let ended = format!(r#"{{"ended":[3,3,9,"wamid.A",null,null,{told},null]}}"#);
        assert_eq!(text(&rows).unwrap(), format!("[{leaves},{ended}]"));
    }

    #[test]
    fn what_was_written_is_read_again() {
        let (entry, accepted) = (entry(), Ok(sent()));
        for (ending, has_left) in [(Ending::of(&accepted, 9), true), (Ending::repeated(5), false)] {
            let text = text(&[Step::Ended(Ended::new(&entry, &ending, has_left))]).unwrap();
            let Some(Step::Ended(mut read)) = steps(&text).unwrap().pop() else { panic!("{text}") };
            assert_eq!(read.message.take().map(|message| message.entry().key), (!has_left).then(|| entry.key.clone()));
            let read = read.ending();
            assert_eq!((read.outcome, read.at_ms, &read.wamid), (ending.outcome, ending.at_ms, &ending.wamid));
            let told = |ending: &Ending<'_>| ending.told.as_ref().and_then(Told::text).map(Cow::into_owned);
            assert_eq!(told(&read), told(&ending), "{text}");
        }
    }
}
