//! What can go wrong with a campaign between two commands: another text, another list, another name.
#![allow(clippy::unwrap_used, missing_docs, reason = "tests")]

mod common;

use common::{Place, has};

fn customers(count: u32) -> String {
    let rows = (0..count).map(|n| format!("+1555010{n:04},Ana {n},{n}\n"));
    format!("Phone,name,order\n{}", rows.collect::<String>())
}

#[test]
fn another_text_under_the_same_name_is_refused() {
    let place = Place::fast();
    place.file("c.csv", customers(5));
    let send = |text: &str, more: &[&str]| {
        place.run(&[&["bulk", "c.csv", "--text", text, "--journal", "c.db"], more].concat())
    };
    send("Hi {name}", &[]).ended(0);
    let refused = send("Dear {name}", &[]).ended(2);
    has(&refused.err, &["campaign c was begun with another message", "--campaign NAME", "--allow-new"]);
    assert_eq!(place.messages().len(), 5);
    send("Dear {name}", &["--campaign", "second"]).ended(0);
    assert_eq!(place.messages().len(), 10);
    send("Hello {name}", &["--allow-new"]).ended(0);
    assert_eq!(place.messages().len(), 15);
}

#[test]
fn a_name_that_was_forgotten_is_asked_for() {
    let place = Place::fast();
    place.file("c.csv", customers(3));
    let command = ["bulk", "c.csv", "--text", "Hi {name}", "--journal", "c.db"];
    place.run(&[&command[..], &["--campaign", "ready"]].concat()).ended(0);
    has(&place.run(&command).ended(2).err, &["has campaigns with names (ready)", "--campaign"]);
    assert_eq!(place.messages().len(), 3);
}

#[test]
fn a_shorter_list_does_not_become_the_whole() {
    let place = Place::fast();
    place.file("c.csv", customers(20));
    let command = ["bulk", "c.csv", "--text", "Hi {name}", "--journal", "c.db"];
    // All but some are refused at first, so that there is something to go on with.
    place.control("POST", "faults", &serde_json::json!({"kind": "graph_error", "code": 131_026, "times": 20}));
    place.run(&command).ended(1);
    place.run(&[&command[..], &["--limit", "3", "--retry-rejected"]].concat()).ended(0);
    let rest = place.run(&["resume", "c.db", "--retry-rejected"]).ended(0);
    has(&rest.out, &["accepted  20", "3 of them were tried earlier"]);
    assert_eq!(place.messages().len(), 20);
}

#[test]
fn what_was_refused_can_be_sent_again() {
    let place = Place::fast();
    place.file("c.csv", customers(2));
    place.control("POST", "faults", &serde_json::json!({"kind": "graph_error", "code": 131_026, "times": 2}));
    place.run(&["bulk", "c.csv", "--text", "Hi {name}", "--journal", "c.db"]).ended(1);
    let told = place.run(&["resume", "c.db"]).ended(1);
    has(&told.out, &["2 of them were tried earlier", "To send again what Meta refused earlier", "--retry-rejected"]);
}

#[test]
fn lines_that_are_no_webhooks_do_not_hide_the_others() {
    let place = Place::fast();
    place.file("c.csv", customers(1));
    place.run(&["bulk", "c.csv", "--text", "Hi {name}", "--journal", "c.db"]).ended(0);
    let id = place.messages()[0]["id"].as_str().unwrap().to_owned();
    let tracker = place.messages()[0]["tracker"].as_str().unwrap().to_owned();
    let good = serde_json::json!({"object": "whatsapp_business_account", "entry": [{"id": "1", "changes": [{"field": "messages",
        "value": {"metadata": {"phone_number_id": "1"}, "statuses": [{"id": id, "status": "delivered",
            "timestamp": "1764300000", "recipient_id": "15550100000", "biz_opaque_callback_data": tracker}]}}]}]});
    place.file("w.jsonl", format!("garbage\n{good}\n"));
    let told = place.run(&["observe", "c.db", "w.jsonl"]).ended(1);
    has(&told.out, &["1  newly known to be delivered"]);
    has(&told.err, &["w.jsonl, line 1: "]);
    assert!(!told.err.contains("nothing was sent"), "{}", told.err);
}

#[test]
fn a_dry_run_of_resume_refuses_what_resume_would() {
    let place = Place::fast();
    place.file("c.csv", customers(3));
    place.run(&["bulk", "c.csv", "--text", "Hi {name}", "--journal", "c.db"]).ended(0);
    place.file("c.csv", customers(3).replace("Ana 1,", "Anna 1,"));
    has(&place.run(&["resume", "c.db", "--dry-run"]).ended(2).err, &["1 message was not in it then"]);
    place.file("bad.csv", "phone,name\n+15550001234,Ana\n555,Bea\n");
    let dry = ["bulk", "bad.csv", "--text", "Hi {name}", "--skip-invalid", "--dry-run"];
    has(&place.run(&dry).ended(0).err, &["line 3: phone"]);
    assert_eq!(place.messages().len(), 3);
}

