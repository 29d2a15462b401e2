//! A report as a page that needs nothing else: no network, no fonts, no script.

use std::fmt::Write as _;

use super::chart;
use super::data::{self, NOT_BEGUN, Prices, Report};
use super::table::subline;
use crate::reason::OUTCOMES;
use crate::term::{self, grouped};
use crate::time::Moment;

/// What is longer is no title any more.
const LONGEST_TITLE: usize = 160;

const STYLE: &str = include_str!("page.css");

/// The text without what a page would take for its own.
pub(crate) fn escaped(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' => out.push_str("&quot;"),
            '\'' => out.push_str("&#39;"),
            c if c.is_control() => out.push(' '),
            c => out.push(c),
        }
    }
    out
}

/// A share, written for a page.
fn percent(part: u64, whole: u64) -> String {
    escaped(&term::percent(part, whole))
}

/// The page. `now_ms` is when it was made.
pub(crate) fn render(report: &Report, prices: &Prices, now_ms: u64) -> String {
    let title = escaped(&term::cut(data::title(report), LONGEST_TITLE));
    let cards = [figures(report), funnel(report), over_time(report), reasons(report), costs(report, prices)].concat();
    format!(
        r#"<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'">
<title>{title} – campaign report</title>
<style>
{STYLE}</style>
</head>
<body>
<main>
<header><p class="over">Campaign report</p><h1>{title}</h1><p>{}</p></header>
{cards}<footer>Made by wacloud {} on {} from {} · {}</footer>
</main>
</body>
</html>
"#,
        escaped(&subline(report)),
        env!("CARGO_PKG_VERSION"),
        Moment::of_ms(now_ms).full(),
        escaped(&report.place),
        escaped(&report.origin),
    )
}

