//! The arguments of a call, from JSON. Every mistake is told at once and with its place in Graph's body, whether it is a
//! wrong type, which is found here, or a broken rule, which the message finds.

use serde_json::Value;

use crate::client::Operation;
use crate::message::read::{self, Reading};
use crate::message::violation::{is_within, meet};
use crate::message::{Invalid, Violation};

/// Arguments that every message has.
const COMMON: &[(&str, &str)] = &[("reply_to", "context.message_id"), ("tracker", "biz_opaque_callback_data")];

/// Ends the place of an argument that shows in several places below it: its mistakes are told with its own name.
const SOMEWHERE: &str = ".*";

/// Reads a call's arguments. What is known `beside` them is told, too, where a name is not known.
pub(super) fn read<O: Operation>(json: &str, beside: &'static [&'static str]) -> Result<O, Invalid> {
    // Nearly all arguments are right, and this is the quick way to read those; it finds one mistake only.
    if let Ok(operation) = serde_json::from_str(json) {
        return Ok(operation);
    }
    read_value(&read::parse(json).map_err(Invalid::new)?, beside)
}

/// The same from JSON that was read already.
pub(super) fn read_value<O: Operation>(arguments: &Value, beside: &'static [&'static str]) -> Result<O, Invalid> {
    let Reading { value, violations } = read::read_all::<O>(arguments, beside);
    match value {
        Some(operation) if violations.is_empty() => Ok(operation),
        operation => {
            // An argument that could not be read is not judged further: stand-ins would be, and be told a second time.
            let unread: Vec<String> = violations.iter().map(|violation| area::<O>(&violation.path)).collect();
            let mut told: Vec<Violation> = violations
                .into_iter()
                .map(|violation| Violation { path: graph_path::<O>(&violation.path), ..violation })
                .collect();
            for violation in operation.map(Operation::judge).unwrap_or_default() {
                if !unread.iter().any(|area| meet(&violation.path, area)) {
                    told.push(violation);
                }
            }
            Err(Invalid::new(told))
        }
    }
}

/// Where the mistakes of an argument can show in Graph's body, by a place in it.
fn area<O: Operation>(path: &str) -> String {
    let argument = path.split(['.', '[']).next().unwrap_or_default();
    let place = places::<O>().find(|(name, _)| *name == argument).map(|(_, place)| *place);
    place.unwrap_or(argument).trim_end_matches(SOMEWHERE).to_owned()
}

fn places<O: Operation>() -> impl Iterator<Item = &'static (&'static str, &'static str)> {
    O::PATHS.iter().chain(COMMON.iter().filter(|_| O::CONSTRUCTOR.is_some()))
}

/// The place in Graph's body of a place in the arguments.
fn graph_path<O: Operation>(path: &str) -> String {
    let (pattern, indices) = without_indices(path);
    let known = places::<O>().filter(|(argument, place)| is_within(&pattern, argument) && !place.ends_with(SOMEWHERE));
    let longest = known.max_by_key(|(argument, _)| argument.len());
    let Some((argument, place)) = longest else { return path.to_owned() };
    let rest = &pattern[argument.len()..];
    let whole = if place.is_empty() { rest.trim_start_matches('.').to_owned() } else { format!("{place}{rest}") };
    with_indices(&whole, &indices)
}

/// `buttons[1].title` as `buttons[].title` and `[1]`.
fn without_indices(path: &str) -> (String, Vec<&str>) {
    let mut pattern = String::with_capacity(path.len());
    let mut indices = Vec::new();
    for piece in path.split_inclusive(']') {
        match piece.rfind('[') {
            Some(at) if piece.ends_with(']') => {
                pattern.push_str(&piece[..at]);
                pattern.push_str("[]");
                indices.push(&piece[at + 1..piece.len() - 1]);
            }
            _ => pattern.push_str(piece),
        }
    }
    (pattern, indices)
}

fn with_indices(pattern: &str, indices: &[&str]) -> String {
    let mut pieces = pattern.split("[]");
    let mut path = pieces.next().unwrap_or_default().to_owned();
    for (number, piece) in pieces.enumerate() {
        let index = indices.get(number).copied().unwrap_or("0");
        path.push_str(&format!("[{index}]{piece}"));
    }
    path
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::operation::{SendButtons, SendPayload, SendText, templates};

    fn told<O: Operation + std::fmt::Debug>(json: &str) -> Vec<String> {
        let found = read::<O>(json, &[]).unwrap_err().violations;
        found.into_iter().map(|v| format!("{} {}", v.path, v.rule)).collect()
    }

    #[test]
    fn places_in_the_arguments_become_places_in_the_body() {
        assert_eq!(graph_path::<SendText>("body"), "text.body");
        assert_eq!(graph_path::<SendText>("reply_to"), "context.message_id");
        assert_eq!(graph_path::<SendText>("bodyguard"), "bodyguard");
        assert_eq!(graph_path::<SendButtons>("buttons[2].title"), "interactive.action.buttons[2].reply.title");
        assert_eq!(graph_path::<SendPayload>("payload.text.body"), "text.body");
    }

    #[test]
    fn what_stands_beside_the_arguments_is_known_at_their_place_only() {
        let known = |json: &str| {
            let found = read::<SendButtons>(json, &["timeout_ms", "priority"]).unwrap_err().violations;
            found.into_iter().find(|violation| violation.rule == "unknown").unwrap().message
        };
        let meant = known(r#"{"to": "+15550001234", "body": "Hello", "buttons": [], "timeout": 5}"#);
        assert_eq!(meant, "is not known here; did you mean timeout_ms?");
        let all = known(r#"{"to": "+15550001234", "body": "Hello", "buttons": [], "colour": 5}"#);
        assert!(all.contains("known are to, body, buttons,") && all.ends_with("timeout_ms, priority"), "{all}");
        let below = known(r#"{"to": "+15550001234", "body": "Hello", "buttons": [{"colour": 5}]}"#);
        assert_eq!(below, "is not known here; known are id, title");
    }

    #[test]
    fn everything_about_a_new_template_is_told_together() {
        assert_eq!(
            told::<templates::Create>(
                r#"{"name": "A B", "language": "english", "category": null, "message_send_ttl_seconds": "x",
                    "components": [{"type": "BODY", "text": "{{1}} hello"}]}"#
            ),
            [
                "category required",
                "message_send_ttl_seconds type",
                "name format",
                "language format",
                "components[0].text format",
                "components[0].example.body_text required",
            ]
        );
        assert_eq!(
            told::<templates::Edit>(r#"{"id": "order_update", "components": "Hello", "category": "PROMO"}"#),
            ["components type", "category choice", "id format"]
        );
    }

    #[test]
    fn wrong_types_and_broken_rules_are_told_together() {
        assert_eq!(
            told::<SendText>(r#"{"to": "call me", "body": 5, "preview": true}"#),
            ["preview unknown", "text.body type", "to format"]
        );
        assert_eq!(told::<SendText>(r#"{"body": "Hello"}"#), ["to required"]);
        assert_eq!(
            told::<SendButtons>(r#"{"to": "+15550001234", "body": "", "buttons": [{"id": "a"}, "b"]}"#),
            [
                "interactive.action.buttons[0].reply.title required",
                "interactive.action.buttons[1].reply type",
                "interactive.body.text required",
            ]
        );
    }
}
