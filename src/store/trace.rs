//! What a trace has learned: which runs there are, which logs were read, and
//! what they show. A trace that was interrupted goes on from here, and a later
//! one asks only for what is new.

use super::word::words;
use super::{Changes, Facts, RunKey, StoreError, View, millis, time};
use jiff::Timestamp;
use rusqlite::{OptionalExtension, Row, params};
use std::collections::BTreeMap;

words! {
    /// How far a log was looked at.
    TracedState {
        /// It was read to its end.
        Read = "read",
        /// It was read to its end, and GitHub no longer has it.
        Past = "past",
        /// GitHub no longer had it when it was asked for first.
        Gone = "gone",
        /// It could not be read, or not to its end.
        Unreadable = "unreadable",
    }
}

/// A time slice of a repository's runs that was listed whole.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TracedWindow {
    /// First second of creation.
    pub first: i64,
    /// Last second.
    pub last: i64,
    /// GitHub's tag of the listing.
    pub etag: Option<String>,
    /// When it was listed.
    pub listed_at: Timestamp,
}

/// A run in the history.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TracedRun {
    /// Which one.
    pub key: RunKey,
    /// When it was created; of a log without GitHub, its first stamp.
    pub created_at: Option<Timestamp>,
    /// Attempts there are.
    pub attempts: u64,
    /// Whether the latest of them has ended.
    pub completed: bool,
    /// File of the workflow.
    pub workflow: Option<String>,
    /// Its page, or the log on this machine.
    pub url: Option<String>,
}

/// How far the log of one attempt was looked at.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TracedLog {
    /// The run.
    pub run: RunKey,
    /// The attempt.
    pub attempt: u64,
    /// How far.
    pub state: TracedState,
    /// Digest of all that decides what is found in it.
    pub terms: String,
    /// What went wrong, for people.
    pub detail: String,
    /// When.
    pub at: Timestamp,
}

/// A step, wherever it ran.
#[derive(Debug, Clone, Default, PartialEq, Eq, PartialOrd, Ord)]
pub struct TracedStep {
    /// Job, where the log tells.
    pub job: Option<String>,
    /// Step, where the log tells.
    pub step: Option<String>,
    /// Digest of its command, where the log tells.
    pub command: Option<String>,
}

/// A step of one attempt that shows a secret.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TracedPlace {
    /// Keyed fingerprint of the secret.
    pub fingerprint: String,
    /// The run.
    pub run: RunKey,
    /// The attempt.
    pub attempt: u64,
    /// The step.
    pub step: TracedStep,
    /// Lines that hold the secret.
    pub lines: u64,
    /// Earliest time on one of them.
    pub first: Option<Timestamp>,
    /// Latest.
    pub last: Option<Timestamp>,
}

/// Where a command runs, and in which runs.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TracedEcho {
    /// Base of the server's API.
    pub server: String,
    /// `OWNER/REPO`.
    pub repository: String,
    /// File of the workflow.
    pub workflow: Option<String>,
    /// The step.
    pub step: TracedStep,
    /// Runs that ran it.
    pub runs: u64,
    /// The latest of them.
    pub last_run_id: u64,
    /// Its page.
    pub url: Option<String>,
    /// Creation of the first of them.
    pub first: Option<Timestamp>,
    /// Creation of the latest.
    pub last: Option<Timestamp>,
}

/// What was learned from one log.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TracedContent {
    /// Steps that ran.
    pub steps: Vec<TracedStep>,
    /// Secrets, by fingerprint.
    pub secrets: BTreeMap<String, Facts>,
    /// Where they stand.
    pub places: Vec<TracedPlace>,
    /// Texts of commands that show one, by digest.
    pub commands: BTreeMap<String, TracedCommand>,
}

/// A command that shows a secret.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TracedCommand {
    /// Normalised, every secret in it masked.
    pub text: String,
    /// Whether it says something of its own: who runs the same has copied it.
    pub own: bool,
}

