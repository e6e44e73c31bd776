//! What happened when: the leak, every action of leaksweep, and those of people.

use super::draft::{Draft, clock, record};
use crate::report::markup::{code, prose};
use crate::store::{AuditEntry, PersonAction};
use jiff::Timestamp;

/// One line of it.
struct Event {
    at: Timestamp,
    what: String,
    record: String,
}

pub(super) fn timeline(draft: &Draft<'_>) -> String {
    let words = draft.words;
    let mut events: Vec<Event> = leak(draft).into_iter().collect();
    let material = draft.material;
    let trail = material.trail.iter().filter(|entry| !is_told(draft, entry));
    events.extend(trail.map(|entry| of_entry(draft, entry)));
    events.extend(
        material
            .actions
            .iter()
            .map(|action| of_action(draft, action)),
    );
    events.sort_by_key(|event| event.at);
    let row = |event: Event| vec![clock(event.at), event.what, event.record];
    let head = [words.at, words.event, words.record];
    draft.table(&head, events.into_iter().map(row))
}

fn leak(draft: &Draft<'_>) -> Option<Event> {
    let at = draft.material.incident.leaked_at?;
    Some(Event {
        at,
        what: draft.words.leaked.to_owned(),
        record: record(""),
    })
}

/// Whether a line of the trail is about what a person did at that time, which
/// is told as such.
fn is_told(draft: &Draft<'_>, entry: &AuditEntry) -> bool {
    let same =
        |action: &PersonAction| action.kind.audit_action() == entry.action && action.at == entry.at;
    draft.material.actions.iter().any(same)
}

fn of_entry(draft: &Draft<'_>, entry: &AuditEntry) -> Event {
    let words = draft.words;
    let what = words.event(&entry.action, entry.phase).map_or_else(
        || format!("{} ({})", code(&entry.action), entry.phase),
        str::to_owned,
    );
    let what = match target(draft, entry) {
        None => what,
        Some(target) => format!("{what}{} {target}", words.colon),
    };
    Event {
        at: entry.at,
        what,
        record: record(&entry.detail),
    }
}

/// What was acted on, if not the incident itself.
fn target(draft: &Draft<'_>, entry: &AuditEntry) -> Option<String> {
    let target = &entry.target;
    match target.split_once(" to ").filter(|_| entry.action == "send") {
        Some((message, channel)) => {
            let stage = draft.stage(message);
            Some(format!("{} ({stage})", code(channel)))
        }
        None => (*target != draft.material.incident.id).then(|| code(target)),
    }
}

fn of_action(draft: &Draft<'_>, action: &PersonAction) -> Event {
    let what = draft.words.person_action(action.kind);
    let note = match &*action.note {
        "" => String::new(),
        note => format!("{} {}", draft.words.colon, prose(note)),
    };
    Event {
        at: action.at,
        what: format!("{what}{note}"),
        record: record(""),
    }
}
