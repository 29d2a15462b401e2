//! Who the customers are, and whether their service window is open.

use std::collections::{HashMap, VecDeque};

use serde_json::{Value, json};

/// How many people, and how many windows, are remembered.
const KEPT: usize = 100_000;
/// Meta's page "Send messages": free-form messages within 24 hours after the customer's last message.
const SERVICE_MS: u64 = 24 * 3_600_000;
/// Meta's page "Pricing": 72 hours after a click on an ad that opens a chat.
const ENTRY_POINT_MS: u64 = 72 * 3_600_000;

/// Calling codes and the two letters of a country that uses them, for user ids that are made up.
const COUNTRIES: &[(&str, &str)] = &[
    ("1", "US"),
    ("20", "EG"),
    ("234", "NG"),
    ("254", "KE"),
    ("27", "ZA"),
    ("31", "NL"),
    ("33", "FR"),
    ("34", "ES"),
    ("351", "PT"),
    ("39", "IT"),
    ("41", "CH"),
    ("43", "AT"),
    ("44", "GB"),
    ("48", "PL"),
    ("49", "DE"),
    ("52", "MX"),
    ("54", "AR"),
    ("55", "BR"),
    ("57", "CO"),
    ("62", "ID"),
    ("7", "KZ"),
    ("81", "JP"),
    ("90", "TR"),
    ("91", "IN"),
];

/// A customer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Person {
    /// The business-scoped user id.
    pub(crate) user_id: String,
    /// The number, unless it is hidden.
    pub(crate) wa_id: Option<String>,
    pub(crate) name: String,
    pub(crate) username: Option<String>,
}

impl Person {
    /// Somebody with this number. The user id is made of the number and the account, so that it is the same in each run.
    pub(crate) fn with_number(wa_id: &str, business_account_id: &str) -> Self {
        let country = COUNTRIES.iter().filter(|(code, _)| wa_id.starts_with(code)).max_by_key(|(code, _)| code.len());
        let country = country.map_or("ZZ", |(_, letters)| letters);
        // FNV-1a, which stays the same over versions.
        let hash = business_account_id
            .bytes()
            .chain([b'/'])
            .chain(wa_id.bytes())
            .fold(0xcbf2_9ce4_8422_2325_u64, |hash, byte| (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3));
        Self {
            user_id: format!("{country}.{hash:020}"),
            wa_id: Some(wa_id.to_owned()),
            name: "Sandbox customer".to_owned(),
            username: None,
        }
    }

    /// Somebody whose number is hidden.
    pub(crate) fn with_user_id(user_id: &str) -> Self {
        Self { user_id: user_id.to_owned(), wa_id: None, name: "Sandbox customer".to_owned(), username: None }
    }

    /// As an item of `contacts`. Meta's page on user names: `profile.username` comes with messages and with the statuses
    /// `delivered` and `read`.
    pub(crate) fn contact(&self, with_username: bool) -> Value {
        let mut contact = json!({"profile": {"name": self.name}});
        if let Some(username) = self.username.as_ref().filter(|_| with_username) {
            contact["profile"]["username"] = username.as_str().into();
        }
        if let Some(wa_id) = &self.wa_id {
            contact["wa_id"] = wa_id.as_str().into();
        }
        contact["user_id"] = self.user_id.as_str().into();
        contact
    }
}

/// Why a message may be sent now, which also decides its price.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) enum Window {
    /// The customer has not written lately.
    #[default]
    Closed,
    /// The customer wrote within 24 hours.
    Service,
    /// The customer came from an ad within 72 hours.
    EntryPoint,
}

/// What a message costs.
#[derive(Debug, Clone, Default)]
pub(crate) struct Price {
    pub(crate) window: Window,
    /// `service`, or the template's category as pricing spells it.
    pub(crate) category: String,
}

/// When somebody last wrote to a number.
#[derive(Debug, Clone, Copy)]
struct Wrote {
    at_ms: u64,
    from_ad_ms: Option<u64>,
}

/// Everybody who is known.
#[derive(Debug, Default)]
pub(crate) struct People {
    by_user_id: HashMap<String, Person>,
    user_ids: HashMap<String, String>,
    order: VecDeque<String>,
    /// By business number and user id.
    wrote: HashMap<(String, String), Wrote>,
}

impl People {
    /// Who has this number: somebody known, or somebody made up.
    pub(crate) fn of_number(&self, wa_id: &str, business_account_id: &str) -> Person {
        let known = self.user_ids.get(wa_id).and_then(|user_id| self.by_user_id.get(user_id));
        known.cloned().unwrap_or_else(|| Person::with_number(wa_id, business_account_id))
    }

