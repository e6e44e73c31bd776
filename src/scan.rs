//! The pipeline: source → log → detect → findings. The only rayon.
//!
//! A log is cut into blocks of [`Options::block`] bytes, at the first record
//! that starts after each multiple of it; where none starts for long, at a
//! fixed place. Where a cut falls so depends on the log alone, and each block
//! is looked at together with what stands around it: what is found depends
//! neither on how blocks are dealt out to threads nor on how a log is read.

mod block;
mod buffer;
mod combine;
mod locate;
mod stream;
mod unseen;

use crate::detect::{Detected, Detector};
use crate::finding::{self, Finding, Outcome, Summary};
use crate::log::{self, Landmark, LogFormat};
use crate::origin::{Origin, Problem, ProblemKind};
use crate::rule::{Confidence, RuleSet};
use crate::secret::Secret;
use crate::source::{self, Body, LogFile, Source, Visitor};
use block::{Block, Cutter};
use buffer::Buffers;
use locate::{Locator, Recall};
use rayon::prelude::*;
use std::ops::Range;
use std::sync::Mutex;
use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering};

/// Blocks of a file that are read at a time.
const BLOCKS_AT_A_TIME: u64 = 4;
/// Findings of one scan that are kept. More than this is not read by people,
/// and memory has to end somewhere.
const MOST_FINDINGS: usize = 200_000;

/// Takes a finding back: the reason, or `None` to keep it. Arguments: the
/// finding, and the value patterns that matched its secret.
pub type Suppress<'a> = dyn Fn(&Finding, &[usize]) -> Option<String> + Sync + 'a;

/// How a scan runs.
pub struct Options<'a> {
    /// Take every log to be of this format.
    pub log_format: Option<LogFormat>,
    /// How sources are opened.
    pub source: source::Options,
    /// Bytes of a block.
    pub block: usize,
    /// Bytes of a stream that are read ahead while the last ones are scanned.
    pub batch: usize,
    /// Findings below are left out.
    pub min_confidence: Confidence,
    /// Takes findings back.
    pub suppress: &'a Suppress<'a>,
    /// Called with every secret that is taken, parts of others included, for who
    /// masks it wherever else it stands.
    pub secrets: &'a (dyn Fn(&Finding, &Secret) + Sync),
    /// Called with the number of bytes of every block that was scanned.
    pub progress: &'a (dyn Fn(u64) + Sync),
}

impl Default for Options<'_> {
    fn default() -> Self {
        Self {
            log_format: None,
            source: source::Options::default(),
            block: 1 << 20,
            batch: 4 << 20,
            min_confidence: Confidence::Medium,
            suppress: &|_, _| None,
            secrets: &|_, _| {},
            progress: &|_| {},
        }
    }
}

impl Options<'_> {
    /// The format that a log is taken to be of, given the bytes it begins with
    /// ([`log::HEAD`], if it has as many).
    pub fn format_of(&self, origin: &Origin, head: &[u8]) -> LogFormat {
        self.log_format
            .unwrap_or_else(|| log::recognise(head, origin.leaf()))
    }
}

/// A candidate and what became of it, for `--explain`.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Explanation {
    /// Log and line.
    pub place: (Origin, u64),
    /// Column in the raw line.
    pub column: u64,
    /// Rule.
    pub rule_id: String,
    /// Whether it is in the report.
    pub kept: bool,
    /// Fixed prefix and mask.
    pub redacted: String,
    /// Why.
    pub reason: String,
}

/// What a scan gives.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Scanned {
    /// For the report.
    pub outcome: Outcome,
    /// Every candidate, if the detector was asked to explain.
    pub explanations: Vec<Explanation>,
}

