//! What an attempt means for its call.

use bytes::Bytes;

use super::{Call, Next, Read, Throttle};
use crate::client::transport::{Answer, NoAnswer};
use crate::error::{ApiError, DeliveryUnknown, Error, NotSentReason};
use crate::graph::GraphError;
use crate::graph::codes::{self, CodeRow, ErrorClass};
use crate::outcome::{self, Doubt, Failure, Said, Verdict};

impl Call<'_> {
    pub(super) fn judge_answer(&mut self, answer: Answer, read: &mut Read<'_>) -> Next {
        let Answer { status, retry_after, usage_wait, request_id, body } = answer;
        let error = body.as_ref().ok().and_then(|body| GraphError::from_body(body));
        self.request_id = error.as_ref().and_then(|error| error.fbtrace_id.clone()).or(request_id);
        self.client.answered();
        if let (Some(partial), Some(error), Ok(whole)) = (self.partial, &error, &body)
            && error.code == Some(partial)
            && read(&self.answered(whole))
        {
            self.answer = Some(whole.clone());
            return Next::Done;
        }
        let mut verdict = outcome::of_answer(status, said(status, error.as_ref(), &body));
        if verdict == Verdict::Answered {
            match self.judge_success(status, error.as_ref(), &body, read) {
                Ok(next) => return next,
                Err(refused) => verdict = refused,
            }
        }
        // The headers tell of the app's and the account's calls; a number's or a recipient's limit is none of theirs.
        let row = error.as_ref().and_then(|error| error.code).and_then(codes::lookup);
        let is_of_calls = row.is_some_and(CodeRow::counts_calls);
        let retry_after = retry_after.or(usage_wait.filter(|_| is_of_calls));
        match verdict {
            Verdict::Unknown(doubt) => {
                let code = error.as_ref().and_then(|error| error.code);
                let cause = match (&error, &body) {
                    (Some(error), _) => format!("Meta answered with HTTP {status}: {}", error.message),
                    (None, Ok(_)) => format!("the answer was HTTP {status} without Meta's reasons"),
                    (None, Err(why)) => {
                        format!("the answer was HTTP {status}, and broke off before Meta's reasons: {why}")
                    }
                };
                Next::Perhaps(self.unknown(doubt, cause, Some(status), code), doubt)
            }
            verdict => {
                let code = error.as_ref().and_then(|error| error.code);
                let error = ApiError::new(status, error, retry_after, self.attempted.clone());
                let worn_out = error.class == ErrorClass::Authentication && self.client.has_token_function();
                let error = Error::Api(Box::new(error));
                let throttle = match verdict {
                    Verdict::Throttled(scope) => {
                        let is_short = retry_after.is_none_or(|wait| wait <= outcome::LONGEST_RETRY_AFTER);
                        Some((scope, retry_after, is_short))
                    }
                    // Whatever else is sent would be refused, too.
                    _ if self.attempted.is_message => row
                        .and_then(CodeRow::holds_back)
                        .map(|(scope, wait)| (scope, Some(retry_after.unwrap_or(wait)), false)),
                    _ => None,
                };
                if let Some((scope, retry_after, is_short)) = throttle {
                    return Next::Later(Throttle { error, scope, code, retry_after, is_short });
                }
                if worn_out {
                    self.client.token_cache().forget();
                    return Next::RenewToken(error);
                }
                Next::Fail(error)
            }
        }
    }

    /// Of a 2xx: what it means, or the refusal that it is all the same.
    fn judge_success(
        &mut self,
        status: u16,
        error: Option<&GraphError>,
        body: &std::result::Result<Bytes, String>,
        read: &mut Read<'_>,
    ) -> std::result::Result<Next, Verdict> {
        let whole = match body {
            Ok(whole) if read(&self.answered(whole)) => {
                self.answer = Some(whole.clone());
                return Ok(Next::Done);
            }
            Ok(whole) => whole,
            Err(why) => {
                let why = format!("{}, and that broke off: {why}", accepts(status));
                return Ok(self.broken(why, status, None));
            }
        };
        let refusal = error.filter(|_| GraphError::is_all_of(whole)).and_then(outcome::of_refusal_in_success);
        match refusal {
            Some(refused) => Err(refused),
            None => Ok(self.broken(what_is_wrong(status, error, whole), status, error)),
        }
    }

    pub(super) fn judge_silence(&self, NoAnswer { failure, cause, may_have_arrived }: NoAnswer) -> Next {
        match outcome::of_failure(failure, may_have_arrived) {
            Verdict::NotSent(Failure::Cancelled) => Next::Fail(self.cancelled()),
            Verdict::NotSent(failure) => {
                let reason =
                    if failure == Failure::TimeOut { NotSentReason::TimeOut } else { NotSentReason::Connection };
                Next::Again(Error::not_sent(reason, cause, self.attempted.clone()))
            }
            _ => {
                let doubt = Doubt::NoAnswer(failure);
                let error = self.unknown(doubt, format!("{cause}, after the request had gone out"), None, None);
                // Nobody waits for a cancelled call any more, so it is not repeated even where that does no harm.
                if failure == Failure::Cancelled { Next::Fail(error) } else { Next::Perhaps(error, doubt) }
            }
        }
    }

    /// A 2xx of which nothing can be made.
    fn broken(&self, why: String, status: u16, error: Option<&GraphError>) -> Next {
        let code = error.and_then(|error| error.code);
        Next::Perhaps(self.unknown(Doubt::BrokenAnswer, why, Some(status), code), Doubt::BrokenAnswer)
    }

    fn unknown(&self, doubt: Doubt, cause: String, status: Option<u16>, code: Option<i64>) -> Error {
        Error::DeliveryUnknown(Box::new(DeliveryUnknown {
            reason: doubt.name(),
            cause,
            status,
            code,
            resent: false,
            attempted: self.attempted.clone(),
        }))
    }
}

/// What a body says of an error. Of a success it is not looked for at length: that would cost each message.
fn said<'a>(status: u16, error: Option<&'a GraphError>, body: &std::result::Result<Bytes, String>) -> Said<'a> {
    match (error, body) {
        (Some(error), _) => Said::Error(error),
        (None, Ok(whole)) if status < 400 || !GraphError::may_be_lost_in(whole) => Said::NoError,
        (None, _) => Said::Half,
    }
}

fn accepts(status: u16) -> String {
    format!("the answer was HTTP {status}, with which Meta accepts")
}

/// Of a 2xx that is not the answer.
fn what_is_wrong(status: u16, error: Option<&GraphError>, body: &[u8]) -> String {
    match error {
        Some(error) if error.message.is_empty() => format!("the answer was HTTP {status} with an error"),
        Some(error) => format!("the answer was HTTP {status} with an error: {}", error.message),
        // Meta's answers are objects.
        None if body.trim_ascii_start().first() == Some(&b'{') => {
            format!("{}, and not the one that belongs to this call", accepts(status))
        }
        None => format!("the answer was HTTP {status}, and none of Meta's: something in between may have given it"),
    }
}
