//! `wacloud bulk` as a program: files with mistakes, results, interruption.
#![allow(clippy::unwrap_used, missing_docs, reason = "tests")]

mod common;

use std::io::{BufRead as _, BufReader, Read as _};
use std::time::{Duration, Instant};

use common::{Place, has};
use serde_json::{Value, json};

const TEMPLATE: [&str; 7] = ["--template", "order_update", "--lang", "en_US", "--body", "{name}", "#{order}"];

fn bulk(place: &Place, file: &str, more: &[&str]) -> common::Done {
    place.run(&[&["bulk", file], more].concat())
}

fn with<'a>(more: &[&'a str]) -> Vec<&'a str> {
    [&TEMPLATE[..], more].concat()
}

fn customers(count: u32) -> String {
    let rows = (0..count).map(|n| format!("+1555010{n:04};Ana {n};{n}\n"));
    format!("phone;name;order\n{}", rows.collect::<String>())
}

const THREE_BAD: &str =
    "phone,name,order\n+15550001234,Ana,1\n555,Bea,2\n+15550001236,,3\n+15550001237,Dora,4,extra\n+15550001238,Eva,5\n";

#[test]
fn nothing_leaves_while_there_are_bad_rows_unless_they_are_left_out() {
    let place = Place::fast();
    place.file("c.csv", THREE_BAD);
    let refused = bulk(&place, "c.csv", &TEMPLATE).ended(2);
    has(
        &refused.err,
        &[
            "line 3: phone \"555\" must have 8 to 15 digits",
            "line 4: name is empty",
            "line 5: has 4 values",
            "3 of 5 rows cannot be sent",
            "--skip-invalid",
        ],
    );
    assert!(place.messages().is_empty());

    // All sent that was to be.
    let left_out = bulk(&place, "c.csv", &with(&["--skip-invalid"])).ended(0);
    has(&left_out.out, &["2 messages in", "accepted  2   40.0 %", "left out  3   60.0 %"]);
    let names: Vec<Value> = place
        .messages()
        .iter()
        .map(|message| message["payload"]["template"]["components"][0]["parameters"][0]["text"].clone())
        .collect();
    assert_eq!(names, ["Ana", "Eva"]);
    bulk(&place, "c.csv", &with(&["--limit", "1"])).ended(0);
    assert_eq!(place.messages().len(), 3);
}

#[test]
fn a_dry_run_shows_the_first_message_and_sends_nothing() {
    let place = Place::fast();
    place.file("c.csv", THREE_BAD);
    let done = bulk(&place, "c.csv", &with(&["--dry-run"])).ended(2);
    has(
        &done.out,
        &["5 rows, 3 cannot be sent", "The first message (line 2):", "\"text\": \"#1\"", "Nothing was sent."],
    );
    let done = bulk(&place, "c.csv", &["--text", "{{{name|you}}}", "--limit", "1", "--dry-run", "--json"]).ended(0);
    assert_eq!(done.lines()[0]["first"]["payload"]["text"]["body"], "{Ana}");
    assert!(place.messages().is_empty());
}

#[test]
fn unknown_columns_and_missing_messages_are_refused_at_once() {
    let place = Place::fast();
    place.file("c.csv", THREE_BAD);
    for (arguments, expected) in [
        (&["--text", "Hi {nmae}"][..], &["no column nmae", "Did you mean name?", "phone, name, order"][..]),
        (&["--text", "Hi", "--to", "mobile"], &["no column mobile"]),
        (&["--text", "Hi {name"], &["not closed"]),
        (&[], &["--template", "--text"]),
        (&["--template", "order_update"], &["--lang"]),
        (&["--kind", "imagery", "--args", "{}"], &["no kind of message"]),
        (&["--text", "Hi", "--retry-rejected", "--campaign", "x"], &["--journal"]),
    ] {
        has(&bulk(&place, "c.csv", arguments).ended(2).err, expected);
    }
    has(&bulk(&place, "nothing.csv", &["--text", "Hi"]).ended(2).err, &["nothing.csv cannot be read"]);
    place.file("old.csv", b"phone,name\n+15550001234,Zo\xeb\n");
    has(&bulk(&place, "old.csv", &["--text", "Hi"]).ended(2).err, &["line 2", "Windows-1252", "iconv"]);
    assert!(place.messages().is_empty());
}

