//! Since when, where else, who copied it: a secret through the history of logs.
//!
//! A walk lists the runs of repositories by windows of their creation, fetches
//! the log of every attempt that was not read yet, scans it, and writes down
//! what it shows and which commands it ran (`walk`, `read`, `content`). The
//! store is what is known: a walk that was interrupted goes on where it was,
//! and the answer is told from the store alone (`answer`). Logs on this machine
//! are one more server, in a store that is not kept (`local`). Every view says
//! the same (`story`), each in its own form.

mod answer;
mod ask;
mod command;
mod contain;
mod content;
mod history;
mod html;
mod local;
mod markdown;
mod phrase;
mod plan;
mod read;
mod story;
mod text;
mod timeline;
mod traced;
mod view;
mod walk;

pub use contain::{Containment, contain};
pub use content::{LogContent, read};
pub use local::local;
pub use plan::{Plan, Progress};
pub use traced::{
    Bound, Command, Contained, Day, Exposure, LogState, Place, Searched, Site, Traced, Twin,
};
pub use view::{TraceFormat, render};
pub use walk::{Walk, walk};

use crate::config::{Glob, Suppressions};
use crate::detect::Detector;
use crate::github::{Client, GithubError};
use crate::respond::{self, RespondError};
use crate::rule::Confidence;
use crate::source::Source;
use crate::store::{Store, StoreError};
use jiff::Timestamp;
use std::time::Duration;

/// What is to be traced.
#[derive(Debug, Clone)]
pub struct Order {
    /// Look only at runs that were created so long ago at most.
    pub look_back: Option<Duration>,
    /// Read only logs of these workflows; of all, if there are none.
    pub workflows: Vec<Glob>,
    /// Tell only of secrets whose fingerprints begin so; of all, if there are none.
    pub fingerprints: Vec<String>,
    /// Read the logs nearest to this time first; the newest, if there is none.
    pub around: Option<Timestamp>,
    /// Stop after this time.
    pub max_duration: Option<Duration>,
    /// Digest of all that decides what is found in a log. A log that was read by
    /// other terms is read again.
    pub terms: String,
}

/// Whether a fingerprint is one of those that are wanted, or none is in
/// particular.
fn is_wanted(fingerprint: &str, beginnings: &[String]) -> bool {
    let mut beginnings = beginnings.iter().peekable();
    beginnings.peek().is_none() || beginnings.any(|start| fingerprint.starts_with(start))
}

/// How the content of logs of a repository is read: the caller has the options
/// and the threads.
pub type Read<'a> = dyn Fn(&[Box<dyn Source>], &str) -> LogContent + 'a;

/// What a trace acts on.
pub struct World<'a> {
    /// GitHub, time, and what containment needs.
    pub respond: &'a respond::World<'a>,
    /// How logs are read.
    pub read: &'a Read<'a>,
    /// Called once, before logs are read.
    pub plan: &'a dyn Fn(&Plan),
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

    /// The present by GitHub's clock.
    fn present(&self) -> Timestamp {
        self.client().server_now()
    }
}

/// Why a trace could not go on at all. What was read is in the store.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum TraceError {
    /// The state could not be read or written.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// GitHub did not do what was asked for.
    #[error(transparent)]
    Github(#[from] GithubError),
    /// A log could not be kept in a temporary file, or not be contained.
    #[error(transparent)]
    Respond(#[from] RespondError),
}

impl From<std::io::Error> for TraceError {
    fn from(error: std::io::Error) -> Self {
        Self::Respond(error.into())
    }
}

/// What the store knows of the secrets of a walk.
pub fn traced(
    world: &World<'_>,
    store: &Store,
    order: &Order,
    walk: &Walk,
) -> Result<Traced, TraceError> {
    let scene = answer::Scene {
        server: world.client().server(),
        now: world.present(),
        since: walk.since,
        horizon: walk
            .since
            .map(|since| format!("runs that were created before {since} were not looked at")),
        repositories: &walk.repositories,
        workflows: &order.workflows,
        fingerprints: &order.fingerprints,
        terms: Some(&order.terms),
    };
    let mut traced = answer::answer(store, &scene)?;
    traced.left.clone_from(&walk.left);
    traced.calls = world.client().calls();
    Ok(traced)
}

/// Digest of all that decides what is found in a log, for [`Order::terms`]:
/// rules, levels, suppression, the key of fingerprints, and this program.
pub fn terms(
    detector: &Detector,
    min_confidence: Confidence,
    suppressions: &Suppressions,
) -> String {
    let version = env!("CARGO_PKG_VERSION");
    let rules = format!("{:?}", detector.rules());
    let suppressed = suppressions.terms();
    detector.digest(&format!("{version} {min_confidence} {suppressed} {rules}"))
}

#[cfg(test)]
mod sample;

#[cfg(test)]
mod tests;
