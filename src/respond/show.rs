//! What people read of the store.

use super::document::standing;
use super::outcome::{escape_lines, spell};
use crate::store::{
    AuditEntry, Containment, Incident, LogRecord, Message, PersonAction, Sighting, Store,
    StoreError,
};
use serde::Serialize;

/// Everything about one incident.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Dossier {
    /// The incident.
    #[serde(flatten)]
    pub incident: Incident,
    /// Places, the newest runs first.
    pub sightings: Vec<Sighting>,
    /// How many there are.
    pub sightings_total: u64,
    /// What became of the logs.
    pub containments: Vec<Containment>,
    /// Evidence of the logs that were read.
    pub logs: Vec<LogRecord>,
    /// Who was told what.
    pub messages: Vec<Message>,
    /// What people did about it.
    pub actions: Vec<PersonAction>,
}

/// Gathers everything about an incident, and at most `most` of its places.
pub fn dossier(store: &Store, incident: Incident, most: usize) -> Result<Dossier, StoreError> {
    let view = store.view();
    let mut containments = Vec::new();
    let mut logs = Vec::new();
    for run in view.runs_of(&incident)? {
        containments.extend(view.containments(&run)?);
        logs.extend(view.logs(&run)?);
    }
    Ok(Dossier {
        sightings: view.sightings(&incident.id, most)?,
        sightings_total: view.count_sightings(&incident.id)?,
        containments,
        logs,
        messages: view.messages_of(&incident.id)?,
        actions: view.actions(&incident.id)?,
        incident,
    })
}

impl Dossier {
    /// For people.
    pub fn text(&self) -> String {
        let mut text = incident_line(&self.incident);
        let facts = &self.incident.facts;
        text += &escape_lines(&format!(
            "  {} of {}, severity {}, confidence {} ({})",
            facts.rule_id,
            facts.vendor,
            facts.severity,
            facts.confidence,
            facts.reasons.join("; ")
        ));
        text += &escape_lines(&format!("  fingerprint {}", self.incident.fingerprint));
        if let Some(excerpt) = &facts.excerpt {
            text += &escape_lines(&format!("  line: {excerpt}"));
        }
        if let Some(revoke) = &facts.revoke {
            text += &escape_lines(&format!("  revoke: {revoke}"));
        }
        text += &escape_lines(&format!("  places: {}", self.sightings_total));
        text.extend(self.sightings.iter().map(sighting_line));
        text += "  deletions:\n";
        for one in &self.containments {
            text += &escape_lines(&format!("    {}: {}", one.run, standing(one)));
        }
        text += "  messages:\n";
        for one in &self.messages {
            let line = format!(
                "    {} to {}: {} {}",
                one.message_id, one.channel, one.state, one.detail
            );
            text += &escape_lines(&line);
        }
        text += "  done by people:\n";
        for one in &self.actions {
            text += &escape_lines(&format!("    {} {} {}", one.at, one.kind, one.note));
        }
        text += "  logs read:\n";
        for log in &self.logs {
            text += &escape_lines(&format!(
                "    attempt {} {}: {} bytes, SHA-256 {}, {} with rules {}",
                log.attempt, log.part, log.bytes, log.sha256, log.tool, log.rules
            ));
        }
        text
    }
}

fn sighting_line(one: &Sighting) -> String {
    let job = one.job.as_deref().unwrap_or("-");
    let step = one.step.as_deref().unwrap_or("-");
    let at = one.logged_at.as_deref().unwrap_or("-");
    escape_lines(&format!(
        "    run {} attempt {}, job {job}, step {step}, {at}: {}:{}:{}",
        one.run_id, one.attempt, one.path, one.line, one.column
    ))
}

/// One line about an incident.
pub fn incident_line(incident: &Incident) -> String {
    let after = |word: &str, seconds: Option<i64>| {
        let time = seconds.map(spell);
        time.map_or_else(String::new, |time| format!(", {word} after {time}"))
    };
    let found = after("found", incident.time_to_detect());
    let contained = after("contained", incident.time_to_contain());
    let closed = incident
        .close_reason
        .map(|reason| format!(", closed: {reason}"));
    escape_lines(&format!(
        "{} {}: {} ({}) in {}, {}{found}{contained}{}",
        incident.id,
        incident.state,
        incident.facts.name,
        incident.facts.redacted,
        incident.repository,
        incident.detected_at.strftime("%Y-%m-%d %H:%M:%SZ"),
        closed.unwrap_or_default()
    ))
}

/// One line of the audit trail.
pub fn audit_line(entry: &AuditEntry) -> String {
    escape_lines(&format!(
        "{} {} {:6} {} {} {}",
        entry.seq,
        entry.at.strftime("%Y-%m-%dT%H:%M:%S%.3fZ"),
        entry.phase,
        entry.action,
        entry.target,
        entry.detail
    ))
}
