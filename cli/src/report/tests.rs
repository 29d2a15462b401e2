//! Reports of campaigns that went in very different ways.

use wacloud::journal::{Bucket, Reason};

use super::data::{Cost, Prices, Report, Times};
use super::{html, table};
use crate::term::Paint;

fn reason(outcome: &str, code: Option<i64>, title: &str, count: u64, help: &str) -> Reason {
    Reason { outcome: outcome.into(), code, title: title.into(), count, help: help.into() }
}

const BEGUN_MS: u64 = 1_795_849_572_000;

fn empty() -> Report {
    Report {
        place: "c.db".into(),
        phone_number_id: "106540352242922".into(),
        origin: "https://graph.facebook.com".into(),
        ..Report::default()
    }
}

/// A campaign of a million messages, much as they go.
fn large() -> Report {
    let wave = |at: u64, from: u64, most: u64| {
        let age = at.saturating_sub(from) as f64;
        (most as f64 * (age / 12.0) * (1.0 - age / 14.0).exp()).max(0.0) as u64
    };
    let buckets = (0..210).map(|at| Bucket {
        at_ms: BEGUN_MS + at * 60_000,
        accepted: if (90..97).contains(&at) { 900 } else { 4_600 + at * 37 % 260 },
        delivered: 3_900 + at * 91 % 700,
        read: wave(at, 2, 2_700) + 300,
        failed: at * 53 % 120,
    });
    Report {
        campaign: "order_update, autumn".into(),
        begun_at_ms: BEGUN_MS,
        last_at_ms: Some(BEGUN_MS + 210 * 60_000),
        runs: 2,
        total: Some(1_000_000),
        messages: 1_000_000,
        accepted: 985_210,
        rejected: 12_004,
        not_sent: 2_700,
        unknown: 86,
        sent: 981_000,
        delivered: 912_430,
        read: 574_112,
        failed: 21_307,
        reasons: vec![
            reason(
                "failed",
                Some(131_026),
                "Message undeliverable",
                15_120,
                "The number has no WhatsApp account, or an app that is too old. Do not send again; ask for another number.",
            ),
            reason(
                "failed",
                Some(131_049),
                "Held back by Meta",
                6_187,
                "Meta held it back so that people do not get too much marketing. Not before 24 hours, with growing gaps.",
            ),
            reason(
                "rejected",
                Some(132_000),
                "Number of parameters differs",
                12_004,
                "The template wants another number of variables. Compare them with the approved template.",
            ),
            reason(
                "not_sent",
                None,
                "No connection",
                2_700,
                "None of these messages reached Meta, so it is safe to send them again.",
            ),
            reason(
                "unknown",
                None,
                "No answer in time",
                86,
                "They may have been delivered, and were not repeated. Status webhooks that carry their trackers settle them.",
            ),
        ],
        times: Times { bucket_ms: 60_000, buckets: buckets.collect() },
        costs: vec![
            Cost {
                category: "marketing".into(),
                pricing_type: Some("regular".into()),
                billable: Some(true),
                count: 812_000,
            },
            Cost {
                category: "utility".into(),
                pricing_type: Some("regular".into()),
                billable: Some(true),
                count: 80_430,
            },
            Cost {
                category: "utility".into(),
                pricing_type: Some("free_customer_service".into()),
                billable: Some(false),
                count: 20_000,
            },
        ],
        ..empty()
    }
}

/// Everything failed, for reasons that go on and on.
fn failed() -> Report {
    let long = "Meta says <b>no</b> & \"no\" again, ".repeat(40);
    Report {
        campaign: format!("</title><script>alert(1)</script> {}", "long-name-".repeat(30)),
        begun_at_ms: BEGUN_MS,
        last_at_ms: Some(BEGUN_MS + 3_000),
        runs: 1,
        messages: 40,
        rejected: 40,
        reasons: vec![
            reason("rejected", Some(190), &long, 39, &long),
            reason("rejected", None, "x".repeat(400).as_str(), 1, ""),
        ],
        ..empty()
    }
}

/// Leaves no element open, and closes none that is not.
fn is_balanced(page: &str) {
    let mut open = Vec::new();
    for tag in page.split('<').skip(1) {
        let name: String = tag.trim_start_matches('/').chars().take_while(|c| c.is_ascii_alphanumeric()).collect();
        let inside = tag.split('>').next().unwrap();
        if tag.starts_with('!') || inside.ends_with('/') || name == "meta" {
            continue;
        }
        match tag.starts_with('/') {
            true => assert_eq!(open.pop(), Some(name.clone()), "</{name}>"),
            false => open.push(name),
        }
    }
    assert!(open.is_empty(), "{open:?}");
}

#[test]
fn pages_are_whole_and_bring_nothing_in_from_outside() {
    let prices = Prices::parse(&["marketing=0.07".to_owned()], "<EUR>").unwrap();
    for (name, report) in [("empty", empty()), ("large", large()), ("failed", failed())] {
        let page = html::render(&report, &prices, BEGUN_MS);
        is_balanced(&page);
        for outside in ["<script", "<link", "<img", "src=", "url(", "@import", "alert(1)</", "NaN", "inf%"] {
            assert!(!page.contains(outside), "{name} has {outside}");
        }
        // Where somebody looks at them: `WACLOUD_PAGES=/tmp/pages cargo test -p wacloud-cli pages`.
        if let Ok(folder) = std::env::var("WACLOUD_PAGES") {
            std::fs::write(format!("{folder}/{name}.html"), &page).unwrap();
        }
    }
}

#[test]
fn a_page_tells_the_numbers() {
    let prices = Prices::parse(&["marketing=0.07".to_owned()], "EUR").unwrap();
    let page = html::render(&large(), &prices, BEGUN_MS);
    for told in [
        "985,210",
        "98.5 % of messages",
        "912,430",
        "92.6 % of accepted",
        "131026",
        "56,840.00 EUR",
        "no price given",
        "28 Nov 2026",
    ] {
        assert!(page.contains(told), "{told}");
    }
    assert!(html::render(&empty(), &Prices::default(), 0).contains("No message has been sent"));
    assert!(html::render(&failed(), &Prices::default(), 0).contains("Nothing was accepted."));
}

#[test]
fn a_table_tells_the_numbers() {
    let prices = Prices::parse(&["marketing=0.07".to_owned()], "EUR").unwrap();
    let text = table::render(&large(), &prices, Paint::PLAIN);
    for told in [
        "order_update, autumn\nnumber 106540352242922 · 28 Nov 2026, 07:06 to 10:36 UTC (3 h 30 min) · 2 runs",
        "accepted    985,210   98.5 %",
        "read        574,112   58.3 %",
        "15,120 × 131026  Message undeliverable",
        "56,840.00 EUR",
    ] {
        assert!(text.contains(told), "{told}\n{text}");
    }
    assert!(table::render(&failed(), &prices, Paint::PLAIN).lines().all(|line| line.chars().count() < 420));
    assert!(table::render(&empty(), &prices, Paint::PLAIN).contains("accepted        0        –"));
}
