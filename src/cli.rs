//! Arguments to library calls; the only printing and exiting.

mod args;
mod demo;
mod environment;
mod exit;
mod file;
mod guard;
mod incident;
mod manual;
mod progress;
mod purge;
mod redact;
mod report;
mod retention;
mod rules;
mod scan;
mod trace;

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
        Command::Scan(arguments) => scan::run(arguments),
        Command::Guard(arguments) => guard::run(arguments),
        Command::Resume(arguments) => guard::resume(arguments),
        Command::Purge(arguments) => purge::run(arguments),
        Command::Trace(arguments) => trace::run(arguments),
        Command::Retention(command) => retention::run(command),
        Command::Incident(command) => incident::run(command),
        Command::Audit(arguments) => incident::audit(arguments),
        Command::Redact(arguments) => redact::run(arguments),
        Command::Demo { out } => demo::run(out),
        Command::Rules(command) => rules::run(command),
        Command::Schema { what } => manual::schema(*what),
        Command::Completions { shell } => manual::completions(*shell),
        Command::Man { out } => manual::pages(out),
    }
}
