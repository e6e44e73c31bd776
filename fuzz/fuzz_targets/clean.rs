//! Cleaning a log of any format: lines lie inside the clean text, and every
//! clean byte leads back to raw bytes that exist.

#![no_main]

use leaksweep::log::{self, LogFormat, Text};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|data: &[u8]| {
    let Some((first, raw)) = data.split_first() else {
        return;
    };
    let format = LogFormat::ALL[usize::from(*first) % LogFormat::ALL.len()];
    let text = log::clean(format, raw, 0..raw.len());
    check(&text, raw.len());
    if let Some(apart) = text.separated() {
        check(&apart, raw.len());
    }
});

fn check(text: &Text<'_>, raw_len: usize) {
    let len = text.bytes().len();
    for line in text.lines() {
        let clean = line.clean.start as usize..line.clean.end as usize;
        assert!(clean.start <= clean.end && clean.end <= len);
        assert!(line.raw.start <= line.raw.end && line.raw.end <= raw_len);
        assert!(line.text <= raw_len);
        let span = text.raw_span(clean);
        assert!(span.start <= span.end && span.end <= raw_len);
    }
    // One past the end too: offsets beyond the text are clipped to it.
    for offset in 0..=len {
        let span = text.raw_span(offset..offset + 1);
        assert!(span.start <= span.end && span.end <= raw_len);
    }
}