/// Scans `sources` on the current rayon pool. The result is sorted: the same
/// input gives the same result, whatever the number of threads.
pub fn scan(detector: &Detector, sources: &[Box<dyn Source>], options: &Options<'_>) -> Scanned {
    let run = Run {
        detector,
        options,
        found: Mutex::default(),
        count: AtomicUsize::new(0),
        files: AtomicU64::new(0),
        bytes: AtomicU64::new(0),
        lines: AtomicU64::new(0),
        streams: AtomicUsize::new(0),
        buffers: Buffers::default(),
    };
    run.fork(sources.len(), &|index| {
        sources[index].visit(&options.source, &run);
    });
    run.finish()
}

/// What was detected, and the finding it may become.
type Located = (Detected, Finding);

/// What threads add to.
#[derive(Default)]
struct Found {
    findings: Vec<Finding>,
    explanations: Vec<Explanation>,
    problems: Vec<Problem>,
    suppressed: u64,
}

struct Run<'a> {
    detector: &'a Detector,
    options: &'a Options<'a>,
    found: Mutex<Found>,
    count: AtomicUsize,
    files: AtomicU64,
    bytes: AtomicU64,
    lines: AtomicU64,
    /// Streams that are read ahead; beyond one a thread there is nothing to gain.
    streams: AtomicUsize,
    buffers: Buffers,
}

impl Visitor for Run<'_> {
    fn log(&self, origin: &Origin, body: Body<'_>) {
        self.files.fetch_add(1, Ordering::Relaxed);
        match body {
            Body::File(file) => self.file(origin, file),
            Body::Stream(stream) => stream::scan(self, origin, stream),
        }
    }

    fn problem(&self, problem: Problem) {
        self.with(|found| found.problems.push(problem));
    }

    fn fork(&self, n: usize, job: &(dyn Fn(usize) + Sync)) {
        if n < 2 {
            (0..n).for_each(job);
        } else {
            (0..n).into_par_iter().for_each(job);
        }
    }
}

impl<'a> Run<'a> {
    fn with(&self, change: impl FnOnce(&mut Found)) {
        // A thread that panicked while it held the lock left whole vectors.
        change(
            &mut self
                .found
                .lock()
                .unwrap_or_else(std::sync::PoisonError::into_inner),
        );
    }

    fn unread(&self, origin: &Origin, error: &std::io::Error) {
        let (kind, detail) = source::problem_of(error);
        self.problem(Problem::new(origin, kind, detail));
    }

