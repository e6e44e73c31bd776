//! Detection with the built-in rules, decoding included: whatever is found lies
//! inside the window.

#![no_main]

use leaksweep::detect::{Detector, Options, Window};
use leaksweep::log::LogFormat;
use leaksweep::rule::RuleSet;
use libfuzzer_sys::fuzz_target;
use std::sync::LazyLock;

static DETECTOR: LazyLock<Detector> = LazyLock::new(|| {
    let options = Options {
        // Candidates that are dropped go through the same code to the end.
        explain: true,
        ..Options::default()
    };
    Detector::new(RuleSet::builtin(), options)
});

fuzz_target!(|data: &[u8]| {
    let Some((first, raw)) = data.split_first() else {
        return;
    };
    let format = LogFormat::ALL[usize::from(*first) % LogFormat::ALL.len()];
    let window = Window {
        raw,
        core: 0..raw.len(),
        format,
        starts_record: true,
    };
    let mut found = Vec::new();
    DETECTOR.scan(&window, &mut found);
    for secret in &found {
        assert!(secret.span.start <= secret.span.end && secret.span.end <= raw.len());
        assert!(secret.text_start <= raw.len());
        assert!((secret.rule as usize) < DETECTOR.rules().rules.len());
    }
});
