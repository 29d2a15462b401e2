//! A connection for whoever has to know whether the server has what it was told: it waits for a server that is slow, and is
//! never replaced unseen, because a server that was restarted in between may have less than it had.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use redis::aio::MultiplexedConnection;
use redis::{Script, ScriptInvocation};
use serde::de::DeserializeOwned;

use super::ServerAddress;
use super::facts::Facts;
use crate::store::Unusable;

const CONNECT_TIMEOUT: Duration = Duration::from_secs(5);
/// A server that saves a snapshot or waits for its disk may be silent for a moment.
const ANSWER_TIMEOUT: Duration = Duration::from_secs(5);

/// The way to a server, for all who use it in a process.
pub(crate) struct Link {
    address: ServerAddress,
    open: tokio::sync::Mutex<Open>,
    marks: Mutex<HashMap<String, String>>,
}

#[derive(Default)]
struct Open {
    line: Option<(MultiplexedConnection, Arc<Facts>)>,
    /// Counts connections.
    generation: u64,
    /// A forked child has the socket, but nobody who reads it.
    pid: u32,
}

/// One connection. When it is lost every further question fails.
#[derive(Clone)]
pub(crate) struct Line {
    connection: MultiplexedConnection,
    facts: Arc<Facts>,
    generation: u64,
    link: Arc<Link>,
}

impl Link {
    /// Opens nothing yet.
    pub(crate) fn new(address: ServerAddress) -> Self {
        Link { address, open: tokio::sync::Mutex::default(), marks: Mutex::default() }
    }

    /// For people: the host only.
    pub(crate) fn host(&self) -> String {
        self.address.host()
    }

    pub(crate) fn unusable(&self, problem: impl Into<String>) -> Unusable {
        Unusable { place: self.host(), problem: problem.into() }
    }

    /// What this process has seen on the server, by name, for as long as it lives.
    pub(crate) fn mark(&self, name: &str) -> Option<String> {
        self.marks.lock().unwrap_or_else(PoisonError::into_inner).get(name).cloned()
    }

    pub(crate) fn set_mark(&self, name: &str, mark: &str) {
        self.marks.lock().unwrap_or_else(PoisonError::into_inner).insert(name.to_owned(), mark.to_owned());
    }

    /// The connection, made if there is none.
    pub(crate) async fn line(self: &Arc<Self>) -> Result<Line, Unusable> {
        let mut open = self.open.lock().await;
        let pid = std::process::id();
        if open.pid != pid {
            std::mem::forget(open.line.take());
            open.pid = pid;
        }
        let (connection, facts) = match &open.line {
            Some(line) => line.clone(),
            None => {
                let made = self.address.connect(CONNECT_TIMEOUT, ANSWER_TIMEOUT).await;
                let mut connection = made.map_err(|why| self.unusable(format!("cannot be used: {why}")))?;
                let facts = Arc::new(Facts::ask(&mut connection).await);
                open.generation += 1;
                open.line.insert((connection, facts)).clone()
            }
        };
        Ok(Line { connection, facts, generation: open.generation, link: self.clone() })
    }
}

impl Line {
    /// What the server said of itself when it was connected to.
    pub(crate) fn facts(&self) -> &Facts {
        &self.facts
    }

    /// Sends commands and returns their answers, or says why there are none.
    pub(crate) async fn ask<T: redis::FromRedisValue>(&self, commands: &redis::Pipeline) -> Result<T, Unusable> {
        let answered = commands.query_async(&mut self.connection.clone()).await;
        self.checked(answered).await
    }

    /// Runs a script whose answer is JSON. Scripts that are asked for at the same moment leave together.
    pub(crate) async fn run<T: DeserializeOwned>(
        &self,
        script: &Script,
        prepare: impl FnOnce(&mut ScriptInvocation<'_>) + Send,
    ) -> Result<T, Unusable> {
        let mut call = script.prepare_invoke();
        prepare(&mut call);
        let answered: redis::RedisResult<Vec<u8>> = call.invoke_async(&mut self.connection.clone()).await;
        let answer = self.checked(answered).await?;
        serde_json::from_slice(&answer)
            .map_err(|error| self.link.unusable(format!("cannot be used: its answer is of another version ({error})")))
    }

    async fn checked<T>(&self, answered: redis::RedisResult<T>) -> Result<T, Unusable> {
        let error = match answered {
            Ok(answer) => return Ok(answer),
            Err(error) => error,
        };
        if error.is_io_error() || error.is_unrecoverable_error() {
            let mut open = self.link.open.lock().await;
            if open.generation == self.generation {
                open.line = None;
            }
        }
        let why = error.to_string().split_whitespace().collect::<Vec<_>>().join(" ");
        Err(self.link.unusable(format!("cannot be used: {why}")))
    }
}
