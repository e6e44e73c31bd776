//! Scanning texts in tests.

use leaksweep::detect::{Detector, Options as DetectOptions};
use leaksweep::finding::Finding;
use leaksweep::log::LogFormat;
use leaksweep::rule::template::{Seed, expand};
use leaksweep::rule::{Confidence, RuleSet};
use leaksweep::scan::{self, Options, Scanned};
use leaksweep::source::{self, Source};
use std::fs::File;
use std::sync::LazyLock;
use std::time::{Duration, SystemTime};

/// All rules with default options.
pub(crate) static DETECTOR: LazyLock<Detector> =
    LazyLock::new(|| Detector::new(RuleSet::builtin(), DetectOptions::default()));

/// Fills a template in.
pub(crate) fn fill(template: &str, seed: u64) -> String {
    expand(template, &mut Seed::of(seed, template)).unwrap()
}

/// Scans a text as a file of an hour ago.
pub(crate) fn scan_with(detector: &Detector, text: &[u8], options: &Options<'_>) -> Scanned {
    scan_of(Duration::from_secs(3600), detector, text, options)
}

/// Scans a text as a file that was changed so long ago.
pub(crate) fn scan_of(
    age: Duration,
    detector: &Detector,
    text: &[u8],
    options: &Options<'_>,
) -> Scanned {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("log.txt");
    std::fs::write(&path, text).unwrap();
    let file = File::options().write(true).open(&path).unwrap();
    file.set_modified(SystemTime::now() - age).unwrap();
    let sources: Vec<Box<dyn Source>> = vec![source::open(&path)];
    let mut scanned = scan::scan(detector, &sources, options);
    let shown = path.to_string_lossy().into_owned();
    let strip = |origin: &mut leaksweep::origin::Origin| {
        *origin = leaksweep::origin::Origin::new(origin.as_str().replace(&shown, "log.txt"));
    };
    for finding in &mut scanned.outcome.findings {
        strip(&mut finding.place.path);
        finding
            .places
            .iter_mut()
            .for_each(|place| strip(&mut place.path));
    }
    scanned
}

/// Findings of a text with default options, down to `low`.
pub(crate) fn findings(text: &[u8], log_format: Option<LogFormat>) -> Vec<Finding> {
    let options = Options {
        log_format,
        min_confidence: Confidence::Low,
        ..Options::default()
    };
    scan_with(&DETECTOR, text, &options).outcome.findings
}
