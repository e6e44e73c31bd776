//! Purge is killed again and again, at points of chance.

use super::world::{Dice, REPOSITORY, World, folder, order, runs, shop};
use crate::fake_clock::FakeClock;
use jiff::Timestamp;
use leaksweep::clock::Clock;
use leaksweep::store::{Phase, Store};
use std::collections::BTreeMap;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};
use std::time::Duration;

/// Panics when it was asked so many times: purge asks before and after each
/// request and each commit.
#[derive(Debug)]
struct KillingClock(Arc<FakeClock>, AtomicI64);

impl Clock for KillingClock {
    fn now(&self) -> Timestamp {
        let left = self.1.fetch_sub(1, Ordering::SeqCst);
        assert!(left != 0, "killed");
        self.0.now()
    }

    fn sleep(&self, duration: Duration) {
        self.0.sleep(duration);
    }
}

/// Lines of the trail about each run, by phase and action.
fn trail(store: &Store) -> BTreeMap<String, Vec<(Phase, String)>> {
    let mut trail: BTreeMap<String, Vec<_>> = BTreeMap::new();
    let take = |entry: leaksweep::store::AuditEntry| {
        let lines = trail.entry(entry.target).or_default();
        lines.push((entry.phase, entry.action));
    };
    store.view().each_audit_entry(take).unwrap();
    trail
}

#[test]
fn killed_twenty_times_it_ends_as_if_it_had_not_been() {
    const LOGS: u64 = 1_000;
    let folder = folder();
    let path = folder.path().join("state.db");
    let mut world = World::with(runs(1, LOGS, 60..4_000));
    runs(5_000, 50, 0..30).for_each(|run| world.github.add(REPOSITORY, run));
    let mut dice = Dice(7);
    let mut kills = 0;
    while kills < 20 {
        world.store = Store::open(&path).unwrap();
        // About 14 questions a deletion: some forty deletions between two kills.
        let asks = dice.below(1_200).cast_signed();
        let killing = KillingClock(world.clock.clone(), AtomicI64::new(asks));
        let clock: Arc<dyn Clock> = Arc::new(killing);
        let ended = catch_unwind(AssertUnwindSafe(|| {
            drop(world.purge_by(&clock, &order(), &shop()));
        }));
        assert!(ended.is_err(), "only {kills} kills came before the end");
        kills += 1;
    }
    let gone = LOGS as usize + 50 - world.logs_left().len();
    println!("{gone} logs were gone after {kills} kills");
    assert!(gone > 100 && gone < LOGS as usize, "{gone} were gone");
    world.store = Store::open(&path).unwrap();
    let outcome = world.purge(&order());
    assert!(!outcome.is_unfinished(), "{}", outcome.text());
    assert_eq!(world.logs_left(), (5_000..5_050).collect::<Vec<_>>());
    assert_eq!(world.github.vain_deletions(), 0, "deleted twice");
    let chain = world.store.view().verify_audit().unwrap();
    assert_eq!(chain.broken_at, None);
    let trail = trail(&world.store);
    assert_eq!(trail.len(), LOGS as usize);
    for (target, lines) in trail {
        assert_eq!(lines.first().unwrap().0, Phase::Intent, "{target}");
        let last = (Phase::Done, "confirm".to_owned());
        assert_eq!(lines.last(), Some(&last), "{target}: {lines:?}");
    }
    world.purge(&order());
    assert_eq!(world.count("DELETE"), 0);
}
