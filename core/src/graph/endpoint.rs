//! Paths of the Graph API.

/// The HTTP methods that the API uses.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Method {
    /// Reads.
    Get,
    /// Sends, creates or changes.
    Post,
    /// Removes.
    Delete,
}

/// A place in the API, below its host and version.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Endpoint {
    /// `POST /{phone-number-id}/messages`: sends a message, or marks one as read.
    Messages {
        /// The number that it is sent from.
        phone_number_id: String,
    },
    /// `POST /{phone-number-id}/marketing_messages`: sends a template of the category MARKETING.
    MarketingMessages {
        /// The number that it is sent from.
        phone_number_id: String,
    },
    /// `GET /{phone-number-id}`: reads fields of a number.
    PhoneNumber {
        /// The number.
        phone_number_id: String,
        /// Their names, with commas.
        fields: &'static str,
    },
}

impl Endpoint {
    /// The path, with the API version in front: `/v25.0/1065…/messages`.
    pub fn path(&self, api_version: &str) -> String {
        match self {
            Endpoint::Messages { phone_number_id } => format!("/{api_version}/{phone_number_id}/messages"),
            Endpoint::MarketingMessages { phone_number_id } => {
                format!("/{api_version}/{phone_number_id}/marketing_messages")
            }
            Endpoint::PhoneNumber { phone_number_id, fields } => {
                format!("/{api_version}/{phone_number_id}?fields={fields}")
            }
        }
    }
}
