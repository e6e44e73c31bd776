//! How the program ends.

use std::io::Write;
use std::process::ExitCode;

/// Exit codes, as documented in the README.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Exit {
    /// Nothing found.
    Clean,
    /// Findings at or above `--fail-on`.
    Findings,
    /// Wrong use or configuration.
    Usage,
    /// Something could not be read.
    Unread,
}

impl From<Exit> for ExitCode {
    fn from(exit: Exit) -> Self {
        Self::from(match exit {
            Exit::Clean => 0,
            Exit::Findings => 1,
            Exit::Usage => 2,
            Exit::Unread => 3,
        })
    }
}

/// Says on standard error what went wrong. A closed standard error is no
/// reason to fail in another way.
pub(crate) fn complain(error: &anyhow::Error) {
    say(&format!("error: {error:#}"));
}

/// One line on standard error.
pub(crate) fn say(line: &str) {
    drop(writeln!(std::io::stderr(), "{line}"));
}

/// Writes to standard output; a reader that has gone away ends the program's
/// output, not the program.
pub(crate) fn print(bytes: &[u8]) -> anyhow::Result<()> {
    let mut out = std::io::stdout().lock();
    match out.write_all(bytes).and_then(|()| out.flush()) {
        Err(error) if error.kind() == std::io::ErrorKind::BrokenPipe => Ok(()),
        other => Ok(other?),
    }
}
