//! Credentials of several parts are one finding: key id, secret and session
//! token; a private key and the fields around it that tell whose it is.
//!
//! All findings of a log are looked at together and in order, so what belongs
//! together depends on the log alone.

use super::Located;
use crate::finding::Finding;
use crate::rule::{Rule, RuleSet};
use std::collections::BTreeMap;

/// Lines between the parts of one credential at most.
const NEAR: u64 = 20;

/// Folds each part into the nearest finding whose rule names it as one.
pub(super) fn parts(taken: &mut Vec<Located>, rules: &RuleSet) {
    let mut owners: BTreeMap<&str, Vec<usize>> = BTreeMap::new();
    for (index, found) in taken.iter().enumerate() {
        for part in &rule_of(found, rules).parts {
            owners.entry(part).or_default().push(index);
        }
    }
    if owners.is_empty() {
        return;
    }
    let owner_of = |part: &Located| {
        let owners = owners.get(part.1.rule_id.as_str())?;
        // Of two that are as many lines away the earlier one: an id precedes its secret.
        nearest(taken, &part.1, owners, |gap| {
            (gap.lines, gap.after, gap.bytes)
        })
    };
    let owners: Vec<Option<usize>> = taken.iter().map(owner_of).collect();
    for (part, owner) in owners.iter().enumerate() {
        if let Some(owner) = *owner {
            let part = taken[part].1.clone();
            add_part(&mut taken[owner].1, part);
        }
    }
    let mut owners = owners.into_iter();
    taken.retain(|_| owners.next().flatten().is_none());
}

fn add_part(whole: &mut Finding, part: Finding) {
    whole.places.push(part.place);
    whole.severity = whole.severity.max(part.severity);
    whole.confidence = whole.confidence.max(part.confidence);
    whole.reasons.push(format!("with its part: {}", part.name));
}

/// Names findings by what stands beside them: a sign, which is a finding whose
/// rule claims others, gives its name to the nearest of these. Returns the
/// signs that found none: a sign alone is no secret.
pub(super) fn signs(taken: &mut Vec<Located>, rules: &RuleSet) -> Vec<Located> {
    let (signs, mut rest): (Vec<Located>, Vec<Located>) = std::mem::take(taken)
        .into_iter()
        .partition(|found| !rule_of(found, rules).claims.is_empty());
    let mut claimed: BTreeMap<u32, Vec<usize>> = BTreeMap::new();
    for sign in &signs {
        let claims = &rule_of(sign, rules).claims;
        claimed.entry(sign.0.rule).or_insert_with(|| {
            let is_claimed = |index: &usize| claims.iter().any(|id| **id == rest[*index].1.rule_id);
            (0..rest.len()).filter(is_claimed).collect()
        });
    }
    let mut alone = Vec::new();
    for sign in signs {
        let hosts = &claimed[&sign.0.rule];
        match nearest(&rest, &sign.1, hosts, |gap| (gap.lines, gap.bytes)) {
            Some(host) => name_all(&mut rest, hosts, host, &sign),
            None => alone.push(sign),
        }
    }
    *taken = rest;
    alone
}

/// Names `host` by the sign, and what was decoded out of the same bytes: there
/// is no telling which of them is nearer.
fn name_all(rest: &mut [Located], hosts: &[usize], host: usize, sign: &Located) {
    let place = rest[host].1.place.clone();
    let first = hosts.partition_point(|&index| rest[index].1.place.byte_start < place.byte_start);
    for &index in &hosts[first..] {
        if rest[index].1.place.byte_start > place.byte_start {
            break;
        }
        if rest[index].1.place == place {
            name(&mut rest[index], sign);
        }
    }
}

/// Signs of one key that are told as its places. An account has two; thousands
/// beside thousands of keys are hostile.
const MOST_SIGNS: usize = 16;

/// The secret stays as bad and as sure as it was, and where it was.
fn name((detected, finding): &mut Located, (sign, named): &Located) {
    if detected.rule != sign.rule {
        detected.rule = sign.rule;
        finding.rule_id.clone_from(&named.rule_id);
        finding.vendor.clone_from(&named.vendor);
        finding.name.clone_from(&named.name);
        finding.revoke.clone_from(&named.revoke);
        finding.references.clone_from(&named.references);
        finding
            .reasons
            .push("named by what stands beside it".into());
    }
    if named.place != finding.place && finding.places.len() < MOST_SIGNS {
        finding.places.push(named.place.clone());
    }
}

fn rule_of<'a>(found: &Located, rules: &'a RuleSet) -> &'a Rule {
    &rules.rules[found.0.rule as usize]
}

/// What lies between a finding and another one.
struct Gap {
    lines: u64,
    bytes: u64,
    /// The other one comes later.
    after: bool,
}

impl Gap {
    fn between(finding: &Finding, other: &Finding) -> Self {
        let after = other.place.byte_start > finding.place.byte_start;
        let (first, second) = if after {
            (&finding.place, &other.place)
        } else {
            (&other.place, &finding.place)
        };
        Self {
            lines: second.line.saturating_sub(first.end_line),
            bytes: second.byte_start.saturating_sub(first.byte_end),
            after,
        }
    }
}

/// The nearest of `hosts` (ascending indices into `found`) within [`NEAR`]
/// lines. Findings are in order, so it is one of the two neighbours.
fn nearest<Order: Ord>(
    found: &[Located],
    finding: &Finding,
    hosts: &[usize],
    order: impl Fn(&Gap) -> Order,
) -> Option<usize> {
    let start = finding.place.byte_start;
    let later = hosts.partition_point(|&host| found[host].1.place.byte_start <= start);
    let neighbours = hosts[later.saturating_sub(1)..].iter().take(2);
    neighbours
        .map(|&host| (Gap::between(finding, &found[host].1), host))
        .filter(|(gap, _)| gap.lines <= NEAR)
        .min_by_key(|(gap, _)| order(gap))
        .map(|(_, host)| host)
}
