//! One repository, from its oldest run to those that are too young, and then
//! its artifacts; step by step, so that it can be left at any and taken up
//! again.

use super::artifacts::Artifacts;
use super::judge::{Judge, RunRef, Verdict, terms};
use super::outcome::{Due, Left, Swept};
use super::remove::{Fate, Hand, Thing, remove};
use super::scan::{self, Scanned, scan_first};
use super::{Halt, Order, World, judge, present};
use crate::clock::before;
use crate::github::{Listed, Run, Site, Window, Windows};
use crate::store::{PurgedKind, Store};
use jiff::Timestamp;
use std::collections::{BTreeMap, VecDeque};
use std::ops::ControlFlow;
use std::time::Duration;

/// What was listed longer ago is listed again before something is deleted by
/// it: the run may have been started again.
const FRESH: Duration = Duration::from_secs(60);
/// GitHub lets a run be started again for 30 days; a day for the edges.
const RERUNS: Duration = Duration::from_secs(31 * 86_400);
/// Failures in a row after which a repository is given up.
const MOST_FAILURES: u32 = 10;

/// What all sweeps share.
pub(super) struct Means<'a> {
    pub(super) world: &'a World<'a>,
    pub(super) order: &'a Order,
    pub(super) store: &'a mut Store,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Stage {
    Begin,
    Runs,
    Artifacts,
    Done,
}

/// The work on one repository.
pub(super) struct Sweep {
    pub(super) site: Site,
    pub(super) swept: Swept,
    pub(super) due: Vec<Due>,
    pub(super) hand: Hand,
    stage: Stage,
    windows: Windows,
    batch: Batch,
    border: Border,
    pub(super) artifacts: Artifacts,
    hint: u64,
    /// Failures in a row.
    failures: u32,
    /// Requests that had been made when it was taken up.
    taken_up_at: u64,
}

/// The runs of one window that are due, the oldest first.
#[derive(Default)]
struct Batch {
    window: Option<Window>,
    runs: VecDeque<Run>,
    listed_at: Option<Timestamp>,
}

/// Before which creation all is settled.
#[derive(Default)]
struct Border {
    terms: String,
    saved: Option<Timestamp>,
    /// Creation of the oldest run that has to be looked at again.
    unsettled: Option<Timestamp>,
    /// Whether the sweep began where the last one ended, and not behind.
    joined: bool,
}

impl Sweep {
    pub(super) fn new(site: Site) -> Self {
        Self {
            swept: Swept {
                repository: site.repository.to_string(),
                ..Swept::default()
            },
            site,
            due: Vec::new(),
            hand: Hand::default(),
            stage: Stage::Begin,
            windows: Windows::all(),
            batch: Batch::default(),
            border: Border::default(),
            artifacts: Artifacts::default(),
            hint: 0,
            failures: 0,
            taken_up_at: 0,
        }
    }

    pub(super) fn finish(&mut self) {
        self.stage = Stage::Done;
    }

    pub(super) fn is_done(&self) -> bool {
        self.stage == Stage::Done
    }

    pub(super) fn has_begun(&self) -> bool {
        self.stage != Stage::Begin
    }

    /// Runs and artifacts that were dealt with.
    pub(super) fn dealt_with(&self) -> u64 {
        let tallies = [&self.swept.logs, &self.swept.artifacts];
        tallies.iter().map(|tally| tally.done()).sum::<u64>() + self.due.len() as u64
    }

    /// About how many there are.
    pub(super) fn about(&self) -> u64 {
        let known = self.batch.runs.len() + self.artifacts.len();
        self.hint.max(self.dealt_with() + known as u64)
    }

    /// From now on, what GitHub says of a limit is said of this repository.
    pub(super) fn take_up(&mut self, means: &Means<'_>) {
        self.taken_up_at = means.world.client().calls();
    }

    /// One step: few requests, at most one deletion.
    pub(super) fn step(&mut self, means: &mut Means<'_>) -> Result<(), Halt> {
        self.need(means, 1)?;
        match self.stage {
            Stage::Begin => self.begin(means),
            Stage::Runs if !self.batch.runs.is_empty() => self.next_run(means),
            Stage::Runs => self.next_window(means),
            Stage::Artifacts => self.next_artifact(means),
            Stage::Done => Ok(()),
        }
    }

    /// Nothing more is done here.
    pub(super) fn give_up(&mut self, why: &str) {
        self.leave(why);
        self.stage = Stage::Done;
    }

