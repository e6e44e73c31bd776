//! What a trace tells.

use crate::store::Facts;
use jiff::Timestamp;
use serde::Serialize;

/// Everything a trace tells.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Traced {
    /// Runs that were created before were not looked at; none if all were.
    pub since: Option<Timestamp>,
    /// When it was told.
    pub at: Timestamp,
    /// The secrets, the worst first, of these the one that was seen first.
    pub exposures: Vec<Exposure>,
    /// What was searched, by name.
    pub searched: Vec<Searched>,
    /// Why not all was searched that was to be, and how to go on, if so.
    pub left: Option<String>,
    /// Requests to GitHub.
    pub calls: u64,
    /// What was done, or in a dry run would be, about logs that can be read.
    pub contained: Vec<Contained>,
}

impl Traced {
    /// Whether every log was read that GitHub still has.
    pub fn is_whole(&self) -> bool {
        let whole = |one: &Searched| one.unread == 0 && one.problems.is_empty();
        self.left.is_none() && self.searched.iter().all(whole)
    }
}

/// What containment did about one run.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Contained {
    /// `OWNER/REPO`.
    pub repository: String,
    /// The run.
    pub run_id: u64,
    /// Whether something in it is acted on, so that its logs are to go.
    pub asked: bool,
    /// Whether its logs were seen to be gone.
    pub gone: bool,
    /// What was done, or in a dry run would be; a line each.
    pub details: Vec<String>,
    /// Incidents about its secrets.
    pub incidents: Vec<String>,
}

/// One secret: since when, until when and where it could be read.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Exposure {
    /// Keyed fingerprint of the secret.
    pub fingerprint: String,
    /// What a finding tells of it, redacted.
    #[serde(flatten)]
    pub facts: Facts,
    /// Incidents about it.
    pub incidents: Vec<String>,
    /// When it was first seen, anywhere.
    pub first_seen: Bound,
    /// The latest time at which it was written, where times are known.
    pub last_seen: Option<Timestamp>,
    /// When the last log that shows it was seen to be gone; none while one can
    /// be read.
    pub gone_at: Option<Timestamp>,
    /// Seconds from the first time to `gone_at`, or else to the present.
    pub exposed_seconds: Option<i64>,
    /// Whether somebody without rights could read it.
    pub public: bool,
    /// Repositories whose logs show it, the first first.
    pub sites: Vec<Site>,
    /// What printed it, the most often first. Empty where logs do not tell.
    pub commands: Vec<Command>,
    /// Where the same commands run, and the secret was not seen.
    pub copies: Vec<Twin>,
}

/// A time, and whether it may have been earlier.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct Bound {
    /// The time, where one is known.
    pub at: Option<Timestamp>,
    /// Why it may have been earlier: a phrase each. Empty if the log before it
    /// was read and does not show it.
    pub at_the_latest_because: Vec<String>,
    /// Logs of the same workflow right before, in an unbroken row, that were
    /// read and do not show it.
    pub clean_before: u64,
    /// Creation of the first of them.
    pub clean_from: Option<Timestamp>,
}

/// A repository (of logs on this machine: a folder) that shows a secret.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Site {
    /// `OWNER/REPO`, or the folder.
    pub repository: String,
    /// `public`, `private` or `internal`, where known.
    pub visibility: Option<String>,
    /// When it was first seen here.
    pub first_seen: Bound,
    /// The latest time at which it was written.
    pub last_seen: Option<Timestamp>,
    /// Runs that show it.
    pub runs: u64,
    /// Logs (attempts of runs) that show it and can be read.
    pub readable: u64,
    /// Logs that showed it and are gone.
    pub gone: u64,
    /// Where it stands, the newest first.
    pub places: Vec<Place>,
}

/// A step that shows a secret.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Place {
    /// Run; of logs on this machine, the number of the log.
    pub run_id: u64,
    /// Attempt of the run.
    pub attempt: u64,
    /// The run's page, or the log on this machine.
    pub url: Option<String>,
    /// File of the workflow.
    pub workflow: Option<String>,
    /// Job, where the log tells.
    pub job: Option<String>,
    /// Step, where the log tells.
    pub step: Option<String>,
    /// Lines that show it.
    pub lines: u64,
    /// Earliest time at which it was written; without stamps in the log, when
    /// the run was created.
    pub first: Option<Timestamp>,
    /// Latest.
    pub last: Option<Timestamp>,
    /// Whether it is an annotation, which stays when logs are deleted.
    pub annotation: bool,
    /// What became of the log.
    pub log: LogState,
    /// [`Command::digest`] of what printed it, where the log tells.
    pub command: Option<String>,
}

/// Whether a log can be read.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum LogState {
    /// It could be when it was last asked for.
    Readable,
    /// It was deleted or has expired.
    Gone,
}

/// A command line of a step.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Command {
    /// Keyed digest of the text.
    pub digest: String,
    /// The command, normalised, every secret in it masked.
    pub text: String,
    /// Whether it says something of its own: who runs the same has copied it.
    /// Copies of others are not told.
    pub own: bool,
    /// Places that it printed the secret at.
    pub places: u64,
}

/// A step that runs a leaking command, in a repository whose logs do not show
/// the secret.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Twin {
    /// `OWNER/REPO`, or the folder.
    pub repository: String,
    /// `public`, `private` or `internal`, where known.
    pub visibility: Option<String>,
    /// File of the workflow.
    pub workflow: Option<String>,
    /// Job, where the log tells.
    pub job: Option<String>,
    /// Step, where the log tells.
    pub step: Option<String>,
    /// [`Command::digest`] of the command.
    pub command: String,
    /// Runs that ran it.
    pub runs: u64,
    /// The latest of them.
    pub last_run_id: u64,
    /// Page of the latest, or the log on this machine.
    pub url: Option<String>,
    /// When the first of them was created.
    pub first: Option<Timestamp>,
    /// When the latest of them was created.
    pub last: Option<Timestamp>,
}

/// What was searched of one repository.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct Searched {
    /// `OWNER/REPO`, or the folder.
    pub repository: String,
    /// `public`, `private` or `internal`, where known.
    pub visibility: Option<String>,
    /// Runs there are.
    pub runs: u64,
    /// Logs (attempts of runs) that were read.
    pub read: u64,
    /// Logs that were gone before anybody read them.
    pub gone: u64,
    /// Logs that are still to be read: could not be, or not yet.
    pub unread: u64,
    /// Logs that are not written yet, because their run is in progress.
    pub running: u64,
    /// What could not be read, for people.
    pub problems: Vec<String>,
    /// Creation of the oldest run whose logs were all read.
    pub oldest_read: Option<Timestamp>,
    /// The same by day (UTC), the oldest first; days without runs are left out.
    pub days: Vec<Day>,
}

/// The logs of the runs that were created on one day.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub struct Day {
    /// The day.
    pub date: jiff::civil::Date,
    /// Logs that were read.
    pub read: u64,
    /// Logs that were gone before anybody read them.
    pub gone: u64,
    /// Logs that are still to be read.
    pub unread: u64,
}
