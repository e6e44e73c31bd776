//! Is a keyword in raw bytes worth a look?
//!
//! Words such as `pass` or `://` stand on every third line of a log, and next
//! to none of these lines holds a secret. A glance costs a fraction of a look
//! and may say yes too often, never no too often: what it asks for, every
//! finding has. It looks at raw bytes, so that nothing it asks for may depend
//! on the prefix of a line.

use super::layer::Layers;
use super::prefilter::Word;
use super::run::{judge_assigned, judge_beside, name_class};
use super::value::{self, Verdict};
use super::{Options, assignment, beside, command, jwt, uri};
use crate::rule::{DetectorKind, Rule, RuleSet, runs};
use std::cell::Cell;
use std::ops::Range;
use std::sync::OnceLock;

/// Behind a keyword a run is looked for on lines up to this long.
const LONGEST_LINE: usize = 1 << 10;

/// Names with what stands around them are shorter.
const NEAR: usize = 512;

/// Of one rule: from its last name up to where the next may begin.
#[derive(Debug, Clone, Copy, Default)]
struct Passed {
    rule: u32,
    from: usize,
    to: usize,
}

/// A line in raw bytes, and what was already seen of it.
#[derive(Debug)]
pub(super) struct Line<'a> {
    text: &'a [u8],
    pub range: Range<usize>,
    /// The longest run that was seen, and where the next one is looked for.
    run: Cell<(usize, usize)>,
    /// A place that was asked for, and that of the next `@` from it on.
    at_sign: Cell<(usize, usize)>,
    /// The name that was asked for last, and whether what it names is worth a look:
    /// several keywords stand in one name.
    named: Cell<(usize, usize, bool)>,
    /// What was passed last by keywords of passwords, and of other credentials.
    passed: [Cell<Passed>; 2],
}

impl<'a> Line<'a> {
    pub(super) fn new(text: &'a [u8], range: Range<usize>) -> Self {
        Self {
            text,
            at_sign: Cell::new((range.end, range.end)),
            named: Cell::new((range.end, range.end, false)),
            passed: Default::default(),
            range,
            run: Cell::default(),
        }
    }

    /// Whether so many token bytes stand in a row on the line. The line is gone
    /// through once, and no longer run is counted than was asked for.
    fn has_run(&self, len: usize) -> bool {
        let text = &self.text[self.range.clone()];
        let (mut longest, mut from) = self.run.get();
        while longest < len && from < text.len() {
            let start = run_of(text, from, longest + 1);
            from = start.unwrap_or(text.len());
            let run = text[from..].iter().take(len);
            let run = run.take_while(|byte| runs::is_token(**byte)).count();
            longest = longest.max(run);
        }
        self.run.set((longest, from));
        longest >= len
    }

    /// Whether what this name names is worth a look, asked once.
    fn is_worth_at(&self, name: &Range<usize>, ask: impl Fn(&Range<usize>) -> bool) -> bool {
        let (start, end, mut is_worth) = self.named.get();
        if *name != (start..end) {
            is_worth = ask(name);
            self.named.set((name.start, name.end, is_worth));
        }
        is_worth
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

/// What the rules of a keyword ask for: one of them is enough.
#[derive(Debug)]
pub(super) struct Glance(Vec<Ask>);

/// Those of all keywords, each made when it first shows up.
#[derive(Debug)]
pub(super) struct Glances(Vec<OnceLock<Glance>>);

impl Glances {
    /// Of the keywords in `layers`.
    pub(super) fn new(layers: &Layers) -> Self {
        let words = layers.prefilter.words.iter();
        Self(words.map(|_| OnceLock::new()).collect())
    }
}

/// What one rule asks for.
#[derive(Debug)]
enum Ask {
    Detector {
        rule: u32,
        kind: DetectorKind,
    },
    /// The rule's pattern, and a run of token bytes that every match holds.
    Pattern {
        rule: u32,
        run: usize,
        place: Place,
    },
}

/// Where a run stands, seen from the keyword.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Place {
    /// It begins with it.
    Here,
    Behind,
    Anywhere,
}

/// What a glance needs to know.
#[derive(Debug, Clone, Copy)]
pub(super) struct Known<'a> {
    pub rules: &'a RuleSet,
    pub layers: &'a Layers,
    pub glances: &'a Glances,
    pub options: &'a Options,
}

