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
    /// `POST /{phone-number-id}/media`: uploads a file.
    MediaUpload {
        /// The number that it is uploaded for.
        phone_number_id: String,
    },
    /// `GET` or `DELETE /{media-id}`: where it is, or away with it.
    Media {
        /// The id of an upload or of received media.
        media_id: String,
        /// Only if it belongs to this number.
        phone_number_id: Option<String>,
    },
    /// `GET /debug_token`: what a token is good for.
    DebugToken {
        /// The token in question.
        input_token: InputToken,
    },
}

/// A token that is asked about. It stands in the query of the request and nowhere else.
#[derive(Clone, PartialEq, Eq)]
pub struct InputToken(String);

impl InputToken {
    /// This token.
    pub fn new(token: impl Into<String>) -> Self {
        InputToken(token.into())
    }
}

impl std::fmt::Debug for InputToken {
    /// Does not show it.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("InputToken(…)")
    }
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
            Endpoint::MediaUpload { phone_number_id } => format!("/{api_version}/{phone_number_id}/media"),
            Endpoint::Media { media_id, phone_number_id: None } => format!("/{api_version}/{media_id}"),
            Endpoint::Media { media_id, phone_number_id: Some(phone_number_id) } => {
                format!("/{api_version}/{media_id}?phone_number_id={phone_number_id}")
            }
            Endpoint::DebugToken { input_token: InputToken(token) } => {
                let written: String = url::form_urlencoded::byte_serialize(token.as_bytes()).collect();
                format!("/{api_version}/debug_token?input_token={written}")
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_token_that_is_asked_about_is_written_for_a_query_and_never_shown() {
        let endpoint = Endpoint::DebugToken { input_token: InputToken::new("EAAG&secret=1") };
        assert_eq!(endpoint.path("v25.0"), "/v25.0/debug_token?input_token=EAAG%26secret%3D1");
        assert!(!format!("{endpoint:?}").contains("secret"));
    }
}
