//! The inbox: one page that shows what was sent and what was refused.

use hyper::header::{
    CACHE_CONTROL, CONTENT_SECURITY_POLICY, HeaderName, HeaderValue, REFERRER_POLICY, X_CONTENT_TYPE_OPTIONS,
};

use crate::graph::Answer;

/// The page, under a policy that lets nothing in from elsewhere and no script run but its own. What was sent becomes text nodes,
/// never markup; the policy is the second line.
pub(crate) fn inbox() -> Answer {
    let nonce = format!("{:032x}", fastrand::u128(..));
    let policy = format!(
        "default-src 'none'; style-src 'nonce-{nonce}'; script-src 'nonce-{nonce}'; connect-src 'self'; img-src 'self'; base-uri 'none'; \
         form-action 'none'; frame-ancestors 'none'"
    );
    let html = include_str!("page.html").replace("{nonce}", &nonce).replace("{messages}", include_str!("page.js"));
    let mut answer = Answer::text(200, "text/html; charset=utf-8", html);
    for (name, value) in [
        (CONTENT_SECURITY_POLICY, policy.as_str()),
        (CACHE_CONTROL, "no-store"),
        (X_CONTENT_TYPE_OPTIONS, "nosniff"),
        (REFERRER_POLICY, "no-referrer"),
        (HeaderName::from_static("cross-origin-resource-policy"), "same-origin"),
    ] {
        if let Ok(value) = HeaderValue::from_str(value) {
            answer.headers.insert(name, value);
        }
    }
    answer
}
