//! `templates.wait_until_approved`: what Meta decides about a template.

use std::time::Duration;

use serde::Deserialize;
use tokio::time::Instant;

use super::status::{FIELDS, Status};
use super::which::Which;
use crate::client::send::How;
use crate::client::{Client, Context, Operation, Request};
use crate::error::{Attempted, Error, NotSentReason, Result};
use crate::graph::codes::ErrorClass;
use crate::message::Invalid;
use crate::message::violation::{Checker, Rule};
use crate::outcome::Effect;
use crate::template::MessageTemplate;

/// How long it waits unless asked otherwise.
const WITHIN_SECONDS: u64 = 900;
/// The first pause, and the longest: some 65 questions in an hour, of the 200 calls that Meta allows ("Rate limits").
const FIRST: Duration = Duration::from_secs(5);
const LONGEST: Duration = Duration::from_secs(60);

/// Waits until Meta has approved a template, and tells it. By its id, or by its name and language.
///
/// It asks after 5 seconds and then ever less often, once a minute in the end, and at once when `templates.observe` is told of
/// a webhook about a template. One that is rejected, disabled or deleted ends it with a `ValidationError` that says why; one
/// about which nothing was decided in time with a `NotSentError`. It can be cancelled.
///
/// Source: Meta's pages on the states of templates and "Rate limits".
///
/// ```no_run
/// # async fn example(wa: wacloud::Client) -> wacloud::Result<()> {
/// use wacloud::operation::templates;
///
/// let template = wa.call(templates::WaitUntilApproved::new().name("order_update").language("en_US")).await?;
/// println!("{} can be sent", template.id);
/// # Ok(())
/// # }
/// ```
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize)]
#[cfg_attr(feature = "manifest", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct WaitUntilApproved {
    /// Its id, instead of `name` and `language`.
    pub id: Option<String>,
    /// Its name, exactly.
    pub name: Option<String>,
    /// The code of its language: `en` and `en_US` are two.
    pub language: Option<String>,
    /// The longest wait, in seconds. 900 (15 minutes) unless given.
    pub within_seconds: Option<u64>,
}

builder!(WaitUntilApproved { ; id: String, name: String, language: String, within_seconds: u64 });

impl Operation for WaitUntilApproved {
    const NAME: &'static str = "templates.wait_until_approved";
    const EFFECT: Effect = Effect::Read;
    const EXAMPLE: &'static str = r#"{"name": "order_update", "language": "en_US", "within_seconds": 60}"#;
    type Output = MessageTemplate;

    /// One of its questions.
    fn request(self, cx: &Context<'_>) -> std::result::Result<Request, Invalid> {
        let which = Which { id: self.id.as_deref(), name: self.name.as_deref(), language: self.language.as_deref() };
        which.request(cx.business_account_id, FIELDS.to_owned())
    }

    async fn perform(self, client: &Client, how: How) -> Result<MessageTemplate> {
        let within = Duration::from_secs(self.within_seconds.unwrap_or(WITHIN_SECONDS));
        let question = Status { id: self.id, name: self.name, language: self.language };
        let deadline = Instant::now() + within;
        let mut pause = FIRST;
        loop {
            let last = match question.clone().ask(Self::NAME, client, how.clone()).await {
                Ok(template) if template.status.as_deref() == Some("APPROVED") => {
                    // A message that was tried too early has had the definition fetched as it was then.
                    client.forget_templates(template.name.as_deref());
                    return Ok(template);
                }
                Ok(template) => match refusal(&template) {
                    Some(why) => return Err(refused(client, why)),
                    None => format!("{} is {}", template.title(), template.status.unwrap_or_default()),
                },
                // Others have asked too much: it waits with them.
                Err(Error::Api(error)) if error.class == ErrorClass::RateLimit => {
                    pause = pause.max(error.retry_after.unwrap_or(LONGEST));
                    format!("Meta answers no more questions for now: {error}")
                }
                Err(error) => return Err(error),
            };
            if Instant::now() + pause >= deadline {
                let cause = format!("{last} after {} seconds", within.as_secs());
                return Err(Error::not_sent(NotSentReason::TimeOut, cause, attempted()));
            }
            tokio::select! {
                () = tokio::time::sleep(pause) => {}
                () = client.template_news() => {}
                () = how.cancel.cancelled() => {
                    let cause = format!("it was cancelled; {last}");
                    return Err(Error::not_sent(NotSentReason::Cancelled, cause, attempted()));
                }
            }
            pause = (pause * 2).min(LONGEST);
        }
    }
}

fn attempted() -> Attempted {
    Attempted { operation: WaitUntilApproved::NAME, ..Attempted::default() }
}

/// Why it will not be approved by waiting.
fn refusal(template: &MessageTemplate) -> Option<String> {
    let status = template.status.as_deref()?;
    // Both may yet end well.
    if matches!(status, "PENDING" | "IN_APPEAL") { None } else { template.unsendable() }
}

fn refused(client: &Client, why: String) -> Error {
    let mut checker = Checker::default();
    checker.refuse_at("status", Rule::Choice, why);
    match checker.into_result() {
        Err(invalid) => client.refused(WaitUntilApproved::NAME, Effect::Read, invalid),
        Ok(()) => Error::Internal { message: "a refusal says nothing".to_owned(), may_have_been_sent: false },
    }
}
