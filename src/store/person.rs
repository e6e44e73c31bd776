//! What people did about an incident, and said they did.

use super::word::words;
use super::{Changes, Phase, StoreError, View, millis, time};
use jiff::Timestamp;
use rusqlite::params;
use serde::Serialize;

words! {
    /// What a person did.
    PersonActionKind {
        /// Took the incident on.
        Acknowledged = "acknowledged",
        /// Revoked or rotated the credential.
        Rotated = "rotated",
        /// Something else, which the note tells.
        Note = "note",
    }
}

/// One action of a person. Who it was is not kept.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct PersonAction {
    /// Incident it is about.
    pub incident: String,
    /// When it was done.
    pub at: Timestamp,
    /// What was done.
    pub kind: PersonActionKind,
    /// What the person wrote; may be empty.
    pub note: String,
}

impl PersonActionKind {
    /// The word for it in the audit trail.
    pub fn audit_action(self) -> &'static str {
        match self {
            Self::Acknowledged => "incident-acknowledged",
            Self::Rotated => "incident-rotated",
            Self::Note => "incident-note",
        }
    }
}

impl Changes<'_> {
    /// Writes down what a person did, in the trail too.
    pub fn act(&self, action: &PersonAction) -> Result<(), StoreError> {
        self.view.0.execute(
            "INSERT INTO action (incident, at, kind, note) VALUES (?, ?, ?, ?)",
            params![action.incident, millis(action.at), action.kind, action.note],
        )?;
        let detail = format!("at {}: {}", time(millis(action.at)), action.note);
        let detail = detail.trim_end_matches([' ', ':']);
        let word = action.kind.audit_action();
        self.audit(Phase::Note, word, &action.incident, detail)
    }
}

impl View<'_> {
    /// What people did about an incident, the earliest first.
    pub fn actions(&self, incident: &str) -> Result<Vec<PersonAction>, StoreError> {
        let sql = "SELECT incident, at, kind, note FROM action WHERE incident = ?
                   ORDER BY at, rowid";
        let mut statement = self.0.prepare(sql)?;
        let rows = statement.query_map([incident], |row| {
            Ok(PersonAction {
                incident: row.get(0)?,
                at: time(row.get(1)?),
                kind: row.get(2)?,
                note: row.get(3)?,
            })
        })?;
        Ok(rows.collect::<Result<_, _>>()?)
    }
}