#[test]
fn json_has_a_line_for_each_row_and_one_for_all() {
    let place = Place::fast();
    place.file("c.csv", THREE_BAD);
    place.control("POST", "faults", &json!({"kind": "graph_error", "code": 131_026, "to": "+15550001238"}));
    let done = bulk(&place, "c.csv", &with(&["--skip-invalid", "--json", "--tracker", "order-{order}"])).ended(1);
    let lines = done.lines();
    let of_line = |line: u64| lines.iter().find(|told| told["line"] == line).unwrap_or(&Value::Null);
    assert_eq!(
        (&of_line(3)["outcome"], &of_line(3)["column"], &of_line(3)["value"]),
        (&"invalid".into(), &"phone".into(), &"555".into())
    );
    assert_eq!(
        (&of_line(2)["outcome"], &of_line(2)["sent"]["tracker"], &of_line(2)["to"]),
        (&"accepted".into(), &"order-1".into(), &"+15550001234".into())
    );
    assert_eq!((&of_line(6)["outcome"], &of_line(6)["error"]["code"]), (&"rejected".into(), &131_026.into()));
    let summary = &lines.last().unwrap()["summary"];
    assert_eq!(
        (&summary["outcomes"]["accepted"], &summary["outcomes"]["rejected"], &summary["check"]["invalid"]),
        (&1.into(), &1.into(), &3.into())
    );
    assert_eq!((&summary["reasons"][0]["code"], &summary["reasons"][0]["lines"]), (&131_026.into(), &json!([6])));
    assert!(done.err.is_empty(), "{}", done.err);
}

#[test]
fn json_lines_bring_columns_or_whole_messages() {
    let place = Place::fast();
    let lines = "{\"phone\": \"+15550001234\", \"lat\": 48.2, \"who\": {\"x\": 1}}\n{\"phone\": \"+15550001235\", \"lat\": 48.3}\n";
    let arguments = [
        "bulk",
        "-",
        "--kind",
        "location",
        "--args",
        r#"{"latitude": "{lat}", "longitude": 16.4, "name": "{name|Here}"}"#,
    ];
    let done = place.run_with_input(&arguments, lines).ended(0);
    has(&done.err, &["standard input (JSON lines): 2 rows"]);
    place.file("whole.jsonl", "{\"message\": {\"messaging_product\": \"whatsapp\", \"to\": \"+15550001236\", \"type\": \"text\", \"text\": {\"body\": \"Hi\"}}}\n");
    bulk(&place, "whole.jsonl", &[]).ended(0);
    place.file("bad.jsonl", "{\"message\": {\"messaging_product\": \"whatsapp\", \"to\": \"+15550001236\", \"type\": \"text\", \"text\": {\"body\": \"\"}}}\n{oops\n");
    has(&bulk(&place, "bad.jsonl", &[]).ended(2).err, &["line 1:", "must not be empty", "line 2: is not JSON"]);
    let mut bodies: Vec<Value> = place.messages().iter().map(|message| message["payload"].clone()).collect();
    bodies.sort_by_key(|body| body["to"].to_string());
    assert_eq!(
        (&bodies[0]["location"]["latitude"], &bodies[1]["location"]["name"], &bodies[2]["text"]["body"]),
        (&48.2.into(), &"Here".into(), &"Hi".into())
    );
}

#[test]
fn the_worst_outcome_is_the_exit_code_and_a_dead_token_stops_it() {
    let place = Place::fast();
    place.file("c.csv", customers(3));
    place.control("POST", "faults", &json!({"kind": "reset_after", "times": 1}));
    let unknown = bulk(&place, "c.csv", &TEMPLATE).ended(4);
    has(&unknown.out, &["accepted  2", "unknown   1", "Status webhooks that carry their\n      trackers settle them."]);

    place.file("many.csv", customers(2_000));
    let arguments = [&["bulk", "many.csv"], &TEMPLATE[..], &["--window", "4"]].concat();
    let dead = place.command(&arguments).env("WA_TOKEN", "wrong-token-wrong-token").output().unwrap();
    let dead = common::Done::of(dead).ended(1);
    has(&dead.out, &["Rejected by Meta", "190", "stopped by itself", "not begun"]);
}

