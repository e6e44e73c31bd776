//! Why the channels could not be made.

/// What is wrong with a channel. No message holds an address or a key.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{message}")]
pub struct IncidentError {
    kind: IncidentErrorKind,
    message: String,
}

/// Kinds of [`IncidentError`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum IncidentErrorKind {
    /// An environment variable is not set.
    Missing,
    /// An address is none, or may not be reached.
    Address,
    /// A key or the value of a header is not of its form.
    Secret,
    /// The HTTP client could not be made.
    Client,
}

impl IncidentError {
    pub(super) fn new(kind: IncidentErrorKind, message: impl Into<String>) -> Self {
        let message = message.into();
        Self { kind, message }
    }

    /// What kind it is.
    pub fn kind(&self) -> IncidentErrorKind {
        self.kind
    }
}
