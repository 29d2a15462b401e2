//! `wacloud observe JOURNAL`: what status webhooks tell of a campaign.

use std::fs::File;
use std::io::{self, BufRead as _, BufReader, Read, Write as _};

use clap::Args;
use serde_json::value::RawValue;
use wacloud::journal::{Journal, Observed};
use wacloud::{WebhookEvent, webhook};

use crate::exit::{self, Failure};
use crate::term::counted;

const EXAMPLES: &str = "Examples:\n  wacloud observe c.db webhooks.jsonl\n  tail -f webhooks.jsonl | wacloud observe c.db\n\n\
    A file has a body of a webhook in each line, or one body. Bodies may come in any order and more than once. Their signatures are \
    not checked: feed it what your server has checked.";

/// Take in status webhooks: what was delivered and read, and what became of unknown messages
#[derive(Debug, Args)]
#[command(after_help = EXAMPLES)]
pub(crate) struct Arguments {
    /// The journal's file
    #[arg(value_name = "JOURNAL")]
    journal: String,
    /// Files with bodies of webhooks; - or none for standard input
    #[arg(value_name = "FILE")]
    files: Vec<String>,
    /// Print what was learnt as JSON
    #[arg(long)]
    json: bool,
}

/// Events that are written down together.
const BATCH: usize = 500;

/// Bytes of a file that are read at once.
const BUFFER: usize = 1 << 20;

struct Observer {
    journal: Journal,
    events: Vec<WebhookEvent>,
    seen: u64,
    bodies: u64,
    observed: Observed,
    /// Where something is no body of a webhook, and why.
    wrong: Vec<String>,
    wrong_count: u64,
}

/// How many of those are told.
const MOST_TOLD: usize = 10;

impl Observer {
    fn take(&mut self, body: &[u8], place: &str) {
        match webhook::parse(body) {
            Ok(events) => {
                self.bodies += 1;
                self.events.extend(events);
            }
            Err(error) => {
                self.wrong_count += 1;
                if self.wrong.len() < MOST_TOLD {
                    // It is about a body here, not about a message.
                    let error = error.to_string();
                    let why = error.split_once(": ").map_or(error.as_str(), |(_, why)| why);
                    self.wrong.push(format!("{place} {}", why.trim_start_matches("1 mistake; body: ")));
                }
            }
        }
    }

    async fn write(&mut self, least: usize) -> Result<(), Failure> {
        if self.events.is_empty() || self.events.len() < least {
            return Ok(());
        }
        let new = self.journal.observe(&self.events).await?;
        self.seen += self.events.len() as u64;
        self.events.clear();
        let all = &mut self.observed;
        for (sum, more) in [
            (&mut all.settled, new.settled),
            (&mut all.sent, new.sent),
            (&mut all.delivered, new.delivered),
            (&mut all.read, new.read),
            (&mut all.failed, new.failed),
            (&mut all.repeated, new.repeated),
            (&mut all.others, new.others),
        ] {
            *sum += more;
        }
        Ok(())
    }

    /// Bodies in lines, each written down as it comes if there is no more for now; or one body over many lines.
    async fn read(&mut self, name: &str, mut from: BufReader<impl Read>) -> Result<(), Failure> {
        let cannot = |error: io::Error| Failure::new(exit::FAILED, format!("{name} cannot be read: {error}"));
        let mut line = Vec::new();
        let mut number = 0_u64;
        loop {
            line.clear();
            if from.read_until(b'\n', &mut line).map_err(cannot)? == 0 {
                return Ok(());
            }
            number += 1;
            if line.trim_ascii().is_empty() {
                continue;
            }
            // One body over many lines begins with a line that only opens it.
            let begins = matches!(line.trim_ascii(), [b'{' | b'[', ..]);
            if number == 1 && begins && serde_json::from_slice::<&RawValue>(&line).is_err() {
                from.read_to_end(&mut line).map_err(cannot)?;
                self.take(&line, &format!("{name}:"));
                return Ok(());
            }
            self.take(&line, &format!("{name}, line {number}:"));
            // Where webhooks come one by one (`tail -f`), nobody waits for a batch.
            self.write(if from.buffer().is_empty() { 1 } else { BATCH }).await?;
        }
    }
}

/// Takes them in.
pub(crate) async fn run(arguments: Arguments) -> Result<u8, Failure> {
    let journal = Journal::open(&arguments.journal, None)?;
    // A file that is not there would be a journal without a campaign.
    journal.campaigns().await?;
    let mut observer = Observer {
        journal,
        events: Vec::new(),
        seen: 0,
        bodies: 0,
        observed: Observed::default(),
        wrong: Vec::new(),
        wrong_count: 0,
    };
    let files = if arguments.files.is_empty() { vec!["-".to_owned()] } else { arguments.files };
    for name in &files {
        if name == "-" {
            observer.read("standard input", BufReader::new(io::stdin())).await?;
        } else {
            let file = File::open(name).map_err(|error| Failure::usage(format!("{name} cannot be read: {error}")))?;
            observer.read(name, BufReader::with_capacity(BUFFER, file)).await?;
        }
    }
    observer.write(1).await?;
    let Observer { observed, seen, bodies, wrong, wrong_count, .. } = observer;
    let mut out = io::stdout();
    if arguments.json {
        writeln!(out, "{}", serde_json::to_string(&observed).map_err(io::Error::from)?)?;
    } else {
        writeln!(out, "{} with {}", counted(bodies, "webhook", "webhooks"), counted(seen, "event", "events"))?;
        for (count, what) in [
            (observed.settled, "of unknown outcome turned out to be accepted"),
            (observed.sent, "newly known to be sent"),
            (observed.delivered, "newly known to be delivered"),
            (observed.read, "newly known to be read"),
            (observed.failed, "newly known to have failed"),
            (observed.repeated, "known already"),
            (observed.others, "about no message of this journal"),
        ] {
            if count > 0 {
                writeln!(out, "  {:>9}  {what}", crate::term::grouped(count))?;
            }
        }
    }
    if wrong_count == 0 {
        return Ok(exit::DONE);
    }
    let more = wrong_count - wrong.len() as u64;
    let more = if more > 0 { format!("\n  and {more} more") } else { String::new() };
    let what = counted(wrong_count, "is no body of a webhook", "are no bodies of webhooks");
    Err(Failure::new(exit::FAILED, format!("{what}:\n  {}{more}", wrong.join("\n  "))))
}
