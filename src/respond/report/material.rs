//! What the store knows that a report tells of.

use crate::store::{
    AuditEntry, Containment, History, Incident, LogRecord, Message, MessageState, PersonAction,
    PersonActionKind, Phase, Place, RunKey, RunRecord, Store, StoreError, View,
};
use jiff::Timestamp;
use std::collections::BTreeSet;

/// Everything about an incident. It holds no actor, no author and no branch: a
/// report is about what happened, not about who.
#[derive(Debug, Clone)]
pub(super) struct Material {
    pub(super) incident: Incident,
    /// The oldest first.
    pub(super) runs: Vec<Run>,
    /// Steps that show the secret.
    pub(super) places: Vec<Place>,
    pub(super) actions: Vec<PersonAction>,
    pub(super) messages: Vec<Message>,
    /// Lines of the audit trail about the incident and its runs. Of what was
    /// begun and ended only the end is here.
    pub(super) trail: Vec<AuditEntry>,
    /// Incidents of other secrets in the same runs.
    pub(super) beside: Vec<Incident>,
    /// Incidents of the same secret in other repositories.
    pub(super) elsewhere: Vec<Incident>,
    /// Whether a trace has read the log right before the first that shows it.
    pub(super) searched_before: bool,
}

#[derive(Debug, Clone)]
pub(super) struct Run {
    pub(super) key: RunKey,
    pub(super) known: Option<RunRecord>,
    pub(super) logs: Vec<LogRecord>,
    pub(super) containment: Option<Containment>,
}

impl Material {
    pub(super) fn gather(store: &Store, incident: Incident) -> Result<Self, StoreError> {
        let view = store.view();
        let mut runs = Vec::new();
        for key in view.runs_of(&incident)?.into_iter().rev() {
            runs.push(Run::gather(&view, key)?);
        }
        let same = |other: &Incident| other.fingerprint == incident.fingerprint;
        let mut elsewhere = view.incidents()?;
        elsewhere.retain(|other| same(other) && other.id != incident.id);
        Ok(Self {
            places: view.places(&incident.id)?,
            actions: view.actions(&incident.id)?,
            messages: view.messages_of(&incident.id)?,
            trail: trail(&view, &incident, &runs)?,
            beside: beside(&view, &incident, &runs)?,
            elsewhere,
            searched_before: searched_before(&view, &incident)?,
            runs,
            incident,
        })
    }

    /// The same without what logs and strangers wrote.
    pub(super) fn without_log_texts(mut self) -> Self {
        self.incident.facts.redacted = "***".into();
        self.incident.facts.excerpt = None;
        self.incident.facts.reasons.clear();
        for place in &mut self.places {
            (place.job, place.step) = (None, None);
        }
        for run in &mut self.runs {
            run.known.iter_mut().for_each(|known| known.workflow = None);
            let containments = run.containment.iter_mut();
            containments.for_each(|containment| containment.detail.clear());
        }
        for message in &mut self.messages {
            message.detail.clear();
        }
        for entry in &mut self.trail {
            entry.detail.clear();
        }
        self
    }

    pub(super) fn run(&self, id: u64) -> Option<&RunRecord> {
        let run = self.runs.iter().find(|run| run.key.run_id == id)?;
        run.known.as_ref()
    }

    /// When the first channel had a message about it.
    pub(super) fn told_at(&self) -> Option<Timestamp> {
        let sent = |message: &&Message| message.state == MessageState::Sent;
        let sent = self.messages.iter().filter(sent);
        sent.filter_map(|message| message.done_at).min()
    }

    pub(super) fn acknowledged_at(&self) -> Option<Timestamp> {
        self.times_of(PersonActionKind::Acknowledged).min()
    }

    /// The last time, if it was done again.
    pub(super) fn rotated_at(&self) -> Option<Timestamp> {
        self.times_of(PersonActionKind::Rotated).max()
    }

    fn times_of(&self, kind: PersonActionKind) -> impl Iterator<Item = Timestamp> {
        let of_kind = self.actions.iter().filter(move |one| one.kind == kind);
        of_kind.map(|one| one.at)
    }
}

impl Run {
    fn gather(view: &View<'_>, key: RunKey) -> Result<Self, StoreError> {
        Ok(Self {
            known: view.run(&key)?,
            logs: view.logs(&key)?,
            containment: view.standing(&key)?,
            key,
        })
    }

    /// Whether some attempt left no log that could be read.
    pub(super) fn has_unread(&self) -> bool {
        let read = |attempt| self.logs.iter().any(|log| log.attempt == attempt);
        let known = self.known.as_ref();
        known.is_none_or(|known| !(known.complete && (1..=known.attempts).all(read)))
    }
}

/// Whether a trace has read the log right before the first that shows the secret,
/// and no earlier one that does.
fn searched_before(view: &View<'_>, incident: &Incident) -> Result<bool, StoreError> {
    let places = view.places(&incident.id)?;
    let (Some(at), Some(first)) = (
        incident.leaked_at,
        places
            .iter()
            .min_by_key(|place| (place.first.is_none(), place.first.clone())),
    ) else {
        return Ok(false);
    };
    let (server, repository) = (&incident.server, &incident.repository);
    let earlier = view.traced_places(server)?.into_iter().any(|place| {
        place.fingerprint == incident.fingerprint && place.first.is_none_or(|first| first < at)
    });
    let history = History::load(view, server, repository, None)?;
    let before = history.before(first.run_id, first.attempt, Some(at));
    Ok(!earlier && before.logs > 0)
}

fn beside(view: &View<'_>, incident: &Incident, runs: &[Run]) -> Result<Vec<Incident>, StoreError> {
    let mut found: Vec<Incident> = Vec::new();
    let mut known = BTreeSet::from([incident.id.clone()]);
    for run in runs {
        let new = view.incidents_of(&run.key)?;
        found.extend(new.into_iter().filter(|one| known.insert(one.id.clone())));
    }
    Ok(found)
}

fn trail(
    view: &View<'_>,
    incident: &Incident,
    runs: &[Run],
) -> Result<Vec<AuditEntry>, StoreError> {
    let targets: BTreeSet<_> = runs.iter().map(|run| run.key.to_string()).collect();
    let about = format!("{}-", incident.id);
    let mut trail: Vec<AuditEntry> = Vec::new();
    view.each_audit_entry(|entry| {
        let target = &entry.target;
        let concerns =
            *target == incident.id || target.starts_with(&about) || targets.contains(target);
        if concerns {
            settle(&mut trail, &entry);
            trail.push(entry);
        }
    })?;
    Ok(trail)
}

/// What is done is not told as begun, too.
fn settle(trail: &mut Vec<AuditEntry>, end: &AuditEntry) {
    let begun = |one: &AuditEntry| {
        one.phase == Phase::Intent && (&one.action, &one.target) == (&end.action, &end.target)
    };
    if let (Phase::Done | Phase::Failed, Some(at)) = (end.phase, trail.iter().rposition(begun)) {
        trail.remove(at);
    }
}
