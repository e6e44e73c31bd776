//! A command without its secrets.

use super::normal::start_of;
use crate::detect::{Detector, MASK, Window};
use crate::log::LogFormat;
use std::ops::Range;

/// Bytes of a command that are kept. What the log shows of it goes on far behind
/// that, so that no secret stands here as a half that is not known for one.
const MOST_KEPT: usize = 16 << 10;
/// Masking a secret can uncover another one that stood in its shadow.
const MOST_ROUNDS: usize = 4;
/// Shorter values are not looked for elsewhere.
const SHORTEST: usize = 4;

/// The start of `text`, everything masked that the detector takes for a secret,
/// however unsure: what is masked in vain is so in every copy. A line that still
/// has one after some rounds goes as a whole.
pub(super) fn masked(detector: &Detector, text: &str) -> String {
    let mut spans = secrets(detector, text.as_bytes());
    let mut text = without(start_of(text, MOST_KEPT), spans);
    for _ in 0..MOST_ROUNDS {
        spans = secrets(detector, text.as_bytes());
        if spans.is_empty() {
            return text;
        }
        text = without(&text, spans);
    }
    let lines = text.lines().map(|line| {
        let clean = secrets(detector, line.as_bytes()).is_empty();
        if clean { line } else { MASK }
    });
    let text = lines.collect::<Vec<_>>().join("\n");
    let clean = secrets(detector, text.as_bytes()).is_empty();
    if clean { text } else { MASK.to_owned() }
}

/// Where secrets stand, and wherever else their values do.
fn secrets(detector: &Detector, text: &[u8]) -> Vec<Range<usize>> {
    let mut found = Vec::new();
    let window = Window {
        raw: text,
        core: 0..text.len(),
        format: LogFormat::Plain,
        starts_record: true,
    };
    let unseen = detector.scan(&window, &mut found);
    let mut spans = Vec::new();
    if !unseen.is_empty() {
        // Not all of it was looked at.
        spans.push(0..text.len());
    }
    for secret in found.iter().filter(|secret| !secret.dropped) {
        let value = secret.secret.expose();
        if value.len() >= SHORTEST {
            let places = memchr::memmem::find_iter(text, value);
            spans.extend(places.map(|at| at..at + value.len()));
        }
        spans.push(secret.own.clone());
    }
    spans.retain(|span| !span.is_empty());
    spans.sort_by_key(|span| (span.start, span.end));
    spans
}

/// `text` with a mask for each span; spans are in order and may overlap.
fn without(text: &str, spans: Vec<Range<usize>>) -> String {
    let mut out = Vec::with_capacity(text.len());
    let mut at = 0;
    for span in spans {
        let start = span.start.min(text.len());
        if start >= at {
            out.extend(&text.as_bytes()[at..start]);
            if start < text.len() {
                out.extend(MASK.as_bytes());
            }
        }
        at = at.max(span.end.min(text.len()));
    }
    out.extend(&text.as_bytes()[at..]);
    String::from_utf8_lossy(&out).into_owned()
}
