//! The request with which Meta makes sure that an address is yours.

use std::borrow::Cow;
use std::collections::{BTreeMap, HashMap};

use super::signature::is_equal;
use crate::error::{Error, Result};

/// The query of a request: its text (of a whole address the part after `?`), or its members by name.
#[derive(Debug, Clone, Default)]
pub struct Query<'a> {
    members: Vec<(Cow<'a, str>, Cow<'a, str>)>,
}

impl<'a> From<&'a str> for Query<'a> {
    fn from(text: &'a str) -> Self {
        let query = match text.split_once('?') {
            Some((before, query)) if !before.contains('=') => query,
            _ => text,
        };
        let query = query.split('#').next().unwrap_or_default();
        Query { members: url::form_urlencoded::parse(query.as_bytes()).collect() }
    }
}

impl<'a> From<&'a String> for Query<'a> {
    fn from(text: &'a String) -> Self {
        text.as_str().into()
    }
}

impl<'a, K: AsRef<str>, V: AsRef<str>> From<&'a [(K, V)]> for Query<'a> {
    fn from(members: &'a [(K, V)]) -> Self {
        members.iter().map(|(name, value)| (name.as_ref(), value.as_ref())).collect()
    }
}

impl<'a, S> From<&'a HashMap<String, String, S>> for Query<'a> {
    fn from(members: &'a HashMap<String, String, S>) -> Self {
        members.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect()
    }
}

impl<'a> From<&'a BTreeMap<String, String>> for Query<'a> {
    fn from(members: &'a BTreeMap<String, String>) -> Self {
        members.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect()
    }
}

impl<'a> FromIterator<(&'a str, &'a str)> for Query<'a> {
    fn from_iter<I: IntoIterator<Item = (&'a str, &'a str)>>(members: I) -> Self {
        Query { members: members.into_iter().map(|(name, value)| (name.into(), value.into())).collect() }
    }
}

impl Query<'_> {
    /// `hub.mode`, which PHP has made `hub_mode`.
    fn hub(&self, name: &str) -> Option<&str> {
        let is_it = |known: &str| known.strip_prefix("hub.").or(known.strip_prefix("hub_")) == Some(name);
        self.members.iter().find(|(known, _)| is_it(known)).map(|(_, value)| value.as_ref())
    }
}

/// Answers the `GET` with which Meta makes sure that an address is yours: what comes back is the whole body of the answer,
/// as plain text with status 200.
///
/// `verify_token` is the word that you have given Meta together with the address.
///
/// Source: Meta's page "Webhooks: Getting Started", "Validating Verification Requests".
///
/// ```
/// let query = "hub.mode=subscribe&hub.verify_token=my+word&hub.challenge=1158201444";
/// assert_eq!(wacloud::webhook::challenge(query, "my word").unwrap(), "1158201444");
/// ```
///
/// # Errors
/// [`Error::WebhookSignature`] with the reason `missing` (it is no such request), `mismatch` (it has another token) or
/// `secret` (the `verify_token` given here is empty). Answer 403 then.
pub fn challenge<'a>(query: impl Into<Query<'a>>, verify_token: &str) -> Result<String> {
    let query = query.into();
    let refuse = |reason, message: &str| Err(Error::WebhookSignature { reason, message: message.to_owned() });
    if verify_token.is_empty() {
        return refuse("secret", "The verify token is empty: anybody could confirm the address with that.");
    }
    let members = (query.hub("mode"), query.hub("verify_token"), query.hub("challenge"));
    let (Some("subscribe"), Some(token), Some(challenge)) = members else {
        return refuse(
            "missing",
            "This is not Meta's verification request: it has hub.mode=subscribe, hub.verify_token and hub.challenge.",
        );
    };
    if !is_equal(token, verify_token) {
        return refuse("mismatch", "The verify token is another one than that given to Meta for this address.");
    }
    Ok(challenge.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn outcome(query: &str, token: &str) -> String {
        match challenge(query, token) {
            Ok(challenge) => challenge,
            Err(Error::WebhookSignature { reason, .. }) => reason.to_owned(),
            Err(error) => error.to_string(),
        }
    }

    #[test]
    fn queries_come_in_many_forms() {
        for query in [
            "hub.mode=subscribe&hub.verify_token=t%20%26&hub.challenge=1",
            "?hub.challenge=1&hub.verify_token=t+%26&hub.mode=subscribe&x=",
            "hub_mode=subscribe&hub_verify_token=t+%26&hub_challenge=1",
            "/webhook?hub.mode=subscribe&hub.verify_token=t+%26&hub.challenge=1#there",
            "https://example.com/webhook?hub.mode=subscribe&hub.verify_token=t+%26&hub.challenge=1",
        ] {
            assert_eq!(outcome(query, "t &"), "1", "{query}");
        }
        assert_eq!(outcome("hub.mode=subscribe&hub.verify_token=a?b=c&hub.challenge=1?", "a?b=c"), "1?");
        let members = [("hub.mode", "subscribe"), ("hub.verify_token", "t"), ("hub.challenge", "1")];
        assert_eq!(challenge(&members[..], "t").unwrap(), "1");
        let members: HashMap<String, String> = members.map(|(name, value)| (name.into(), value.into())).into();
        assert_eq!(challenge(&members, "t").unwrap(), "1");
    }

    #[test]
    fn what_is_wrong_is_told() {
        for (query, token, expected) in [
            ("hub.mode=subscribe&hub.verify_token=x&hub.challenge=1", "t", "mismatch"),
            ("hub.mode=subscribe&hub.verify_token=&hub.challenge=1", "t", "mismatch"),
            ("hub.mode=subscribe&hub.verify_token=&hub.challenge=1", "", "secret"),
            ("hub.mode=unsubscribe&hub.verify_token=t&hub.challenge=1", "t", "missing"),
            ("hub.mode=subscribe&hub.verify_token=t", "t", "missing"),
            ("", "t", "missing"),
        ] {
            assert_eq!(outcome(query, token), expected, "{query}");
        }
    }
}
