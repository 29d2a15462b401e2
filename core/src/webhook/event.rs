//! The one event that everything becomes.

use std::fmt;

use serde::{Serialize, Serializer};
use serde_json::{Map, Value};

use super::account::{WebhookAccount, WebhookFlow, WebhookTemplate};
use super::call::{WebhookCall, WebhookPermission};
use super::content::{WebhookButton, WebhookLocation, WebhookOrder, WebhookProduct, WebhookReferral};
use super::group::WebhookGroup;
use super::json;
use super::media::WebhookMedia;
use super::people::{WebhookIdentity, WebhookPreference};
use super::read::Member;
use super::status::{WebhookConversation, WebhookPricing};
use super::takeover::{WebhookHandover, WebhookHistory};
use crate::error::{ApiError, Error};

/// What an event is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default, Serialize)]
#[cfg_attr(feature = "manifest", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum WebhookKind {
    /// A person wrote, tapped a button, reacted, edited or deleted; `type` says which.
    Message,
    /// What became of a message of yours.
    Status,
    /// A message of yours that was sent elsewhere: in the WhatsApp Business app, in Meta's inbox, by another app.
    Echo,
    /// A message from before the number came to the Cloud API.
    History,
    /// A voice call.
    Call,
    /// A person stopped or resumed marketing messages.
    Preference,
    /// A person's ids have changed.
    Identity,
    /// The contact book of the WhatsApp Business app has changed.
    Contact,
    /// A comment or mention on Instagram.
    Comment,
    /// A person did something that Meta counts for ads: followed a link, placed an order.
    Action,
    /// Another app has taken over a conversation, or given it back.
    Handover,
    /// A template was approved, refused, paused, rated or changed.
    Template,
    /// The account or a number: limits, name, restrictions, security.
    Account,
    /// A group.
    Group,
    /// A Flow.
    Flow,
    /// An error that belongs to no message.
    Error,
    /// Whatever this version has no name for: all of it is in `raw`.
    #[default]
    Other,
}

/// Where an event comes from.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default, Serialize)]
#[cfg_attr(feature = "manifest", derive(schemars::JsonSchema))]
#[serde(rename_all = "lowercase")]
#[non_exhaustive]
pub enum WebhookChannel {
    /// WhatsApp.
    WhatsApp,
    /// A page's conversations on Messenger.
    Messenger,
    /// A professional account's conversations on Instagram.
    Instagram,
    /// Something else that Meta sends webhooks about.
    #[default]
    Other,
}

/// JSON text as it was received.
#[derive(Clone, PartialEq, Eq, Default)]
pub struct Raw(Box<str>);

impl Raw {
    pub(super) fn new(text: &str) -> Self {
        Raw(text.into())
    }

    /// The text.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// What it says.
    pub fn to_value(&self) -> Value {
        json::read(&self.0).map_or(Value::Null, |document| document.root.to_value())
    }
}

impl fmt::Debug for Raw {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl Serialize for Raw {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        self.to_value().serialize(serializer)
    }
}