impl<'a> Known<'a> {
    /// Of the keyword of this number.
    pub(super) fn glance(self, word: u32) -> &'a Glance {
        let word = word as usize;
        let made = || Glance::new(&self.layers.prefilter.words[word], self.rules);
        self.glances.0[word].get_or_init(made)
    }

    /// Whether the verdict makes a finding, be it only to explain why it is none.
    fn keeps(self, verdict: Verdict) -> bool {
        self.options.explain || matches!(verdict, Verdict::Secret(..))
    }
}

impl Glance {
    fn new(word: &Word, rules: &RuleSet) -> Self {
        let ask = |rule: &u32| Ask::of(*rule, &rules.rules[*rule as usize]);
        Self(word.rules.iter().map(ask).collect())
    }

    /// Whether it is worth to look at the line of the keyword: what can be told
    /// without knowing where the line begins and ends.
    pub(super) fn may_be_worth(&self, text: &[u8], at: usize) -> bool {
        self.0.iter().any(|ask| ask.may_be_met(text, at))
    }

    /// Whether there may be a finding at the keyword that starts at `at`.
    pub(super) fn is_worth(&self, line: &Line<'_>, at: usize, known: Known<'_>) -> bool {
        self.0.iter().any(|ask| ask.is_met(line, at, known))
    }
}

impl Ask {
    fn of(index: u32, rule: &Rule) -> Self {
        if rule.detector != DetectorKind::Pattern {
            return Self::Detector {
                rule: index,
                kind: rule.detector,
            };
        }
        let place = if rule.contextual {
            Place::Behind
        } else if rule.anchored {
            Place::Here
        } else {
            Place::Anywhere
        };
        Self::Pattern {
            rule: index,
            run: rule.run as usize,
            place,
        }
    }

    fn may_be_met(&self, text: &[u8], at: usize) -> bool {
        match *self {
            Self::Detector { kind, .. } => match kind {
                DetectorKind::Password | DetectorKind::Credential => names_something(text, at),
                DetectorKind::UriUserinfo => has_at_sign_near(text, at),
                DetectorKind::VendorContext => beside::may_begin(text, at),
                _ => true,
            },
            Self::Pattern {
                run,
                place: Place::Here,
                ..
            } => begins_run(&text[at..], run),
            Self::Pattern { .. } => true,
        }
    }

    fn is_met(&self, line: &Line<'_>, at: usize, known: Known<'_>) -> bool {
        match *self {
            Self::Detector { rule, kind } => is_worth(rule, kind, line, at, known),
            Self::Pattern { rule, run, place } => {
                let matcher = &known.layers.matchers[rule as usize];
                let rule = &known.rules.rules[rule as usize];
                place.has_run(run, line, at)
                    && matcher
                        .begins_at(rule, line.text, &line.range, at)
                        .unwrap_or(true)
            }
        }
    }
}

/// Whether what the detector finds at `at` may be worth more than to explain why
/// it is none.
fn is_worth(rule: u32, kind: DetectorKind, line: &Line<'_>, at: usize, known: Known<'_>) -> bool {
    let (text, range) = (line.text, &line.range);
    let vendors = known.layers.vendors(known.rules);
    let is_password = |span: Range<usize>| known.keeps(value::judge_placed(&text[span]));
    match kind {
        DetectorKind::Pattern | DetectorKind::PrivateKey | DetectorKind::TruncatedPrivateKey => {
            true
        }
        DetectorKind::Password => is_assigned(rule, line, at, &line.passed[0], known),
        DetectorKind::Credential => is_assigned(rule, line, at, &line.passed[1], known),
        DetectorKind::CommandLine => {
            let found = command::password(text, range, at);
            found.is_some_and(|found| is_password(found.password))
        }
        DetectorKind::UriUserinfo => {
            line.has_at_sign(at) && uri::password(text, range, at).is_some_and(is_password)
        }
        DetectorKind::BasicAuth => uri::basic(text, range, at).is_some(),
        DetectorKind::Jwt => jwt::at(text, range, at).is_some(),
        DetectorKind::VendorContext => match beside::at(text, range, at, &vendors) {
            Some(found) => known.keeps(judge_beside(text, &found, &vendors).1),
            None => beside::is_interface(text, range, at, &vendors),
        },
    }
}

/// Whether a value is assigned to a credential's name at `at`, on its line or on the
/// one below, and may be one.
fn is_assigned(
    rule: u32,
    line: &Line<'_>,
    at: usize,
    passed: &Cell<Passed>,
    known: Known<'_>,
) -> bool {
    let last = passed.get();
    if last.rule == rule && (last.from..last.to).contains(&at) {
        return false;
    }
    let name = assignment::name_around(line.text, &line.range, at);
    let pass = |from, to| passed.set(Passed { rule, from, to });
    name.is_some_and(|name| line.is_worth_at(&name, |name| may_name(line, name, pass, known)))
}

