//! The workflow that follows a build: fetch its logs, scan them, decide, write
//! down, contain, tell.
//!
//! What is to be done outside is an intention in the store before it is done,
//! and `guard` and `resume` work on intentions in one way ([`work`]): what a
//! crash, an outage or a missing permission left is picked up where it stands.
//! Containment goes before telling, so that a channel that is down never keeps
//! a leaked log readable.

mod close;
mod contain;
mod decide;
mod deliver;
mod document;
mod evidence;
mod fetch;
mod outcome;
mod person;
mod plan;
mod record;
mod report;
mod resume;
mod show;
mod work;

pub use close::close;
pub(crate) use decide::facts as facts_of;
pub use decide::{Case, Decided, Reported};
pub use evidence::{Keep, keep};
pub(crate) use fetch::harmless;
pub use fetch::{Attempts, Fetched, Order, Part};
pub use outcome::{Containing, GuardOutcome, Telling, Undelivered, outcome};
pub(crate) use outcome::{escape_lines, spell};
pub use person::{ActError, act, check_note};
pub use plan::plan;
pub use record::{record, rules_version};
pub use report::{Form, Language, ReportError, report};
pub use resume::{Remaining, finish, unread};
pub use show::{Dossier, audit_line, dossier, incident_line};
pub use work::{Scope, work};

use crate::clock::Clock;
use crate::config::Guard as Policy;
use crate::detect::Detector;
use crate::github::{Client, GithubError};
use crate::incident::{Channel, Sender};
use crate::scan::Scanned;
use crate::source::Source;
use crate::store::{Store, StoreError};
use jiff::Timestamp;
use std::time::Duration;

/// Who is told, and how.
#[derive(Clone, Copy)]
pub struct Voice<'a> {
    /// Who is told.
    pub channels: &'a [Box<dyn Channel>],
    /// How they are reached.
    pub sender: &'a Sender,
    /// Time.
    pub clock: &'a dyn Clock,
    /// The rules: no message may hold what they find.
    pub detector: &'a Detector,
    /// Digest of the rules, for the evidence.
    pub rules_version: &'a str,
}

impl Voice<'_> {
    /// The channel of this name.
    fn channel(&self, name: &str) -> Option<&dyn Channel> {
        let mut channels = self.channels.iter().map(AsRef::as_ref);
        channels.find(|channel| channel.name() == name)
    }
}

/// What the workflows act on, and by which rules.
pub struct World<'a> {
    /// GitHub.
    pub client: &'a Client,
    /// Who is told.
    pub voice: Voice<'a>,
    /// What the configuration allows.
    pub policy: &'a Policy,
    /// How long to go on with what cannot be done at once.
    pub patience: Duration,
    /// How long GitHub may take until what it agreed to delete is gone.
    pub confirm_within: Duration,
}

impl World<'_> {
    pub(crate) fn now(&self) -> Timestamp {
        self.voice.clock.now()
    }
}

/// Why a run could not be guarded at all.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum RespondError {
    /// GitHub did not even show the run.
    #[error("failed to look at the run: {0}")]
    Github(#[from] GithubError),
    /// There is no such attempt of the run.
    #[error("there is no attempt {attempt}: the run has {last}")]
    NoAttempt {
        /// Asked for.
        attempt: u64,
        /// The latest there is.
        last: u64,
    },
    /// The state could not be read or written. What was to be done stays in it.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// A temporary file could not be made or written.
    #[error(
        "failed to keep a log in a temporary file: {0}\nhint: check the space and rights of the folder for temporary files"
    )]
    Temporary(#[from] std::io::Error),
}

/// What was read of a run, and what is to be done about it. Nothing outside
/// was changed yet.
pub struct Inspected {
    /// The run and its logs.
    pub fetched: Fetched,
    /// What was found.
    pub scanned: Scanned,
    /// What of it is acted on.
    pub decided: Decided,
}

/// How [`inspect`] scans: the caller has the options and the threads.
pub type Scan<'a> = dyn Fn(&[Box<dyn Source>]) -> Scanned + 'a;

/// Fetches the logs of a run, scans them and decides; changes nothing. `store`
/// tells which secrets are known false alarms.
pub fn inspect(
    world: &World<'_>,
    store: Option<&Store>,
    order: &Order,
    scan: &Scan<'_>,
) -> Result<Inspected, RespondError> {
    let mut fetched = fetch::fetch(world, store, order)?;
    let mut scanned = scan(&fetched.sources()?);
    fetched.complete = fetched.complete_despite(store, &scanned.outcome.problems);
    scanned.outcome.add_problems(fetched.problems.clone());
    let decided = decide::decide(world, store, order, &fetched, &scanned.outcome)?;
    Ok(Inspected {
        fetched,
        scanned,
        decided,
    })
}
