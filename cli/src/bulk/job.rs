//! A campaign from its file to its end.

use std::io::{self, Write as _};
use std::sync::Arc;

use serde_json::json;
use wacloud::Client;
use wacloud::bulk::BulkOptions;
use wacloud::client::OnUnknown;
use wacloud::message::Template;
use wacloud::template::Family;

use super::before::is_part;
use super::check::{self, Checked};
use super::memory::Memory;
use super::plan::{Campaign, Plan};
use super::run;
use super::source::Source;
use super::told::Told;
use super::{FileArguments, How, summary};
use crate::exit::{self, Failure};
use crate::send;
use crate::settings::ClientArguments;
use crate::term::{Paint, counted, grouped, quoted};

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

/// Checks the file, and sends.
pub(crate) async fn go(job: Job) -> Result<u8, Failure> {
    let Job { file, campaign, how, .. } = &job;
    let source = Source::open(&file.path, file.format.as_deref(), file.separator)?;
    let plan = campaign.plan(&source)?;
    let family = job.family().await?;
    let mut checked = check_all(&source, &plan, file, job.journal.is_some(), family.as_deref(), how.json)?;
    let (paint, invalid) = (Paint::stderr(), checked.bad.len() as u64);
    if how.dry_run {
        job.agrees(&checked.identities, &source.name).await?;
        return show(&source, &checked, job.so_far().await?, file.skip_invalid, how.json);
    }
    if !how.json {
        writeln!(io::stderr(), "{}", summary::of_check(&source, &checked, paint))?;
        if let (Some(limit), Some(_)) = (file.limit, &job.resumed) {
            let told = format!("Only the first {}, as --limit said when it was begun.", counted(limit, "row", "rows"));
            writeln!(io::stderr(), "{}", paint.warning(&told))?;
        }
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
    let before = job.agrees(&identities, &source.name).await?;
    // A shorter list, tried again: what will be gone on with is the whole one.
    let is_of_more = before.is_some_and(|memory| is_part(&identities, &memory));
    let note = if is_of_more { None } else { job.note(&identities)? };
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
        let Some(family) = client.template_family(name).await else {
            let why = match client.business_account_id() {
                Some(_) => "Meta did not tell what it is just now",
                None => "that needs the id of the account (WA_BUSINESS_ACCOUNT_ID or --account-id)",
            };
            let told = format!("The rows are not compared with template {name}: {why}.");
            if !self.how.json {
                writeln!(io::stderr(), "{}", Paint::stderr().warning(&told))?;
            }
            return Ok(None);
        };
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
    told.finish()?;
    checked
}

/// What `--dry-run` shows.
fn show(
    source: &Source,
    checked: &Checked,
    so_far: Option<String>,
    skips_invalid: bool,
    json: bool,
) -> Result<u8, Failure> {
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
        if let Some(so_far) = so_far {
            writeln!(out, "\n{so_far}")?;
        }
        writeln!(out, "\nNothing was sent.")?;
    }
    let is_good = (checked.bad.is_empty() || skips_invalid) && checked.good() > 0;
    Ok(if is_good { exit::DONE } else { exit::USAGE })
}
