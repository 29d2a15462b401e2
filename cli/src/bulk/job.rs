//! A campaign from its file to its end.

use std::io::{self, IsTerminal as _, Write as _};
use std::path::Path;
use std::sync::Arc;
use std::time::{Duration, Instant};

use serde_json::json;
use wacloud::Client;
use wacloud::bulk::BulkOptions;
use wacloud::client::OnUnknown;
use wacloud::journal::Journal;
use wacloud::message::Template;
use wacloud::template::Family;

use super::check::{self, Checked, Teller};
use super::memory::{Changes, Identities, Memory};
use super::plan::{Campaign, Plan, Problem};
use super::run::{self, Note};
use super::source::Source;
use super::{FileArguments, How, summary};
use crate::exit::{self, Failure};
use crate::send;
use crate::settings::ClientArguments;
use crate::term::{Paint, counted, cut, grouped, quoted};

/// All that there is to say about a campaign.
pub(crate) struct Job {
    pub(crate) file: FileArguments,
    pub(crate) campaign: Campaign,
    pub(crate) journal: Option<String>,
    pub(crate) campaign_name: Option<String>,
    pub(crate) how: How,
    pub(crate) client: ClientArguments,
    /// Of a campaign that is gone on with.
    pub(crate) resumed: Option<Resumed>,
    /// Another message than the campaign was begun with is sent all the same.
    pub(crate) allow_new: bool,
}

/// What is known of a campaign that is gone on with.
pub(crate) struct Resumed {
    pub(crate) memory: Memory,
    /// Rows that were not there then are sent, too.
    pub(crate) allow_new: bool,
}

/// How many rows with mistakes are listed for people; `--json` lists all.
const MOST_TOLD: u64 = 1_000;

/// Tells of rows with mistakes, and on a terminal how far the check is.
struct Told {
    json: bool,
    problems: u64,
    paint: Paint,
    /// When that was shown last; `None` where there is no terminal.
    shown: Option<Instant>,
    is_shown: bool,
}

/// How often it is shown how far the check is.
const SHOWN_EVERY: Duration = Duration::from_millis(500);

impl Told {
    fn new(json: bool) -> Self {
        let shown = std::io::stderr().is_terminal().then(Instant::now);
        Told { json, problems: 0, paint: Paint::stderr(), shown, is_shown: false }
    }

    /// Takes back what shows how far it is.
    fn clear(&mut self) {
        if std::mem::take(&mut self.is_shown) {
            let _ = write!(io::stderr(), "\r\x1b[K");
        }
    }
}

