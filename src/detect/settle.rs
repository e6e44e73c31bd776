//! The findings of one log, in order, each secret once at each place.

use super::Detected;

/// Sorts what the windows of one log gave, and drops what stands inside a
/// secret over several lines: the lines of a key are no findings of their own.
/// Spans are offsets into the whole log.
pub fn settle(detected: &mut Vec<Detected>) {
    detected.sort_by(|a, b| order(a).cmp(&order(b)));
    detected.dedup();
    let mut end = 0;
    let mut confidence = None;
    detected.retain(|found| {
        let inside = found.span.end <= end && confidence >= Some(found.confidence);
        if found.span.end > end && !found.dropped {
            end = found.span.end;
            confidence = Some(found.confidence);
        }
        !inside || found.dropped || same_place_is_fine(found)
    });
}

/// Several secrets can come out of one run of base64.
fn same_place_is_fine(found: &Detected) -> bool {
    !found.decoded_from.is_empty()
}

fn order(found: &Detected) -> (usize, std::cmp::Reverse<usize>, u32, &str) {
    (
        found.span.start,
        std::cmp::Reverse(found.span.end),
        found.rule,
        &found.fingerprint,
    )
}
