//! The connection to a server, its clock, and what happens when it goes away.

use std::fmt;
use std::sync::{Arc, LazyLock, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use redis::aio::MultiplexedConnection;
use redis::{AsyncConnectionConfig, Client, Script, TlsCertificates, Value};
use tokio::sync::Notify;

use super::Write;

/// A server in the same network answers within a millisecond. One that takes this long holds messages up more than it
/// helps them.
const CONNECT_TIMEOUT: Duration = Duration::from_secs(2);
const ANSWER_TIMEOUT: Duration = Duration::from_millis(500);
/// How soon a lost server is looked for again.
const LOOK_AGAIN: Duration = Duration::from_millis(500);
/// How long a measurement of the server's clock is good for: clocks of machines drift apart by some 50 us a second at
/// most.
const CLOCK_GOOD_FOR: Duration = Duration::from_secs(30);

static SCRIPT: LazyLock<Script> = LazyLock::new(|| Script::new(include_str!("book.lua")));

/// Where a server is: `redis://` or `rediss://`, with its password. Never shown.
#[derive(Clone, PartialEq, Eq, Hash)]
pub(crate) struct ServerAddress {
    url: String,
    /// A file of PEM certificates to trust instead of the machine's.
    ca_bundle: Option<String>,
}

impl fmt::Debug for ServerAddress {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("ServerAddress(…)")
    }
}

impl ServerAddress {
    /// An address, or why it is none.
    pub(crate) fn new(url: &str, ca_bundle: Option<&str>) -> Result<Self, String> {
        let address = ServerAddress { url: url.to_owned(), ca_bundle: ca_bundle.map(str::to_owned) };
        address.client()?;
        Ok(address)
    }

    fn has_tls(&self) -> bool {
        self.url.starts_with("rediss:")
    }

    fn client(&self) -> Result<Client, String> {
        let root_cert = match &self.ca_bundle {
            Some(path) if self.has_tls() => Some(std::fs::read(path).map_err(|error| format!("ca_bundle: {error}"))?),
            _ => None,
        };
        // The crate's own error may quote the URL, which holds a password.
        let fine = |made: redis::RedisResult<Client>| {
            made.map_err(|_| "is no address such as redis://:password@host:6379/0 or rediss://…".to_owned())
        };
        match root_cert {
            None => fine(Client::open(self.url.as_str())),
            root_cert => {
                fine(Client::build_with_tls(self.url.as_str(), TlsCertificates { client_tls: None, root_cert }))
            }
        }
    }

    /// A connection, or why there is none.
    pub(super) async fn connect(&self, connect: Duration, answer: Duration) -> Result<MultiplexedConnection, String> {
        let config =
            AsyncConnectionConfig::new().set_connection_timeout(Some(connect)).set_response_timeout(Some(answer));
        let made = self.client()?.get_multiplexed_async_connection_with_config(&config).await;
        made.map_err(|error| error.to_string())
    }

    /// For people: the host only.
    pub(crate) fn host(&self) -> String {
        let url = url::Url::parse(&self.url).ok();
        let host = url.as_ref().and_then(|url| Some(format!("{}:{}", url.host_str()?, url.port().unwrap_or(6379))));
        host.unwrap_or_else(|| "the server".to_owned())
    }
}

/// The server cannot be used now.
#[derive(Debug)]
pub(super) struct Lost;

/// A server. One for each address in a process.
pub(crate) struct Server {
    address: ServerAddress,
    link: Arc<Mutex<Link>>,
    /// Told when a connection was made or given up.
    settled: Arc<Notify>,
    clock: Mutex<Option<Clock>>,
    begin: Instant,
}

#[derive(Default)]
struct Link {
    connection: Option<MultiplexedConnection>,
    is_connecting: bool,
    look_again: Option<Instant>,
    /// Whether there has been a connection or a failure to get one: only the first is waited for.
    is_settled: bool,
    is_away: bool,
    /// Why it could not be used the last time.
    problem: String,
    notice: Option<String>,
}

/// How far the server's clock is ahead of ours, measured with the shortest round trip of late.
#[derive(Clone, Copy)]
struct Clock {
    ahead_us: u64,
    round_trip: Duration,
    measured: Instant,
}

impl Server {
    pub(crate) fn new(address: ServerAddress) -> Self {
        Server {
            address,
            link: Arc::default(),
            settled: Arc::default(),
            clock: Mutex::default(),
            begin: Instant::now(),
        }
    }

    /// For people: the host only.
    pub(crate) fn host(&self) -> String {
        self.address.host()
    }

    /// Sends commands and returns their answers, or says why there are none.
    pub(crate) async fn ask<T: redis::FromRedisValue>(&self, commands: &redis::Pipeline) -> Result<T, String> {
        let Ok(mut connection) = self.connection().await else {
            let problem = lock(&self.link).problem.clone();
            return Err(format!("cannot be used: {problem}. It is tried again"));
        };
        commands.query_async(&mut connection).await.map_err(|error| {
            self.lost(&error.to_string());
            format!("cannot be used: {error}")
        })
    }

    pub(super) fn take_notice(&self) -> Option<String> {
        lock(&self.link).notice.take()
    }

    /// The server's time now. Only meaningful after it has been read from once.
    pub(super) fn now_us(&self) -> u64 {
        let clock = self.clock.lock().unwrap_or_else(PoisonError::into_inner);
        clock.map_or(0, |clock| clock.ahead_us) + self.own_us()
    }

    fn own_us(&self) -> u64 {
        u64::try_from(self.begin.elapsed().as_micros()).unwrap_or(u64::MAX)
    }

    pub(super) async fn read(&self, names: &[String]) -> Result<Vec<Vec<u8>>, Lost> {
        let answer = self.run(names, |_| {}).await?;
        Ok(answer.values)
    }

