//! Who a message goes to.

use std::fmt;

use serde::{Deserialize, Deserializer};
use serde_json::Value;

use super::incoming::Incoming;
use super::limits;
use super::read::kind_of;
use super::violation::{Checker, Rule};

/// Who a message goes to: a phone number, a business-scoped user id or a group.
///
/// Made from text (`"+1 555 000 1234"`, `"US.13491208655302741918"`) or by name with [`Recipient::user`] and
/// [`Recipient::group`]. It is checked when the message is, not when it is made.
///
/// A phone number is `+` or `00`, the country code and the number, with any punctuation; bare digits that begin with a
/// country code are taken too. It always goes out with a leading `+`: without it Meta puts the business's own country code
/// in front, and a stranger gets the message. Numbers with punctuation but no `+` or `00`, and numbers with a leading zero,
/// are refused, since their country would be a guess.
#[derive(Clone, PartialEq, Eq, Hash)]
pub struct Recipient {
    given: Given,
    /// The number that the event came to which this is the author of: it has to be the one that answers.
    number_id: Option<String>,
}

#[derive(Clone, PartialEq, Eq, Hash)]
enum Given {
    /// Text from the caller: a phone number, or a business-scoped user id if it looks like one.
    Text(String),
    User(String),
    Group(String),
    /// Why something is no recipient at all, kept until the message is checked.
    Wrong(String),
}

/// A recipient that was checked, as it goes out.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(crate) enum Address {
    /// `+` and digits.
    Phone(String),
    User(String),
    Group(String),
}

impl Recipient {
    fn of(given: Given) -> Self {
        Recipient { given, number_id: None }
    }

    /// Whoever wrote the message of an event.
    pub(crate) fn author(incoming: Incoming) -> Self {
        let author = incoming.author().unwrap_or_else(|why| Recipient::of(Given::Wrong(why)));
        Recipient { number_id: incoming.number_id, ..author }
    }

    /// The number that the message came to which this is the author of.
    pub(crate) fn number_id(&self) -> Option<&str> {
        self.number_id.as_deref()
    }

    /// A phone number in international form.
    pub fn phone(number: impl Into<String>) -> Self {
        Recipient::of(Given::Text(number.into()))
    }

    /// A business-scoped user id (`US.13491208655302741918`), as webhooks carry it since 2026.
    pub fn user(id: impl Into<String>) -> Self {
        Recipient::of(Given::User(id.into()))
    }

    /// A group, by the id that Meta gave it.
    pub fn group(id: impl Into<String>) -> Self {
        Recipient::of(Given::Group(id.into()))
    }

    /// Whether it is a business-scoped user id.
    pub(crate) fn is_user(&self) -> bool {
        matches!(self.address(), Ok(Address::User(_)))
    }

    /// Whether it is a group.
    pub(crate) fn is_group(&self) -> bool {
        matches!(self.address(), Ok(Address::Group(_)))
    }

    /// What the caller gave, for messages about it.
    pub(crate) fn given(&self) -> &str {
        match &self.given {
            Given::Text(text) | Given::User(text) | Given::Group(text) | Given::Wrong(text) => text,
        }
    }

    /// The address as it goes out, or why it is none.
    pub(crate) fn address(&self) -> Result<Address, String> {
        match &self.given {
            Given::Text(text) if is_user_id(text.trim()) => Ok(Address::User(text.trim().to_owned())),
            Given::Text(text) => phone_number(text).map(Address::Phone),
            Given::User(id) if is_user_id(id) => Ok(Address::User(id.clone())),
            Given::User(id) => Err(format!("is not a business-scoped user id such as US.13491208655302741918: {id:?}")),
            Given::Group(id) if !id.is_empty() && !id.contains(char::is_whitespace) => Ok(Address::Group(id.clone())),
            Given::Group(id) => Err(format!("is not a group id: {id:?}")),
            Given::Wrong(why) => Err(why.clone()),
        }
    }

