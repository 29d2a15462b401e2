//! The kinds of message and their arguments: a line for each. A test holds them against core's manifest.

use super::form::Form::{
    self, Contacts, Heading, Json, JsonList, Media, Number, Replies, Rows, Switch, TemplateButtons, Text, Variables,
};

/// A kind of message.
pub(crate) struct Kind {
    /// Its name on the command line.
    pub(crate) name: &'static str,
    /// The operation that sends it.
    pub(crate) operation: &'static str,
    pub(crate) about: &'static str,
    pub(crate) fields: &'static [Field],
    /// What follows `wacloud send NAME --to +15550001234`.
    pub(crate) example: &'static str,
}

/// An argument.
pub(crate) struct Field {
    /// The operation's name for it.
    pub(crate) name: &'static str,
    pub(crate) form: Form,
    pub(crate) place: Place,
    pub(crate) help: &'static str,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Place {
    /// Without a name, in its turn; it must be there.
    Turn,
    /// With an option of this name.
    Option(&'static str),
    /// With an option of this name that must be there.
    Needed(&'static str),
}
use Place::{Needed, Option as Flag, Turn};

const fn field(name: &'static str, form: Form, place: Place, help: &'static str) -> Field {
    Field { name, form, place, help }
}

const FOOTER: Field = field("footer", Text, Flag("footer"), "A line below the text: up to 60 characters");
const CAPTION: Field = field("caption", Text, Flag("caption"), "A text below it: up to 1,024 characters");
const HEADING: Field = field(
    "header",
    Heading,
    Flag("header"),
    "Above the text: up to 60 characters, or image=…, video=…, document=… with a link or a media id",
);
const LINE: Field = field("header", Text, Flag("header"), "A line above the text: up to 60 characters");
const BODY: Field = field("body", Text, Turn, "The text: 1 to 1,024 characters; - reads it from standard input");
const WAMID: Field = field("message_id", Text, Turn, "The id (wamid.…) of the message");
const CATALOG: Field = field("catalog_id", Text, Needed("catalog-id"), "The catalog's id");

const fn media(name: &'static str) -> Field {
    field(name, Media, Turn, "")
}

#[rustfmt::skip]
pub(crate) const KINDS: &[Kind] = &[
    Kind { name: "text", operation: "send_text", about: "A text", example: "\"Hello\"", fields: &[
        field("body", Text, Turn, "The text: 1 to 4,096 characters; - reads it from standard input"),
        field("preview_url", Switch, Flag("preview-url"), "Show the first link with a preview"),
    ]},
    Kind { name: "template", operation: "send_template", about: "An approved template",
        example: "order_update --lang en_US --body Ana '#1042'", fields: &[
        field("name", Text, Turn, "The template's name"),
        field("language", Text, Needed("lang"), "The code of the approved translation, exactly: en and en_US are two"),
        field("body", Variables, Flag("body"), "The values of the body's variables, in their order"),
        field("header", Heading, Flag("header"), "The value of the header: a text, or image=…, video=…, document=… with a link or a media id, or JSON"),
        field("buttons", TemplateButtons, Flag("button"), "A button's value: 0:url=…, 1:copy_code=…, 0:quick_reply=…, 0:otp=…, or JSON"),
        field("cards", JsonList, Flag("card"), "A card of a carousel template, as JSON"),
        field("limited_time_offer", Json, Flag("limited-time-offer"), "When an offer ends, as JSON"),
        field("order_status", Json, Flag("order-status"), "How far an order is, as JSON"),
        field("components", Json, Flag("components"), "Instead of all these: Graph's own components, as JSON"),
        field("marketing", Switch, Flag("marketing"), "Through the endpoint for marketing messages"),
        field("product_policy", Text, Flag("product-policy"), "There: CLOUD_API_FALLBACK or STRICT"),
        field("message_activity_sharing", Switch, Flag("message-activity-sharing"), "There: Meta learns what people do with it"),
    ]},
    Kind { name: "image", operation: "send_image", about: "A picture: JPEG or PNG, up to 5 MB",
        example: "--link https://example.com/parcel.jpg --caption 'At the door'", fields: &[media("image"), CAPTION]},
    Kind { name: "video", operation: "send_video", about: "A film: MP4 or 3GP, up to 16 MB",
        example: "--link https://example.com/unboxing.mp4", fields: &[media("video"), CAPTION]},
    Kind { name: "audio", operation: "send_audio", about: "A sound: AAC, AMR, MP3, M4A or OGG, up to 16 MB",
        example: "--link https://example.com/hello.ogg --voice", fields: &[media("audio"),
        field("voice", Switch, Flag("voice"), "Show it as a voice message (OGG with Opus)")]},
    Kind { name: "document", operation: "send_document", about: "A file: PDF, text, Word, Excel or PowerPoint, up to 100 MB",
        example: "--link https://example.com/1042.pdf --filename invoice-1042.pdf", fields: &[media("document"),
        field("filename", Text, Flag("filename"), "The name that people see: up to 240 characters"), CAPTION]},
    Kind { name: "sticker", operation: "send_sticker", about: "A sticker: WebP of 512 by 512 pixels",
        example: "--link https://example.com/thanks.webp", fields: &[media("sticker")]},
    Kind { name: "location", operation: "send_location", about: "A place", example: "48.2082 16.3738 --name Office", fields: &[
        field("latitude", Number, Turn, "Degrees north: -90 to 90"),
        field("longitude", Number, Turn, "Degrees east: -180 to 180"),
        field("name", Text, Flag("name"), "What it is called"),
        field("address", Text, Flag("address"), "Where it is, in words"),
    ]},
    Kind { name: "contacts", operation: "send_contacts", about: "People", example: "--contact 'Ana Silva=+15550005678'", fields: &[
        field("contacts", Contacts, Needed("contact"), "NAME=PHONE, or a contact as JSON"),
    ]},
    Kind { name: "reaction", operation: "send_reaction", about: "An emoji on a message", example: "wamid.HBgL… 👍", fields: &[WAMID,
        field("emoji", Text, Turn, "One emoji")]},
    Kind { name: "remove-reaction", operation: "remove_reaction", about: "Take the emoji off again", example: "wamid.HBgL…", fields: &[WAMID]},
    Kind { name: "buttons", operation: "send_buttons", about: "A text with one to three buttons",
        example: "\"Shall we come on Friday?\" --button yes=Yes --button no=No", fields: &[BODY,
        field("buttons", Replies, Needed("button"), "ID=TITLE (title up to 20 characters)"), HEADING, FOOTER]},
    Kind { name: "list", operation: "send_list", about: "A list to choose from",
        example: "\"Pick a slot\" --button-text Slots --row 'm9=09:00=one hour' --row m10=10:00", fields: &[
        field("body", Text, Turn, "The text: 1 to 4,096 characters; - reads it from standard input"),
        field("button", Text, Needed("button-text"), "What the button says that opens the list: up to 20 characters"),
        field("sections", Rows, Flag("row"), "ID=TITLE or ID=TITLE=DESCRIPTION: a row of a list with one section"),
        field("sections", JsonList, Flag("section"), "A section as JSON: {\"title\": …, \"rows\": [{\"id\": …, \"title\": …}]}"),
        LINE, FOOTER]},
    Kind { name: "cta-url", operation: "send_cta_url", about: "A text with a button that opens a page",
        example: "\"Your parcel is on its way.\" --display-text 'Track it' --url https://example.com/t/1042", fields: &[BODY,
        field("display_text", Text, Needed("display-text"), "What the button says: up to 20 characters"),
        field("url", Text, Needed("url"), "The page that it opens"), HEADING, FOOTER]},
    Kind { name: "flow", operation: "send_flow", about: "A text with a button that opens a form (Flow)",
        example: "\"Book a table\" --flow-cta Book --flow-id 1043 --screen WHEN", fields: &[BODY,
        field("flow_cta", Text, Needed("flow-cta"), "What the button says: up to 30 characters"),
        field("flow_id", Text, Flag("flow-id"), "The Flow, by its id"),
        field("flow_name", Text, Flag("flow-name"), "The Flow, by its name"),
        field("flow_token", Text, Flag("flow-token"), "What tells this conversation from others"),
        field("mode", Text, Flag("mode"), "draft or published"),
        field("flow_action", Text, Flag("flow-action"), "navigate or data_exchange"),
        field("screen", Text, Flag("screen"), "The first screen's id"),
        field("data", Json, Flag("data"), "What the first screen is filled with, as JSON"), HEADING, FOOTER]},
    Kind { name: "carousel", operation: "send_carousel", about: "Cards side by side",
        example: "\"New this week\" --card @hat.json --card @scarf.json", fields: &[BODY,
        field("cards", JsonList, Needed("card"), "A card as JSON: {\"header\": {\"image\": …}, \"body\": …, \"display_text\": …, \"url\": …}")]},
    Kind { name: "product", operation: "send_product", about: "A product of the connected catalog",
        example: "--catalog-id 146265584024623 --product hat-7", fields: &[CATALOG,
        field("product_retailer_id", Text, Needed("product"), "The product's id in the catalog"),
        field("body", Text, Flag("body"), "A text: up to 1,024 characters"), FOOTER]},
    Kind { name: "product-list", operation: "send_product_list", about: "Several products",
        example: "\"Our hats\" --header New --catalog-id 146265584024623 --section @hats.json", fields: &[BODY,
        field("header", Text, Needed("header"), "A line above the text: up to 60 characters"), CATALOG,
        field("sections", JsonList, Needed("section"), "A section as JSON: {\"title\": …, \"product_items\": [{\"product_retailer_id\": …}]}"), FOOTER]},
    Kind { name: "catalog", operation: "send_catalog", about: "The whole catalog", example: "\"All we have\"", fields: &[BODY,
        field("thumbnail_product_retailer_id", Text, Flag("thumbnail"), "The product whose picture is shown"), FOOTER]},
    Kind { name: "location-request", operation: "send_location_request", about: "Ask where somebody is",
        example: "\"Where shall we deliver?\"", fields: &[BODY]},
    Kind { name: "address-request", operation: "send_address_request", about: "Ask for an address (India, Singapore)",
        example: "\"Where shall we deliver?\" --country IN", fields: &[BODY,
        field("country", Text, Needed("country"), "IN or SG"),
        field("values", Json, Flag("values"), "What is filled in already, as JSON"),
        field("validation_errors", Json, Flag("validation-errors"), "What was wrong with an earlier answer, as JSON"),
        field("saved_addresses", Json, Flag("saved-addresses"), "Addresses to choose from, as JSON"), HEADING, FOOTER]},
    Kind { name: "contact-info-request", operation: "send_contact_info_request", about: "Ask for a phone number",
        example: "\"May we call you?\"", fields: &[BODY]},
    Kind { name: "call-permission-request", operation: "send_call_permission_request", about: "Ask whether you may call",
        example: "--body \"May we call you about your order?\"", fields: &[
        field("body", Text, Flag("body"), "A text: up to 1,024 characters")]},
    Kind { name: "voice-call", operation: "send_voice_call", about: "A button that calls you",
        example: "\"Questions?\" --display-text 'Call us'", fields: &[BODY,
        field("display_text", Text, Flag("display-text"), "What the button says"),
        field("ttl_minutes", Number, Flag("ttl-minutes"), "For how many minutes it calls"),
        field("payload", Text, Flag("payload"), "What comes back in the webhook of the call")]},
    Kind { name: "order-details", operation: "send_order_details", about: "An order to be paid within WhatsApp",
        example: "\"Your order\" --order-details @order.json", fields: &[BODY,
        field("order_details", Json, Needed("order-details"), "The order, as JSON"), HEADING, FOOTER]},
    Kind { name: "order-status", operation: "send_order_status", about: "How far an order is",
        example: "\"It is on its way.\" --order-status @status.json", fields: &[BODY,
        field("order_status", Json, Needed("order-status"), "How far it is, as JSON"), HEADING, FOOTER]},
    Kind { name: "payload", operation: "send_payload", about: "Any of these, as Graph's own request body: checked like the others",
        example: "@message.json", fields: &[field("payload", Json, Turn, "The body: JSON, @file, or - for standard input")]},
    Kind { name: "raw", operation: "send_raw", about: "What is newer than wacloud, as Graph's own request body: only the recipient is checked",
        example: "@message.json", fields: &[field("payload", Json, Turn, "The body: JSON, @file, or - for standard input")]},
];

/// Whether a kind brings its recipient along, in a body of Graph's.
pub(crate) fn is_whole(kind: &Kind) -> bool {
    kind.fields.iter().any(|field| field.name == "payload" && field.place == Turn)
}

/// The kind of this name: as on the command line, or the operation's.
pub(crate) fn find(name: &str) -> Option<&'static Kind> {
    let plain = name.replace('_', "-");
    KINDS.iter().find(|kind| kind.name == plain || kind.operation == name)
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    /// Of all messages, and of the options of the command.
    const COMMON: [&str; 4] = ["to", "reply_to", "tracker", "extra"];

    #[test]
    fn every_operation_that_sends_a_message_is_here_with_all_its_arguments() {
        let manifest = wacloud::registry::manifest();
        let operations = manifest["operations"].as_array().unwrap();
        let sending: Vec<_> = operations.iter().filter(|operation| operation["constructor"].is_string()).collect();
        assert_eq!(sending.len(), KINDS.len());
        for operation in sending {
            let name = operation["name"].as_str().unwrap();
            let kind = find(name).unwrap_or_else(|| panic!("no kind for {name}"));
            let known: BTreeSet<&str> = kind.fields.iter().map(|field| field.name).collect();
            let params = &operation["params"];
            let all: BTreeSet<&str> = params["properties"].as_object().unwrap().keys().map(String::as_str).collect();
            let own: BTreeSet<&str> =
                all.iter().copied().filter(|name| is_whole(kind) || !COMMON.contains(name)).collect();
            assert_eq!(known, own, "{name}");
            let required = params["required"].as_array().unwrap().iter().filter_map(|name| name.as_str());
            for argument in required.filter(|name| !COMMON.contains(name)) {
                let fields: Vec<_> = kind.fields.iter().filter(|field| field.name == argument).collect();
                let is_asked_for = fields.iter().any(|field| !matches!(field.place, Flag(_))) || fields.len() > 1;
                assert!(is_asked_for, "{name} needs {argument}");
            }
        }
    }
}
