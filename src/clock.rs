//! The time, and waiting: one place, so that tests wait for nothing.

use jiff::Timestamp;
use std::fmt::Debug;
use std::time::Duration;

/// Tells the time and waits.
pub trait Clock: Send + Sync + Debug {
    /// The present.
    fn now(&self) -> Timestamp;

    /// Returns when `duration` has passed by this clock.
    fn sleep(&self, duration: Duration);
}

/// The clock of the machine.
#[derive(Debug, Clone, Copy, Default)]
pub struct SystemClock;

impl Clock for SystemClock {
    fn now(&self) -> Timestamp {
        Timestamp::now()
    }

    fn sleep(&self, duration: Duration) {
        std::thread::sleep(duration);
    }
}

/// `time` less `age`.
#[cfg(feature = "respond")]
pub(crate) fn before(time: Timestamp, age: Duration) -> Timestamp {
    use jiff::SignedDuration;
    let age = SignedDuration::try_from(age).unwrap_or(SignedDuration::MAX);
    time.saturating_sub(age).unwrap_or(Timestamp::MIN)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_wait_takes_its_time() {
        let start = SystemClock.now();
        SystemClock.sleep(Duration::from_millis(2));
        assert!(SystemClock.now().duration_since(start).as_micros() >= 2_000);
    }
}
