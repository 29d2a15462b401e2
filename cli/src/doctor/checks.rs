//! What facts mean. Pure.

use std::time::SystemTime;

use serde::Serialize;
use wacloud::client::inspect::{ServerFacts, TokenFacts};
use wacloud::graph::PhoneNumber;

use crate::time::{Moment, of_day, of_header};

/// One thing that was looked at.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub(super) struct Check {
    pub(super) name: &'static str,
    pub(super) level: Level,
    pub(super) message: String,
    /// What to do about it.
    pub(super) todo: Option<String>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum Level {
    Ok,
    Warning,
    Problem,
}
use Level::{Ok as Well, Problem, Warning};

impl Level {
    pub(super) fn name(self) -> &'static str {
        match self {
            Well => "ok",
            Warning => "warning",
            Problem => "problem",
        }
    }
}

impl Check {
    pub(super) fn new(name: &'static str, level: Level, message: impl Into<String>) -> Self {
        Check { name, level, message: message.into(), todo: None }
    }

    pub(super) fn todo(self, todo: &str) -> Self {
        Check { todo: Some(todo.to_owned()), ..self }
    }
}

const DAY_S: i64 = 86_400;
/// Tokens that the dashboard shows live for about a day; whoever ends sooner than this is one of them.
const TEMPORARY_S: i64 = 2 * DAY_S;
/// Time to make a new one.
const NOTICE_S: i64 = 14 * DAY_S;

const NEW_TOKEN: &str = "Make one for a system user that never expires: Business settings, Users, System users, Generate token, \
    with the permissions whatsapp_business_messaging and whatsapp_business_management.";

/// The token: whose it is, when it ends, what it may do.
pub(super) fn token(facts: &TokenFacts, now_s: i64) -> Vec<Check> {
    if !facts.is_valid {
        let why = facts.error.as_ref().map(|error| error.message.as_str()).unwrap_or("Meta says that it is not valid");
        return vec![Check::new("token", Problem, format!("it is not valid: {why}")).todo(NEW_TOKEN)];
    }
    let whose = match facts.kind.as_deref() {
        Some("SYSTEM_USER") => "a system user's".to_owned(),
        Some("USER") => "a person's".to_owned(),
        Some(kind) => format!("of the kind {kind}"),
        None => "of a kind that Meta does not tell".to_owned(),
    };
    let app = facts.application.as_ref().map(|app| format!(", of the app {app}")).unwrap_or_default();
    vec![Check::new("token", Well, format!("{whose}{app}")), end(facts, now_s), scopes(facts)]
}

fn end(facts: &TokenFacts, now_s: i64) -> Check {
    let ends = |seconds: &Option<i64>| seconds.filter(|at| *at > 0);
    let (token, data) = (ends(&facts.expires_at), ends(&facts.data_access_expires_at));
    let Some((at, what)) =
        token.map(|at| (at, "it")).into_iter().chain(data.map(|at| (at, "its access to data"))).min()
    else {
        return Check::new("token's end", Well, "it never expires");
    };
    let (when, left) = (Moment::of_s(at).full(), at - now_s);
    match left {
        ..=0 => Check::new("token's end", Problem, format!("{what} expired on {when}")).todo(NEW_TOKEN),
        1..TEMPORARY_S => {
            let hours = (left + 3_599) / 3_600;
            let told = format!("it is a temporary one: {what} expires on {when}, in less than {hours} h");
            Check::new("token's end", Warning, told).todo(NEW_TOKEN)
        }
        TEMPORARY_S..NOTICE_S => {
            let told = format!("{what} expires on {when}, in {} days", left / DAY_S);
            Check::new("token's end", Warning, told).todo(NEW_TOKEN)
        }
        _ => Check::new("token's end", Well, format!("{what} expires on {when}")),
    }
}

fn scopes(facts: &TokenFacts) -> Check {
    let has = |scope: &str| facts.scopes.iter().any(|known| known == scope);
    match (has("whatsapp_business_messaging"), has("whatsapp_business_management")) {
        (true, true) => Check::new("permissions", Well, "messages, templates and numbers"),
        (true, false) => Check::new("permissions", Warning, "whatsapp_business_management is missing")
            .todo("Messages can be sent; templates and numbers cannot be read or changed. Make a token that has it, if you need that."),
        (false, _) => Check::new("permissions", Problem, "whatsapp_business_messaging is missing")
            .todo("No message can be sent with this token: make one that has this permission."),
    }
}

/// What the words for a number mean: the level, and what to do.
type Meanings = &'static [(&'static str, Level, &'static str)];

const STATES: Meanings = &[
    ("CONNECTED", Well, ""),
    (
        "DISCONNECTED",
        Warning,
        "Register the number (POST /{phone-number-id}/register). Meta's test numbers say this, too, and can send.",
    ),
    ("PENDING", Warning, "Register the number: POST /{phone-number-id}/register."),
    ("MIGRATED", Problem, "It belongs to another account now: use that one's id and token."),
    (
        "BANNED",
        Problem,
        "Meta has banned the number; Account quality in WhatsApp Manager says why, and takes an appeal.",
    ),
    (
        "RESTRICTED",
        Warning,
        "It has reached its messaging limit, or Meta restricts it: see Account quality in WhatsApp Manager.",
    ),
    ("RATE_LIMITED", Warning, "It has sent too much: wait, and send slower."),
    ("FLAGGED", Warning, "Its quality is low: Meta lowers its limits unless that gets better."),
    ("DELETED", Problem, "The number is gone: use another one."),
];

