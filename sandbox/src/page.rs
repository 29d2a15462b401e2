//! The inbox: one page that shows what was sent and what was refused.

use hyper::header::{
    CACHE_CONTROL, CONTENT_SECURITY_POLICY, HeaderName, HeaderValue, REFERRER_POLICY,
    X_CONTENT_TYPE_OPTIONS,
};

use crate::graph::Answer;

/// Nothing from elsewhere; what was sent becomes text nodes, never markup, and no script but the page's own may run.
const POLICY: &str = "default-src 'none'; style-src 'nonce-inbox'; script-src 'nonce-inbox'; connect-src 'self'; img-src data:; \
                      base-uri 'none'; form-action 'none'; frame-ancestors 'none'";

/// The page.
pub(crate) fn inbox() -> Answer {
    let mut answer = Answer::text(200, "text/html; charset=utf-8", include_str!("page.html"));
    for (name, value) in [
        (CONTENT_SECURITY_POLICY, POLICY),
        (CACHE_CONTROL, "no-store"),
        (X_CONTENT_TYPE_OPTIONS, "nosniff"),
        (REFERRER_POLICY, "no-referrer"),
        (
            HeaderName::from_static("cross-origin-resource-policy"),
            "same-origin",
        ),
    ] {
        answer.headers.insert(name, HeaderValue::from_static(value));
    }
    answer
}
