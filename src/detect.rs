//! Rules on clean text: prefilter, patterns, entropy, checksums, decoding,
//! multi-line secrets, allow-lists.
//!
//! Detection looks at one line of a log at a time, and only at lines that hold
//! a keyword of some rule, something that may be encoded text, or control
//! sequences. Such a line is cleaned, the rules whose keywords it holds run on
//! it, what is encoded in it is decoded and looked at in the same way. What a
//! line yields depends on the line and a bounded number of lines around it,
//! never on where a window was cut.
//!
//! There is no I/O, no clock and no environment in this room, and no raw
//! secret leaves it.

mod assignment;
mod beside;
mod bound;
mod brief;
mod buckets;
mod checksum;
mod command;
mod context;
mod decode;
mod ends;
mod escape;
mod gate;
mod glance;
mod grams;
mod heads;
mod hit;
mod jwt;
mod layer;
mod lines;
mod name;
mod pattern;
mod pem;
mod prefilter;
mod prove;
mod reach;
mod redact;
mod run;
mod seen;
mod settle;
mod shape;
mod sheet;
mod sieve;
mod signs;
mod simd;
mod uri;
mod value;
mod woken;
mod words;

pub use bound::{Bound, Unseen};
pub use prove::{Failure, prove};
pub use redact::{DEFAULT_FINGERPRINT_KEY, MASK};
pub use settle::{Settler, sort};

use crate::finding::Encoding;
use crate::log::{self, LogFormat, Text};
use crate::rule::{Confidence, RuleSet};
use crate::secret::Secret;
use glance::{Glances, Known};
use hit::Hit;
use layer::Layers;
use reach::reach;
use sheet::{Sheet, above, line_around, own_end};
use signs::Signs;
use std::collections::BTreeSet;
use std::ops::Range;
use woken::WokenLines;

/// How detection runs.
#[derive(Debug, Clone)]
pub struct Options {
    /// Key of the fingerprints.
    pub fingerprint_key: Vec<u8>,
    /// Encodings undone inside one another.
    pub decode_depth: u8,
    /// Bytes decoded out of one line at most.
    pub decode_budget: usize,
    /// Keep candidates that were not taken, to explain them.
    pub explain: bool,
    /// Look only at lines that the prefilter wakes, and not again at what held
    /// nothing. Without it every rule is tried everywhere: for tests, which hold that both find the same.
    pub prefilter: bool,
    /// The time of the scan, in seconds since 1970: what had expired by then
    /// ranks low. Without it nothing is known to have expired.
    pub now: Option<i64>,
    /// Expressions tried on every raw secret, which leaves no other trace of
    /// itself than [`Detected::value_matches`].
    pub value_allow: Vec<regex::bytes::Regex>,
}

impl Default for Options {
    fn default() -> Self {
        Self {
            fingerprint_key: DEFAULT_FINGERPRINT_KEY.to_vec(),
            decode_depth: 3,
            decode_budget: 8 << 20,
            explain: false,
            prefilter: true,
            now: None,
            value_allow: Vec::new(),
        }
    }
}

/// A part of a log.
#[derive(Debug, Clone)]
pub struct Window<'a> {
    /// Raw bytes: the core and what stands around it.
    pub raw: &'a [u8],
    /// Secrets that start in here are reported; the rest is only looked at.
    pub core: Range<usize>,
    /// How the log is written.
    pub format: LogFormat,
    /// The first byte of `raw` begins a record of the format.
    pub starts_record: bool,
}

/// A secret found in a window: redacted, but not yet given its line number.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Detected {
    /// Index of the rule in the [`RuleSet`].
    pub rule: u32,
    /// Raw bytes of the window.
    pub span: Range<usize>,
    /// Those of the secret itself, where it is only a part of `span`; else the
    /// same.
    pub own: Range<usize>,
    /// Raw offset at which the text of its line begins, behind the prefix.
    pub text_start: usize,
    /// How sure.
    pub confidence: Confidence,
    /// Why that sure, or why it was not taken.
    pub reasons: Vec<&'static str>,
    /// Fixed prefix and mask.
    pub redacted: String,
    /// Keyed hash of the secret.
    pub fingerprint: String,
    /// The secret itself, decoded: it goes no further than to what masks it
    /// wherever else it stands.
    pub secret: Secret,
    /// Encodings undone, outermost first.
    pub decoded_from: Vec<Encoding>,
    /// The line, every match on it masked.
    pub context: String,
    /// Vendor, when the name told another one than the rule's.
    pub vendor: Option<String>,
    /// Time on the line.
    pub logged_at: Option<String>,
    /// Job and step on the line itself.
    pub labels: log::Landmark,
    /// Considered and not taken; only with [`Options::explain`].
    pub dropped: bool,
    /// Indices of the [`Options::value_allow`] that match the raw secret.
    pub value_matches: Vec<usize>,
}

