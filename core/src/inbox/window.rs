//! Who may be written to freely.

use serde::Deserialize;

use super::Memory;
use crate::CancelToken;
use crate::client::{CallOptions, Client};
use crate::error::{Error, Result};
use crate::graph::codes::ErrorClass;
use crate::message::{Address, Invalid, Message, Recipient, Violation};
use crate::operation::registry::{self, Reply};
use crate::store::{Change, Item, Key};
use crate::webhook::{WebhookEvent, WebhookKind};

/// For so long after a person wrote they may be sent anything (Meta's page "Service messages").
const OPEN_S: u64 = 24 * 3600;
/// And for so long after they wrote by way of an ad that leads to WhatsApp.
const OPEN_BY_AD_S: u64 = 72 * 3600;
/// What reaches Meta at the very end may come too late for it.
const MARGIN_S: u64 = 60;
/// "Re-engagement message": the window is closed.
const CLOSED: i64 = 131_047;

/// Knows from events who may be sent anything: whoever wrote in the last 24 hours, or 72 after a click on an ad that leads
/// to WhatsApp. To everybody else only templates go out.
///
/// Each of your numbers has a window of its own with each person; phone number and user id of one person are the same.
/// Groups have none. A person who never wrote, or not since this store is there, has a closed one.
///
/// It is kept where [`Dedup`](super::Dedup) keeps what it knows: in memory, in a SQLite file or on a server.
///
/// ```no_run
/// # async fn example(wa: wacloud::Client, body: &[u8]) -> wacloud::Result<()> {
/// use wacloud::inbox::ServiceWindow;
/// use wacloud::operation::SendTemplate;
/// use wacloud::{Message, webhook};
///
/// let window = ServiceWindow::open("inbox.db")?;
/// window.observe(&webhook::parse(body)?).await?;
///
/// let to = "+15550001234";
/// let template = SendTemplate::new(to, "order_update", "en_US").into();
/// window.send(&wa, Message::text(to, "Your parcel has arrived"), template).await?;
/// # Ok(())
/// # }
/// ```
#[derive(Clone)]
pub struct ServiceWindow {
    memory: Memory,
}

impl Default for ServiceWindow {
    fn default() -> Self {
        Self::new()
    }
}

/// What a window learns from an event.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default)]
pub struct WindowNews {
    kind: String,
    channel: String,
    number_id: Option<String>,
    timestamp: Option<f64>,
    sender: Option<String>,
    sender_user_id: Option<String>,
    recipient: Option<String>,
    recipient_user_id: Option<String>,
    /// Whether it came by way of an ad.
    by_ad: bool,
    /// The codes of its errors.
    codes: Vec<i64>,
}

impl From<&WebhookEvent> for WindowNews {
    fn from(event: &WebhookEvent) -> Self {
        let kind = match event.kind {
            WebhookKind::Message => "message",
            WebhookKind::Status => "status",
            _ => "",
        };
        let source = event.referral.as_ref().and_then(|referral| referral.source_type.clone());
        WindowNews {
            kind: kind.to_owned(),
            channel: super::reply::name(&event.channel),
            number_id: event.number_id.clone(),
            timestamp: event.timestamp,
            sender: event.sender.clone(),
            sender_user_id: event.sender_user_id.clone(),
            recipient: event.recipient.clone(),
            recipient_user_id: event.recipient_user_id.clone(),
            by_ad: source.as_deref() == Some("ad"),
            codes: event.errors.iter().filter_map(|error| error.error.code).collect(),
        }
    }
}

impl ServiceWindow {
    /// Remembers in this process.
    pub fn new() -> Self {
        ServiceWindow { memory: Memory::of_process() }
    }

    /// Remembers in a SQLite file or on a server: a path, `redis://…` or `rediss://…`. Nothing is opened yet.
    ///
    /// # Errors
    /// [`Error::Config`] where `store` is neither.
    pub fn open(store: &str) -> Result<Self> {
        Ok(ServiceWindow { memory: Memory::open(store)? })
    }

