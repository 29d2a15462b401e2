//! Places and contacts.

use super::sends;
use crate::message::{Contact, Contacts, Content, Location};

sends! {
    /// Sends a place on the map.
    ///
    /// Source: Meta's page "Location messages".
    ///
    /// ```no_run
    /// # async fn example(wa: wacloud::Client) -> wacloud::Result<()> {
    /// use wacloud::operation::SendLocation;
    ///
    /// wa.call(SendLocation::new("+15550001234", 48.2082, 16.3738).name("Office").address("Stephansplatz 1")).await?;
    /// # Ok(())
    /// # }
    /// ```
    SendLocation: send_location, location,
    r#"{"to": "+15550001234", "latitude": 48.2082, "longitude": 16.3738, "name": "Office", "address": "Stephansplatz 1"}"# {
        /// Degrees north: -90 to 90.
        latitude: f64 = "location.latitude",
        /// Degrees east: -180 to 180.
        longitude: f64 = "location.longitude",
        ;
        /// What the place is called.
        name: String = "location.name",
        /// Where it is, in words.
        address: String = "location.address",
    }
    => Content::Location(Location { latitude: latitude.into(), longitude: longitude.into(), name, address })
}

sends! {
    /// Sends people or businesses to add to the address book.
    ///
    /// A phone number with a `wa_id` can be written to with a tap.
    ///
    /// Source: Meta's page "Contacts messages".
    ///
    /// ```no_run
    /// # async fn example(wa: wacloud::Client) -> wacloud::Result<()> {
    /// use wacloud::Contact;
    ///
    /// wa.send_contacts("+15550001234", [Contact::new("Ana Silva").phone("+15550005678")]).await?;
    /// # Ok(())
    /// # }
    /// ```
    SendContacts: send_contacts, contacts,
    r#"{"to": "+15550001234", "contacts": [{"name": {"formatted_name": "Ana Silva", "first_name": "Ana"}, "phones": [{"phone": "+15550005678", "type": "WORK"}]}]}"# {
        /// 1 to 257 contacts, each with a `name` that has a `formatted_name`.
        contacts: Vec<Contact> = "contacts",
        ;
    }
    => Content::Contacts(Contacts(contacts))
}
