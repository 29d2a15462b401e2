//! Meta's answer that is a no.

use std::fmt;
use std::time::Duration;

use serde_json::Value;

use super::Attempted;
use crate::graph::GraphError;
use crate::graph::codes::{self, ErrorClass, Remedy, Scope};

/// Meta's no.
#[derive(Debug, Clone, PartialEq)]
pub struct ApiError {
    /// Which error class of the language packages it is.
    pub class: ErrorClass,
    /// The HTTP status; absent of errors that were told by webhook.
    pub status: Option<u16>,
    /// The error object.
    pub error: GraphError,
    /// A few words that name the problem.
    pub title: String,
    /// What it means and what to do.
    pub help: String,
    /// Whether the same request can succeed later.
    pub retryable: bool,
    /// What is held back, of rate limits.
    pub scope: Option<Scope>,
    /// How long to wait before trying again.
    pub retry_after: Option<Duration>,
    /// The call.
    pub attempted: Attempted,
}

impl ApiError {
    pub(crate) fn new(
        status: u16,
        error: Option<GraphError>,
        retry_after: Option<Duration>,
        attempted: Attempted,
    ) -> Self {
        let answered_by_graph = error.is_some();
        let error = error.unwrap_or_default();
        let row = telling_code(&error, &attempted).and_then(codes::lookup);
        let (scope, wait) = match row.map(|row| row.remedy) {
            Some(Remedy::Throttle(scope)) => (Some(scope), None),
            Some(Remedy::Wait { retry_after_s, scope }) => (scope, Some(Duration::from_secs(retry_after_s.into()))),
            None if status == 429 => (Some(Scope::Number), None),
            _ => (None, None),
        };
        let class = match row {
            Some(row) => row.class,
            None if status == 429 => ErrorClass::RateLimit,
            None if status == 401 => ErrorClass::Authentication,
            None if status == 403 && answered_by_graph => ErrorClass::PermissionDenied,
            None => ErrorClass::Api,
        };
        let help = match row {
            Some(row) => match more_of(row.first, attempted.operation) {
                Some(more) => more.to_owned(),
                None => row.help.to_owned(),
            },
            None if (300..400).contains(&status) => {
                "Something answered with a redirect, which is never followed. Check \
                base_url, and whether a proxy or a login page stands in between."
                    .to_owned()
            }
            None if !answered_by_graph => "The answer is not Meta's: check base_url, and whether a proxy stands in \
                between."
                .to_owned(),
            None => "This code is not in wacloud's table: look it up on Meta's page of error codes.".to_owned(),
        };
        ApiError {
            class,
            status: Some(status),
            title: row.map_or_else(|| error.user_title.clone().unwrap_or_default(), |row| row.title.to_owned()),
            help,
            retryable: matches!(row.map(|r| r.remedy), Some(Remedy::Throttle(_) | Remedy::Wait { .. }))
                || status == 429,
            scope,
            retry_after: retry_after.or(wait),
            error,
            attempted,
        }
    }

    /// An error that a webhook tells of a message that went out, or of one that came in.
    pub(crate) fn reported(mut error: GraphError, tracker: Option<String>) -> Self {
        let own_title = error.extra.get("title").and_then(Value::as_str).map(str::to_owned).unwrap_or_default();
        if error.message.is_empty() {
            error.message.clone_from(&own_title);
        }
        let attempted = Attempted { is_message: true, tracker, ..Attempted::default() };
        // There is no status that could say more than the code.
        let mut reported = ApiError { status: None, ..ApiError::new(0, Some(error), None, attempted) };
        if reported.title.is_empty() {
            reported.title = own_title;
        }
        reported
    }

    /// The name of the class in the language packages: `RateLimitError`.
    pub fn class_name(&self) -> &'static str {
        match self.class {
            ErrorClass::Api => "ApiError",
            ErrorClass::Authentication => "AuthenticationError",
            ErrorClass::PermissionDenied => "PermissionDeniedError",
            ErrorClass::RateLimit => "RateLimitError",
            ErrorClass::Recipient => "RecipientError",
            ErrorClass::WindowClosed => "WindowClosedError",
            ErrorClass::Template => "TemplateError",
            ErrorClass::Media => "MediaError",
            ErrorClass::Policy => "PolicyError",
        }
    }
}

/// What a code means of some calls, where it says less of others.
const OF_CALLS: &[(i64, &[&str], &str)] = &[
    // Recorded answers: subcode 33 of a `GET`, "Invalid post_id parameter" of a `DELETE`.
    (
        100,
        &["media.get", "media.download", "media.delete"],
        "There is no such file, or no longer: it was deleted, or its id has expired (that of an upload lives for 30 days, that \
         of a received file for 7), or it belongs to a number that this token cannot use. What you have yourself can be \
         uploaded again; a customer would have to send it again.",
    ),
    (
        100,
        &["send_image", "send_video", "send_audio", "send_document", "send_sticker"],
        "A field has a value that is not allowed; the message and the details say which. If it is the media id: it was deleted \
         or has expired (ids live for 30 days), so upload the file again, or give Media.file(path), which does that by itself. \
         If it is the id in the path: use the phone number id from the app dashboard.",
    ),
    (
        100,
        &["templates.get", "templates.status", "templates.wait_until_approved", "templates.edit"],
        "There is no template with this id, or this token cannot see it; or a value in it is not allowed: the message and the \
         details say which. templates.list tells the ids that there are.",
    ),
];