/// Waits until it is so.
fn until(what: impl Fn() -> bool) {
    let begun = Instant::now();
    while !what() {
        assert!(begun.elapsed() < Duration::from_secs(30), "waited in vain");
        std::thread::sleep(Duration::from_millis(20));
    }
}

#[cfg(unix)]
fn interrupt(child: &std::process::Child) {
    assert!(std::process::Command::new("kill").args(["-INT", &child.id().to_string()]).status().unwrap().success());
}

#[cfg(unix)]
#[test]
fn an_interrupt_lets_end_what_is_in_flight_and_resume_sends_the_rest() {
    let place = Place::fast();
    place.file("c.csv", customers(400));
    let arguments =
        [&["bulk", "c.csv"], &TEMPLATE[..], &["--key", "order", "--journal", "c.db", "--rate", "100"]].concat();
    let child = place.command(&arguments).spawn().unwrap();
    until(|| place.messages().len() > 40);
    interrupt(&child);
    let done = common::Done::of(child.wait_with_output().unwrap()).ended(130);
    has(&done.err, &["stopping; what is in flight ends", "Ctrl-C again"]);
    has(&done.out, &["Go on with the rest: wacloud resume c.db", "not sent"]);
    let sent = place.messages().len();
    assert!((40..400).contains(&sent), "{sent}");

    let report: Value = serde_json::from_str(&place.run(&["report", "c.db", "--json"]).ended(0).out).unwrap();
    assert_eq!(report["accepted"], sent);
    let rest = place.run(&["resume", "c.db"]).ended(0);
    has(&rest.out, &["400 messages in", &format!("{sent} of them were tried earlier"), "accepted  400    100 %"]);
    let mut orders: Vec<String> = place.messages().iter().map(|message| message["to"].to_string()).collect();
    orders.sort_unstable();
    orders.dedup();
    assert_eq!((orders.len(), place.messages().len()), (400, 400));
}

#[cfg(unix)]
#[test]
fn a_journal_is_one_process_s_at_a_time_and_read_by_others() {
    let place = Place::fast();
    place.file("c.csv", customers(300));
    let arguments = [&["bulk", "c.csv"], &TEMPLATE[..], &["--journal", "c.db", "--rate", "10"]].concat();
    let child = place.command(&arguments).spawn().unwrap();
    until(|| place.messages().len() > 2);
    has(&place.run(&arguments).ended(5).err, &["c.db is in use", "Nothing was sent."]);
    has(&place.run(&["resume", "c.db"]).ended(5).err, &["c.db is in use"]);
    has(&place.run(&["report", "c.db"]).ended(0).out, &["accepted"]);
    interrupt(&child);
    common::Done::of(child.wait_with_output().unwrap()).ended(130);
}

#[cfg(unix)]
#[test]
fn a_second_interrupt_ends_it_at_once() {
    let place = Place::new(&["--rate", "0", "--latency-ms", "20000"]);
    place.file("c.csv", customers(5));
    let mut child = place.command(&[&["bulk", "c.csv"], &TEMPLATE[..]].concat()).spawn().unwrap();
    let requests = || place.control("GET", "state", &Value::Null)["counters"].clone();
    until(|| requests().as_object().unwrap().values().any(|count| count.as_u64() > Some(4)));
    let begun = Instant::now();
    interrupt(&child);
    // Two signals before it has seen the first would be one.
    let mut told = BufReader::new(child.stderr.take().unwrap());
    let mut err = String::new();
    while !err.contains("Ctrl-C again") {
        assert!(told.read_line(&mut err).unwrap() > 0, "{err}");
    }
    interrupt(&child);
    told.read_to_string(&mut err).unwrap();
    let mut ended = child.wait_with_output().unwrap();
    ended.stderr = err.into_bytes();
    let done = common::Done::of(ended).ended(130);
    assert!(begun.elapsed() < Duration::from_secs(15), "the answers come after 20 s");
    has(&done.out, &["unknown", "Interrupted before the answer"]);
    has(&done.err, &["ending at once"]);
}

