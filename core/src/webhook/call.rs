//! Voice calls.

use super::event::{WebhookEvent, WebhookKind};
use super::json::Node;
use super::people::{self, FROM, TO};
use super::read::Lenient as _;
use super::walk::Scope;

details! {
    /// A voice call.
    WebhookCall {
        /// `connect`, `terminate`, `call_created`, …
        event: Option<String> = "event",
        /// `USER_INITIATED` or `BUSINESS_INITIATED`.
        direction: Option<String> = "direction",
        /// How it ended: `COMPLETED` or `FAILED`.
        status: Option<String> = "status",
        /// `offer` or `answer`.
        sdp_type: Option<String> = "session.sdp_type",
        /// The description of the session, for WebRTC.
        sdp: Option<String> = "session.sdp",
        /// When it was answered, in seconds since 1970.
        start_time: Option<f64> = "start_time" as time,
        /// When it ended, in seconds since 1970.
        end_time: Option<f64> = "end_time" as time,
        /// How long it took, in seconds.
        duration: Option<f64> = "duration",
        /// What you put into the link that it was begun by.
        deeplink_payload: Option<String> = "deeplink_payload",
        /// What you put behind the button that it was begun by.
        cta_payload: Option<String> = "cta_payload",
    }
    /// The answer to a request to be allowed to call.
    WebhookPermission {
        /// `accept` or `reject`.
        response: Option<String> = "response",
        /// Whether it holds for good.
        is_permanent: Option<bool> = "is_permanent",
        /// Until when it holds, in seconds since 1970.
        expiration_timestamp: Option<f64> = "expiration_timestamp" as time,
        /// `user_action` or `automatic`.
        response_source: Option<String> = "response_source",
    }
}

/// An item of `calls`.
pub(super) fn call(scope: &Scope<'_>, item: &Node<'_>) -> WebhookEvent {
    let mut event = scope.event(WebhookKind::Call, item);
    event.r#type = item.text_of("event").unwrap_or_else(|| "unknown".to_owned());
    event.status = item.text_of("status");
    event.tracker = item.text_of("biz_opaque_callback_data");
    if item.str_of("direction") == Some("BUSINESS_INITIATED") {
        people::to(&mut event, scope, item, &TO);
        event.sender = item.text_at(FROM.number);
    } else {
        people::from(&mut event, scope, item, &FROM);
        event.recipient = item.text_at(TO.number);
    }
    event.call = WebhookCall::lenient(item).map(Box::new);
    scope.errors(&mut event, item);
    event
}
