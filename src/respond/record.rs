//! Everything that was found and is to be done, in one transaction.

use super::decide::Case;
use super::document::announce;
use super::fetch::{Fetched, Order, harmless};
use super::{Inspected, World};
use crate::detect::Detector;
use crate::incident::Stage;
use crate::store::{
    Action, Changes, ContainmentState, LogRecord, Phase, RunRecord, Seen, Store, StoreError,
};
use data_encoding::HEXLOWER;
use sha2::{Digest, Sha256};

/// Incidents of one run that are told one by one, the worst first: whoever can
/// print a thousand tokens must not flood a channel.
const MOST_NEWS: usize = 50;

/// What a log is said to be scanned by.
pub(super) const TOOL: &str = concat!("leaksweep ", env!("CARGO_PKG_VERSION"));

/// Writes down what was found and everything that is to be done about it, in
/// one transaction.
pub fn record(
    world: &World<'_>,
    store: &mut Store,
    order: &Order,
    inspected: &Inspected,
) -> Result<(), StoreError> {
    let _alone = store.lock_work()?;
    store.change(world.now(), |changes| {
        let fetched = &inspected.fetched;
        let run = run_record(world, order, inspected);
        changes.record_run(&run, &log_records(world, fetched))?;
        let mut news = see(changes, inspected)?;
        if let Some(action) = wanted(changes, order, inspected)? {
            changes.intend(&fetched.key, action)?;
        }
        let untold = news.split_off(news.len().min(MOST_NEWS)).len();
        for (n, (id, stage)) in news.iter().enumerate() {
            let note = (n + 1 == MOST_NEWS && untold > 0).then(|| more(untold));
            let run_id = Some(fetched.key.run_id);
            announce(&world.voice, changes, id, *stage, run_id, note)?;
        }
        Ok(())
    })
}

/// What is to be deleted of a run: its logs, or the run if that was not enough
/// before and is allowed.
fn wanted(
    changes: &Changes<'_>,
    order: &Order,
    inspected: &Inspected,
) -> Result<Option<Action>, StoreError> {
    let asked = order.delete_logs || order.delete_run;
    let decided = &inspected.decided;
    if !asked || decided.cases.is_empty() || decided.withheld.is_some() {
        return Ok(None);
    }
    let last = changes.standing(&inspected.fetched.key)?;
    let stayed = last.is_some_and(|last| last.state == ContainmentState::Failed);
    Ok(Some(if stayed && order.delete_run {
        Action::DeleteRun
    } else {
        Action::DeleteLogs
    }))
}

fn more(untold: usize) -> String {
    format!("{untold} more secrets of this run have incidents of their own, which were not told")
}

/// Writes the incidents down; those that channels are to hear of come back.
fn see(changes: &Changes<'_>, inspected: &Inspected) -> Result<Vec<(String, Stage)>, StoreError> {
    let mut news = Vec::new();
    let mut cases: Vec<&Case> = inspected.decided.cases.iter().collect();
    cases.sort_by_key(|case| std::cmp::Reverse(case.incident.facts.severity));
    for case in cases {
        let id = &case.incident.id;
        let (stage, action) = match changes.see(&case.incident, &case.sightings)? {
            Seen::Known => continue,
            Seen::Opened => (Stage::Opened, "incident-opened"),
            Seen::Updated => (Stage::Updated, "incident-updated"),
        };
        let detail = format!(
            "{} in {} at {} places",
            case.incident.facts.rule_id,
            inspected.fetched.key,
            case.sightings.len()
        );
        changes.audit(Phase::Note, action, id, &detail)?;
        news.push((id.clone(), stage));
    }
    Ok(news)
}

fn run_record(world: &World<'_>, order: &Order, inspected: &Inspected) -> RunRecord {
    let fetched = &inspected.fetched;
    let run = &fetched.run;
    let name = |name: &String| harmless(world.voice.detector, name);
    RunRecord {
        key: fetched.key.clone(),
        attempts: run.run_attempt,
        workflow: run.path.as_ref().map(name),
        branch: run.head_branch.as_ref().map(name),
        url: run.html_url.clone(),
        visibility: fetched.visibility().map(str::to_owned),
        // One attempt of several leaves the others unread; a copy that could not
        // be kept is tried again when the logs are read again.
        complete: fetched.complete
            && inspected.decided.withheld.is_none()
            && (order.attempts == super::Attempts::All || run.run_attempt == 1),
        annotations_read: fetched.annotations_read,
    }
}

fn log_records(world: &World<'_>, fetched: &Fetched) -> Vec<LogRecord> {
    let record = |part: &super::Part| LogRecord {
        attempt: part.attempt,
        part: part.name.clone(),
        sha256: part.sha256.clone(),
        bytes: part.bytes,
        fetched_at: part.fetched_at,
        tool: TOOL.to_owned(),
        rules: world.voice.rules_version.to_owned(),
    };
    fetched.parts.iter().map(record).collect()
}

/// Digest of the rules, so that evidence tells what was looked for: the first
/// 16 hexadecimal digits of a SHA-256 over identifiers, patterns and levels.
pub fn rules_version(detector: &Detector) -> String {
    let mut hash = Sha256::new();
    for rule in &detector.rules().rules {
        let (severity, confidence) = (rule.severity.to_string(), rule.confidence.to_string());
        for part in [&*rule.id, &*rule.pattern, &severity, &confidence] {
            hash.update(part);
            hash.update([0]);
        }
    }
    HEXLOWER.encode(&hash.finalize()[..8])
}
