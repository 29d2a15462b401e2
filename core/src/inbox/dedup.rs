//! Which events are news.

use super::Memory;
use crate::error::Result;
use crate::store::{Change, Item, Key};
use crate::webhook::WebhookEvent;

/// Meta repeats what was not answered with 200 for up to seven days (its page "Webhooks"), and a day more is no harm.
const KEPT_S: u64 = 8 * 24 * 3600;

/// Statuses in their order. One that comes after a later one is no news: Meta does not promise any order.
const ORDER: &[&str] = &["sent", "delivered", "read", "played"];

/// Tells events that are news from those that are not: repeated ones, and statuses that come after a later one of the same
/// message (`delivered` after `read`).
///
/// Meta repeats a delivery until it is answered with 200, and then it may still come twice. Who has several processes needs
/// a store that they share.
///
/// | store | who shares it | what it survives |
/// | --- | --- | --- |
/// | none | this process; the last 200,000 events | nothing |
/// | the path of a SQLite file | the processes of this machine | crashes of the process; with the machine's power its last moments may be lost |
/// | `redis://…`, `rediss://…` | everybody who reaches the server | what the server's own settings say |
///
/// ```
/// # async fn example(body: &[u8]) -> wacloud::Result<()> {
/// use wacloud::inbox::Dedup;
/// use wacloud::webhook;
///
/// let dedup = Dedup::new();
/// for event in dedup.fresh(webhook::parse(body)?).await? {
///     println!("{}", event.key);
/// }
/// # Ok(())
/// # }
/// ```
#[derive(Clone)]
pub struct Dedup {
    memory: Memory,
}

impl Default for Dedup {
    fn default() -> Self {
        Self::new()
    }
}

impl Dedup {
    /// Remembers in this process.
    pub fn new() -> Self {
        Dedup { memory: Memory::of_process() }
    }

    /// Remembers in a SQLite file or on a server: a path, `redis://…` or `rediss://…`. Nothing is opened yet.
    ///
    /// # Errors
    /// [`Error::Config`](crate::Error::Config) where `store` is neither.
    pub fn open(store: &str) -> Result<Self> {
        Ok(Dedup { memory: Memory::open(store)? })
    }

    /// Those of the events that are news, in their order. From then on they are known.
    ///
    /// Where working on an event fails and Meta's repetition shall be taken, [`forget`](Self::forget) it.
    ///
    /// # Errors
    /// [`Error::Store`](crate::Error::Store) where the store cannot be used. Answer Meta with a 500 then: it delivers again.
    pub async fn fresh(&self, events: Vec<WebhookEvent>) -> Result<Vec<WebhookEvent>> {
        let are_fresh = self.are_fresh(events.iter().map(|event| event.key.as_str())).await?;
        Ok(events.into_iter().zip(are_fresh).filter_map(|(event, is_fresh)| is_fresh.then_some(event)).collect())
    }

    /// Whether the events of these keys are news.
    ///
    /// # Errors
    /// As [`fresh`](Self::fresh).
    pub async fn are_fresh(&self, keys: impl IntoIterator<Item = &str>) -> Result<Vec<bool>> {
        let until_s = self.memory.now_s() + KEPT_S;
        let changes = keys.into_iter().map(|key| {
            let (key, value) = place(key);
            Change::Raise(Item { key, value, until_s })
        });
        let changes: Vec<Change> = changes.collect();
        let values: Vec<u64> = changes.iter().map(|change| change.item().value).collect();
        let before = self.memory.change(changes).await?;
        Ok(before.into_iter().zip(values).map(|(before, value)| before < value).collect())
    }

    /// Takes events for unknown again.
    ///
    /// # Errors
    /// As [`fresh`](Self::fresh).
    pub async fn forget(&self, events: &[WebhookEvent]) -> Result<()> {
        self.forget_keys(events.iter().map(|event| event.key.as_str())).await
    }

    /// Takes the events of these keys for unknown again.
    ///
    /// # Errors
    /// As [`fresh`](Self::fresh).
    pub async fn forget_keys(&self, keys: impl IntoIterator<Item = &str>) -> Result<()> {
        let until_s = self.memory.now_s() + KEPT_S;
        let (places, values): (Vec<Key>, Vec<u64>) = keys.into_iter().map(place).unzip();
        let known = self.memory.get(places.clone()).await?;
        // The statuses before it stay known; and where a later one is known, so does this.
        let last = places.into_iter().zip(values).zip(known).filter(|((_, value), known)| value == known);
        let changes = last.map(|((key, value), _)| Change::Put(Item { key, value: value - 1, until_s }));
        self.memory.change(changes.collect()).await?;
        Ok(())
    }
}

/// Where an event is remembered, and as what: statuses of a message that follow each other share a place.
fn place(key: &str) -> (Key, u64) {
    if let Some((message, status)) = key.rsplit_once(':').filter(|_| key.starts_with("status:"))
        && let Some(rank) = ORDER.iter().position(|known| *known == status)
    {
        return (Key::of(&format!("event:{message}")), rank as u64 + 1);
    }
    (Key::of(&format!("event:{key}")), 1)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::webhook;

    fn statuses(of: &[(&str, &str)]) -> Vec<WebhookEvent> {
        let statuses: Vec<_> = of
            .iter()
            .map(|(id, status)| json!({"id": id, "status": status, "timestamp": "1749416383", "recipient_id": "15550001234"}))
            .collect();
        let value = json!({"metadata": {"phone_number_id": "1"}, "statuses": statuses});
        let body = json!({"object": "whatsapp_business_account",
            "entry": [{"id": "2", "changes": [{"field": "messages", "value": value}]}]});
        webhook::parse(body.to_string().as_bytes()).unwrap()
    }

    async fn told(dedup: &Dedup, of: &[(&str, &str)]) -> Vec<String> {
        let fresh = dedup.fresh(statuses(of)).await.unwrap();
        fresh.into_iter().filter_map(|event| event.status).collect()
    }

    #[tokio::test]
    async fn a_status_never_goes_backwards() {
        let dedup = Dedup::new();
        assert_eq!(told(&dedup, &[("A", "sent"), ("A", "sent"), ("B", "sent")]).await, ["sent", "sent"]);
        assert_eq!(told(&dedup, &[("A", "read"), ("A", "delivered"), ("A", "sent")]).await, ["read"]);
        // It may fail on one device, and a status that is new is nobody's successor.
        assert_eq!(told(&dedup, &[("A", "failed"), ("A", "failed"), ("A", "warning")]).await, ["failed", "warning"]);
        assert_eq!(told(&dedup, &[("A", "played"), ("A", "read")]).await, ["played"]);
    }

    #[tokio::test]
    async fn what_was_forgotten_is_taken_again() {
        let dedup = Dedup::new();
        told(&dedup, &[("A", "sent"), ("A", "delivered")]).await;
        dedup.forget(&statuses(&[("A", "delivered")])).await.unwrap();
        assert_eq!(told(&dedup, &[("A", "sent"), ("A", "delivered")]).await, ["delivered"]);
    }
}
