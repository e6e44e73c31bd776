//! The texts of the fields, each from what the store knows.

use super::Language;
use super::material::{Material, Run};
use super::words::Words;
use crate::report::escape::is_address;
use crate::report::markup::{code, fenced, linked_prose, prose, reference};
use crate::respond::outcome::spell_with;
use crate::rule::{Confidence, Severity};
use crate::store::{ContainmentState, Incident, IncidentState, Message, Place};
use jiff::Timestamp;
use std::collections::BTreeSet;

/// What is known, and how to say it.
pub(super) struct Draft<'a> {
    pub(super) material: &'a Material,
    pub(super) words: &'static Words,
}

impl<'a> Draft<'a> {
    pub(super) fn new(material: &'a Material, language: Language) -> Self {
        let words = Words::of(language);
        Self { material, words }
    }

    fn incident(&self) -> &'a Incident {
        &self.material.incident
    }

    fn spell(&self, seconds: i64) -> String {
        spell_with(self.words.day, seconds.max(0))
    }

    /// The time from one moment to another, or that it is not known.
    fn between(&self, from: Option<Timestamp>, to: Option<Timestamp>) -> String {
        let seconds = from
            .zip(to)
            .map(|(from, to)| to.duration_since(from).as_secs());
        self.spelled(seconds)
    }

    fn spelled(&self, seconds: Option<i64>) -> String {
        seconds.map_or_else(|| self.words.unknown.to_owned(), |it| self.spell(it))
    }

    fn moment(&self, at: Option<Timestamp>) -> String {
        at.map_or_else(|| self.words.not_yet.to_owned(), clock)
    }

    fn list(&self, facts: &[(&str, String)]) -> String {
        let line = |(label, value): &(&str, String)| {
            format!("- **{label}{}** {value}\n", self.words.colon)
        };
        facts.iter().map(line).collect()
    }

    fn known(&self, text: Option<&str>) -> String {
        text.map_or_else(|| self.words.unknown.to_owned(), code)
    }

    pub(super) fn table(&self, head: &[&str], rows: impl Iterator<Item = Vec<String>>) -> String {
        let line = |cells: &[String]| format!("| {} |\n", cells.join(" | "));
        let rows: String = rows.map(|cells| line(&cells)).collect();
        if rows.is_empty() {
            return self.words.nothing.to_owned();
        }
        let rule = " --- |".repeat(head.len());
        format!("| {} |\n|{rule}\n{rows}", head.join(" | "))
    }
}

/// `2026-11-27 09:00:01 UTC`.
pub(super) fn clock(at: Timestamp) -> String {
    at.strftime("%Y-%m-%d %H:%M:%S UTC").to_string()
}

/// A time as a log has it.
fn logged(at: Option<&str>, unknown: &str) -> String {
    let parsed = at.map(|at| at.parse::<Timestamp>().map_or_else(|_| code(at), clock));
    parsed.unwrap_or_else(|| unknown.to_owned())
}

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
    let [critical, high, medium, low] = draft.words.severities;
    match draft.incident().facts.severity {
        Severity::Critical => critical,
        Severity::High => high,
        Severity::Medium => medium,
        Severity::Low => low,
    }
    .to_owned()
}

fn confidence(draft: &Draft<'_>) -> String {
    let [certain, high, medium, low] = draft.words.confidences;
    match draft.incident().facts.confidence {
        Confidence::Certain => certain,
        Confidence::High => high,
        Confidence::Medium => medium,
        Confidence::Low => low,
    }
    .to_owned()
}

pub(super) fn state(draft: &Draft<'_>) -> String {
    state_of(draft.words, draft.incident())
}

