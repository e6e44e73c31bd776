//! The rules of a run, told from its findings.

use super::{level, message};
use crate::finding::Finding;
use crate::report::escape::is_address;
use crate::rule::{Confidence, Severity};
use serde_json::{Value, json};
use std::collections::BTreeMap;

/// One finding per rule, the worst and surest, by rule id.
pub(super) struct Rules<'a>(BTreeMap<&'a str, (usize, &'a Finding)>);

impl<'a> Rules<'a> {
    pub(super) fn of(findings: &'a [Finding]) -> Self {
        let mut rules: BTreeMap<&str, (usize, &Finding)> = BTreeMap::new();
        for finding in findings {
            let (_, worst) = rules.entry(&finding.rule_id).or_insert((0, finding));
            if weight(finding) > weight(worst) {
                *worst = finding;
            }
        }
        for (index, (slot, _)) in rules.values_mut().enumerate() {
            *slot = index;
        }
        Self(rules)
    }

    /// Position of the finding's rule in [`Rules::descriptors`].
    pub(super) fn index(&self, finding: &Finding) -> Option<usize> {
        self.0
            .get(finding.rule_id.as_str())
            .map(|(index, _)| *index)
    }

    pub(super) fn descriptors(&self) -> Vec<Value> {
        self.0
            .values()
            .map(|(_, example)| descriptor(example))
            .collect()
    }
}

fn weight(finding: &Finding) -> (Severity, Confidence) {
    (finding.severity, finding.confidence)
}

fn descriptor(example: &Finding) -> Value {
    let mut rule = json!({
        "id": example.rule_id,
        "name": example.name,
        "shortDescription": {"text": message(&example.name)},
        "fullDescription": {"text": format!(
            "{} of vendor {} was written to a CI log.",
            message(&example.name),
            message(&example.vendor),
        )},
        "help": {"text": help(example)},
        "defaultConfiguration": {"level": level(example.severity)},
        "properties": {
            "tags": ["security", "secret", "ci-log"],
            "security-severity": score(example.severity),
            "precision": precision(example.confidence),
        },
    });
    if let Some(uri) = example.references.iter().find(|link| is_address(link)) {
        rule["helpUri"] = json!(uri);
    }
    rule
}

fn help(example: &Finding) -> String {
    let revoke = example.revoke.as_deref().unwrap_or(
        "Revoke the credential where it was issued, then delete the log: \
         whoever could read the log has it.",
    );
    let links = example.references.iter().map(|link| message(link));
    let parts: Vec<_> = [message(revoke)].into_iter().chain(links).collect();
    parts.join("\n")
}

/// A score in GitHub's bands: over 9.0 critical, 7.0 high, 4.0 medium.
const fn score(severity: Severity) -> &'static str {
    match severity {
        Severity::Critical => "9.5",
        Severity::High => "8.0",
        Severity::Medium => "5.5",
        Severity::Low => "2.0",
    }
}

const fn precision(confidence: Confidence) -> &'static str {
    match confidence {
        Confidence::Certain => "very-high",
        Confidence::High => "high",
        Confidence::Medium => "medium",
        Confidence::Low => "low",
    }
}
