//! What several calls check.

use super::Hidden;
use super::call::Body;
use crate::message::violation::{Checker, Rule};

/// A change that changes nothing was meant otherwise.
pub(super) fn some_of(body: &Body, names: &str, checker: &mut Checker) {
    if body.is_empty() {
        checker.refuse(Rule::Required, format!("changes nothing: give {names} or another argument"));
    }
}

/// Where webhooks are to go, and what the handshake asks with.
pub(super) fn callback(uri: Option<&String>, verify_token: Option<&Hidden>, checker: &mut Checker) {
    match (uri, verify_token) {
        (None, Some(_)) => checker.refuse_at("override_callback_uri", Rule::Required, "is required with verify_token"),
        (Some(_), None) => checker.refuse_at("verify_token", Rule::Required, "is required with override_callback_uri"),
        _ => {}
    }
    if let Some(uri) = uri {
        let is_https = url::Url::parse(uri).is_ok_and(|url| url.scheme() == "https" && url.has_host());
        if !is_https {
            checker.refuse_at("override_callback_uri", Rule::Format, "must be an address that begins with https://");
        }
    }
    if verify_token.is_some_and(|token| token.0.is_empty()) {
        checker.refuse_at("verify_token", Rule::Required, "must not be empty");
    }
}

/// How many there are to be on a page.
pub(super) fn limit(limit: Option<u32>, checker: &mut Checker) {
    if limit == Some(0) {
        checker.refuse_at("limit", Rule::Count, "must be at least 1");
    }
}
