//! A layer of clean text and the layers encoded in it.

use super::bound::Bound;
use super::decode::{self, Decoded};
use super::escape;
use super::hit::Hit;
use super::name::{LazyVendors, Vendors};
use super::pattern::Matcher;
use super::prefilter::Prefilter;
use super::run::{Runner, Site};
use super::seen::Seen;
use super::signs::Signs;
use super::{Options, beside, brief, pem};
use crate::log::{self, LogFormat};
use crate::rule::{DetectorKind, RuleSet};
use std::collections::BTreeSet;
use std::ops::Range;
use std::sync::OnceLock;

/// Hits kept of one line. A line with more is hostile; the first ones show it,
/// and that there are more is said.
const MOST_HITS: usize = 4096;

/// Everything that looks at text.
#[derive(Debug)]
pub(super) struct Layers {
    pub prefilter: Prefilter,
    pub matchers: Vec<Matcher>,
    /// Lines that are not worth a look, and text in which nothing was found.
    pub seen: Seen,
    /// Passages of raw text, of which no line was woken.
    pub passages: Seen,
    /// What names tell is made ready for the first name.
    vendors: OnceLock<Vendors>,
}

/// One look: what does not change from layer to layer.
struct Look<'a> {
    layers: &'a Layers,
    rules: &'a RuleSet,
    prefilter: bool,
    signs: &'a mut Signs,
    in_env_block: bool,
    now: Option<i64>,
    /// Bytes that may be decoded, and how many of them still.
    most_decoded: usize,
    budget: usize,
    /// What was reached.
    bounds: BTreeSet<Bound>,
}

impl Layers {
    pub(super) fn new(rules: &RuleSet) -> Self {
        Self {
            prefilter: Prefilter::new(rules),
            matchers: rules.rules.iter().map(|_| Matcher::default()).collect(),
            seen: Seen::lines(),
            passages: Seen::passages(),
            vendors: OnceLock::new(),
        }
    }

    /// The vendors of `rules`, which are those it was made of.
    pub(super) fn vendors<'a>(&'a self, rules: &'a RuleSet) -> LazyVendors<'a> {
        LazyVendors {
            made: &self.vendors,
            rules,
        }
    }

    /// Hits that begin in `text[..own]`, and the bounds that were reached; what
    /// follows is only read on into.
    pub(super) fn look(
        &self,
        rules: &RuleSet,
        options: &Options,
        text: &[u8],
        own: usize,
        in_env_block: bool,
        signs: &mut Signs,
    ) -> (Vec<Hit>, BTreeSet<Bound>) {
        let mut look = Look {
            layers: self,
            rules,
            prefilter: options.prefilter,
            signs,
            in_env_block,
            most_decoded: options.decode_budget,
            now: options.now,
            budget: options.decode_budget,
            bounds: BTreeSet::new(),
        };
        let hits = look.layer(text, own, options.decode_depth);
        (hits, look.bounds)
    }
}

impl Look<'_> {
    fn layer(&mut self, text: &[u8], own: usize, depth: u8) -> Vec<Hit> {
        let mut hits = self.rules(text, own);
        if depth > 0 {
            self.decoded(text, own, &mut |look, child| {
                let inner = look.child(&child, depth - 1);
                hits.extend(inner);
            });
        }
        let lost = settle_hits(&mut hits, self.rules);
        self.bounds.extend(lost);
        hits
    }

    /// Hits of the rules that the keywords of the text wake, line by line.
    fn rules(&mut self, text: &[u8], own: usize) -> Vec<Hit> {
        let mut woken = self.woken(&text[..own]);
        woken.sort_unstable();
        woken.dedup();
        let mut hits = Vec::new();
        let mut starts = Vec::new();
        for group in woken.chunk_by(|a, b| (a.line, a.rule) == (b.line, b.rule)) {
            starts.clear();
            starts.extend(group.iter().map(|wake| wake.at));
            let line = group[0].line..line_end(&text[..own], group[0].line);
            self.run(group[0].rule, text, line, &starts, &mut hits);
        }
        hits
    }

    fn woken(&mut self, text: &[u8]) -> Vec<Wake> {
        let mut out = Vec::new();
        let mut line = 0..line_end(text, 0);
        let mut push = |rule: u32, at: usize| {
            if at >= line.end || at < line.start {
                line.start = memchr::memrchr(b'\n', &text[..at]).map_or(0, |before| before + 1);
                line.end = line_end(text, at);
            }
            out.push(Wake {
                line: line.start,
                rule,
                at,
            });
        };
        if self.prefilter {
            self.signs.keywords(&self.layers.prefilter, text, &mut push);
        } else {
            everywhere(self.rules, text, &mut push);
        }
        out
    }

    fn run(
        &self,
        rule: u32,
        text: &[u8],
        line: Range<usize>,
        starts: &[usize],
        out: &mut Vec<Hit>,
    ) {
        let runner = Runner {
            index: rule,
            rule: &self.rules.rules[rule as usize],
            matcher: &self.layers.matchers[rule as usize],
            vendors: self.layers.vendors(self.rules),
            now: self.now,
        };
        let site = Site {
            text,
            line,
            in_env_block: self.in_env_block,
        };
        runner.run(&site, starts, out);
    }

    fn decoded(&mut self, text: &[u8], own: usize, each: &mut dyn FnMut(&mut Self, Decoded)) {
        let mine = &text[..own];
        let mut found = Vec::new();
        decode::runs(mine, &mut |decoded| found.push(decoded));
        found.extend(escape::unescape(mine));
        found.extend(escape::unpercent(mine));
        if own < text.len() && decode::is_wrapped_line(first_line(text)) {
            found.extend(decode::wrapped(text));
        }
        for decoded in found {
            if decoded.text.len() <= self.budget {
                self.budget -= decoded.text.len();
                each(self, decoded);
            } else {
                self.bounds.insert(Bound::Decoded(self.most_decoded));
            }
        }
    }

    /// Hits in decoded text, with their spans in the text around it.
    fn child(&mut self, decoded: &Decoded, depth: u8) -> Vec<Hit> {
        let text = log::clean(LogFormat::Plain, &decoded.text, 0..decoded.text.len());
        let mut hits = self.layer(text.bytes(), text.bytes().len(), depth);
        let vendors = self.layers.vendors(self.rules);
        for hit in &mut hits {
            if let Some(above) = beside::above(text.bytes(), hit.span.start) {
                self.weigh(hit, above, &vendors);
            }
            hit.map(|span| decoded.outer(&text.raw_span(span.clone())));
            hit.named_at = None;
            hit.encodings.insert(0, decoded.encoding);
        }
        hits
    }

    /// Lowers what the line above says is none, or not for long.
    fn weigh(&self, hit: &mut Hit, above: &[u8], vendors: &LazyVendors<'_>) {
        let detector = self.rules.rules[hit.rule as usize].detector;
        if detector.is_key() && brief::names_test_cluster(above) {
            brief::lower_test_key(hit);
        } else if hit.is_open() {
            beside::lower_unlike(hit, above, vendors);
        }
    }
}

