//! What the history of one repository says of a secret, and of the search.

use super::traced::{Bound, Day, LogState, Place, Searched};
use crate::config::{Glob, names_workflow};
use crate::github::Site;
use crate::store::{
    Action, End, History, Known, RunKey, StoreError, TracedLog, TracedRun, TracedState, View,
};
use jiff::Timestamp;
use jiff::tz::TimeZone;
use std::collections::BTreeMap;

/// Whether a log, or an annotation of its run, can be read, and when it was seen
/// to be gone.
pub(super) fn log_state(
    history: &History,
    view: &View<'_>,
    (run, attempt): (&RunKey, u64),
    annotation: bool,
) -> Result<(LogState, Option<Timestamp>), StoreError> {
    let contained = view.containments(run)?.pop();
    if let Some(done) = contained.filter(|last| last.is_gone(attempt)) {
        // Deleting logs leaves annotations.
        if !annotation || done.action == Action::DeleteRun {
            return Ok((LogState::Gone, done.done_at));
        }
    }
    Ok(match history.log(run.run_id, attempt) {
        Some(log) if matches!(log.state, TracedState::Gone | TracedState::Past) && !annotation => {
            (LogState::Gone, Some(log.at))
        }
        _ => (LogState::Readable, None),
    })
}

/// When a secret was first seen, given its earliest place: the logs of the same
/// workflow before it tell whether it may have been there earlier. `horizon` says
/// why nothing is known of what was before the first run.
pub(super) fn bound(history: &History, earliest: Option<&Place>, horizon: Option<&str>) -> Bound {
    let Some(place) = earliest else {
        return Bound::default();
    };
    let before = history.before(place.run_id, place.attempt, place.first);
    let why = match before.end {
        End::Gone => Some("the logs before it had expired or were deleted before they were read"),
        End::Unread => Some("the logs before it were not read"),
        End::Gap => Some("the runs right before it were not looked at"),
        End::Timeless => Some("the time of other logs is not known"),
        End::Unknown => Some("the runs before it are not known"),
        End::Start => horizon,
    };
    let why = why.filter(|_| before.logs == 0);
    Bound {
        at: place.first,
        at_the_latest_because: why.map(str::to_owned).into_iter().collect(),
        clean_before: before.logs,
        clean_from: before.from,
    }
}

/// What was searched, of the runs that were chosen.
pub(super) fn searched(
    history: &History,
    repository: &str,
    visibility: Option<&str>,
    chosen: &dyn Fn(&TracedRun) -> bool,
) -> Searched {
    let mut searched = Searched {
        repository: repository.to_owned(),
        visibility: visibility.map(str::to_owned),
        ..Searched::default()
    };
    let mut days: BTreeMap<jiff::civil::Date, Day> = BTreeMap::new();
    for run in history.runs().iter().filter(|run| chosen(run)) {
        searched.runs += 1;
        let all: Vec<Known> = (1..=run.attempts)
            .map(|attempt| history.known(run, attempt))
            .collect();
        let count = |of: Known| all.iter().filter(|known| **known == of).count() as u64;
        let (read, gone, unread) = (count(Known::Read), count(Known::Gone), count(Known::Unread));
        searched.read += read;
        searched.gone += gone;
        searched.unread += unread;
        searched.running += count(Known::Running);
        if gone + unread == 0 && searched.oldest_read.is_none() {
            searched.oldest_read = run.created_at;
        }
        if let Some(at) = run.created_at {
            let date = at.to_zoned(TimeZone::UTC).date();
            let day = days.entry(date).or_insert(Day {
                date,
                read: 0,
                gone: 0,
                unread: 0,
            });
            day.read += read;
            day.gone += gone;
            day.unread += unread;
        }
    }
    searched.problems = problems(history, chosen);
    searched.days = days.into_values().collect();
    searched
}

/// What was said of logs that could not be read.
fn problems(history: &History, chosen: &dyn Fn(&TracedRun) -> bool) -> Vec<String> {
    let mut problems = Vec::new();
    for run in history.runs().iter().filter(|run| chosen(run)) {
        let unreadable = (1..=run.attempts)
            .filter_map(|attempt| history.log(run.key.run_id, attempt))
            .filter(|log| log.state == TracedState::Unreadable);
        problems.extend(unreadable.map(|log| format!("{}: {}", called(run, log), log.detail)));
    }
    problems
}

/// A log, for people; one on this machine has a path and no number that people
/// know.
fn called(run: &TracedRun, log: &TracedLog) -> String {
    match &run.url {
        Some(path) if run.key.server.is_empty() => path.clone(),
        _ => format!("run {}, attempt {}", log.run.run_id, log.attempt),
    }
}

/// Whether a run is to be looked at.
pub(super) fn is_chosen(workflows: &[Glob], since: Option<Timestamp>, run: &TracedRun) -> bool {
    let names = |path: &String| workflows.iter().any(|glob| names_workflow(glob, path));
    let young = since.is_none_or(|since| run.created_at.is_none_or(|at| at >= since));
    young && (workflows.is_empty() || run.workflow.as_ref().is_some_and(names))
}

/// Attempts whose logs can be asked for. That of a run in progress is written
/// when it has ended.
pub(super) fn readable_attempts(run: &TracedRun) -> std::ops::RangeInclusive<u64> {
    1..=run.attempts.saturating_sub(u64::from(!run.completed))
}

/// As the store knows it.
pub(super) fn name_of(site: &Site) -> String {
    RunKey::new("", &site.repository.to_string(), 0).repository
}
