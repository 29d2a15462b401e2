//! The `wacloud` command.

mod bulk;
mod completion;
mod doctor;
mod exit;
mod interrupt;
mod media;
mod observe;
mod reason;
mod report;
mod resume;
mod retry;
mod sandbox;
mod send;
mod settings;
mod templates;
mod term;
mod time;

use std::process::ExitCode;

use clap::{Parser, Subcommand};

use exit::Failure;

/// WhatsApp's Cloud API from the command line.
#[derive(Debug, Parser)]
#[command(name = "wacloud", version, propagate_version = true, arg_required_else_help = true, max_term_width = 100)]
#[command(after_help = exit::HELP)]
struct Cli {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    Send(send::Arguments),
    Media(media::Arguments),
    Bulk(Box<bulk::Arguments>),
    Resume(resume::Arguments),
    Report(report::Arguments),
    Observe(observe::Arguments),
    Doctor(doctor::Arguments),
    Templates(templates::Arguments),
    Sandbox(sandbox::Arguments),
    Completion(completion::Arguments),
}

fn main() -> ExitCode {
    let line: Vec<String> = std::env::args_os().skip(1).filter_map(|word| word.into_string().ok()).collect();
    if let Some(told) = send::misplaced::told(&line) {
        return exit::code(Err(Failure::usage(told)));
    }
    exit::code(match Cli::parse().command {
        Command::Send(arguments) => in_runtime(send::run(arguments)),
        Command::Media(arguments) => in_runtime(media::run(arguments)),
        Command::Bulk(arguments) => in_runtime(bulk::run(*arguments)),
        Command::Resume(arguments) => in_runtime(resume::run(arguments)),
        Command::Report(arguments) => in_runtime(report::run(arguments)),
        Command::Observe(arguments) => in_runtime(observe::run(arguments)),
        Command::Doctor(arguments) => in_runtime(doctor::run(arguments)),
        Command::Templates(arguments) => in_runtime(templates::run(arguments)),
        Command::Completion(arguments) => completion::run::<Cli>(&arguments),
        Command::Sandbox(arguments) => sandbox::run(&arguments).map(|()| exit::DONE),
    })
}

/// Runs a command that reaches the API. Sending goes on beside whoever reads files and writes output.
fn in_runtime(command: impl Future<Output = Result<u8, Failure>>) -> Result<u8, Failure> {
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .worker_threads(2)
        .enable_all()
        .build()
        .map_err(|error| Failure::new(exit::FAILED, format!("cannot start: {error}")))?;
    let result = runtime.block_on(command);
    // A read of standard input that blocks must not hold the process.
    runtime.shutdown_background();
    result
}
