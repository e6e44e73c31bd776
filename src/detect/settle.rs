//! The findings of one log, in order, each secret once at each place.

use super::Detected;
use crate::rule::Confidence;

/// Puts what a window gave into order.
pub fn sort(detected: &mut Vec<Detected>) {
    detected.sort_by(|a, b| order(a).cmp(&order(b)));
    detected.dedup();
}

fn order(found: &Detected) -> (usize, std::cmp::Reverse<usize>, u32, &str) {
    let end = std::cmp::Reverse(found.span.end);
    (found.span.start, end, found.rule, &found.fingerprint)
}

/// Tells what stands inside a secret over several lines: the lines of a key
/// are no findings of their own. Asked about the findings of one log in order.
#[derive(Debug, Default)]
pub struct Settler {
    end: u64,
    confidence: Option<Confidence>,
}

impl Settler {
    /// Whether `found`, which ends at offset `end` of the log, is a finding of
    /// its own. Several can come out of one run of base64.
    pub fn keeps(&mut self, found: &Detected, end: u64) -> bool {
        // A vendor's own shape is no line of a key: another stream printed it.
        let foreign = found.confidence >= Confidence::High && end < self.end;
        let inside = end <= self.end && self.confidence >= Some(found.confidence) && !foreign;
        if end > self.end && !found.dropped {
            self.end = end;
            self.confidence = Some(found.confidence);
        }
        !inside || found.dropped || !found.decoded_from.is_empty()
    }
}
