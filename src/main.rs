//! The program: arguments to library calls.

mod cli;

use std::process::ExitCode;

fn main() -> ExitCode {
    cli::main()
}
