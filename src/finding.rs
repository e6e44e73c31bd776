//! What leaves detection: redacted, fingerprinted, located.

use crate::origin::Origin;
use crate::rule::{Confidence, Severity};
use serde::Serialize;

/// One encoding that was undone before the secret could be seen.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, schemars::JsonSchema,
)]
#[serde(rename_all = "kebab-case")]
pub enum Encoding {
    /// Base64, standard or URL-safe alphabet.
    Base64,
    /// Base64 of UTF-16LE text, as PowerShell takes it.
    Base64Utf16,
    /// Pairs of hexadecimal digits.
    Hex,
    /// `%XX`.
    Percent,
    /// Backslash escapes of JSON, shells and source code.
    Escape,
}

/// One place at which a secret stands. Lines and columns count from 1, columns
/// in bytes; byte offsets count from 0 at the start of the (decompressed) log.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, schemars::JsonSchema)]
pub struct Place {
    /// The log: path as given, archive entries joined by `!`.
    #[schemars(with = "String")]
    pub path: Origin,
    /// First byte of the secret in the raw log, or of what it is a part of and of
    /// no use without: a connection string up to its hosts, `user:password`, the
    /// address of a webhook.
    pub byte_start: u64,
    /// One past the last byte.
    pub byte_end: u64,
    /// First byte of the secret itself, and one past its last: the place may be
    /// all that it is a part of. Not in reports; `redact` masks these bytes.
    #[serde(skip)]
    #[schemars(skip)]
    pub secret: (u64, u64),
    /// Line of the first byte.
    pub line: u64,
    /// Column of the first byte in the raw line.
    pub column: u64,
    /// Line of the last byte.
    pub end_line: u64,
    /// Column just past the last byte, in its line.
    pub end_column: u64,
    /// Column of the first byte counted from the end of the line's transport
    /// prefix (stamp, stream, job).
    pub text_column: u64,
    /// CI system, as the log format tells it.
    pub ci: Option<String>,
    /// Job, where the log tells.
    pub job: Option<String>,
    /// Step, section or command group, where the log tells.
    pub step: Option<String>,
    /// Time on the line (RFC 3339), where the log tells.
    pub logged_at: Option<String>,
}

/// A leaked secret. Nothing in it gives the secret away.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, schemars::JsonSchema)]
pub struct Finding {
    /// Rule that matched.
    pub rule_id: String,
    /// Vendor the credential belongs to, lower case.
    pub vendor: String,
    /// What kind of credential it is, for people.
    pub name: String,
    /// How bad a leak of this kind is.
    pub severity: Severity,
    /// How sure it is that this is one.
    pub confidence: Confidence,
    /// Where it stands (the first place in order).
    #[serde(flatten)]
    pub place: Place,
    /// The kind and fixed prefix of the secret, never its random part.
    pub redacted: String,
    /// HMAC-SHA-256 of the normalised secret, lower-case hexadecimal.
    pub fingerprint: String,
    /// Encodings undone, outermost first.
    pub decoded_from: Vec<Encoding>,
    /// The line around the first place, cleaned, every match on it masked.
    pub context: String,
    /// Why the confidence is what it is, in short phrases.
    pub reasons: Vec<String>,
    /// How to revoke and rotate it.
    pub revoke: Option<String>,
    /// Documentation of the credential.
    pub references: Vec<String>,
    /// Every other place of the same secret, and of the parts that belong to it.
    pub places: Vec<Place>,
}

/// Counts of one scan.
#[derive(Debug, Clone, Default, PartialEq, Serialize, schemars::JsonSchema)]
pub struct Summary {
    /// Logs read, archive entries counted singly.
    pub files: u64,
    /// Bytes read, after decompression.
    pub bytes: u64,
    /// Lines read.
    pub lines: u64,
    /// Findings reported.
    pub findings: u64,
    /// Findings suppressed by configuration or baseline.
    pub suppressed: u64,
    /// Things that could not be read.
    pub problems: u64,
    /// Findings by severity.
    pub by_severity: std::collections::BTreeMap<Severity, u64>,
    /// Findings by confidence.
    pub by_confidence: std::collections::BTreeMap<Confidence, u64>,
    /// Wall time in seconds. Zero in reports that must be reproducible.
    pub seconds: f64,
}

/// Everything a report is made from.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Outcome {
    /// Findings in stable order.
    pub findings: Vec<Finding>,
    /// What was not read, in stable order.
    pub problems: Vec<crate::origin::Problem>,
    /// The counts.
    pub summary: Summary,
}

impl Outcome {
    /// Adds what somebody else could not read.
    pub fn add_problems(&mut self, problems: impl IntoIterator<Item = crate::origin::Problem>) {
        self.problems.extend(problems);
        self.problems.sort();
        self.problems.dedup();
        self.summary.problems = self.problems.len() as u64;
    }
}

impl Summary {
    /// Counts of what a report holds. What only the scan knows is left at 0.
    pub fn of(findings: &[Finding], problems: &[crate::origin::Problem]) -> Self {
        let mut summary = Self {
            findings: findings.len() as u64,
            problems: problems.len() as u64,
            ..Self::default()
        };
        for finding in findings {
            *summary.by_severity.entry(finding.severity).or_default() += 1;
            *summary.by_confidence.entry(finding.confidence).or_default() += 1;
        }
        summary
    }
}

/// Sorts findings and makes one of those with the same rule and the same
/// secret: the first place in order is the finding's, the others follow in
/// `places`.
pub fn fold(mut findings: Vec<Finding>) -> Vec<Finding> {
    findings.sort_by(|a, b| key(a).cmp(&key(b)).then_with(|| a.place.cmp(&b.place)));
    let mut folded: Vec<Finding> = Vec::new();
    for finding in findings {
        match folded
            .last_mut()
            .filter(|known| key(known) == key(&finding))
        {
            Some(known) => known.join(finding),
            None => folded.push(finding),
        }
    }
    for finding in &mut folded {
        finding.places.sort();
        finding.places.dedup();
        finding.places.retain(|place| *place != finding.place);
    }
    folded.sort_by(|a, b| a.place.cmp(&b.place).then_with(|| key(a).cmp(&key(b))));
    folded
}

fn key(finding: &Finding) -> (&str, &str) {
    (&finding.rule_id, &finding.fingerprint)
}

impl Finding {
    fn join(&mut self, other: Self) {
        self.places.push(other.place);
        self.places.extend(other.places);
        self.severity = self.severity.max(other.severity);
        if other.confidence > self.confidence {
            self.confidence = other.confidence;
            self.reasons = other.reasons;
        }
    }
}
