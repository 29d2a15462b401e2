//! The built program, and a sandbox that it sends to.
#![allow(dead_code, reason = "each test file uses a part of it")]
#![allow(clippy::unwrap_used, clippy::panic, missing_docs, reason = "tests")]

use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::TcpStream;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Output, Stdio};

use serde_json::Value;

/// The token of the sandboxes here: long enough that it stands nowhere by chance.
pub(crate) const TOKEN: &str = "EAAG-cli-test-token-0123456789";
pub(crate) const PHONE_ID: &str = "106540352242922";

/// A sandbox, and a folder of its own.
pub(crate) struct Place {
    child: Child,
    pub(crate) url: String,
    folder: tempfile::TempDir,
}

impl Place {
    pub(crate) fn new(arguments: &[&str]) -> Self {
        let mut child = Command::new(env!("CARGO_BIN_EXE_wacloud"))
            .args(["sandbox", "--port", "0", "--json", "--exit-with-parent", "--pair-rate", "off", "--token", TOKEN])
            .args(arguments)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let mut line = String::new();
        BufReader::new(child.stdout.take().unwrap()).read_line(&mut line).unwrap();
        let ready: Value = serde_json::from_str(&line).unwrap();
        Place { child, url: ready["url"].as_str().unwrap().to_owned(), folder: tempfile::tempdir().unwrap() }
    }

    /// A sandbox that does not throttle.
    pub(crate) fn fast() -> Self {
        Place::new(&["--rate", "0"])
    }

    pub(crate) fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    pub(crate) fn file(&self, name: &str, text: impl AsRef<[u8]>) -> String {
        std::fs::write(self.path(name), text).unwrap();
        name.to_owned()
    }

    /// The program in its folder, with the settings of this sandbox in its environment.
    pub(crate) fn command(&self, arguments: &[&str]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_wacloud"));
        command
            .args(arguments)
            .current_dir(self.folder.path())
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped());
        command.env("WA_PHONE_ID", PHONE_ID).env("WA_TOKEN", TOKEN).env("WA_BASE_URL", &self.url);
        // Limits that other programs of this user keep are none of ours.
        command.env("WA_PACE", "process").env_remove("WA_API_VERSION").env("NO_COLOR", "1");
        command
    }

    pub(crate) fn run(&self, arguments: &[&str]) -> Done {
        Done::of(self.command(arguments).output().unwrap())
    }

    pub(crate) fn run_with_input(&self, arguments: &[&str], input: &str) -> Done {
        let mut child = self.command(arguments).stdin(Stdio::piped()).spawn().unwrap();
        child.stdin.take().unwrap().write_all(input.as_bytes()).unwrap();
        Done::of(child.wait_with_output().unwrap())
    }

    /// A request to the control API of the sandbox.
    pub(crate) fn control(&self, method: &str, what: &str, body: &Value) -> Value {
        let address = self.url.strip_prefix("http://").unwrap();
        let body = if body.is_null() { String::new() } else { body.to_string() };
        let mut stream = TcpStream::connect(address).unwrap();
        write!(
            stream,
            "{method} /_sandbox/{what} HTTP/1.1\r\nhost: localhost\r\nconnection: close\r\ncontent-length: {}\r\n\r\n{body}",
            body.len()
        )
        .unwrap();
        let mut text = String::new();
        stream.read_to_string(&mut text).unwrap();
        let (head, body) = text.split_once("\r\n\r\n").unwrap();
        assert!(head.starts_with("HTTP/1.1 2"), "{method} {what}: {text}");
        serde_json::from_str(body).unwrap_or_else(|error| panic!("{error}: {body}"))
    }

    /// Everything that was accepted, in its order.
    pub(crate) fn messages(&self) -> Vec<Value> {
        self.control("GET", "messages?limit=10000", &Value::Null)["messages"].as_array().unwrap().clone()
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        drop(self.child.stdin.take());
        let _ = self.child.wait();
    }
}

/// How the program ended. The token is never in it.
#[derive(Debug)]
pub(crate) struct Done {
    pub(crate) code: Option<i32>,
    pub(crate) out: String,
    pub(crate) err: String,
}

impl Done {
    pub(crate) fn of(output: Output) -> Self {
        let [out, err] = [output.stdout, output.stderr].map(|bytes| String::from_utf8(bytes).unwrap());
        assert!(!out.contains(TOKEN) && !err.contains(TOKEN), "the token shows: {out}{err}");
        Done { code: output.status.code(), out, err }
    }

    /// With this code.
    pub(crate) fn ended(self, code: i32) -> Self {
        assert_eq!(self.code, Some(code), "{}\n{}", self.out, self.err);
        self
    }

    /// Each line as JSON.
    pub(crate) fn lines(&self) -> Vec<Value> {
        self.out
            .lines()
            .map(|line| serde_json::from_str(line).unwrap_or_else(|error| panic!("{error}: {line}")))
            .collect()
    }
}

/// Holds what is there.
pub(crate) fn has(text: &str, expected: &[&str]) {
    for part in expected {
        assert!(text.contains(part), "{part:?} is not in\n{text}");
    }
}

pub(crate) fn exists(path: &Path) -> bool {
    path.exists()
}
