//! How a command ends: an exit code for scripts, a sentence for people.

use std::io;
use std::process::ExitCode;

use wacloud::Error;
use wacloud::message::{Invalid, Violation};
use wacloud::outcome::Outcome;

/// What was asked is done, and every message was accepted.
pub(crate) const DONE: u8 = 0;
/// It failed, or Meta refused a message.
pub(crate) const FAILED: u8 = 1;
/// Wrong usage, or input that cannot be sent. Nothing left.
pub(crate) const USAGE: u8 = 2;
/// The sandbox's port is taken.
pub(crate) const PORT_IN_USE: u8 = 3;
/// Of a message it is not known whether Meta accepted it.
pub(crate) const UNKNOWN: u8 = 4;
/// A message certainly did not reach Meta.
pub(crate) const NOT_SENT: u8 = 5;
/// It was interrupted (128 and the number of SIGINT, as shells have it).
pub(crate) const INTERRUPTED: u8 = 130;

/// What every help page says of them.
pub(crate) const HELP: &str = "Exit codes:\n  0    done; every message was accepted\n  1    failed, or Meta refused a message\n  \
    2    wrong usage, or input with mistakes: nothing was sent\n  3    the port is in use (sandbox)\n  \
    4    it is not known whether a message was accepted\n  5    a message was certainly not sent\n  130  interrupted";

/// Why a command failed.
#[derive(Debug)]
pub(crate) struct Failure {
    /// What happened and what to do about it; empty where there is nobody to tell.
    pub(crate) message: String,
    /// One of the codes above.
    pub(crate) code: u8,
}

impl Failure {
    pub(crate) fn new(code: u8, message: impl Into<String>) -> Self {
        Self { message: message.into(), code }
    }

    pub(crate) fn usage(message: impl Into<String>) -> Self {
        Self::new(USAGE, message)
    }
}

/// The flags of settings, by their names in core.
const FLAGS: &[(&str, &str)] = &[
    ("phone_number_id", "--phone-id (or WA_PHONE_ID)"),
    ("access_token", "the access token (WA_TOKEN or --token-file)"),
    ("business_account_id", "--account-id (or WA_BUSINESS_ACCOUNT_ID)"),
    ("base_url", "--base-url (or WA_BASE_URL)"),
    ("api_version", "--api-version (or WA_API_VERSION)"),
    ("rate", "--rate"),
    ("pair_rate", "--pair-rate"),
    ("pace", "--pace"),
    ("pace_dir", "--pace-dir"),
    ("media_cache", "--media-cache"),
    ("ca_bundle", "--ca-bundle"),
    ("window", "--window"),
    ("campaign", "--campaign"),
];

impl From<Error> for Failure {
    fn from(error: Error) -> Self {
        Failure::from(&error)
    }
}

impl From<&Error> for Failure {
    fn from(error: &Error) -> Self {
        let code = match error {
            Error::Validation(invalid) if is_not_there(invalid) => FAILED,
            Error::Config { .. } | Error::Validation(_) => USAGE,
            Error::Store { .. } => FAILED,
            _ => of_outcome(error.outcome()),
        };
        let message = match error {
            Error::Config { setting, message } => {
                let flag = FLAGS.iter().find(|(name, _)| name == setting).map_or(setting.as_str(), |(_, flag)| flag);
                format!("{flag} {message}. Nothing was sent.")
            }
            Error::Validation(invalid) if is_not_there(invalid) => {
                let told: Vec<&str> = invalid.violations.iter().map(|violation| violation.message.as_str()).collect();
                let told = told.join("; ");
                if told.ends_with('?') { told } else { told + "." }
            }
            Error::Validation(invalid) => {
                let count = invalid.violations.len();
                let mistakes = if count == 1 { "mistake" } else { "mistakes" };
                let fate = if invalid.only_reads { "" } else { ", nothing was sent" };
                let mut text = format!("{count} {mistakes}{fate}:");
                for violation in &invalid.violations {
                    let path = if violation.path.is_empty() { String::new() } else { format!("{} ", violation.path) };
                    text.push_str(&format!("\n  {path}{}", violation.message));
                }
                text
            }
            // Commands that read a journal send nothing anyway; a bulk says so itself.
            Error::Store { place, problem } => format!("{place} {problem}."),
            other => other.to_string(),
        };
        Failure::new(code, message)
    }
}

/// Whether what was looked for is not there: core has asked Meta, and whoever asked has made no mistake in writing.
fn is_not_there(invalid: &Invalid) -> bool {
    let is_sought =
        |violation: &Violation| violation.rule == "choice" && matches!(violation.path.as_str(), "name" | "language");
    invalid.only_reads && invalid.violations.iter().all(is_sought)
}

impl From<io::Error> for Failure {
    /// Of writing to standard output. A reader that has seen enough (`| head`) is nobody to tell of anything.
    fn from(error: io::Error) -> Self {
        match error.kind() {
            io::ErrorKind::BrokenPipe => Failure::new(FAILED, ""),
            _ => Failure::new(FAILED, format!("the output cannot be written: {error}")),
        }
    }
}

/// The code of a message that ended so.
pub(crate) fn of_outcome(outcome: Outcome) -> u8 {
    match outcome {
        Outcome::Accepted => DONE,
        Outcome::Rejected => FAILED,
        Outcome::NotSent => NOT_SENT,
        Outcome::Unknown => UNKNOWN,
    }
}

/// Tells a failure on standard error and turns the end of a command into the exit code.
#[expect(clippy::print_stderr, reason = "this is where people read it")]
pub(crate) fn code(result: Result<u8, Failure>) -> ExitCode {
    match result {
        Ok(code) => ExitCode::from(code),
        Err(failure) => {
            if !failure.message.is_empty() {
                eprintln!("wacloud: {}", failure.message);
            }
            ExitCode::from(failure.code)
        }
    }
}
