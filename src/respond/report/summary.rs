//! What is said in a word or a short list.

use super::draft::{Draft, clock};
use super::material::Run;
use crate::report::markup::{code, prose};
use crate::store::Place;
use std::collections::BTreeSet;

pub(super) fn title(draft: &Draft<'_>) -> String {
    let words = draft.words;
    format!(
        "# {} {} {} {}",
        words.title,
        prose(&draft.incident().facts.name),
        words.in_the_logs_of,
        repository(draft)
    )
}

pub(super) fn id(draft: &Draft<'_>) -> String {
    code(&draft.incident().id)
}

pub(super) fn repository(draft: &Draft<'_>) -> String {
    code(&draft.incident().repository)
}

pub(super) fn credential(draft: &Draft<'_>) -> String {
    prose(&draft.incident().facts.name)
}

pub(super) fn vendor(draft: &Draft<'_>) -> String {
    prose(&draft.incident().facts.vendor)
}

pub(super) fn fingerprint(draft: &Draft<'_>) -> String {
    code(&draft.incident().fingerprint)
}

pub(super) fn detected_at(draft: &Draft<'_>) -> String {
    clock(draft.incident().opened_at)
}

pub(super) fn severity(draft: &Draft<'_>) -> String {
    let severity = draft.incident().facts.severity;
    draft.words.severity(severity).to_owned()
}

pub(super) fn state(draft: &Draft<'_>) -> String {
    draft.state_of(draft.incident())
}

pub(super) fn facts(draft: &Draft<'_>) -> String {
    let (words, incident) = (draft.words, draft.incident());
    let repository = match &incident.visibility {
        Some(visibility) => format!("{} ({})", repository(draft), words.visibility(visibility)),
        None => repository(draft),
    };
    draft.list(&[
        (words.incident, id(draft)),
        (words.state, state(draft)),
        (words.credential, credential(draft)),
        (words.vendor, vendor(draft)),
        (words.severity, severity(draft)),
        (words.repository, repository),
        (words.exposure, exposure(draft)),
    ])
}

/// How long the secret could be read: a lower bound, unless the log before the
/// first that shows it was read.
pub(super) fn exposure(draft: &Draft<'_>) -> String {
    let (words, incident) = (draft.words, draft.incident());
    let start = incident.leaked_at.unwrap_or(incident.opened_at);
    let from = clock(start);
    let reasons = bounds(draft);
    let (least, since) = if reasons.is_empty() {
        (String::new(), words.since)
    } else {
        (format!("{} ", words.at_least), words.since_at_the_latest)
    };
    let window = match incident.contained_at {
        Some(end) => format!(
            "{least}{} ({from} – {})",
            draft.between(Some(start), Some(end)),
            clock(end)
        ),
        None => format!("{since} {from}; {}", words.still_there),
    };
    if reasons.is_empty() {
        return window;
    }
    let reasons = reasons.join(", ");
    format!("{window}; {}{} {reasons}", words.lower_bound, words.colon)
}

/// Why the window may be longer.
fn bounds(draft: &Draft<'_>) -> Vec<&'static str> {
    let (words, material) = (draft.words, draft.material);
    let unstamped = material.places.iter().any(|one| one.stamped < one.lines);
    let unread = material.runs.iter().any(Run::has_unread);
    let searched = material.searched_before;
    let mut bounds = Vec::new();
    bounds.extend((!searched).then_some(words.earlier_not_searched));
    bounds.extend(unstamped.then_some(words.lines_without_time));
    bounds.extend(unread.then_some(words.logs_not_read));
    bounds
}

pub(super) fn time_to_detect(draft: &Draft<'_>) -> String {
    let seconds = draft.incident().time_to_detect();
    let spelled = draft.spelled(seconds);
    match seconds {
        Some(_) if !bounds(draft).is_empty() => format!("{} {spelled}", draft.words.at_least),
        _ => spelled,
    }
}

pub(super) fn time_to_contain(draft: &Draft<'_>) -> String {
    draft.spelled(draft.incident().time_to_contain())
}

pub(super) fn times(draft: &Draft<'_>) -> String {
    let (words, incident, material) = (draft.words, draft.incident(), draft.material);
    let rotated_at = material.rotated_at();
    let again = (incident.detected_at != incident.opened_at).then_some(incident.detected_at);
    let mut facts = vec![
        (words.leaked_at, logged_or_unknown(draft)),
        (words.detected_at, detected_at(draft)),
    ];
    facts.extend(again.map(|at| (words.detected_again_at, clock(at))));
    facts.extend([
        (words.told_at, draft.moment(material.told_at())),
        (
            words.acknowledged_at,
            draft.moment(material.acknowledged_at()),
        ),
        (words.contained_at, draft.moment(incident.contained_at)),
        (words.rotated_at, draft.moment(rotated_at)),
        (words.closed_at, draft.moment(incident.closed_at)),
        (words.time_to_detect, time_to_detect(draft)),
        (words.time_to_contain, time_to_contain(draft)),
        (
            words.time_to_rotate,
            draft.between(Some(incident.opened_at), rotated_at),
        ),
    ]);
    draft.list(&facts)
}

fn logged_or_unknown(draft: &Draft<'_>) -> String {
    let known = draft.incident().leaked_at.map(clock);
    known.unwrap_or_else(|| draft.words.unknown.to_owned())
}

pub(super) fn scope(draft: &Draft<'_>) -> String {
    let (words, material) = (draft.words, draft.material);
    let places = &material.places;
    let workflow = |place: &Place| material.run(place.run_id)?.workflow.clone();
    let lines: u64 = places.iter().map(|place| place.lines).sum();
    let attempt = |one: &Place| (one.run_id, one.attempt);
    let job = |one: &Place| (workflow(one), one.job.clone());
    let step = |one: &Place| (job(one), one.step.clone());
    draft.list(&[
        (
            words.repositories,
            (1 + material.elsewhere.len()).to_string(),
        ),
        (words.workflows, distinct(places, workflow)),
        (words.runs, distinct(places, |one| one.run_id)),
        (words.attempts, distinct(places, attempt)),
        (words.jobs, distinct(places, job)),
        (words.steps, distinct(places, step)),
        (words.lines, lines.to_string()),
        (words.secrets, (1 + material.beside.len()).to_string()),
    ])
}

fn distinct<T: Ord>(places: &[Place], of: impl Fn(&Place) -> T) -> String {
    let set: BTreeSet<T> = places.iter().map(of).collect();
    set.len().to_string()
}