/// [`WebhookEvent`]: what is absent, empty or `false` is left out where it is written, which is read for each event again.
macro_rules! event {
    ($(#[$meta:meta])* $name:ident { $($(#[$member:meta])* $field:ident: $ty:ty $(as $write:ident)?,)* }) => {
        $(#[$meta])*
        pub struct $name {
            $($(#[$member])* #[serde(skip_serializing_if = "Left::is_out")] pub $field: $ty,)*
        }

        impl $name {
            /// Adds the names of the members that are there, with a space after each, to the first text, and what they
            /// hold, with a comma after each, to the second one.
            pub(super) fn write(&self, names: &mut Vec<u8>, values: &mut Vec<u8>) -> serde_json::Result<()> {
                $(if !self.$field.is_out() {
                    let name = stringify!($field);
                    names.extend_from_slice(name.strip_prefix("r#").unwrap_or(name).as_bytes());
                    names.push(b' ');
                    event!(@write &self.$field, &mut serde_json::Serializer::new(&mut *values) $(, $write)?)?;
                    values.push(b',');
                })*
                Ok(())
            }
        }
    };
    (@write $value:expr, $to:expr) => { $value.serialize($to) };
    (@write $value:expr, $to:expr, $write:ident) => { $write($value, $to) };
}

event! {
    /// Something that Meta told by webhook: one message, status, call or change, whatever the batch was that it came in.
    ///
    /// What is not known or does not apply is absent. Ids are text, times are seconds since 1970. Enumerations of Meta's
    /// are text too and can have values that are new; `raw` has everything as it was received.
    #[derive(Debug, Clone, PartialEq, Default, Serialize)]
    #[cfg_attr(feature = "manifest", derive(schemars::JsonSchema))]
    #[non_exhaustive]
    WebhookEvent {
        /// What it is about: `message`, `status`, `echo`, `template`, …
        kind: WebhookKind,
        /// What it is within its kind. Of messages Meta's type (`text`, `image`, `reaction`, `button_reply`, `edit`,
        /// `revoke`, `postback`, …), of statuses `message` or `payment`, of calls `connect`, `terminate` or `status`, of
        /// templates `status`, `quality`, `components` or `category`, of accounts the field.
        r#type: String,
        /// `whatsapp`, `messenger` or `instagram`.
        channel: WebhookChannel,
        /// What is the same whenever Meta repeats this event, and of no other: what to store to know it again.
        key: String,
        /// The webhook field: `messages`, `message_template_status_update`; of Messenger and Instagram the member that
        /// says what it is: `message`, `postback`.
        field: Option<String>,
        /// Whose event it is: the WhatsApp Business Account, the page or the Instagram account.
        account_id: Option<String>,
        /// The id of your phone number (WhatsApp).
        number_id: Option<String>,
        /// Your phone number as Meta shows it (WhatsApp).
        number: Option<String>,
        /// The id of the message (`wamid.…`, Messenger's and Instagram's `mid`) or call. Of a status the id of the message
        /// that it is about.
        id: Option<String>,
        /// When it happened, in seconds since 1970.
        timestamp: Option<f64>,
        /// Who sent it: a phone number in digits (WhatsApp). Absent where the person hides it.
        sender: Option<String>,
        /// Who sent it: the business-scoped user id (WhatsApp), the page- or Instagram-scoped id.
        sender_user_id: Option<String>,
        /// Of a status or echo: the phone number that it went to, in a group that of the member.
        recipient: Option<String>,
        /// Of a status or echo: the user id that it went to. On Messenger and Instagram of every event.
        recipient_user_id: Option<String>,
        /// The other person, whoever of both wrote: the key of the conversation. The user id, without one the phone number.
        user: Option<String>,
        /// The id of the person's business portfolio-wide parent, where the business has one (WhatsApp).
        parent_user_id: Option<String>,
        /// The person's name, as they set it (WhatsApp).
        name: Option<String>,
        /// The person's user name, without `@`.
        username: Option<String>,
        /// Changes when the person's identity key does, where the check of it is on (WhatsApp).
        identity_key_hash: Option<String>,
        /// The group that it was written in or sent to.
        group_id: Option<String>,
        /// What it says: the text, the caption, the title of the button, the edited text. Of a reaction the emoji, and empty
        /// where the reaction was taken back.
        text: Option<String>,
        /// The files that came with it.
        media: Vec<WebhookMedia>,
        /// The id of the message that it answers, reacts to, edits or deletes.
        reply_to: Option<String>,
        /// Whether it was forwarded.
        forwarded: bool,
        /// The button or row that was chosen.
        button: Option<Box<WebhookButton>>,
        /// A place.
        location: Option<Box<WebhookLocation>>,
        /// Contact cards, as received.
        contacts: Option<Vec<Value>>,
        /// A cart.
        order: Option<Box<WebhookOrder>>,
        /// The product that the message is about.
        product: Option<Box<WebhookProduct>>,
        /// The ad or link that the person came by.
        referral: Option<Box<WebhookReferral>>,
        /// What was filled in: the members of a Flow's answer or an address.
        form: Option<Map<String, Value>>,
        /// A payment, as received.
        payment: Option<Map<String, Value>>,
        /// Of a status: `sent`, `delivered`, `read`, `played` or `failed`. Of templates and accounts the new state. Of a
        /// message in the history what had become of it.
        status: Option<String>,
        /// All messages until then were delivered or read, in seconds since 1970 (Messenger).
        watermark: Option<f64>,
        /// The messages that were delivered, where Messenger names them.
        message_ids: Option<Vec<String>>,
        /// What the message costs.
        pricing: Option<Box<WebhookPricing>>,
        /// The conversation that it is billed in, where there is one.
        conversation: Option<Box<WebhookConversation>>,
        /// The tracker of the message that a status or call is about; of a Messenger echo its `metadata`.
        tracker: Option<String>,
        /// What went wrong, as the errors that a send fails with; their `status` is absent.
        #[serde(serialize_with = "as_data")]
        #[cfg_attr(feature = "manifest", schemars(with = "Vec<Value>"))]
        errors: Vec<ApiError> as as_data,
        /// Whether another app or agent has the conversation: this one only listens and should not answer.
        standby: bool,
        /// Of calls.
        call: Option<Box<WebhookCall>>,
        /// The answer to a request to be allowed to call.
        permission: Option<Box<WebhookPermission>>,
        /// Of a person's choice about marketing messages.
        preference: Option<Box<WebhookPreference>>,
        /// Of a person whose number or user id has changed: what it was and what it is.
        identity: Option<Box<WebhookIdentity>>,
        /// Of templates.
        template: Option<Box<WebhookTemplate>>,
        /// Of accounts and numbers.
        account: Option<Box<WebhookAccount>>,
        /// Of groups.
        group: Option<Box<WebhookGroup>>,
        /// Of Flows.
        flow: Option<Box<WebhookFlow>>,
        /// Of a conversation that changed hands.
        handover: Option<Box<WebhookHandover>>,
        /// Of the history: how far it has come.
        history: Option<Box<WebhookHistory>>,
        /// The item as it was received: the message, status, call or group; of other fields their value.
        #[cfg_attr(feature = "manifest", schemars(with = "Value"))]
        raw: Raw,
    }
}

/// Whether a member is left out where the event is written.
trait Left {
    fn is_out(&self) -> bool;
}

impl<T> Left for Option<T> {
    fn is_out(&self) -> bool {
        self.is_none()
    }
}

/// What every event has.
macro_rules! always_there {
    ($($ty:ty),*) => {$(
        impl Left for $ty {
            fn is_out(&self) -> bool {
                false
            }
        }
    )*};
}

always_there!(WebhookKind, WebhookChannel, String);

impl<T> Left for Vec<T> {
    fn is_out(&self) -> bool {
        self.is_empty()
    }
}

impl Left for bool {
    fn is_out(&self) -> bool {
        !self
    }
}

impl Left for Raw {
    /// The language packages cut it out of the body themselves.
    fn is_out(&self) -> bool {
        self.0.is_empty()
    }
}

fn as_data<S: Serializer>(errors: &[ApiError], serializer: S) -> Result<S::Ok, S::Error> {
    serializer.collect_seq(errors.iter().map(|error| Error::Api(Box::new(error.clone())).to_value()))
}

impl WebhookEvent {
    /// Sets a member from what was found, if that can be read.
    pub(super) fn set<T: Member>(member: &mut T, found: Option<&json::Node<'_>>) {
        if let Some(node) = found {
            *member = T::member(Some(node));
        }
    }
}