fn state_of(words: &Words, incident: &Incident) -> String {
    match (incident.state, incident.close_reason) {
        (IncidentState::Open, _) => words.open.to_owned(),
        (IncidentState::Contained, _) => words.contained.to_owned(),
        (IncidentState::Closed, None) => words.closed.to_owned(),
        (IncidentState::Closed, Some(reason)) => {
            format!("{} ({})", words.closed, words.close_reason(reason))
        }
    }
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

/// How long the secret could be read. Nobody looked before the first run that
/// is known, so it is a lower bound.
pub(super) fn exposure(draft: &Draft<'_>) -> String {
    let (words, incident) = (draft.words, draft.incident());
    let start = incident.leaked_at.unwrap_or(incident.opened_at);
    let from = clock(start);
    let window = match incident.contained_at {
        Some(end) => format!(
            "{} {} ({from} – {})",
            words.at_least,
            draft.between(Some(start), Some(end)),
            clock(end)
        ),
        None => format!(
            "{} {from}; {}",
            words.since_at_the_latest, words.still_there
        ),
    };
    format!(
        "{window}; {}{} {}",
        words.lower_bound,
        words.colon,
        bounds(draft).join(", ")
    )
}

/// Why the window may be longer.
fn bounds(draft: &Draft<'_>) -> Vec<&'static str> {
    let (words, material) = (draft.words, draft.material);
    let unstamped = material.places.iter().any(|one| one.stamped < one.times);
    let unread = material.runs.iter().any(Run::has_unread);
    let mut bounds = vec![words.earlier_not_searched];
    bounds.extend(unstamped.then_some(words.lines_without_time));
    bounds.extend(unread.then_some(words.logs_not_read));
    bounds
}

pub(super) fn time_to_detect(draft: &Draft<'_>) -> String {
    let seconds = draft.incident().time_to_detect();
    let spelled = draft.spelled(seconds);
    match seconds {
        Some(_) => format!("{} {spelled}", draft.words.at_least),
        None => spelled,
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
    fn distinct<'p, T: Ord>(places: &'p [Place], of: impl Fn(&'p Place) -> T) -> String {
        places
            .iter()
            .map(of)
            .collect::<BTreeSet<T>>()
            .len()
            .to_string()
    }
    let times: u64 = places.iter().map(|place| place.times).sum();
    draft.list(&[
        (
            words.repositories,
            (1 + material.elsewhere.len()).to_string(),
        ),
        (words.workflows, distinct(places, workflow)),
        (words.runs, distinct(places, |one| one.run_id)),
        (
            words.attempts,
            distinct(places, |one| (one.run_id, one.attempt)),
        ),
        (
            words.jobs,
            distinct(places, |one| (workflow(one), &one.job)),
        ),
        (
            words.steps,
            distinct(places, |one| (workflow(one), &one.job, &one.step)),
        ),
        (words.times_shown, times.to_string()),
        (words.secrets, (1 + material.beside.len()).to_string()),
    ])
}

pub(super) fn places(draft: &Draft<'_>) -> String {
    let words = draft.words;
    let head = [
        words.run,
        words.attempt,
        words.workflow,
        words.job,
        words.step,
        words.times_shown,
        words.first,
        words.last,
    ];
    let row = |place: &Place| {
        let workflow = draft
            .material
            .run(place.run_id)
            .and_then(|run| run.workflow.as_deref());
        let step = match place.annotation {
            true => words.annotation.to_owned(),
            false => draft.known(place.step.as_deref()),
        };
        vec![
            run_link(draft, place.run_id),
            place.attempt.to_string(),
            draft.known(workflow),
            draft.known(place.job.as_deref()),
            step,
            place.times.to_string(),
            logged(place.first.as_deref(), words.unknown),
            logged(place.last.as_deref(), words.unknown),
        ]
    };
    draft.table(&head, draft.material.places.iter().map(row))
}

fn run_link(draft: &Draft<'_>, id: u64) -> String {
    let url = draft.material.run(id).and_then(|run| run.url.as_deref());
    match url.filter(|url| is_address(url)) {
        Some(url) => format!("[{id}]({url})"),
        None => id.to_string(),
    }
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
            run_link(draft, run.key.run_id),
            attempts.unwrap_or_else(|| words.unknown.to_owned()),
            words.containment(last.map(|last| last.state)).to_owned(),
            draft.moment(done.and_then(|done| done.done_at)),
            record(last.map_or("", |last| &last.detail)),
        ]
    };
    let table = draft.table(&head, draft.material.runs.iter().map(row));
    let annotated = draft.material.places.iter().any(|one| one.annotation);
    match annotated {
        true => format!("{table}\n{}", words.annotations_stay),
        false => table,
    }
}

/// What was written down at the time, as it was.
pub(super) fn record(detail: &str) -> String {
    match detail {
        "" => "–".to_owned(),
        detail => code(detail),
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
            stage(draft, message),
            words.message(message.state).to_owned(),
            draft.moment(message.done_at),
            record(&message.detail),
        ]
    };
    draft.table(&head, draft.material.messages.iter().map(row))
}

