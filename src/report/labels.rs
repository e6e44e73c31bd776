//! Names, order and units that several outputs share.

use crate::finding::{Encoding, Finding, Outcome, Place};
use crate::origin::ProblemKind;
use crate::rule::{Confidence, Severity};
use std::cmp::Reverse;

/// Worst first, as people read.
pub(super) const SEVERITIES: [Severity; 4] = [
    Severity::Critical,
    Severity::High,
    Severity::Medium,
    Severity::Low,
];

/// Surest first.
pub(super) const CONFIDENCES: [Confidence; 4] = [
    Confidence::Certain,
    Confidence::High,
    Confidence::Medium,
    Confidence::Low,
];

/// A severity that can be told from afar.
pub(crate) const fn dot(severity: Severity) -> &'static str {
    match severity {
        Severity::Critical => "🔴",
        Severity::High => "🟠",
        Severity::Medium => "🟡",
        Severity::Low => "🔵",
    }
}

pub(super) fn problem(kind: ProblemKind) -> &'static str {
    match kind {
        ProblemKind::Unreadable => "unreadable",
        ProblemKind::Damaged => "damaged",
        ProblemKind::Encrypted => "encrypted",
        ProblemKind::Unsupported => "unsupported",
        ProblemKind::OverLimit => "over-limit",
    }
}

fn encoding(encoding: Encoding) -> &'static str {
    match encoding {
        Encoding::Base64 => "base64",
        Encoding::Base64Utf16 => "base64-utf16",
        Encoding::Hex => "hex",
        Encoding::Percent => "percent",
        Encoding::Escape => "escape",
    }
}

/// `base64 › hex`, outermost first; empty when nothing was undone.
pub(super) fn encodings(finding: &Finding) -> String {
    let names: Vec<_> = finding.decoded_from.iter().map(|e| encoding(*e)).collect();
    names.join(" › ")
}

/// `path:line:column`, not escaped.
pub(super) fn position(place: &Place) -> String {
    format!("{}:{}:{}", place.path, place.line, place.column)
}

/// `job › step`, with whatever of the two is known, not escaped.
pub(super) fn job_and_step(place: &Place) -> Option<String> {
    let known: Vec<_> = [&place.job, &place.step]
        .into_iter()
        .flatten()
        .map(String::as_str)
        .collect();
    (!known.is_empty()).then(|| known.join(" › "))
}

/// The findings as people should meet them: worst, then surest, then by place.
pub(super) fn ranked(outcome: &Outcome) -> Vec<&Finding> {
    let mut findings: Vec<_> = outcome.findings.iter().collect();
    findings.sort_by_key(|f| (Reverse((f.severity, f.confidence)), &f.place));
    findings
}

/// `1 log`, `1,234 logs`.
pub(super) fn count(number: u64, noun: &str) -> String {
    let plural = if number == 1 { "" } else { "s" };
    format!("{} {noun}{plural}", thousands(number))
}

/// `1,234,567`.
pub(crate) fn thousands(number: u64) -> String {
    let digits = number.to_string();
    let mut grouped = String::with_capacity(digits.len() * 4 / 3);
    for (at, digit) in digits.chars().enumerate() {
        if at > 0 && (digits.len() - at).is_multiple_of(3) {
            grouped.push(',');
        }
        grouped.push(digit);
    }
    grouped
}

/// `512 B`, `3.4 MiB`: powers of 1,024.
pub(super) fn bytes(number: f64) -> String {
    const UNITS: [&str; 5] = ["KiB", "MiB", "GiB", "TiB", "PiB"];
    if number < 1024.0 {
        return format!("{number:.0} B");
    }
    let (mut value, mut unit) = (number / 1024.0, 0);
    // 1,023.95 would be rounded to "1024.0".
    while value >= 1023.95 && unit + 1 < UNITS.len() {
        value /= 1024.0;
        unit += 1;
    }
    format!("{value:.1} {}", UNITS[unit])
}

/// What was read: logs, bytes, lines, and time and throughput when measured.
pub(super) fn volume(outcome: &Outcome) -> Vec<String> {
    let summary = &outcome.summary;
    let mut parts = vec![
        count(summary.files, "log"),
        bytes(summary.bytes as f64),
        count(summary.lines, "line"),
    ];
    if summary.seconds > 0.0 {
        parts.push(format!("{:.2} s", summary.seconds));
        let rate = bytes(summary.bytes as f64 / summary.seconds);
        parts.push(format!("{rate}/s"));
    }
    parts
}

/// The first sentence of a report: what was found, and never "clean" when
/// something was not read.
pub(super) fn headline(outcome: &Outcome) -> String {
    let found = outcome.findings.len() as u64;
    let unread = outcome.problems.len() as u64;
    match (found, unread) {
        (0, 0) => format!(
            "no secrets found in {}",
            count(outcome.summary.files, "log")
        ),
        (0, _) => format!(
            "no secrets found in what was read, but {}",
            not_read(unread)
        ),
        (_, 0) => format!("{} found", count(found, "secret")),
        (_, _) => format!("{} found, and {}", count(found, "secret"), not_read(unread)),
    }
}

fn not_read(unread: u64) -> String {
    match unread {
        1 => "1 log or part of one was not read".to_owned(),
        _ => format!("{} logs or parts of them were not read", thousands(unread)),
    }
}

#[cfg(test)]
mod tests {
    use super::{bytes, count, thousands};

    #[test]
    fn numbers_are_grouped_by_three() {
        let grouped = [0, 999, 1000, 1_234_567].map(thousands);
        assert_eq!(grouped, ["0", "999", "1,000", "1,234,567"]);
        assert_eq!([count(1, "log"), count(0, "log")].join(" "), "1 log 0 logs");
    }

    #[test]
    fn bytes_change_unit_before_they_round_up_to_1024() {
        let shown = [0.0, 1023.0, 1024.0, 1_048_575.0, 3.5e6, 1e30].map(bytes);
        assert_eq!(
            shown[..5],
            ["0 B", "1023 B", "1.0 KiB", "1.0 MiB", "3.3 MiB"]
        );
        assert!(shown[5].ends_with(" PiB"));
    }
}
