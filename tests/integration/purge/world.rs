//! A GitHub, a clock and a store, and purge between them.

use crate::desk::TOKEN;
use crate::fake_clock::FakeClock;
use crate::fake_github::{Access, Attempt, FakeGithub, Run};
use crate::support::DETECTOR;
use jiff::{SignedDuration, Timestamp};
use leaksweep::clock::Clock;
use leaksweep::config::Config;
use leaksweep::github::{Auth, Client, Settings};
use leaksweep::incident::Sender;
use leaksweep::purge::{
    self, Choice, Order, PurgeError, PurgeOutcome, ScanFirst, Swept, Tally, Target,
};
use leaksweep::respond::{self, Voice};
use leaksweep::secret::Secret;
use leaksweep::store::Store;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

pub(super) const REPOSITORY: &str = "acme/shop";
const HOUR: i64 = 3_600;

pub(super) struct World {
    pub(super) github: FakeGithub,
    pub(super) clock: Arc<FakeClock>,
    pub(super) store: Store,
    pub(super) config: Config,
    pub(super) scans: bool,
    pub(super) budget: Option<u64>,
    /// Requests of the last purge.
    pub(super) calls: Vec<String>,
}

/// Older than 48 hours, of all runs.
pub(super) fn order() -> Order {
    Order {
        older_than: Duration::from_secs(48 * 3_600),
        artifacts_older_than: None,
        look_back: None,
        choice: Choice::default(),
        max_duration: None,
        dry_run: false,
    }
}

pub(super) fn shop() -> Target {
    Target::Repositories(vec![REPOSITORY.parse().unwrap()])
}

/// So long before the clock's noon.
pub(super) fn ago(hours: i64) -> Timestamp {
    let noon: Timestamp = "2026-11-27T12:00:00Z".parse().unwrap();
    noon - SignedDuration::from_hours(hours)
}

/// A completed run with one log, created so many hours ago.
pub(super) fn run(id: u64, hours: i64) -> Run {
    Run::new(id).created(ago(hours)).attempt(Attempt::new())
}

/// Numbers that look like chance and are always the same.
pub(super) struct Dice(pub(super) u64);

impl Dice {
    pub(super) fn below(&mut self, most: u64) -> u64 {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005);
        self.0 = self.0.wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 33) % most
    }
}

/// Runs one after another at random times between so many hours ago.
pub(super) fn runs(
    first: u64,
    count: u64,
    hours: std::ops::Range<i64>,
) -> impl Iterator<Item = Run> {
    let mut dice = Dice(first);
    (first..first + count).map(move |id| {
        let seconds = (hours.end - hours.start) * HOUR;
        let back = dice.below(seconds.cast_unsigned()).cast_signed();
        let at = ago(hours.start) - SignedDuration::from_secs(back);
        Run::new(id).created(at).attempt(Attempt::new())
    })
}

pub(super) fn settings(base: String, budget: Option<u64>) -> Settings {
    Settings {
        allow_http: true,
        max_wait: Duration::from_secs(120),
        budget,
        ..Settings::new(base, Auth::Token(Secret::new(TOKEN.as_bytes())))
    }
}

impl World {
    pub(super) fn new() -> Self {
        let clock = FakeClock::new();
        let github = FakeGithub::start_by(clock.clone());
        github.token(TOKEN, Access::Write);
        // No hour that is used up, but GitHub's points a minute.
        github.limit(1_000_000, false);
        Self {
            github,
            clock,
            store: Store::scratch(None).unwrap(),
            config: Config::default(),
            scans: false,
            budget: None,
            calls: Vec::new(),
        }
    }

    pub(super) fn with(runs: impl IntoIterator<Item = Run>) -> Self {
        let world = Self::new();
        for run in runs {
            world.github.add(REPOSITORY, run);
        }
        world
    }

    pub(super) fn configure(&mut self, yaml: &str) {
        self.config = Config::parse(&format!("version: 1\n{yaml}"), "leaksweep.yaml").unwrap();
    }

    pub(super) fn purge(&mut self, order: &Order) -> PurgeOutcome {
        self.purge_of(order, &shop()).unwrap()
    }

    pub(super) fn purge_of(
        &mut self,
        order: &Order,
        target: &Target,
    ) -> Result<PurgeOutcome, PurgeError> {
        let clock: Arc<dyn Clock> = self.clock.clone();
        self.purge_by(&clock, order, target)
    }

    pub(super) fn purge_by(
        &mut self,
        clock: &Arc<dyn Clock>,
        order: &Order,
        target: &Target,
    ) -> Result<PurgeOutcome, PurgeError> {
        let before = self.github.calls().len();
        let settings = settings(self.github.base(), self.budget);
        let client = Client::new(settings, clock.clone()).unwrap();
        let sender = Sender::new().unwrap();
        let respond = respond::World {
            confirm_within: std::time::Duration::from_secs(600),
            client: &client,
            voice: Voice {
                channels: &[],
                sender: &sender,
                clock: &**clock,
                detector: &DETECTOR,
                rules_version: "of a test",
            },
            policy: &self.config.guard,
            patience: Duration::ZERO,
        };
        let options = leaksweep::scan::Options::default();
        let scan = |sources: &[Box<dyn leaksweep::source::Source>]| {
            leaksweep::scan::scan(&DETECTOR, sources, &options)
        };
        let keep = respond::Keep::default();
        let world = purge::World {
            respond: &respond,
            rules: &self.config.purge,
            scan: self.scans.then_some(ScanFirst {
                scan: &scan,
                keep: &keep,
                act_at: None,
            }),
            progress: &|at| assert!(at.done <= at.about, "{at:?}"),
        };
        let sites = target.sites(&client)?;
        let purged = purge::purge(&world, &mut self.store, order, sites);
        self.calls = self.github.calls().split_off(before);
        purged
    }

    /// Calls of the last purge that begin so.
    pub(super) fn count(&self, start: &str) -> usize {
        let calls = self.calls.iter();
        calls.filter(|call| call.starts_with(start)).count()
    }

    /// Seconds of fake time since noon.
    pub(super) fn elapsed(&self) -> i64 {
        self.clock.now().duration_since(ago(0)).as_secs()
    }

    pub(super) fn logs_left(&self) -> Vec<u64> {
        self.github.runs_with_logs(REPOSITORY)
    }
}

/// A store in a file, where a commit costs little if the machine has such a
/// place.
pub(super) fn folder() -> tempfile::TempDir {
    let memory = Path::new("/dev/shm");
    if memory.is_dir() {
        tempfile::tempdir_in(memory).unwrap()
    } else {
        tempfile::tempdir().unwrap()
    }
}

/// The result of the only repository.
pub(super) fn only(outcome: &PurgeOutcome) -> &Swept {
    assert_eq!(outcome.repositories.len(), 1);
    &outcome.repositories[0]
}

/// Reasons for keeping, and how many they kept.
pub(super) fn kept(tally: &Tally) -> Vec<(&str, u64)> {
    let kept = tally.kept.iter();
    kept.map(|(why, count)| (&**why, *count)).collect()
}