/// Rules, ready for detection. One for all threads.
#[derive(Debug)]
pub struct Detector {
    rules: RuleSet,
    options: Options,
    layers: Layers,
    glances: Glances,
}

impl Detector {
    /// Prepares `rules`.
    pub fn new(rules: RuleSet, options: Options) -> Self {
        let layers = Layers::new(&rules);
        Self {
            rules,
            options,
            glances: Glances::new(&layers),
            layers,
        }
    }

    /// The rules.
    pub fn rules(&self) -> &RuleSet {
        &self.rules
    }

    /// Whether candidates that were not taken are kept.
    pub fn explains(&self) -> bool {
        self.options.explain
    }

    /// The fingerprint that findings of this secret have.
    pub fn fingerprint(&self, secret: &[u8]) -> String {
        redact::fingerprint(&self.options.fingerprint_key, &Secret::new(secret))
    }

    /// Keyed hash of a text without secrets, made with the key of the
    /// fingerprints: 64 hexadecimal digits.
    pub fn digest(&self, text: &str) -> String {
        redact::digest(&self.options.fingerprint_key, text)
    }

    /// Secrets that start in the core of `window`, in no particular order.
    /// Returns the lines of which not all was looked at.
    pub fn scan(&self, window: &Window<'_>, out: &mut Vec<Detected>) -> Vec<Unseen> {
        if window.format.is_line_based() {
            let sheet = Sheet {
                window,
                bytes: window.raw,
                text: None,
            };
            self.scan_sheet(&sheet, window.core.clone(), out)
        } else {
            let text = log::clean(window.format, window.raw, 0..window.raw.len());
            let sheet = Sheet {
                window,
                bytes: text.bytes(),
                text: Some(&text),
            };
            self.scan_sheet(&sheet, 0..text.bytes().len(), out)
        }
    }

    fn scan_sheet(
        &self,
        sheet: &Sheet<'_>,
        range: Range<usize>,
        out: &mut Vec<Detected>,
    ) -> Vec<Unseen> {
        let mut unseen = Vec::new();
        let mut signs = Box::default();
        // What wakes a line that goes on behind the end may stand there, and what is found begin before.
        let last = range.end.saturating_sub(1).max(range.start);
        let end = line_around(sheet.bytes, last).end;
        // Where a line was cut by force, what wakes it may stand before the cut.
        let start = memchr::memrchr(b'\n', &sheet.bytes[..range.start]).map_or(0, |at| at + 1);
        for line in WokenLines::new(self.known(), sheet, start..end) {
            if sheet.owns_part_of(&line) {
                let at = sheet.raw_span(line.clone()).start;
                let at = at.max(sheet.window.core.start);
                let bounds = self.scan_line(sheet, &line, &mut signs, out);
                unseen.extend(bounds.into_iter().map(|bound| Unseen { at, bound }));
            }
        }
        unseen
    }

