//! Is a keyword in raw bytes worth a look?
//!
//! Words such as `pass` or `://` stand on every third line of a log, and next
//! to none of these lines holds a secret. A glance costs a fraction of a look
//! and may say yes too often, never no too often: what it asks for, every
//! finding has. It looks at raw bytes, so that nothing it asks for may depend
//! on the prefix of a line.

use super::name::Vendors;
use super::prefilter::Word;
use super::{assignment, beside, command, jwt, uri};
use crate::rule::{DetectorKind, Rule, RuleSet, runs};
use std::cell::{Cell, OnceCell};
use std::ops::Range;

/// A shorter run stands on every line.
const SHORTEST_RUN: usize = 8;
/// Behind a keyword a run is looked for on lines up to this long.
const LONGEST_LINE: usize = 1 << 10;

/// A line in raw bytes, and what was already seen of it.
#[derive(Debug)]
pub(super) struct Line<'a> {
    text: &'a [u8],
    pub range: Range<usize>,
    longest_run: OnceCell<usize>,
    /// A place that was asked for, and that of the next `@` from it on.
    at_sign: Cell<(usize, usize)>,
}

impl<'a> Line<'a> {
    pub(super) fn new(text: &'a [u8], range: Range<usize>) -> Self {
        Self {
            text,
            at_sign: Cell::new((range.end, range.end)),
            range,
            longest_run: OnceCell::new(),
        }
    }

    fn longest_run(&self) -> usize {
        *self
            .longest_run
            .get_or_init(|| longest_run(&self.text[self.range.clone()]))
    }

    /// Whether an `@` follows on the line. It is looked for once for all the
    /// places before it.
    fn has_at_sign(&self, from: usize) -> bool {
        let (asked, mut place) = self.at_sign.get();
        if !(asked..=place).contains(&from) {
            let found = memchr::memchr(b'@', &self.text[from..self.range.end]);
            place = found.map_or(self.range.end, |at| from + at);
            self.at_sign.set((from, place));
        }
        place < self.range.end
    }
}

/// What the rules of a keyword ask for: one of these is enough.
#[derive(Debug, Default)]
pub(super) struct Glance {
    detectors: Vec<DetectorKind>,
    /// What the rules with a pattern ask for.
    run: Option<Run>,
}

/// A run of token bytes near a keyword, of this length at least.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Run {
    len: usize,
    /// It may also stand before the keyword.
    before: bool,
}

impl Glance {
    /// Of the keyword `word`.
    pub(super) fn new(word: &Word, rules: &RuleSet) -> Self {
        let mut glance = Self::default();
        for rule in word.rules.iter().map(|rule| &rules.rules[*rule as usize]) {
            if rule.detector == DetectorKind::Pattern {
                let run = Run::of(rule);
                glance.run = Some(glance.run.map_or(run, |known| known.or(run)));
            } else {
                glance.detectors.push(rule.detector);
            }
        }
        glance
    }

    /// Whether there may be a finding at the keyword that starts at `at`.
    pub(super) fn is_worth(&self, line: &Line<'_>, at: usize, vendors: &Vendors) -> bool {
        self.run.is_some_and(|run| run.is_near(line, at))
            || self
                .detectors
                .iter()
                .any(|detector| is_worth(*detector, line, at, vendors))
    }
}

fn is_worth(detector: DetectorKind, line: &Line<'_>, at: usize, vendors: &Vendors) -> bool {
    let (text, range) = (line.text, &line.range);
    match detector {
        DetectorKind::Pattern | DetectorKind::PrivateKey | DetectorKind::TruncatedPrivateKey => {
            true
        }
        DetectorKind::Password | DetectorKind::Credential => {
            assignment::may_begin(text, range, at)
        }
        DetectorKind::CommandLine => command::password(text, range, at).is_some(),
        DetectorKind::UriUserinfo => {
            line.has_at_sign(at) && uri::password(text, range, at).is_some()
        }
        DetectorKind::BasicAuth => uri::basic(text, range, at).is_some(),
        DetectorKind::Jwt => jwt::at(text, range, at).is_some(),
        DetectorKind::VendorContext => beside::at(text, range, at, vendors).is_some(),
    }
}

impl Run {
    fn of(rule: &Rule) -> Self {
        Self {
            len: runs::of_pattern(&rule.pattern).longest,
            before: !rule.contextual,
        }
    }

    fn or(self, other: Self) -> Self {
        Self {
            len: self.len.min(other.len),
            before: self.before || other.before,
        }
    }

    fn is_near(self, line: &Line<'_>, at: usize) -> bool {
        if self.len < SHORTEST_RUN {
            return true;
        }
        let behind = || longest_run(&line.text[at..line.range.end]) >= self.len;
        line.longest_run() >= self.len
            && (self.before || line.range.len() > LONGEST_LINE || behind())
    }
}

/// Length of the longest run of token bytes.
fn longest_run(text: &[u8]) -> usize {
    let parts = text.split(|byte| !runs::is_token(*byte));
    parts.map(<[u8]>::len).max().unwrap_or(0)
}
