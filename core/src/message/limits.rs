//! The documented limits, in characters or items. Sources: Meta's pages on the message types (send-messages, text-,
//! interactive-reply-buttons-, interactive-list-, interactive-cta-url-, image- and document-messages, templates/components,
//! media carousels, coupon codes, payments) and its OpenAPI document.

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
/// Characters of a template's text header, its variable counted as it is written ("Template components").
pub const TEMPLATE_HEADER: usize = 60;
/// Characters of a template's body, variables counted as they are written.
pub const TEMPLATE_BODY: usize = 1024;
/// Characters of a template's footer, which has no variables.
pub const TEMPLATE_FOOTER: usize = 60;
/// Characters of what a template's button says.
pub const TEMPLATE_BUTTON_TEXT: usize = 25;
/// Characters of the number that a template's button calls.
pub const TEMPLATE_BUTTON_PHONE: usize = 20;
/// Buttons of a template that open an address.
pub const TEMPLATE_URL_BUTTONS: usize = 2;
/// Buttons of a template that call a number.
pub const TEMPLATE_PHONE_BUTTONS: usize = 1;
/// Buttons of a template that copy a code.
pub const TEMPLATE_COPY_CODE_BUTTONS: usize = 1;
/// Characters of what a limited-time offer says ("Limited-time offer templates").
pub const TEMPLATE_OFFER: usize = 16;
/// Buttons of a card in a carousel template ("Media card carousel templates").
pub const TEMPLATE_CARD_BUTTONS: usize = 2;
/// Minutes that a one-time password says it is good for ("Authentication templates").
pub const TEMPLATE_CODE_MINUTES: u32 = 90;
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
/// Characters of a language's code. Meta names no limit; its longest code has 6.
pub const LANGUAGE_CODE: usize = 32;
/// Characters of an emoji in a reaction: the longest that Unicode knows have some 10; Meta names no limit.
pub const EMOJI: usize = 32;
/// Contacts in one message ("Contacts messages"; the OpenAPI document says 5).
pub const CONTACTS: usize = 257;
/// Characters of the body of a list ("Interactive list messages"; the OpenAPI document says 1,024).
pub const LIST_BODY: usize = 4096;
/// Characters of the button that opens a list.
pub const LIST_BUTTON: usize = 20;
/// Sections of a list, or of several products.
pub const SECTIONS: usize = 10;
/// Characters of a section's title.
pub const SECTION_TITLE: usize = 24;
/// Rows of a list, in all its sections together.
pub const LIST_ROWS: usize = 10;
/// Characters of a row's id.
pub const ROW_ID: usize = 200;
/// Characters of a row's title.
pub const ROW_TITLE: usize = 24;
/// Characters of a row's description.
pub const ROW_DESCRIPTION: usize = 72;
/// Products in one message, in all its sections together.
pub const PRODUCTS: usize = 30;
/// Characters of the button that opens a Flow.
pub const FLOW_CTA: usize = 30;
/// Cards of a carousel in a free-form message, at least.
pub const CARDS_MIN: usize = 2;
/// Cards of a carousel.
pub const CARDS: usize = 10;
/// Characters of a card's text.
pub const CARD_BODY: usize = 160;
/// Line breaks in a card's text.
pub const CARD_LINE_BREAKS: usize = 2;
/// Minutes for which a button that calls works: 30 days.
pub const CALL_TTL_MINUTES: u32 = 43_200;
/// Characters of what the webhook of a call carries.
pub const CALL_PAYLOAD: usize = 512;
/// Buttons of a template.
pub const TEMPLATE_BUTTONS: usize = 10;
/// Characters of what a template's quick reply comes back with.
pub const BUTTON_PAYLOAD: usize = 128;
/// Characters of a link.
pub const URL: usize = 2000;
/// Characters of a code to copy ("Coupon code templates": letters and digits).
pub const COPY_CODE: usize = 15;
/// Characters of a code to copy that Meta's schema lets through.
pub const COUPON_CODE: usize = 20;
/// Characters of a one-time password ("Copy code authentication templates").
pub const ONE_TIME_PASSWORD: usize = 15;
/// Characters of the name of an order (Brazil's page).
pub const REFERENCE_ID: usize = 60;
/// The same in India.
pub const REFERENCE_ID_INDIA: usize = 35;
/// Characters of names and descriptions in the price of an order.
pub const ORDER_TEXT: usize = 60;
/// Characters of what is said about an order's status or its end.
pub const ORDER_DESCRIPTION: usize = 120;
/// Characters of the name of who receives goods.
pub const BENEFICIARY_NAME: usize = 200;
/// Characters of a line of their address.
pub const BENEFICIARY_LINE: usize = 100;
/// Characters of the line under the name in a business profile.
pub const PROFILE_ABOUT: usize = 139;
/// Characters of its address, its description, and each of its sites.
pub const PROFILE_TEXT: usize = 256;
/// Characters of its email address.
pub const PROFILE_EMAIL: usize = 128;
/// Its sites.
pub const PROFILE_WEBSITES: usize = 2;
/// People on the block list in one call ("Block users").
pub const BLOCKED_AT_ONCE: usize = 1_000;
/// Characters of the text that a QR code has ready.
pub const PREFILLED_MESSAGE: usize = 140;
/// Questions to begin a chat with ("Conversational components"; Meta's OpenAPI document says 3).
pub const PROMPTS: usize = 4;
/// Characters of each.
pub const PROMPT: usize = 80;
/// Commands of a chat.
pub const COMMANDS: usize = 30;
/// Characters of a command.
pub const COMMAND_NAME: usize = 32;
/// Characters of what it is for.
pub const COMMAND_DESCRIPTION: usize = 256;
/// By what amounts of money in orders are divided.
pub const AMOUNT_OFFSET: i64 = 100;

