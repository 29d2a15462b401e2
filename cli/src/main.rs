//! The `wacloud` command.

mod exit;
mod sandbox;

use std::process::ExitCode;

use clap::{Parser, Subcommand};

/// WhatsApp's Cloud API from the command line.
#[derive(Debug, Parser)]
#[command(name = "wacloud", version, propagate_version = true, arg_required_else_help = true)]
#[command(after_help = "Exit codes: 0 done, 1 failed, 2 wrong usage, 3 the port is in use.")]
struct Cli {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    Sandbox(sandbox::Arguments),
}

fn main() -> ExitCode {
    match Cli::parse().command {
        Command::Sandbox(arguments) => exit::code(sandbox::run(&arguments)),
    }
}
