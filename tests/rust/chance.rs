//! Random sequences of faults: whatever the network and the API do, and in whatever order, each message ends in one outcome,
//! which is true, and none is sent twice.
//!
//! `WACLOUD_SEED` runs the one sequence that has failed.
#![allow(clippy::unwrap_used, clippy::panic, missing_docs, reason = "tests")]

mod support;

use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::time::Duration;

use futures_util::future::{join, join_all};
use futures_util::{StreamExt as _, stream};
use serde_json::{Value, json};
use support::sequence::{Sequence, Task, Text, Told};
use tokio::io::{AsyncBufReadExt as _, AsyncWriteExt as _, BufReader, Lines};
use tokio::process::{Child, ChildStdin, ChildStdout, Command};
use wacloud::{CallOptions, CancelToken, Client, Error, Message, SentMessage, Settings, Shared, Tracker, registry};

/// In this process.
const SEQUENCES: u64 = 1_000;
/// Of each language.
const SEQUENCES_OF_A_LANGUAGE: u64 = 32;
const AT_ONCE: usize = 32;
/// Programs of one language that run at a time.
const PROGRAMS: u64 = 4;

/// So many seeds, new ones in each run; or the one that is asked for.
fn seeds(count: u64) -> Vec<u64> {
    match std::env::var("WACLOUD_SEED") {
        Ok(seed) => vec![seed.parse().unwrap()],
        Err(_) => {
            // Short ones, which are easily typed.
            let first = u64::from(fastrand::u32(..));
            (first..first + count).collect()
        }
    }
}

/// Tells of sequences that went wrong.
fn conclude(what: &str, count: usize, failed: &[String]) {
    assert!(failed.is_empty(), "{} of {count} sequences failed:\n{}", failed.len(), failed.join("\n"));
    support::say(&format!("{count} random sequences of faults passed: {what}"));
}

fn report(sequence: &Sequence, wrong: &[String]) -> Option<String> {
    let Sequence { seed, faults, task, .. } = sequence;
    let faults: Vec<String> = faults.iter().map(|fault| serde_json::to_string(fault).unwrap()).collect();
    let wrong = wrong.join("\n    ");
    (!wrong.is_empty())
        .then(|| format!("WACLOUD_SEED={seed}\n    {wrong}\n    faults {}\n    {}", faults.join(", "), task.settings))
}

// Rust

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn rust_tells_the_truth_under_random_faults() {
    let seeds = seeds(SEQUENCES);
    // Each in a task of its own, so that all threads have work.
    let runs = stream::iter(seeds.clone()).map(|seed| {
        let run = tokio::spawn(async move {
            let mut sequence = Sequence::new(seed, 12);
            let sandbox = sequence.begin().await;
            let told = carry_out(&sequence.task).await;
            report(&sequence, &sequence.check(&told, &sandbox))
        });
        async { run.await.unwrap() }
    });
    let failed: Vec<String> = runs.buffer_unordered(AT_ONCE).filter_map(std::future::ready).collect().await;
    conclude("Rust", seeds.len(), &failed);
}

async fn carry_out(task: &Task) -> Vec<Told> {
    let settings = Settings::from_json(&task.settings.to_string()).unwrap();
    let client = Client::with_shared(settings, &Shared::new()).unwrap();
    let mut told = join_all(task.single.iter().map(|text| send(&client, text))).await;
    let messages =
        task.bulk.iter().map(|text| Message::text(&text.to, &text.body).tracker(Tracker::Given(text.tracker.clone())));
    let mut results = client.send_bulk(messages);
    while let Some(result) = results.next().await {
        let index = usize::try_from(result.index).unwrap();
        told.push(tell(&task.bulk[index], &result.result));
    }
    told
}

async fn send(client: &Client, text: &Text) -> Told {
    let params = serde_json::to_string(text).unwrap();
    let (cancel, options) = (CancelToken::new(), CallOptions::default());
    let call = registry::dispatch(client, "send_text", &params, &options, cancel.clone());
    let cancelling = async {
        if let Some(us) = text.cancel_after_us {
            tokio::time::sleep(Duration::from_micros(us)).await;
            cancel.cancel();
        }
    };
    let (result, ()) = join(call, cancelling).await;
    tell(text, &result.map(|sent| serde_json::from_str(&sent.json).unwrap()))
}

