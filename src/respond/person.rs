//! What a person did about an incident is written down.

use crate::detect::Detector;
use crate::incident::shows;
use crate::store::{PersonAction, Store, StoreError};
use jiff::Timestamp;

/// Why an action was not written down.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ActError {
    /// The note would be a leak of its own.
    #[error("the note shows what looks like a secret\nhint: leave it out; nothing was written")]
    Secret,
    /// It has not happened yet.
    #[error("{0} is in the future\nhint: give the time at which it was done")]
    Future(Timestamp),
    /// The state could not be written.
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// Writes down what a person did, and a line of the trail, at `now`.
pub fn act(
    store: &mut Store,
    detector: &Detector,
    now: Timestamp,
    action: &PersonAction,
) -> Result<(), ActError> {
    check_note(detector, &action.note)?;
    if action.at > now {
        return Err(ActError::Future(action.at));
    }
    Ok(store.change(now, |changes| changes.act(action))?)
}

/// Fails if what a person wrote shows what looks like a secret.
pub fn check_note(detector: &Detector, note: &str) -> Result<(), ActError> {
    if shows(detector, note.as_bytes()) {
        return Err(ActError::Secret);
    }
    Ok(())
}