    /// Learns from events, in any order and as often as they come: a message opens the window, a status with 131047 closes
    /// it. All others say nothing about it.
    ///
    /// # Errors
    /// [`Error::Store`] where the store cannot be used.
    pub async fn observe(&self, events: &[WebhookEvent]) -> Result<()> {
        self.learn(&events.iter().map(WindowNews::from).collect::<Vec<_>>()).await
    }

    /// The same from what the language packages write of events.
    ///
    /// # Errors
    /// As [`observe`](Self::observe).
    pub async fn learn(&self, news: &[WindowNews]) -> Result<()> {
        let now_s = self.memory.now_s();
        let mut opened = Vec::new();
        for news in news.iter().filter(|news| news.channel == "whatsapp") {
            let Some(number_id) = &news.number_id else { continue };
            // A clock that is ahead of ours opens nothing for longer than it may be open.
            let at_s = news.timestamp.map_or(now_s, |at_s| (at_s.max(0.0) as u64).min(now_s));
            if news.kind == "message" {
                let until_s = at_s + if news.by_ad { OPEN_BY_AD_S } else { OPEN_S };
                let value = Open { until_s, by_ad: news.by_ad }.to_value();
                let people = [&news.sender, &news.sender_user_id].into_iter().flatten();
                opened.extend(people.map(|person| Change::Raise(Item { key: key(number_id, person), value, until_s })));
            } else if news.kind == "status" && news.codes.contains(&CLOSED) {
                // In the order in which they came: what closes must not be overtaken by what it closes.
                self.memory.change(std::mem::take(&mut opened)).await?;
                let people = [&news.recipient, &news.recipient_user_id].into_iter().flatten();
                self.close(people.map(|person| key(number_id, person)).collect(), at_s).await?;
            }
        }
        if !opened.is_empty() {
            self.memory.change(opened).await?;
        }
        Ok(())
    }

    /// Until when the window of a person with a number of yours is open, in seconds since 1970; `None` where it is closed.
    ///
    /// # Errors
    /// [`Error::Store`] where the store cannot be used; [`Error::Validation`] where `person` is no recipient.
    pub async fn open_until(&self, number_id: &str, person: impl Into<Recipient>) -> Result<Option<u64>> {
        let recipient = person.into();
        let address = recipient.address().map_err(|problem| wrong("to", problem))?;
        let Some(key) = key_of(number_id, &address) else { return Ok(None) };
        let until_s = self.known_until_s(key).await?;
        Ok((until_s > self.memory.now_s() + MARGIN_S).then_some(until_s))
    }

    /// Whether a person may be sent anything now.
    ///
    /// # Errors
    /// As [`open_until`](Self::open_until).
    pub async fn is_open(&self, number_id: &str, person: impl Into<Recipient>) -> Result<bool> {
        Ok(self.open_until(number_id, person).await?.is_some())
    }

    /// Sends `message` where the window of its recipient is open, else `fallback`, a template to the same person. Where Meta
    /// says that it is closed after all (131047: nothing was sent), the window learns it and `fallback` goes out. Mistakes in
    /// either are told before anything is sent.
    ///
    /// # Errors
    /// Every [`Error`] of a send, and [`Error::Store`].
    pub async fn send(&self, client: &Client, message: Message, fallback: Message) -> Result<crate::SentMessage> {
        let address = both(&message, &fallback)?;
        let number_id = client.phone_number_id();
        if self.is_open_for(number_id, &address).await? {
            match client.send(message).await {
                Err(error) if is_closed(&error) => self.close_for(number_id, &address).await?,
                sent => return sent,
            }
        }
        client.send(fallback).await
    }

