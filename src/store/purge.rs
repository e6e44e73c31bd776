//! What was purged, and up to where a repository is settled.

use super::word::words;
use super::{Changes, StoreError, View, millis, time};
use jiff::Timestamp;
use rusqlite::{OptionalExtension, Row, params};
use serde::Serialize;

words! {
    /// What was purged.
    PurgedKind {
        /// The logs of all attempts of a run.
        Logs = "logs",
        /// One artifact.
        Artifact = "artifact",
    }
}

words! {
    /// How far it got.
    PurgedState {
        /// It was about to be deleted. Whether GitHub was asked is not known.
        Intended = "intended",
        /// It was seen to be gone.
        Gone = "gone",
        /// It is still there.
        Failed = "failed",
    }
}

/// Logs or an artifact, and what became of it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Purged {
    /// Base of the server's API.
    pub server: String,
    /// `OWNER/REPO`.
    pub repository: String,
    /// What it is.
    pub kind: PurgedKind,
    /// Number of the run or of the artifact.
    pub id: u64,
    /// Attempts of the run that this is about; an attempt behind them has logs
    /// that nobody has deleted.
    pub attempts: u64,
    /// How far it got.
    pub state: PurgedState,
    /// How it stands, for people.
    pub detail: String,
}

impl Purged {
    /// Whether the logs of this attempt, and of those before, were seen to be gone.
    pub fn is_gone(&self, attempt: u64) -> bool {
        self.state == PurgedState::Gone && self.attempts >= attempt
    }
}

impl Changes<'_> {
    /// Writes down how far something got.
    pub fn save_purged(&self, purged: &Purged) -> Result<(), StoreError> {
        let sql = "INSERT OR REPLACE INTO purge VALUES (?, ?, ?, ?, ?, ?, ?, ?)";
        self.view.0.prepare_cached(sql)?.execute(params![
            purged.server,
            purged.repository,
            purged.kind,
            purged.id,
            purged.attempts,
            purged.state,
            purged.detail,
            millis(self.now)
        ])?;
        Ok(())
    }

    /// Writes down that by `terms` nothing is to be done about runs that were
    /// created before `settled_to`.
    pub fn save_sweep(
        &self,
        server: &str,
        repository: &str,
        terms: &str,
        settled_to: Timestamp,
    ) -> Result<(), StoreError> {
        let sql = "INSERT OR REPLACE INTO sweep VALUES (?, ?, ?, ?, ?)";
        self.view.0.prepare_cached(sql)?.execute(params![
            server,
            repository,
            terms,
            millis(settled_to),
            millis(self.now)
        ])?;
        Ok(())
    }
}

impl View<'_> {
    /// What is known of something that may have been purged.
    pub fn purged(
        &self,
        server: &str,
        repository: &str,
        kind: PurgedKind,
        id: u64,
    ) -> Result<Option<Purged>, StoreError> {
        let sql = "SELECT * FROM purge
                   WHERE server = ? AND repository = ? AND kind = ? AND id = ?";
        let mut statement = self.0.prepare_cached(sql)?;
        let row = statement.query_row(params![server, repository, kind, id], purged_of);
        Ok(row.optional()?)
    }

    /// Before which creation nothing is to be done by these terms, if that is
    /// known.
    pub fn settled_to(
        &self,
        server: &str,
        repository: &str,
        terms: &str,
    ) -> Result<Option<Timestamp>, StoreError> {
        let sql = "SELECT settled_to FROM sweep
                   WHERE server = ? AND repository = ? AND terms = ?";
        let mut statement = self.0.prepare_cached(sql)?;
        let row = statement.query_row(params![server, repository, terms], |row| row.get(0));
        Ok(row.optional()?.map(time))
    }
}

fn purged_of(row: &Row<'_>) -> rusqlite::Result<Purged> {
    Ok(Purged {
        server: row.get("server")?,
        repository: row.get("repository")?,
        kind: row.get("kind")?,
        id: row.get("id")?,
        attempts: row.get("attempts")?,
        state: row.get("state")?,
        detail: row.get("detail")?,
    })
}
