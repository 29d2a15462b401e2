//! `wacloud sandbox` as a program: what it prints, and how it ends.
#![allow(clippy::unwrap_used, missing_docs, reason = "tests")]

use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::{TcpListener, TcpStream};
use std::process::{Child, ChildStdout, Command, Output, Stdio};

use serde_json::Value;

fn command(arguments: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_wacloud"));
    command.arg("sandbox").args(arguments).stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
    // The token of whoever runs the tests is none of theirs.
    command.env_remove("WACLOUD_SANDBOX_TOKEN");
    command
}

/// A sandbox that is ready, its ready line, and what it prints afterwards.
fn started(arguments: &[&str]) -> (Child, Value, BufReader<ChildStdout>) {
    let mut child = command(&[&["--port", "0", "--json"], arguments].concat()).spawn().unwrap();
    let mut out = BufReader::new(child.stdout.take().unwrap());
    let mut line = String::new();
    out.read_line(&mut line).unwrap();
    (child, serde_json::from_str(&line).unwrap(), out)
}

fn get(ready: &Value, path: &str) -> String {
    let address = ready["url"].as_str().unwrap().strip_prefix("http://").unwrap();
    let mut stream = TcpStream::connect(address).unwrap();
    write!(stream, "GET {path} HTTP/1.1\r\nhost: localhost\r\nconnection: close\r\n\r\n").unwrap();
    let mut text = String::new();
    stream.read_to_string(&mut text).unwrap();
    text
}

fn run(arguments: &[&str]) -> Output {
    command(arguments).output().unwrap()
}