    fn cutter(&self, origin: &Origin, head: &[u8]) -> Cutter<'a> {
        let format = self.options.format_of(origin, head);
        Cutter::new(self.detector, format, self.options.block)
    }

    fn file(&self, origin: &Origin, file: &LogFile) {
        let len = file.len();
        let step = self.options.block as u64 * BLOCKS_AT_A_TIME;
        // Most logs are looked at as a whole.
        let first = len.min(if len <= step { step } else { log::HEAD as u64 });
        let begun = self.window(file, 0..first, |bytes| {
            let mut cutter = self.cutter(origin, bytes);
            cutter.again = !file.is_live();
            let whole = (len <= step).then(|| self.blocks_of(&cutter, bytes, 0, 0, len));
            (cutter, whole)
        });
        let (cutter, whole) = match begun {
            Ok(begun) => begun,
            Err(error) => return self.unread(origin, &error),
        };
        let blocks: Vec<Vec<Block>> = whole.map_or_else(
            || {
                let parts = (0..len.div_ceil(step)).into_par_iter();
                parts
                    .map(|part| self.part_of(origin, file, &cutter, part * BLOCKS_AT_A_TIME))
                    .collect()
            },
            |whole| vec![whole],
        );
        let recall = |blocks: &[_]| self.recall(origin, file, cutter.format, blocks);
        self.take(origin, cutter.format, blocks.into_iter().flatten(), &recall);
    }

    /// What `work` makes of the bytes `range` of a file. Where they are not to be mapped they
    /// are copied to where others were before, which then are in the cache.
    fn window<T>(
        &self,
        file: &LogFile,
        range: Range<u64>,
        work: impl FnOnce(&[u8]) -> T,
    ) -> std::io::Result<T> {
        if range.end - range.start >= source::MAPPED {
            return file.window(range).map(|bytes| work(&bytes));
        }
        let mut buffer = self.buffers.take();
        let read = buffer.fill(file, range);
        let made = read.map(|()| work(buffer.bytes()));
        self.buffers.give_back(buffer);
        made
    }

    /// What blocks of a file, one behind the other, tell of job and step at their end.
    fn recall(
        &self,
        origin: &Origin,
        file: &LogFile,
        format: LogFormat,
        blocks: &[Range<u64>],
    ) -> Landmark {
        let read = |block: &Range<u64>| {
            let mut known = Landmark::default();
            let read = self.window(file, block.clone(), |bytes| {
                log::landmarks(format, bytes, &mut |_, mark| known.update(mark));
            });
            if let Err(error) = read {
                self.unread(origin, &error);
            }
            known
        };
        let mut known = Landmark::default();
        // From behind: the last ones may tell all.
        for some in blocks.rchunks(2 * rayon::current_num_threads()) {
            if known.is_full(format) {
                break;
            }
            let later = std::mem::take(&mut known);
            let some: Vec<Landmark> = some.par_iter().map(read).collect();
            some.into_iter()
                .chain([later])
                .for_each(|mark| known.update(mark));
        }
        known
    }

    /// Reads up to `BLOCKS_AT_A_TIME` blocks of a file together and scans them.
    fn part_of(
        &self,
        origin: &Origin,
        file: &LogFile,
        cutter: &Cutter<'_>,
        first: u64,
    ) -> Vec<Block> {
        let range = cutter.window_of(first..first + BLOCKS_AT_A_TIME, file.len());
        let base = range.start;
        let scanned = self.window(file, range, |bytes| {
            self.blocks_of(cutter, bytes, base, first, file.len())
        });
        scanned.unwrap_or_else(|error| {
            self.unread(origin, &error);
            Vec::new()
        })
    }

    /// Scans up to `BLOCKS_AT_A_TIME` blocks of a log of `len` bytes, given the bytes
    /// around them, which begin at offset `base`.
    fn blocks_of(
        &self,
        cutter: &Cutter<'_>,
        bytes: &[u8],
        base: u64,
        first: u64,
        len: u64,
    ) -> Vec<Block> {
        (first..cutter.count(len).min(first + BLOCKS_AT_A_TIME))
            .filter_map(|index| cutter.block(bytes, base, index, Some(len)))
            .inspect(|block| (self.options.progress)(block.bytes()))
            .collect()
    }

    /// Takes the blocks of one log, in order.
    fn take(
        &self,
        origin: &Origin,
        format: LogFormat,
        blocks: impl Iterator<Item = Block>,
        recall: &Recall<'_>,
    ) {
        let mut log = Locator::new(origin, format, self.detector.rules(), recall);
        blocks.for_each(|block| log.add(block));
        self.bytes.fetch_add(log.bytes(), Ordering::Relaxed);
        self.lines.fetch_add(log.lines(), Ordering::Relaxed);
        let (located, unseen) = log.finish();
        for problem in unseen {
            self.problem(problem);
        }
        if !located.is_empty() {
            self.judge(origin, located);
        }
    }

    /// Keeps, drops and explains what was found in one log.
    fn judge(&self, origin: &Origin, located: Vec<Located>) {
        let (mut dropped, mut taken): (Vec<_>, Vec<_>) = located
            .into_iter()
            .partition(|(detected, _)| detected.dropped);
        self.show_secrets(&taken);
        combine::parts(&mut taken, self.detector.rules());
        for mut sign in combine::signs(&mut taken, self.detector.rules()) {
            sign.0.reasons = vec!["tells of a secret that does not stand near it"];
            dropped.push(sign);
        }
        let mut kept = Vec::new();
        let mut explanations: Vec<Explanation> = dropped
            .iter()
            .filter(|_| self.detector.explains())
            .map(|(detected, finding)| explain(finding, false, detected.reasons.join("; ")))
            .collect();
        let mut suppressed = 0;
        for (detected, finding) in taken {
            let refusal = self.refusal(&finding, &detected, &mut suppressed);
            let reason = refusal
                .clone()
                .unwrap_or_else(|| finding.reasons.join("; "));
            if self.detector.explains() {
                explanations.push(explain(&finding, refusal.is_none(), reason));
            }
            if refusal.is_none() {
                kept.push(finding);
            }
        }
        self.keep(origin, kept, explanations, suppressed);
    }

    fn show_secrets(&self, taken: &[Located]) {
        for (detected, finding) in taken {
            let rule = &self.detector.rules().rules[detected.rule as usize];
            // A sign names a secret and is none.
            if rule.claims.is_empty() && finding.confidence >= self.options.min_confidence {
                (self.options.secrets)(finding, &detected.secret);
            }
        }
    }

    fn refusal(
        &self,
        finding: &Finding,
        detected: &Detected,
        suppressed: &mut u64,
    ) -> Option<String> {
        if finding.confidence < self.options.min_confidence {
            return Some(format!(
                "confidence {}: {}",
                finding.confidence,
                finding.reasons.join("; ")
            ));
        }
        let reason = (self.options.suppress)(finding, &detected.value_matches);
        *suppressed += u64::from(reason.is_some());
        reason
    }

    fn keep(
        &self,
        origin: &Origin,
        mut kept: Vec<Finding>,
        explanations: Vec<Explanation>,
        suppressed: u64,
    ) {
        let before = self.count.fetch_add(kept.len(), Ordering::Relaxed);
        let room = MOST_FINDINGS.saturating_sub(before);
        let over = kept.len() > room;
        kept.truncate(room);
        self.with(|found| {
            found.findings.extend(kept);
            found.explanations.extend(explanations);
            found.suppressed += suppressed;
            if over {
                let detail = format!(
                    "more than {MOST_FINDINGS} findings in one scan; the rest of this log's are left out\n\
                     hint: scan fewer logs at a time"
                );
                found.problems.push(Problem::new(origin, ProblemKind::OverLimit, detail));
            }
        });
    }

    fn finish(self) -> Scanned {
        let mut found = self
            .found
            .into_inner()
            .unwrap_or_else(std::sync::PoisonError::into_inner);
        found.problems.sort();
        found.problems.dedup();
        found.explanations.sort();
        let findings = finding::fold(found.findings);
        let summary = Summary {
            files: self.files.into_inner(),
            bytes: self.bytes.into_inner(),
            lines: self.lines.into_inner(),
            suppressed: found.suppressed,
            ..Summary::of(&findings, &found.problems)
        };
        let outcome = Outcome {
            findings,
            problems: found.problems,
            summary,
        };
        Scanned {
            outcome,
            explanations: found.explanations,
        }
    }
}

