//! `wacloud send`, `doctor` and `completion` as programs.
#![allow(clippy::unwrap_used, missing_docs, reason = "tests")]

mod common;

use common::{PHONE_ID, Place, TOKEN, has};
use serde_json::{Value, json};

const TO: [&str; 2] = ["--to", "+1 555 000 1234"];

fn send(place: &Place, arguments: &[&str]) -> common::Done {
    place.run(&[&["send"], arguments, &TO].concat())
}

#[test]
fn each_kind_goes_out_as_it_was_asked_for() {
    let place = Place::fast();
    let done = send(&place, &["text", "Hello", "--preview-url", "--tracker", "t-1"]).ended(0);
    assert!(done.out.starts_with("wamid.") && done.out.ends_with('\n') && done.err.is_empty(), "{done:?}");
    send(&place, &["template", "order_update", "--lang", "en_US", "--body", "Ana", "#1042"]).ended(0);
    send(&place, &["template", "order_update_named", "--lang", "en_US", "--var", "name=Ana", "--var", "order=#1042"])
        .ended(0);
    send(&place, &["image", "--link", "https://example.com/a.jpg", "--caption", "At the door"]).ended(0);
    send(
        &place,
        &[
            "buttons",
            "Fine?",
            "--button",
            "yes=Yes",
            "--button",
            "no=No",
            "--header",
            "image=https://example.com/a.jpg",
        ],
    )
    .ended(0);
    send(&place, &["location", "-33.8688", "151.2093", "--name", "Sydney"]).ended(0);
    place.file("args.json", r#"{"latitude": 1, "longitude": 2}"#);
    send(&place, &["location", "--args", "@args.json", "--name", "Sea"]).ended(0);
    let input = r#"{"to": "+15550001234", "type": "text", "text": {"body": "raw"}}"#;
    place.run_with_input(&["send", "raw", "-"], input).ended(0);
    place.run_with_input(&["send", "text", "-", "--to", "+15550001234"], "from a pipe\n").ended(0);

    let payloads: Vec<Value> = place.messages().into_iter().map(|message| message["payload"].clone()).collect();
    let of = |at: usize, path: &str| payloads[at].pointer(path).cloned().unwrap_or_default();
    assert_eq!(payloads.len(), 9);
    assert_eq!(
        (of(0, "/text"), of(0, "/biz_opaque_callback_data")),
        (json!({"body": "Hello", "preview_url": true}), "t-1".into())
    );
    assert_eq!(of(1, "/template/components/0/parameters/1/text"), "#1042");
    assert_eq!(of(2, "/template/components/0/parameters/0/parameter_name"), "name");
    assert_eq!(of(3, "/image/caption"), "At the door");
    assert_eq!(
        (of(4, "/interactive/action/buttons/1/reply/id"), of(4, "/interactive/header/type")),
        ("no".into(), "image".into())
    );
    assert_eq!(of(5, "/location/latitude"), -33.8688);
    assert_eq!((of(6, "/location/longitude"), of(6, "/location/name")), (2.0.into(), "Sea".into()));
    assert_eq!((of(7, "/text/body"), of(8, "/text/body")), ("raw".into(), "from a pipe".into()));
}

#[test]
fn a_dry_run_shows_the_body_and_needs_no_settings() {
    let place = Place::fast();
    let mut command = place.command(&["send", "text", "Hello", "--to", "+15550001234", "--dry-run"]);
    let done = common::Done::of(command.env_remove("WA_TOKEN").env_remove("WA_PHONE_ID").output().unwrap()).ended(0);
    let body: Value = serde_json::from_str(&done.out).unwrap();
    assert_eq!(body["text"]["body"], "Hello");
    assert!(place.messages().is_empty());
}

#[test]
fn the_exit_code_says_what_became_of_it() {
    let place = Place::fast();
    let mistakes = send(&place, &["buttons", "", "--button", "a=Far too long for a button"]).ended(2);
    has(
        &mistakes.err,
        &["2 mistakes, nothing was sent:", "interactive.body.text must", "interactive.action.buttons[0].reply.title"],
    );
    has(&send(&place, &["text"]).ended(2).err, &["BODY"]);
    has(&send(&place, &["buttons", "x", "--button", "yes"]).ended(2).err, &["--button", "ID=TITLE"]);
    let refused = send(&place, &["template", "nothing", "--lang", "en_US"]).ended(1);
    has(&refused.err, &["132001", "Both must match exactly"]);
    assert!(refused.out.is_empty());

    place.control("POST", "faults", &json!({"kind": "reset_after"}));
    let unknown = send(&place, &["text", "Hello", "--json"]).ended(4);
    let told: Value = serde_json::from_str(&unknown.out).unwrap();
    assert_eq!(told["error"]["type"], "DeliveryUnknownError");
    has(&unknown.err, &["It was not repeated", told["error"]["tracker"].as_str().unwrap()]);

    // Time for one more attempt, after 1 to 1.5 s, and not for a third, 2 to 2.5 s later.
    let nobody = place
        .command(&["send", "text", "Hello", "--to", "+15550001234", "--timeout", "2.9"])
        .env("WA_BASE_URL", "http://127.0.0.1:9")
        .output();
    let nobody = common::Done::of(nobody.unwrap()).ended(5);
    has(&nobody.err, &["was not sent", "safe to send it again", "(is `wacloud sandbox` running?)"]);
    assert_eq!(nobody.err.matches("; trying again in 1.").count(), 1, "{}", nobody.err);
    assert!(nobody.out.is_empty());
    let sent = send(&place, &["text", "Hello", "--json"]).ended(0);
    assert_eq!(serde_json::from_str::<Value>(&sent.out).unwrap()["to"], "+15550001234");
}

#[test]
fn the_token_comes_from_the_environment_or_a_file_only() {
    let place = Place::fast();
    let run = |token: Option<&str>, more: &[&str]| {
        let mut command = place.command(&[&["send", "text", "Hello", "--to", "+15550001234"], more].concat());
        match token {
            Some(token) => command.env("WA_TOKEN", token),
            None => command.env_remove("WA_TOKEN"),
        };
        common::Done::of(command.output().unwrap())
    };
    let missing = run(None, &[]).ended(2).err;
    has(&missing, &["WA_TOKEN", "--token-file", "API Setup", "system user", "`wacloud sandbox` needs no account"]);
    assert!(!missing.contains("WA_PHONE_ID"), "{missing}");
    place.file("token", format!("{TOKEN}\n"));
    run(None, &["--token-file", "token"]).ended(0);
    has(&run(None, &["--token-file", "nothing"]).ended(2).err, &["cannot be read"]);
    // There is no option that takes it, so that nobody writes it where `ps` shows it.
    has(&run(None, &["--token", "x"]).ended(2).err, &["--token"]);
    has(&run(Some("wrong-token-wrong-token"), &[]).ended(1).err, &["190"]);
    let mut command = place.command(&["send", "text", "Hello", "--to", "+15550001234", "--phone-id", "55"]);
    common::Done::of(command.output().unwrap()).ended(1);
}

#[test]
fn all_that_is_missing_is_told_at_once() {
    let place = Place::fast();
    let mut command = place.command(&["send", "text", "Hello", "--to", "+15550001234"]);
    let done = common::Done::of(command.env_remove("WA_TOKEN").env_remove("WA_PHONE_ID").output().unwrap()).ended(2);
    has(&done.err, &["WA_PHONE_ID or --phone-id", "WA_TOKEN", "API Setup", "`wacloud sandbox` needs no account"]);
}

#[test]
fn a_recipient_without_its_option_is_told_where_it_goes() {
    let place = Place::fast();
    for line in [&["send", "text", "+15550001234", "Hello"][..], &["send", "text", "15550001234"]] {
        has(&place.run(line).ended(2).err, &["the recipient goes after --to: wacloud send text --to"]);
    }
    assert!(place.messages().is_empty());
}

#[test]
fn help_shows_every_command_and_no_value_of_the_environment() {
    let place = Place::fast();
    let help = place.run(&["--help"]).ended(0);
    has(
        &help.out,
        &[
            "send",
            "bulk",
            "resume",
            "report",
            "observe",
            "doctor",
            "sandbox",
            "completion",
            "Exit codes:",
            "130  interrupted",
        ],
    );
    for command in ["send", "bulk", "resume", "report", "observe", "doctor", "sandbox", "completion"] {
        let help = place.run(&[command, "--help"]).ended(0);
        has(&help.out, &["Usage: wacloud"]);
        if command != "sandbox" {
            has(&help.out, &["Example"]);
        }
    }
    assert!(!place.run(&["send", "text", "--help"]).ended(0).out.contains('\x1b'));
}

#[test]
fn doctor_tells_what_stands_in_the_way() {
    let place = Place::fast();
    let well = place.run(&["doctor"]).ended(0);
    has(
        &well.out,
        &[
            "ok       reached",
            "a system user's",
            "it never expires",
            "messages, templates and numbers",
            "80 messages a second",
            "agrees with Meta's",
        ],
    );
    assert!(!well.out.contains("warning") && !well.out.contains("problem"), "{}", well.out);

    let soon = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).unwrap().as_secs() + 7_200;
    let numbers = json!([{"id": PHONE_ID, "quality_rating": "RED", "code_verification_status": "NOT_VERIFIED", "status": "FLAGGED"}]);
    let facts = json!({"type": "USER", "expires_at": soon, "scopes": ["whatsapp_business_management"]});
    place.control("PUT", "settings", &json!({"phone_numbers": numbers, "token_facts": facts}));
    let ill = place.run(&["doctor", "--json"]).ended(1);
    let told: Value = serde_json::from_str(&ill.out).unwrap();
    let level = |name: &str| {
        told["checks"].as_array().unwrap().iter().find(|check| check["name"] == name).unwrap()["level"].clone()
    };
    assert_eq!((told["ok"].clone(), level("permissions")), (false.into(), "problem".into()));
    for name in ["token's end", "state", "quality", "verification"] {
        assert_eq!(level(name), "warning", "{name}");
    }
    let old = place.command(&["doctor", "--api-version", "v19.0"]).output().unwrap();
    has(&common::Done::of(old).out, &["warning  API version"]);

    let dead = place.command(&["doctor"]).env("WA_TOKEN", "wrong-token-wrong-token").output().unwrap();
    let dead = common::Done::of(dead).ended(1);
    has(&dead.out, &["problem  token", "never expires"]);
    assert_eq!(dead.out.matches("problem").count(), 1, "{}", dead.out);
    let nobody = place.command(&["doctor"]).env("WA_BASE_URL", "http://127.0.0.1:9").output().unwrap();
    has(&common::Done::of(nobody).ended(1).out, &["problem  reached", "no connection to"]);
}

