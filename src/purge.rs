//! No CI log older than it may be: what is no longer there cannot leak.
//!
//! GitHub goes on listing a run when its logs are gone, and lists 1,000 runs at
//! most: a loop of "list, delete" would see the newest for ever. So runs are
//! listed by windows of their creation, the oldest first (`github::Windows`), and the
//! store remembers what is gone and up to where a repository is settled. GitHub's
//! clock alone decides about age. One repository is one `sweep`; those that a
//! rate limit stops wait while others go on (`queue`).

mod artifacts;
mod judge;
mod outcome;
mod queue;
mod remove;
mod retention;
mod scan;
mod sweep;

pub use judge::{Choice, RunRef};
pub use outcome::{Due, Failure, Left, Plan, PurgeOutcome, Swept, Tally};
pub use queue::purge;
pub use retention::{RetentionChange, WARNING, set_retention};
pub use scan::ScanFirst;

use crate::config;
use crate::github::{Client, GithubError, GithubErrorKind, Organization, Repository, Site};
use crate::respond::{self, RespondError};
use crate::store::StoreError;
use jiff::Timestamp;
use std::time::Duration;

/// What is to be purged.
#[derive(Debug, Clone)]
pub struct Order {
    /// Logs of runs whose newest attempt is older than this.
    pub older_than: Duration,
    /// Artifacts older than this, too.
    pub artifacts_older_than: Option<Duration>,
    /// Look only at runs that were created so long ago at most.
    pub look_back: Option<Duration>,
    /// Which runs.
    pub choice: Choice,
    /// Stop after this time.
    pub max_duration: Option<Duration>,
    /// Change nothing, and tell what would be done.
    pub dry_run: bool,
}

/// What purge acts on.
pub struct World<'a> {
    /// GitHub, time, who is told, and the holds.
    pub respond: &'a respond::World<'a>,
    /// What is kept.
    pub rules: &'a config::Purge,
    /// How logs are scanned before they go, if they are.
    pub scan: Option<ScanFirst<'a>>,
    /// Called after each step.
    pub progress: &'a dyn Fn(&Progress<'_>),
}

impl World<'_> {
    fn client(&self) -> &Client {
        self.respond.client
    }

    fn now(&self) -> Timestamp {
        self.respond.voice.clock.now()
    }

    fn sleep(&self, duration: Duration) {
        self.respond.voice.clock.sleep(duration);
    }
}

/// How far purge is.
#[derive(Debug, Clone, Copy)]
pub struct Progress<'a> {
    /// Repository that is at work.
    pub repository: &'a str,
    /// Runs and artifacts that were dealt with, in all repositories.
    pub done: u64,
    /// About how many there are, as far as GitHub hints.
    pub about: u64,
    /// What was deleted.
    pub deleted: u64,
    /// Until when a rate limit has to be waited for.
    pub waits_until: Option<Timestamp>,
}

/// Whose logs.
#[derive(Debug, Clone)]
pub enum Target {
    /// Those of some repositories.
    Repositories(Vec<Repository>),
    /// Those of all repositories of an organization.
    Organization(Organization),
    /// Those of all repositories that the app is installed in.
    Installation,
}

impl Target {
    /// The repositories.
    pub fn sites(&self, client: &Client) -> Result<Vec<Site>, GithubError> {
        match self {
            Self::Repositories(names) => names.iter().map(|name| client.site(name)).collect(),
            Self::Organization(name) => client.organization_sites(name),
            Self::Installation => client.installation_sites(),
        }
    }
}

/// Why purge could not go on at all. Whatever was begun is in the store.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum PurgeError {
    /// The state could not be read or written.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// GitHub did not do what was asked for.
    #[error(transparent)]
    Github(#[from] GithubError),
    /// The scan before a deletion could not be carried out.
    #[error(transparent)]
    Respond(RespondError),
}

/// Why a sweep does not go on now.
#[derive(Debug)]
enum Halt {
    /// A rate limit, until then; the calls that were made are worth nothing to
    /// other repositories if it is `shared`.
    Limited { until: Timestamp, shared: bool },
    /// The allowed requests are used up.
    Budget(String),
    /// Nothing more can be done in this repository.
    GivenUp(String),
    /// Nothing more can be done at all.
    Broken(PurgeError),
}

impl Halt {
    /// What an error that one call ended in means for the sweep.
    fn of(error: &GithubError, client: &Client) -> Self {
        match error.kind() {
            GithubErrorKind::RateLimited { until } => {
                // A used-up hour may be the repository's own; GitHub's secondary
                // limits are of whoever asks.
                let used_up = client.limit().is_some_and(|limit| limit.remaining == 0);
                Self::Limited {
                    until,
                    shared: !used_up,
                }
            }
            GithubErrorKind::Budget => Self::Budget(error.to_string()),
            _ => Self::GivenUp(error.to_string()),
        }
    }
}

impl From<StoreError> for Halt {
    fn from(error: StoreError) -> Self {
        Self::Broken(error.into())
    }
}

/// GitHub's present, as the answer before told it.
fn present(client: &Client) -> Result<Timestamp, Halt> {
    client.server_time().ok_or_else(|| {
        Halt::GivenUp(
            "github's answers tell no time, so the age of logs is not known\n\
             hint: let the header `date` through whatever stands between"
                .to_owned(),
        )
    })
}