#[test]
fn a_refusal_that_may_be_many_things_says_which_it_was() {
    let place = Place::fast();
    place.file("c.csv", customers(2));
    place.control(
        "POST",
        "faults",
        &serde_json::json!({"kind": "graph_error", "code": 100, "details": "Param x is odd"}),
    );
    let refused = place.run(&["bulk", "c.csv", "--text", "Hi {name}"]).ended(1);
    has(&refused.out, &["Meta on the first of them: Param x is odd."]);
}

/// Whoever's row was changed would get a second message, and `resume` would forget the rest of the first list.
#[test]
fn another_list_under_the_same_name_is_refused() {
    let place = Place::fast();
    place.file("c.csv", customers(20));
    place.file("other.csv", "phone,name\n+15550209999,Zoë\n");
    let send = |file: &str, more: &[&str]| {
        place.run(&[&["bulk", file, "--text", "Hi {name}", "--journal", "c.db"], more].concat())
    };
    send("c.csv", &["--limit", "10"]).ended(0);
    let refused = send("other.csv", &[]).ended(2);
    has(&refused.err, &["is another list", "1 message was not in it, and 10 of that are not here", "--allow-new"]);
    place.file("c.csv", customers(10).replace("Ana 3,", "Anna 3,"));
    has(&send("c.csv", &[]).ended(2).err, &["1 message was not in it, and 1 of that are not here"]);
    assert_eq!(place.messages().len(), 10);
    // A longer one goes on, a shorter one too.
    place.file("c.csv", customers(20));
    send("c.csv", &[]).ended(0);
    place.file("c.csv", customers(12));
    has(&send("c.csv", &[]).ended(0).out, &["12 of them were tried earlier"]);
    assert_eq!(place.messages().len(), 20);
    send("other.csv", &["--campaign", "second"]).ended(0);
    send("other.csv", &["--allow-new"]).ended(0);
    assert_eq!(place.messages().len(), 22);
}

#[test]
fn a_number_is_one_key_however_it_is_written() {
    let place = Place::fast();
    let command = ["bulk", "c.csv", "--text", "Hi {name}", "--key", "phone", "--journal", "c.db"];
    place.file("c.csv", "phone,name\n+15550001234,Ana\n00 1 555 000 1234,Ana\n");
    has(&place.run(&command).ended(2).err, &["line 3: \"+15550001234\" is a key that line 2 has already"]);
    place.file("c.csv", "phone,name\n+15550001234,Ana\n+15550001235,Bea\n");
    place.run(&command).ended(0);
    place.file("c.csv", "phone,name\n+1 555 000 1235,Bea\n+1 555 000 1234,Ana\n");
    has(&place.run(&command).ended(0).out, &["2 of them were tried earlier"]);
    assert_eq!(place.messages().len(), 2);
}

#[test]
fn what_stays_unknown_can_be_sent_again_if_somebody_says_so() {
    let place = Place::fast();
    place.file("c.csv", customers(3));
    place.control("POST", "faults", &serde_json::json!({"kind": "reset_before", "times": 1}));
    let command = ["bulk", "c.csv", "--text", "Hi {name}", "--journal", "c.db"];
    has(&place.run(&command).ended(4).out, &["unknown", "resume c.db --resend-unknown"]);
    place.run(&["resume", "c.db"]).ended(4);
    assert_eq!(place.messages().len(), 2);
    place.run(&["resume", "c.db", "--resend-unknown"]).ended(0);
    assert_eq!(place.messages().len(), 3);
}

#[test]
fn a_campaign_that_is_not_there_is_told_with_those_that_are() {
    let place = Place::fast();
    place.file("c.csv", customers(1));
    for name in ["spring", "autumn"] {
        let named = ["bulk", "c.csv", "--text", "Hi {name}", "--journal", "c.db", "--campaign", name];
        place.run(&named).ended(0);
    }
    has(&place.run(&["resume", "c.db", "--campaign", "sprin"]).ended(2).err, &["no campaign sprin", "autumn"]);
    has(&place.run(&["report", "c.db"]).ended(2).err, &["--campaign must be given", "spring"]);
}

