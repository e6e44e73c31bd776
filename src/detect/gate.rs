//! Which lines are worth a look?
//!
//! The gate must have no false negatives: every line in which the rules would
//! find something is woken. It runs over raw bytes, so it wakes every line
//! from which cleaning takes bytes out of the middle.

use super::decode;
use super::prefilter::Prefilter;

/// Finds the next byte of a line that is worth a look.
pub(super) struct Gate<'a> {
    prefilter: &'a Prefilter,
    bytes: &'a [u8],
    /// Off: every line is.
    on: bool,
    keyword: Cursor,
    encoded: Cursor,
    control: Cursor,
}

/// The next place of one kind, found once and kept until it is passed.
#[derive(Default)]
struct Cursor {
    searched: bool,
    at: Option<usize>,
}

impl Cursor {
    fn next(&mut self, from: usize, find: impl FnOnce() -> Option<usize>) -> Option<usize> {
        let stale = !self.searched || self.at.is_some_and(|at| at < from);
        if stale {
            self.at = find();
            self.searched = true;
        }
        self.at
    }
}

impl<'a> Gate<'a> {
    pub(super) fn new(prefilter: &'a Prefilter, bytes: &'a [u8], on: bool) -> Self {
        Self {
            prefilter,
            bytes,
            on,
            keyword: Cursor::default(),
            encoded: Cursor::default(),
            control: Cursor::default(),
        }
    }

    /// The first byte at or after `from` for which a line is woken.
    pub(super) fn next(&mut self, from: usize) -> Option<usize> {
        if from >= self.bytes.len() {
            return None;
        }
        if !self.on {
            return Some(from);
        }
        let (bytes, prefilter) = (self.bytes, self.prefilter);
        let keyword = self.keyword.next(from, || prefilter.first(bytes, from));
        let encoded = self.encoded.next(from, || decode::first(bytes, from));
        let control = self.control.next(from, || first_control(bytes, from));
        [keyword, encoded, control].into_iter().flatten().min()
    }
}

/// Escape, backspace or NUL: what cleaning takes out of the middle of text. A
/// carriage return becomes a line end and joins nothing.
fn first_control(bytes: &[u8], from: usize) -> Option<usize> {
    memchr::memchr3(0x1b, 0x08, 0, &bytes[from..]).map(|at| from + at)
}