/// Whether what the name names may be a value that is one. Tells `pass` from where up to
/// where the rule looks for no other name.
fn may_name(
    line: &Line<'_>,
    name: &Range<usize>,
    pass: impl Fn(usize, usize),
    known: Known<'_>,
) -> bool {
    let text = &line.text[..line.range.end];
    let vendors = known.layers.vendors(known.rules);
    let Some((class, whole)) = name_class(text, &line.range, name, &vendors) else {
        return false;
    };
    if assignment::may_be_below(text, &line.range, name) {
        return true;
    }
    assignment::of_name(text, &line.range, name).is_some_and(|found| {
        pass(found.name.end, found.resume());
        let verdict = judge_assigned(text, &found, class, &text[whole], &vendors).1;
        known.keeps(verdict)
    })
}

/// Something may follow a name that stands there. Neither looks beyond a line end
/// or farther than [`NEAR`].
fn names_something(text: &[u8], at: usize) -> bool {
    let near = at.saturating_sub(NEAR)..text.len().min(at + NEAR);
    assignment::may_begin(text, &near, at)
}

/// As far behind `://` as [`uri::password`] looks for it.
fn has_at_sign_near(text: &[u8], at: usize) -> bool {
    let reach = b"://".len() + uri::LONGEST_USERINFO;
    let near = &text[at..text.len().min(at + reach)];
    memchr::memchr2(b'@', b'\n', near).is_some_and(|end| near[end] == b'@')
}

fn begins_run(text: &[u8], len: usize) -> bool {
    // What ends a run too early stands near its end as likely as near its start.
    let run = text.get(..len);
    run.is_some_and(|run| run.iter().rev().all(|byte| runs::is_token(*byte)))
}

impl Place {
    fn has_run(self, len: usize, line: &Line<'_>, at: usize) -> bool {
        let rest = &line.text[at..line.range.end];
        match self {
            Self::Here => begins_run(rest, len),
            Self::Behind if line.range.len() <= LONGEST_LINE => run_of(rest, 0, len).is_some(),
            Self::Behind | Self::Anywhere => line.has_run(len),
        }
    }
}

/// Where the first run of so many token bytes goes on from: at `from` or behind.
fn run_of(text: &[u8], mut from: usize, len: usize) -> Option<usize> {
    // Such a run holds all of the next bytes, or begins behind the last of them
    // that is none of its.
    loop {
        let next = text.get(from..from + len)?;
        match next.iter().rposition(|byte| !runs::is_token(*byte)) {
            Some(at) => from += at + 1,
            None => return Some(from),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_password_of_a_url_is_farther_than_the_glance() {
        let mut longest = 0;
        for len in 2000..2100 {
            let text = format!("x://u:{}@h", "p".repeat(len)).into_bytes();
            if uri::password(&text, &(0..text.len()), 1).is_some() {
                longest = len;
                assert!(has_at_sign_near(&text, 1), "{len}");
            }
        }
        assert!((2000..2099).contains(&longest));
        assert!(!has_at_sign_near(b"x://h/\nu@h", 1));
    }

    #[test]
    fn runs_and_their_lengths() {
        for (text, longest) in [
            (&b"a bcd_-/+ =efg"[..], 7),
            (b"", 0),
            (b"  ", 0),
            (b"abc", 3),
            (b"ab cde f", 3),
            (b" abcd", 4),
        ] {
            let line = Line::new(text, 0..text.len());
            let told: Vec<bool> = (0..10).map(|len| line.has_run(len)).collect();
            let expected: Vec<bool> = (0..10).map(|len| len <= longest).collect();
            assert_eq!(told, expected);
            let backwards = (0..10).rev();
            assert!(
                backwards
                    .map(|len| line.has_run(len))
                    .eq(expected.into_iter().rev())
            );
            assert!(run_of(text, 0, longest).is_some() && run_of(text, 0, longest + 1).is_none());
        }
        assert!(begins_run(b"ghp_12 3", 6) && !begins_run(b"ghp_12 3", 7));
    }

    #[test]
    fn the_next_at_sign_is_told_for_every_place_before_it() {
        let text = b"a @ b @ c\n@";
        let line = Line::new(text, 0..9);
        let told: Vec<bool> = (0..9).map(|at| line.has_at_sign(at)).collect();
        let expected: Vec<bool> = (0..9).map(|at| text[at..9].contains(&b'@')).collect();
        assert_eq!(told, expected);
    }
}
