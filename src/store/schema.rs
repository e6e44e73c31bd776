//! The tables, and how an older store becomes a newer one.

use super::StoreError;
use rusqlite::{Connection, TransactionBehavior};

/// Each step takes a store from its number to the next. Steps never change
/// once they were released.
const STEPS: [&str; 4] = [
    "
    CREATE TABLE run (
        server TEXT NOT NULL,
        repository TEXT NOT NULL,
        run_id INTEGER NOT NULL,
        attempts INTEGER NOT NULL,
        workflow TEXT,
        branch TEXT,
        url TEXT,
        visibility TEXT,
        complete INTEGER NOT NULL,
        annotations_read INTEGER NOT NULL,
        guarded_at INTEGER NOT NULL,
        PRIMARY KEY (server, repository, run_id)
    ) STRICT;
    CREATE TABLE log (
        server TEXT NOT NULL,
        repository TEXT NOT NULL,
        run_id INTEGER NOT NULL,
        attempt INTEGER NOT NULL,
        part TEXT NOT NULL,
        sha256 TEXT NOT NULL,
        bytes INTEGER NOT NULL,
        fetched_at INTEGER NOT NULL,
        tool TEXT NOT NULL,
        rules TEXT NOT NULL,
        PRIMARY KEY (server, repository, run_id, attempt, part, sha256)
    ) STRICT;
    CREATE TABLE incident (
        id TEXT PRIMARY KEY,
        server TEXT NOT NULL,
        repository TEXT NOT NULL,
        visibility TEXT,
        fingerprint TEXT NOT NULL,
        facts TEXT NOT NULL,
        state TEXT NOT NULL,
        opened_at INTEGER NOT NULL,
        detected_at INTEGER NOT NULL,
        leaked_at INTEGER,
        contained_at INTEGER,
        closed_at INTEGER,
        close_reason TEXT,
        note TEXT,
        messages INTEGER NOT NULL DEFAULT 0,
        UNIQUE (server, repository, fingerprint)
    ) STRICT;
    CREATE TABLE sighting (
        incident TEXT NOT NULL REFERENCES incident (id),
        run_id INTEGER NOT NULL,
        attempt INTEGER NOT NULL,
        path TEXT NOT NULL,
        line INTEGER NOT NULL,
        column INTEGER NOT NULL,
        annotation INTEGER NOT NULL,
        job TEXT,
        step TEXT,
        logged_at TEXT,
        seen_at INTEGER NOT NULL,
        PRIMARY KEY (incident, run_id, attempt, path, line, column)
    ) STRICT, WITHOUT ROWID;
    CREATE INDEX sighting_of_run ON sighting (run_id);
    CREATE TABLE containment (
        id INTEGER PRIMARY KEY,
        server TEXT NOT NULL,
        repository TEXT NOT NULL,
        run_id INTEGER NOT NULL,
        action TEXT NOT NULL,
        state TEXT NOT NULL,
        detail TEXT NOT NULL,
        created_at INTEGER NOT NULL,
        due_at INTEGER,
        tries INTEGER NOT NULL DEFAULT 0,
        attempts INTEGER NOT NULL DEFAULT 0,
        asked_at INTEGER,
        done_at INTEGER
    ) STRICT;
    CREATE INDEX containment_of_run ON containment (server, repository, run_id);
    CREATE TABLE outbox (
        id INTEGER PRIMARY KEY,
        message_id TEXT NOT NULL,
        channel TEXT NOT NULL,
        incident TEXT NOT NULL REFERENCES incident (id),
        body TEXT NOT NULL,
        doubtful TEXT NOT NULL,
        state TEXT NOT NULL,
        attempts INTEGER NOT NULL DEFAULT 0,
        ambiguous INTEGER NOT NULL DEFAULT 0,
        due_at INTEGER,
        detail TEXT NOT NULL DEFAULT '',
        created_at INTEGER NOT NULL,
        done_at INTEGER,
        UNIQUE (message_id, channel)
    ) STRICT;
    CREATE TABLE audit (
        seq INTEGER PRIMARY KEY,
        at INTEGER NOT NULL,
        phase TEXT NOT NULL,
        action TEXT NOT NULL,
        target TEXT NOT NULL,
        detail TEXT NOT NULL,
        hash TEXT NOT NULL
    ) STRICT;
",
    "
    CREATE TABLE action (
        incident TEXT NOT NULL REFERENCES incident (id),
        at INTEGER NOT NULL,
        kind TEXT NOT NULL,
        note TEXT NOT NULL
    ) STRICT;
    CREATE INDEX action_of_incident ON action (incident);
",
    "
    CREATE TABLE purge (
        server TEXT NOT NULL,
        repository TEXT NOT NULL,
        kind TEXT NOT NULL,
        id INTEGER NOT NULL,
        attempts INTEGER NOT NULL,
        state TEXT NOT NULL,
        detail TEXT NOT NULL,
        at INTEGER NOT NULL,
        PRIMARY KEY (server, repository, kind, id)
    ) STRICT, WITHOUT ROWID;
    CREATE TABLE sweep (
        server TEXT NOT NULL,
        repository TEXT NOT NULL,
        terms TEXT NOT NULL,
        settled_to INTEGER NOT NULL,
        at INTEGER NOT NULL,
        PRIMARY KEY (server, repository)
    ) STRICT, WITHOUT ROWID;
",
    "
    CREATE TABLE traced_repository (
        server TEXT NOT NULL,
        repository TEXT NOT NULL,
        visibility TEXT,
        PRIMARY KEY (server, repository)
    ) STRICT, WITHOUT ROWID;
    CREATE TABLE traced_window (
        server TEXT NOT NULL,
        repository TEXT NOT NULL,
        first INTEGER NOT NULL,
        last INTEGER NOT NULL,
        etag TEXT,
        listed_at INTEGER NOT NULL,
        PRIMARY KEY (server, repository, first, last)
    ) STRICT, WITHOUT ROWID;
    CREATE TABLE traced_run (
        server TEXT NOT NULL,
        repository TEXT NOT NULL,
        run_id INTEGER NOT NULL,
        created_at INTEGER,
        attempts INTEGER NOT NULL,
        completed INTEGER NOT NULL,
        workflow TEXT,
        url TEXT,
        PRIMARY KEY (server, repository, run_id)
    ) STRICT, WITHOUT ROWID;
    CREATE TABLE traced_log (
        server TEXT NOT NULL,
        repository TEXT NOT NULL,
        run_id INTEGER NOT NULL,
        attempt INTEGER NOT NULL,
        state TEXT NOT NULL,
        terms TEXT NOT NULL,
        detail TEXT NOT NULL,
        at INTEGER NOT NULL,
        PRIMARY KEY (server, repository, run_id, attempt)
    ) STRICT, WITHOUT ROWID;
    CREATE TABLE traced_step (
        id INTEGER PRIMARY KEY,
        server TEXT NOT NULL,
        repository TEXT NOT NULL,
        job TEXT NOT NULL,
        step_name TEXT NOT NULL,
        command TEXT NOT NULL,
        UNIQUE (server, repository, job, step_name, command)
    ) STRICT;
    CREATE INDEX traced_step_of_command ON traced_step (command);
    CREATE TABLE traced_echo (
        step INTEGER NOT NULL REFERENCES traced_step (id),
        run_id INTEGER NOT NULL,
        attempt INTEGER NOT NULL,
        PRIMARY KEY (step, run_id, attempt)
    ) STRICT, WITHOUT ROWID;
    CREATE INDEX traced_echo_of_run ON traced_echo (run_id, attempt);
    CREATE TABLE traced_secret (
        fingerprint TEXT PRIMARY KEY,
        facts TEXT NOT NULL
    ) STRICT, WITHOUT ROWID;
    CREATE TABLE traced_place (
        fingerprint TEXT NOT NULL REFERENCES traced_secret (fingerprint),
        step INTEGER NOT NULL REFERENCES traced_step (id),
        run_id INTEGER NOT NULL,
        attempt INTEGER NOT NULL,
        lines INTEGER NOT NULL,
        first INTEGER,
        last INTEGER,
        PRIMARY KEY (fingerprint, step, run_id, attempt)
    ) STRICT, WITHOUT ROWID;
    CREATE INDEX traced_place_of_run ON traced_place (run_id, attempt);
    CREATE TABLE traced_command (
        digest TEXT PRIMARY KEY,
        text TEXT NOT NULL,
        own INTEGER NOT NULL
    ) STRICT, WITHOUT ROWID;
",
];

/// The form of the store. Fails if a later version wrote it.
fn check(connection: &Connection) -> Result<usize, StoreError> {
    let found = connection.query_row("PRAGMA user_version", [], |row| row.get(0))?;
    let known = STEPS.len();
    if found > known {
        return Err(StoreError::Newer { found, known });
    }
    Ok(found)
}

/// Whether the store has the newest form.
pub(super) fn is_newest(connection: &Connection) -> Result<bool, StoreError> {
    Ok(check(connection)? == STEPS.len())
}

/// Brings the store to the newest form, in one transaction.
pub(super) fn migrate(connection: &mut Connection) -> Result<(), StoreError> {
    let behavior = TransactionBehavior::Immediate;
    if is_newest(connection)? {
        return Ok(());
    }
    let transaction = connection.transaction_with_behavior(behavior)?;
    // Asked again: another process may have done it while this one waited.
    let found = check(&transaction)?;
    for step in &STEPS[found..] {
        transaction.execute_batch(step)?;
    }
    transaction.pragma_update(None, "user_version", STEPS.len())?;
    Ok(transaction.commit()?)
}
