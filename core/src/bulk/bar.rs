//! A bar on stderr that shows how far a bulk is.

use std::fmt::Write as _;
use std::io::{IsTerminal as _, Write as _};

use indicatif::{ProgressBar, ProgressDrawTarget, ProgressFinish, ProgressStyle};

use super::progress::BulkProgress;

/// A bar on stderr that shows how far a bulk is: how many messages of how many, how many a second, the time left, and how
/// many were rejected, not sent or are unknown.
///
/// It draws on the thread that calls it, so a terminal that is held up (Ctrl-S) holds up its reader and not the sending.
/// Where stderr is no terminal (a log, a pipe) it writes one line, at the end.
#[derive(Debug)]
pub struct Bar {
    /// None where there is no terminal.
    bar: Option<ProgressBar>,
    /// Whether its style is that of a bar with an end; not chosen yet before the first time.
    has_end: Option<bool>,
    last: BulkProgress,
    is_over: bool,
}

impl Bar {
    /// A bar that is not drawn yet.
    pub fn new() -> Self {
        let bar = std::io::stderr().is_terminal().then(|| {
            let bar = ProgressBar::with_draw_target(None, ProgressDrawTarget::stderr());
            // One that is left stays as it was.
            bar.with_finish(ProgressFinish::Abandon)
        });
        Bar { bar, has_end: None, last: BulkProgress::default(), is_over: false }
    }

    /// Draws it. Meant for ten times a second.
    pub fn show(&mut self, progress: &BulkProgress) {
        if let Some(bar) = &self.bar {
            let has_end = progress.total.is_some();
            if self.has_end.replace(has_end) != Some(has_end) {
                bar.set_style(style(has_end));
            }
            if let Some(total) = progress.total {
                bar.set_length(total.max(progress.done));
            }
            bar.set_position(progress.done);
            bar.set_message(under_way(progress));
        }
        self.last = *progress;
    }

    /// Draws it for the last time, or writes the one line.
    pub fn finish(&mut self) {
        if std::mem::replace(&mut self.is_over, true) {
            return;
        }
        match &self.bar {
            Some(bar) => bar.abandon_with_message(in_the_end(&self.last)),
            // A log that nobody can write to is no reason to fail.
            None => drop(writeln!(std::io::stderr(), "wacloud: {}", in_the_end(&self.last))),
        }
    }
}

impl Default for Bar {
    fn default() -> Self {
        Self::new()
    }
}

fn style(has_end: bool) -> ProgressStyle {
    let template = if has_end { "{bar:30} {msg}" } else { "{spinner} {msg}" };
    // The templates are ours and right.
    ProgressStyle::with_template(template).unwrap_or_else(|_| ProgressStyle::default_bar())
}

/// `1,204/5,000  77.4/s  0:49 left  3 rejected`
fn under_way(progress: &BulkProgress) -> String {
    let left = progress.eta_ms.map(|ms| format!("  {} left", clock(ms))).unwrap_or_default();
    format!("{}  {:.1}/s{left}{}", count(progress), progress.rate, others(progress))
}

/// `5,000/5,000  77.4/s  in 1:05  3 rejected`: the rate of all of it. What falls short of the total says that it does, lest
/// it look like a line that was cut off.
fn in_the_end(progress: &BulkProgress) -> String {
    let rate = match progress.elapsed_ms {
        0 => progress.rate,
        ms => progress.done as f64 * 1000.0 / ms as f64,
    };
    let early = if progress.total.is_some_and(|total| progress.done < total) { ", ended early" } else { "" };
    format!("{}{early}  {rate:.1}/s  in {}{}", count(progress), clock(progress.elapsed_ms), others(progress))
}

fn count(progress: &BulkProgress) -> String {
    match progress.total {
        Some(total) => format!("{}/{}", grouped(progress.done), grouped(total)),
        None => grouped(progress.done),
    }
}

/// What did not go as it should.
fn others(progress: &BulkProgress) -> String {
    let counts =
        [(progress.rejected, "rejected"), (progress.not_sent, "not sent"), (progress.unknown, "unknown")].into_iter();
    counts.filter(|(count, _)| *count > 0).fold(String::new(), |mut text, (count, what)| {
        let _ = write!(text, "  {} {what}", grouped(count));
        text
    })
}

/// `1,234,567`
fn grouped(number: u64) -> String {
    let digits = number.to_string();
    let mut text = String::new();
    for (index, digit) in digits.chars().enumerate() {
        if index > 0 && (digits.len() - index).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    text
}

/// `0:07`, `12:30`, `1:02:03`
fn clock(ms: u64) -> String {
    let seconds = ms.div_ceil(1000);
    let (hours, minutes, seconds) = (seconds / 3600, seconds / 60 % 60, seconds % 60);
    if hours > 0 { format!("{hours}:{minutes:02}:{seconds:02}") } else { format!("{minutes}:{seconds:02}") }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_text_beside_the_bar_says_what_there_is_to_say() {
        let progress = BulkProgress {
            done: 1_204,
            total: Some(5_000),
            accepted: 1_199,
            rejected: 3,
            unknown: 2,
            rate: 77.43,
            elapsed_ms: 15_551,
            eta_ms: Some(49_024),
            ..BulkProgress::default()
        };
        assert_eq!(under_way(&progress), "1,204/5,000  77.4/s  0:50 left  3 rejected  2 unknown");
        assert_eq!(in_the_end(&progress), "1,204/5,000, ended early  77.4/s  in 0:16  3 rejected  2 unknown");
        let whole = BulkProgress { total: Some(1_204), ..progress };
        assert_eq!(in_the_end(&whole), "1,204/1,204  77.4/s  in 0:16  3 rejected  2 unknown");
        let endless = BulkProgress { done: 12, not_sent: 1, ..BulkProgress::default() };
        assert_eq!(under_way(&endless), "12  0.0/s  1 not sent");
    }

    #[test]
    fn numbers_and_times_are_for_people() {
        assert_eq!([0, 999, 1_000, 12_345_678].map(grouped), ["0", "999", "1,000", "12,345,678"]);
        assert_eq!([0, 1, 7_000, 750_000, 3_723_000].map(clock), ["0:00", "0:01", "0:07", "12:30", "1:02:03"]);
    }

    #[test]
    fn the_templates_are_right() {
        for template in ["{bar:30} {msg}", "{spinner} {msg}"] {
            assert!(ProgressStyle::with_template(template).is_ok(), "{template}");
        }
    }
}
