//! A scan of a run's logs before they go: a hit becomes an incident, because an
//! exposure is not forgotten with its log.

use super::judge::key;
use super::remove::{Fate, Thing, note_gone};
use super::{Halt, PurgeError, World};
use crate::github::{GithubErrorKind, Repository, Run};
use crate::respond::{
    self, Attempts, Containing, GuardOutcome, Inspected, Keep, RespondError, Scan, Scope,
};
use crate::rule::Confidence;
use crate::store::{PurgedKind, Store};

/// How logs are scanned.
#[derive(Clone, Copy)]
pub struct ScanFirst<'a> {
    /// Scans them.
    pub scan: &'a Scan<'a>,
    /// What is kept of logs that leak.
    pub keep: &'a Keep,
    /// Findings from this confidence on are acted on.
    pub act_at: Option<Confidence>,
}

/// What a scan leads to.
pub(super) enum Scanned {
    /// Nothing is in the way: the logs may go.
    Clean,
    /// The run is not as it was listed.
    Changed,
    /// The matter is settled here. With the incidents there are.
    Settled(Fate, Vec<String>),
}

/// Requests that a scan takes, and what follows it.
pub(super) fn calls(run: &Run) -> u64 {
    4 + 3 * run.run_attempt
}

/// Scans the logs of a run. Where they leak, the incident is written down and
/// told, and they are deleted as `guard` deletes. Where they cannot be read,
/// they stay.
pub(super) fn scan_first(
    world: &World<'_>,
    how: &ScanFirst<'_>,
    store: &mut Store,
    repository: &Repository,
    run: &Run,
) -> Result<Scanned, Halt> {
    let mut order = order(how, world, repository, run);
    let inspected = respond::inspect(world.respond, Some(store), &order, how.scan);
    let mut inspected = match inspected {
        Ok(inspected) => inspected,
        Err(RespondError::Github(error)) if error.kind() == GithubErrorKind::NotFound => {
            return Ok(Scanned::Settled(Fate::AlreadyGone, Vec::new()));
        }
        Err(error) => return Err(halt(error, world)),
    };
    let seen = &inspected.fetched.run;
    if !seen.is_completed() || seen.run_attempt != run.run_attempt {
        return Ok(Scanned::Changed);
    }
    let unread = unread(&inspected);
    if unread.is_some() {
        order.delete_logs = false;
        order.delete_run = false;
    } else {
        respond::keep(world.respond, how.keep, &mut inspected);
    }
    respond::record(world.respond, store, &order, &inspected)?;
    if unread.is_none() && inspected.decided.cases.is_empty() {
        return Ok(Scanned::Clean);
    }
    let run_key = key(world, repository, run.id);
    respond::work(world.respond, store, Scope::Run(&run_key))?;
    let outcome = respond::outcome(store, &inspected)?;
    let fate = match unread {
        Some(why) => Fate::Failed(why),
        None => fate(&outcome),
    };
    if fate == Fate::Deleted {
        let thing = Thing {
            repository,
            kind: PurgedKind::Logs,
            id: run.id,
            attempts: run.run_attempt,
        };
        note_gone(world, store, thing, "it leaked, and was contained")?;
    }
    let incidents = outcome.incidents.into_iter().map(|one| one.id).collect();
    Ok(Scanned::Settled(fate, incidents))
}

fn order(
    how: &ScanFirst<'_>,
    world: &World<'_>,
    repository: &Repository,
    run: &Run,
) -> respond::Order {
    respond::Order {
        repository: repository.clone(),
        run_id: run.id,
        attempts: Attempts::All,
        annotations: false,
        allow_unfinished: false,
        delete_logs: true,
        delete_run: world.respond.policy.delete_run,
        act_at: how.act_at,
    }
}

/// Why the logs were not read whole, if so. What GitHub no longer has cannot be
/// read, and need not be.
fn unread(inspected: &Inspected) -> Option<String> {
    let mut problems = inspected.scanned.outcome.problems.iter();
    let unread = problems.find(|problem| !inspected.fetched.gone.contains(problem))?;
    let detail = &unread.detail;
    Some(format!("kept, because it could not be scanned: {detail}"))
}

fn fate(outcome: &GuardOutcome) -> Fate {
    if outcome.containing == Containing::Contained {
        return Fate::Deleted;
    }
    let detail = outcome.containment.clone().unwrap_or_default();
    Fate::Failed(format!("it leaks: {detail}"))
}

fn halt(error: RespondError, world: &World<'_>) -> Halt {
    match error {
        RespondError::Github(error) => Halt::of(&error, world.client()),
        RespondError::Store(error) => error.into(),
        other @ (RespondError::Temporary(_) | RespondError::NoAttempt { .. }) => {
            Halt::Broken(PurgeError::Respond(other))
        }
    }
}
