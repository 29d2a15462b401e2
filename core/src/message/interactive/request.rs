//! Messages that ask for one thing with a button of its own: a place, a phone number, a call.

use serde::{Deserialize, Serialize};

use super::{Action, FrameRules};
use crate::message::limits;
use crate::message::tagged::words;
use crate::message::violation::{Checker, Rule};

/// Actions that are nothing but a name.
macro_rules! asks {
    ($($(#[$docs:meta])* $name:ident($word:ident), $frame:expr;)*) => {$(
        $(#[$docs])*
        #[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
        #[serde(deny_unknown_fields)]
        pub struct $name {
            /// The name of this action.
            pub name: $word,
        }

        impl Action for $name {
            const FRAME: FrameRules = $frame;

            fn check(&self, _: &mut Checker) {}
        }
    )*};
}

words! {
    /// The name of the action that asks for a place.
    LocationWord = "send_location";
    /// The name of the action that asks for a phone number.
    ContactInfoWord = "request_contact_info";
    /// The name of the action that asks for permission to call.
    CallPermissionWord = "call_permission_request";
    /// The name of the action that calls.
    VoiceCallWord = "voice_call";
}

asks! {
    /// Asks where somebody is.
    LocationRequest(LocationWord), FrameRules::BODY;
    /// Asks somebody who is known by a business-scoped user id for their phone number.
    ContactInfoRequest(ContactInfoWord), FrameRules::BODY;
    /// Asks for permission to call. The OpenAPI document knows header and footer, Meta's page only the body.
    CallPermissionRequest(CallPermissionWord), FrameRules { body_is_required: false, ..FrameRules::ALL };
}

/// A button that calls the business.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct VoiceCall {
    /// Always `voice_call`.
    pub name: VoiceCallWord,
    /// How it looks and how long it works.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub parameters: Option<VoiceCallParameters>,
}

/// How a button that calls looks and how long it works ("Send WhatsApp Call Button Messages and Deep Links").
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct VoiceCallParameters {
    /// What the button says: 1 to 20 characters; `Call Now` unless given.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub display_text: Option<String>,
    /// For how many minutes it works: 1 to 43,200 (30 days); 10,080 (7 days) unless given.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub ttl_minutes: Option<u32>,
    /// What the webhook of the call carries: up to 512 characters.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub payload: Option<String>,
}

impl Action for VoiceCall {
    const FRAME: FrameRules = FrameRules::ALL;

    fn check(&self, checker: &mut Checker) {
        let Some(parameters) = &self.parameters else { return };
        checker.member("parameters", |checker| {
            checker.optional_text("display_text", parameters.display_text.as_ref(), 1, limits::BUTTON_TITLE);
            check_ttl(parameters.ttl_minutes, checker);
            checker.optional_text("payload", parameters.payload.as_ref(), 1, limits::CALL_PAYLOAD);
        });
    }
}

/// For how many minutes a button that calls works.
pub(crate) fn check_ttl(minutes: Option<u32>, checker: &mut Checker) {
    if let Some(minutes) = minutes.filter(|minutes| !(1..=limits::CALL_TTL_MINUTES).contains(minutes)) {
        let message = format!("must be 1 to {} minutes, got {minutes}", limits::CALL_TTL_MINUTES);
        checker.refuse_at("ttl_minutes", Rule::Format, message);
    }
}