impl Changes<'_> {
    /// Writes down that a repository was looked at.
    pub fn save_traced_repository(
        &self,
        (server, repository): (&str, &str),
        visibility: Option<&str>,
    ) -> Result<(), StoreError> {
        let sql = "INSERT OR REPLACE INTO traced_repository VALUES (?, ?, ?)";
        self.view
            .0
            .execute(sql, params![server, repository, visibility])?;
        Ok(())
    }

    /// Writes down the runs of a window of creation, in place of all windows that
    /// it meets. A run that was listed before is as it is now.
    pub fn save_traced_window(
        &self,
        (server, repository): (&str, &str),
        window: &TracedWindow,
        runs: &[TracedRun],
    ) -> Result<(), StoreError> {
        let sql = "DELETE FROM traced_window
                   WHERE server = ? AND repository = ? AND first <= ? AND last >= ?";
        let met = params![server, repository, window.last, window.first];
        self.view.0.prepare_cached(sql)?.execute(met)?;
        let sql = "INSERT INTO traced_window VALUES (?, ?, ?, ?, ?, ?)";
        self.view.0.prepare_cached(sql)?.execute(params![
            server,
            repository,
            window.first,
            window.last,
            window.etag,
            millis(window.listed_at)
        ])?;
        runs.iter().try_for_each(|run| self.save_traced_run(run))
    }

    /// Writes down that there is a run.
    pub fn save_traced_run(&self, run: &TracedRun) -> Result<(), StoreError> {
        let sql = "INSERT OR REPLACE INTO traced_run VALUES (?, ?, ?, ?, ?, ?, ?, ?)";
        self.view.0.prepare_cached(sql)?.execute(params![
            run.key.server,
            run.key.repository,
            run.key.run_id,
            run.created_at.map(millis),
            run.attempts,
            run.completed,
            run.workflow,
            run.url
        ])?;
        Ok(())
    }

    /// Writes down how far a log was looked at. What it shows stays as it was
    /// known.
    pub fn save_traced_log(&self, log: &TracedLog) -> Result<(), StoreError> {
        let sql = "INSERT OR REPLACE INTO traced_log VALUES (?, ?, ?, ?, ?, ?, ?, ?)";
        self.view.0.prepare_cached(sql)?.execute(params![
            log.run.server,
            log.run.repository,
            log.run.run_id,
            log.attempt,
            log.state,
            log.terms,
            log.detail,
            millis(log.at)
        ])?;
        Ok(())
    }

    /// Writes down what a log shows, in place of what was known of it.
    pub fn save_traced_content(
        &self,
        log: &TracedLog,
        content: &TracedContent,
    ) -> Result<(), StoreError> {
        self.save_traced_log(log)?;
        self.forget_content(log)?;
        for step in &content.steps {
            let sql = "INSERT OR IGNORE INTO traced_echo VALUES (?, ?, ?)";
            let step = self.traced_step(&log.run, step)?;
            let mut statement = self.view.0.prepare_cached(sql)?;
            statement.execute(params![step, log.run.run_id, log.attempt])?;
        }
        for (fingerprint, facts) in &content.secrets {
            let sql = "INSERT OR REPLACE INTO traced_secret VALUES (?, ?)";
            let facts = serde_json::to_string(facts)?;
            self.view.0.execute(sql, params![fingerprint, facts])?;
        }
        for (digest, command) in &content.commands {
            let sql = "INSERT OR REPLACE INTO traced_command VALUES (?, ?, ?)";
            let row = params![digest, command.text, command.own];
            self.view.0.execute(sql, row)?;
        }
        content.places.iter().try_for_each(|one| self.place(one))
    }

    fn forget_content(&self, log: &TracedLog) -> Result<(), StoreError> {
        for table in ["traced_echo", "traced_place"] {
            let sql = format!(
                "DELETE FROM {table} WHERE run_id = ? AND attempt = ? AND EXISTS
                 (SELECT 1 FROM traced_step
                  WHERE id = {table}.step AND server = ? AND repository = ?)"
            );
            self.view.0.prepare_cached(&sql)?.execute(params![
                log.run.run_id,
                log.attempt,
                log.run.server,
                log.run.repository
            ])?;
        }
        Ok(())
    }

    fn place(&self, place: &TracedPlace) -> Result<(), StoreError> {
        let step = self.traced_step(&place.run, &place.step)?;
        self.view.0.execute(
            "INSERT OR REPLACE INTO traced_place VALUES (?, ?, ?, ?, ?, ?, ?)",
            params![
                place.fingerprint,
                step,
                place.run.run_id,
                place.attempt,
                place.lines,
                place.first.map(millis),
                place.last.map(millis)
            ],
        )?;
        Ok(())
    }

    /// The number of a step.
    fn traced_step(&self, run: &RunKey, step: &TracedStep) -> Result<i64, StoreError> {
        // NULLs would be different from one another.
        let text = |text: &Option<String>| text.clone().unwrap_or_default();
        let parameters = params![
            run.server,
            run.repository,
            text(&step.job),
            text(&step.step),
            text(&step.command)
        ];
        let sql = "SELECT id FROM traced_step
                   WHERE server = ? AND repository = ? AND job = ? AND step_name = ? AND command = ?";
        let mut statement = self.view.0.prepare_cached(sql)?;
        let known = statement.query_row(parameters, |row| row.get(0));
        if let Some(id) = known.optional()? {
            return Ok(id);
        }
        let sql = "INSERT INTO traced_step (server, repository, job, step_name, command)
                   VALUES (?, ?, ?, ?, ?)";
        self.view.0.prepare_cached(sql)?.execute(parameters)?;
        Ok(self.view.0.last_insert_rowid())
    }
}