    /// Says what is left, if something is.
    pub(super) fn leave(&mut self, why: &str) {
        if self.is_done() {
            return;
        }
        self.swept.left = Some(Left {
            why: why.to_owned(),
            due: (self.batch.runs.len() + self.artifacts.len()) as u64,
            not_looked_at_from: self.windows.rest(),
        });
    }

    /// Stops before what the budget or the limit does not allow, so that no
    /// deletion is left without its confirmation.
    pub(super) fn need(&self, means: &Means<'_>, calls: u64) -> Result<(), Halt> {
        let client = means.world.client();
        if let Some(left) = client.calls_left().filter(|left| *left < calls) {
            let why = format!(
                "the budget leaves {left} requests\nhint: raise --budget, or run purge again later"
            );
            return Err(Halt::Budget(why));
        }
        let heard = client.calls() > self.taken_up_at;
        let limit = client.limit().filter(|_| heard);
        match limit {
            Some(limit)
                if limit.remaining < calls.min(limit.an_hour)
                    && limit.reset > means.world.now() =>
            {
                // The reset is told in whole seconds.
                let until = limit.reset + Duration::from_secs(1);
                let shared = false;
                Err(Halt::Limited { until, shared })
            }
            _ => Ok(()),
        }
    }

    fn begin(&mut self, means: &mut Means<'_>) -> Result<(), Halt> {
        let (world, order) = (means.world, means.order);
        let now = present(world.client())?;
        let terms = terms(world, &order.choice, judge::day(now));
        let server = world.client().server();
        let view = means.store.view();
        let saved = view.settled_to(server, &self.swept.repository, &terms)?;
        let horizon = order.look_back.map(|age| before(now, age));
        self.windows = Windows::new(saved.max(horizon), before(now, order.older_than));
        self.border = Border {
            joined: horizon.is_none_or(|horizon| saved.is_some_and(|saved| horizon <= saved)),
            terms,
            saved,
            unsettled: None,
        };
        self.stage = Stage::Runs;
        // The first page, for its hint.
        self.next_window(means)
    }

    /// Lists a window or breaks it up; behind the last one come artifacts.
    fn next_window(&mut self, means: &mut Means<'_>) -> Result<(), Halt> {
        self.settle_window(means)?;
        if self.windows.rest().is_none() {
            let artifacts = means.order.artifacts_older_than.is_some();
            self.stage = if artifacts {
                Stage::Artifacts
            } else {
                Stage::Done
            };
            return Ok(());
        }
        let client = means.world.client();
        let hint = &mut self.hint;
        let take_hint = |about: u64| *hint = about.max(*hint);
        let listed = self.windows.next(client, &self.site.repository, take_hint);
        match listed.map_err(|error| Halt::of(&error, client))? {
            ControlFlow::Continue(()) => Ok(()),
            ControlFlow::Break(listed) => self.admit_window(means, listed),
        }
    }

    fn admit_window(&mut self, means: &Means<'_>, listed: Listed) -> Result<(), Halt> {
        let now = present(means.world.client())?;
        if listed.crowded {
            self.swept.problems.push(format!(
                "more runs were created in the second {} than GitHub lists: those that it does \
                 not list stay",
                listed.window.first()
            ));
            self.unsettle(Some(listed.window.first()));
        }
        self.batch.window = Some(listed.window);
        self.batch.listed_at = Some(means.world.now());
        let mut runs = listed.runs.unwrap_or_default();
        runs.sort_by_key(|run| (run.created_at, run.id));
        runs.into_iter()
            .try_for_each(|run| self.admit(means, now, run))
    }

    /// Judges a run; if it is due, it waits for its turn.
    fn admit(&mut self, means: &Means<'_>, now: Timestamp, run: Run) -> Result<(), Halt> {
        let judge = Judge {
            world: means.world,
            choice: &means.order.choice,
            site: &self.site,
            store: means.store,
            now,
        };
        match judge.logs(&run, means.order.older_than)? {
            Verdict::Due(age) if means.order.dry_run => self.plan(&run, age),
            Verdict::Due(_) => self.batch.runs.push_back(run),
            Verdict::Gone => self.swept.logs.known_gone += 1,
            Verdict::Kept(why) => self.swept.logs.keep(why),
            Verdict::NotYet(why) => {
                self.swept.logs.keep(why);
                self.unsettle(run.created_at);
            }
        }
        Ok(())
    }

    fn plan(&mut self, run: &Run, age: Duration) {
        self.due.push(Due {
            repository: self.swept.repository.clone(),
            kind: PurgedKind::Logs,
            id: run.id,
            attempts: run.run_attempt,
            run: RunRef::of(Some(run)),
            age_seconds: age.as_secs(),
        });
    }

