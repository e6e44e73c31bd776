//! The program: arguments to library calls.

mod cli;

use mimalloc::MiMalloc;
use std::process::ExitCode;

/// See `docs/decisions/0013-allocator.md`.
#[global_allocator]
static ALLOCATOR: MiMalloc = MiMalloc;

fn main() -> ExitCode {
    cli::main()
}
