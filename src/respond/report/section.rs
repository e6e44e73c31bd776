//! What is said in a table, or in more than a list.

use super::draft::{Draft, clock, record};
use super::material::Run;
use super::summary::fingerprint;
use crate::report::markup::{code, fenced, linked_prose, prose, reference};
use crate::store::{ContainmentState, Incident, Message, Place};
use jiff::Timestamp;
use std::collections::BTreeSet;

pub(super) fn places(draft: &Draft<'_>) -> String {
    let words = draft.words;
    let head = [
        words.run,
        words.attempt,
        words.workflow,
        words.job,
        words.step,
        words.lines,
        words.first,
        words.last,
    ];
    let row = |place: &Place| {
        let workflow = draft
            .material
            .run(place.run_id)
            .and_then(|run| run.workflow.as_deref());
        let step = if place.annotation {
            words.annotation.to_owned()
        } else {
            draft.known(place.step.as_deref())
        };
        vec![
            draft.run(place.run_id),
            place.attempt.to_string(),
            draft.known(workflow),
            draft.known(place.job.as_deref()),
            step,
            place.lines.to_string(),
            logged(place.first.as_deref(), words.unknown),
            logged(place.last.as_deref(), words.unknown),
        ]
    };
    draft.table(&head, draft.material.places.iter().map(row))
}

pub(super) fn containment(draft: &Draft<'_>) -> String {
    let words = draft.words;
    let head = [
        words.run,
        words.attempts,
        words.logs,
        words.confirmed_at,
        words.record,
    ];
    let row = |run: &Run| {
        let last = run.containment.as_ref();
        let attempts = run.known.as_ref().map(|known| known.attempts.to_string());
        let done = last.filter(|last| last.state == ContainmentState::Done);
        vec![
            draft.run(run.key.run_id),
            attempts.unwrap_or_else(|| words.unknown.to_owned()),
            words.containment(last.map(|last| last.state)).to_owned(),
            draft.moment(done.and_then(|done| done.done_at)),
            record(last.map_or("", |last| &last.detail)),
        ]
    };
    let table = draft.table(&head, draft.material.runs.iter().map(row));
    let annotated = draft.material.places.iter().any(|one| one.annotation);
    if annotated {
        format!("{table}\n{}", words.annotations_stay)
    } else {
        table
    }
}

pub(super) fn told(draft: &Draft<'_>) -> String {
    let words = draft.words;
    let head = [
        words.channel,
        words.message,
        words.state,
        words.at,
        words.record,
    ];
    let row = |message: &Message| {
        vec![
            code(&message.channel),
            draft.stage(&message.message_id),
            words.message(message.state).to_owned(),
            draft.moment(message.done_at),
            record(&message.detail),
        ]
    };
    draft.table(&head, draft.material.messages.iter().map(row))
}

pub(super) fn actions(draft: &Draft<'_>) -> String {
    let (words, material) = (draft.words, draft.material);
    let head = ["#", words.priority, words.action, words.state];
    let [rotate, silence, delete, search, retention] = words.recommended;
    let silence = format!("{silence} {}", steps(draft));
    // Priority, what is to be done, and when the store saw it done.
    let items = [
        ("P0", rotate, material.rotated_at()),
        ("P0", &*silence, None),
        ("P0", delete, draft.incident().contained_at),
        ("P1", search, None),
        ("P1", retention, None),
    ];
    let done = |at: Option<Timestamp>| match at {
        Some(at) => format!("{} ({})", words.done, clock(at)),
        None => words.to_do.to_owned(),
    };
    let row = |((priority, action, at), number): ((&str, &str, _), u32)| {
        vec![
            format!("A{number}"),
            priority.to_owned(),
            action.to_owned(),
            done(at),
        ]
    };
    draft.table(&head, items.into_iter().zip(1..).map(row))
}

/// Steps that print the secret, each once.
fn steps(draft: &Draft<'_>) -> String {
    let name = |place: &Place| {
        let parts = [place.job.as_deref(), place.step.as_deref()];
        let parts: Vec<_> = parts.into_iter().flatten().collect();
        (!parts.is_empty()).then(|| code(&parts.join(" › ")))
    };
    let steps: BTreeSet<_> = draft.material.places.iter().filter_map(name).collect();
    if steps.is_empty() {
        draft.words.unknown.to_owned()
    } else {
        steps.into_iter().collect::<Vec<_>>().join(", ")
    }
}

pub(super) fn rotation(draft: &Draft<'_>) -> String {
    let facts = &draft.incident().facts;
    let how = facts.revoke.as_deref().map(linked_prose);
    let how = how.unwrap_or_else(|| draft.words.no_rotation_steps.to_owned());
    let links = facts
        .references
        .iter()
        .map(|link| format!("- {}", reference(link)));
    let links = links.collect::<Vec<_>>().join("\n");
    format!("{}\n\n> {how}\n\n{links}", draft.words.rotation_steps)
}

pub(super) fn evidence(draft: &Draft<'_>) -> String {
    let (words, incident) = (draft.words, draft.incident());
    let facts = &incident.facts;
    let confidence = words.confidence(facts.confidence);
    let confidence = match &facts.reasons[..] {
        [] => confidence.to_owned(),
        reasons => format!("{confidence} ({})", code(&reasons.join("; "))),
    };
    let list = draft.list(&[
        (words.rule, code(&facts.rule_id)),
        (words.confidence, confidence),
        (words.value, code(&facts.redacted)),
        (words.fingerprint, fingerprint(draft)),
    ]);
    let excerpt = match &facts.excerpt {
        Some(line) => format!("{}\n\n{}", words.excerpt, fenced(line)),
        None => format!("{}\n", words.no_excerpt),
    };
    format!("{list}\n{excerpt}\n{}\n\n{}", words.logs_read, logs(draft))
}

fn logs(draft: &Draft<'_>) -> String {
    let words = draft.words;
    let head = [
        words.run,
        words.attempt,
        words.log,
        words.bytes,
        "SHA-256",
        words.fetched_at,
        words.tool,
        words.rules,
    ];
    let logs = draft
        .material
        .runs
        .iter()
        .flat_map(|run| run.logs.iter().map(move |log| (run, log)));
    let rows = logs.map(|(run, log)| {
        vec![
            draft.run(run.key.run_id),
            log.attempt.to_string(),
            code(&log.part),
            log.bytes.to_string(),
            code(&log.sha256),
            clock(log.fetched_at),
            code(&log.tool),
            code(&log.rules),
        ]
    });
    draft.table(&head, rows)
}

pub(super) fn related(draft: &Draft<'_>) -> String {
    let (words, material) = (draft.words, draft.material);
    let head = [
        words.incident,
        words.relation,
        words.repository,
        words.credential,
        words.state,
    ];
    let row = |relation: &'static str| {
        move |one: &Incident| {
            vec![
                code(&one.id),
                relation.to_owned(),
                code(&one.repository),
                prose(&one.facts.name),
                draft.state_of(one),
            ]
        }
    };
    let beside = material.beside.iter().map(row(words.in_the_same_runs));
    let elsewhere = material.elsewhere.iter().map(row(words.the_same_secret));
    draft.table(&head, beside.chain(elsewhere))
}

/// A time as a log has it.
fn logged(at: Option<&str>, unknown: &str) -> String {
    let parsed = at.map(|at| at.parse::<Timestamp>().map_or_else(|_| code(at), clock));
    parsed.unwrap_or_else(|| unknown.to_owned())
}
