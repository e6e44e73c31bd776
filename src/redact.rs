//! A log, or an archive of logs, with every secret masked.
//!
//! Only the bytes of a secret go: line ends, transport prefixes (stamps, JSON
//! around the text) and everything else stay as they are. Each log is scanned
//! again after it was masked, until nothing is found in it. Whatever cannot be
//! read is left out, never passed on as it was.

mod known;
mod mask;

use crate::detect::Detector;
use crate::finding::Finding;
use crate::log::{self, LogFormat};
use crate::origin::{Origin, Problem, ProblemKind};
use crate::scan::{self, Scanned};
use crate::source::{self, LogFile};
use known::Known;
use mask::{Breadth, masked};
use std::fs::File;
use std::io::{self, Write};
use std::ops::Range;

/// Scans of one log until nothing is found in it. Masking a secret can uncover
/// another one that stood in its shadow.
const MOST_ROUNDS: usize = 8;
/// Rounds in which secrets alone are masked; then it is their whole lines.
const NARROW_ROUNDS: usize = 4;

/// What was masked and what was left out.
#[derive(Debug, Default)]
pub struct Redacted {
    /// What was masked, as the first scan found it.
    pub findings: Vec<Finding>,
    /// Masks in the output.
    pub masks: u64,
    /// What is not in the output, or not known to be clean, and why.
    pub problems: Vec<Problem>,
}

/// Why there is no output.
#[derive(Debug, thiserror::Error)]
#[error("{message}")]
pub struct RedactError {
    kind: RedactErrorKind,
    message: String,
}

/// What went wrong.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum RedactErrorKind {
    /// Nothing of the input could be read to its end.
    Unread,
    /// The output could not be written.
    Unwritten,
}

impl RedactError {
    /// What went wrong.
    pub fn kind(&self) -> RedactErrorKind {
        self.kind
    }
}

/// Writes the log or archive in `input`, shown as `origin`, to `out` with every
/// finding from `options.min_confidence` on masked that `options.suppress` does
/// not take back, and with every other place of a secret that is found with
/// medium confidence at least. `out` gets nothing before all is known to be
/// clean. Runs on the current rayon pool; memory is that of a scan, what is
/// larger lies in temporary files without names.
///
/// # Errors
/// When nothing can be read or written. What could be read only in part is in
/// [`Redacted::problems`].
pub fn redact(
    detector: &Detector,
    origin: &Origin,
    input: &File,
    options: scan::Options<'_>,
    out: &mut dyn Write,
) -> Result<Redacted, RedactError> {
    let known = Known::default();
    let gather = known.gather();
    let options = scan::Options {
        secrets: &gather,
        ..options
    };
    let input = || {
        let input = input.try_clone();
        input.map_err(|error| unread(&[problem_of(origin, &error)]))
    };
    let source = source::opened(origin.clone(), input()?);
    let first = scan::scan(detector, &[source], &options);
    let mut redactor = Redactor {
        detector,
        options: &options,
        known: known.ready(),
        first: (origin, spans(&first, origin)),
        masks: 0,
    };
    let mut redact = |origin: &Origin, log| redactor.log(origin, log);
    let rebuilt = source::rebuild(origin, input()?, &options.source, &mut redact);
    let file = rebuilt.file.ok_or_else(|| unread(&rebuilt.problems))?;
    let written = source::copy(file, out).and_then(|_| out.flush());
    written.map_err(|error| unwritten(&error))?;
    let over_limit = redactor.known.over_limit(origin);
    Ok(Redacted {
        findings: first.outcome.findings,
        masks: redactor.masks,
        problems: rebuilt.problems.into_iter().chain(over_limit).collect(),
    })
}

fn unread(problems: &[Problem]) -> RedactError {
    let told = problems.iter().map(|problem| {
        format!(
            "{}: {}",
            problem.path.as_str().escape_debug(),
            problem.detail
        )
    });
    RedactError {
        kind: RedactErrorKind::Unread,
        message: told.collect::<Vec<_>>().join("\n"),
    }
}

fn unwritten(error: &io::Error) -> RedactError {
    RedactError {
        kind: RedactErrorKind::Unwritten,
        message: format!(
            "failed to write the redacted log: {error}\nhint: check the space and the permissions there"
        ),
    }
}

fn problem_of(origin: &Origin, error: &io::Error) -> Problem {
    let (kind, detail) = source::problem_of(error);
    Problem::new(origin, kind, detail)
}

struct Redactor<'a> {
    detector: &'a Detector,
    options: &'a scan::Options<'a>,
    known: known::Ready,
    /// What the first scan found in the input itself, if that is a log.
    first: (&'a Origin, Vec<Range<u64>>),
    masks: u64,
}

/// What one round has come to.
enum Round {
    Masked(File),
    /// Nothing was found, and this is what was not looked at.
    Clean(Option<Problem>),
}

impl Redactor<'_> {
    /// The log without its secrets. It is scanned until nothing is found: what
    /// is returned has been looked at as a whole, as it is.
    fn log(&mut self, origin: &Origin, mut file: File) -> Result<File, Problem> {
        for round in 0..MOST_ROUNDS {
            let breadth = if round < NARROW_ROUNDS {
                Breadth::Secret
            } else {
                Breadth::Record
            };
            let round = self.round(origin, &file, breadth);
            match round.map_err(|error| problem_of(origin, &error))? {
                Round::Masked(masked) => file = masked,
                Round::Clean(unseen) => return unseen.map_or(Ok(file), Err),
            }
        }
        let detail = format!("after {MOST_ROUNDS} rounds of masking secrets were still found");
        Err(Problem::new(origin, ProblemKind::OverLimit, detail))
    }

    fn round(&mut self, origin: &Origin, file: &File, breadth: Breadth) -> io::Result<Round> {
        let log = LogFile::of(file.try_clone()?)?;
        let mut unseen = None;
        let mut found = self.found_first(origin);
        if found.is_empty() {
            let known = Known::default();
            let scanned = self.scan(origin, file.try_clone()?, &known);
            found = spans(&scanned, origin);
            found.extend(known.ready().places(&log)?);
            unseen = scanned.outcome.problems.into_iter().next();
        }
        found.extend(self.known.places(&log)?);
        if found.is_empty() {
            return Ok(Round::Clean(unseen));
        }
        let (file, masks) = masked(&log, self.format(origin, &log)?, &found, breadth)?;
        self.masks += masks;
        Ok(Round::Masked(file))
    }

    fn found_first(&mut self, origin: &Origin) -> Vec<Range<u64>> {
        let (whole, spans) = &mut self.first;
        if *whole == origin {
            std::mem::take(spans)
        } else {
            Vec::new()
        }
    }

    fn scan(&self, origin: &Origin, file: File, known: &Known) -> Scanned {
        let gather = known.gather();
        let options = scan::Options {
            source: source::Options::default(),
            secrets: &gather,
            ..*self.options
        };
        let source = source::opened(origin.clone(), file);
        scan::scan(self.detector, &[source], &options)
    }

    fn format(&self, origin: &Origin, log: &LogFile) -> io::Result<LogFormat> {
        let head = log.window(0..log.len().min(log::HEAD as u64))?;
        Ok(self.options.format_of(origin, &head))
    }
}

/// Everywhere in the log that something was found.
fn spans(scanned: &Scanned, origin: &Origin) -> Vec<Range<u64>> {
    let findings = scanned.outcome.findings.iter();
    findings
        .flat_map(|finding| std::iter::once(&finding.place).chain(&finding.places))
        .filter(|place| place.path == *origin)
        .map(|place| place.secret.0..place.secret.1)
        .collect()
}
