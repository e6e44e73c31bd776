//! A GitHub, a clock and a store, and trace between them.

use crate::desk::TOKEN;
use crate::fake_clock::FakeClock;
use crate::fake_github::{Access, Attempt, FakeGithub, Job, Run};
use crate::support::DETECTOR;
use jiff::{SignedDuration, Timestamp};
use leaksweep::clock::Clock;
use leaksweep::config::{Guard, Suppressions};
use leaksweep::github::{Auth, Client, Settings};
use leaksweep::incident::Sender;
use leaksweep::purge::Target;
use leaksweep::respond::{self, Keep, Voice};
use leaksweep::rule::Confidence;
use leaksweep::scan;
use leaksweep::secret::Secret;
use leaksweep::source::Source;
use leaksweep::store::Store;
use leaksweep::trace::{self, Contained, Containment, Order, Plan, TraceError, Traced, Walk};
use std::cell::Cell;
use std::fmt::Write;
use std::sync::Arc;
use std::time::Duration;

pub(super) const NOON: &str = "2026-11-27T12:00:00Z";
pub(super) const SHOP: &str = "acme/shop";

pub(super) struct World {
    pub(super) github: FakeGithub,
    pub(super) clock: Arc<FakeClock>,
    pub(super) store: Store,
    pub(super) policy: Guard,
    pub(super) budget: Option<u64>,
    /// What is acted on; what is high, if nothing is said.
    pub(super) act_at: Option<Confidence>,
    /// What the last walk said that it would do.
    pub(super) plan: Cell<Option<Plan>>,
    /// Logs after which the reader breaks down.
    pub(super) breaks_after: Cell<Option<u64>>,
}

/// All runs of the last 90 days.
pub(super) fn order() -> Order {
    Order {
        look_back: Some(Duration::from_secs(90 * 24 * 3_600)),
        workflows: Vec::new(),
        fingerprints: Vec::new(),
        around: None,
        max_duration: None,
        terms: trace::terms(&DETECTOR, Confidence::Medium, &Suppressions::default()),
    }
}

pub(super) fn shop() -> Target {
    Target::Repositories(vec![SHOP.parse().unwrap()])
}

/// So long before noon.
pub(super) fn ago(hours: i64) -> Timestamp {
    let noon: Timestamp = NOON.parse().unwrap();
    noon - SignedDuration::from_hours(hours)
}

/// A step as the runner writes it: its header, and what it prints, a second a
/// line.
pub(super) fn step(from: Timestamp, command: &str, printed: &[&str]) -> String {
    let title = command.lines().next().unwrap_or_default();
    let mut lines = vec![format!("##[group]Run {title}")];
    lines.extend(
        command
            .lines()
            .map(|line| format!("\x1b[36;1m{line}\x1b[0m")),
    );
    lines.push("shell: /usr/bin/bash -e {0}".to_owned());
    lines.push("##[endgroup]".to_owned());
    lines.extend(printed.iter().map(ToString::to_string));
    let mut text = String::new();
    for (second, line) in (0_i64..).zip(&lines) {
        let at = from + SignedDuration::from_secs(second);
        let stamp = at.strftime("%Y-%m-%dT%H:%M:%S.0000000Z");
        writeln!(text, "{stamp} {line}").unwrap();
    }
    text
}

/// The attempt of a run with a job `build` of one step `Deploy`.
pub(super) fn attempt(id: u64, from: Timestamp, command: &str, printed: &[&str]) -> Attempt {
    let job = Job::new(id * 100, "build").step("Deploy", &step(from, command, printed));
    Attempt::new().job(job)
}

/// A run of it, created so many hours before noon.
pub(super) fn run(id: u64, hours: i64, command: &str, printed: &[&str]) -> Run {
    let at = ago(hours);
    Run::new(id)
        .created(at)
        .attempt(attempt(id, at, command, printed))
}

impl World {
    pub(super) fn new() -> Self {
        let clock = FakeClock::new();
        let github = FakeGithub::start_by(clock.clone());
        github.token(TOKEN, Access::Write);
        github.limit(1_000_000, false);
        Self {
            github,
            clock,
            store: Store::scratch(None).unwrap(),
            policy: Guard::default(),
            budget: None,
            act_at: None,
            plan: Cell::new(None),
            breaks_after: Cell::new(None),
        }
    }

