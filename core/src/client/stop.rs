//! What ends the messages of a bulk that have not started, and why it did.

use std::sync::{Arc, OnceLock};

use tokio_util::sync::CancellationToken;

use crate::error::{ApiError, Error};
use crate::graph::codes::ErrorClass;

/// Codes with which Meta locks a number out, beside those about its token: number deleted, blocked for policy violations,
/// account locked, spam limit. What concerns a recipient, a kind of message or a moment only is not among them, nor is a
/// permission that is missing: it may be one for a kind of message.
const LOCKED_OUT: [i64; 4] = [33, 368, 131_031, 131_048];

/// Ends the calls that share it, if nothing of them is on its way. Clones are the same stop.
#[derive(Debug, Clone, Default)]
pub(crate) struct Stop {
    token: CancellationToken,
    refusal: Arc<OnceLock<Error>>,
}

impl Stop {
    /// Because somebody wants it.
    pub(crate) fn stop(&self) {
        self.token.cancel();
    }

    /// If a message ended in a way in which every further one would end, too. Changes nothing about a stop that
    /// was wanted before.
    pub(crate) fn stop_if_pointless(&self, error: &Error) {
        let stops = match error {
            Error::Api(refusal) => is_pointless(refusal),
            // Nothing leaves that cannot be written down before.
            Error::Store { .. } => true,
            _ => false,
        };
        if stops {
            self.stop_because(error);
        }
    }

    /// For a reason of its own. Changes nothing about a stop that was wanted before.
    pub(crate) fn stop_because(&self, error: &Error) {
        if !self.is_stopped() {
            let _ = self.refusal.set(error.clone());
            self.token.cancel();
        }
    }

    pub(crate) fn is_stopped(&self) -> bool {
        self.token.is_cancelled()
    }

    /// Returns when it is stopped.
    pub(crate) async fn stopped(&self) {
        self.token.cancelled().await;
    }

    /// The refusal that stopped it, if one did.
    pub(crate) fn refusal(&self) -> Option<&Error> {
        self.refusal.get()
    }

    /// Why what has not started did not, for people.
    pub(crate) fn cause(&self) -> String {
        match self.refusal() {
            Some(Error::Api(refusal)) => {
                format!("the bulk stopped before its turn, because Meta refused another message{}", named(refusal))
            }
            Some(error) => format!("the bulk stopped before its turn: {error}"),
            None => "the bulk was stopped before its turn".to_owned(),
        }
    }
}

/// Whether every further message would meet the same: the token is dead (one from a function has been asked for anew by
/// then), the number is locked out, or there is no such number for this token.
pub(crate) fn is_pointless(refusal: &ApiError) -> bool {
    refusal.class == ErrorClass::Authentication
        || refusal.error.is_of_the_path()
        || refusal.error.code.is_some_and(|code| LOCKED_OUT.contains(&code))
}

fn named(refusal: &ApiError) -> String {
    match refusal.error.code {
        Some(code) if refusal.title.is_empty() => format!(" with code {code}"),
        Some(code) => format!(" with code {code} ({})", refusal.title),
        None => refusal.status.map(|status| format!(" with HTTP {status}")).unwrap_or_default(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::error::Attempted;
    use crate::graph::GraphError;
    use crate::graph::codes::CODES;

    fn refusal(status: u16, body: &str) -> Error {
        let error = GraphError::from_body(body.as_bytes());
        Error::Api(Box::new(ApiError::new(status, error, None, Attempted::default())))
    }

    #[test]
    fn the_cause_names_the_refusal() {
        let stop = Stop::default();
        stop.stop_if_pointless(&refusal(401, r#"{"error":{"message":"expired","code":190}}"#));
        assert!(stop.is_stopped());
        assert!(stop.cause().ends_with("with code 190 (Token expired, revoked or wrong)"), "{}", stop.cause());
        let stop = Stop::default();
        stop.stop_if_pointless(&refusal(401, "not Meta's"));
        assert!(stop.cause().ends_with("with HTTP 401"), "{}", stop.cause());
    }

    #[test]
    fn only_what_every_message_would_meet_is_pointless() {
        let stops = |code: i64| {
            let stop = Stop::default();
            stop.stop_if_pointless(&refusal(400, &format!(r#"{{"error":{{"message":"no","code":{code}}}}}"#)));
            stop.is_stopped()
        };
        let found: Vec<i64> = CODES.iter().map(|row| row.first).filter(|code| stops(*code)).collect();
        assert_eq!(found, [0, 33, 102, 104, 190, 368, 131_031, 131_048]);
    }

    #[test]
    fn a_number_that_is_not_there_stops_and_a_wrong_parameter_does_not() {
        let stops = |body: &str| {
            let stop = Stop::default();
            stop.stop_if_pointless(&refusal(400, body));
            stop.is_stopped()
        };
        let of_the_path = r#"{"error":{"message":"Unsupported post request","type":"GraphMethodException","code":100,"error_subcode":33}}"#;
        assert!(stops(of_the_path));
        assert!(!stops(&of_the_path.replace("33", "2494010")));
        assert!(!stops(&of_the_path.replace("GraphMethodException", "OAuthException")));
    }

    /// It comes in the middle of a campaign, too.
    #[test]
    fn a_journal_that_fails_does_not_say_that_nothing_was_sent_before() {
        let stop = Stop::default();
        stop.stop_if_pointless(&Error::Store { place: "c.db".to_owned(), problem: "cannot be written".to_owned() });
        let cause = stop.cause();
        assert!(cause.contains("c.db cannot be written. Nothing more was sent, and"), "{cause}");
        assert!(!cause.contains("Nothing was sent,"), "{cause}");
    }

    #[test]
    fn who_came_first_is_why() {
        let stop = Stop::default();
        stop.stop();
        stop.stop_if_pointless(&refusal(401, ""));
        assert!(stop.refusal().is_none());
        assert_eq!(stop.cause(), "the bulk was stopped before its turn");
    }
}
