//! Lists in pages, as the Graph API gives them: cursors, and links that hold the token.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE;
use serde_json::{Value, json};

use super::invalid;
use crate::api::Call;
use crate::graph::GraphError;

const USUAL: usize = 25;
const MOST: usize = 100;

/// The page that was asked for.
pub(super) fn page(items: &[Value], call: &Call) -> Result<Value, GraphError> {
    let limit = match call.query_value("limit").map(|limit| limit.parse::<usize>()) {
        None => USUAL,
        Some(Ok(limit @ 1..=MOST)) => limit,
        Some(_) => return Err(invalid(400, "Invalid parameter: limit must be between 1 and 100")),
    };
    let at = |name: &str| call.query_value(name).map(|cursor| place(&cursor)).transpose();
    let (begin, end) = match (at("after")?, at("before")?) {
        (Some(after), _) => (after.saturating_add(1), after.saturating_add(1).saturating_add(limit)),
        (None, Some(before)) => (before.saturating_sub(limit), before),
        (None, None) => (0, limit),
    };
    let (begin, end) = (begin.min(items.len()), end.min(items.len()));
    let mut answer = json!({"data": items[begin..end]});
    if begin < end {
        let (first, last) = (cursor(begin), cursor(end - 1));
        let link = |name: &str, cursor: &str| {
            let token = call.authorization.as_deref().and_then(|header| header.split_once(' ')).map_or("", |(_, t)| t);
            let token: String = form_urlencoded::byte_serialize(token.as_bytes()).collect();
            format!(
                "https://graph.facebook.com{}?access_token={token}&limit={limit}&{name}={cursor}",
                call.route_path()
            )
        };
        answer["paging"] = json!({"cursors": {"before": first, "after": last}});
        if end < items.len() {
            answer["paging"]["next"] = link("after", &last).into();
        }
        if begin > 0 {
            answer["paging"]["previous"] = link("before", &first).into();
        }
    }
    Ok(answer)
}

fn cursor(place: usize) -> String {
    URL_SAFE.encode(format!("at:{place}"))
}

fn place(cursor: &str) -> Result<usize, GraphError> {
    let text = URL_SAFE.decode(cursor).ok().and_then(|bytes| String::from_utf8(bytes).ok());
    text.and_then(|text| text.strip_prefix("at:")?.parse().ok())
        .ok_or_else(|| invalid(400, "Invalid parameter: cursor is malformed or expired"))
}
