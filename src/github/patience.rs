//! When a call that reads is tried again.

use super::{GithubError, GithubErrorKind};
use jiff::Timestamp;
use std::time::Duration;

/// Further tries after failures that a rate limit does not explain.
const TRIES: u32 = 4;

/// What is left of one call's waits.
pub(super) struct Patience {
    left: Duration,
    limits: u32,
    failures: u32,
}

impl Patience {
    pub(super) fn new(max_wait: Duration) -> Self {
        Self {
            left: max_wait,
            limits: 0,
            failures: 0,
        }
    }

    /// How long to wait before another try; none, if `error` is final.
    pub(super) fn wait(&mut self, error: &GithubError, now: Timestamp) -> Option<Duration> {
        let wait = match error.kind() {
            GithubErrorKind::RateLimited { until } => self.limited(until, now),
            GithubErrorKind::NotYet | GithubErrorKind::Server | GithubErrorKind::Network => {
                self.failed()?
            }
            _ => return None,
        };
        self.left = self.left.checked_sub(wait)?;
        Some(wait)
    }

    /// Who is limited again after waiting as told waits exponentially longer.
    fn limited(&mut self, until: Timestamp, now: Timestamp) -> Duration {
        let least = match self.limits {
            0 => Duration::ZERO,
            times => Duration::from_secs(60 << times.min(10)),
        };
        self.limits += 1;
        let told = until.duration_since(now).try_into();
        least.max(told.unwrap_or_default())
    }

    fn failed(&mut self) -> Option<Duration> {
        let wait = Duration::from_secs(1 << self.failures);
        self.failures += 1;
        (self.failures <= TRIES).then_some(wait)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn waits(kind: GithubErrorKind, max_wait: u64) -> Vec<u64> {
        let mut patience = Patience::new(Duration::from_secs(max_wait));
        let error = GithubError::new(kind, "x", "y");
        let next = || patience.wait(&error, Timestamp::UNIX_EPOCH);
        std::iter::from_fn(next)
            .map(|wait| wait.as_secs())
            .take(20)
            .collect()
    }

    #[test]
    fn a_failure_is_tried_again_a_few_times() {
        for kind in [
            GithubErrorKind::NotYet,
            GithubErrorKind::Server,
            GithubErrorKind::Network,
        ] {
            assert_eq!(waits(kind, 1_000), [1, 2, 4, 8]);
        }
        assert_eq!(waits(GithubErrorKind::Server, 6), [1, 2]);
    }

    #[test]
    fn a_limit_is_waited_for_within_what_is_left() {
        let until = |second| GithubErrorKind::RateLimited {
            until: Timestamp::from_second(second).unwrap(),
        };
        assert_eq!(waits(until(5), 400), [5, 120, 240]);
        assert_eq!(waits(until(60), 419), [60, 120]);
        assert_eq!(waits(until(3_000), 7_000), [3_000, 3_000]);
        assert_eq!(waits(until(-9), 100), [0]);
        assert_eq!(waits(until(61), 60), [0; 0]);
    }

    #[test]
    fn what_will_not_change_is_final() {
        for kind in [
            GithubErrorKind::Unauthorized,
            GithubErrorKind::Forbidden,
            GithubErrorKind::NotFound,
            GithubErrorKind::Gone,
            GithubErrorKind::Conflict,
            GithubErrorKind::BadAnswer,
            GithubErrorKind::Budget,
        ] {
            assert_eq!(waits(kind, 1_000), [0; 0]);
        }
    }
}
