//! `wacloud bulk FILE`: a message for each row of a file.

mod before;
mod check;
mod job;
mod lines;
mod memory;
mod pattern;
mod plan;
mod run;
mod sniff;
mod source;
mod summary;
mod told;

use clap::Args;
use serde::{Deserialize, Serialize};

use crate::exit::Failure;
use crate::settings::{ClientArguments, Seconds};
use plan::Campaign;

pub(crate) use job::{Job, Resumed, go};
pub(crate) use memory::Memory;

const EXAMPLES: &str = "Examples:\n  wacloud bulk customers.csv --template order_update --lang en_US --body '{name}' '#{order}' --to phone\n  \
    wacloud bulk customers.csv --template promo --lang de --to phone --key id --journal promo.db\n  \
    wacloud bulk customers.csv --text 'Dear {name|customer}, the shop opens at nine.' --dry-run\n  \
    wacloud bulk customers.jsonl --kind image --args '{\"image\": \"{picture}\", \"caption\": \"For {name}\"}'\n  \
    query | wacloud bulk - --text 'Hello {name}' --json > results.jsonl\n\n\
    The file is CSV (comma, semicolon or tab; UTF-8) with the names of the columns in its first line, or JSON lines. The whole of it \
    is checked first; nothing leaves while there are rows with mistakes, unless --skip-invalid is given.\n\n\
    Exit codes: 0 all accepted (but for rows that --skip-invalid left out), 1 some refused by Meta, 2 rows or usage with mistakes and \
    nothing sent, 4 some unknown, 5 some not sent, 130 interrupted; of several the first of 130, 4, 1, 5.";

/// Send a message for each row of a file
#[derive(Debug, Args)]
#[command(after_help = EXAMPLES)]
pub(crate) struct Arguments {
    #[command(flatten)]
    file: FileArguments,
    #[command(flatten)]
    campaign: Campaign,
    /// Keep in this file what became of each message, so that it can be gone on with and nothing is sent twice
    #[arg(long, value_name = "FILE")]
    journal: Option<String>,
    /// The campaign's name in the journal; the journal's own name unless given
    #[arg(long = "campaign", id = "campaign_name", value_name = "NAME", requires = "journal")]
    campaign_name: Option<String>,
    /// Go on with the campaign of the journal though its message, columns or list are others now
    #[arg(long, requires = "journal")]
    allow_new: bool,
    #[command(flatten)]
    how: How,
    #[command(flatten)]
    client: ClientArguments,
}

/// Checks the file, and sends.
pub(crate) async fn run(arguments: Arguments) -> Result<u8, Failure> {
    let Arguments { file, campaign, journal, campaign_name, allow_new, how, client } = arguments;
    let campaign = campaign.settled()?;
    go(Job { file, campaign, journal, campaign_name, how, client, resumed: None, allow_new }).await
}

// Which file, and how it is written.
#[derive(Debug, Clone, Default, PartialEq, Args, Serialize, Deserialize)]
#[serde(default)]
pub(crate) struct FileArguments {
    /// The file, or - for standard input
    #[arg(value_name = "FILE")]
    path: String,
    /// How it is written, where its name and beginning do not tell
    #[arg(long, value_name = "FORMAT", value_parser = ["csv", "jsonl"])]
    format: Option<String>,
    /// What stands between the columns of CSV; found out unless given
    #[arg(long, value_name = "CHAR", value_parser = separator)]
    separator: Option<u8>,
    /// Only the first N rows
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u64).range(1..))]
    limit: Option<u64>,
    /// Leave out rows with mistakes instead of sending nothing
    #[arg(long)]
    skip_invalid: bool,
}

impl FileArguments {
    /// The same where it lies now; `None` for standard input, which is gone.
    pub(crate) fn at(&self, now: Option<String>) -> Option<Self> {
        match now {
            Some(path) => Some(FileArguments { path, ..self.clone() }),
            None => (self.path != "-").then(|| self.clone()),
        }
    }

    /// The same, without rows with mistakes if `skip_invalid` says so now.
    pub(crate) fn leaving_out(self, skip_invalid: bool) -> Self {
        FileArguments { skip_invalid: self.skip_invalid || skip_invalid, ..self }
    }

    /// With its whole path: it may be gone on with from elsewhere.
    fn settled(mut self) -> Result<Self, Failure> {
        if self.path != "-" {
            let path = std::path::absolute(&self.path);
            let path = path.map_err(|error| Failure::usage(format!("{} is no path: {error}", self.path)))?;
            self.path = path.to_string_lossy().into_owned();
        }
        Ok(self)
    }
}

// How it goes.
#[derive(Debug, Clone, Args)]
pub(crate) struct How {
    /// Check the file, show the first message, and send nothing
    #[arg(long)]
    dry_run: bool,
    /// Print each result as a line of JSON, and a summary as the last one
    #[arg(long)]
    json: bool,
    /// How many messages may be under way at once: 256 unless given
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u32).range(1..=10_000))]
    window: Option<u32>,
    /// Longest time for a message with all its attempts
    #[arg(long, value_name = "SECONDS")]
    timeout: Option<Seconds>,
    /// Which messages go first when the rate limit makes them wait: low unless given
    #[arg(long, value_name = "WHICH", value_parser = ["urgent", "normal", "low"])]
    priority: Option<String>,
    /// With a journal: send again what Meta refused in an earlier run
    #[arg(long)]
    retry_rejected: bool,
    /// Send again what may have arrived: with a journal what is unknown from an earlier run, and what gets no answer now.
    /// Whoever has it gets it a second time
    #[arg(long)]
    resend_unknown: bool,
}

fn separator(text: &str) -> Result<u8, String> {
    match text {
        "tab" | "\\t" => Ok(b'\t'),
        _ => match text.as_bytes() {
            [one] if one.is_ascii() && *one != b'"' => Ok(*one),
            _ => Err("one character, or tab".to_owned()),
        },
    }
}