fn explain(finding: &Finding, kept: bool, reason: String) -> Explanation {
    Explanation {
        place: (finding.place.path.clone(), finding.place.line),
        column: finding.place.column,
        rule_id: finding.rule_id.clone(),
        kept,
        redacted: finding.redacted.clone(),
        reason,
    }
}

/// What was detected at `place`, with what its rule tells.
fn finding_of(detected: &Detected, rules: &RuleSet, place: finding::Place) -> Finding {
    let rule = &rules.rules[detected.rule as usize];
    Finding {
        rule_id: rule.id.to_string(),
        vendor: detected
            .vendor
            .clone()
            .unwrap_or_else(|| rule.vendor.to_string()),
        name: rule.name.to_string(),
        severity: rule.severity,
        confidence: detected.confidence,
        place,
        redacted: detected.redacted.clone(),
        fingerprint: detected.fingerprint.clone(),
        decoded_from: detected.decoded_from.clone(),
        context: detected.context.clone(),
        reasons: detected
            .reasons
            .iter()
            .map(|reason| (*reason).to_owned())
            .collect(),
        revoke: rule.texts.revoke.as_deref().map(str::to_owned),
        references: rule
            .texts
            .references
            .iter()
            .map(ToString::to_string)
            .collect(),
        places: Vec::new(),
    }
}
