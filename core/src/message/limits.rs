//! The documented limits, in characters or items. Sources: Meta's pages on the message types (send-messages, text-,
//! interactive-reply-buttons-, image- and document-messages, templates/components) and its OpenAPI document.

/// Characters of a text message.
pub const TEXT_BODY: usize = 4096;
/// Characters of a media caption.
pub const CAPTION: usize = 1024;
/// Characters of a document's file name.
pub const FILENAME: usize = 240;
/// Characters of the body of an interactive message.
pub const INTERACTIVE_BODY: usize = 1024;
/// Characters of an interactive text header.
pub const HEADER_TEXT: usize = 60;
/// Characters of an interactive footer.
pub const FOOTER: usize = 60;
/// Reply buttons in one message.
pub const REPLY_BUTTONS: usize = 3;
/// Characters of a reply button's title.
pub const BUTTON_TITLE: usize = 20;
/// Characters of a reply button's id.
pub const BUTTON_ID: usize = 256;
/// Characters of a template's name.
pub const TEMPLATE_NAME: usize = 512;
/// Characters of the value of a variable in a template's text header.
pub const TEMPLATE_HEADER_VALUE: usize = 60;
/// Characters of the value of a variable in a template's body.
pub const TEMPLATE_BODY_VALUE: usize = 32_768;
/// Characters of `biz_opaque_callback_data`, which carries the tracker.
pub const TRACKER: usize = 512;
/// Digits of a phone number with its country code, at least.
pub const PHONE_DIGITS_MIN: usize = 8;
/// Digits of a phone number with its country code, at most (ITU-T E.164).
pub const PHONE_DIGITS_MAX: usize = 15;
