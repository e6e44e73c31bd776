//! What can go wrong with a store.

use std::path::{Path, PathBuf};

/// Why the store could not be used.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum StoreError {
    /// A file of the store cannot be opened, made or locked.
    #[error("failed to open the state {path}: {source}\nhint: name another file with --state")]
    File {
        /// Which file.
        path: PathBuf,
        /// Why.
        source: std::io::Error,
    },
    /// SQLite refused.
    #[error("failed to read or write the state{}: {source}", shown(path.as_deref()))]
    Sql {
        /// Which file, where it is known.
        path: Option<PathBuf>,
        /// Why.
        source: rusqlite::Error,
    },
    /// A later version of leaksweep wrote the store.
    #[error(
        "the state is of form {found}, and this version knows forms up to {known}\n\
         hint: use the newest leaksweep that worked on it"
    )]
    Newer {
        /// Form of the file.
        found: usize,
        /// Latest form this program reads.
        known: usize,
    },
    /// A value that this program does not write.
    #[error("the state holds a value it cannot hold: {0}")]
    Value(String),
}

fn shown(path: Option<&Path>) -> String {
    path.map_or_else(String::new, |path| format!(" {}", path.display()))
}

impl StoreError {
    pub(super) fn file(path: &Path, source: std::io::Error) -> Self {
        Self::File {
            path: path.to_owned(),
            source,
        }
    }

    pub(super) fn sql(path: &Path, source: rusqlite::Error) -> Self {
        Self::Sql {
            path: Some(path.to_owned()),
            source,
        }
    }

    /// Says which file it was.
    pub(super) fn at(self, at: &Path) -> Self {
        match self {
            Self::Sql { source, .. } => Self::sql(at, source),
            other => other,
        }
    }
}

impl From<rusqlite::Error> for StoreError {
    fn from(source: rusqlite::Error) -> Self {
        Self::Sql { path: None, source }
    }
}

impl From<serde_json::Error> for StoreError {
    fn from(source: serde_json::Error) -> Self {
        Self::Value(source.to_string())
    }
}
