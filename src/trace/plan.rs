//! What a walk says of itself, before it reads and while it does.

use crate::respond::spell;
use jiff::Timestamp;

/// What a walk will do, once all runs are listed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Plan {
    /// Repositories.
    pub repositories: u64,
    /// Runs in them.
    pub runs: u64,
    /// Logs to be read; one request each.
    pub logs: u64,
    /// Logs that were read before.
    pub known: u64,
    /// Those of them that show a secret and are asked for again: are they there?
    pub doubtful: u64,
    /// Requests an hour, where GitHub tells.
    pub calls_an_hour: Option<u64>,
    /// About how long it will take, in seconds.
    pub seconds: u64,
}

impl Plan {
    /// For people.
    pub fn text(&self) -> String {
        let Self {
            repositories,
            runs,
            logs,
            known,
            doubtful,
            ..
        } = self;
        let again = match doubtful {
            0 => String::new(),
            some => format!(", {some} of them to be asked for again"),
        };
        let time = spell(self.seconds.cast_signed());
        let limit = match self.calls_an_hour {
            Some(calls) => format!(" at {calls} requests an hour"),
            None => String::new(),
        };
        format!(
            "{logs} logs to read of {runs} runs in {repositories} repositories ({known} known \
             already{again}): about {time}{limit}"
        )
    }
}

/// How far a walk is.
#[derive(Debug, Clone, Copy)]
pub struct Progress<'a> {
    /// Repository that is at work.
    pub repository: &'a str,
    /// Logs that were read.
    pub done: u64,
    /// Logs to be read; 0 while runs are listed.
    pub about: u64,
    /// Until when a rate limit has to be waited for.
    pub waits_until: Option<Timestamp>,
}
