//! What a WhatsApp message says: the same for messages, echoes and the history.

use serde_json::{Map, Value};

use super::call::WebhookPermission;
use super::event::WebhookEvent;
use super::json::{self, Json, Node};
use super::media;
use super::people::WebhookIdentity;
use super::read::Lenient as _;

details! {
    /// A button or row that was chosen.
    WebhookButton {
        /// The id that you gave it.
        id: Option<String> = "id",
        /// What stands on it.
        title: Option<String> = "title|text",
        /// What you wrote behind a template's quick reply, or a button of Messenger or Instagram.
        payload: Option<String> = "payload",
        /// What stands below a row's title.
        description: Option<String> = "description",
    }
    /// A place.
    WebhookLocation {
        /// In degrees.
        latitude: Option<f64> = "latitude|lat",
        /// In degrees.
        longitude: Option<f64> = "longitude|long",
        /// What it is called.
        name: Option<String> = "name",
        /// Its address.
        address: Option<String> = "address",
        /// A page about it, mostly of businesses.
        url: Option<String> = "url",
    }
    /// A product, or one line of a cart.
    WebhookProduct {
        /// The catalog.
        catalog_id: Option<String> = "catalog_id",
        /// Your own id of it.
        product_retailer_id: Option<String> = "product_retailer_id",
        /// How many.
        quantity: Option<i64> = "quantity",
        /// What one costs, in units of the currency.
        item_price: Option<f64> = "item_price",
        /// `EUR`.
        currency: Option<String> = "currency",
    }
    /// A cart.
    WebhookOrder {
        /// The catalog.
        catalog_id: Option<String> = "catalog_id",
        /// What the person wrote with it.
        text: Option<String> = "text",
        /// The products.
        product_items: Vec<WebhookProduct> = "product_items",
    }
    /// The ad, post or link that a person came by.
    WebhookReferral {
        /// The ad's or post's address.
        source_url: Option<String> = "source_url",
        /// The ad or post.
        source_id: Option<String> = "source_id|ad_id",
        /// `ad` or `post` (WhatsApp); `ADS`, `SHORTLINK`, … (Messenger, Instagram).
        source_type: Option<String> = "source_type|source",
        /// The ad's headline.
        headline: Option<String> = "headline|ads_context_data.ad_title",
        /// The ad's text.
        body: Option<String> = "body",
        /// `image` or `video`.
        media_type: Option<String> = "media_type",
        /// The ad's picture.
        image_url: Option<String> = "image_url|ads_context_data.photo_url",
        /// The ad's video.
        video_url: Option<String> = "video_url|ads_context_data.video_url",
        /// A small picture of the video.
        thumbnail_url: Option<String> = "thumbnail_url",
        /// The id of the click, for Meta's Conversions API.
        ctwa_clid: Option<String> = "ctwa_clid",
        /// What the ad greets with.
        welcome_message: Option<String> = "welcome_message.text",
        /// What you put into the link.
        r#ref: Option<String> = "ref",
        /// `OPEN_THREAD` (Messenger).
        r#type: Option<String> = "type",
    }
}

/// Which member of a message's content is its text. Of any other type it is the caption, if there is one.
const TEXTS: &[(&str, &str)] = &[
    ("text", "body"),
    ("button", "text"),
    ("reaction", "emoji"),
    ("system", "body"),
    ("order", "text"),
    ("button_reply", "title"),
    ("list_reply", "title"),
    ("nfm_reply", "body"),
    ("call_permission_reply", "response"),
];

/// What else is read of the content of a type.
type Part = fn(&mut WebhookEvent, &Node<'_>);

const PARTS: &[(&str, Part)] = &[
    ("button", |event, content| WebhookEvent::set(&mut event.button, Some(content))),
    ("button_reply", |event, content| WebhookEvent::set(&mut event.button, Some(content))),
    ("list_reply", |event, content| WebhookEvent::set(&mut event.button, Some(content))),
    ("location", |event, content| WebhookEvent::set(&mut event.location, Some(content))),
    ("contacts", |event, content| event.contacts = Some(content.items().iter().map(Node::to_value).collect())),
    ("order", |event, content| WebhookEvent::set(&mut event.order, Some(content))),
    ("nfm_reply", |event, content| event.form = content.get("response_json").and_then(form)),
    ("call_permission_reply", |event, content| {
        event.permission = WebhookPermission::lenient(content).map(Box::new);
    }),
    ("payment_method", |event, content| event.payment = content.to_map()),
    ("system", |event, content| {
        let identity = WebhookIdentity::lenient(content).map(|identity| identity.before(event.sender.as_deref()));
        event.identity = identity.filter(|identity| *identity != WebhookIdentity::default()).map(Box::new);
    }),
    ("reaction", |event, content| {
        event.reply_to = content.text_of("message_id");
        // Without an emoji it was taken back.
        event.text.get_or_insert_default();
    }),
    ("edit", |event, content| {
        event.reply_to = content.text_of("original_message_id");
        if let Some(message) = content.get("message") {
            let mut edited = WebhookEvent::default();
            fill(&mut edited, message);
            (event.text, event.media) = (edited.text, edited.media);
        }
    }),
    ("revoke", |event, content| event.reply_to = content.text_of("original_message_id")),
];

/// Reads type, text and everything else that a message says.
pub(super) fn fill(event: &mut WebhookEvent, item: &Node<'_>) {
    // An echo under `standby` holds the request that was sent.
    let message = item.get("message").filter(|message| item.get("type").is_none() && message.is_object());
    let message = message.unwrap_or(item);
    let outer = message.str_of("type").unwrap_or("unknown");
    let content = message.get(outer);
    // An interactive message is told by what it answers to; it can come without its object.
    let inner = content.filter(|_| outer == "interactive").and_then(|interactive| interactive.str_of("type"));
    let (kind, content) = match inner {
        Some(inner) => (inner, content.and_then(|interactive| interactive.get(inner))),
        None => (outer, content),
    };
    event.r#type = kind.to_owned();
    if let Some(context) = message.get("context") {
        event.reply_to = context.text_at("id|message_id");
        let is_set = |name: &str| context.get(name).and_then(Node::flag).unwrap_or_default();
        event.forwarded = is_set("forwarded") || is_set("frequently_forwarded");
        WebhookEvent::set(&mut event.product, context.get("referred_product"));
    }
    WebhookEvent::set(&mut event.referral, message.get("referral"));
    if let Some(content) = content {
        let name = TEXTS.iter().find(|(known, _)| *known == kind).map_or("caption", |(_, name)| name);
        event.text = content.text_at(name);
        event.media.extend(media::of_whatsapp(content, kind));
    }
    if let Some((_, read)) = PARTS.iter().find(|(known, _)| *known == kind) {
        let nothing = Node { text: "", json: Json::Null };
        read(event, content.unwrap_or(&nothing));
    }
}

/// The members of a form, which comes as JSON within a text.
fn form(node: &Node<'_>) -> Option<Map<String, Value>> {
    match &node.json {
        Json::Text(text) => json::read(text).ok()?.root.to_map(),
        _ => node.to_map(),
    }
}
