//! A person closes an incident.

use super::Voice;
use super::document::announce;
use super::work::deliver_about;
use crate::incident::Stage;
use crate::store::{CloseReason, Incident, IncidentState, Phase, Store, StoreError};

/// Closes `incident`, tells the channels, and gives back what of it they did not
/// get. A false alarm is no longer acted on.
pub fn close(
    voice: &Voice<'_>,
    store: &mut Store,
    incident: &Incident,
    reason: CloseReason,
    note: &str,
) -> Result<Vec<super::Undelivered>, StoreError> {
    let now = voice.clock.now();
    let id = &incident.id;
    store.change(now, |changes| {
        // As it is now: it may have been contained meanwhile.
        let incident = changes.incident(id)?.unwrap_or_else(|| incident.clone());
        changes.audit(
            Phase::Note,
            "incident-closed",
            id,
            &format!("{reason} {note}"),
        )?;
        changes.save_incident(&Incident {
            state: IncidentState::Closed,
            closed_at: Some(now),
            close_reason: Some(reason),
            note: (!note.is_empty()).then(|| note.to_owned()),
            ..incident
        })?;
        announce(voice, changes, id, Stage::Closed, None, None)
    })?;
    deliver_about(voice, store, id)
}
