//! Runs that were guarded, and the logs that were read of them.

use super::{Changes, StoreError, View, millis, time};
use jiff::Timestamp;
use rusqlite::{OptionalExtension, params};
use serde::Serialize;

/// One run of a workflow, on one server.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
pub struct RunKey {
    /// Base of the server's API.
    pub server: String,
    /// `OWNER/REPO`.
    pub repository: String,
    /// Number of the run.
    pub run_id: u64,
}

impl RunKey {
    /// The run `run_id` of a repository. GitHub does not tell upper from lower
    /// case in names, and the store compares them byte by byte.
    pub fn new(server: &str, repository: &str, run_id: u64) -> Self {
        Self {
            server: server.to_owned(),
            repository: repository.to_ascii_lowercase(),
            run_id,
        }
    }
}

impl std::fmt::Display for RunKey {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{} run {}", self.repository, self.run_id)
    }
}

/// A run as it was when it was guarded.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RunRecord {
    /// Which one.
    pub key: RunKey,
    /// Attempts there were.
    pub attempts: u64,
    /// File of the workflow.
    pub workflow: Option<String>,
    /// Branch it ran on.
    pub branch: Option<String>,
    /// Its page.
    pub url: Option<String>,
    /// `public`, `private` or `internal`.
    pub visibility: Option<String>,
    /// Whether nothing was left that a later look could read: it had completed,
    /// and every attempt was read, or is gone or damaged.
    pub complete: bool,
    /// Whether the annotations of its checks were read too.
    pub annotations_read: bool,
}

/// Evidence of a log that was read.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct LogRecord {
    /// Attempt it belongs to.
    pub attempt: u64,
    /// `run` for the archive of the whole attempt, `job N`, `annotations`.
    pub part: String,
    /// SHA-256 of the bytes as GitHub sent them, lower-case hexadecimal.
    pub sha256: String,
    /// Their number.
    pub bytes: u64,
    /// When they were fetched.
    pub fetched_at: Timestamp,
    /// Version of leaksweep that scanned them.
    pub tool: String,
    /// Digest of the rules it used.
    pub rules: String,
}

impl Changes<'_> {
    /// Writes down a run and what was read of it.
    pub fn record_run(&self, run: &RunRecord, logs: &[LogRecord]) -> Result<(), StoreError> {
        let key = &run.key;
        self.view.0.execute(
            "INSERT INTO run VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
             ON CONFLICT DO UPDATE SET attempts = excluded.attempts,
                guarded_at = excluded.guarded_at, visibility = excluded.visibility,
                complete = excluded.complete, annotations_read = excluded.annotations_read",
            params![
                key.server,
                key.repository,
                key.run_id,
                run.attempts,
                run.workflow,
                run.branch,
                run.url,
                run.visibility,
                run.complete,
                run.annotations_read,
                millis(self.now)
            ],
        )?;
        logs.iter().try_for_each(|log| self.record_log(key, log))
    }

    fn record_log(&self, key: &RunKey, log: &LogRecord) -> Result<(), StoreError> {
        self.view.0.execute(
            "INSERT OR IGNORE INTO log VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
            params![
                key.server,
                key.repository,
                key.run_id,
                log.attempt,
                log.part,
                log.sha256,
                log.bytes,
                millis(log.fetched_at),
                log.tool,
                log.rules
            ],
        )?;
        Ok(())
    }
}

impl Changes<'_> {
    /// Writes down that a run has logs that nobody has read.
    pub fn mark_unread(&self, key: &RunKey) -> Result<(), StoreError> {
        self.view.0.execute(
            "UPDATE run SET complete = 0 WHERE server = ? AND repository = ? AND run_id = ?",
            params![key.server, key.repository, key.run_id],
        )?;
        Ok(())
    }
}

impl View<'_> {
    /// What is known of a run, if it was guarded.
    pub fn run(&self, key: &RunKey) -> Result<Option<RunRecord>, StoreError> {
        let sql = "SELECT * FROM run
                   WHERE server = ? AND repository = ? AND run_id = ?";
        let parameters = params![key.server, key.repository, key.run_id];
        let row = self.0.query_row(sql, parameters, |row| {
            Ok(RunRecord {
                key: key.clone(),
                attempts: row.get("attempts")?,
                workflow: row.get("workflow")?,
                branch: row.get("branch")?,
                url: row.get("url")?,
                visibility: row.get("visibility")?,
                complete: row.get("complete")?,
                annotations_read: row.get("annotations_read")?,
            })
        });
        Ok(row.optional()?)
    }

    /// What was read of a run, by attempt and part.
    pub fn logs(&self, key: &RunKey) -> Result<Vec<LogRecord>, StoreError> {
        let sql = "SELECT attempt, part, sha256, bytes, fetched_at, tool, rules FROM log
                   WHERE server = ? AND repository = ? AND run_id = ?
                   ORDER BY attempt, part, fetched_at";
        let mut statement = self.0.prepare(sql)?;
        let parameters = params![key.server, key.repository, key.run_id];
        let rows = statement.query_map(parameters, |row| {
            Ok(LogRecord {
                attempt: row.get(0)?,
                part: row.get(1)?,
                sha256: row.get(2)?,
                bytes: row.get(3)?,
                fetched_at: time(row.get(4)?),
                tool: row.get(5)?,
                rules: row.get(6)?,
            })
        })?;
        Ok(rows.collect::<Result<_, _>>()?)
    }
}
