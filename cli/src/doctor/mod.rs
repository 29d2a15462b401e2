//! `wacloud doctor`: whether messages can be sent, and what stands in the way.

mod checks;

use std::io::{self, Write as _};
use std::time::Instant;

use clap::Args;
use serde_json::json;
use wacloud::graph::codes::ErrorClass;
use wacloud::operation::phone;
use wacloud::{Client, Error};

use crate::exit::{self, Failure};
use crate::settings::ClientArguments;
use crate::term::{self, Paint, span};
use crate::time;
use checks::{Check, Level};

const EXAMPLES: &str = "Example:\n  wacloud doctor\n\n\
    It asks Meta about the token (kind, end, permissions) and the number (name, state, quality, throughput), and looks at the version \
    of the API and at this machine's clock. It sends no message.\n\n\
    Exit codes: 0 no problem (there may be warnings), 1 a problem, 2 settings are missing or wrong.";

/// Look whether messages can be sent, and what stands in the way
#[derive(Debug, Args)]
#[command(after_help = EXAMPLES)]
pub(crate) struct Arguments {
    /// Print the checks as JSON
    #[arg(long)]
    json: bool,
    #[command(flatten)]
    client: ClientArguments,
}

/// Somebody waits in front of the terminal.
const TIMEOUT_MS: u64 = 15_000;

/// Looks.
pub(crate) async fn run(arguments: Arguments) -> Result<u8, Failure> {
    let mut settings = arguments.client.settings()?;
    settings.total_timeout_ms = Some(TIMEOUT_MS);
    settings.max_retries = Some(1);
    let client = Client::with_settings(settings)?;
    let checks = examine(&client).await;
    let is_well = checks.iter().all(|check| check.level != Level::Problem);
    let mut out = io::stdout();
    if arguments.json {
        writeln!(out, "{}", json!({"ok": is_well, "checks": checks}))?;
    } else {
        write!(out, "{}", told(&checks, Paint::stdout()))?;
    }
    Ok(if is_well { exit::DONE } else { exit::FAILED })
}

/// All checks, in the order in which one depends on the other.
async fn examine(client: &Client) -> Vec<Check> {
    let begun = Instant::now();
    let number = client.call(phone::Get::new()).await;
    let took = span(u64::try_from(begun.elapsed().as_millis()).unwrap_or(u64::MAX));
    let Some(server) = client.server() else {
        // Nothing came back: all else would only say so again.
        let why = number.err().map(|error| error.to_string()).unwrap_or_default();
        let todo = "Check the network, a proxy (HTTPS_PROXY) and --base-url.";
        return vec![Check::new("reached", Level::Problem, why).todo(todo)];
    };
    let mut all = vec![Check::new("reached", Level::Ok, format!("{} answered in {took}", client.base_url()))];
    let now_s = i64::try_from(time::now_ms() / 1_000).unwrap_or(i64::MAX);
    let token = client.inspect_token().await;
    match &token {
        Ok(facts) => all.extend(checks::token(facts, now_s)),
        Err(error) => all.push(refused("token", error)),
    }
    match &number {
        // What is wrong with the token need not be told twice.
        Err(Error::Api(error)) if token.is_err() && error.class == ErrorClass::Authentication => {}
        Ok(facts) => all.extend(checks::number(facts)),
        Err(error) => all.push(refused("number", error)),
    }
    all.push(checks::version(client.api_version(), client.api_version_end(), server.api_version.as_deref(), now_s));
    all.extend(checks::clock(&server));
    all
}

/// A question that was not answered. Core says what to do.
fn refused(name: &'static str, error: &Error) -> Check {
    match error {
        Error::Api(refusal) => {
            let code = refusal.error.code.map(|code| format!(" (code {code})")).unwrap_or_default();
            Check::new(name, Level::Problem, format!("{}{code}", refusal.error.message)).todo(&refusal.help)
        }
        other => Check::new(name, Level::Problem, other.to_string()),
    }
}

/// The checks for people.
fn told(checks: &[Check], paint: Paint) -> String {
    let mut text = String::new();
    for Check { name, level, message, todo } in checks {
        let word = format!("{:<9}", level.name());
        let word = match level {
            Level::Ok => paint.good(&word),
            Level::Warning => paint.warning(&word),
            Level::Problem => paint.bad(&word),
        };
        text.push_str(&format!("{word}{name:<14}{}\n", term::wrapped(&term::plain(message), 76, 23).trim_start()));
        if let Some(todo) = todo {
            text.push_str(&format!("{}\n", paint.dim(&term::wrapped(&term::plain(todo), 76, 23))));
        }
    }
    text
}
