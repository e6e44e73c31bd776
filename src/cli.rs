//! Arguments to library calls; the only printing and exiting.

mod args;
mod exit;
mod rules;

use args::{Arguments, Command};
use clap::Parser;
use exit::Exit;
use std::process::ExitCode;

/// Parses the arguments and runs the command.
pub(crate) fn main() -> ExitCode {
    let arguments = Arguments::parse();
    match run(&arguments) {
        Ok(exit) => exit.into(),
        Err(error) => {
            exit::complain(&error);
            Exit::Usage.into()
        }
    }
}

fn run(arguments: &Arguments) -> anyhow::Result<Exit> {
    match &arguments.command {
        Command::Rules(command) => rules::run(command),
    }
}
