//! What is told when a bulk has ended, and what it looks like before it begins.

use std::fmt::Write as _;

use serde_json::{Value, json};

use super::check::Checked;
use super::run::Ended;
use super::sniff::SEPARATORS;
use super::source::{Format, Source};
use crate::reason;
use crate::term::{self, Paint, counted, grouped, percent, span};

/// What the file is like, for people.
pub(crate) fn of_check(source: &Source, checked: &Checked, paint: Paint) -> String {
    let bad = checked.bad.len() as u64;
    let kind = match source.format {
        Format::Lines => "JSON lines".to_owned(),
        Format::Csv(separator) => {
            let name =
                SEPARATORS.iter().find(|(known, _)| *known == separator).map_or("its own separator", |(_, name)| name);
            format!("CSV, {name}")
        }
    };
    let mut text = format!("{} ({kind}): {}", source.name, counted(checked.rows, "row", "rows"));
    if bad > 0 {
        let _ = write!(text, ", {}", paint.bad(&format!("{} cannot be sent", grouped(bad))));
    }
    if let Some((line, before)) = checked.first_repeated {
        let rows = counted(checked.repeated, "row goes", "rows go");
        let told = format!("{rows} to somebody who is in the file already (first in line {line}, as in line {before})");
        let _ = write!(text, "\n{}", paint.warning(&told));
    }
    text
}

/// The same as data.
pub(crate) fn check_value(source: &Source, checked: &Checked) -> Value {
    json!({
        "file": source.name, "columns": *source.columns, "rows": checked.rows, "good": checked.good(),
        "invalid": checked.bad.len(), "repeated": checked.repeated,
    })
}

/// How a line is coloured.
type Colour = fn(Paint, &str) -> String;

/// What became of it, for people.
pub(crate) fn of_end(ended: &Ended, checked: &Checked, go_on: Option<&str>, paint: Paint) -> String {
    let progress = &ended.progress;
    let seconds = progress.elapsed_ms as f64 / 1_000.0;
    let sent_now = progress.done.saturating_sub(progress.replayed + progress.not_sent);
    let rate = if seconds > 0.0 { sent_now as f64 / seconds } else { progress.rate };
    let replayed = match progress.replayed {
        0 => String::new(),
        count => format!("; {} of them were tried earlier, as the journal tells", grouped(count)),
    };
    let invalid = checked.bad.len() as u64;
    let untouched = checked.good().saturating_sub(progress.done);
    let speed = if sent_now > 0 { format!(", {rate:.1} a second") } else { String::new() };
    let mut text = format!(
        "{} in {}{speed}{replayed}\n\n",
        counted(progress.done.saturating_sub(progress.not_sent), "message", "messages"),
        span(progress.elapsed_ms)
    );
    let rows: [(&str, u64, Colour); 6] = [
        ("accepted", progress.accepted, Paint::good),
        ("rejected", progress.rejected, Paint::bad),
        ("not sent", progress.not_sent, Paint::warning),
        ("unknown", progress.unknown, Paint::warning),
        ("left out", invalid, Paint::warning),
        ("not begun", untouched, Paint::warning),
    ];
    let width = rows.iter().map(|(_, count, _)| grouped(*count).len()).max().unwrap_or(1);
    for (name, count, colour) in rows.into_iter().filter(|(name, count, _)| *count > 0 || *name == "accepted") {
        let told = format!("{name:<10}{:>width$}  {:>7}", grouped(count), percent(count, checked.rows));
        let _ = writeln!(text, "  {}", if count > 0 { colour(paint, &told) } else { told });
    }
    text.push_str(&reason::list(&ended.reasons, paint));
    if let Some(error) = &ended.stopped_by {
        let told = format!("It stopped by itself, since every further message would be refused, too. {error}");
        let _ = write!(text, "\n{}\n", paint.bad(&term::wrapped(&term::plain(&told), 98, 0)));
    }
    if let Some(go_on) = go_on {
        let _ = write!(text, "\n{go_on}\n");
    }
    text
}

/// The same as data.
pub(crate) fn end_value(ended: &Ended, source: &Source, checked: &Checked) -> Value {
    let mut value = json!({"summary": {
        "outcomes": ended.progress, "check": check_value(source, checked), "reasons": ended.reasons,
        "interrupted": ended.was_interrupted, "stopped_by": ended.stopped_by.as_ref().map(wacloud::Error::to_value),
    }});
    // The progress of core has all counts; the rest of it is not news at the end.
    if let Some(Value::Object(outcomes)) = value.pointer_mut("/summary/outcomes") {
        outcomes.retain(|name, _| name != "eta_ms" && name != "total");
    }
    value
}
