//! GitHub, and the only octocrab: runs, jobs, their logs, and deletion.
//!
//! [`Client`] is blocking and may be shared between threads; it must not be
//! used inside an asynchronous runtime. What only reads is tried again within
//! [`Settings::max_wait`]; what changes something is asked for once.
//!
//! octocrab signs and addresses requests. The rest is done here, because a
//! scanner needs to know more than that a call failed: statuses, limits,
//! timeouts, lenient models and streamed logs. A log lies on another origin,
//! behind a signed link: it is fetched by a client that has no token, and no
//! message holds the link.

mod answer;
mod core;
mod error;
mod fetch;
mod identity;
mod link;
mod listing;
mod model;
mod pace;
mod patience;
mod repository;
mod settings;
mod transport;
mod window;

pub use error::{GithubError, GithubErrorKind};
pub use fetch::Fetched;
pub use listing::{Artifact, Retention, RunPage, Seat, Site};
pub use model::{Annotation, Job, Run};
pub use pace::{Limit, seconds_until_allowed};
pub use repository::{Organization, Repository};
pub use settings::{Auth, Settings};
pub use window::{Listed, Window, Windows};

use self::core::{Core, route};
use crate::clock::Clock;
use http::Method;
use jiff::Timestamp;
use serde::Deserialize;
use std::fmt;
use std::fs::File;
use std::sync::Arc;

/// A client of one GitHub.
pub struct Client {
    core: Core,
    server: String,
}

/// What became of something that was to be deleted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Deleted {
    /// GitHub says that it has deleted it.
    Now,
    /// 404 or 410: it is not there. GitHub says the same of what the token may
    /// not see.
    AlreadyGone,
}

#[derive(Deserialize)]
struct Jobs {
    jobs: Vec<Job>,
}

impl Client {
    /// A client; nothing is sent yet. Fails with [`GithubErrorKind::Settings`].
    pub fn new(settings: Settings, clock: Arc<dyn Clock>) -> Result<Self, GithubError> {
        let core = Core::new(settings, clock)?;
        let server = core.base.to_string();
        Ok(Self { core, server })
    }

    /// Root of the API, without a slash at the end.
    pub fn server(&self) -> &str {
        &self.server
    }

    /// Requests sent to the API so far; the log store is not the API.
    pub fn calls(&self) -> u64 {
        self.core.calls()
    }

    /// The present by GitHub's clock, as its last answer told it.
    pub fn server_now(&self) -> Timestamp {
        self.core.server_now()
    }

    /// The same, but none before an answer told it.
    pub fn server_time(&self) -> Option<Timestamp> {
        self.core.server_time()
    }

    /// Requests that [`Settings::budget`] still allows; none without a budget.
    pub fn calls_left(&self) -> Option<u64> {
        self.core.calls_left()
    }

    /// The rate limit of whoever asked last, if the last answer told it.
    pub fn limit(&self) -> Option<Limit> {
        self.core.limit()
    }

    /// The run, as its latest attempt is.
    pub fn run(&self, of: &Repository, run: u64) -> Result<Run, GithubError> {
        self.core
            .get_json(of, &route(of, &format!("/actions/runs/{run}")))
    }

    /// Whether the token can see the repository. GitHub says 404 both of what
    /// is not there and of what a token may not see; this tells which it is.
    pub fn sees(&self, of: &Repository) -> Result<bool, GithubError> {
        let answer = self
            .core
            .get_json::<serde::de::IgnoredAny>(of, &route(of, ""));
        gone_is(false, answer.map(|_| true))
    }

    /// All jobs of one attempt.
    pub fn jobs(&self, of: &Repository, run: u64, attempt: u64) -> Result<Vec<Job>, GithubError> {
        let tail = format!("/actions/runs/{run}/attempts/{attempt}/jobs?per_page=100");
        self.core
            .pages(of, route(of, &tail), |page: Jobs| page.jobs)
    }

    /// All annotations of a check run ([`Job::check_run`]).
    pub fn annotations(
        &self,
        of: &Repository,
        check_run: u64,
    ) -> Result<Vec<Annotation>, GithubError> {
        let tail = format!("/check-runs/{check_run}/annotations?per_page=100");
        self.core
            .pages(of, route(of, &tail), |page: Vec<Annotation>| page)
    }

    /// Writes the zip of one attempt's logs to `out`, which is emptied before.
    /// Holds only a part of it in memory. After a failure `out` may hold a part
    /// of the log.
    pub fn run_logs(
        &self,
        of: &Repository,
        run: u64,
        attempt: u64,
        out: &mut File,
    ) -> Result<Fetched, GithubError> {
        self.core
            .fetch(of, &attempt_logs(of, run, attempt), fetch::ZIP, out)
    }

    /// Writes the plain log of one job to `out`, as [`Self::run_logs`] does.
    pub fn job_log(
        &self,
        of: &Repository,
        job: u64,
        out: &mut File,
    ) -> Result<Fetched, GithubError> {
        let tail = format!("/actions/jobs/{job}/logs");
        self.core.fetch(of, &route(of, &tail), fetch::TEXT, out)
    }

    /// Whether GitHub still gives out the logs of an attempt. Nothing is
    /// downloaded. `false` is 404 or 410, which GitHub also says of a run that
    /// the token may not see: ask for [`Self::run`] to tell them apart.
    pub fn logs_present(
        &self,
        of: &Repository,
        run: u64,
        attempt: u64,
    ) -> Result<bool, GithubError> {
        let tail = attempt_logs(of, run, attempt);
        let answer = self.core.patiently(|| self.core.get_once(of, &tail));
        gone_is(false, answer.map(|_| true))
    }

    /// Asks once to delete the logs of all attempts of a run. After
    /// [`GithubErrorKind::Network`] it is not known whether they are deleted.
    pub fn delete_logs(&self, of: &Repository, run: u64) -> Result<Deleted, GithubError> {
        self.delete(of, &format!("/actions/runs/{run}/logs"))
    }

    /// Asks once to delete a run, logs and all; else as [`Self::delete_logs`].
    pub fn delete_run(&self, of: &Repository, run: u64) -> Result<Deleted, GithubError> {
        self.delete(of, &format!("/actions/runs/{run}"))
    }

    fn delete(&self, of: &Repository, tail: &str) -> Result<Deleted, GithubError> {
        let tail = route(of, tail);
        let answer = self.core.change(of, &Method::DELETE, &tail, None);
        gone_is(Deleted::AlreadyGone, answer.map(|()| Deleted::Now))
    }
}

fn attempt_logs(of: &Repository, run: u64, attempt: u64) -> String {
    route(of, &format!("/actions/runs/{run}/attempts/{attempt}/logs"))
}

fn gone_is<T>(gone: T, answer: Result<T, GithubError>) -> Result<T, GithubError> {
    use GithubErrorKind::{Gone, NotFound};
    match answer {
        Err(error) if matches!(error.kind(), Gone | NotFound) => Ok(gone),
        other => other,
    }
}

impl fmt::Debug for Client {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Client")
            .field("server", &self.server)
            .finish_non_exhaustive()
    }
}
