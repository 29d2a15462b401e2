//! `wacloud report JOURNAL`: what a campaign came to.

mod chart;
mod data;
mod html;
mod table;
#[cfg(test)]
mod tests;

use std::fs;
use std::io::{self, Write as _};
use std::path::PathBuf;

use clap::Args;
use wacloud::journal::Journal;

use crate::bulk::Memory;
use crate::exit::{self, Failure};
use crate::term::{Paint, counted, quoted};
use crate::time;
use data::Prices;

const EXAMPLES: &str = "Examples:\n  wacloud report c.db\n  wacloud report c.db --html report.html --price marketing=0.07 --price utility=0.01 --currency EUR\n  \
    wacloud report c.db --rows | grep '\"outcome\":\"rejected\"'\n\n\
    What was delivered, read and failed afterwards is known from status webhooks: `wacloud observe` takes them in.";

/// Tell what a campaign came to, from its journal
#[derive(Debug, Args)]
#[command(after_help = EXAMPLES)]
pub(crate) struct Arguments {
    /// The journal's file
    #[arg(value_name = "JOURNAL")]
    journal: String,
    /// Which campaign, where the journal has several
    #[arg(long, value_name = "NAME")]
    campaign: Option<String>,
    /// Write a page: one file that needs nothing else
    #[arg(long, value_name = "FILE")]
    html: Option<PathBuf>,
    /// What a message of a category costs, such as marketing=0.07
    #[arg(long, value_name = "CATEGORY=AMOUNT")]
    price: Vec<String>,
    /// What these amounts are in
    #[arg(long, value_name = "TEXT", default_value = "", hide_default_value = true)]
    currency: String,
    /// Print the report as JSON
    #[arg(long, conflicts_with = "rows")]
    json: bool,
    /// Print what is known of each message, a line of JSON each
    #[arg(long, conflicts_with = "html")]
    rows: bool,
}

/// The categories of a report, for people.
fn categories(report: &data::Report) -> String {
    let mut names: Vec<&str> = report.costs.iter().map(|cost| cost.category.as_str()).collect();
    names.dedup();
    names.join(", ")
}

/// Rows that are read together.
const CHUNK: u32 = 1_000;

/// Tells it.
pub(crate) async fn run(arguments: Arguments) -> Result<u8, Failure> {
    let prices = Prices::parse(&arguments.price, &arguments.currency)?;
    let journal = Journal::open(&arguments.journal, arguments.campaign.as_deref())?;
    let mut out = io::stdout().lock();
    if arguments.rows {
        let mut after = 0;
        loop {
            let rows = journal.rows(after, CHUNK).await?;
            let Some(last) = rows.last() else { return Ok(exit::DONE) };
            after = last.position;
            for row in &rows {
                writeln!(out, "{}", serde_json::to_string(row).map_err(io::Error::from)?)?;
            }
        }
    }
    let report = journal.report().await?;
    if let Some(path) = &arguments.html {
        let page = html::render(&report, &prices, time::now_ms());
        fs::write(path, page)
            .map_err(|error| Failure::new(exit::FAILED, format!("{} cannot be written: {error}", path.display())))?;
        writeln!(io::stderr(), "Wrote {}: open it in a browser.", path.display())?;
    }
    for category in prices.unused(&report) {
        writeln!(
            io::stderr(),
            "wacloud: warning: nothing of this campaign is counted as {category:?}; there are {}.",
            categories(&report)
        )?;
    }
    if arguments.json {
        writeln!(out, "{}", serde_json::to_string(&report).map_err(io::Error::from)?)?;
    } else {
        write!(out, "{}", table::render(&report, &prices, Paint::stdout()))?;
        if let Some(told) = go_on(&journal, &report, arguments.campaign.as_deref()).await {
            write!(out, "\n{told}\n")?;
        }
    }
    Ok(exit::DONE)
}

/// How to go on with what did not go out, of a campaign that is not going on right now.
async fn go_on(journal: &Journal, report: &data::Report, campaign: Option<&str>) -> Option<String> {
    let left = data::not_begun(report) + report.not_sent;
    if left == 0 || report.in_flight > 0 {
        return None;
    }
    let note = journal.note().await.ok().flatten();
    let told = match note.as_deref().and_then(Memory::read) {
        Some(_) => {
            let name = campaign.map(|name| format!(" --campaign {}", quoted(name))).unwrap_or_default();
            format!("wacloud resume {}{name}", quoted(&report.place))
        }
        None => "the program that began it, with the same list and journal".to_owned(),
    };
    Some(format!("Go on with the {} that did not go out: {told}", counted(left, "message", "messages")))
}