    pub(super) fn with(runs: impl IntoIterator<Item = Run>) -> Self {
        let world = Self::new();
        for run in runs {
            world.github.add(SHOP, run);
        }
        world
    }

    fn client(&self) -> Client {
        let token = Auth::Token(Secret::new(TOKEN.as_bytes()));
        let settings = Settings {
            allow_http: true,
            max_wait: Duration::from_secs(120),
            budget: self.budget,
            ..Settings::new(self.github.base(), token)
        };
        Client::new(settings, self.clock.clone()).unwrap()
    }

    fn voice<'a>(&'a self, sender: &'a Sender) -> Voice<'a> {
        Voice {
            channels: &[],
            sender,
            clock: &*self.clock,
            detector: &DETECTOR,
            rules_version: "of a test",
        }
    }

    /// A walk and its answer.
    pub(super) fn trace(&mut self, order: &Order, target: &Target) -> (Walk, Traced) {
        self.try_trace(order, target).unwrap()
    }

    pub(super) fn try_trace(
        &mut self,
        order: &Order,
        target: &Target,
    ) -> Result<(Walk, Traced), TraceError> {
        let client = self.client();
        let sender = Sender::new().unwrap();
        let mut store = std::mem::replace(&mut self.store, Store::scratch(None).unwrap());
        let respond = respond::World {
            client: &client,
            voice: self.voice(&sender),
            policy: &self.policy,
            patience: Duration::ZERO,
            confirm_within: Duration::from_secs(600),
        };
        let options = scan::Options::default();
        let read = |sources: &[Box<dyn Source>], repository: &str| {
            self.breaks_after
                .set(self.breaks_after.get().map(|left| left - 1));
            if self.breaks_after.get() == Some(0) {
                self.breaks_after.set(None);
                return Err(());
            }
            Ok(trace::read(&DETECTOR, sources, &options, Some(repository)))
        };
        let world = trace::World {
            respond: &respond,
            read: &|sources, repository| read(sources, repository).unwrap(),
            plan: &|plan| self.plan.set(Some(*plan)),
            progress: &|at| assert!(at.done <= at.about, "{at:?}"),
        };
        let walked = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| {
            trace::walk(&world, &mut store, order, target)
        }));
        let told = match walked {
            Ok(walked) => walked.and_then(|walk| {
                let traced = trace::traced(&world, &store, order, &walk)?;
                Ok((walk, traced))
            }),
            // As if the process had died: nothing but the store is left.
            Err(_) => Err(std::io::Error::other("died").into()),
        };
        self.store = store;
        told
    }

    pub(super) fn contain(
        &mut self,
        (walk, traced): (&Walk, &Traced),
        dry_run: bool,
    ) -> Vec<Contained> {
        let client = self.client();
        let sender = Sender::new().unwrap();
        let mut store = std::mem::replace(&mut self.store, Store::scratch(None).unwrap());
        let options = scan::Options::default();
        let how = Containment {
            world: &respond::World {
                client: &client,
                voice: self.voice(&sender),
                policy: &self.policy,
                patience: Duration::ZERO,
                confirm_within: Duration::from_secs(600),
            },
            scan: &|sources| scan::scan(&DETECTOR, sources, &options),
            keep: &Keep::default(),
            act_at: self.act_at,
            dry_run,
            end: None,
        };
        let contained = trace::contain(&how, &mut store, traced, (&order(), walk)).unwrap();
        self.store = store;
        contained
    }

    /// Calls so far that begin so.
    pub(super) fn count(&self, start: &str) -> usize {
        let calls = self.github.calls();
        calls.iter().filter(|call| call.starts_with(start)).count()
    }

    /// Requests for logs so far.
    pub(super) fn log_calls(&self) -> Vec<String> {
        let calls = self.github.calls().into_iter();
        calls.filter(|call| call.ends_with("/logs")).collect()
    }

    /// Seconds of fake time since noon.
    pub(super) fn elapsed(&self) -> i64 {
        self.clock.now().duration_since(ago(0)).as_secs()
    }
}
