//! One struct per API call. Adding one is a struct here, a line in [`registry`], a vector in `tests/` and
//! `make codegen`.

mod arguments;
#[macro_use]
mod builder;
#[macro_use]
mod call;
#[macro_use]
mod listing;
pub mod account;
pub mod blocks;
mod check;
pub mod commands;
mod fields;
mod hidden;
mod mark_read;
pub mod media;
pub mod phone;
pub mod profile;
pub mod qr_codes;
pub mod registry;
mod send;
pub mod templates;

#[cfg(feature = "manifest")]
mod manifest;

pub use hidden::Hidden;
pub use listing::Listing;
pub use mark_read::{Done, MarkRead};
pub use send::{
    RemoveReaction, SendAddressRequest, SendAudio, SendButtons, SendCallPermissionRequest, SendCarousel, SendCatalog,
    SendContactInfoRequest, SendContacts, SendCtaUrl, SendDocument, SendFlow, SendImage, SendList, SendLocation,
    SendLocationRequest, SendOrderDetails, SendOrderStatus, SendPayload, SendProduct, SendProductList, SendRaw,
    SendReaction, SendSticker, SendTemplate, SendText, SendVideo, SendVoiceCall,
};

use serde::de::DeserializeOwned;

use crate::client::{Answered, Context, Operation, Request, SentMessage};
use crate::message::{Invalid, Message};
use crate::outcome::Effect;

/// A call that sends a message: it only says which.
pub trait MessageOperation: DeserializeOwned + Send {
    /// The name in every language: `send_text`.
    const NAME: &'static str;
    /// The name of the constructor `Message.<name>` that takes the same arguments: `text`.
    const CONSTRUCTOR: &'static str;
    /// Where arguments stand in Graph's body, beside those that every message has.
    const PATHS: &'static [(&'static str, &'static str)];
    /// Arguments as JSON that show how it is called.
    const EXAMPLE: &'static str;

    /// The message. Building never fails: what is wrong is told when the message is checked.
    fn message(self) -> Message;
}

impl<M: MessageOperation> Operation for M {
    const NAME: &'static str = M::NAME;
    const EFFECT: Effect = Effect::Message;
    const CONSTRUCTOR: Option<&'static str> = Some(M::CONSTRUCTOR);
    const PATHS: &'static [(&'static str, &'static str)] = M::PATHS;
    const EXAMPLE: &'static str = M::EXAMPLE;
    type Output = SentMessage;

    fn request(self, cx: &Context<'_>) -> Result<Request, Invalid> {
        Request::message(self.message(), cx)
    }

    fn answer(answered: &Answered<'_>) -> Option<SentMessage> {
        SentMessage::from_answer(answered)
    }

    fn into_message(self) -> Option<Message> {
        Some(self.message())
    }
}