impl View<'_> {
    /// `public`, `private` or `internal`, where known, of each repository of a
    /// server that was looked at.
    pub fn traced_repositories(
        &self,
        server: &str,
    ) -> Result<BTreeMap<String, Option<String>>, StoreError> {
        let sql = "SELECT repository, visibility FROM traced_repository WHERE server = ?";
        let mut statement = self.0.prepare(sql)?;
        let rows = statement.query_map([server], |row| Ok((row.get(0)?, row.get(1)?)))?;
        Ok(rows.collect::<Result<_, _>>()?)
    }

    /// Windows of a repository that were listed.
    pub fn traced_windows(
        &self,
        server: &str,
        repository: &str,
    ) -> Result<Vec<TracedWindow>, StoreError> {
        let sql = "SELECT first, last, etag, listed_at FROM traced_window
                   WHERE server = ? AND repository = ? ORDER BY first, last";
        let mut statement = self.0.prepare(sql)?;
        let rows = statement.query_map([server, repository], |row| {
            Ok(TracedWindow {
                first: row.get(0)?,
                last: row.get(1)?,
                etag: row.get(2)?,
                listed_at: time(row.get(3)?),
            })
        })?;
        Ok(rows.collect::<Result<_, _>>()?)
    }

    /// Runs of a repository, by creation.
    pub fn traced_runs(
        &self,
        server: &str,
        repository: &str,
    ) -> Result<Vec<TracedRun>, StoreError> {
        let sql = "SELECT * FROM traced_run WHERE server = ? AND repository = ?
                   ORDER BY created_at, run_id";
        let mut statement = self.0.prepare(sql)?;
        let rows = statement.query_map([server, repository], run_of)?;
        Ok(rows.collect::<Result<_, _>>()?)
    }

    /// How far the logs of a repository were looked at, by run and attempt.
    pub fn traced_logs(
        &self,
        server: &str,
        repository: &str,
    ) -> Result<BTreeMap<(u64, u64), TracedLog>, StoreError> {
        let sql = "SELECT * FROM traced_log WHERE server = ? AND repository = ?";
        let mut statement = self.0.prepare(sql)?;
        let rows = statement.query_map([server, repository], log_of)?;
        let numbered = rows.map(|log| log.map(|log| ((log.run.run_id, log.attempt), log)));
        Ok(numbered.collect::<Result<_, _>>()?)
    }

    /// Secrets that were seen in any log, by fingerprint.
    pub fn traced_secrets(&self) -> Result<BTreeMap<String, Facts>, StoreError> {
        let mut statement = self
            .0
            .prepare("SELECT fingerprint, facts FROM traced_secret")?;
        let rows = statement.query_map([], |row| Ok((row.get(0)?, row.get::<_, String>(1)?)))?;
        let mut secrets = BTreeMap::new();
        for row in rows {
            let (fingerprint, facts) = row?;
            secrets.insert(fingerprint, serde_json::from_str(&facts)?);
        }
        Ok(secrets)
    }

    /// Where the secrets were seen.
    pub fn traced_places(&self, server: &str) -> Result<Vec<TracedPlace>, StoreError> {
        let sql = "SELECT * FROM traced_place JOIN traced_step ON id = traced_place.step
                   WHERE server = ? ORDER BY fingerprint, repository, run_id, attempt, job, step_name";
        let mut statement = self.0.prepare(sql)?;
        let rows = statement.query_map([server], place_of)?;
        Ok(rows.collect::<Result<_, _>>()?)
    }

    /// A command that showed a secret.
    pub fn traced_command(&self, digest: &str) -> Result<Option<TracedCommand>, StoreError> {
        let sql = "SELECT text, own FROM traced_command WHERE digest = ?";
        let command = self.0.query_row(sql, [digest], |row| {
            Ok(TracedCommand {
                text: row.get(0)?,
                own: row.get(1)?,
            })
        });
        Ok(command.optional()?)
    }

    /// Where a command runs, by repository.
    pub fn traced_echoes(&self, server: &str, digest: &str) -> Result<Vec<TracedEcho>, StoreError> {
        // One row a run, numbered from the newest of each step.
        let sql = "WITH ran AS (
                       SELECT DISTINCT server, repository, workflow, job, step_name, command,
                           run_id, created_at, url
                       FROM traced_step AS step JOIN traced_echo AS echo ON echo.step = step.id
                       JOIN traced_run USING (server, repository, run_id)
                       WHERE server = ? AND command = ?),
                   counted AS (
                       SELECT *, count(*) OVER one AS runs, min(created_at) OVER one AS first,
                           max(created_at) OVER one AS last,
                           row_number() OVER (one ORDER BY created_at DESC, run_id DESC) AS newest
                       FROM ran
                       WINDOW one AS (PARTITION BY repository, workflow, job, step_name))
                   SELECT * FROM counted WHERE newest = 1
                   ORDER BY repository, workflow, job, step_name";
        let mut statement = self.0.prepare(sql)?;
        let rows = statement.query_map([server, digest], |row| {
            Ok(TracedEcho {
                server: row.get("server")?,
                repository: row.get("repository")?,
                workflow: row.get("workflow")?,
                step: step_of(row)?,
                runs: row.get("runs")?,
                first: row.get::<_, Option<i64>>("first")?.map(time),
                last: row.get::<_, Option<i64>>("last")?.map(time),
                last_run_id: row.get("run_id")?,
                url: row.get("url")?,
            })
        })?;
        Ok(rows.collect::<Result<_, _>>()?)
    }
}

