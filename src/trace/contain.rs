//! What was found goes to the containment of `guard`: the same gate, the same
//! holds, the same evidence, run by run.

use super::history::is_chosen;
use super::traced::{Contained, LogState, Traced};
use super::{Order, TraceError, Walk};
use crate::github::GithubErrorKind;
use crate::respond::{
    self, Attempts, Containing, GuardOutcome, Inspected, Keep, RespondError, Scan, Scope,
};
use crate::rule::Confidence;
use crate::store::Store;
use jiff::Timestamp;
use std::collections::BTreeSet;

/// How containment goes.
pub struct Containment<'a> {
    /// What it acts on.
    pub world: &'a respond::World<'a>,
    /// Scans logs.
    pub scan: &'a Scan<'a>,
    /// What is kept of logs that leak.
    pub keep: &'a Keep,
    /// Findings from this confidence on are acted on.
    pub act_at: Option<Confidence>,
    /// Change nothing, and tell what would be done.
    pub dry_run: bool,
    /// When to stop.
    pub end: Option<Timestamp>,
}

/// Contains every run that the walk was about and of which a log can be read
/// that shows a secret: fetches it again, decides, keeps evidence, opens
/// incidents, deletes, confirms and tells. Where it cannot go on it says why, and
/// what was done stays done.
pub fn contain(
    how: &Containment<'_>,
    store: &mut Store,
    traced: &Traced,
    (order, walk): (&Order, &Walk),
) -> Result<Vec<Contained>, TraceError> {
    let mut runs = Vec::new();
    for repository in walk.repositories.keys() {
        let chosen = chosen(how, store, order, walk, repository)?;
        let leaking = leaking(traced, repository);
        runs.extend(
            leaking
                .into_iter()
                .filter(|run| chosen.contains(run))
                .map(|run| (repository, run)),
        );
    }
    let mut all = Vec::new();
    let mut stopped: Option<String> = None;
    for (repository, run_id) in runs {
        let mut contained = Contained {
            repository: repository.clone(),
            run_id,
            asked: true,
            gone: false,
            details: Vec::new(),
            incidents: Vec::new(),
        };
        if how.end.is_some_and(|end| how.world.now() >= end) {
            stopped.get_or_insert_with(|| "the time of --max-duration is over".to_owned());
        }
        match &stopped {
            Some(why) => contained.details.push(format!("not contained: {why}")),
            None => stopped = one_run(how, store, &mut contained),
        }
        all.push(contained);
    }
    Ok(all)
}

/// Runs of a repository that the walk was about.
fn chosen(
    how: &Containment<'_>,
    store: &Store,
    order: &Order,
    walk: &Walk,
    repository: &str,
) -> Result<BTreeSet<u64>, TraceError> {
    let runs = store
        .view()
        .traced_runs(how.world.client.server(), repository)?;
    let chosen = runs
        .iter()
        .filter(|run| is_chosen(&order.workflows, walk.since, run));
    Ok(chosen.map(|run| run.key.run_id).collect())
}

fn leaking(traced: &Traced, repository: &str) -> BTreeSet<u64> {
    let sites = traced.exposures.iter().flat_map(|one| &one.sites);
    let places = sites
        .filter(|site| site.repository == repository)
        .flat_map(|site| &site.places);
    let readable = places.filter(|one| one.log == LogState::Readable);
    readable.map(|one| one.run_id).collect()
}

/// Why no other run is worth a try, if so.
fn one_run(how: &Containment<'_>, store: &mut Store, contained: &mut Contained) -> Option<String> {
    use GithubErrorKind::{Budget, RateLimited, Unauthorized};
    match try_run(how, store, contained) {
        Ok(()) => None,
        Err(TraceError::Respond(RespondError::Github(error))) => {
            contained.details.push(error.to_string());
            let ends = matches!(error.kind(), Budget | RateLimited { .. } | Unauthorized);
            ends.then(|| error.to_string())
        }
        Err(error) => {
            contained.details.push(error.to_string());
            Some(error.to_string())
        }
    }
}

fn try_run(
    how: &Containment<'_>,
    store: &mut Store,
    contained: &mut Contained,
) -> Result<(), TraceError> {
    let order = order(how, &contained.repository, contained.run_id)?;
    let mut inspected = match respond::inspect(how.world, Some(store), &order, how.scan) {
        Err(RespondError::Github(error)) if error.kind() == GithubErrorKind::NotFound => {
            // GitHub says the same of what the token may not see.
            contained.gone = how.world.client.sees(&order.repository)?;
            contained
                .details
                .push("the run is not there any more".to_owned());
            return Ok(());
        }
        other => other?,
    };
    contained.asked = !inspected.decided.cases.is_empty();
    let reported = inspected.decided.reported.iter();
    contained.details.extend(reported.map(|one| {
        format!(
            "{} {} is only reported: {}",
            one.rule_id, one.redacted, one.reason
        )
    }));
    if how.dry_run {
        let plan = respond::plan(how.world, Some(store), &order, &inspected)?;
        contained
            .details
            .push("dry run, nothing was changed; it would:".to_owned());
        contained.details.extend(plan);
        return Ok(());
    }
    let outcome = work(how, store, &order, &mut inspected)?;
    contained.gone = outcome.containing == Containing::Contained;
    contained.details.extend(outcome.containment);
    contained.incidents = outcome.incidents.into_iter().map(|one| one.id).collect();
    Ok(())
}

fn work(
    how: &Containment<'_>,
    store: &mut Store,
    order: &respond::Order,
    inspected: &mut Inspected,
) -> Result<GuardOutcome, TraceError> {
    respond::keep(how.world, how.keep, inspected);
    respond::record(how.world, store, order, inspected)?;
    respond::work(how.world, store, Scope::Run(&inspected.fetched.key))?;
    Ok(respond::outcome(store, inspected)?)
}

fn order(
    how: &Containment<'_>,
    repository: &str,
    run_id: u64,
) -> Result<respond::Order, TraceError> {
    Ok(respond::Order {
        repository: repository.parse()?,
        run_id,
        attempts: Attempts::All,
        annotations: true,
        allow_unfinished: false,
        delete_logs: true,
        delete_run: how.world.policy.delete_run,
        act_at: how.act_at,
    })
}
