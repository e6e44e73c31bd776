//! Intentions to delete logs, and what became of them.

use super::word::words;
use super::{Changes, RunKey, StoreError, View, millis, time};
use jiff::Timestamp;
use rusqlite::{Row, params};
use serde::Serialize;

words! {
    /// What is to be deleted.
    Action {
        /// The logs of all attempts of a run.
        DeleteLogs = "delete-logs",
        /// The run with all that belongs to it.
        DeleteRun = "delete-run",
    }
}

words! {
    /// How far an intention got.
    ContainmentState {
        /// It is still to be done.
        Waiting = "waiting",
        /// Deletion was asked for, and is still to be confirmed.
        Asked = "asked",
        /// It was confirmed that nothing is left.
        Done = "done",
        /// leaksweep gave up: people have to look.
        Failed = "failed",
        /// It is not to be done any more: all of it was a false alarm.
        Withdrawn = "withdrawn",
    }
}

/// One intention.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Containment {
    /// Number in the store.
    pub id: i64,
    /// Whose logs.
    #[serde(flatten)]
    pub run: RunKey,
    /// What is to be deleted.
    pub action: Action,
    /// How far it got.
    pub state: ContainmentState,
    /// How it stands, for people.
    pub detail: String,
    /// When it is to be looked at again by itself; `None` if only when somebody
    /// asks, because something else has to change first.
    pub due_at: Option<Timestamp>,
    /// Times it was looked at.
    pub tries: u32,
    /// Attempts the run had when GitHub agreed, or when nothing was left.
    pub attempts: u64,
    /// When GitHub agreed to delete.
    pub asked_at: Option<Timestamp>,
    /// When it was written down.
    pub created_at: Timestamp,
    /// When it was done or given up.
    pub done_at: Option<Timestamp>,
}

impl Containment {
    /// Whether there is still something to do.
    pub fn is_open(&self) -> bool {
        matches!(
            self.state,
            ContainmentState::Waiting | ContainmentState::Asked
        )
    }

    /// Whether the logs of this attempt, and of those before, were seen to be gone.
    pub fn is_gone(&self, attempt: u64) -> bool {
        self.state == ContainmentState::Done && self.attempts >= attempt
    }
}

impl Changes<'_> {
    /// Writes down that a run's logs are to be deleted, due at once. An
    /// intention for the same run that is still open is taken up again.
    pub fn intend(&self, run: &RunKey, action: Action) -> Result<Containment, StoreError> {
        let mut known = self.containments(run)?;
        if let Some(mut open) = known.pop().filter(Containment::is_open) {
            // Never back from deleting the run to deleting its logs.
            open.action = open.action.max(action);
            open.due_at = Some(self.now);
            self.save_containment(&open)?;
            return Ok(open);
        }
        self.view.0.execute(
            "INSERT INTO containment (server, repository, run_id, action, state, detail,
                created_at, due_at) VALUES (?, ?, ?, ?, ?, '', ?, ?)",
            params![
                run.server,
                run.repository,
                run.run_id,
                action,
                ContainmentState::Waiting,
                millis(self.now),
                millis(self.now)
            ],
        )?;
        self.containment(self.view.0.last_insert_rowid())
    }

    /// Writes what can change of an intention.
    pub fn save_containment(&self, containment: &Containment) -> Result<(), StoreError> {
        self.view.0.execute(
            "UPDATE containment SET action = ?, state = ?, detail = ?, due_at = ?, tries = ?,
                attempts = ?, asked_at = ?, done_at = ? WHERE id = ?",
            params![
                containment.action,
                containment.state,
                containment.detail,
                containment.due_at.map(millis),
                containment.tries,
                containment.attempts,
                containment.asked_at.map(millis),
                containment.done_at.map(millis),
                containment.id
            ],
        )?;
        Ok(())
    }
}

impl View<'_> {
    /// The intention `id`.
    pub fn containment(&self, id: i64) -> Result<Containment, StoreError> {
        let sql = "SELECT * FROM containment WHERE id = ?";
        Ok(self.0.query_row(sql, [id], containment_of)?)
    }

    /// Intentions about a run, oldest first.
    pub fn containments(&self, run: &RunKey) -> Result<Vec<Containment>, StoreError> {
        let sql = "SELECT * FROM containment
                   WHERE server = ? AND repository = ? AND run_id = ? ORDER BY id";
        let mut statement = self.0.prepare(sql)?;
        let parameters = params![run.server, run.repository, run.run_id];
        let rows = statement.query_map(parameters, containment_of)?;
        Ok(rows.collect::<Result<_, _>>()?)
    }

    /// How a run stands: its last intention. One that was done is none if the
    /// run went on, or a secret was seen in it, after that.
    pub fn standing(&self, run: &RunKey) -> Result<Option<Containment>, StoreError> {
        let last = self.containments(run)?.pop();
        let done = last
            .as_ref()
            .filter(|last| last.state == ContainmentState::Done);
        let Some(done_at) = done.and_then(|last| last.done_at) else {
            return Ok(last);
        };
        let attempts = self.run(run)?.map_or(0, |run| run.attempts);
        let sql = "SELECT EXISTS (SELECT 1 FROM sighting JOIN incident ON incident.id = incident
                   WHERE server = ? AND repository = ? AND run_id = ? AND seen_at > ?)";
        let parameters = params![run.server, run.repository, run.run_id, millis(done_at)];
        let seen_later: bool = self.0.query_row(sql, parameters, |row| row.get(0))?;
        Ok(last.filter(|last| last.attempts >= attempts && !seen_later))
    }

    /// Every intention that is still open, oldest first.
    pub fn open_containments(&self) -> Result<Vec<Containment>, StoreError> {
        let sql = "SELECT * FROM containment WHERE state IN ('waiting', 'asked') ORDER BY id";
        let mut statement = self.0.prepare(sql)?;
        let rows = statement.query_map([], containment_of)?;
        Ok(rows.collect::<Result<_, _>>()?)
    }
}

fn containment_of(row: &Row<'_>) -> rusqlite::Result<Containment> {
    Ok(Containment {
        id: row.get("id")?,
        run: RunKey {
            server: row.get("server")?,
            repository: row.get("repository")?,
            run_id: row.get("run_id")?,
        },
        action: row.get("action")?,
        state: row.get("state")?,
        detail: row.get("detail")?,
        due_at: row.get::<_, Option<i64>>("due_at")?.map(time),
        tries: row.get("tries")?,
        attempts: row.get("attempts")?,
        asked_at: row.get::<_, Option<i64>>("asked_at")?.map(time),
        created_at: time(row.get("created_at")?),
        done_at: row.get::<_, Option<i64>>("done_at")?.map(time),
    })
}
