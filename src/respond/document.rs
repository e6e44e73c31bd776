//! What channels are told of an incident, from what the store knows.

use super::Voice;
use super::record::TOOL;
use crate::incident::{Document, RunContainment, Sighting, Stage, guarded};
use crate::store::{self, Changes, Containment, ContainmentState, Incident, StoreError, View};

/// Places that a message names; the others are counted.
const MOST_SIGHTINGS: usize = 20;
/// Runs whose containment a message tells of.
const MOST_RUNS: usize = 20;

/// Puts a message about an incident into the outbox of every channel that
/// wants it.
pub(super) fn announce(
    voice: &Voice<'_>,
    changes: &Changes<'_>,
    id: &str,
    stage: Stage,
    run_id: Option<u64>,
    note: Option<String>,
) -> Result<(), StoreError> {
    let Some(incident) = changes.incident(id)? else {
        return Ok(());
    };
    let number = changes.next_message(id)?;
    let about = run_id.map_or_else(String::new, |run| format!("-r{run}"));
    let message_id = format!("{id}{about}-{number}-{}", stage.word());
    let mut document = document(voice, changes, &incident, stage, message_id)?;
    document.notes.extend(note);
    for channel in voice.channels {
        if !channel.wants(&document) {
            continue;
        }
        let message = (document.message_id.as_str(), channel.name(), id);
        let render = |document: &Document| {
            serde_json::to_string(&guarded(channel.as_ref(), document, voice.detector))
        };
        let doubtful = render(&document.clone().repeated())?;
        changes.enqueue(message, &render(&document)?, &doubtful)?;
    }
    Ok(())
}

/// The document of one message.
pub(super) fn document(
    voice: &Voice<'_>,
    view: &View<'_>,
    incident: &Incident,
    stage: Stage,
    message_id: String,
) -> Result<Document, StoreError> {
    let facts = incident.facts.clone();
    Ok(Document {
        id: incident.id.clone(),
        stage,
        message_id,
        server: incident.server.clone(),
        repository: incident.repository.clone(),
        visibility: incident.visibility.clone(),
        rule_id: facts.rule_id,
        vendor: facts.vendor,
        name: facts.name,
        severity: facts.severity,
        confidence: facts.confidence,
        redacted: facts.redacted,
        fingerprint: incident.fingerprint.clone(),
        reasons: facts.reasons,
        revoke: facts.revoke,
        references: facts.references,
        leaked_at: incident.leaked_at,
        detected_at: incident.detected_at,
        contained_at: incident.contained_at,
        time_to_detect_s: incident.time_to_detect(),
        time_to_contain_s: incident.time_to_contain(),
        sightings: sightings(view, incident)?,
        sightings_total: view.count_sightings(&incident.id)?,
        containment: containment(view, incident)?,
        tool: TOOL.to_owned(),
        rules_version: voice.rules_version.to_owned(),
        notes: Vec::new(),
    })
}

fn sightings(view: &View<'_>, incident: &Incident) -> Result<Vec<Sighting>, StoreError> {
    let seen = view.sightings(&incident.id, MOST_SIGHTINGS)?;
    seen.into_iter()
        .map(|one| sighting(view, incident, one))
        .collect()
}

fn sighting(
    view: &View<'_>,
    incident: &Incident,
    seen: store::Sighting,
) -> Result<Sighting, StoreError> {
    let run = view.run(&incident.run(seen.run_id))?;
    let (workflow, branch, url) = match run {
        Some(run) => (run.workflow, run.branch, run.url),
        None => (None, None, None),
    };
    Ok(Sighting {
        run_id: seen.run_id,
        attempt: seen.attempt,
        workflow,
        branch,
        url: url.map(|url| format!("{url}/attempts/{}", seen.attempt)),
        job: seen.job,
        step: seen.step,
        path: seen.path,
        line: seen.line,
        logged_at: seen.logged_at,
    })
}

fn containment(view: &View<'_>, incident: &Incident) -> Result<Vec<RunContainment>, StoreError> {
    let mut told = Vec::new();
    for run in view.runs_of(incident)?.iter().take(MOST_RUNS) {
        let last = view.standing(run)?;
        told.push(RunContainment {
            run_id: run.run_id,
            state: last.as_ref().map_or_else(
                || "its logs are still there: deletion was not asked for".to_owned(),
                standing,
            ),
            at: last.and_then(|last| last.done_at),
        });
    }
    Ok(told)
}

/// How an intention stands, for people.
pub(super) fn standing(containment: &Containment) -> String {
    let detail = &containment.detail;
    match containment.state {
        ContainmentState::Waiting if detail.is_empty() => "deletion is due".to_owned(),
        ContainmentState::Waiting => format!("deletion waits: {detail}"),
        ContainmentState::Asked => format!("GitHub agreed to delete, not yet confirmed: {detail}"),
        ContainmentState::Done => format!("confirmed gone: {detail}"),
        ContainmentState::Failed => format!("NOT contained: {detail}"),
        ContainmentState::Withdrawn => format!("nothing is deleted: {detail}"),
    }
}
