//! Answers of `POST /{phone-number-id}/messages`.

use serde::Deserialize;
use serde::de::IgnoredAny;
use serde_json::{Map, Value};

/// A 200 to a send that has nothing but what is known: as good as all of them.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Known {
    #[serde(rename = "messaging_product")]
    _product: Option<IgnoredAny>,
    #[serde(default)]
    contacts: Vec<Contact>,
    messages: Vec<Accepted>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
struct Contact {
    input: Option<String>,
    wa_id: Option<String>,
    user_id: Option<String>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
struct Accepted {
    id: Option<String>,
    message_status: Option<String>,
    group_id: Option<String>,
}

/// What Meta said about a message that it accepted.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Acceptance {
    pub(crate) id: String,
    /// Who it goes to, as it was written in the request.
    pub(crate) input: Option<String>,
    pub(crate) wa_id: Option<String>,
    pub(crate) user_id: Option<String>,
    pub(crate) group_id: Option<String>,
    pub(crate) status: Option<String>,
    /// Members of the answer, the contact and the message that are not known, or are of another type than they should be.
    pub(crate) extra: Map<String, Value>,
}

impl Acceptance {
    /// What a body of a 200 says, if it names the message. Everything else may be missing or new: an answer without an id is
    /// an outcome of its own, not an error of reading.
    pub(crate) fn read(body: &[u8]) -> Option<Self> {
        match serde_json::from_slice::<Known>(body) {
            Ok(Known { contacts, messages, .. }) if contacts.len() <= 1 && messages.len() == 1 => {
                let message = messages.into_iter().next()?;
                let contact = contacts.into_iter().next().unwrap_or_default();
                Some(Acceptance {
                    id: message.id.filter(|id| !id.is_empty())?,
                    input: contact.input,
                    wa_id: contact.wa_id,
                    user_id: contact.user_id,
                    group_id: message.group_id,
                    status: message.message_status,
                    extra: Map::new(),
                })
            }
            _ => Self::read_anything(body),
        }
    }

    fn read_anything(body: &[u8]) -> Option<Self> {
        let mut answer: Map<String, Value> = serde_json::from_slice(body).ok()?;
        let mut message = first(&mut answer, "messages")?;
        let mut contact = first(&mut answer, "contacts").unwrap_or_default();
        let acceptance = Acceptance {
            id: text(&mut message, "id").filter(|id| !id.is_empty())?,
            input: text(&mut contact, "input"),
            wa_id: text(&mut contact, "wa_id"),
            user_id: text(&mut contact, "user_id"),
            group_id: text(&mut message, "group_id"),
            status: text(&mut message, "message_status"),
            extra: Map::new(),
        };
        answer.shift_remove("messaging_product");
        let extra = answer.into_iter().chain(contact).chain(message).filter(|(_, value)| !value.is_null());
        Some(Acceptance { extra: extra.collect(), ..acceptance })
    }
}

/// Takes the first object out of a list. What else is in it stays.
fn first(answer: &mut Map<String, Value>, name: &str) -> Option<Map<String, Value>> {
    let list = answer.get_mut(name)?.as_array_mut()?;
    let Some(Value::Object(object)) = list.first_mut().map(Value::take) else { return None };
    list.remove(0);
    if list.is_empty() {
        answer.shift_remove(name);
    }
    Some(object)
}

/// Takes a text out of an object. What is none stays.
fn text(object: &mut Map<String, Value>, name: &str) -> Option<String> {
    let text = object.get(name)?.as_str()?.to_owned();
    object.shift_remove(name);
    Some(text)
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn only_an_id_makes_an_acceptance() {
        let body = br#"{"messaging_product":"whatsapp","contacts":[{"input":"+1","wa_id":"1"}],"messages":[{"id":"wamid.A"}]}"#;
        assert_eq!(Acceptance::read(body).map(|a| (a.id, a.wa_id)), Some(("wamid.A".into(), Some("1".into()))));
        let odd = br#"{"contacts":null,"messages":[{"id":"wamid.A","message_status":1}]}"#;
        assert_eq!(Acceptance::read(odd).map(|a| a.id), Some("wamid.A".into()));
        for body in ["", "{}", "<html>", r#"{"messages":[]}"#, r#"{"messages":[{}]}"#, r#"{"messages":[{"id":""}]}"#] {
            assert_eq!(Acceptance::read(body.as_bytes()), None, "{body}");
        }
    }

    #[test]
    fn what_is_new_is_kept_and_does_not_hide_what_is_known() {
        let read = |answer: Value| Acceptance::read(answer.to_string().as_bytes()).unwrap();
        let answer = read(json!({
            "messaging_product": "whatsapp", "notice": {"level": 1},
            "contacts": [{"input": "+1", "wa_id": "1", "parent_user_id": "US.ENT.1"}, {"wa_id": "2"}],
            "messages": [{"id": "wamid.A", "message_status": "accepted", "waits": true}],
        }));
        assert_eq!(
            (answer.id.as_str(), answer.wa_id.as_deref(), answer.status.as_deref(), answer.input.as_deref()),
            ("wamid.A", Some("1"), Some("accepted"), Some("+1"))
        );
        let extra =
            json!({"notice": {"level": 1}, "contacts": [{"wa_id": "2"}], "parent_user_id": "US.ENT.1", "waits": true});
        assert_eq!(Value::Object(answer.extra), extra);
        let odd = read(json!({"contacts": [{"wa_id": 1}], "messages": [{"id": "wamid.A", "message_status": 7}]}));
        assert_eq!((odd.wa_id, odd.status), (None, None));
        assert_eq!(Value::Object(odd.extra), json!({"wa_id": 1, "message_status": 7}));
        let plain = read(json!({"messaging_product": "whatsapp", "messages": [{"id": "wamid.A"}]}));
        assert!(plain.extra.is_empty());
    }
}