    /// Writes unless something has changed; then what it is now.
    pub(super) async fn write(
        &self,
        names: &[String],
        seen: &[Vec<u8>],
        writes: &[Write],
    ) -> Result<Option<Vec<Vec<u8>>>, Lost> {
        let answer = self
            .run(names, |call| {
                seen.iter().for_each(|value| _ = call.arg(value));
                writes.iter().for_each(|write| _ = call.arg(&write.value));
                writes.iter().for_each(|write| _ = call.arg(write.kept_ms));
            })
            .await?;
        Ok((!answer.is_changed).then_some(answer.values))
    }

    async fn run(
        &self,
        names: &[String],
        arguments: impl Fn(&mut redis::ScriptInvocation<'_>) + Send,
    ) -> Result<Answer, Lost> {
        let mut connection = self.connection().await?;
        let mut call = SCRIPT.prepare_invoke();
        names.iter().for_each(|name| _ = call.key(name));
        arguments(&mut call);
        let begun = Instant::now();
        let answered: redis::RedisResult<Vec<Value>> = call.invoke_async(&mut connection).await;
        match answered.map(Answer::read) {
            Ok(Some(answer)) if answer.is_changed || answer.values.len() == names.len() => {
                self.learn_time(answer.time_us, begun.elapsed());
                Ok(answer)
            }
            Ok(_) => Err(self.lost("its answer is not the one that belongs to the question")),
            Err(error) => Err(self.lost(&error.to_string())),
        }
    }

    fn learn_time(&self, time_us: u64, round_trip: Duration) {
        let mut clock = self.clock.lock().unwrap_or_else(PoisonError::into_inner);
        let better = |known: &Clock| round_trip <= known.round_trip || known.measured.elapsed() > CLOCK_GOOD_FOR;
        if clock.as_ref().is_none_or(better) {
            let half_us = u64::try_from(round_trip.as_micros() / 2).unwrap_or_default();
            let ahead_us = (time_us + half_us).saturating_sub(self.own_us());
            *clock = Some(Clock { ahead_us, round_trip, measured: Instant::now() });
        }
    }

    /// The connection. The first is waited for, so that the first messages keep the common pace; a lost one is made anew
    /// behind the scenes.
    async fn connection(&self) -> Result<MultiplexedConnection, Lost> {
        loop {
            let settled = self.settled.notified();
            {
                let mut link = lock(&self.link);
                if let Some(connection) = &link.connection {
                    return Ok(connection.clone());
                }
                let may_look = link.look_again.is_none_or(|at| at <= Instant::now());
                if may_look && !std::mem::replace(&mut link.is_connecting, true) {
                    tokio::spawn(connect(
                        self.address.clone(),
                        Connecting { link: self.link.clone(), settled: self.settled.clone() },
                    ));
                }
                if link.is_settled {
                    return Err(Lost);
                }
            }
            settled.await;
        }
    }

    /// The connection is of no use any more.
    pub(super) fn lost(&self, why: &str) -> Lost {
        let mut link = lock(&self.link);
        link.connection = None;
        link.went_away(&self.address, why);
        // A server that comes back may have another clock, or be another server.
        *self.clock.lock().unwrap_or_else(PoisonError::into_inner) = None;
        Lost
    }
}

impl Link {
    fn went_away(&mut self, address: &ServerAddress, why: &str) {
        self.look_again = Some(Instant::now() + LOOK_AGAIN);
        // Some reasons are several lines of what could not be read.
        let why = why.split_whitespace().collect::<Vec<_>>().join(" ");
        self.problem.clone_from(&why);
        if !std::mem::replace(&mut self.is_away, true) {
            let tls = match address.has_tls() {
                true => "whether it has TLS at all: the address of one without begins with redis://",
                false => "whether it wants TLS (rediss://)",
            };
            self.notice = Some(format!(
                "the pace is kept on this host alone, because the server {} of the setting pace cannot be used ({why}). It is \
                 tried again; other hosts do not know of this one meanwhile. If it is there, look at the password, the \
                 number of the database and {tls}",
                address.host()
            ));
        }
    }
}

/// A connection that is being made. Whatever ends it, nobody waits for it in vain.
struct Connecting {
    link: Arc<Mutex<Link>>,
    settled: Arc<Notify>,
}

impl Drop for Connecting {
    fn drop(&mut self) {
        let mut link = lock(&self.link);
        link.is_connecting = false;
        link.is_settled = true;
        drop(link);
        self.settled.notify_waiters();
    }
}

async fn connect(address: ServerAddress, connecting: Connecting) {
    let made = address.connect(CONNECT_TIMEOUT, ANSWER_TIMEOUT).await;
    let mut link = lock(&connecting.link);
    match made {
        Ok(connection) => {
            link.connection = Some(connection);
            link.look_again = None;
            link.is_away = false;
        }
        Err(why) => link.went_away(&address, &why),
    }
}

fn lock(link: &Mutex<Link>) -> MutexGuard<'_, Link> {
    link.lock().unwrap_or_else(PoisonError::into_inner)
}

/// What the script answers.
struct Answer {
    is_changed: bool,
    time_us: u64,
    values: Vec<Vec<u8>>,
}

impl Answer {
    fn read(answer: Vec<Value>) -> Option<Self> {
        let mut parts = answer.into_iter();
        let number = |part: Option<Value>| match part {
            Some(Value::Int(number)) => u64::try_from(number).ok(),
            _ => None,
        };
        let is_changed = number(parts.next())? == 1;
        let time_us = number(parts.next())?;
        let values = parts.map(|part| match part {
            Value::BulkString(bytes) => Some(bytes),
            _ => None,
        });
        Some(Answer { is_changed, time_us, values: values.collect::<Option<_>>()? })
    }
}