    /// [`send`](Self::send) for the language packages: both are an operation's name and its arguments as JSON, and so is the
    /// answer.
    ///
    /// # Errors
    /// As [`send`](Self::send).
    pub async fn dispatch(
        &self,
        client: &Client,
        message: (&str, &str),
        fallback: (&str, &str),
        options: &CallOptions,
        cancel: CancelToken,
    ) -> Result<Reply> {
        let below = |invalid: Invalid| {
            Invalid::new(invalid.violations.into_iter().map(|violation| violation.below("fallback")).collect())
        };
        let read = |(name, arguments): (&str, &str)| registry::message(name, arguments);
        let address = both(&read(message)?, &read(fallback).map_err(below)?)?;
        let number_id = client.phone_number_id();
        if self.is_open_for(number_id, &address).await? {
            match registry::dispatch(client, message.0, message.1, options, cancel.clone()).await {
                Err(error) if is_closed(&error) => self.close_for(number_id, &address).await?,
                answered => return answered,
            }
        }
        registry::dispatch(client, fallback.0, fallback.1, options, cancel).await
    }

    async fn is_open_for(&self, number_id: &str, address: &Address) -> Result<bool> {
        // A group has no window: whether something may go there is for Meta to say.
        let Some(key) = key_of(number_id, address) else { return Ok(true) };
        Ok(self.known_until_s(key).await? > self.memory.now_s() + MARGIN_S)
    }

    async fn known_until_s(&self, key: Key) -> Result<u64> {
        let known = self.memory.get(vec![key]).await?;
        Ok(Open::from_value(known.first().copied().unwrap_or_default()).until_s)
    }

    async fn close_for(&self, number_id: &str, address: &Address) -> Result<()> {
        let Some(key) = key_of(number_id, address) else { return Ok(()) };
        self.close(vec![key], self.memory.now_s()).await
    }

    /// Closed as of `at_s`, unless the person has written since.
    async fn close(&self, keys: Vec<Key>, at_s: u64) -> Result<()> {
        let open = self.memory.get(keys.clone()).await?;
        let closed = keys.into_iter().zip(open).filter(|(_, value)| Open::from_value(*value).since_s() <= at_s);
        let closed: Vec<Change> = closed.map(|(key, _)| Change::Put(Item { key, value: 0, until_s: 0 })).collect();
        if !closed.is_empty() {
            self.memory.change(closed).await?;
        }
        Ok(())
    }
}

/// An open window, as one number: the later end is the higher one.
struct Open {
    until_s: u64,
    by_ad: bool,
}

impl Open {
    fn to_value(&self) -> u64 {
        self.until_s << 1 | u64::from(self.by_ad)
    }

    fn from_value(value: u64) -> Self {
        Open { until_s: value >> 1, by_ad: value & 1 == 1 }
    }

    /// When the message came that opened it.
    fn since_s(&self) -> u64 {
        self.until_s.saturating_sub(if self.by_ad { OPEN_BY_AD_S } else { OPEN_S })
    }
}

/// Checks both, and returns where they go.
fn both(message: &Message, fallback: &Message) -> Result<Address> {
    let mut violations: Vec<Violation> = Vec::new();
    violations.extend(message.check().err().map(|invalid| invalid.violations).unwrap_or_default());
    let of_fallback = fallback.check().err().map(|invalid| invalid.violations).unwrap_or_default();
    violations.extend(of_fallback.into_iter().map(|violation| violation.below("fallback")));
    match (message.to.address(), fallback.to.address()) {
        (Ok(address), Ok(other)) if violations.is_empty() => {
            if address == other {
                return Ok(address);
            }
            Err(wrong("fallback.to", "must be whom the message goes to".to_owned()))
        }
        _ => Err(Error::Validation(Invalid::new(violations))),
    }
}

fn wrong(path: &str, message: String) -> Error {
    Error::Validation(Violation { path: path.into(), rule: "format".into(), message }.into())
}

fn is_closed(error: &Error) -> bool {
    matches!(error, Error::Api(api) if api.class == ErrorClass::WindowClosed)
}