/// What everybody asks first.
fn figures(report: &Report) -> String {
    let card = |name: &str, count: u64, of: u64, what: &str, class: &str| {
        let share = if of == 0 { "–".to_owned() } else { format!("{} {what}", percent(count, of)) };
        format!(r#"<li><span>{name}</span><b class="{class}">{}</b><span>{share}</span></li>"#, grouped(count))
    };
    let lost = report.failed + report.rejected;
    let mut all = vec![
        card("Accepted", report.accepted, report.messages, "of messages", ""),
        card("Delivered", report.delivered, report.accepted, "of accepted", ""),
        card("Read", report.read, report.accepted, "of accepted", ""),
        card("Rejected or failed", lost, report.messages, "of messages", if lost > 0 { "bad" } else { "" }),
    ];
    if report.unknown > 0 {
        all.push(card("Unknown", report.unknown, report.messages, "of messages", "odd"));
    }
    let class = if all.len() > 4 { "figures five" } else { "figures" };
    format!("<ul class=\"{class}\">{}</ul>\n", all.concat())
}

/// How many came how far, and what became of the others.
fn funnel(report: &Report) -> String {
    let whole = data::whole(report);
    if whole == 0 {
        return "<section class=\"card\"><h2>From accepted to read</h2><p class=\"empty\">No message has been sent in this campaign yet.</p></section>\n".to_owned();
    }
    let step = |name: &str, count: u64, of: u64, what: &str, class: &str| {
        let wide = count as f64 * 100.0 / whole as f64;
        let fill = if count == 0 {
            String::new()
        } else {
            format!(r#"<span class="fill {class}" style="width:{wide:.2}%"></span>"#)
        };
        let share = if of == 0 { String::new() } else { format!("<small>{} {what}</small>", percent(count, of)) };
        format!(
            r#"<li><span class="name">{name}</span><span class="track" aria-hidden="true">{fill}</span><span class="value">{}{share}</span></li>"#,
            grouped(count)
        )
    };
    let steps = [
        step("Messages", report.messages, report.total.unwrap_or_default(), "of planned", "c-idle"),
        step("Accepted", report.accepted, report.messages, "of messages", "c-good"),
        step("Delivered", report.delivered, report.accepted, "of accepted", "c-good2"),
        step("Read", report.read, report.accepted, "of accepted", "c-good3"),
    ];
    let hint = match (report.accepted, data::has_statuses(report)) {
        (0, _) => "Nothing was accepted.",
        (_, false) => {
            "No status webhooks are recorded yet, so delivery is not known: <code>wacloud observe</code> takes them."
        }
        _ => "Delivered and read are what status webhooks have told so far; people can switch read receipts off.",
    };
    let outcomes = [("accepted", report.accepted, "good")].into_iter().chain(data::others(report));
    let parts: Vec<_> = outcomes.filter(|(_, count, _)| *count > 0).collect();
    let stack: String = parts
        .iter()
        .map(|(_, count, class)| format!(r#"<span class="c-{class}" style="flex:{count} 0 3px"></span>"#))
        .collect();
    let legend: String = parts
        .iter()
        .map(|(name, count, class)| {
            format!(
                r#"<li><i class="c-{class}"></i><b>{}</b> {name}, {}</li>"#,
                grouped(*count),
                percent(*count, if *name == NOT_BEGUN { whole } else { report.messages })
            )
        })
        .collect();
    format!(
        r#"<section class="card"><h2>From accepted to read</h2><p class="hint">{hint}</p><ul class="funnel">{}</ul><div class="stack" aria-hidden="true">{stack}</div><ul class="legend">{legend}</ul></section>
"#,
        steps.concat()
    )
}

fn over_time(report: &Report) -> String {
    match chart::render(&report.times) {
        Some(drawing) => format!("<section class=\"card\"><h2>Over time</h2>{drawing}</section>\n"),
        None => String::new(),
    }
}

fn reasons(report: &Report) -> String {
    let mut groups = String::new();
    for (outcome, name) in OUTCOMES {
        let of_outcome: Vec<_> = report.reasons.iter().filter(|reason| reason.outcome == outcome).collect();
        if of_outcome.is_empty() {
            continue;
        }
        let _ = write!(groups, "<h3>{name}</h3>");
        let class = if matches!(outcome, "rejected" | "failed") { "bad" } else { "" };
        for reason in of_outcome {
            let code = reason.code.map(|code| format!(r#"<span class="code">{code}</span>"#)).unwrap_or_default();
            let _ = write!(
                groups,
                r#"<article class="reason {class}"><h4>{code}{}</h4><p>{}</p><div class="n">{}<small>{} of all</small></div></article>"#,
                escaped(&term::cut(&reason.title, LONGEST_TITLE)),
                escaped(&reason.help),
                grouped(reason.count),
                percent(reason.count, report.messages)
            );
        }
    }
    if groups.is_empty() {
        return String::new();
    }
    format!("<section class=\"card\"><h2>Why messages did not arrive</h2>{groups}</section>\n")
}

fn costs(report: &Report, prices: &Prices) -> String {
    if report.costs.is_empty() {
        return String::new();
    }
    let (mut rows, mut count) = (String::new(), 0);
    let (together, total) = prices.together(report);
    let amount_head = if prices.is_empty() { "" } else { r#"<th scope="col" class="r">Amount</th>"# };
    for cost in &report.costs {
        let amount = prices.amount(cost);
        count += cost.count;
        let told = match amount {
            _ if prices.is_empty() => String::new(),
            Some(amount) => format!(r#"<td class="r">{}</td>"#, escaped(&prices.told(amount))),
            None => r#"<td class="r">no price given</td>"#.to_owned(),
        };
        let _ = write!(
            rows,
            r#"<tr><th scope="row">{}</th><td>{}</td><td><span class="tag">{}</span></td><td class="r">{}</td>{told}</tr>"#,
            escaped(&cost.category.replace('_', " ")),
            escaped(&data::kind(cost)),
            data::billing(cost),
            grouped(cost.count)
        );
    }
    let foot = if prices.is_empty() {
        String::new()
    } else {
        let note = if together == "together" { String::new() } else { format!("<small>{together}</small> ") };
        format!(r#"<td class="r">{note}{}</td>"#, escaped(&prices.told(total)))
    };
    let hint = if prices.is_empty() {
        "By category, as status webhooks told it. With <code>--price marketing=0.07</code> it is multiplied."
    } else {
        "By category, as status webhooks told it, times the prices that were given. Meta's invoice is what counts."
    };
    format!(
        r#"<section class="card"><h2>Pricing</h2><p class="hint">{hint}</p><div class="scroll"><table><thead><tr><th scope="col">Category</th><th scope="col">Kind</th><th scope="col">Billing</th><th scope="col" class="r">Messages</th>{amount_head}</tr></thead><tbody>{rows}</tbody><tfoot><tr><th scope="row" colspan="3">Together</th><td class="r">{}</td>{foot}</tr></tfoot></table></div></section>
"#,
        grouped(count)
    )
}