const KB: u64 = 1024;
const MB: u64 = 1024 * KB;

/// What may be sent as one kind of media.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct MediaLimit {
    /// Graph's name of the kind: `image`.
    pub kind: &'static str,
    /// The MIME types that it has.
    pub mime_types: &'static [&'static str],
    /// The longest file, in bytes.
    pub bytes: u64,
}

/// Kinds of media, their MIME types and sizes (Meta's page "Media", supported media types). Meta writes MB and does not say
/// which: the larger one is taken, so that nothing is refused here that it would take.
pub const MEDIA: &[MediaLimit] = &[
    MediaLimit { kind: "image", mime_types: &["image/jpeg", "image/png"], bytes: 5 * MB },
    MediaLimit { kind: "video", mime_types: &["video/mp4", "video/3gpp"], bytes: 16 * MB },
    MediaLimit {
        kind: "audio",
        mime_types: &["audio/aac", "audio/amr", "audio/mpeg", "audio/mp4", "audio/ogg"],
        bytes: 16 * MB,
    },
    MediaLimit {
        kind: "document",
        mime_types: &[
            "text/plain",
            "application/pdf",
            "application/msword",
            "application/vnd.ms-excel",
            "application/vnd.ms-powerpoint",
            "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
            "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
            "application/vnd.openxmlformats-officedocument.presentationml.presentation",
        ],
        bytes: UPLOAD_BYTES,
    },
    MediaLimit { kind: "sticker", mime_types: &["image/webp"], bytes: ANIMATED_STICKER_BYTES },
    // In templates: an MP4 that plays by itself.
    MediaLimit { kind: "gif", mime_types: &["video/mp4"], bytes: 16 * MB },
];
/// Files for which there is a handle (Meta's page "Upload a file"; `image/jpg`, which stands there too, is no type of IANA's).
/// What they may be in a template or as a profile's picture is what they may be as media, so they are as long at most.
pub const HANDLE_TYPES: &[&str] = &["application/pdf", "image/jpeg", "image/png", "video/mp4"];
/// The longest file that may be uploaded, in bytes (Meta's page "Media").
pub const UPLOAD_BYTES: u64 = 100 * MB;
/// The longest sticker that does not move, in bytes.
pub const STATIC_STICKER_BYTES: u64 = 100 * KB;
/// The longest one that moves.
pub const ANIMATED_STICKER_BYTES: u64 = 500 * KB;
/// Pixels on each side of a sticker ("Sticker messages").
pub const STICKER_PIXELS: u32 = 512;
