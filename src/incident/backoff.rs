//! When to try again.

use jiff::Timestamp;
use std::time::Duration;

/// Deliveries of one message that are tried, over about a day.
pub const MOST_ATTEMPTS: u32 = 12;

const FIRST: Duration = Duration::from_secs(5);
const LONGEST: Duration = Duration::from_secs(6 * 60 * 60);

/// How long to wait after `attempt` deliveries (from 1) have failed: five
/// seconds, three times as long each time, between half and all of it by
/// `jitter_seed`, and never shorter than the receiver asked (`after`). Nothing
/// when the message is to be given up.
pub fn next_attempt(attempt: u32, after: Option<Duration>, jitter_seed: u64) -> Option<Duration> {
    if attempt >= MOST_ATTEMPTS {
        return None;
    }
    let factor = 3_u32.saturating_pow(attempt.saturating_sub(1));
    let whole = FIRST.saturating_mul(factor).min(LONGEST);
    let wait = whole / 2 + (whole / 2).mul_f64(jitter(jitter_seed, attempt));
    Some(wait.max(after.unwrap_or_default().min(LONGEST)))
}

/// A fraction of one, spread well even over neighbouring seeds (`SplitMix64`).
fn jitter(seed: u64, attempt: u32) -> f64 {
    let mut z = seed.wrapping_add(0x9e37_79b9_7f4a_7c15_u64.wrapping_mul(u64::from(attempt) + 1));
    z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    z ^= z >> 31;
    (z >> 11) as f64 / (1_u64 << 53) as f64
}

/// `Retry-After`: seconds, or a date.
pub(super) fn retry_after(value: &str, now: Timestamp) -> Option<Duration> {
    let value = value.trim();
    if let Ok(seconds) = value.parse() {
        return Some(Duration::from_secs(seconds));
    }
    let until = jiff::fmt::rfc2822::parse(value).ok()?.timestamp();
    Some(until.duration_since(now).try_into().unwrap_or_default())
}

#[cfg(test)]
mod tests {
    use super::{LONGEST, MOST_ATTEMPTS, next_attempt, retry_after};
    use std::time::Duration;

    #[test]
    fn waits_grow_within_their_bounds_and_end() {
        for seed in 0..200 {
            for attempt in 1..MOST_ATTEMPTS {
                let whole = Duration::from_secs(5 * 3_u64.pow(attempt - 1)).min(LONGEST);
                let wait = next_attempt(attempt, None, seed).unwrap();
                assert!(wait >= whole / 2 && wait <= whole, "{attempt}: {wait:?}");
            }
        }
        assert_eq!(next_attempt(MOST_ATTEMPTS, None, 0), None);
        assert_eq!(next_attempt(u32::MAX, Some(Duration::ZERO), 0), None);
    }

    #[test]
    fn the_seed_spreads_the_waits() {
        let waits: std::collections::BTreeSet<_> =
            (0..100).map(|seed| next_attempt(3, None, seed)).collect();
        assert_eq!(waits.len(), 100);
        assert_eq!(next_attempt(3, None, 7), next_attempt(3, None, 7));
    }

    #[test]
    fn the_receiver_is_heeded_within_reason() {
        let asked = Duration::from_secs(120);
        assert_eq!(next_attempt(1, Some(asked), 1), Some(asked));
        assert!(next_attempt(1, Some(Duration::ZERO), 1).unwrap() > Duration::ZERO);
        assert_eq!(next_attempt(1, Some(Duration::MAX), 1), Some(LONGEST));
    }

    #[test]
    fn retry_after_is_seconds_or_a_date() {
        let now = "2026-11-27T10:00:00Z".parse().unwrap();
        let read = |value| retry_after(value, now).map(|wait| wait.as_secs());
        assert_eq!(read("30"), Some(30));
        assert_eq!(read(" 0 "), Some(0));
        assert_eq!(read("Fri, 27 Nov 2026 10:01:30 GMT"), Some(90));
        assert_eq!(read("Fri, 27 Nov 2026 09:00:00 GMT"), Some(0));
        assert_eq!((read("soon"), read("-1"), read("")), (None, None, None));
    }
}