fn run_of(row: &Row<'_>) -> rusqlite::Result<TracedRun> {
    Ok(TracedRun {
        key: key_of(row)?,
        created_at: row.get::<_, Option<i64>>("created_at")?.map(time),
        attempts: row.get("attempts")?,
        completed: row.get("completed")?,
        workflow: row.get("workflow")?,
        url: row.get("url")?,
    })
}

fn log_of(row: &Row<'_>) -> rusqlite::Result<TracedLog> {
    Ok(TracedLog {
        run: key_of(row)?,
        attempt: row.get("attempt")?,
        state: row.get("state")?,
        terms: row.get("terms")?,
        detail: row.get("detail")?,
        at: time(row.get("at")?),
    })
}

fn place_of(row: &Row<'_>) -> rusqlite::Result<TracedPlace> {
    Ok(TracedPlace {
        fingerprint: row.get("fingerprint")?,
        run: key_of(row)?,
        attempt: row.get("attempt")?,
        step: step_of(row)?,
        lines: row.get("lines")?,
        first: row.get::<_, Option<i64>>("first")?.map(time),
        last: row.get::<_, Option<i64>>("last")?.map(time),
    })
}

fn key_of(row: &Row<'_>) -> rusqlite::Result<RunKey> {
    Ok(RunKey {
        server: row.get("server")?,
        repository: row.get("repository")?,
        run_id: row.get("run_id")?,
    })
}

fn step_of(row: &Row<'_>) -> rusqlite::Result<TracedStep> {
    let text = |name| {
        let text: String = row.get(name)?;
        Ok::<_, rusqlite::Error>((!text.is_empty()).then_some(text))
    };
    Ok(TracedStep {
        job: text("job")?,
        step: text("step_name")?,
        command: text("command")?,
    })
}
