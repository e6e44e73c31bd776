//! Proof of rules by their own examples.

use super::{Detected, Detector, Options, Window};
use crate::log::LogFormat;
use crate::rule::template::{Seed, expand};
use crate::rule::{Confidence, DetectorKind, Rule, RuleSet, implies_keyword};

/// A rule that does not do what it says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Failure {
    /// The rule.
    pub rule: String,
    /// What is wrong. Holds templates, never what they were filled with.
    pub message: String,
}

/// Tries every rule of `rules` on `samples` fillings of each of its examples
/// and counter-examples: each example is found by its rule and by no other
/// vendor's, no counter-example is, and every keyword is implied.
pub fn prove(rules: &RuleSet, samples: u64) -> Vec<Failure> {
    let detector = Detector::new(rules.clone(), Options::default());
    let mut failures = Vec::new();
    for rule in &rules.rules {
        let mut prover = Prover {
            detector: &detector,
            rule,
            failures: &mut failures,
        };
        prover.keywords();
        prover.examples(samples);
        prover.counter_examples(samples);
    }
    failures
}

struct Prover<'a> {
    detector: &'a Detector,
    rule: &'a Rule,
    failures: &'a mut Vec<Failure>,
}

impl Prover<'_> {
    fn fail(&mut self, message: String) {
        let failure = Failure {
            rule: self.rule.id.to_string(),
            message,
        };
        if !self.failures.contains(&failure) {
            self.failures.push(failure);
        }
    }

    fn keywords(&mut self) {
        let own = self.rule.detector == DetectorKind::Pattern && !self.rule.contextual;
        if own && !implies_keyword(&self.rule.pattern, &self.rule.keywords) {
            self.fail(
                "a match need not hold any of its keywords, so some would never be looked for\n\
                 hint: name literals that every alternative of the pattern holds"
                    .into(),
            );
        }
    }

    fn examples(&mut self, samples: u64) {
        if self.rule.texts.examples.is_empty() {
            self.fail("has no examples".into());
        }
        for template in &self.rule.texts.examples {
            for seed in 0..samples {
                let found = self.found(template, seed);
                if !found.iter().any(|hit| self.is_own(hit)) {
                    self.fail(format!(
                        "does not find its example '{template}' (seed {seed})"
                    ));
                }
                let others: Vec<String> =
                    found.iter().filter_map(|hit| self.stranger(hit)).collect();
                for other in others {
                    self.fail(format!(
                        "rule '{other}' fires on its example '{template}' (seed {seed})"
                    ));
                }
            }
        }
    }

    fn counter_examples(&mut self, samples: u64) {
        for template in &self.rule.texts.counter_examples {
            for seed in 0..samples {
                let least = self.rule.confidence.min(Confidence::Medium);
                let found = self.found(template, seed);
                if found
                    .iter()
                    .any(|hit| self.is_own(hit) && hit.confidence >= least)
                {
                    self.fail(format!(
                        "fires on its counter-example '{template}' (seed {seed})"
                    ));
                }
            }
        }
    }

    fn found(&mut self, template: &str, seed: u64) -> Vec<Detected> {
        let text = match expand(template, &mut Seed::of(seed, &self.rule.id)) {
            Ok(text) => text,
            Err(message) => {
                self.fail(message);
                return Vec::new();
            }
        };
        let raw = text.as_bytes();
        let mut out = Vec::new();
        let format = LogFormat::Plain;
        self.detector.scan(
            &Window {
                raw,
                core: 0..raw.len(),
                format,
                starts_record: true,
            },
            &mut out,
        );
        super::sort(&mut out);
        let mut settler = super::Settler::default();
        out.retain(|hit| settler.keeps(hit, hit.span.end as u64));
        out
    }

    fn is_own(&self, hit: &Detected) -> bool {
        self.detector.rules().rules[hit.rule as usize].id == self.rule.id
    }

    /// A vendor's own rule that has no business here.
    fn stranger(&self, hit: &Detected) -> Option<String> {
        let other = &self.detector.rules().rules[hit.rule as usize];
        let own_shape = other.detector == DetectorKind::Pattern;
        (own_shape && other.vendor != self.rule.vendor).then(|| other.id.to_string())
    }
}
