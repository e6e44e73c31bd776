//! A clock that stands still but for sleeps.

use jiff::{SignedDuration, Timestamp};
use leaksweep::clock::Clock;
use std::sync::{Arc, Mutex};
use std::time::Duration;

#[derive(Debug)]
pub(crate) struct FakeClock(Mutex<(Timestamp, Vec<Duration>)>);

impl FakeClock {
    /// A clock that shows noon.
    pub(crate) fn new() -> Arc<Self> {
        let noon = "2026-11-27T12:00:00Z".parse().unwrap();
        Arc::new(Self(Mutex::new((noon, Vec::new()))))
    }

    /// Lets time pass without a sleep.
    pub(crate) fn pass(&self, duration: Duration) {
        let mut state = self.0.lock().unwrap();
        state.0 += SignedDuration::try_from(duration).unwrap();
    }

    /// The seconds of all sleeps so far.
    pub(crate) fn sleeps(&self) -> Vec<u64> {
        let state = self.0.lock().unwrap();
        state.1.iter().map(Duration::as_secs).collect()
    }
}

impl Clock for FakeClock {
    fn now(&self) -> Timestamp {
        self.0.lock().unwrap().0
    }

    fn sleep(&self, duration: Duration) {
        if !duration.is_zero() {
            self.0.lock().unwrap().1.push(duration);
            self.pass(duration);
        }
    }
}