    fn known(&self) -> Known<'_> {
        Known {
            rules: &self.rules,
            layers: &self.layers,
            glances: &self.glances,
            options: &self.options,
        }
    }

    fn scan_line(
        &self,
        sheet: &Sheet<'_>,
        line: &Range<usize>,
        signs: &mut Signs,
        out: &mut Vec<Detected>,
    ) -> BTreeSet<Bound> {
        let text = log::clean(
            sheet.format(line),
            sheet.bytes,
            line.start..reach(sheet.bytes, line),
        );
        let own = own_end(&text, line);
        // What stands around it only tells how sure a finding is.
        let key = self.layers.seen.key((text.bytes(), text.cuts(), own));
        if self.options.prefilter && self.layers.seen.holds(key) {
            return BTreeSet::new();
        }
        let (mut hits, bounds) = self.line_hits(sheet, line, &text, own, signs);
        if bounds.is_empty() && !hits.iter().any(|hit| self.is_told(hit)) {
            self.layers.seen.add(key);
            return bounds;
        }
        self.lower_test_keys(sheet, line, &mut hits);
        self.lower_unlike_above(sheet, line, &text, &mut hits);
        let found = hits.len();
        hits.extend(self.named_above(sheet, line, signs));
        for hit in &hits[..found] {
            if hit.anchor() < own && self.is_told(hit) {
                self.emit(sheet, &text, hit, &hits, out);
            }
        }
        bounds
    }

    /// What stands on the line or begins there, and the bounds that were reached.
    fn line_hits(
        &self,
        sheet: &Sheet<'_>,
        line: &Range<usize>,
        text: &Text<'_>,
        own: usize,
        signs: &mut Signs,
    ) -> (Vec<Hit>, BTreeSet<Bound>) {
        let in_env_block = sheet.in_env_block(line, text);
        let (mut hits, mut bounds) = self.hits(text, own, in_env_block, signs);
        if hits.iter().any(|hit| hit.named_at.is_some()) {
            // What else stands on the line below is masked there as well, and a vendor's own
            // shape wins over the name, wherever the two lines are cut apart.
            hits = self.hits(text, text.bytes().len(), in_env_block, signs).0;
        }
        if let Some(apart) = text.separated() {
            let own = own_end(&apart, line);
            let (more, more_bounds) = self.hits(&apart, own, in_env_block, signs);
            hits.extend(more.into_iter().map(|hit| hit.together(text.cuts())));
            bounds.extend(more_bounds);
        }
        bounds.extend(layer::settle_hits(&mut hits, &self.rules));
        (hits, bounds)
    }

    fn is_told(&self, hit: &Hit) -> bool {
        self.options.explain || !hit.dropped
    }

    /// Values on the line whose names stand on the one above. That line reports
    /// them; here they are only masked, by what they are and not by place.
    fn named_above(&self, sheet: &Sheet<'_>, line: &Range<usize>, signs: &mut Signs) -> Vec<Hit> {
        let Some(above) = above(sheet.bytes, line.start).next() else {
            return Vec::new();
        };
        let reach = reach(sheet.bytes, &above);
        if reach <= above.end {
            return Vec::new();
        }
        let text = log::clean(sheet.format(&above), sheet.bytes, above.start..reach);
        let mut hits = self.hits(&text, own_end(&text, &above), false, signs).0;
        hits.retain(|hit| hit.named_at.is_some());
        for hit in &mut hits {
            hit.span = usize::MAX..usize::MAX;
        }
        hits
    }

    fn hits(
        &self,
        text: &Text<'_>,
        own: usize,
        in_env_block: bool,
        signs: &mut Signs,
    ) -> (Vec<Hit>, BTreeSet<Bound>) {
        let text = text.bytes();
        self.layers
            .look(&self.rules, &self.options, text, own, in_env_block, signs)
    }

    /// A key is often named by the command that prints it, a line or two above.
    fn lower_test_keys(&self, sheet: &Sheet<'_>, line: &Range<usize>, hits: &mut [Hit]) {
        let is_key = |hit: &Hit| self.rules.rules[hit.rule as usize].detector.is_key();
        let mut lines = above(sheet.bytes, line.start).take(2);
        if hits.iter().any(is_key)
            && lines.any(|line| brief::names_test_cluster(&sheet.bytes[line]))
        {
            let keys = hits.iter_mut().filter(|hit| is_key(hit));
            keys.for_each(brief::lower_test_key);
        }
    }

    /// The line above may tell a vendor that has no such credentials.
    fn lower_unlike_above(
        &self,
        sheet: &Sheet<'_>,
        line: &Range<usize>,
        text: &Text<'_>,
        hits: &mut [Hit],
    ) {
        let vendors = self.layers.vendors(&self.rules);
        let before = || above(sheet.bytes, line.start).next();
        for hit in hits.iter_mut().filter(|hit| hit.is_open()) {
            if let Some(above) = beside::above(text.bytes(), hit.span.start) {
                beside::lower_unlike(hit, above, &vendors);
            } else if let Some(above) = before() {
                let above = log::clean(sheet.format(&above), sheet.bytes, above);
                beside::lower_unlike(hit, above.bytes(), &vendors);
            }
        }
    }

    fn emit(
        &self,
        sheet: &Sheet<'_>,
        text: &Text<'_>,
        hit: &Hit,
        all: &[Hit],
        out: &mut Vec<Detected>,
    ) {
        let span = sheet.raw_span(text.raw_span(hit.place()));
        let anchor = sheet.raw_span(text.raw_span(hit.anchor()..hit.anchor() + 1));
        if !sheet.window.core.contains(&anchor.start) {
            return;
        }
        let rule = &self.rules.rules[hit.rule as usize];
        let own = sheet.raw_span(text.raw_span(hit.span.clone()));
        let line = &text.lines()[text.line_at(hit.span.start)];
        let outer = sheet.outer_line(line, &span);
        out.push(Detected {
            rule: hit.rule,
            text_start: outer.text,
            confidence: hit.confidence,
            reasons: hit.reasons.clone(),
            redacted: redact::redact(&hit.secret, &rule.keywords),
            fingerprint: redact::fingerprint(&self.options.fingerprint_key, &hit.secret),
            secret: hit.secret.clone(),
            decoded_from: hit.encodings.clone(),
            context: context::masked(
                text.bytes(),
                line.clean.start as usize..line.clean.end as usize,
                hit,
                all,
            ),
            vendor: hit.vendor.clone(),
            logged_at: log::logged_at(sheet.window.format, &sheet.window.raw[outer.raw.clone()]),
            labels: log::line_labels(sheet.window.format, &sheet.window.raw[outer.raw]),
            dropped: hit.dropped,
            value_matches: self.value_matches(&hit.secret),
            span,
            own,
        });
    }

    fn value_matches(&self, secret: &Secret) -> Vec<usize> {
        let patterns = self.options.value_allow.iter().enumerate();
        let matching = patterns.filter(|(_, pattern)| pattern.is_match(secret.expose()));
        matching.map(|(index, _)| index).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// No word, and not typed as a whole anywhere.
    fn value() -> String {
        "q7Zr2LmXw9Tb4KvN".chars().rev().collect()
    }

    fn detect(line: &str, patterns: &[&str]) -> Vec<Detected> {
        let options = Options {
            value_allow: patterns
                .iter()
                .map(|pattern| regex::bytes::Regex::new(pattern).unwrap())
                .collect(),
            ..Options::default()
        };
        let detector = Detector::new(RuleSet::builtin(), options);
        found_in(&detector, line, LogFormat::Plain, true)
    }

    fn found_in(
        detector: &Detector,
        raw: &str,
        format: LogFormat,
        starts_record: bool,
    ) -> Vec<Detected> {
        let window = Window {
            raw: raw.as_bytes(),
            core: 0..raw.len(),
            format,
            starts_record,
        };
        let mut found = Vec::new();
        detector.scan(&window, &mut found);
        found
    }

    #[test]
    fn expressions_are_tried_on_the_raw_secret() {
        let value = value();
        let line = format!("DB_PASSWORD={value}\n");
        let whole = format!("^{value}$");
        let found = detect(&line, &["^dev-", &whole, "DB_", "9wX"]);
        assert_eq!(found.len(), 1);
        assert_eq!(found[0].value_matches, [1, 3]);
        assert!(detect(&line, &[])[0].value_matches.is_empty());
    }

    /// What a line was not worth in one format, or as a whole one, it may be otherwise.
    #[test]
    fn the_same_bytes_are_looked_at_anew_when_they_are_to_be_read_otherwise() {
        let detector = Detector::new(RuleSet::builtin(), Options::default());
        let log = format!(
            "DB_PASSWORD={}\tstep\t2022-06-16T22:22:54.2999347Z done\n",
            value()
        );
        for _ in 0..2 {
            let count = |format, starts_record| {
                let found = found_in(&detector, &log, format, starts_record);
                found.len()
            };
            assert_eq!(count(LogFormat::GhRunView, true), 0);
            assert_eq!(count(LogFormat::GhRunView, false), 1);
            assert_eq!(count(LogFormat::Plain, true), 1);
        }
    }
}