fn tell(text: &Text, result: &Result<SentMessage, Error>) -> Told {
    let (outcome, attempts) = match result {
        Ok(sent) => ("accepted", u64::from(sent.meta.attempts)),
        Err(error) => (error.outcome().name(), error.to_value()["attempts"].as_u64().unwrap()),
    };
    let (tracker, outcome) = (text.tracker.clone(), outcome.to_owned());
    Told { tracker, outcome, attempts: usize::try_from(attempts).unwrap() }
}

// The other languages, where `make build` has built them

/// A program that reads tasks, one a line, and writes a line for each outcome and one at a task's end.
struct Program {
    // Killed with the program.
    _child: Child,
    tasks: ChildStdin,
    outcomes: Lines<BufReader<ChildStdout>>,
}

impl Program {
    fn start(command: &[String]) -> Self {
        let mut child = Command::new(&command[0])
            .args(&command[1..])
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .kill_on_drop(true)
            .spawn()
            .unwrap();
        let tasks = child.stdin.take().unwrap();
        let outcomes = BufReader::new(child.stdout.take().unwrap()).lines();
        Program { _child: child, tasks, outcomes }
    }

    async fn carry_out(&mut self, task: &Task) -> Vec<Told> {
        let task = serde_json::to_string(task).unwrap();
        self.tasks.write_all(format!("{task}\n").as_bytes()).await.unwrap();
        let mut told = Vec::new();
        loop {
            let line = self.outcomes.next_line().await.unwrap();
            let line: Value = serde_json::from_str(&line.unwrap_or_else(|| panic!("the program ended"))).unwrap();
            if line == json!("done") {
                return told;
            }
            told.push(serde_json::from_value(line).unwrap());
        }
    }
}

async fn language(name: &str, built: &Path, command: &[&str]) {
    let root = root();
    let (built, program) = (root.join(built), root.join("tests/e2e").join(command[command.len() - 1]));
    if !built.exists() {
        return support::say(&format!("skipped: {} was not built", built.display()));
    }
    let mut command: Vec<String> = command.iter().map(|part| (*part).to_owned()).collect();
    *command.last_mut().unwrap() = program.display().to_string();
    let seeds = seeds(SEQUENCES_OF_A_LANGUAGE);
    let shares = join_all((0..PROGRAMS).map(|share| {
        let (command, seeds) = (&command, &seeds);
        async move {
            let mut program = Program::start(command);
            let mut failed = Vec::new();
            for seed in seeds.iter().filter(|seed| *seed % PROGRAMS == share) {
                // Not every language can cancel a call of its own.
                let mut sequence = Sequence::new(*seed, 12).without_cancels();
                let sandbox = sequence.begin().await;
                let told = program.carry_out(&sequence.task).await;
                failed.extend(report(&sequence, &sequence.check(&told, &sandbox)));
            }
            failed
        }
    }));
    conclude(name, seeds.len(), &shares.await.concat());
}

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("..").canonicalize().unwrap()
}

/// Where cargo and the scripts put what they build.
fn target() -> PathBuf {
    std::env::var_os("CARGO_TARGET_DIR").map_or_else(|| root().join("target"), PathBuf::from)
}

/// The Python with our package in it.
fn python() -> PathBuf {
    root().join(".venv/bin/python")
}

/// Where the wheel is, once it is installed.
fn wheel() -> PathBuf {
    let library = root().join(".venv/lib");
    let versions = std::fs::read_dir(&library).into_iter().flatten().flatten();
    let wheels = versions.map(|version| version.path().join("site-packages/wacloud"));
    wheels.into_iter().find(|wheel| wheel.exists()).unwrap_or_else(|| library.join("wacloud"))
}

#[tokio::test]
async fn python_tells_the_truth_under_random_faults() {
    language("Python", &wheel(), &[&python().display().to_string(), "sender.py"]).await;
}

#[tokio::test]
async fn asyncio_tells_the_truth_under_random_faults() {
    language("Python, asyncio", &wheel(), &[&python().display().to_string(), "sender_async.py"]).await;
}

#[tokio::test]
async fn node_tells_the_truth_under_random_faults() {
    language("Node", Path::new("node/dist/index.mjs"), &["node", "sender.mjs"]).await;
}

#[tokio::test]
async fn php_tells_the_truth_under_random_faults() {
    let ini = target().join("php.ini");
    language("PHP", &ini, &["php", "-c", &ini.display().to_string(), "sender.php"]).await;
}