    /// The number, where only numbers are possible: `+` and digits.
    pub(crate) fn phone_number(&self) -> Result<String, String> {
        match self.address()? {
            Address::Phone(number) => Ok(number),
            Address::User(_) | Address::Group(_) => {
                Err("must be a phone number: Meta takes nothing else here".to_owned())
            }
        }
    }

    pub(crate) fn check(&self, checker: &mut Checker) {
        if let Err(message) = self.address() {
            let member = if matches!(self.given, Given::User(_)) { "recipient" } else { "to" };
            let rule = match &self.given {
                Given::Wrong(_) => Rule::Type,
                _ if self.given().trim().is_empty() => Rule::Required,
                _ => Rule::Format,
            };
            checker.refuse_at(member, rule, message);
        }
    }
}

/// `CC.` and up to 128 letters and digits, or `CC.ENT.` and the same for a parent id (Meta's page on business-scoped user ids).
fn is_user_id(text: &str) -> bool {
    let Some((country, rest)) = text.split_once('.') else { return false };
    let id = rest.strip_prefix("ENT.").unwrap_or(rest);
    country.len() == 2
        && country.bytes().all(|b| b.is_ascii_uppercase())
        && (1..=128).contains(&id.len())
        && id.bytes().all(|b| b.is_ascii_alphanumeric())
}

/// `+` and digits, or why the text is no phone number in international form.
fn phone_number(text: &str) -> Result<String, String> {
    const HOW: &str = "write it with + and the country code, such as +15550001234";
    let trimmed = text.trim_matches(is_invisible);
    if trimmed.is_empty() {
        return Err(format!("must not be empty: {HOW}"));
    }
    let (prefixed, rest) = if let Some(rest) = trimmed.strip_prefix('+') {
        (true, rest)
    } else if let Some(rest) = trimmed.strip_prefix("00") {
        (true, rest)
    } else {
        (false, trimmed)
    };
    // "+49 (0)151 …": the zero is dialled within the country only, and people write it to say so.
    if rest.contains("(0)") {
        return Err(format!("has a (0), which is dialled within the country only: leave it out and {HOW}"));
    }
    let mut digits = String::with_capacity(rest.len() + 1);
    digits.push('+');
    let mut punctuated = false;
    for c in rest.chars() {
        if c.is_ascii_digit() {
            digits.push(c);
        } else if is_punctuation(c) {
            punctuated = true;
        } else {
            return Err(format!("is not a phone number: {HOW}"));
        }
    }
    let count = digits.len() - 1;
    if count == 0 {
        return Err(format!("is not a phone number: {HOW}"));
    }
    if digits[1..].starts_with('0') {
        return Err(format!("begins with 0, so its country is not known: {HOW}"));
    }
    if punctuated && !prefixed {
        return Err(format!("has no country code: {HOW}"));
    }
    if !(limits::PHONE_DIGITS_MIN..=limits::PHONE_DIGITS_MAX).contains(&count) {
        return Err(format!(
            "must have {} to {} digits with its country code, has {count}",
            limits::PHONE_DIGITS_MIN,
            limits::PHONE_DIGITS_MAX
        ));
    }
    Ok(digits)
}

/// What people put between the digits of a phone number.
fn is_punctuation(c: char) -> bool {
    is_invisible(c) || matches!(c, '-' | '(' | ')' | '.' | '/' | '\u{2010}'..='\u{2015}')
}

/// White space, and the marks that contact lists copy along with a number (direction, word joiner).
fn is_invisible(c: char) -> bool {
    c.is_whitespace() || matches!(c, '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2060}' | '\u{feff}')
}

impl fmt::Debug for Recipient {
    /// Shows the kind and the last two characters: phone numbers are personal data and end up in logs.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let kind = match self.given {
            Given::Text(_) => "phone",
            Given::User(_) => "user",
            Given::Group(_) => "group",
            Given::Wrong(_) => "wrong",
        };
        let given = self.given();
        let tail = given.char_indices().rev().nth(1).map_or("", |(at, _)| &given[at..]);
        write!(f, "Recipient({kind} …{tail})")
    }
}

