//! Graph's error object, and what each code is called.

use serde_json::{Value, json};

/// Code, HTTP status and title. Statuses as in older copies of Meta's table of Cloud API error codes; today's lists none.
/// A title goes into the message as `(#code) title`.
#[rustfmt::skip]
const CODES: &[(i64, u16, &str)] = &[
    (0, 401, "AuthException"),
    (1, 400, "API Unknown"),
    (2, 503, "API Service"),
    (3, 500, "API Method"),
    (4, 400, "Application request limit reached"),
    (10, 403, "Application does not have permission for this action"),
    (17, 429, "User request limit reached"),
    (33, 400, "Parameter value is not valid"),
    (100, 400, "Invalid parameter"),
    (102, 401, "Session key invalid or no longer valid"),
    (104, 401, "An access token is required to request this resource."),
    (190, 401, "Invalid OAuth access token"),
    (200, 403, "Permissions error"),
    (341, 400, "Application limit reached"),
    (368, 403, "Temporarily blocked for policies violations"),
    (613, 422, "Calls to this api have exceeded the rate limit."),
    (803, 404, "Some of the aliases you requested do not exist"),
    (80007, 400, "Rate limit issues"),
    (130403, 400, "Blocked recipient"),
    (130429, 400, "Rate limit hit"),
    (130472, 400, "User's number is part of an experiment"),
    (130497, 403, "Business account is restricted from messaging users in this country"),
    (131000, 500, "Something went wrong"),
    (131005, 403, "Access denied"),
    (131008, 400, "Required parameter is missing"),
    (131009, 400, "Parameter value is not valid"),
    (131016, 500, "Service unavailable"),
    (131021, 400, "Recipient cannot be sender"),
    (131026, 400, "Message undeliverable"),
    (131030, 400, "Recipient phone number not in allowed list"),
    (131031, 403, "Account has been locked"),
    (131037, 400, "Display name approval needed"),
    (131042, 400, "Business eligibility payment issue"),
    (131045, 500, "Incorrect certificate"),
    (131047, 400, "Re-engagement message"),
    (131048, 400, "Spam rate limit hit"),
    (131049, 400, "Message not delivered to maintain healthy ecosystem engagement"),
    (131050, 400, "User has stopped marketing messages"),
    (131051, 400, "Unsupported message type"),
    (131052, 400, "Media download error"),
    (131053, 400, "Media upload error"),
    (131055, 400, "Method not allowed"),
    (131056, 400, "(Business Account, Consumer Account) pair rate limit hit"),
    (131057, 500, "Account in maintenance mode"),
    (131062, 400, "Business-scoped User ID (BSUID) recipients are not supported for this message."),
    (131063, 400, "Marketing templates disabled for Cloud API"),
    (132000, 400, "Number of parameters does not match the expected number of params"),
    (132001, 404, "Template name does not exist in the translation"),
    (132005, 400, "Template hydrated text too long"),
    (132007, 400, "Template format character policy violated"),
    (132012, 400, "Parameter format does not match format in the created template"),
    (132015, 400, "Template is paused"),
    (132016, 400, "Template is disabled"),
    (132018, 400, "Template parameters are not valid"),
    (132068, 400, "Flow is in blocked state"),
    (132069, 400, "Flow is in throttled state"),
    (133000, 500, "Incomplete deregistration"),
    (133004, 503, "Server temporarily unavailable"),
    (133005, 400, "Two step verification PIN Mismatch"),
    (133006, 400, "Phone number re-verification needed"),
    (133010, 400, "Phone number not registered"),
    (133015, 400, "Phone number was recently deleted"),
    (133016, 400, "Account register deregister rate limit exceeded"),
    (134100, 400, "Only marketing messages are supported"),
    (134101, 400, "Template is syncing"),
    (134102, 500, "Template is unavailable for use"),
    (135000, 400, "Generic user error"),
    (139100, 400, "Failed to block/unblock users"),
    (139101, 400, "Blocklist limit reached"),
];

/// What a code is called, and the HTTP status it usually comes with.
fn title_and_status(code: i64) -> (&'static str, u16) {
    CODES
        .iter()
        .find(|(known, ..)| *known == code)
        .map_or(("An error occurred", 400), |(_, status, title)| (title, *status))
}