#[test]
fn resume_refuses_rows_that_were_not_there() {
    let place = Place::fast();
    place.file("c.csv", customers(20));
    let arguments = [&["bulk", "c.csv"], &TEMPLATE[..], &["--journal", "c.db", "--campaign", "autumn"]].concat();
    has(&place.run(&arguments).ended(0).out, &["wacloud report c.db --campaign autumn"]);
    // In another order they are the same.
    let mut turned: Vec<String> = customers(20).lines().skip(1).map(str::to_owned).collect();
    turned.reverse();
    place.file("c.csv", format!("phone;name;order\n{}\n", turned.join("\n")));
    has(&place.run(&["resume", "c.db"]).ended(0).out, &["20 of them were tried earlier"]);

    place.file("c.csv", format!("{}+15550009999;New;99\n", customers(20)));
    has(&place.run(&["resume", "c.db"]).ended(2).err, &["1 message was not in it then", "--allow-new"]);
    assert_eq!(place.messages().len(), 20);
    place.run(&["resume", "c.db", "--allow-new"]).ended(0);
    assert_eq!(place.messages().len(), 21);
    // Now it is known.
    place.run(&["resume", "c.db"]).ended(0);
    std::fs::rename(place.path("c.csv"), place.path("moved.csv")).unwrap();
    has(&place.run(&["resume", "c.db"]).ended(2).err, &["c.csv cannot be read"]);
    place.run(&["resume", "c.db", "--file", "moved.csv"]).ended(0);
    assert_eq!(place.messages().len(), 21);
    has(&place.run(&["resume", "nothing.db"]).err, &["nothing.db"]);
}

#[test]
fn webhooks_settle_what_is_unknown_and_the_report_shows_it() {
    let place = Place::fast();
    place.file("c.csv", customers(4));
    place.control("POST", "faults", &json!({"kind": "reset_after", "times": 1}));
    let arguments = [&["bulk", "c.csv"], &TEMPLATE[..], &["--journal", "c.db"]].concat();
    has(&place.run(&arguments).ended(4).out, &["Status webhooks settle what is unknown: wacloud observe c.db FILE"]);

    let status = |message: &Value, status: &str| {
        json!({"object": "whatsapp_business_account", "entry": [{"id": "1", "changes": [{"field": "messages", "value": {
            "messaging_product": "whatsapp", "metadata": {"display_phone_number": "1", "phone_number_id": common::PHONE_ID},
            "statuses": [{"id": message["id"], "status": status, "timestamp": "1795849572", "recipient_id": message["wa_id"],
                "biz_opaque_callback_data": message["tracker"],
                "pricing": {"billable": true, "pricing_model": "PMP", "type": "regular", "category": "utility"}}]}}]}]})
    };
    let messages = place.messages();
    let bodies: Vec<String> = messages.iter().map(|message| status(message, "delivered").to_string()).collect();
    place.file("webhooks.jsonl", format!("{}\nnot a webhook\n", bodies.join("\n")));
    let observed = place.run(&["observe", "c.db", "webhooks.jsonl"]).ended(1);
    has(
        &observed.out,
        &["4 webhooks with 4 events", "1  of unknown outcome turned out", "4  newly known to be delivered"],
    );
    has(&observed.err, &["webhooks.jsonl, line 5"]);
    // One body over many lines, from standard input; and what is known already.
    let read = format!("{:#}", status(&messages[0], "read"));
    let told: Value =
        serde_json::from_str(&place.run_with_input(&["observe", "c.db", "--json"], &read).ended(0).out).unwrap();
    assert_eq!((&told["read"], &told["settled"]), (&1.into(), &0.into()));

    let report =
        place.run(&["report", "c.db", "--html", "r.html", "--price", "utility=0.25", "--currency", "EUR"]).ended(0);
    has(&report.out, &["accepted        4    100 %", "delivered       4", "read            1   25.0 %", "1.00 EUR"]);
    let page = std::fs::read_to_string(place.path("r.html")).unwrap();
    has(&page, &["<!doctype html>", "1.00 EUR", "25.0 % of accepted"]);
    let rows = place.run(&["report", "c.db", "--rows"]).ended(0).lines();
    assert_eq!((rows.len(), rows.iter().filter(|row| row["outcome"] == "accepted").count()), (4, 4));
    has(&place.run(&["report", "nothing.db"]).err, &["nothing.db"]);
    has(&place.run(&["report", "c.db", "--price", "much"]).ended(2).err, &["CATEGORY=AMOUNT"]);
}
