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
    /// `GET /debug_token`: what a token is good for.
    DebugToken {
        /// The token in question.
        input_token: InputToken,
    },
    /// `/upload:…`: a session of Meta's resumable upload.
    UploadSession(SessionId),
    /// Any other object of Graph's, what belongs to it, and what is asked of it: `/{id}/{edge}?fields=…`.
    Object(Object),
}

/// An object of Graph's as an address. Ids and what is asked may come from anywhere: they are written so that nothing in
/// them leads to another place.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Object {
    path: String,
    query: String,
}

impl Object {
    /// The object with this id.
    pub fn new(id: &str) -> Self {
        Object { path: String::new(), query: String::new() }.then(id)
    }

    /// What belongs to it under this name, or with this id.
    #[must_use]
    pub fn then(mut self, segment: &str) -> Self {
        self.path.push('/');
        // A form has `+` for a space, which in a path is a plus.
        self.path.extend(url::form_urlencoded::byte_serialize(segment.as_bytes()).map(|part| part.replace('+', "%20")));
        self
    }

    /// With this in its query; what is `None` is left out.
    #[must_use]
    pub fn with(mut self, name: &str, value: Option<impl std::fmt::Display>) -> Self {
        if let Some(value) = value {
            self.query.push(if self.query.is_empty() { '?' } else { '&' });
            self.query.push_str(name);
            self.query.push('=');
            // Lists of fields have commas, which need no escape in a query, and are read better without.
            let value = value.to_string();
            self.query.extend(value.split(',').enumerate().flat_map(|(index, part)| {
                let comma = (index > 0).then_some(",");
                comma.into_iter().chain(url::form_urlencoded::byte_serialize(part.as_bytes()))
            }));
        }
        self
    }
}

impl From<Object> for Endpoint {
    fn from(object: Object) -> Self {
        Endpoint::Object(object)
    }
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

/// The id of a session of the resumable upload. It has a query of its own in it (`upload:MTph…?sig=ARZq…`), so it stands in an
/// address as it is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SessionId(String);

impl SessionId {
    /// This one, if it is one, and nothing in it leads to another place.
    pub fn new(id: &str) -> Option<Self> {
        let is_plain = |byte: u8| byte.is_ascii_alphanumeric() || b"-._~:/?=&+%,".contains(&byte);
        let leads_up = id.contains("..") || id.to_ascii_lowercase().contains("%2e");
        let rest = id.strip_prefix("upload:")?;
        (!rest.is_empty() && rest.bytes().all(is_plain) && !leads_up).then(|| SessionId(id.to_owned()))
    }
}

impl From<SessionId> for Endpoint {
    fn from(session: SessionId) -> Self {
        Endpoint::UploadSession(session)
    }
}

impl Endpoint {
    /// How its token is announced. Meta's page "Upload a file" has another word for the sessions of uploads, and says that they
    /// fail without the header.
    pub fn scheme(&self) -> &'static str {
        if matches!(self, Endpoint::UploadSession(_)) { "OAuth" } else { "Bearer" }
    }

    /// The path, with the API version in front: `/v25.0/1065…/messages`.
    pub fn path(&self, api_version: &str) -> String {
        match self {
            Endpoint::Messages { phone_number_id } => format!("/{api_version}/{phone_number_id}/messages"),
            Endpoint::MarketingMessages { phone_number_id } => {
                format!("/{api_version}/{phone_number_id}/marketing_messages")
            }
            Endpoint::Object(Object { path, query }) => format!("/{api_version}{path}{query}"),
            Endpoint::UploadSession(SessionId(id)) => format!("/{api_version}/{id}"),
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
    #[test]
    fn a_session_stands_in_an_address_as_it_is_unless_it_leads_elsewhere() {
        let id = "upload:MTphdHRhY2htZW50/+A==?sig=ARZq_kGCA-uQ";
        let endpoint = Endpoint::UploadSession(SessionId::new(id).unwrap());
        assert_eq!((endpoint.path("v25.0"), endpoint.scheme()), (format!("/v25.0/{id}"), "OAuth"));
        for id in
            ["", "upload:", "1234", "upload:../2", "upload:%2E%2e/2", "upload:a b", "upload:a#b", "upload:a\r\nb: c"]
        {
            assert_eq!(SessionId::new(id), None, "{id}");
        }
    }

    #[test]
    fn nothing_in_an_id_or_a_question_leads_to_another_place() {
        let path = |object: Object| Endpoint::from(object).path("v25.0");
        assert_eq!(path(Object::new("1").then("messages")), "/v25.0/1/messages");
        assert_eq!(path(Object::new("../2?a=1").then("a b/c")), "/v25.0/..%2F2%3Fa%3D1/a%20b%2Fc");
        let asked = Object::new("1").with("fields", Some("a,b")).with("after", None::<&str>).with("limit", Some(5));
        assert_eq!(path(asked.with("name", Some("x&y=1 z"))), "/v25.0/1?fields=a,b&limit=5&name=x%26y%3D1+z");
    }
}
