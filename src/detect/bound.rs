//! What of a line was not looked at.

use std::fmt;

/// A bound on what one line may cost.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Bound {
    /// Bytes decoded out of the line.
    Decoded(usize),
    /// Hits kept of the line.
    Hits(usize),
}

impl fmt::Display for Bound {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Decoded(bytes) => write!(
                f,
                "more is encoded in it than the {bytes} bytes that are decoded of one line"
            ),
            Self::Hits(hits) => write!(f, "it holds more than {hits} secrets"),
        }
    }
}

/// A line that reached a bound: what is beyond was not looked at.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Unseen {
    /// Raw offset in the window at which the line, or what the core holds of
    /// it, begins.
    pub at: usize,
    /// The bound.
    pub bound: Bound,
}
