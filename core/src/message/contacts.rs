//! People and businesses to add to the address book.

use serde::{Deserialize, Serialize};

use super::content::Checked;
use super::limits;
use super::violation::{Checker, Rule};

/// Graph's `contacts` list.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Contacts(pub Vec<Contact>);

/// A person or business.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "manifest", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct Contact {
    /// What they are called.
    pub name: ContactName,
    /// Their phone numbers. One with a `wa_id` can be written to with a tap.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub phones: Option<Vec<ContactPhone>>,
    /// Their email addresses.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub emails: Option<Vec<ContactEmail>>,
    /// Where they live or work.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub addresses: Option<Vec<ContactAddress>>,
    /// Where they work.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub org: Option<ContactOrganization>,
    /// Their pages.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub urls: Option<Vec<ContactUrl>>,
    /// When they were born: `YYYY-MM-DD`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub birthday: Option<String>,
}

/// Objects that are nothing but texts: at most one that must be there, `;`, and optional ones.
macro_rules! card {
    ($($(#[$docs:meta])* $name:ident {
        $($(#[$required_docs:meta])* $required:ident)?;
        $($(#[$member_docs:meta])* $member:ident $(= $word:literal)?,)*
    })*) => {$(
        $(#[$docs])*
        #[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
        #[cfg_attr(feature = "manifest", derive(schemars::JsonSchema))]
        #[serde(deny_unknown_fields)]
        pub struct $name {
            $($(#[$required_docs])* pub $required: String,)?
            $(
                $(#[$member_docs])*
                #[serde(skip_serializing_if = "Option::is_none" $(, rename = $word)?)]
                pub $member: Option<String>,
            )*
        }
    )*};
}

card! {
    /// What a contact is called.
    ContactName {
        /// The whole name, as it is shown.
        formatted_name;
        /// The first name.
        first_name,
        /// The last name.
        last_name,
        /// The middle name.
        middle_name,
        /// What comes before the name: `Dr`.
        prefix,
        /// What comes after it: `Jr`.
        suffix,
    }

    /// A phone number of a contact.
    ContactPhone {
        /// The number, as it is shown.
        phone;
        /// What it is for, such as `HOME` or `WORK`.
        kind = "type",
        /// The number as WhatsApp has it: digits. With it, the contact can be written to with a tap.
        wa_id,
    }

    /// An email address of a contact.
    ContactEmail {
        /// The address.
        email;
        /// What it is for, such as `HOME` or `WORK`.
        kind = "type",
    }

    /// A postal address of a contact.
    ContactAddress {
        ;
        /// Street and number.
        street,
        /// City.
        city,
        /// State, as it is abbreviated.
        state,
        /// Postal code.
        zip,
        /// Name of the country.
        country,
        /// Its code of two letters.
        country_code,
        /// What it is for, such as `HOME` or `WORK`.
        kind = "type",
    }

    /// Where a contact works.
    ContactOrganization {
        ;
        /// Name of the company.
        company,
        /// Department in it.
        department,
        /// What the contact does there.
        title,
    }

    /// A page of a contact.
    ContactUrl {
        /// The address of the page.
        url;
        /// What it is for, such as `HOME` or `WORK`.
        kind = "type",
    }
}

impl Contact {
    /// A contact of that name.
    pub fn new(formatted_name: impl Into<String>) -> Self {
        Contact {
            name: ContactName { formatted_name: formatted_name.into(), ..ContactName::default() },
            ..Contact::default()
        }
    }

    /// The same with one more phone number.
    #[must_use]
    pub fn phone(mut self, phone: impl Into<String>) -> Self {
        let phone = ContactPhone { phone: phone.into(), ..ContactPhone::default() };
        self.phones.get_or_insert_default().push(phone);
        self
    }

    fn check(&self, checker: &mut Checker) {
        checker.member("name", |c| c.text("formatted_name", &self.name.formatted_name, 1, usize::MAX));
        let phones = self.phones.as_deref().unwrap_or_default();
        checker.items("phones", phones, |c, phone| c.text("phone", &phone.phone, 1, usize::MAX));
        checker.items("emails", self.emails.as_deref().unwrap_or_default(), |c, email| {
            c.text("email", &email.email, 1, usize::MAX);
        });
        checker.items("urls", self.urls.as_deref().unwrap_or_default(), |c, url| {
            c.text("url", &url.url, 1, usize::MAX);
        });
        if self.birthday.as_ref().is_some_and(|day| !is_day(day)) {
            checker.refuse_at("birthday", Rule::Format, "must be a day as YYYY-MM-DD");
        }
    }
}

/// Whether it is `YYYY-MM-DD`, as far as a birthday has to be: no calendar is asked.
fn is_day(text: &str) -> bool {
    let parts: Vec<&str> = text.split('-').collect();
    let [year, month, day] = parts[..] else { return false };
    let number = |part: &str, digits: usize| {
        let is_number = part.len() == digits && part.bytes().all(|b| b.is_ascii_digit());
        is_number.then(|| part.parse::<u32>().unwrap_or_default())
    };
    number(year, 4).is_some()
        && number(month, 2).is_some_and(|month| (1..=12).contains(&month))
        && number(day, 2).is_some_and(|day| (1..=31).contains(&day))
}

impl Checked for Contacts {
    fn check(&self, _: &'static str, checker: &mut Checker) {
        if !(1..=limits::CONTACTS).contains(&self.0.len()) {
            let count = self.0.len();
            checker.refuse(Rule::Count, format!("must have 1 to {} contacts, has {count}", limits::CONTACTS));
        }
        checker.each(&self.0, |checker, contact| contact.check(checker));
    }
}

#[cfg(test)]
mod tests {
    use super::is_day;

    #[test]
    fn a_birthday_is_a_day() {
        for day in ["2012-08-18", "1900-01-31"] {
            assert!(is_day(day), "{day}");
        }
        for day in
            ["", "18.08.2012", "2012-8-18", "2012-13-01", "2012-00-01", "2012-01-32", "12-08-18", "2012-08-18T00"]
        {
            assert!(!is_day(day), "{day}");
        }
    }
}