#[test]
fn the_ready_line_says_how_to_reach_it_and_the_end_of_input_ends_it() {
    let (mut child, ready, mut rest) = started(&[
        "--exit-with-parent",
        "--rate",
        "7",
        "--pair-rate",
        "off",
        "--phone-number-id",
        "11",
        "--phone-number-id",
        "22",
    ]);
    assert_eq!(
        (&ready["phone_number_id"], &ready["token"], &ready["pid"]),
        (&"11".into(), &"sandbox-token".into(), &child.id().into())
    );
    let state = get(&ready, "/_sandbox/state");
    assert!(
        state.contains(r#""rate":7"#) && state.contains(r#""pair_rate":false"#) && state.contains(r#""id":"22""#),
        "{state}"
    );
    drop(child.stdin.take());
    assert!(child.wait().unwrap().success());
    let mut more = String::new();
    rest.read_to_string(&mut more).unwrap();
    assert_eq!(more, "", "one line of JSON and nothing else");
}

/// A server that answers one request: it takes the challenge out of the handshake's query.
fn webhook_server(answer: fn(&str) -> String) -> (String, std::thread::JoinHandle<String>) {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("http://{}/webhook", listener.local_addr().unwrap());
    let thread = std::thread::spawn(move || {
        let (mut stream, _) = listener.accept().unwrap();
        let mut line = String::new();
        BufReader::new(&stream).read_line(&mut line).unwrap();
        stream.write_all(answer(&line).as_bytes()).unwrap();
        line
    });
    (url, thread)
}

#[test]
fn a_webhook_is_subscribed_with_the_handshake() {
    let (url, server) = webhook_server(|line| {
        let challenge = line.split("hub.challenge=").nth(1).unwrap().split('&').next().unwrap();
        format!("HTTP/1.1 200 OK\r\ncontent-length: {}\r\n\r\n{challenge}", challenge.len())
    });
    let flags =
        ["--exit-with-parent", "--webhook-url", &url, "--verify-token", "v", "--window", "on", "--app-secret", "s"];
    let (mut child, ready, _) = started(&flags);
    assert!(server.join().unwrap().contains("hub.mode=subscribe"));
    assert_eq!(
        (&ready["webhook_url"], &ready["app_secret"], &ready["verify_token"]),
        (&url.as_str().into(), &"s".into(), &"v".into())
    );
    let state = get(&ready, "/_sandbox/webhook");
    assert!(state.contains(r#""subscribed":true"#) && state.contains(r#""status_delay_ms":50"#), "{state}");
    assert!(get(&ready, "/_sandbox/settings").contains(r#""window":true"#));
    drop(child.stdin.take());
    assert!(child.wait().unwrap().success());
}

#[test]
fn a_server_that_refuses_the_handshake_ends_it_and_one_that_is_not_up_yet_does_not() {
    let (url, server) = webhook_server(|_| "HTTP/1.1 403 Forbidden\r\ncontent-length: 4\r\n\r\nnope".to_owned());
    let output = run(&["--port", "0", "--webhook-url", &url]);
    server.join().unwrap();
    let text = String::from_utf8(output.stderr).unwrap();
    assert!(
        output.status.code() == Some(1) && text.contains("403 \"nope\"") && text.contains("sandbox-verify-token"),
        "{text}"
    );

    let (mut child, ready, _) = started(&["--exit-with-parent", "--webhook-url", &url]);
    assert_eq!(ready["webhook_url"], url.as_str());
    drop(child.stdin.take());
    let mut warning = String::new();
    child.stderr.take().unwrap().read_to_string(&mut warning).unwrap();
    assert!(warning.contains("Is your server running?"), "{warning}");
    assert!(child.wait().unwrap().success());
}

#[cfg(unix)]
#[test]
fn a_signal_ends_it_cleanly() {
    for signal in ["-TERM", "-INT"] {
        let (mut child, ..) = started(&[]);
        assert!(Command::new("kill").args([signal, &child.id().to_string()]).status().unwrap().success());
        assert_eq!(child.wait().unwrap().code(), Some(0), "{signal}");
    }
}

#[test]
fn a_path_that_is_not_there_is_answered_with_those_that_are() {
    let (mut child, ready, _out) = started(&["--exit-with-parent"]);
    let answer = get(&ready, "/_sandbox/");
    assert!(answer.contains("GET /_sandbox/messages") && answer.contains("POST /_sandbox/faults"), "{answer}");
    drop(child.stdin.take());
    child.wait().unwrap();
}

#[test]
fn a_port_in_use_is_explained() {
    let taken = TcpListener::bind("127.0.0.1:0").unwrap();
    let output = run(&["--port", &taken.local_addr().unwrap().port().to_string()]);
    assert_eq!(output.status.code(), Some(3));
    let text = String::from_utf8(output.stderr).unwrap();
    assert!(text.contains("is in use") && text.contains("--port 0"), "{text}");
}

#[test]
fn wrong_usage_has_its_own_exit_code() {
    for arguments in [
        &["--rate", "-1"][..],
        &["--pair-rate", "maybe"],
        &["--throttle-status", "500"],
        &["--phone-number-id", "abc"],
        &["--token", ""],
        &["--webhook-url", "https://example.com/webhook"],
        &["--app-secret", ""],
        &["--window", "maybe"],
    ] {
        let output = run(&[arguments, &["--port", "0"]].concat());
        assert_eq!(output.status.code(), Some(2), "{arguments:?}");
        assert!(output.stdout.is_empty() && !output.stderr.is_empty());
    }
}

#[test]
fn the_curl_line_for_people_works() {
    if Command::new("curl").arg("--version").output().is_err() {
        println!("skipped: no curl");
        return;
    }
    let mut child = command(&["--port", "0", "--exit-with-parent"]).spawn().unwrap();
    let mut out = BufReader::new(child.stdout.take().unwrap());
    let mut text = String::new();
    while !text.contains("Ctrl-C") {
        assert!(out.read_line(&mut text).unwrap() > 0, "{text}");
    }
    let line = text.split("\n\n").find(|part| part.trim_start().starts_with("curl")).unwrap();
    let answer = Command::new("sh").args(["-c", &line.replace("curl", "curl -s")]).output().unwrap();
    let answer: Value = serde_json::from_slice(&answer.stdout).unwrap();
    assert_eq!(answer["contacts"][0]["wa_id"], "15550001234");
    drop(child.stdin.take());
    assert!(child.wait().unwrap().success());
}
