//! How much is found, how exactly, and how often wolf is cried: the rules' own
//! examples and credentials of no vendor, set into logs of several kinds,
//! against floors that only rise (`floors.json`).
//!
//! Everything is generated from templates and seeds: the figures are the same
//! on every machine.

mod cases;
mod classes;
mod floors;
mod noise;
mod places;
mod variants;

use crate::support::DETECTOR;
use cases::Case;
use floors::Floors;
use hmac::{Hmac, KeyInit, Mac};
use leaksweep::detect::{self, DEFAULT_FINGERPRINT_KEY, Detected, Settler, Window};
use leaksweep::log::LogFormat;
use leaksweep::rule::{Confidence, DetectorKind, Rule};
use sha2::Sha256;
use variants::{Log, Variant};

/// What the program reports by default.
fn reported(log: &[u8], format: LogFormat) -> Vec<Detected> {
    let window = Window {
        raw: log,
        core: 0..log.len(),
        format,
        starts_record: true,
    };
    let mut found = Vec::new();
    DETECTOR.scan(&window, &mut found);
    detect::sort(&mut found);
    let mut settler = Settler::default();
    found.retain(|hit| settler.keeps(hit, hit.span.end as u64));
    found.retain(|hit| hit.confidence >= Confidence::Medium);
    found
}

/// Findings on the lines of the case.
fn on_the_case(log: &Log) -> Vec<Detected> {
    let mut found = reported(&log.raw, log.format);
    found.retain(|hit| hit.span.start < log.case.end && log.case.start < hit.span.end);
    found
}

/// Whether a hit on a counter-example of `rule` is false. What the generic
/// detectors say may well be right (a value under a credential's name), and
/// so may another rule of the vendor.
fn is_false(hit: &Detected, rule: &Rule) -> bool {
    let other = &DETECTOR.rules().rules[hit.rule as usize];
    other.id == rule.id || (other.detector == DetectorKind::Pattern && other.vendor != rule.vendor)
}

/// The fingerprint that a finding of exactly `secret` has.
fn fingerprint(secret: &str) -> String {
    let mut mac = Hmac::<Sha256>::new_from_slice(DEFAULT_FINGERPRINT_KEY).unwrap();
    mac.update(secret.as_bytes());
    data_encoding::HEXLOWER.encode(&mac.finalize().into_bytes())
}

/// Parts and the whole.
#[derive(Default)]
struct Share {
    good: usize,
    all: usize,
    /// Cases that were not good, for the message.
    bad: Vec<String>,
}

impl Share {
    fn count(&mut self, good: bool, name: &str) {
        self.all += 1;
        self.good += usize::from(good);
        if !good && !self.bad.iter().any(|known| known == name) {
            self.bad.push(name.to_owned());
        }
    }

    /// Hundredths of a per cent, rounded down.
    fn basis_points(&self) -> u64 {
        (self.good * 10_000 / self.all.max(1)) as u64
    }
}

fn measure_variant(variant: Variant, cases: &[Case], floors: &mut Floors) {
    let (mut recall, mut exact) = (Share::default(), Share::default());
    for case in cases {
        let found = on_the_case(&variant.set(&case.text, case.secret.as_deref()));
        recall.count(!found.is_empty(), &case.name);
        if let Some(secret) = case.secret.as_deref().filter(|_| !found.is_empty()) {
            let wanted = fingerprint(secret);
            exact.count(
                found.iter().any(|hit| hit.fingerprint == wanted),
                &case.name,
            );
        }
    }
    floors.hold(&format!("recall {variant}"), &recall);
    floors.hold(&format!("exact {variant}"), &exact);
}

#[test]
fn accuracy_does_not_fall() {
    let mut floors = Floors::read();
    let cases = cases::positives();
    for variant in Variant::ALL {
        measure_variant(variant, &cases, &mut floors);
    }
    let mut quiet = Share::default();
    for (rule, case) in cases::negatives() {
        let found = on_the_case(&Variant::Gha.set(&case.text, None));
        quiet.count(!found.iter().any(|hit| is_false(hit, rule)), &case.name);
    }
    floors.hold("counter-examples without a finding", &quiet);
    let mut quiet = Share::default();
    for (name, line) in noise::lines(20_000) {
        let found = on_the_case(&Variant::Gha.set(&line, None));
        quiet.count(found.is_empty(), name);
    }
    floors.hold("lines of noise without a finding", &quiet);
    floors.settle();
}
