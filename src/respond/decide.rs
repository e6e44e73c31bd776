//! Which findings are acted on, which are only reported, and why.

use super::fetch::{Fetched, Order, Part, harmless};
use super::{RespondError, World};
use crate::config::Subject;
use crate::detect::Detector;
use crate::finding::{Finding, Outcome, Place};
use crate::store::{Facts, Incident, IncidentState, Sighting, Store, incident_id};
use jiff::Timestamp;
use serde::Serialize;

/// One secret that is acted on.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Case {
    /// Its incident, as it is if none was open.
    pub incident: Incident,
    /// Where it was seen in this run.
    pub sightings: Vec<Sighting>,
}

/// One finding that is only reported.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Reported {
    /// Rule that matched.
    pub rule_id: String,
    /// Fixed prefix and mask.
    pub redacted: String,
    /// Why it is not acted on.
    pub reason: String,
}

/// What is to be done about the findings of a run.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Decided {
    /// What is acted on, by incident.
    pub cases: Vec<Case>,
    /// What is only reported.
    pub reported: Vec<Reported>,
    /// Why the logs must not be deleted, if so, as the configuration says.
    pub held: Option<String>,
    /// Why deletion is not even intended: a copy that was to be kept could not
    /// be.
    pub withheld: Option<String>,
}

/// Sorts the findings of a run.
pub(super) fn decide(
    world: &World<'_>,
    store: Option<&Store>,
    order: &Order,
    fetched: &Fetched,
    outcome: &Outcome,
) -> Result<Decided, RespondError> {
    let now = world.now();
    let mut decided = Decided {
        cases: Vec::new(),
        reported: Vec::new(),
        held: held(world, fetched, now),
        withheld: None,
    };
    for finding in &outcome.findings {
        let case = case(world.voice.detector, fetched, finding, now);
        match refusal(world, store, order, fetched, finding, &case)? {
            Some(reason) => decided.reported.push(Reported {
                rule_id: finding.rule_id.clone(),
                redacted: finding.redacted.clone(),
                reason,
            }),
            None => decided.add(case),
        }
    }
    Ok(decided)
}

/// Why the logs of a run must not be deleted, if so.
fn held(world: &World<'_>, fetched: &Fetched, now: Timestamp) -> Option<String> {
    let today = now.to_zoned(jiff::tz::TimeZone::UTC).date();
    let key = &fetched.key;
    let reason = world.policy.held(&key.repository, key.run_id, today);
    reason.map(str::to_owned)
}

fn refusal(
    world: &World<'_>,
    store: Option<&Store>,
    order: &Order,
    fetched: &Fetched,
    finding: &Finding,
    case: &Case,
) -> Result<Option<String>, RespondError> {
    let subject = Subject {
        rule_id: &finding.rule_id,
        confidence: finding.confidence,
        repository: &fetched.key.repository,
        branch: fetched.run.head_branch.as_deref(),
        visibility: fetched.visibility().and_then(|word| word.parse().ok()),
    };
    if let Some(reason) = world.policy.refusal(&subject, order.act_at) {
        return Ok(Some(reason));
    }
    let Some(store) = store else { return Ok(None) };
    let known = store.view().incident(&case.incident.id)?;
    Ok(known
        .filter(Incident::is_false_alarm)
        .map(|known| format!("{} was closed as a false alarm", known.id)))
}

impl Decided {
    /// One case for each incident: two rules may find the same secret.
    fn add(&mut self, case: Case) {
        let same = |known: &&mut Case| known.incident.id == case.incident.id;
        match self.cases.iter_mut().find(same) {
            None => self.cases.push(case),
            Some(known) => known.join(case),
        }
    }
}

impl Case {
    fn join(&mut self, other: Self) {
        let rank = |case: &Self| (case.incident.facts.severity, case.incident.facts.confidence);
        if rank(&other) > rank(self) {
            self.incident.facts = other.incident.facts;
        }
        self.incident.leaked_at = earliest([self.incident.leaked_at, other.incident.leaked_at]);
        self.sightings.extend(other.sightings);
    }
}

fn earliest(times: impl IntoIterator<Item = Option<Timestamp>>) -> Option<Timestamp> {
    times.into_iter().flatten().min()
}

fn case(detector: &Detector, fetched: &Fetched, finding: &Finding, now: Timestamp) -> Case {
    let key = &fetched.key;
    let places = std::iter::once(&finding.place).chain(&finding.places);
    let sightings: Vec<Sighting> = places
        .filter_map(|place| {
            let part = fetched.part_of(&place.path)?;
            Some(sighting(detector, key.run_id, part, place))
        })
        .collect();
    let logged = |one: &Sighting| one.logged_at.as_deref()?.parse().ok();
    Case {
        incident: Incident {
            id: incident_id(&key.server, &key.repository, &finding.fingerprint),
            server: key.server.clone(),
            repository: key.repository.clone(),
            visibility: fetched.visibility().map(str::to_owned),
            fingerprint: finding.fingerprint.clone(),
            facts: facts(finding),
            state: IncidentState::Open,
            opened_at: now,
            detected_at: now,
            leaked_at: earliest(sightings.iter().map(logged)),
            contained_at: None,
            closed_at: None,
            close_reason: None,
            note: None,
        },
        sightings,
    }
}

/// What is kept of a finding.
pub(crate) fn facts(finding: &Finding) -> Facts {
    Facts {
        rule_id: finding.rule_id.clone(),
        vendor: finding.vendor.clone(),
        name: finding.name.clone(),
        severity: finding.severity,
        confidence: finding.confidence,
        redacted: finding.redacted.clone(),
        reasons: finding.reasons.clone(),
        revoke: finding.revoke.clone(),
        references: finding.references.clone(),
        excerpt: Some(finding.context.clone()),
    }
}

fn sighting(detector: &Detector, run_id: u64, part: &Part, place: &Place) -> Sighting {
    let name = |name: &str| harmless(detector, name);
    Sighting {
        run_id,
        attempt: part.attempt,
        path: name(place.path.as_str()),
        line: place.line,
        column: place.column,
        annotation: part.is_annotations(),
        job: place.job.as_deref().map(name),
        step: place.step.as_deref().map(name),
        logged_at: place.logged_at.clone(),
    }
}