const QUALITIES: Meanings = &[
    ("GREEN", Well, ""),
    ("NA", Well, ""),
    ("UNKNOWN", Well, ""),
    ("YELLOW", Warning, "People block or report what it sends: write to those who asked for it, and less."),
    (
        "RED",
        Warning,
        "People block or report much of what it sends. Meta may lower its limits: stop campaigns until it gets better.",
    ),
];

const VERIFICATIONS: Meanings = &[
    ("VERIFIED", Well, ""),
    ("EXPIRED", Well, ""),
    ("NOT_VERIFIED", Warning, "Verify it with a code in WhatsApp Manager, unless it is one of Meta's test numbers."),
];

const NAMES: Meanings = &[
    ("APPROVED", Well, ""),
    ("AVAILABLE_WITHOUT_REVIEW", Well, ""),
    ("NONE", Well, ""),
    ("PENDING_REVIEW", Warning, "Meta still reviews the display name; until then some messages are refused (131037)."),
    ("DECLINED", Problem, "Choose another display name in WhatsApp Manager: messages are refused (131037)."),
    ("EXPIRED", Warning, "Ask for the display name anew in WhatsApp Manager."),
];

fn meant(name: &'static str, word: Option<&String>, meanings: Meanings) -> Option<Check> {
    let word = word?;
    let found = meanings.iter().find(|(known, ..)| known == word);
    let (level, todo) = found.map_or(
        (Warning, "wacloud does not know this word: look it up in Meta's documentation."),
        |(_, level, todo)| (*level, *todo),
    );
    let check = Check::new(name, level, word.clone());
    Some(if todo.is_empty() { check } else { check.todo(todo) })
}

/// The number: what it is called, and what it may.
pub(super) fn number(facts: &PhoneNumber) -> Vec<Check> {
    let shown = facts.display_phone_number.as_deref().unwrap_or("a number that Meta does not show");
    let name = facts.verified_name.as_ref().map(|name| format!(", {name}")).unwrap_or_default();
    let test = facts.account_mode.as_deref() == Some("SANDBOX");
    let number =
        Check::new("number", Well, format!("{shown}{name}{}", if test { " (one of Meta's test numbers)" } else { "" }));
    let number =
        if test { number.todo("It sends to the numbers that are on its list in the dashboard only.") } else { number };
    let mut all = vec![number];
    all.extend(meant("state", facts.status.as_ref(), STATES));
    all.extend(meant("quality", facts.quality_rating.as_ref(), QUALITIES));
    all.extend(meant("verification", facts.code_verification_status.as_ref(), VERIFICATIONS));
    all.extend(meant("display name", facts.name_status.as_ref(), NAMES));
    all.extend(facts.throughput.as_ref().map(|throughput| {
        let told = match throughput.level.as_str() {
            "STANDARD" => "STANDARD: 80 messages a second".to_owned(),
            "HIGH" => "HIGH: 1,000 messages a second, with --rate auto".to_owned(),
            other => other.to_owned(),
        };
        Check::new("throughput", Well, told)
    }));
    all
}

/// How long before its end a version is warned about.
const VERSION_NOTICE_S: i64 = 60 * DAY_S;

/// The version of the API that is asked, when it ends, and which one answers.
pub(super) fn version(asked: &str, end: Option<&str>, answered: Option<&str>, now_s: i64) -> Check {
    const TODO: &str = "Leave out --api-version and WA_API_VERSION, or name a later one.";
    let left = end.and_then(of_day).map(|at| at - now_s);
    match (end, left) {
        (Some(end), Some(..=0)) => {
            return Check::new(
                "API version",
                Warning,
                format!("{asked} ended on {end}; Meta answers with a later one"),
            )
            .todo(TODO);
        }
        (Some(end), Some(1..VERSION_NOTICE_S)) => {
            return Check::new("API version", Warning, format!("{asked} ends on {end}")).todo(TODO);
        }
        _ => {}
    }
    match (answered.filter(|answered| *answered != asked), end) {
        (Some(other), _) => {
            Check::new("API version", Warning, format!("{asked} was asked, {other} answered")).todo(TODO)
        }
        (None, Some(end)) => Check::new("API version", Well, format!("{asked}, until {end}")),
        (None, None) => Check::new("API version", Well, asked.to_owned()),
    }
}

/// Differences that are told, in seconds: the header has whole seconds, and the answer takes a moment.
const SKEW_S: f64 = 10.0;

/// This machine's clock against the server's.
pub(super) fn clock(server: &ServerFacts) -> Option<Check> {
    let theirs = of_header(server.date.as_deref()?)?;
    // They looked at their clock somewhere between question and answer.
    let least = seconds(server.asked, theirs) - 1.0;
    let most = seconds(server.answered, theirs);
    let skew = if least > 0.0 {
        least
    } else if most < 0.0 {
        most
    } else {
        0.0
    };
    if skew.abs() < SKEW_S {
        return Some(Check::new("clock", Well, "it agrees with Meta's"));
    }
    let way = if skew > 0.0 { "ahead of" } else { "behind" };
    let todo = "Set it (chrony, systemd-timesyncd): times in journals and the 24 hours of a service window are wrong meanwhile.";
    Some(Check::new("clock", Warning, format!("this machine is {:.0} s {way} Meta", skew.abs())).todo(todo))
}

/// How far one moment is after another, in seconds.
fn seconds(one: SystemTime, other: SystemTime) -> f64 {
    match one.duration_since(other) {
        Ok(after) => after.as_secs_f64(),
        Err(before) => -before.duration().as_secs_f64(),
    }
}

#[cfg(test)]
#[path = "tests.rs"]
mod tests;