fn stage(draft: &Draft<'_>, message: &Message) -> String {
    let stage = message.message_id.rsplit('-').next().unwrap_or_default();
    draft
        .words
        .stage(stage)
        .map_or_else(|| code(stage), str::to_owned)
}

pub(super) fn actions(draft: &Draft<'_>) -> String {
    let (words, material) = (draft.words, draft.material);
    let head = ["#", words.priority, words.action, words.state];
    let done = |at: Option<Timestamp>| match at {
        Some(at) => format!("{} ({})", words.done, clock(at)),
        None => words.to_do.to_owned(),
    };
    let [rotate, silence, delete, search, retention] = words.recommended;
    let items = [
        ("P0", rotate.to_owned(), done(material.rotated_at())),
        (
            "P0",
            format!("{silence} {}", steps(draft)),
            words.to_do.to_owned(),
        ),
        ("P0", delete.to_owned(), done(draft.incident().contained_at)),
        ("P1", search.to_owned(), words.to_do.to_owned()),
        ("P1", retention.to_owned(), words.to_do.to_owned()),
    ];
    let numbered = items
        .into_iter()
        .zip(1..)
        .map(|((priority, action, state), number)| {
            vec![format!("A{number}"), priority.to_owned(), action, state]
        });
    draft.table(&head, numbered)
}

/// Steps that print the secret, each once.
fn steps(draft: &Draft<'_>) -> String {
    let name = |place: &Place| {
        let parts = [place.job.as_deref(), place.step.as_deref()];
        let parts: Vec<_> = parts.into_iter().flatten().collect();
        (!parts.is_empty()).then(|| code(&parts.join(" › ")))
    };
    let steps: BTreeSet<_> = draft.material.places.iter().filter_map(name).collect();
    match steps.is_empty() {
        true => draft.words.unknown.to_owned(),
        false => steps.into_iter().collect::<Vec<_>>().join(", "),
    }
}

pub(super) fn rotation(draft: &Draft<'_>) -> String {
    let facts = &draft.incident().facts;
    let how = facts.revoke.as_deref().map(linked_prose);
    let how = how.unwrap_or_else(|| draft.words.no_rotation_steps.to_owned());
    let links: String = facts
        .references
        .iter()
        .map(|link| format!("- {}\n", reference(link)))
        .collect();
    format!("{}\n\n> {how}\n\n{links}", draft.words.rotation_steps)
}

pub(super) fn evidence(draft: &Draft<'_>) -> String {
    let (words, incident) = (draft.words, draft.incident());
    let facts = &incident.facts;
    let reasons = match facts.reasons.is_empty() {
        true => confidence(draft),
        false => format!(
            "{} ({})",
            confidence(draft),
            prose(&facts.reasons.join("; "))
        ),
    };
    let list = draft.list(&[
        (words.rule, code(&facts.rule_id)),
        (words.confidence, reasons),
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
            run_link(draft, run.key.run_id),
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
                state_of(words, one),
            ]
        }
    };
    let beside = material.beside.iter().map(row(words.in_the_same_runs));
    let elsewhere = material.elsewhere.iter().map(row(words.the_same_secret));
    draft.table(&head, beside.chain(elsewhere))
}
