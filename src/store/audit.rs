//! The audit trail: a line before and after each change of the outside world.
//!
//! Lines are chained: each holds the SHA-256 of itself and of the line before.
//! Who changes, removes or inserts a line breaks the chain. Whoever can write
//! the file can also write a whole new chain, or cut its end: keep the last
//! hash elsewhere (`guard` gives it in its result) and hold it against
//! [`Chain::head`].

use super::word::words;
use super::{Changes, StoreError, View, millis, time};
use data_encoding::HEXLOWER;
use jiff::Timestamp;
use rusqlite::{OptionalExtension, Row, params};
use serde::Serialize;
use sha2::{Digest, Sha256};

words! {
    /// When a line was written.
    Phase {
        /// Before: what is about to be done.
        Intent = "intent",
        /// After: it was done.
        Done = "done",
        /// After: it was not, or nobody can tell.
        Failed = "failed",
        /// Something that changed in the store alone.
        Note = "note",
    }
}

/// One line of the trail.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct AuditEntry {
    /// Counted from 1, without gaps.
    pub seq: i64,
    /// When.
    pub at: Timestamp,
    /// Before or after.
    pub phase: Phase,
    /// What, e.g. `delete-logs`.
    pub action: String,
    /// To what, e.g. `acme/shop run 7`.
    pub target: String,
    /// How it went, for people.
    pub detail: String,
    /// SHA-256 over this line and the hash of the line before.
    pub hash: String,
}

/// What became of a look at the whole trail.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Chain {
    /// Lines that were read.
    pub lines: i64,
    /// Hash of the last line; 64 zeros for an empty trail.
    pub head: String,
    /// Number of the first line that does not fit, if one does not.
    pub broken_at: Option<i64>,
}

/// What an empty trail ends with.
fn genesis() -> String {
    "0".repeat(64)
}

fn hash(before: &str, entry: &AuditEntry) -> String {
    let mut hash = Sha256::new();
    let (seq, at) = (entry.seq.to_string(), millis(entry.at).to_string());
    let parts = [
        before,
        &seq,
        &at,
        entry.phase.as_str(),
        &entry.action,
        &entry.target,
        &entry.detail,
    ];
    for part in parts {
        // With its length, so that no text can pass for another division.
        hash.update((part.len() as u64).to_be_bytes());
        hash.update(part);
    }
    HEXLOWER.encode(&hash.finalize())
}

impl Changes<'_> {
    /// Adds a line to the trail.
    pub fn audit(
        &self,
        phase: Phase,
        action: &str,
        target: &str,
        detail: &str,
    ) -> Result<(), StoreError> {
        let (last, before) = self.audit_head()?;
        let mut entry = AuditEntry {
            seq: last + 1,
            // As it will be read back.
            at: time(millis(self.now)),
            phase,
            action: action.to_owned(),
            target: target.to_owned(),
            detail: detail.to_owned(),
            hash: String::new(),
        };
        entry.hash = hash(&before, &entry);
        self.view.0.execute(
            "INSERT INTO audit VALUES (?, ?, ?, ?, ?, ?, ?)",
            params![
                entry.seq,
                millis(entry.at),
                phase,
                action,
                target,
                detail,
                entry.hash
            ],
        )?;
        Ok(())
    }
}

impl View<'_> {
    /// Number and hash of the last line.
    pub fn audit_head(&self) -> Result<(i64, String), StoreError> {
        let sql = "SELECT seq, hash FROM audit ORDER BY seq DESC LIMIT 1";
        let row = self
            .0
            .query_row(sql, [], |row| Ok((row.get(0)?, row.get(1)?)));
        Ok(row.optional()?.unwrap_or_else(|| (0, genesis())))
    }

    /// Calls `take` with every line, oldest first.
    pub fn each_audit_entry(&self, mut take: impl FnMut(AuditEntry)) -> Result<(), StoreError> {
        let mut statement = self.0.prepare("SELECT * FROM audit ORDER BY seq")?;
        for entry in statement.query_map([], entry_of)? {
            take(entry?);
        }
        Ok(())
    }

    /// Follows the chain from its beginning.
    pub fn verify_audit(&self) -> Result<Chain, StoreError> {
        let mut chain = Chain {
            lines: 0,
            head: genesis(),
            broken_at: None,
        };
        self.each_audit_entry(|entry| {
            let fits = entry.seq == chain.lines + 1 && hash(&chain.head, &entry) == entry.hash;
            if !fits && chain.broken_at.is_none() {
                chain.broken_at = Some(entry.seq);
            }
            chain.lines += 1;
            chain.head = entry.hash;
        })?;
        Ok(chain)
    }
}

fn entry_of(row: &Row<'_>) -> rusqlite::Result<AuditEntry> {
    Ok(AuditEntry {
        seq: row.get("seq")?,
        at: time(row.get("at")?),
        phase: row.get("phase")?,
        action: row.get("action")?,
        target: row.get("target")?,
        detail: row.get("detail")?,
        hash: row.get("hash")?,
    })
}
