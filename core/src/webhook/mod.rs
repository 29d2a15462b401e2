//! What Meta tells by webhook: messages, statuses, and whatever else happens to an account. Pure.
//!
//! Three functions, for any web framework: [`challenge`] answers the `GET` with which Meta makes sure of an address,
//! [`verify`] checks that a `POST` is Meta's, [`parse`] makes events of it. One event is one message, status, call or
//! change, whatever the batch was that it came in; WhatsApp, Messenger and Instagram become the same events.
//!
//! ```
//! use wacloud::webhook::{self, WebhookKind};
//!
//! # let body = br#"{"object":"whatsapp_business_account","entry":[{"id":"1","changes":[{"field":"messages","value":{
//! #     "messages":[{"from":"15550001234","id":"wamid.A","timestamp":"1749416383","type":"text","text":{"body":"Hello"}}]}}]}]}"#;
//! for event in webhook::parse(body)? {
//!     if event.kind == WebhookKind::Message && !event.standby {
//!         println!("{:?}: {:?}", event.user, event.text);
//!     }
//! }
//! # Ok::<(), wacloud::Error>(())
//! ```
//!
//! Answer Meta with 200 before working on the events: it repeats what is not answered within seconds, so events can come
//! more than once, and in any order.

#[macro_use]
mod read;
mod account;
mod call;
mod challenge;
mod content;
mod direct;
mod door;
mod event;
mod group;
mod json;
mod key;
mod media;
mod message;
mod people;
mod signature;
mod status;
mod takeover;
mod walk;

use std::borrow::Cow;

use crate::error::{Error, Result};
use crate::message::{Invalid, Violation};

pub use account::{WebhookAccount, WebhookFlow, WebhookRestriction, WebhookTemplate};
pub use call::{WebhookCall, WebhookPermission};
pub use challenge::{Query, challenge};
pub use content::{WebhookButton, WebhookLocation, WebhookOrder, WebhookProduct, WebhookReferral};
pub use door::answer;
pub use event::{Raw, WebhookChannel, WebhookEvent, WebhookKind};
pub use group::{WebhookGroup, WebhookParticipant};
pub use media::WebhookMedia;
pub use people::{WebhookIdentity, WebhookPreference};
pub use signature::verify;
pub use status::{WebhookConversation, WebhookPricing};
pub use takeover::{WebhookHandover, WebhookHistory};

/// More events than that are not taken from one body: Meta's have up to a thousand, those of a history some thousands.
const MAX_EVENTS: usize = 100_000;

/// The first thing that goes wrong with many a server.
const EMPTY: &str = "is empty: this is no delivery of Meta's, or something has read the body of this request before";

/// Makes events of a delivery: one for every message, status, call and change in it, in their order.
///
/// Nothing is left out. What has no name here is an event of kind `other`, a part that is not as it should be takes nothing
/// else with it, and `raw` has each item as it was received. Half a surrogate pair and bytes that are no UTF-8 are read as
/// U+FFFD.
///
/// Check the delivery first, with [`verify`].
///
/// # Errors
/// [`Error::Validation`] with the path `body`, where it is no JSON, neither an object nor a list, nested more than 100
/// levels deep, or more than 100,000 events.
pub fn parse(raw_body: &[u8]) -> Result<Vec<WebhookEvent>> {
    let mut events = Vec::new();
    read(raw_body, &mut |event, text, _| events.push(event.with_raw(text)))?;
    Ok(events)
}

/// What is told of a body as a whole.
struct Body<'b> {
    /// The text that the items' texts are parts of.
    text: Cow<'b, str>,
    /// Where that has escapes that are half a surrogate pair.
    halves: Vec<usize>,
}

/// Gives each event to `sink`, with the text of its item and where that begins in the body.
fn read<'b>(raw_body: &'b [u8], sink: &mut dyn FnMut(WebhookEvent, &str, usize)) -> Result<Body<'b>> {
    // Nearly always it is UTF-8, and to find that out is all that has to be done.
    let text = std::str::from_utf8(raw_body).map_or_else(|_| String::from_utf8_lossy(raw_body), Cow::Borrowed);
    // Some editors put a byte order mark before it, and so do bodies that were kept in a file.
    let json = text.strip_prefix('\u{feff}').unwrap_or(&text);
    if json.trim_ascii().is_empty() {
        return Err(refused("format", EMPTY.to_owned()));
    }
    let document = json::read(json).map_err(|refusal| match refusal.is_too_deep {
        true => refused("depth", format!("is nested more than {} levels deep", json::MAX_DEPTH)),
        false => refused("format", format!("is not JSON: {}, at byte {}", refusal.problem, refusal.offset)),
    })?;
    if !document.root.is_container() {
        return Err(refused("type", "must be a JSON object or a list of them".to_owned()));
    }
    let start = text.as_ptr() as usize;
    let mut count = 0_usize;
    let mut counting = |mut event: WebhookEvent, item: &str| {
        count += 1;
        if count <= MAX_EVENTS {
            event.key = key::of(&event, item);
            sink(event, item, item.as_ptr() as usize - start);
        }
    };
    walk::body(&document.root, &mut walk::Telling::to(&mut counting));
    if count > MAX_EVENTS {
        return Err(refused("count", format!("has {count} events, at most {MAX_EVENTS} are taken from one body")));
    }
    let skipped = text.len() - json.len();
    let halves = document.halves.iter().map(|half| half + skipped).collect();
    Ok(Body { text, halves })
}

fn refused(rule: &str, message: String) -> Error {
    let violations = vec![Violation { path: "body".into(), rule: rule.into(), message }];
    Error::Validation(Invalid { violations, only_reads: true })
}
