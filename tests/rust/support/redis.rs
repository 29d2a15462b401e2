//! A real server, Redis or Valkey, on a free port: started by the test, killed with it.

use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::{Ipv4Addr, TcpListener, TcpStream};
use std::process::{Child, Command, Stdio};

use super::say;

/// A running server. Dropping it kills it.
pub(crate) struct RedisServer {
    program: &'static str,
    port: u16,
    more: Vec<String>,
    process: Option<Child>,
}

impl RedisServer {
    /// Starts one, with further options of its command line. `None`, and said so, where there is none on this machine.
    pub(crate) fn start(more: &[&str]) -> Option<Self> {
        let is_there = |program: &&str| Command::new(program).arg("--version").output().is_ok();
        let Some(program) = ["valkey-server", "redis-server"].into_iter().find(is_there) else {
            // CI installs one, so that this cannot pass unseen there.
            assert!(std::env::var_os("CI").is_none(), "neither valkey-server nor redis-server is installed");
            say("skipped: neither valkey-server nor redis-server is installed");
            return None;
        };
        let more = more.iter().map(|&option| option.to_owned()).collect();
        let mut server = RedisServer { program, port: 0, more, process: None };
        // Another test may take a port between its choice and the server's start.
        let has_begun = (0..10).any(|_| {
            server.port = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap().local_addr().unwrap().port();
            server.begins()
        });
        assert!(has_begun, "{program} does not start");
        Some(server)
    }

    /// Starts it again after [`RedisServer::kill`].
    pub(crate) fn run(&mut self) {
        assert!(self.begins(), "{} does not start again", self.program);
    }

    /// Starts it; whether it listens. Its own word counts: at a port that was taken somebody else would answer.
    fn begins(&mut self) -> bool {
        let port = self.port.to_string();
        let mut process = Command::new(self.program)
            .args(["--port", &port, "--bind", "127.0.0.1", "--save", "", "--appendonly", "no", "--dir", "/tmp"])
            .args(&self.more)
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        // What it says later goes nowhere, which it does not mind.
        let said = BufReader::new(process.stdout.take().unwrap());
        let listens = said.lines().map_while(Result::ok).any(|line| line.contains("Ready to accept connections"));
        if !listens {
            process.wait().unwrap();
            return false;
        }
        self.process = Some(process);
        true
    }

    /// As `kill -9` does.
    pub(crate) fn kill(&mut self) {
        if let Some(mut process) = self.process.take() {
            process.kill().unwrap();
            process.wait().unwrap();
        }
    }

    /// What the server answers to a command: its texts, one after the other.
    pub(crate) fn ask(&self, command: &[&str]) -> Vec<String> {
        let mut stream = TcpStream::connect((Ipv4Addr::LOCALHOST, self.port)).unwrap();
        let words = command.iter().map(|word| format!("${}\r\n{word}\r\n", word.len()));
        write!(stream, "*{}\r\n{}", command.len(), words.collect::<String>()).unwrap();
        let mut texts = Vec::new();
        read(&mut BufReader::new(stream), &mut texts);
        texts
    }

    pub(crate) fn url(&self) -> String {
        format!("redis://127.0.0.1:{}/0", self.port)
    }

    pub(crate) fn url_with(&self, user: &str) -> String {
        format!("redis://{user}@127.0.0.1:{}/0", self.port)
    }
}

impl Drop for RedisServer {
    fn drop(&mut self) {
        self.kill();
    }
}

/// Reads one answer of the protocol (RESP 2).
fn read(stream: &mut BufReader<TcpStream>, texts: &mut Vec<String>) {
    let mut line = String::new();
    stream.read_line(&mut line).unwrap();
    let rest = line[1..].trim_end();
    match &line[..1] {
        "*" => (0..rest.parse().unwrap_or(0)).for_each(|_| read(stream, texts)),
        "$" => {
            let Ok(length) = rest.parse::<usize>() else { return };
            let mut bytes = vec![0; length + 2];
            stream.read_exact(&mut bytes).unwrap();
            texts.push(String::from_utf8_lossy(&bytes[..length]).into_owned());
        }
        _ => texts.push(rest.to_owned()),
    }
}
