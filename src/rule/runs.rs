//! How long a run of token bytes does every match of a pattern hold?
//!
//! Token bytes are those of base64 and its URL form: letters, digits, `+`, `/`,
//! `-`, `_`. What is told is what the structure of the pattern proves, which
//! may be less than what is true, never more.

use super::implied::parsed;
use regex_syntax::hir::{Class, Hir, HirKind};

/// Runs that every match of a part of a pattern holds, in bytes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Runs {
    /// Every match consists of token bytes alone.
    whole: bool,
    /// Length of the shortest match; what follows counts up to here.
    shortest: usize,
    /// At the start of every match.
    pub first: usize,
    last: usize,
    /// Anywhere in it.
    pub longest: usize,
}

/// The runs of `pattern` (bytes, Unicode off); none if it is no pattern.
pub(crate) fn of_pattern(pattern: &str) -> Runs {
    parsed(pattern).map_or(Runs::NONE, |hir| Runs::of(&hir))
}

impl Runs {
    const EMPTY: Self = Self::all(0);
    pub(super) const NONE: Self = Self {
        whole: false,
        ..Self::EMPTY
    };

    /// Token bytes alone, `len` of them or more.
    const fn all(len: usize) -> Self {
        Self {
            whole: true,
            shortest: len,
            first: len,
            last: len,
            longest: len,
        }
    }

    /// Of the matches of an expression.
    pub(crate) fn of(hir: &Hir) -> Self {
        match hir.kind() {
            HirKind::Empty | HirKind::Look(_) => Self::EMPTY,
            HirKind::Literal(literal) => {
                let bytes = literal.0.iter().map(|byte| Self::of_byte(is_token(*byte)));
                bytes.fold(Self::EMPTY, Self::then)
            }
            HirKind::Class(class) => Self::of_byte(holds_tokens_only(class)),
            HirKind::Capture(capture) => Self::of(&capture.sub),
            HirKind::Repetition(repetition) => {
                Self::of(&repetition.sub).times(repetition.min as usize)
            }
            HirKind::Concat(parts) => parts.iter().map(Self::of).fold(Self::EMPTY, Self::then),
            HirKind::Alternation(parts) => parts
                .iter()
                .map(Self::of)
                .reduce(Self::or)
                .unwrap_or(Self::EMPTY),
        }
    }

    fn of_byte(token: bool) -> Self {
        if token { Self::all(1) } else { Self::NONE }
    }

    fn then(self, next: Self) -> Self {
        Self {
            whole: self.whole && next.whole,
            shortest: self.shortest + next.shortest,
            first: self.first + if self.whole { next.first } else { 0 },
            last: next.last + if next.whole { self.last } else { 0 },
            longest: self.longest.max(next.longest).max(self.last + next.first),
        }
    }

    fn or(self, other: Self) -> Self {
        Self {
            whole: self.whole && other.whole,
            shortest: self.shortest.min(other.shortest),
            first: self.first.min(other.first),
            last: self.last.min(other.last),
            longest: self.longest.min(other.longest),
        }
    }

    fn times(self, count: usize) -> Self {
        if self.whole {
            return Self::all(self.shortest * count);
        }
        match count {
            0 => Self::NONE,
            1 => self,
            _ => Self {
                longest: self.longest.max(self.last + self.first),
                ..self
            },
        }
    }
}

/// Whether `byte` is one of the token bytes.
pub(crate) const fn is_token(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || matches!(byte, b'+' | b'/' | b'-' | b'_')
}

fn holds_tokens_only(class: &Class) -> bool {
    match class {
        Class::Bytes(bytes) => {
            let mut ranges = bytes.ranges().iter();
            ranges.all(|range| (range.start()..=range.end()).all(is_token))
        }
        Class::Unicode(chars) => {
            let is_token = |c: char| u8::try_from(c).is_ok_and(is_token);
            let mut ranges = chars.ranges().iter();
            ranges.all(|range| (range.start()..=range.end()).all(is_token))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::of_pattern;

    #[test]
    fn runs_that_every_match_holds() {
        for (pattern, first, longest) in [
            ("ghp_[0-9A-Za-z]{36}", 40, 40),
            ("(?:a|bcd)_[0-9]{4,9}", 6, 6),
            (r"hvs\.[0-9A-Za-z_-]{24,}", 3, 24),
            ("x[^a]?[0-9]{8}", 1, 8),
            ("(?:ab ){2}", 2, 2),
            ("(?: ab){2}c", 0, 3),
            ("a(?P<secret>[0-9]{0,9})b", 2, 2),
            ("[a-z", 0, 0),
        ] {
            let runs = of_pattern(pattern);
            assert_eq!((runs.first, runs.longest), (first, longest), "{pattern}");
        }
    }
}
