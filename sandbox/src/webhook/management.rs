//! Fields about the account itself, each a POST of its own.

use serde_json::{Value, json};

use super::wire::escaped;
use crate::state::Inside;

/// Tells the value of a field, if somebody listens to it.
pub(crate) fn tell(inside: &mut Inside, field: &str, value: &Value) {
    let webhook = &inside.settings.webhook;
    if !webhook.listens_to(field) {
        return;
    }
    let now_ms = inside.clock.now_ms();
    // Only on fields of this kind an entry has a time (Meta's pages on webhooks).
    let payload = json!({"object": "whatsapp_business_account", "entry": [{
        "id": inside.settings.business_account_id,
        "time": now_ms / 1_000,
        "changes": [{"field": field, "value": value}],
    }]});
    let repeat = webhook.repeat;
    inside.webhooks.add(escaped(&payload), now_ms, repeat);
    inside.webhooks.wake();
}
