//! An answer with the headers that recorded ones carry.

use bytes::Bytes;
use hyper::header::{
    CACHE_CONTROL, CONTENT_TYPE, EXPIRES, HeaderMap, HeaderName, HeaderValue, PRAGMA, RETRY_AFTER, VARY,
    WWW_AUTHENTICATE,
};
use serde_json::Value;

use super::error::GraphError;
use super::ids::RequestIds;
use super::version::Route;

/// What goes back to the client.
#[derive(Debug, Clone)]
pub(crate) struct Answer {
    pub(crate) status: u16,
    pub(crate) headers: HeaderMap,
    pub(crate) body: Bytes,
}

/// Which usage header an answer carries: recorded answers have the business one once the business number was reached.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Usage {
    App,
    Business,
}

impl Answer {
    /// A bare answer: no Graph headers, no body.
    pub(crate) fn bare(status: u16) -> Self {
        Self { status, headers: HeaderMap::new(), body: Bytes::new() }
    }

    /// Some text of this type.
    pub(crate) fn text(status: u16, content_type: &'static str, body: impl Into<Bytes>) -> Self {
        let mut headers = HeaderMap::new();
        headers.insert(CONTENT_TYPE, HeaderValue::from_static(content_type));
        Self { status, headers, body: body.into() }
    }

    /// JSON outside the Graph API (the control API).
    pub(crate) fn json(status: u16, body: &impl serde::Serialize) -> Self {
        let body = serde_json::to_vec(body).unwrap_or_default();
        Self::text(status, "application/json; charset=UTF-8", body)
    }

    /// A 200 of the Graph API.
    pub(crate) fn graph(headers: HeaderMap, body: &Value) -> Self {
        Self { status: 200, headers, body: serde_json::to_vec(body).unwrap_or_default().into() }
    }

    /// A refusal of the Graph API.
    pub(crate) fn error(mut headers: HeaderMap, error: &GraphError, request_id: &str) -> Self {
        headers.insert(CACHE_CONTROL, HeaderValue::from_static("no-store"));
        if (400..500).contains(&error.status) {
            let cause = if error.code == 190 { "invalid_token" } else { "invalid_request" };
            let message: String = error.message.chars().map(|c| if c == '"' { '\'' } else { c }).collect();
            insert(&mut headers, WWW_AUTHENTICATE, &format!("OAuth \"Facebook Platform\" \"{cause}\" \"{message}\""));
        }
        if let Some(seconds) = error.retry_after_s {
            headers.insert(RETRY_AFTER, seconds.into());
        }
        let body = serde_json::to_vec(&error.body(request_id)).unwrap_or_default().into();
        Self { status: error.status, headers, body }
    }
}

fn insert(headers: &mut HeaderMap, name: HeaderName, value: &str) {
    // What no header can hold (a line break in a path, say) leaves the header out.
    if let Ok(value) = HeaderValue::from_str(value) {
        headers.insert(name, value);
    }
}

const X_FB_REQUEST_ID: HeaderName = HeaderName::from_static("x-fb-request-id");
const X_FB_TRACE_ID: HeaderName = HeaderName::from_static("x-fb-trace-id");
const X_FB_DEBUG: HeaderName = HeaderName::from_static("x-fb-debug");
const X_FB_REV: HeaderName = HeaderName::from_static("x-fb-rev");
const FACEBOOK_API_VERSION: HeaderName = HeaderName::from_static("facebook-api-version");
const X_AD_API_VERSION_WARNING: HeaderName = HeaderName::from_static("x-ad-api-version-warning");
const X_APP_USAGE: HeaderName = HeaderName::from_static("x-app-usage");
const X_BUSINESS_USE_CASE_USAGE: HeaderName = HeaderName::from_static("x-business-use-case-usage");

/// The headers of a Graph answer.
pub(crate) fn header_set(ids: &RequestIds, route: &Route<'_>, usage: Usage, business_account_id: &str) -> HeaderMap {
    let mut headers = HeaderMap::with_capacity(16);
    headers.insert(CONTENT_TYPE, HeaderValue::from_static("application/json; charset=UTF-8"));
    headers.insert(VARY, HeaderValue::from_static("Origin"));
    headers.insert(CACHE_CONTROL, HeaderValue::from_static("private, no-cache, no-store, must-revalidate"));
    headers.insert(PRAGMA, HeaderValue::from_static("no-cache"));
    headers.insert(EXPIRES, HeaderValue::from_static("Sat, 01 Jan 2000 00:00:00 GMT"));
    headers.insert(X_FB_REV, HeaderValue::from_static("1033235240"));
    insert(&mut headers, X_FB_REQUEST_ID, &ids.request);
    insert(&mut headers, X_FB_TRACE_ID, &ids.trace);
    insert(&mut headers, X_FB_DEBUG, &ids.debug);
    insert(&mut headers, FACEBOOK_API_VERSION, &format!("v{}.0", route.answered));
    if let Some(ended) = route.ended {
        let warning =
            format!("The call has been auto-upgraded to v{}.0 as v{ended}.0 has been deprecated.", route.answered);
        insert(&mut headers, X_AD_API_VERSION_WARNING, &warning);
    }
    match usage {
        Usage::App => insert(&mut headers, X_APP_USAGE, r#"{"call_count":0,"total_cputime":0,"total_time":0}"#),
        Usage::Business => insert(
            &mut headers,
            X_BUSINESS_USE_CASE_USAGE,
            &format!(
                "{{\"{business_account_id}\":[{{\"type\":\"whatsapp\",\"call_count\":1,\"total_cputime\":1,\"total_time\":1,\
                 \"estimated_time_to_regain_access\":0}}]}}"
            ),
        ),
    }
    headers
}
