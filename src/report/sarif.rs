//! SARIF 2.1.0, for code scanning.

mod rules;
mod uri;

use super::escape::visible;
use super::json::{Tool, pretty};
use super::labels;
use crate::finding::{Finding, Outcome, Place};
use crate::origin::{Problem, ProblemKind};
use crate::rule::Severity;
use serde_json::{Map, Value, json};

const SCHEMA_URI: &str =
    "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json";

pub(super) fn render(outcome: &Outcome) -> String {
    pretty(&json!({
        "$schema": SCHEMA_URI,
        "version": "2.1.0",
        "runs": [run(outcome)],
    }))
}

fn run(outcome: &Outcome) -> Value {
    let rules = rules::Rules::of(&outcome.findings);
    let results: Vec<_> = outcome
        .findings
        .iter()
        .map(|finding| result(finding, &rules))
        .collect();
    json!({
        "tool": {"driver": driver(&rules)},
        "automationDetails": {"id": "leaksweep/"},
        "invocations": [invocation(&outcome.problems)],
        // The nearest SARIF has: columns of logs are counted in bytes.
        "columnKind": "unicodeCodePoints",
        "results": results,
        "properties": {"summary": outcome.summary},
    })
}

fn driver(rules: &rules::Rules) -> Value {
    json!({
        "name": Tool::THIS.name,
        "semanticVersion": Tool::THIS.version,
        "rules": rules.descriptors(),
        "notifications": KINDS.map(notification_kind),
    })
}

const KINDS: [ProblemKind; 5] = [
    ProblemKind::Unreadable,
    ProblemKind::Damaged,
    ProblemKind::Encrypted,
    ProblemKind::Unsupported,
    ProblemKind::OverLimit,
];

fn notification_kind(kind: ProblemKind) -> Value {
    let name = labels::problem(kind);
    json!({"id": name, "shortDescription": {"text": format!("Not read: {name}")}})
}

/// The run did not succeed when something was not read: then no result does
/// not mean clean.
fn invocation(problems: &[Problem]) -> Value {
    let notifications: Vec<_> = problems.iter().map(notification).collect();
    json!({
        "executionSuccessful": problems.is_empty(),
        "toolExecutionNotifications": notifications,
    })
}

fn notification(problem: &Problem) -> Value {
    let uri = uri::of(&problem.path);
    json!({
        "descriptor": {"id": labels::problem(problem.kind)},
        "level": "error",
        "message": {"text": message(&problem.detail)},
        "locations": [{"physicalLocation": {"artifactLocation": {"uri": uri}}}],
    })
}

fn result(finding: &Finding, rules: &rules::Rules) -> Value {
    let related: Vec<_> = finding.places.iter().enumerate().map(related).collect();
    json!({
        "ruleId": finding.rule_id,
        "ruleIndex": rules.index(finding),
        "level": level(finding.severity),
        "message": {"text": result_message(finding)},
        "locations": [location(&finding.place)],
        "relatedLocations": related,
        "partialFingerprints": fingerprints(finding),
        "properties": properties(finding),
    })
}

fn result_message(finding: &Finding) -> String {
    let decoded = match finding.decoded_from.len() {
        0 => String::new(),
        _ => format!(", decoded from {}", labels::encodings(finding)),
    };
    let (name, value) = (message(&finding.name), message(&finding.redacted));
    format!(
        "{name} in a log: {value}{decoded} ({} confidence)",
        finding.confidence
    )
}

/// `primaryLocationLineHash` is the one GitHub tells alerts apart by. It would
/// otherwise be computed from a source file, which a log is not.
fn fingerprints(finding: &Finding) -> Value {
    json!({
        "leaksweep/v1": finding.fingerprint,
        "primaryLocationLineHash": format!("{}:1", finding.fingerprint),
    })
}

fn properties(finding: &Finding) -> Value {
    let place = &finding.place;
    json!({
        "vendor": finding.vendor,
        "severity": finding.severity,
        "confidence": finding.confidence,
        "redacted": finding.redacted,
        "decodedFrom": finding.decoded_from,
        "reasons": finding.reasons,
        "context": finding.context,
        "ci": place.ci,
        "loggedAt": place.logged_at,
    })
}

const fn level(severity: Severity) -> &'static str {
    match severity {
        Severity::Critical | Severity::High => "error",
        Severity::Medium => "warning",
        Severity::Low => "note",
    }
}

fn location(place: &Place) -> Value {
    let mut location = Map::new();
    location.insert("physicalLocation".into(), physical(place));
    if let Some(name) = labels::job_and_step(place) {
        let logical = json!([{"fullyQualifiedName": name, "kind": "step"}]);
        location.insert("logicalLocations".into(), logical);
    }
    location.into()
}

fn physical(place: &Place) -> Value {
    json!({
        "artifactLocation": {"uri": uri::of(&place.path)},
        "region": {
            "startLine": place.line.max(1),
            "startColumn": place.column.max(1),
            "endLine": place.end_line.max(1),
            "endColumn": place.end_column.max(1),
            "byteOffset": place.byte_start,
            "byteLength": place.byte_end.saturating_sub(place.byte_start),
        },
    })
}

fn related((at, place): (usize, &Place)) -> Value {
    let mut location = location(place);
    location["id"] = json!(at + 1);
    location["message"] = json!({"text": "The same secret, or a part that belongs to it."});
    location
}

/// Text for a SARIF message, where brackets make links and braces stand for
/// arguments.
fn message(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for c in visible(text).chars() {
        match c {
            '\\' | '[' | ']' => escaped.extend(['\\', c]),
            '{' | '}' => escaped.extend([c, c]),
            _ => escaped.push(c),
        }
    }
    escaped
}

#[cfg(test)]
mod tests;