/// A keyword in a line.
#[derive(PartialEq, Eq, PartialOrd, Ord)]
struct Wake {
    line: usize,
    rule: u32,
    at: usize,
}

fn line_end(text: &[u8], from: usize) -> usize {
    memchr::memchr(b'\n', &text[from..]).map_or(text.len(), |at| from + at)
}

fn first_line(text: &[u8]) -> &[u8] {
    &text[..line_end(text, 0)]
}

/// Without the prefilter: keyword by keyword, byte by byte.
fn everywhere(rules: &RuleSet, text: &[u8], push: &mut impl FnMut(u32, usize)) {
    for (index, rule) in rules.rules.iter().enumerate() {
        for word in &rule.keywords {
            for (at, part) in text.windows(word.len()).enumerate() {
                if part.eq_ignore_ascii_case(word.as_bytes()) {
                    push(index as u32, at);
                }
            }
        }
    }
}

/// Leaves one hit where several overlap: a vendor's own shape before a guess by
/// name, then the surer one, then the more special one, then the one that was
/// decoded further (its value is the real one), then the longer. Hits out of
/// the same run of base64 stand at the same span and do not overlap. Says so
/// when hits are lost because there are too many.
pub(super) fn settle_hits(hits: &mut Vec<Hit>, rules: &RuleSet) -> Option<Bound> {
    if hits.len() < 2 {
        return None;
    }
    // By reference: a cached key would leave copies of secrets in freed memory.
    hits.sort_by(|a, b| order(a, rules).cmp(&order(b, rules)));
    let mut kept: Vec<Hit> = Vec::new();
    let mut lost = None;
    for hit in hits.drain(..) {
        if let Some(better) = kept.iter_mut().find(|better| hides(better, &hit)) {
            better.back_up(&hit);
        } else if kept.len() < MOST_HITS {
            kept.push(hit);
        } else if !hit.dropped {
            lost = Some(Bound::Hits(MOST_HITS));
        }
    }
    kept.sort_by_key(|hit| (hit.span.start, hit.span.end, hit.rule));
    part_shared(&mut kept);
    *hits = kept;
    lost
}

/// Points at no more than the secret where another one stands in the same
/// whole: that one would count as a part of it.
fn part_shared(hits: &mut [Hit]) {
    let mut taken: Vec<&mut Hit> = hits.iter_mut().filter(|hit| !hit.dropped).collect();
    for index in 1..taken.len() {
        let (before, behind) = (taken[index - 1].place(), taken[index].place());
        if before.end > taken[index].span.start {
            taken[index - 1].whole = None;
        }
        if behind.start < taken[index - 1].span.end {
            taken[index].whole = None;
        }
    }
}

fn order<'a>(hit: &'a Hit, rules: &RuleSet) -> impl Ord + use<'a> {
    let best_first = std::cmp::Reverse(rank(hit, rules));
    let value = hit.secret.expose();
    (hit.dropped, best_first, hit.span.start, hit.rule, value)
}

fn hides(better: &Hit, hit: &Hit) -> bool {
    let overlap = better.span.start < hit.span.end && hit.span.start < better.span.end;
    let siblings = better.span == hit.span
        && better.encodings == hit.encodings
        && !better.encodings.is_empty()
        && !nested(&better.secret, &hit.secret);
    overlap && better.dropped == hit.dropped && !siblings
}

/// One value is part of the other.
fn nested(a: &crate::secret::Secret, b: &crate::secret::Secret) -> bool {
    let (a, b) = (a.expose(), b.expose());
    memchr::memmem::find(a, b).is_some() || memchr::memmem::find(b, a).is_some()
}

fn rank(hit: &Hit, rules: &RuleSet) -> (bool, u8, u8, usize, usize) {
    let rule = &rules.rules[hit.rule as usize];
    let special = match rule.detector {
        DetectorKind::PrivateKey | DetectorKind::TruncatedPrivateKey => 3,
        DetectorKind::Pattern if !rule.contextual => 3,
        DetectorKind::Pattern | DetectorKind::Jwt => 2,
        DetectorKind::BasicAuth | DetectorKind::UriUserinfo | DetectorKind::CommandLine => 1,
        DetectorKind::Password | DetectorKind::Credential | DetectorKind::VendorContext => 0,
    };
    let known_shape = special >= 2;
    (
        known_shape,
        hit.confidence as u8,
        special,
        hit.encodings.len(),
        hit.span.len().min(pem::MOST_BYTES),
    )
}
