//! SQLite: what was scanned, opened, sent and deleted, and the audit trail.
//!
//! Everything that changes the outside world is written here first, as an
//! intention, and again when it is done: whoever opens the store after a crash
//! knows what is left to do. Nothing in it gives a secret away: findings come
//! redacted, messages rendered. One file, write-ahead log, readable with
//! `sqlite3`. Times are milliseconds since 1970, UTC.

mod audit;
mod containment;
mod error;
mod history;
mod incident;
mod outbox;
mod person;
mod purge;
mod run;
mod schema;
mod trace;
mod word;

pub use audit::{AuditEntry, Chain, Phase};
pub use containment::{Action, Containment, ContainmentState};
pub use error::StoreError;
pub use history::{Before, End, History, Known};
pub use incident::{
    CloseReason, Facts, Incident, IncidentState, Place, Seen, Sighting, incident_id,
};
pub use outbox::{Message, MessageState};
pub use person::{PersonAction, PersonActionKind};
pub use purge::{Purged, PurgedKind, PurgedState};
pub use run::{LogRecord, RunKey, RunRecord};
pub use trace::{
    TracedCommand, TracedContent, TracedEcho, TracedLog, TracedPlace, TracedRun, TracedState,
    TracedStep, TracedWindow,
};

use jiff::Timestamp;
use rusqlite::{Connection, OpenFlags, TransactionBehavior};
use std::fmt;
use std::fs::File;
use std::ops::Deref;
use std::path::{Path, PathBuf};
use std::time::Duration;

/// How long a statement waits for another process that writes.
const BUSY: Duration = Duration::from_secs(30);

/// The store of one machine or service.
pub struct Store {
    connection: Connection,
    path: PathBuf,
    /// What is called after each commit; see [`Store::on_commit`].
    committed: Option<Box<dyn FnMut()>>,
}

/// What can be asked of a store.
#[derive(Debug)]
pub struct View<'a>(&'a Connection);

/// Changes that happen together or not at all.
#[derive(Debug)]
pub struct Changes<'a> {
    view: View<'a>,
    /// The time of all that is written.
    now: Timestamp,
}

impl<'a> Deref for Changes<'a> {
    type Target = View<'a>;

    fn deref(&self) -> &View<'a> {
        &self.view
    }
}

impl Store {
    /// Opens the store at `path`, readable by its owner only; makes it, and its
    /// folder, if there is none.
    pub fn open(path: &Path) -> Result<Self, StoreError> {
        make_private(path).map_err(|source| StoreError::file(path, source))?;
        let connection = Connection::open(path).map_err(|e| StoreError::sql(path, e))?;
        let mut store = Self::new(connection, path);
        store.prepare().map_err(|e| e.at(path))?;
        Ok(store)
    }

    /// Opens the store at `path` without changing anything; `None` if there is
    /// none. One of an older form is read from a copy in memory that has the
    /// newest.
    pub fn open_read_only(path: &Path) -> Result<Option<Self>, StoreError> {
        // An empty file is one that was never finished.
        if std::fs::metadata(path).map_or(0, |file| file.len()) == 0 {
            return Ok(None);
        }
        let flags = OpenFlags::SQLITE_OPEN_READ_ONLY;
        let connection =
            Connection::open_with_flags(path, flags).map_err(|e| StoreError::sql(path, e))?;
        let store = Self::new(connection, path);
        if schema::is_newest(&store.connection).map_err(|e| e.at(path))? {
            return Ok(Some(store));
        }
        let copy = Self::scratch(Some(&store)).map_err(|e| e.at(path))?;
        Ok(Some(Self::new(copy.connection, path)))
    }

    /// A copy in memory, to try changes on: of `original`, or of an empty store.
    pub fn scratch(original: Option<&Self>) -> Result<Self, StoreError> {
        let mut connection = Connection::open_in_memory()?;
        if let Some(original) = original {
            let backup = rusqlite::backup::Backup::new(&original.connection, &mut connection)?;
            backup.run_to_completion(1024, Duration::from_millis(5), None)?;
        }
        schema::migrate(&mut connection)?;
        Ok(Self::new(connection, Path::new("")))
    }

