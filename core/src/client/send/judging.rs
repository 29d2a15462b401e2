//! What an attempt means for its call.

use super::{Call, Next, Read, Throttle};
use crate::client::transport::{Answer, NoAnswer};
use crate::error::{ApiError, DeliveryUnknown, Error, NotSentReason};
use crate::graph::GraphError;
use crate::graph::codes::{self, CodeRow, ErrorClass};
use crate::outcome::{self, Doubt, Failure, Verdict};

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
        let verdict = outcome::of_answer(status, error.as_ref());
        // The headers tell of the app's and the account's calls; a number's or a recipient's limit is none of theirs.
        let row = error.as_ref().and_then(|error| error.code).and_then(codes::lookup);
        let is_of_calls = row.is_some_and(CodeRow::counts_calls);
        let retry_after = retry_after.or(usage_wait.filter(|_| is_of_calls));
        match verdict {
            Verdict::Answered => match body {
                Ok(body) if read(&self.answered(&body)) => {
                    self.answer = Some(body);
                    Next::Done
                }
                Ok(_) => self.broken("the answer is not the one that belongs to this call".to_owned(), status),
                Err(why) => self.broken(why, status),
            },
            Verdict::Unknown(doubt) => {
                let code = error.as_ref().and_then(|error| error.code);
                let cause = match &error {
                    Some(error) => format!("Meta answered with HTTP {status}: {}", error.message),
                    None => format!("the answer was HTTP {status} without Meta's reasons"),
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
    fn broken(&self, why: String, status: u16) -> Next {
        Next::Perhaps(self.unknown(Doubt::BrokenAnswer, why, Some(status), None), Doubt::BrokenAnswer)
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