    /// A run that has to be looked at again; one of an unknown creation keeps
    /// the border where it is.
    fn unsettle(&mut self, created: Option<Timestamp>) {
        let Some(created) = created else {
            self.border.joined = false;
            return;
        };
        let oldest = self.border.unsettled.get_or_insert(created);
        *oldest = created.min(*oldest);
    }

    /// All of the window at hand was dealt with.
    fn settle_window(&mut self, means: &mut Means<'_>) -> Result<(), Halt> {
        let Some(window) = self.batch.window.take() else {
            return Ok(());
        };
        let now = present(means.world.client())?;
        let border = &mut self.border;
        let settled = window.end().min(before(now, RERUNS));
        let settled = border.unsettled.map_or(settled, |first| settled.min(first));
        let news = border.joined && border.saved.is_none_or(|saved| settled > saved);
        if !news || means.order.dry_run {
            return Ok(());
        }
        let server = means.world.client().server();
        let repository = &self.swept.repository;
        means.store.change(means.world.now(), |changes| {
            changes.save_sweep(server, repository, &border.terms, settled)
        })?;
        border.saved = Some(settled);
        Ok(())
    }

    /// The oldest run that is due.
    fn next_run(&mut self, means: &mut Means<'_>) -> Result<(), Halt> {
        let listed_at = self.batch.listed_at;
        let is_fresh = |at| before(means.world.now(), FRESH) <= at;
        if !listed_at.is_some_and(is_fresh) {
            return self.list_again(means);
        }
        let Some(run) = self.batch.runs.front().cloned() else {
            return Ok(());
        };
        match self.scan(means, &run)? {
            Scanned::Changed => {
                self.batch.listed_at = None;
                return Ok(());
            }
            Scanned::Settled(fate, incidents) => {
                self.swept.incidents.extend(incidents);
                return self.settle_run(&run, fate);
            }
            Scanned::Clean => {}
        }
        let repository = self.site.repository.clone();
        let thing = Thing {
            repository: &repository,
            kind: PurgedKind::Logs,
            id: run.id,
            attempts: run.run_attempt,
        };
        let fate = self.remove(means, thing)?;
        self.settle_run(&run, fate)
    }

    /// Scans the logs of a run, if that is asked for and was not done before.
    fn scan(&mut self, means: &mut Means<'_>, run: &Run) -> Result<Scanned, Halt> {
        let Some(how) = &means.world.scan else {
            return Ok(Scanned::Clean);
        };
        if self.hand.is_about(PurgedKind::Logs, run.id) {
            return Ok(Scanned::Clean);
        }
        self.need(means, scan::calls(run))?;
        scan_first(means.world, how, means.store, &self.site.repository, run)
    }

    pub(super) fn remove(&mut self, means: &mut Means<'_>, thing: Thing<'_>) -> Result<Fate, Halt> {
        self.need(means, thing.calls())?;
        remove(means.world, means.store, &mut self.hand, thing)
    }

    fn settle_run(&mut self, run: &Run, fate: Fate) -> Result<(), Halt> {
        self.batch.runs.pop_front();
        if matches!(fate, Fate::Failed(_)) {
            self.unsettle(run.created_at);
        }
        let failed = self.count(&fate);
        self.swept.logs.settle(run.id, fate);
        failed
    }

    /// Gives up where everything fails.
    pub(super) fn count(&mut self, fate: &Fate) -> Result<(), Halt> {
        let Fate::Failed(why) = fate else {
            self.failures = 0;
            return Ok(());
        };
        self.failures += 1;
        if self.failures < MOST_FAILURES {
            return Ok(());
        }
        let why = format!(
            "{} deletions in a row failed, the last: {why}",
            self.failures
        );
        Err(Halt::GivenUp(why))
    }

    /// Lists the window at hand again, and judges anew what is still due.
    fn list_again(&mut self, means: &mut Means<'_>) -> Result<(), Halt> {
        let Some(window) = self.batch.window else {
            return Ok(());
        };
        let client = means.world.client();
        let page = window.list(client, &self.site.repository);
        let page = page.map_err(|error| Halt::of(&error, client))?;
        let now = present(client)?;
        let runs = page.runs.into_iter().map(|run| (run.id, run));
        let mut runs: BTreeMap<u64, Run> = runs.collect();
        self.batch.listed_at = Some(means.world.now());
        for known in std::mem::take(&mut self.batch.runs) {
            match runs.remove(&known.id) {
                Some(run) => self.admit(means, now, run)?,
                // The run was deleted, and its logs with it.
                None => self.swept.logs.settle(known.id, Fate::AlreadyGone),
            }
        }
        Ok(())
    }
}