    fn new(connection: Connection, path: &Path) -> Self {
        Self {
            connection,
            path: path.to_owned(),
            committed: None,
        }
    }

    fn prepare(&mut self) -> Result<(), StoreError> {
        self.connection.busy_timeout(BUSY)?;
        self.connection.pragma_update(None, "journal_mode", "wal")?;
        // Evidence has to survive a loss of power, not only a crash.
        self.connection.pragma_update(None, "synchronous", "full")?;
        self.connection.pragma_update(None, "foreign_keys", "on")?;
        schema::migrate(&mut self.connection)
    }

    /// Where it is.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// For questions.
    pub fn view(&self) -> View<'_> {
        View(&self.connection)
    }

    /// Runs `change` and makes all of it durable, or none of it if it fails.
    pub fn change<T>(
        &mut self,
        now: Timestamp,
        change: impl FnOnce(&Changes<'_>) -> Result<T, StoreError>,
    ) -> Result<T, StoreError> {
        let behavior = TransactionBehavior::Immediate;
        let transaction = self.connection.transaction_with_behavior(behavior)?;
        let value = change(&Changes {
            view: View(&transaction),
            now,
        })?;
        transaction.commit()?;
        if let Some(committed) = &mut self.committed {
            committed();
        }
        Ok(value)
    }

    /// Calls `committed` after each commit: the place where a test of crashes
    /// ends the process.
    pub fn on_commit(&mut self, committed: Box<dyn FnMut()>) {
        self.committed = Some(committed);
    }

    /// Waits until no other process works on this store's intentions, and keeps
    /// others waiting until the answer is dropped. The operating system lets go
    /// of it when a process dies, so what was being done is free to be resumed.
    /// A store in memory has no others.
    pub fn lock_work(&self) -> Result<Option<File>, StoreError> {
        if self.path.as_os_str().is_empty() {
            return Ok(None);
        }
        self.lock("lock", File::lock).map(Some)
    }

    /// Fails at once if another process purges by this store; else keeps others
    /// from it until the answer is dropped. A store in memory has no others.
    pub fn lock_purge(&self) -> Result<Option<File>, StoreError> {
        self.lock_now("purge.lock")
    }

    /// The same for a trace.
    pub fn lock_trace(&self) -> Result<Option<File>, StoreError> {
        self.lock_now("trace.lock")
    }

    fn lock_now(&self, extension: &str) -> Result<Option<File>, StoreError> {
        if self.path.as_os_str().is_empty() {
            return Ok(None);
        }
        self.lock(extension, |file| Ok(file.try_lock()?)).map(Some)
    }

    fn lock(
        &self,
        extension: &str,
        lock: impl FnOnce(&File) -> std::io::Result<()>,
    ) -> Result<File, StoreError> {
        let mut path = self.path.clone().into_os_string();
        path.push(".");
        path.push(extension);
        let path = PathBuf::from(path);
        let file = File::options().create(true).append(true).open(&path);
        let locked = file.and_then(|file| lock(&file).map(|()| file));
        locked.map_err(|source| StoreError::file(&path, source))
    }
}

impl fmt::Debug for Store {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Store")
            .field("path", &self.path)
            .finish_non_exhaustive()
    }
}

/// The folder and the file, for the owner only.
fn make_private(path: &Path) -> std::io::Result<()> {
    if let Some(folder) = path.parent().filter(|folder| !folder.exists()) {
        let mut builder = std::fs::DirBuilder::new();
        builder.recursive(true);
        #[cfg(unix)]
        std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
        builder.create(folder)?;
    }
    let mut options = File::options();
    options.append(true).create(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    options.open(path).map(drop)
}

/// As the store keeps it.
fn millis(time: Timestamp) -> i64 {
    time.as_millisecond()
}

/// As the store gave it; a value no clock can have is the first instant.
fn time(millis: i64) -> Timestamp {
    Timestamp::from_millisecond(millis).unwrap_or(Timestamp::UNIX_EPOCH)
}

#[cfg(test)]
mod tests;