/// An answer that says no.
#[derive(Debug, Clone)]
pub(crate) struct GraphError {
    pub(crate) status: u16,
    pub(crate) code: i64,
    pub(crate) subcode: Option<i64>,
    pub(crate) message: String,
    /// `error.type`: it says little.
    pub(crate) class: &'static str,
    /// `error.error_data.details`: the best text for people.
    pub(crate) details: Option<String>,
    pub(crate) is_transient: Option<bool>,
    pub(crate) retry_after_s: Option<u32>,
    /// What stands beside the error in the body.
    pub(crate) beside: Option<Box<Value>>,
}

impl GraphError {
    /// An error with the code's own status and title.
    pub(crate) fn new(code: i64) -> Self {
        let (title, status) = title_and_status(code);
        // Errors of the Graph platform about tokens come without the number in front.
        let message = if matches!(code, 104 | 190) { title.to_owned() } else { format!("(#{code}) {title}") };
        Self {
            status,
            code,
            subcode: None,
            message,
            class: "OAuthException",
            details: None,
            is_transient: None,
            retry_after_s: None,
            beside: None,
        }
    }

    pub(crate) fn details(mut self, details: impl Into<String>) -> Self {
        self.details = Some(details.into());
        self
    }

    /// The object in the path is not there, or does not know this method (recorded for GET and POST alike).
    pub(crate) fn unsupported(method: &str, object: &str) -> Self {
        Self {
            subcode: Some(33),
            class: "GraphMethodException",
            message: format!(
                "Unsupported {} request. Object with ID '{object}' does not exist, cannot be loaded due to missing permissions, or \
                 does not support this operation. Please read the Graph API documentation at \
                 https://developers.facebook.com/docs/graph-api",
                method.to_ascii_lowercase()
            ),
            ..Self::new(100)
        }
    }

    /// The path leads nowhere.
    pub(crate) fn unknown_path(path: &str) -> Self {
        Self { status: 400, message: format!("Unknown path components: {path}"), ..Self::new(2500) }
    }

    /// An edge that the object does not have (recorded for GET).
    pub(crate) fn no_such_field(name: &str) -> Self {
        Self {
            message: format!(
                "(#100) Tried accessing nonexisting field ({name}) on node type (WhatsAppBusinessPhoneNumber)"
            ),
            ..Self::new(100)
        }
    }

    /// As an item of `errors` in a status webhook.
    pub(crate) fn in_status(&self) -> Value {
        // There a title stands without the number, and the message says the same.
        let title = self.message.split_once(") ").map_or(self.message.as_str(), |(_, title)| title);
        let details = self.details.as_deref().unwrap_or(title);
        json!({
            "code": self.code,
            "title": title,
            "message": title,
            "error_data": {"details": details},
            "href": "https://developers.facebook.com/docs/whatsapp/cloud-api/support/error-codes/",
        })
    }

    /// The body, with the request id as `fbtrace_id`, as recorded.
    pub(crate) fn body(&self, request_id: &str) -> Value {
        let mut error = json!({"message": self.message, "type": self.class, "code": self.code});
        if let Some(subcode) = self.subcode {
            error["error_subcode"] = subcode.into();
        }
        if let Some(transient) = self.is_transient {
            error["is_transient"] = transient.into();
        }
        if let Some(details) = &self.details {
            error["error_data"] = json!({"messaging_product": "whatsapp", "details": details});
        }
        error["fbtrace_id"] = request_id.into();
        let mut body = self.beside.as_deref().cloned().unwrap_or_else(|| json!({}));
        body["error"] = error;
        body
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_table_has_each_code_once_in_order() {
        assert!(CODES.windows(2).all(|pair| pair[0].0 < pair[1].0 || pair[0].0 == 613 || pair[1].0 == 80007));
        let mut codes: Vec<i64> = CODES.iter().map(|(code, ..)| *code).collect();
        codes.sort_unstable();
        codes.dedup();
        assert_eq!(codes.len(), CODES.len());
    }

    #[test]
    fn members_without_a_value_are_left_out() {
        let body = GraphError::new(130429).body("Aabc");
        assert_eq!(
            body,
            json!({"error": {"message": "(#130429) Rate limit hit", "type": "OAuthException", "code": 130429, "fbtrace_id": "Aabc"}})
        );
    }
}
