//! A report in the terminal.

use std::fmt::Write as _;

use super::data::{self, NOT_BEGUN, Prices, Report};
use crate::reason::{self, Reason};
use crate::term::{Paint, cut, grouped, percent, plain, span};
use crate::time::Moment;

/// Characters of a bar that is whole.
const BAR: u64 = 30;

/// A report for people at a terminal.
pub(crate) fn render(report: &Report, prices: &Prices, paint: Paint) -> String {
    let mut text = format!("{}\n{}\n\n", paint.bold(&plain(data::title(report))), paint.dim(&plain(&subline(report))));
    let whole = data::whole(report);
    let width = grouped(whole).len().max(7);
    let mut line = |name: &str, count: u64, of: u64, colour: fn(Paint, &str) -> String| {
        // Only what is all fills the bar, and whatever there is shows.
        let filled = (count.min(of) * BAR).checked_div(of).map_or(0, |part| part.max(u64::from(count > 0)));
        let bar: String = (0..BAR).map(|at| if at < filled { '█' } else { '░' }).collect();
        let _ = writeln!(
            text,
            "  {name:<10}{:>width$}  {:>7}  {}",
            grouped(count),
            percent(count, of),
            colour(paint, &bar)
        );
    };
    line("messages", report.messages, whole, Paint::dim);
    line("accepted", report.accepted, report.messages, Paint::good);
    if data::has_statuses(report) {
        line("delivered", report.delivered, report.accepted, Paint::good);
        line("read", report.read, report.accepted, Paint::good);
        if report.failed > 0 {
            line("failed", report.failed, report.accepted, Paint::bad);
        }
    }
    for (name, count, kind) in data::others(report).into_iter().filter(|(_, count, _)| *count > 0) {
        let of = if name == NOT_BEGUN { whole } else { report.messages };
        line(name, count, of, if kind == "bad" { Paint::bad } else { Paint::warning });
    }
    if report.accepted > 0 && !data::has_statuses(report) {
        let told = "No status webhooks are recorded yet: `wacloud observe` takes them from a file, Journal.observe in a program.";
        let _ = writeln!(text, "\n  {}", paint.dim(told));
    }
    let reasons: Vec<Reason> = report.reasons.iter().map(Reason::from).collect();
    text.push_str(&reason::list(&reasons, paint));
    if !report.costs.is_empty() {
        text.push_str(&costs(report, prices, paint));
    }
    text
}

fn last_ms(report: &Report) -> u64 {
    report.last_at_ms.unwrap_or_default().max(report.begun_at_ms)
}

/// What, from when to when.
pub(crate) fn subline(report: &Report) -> String {
    let mut parts = vec![format!("number {}", report.phone_number_id)];
    if report.begun_at_ms > 0 {
        let (begun, last) = (Moment::of_ms(report.begun_at_ms), Moment::of_ms(last_ms(report)));
        let until = if begun.is_same_day(last) { format!("{} UTC", last.clock()) } else { last.full() };
        let time = span(last_ms(report).saturating_sub(report.begun_at_ms));
        parts.push(format!("{}, {} to {until} ({time})", begun.day(), begun.clock()));
    }
    if report.runs > 1 {
        parts.push(format!("{} runs", grouped(report.runs)));
    }
    parts.join(" · ")
}

fn costs(report: &Report, prices: &Prices, paint: Paint) -> String {
    let mut text = format!("\n{}\n", paint.bold("Pricing"));
    for cost in &report.costs {
        let billed = data::billing(cost);
        let amount = prices.amount(cost);
        let told = match amount {
            Some(amount) => prices.told(amount),
            None if prices.is_empty() => String::new(),
            None => "no price given".to_owned(),
        };
        let kind = cut(&data::kind(cost), 30);
        let _ = writeln!(
            text,
            "  {:<18}{billed:<8}{:>12}  {told:>18}  {}",
            cut(&cost.category, 17),
            grouped(cost.count),
            paint.dim(&kind)
        );
    }
    if !prices.is_empty() {
        let (name, total) = prices.together(report);
        let _ = writeln!(text, "  {name:<26}{:>12}  {:>18}", "", prices.told(total));
    }
    text
}
