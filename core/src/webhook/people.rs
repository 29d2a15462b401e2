//! Who: since people may hide their number, whoever is known by a user id is told by that.

use std::collections::HashMap;

use super::event::WebhookEvent;
use super::json::Node;
use super::walk::Scope;

details! {
    /// A person's choice about marketing messages.
    WebhookPreference {
        /// `marketing_messages`.
        category: Option<String> = "category",
        /// `stop` or `resume`.
        value: Option<String> = "value",
        /// A sentence about it.
        detail: Option<String> = "detail",
    }
    /// What a person's ids were and are. Whatever is kept by the old ones has to move.
    WebhookIdentity {
        /// `user_changed_number`, `user_changed_user_id`, …
        change: Option<String> = "type",
        /// The phone number from now on.
        wa_id: Option<String> = "wa_id|new_wa_id",
        /// The phone number until now.
        previous_wa_id: Option<String> = "previous_wa_id|customer",
        /// The user id from now on.
        user_id: Option<String> = "user_id.current|user_id",
        /// The user id until now.
        previous_user_id: Option<String> = "user_id.previous|previous_user_id",
        /// The parent user id from now on.
        parent_user_id: Option<String> = "parent_user_id.current|parent_user_id",
        /// The parent user id until now.
        previous_parent_user_id: Option<String> = "parent_user_id.previous|previous_parent_user_id",
    }
}

impl WebhookIdentity {
    /// Where only the new number is told, the message came from the old one.
    pub(super) fn before(mut self, sender: Option<&str>) -> Self {
        if self.previous_wa_id.is_none() && self.wa_id.is_some() && self.wa_id.as_deref() != sender {
            self.previous_wa_id = sender.map(str::to_owned);
        }
        self
    }
}

/// The `contacts` beside messages, statuses and calls.
#[derive(Default)]
pub(super) struct People<'n> {
    contacts: &'n [Node<'n>],
    /// Each by user id and by number. A batch can have thousands.
    places: HashMap<&'n str, usize>,
}

impl<'n> People<'n> {
    pub(super) fn of(value: &'n Node<'n>) -> Self {
        let contacts = value.items_of("contacts");
        let mut places = HashMap::new();
        if contacts.len() > 1 {
            for (place, contact) in contacts.iter().enumerate() {
                for name in ["wa_id", "user_id"] {
                    if let Some(id) = contact.str_at(name) {
                        places.entry(id).or_insert(place);
                    }
                }
            }
        }
        People { contacts, places }
    }

    /// The contact with one of these ids. A single one is it unless an id says that it is not.
    fn find(&self, user_id: Option<&str>, number: Option<&str>) -> Option<&'n Node<'n>> {
        if let [contact] = self.contacts {
            let differs = |name: &str, id: Option<&str>| match (contact.str_at(name), id) {
                (Some(known), Some(id)) => Some(known != id),
                _ => None,
            };
            let differs = differs("user_id", user_id).or(differs("wa_id", number)).unwrap_or_default();
            return Some(contact).filter(|_| !differs);
        }
        let place = [user_id, number].into_iter().flatten().find_map(|id| self.places.get(id))?;
        self.contacts.get(*place)
    }
}

/// Which members of an item name a person.
pub(super) struct Names {
    pub(super) number: &'static str,
    pub(super) user_id: &'static str,
    pub(super) parent: &'static str,
}

/// Who a message or call is from.
pub(super) const FROM: Names = Names { number: "from", user_id: "from_user_id", parent: "from_parent_user_id" };

/// Who an echo or call goes to.
pub(super) const TO: Names = Names {
    number: "to|recipient.phone_number|message.to",
    user_id: "to_user_id|recipient.user_id|message.recipient",
    parent: "to_parent_user_id|recipient.parent_user_id",
};

/// Of whom an item without a direction tells.
pub(super) const ABOUT: Names = Names { number: "wa_id|phone_number", user_id: "user_id", parent: "parent_user_id" };

/// A person of an item.
#[derive(Debug, Default, PartialEq)]
pub(super) struct Person {
    pub(super) number: Option<String>,
    pub(super) user_id: Option<String>,
}

/// The person that an item names, made complete from the contacts; the event gets what only the other person has: the key
/// of the conversation and the name.
pub(super) fn other_person(event: &mut WebhookEvent, scope: &Scope<'_>, item: &Node<'_>, names: &Names) -> Person {
    let (number, user_id) = (item.str_at(names.number), item.str_at(names.user_id));
    let contact = scope.people.find(user_id, number);
    let of_contact = |paths: &str| contact.and_then(|contact| contact.text_at(paths));
    let person = Person {
        number: number.map(str::to_owned).or_else(|| of_contact("wa_id")),
        user_id: user_id.map(str::to_owned).or_else(|| of_contact("user_id")),
    };
    event.user = person.user_id.clone().or_else(|| person.number.clone());
    event.parent_user_id = item.text_at(names.parent).or_else(|| of_contact("parent_user_id"));
    event.name = of_contact("profile.name");
    event.username = without_at(contact.and_then(|contact| contact.str_at("profile.username|username")));
    event.identity_key_hash = of_contact("identity_key_hash");
    person
}

/// Somebody is the sender.
pub(super) fn from(event: &mut WebhookEvent, scope: &Scope<'_>, item: &Node<'_>, names: &Names) {
    let person = other_person(event, scope, item, names);
    (event.sender, event.sender_user_id) = (person.number, person.user_id);
}

/// Somebody is the recipient.
pub(super) fn to(event: &mut WebhookEvent, scope: &Scope<'_>, item: &Node<'_>, names: &Names) {
    let person = other_person(event, scope, item, names);
    (event.recipient, event.recipient_user_id) = (person.number, person.user_id);
}

/// A user name may come with `@`.
pub(super) fn without_at(username: Option<&str>) -> Option<String> {
    username.map(|name| name.strip_prefix('@').unwrap_or(name).to_owned())
}
