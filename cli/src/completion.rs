//! `wacloud completion SHELL`: what a shell needs to complete commands and options.

use std::io::{self, Write as _};

use clap::{Args, CommandFactory};
use clap_complete::Shell;

use crate::exit::{self, Failure};

const EXAMPLES: &str = "Examples:\n  wacloud completion bash > ~/.local/share/bash-completion/completions/wacloud\n  \
    wacloud completion zsh > ~/.zfunc/_wacloud        (with fpath+=~/.zfunc before compinit)\n  \
    wacloud completion fish > ~/.config/fish/completions/wacloud.fish\n  \
    wacloud completion powershell >> $PROFILE";

/// Print what a shell needs to complete commands and options
#[derive(Debug, Args)]
#[command(after_help = EXAMPLES)]
pub(crate) struct Arguments {
    #[arg(value_name = "SHELL", value_enum)]
    shell: Shell,
}

/// Prints it for the command that `C` is.
pub(crate) fn run<C: CommandFactory>(arguments: &Arguments) -> Result<u8, Failure> {
    let mut script = Vec::new();
    clap_complete::generate(arguments.shell, &mut C::command(), "wacloud", &mut script);
    io::stdout().write_all(&script)?;
    Ok(exit::DONE)
}