impl From<&str> for Recipient {
    fn from(text: &str) -> Self {
        Recipient::phone(text)
    }
}

impl From<String> for Recipient {
    fn from(text: String) -> Self {
        Recipient::phone(text)
    }
}

impl From<&String> for Recipient {
    fn from(text: &String) -> Self {
        Recipient::phone(text.as_str())
    }
}

impl<'de> Deserialize<'de> for Recipient {
    /// Takes anything: what is no recipient is told when the message is checked, together with its other mistakes.
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let value = match Value::deserialize(deserializer)? {
            Value::String(text) => return Ok(Recipient::phone(text)),
            // As good as an empty text: required.
            Value::Null => return Ok(Recipient::phone("")),
            other => other,
        };
        let named = |name| value.as_object().filter(|o| o.len() == 1)?.get(name)?.as_str();
        Ok(if let Some(id) = named("user") {
            Recipient::user(id)
        } else if let Some(id) = named("group") {
            Recipient::group(id)
        } else if let Some(incoming) = value.as_object().and_then(Incoming::read) {
            Recipient::author(incoming)
        } else {
            Recipient::of(Given::Wrong(format!(
                "must be a phone number as text such as \"+15550001234\", a user id or a group, got {}",
                kind_of(&value)
            )))
        })
    }
}

#[cfg(feature = "manifest")]
impl schemars::JsonSchema for Recipient {
    fn schema_name() -> std::borrow::Cow<'static, str> {
        "Recipient".into()
    }

    fn json_schema(_: &mut schemars::SchemaGenerator) -> schemars::Schema {
        schemars::json_schema!({
            "description": "A phone number in international form, a business-scoped user id, a group, or the event of a \
                message that came in: whoever wrote it.",
            "anyOf": [
                {"type": "string"},
                {"type": "object", "properties": {"user": {"type": "string"}}, "required": ["user"]},
                {"type": "object", "properties": {"group": {"type": "string"}}, "required": ["group"]},
                {"type": "object", "properties": {"event": {"type": "object"}}, "required": ["event"]},
            ],
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn phone(text: &str) -> Option<String> {
        match Recipient::from(text).address() {
            Ok(Address::Phone(number)) => Some(number),
            _ => None,
        }
    }

    #[test]
    fn international_numbers_become_plus_and_digits() {
        for text in [
            "+15550001234",
            "+1 (555) 000-1234",
            "0015550001234",
            "00 1 555.000.1234",
            "15550001234",
            " +1\u{a0}555/000\u{2013}1234 ",
            "\u{202a}+15550001234\u{202c}",
        ] {
            assert_eq!(phone(text).as_deref(), Some("+15550001234"), "{text:?}");
        }
    }

    #[test]
    fn a_country_is_never_guessed() {
        for text in [
            "(555) 000-1234",
            "555-000-1234",
            "05550001234",
            "+0 555 000 1234",
            "0",
            "+",
            "",
            "call me",
            "+1555CALLME",
            "1234567",
            "+1234567890123456",
            "1 555 000 1234",
            "++15550001234",
            "+49 (0)151 2345678",
            "+1555+0001234",
        ] {
            assert_eq!(phone(text), None, "{text:?}");
        }
    }

    #[test]
    fn a_business_scoped_user_id_is_known_by_its_look() {
        let address = Recipient::from("US.13491208655302741918").address();
        assert_eq!(address, Ok(Address::User("US.13491208655302741918".to_owned())));
        assert!(Recipient::from("US.ENT.abc123").address().is_ok());
        assert!(Recipient::user("+15550001234").address().is_err());
        assert!(Recipient::from("us.1349").address().is_err());
    }

    #[test]
    fn debug_hides_the_number() {
        assert_eq!(format!("{:?}", Recipient::from("+15550001234")), "Recipient(phone …34)");
    }
}