#[test]
fn a_dry_run_refuses_what_the_bulk_would_and_leaves_no_journal() {
    let place = Place::fast();
    place.file("c.csv", customers(4));
    let command = ["bulk", "c.csv", "--text", "Hi {name}", "--journal", "c.db"];
    let dry = [&command[..], &["--dry-run"]].concat();
    place.run(&dry).ended(0);
    assert!(!place.path("c.db").exists());
    place.control("POST", "faults", &serde_json::json!({"kind": "graph_error", "code": 131_026, "times": 1}));
    place.run(&[&command[..], &["--limit", "3"]].concat()).ended(1);
    has(&place.run(&dry).ended(0).out, &["So far, as the journal tells: 2 accepted, 1 rejected."]);
    has(&place.run(&["resume", "c.db", "--dry-run"]).ended(0).out, &["2 accepted, 1 rejected."]);
    has(&place.run(&["resume", "c.db"]).ended(1).err, &["Only the first 3 rows, as --limit said"]);
    place.file("c.csv", customers(4).replace("Ana 1,", "Anna 1,").replace("Ana 2,", "Anna 2,"));
    has(&place.run(&dry).ended(2).err, &["is another list"]);
    assert_eq!(place.messages().len(), 2);
}

#[test]
fn a_number_that_is_not_there_ends_it_before_the_whole_list_is_refused() {
    let place = Place::fast();
    place.file("c.csv", customers(2_000));
    let command = ["bulk", "c.csv", "--text", "Hi {name}", "--journal", "c.db", "--phone-id", "100000000000404"];
    let told = place.run(&command).ended(1);
    has(&told.out, &["Unknown number or object", "It stopped by itself", "not begun", "wacloud resume c.db"]);
    let refused = place.control("GET", "requests?limit=10000", &serde_json::Value::Null);
    assert!(refused["requests"].as_array().unwrap().len() <= 300, "{}", told.out);
    // With the right one it goes on.
    has(&place.run(&["resume", "c.db", "--rate", "0"]).ended(0).out, &["accepted  2,000"]);
    assert_eq!(place.messages().len(), 2_000);
}

#[test]
fn rows_that_no_template_was_compared_with_are_told_as_that() {
    let place = Place::fast();
    place.file("c.csv", customers(2));
    let command = ["bulk", "c.csv", "--template", "order_update", "--lang", "en_US", "--body", "{name}", "{order}"];
    has(&place.run(&command).ended(0).err, &["The rows are not compared with template order_update", "--account-id"]);
    let known = [&command[..], &["--account-id", "102290129340398"]].concat();
    let told = place.run(&known).ended(0).err;
    assert!(!told.contains("not compared"), "{told}");
}

#[test]
fn a_mistake_of_every_row_is_told_once_and_counted() {
    let place = Place::fast();
    place.file("c.csv", customers(50));
    let command = ["bulk", "c.csv", "--template", "order_update", "--lang", "en_US", "--body", "{name}"];
    let told = place.run(&[&command[..], &["--account-id", "102290129340398"]].concat()).ended(2).err;
    has(&told, &["line 2: ", "line 4: ", "… and in 47 more rows, up to line 51: "]);
    assert!(!told.contains("line 5: "), "{told}");
}

#[test]
fn a_file_that_is_read_otherwise_than_meant_is_told_how() {
    let place = Place::fast();
    place.file("n.csv", "+15550001234,Ana\n+15550001235,Bea\n");
    let told = place.run(&["bulk", "n.csv", "--text", "Hi", "--to", "phone"]).ended(2).err;
    has(&told, &["has no column phone. Its first line has to name the columns", "+15550001234 looks like a row's"]);
    place.file("q.csv", "phone,name,order\n+15550001234,\"Ana,1\n+15550001235,Bea,2\n");
    let told = place.run(&["bulk", "q.csv", "--text", "Hi {name}"]).ended(2).err;
    has(
        &told,
        &["line 2: has 2 values, the first line names 3 columns: a quote that begins there ends in line 4 or nowhere"],
    );
}

/// A process that was killed tells nothing itself.
#[cfg(unix)]
#[test]
fn a_report_of_a_campaign_that_was_killed_says_what_is_left() {
    let place = Place::fast();
    place.file("c.csv", customers(300));
    let command = ["bulk", "c.csv", "--text", "Hi {name}", "--journal", "c.db", "--rate", "10"];
    let mut child = place.command(&command).spawn().unwrap();
    let begun = std::time::Instant::now();
    while place.messages().len() < 20 {
        assert!(begun.elapsed().as_secs() < 60, "nothing goes out");
        std::thread::sleep(std::time::Duration::from_millis(10));
    }
    child.kill().unwrap();
    child.wait().unwrap();
    let report = place.run(&["report", "c.db"]).ended(0).out;
    has(&report, &["  not begun ", "Go on with the ", " messages that did not go out: wacloud resume c.db"]);
    let unknown = if report.contains("  unknown ") { 4 } else { 0 };
    place.run(&["resume", "c.db", "--rate", "0"]).ended(unknown);
    let report = place.run(&["report", "c.db"]).ended(0).out;
    assert!(!report.contains("Go on with") && !report.contains("not begun"), "{report}");
}
