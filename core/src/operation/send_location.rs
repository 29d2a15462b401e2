//! `send_location`.

use serde::Deserialize;
use serde_json::Number;

use super::MessageOperation;
use crate::message::{Content, Invalid, Location, Message, Recipient, Tracker};

/// Sends a place on the map.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[cfg_attr(feature = "manifest", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct SendLocation {
    /// Who it goes to: a phone number with `+` and country code, a business-scoped user id or a group.
    pub to: Recipient,
    /// Degrees north: -90 to 90.
    pub latitude: f64,
    /// Degrees east: -180 to 180.
    pub longitude: f64,
    /// What the place is called.
    pub name: Option<String>,
    /// Where it is, in words.
    pub address: Option<String>,
    /// The id (`wamid.…`) of the message that this one answers: it is shown quoted.
    pub reply_to: Option<String>,
    /// Text of up to 512 characters that every status webhook of this message carries back; made up unless given, left out
    /// when `false`.
    pub tracker: Option<Tracker>,
}

builder!(SendLocation {
    to: Recipient, latitude: f64, longitude: f64;
    name: String, address: String, reply_to: String, tracker: Tracker,
});

impl MessageOperation for SendLocation {
    const NAME: &'static str = "send_location";
    const CONSTRUCTOR: &'static str = "location";
    const PATHS: &'static [(&'static str, &'static str)] = &[
        ("latitude", "location.latitude"),
        ("longitude", "location.longitude"),
        ("name", "location.name"),
        ("address", "location.address"),
    ];

    fn message(self) -> Result<Message, Invalid> {
        // JSON has no number that is not finite; one from Rust becomes 200 degrees, which the check refuses.
        let degrees = |degrees| Number::from_f64(degrees).unwrap_or_else(|| 200.into());
        let (latitude, longitude) = (degrees(self.latitude), degrees(self.longitude));
        let location = Location { latitude, longitude, name: self.name, address: self.address };
        Ok(Message::new(self.to, Content::Location(location)).with(self.reply_to, self.tracker))
    }
}
