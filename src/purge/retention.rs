//! GitHub's own retention setting: the first layer, for new logs only.

use crate::clock::Clock;
use crate::github::{Client, Retention, Seat};
use crate::purge::PurgeError;
use crate::store::{Phase, Store};
use serde::Serialize;

/// What people have to know before they set it.
pub const WARNING: &str = "\
the setting counts for new runs only: logs that are there already stay as long as they would have \
(`leaksweep purge` deletes those). What it ends is not the log alone: artifacts go with it, and \
since October 2026 GitHub also removes the runs, checks and commit statuses of that age";

/// What became of a setting.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct RetentionChange {
    /// Whose setting.
    pub of: String,
    /// As it was.
    pub before: Retention,
    /// As GitHub shows it after.
    pub after: Retention,
}

/// Sets how many days new logs are kept: written down before, asked for once,
/// looked at after.
pub fn set_retention(
    client: &Client,
    clock: &dyn Clock,
    store: &mut Store,
    of: &Seat,
    days: u64,
) -> Result<RetentionChange, PurgeError> {
    const ACTION: &str = "set-retention";
    let target = of.to_string();
    let mut audit = |phase, detail: &str| {
        store.change(clock.now(), |changes| {
            changes.audit(phase, ACTION, &target, detail)
        })
    };
    let before = client.retention(of)?;
    audit(Phase::Intent, &format!("{} to {days} days", before.days))?;
    let set = client.set_retention(of, days);
    match set.and_then(|()| client.retention(of)) {
        Ok(after) => {
            audit(Phase::Done, &format!("GitHub shows {} days", after.days))?;
            let of = of.to_string();
            Ok(RetentionChange { of, before, after })
        }
        Err(error) => {
            audit(Phase::Failed, &error.to_string())?;
            Err(error.into())
        }
    }
}