/// What to do about a code of this call, where that is more than about the code in general.
fn more_of(code: i64, operation: &str) -> Option<&'static str> {
    let is_meant = |(of, operations, _): &&(i64, &[&str], &str)| *of == code && operations.contains(&operation);
    OF_CALLS.iter().find(is_meant).map(|(_, _, help)| *help)
}

/// Of a number that is not there, or not for this token.
const UNKNOWN_NUMBER: i64 = 33;

/// The code that says most. What Meta refuses of templates is a wrong parameter (100) whose subcode says what is wrong, as
/// people record it; Meta's page lists these among the codes.
fn telling_code(error: &GraphError, attempted: &Attempted) -> Option<i64> {
    // What it is of other calls, their own help says.
    if error.is_of_the_path() && (attempted.is_message || more_of(100, attempted.operation).is_none()) {
        return Some(UNKNOWN_NUMBER);
    }
    let is_of_templates = |subcode: &i64| (2_388_000..2_389_000).contains(subcode) || *subcode == 2_593_002;
    error.subcode.filter(|subcode| error.code == Some(100) && is_of_templates(subcode)).or(error.code)
}

/// The public name of what a throttle holds back.
pub(crate) fn scope_name(scope: Scope) -> &'static str {
    match scope {
        Scope::Pair => "pair",
        Scope::Number => "number",
        Scope::Account => "account",
        Scope::App => "app",
    }
}

impl fmt::Display for ApiError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.status {
            Some(_) => write!(f, "Meta refused the {}: ", self.attempted.subject())?,
            None => f.write_str("Meta reports: ")?,
        }
        let said = [
            self.error.message.as_str(),
            self.error.details.as_deref().unwrap_or_default(),
            self.error.user_message.as_deref().unwrap_or_default(),
        ];
        let mut said: Vec<&str> =
            said.into_iter().map(|text| text.trim_end_matches('.')).filter(|t| !t.is_empty()).collect();
        said.dedup();
        if said.is_empty() {
            f.write_str("no reason given")?;
        } else {
            f.write_str(&said.join(": "))?;
        }
        let marks =
            [self.error.code.map(|code| format!("code {code}")), self.status.map(|status| format!("HTTP {status}"))];
        let marks: Vec<String> = marks.into_iter().flatten().collect();
        match marks.is_empty() {
            true => f.write_str(". ")?,
            false => write!(f, " [{}]. ", marks.join(", "))?,
        }
        f.write_str(&self.help)?;
        if let Some(wait) = self.retry_after {
            write!(f, " Try again in {} s.", wait.as_secs())?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn help(operation: &'static str, code: i64, subcode: Option<i64>) -> String {
        let error = GraphError { code: Some(code), subcode, ..GraphError::default() };
        ApiError::new(400, Some(error), None, Attempted { operation, ..Attempted::default() }).help
    }

    #[test]
    fn a_wrong_parameter_is_told_by_what_it_is_of_this_call() {
        for (operation, told) in [
            ("media.get", "its id has expired (that of an upload lives for 30 days"),
            ("media.delete", "There is no such file, or no longer"),
            ("send_image", "upload the file again"),
            ("templates.edit", "There is no template with this id"),
            ("phone.get", "A field is unknown, misspelt"),
        ] {
            assert!(help(operation, 100, Some(33)).contains(told), "{operation}");
        }
        assert!(help("send_image", 131_053, None).contains("has expired (ids live for 30 days)"));
    }

    #[test]
    fn an_object_of_the_path_that_is_not_there_is_told_as_that() {
        let told = |operation, is_message| {
            let kind = Some("GraphMethodException".to_owned());
            let error = GraphError { code: Some(100), subcode: Some(33), kind, ..GraphError::default() };
            ApiError::new(400, Some(error), None, Attempted { operation, is_message, ..Attempted::default() }).help
        };
        for (operation, is_message) in [("send_text", true), ("send_image", true), ("phone.get", false)] {
            assert!(told(operation, is_message).starts_with("The id in the path names nothing"), "{operation}");
        }
        assert!(told("media.get", false).contains("its id has expired"));
    }

    #[test]
    fn a_name_that_is_taken_is_told_as_that() {
        for subcode in [2_388_023, 2_388_024] {
            assert!(help("templates.create", 100, Some(subcode)).contains("less than 30 days ago"), "{subcode}");
        }
        assert!(help("templates.create", 100, Some(2_388_299)).contains("start or the end of the body"));
    }
}
