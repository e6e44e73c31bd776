//! Why reading failed, carried through `std::io::Error`.

use crate::origin::{Origin, Problem, ProblemKind};
use std::io;

/// A read error that knows its class. Cloned, so that a reader which failed
/// once can go on failing: an end of file after an error would look clean.
#[derive(Debug, Clone, thiserror::Error)]
#[error("{detail}")]
pub(super) struct ReadError {
    pub(super) kind: ProblemKind,
    pub(super) detail: String,
}

impl ReadError {
    pub(super) fn new(kind: ProblemKind, detail: impl Into<String>) -> Self {
        let detail = detail.into();
        Self { kind, detail }
    }

    pub(super) fn damaged(detail: impl Into<String>) -> Self {
        Self::new(ProblemKind::Damaged, detail)
    }

    pub(super) fn unsupported(detail: impl Into<String>) -> Self {
        Self::new(ProblemKind::Unsupported, detail)
    }

    /// The system refused to read.
    pub(super) fn unreadable(error: &io::Error) -> Self {
        Self::new(ProblemKind::Unreadable, format!("failed to read: {error}"))
    }

    /// A limit was reached; `flag` raises it.
    pub(super) fn over(what: &str, flag: &str) -> Self {
        let detail = format!("{what}; hint: raise {flag} if this input can be trusted");
        Self::new(ProblemKind::OverLimit, detail)
    }

    /// What a decoder's error means: the class given by the layers below, or
    /// too much memory asked for, or else damage.
    pub(super) fn from_decoder(error: &io::Error) -> Self {
        if let Some(known) = known(error) {
            return known.clone();
        }
        let detail = format!("failed to decompress: {error}");
        if wants_memory(error) {
            return Self::new(ProblemKind::OverLimit, detail);
        }
        Self::damaged(detail)
    }

    pub(super) fn at(self, origin: &Origin) -> Problem {
        Problem::new(origin, self.kind, self.detail)
    }
}

impl From<ReadError> for io::Error {
    fn from(error: ReadError) -> Self {
        Self::other(error)
    }
}

/// The class of a read error of [`super::Body`], and a sentence about it.
pub fn problem_of(error: &io::Error) -> (ProblemKind, String) {
    if let Some(known) = known(error) {
        return (known.kind, known.detail.clone());
    }
    let kind = match error.kind() {
        io::ErrorKind::InvalidData | io::ErrorKind::UnexpectedEof => ProblemKind::Damaged,
        io::ErrorKind::Unsupported => ProblemKind::Unsupported,
        _ => ProblemKind::Unreadable,
    };
    (kind, format!("failed to read: {error}"))
}

/// Whether a decoder refused a dictionary larger than it was allowed.
fn wants_memory(error: &io::Error) -> bool {
    let lzma: Option<&liblzma::stream::Error> = error.get_ref().and_then(|e| e.downcast_ref());
    lzma.is_some_and(|lzma| matches!(lzma, liblzma::stream::Error::MemLimit))
        || error.to_string().contains("too much memory")
}

/// The [`ReadError`] inside, if there is one.
fn known(error: &io::Error) -> Option<&ReadError> {
    error.get_ref()?.downcast_ref()
}

/// The problem that `error` is at `origin`.
pub(super) fn problem_at(origin: &Origin, error: &io::Error) -> Problem {
    let (kind, detail) = problem_of(error);
    Problem::new(origin, kind, detail)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_class_survives_the_way_through_io_error() {
        let error = io::Error::from(ReadError::over("too much", "--max-total"));
        assert_eq!(problem_of(&error).0, ProblemKind::OverLimit);
        assert!(problem_of(&error).1.contains("hint: raise --max-total"));
    }

    #[test]
    fn a_foreign_error_is_classed_by_its_kind() {
        let kind = |kind| problem_of(&io::Error::from(kind)).0;
        assert_eq!(kind(io::ErrorKind::UnexpectedEof), ProblemKind::Damaged);
        assert_eq!(
            kind(io::ErrorKind::PermissionDenied),
            ProblemKind::Unreadable
        );
        assert_eq!(kind(io::ErrorKind::Unsupported), ProblemKind::Unsupported);
    }
}
