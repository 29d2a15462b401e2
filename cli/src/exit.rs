//! How a command ends: an exit code for scripts, a sentence for people.

use std::process::ExitCode;

/// Why a command failed.
#[derive(Debug)]
pub(crate) struct Failure {
    /// What happened and what to do about it.
    pub(crate) message: String,
    /// 1 failed, 2 wrong usage, 3 port in use.
    pub(crate) code: u8,
}

impl Failure {
    pub(crate) fn new(code: u8, message: impl Into<String>) -> Self {
        Self { message: message.into(), code }
    }
}

/// Tells a failure on standard error and turns it into the exit code.
#[expect(clippy::print_stderr, reason = "this is where people read it")]
pub(crate) fn code(result: Result<(), Failure>) -> ExitCode {
    match result {
        Ok(()) => ExitCode::SUCCESS,
        Err(failure) => {
            eprintln!("wacloud: {}", failure.message);
            ExitCode::from(failure.code)
        }
    }
}
