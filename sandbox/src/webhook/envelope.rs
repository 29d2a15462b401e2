//! From items to the payload of one POST.

use std::collections::VecDeque;

use serde_json::{Map, Value, json};

use crate::settings::PhoneNumber;

/// Where an item stands in a change's value.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum List {
    Messages,
    Statuses,
}

impl List {
    fn name(self) -> &'static str {
        match self {
            Self::Messages => "messages",
            Self::Statuses => "statuses",
        }
    }
}

/// What is told together: a message, or one status of one message (for a group, that of each member).
#[derive(Debug, Clone)]
pub(crate) struct Item {
    pub(crate) number: PhoneNumber,
    pub(crate) list: List,
    pub(crate) contacts: Vec<Value>,
    pub(crate) values: Vec<Value>,
}

/// The payload that tells these items.
///
/// Meta may put several entries in one POST, several changes in an entry and several items in a change. All three happen here as
/// soon as there are items enough, so that whoever reads only the first of them loses something.
pub(crate) fn payload(business_account_id: &str, items: Vec<Item>) -> Value {
    let in_entry = items.len().isqrt().max(1) + usize::from(items.len() > 1);
    let mut items = VecDeque::from(items);
    let mut entries = Vec::new();
    while !items.is_empty() {
        let here = items.drain(..in_entry.min(items.len())).collect();
        entries.push(json!({"id": business_account_id, "changes": changes(here, in_entry.div_ceil(2))}));
    }
    json!({"object": "whatsapp_business_account", "entry": entries})
}

/// Changes of up to `at_most` items each, all of one number and kind.
fn changes(items: Vec<Item>, at_most: usize) -> Vec<Value> {
    let mut groups: Vec<Vec<Item>> = Vec::new();
    for item in items {
        let fits = |group: &Vec<Item>| {
            let same = group.first().is_some_and(|one| one.number.id == item.number.id && one.list == item.list);
            same && group.len() < at_most
        };
        match groups.last_mut().filter(|group| fits(group)) {
            Some(group) => group.push(item),
            None => groups.push(vec![item]),
        }
    }
    groups.into_iter().filter_map(change).collect()
}

fn change(items: Vec<Item>) -> Option<Value> {
    let (number, list) = items.first().map(|item| (item.number.clone(), item.list))?;
    let mut contacts: Vec<Value> = Vec::new();
    let mut values = Vec::new();
    for item in items {
        let new = item.contacts.into_iter().filter(|contact| !contacts.contains(contact)).collect::<Vec<_>>();
        contacts.extend(new);
        values.extend(item.values);
    }
    let mut value = Map::new();
    value.insert("messaging_product".to_owned(), "whatsapp".into());
    let metadata = json!({"display_phone_number": number.digits(), "phone_number_id": number.id});
    value.insert("metadata".to_owned(), metadata);
    if !contacts.is_empty() {
        value.insert("contacts".to_owned(), contacts.into());
    }
    value.insert(list.name().to_owned(), values.into());
    Some(json!({"value": value, "field": "messages"}))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn item(id: usize, list: List) -> Item {
        Item {
            number: PhoneNumber::new("1"),
            list,
            contacts: vec![json!({"wa_id": "1"})],
            values: vec![json!({"id": id})],
        }
    }

    #[test]
    fn one_item_makes_one_of_each() {
        let payload = payload("9", vec![item(0, List::Messages)]);
        let value = json!({
            "messaging_product": "whatsapp",
            "metadata": {"display_phone_number": "15550783881", "phone_number_id": "1"},
            "contacts": [{"wa_id": "1"}],
            "messages": [{"id": 0}],
        });
        let expected = json!({"object": "whatsapp_business_account",
            "entry": [{"id": "9", "changes": [{"value": value, "field": "messages"}]}]});
        assert_eq!(payload, expected);
    }

    #[test]
    fn many_items_fill_all_four_levels_and_none_is_lost() {
        for count in [2, 5, 10, 1000] {
            let items = (0..count).map(|id| item(id, if id % 7 < 3 { List::Messages } else { List::Statuses }));
            let payload = payload("9", items.collect());
            let entries = payload["entry"].as_array().unwrap();
            let changes: Vec<&Value> = entries.iter().flat_map(|entry| entry["changes"].as_array().unwrap()).collect();
            let lists: Vec<&Value> = changes
                .iter()
                .flat_map(|change| ["messages", "statuses"].map(|name| &change["value"][name]))
                .filter(|list| !list.is_null())
                .collect();
            let ids = lists.iter().flat_map(|list| list.as_array().unwrap()).map(|value| value["id"].as_u64().unwrap());
            assert_eq!(ids.collect::<Vec<_>>(), (0..count as u64).collect::<Vec<_>>(), "in order");
            if count >= 5 {
                assert!(entries.len() > 1 && changes.len() > entries.len() && lists.len() < count, "{payload}");
            }
            for change in changes {
                assert_eq!(change["value"]["contacts"], json!([{"wa_id": "1"}]), "each person once");
            }
        }
    }
}
