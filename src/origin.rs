//! Where bytes came from, and what could not be read.

use serde::Serialize;

/// The name of one log: the path as it was given, joined with what was found
/// below it; entries of an archive follow a `!`
/// (`logs.zip!build/3_Run make.txt`, `-!0_build.txt` for an archive on
/// standard input).
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(transparent)]
pub struct Origin(String);

impl Origin {
    /// An origin from a path as the user gave it. Bytes that are not UTF-8
    /// are shown as U+FFFD.
    pub fn new(path: impl Into<String>) -> Self {
        Self(path.into())
    }

    /// The entry `name` inside this archive.
    #[must_use]
    pub fn entry(&self, name: &str) -> Self {
        Self(format!("{}!{name}", self.0))
    }

    /// The whole name.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// What comes after the last `!`: the name of the log itself, with its
    /// folders.
    pub fn leaf(&self) -> &str {
        self.0.rsplit_once('!').map_or(&self.0, |(_, leaf)| leaf)
    }
}

impl std::fmt::Display for Origin {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.0)
    }
}

/// Why something was not read, or not read to its end.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, schemars::JsonSchema,
)]
#[serde(rename_all = "kebab-case")]
#[non_exhaustive]
pub enum ProblemKind {
    /// It could not be opened or read (permissions, I/O error, not found).
    Unreadable,
    /// An archive or compressed stream ends before its end, or is damaged.
    Damaged,
    /// An archive entry is encrypted.
    Encrypted,
    /// A compression method or archive feature that is not supported.
    Unsupported,
    /// One of the limits (depth, entries, ratio, memory, findings) was reached.
    OverLimit,
}

/// Something that was not read: named on standard error and in every report,
/// and the reason for exit code 3.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, schemars::JsonSchema)]
pub struct Problem {
    /// What was not read.
    #[schemars(with = "String")]
    pub path: Origin,
    /// The class of reason.
    pub kind: ProblemKind,
    /// One lower-case sentence for people: what happened and what to do.
    pub detail: String,
}

impl Problem {
    /// A problem of `kind` at `path`.
    pub fn new(path: &Origin, kind: ProblemKind, detail: impl Into<String>) -> Self {
        Self {
            path: path.clone(),
            kind,
            detail: detail.into(),
        }
    }
}
