//! As much of the Cloud API as these tests need: it accepts every message, with an answer that can be held back.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::{TcpListener, TcpStream};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Condvar, Mutex};

pub(super) struct Server {
    pub(super) url: String,
    state: Arc<State>,
}

struct State {
    connections: AtomicUsize,
    /// The `Authorization` of each request, once it is read whole.
    requests: Mutex<Vec<String>>,
    arrived: Condvar,
    is_held: Mutex<bool>,
    /// Body of the answer 400, where messages are refused.
    refusal: Mutex<Option<&'static str>>,
    released: Condvar,
}

impl Server {
    pub(super) fn start() -> Self {
        let listener = TcpListener::bind(("127.0.0.1", 0)).unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        let state = Arc::new(State {
            connections: AtomicUsize::new(0),
            requests: Mutex::default(),
            arrived: Condvar::new(),
            is_held: Mutex::new(false),
            refusal: Mutex::new(None),
            released: Condvar::new(),
        });
        let serving = Arc::clone(&state);
        std::thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                serving.connections.fetch_add(1, Ordering::SeqCst);
                let serving = Arc::clone(&serving);
                std::thread::spawn(move || serving.serve(&stream));
            }
        });
        Self { url, state }
    }

    /// From here on no answer comes.
    pub(super) fn hold(&self) {
        *self.state.is_held.lock().unwrap() = true;
    }

    /// Answers what was held back and all that follows.
    pub(super) fn release(&self) {
        *self.state.is_held.lock().unwrap() = false;
        self.state.released.notify_all();
    }

    /// From here on Meta says no, with this body.
    pub(super) fn refuse(&self, body: &'static str) {
        *self.state.refusal.lock().unwrap() = Some(body);
    }

    pub(super) fn wait_for_requests(&self, count: usize) {
        let requests = self.state.requests.lock().unwrap();
        let arrived = self.state.arrived.wait_timeout_while(requests, super::LONG, |r| r.len() < count);
        assert!(!arrived.unwrap().1.timed_out(), "{count} requests did not come");
    }

    pub(super) fn authorizations(&self) -> Vec<String> {
        self.state.requests.lock().unwrap().clone()
    }

    pub(super) fn connections(&self) -> usize {
        self.state.connections.load(Ordering::SeqCst)
    }
}

impl State {
    fn serve(&self, mut stream: &TcpStream) {
        let mut reader = BufReader::new(stream);
        while let Some(authorization) = read_request(&mut reader) {
            let mut requests = self.requests.lock().unwrap();
            requests.push(authorization);
            let id = requests.len();
            drop(requests);
            self.arrived.notify_all();
            let held = self.is_held.lock().unwrap();
            drop(self.released.wait_while(held, |is_held| *is_held).unwrap());
            let refusal = *self.refusal.lock().unwrap();
            let accepted = format!(
                r#"{{"messaging_product":"whatsapp","contacts":[{{"input":"+15550001234","wa_id":"15550001234"}}],"messages":[{{"id":"wamid.{id}"}}]}}"#
            );
            let (status, body) = refusal.map_or(("200 OK", accepted), |body| ("400 Bad Request", body.to_owned()));
            let head = format!(
                "HTTP/1.1 {status}\r\ncontent-type: application/json\r\ncontent-length: {}\r\n\r\n",
                body.len()
            );
            if stream.write_all((head + &body).as_bytes()).is_err() {
                return;
            }
        }
    }
}

fn read_request(reader: &mut BufReader<&TcpStream>) -> Option<String> {
    let (mut length, mut authorization) = (0, String::new());
    let mut line = String::new();
    while reader.read_line(&mut line).ok()? > 2 {
        if let Some((name, value)) = line.split_once(':') {
            match name.to_ascii_lowercase().as_str() {
                "content-length" => length = value.trim().parse().ok()?,
                "authorization" => authorization = value.trim().into(),
                _ => {}
            }
        }
        line.clear();
    }
    if line.is_empty() {
        return None;
    }
    reader.read_exact(&mut vec![0; length]).ok()?;
    Some(authorization)
}
