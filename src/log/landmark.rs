//! Lines that tell job, step or section.

use super::grammar::Grammar;
use super::{LogFormat, ansi};
use memchr::memmem::{self, FindIter};
use std::iter::Peekable;
use std::ops::Range;

/// How far before a needle its line may begin: prefixes are shorter.
const MAX_BEFORE: usize = 1024;
/// Bytes of a label that are kept.
const MAX_LABEL: usize = 200;

/// What a line, or the name of a log, tells of the place it belongs to.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Landmark {
    /// The job.
    pub job: Option<String>,
    /// The step, section or command group. An empty one closes the last.
    pub step: Option<String>,
}

impl Landmark {
    /// A step of this name, escapes and surrounding blanks removed.
    pub(super) fn step(name: &[u8]) -> Self {
        Self {
            job: None,
            step: Some(label(name)),
        }
    }

    /// What a later line tells replaces what an earlier one told.
    pub fn update(&mut self, later: Self) {
        self.job = later.job.or(self.job.take());
        self.step = later.step.or(self.step.take());
    }

    /// Whether no earlier line of a log of this format can tell more.
    pub fn is_full(&self, format: LogFormat) -> bool {
        let grammar = format.grammar();
        let (job, step) = (self.job.is_some(), self.step.is_some());
        grammar.needles.is_empty() || step && (job || !grammar.tells_jobs)
    }

    /// The end of a step.
    pub(super) fn end() -> Self {
        Self {
            job: None,
            step: Some(String::new()),
        }
    }
}

/// A name for people: one line, no control sequences, at most 200 bytes.
pub(super) fn label(name: &[u8]) -> String {
    let name = &name[..name.len().min(MAX_LABEL)];
    let text = super::clean(LogFormat::Plain, name, 0..name.len());
    let line = text
        .lines()
        .first()
        .map_or(&[][..], |line| text.line_bytes(line));
    String::from_utf8_lossy(line)
        .trim()
        .replace(|c: char| c.is_control(), "")
}

/// Calls `each` for every landmark in `raw`, in order, with the raw offset at
/// which it stands. A landmark depends on its own line only, so it does not
/// matter where `raw` was cut, as long as that was at a line start.
///
/// One vectorised pass per needle of the format; none for plain text.
pub fn landmarks(format: LogFormat, raw: &[u8], each: &mut dyn FnMut(usize, Landmark)) {
    let grammar = format.grammar();
    for at in hits(grammar.needles, raw) {
        if let Some(landmark) = read(grammar, raw, at) {
            each(at, landmark);
        }
    }
}

/// Offsets of the needles in `raw`, in order.
pub(super) fn hits<'r>(
    needles: &'static [&'static str],
    raw: &'r [u8],
) -> impl Iterator<Item = usize> + 'r {
    let hits = needles.iter();
    let mut hits: Vec<Peekable<FindIter>> = hits
        .map(|needle| memmem::find_iter(raw, needle).peekable())
        .collect();
    std::iter::from_fn(move || next_hit(&mut hits))
}

/// Takes the first of the next hits.
fn next_hit(hits: &mut [Peekable<FindIter>]) -> Option<usize> {
    let first = hits
        .iter_mut()
        .filter_map(|hits| hits.peek().copied())
        .min()?;
    for hits in hits {
        hits.next_if_eq(&first);
    }
    Some(first)
}

/// The landmark whose needle stands at `at`.
fn read(grammar: &Grammar, raw: &[u8], at: usize) -> Option<Landmark> {
    let line = line_around(raw, at)?;
    let before = at - line.start;
    (grammar.landmark)(&raw[line], before)
}

/// The line around an offset, without its line end and cut after a label's
/// length. `None` when it begins too far before.
fn line_around(raw: &[u8], at: usize) -> Option<Range<usize>> {
    let from = at.saturating_sub(MAX_BEFORE);
    let start = match memchr::memrchr(b'\n', &raw[from..at]) {
        Some(newline) => from + newline + 1,
        None if from == 0 => 0,
        None => return None,
    };
    let rest = &raw[at..raw.len().min(at + 2 * MAX_LABEL)];
    let end = memchr::memchr(b'\n', rest).unwrap_or(rest.len());
    let line = ansi::trim_line_end(&raw[start..at + end]);
    Some(start..(start + line.len()).max(at))
}
