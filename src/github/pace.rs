//! GitHub's secondary limits: points in any minute.

use super::answer::Answer;
use crate::clock::Clock;
use http::Method;
use jiff::{SignedDuration, Timestamp};
use std::collections::VecDeque;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

/// What GitHub allows in a minute.
const MOST: u32 = 900;
const MINUTE: SignedDuration = SignedDuration::from_mins(1);
const HOUR: u64 = 3_600;

/// What reading costs, and what changing does.
fn points(method: &Method) -> u32 {
    if *method == Method::GET { 1 } else { 5 }
}

/// The requests of the last minute.
#[derive(Default)]
pub(super) struct Pace(Mutex<VecDeque<(Timestamp, u32)>>);

impl Pace {
    /// Returns when one more request fits into the minute, and counts it.
    pub(super) fn wait(&self, clock: &dyn Clock, method: &Method) {
        let mut recent = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        while let Some(wait) = missing(&mut recent, clock.now(), points(method)) {
            clock.sleep(wait);
        }
        recent.push_back((clock.now(), points(method)));
    }
}

/// How long until `more` points fit; none if they do now.
fn missing(recent: &mut VecDeque<(Timestamp, u32)>, now: Timestamp, more: u32) -> Option<Duration> {
    // A clock that was set back makes times of the future, which tell nothing.
    recent.retain(|(at, _)| *at <= now && now.duration_since(*at) < MINUTE);
    let used: u32 = recent.iter().map(|(_, points)| points).sum();
    let oldest = recent.front().filter(|_| used + more > MOST)?;
    (MINUTE - now.duration_since(oldest.0)).try_into().ok()
}

/// A rate limit as an answer told it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Limit {
    /// Requests an hour.
    pub an_hour: u64,
    /// Requests left until [`Self::reset`].
    pub remaining: u64,
    /// When all of them can be had again, by the clock of this machine.
    pub reset: Timestamp,
}

impl Limit {
    /// `ahead` is how far GitHub's clock is before that of this machine.
    pub(super) fn of(answer: &Answer, ahead: SignedDuration) -> Option<Self> {
        let number = |name: &str| {
            let value = answer.header(&format!("x-ratelimit-{name}"))?;
            value.trim().parse::<u64>().ok()
        };
        let reset = Timestamp::from_second(number("reset")?.cast_signed()).ok()?;
        Some(Self {
            an_hour: number("limit")?,
            remaining: number("remaining")?,
            reset: reset.saturating_sub(ahead).ok()?,
        })
    }
}

/// Seconds until `calls` more requests were allowed, if `limit` holds for all
/// of them.
pub fn seconds_until_allowed(limit: Option<Limit>, calls: u64, now: Timestamp) -> u64 {
    let Some(limit) = limit.filter(|limit| limit.remaining < calls && limit.an_hour > 0) else {
        return 0;
    };
    let first: Duration = limit
        .reset
        .duration_since(now)
        .try_into()
        .unwrap_or_default();
    // After the first reset, one hour for each whole allowance but the last.
    let hours = (calls - limit.remaining).div_ceil(limit.an_hour) - 1;
    first.as_secs() + hours * HOUR
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_estimate_counts_hours() {
        let now = Timestamp::from_second(1_000).unwrap();
        let limit = |remaining| {
            Some(Limit {
                an_hour: 1_000,
                remaining,
                reset: now + Duration::from_secs(600),
            })
        };
        assert_eq!(seconds_until_allowed(None, 500, now), 0);
        assert_eq!(seconds_until_allowed(limit(500), 500, now), 0);
        assert_eq!(seconds_until_allowed(limit(100), 500, now), 600);
        assert_eq!(
            seconds_until_allowed(limit(100), 3_100, now),
            600 + 2 * 3_600
        );
    }

    #[test]
    fn a_minute_holds_so_many_points() {
        let at = |second| Timestamp::from_second(second).unwrap();
        let mut recent: VecDeque<_> = (0..180).map(|n| (at(100 + n / 9), 5)).collect();
        assert_eq!(recent.len(), 180);
        let wait = missing(&mut recent, at(120), 1);
        assert_eq!(wait, Some(Duration::from_secs(40)));
        assert_eq!(missing(&mut recent, at(160), 45), None);
        assert_eq!(recent.len(), 171);
    }

    #[test]
    fn a_clock_that_was_set_back_does_not_stop_everything() {
        let at = |second| Timestamp::from_second(second).unwrap();
        let mut recent: VecDeque<_> = std::iter::repeat_n((at(5_000), 5), 180).collect();
        assert_eq!(missing(&mut recent, at(100), 5), None);
    }
}
