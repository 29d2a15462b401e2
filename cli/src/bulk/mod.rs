//! `wacloud bulk FILE`: a message for each row of a file.

mod check;
mod lines;
mod pattern;
mod plan;
mod run;
mod source;
mod summary;

use std::io::{self, Write as _};

use clap::Args;
use serde::{Deserialize, Serialize};
use serde_json::json;
use wacloud::bulk::BulkOptions;

use crate::exit::{self, Failure};
use crate::send;
use crate::settings::{ClientArguments, Seconds};
use crate::term::{Paint, cut, grouped};
use check::Checked;
use plan::{Campaign, Plan, Problem};
use source::Source;

const EXAMPLES: &str = "Examples:\n  wacloud bulk customers.csv --template order_update --lang en_US --body '{name}' '#{order}' --to phone\n  \
    wacloud bulk customers.csv --text 'Dear {name|customer}, the shop opens at nine.' --dry-run\n  \
    wacloud bulk customers.jsonl --kind image --args '{\"image\": \"{picture}\", \"caption\": \"For {name}\"}'\n  \
    query | wacloud bulk - --text 'Hello {name}' --json > results.jsonl\n\n\
    The file is CSV (comma, semicolon or tab; UTF-8) with the names of the columns in its first line, or JSON lines. The whole of it \
    is checked first; nothing leaves while there are rows with mistakes, unless --skip-invalid is given.\n\n\
    Exit codes: 0 all accepted, 1 some refused by Meta, 2 rows or usage with mistakes, 4 some unknown, 5 some not sent, 130 \
    interrupted; of several the first of 130, 4, 1, 5, 2.";

/// Send a message for each row of a file
#[derive(Debug, Args)]
#[command(after_help = EXAMPLES)]
pub(crate) struct Arguments {
    #[command(flatten)]
    file: FileArguments,
    #[command(flatten)]
    campaign: Campaign,
    #[command(flatten)]
    how: How,
    #[command(flatten)]
    client: ClientArguments,
}

// Which file, and how it is written.
#[derive(Debug, Clone, Default, PartialEq, Args, Serialize, Deserialize)]
#[serde(default)]
struct FileArguments {
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

// How it goes.
#[derive(Debug, Clone, Args)]
struct How {
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

/// How many rows with mistakes are listed for people; `--json` lists all.
const MOST_TOLD: u64 = 1_000;

/// Tells of rows with mistakes.
struct Teller {
    json: bool,
    told: u64,
    paint: Paint,
}

impl Teller {
    fn tell(&mut self, line: u64, problem: &Problem) -> Result<(), Failure> {
        self.told += 1;
        let Problem { column, value, reason } = problem;
        if self.json {
            let told = json!({"line": line, "outcome": "invalid", "column": column, "value": value, "reason": reason});
            return Ok(writeln!(io::stdout(), "{told}")?);
        }
        if self.told <= MOST_TOLD {
            let place = match (column, value) {
                (Some(column), Some(value)) => format!("{column} {:?} ", cut(value, 40)),
                (Some(column), None) => format!("{column} "),
                (None, Some(value)) => format!("{:?} ", cut(value, 40)),
                (None, None) => String::new(),
            };
            let line = self.paint.bold(&format!("line {line}:"));
            writeln!(io::stderr(), "{line} {place}{}", cut(reason, 400))?;
        }
        Ok(())
    }
}

/// Checks the file, and sends.
pub(crate) async fn run(arguments: Arguments) -> Result<u8, Failure> {
    let Arguments { file, campaign, how, client } = arguments;
    let source = Source::open(&file.path, file.format.as_deref(), file.separator)?;
    let plan = campaign.plan(&source)?;
    let checked = check_all(&source, &plan, &file, how.json)?;
    let (paint, invalid) = (Paint::stderr(), checked.bad.len() as u64);
    if how.dry_run {
        return show(&source, &checked, how.json);
    }
    if !how.json {
        writeln!(io::stderr(), "{}", summary::of_check(&source, &checked, paint))?;
    }
    if checked.rows == 0 {
        return Err(Failure::usage(format!("{} has no rows. Nothing was sent.", source.name)));
    }
    if invalid > 0 && !file.skip_invalid {
        return Err(Failure::usage(format!(
            "{} of {} rows cannot be sent. Nothing was sent. Mend them, or leave them out with --skip-invalid.",
            grouped(invalid),
            grouped(checked.rows)
        )));
    }
    if checked.good() == 0 {
        return Err(Failure::usage("no row can be sent. Nothing was sent."));
    }
    let options = BulkOptions {
        window: how.window,
        timeout_ms: how.timeout.map(|time| time.0),
        priority: how.priority.as_deref().and_then(send::priority),
        total: Some(checked.good()),
        ..BulkOptions::default()
    };
    let ended = run::run(client.client()?, &source, &plan, &checked, &options, how.json).await?;
    let mut out = io::stdout();
    if how.json {
        writeln!(out, "{}", summary::end_value(&ended, &source, &checked))?;
    } else {
        let go_on = go_on(&ended, &checked);
        write!(out, "{}", summary::of_end(&ended, &checked, go_on.as_deref(), Paint::stdout()))?;
    }
    Ok(run::code(&ended, invalid))
}

/// How to go on with what did not go out.
fn go_on(ended: &run::Ended, checked: &Checked) -> Option<String> {
    let left = checked.good() - ended.progress.done + ended.progress.not_sent;
    let text = "Not all of it went out. Without a journal nothing remembers what did: --json tells it of each row.";
    (left > 0).then(|| text.to_owned())
}

fn check_all(source: &Source, plan: &Plan, file: &FileArguments, json: bool) -> Result<Checked, Failure> {
    let mut teller = Teller { json, told: 0, paint: Paint::stderr() };
    let checked = check::check(source, plan, file.limit, |line, problem| teller.tell(line, problem))?;
    if teller.told > MOST_TOLD && !json {
        let more = grouped(teller.told - MOST_TOLD);
        writeln!(io::stderr(), "… and {more} more; --json lists all of them")?;
    }
    Ok(checked)
}

/// What `--dry-run` shows.
fn show(source: &Source, checked: &Checked, json: bool) -> Result<u8, Failure> {
    let mut out = io::stdout();
    if json {
        let first = checked.first.as_ref().map(|(line, payload)| json!({"line": line, "payload": payload}));
        writeln!(out, "{}", json!({"check": summary::check_value(source, checked), "first": first}))?;
    } else {
        writeln!(out, "{}", summary::of_check(source, checked, Paint::stdout()))?;
        match &checked.first {
            Some((line, payload)) => writeln!(out, "\nThe first message (line {line}):\n{payload:#}")?,
            None => writeln!(out, "\nNo row can be sent.")?,
        }
        writeln!(out, "\nNothing was sent.")?;
    }
    Ok(if checked.bad.is_empty() && checked.rows > 0 { exit::DONE } else { exit::USAGE })
}
