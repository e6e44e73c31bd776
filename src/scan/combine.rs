//! Credentials of several parts: key id, secret and session token are one
//! finding.

use crate::detect::Detected;
use crate::finding::Finding;
use crate::rule::RuleSet;

/// Lines between the parts of one credential at most.
const NEAR: u64 = 20;

/// Folds each part into the nearest finding whose rule names it, within
/// [`NEAR`] lines of the same log.
pub(super) fn parts(taken: &mut Vec<(Detected, Finding)>, rules: &RuleSet) {
    let has_parts = |found: &(Detected, Finding)| !parts_of(found, rules).is_empty();
    if !taken.iter().any(has_parts) {
        return;
    }
    let owners: Vec<Option<usize>> = (0..taken.len())
        .map(|part| owner(taken, part, rules))
        .collect();
    for (part, owner) in owners.iter().enumerate() {
        if let Some(owner) = *owner {
            let (name, finding) = (taken[part].1.name.clone(), taken[part].1.clone());
            let whole = &mut taken[owner].1;
            whole.places.push(finding.place);
            whole.severity = whole.severity.max(finding.severity);
            whole.confidence = whole.confidence.max(finding.confidence);
            whole.reasons.push(format!("with its part: {name}"));
        }
    }
    let mut index = 0;
    taken.retain(|_| {
        index += 1;
        owners[index - 1].is_none()
    });
}

fn parts_of<'a>(found: &(Detected, Finding), rules: &'a RuleSet) -> &'a [String] {
    &rules.rules[found.0.rule as usize].parts
}

/// The nearest finding that `part` is a part of; the earlier one of two as near.
fn owner(taken: &[(Detected, Finding)], part: usize, rules: &RuleSet) -> Option<usize> {
    let finding = &taken[part].1;
    let line = finding.place.line;
    let near = |index: &usize| taken[*index].1.place.line.abs_diff(line) <= NEAR;
    // Findings are in order, so only neighbours can be near.
    let before = (0..part).rev().take_while(near);
    let after = (part + 1..taken.len()).take_while(near);
    before
        .chain(after)
        .filter(|&index| parts_of(&taken[index], rules).contains(&finding.rule_id))
        .min_by_key(|&index| (taken[index].1.place.line.abs_diff(line), index))
}