fn key_of(number_id: &str, address: &Address) -> Option<Key> {
    match address {
        Address::Phone(person) | Address::User(person) => Some(key(number_id, person)),
        Address::Group(_) => None,
    }
}

/// Webhooks write phone numbers without the `+`.
fn key(number_id: &str, person: &str) -> Key {
    Key::of(&format!("window:{number_id}:{}", person.trim_start_matches('+')))
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOW_S: u64 = 1_800_000_000;

    fn window() -> ServiceWindow {
        let mut window = ServiceWindow::new();
        window.memory.now_s = || NOW_S;
        window
    }

    fn wrote(ago_s: u64) -> WindowNews {
        WindowNews {
            kind: "message".into(),
            channel: "whatsapp".into(),
            number_id: Some("1".into()),
            timestamp: Some((NOW_S - ago_s) as f64),
            sender: Some("15550001234".into()),
            sender_user_id: Some("US.1".into()),
            ..WindowNews::default()
        }
    }

    fn closed(ago_s: u64) -> WindowNews {
        WindowNews {
            kind: "status".into(),
            codes: vec![CLOSED],
            sender: None,
            sender_user_id: None,
            recipient: Some("15550001234".into()),
            recipient_user_id: Some("US.1".into()),
            ..wrote(ago_s)
        }
    }

    async fn until(window: &ServiceWindow) -> Option<u64> {
        let phone = window.open_until("1", "+1 555 000 1234").await.unwrap();
        assert_eq!(phone, window.open_until("1", "US.1").await.unwrap(), "one person");
        phone
    }

    #[tokio::test]
    async fn it_is_open_for_a_day_and_after_an_ad_for_three() {
        for (ago_s, by_ad, is_open) in [
            (0, false, true),
            (OPEN_S - MARGIN_S - 1, false, true),
            (OPEN_S - MARGIN_S, false, false),
            (OPEN_S, true, true),
            (OPEN_BY_AD_S, true, false),
        ] {
            let window = window();
            window.learn(&[WindowNews { by_ad, ..wrote(ago_s) }]).await.unwrap();
            assert_eq!(until(&window).await.is_some(), is_open, "{ago_s} s, {by_ad}");
        }
    }

    #[tokio::test]
    async fn an_older_message_never_shortens_it() {
        let window = window();
        window.learn(&[wrote(100), wrote(50_000), WindowNews { timestamp: Some(f64::MAX), ..wrote(0) }]).await.unwrap();
        assert_eq!(until(&window).await, Some(NOW_S + OPEN_S));
    }

    #[tokio::test]
    async fn a_refusal_closes_it_until_the_person_writes_again() {
        let window = window();
        window.learn(&[wrote(1_000), closed(500)]).await.unwrap();
        assert_eq!(until(&window).await, None);
        window.learn(&[wrote(100)]).await.unwrap();
        assert!(until(&window).await.is_some());
        // A refusal from before that comes late says nothing about what came after it.
        window.learn(&[closed(500)]).await.unwrap();
        assert!(until(&window).await.is_some());
    }

    #[tokio::test]
    async fn a_refusal_closes_a_window_that_an_ad_opened() {
        let window = window();
        window.learn(&[WindowNews { by_ad: true, ..wrote(1_000) }]).await.unwrap();
        window.learn(&[closed(2_000)]).await.unwrap();
        assert!(until(&window).await.is_some(), "a refusal from before");
        window.learn(&[closed(500)]).await.unwrap();
        assert_eq!(until(&window).await, None);
    }

    #[tokio::test]
    async fn numbers_and_channels_are_apart() {
        let window = window();
        window.learn(&[WindowNews { channel: "messenger".into(), ..wrote(0) }]).await.unwrap();
        assert_eq!(until(&window).await, None);
        window.learn(&[wrote(0)]).await.unwrap();
        assert!(!window.is_open("2", "+15550001234").await.unwrap());
    }
}
