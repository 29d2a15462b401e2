//! Answers of `POST /{phone-number-id}/messages`.

use serde::Deserialize;

/// A 200 to a send. Everything may be missing: an answer without an id is an outcome of its own, not an error of reading.
#[derive(Debug, Default, Deserialize)]
pub(crate) struct MessageAnswer {
    #[serde(default)]
    contacts: Vec<Contact>,
    #[serde(default)]
    messages: Vec<Accepted>,
}

#[derive(Debug, Default, Deserialize)]
struct Contact {
    wa_id: Option<String>,
    user_id: Option<String>,
}

#[derive(Debug, Default, Deserialize)]
struct Accepted {
    id: Option<String>,
    message_status: Option<String>,
    group_id: Option<String>,
}

/// What Meta said about a message that it accepted.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Acceptance {
    pub(crate) id: String,
    pub(crate) wa_id: Option<String>,
    pub(crate) user_id: Option<String>,
    pub(crate) group_id: Option<String>,
    pub(crate) status: Option<String>,
}

impl MessageAnswer {
    /// What a body of a 200 says, if it names the message.
    pub(crate) fn acceptance(body: &[u8]) -> Option<Acceptance> {
        let answer = serde_json::from_slice(body).ok().or_else(|| Self::id_alone(body))?;
        let message = answer.messages.into_iter().next()?;
        let contact = answer.contacts.into_iter().next().unwrap_or_default();
        Some(Acceptance {
            id: message.id.filter(|id| !id.is_empty())?,
            wa_id: contact.wa_id,
            user_id: contact.user_id,
            group_id: message.group_id,
            status: message.message_status,
        })
    }

    /// An answer of which not everything has the type that it should: its id counts all the same.
    fn id_alone(body: &[u8]) -> Option<Self> {
        let answer: serde_json::Value = serde_json::from_slice(body).ok()?;
        let id = answer.pointer("/messages/0/id")?.as_str()?.to_owned();
        let message = Accepted { id: Some(id), ..Accepted::default() };
        Some(MessageAnswer { contacts: Vec::new(), messages: vec![message] })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_an_id_makes_an_acceptance() {
        let body = br#"{"messaging_product":"whatsapp","contacts":[{"input":"+1","wa_id":"1"}],"messages":[{"id":"wamid.A"}]}"#;
        assert_eq!(
            MessageAnswer::acceptance(body).map(|a| (a.id, a.wa_id)),
            Some(("wamid.A".into(), Some("1".into())))
        );
        let odd = br#"{"contacts":null,"messages":[{"id":"wamid.A","message_status":1}]}"#;
        assert_eq!(MessageAnswer::acceptance(odd).map(|a| a.id), Some("wamid.A".into()));
        for body in ["", "{}", "<html>", r#"{"messages":[]}"#, r#"{"messages":[{}]}"#, r#"{"messages":[{"id":""}]}"#] {
            assert_eq!(MessageAnswer::acceptance(body.as_bytes()), None, "{body}");
        }
    }
}