impl Teller for Told {
    fn problem(&mut self, line: u64, problem: &Problem) -> Result<(), Failure> {
        self.problems += 1;
        self.clear();
        let Problem { column, value, reason } = problem;
        if self.json {
            let told = json!({"line": line, "outcome": "invalid", "column": column, "value": value, "reason": reason});
            return Ok(writeln!(io::stdout(), "{told}")?);
        }
        if self.problems <= MOST_TOLD {
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

    fn rows(&mut self, count: u64) {
        if let Some(shown) = self.shown.filter(|shown| shown.elapsed() >= SHOWN_EVERY) {
            let _ = write!(io::stderr(), "\rchecking … {} rows", grouped(count));
            (self.shown, self.is_shown) = (Some(shown + shown.elapsed()), true);
        }
    }
}

/// Checks the file, and sends.
pub(crate) async fn go(job: Job) -> Result<u8, Failure> {
    let Job { file, campaign, how, .. } = &job;
    let source = Source::open(&file.path, file.format.as_deref(), file.separator)?;
    let plan = campaign.plan(&source)?;
    let family = job.family().await?;
    let mut checked = check_all(&source, &plan, file, job.journal.is_some(), family.as_deref(), how.json)?;
    let (paint, invalid) = (Paint::stderr(), checked.bad.len() as u64);
    if how.dry_run {
        if let Some(resumed) = &job.resumed {
            is_known(&checked.identities, resumed, &source.name)?;
        }
        return show(&source, &checked, file.skip_invalid, how.json);
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
    let identities = std::mem::take(&mut checked.identities);
    if let Some(resumed) = &job.resumed {
        is_known(&identities, resumed, &source.name)?;
    }
    let mut note = job.note(&identities)?;
    if let (Some(begun), None) = (&note, &job.resumed) {
        let before = job.before(&begun.journal).await?;
        if let (Some(memory), false) = (&before, job.allow_new) {
            is_the_list(&identities, memory, &source.name)?;
        }
        // A shorter list, tried again: what will be gone on with is the whole one.
        if before.is_some_and(|memory| is_part(&identities, &memory)) {
            note = None;
        }
    }
    let client = job.sender()?;
    let ended = run::run(client, (&source, &plan, &checked), &job.options(checked.good()), note, how.json).await?;
    let mut out = io::stdout();
    if how.json {
        writeln!(out, "{}", summary::end_value(&ended, &source, &checked))?;
    } else {
        let go_on = job.go_on(&ended, &checked);
        write!(out, "{}", summary::of_end(&ended, &checked, go_on.as_deref(), Paint::stdout()))?;
    }
    Ok(run::code(&ended))
}

/// Refuses a file that has messages which the campaign did not have: whether they shall be sent, too, is not ours to say.
fn is_known(identities: &Identities, resumed: &Resumed, name: &str) -> Result<(), Failure> {
    let new = identities.changes_since(&resumed.memory.rows).new;
    if resumed.allow_new || new == 0 {
        return Ok(());
    }
    Err(Failure::usage(format!(
        "{name} has changed since the campaign began: {} not in it then. Nothing was sent. If they shall be sent, too, say \
         --allow-new.",
        counted(new, "message was", "messages were")
    )))
}

/// Refuses another list under the same name. A longer or a shorter one goes on; where some rows have gone and others have
/// come, somebody whose row was written anew would get a second message, and `resume` would forget who is left of the first.
fn is_the_list(identities: &Identities, memory: &Memory, name: &str) -> Result<(), Failure> {
    let Changes { new, gone } = identities.changes_since(&memory.rows);
    if new == 0 || gone == 0 {
        return Ok(());
    }
    Err(Failure::usage(format!(
        "{name} is another list than the one that the campaign was begun with: {} not in it, and {} of that are not here. Whoever's row \
         was changed would get a second message. Nothing was sent. The first list is gone on with by `wacloud resume`; a list of its \
         own is a campaign of its own: --campaign NAME. If all of this one shall be sent: --allow-new.",
        counted(new, "message was", "messages were"),
        grouped(gone)
    )))
}

/// Whether the rows are some of those that the campaign was begun with.
fn is_part(identities: &Identities, memory: &Memory) -> bool {
    identities.fingerprint().count < memory.rows.count && identities.new_to(&memory.rows) == 0
}

/// What core calls the campaign of a journal that was given no name: the file's, without its ending.
fn default_name(place: &str) -> Option<String> {
    Some(Path::new(place).file_stem()?.to_string_lossy().chars().take(100).collect())
}

impl Job {
    fn sender(&self) -> Result<Client, Failure> {
        let mut settings = self.client.settings()?;
        settings.on_unknown = self.how.resend_unknown.then_some(OnUnknown::Resend);
        Ok(Client::with_settings(settings)?)
    }

    /// What the template of the campaign is, where the account is known and answers. One that cannot be sent at all is told
    /// once, not for each row.
    async fn family(&self) -> Result<Option<Arc<Family>>, Failure> {
        let Some((name, language)) = self.campaign.named_template() else { return Ok(None) };
        // A look at the file alone needs no account; whoever sends is told later what is missing.
        let Ok(client) = self.client.client() else { return Ok(None) };
        let Some(family) = client.template_family(name).await else { return Ok(None) };
        let misfits = family.check(&Template::new(name, language));
        match misfits.iter().find(|misfit| !misfit.path.starts_with("template.components")) {
            Some(misfit) => Err(Failure::usage(format!("{}. Nothing was sent.", misfit.message.trim_end_matches('.')))),
            None => Ok(Some(family)),
        }
    }

    fn options(&self, total: u64) -> BulkOptions {
        let how = &self.how;
        BulkOptions {
            window: how.window,
            timeout_ms: how.timeout.map(|time| time.0),
            priority: how.priority.as_deref().and_then(send::priority),
            total: Some(total),
            journal: self.journal.clone(),
            campaign: self.campaign_name.clone(),
            retry_rejected: (self.journal.is_some() && how.retry_rejected).then_some(true),
            ..BulkOptions::default()
        }
    }

    /// What the campaign was begun with, if it was. Refused is what would send a second message to everybody, or none to
    /// anybody, without a word: another message under the same name, or no name where there are others.
    async fn before(&self, journal: &Journal) -> Result<Option<Memory>, Failure> {
        // Where there is no journal yet there is nothing to compare with; one that cannot be used is told by the bulk.
        let Ok(campaigns) = journal.campaigns().await else { return Ok(None) };
        let place = self.journal.as_deref().unwrap_or_default();
        let name = self.campaign_name.clone().or_else(|| default_name(place)).unwrap_or_default();
        if !campaigns.contains(&name) {
            return match (&self.campaign_name, campaigns.is_empty()) {
                (None, false) => Err(Failure::usage(format!(
                    "{place} has campaigns with names ({}): say which one this is with --campaign. Nothing was sent.",
                    campaigns.join(", ")
                ))),
                _ => Ok(None),
            };
        }
        let memory = journal.note().await.ok().flatten().as_deref().and_then(Memory::read);
        match memory {
            Some(memory) if memory.campaign != self.campaign && !self.allow_new => Err(Failure::usage(format!(
                "campaign {name} was begun with another message or with other columns. With --key nobody would get the new one, \
                 without everybody would get it as a second message. Nothing was sent. A campaign of its own: --campaign NAME. \
                 If it shall go on like this: --allow-new."
            ))),
            memory => Ok(memory),
        }
    }

    /// What `wacloud resume` will need.
    fn note(&self, identities: &Identities) -> Result<Option<Note>, Failure> {
        let Some(place) = &self.journal else { return Ok(None) };
        let name = self.campaign_name.clone().or_else(|| default_name(place));
        let journal = Journal::open(place, name.as_deref())?;
        let memory = Memory::new(
            self.file.clone().settled()?,
            self.campaign.clone(),
            identities.fingerprint(),
            self.client.given_rate(),
        );
        Ok(Some(Note { journal, text: memory.written() }))
    }

    /// How to go on with what did not go out, and how to learn of what is unknown.
    fn go_on(&self, ended: &run::Ended, checked: &Checked) -> Option<String> {
        let progress = &ended.progress;
        let left = checked.good().saturating_sub(progress.done) + progress.not_sent;
        let Some(place) = &self.journal else {
            let text =
                "Not all of it went out. Without --journal nothing remembers what did; --json tells it of each row.";
            return (left > 0).then(|| text.to_owned());
        };
        let name = self.campaign_name.as_ref().map(|name| format!(" --campaign {}", quoted(name))).unwrap_or_default();
        let place = quoted(place);
        let mut told = Vec::new();
        if left > 0 {
            told.push(format!("Go on with the rest: wacloud resume {place}{name}"));
        }
        if progress.unknown > 0 {
            told.push(format!("Status webhooks settle what is unknown: wacloud observe {place} FILE"));
            told.push(format!(
                "Where none comes, to send it once more to people who may have it: wacloud resume {place}{name} --resend-unknown"
            ));
        }
        if progress.rejected > 0 && progress.replayed > 0 && !self.how.retry_rejected {
            told.push(format!(
                "To send again what Meta refused earlier: wacloud resume {place}{name} --retry-rejected"
            ));
        }
        if told.is_empty() {
            told.push(format!("What came of it: wacloud report {place}{name}"));
        }
        (!told.is_empty()).then(|| told.join("\n"))
    }
}

fn check_all(
    source: &Source,
    plan: &Plan,
    file: &FileArguments,
    is_remembered: bool,
    family: Option<&Family>,
    json: bool,
) -> Result<Checked, Failure> {
    let mut told = Told::new(json);
    let checked = check::check(source, plan, file.limit, is_remembered, family, &mut told);
    told.clear();
    let checked = checked?;
    if told.problems > MOST_TOLD && !json {
        let more = grouped(told.problems - MOST_TOLD);
        writeln!(io::stderr(), "… and {more} more; --json lists all of them")?;
    }
    Ok(checked)
}

/// What `--dry-run` shows.
fn show(source: &Source, checked: &Checked, skips_invalid: bool, json: bool) -> Result<u8, Failure> {
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
    let is_good = (checked.bad.is_empty() || skips_invalid) && checked.good() > 0;
    Ok(if is_good { exit::DONE } else { exit::USAGE })
}