    /// Who has this user id.
    pub(crate) fn of_user_id(&self, user_id: &str) -> Person {
        self.by_user_id.get(user_id).cloned().unwrap_or_else(|| Person::with_user_id(user_id))
    }

    /// Remembers somebody.
    pub(crate) fn remember(&mut self, person: Person) {
        if let Some(wa_id) = &person.wa_id {
            self.user_ids.insert(wa_id.clone(), person.user_id.clone());
        }
        let user_id = person.user_id.clone();
        if self.by_user_id.insert(user_id.clone(), person).is_none() {
            self.order.push_back(user_id);
        }
        if self.order.len() > KEPT
            && let Some(oldest) = self.order.pop_front()
            && let Some(wa_id) = self.by_user_id.remove(&oldest).and_then(|person| person.wa_id)
        {
            self.user_ids.remove(&wa_id);
        }
    }

    /// Somebody wrote to a number, perhaps from an ad: that opens the window.
    pub(crate) fn wrote(&mut self, number_id: &str, user_id: &str, now_ms: u64, from_ad: bool) {
        if self.wrote.len() >= KEPT {
            self.wrote.retain(|_, wrote| window(*wrote, now_ms) != Window::Closed);
        }
        let key = (number_id.to_owned(), user_id.to_owned());
        let before = self.wrote.get(&key).and_then(|wrote| wrote.from_ad_ms);
        self.wrote.insert(key, Wrote { at_ms: now_ms, from_ad_ms: if from_ad { Some(now_ms) } else { before } });
    }

    /// Whether free-form messages from a number to somebody pass.
    pub(crate) fn window(&self, number_id: &str, user_id: &str, now_ms: u64) -> Window {
        let wrote = self.wrote.get(&(number_id.to_owned(), user_id.to_owned()));
        wrote.map_or(Window::Closed, |wrote| window(*wrote, now_ms))
    }
}

fn window(wrote: Wrote, now_ms: u64) -> Window {
    let within = |since: u64, length: u64| now_ms < since.saturating_add(length);
    match wrote {
        Wrote { from_ad_ms: Some(clicked), .. } if within(clicked, ENTRY_POINT_MS) => Window::EntryPoint,
        Wrote { at_ms, .. } if within(at_ms, SERVICE_MS) => Window::Service,
        _ => Window::Closed,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_user_id_has_the_form_that_recipients_have_and_stays_the_same() {
        let person = Person::with_number("4915112345678", "102290129340398");
        assert!(person.user_id.starts_with("DE.") && crate::recipient::is_user_id(&person.user_id), "{person:?}");
        assert_eq!(person, Person::with_number("4915112345678", "102290129340398"));
        assert_ne!(person.user_id, Person::with_number("4915112345678", "2").user_id, "it holds for one business");
        assert!(Person::with_number("3511234567", "1").user_id.starts_with("PT."), "the longest code counts");
        assert!(Person::with_number("9991234567", "1").user_id.starts_with("ZZ."));
    }

    #[test]
    fn the_window_closes_after_a_day_and_after_three_from_an_ad() {
        let mut people = People::default();
        assert_eq!(people.window("1", "US.1", 5), Window::Closed);
        people.wrote("1", "US.1", 1_000, false);
        assert_eq!(people.window("1", "US.1", 1_000 + SERVICE_MS - 1), Window::Service);
        assert_eq!(people.window("1", "US.1", 1_000 + SERVICE_MS), Window::Closed);
        assert_eq!(people.window("2", "US.1", 1_000), Window::Closed, "another number has a window of its own");
        people.wrote("1", "US.1", 2_000, true);
        people.wrote("1", "US.1", 3_000, false);
        assert_eq!(people.window("1", "US.1", 2_000 + ENTRY_POINT_MS - 1), Window::EntryPoint);
        assert_eq!(people.window("1", "US.1", 2_000 + ENTRY_POINT_MS), Window::Closed);
    }

    #[test]
    fn people_are_known_by_number_and_user_id() {
        let mut people = People::default();
        let ana = Person { name: "Ana".to_owned(), ..Person::with_number("15550001234", "1") };
        people.remember(ana.clone());
        assert_eq!(people.of_number("15550001234", "1"), ana);
        assert_eq!(people.of_user_id(&ana.user_id), ana);
        for i in 0..KEPT {
            people.remember(Person::with_user_id(&format!("US.{i}")));
        }
        assert_eq!(people.by_user_id.len(), KEPT);
        assert_eq!(people.of_user_id(&ana.user_id).name, "Sandbox customer", "the oldest are forgotten");
        assert!(people.user_ids.is_empty());
    }
}
