//! Asks for a postal address.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::{Action, FrameRules};
use crate::message::near::not_known;
use crate::message::tagged::words;
use crate::message::violation::{Checker, Rule};

/// Asks for a postal address with a form of WhatsApp's own.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct AddressRequest {
    /// Always `address_message`.
    pub name: AddressWord,
    /// Which form, and what it is filled with.
    pub parameters: AddressParameters,
}

words! {
    /// The name of this action.
    AddressWord = "address_message";
}

/// Which form, and what it is filled with.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct AddressParameters {
    /// The country's code of two letters.
    pub country: String,
    /// What the form is filled with, by field.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub values: Option<BTreeMap<String, String>>,
    /// What is wrong with what was filled in before, by field.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub validation_errors: Option<BTreeMap<String, String>>,
    /// Addresses to choose from.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub saved_addresses: Option<Vec<SavedAddress>>,
}

/// An address to choose.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "manifest", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct SavedAddress {
    /// What comes back in the webhook when it is chosen.
    pub id: String,
    /// The address, by field.
    pub value: BTreeMap<String, String>,
}

/// The fields of the form and where there are such (Meta's page "Address Messages").
const FIELDS: &[&str] = &[
    "name",
    "phone_number",
    "in_pin_code",
    "sg_post_code",
    "house_number",
    "floor_number",
    "tower_number",
    "building_name",
    "address",
    "landmark_area",
    "unit_number",
    "city",
    "state",
];

impl AddressRequest {
    /// The form with these parameters.
    pub fn new(parameters: AddressParameters) -> Self {
        AddressRequest { name: AddressWord::Is, parameters }
    }
}

impl Action for AddressRequest {
    const FRAME: FrameRules = FrameRules::ALL;

    fn check(&self, checker: &mut Checker) {
        checker.member("parameters", |c| self.parameters.check(c));
    }
}

impl AddressParameters {
    fn check(&self, checker: &mut Checker) {
        let is_code = self.country.len() == 2 && self.country.bytes().all(|b| b.is_ascii_uppercase());
        if self.country.is_empty() {
            checker.refuse_at("country", Rule::Required, "must not be empty");
        } else if !is_code {
            checker.refuse_at("country", Rule::Format, "must be a country's code of two capital letters such as IN");
        }
        for (name, fields) in [("values", &self.values), ("validation_errors", &self.validation_errors)] {
            if let Some(fields) = fields {
                checker.member(name, |c| check_fields(fields, c));
            }
        }
        checker.items("saved_addresses", self.saved_addresses.as_deref().unwrap_or_default(), |checker, saved| {
            checker.text("id", &saved.id, 1, usize::MAX);
            checker.member("value", |c| check_fields(&saved.value, c));
        });
    }
}

fn check_fields(fields: &BTreeMap<String, String>, checker: &mut Checker) {
    for name in fields.keys().filter(|name| !FIELDS.contains(&name.as_str())) {
        checker.key(name, |c| c.refuse(Rule::Unknown, not_known(name, FIELDS)));
    }
}
