//! A real server, Redis or Valkey, on a free port: started by the test, killed with it.

use std::net::{Ipv4Addr, TcpListener, TcpStream};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

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
        let port = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap().local_addr().unwrap().port();
        let more = more.iter().map(|&option| option.to_owned()).collect();
        let mut server = RedisServer { program, port, more, process: None };
        server.run();
        Some(server)
    }

    /// Starts it again after [`RedisServer::kill`].
    pub(crate) fn run(&mut self) {
        let port = self.port.to_string();
        let process = Command::new(self.program)
            .args(["--port", &port, "--bind", "127.0.0.1", "--save", "", "--appendonly", "no", "--dir", "/tmp"])
            .args(&self.more)
            .stdout(Stdio::null())
            .spawn()
            .unwrap();
        self.process = Some(process);
        let begun = Instant::now();
        while TcpStream::connect((Ipv4Addr::LOCALHOST, self.port)).is_err() {
            assert!(begun.elapsed() < Duration::from_secs(20), "the server does not listen");
            std::thread::sleep(Duration::from_millis(5));
        }
    }

    /// As `kill -9` does.
    pub(crate) fn kill(&mut self) {
        if let Some(mut process) = self.process.take() {
            process.kill().unwrap();
            process.wait().unwrap();
        }
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