#[test]
fn shells_get_their_completions() {
    let place = Place::fast();
    for shell in ["bash", "zsh", "fish", "powershell"] {
        has(&place.run(&["completion", shell]).ended(0).out, &["wacloud", "template"]);
    }
    place.run(&["completion", "cmd"]).ended(2);
}

#[cfg(unix)]
#[test]
fn an_interrupt_tells_what_became_of_the_message() {
    let place = Place::new(&["--rate", "0", "--latency-ms", "20000"]);
    let child = place.command(&["send", "text", "Hello", "--to", "+15550001234"]).spawn().unwrap();
    while place.messages().is_empty() {
        std::thread::sleep(std::time::Duration::from_millis(20));
    }
    assert!(std::process::Command::new("kill").args(["-INT", &child.id().to_string()]).status().unwrap().success());
    let done = common::Done::of(child.wait_with_output().unwrap()).ended(4);
    has(&done.err, &["It is not known whether the message was accepted", "cancelled"]);
}

#[test]
fn a_file_is_sent_from_this_machine_and_files_go_up_and_down() {
    let place = Place::fast();
    let pdf = "%PDF-1.7\nan invoice\n";
    place.file("invoice.pdf", pdf);
    send(&place, &["document", "--file", "invoice.pdf"]).ended(0);
    let payload = place.messages()[0]["payload"]["document"].clone();
    assert_eq!((payload["filename"].as_str(), payload["id"].is_string()), (Some("invoice.pdf"), true));
    let dry = send(&place, &["document", "--file", "invoice.pdf", "--dry-run"]).ended(0);
    has(&dry.out, &["invoice.pdf"]);
    let wrong = send(&place, &["image", "--file", "invoice.pdf"]).ended(2);
    has(&wrong.err, &["application/pdf", "cannot be sent as image"]);
    has(&send(&place, &["image", "--file", "missing.png"]).ended(2).err, &["there is no file"]);

    let id = place.run(&["media", "upload", "invoice.pdf"]).ended(0).out.trim().to_owned();
    has(&place.run(&["media", "get", &id]).ended(0).out, &["application/pdf", "20 bytes", "sha256"]);
    let info = &place.run(&["media", "get", &id, "--json"]).ended(0).lines()[0];
    assert_eq!((&info["id"], &info["file_size"]), (&json!(id), &json!(20)));
    assert_eq!(place.run(&["media", "download", &id, "-"]).ended(0).out, pdf);
    assert_eq!(place.run(&["media", "download", &id, "copy.pdf"]).ended(0).out, "copy.pdf\n");
    assert_eq!(std::fs::read_to_string(place.path("copy.pdf")).unwrap(), pdf);
    place.run(&["media", "delete", &id]).ended(0);
    has(&place.run(&["media", "get", &id]).ended(1).err, &["does not exist"]);
    place.file("archive.zip", "PK\x05\x06");
    has(&place.run(&["media", "upload", "archive.zip"]).ended(2).err, &["which cannot be uploaded"]);
}

#[test]
fn media_that_do_not_say_what_they_are_are_told_what_to_write() {
    let place = Place::fast();
    for (given, option) in [
        ("photo.png", "write --file photo.png"),
        ("https://example.com/a.png", "write --link https://example.com/a.png"),
        ("4490709327384033", "write --id 4490709327384033"),
    ] {
        has(&place.run(&["send", "image", given, "--to", "+15550001234"]).ended(2).err, &[option]);
    }
    let sent = place.run(&["send", "image", "--media-id", "4490709327384033", "--to", "+15550001234"]);
    has(&sent.ended(0).out, &["wamid."]);
}

#[test]
fn usage_names_what_must_be_there_and_nothing_else() {
    let place = Place::fast();
    let unknown = place.run(&["send", "document", "--to", "+15550001234", "--colour", "red"]).ended(2);
    has(
        &unknown.err,
        &["Usage: wacloud send document --to <RECIPIENT> <--link <URL>|--id <ID>|--file <PATH>> [OPTIONS]"],
    );
    let missing = place.run(&["send", "template", "--to", "+15550001234"]).ended(2);
    has(&missing.err, &["Usage: wacloud send template --to <RECIPIENT> <NAME> --lang <LANG> [OPTIONS]"]);
}
