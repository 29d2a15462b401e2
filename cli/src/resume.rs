//! `wacloud resume JOURNAL`: goes on with a campaign that was interrupted.

use clap::Args;
use wacloud::journal::Journal;

use crate::bulk::{How, Job, Memory, Resumed, go};
use crate::exit::Failure;
use crate::settings::ClientArguments;

const EXAMPLES: &str = "Examples:\n  wacloud resume c.db\n  wacloud resume c.db --campaign autumn --retry-rejected\n\n\
    What was accepted is not sent again, and what is unknown is not guessed: it is told as unknown until a status webhook settles it \
    (`wacloud observe`), or sent once more with --resend-unknown. File, columns, message and rate are those of `wacloud bulk --journal`.";

/// Go on with a campaign that was interrupted: nothing is sent twice
#[derive(Debug, Args)]
#[command(after_help = EXAMPLES)]
pub(crate) struct Arguments {
    /// The journal's file
    #[arg(value_name = "JOURNAL")]
    journal: String,
    /// Which campaign, where the journal has several
    #[arg(long, value_name = "NAME")]
    campaign: Option<String>,
    /// The list, where it lies elsewhere now; - for standard input
    #[arg(long, value_name = "FILE")]
    file: Option<String>,
    /// Send also rows that were not there when the campaign began
    #[arg(long)]
    allow_new: bool,
    /// Leave out rows with mistakes instead of sending nothing
    #[arg(long)]
    skip_invalid: bool,
    #[command(flatten)]
    how: How,
    #[command(flatten)]
    client: ClientArguments,
}

/// Goes on.
pub(crate) async fn run(arguments: Arguments) -> Result<u8, Failure> {
    let Arguments { journal: place, campaign, file, allow_new, skip_invalid, how, client } = arguments;
    let journal = Journal::open(&place, campaign.as_deref())?;
    if let Some(name) = &campaign {
        let campaigns = journal.campaigns().await?;
        if !campaigns.contains(name) {
            return Err(Failure::usage(format!(
                "{place} has no campaign {name}; there are {}. Nothing was sent.",
                campaigns.join(", ")
            )));
        }
    }
    let note = journal.note().await?;
    let memory = note.as_deref().and_then(Memory::read).ok_or_else(|| {
        Failure::usage(format!(
            "{place} does not say how its campaign was begun: go on with the same program that began it, or with the same `wacloud bulk` \
             and --journal {place}. Nothing was sent."
        ))
    })?;
    let campaign_name = match campaign {
        Some(name) => Some(name),
        None => journal.campaigns().await?.into_iter().next(),
    };
    let file_then = memory.file.at(file).ok_or_else(|| {
        Failure::usage(
            "the list came from standard input: give it again, with --file FILE or --file -. Nothing was sent.",
        )
    })?;
    let (file, campaign) = (file_then.leaving_out(skip_invalid), memory.campaign.clone());
    let client = client.at_rate(&memory.rate);
    let resumed = Some(Resumed { memory, allow_new });
    go(Job { file, campaign, journal: Some(place), campaign_name, how, client, resumed, allow_new }).await
}
