//! Local questions to a client: what is answered at once, without a request and without a runtime. A new one is a line
//! here, and no symbol in any native module.

use std::fmt::Write as _;

use serde::Deserialize;
use wacloud::{Client, Error};

use crate::envelope;

/// What a host asks, as `{"what": "stats"}`.
#[derive(Deserialize)]
#[serde(tag = "what", rename_all = "snake_case")]
pub(crate) enum Question {
    /// What the client has done so far.
    Stats,
    /// What is going on with the pace of its number.
    Pace,
    /// Warnings about its settings that nobody has been told of, as log events; afterwards there are none.
    Warnings,
    /// What copies of the client name in their settings as `copy_of`, to count together with it.
    Family,
}

impl Question {
    pub(crate) fn read(json: &str) -> Result<Self, Error> {
        serde_json::from_str(json).map_err(|error| Error::Config { setting: "what".into(), message: error.to_string() })
    }

    /// The answer, as an envelope.
    pub(crate) fn answer(&self, client: &Client, family: u64) -> String {
        match self {
            // Numbers by name can always be written.
            Question::Stats => envelope::ok(&serde_json::to_string(&client.stats()).unwrap_or_default()),
            Question::Pace => envelope::ok(&serde_json::to_string(&client.pace()).unwrap_or_default()),
            Question::Warnings => {
                let mut events = String::new();
                for event in client.take_warnings() {
                    let comma = if events.is_empty() { "" } else { "," };
                    let _ = write!(events, "{comma}{}", event.to_json());
                }
                envelope::ok(&format!("[{events}]"))
            }
            Question::Family => envelope::ok(&family.to_string()),
        }
    }
}
