//! The walk through the history: list the runs, say how long it will take, read
//! the logs that were not read yet.
//!
//! One request at a time, as GitHub asks of a good client. All repositories of
//! a walk are asked by one token, so what one of them has to wait for holds for
//! all.

use super::ask::{Ask, Halt};
use super::history::{is_chosen, name_of, readable_attempts};
use super::plan::Plan;
use super::read::{Pending, Reader};
use super::{Order, TraceError, World, is_wanted};
use crate::clock::before;
use crate::github::{Listed, Site, Window, Windows, seconds_until_allowed};
use crate::purge::Target;
use crate::respond::harmless;
use crate::store::{
    Changes, PurgedKind, RunKey, Store, StoreError, TracedLog, TracedRun, TracedState,
    TracedWindow, View,
};
use jiff::{SignedDuration, Timestamp};
use std::collections::{BTreeMap, BTreeSet};
use std::ops::ControlFlow;

/// What was listed less long ago is as it was.
const FRESH: SignedDuration = SignedDuration::from_hours(1);
/// GitHub lets a run be started again for 30 days; a day for the edges.
const RERUNS: SignedDuration = SignedDuration::from_hours(31 * 24);
/// A log that was read so long ago may be gone.
const DOUBTFUL: SignedDuration = SignedDuration::from_hours(24);
/// A run may be listed so long after it was created.
const LAG: i64 = 60;
/// Pauses between the requests of a log and what follows, in seconds: for an
/// estimate.
const A_LOG_TAKES: f64 = 0.4;

/// How far a walk came.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Walk {
    /// Runs that were created before were not looked at; none if all were.
    pub since: Option<Timestamp>,
    /// The repositories, and why one could not be searched whole, if so.
    pub repositories: BTreeMap<String, Vec<String>>,
    /// Why it ended before its end, if so.
    pub left: Option<String>,
}

/// Reads all logs of the repositories of `target` that were not read yet.
pub fn walk(
    world: &World<'_>,
    store: &mut Store,
    order: &Order,
    target: &Target,
) -> Result<Walk, TraceError> {
    let _alone = store.lock_trace()?;
    let mut walk = Walk {
        since: None,
        repositories: BTreeMap::new(),
        left: None,
    };
    let ask = Ask {
        world,
        end: order.max_duration.map(|most| world.now() + most),
    };
    match begin(ask, store, order, target, &mut walk) {
        Ok(()) => {}
        Err(Halt::Left(why)) => walk.left = Some(why),
        Err(Halt::Broken(error)) => return Err(error),
    }
    Ok(walk)
}

fn begin(
    ask: Ask<'_>,
    store: &mut Store,
    order: &Order,
    target: &Target,
    walk: &mut Walk,
) -> Result<(), Halt> {
    let world = ask.world;
    let mut sites = ask.ask(|| target.sites(world.client()))??;
    // GitHub's clock is known now.
    let since = order.look_back.map(|age| before(world.present(), age));
    walk.since = since;
    sites.sort_by_key(name_of);
    sites.dedup_by_key(|site| name_of(site));
    let names = sites.iter().map(|site| (name_of(site), Vec::new()));
    walk.repositories = names.collect();
    let mut walker = Walker {
        ask,
        store,
        order,
        since,
        sites: &sites,
        walk,
    };
    walker.run()
}

/// What a walk has to read.
struct Work {
    pending: Vec<Pending>,
    /// Runs that were chosen.
    runs: u64,
    /// Logs of theirs that need not be read.
    known: u64,
}

struct Walker<'a> {
    ask: Ask<'a>,
    store: &'a mut Store,
    order: &'a Order,
    since: Option<Timestamp>,
    sites: &'a [Site],
    walk: &'a mut Walk,
}

impl Walk {
    /// Writes down what is in the way of a search; once.
    fn trouble(&mut self, repository: &str, problem: String) {
        let known = self.repositories.entry(repository.to_owned()).or_default();
        if !known.contains(&problem) {
            known.push(problem);
        }
    }
}

impl Walker<'_> {
    fn run(&mut self) -> Result<(), Halt> {
        for site in self.sites {
            self.list(site)?;
        }
        let Work {
            pending,
            runs,
            known,
        } = self.work()?;
        let doubtful = self.doubtful()?;
        self.tell(pending.len() as u64, doubtful.len() as u64, (runs, known));
        let mut reader = Reader::new(&self.ask, self.order, self.sites, pending.len());
        let read = reader.read_all(self.store, pending);
        for (repository, problem) in reader.problems {
            self.walk.trouble(&repository, problem);
        }
        read?;
        self.confirm(doubtful)
    }

    /// Logs that were read some time ago and show a secret, with their sites.
    fn doubtful(&self) -> Result<Vec<(usize, TracedLog)>, Halt> {
        let world = self.ask.world;
        let server = world.client().server();
        let view = self.store.view();
        let places = view.traced_places(server)?;
        let told = places
            .iter()
            .filter(|place| is_wanted(&place.fingerprint, &self.order.fingerprints));
        let shown: BTreeSet<(&RunKey, u64)> = told.map(|one| (&one.run, one.attempt)).collect();
        let mut doubtful = Vec::new();
        for (number, site) in self.sites.iter().enumerate() {
            let logs = view.traced_logs(server, &name_of(site))?;
            let old = logs.into_values().filter(|log| {
                log.state == TracedState::Read
                    && log.terms == self.order.terms
                    && world.present().duration_since(log.at) >= DOUBTFUL
                    && shown.contains(&(&log.run, log.attempt))
            });
            doubtful.extend(old.map(|log| (number, log)));
        }
        Ok(doubtful)
    }

    /// Asks whether they are still there.
    fn confirm(&mut self, doubtful: Vec<(usize, TracedLog)>) -> Result<(), Halt> {
        let mut gone: BTreeMap<usize, Vec<TracedLog>> = BTreeMap::new();
        let client = self.ask.world.client();
        for (number, mut log) in doubtful {
            let (run, attempt) = (log.run.run_id, log.attempt);
            let repository = &self.sites[number].repository;
            let present = self
                .ask
                .ask(|| client.logs_present(repository, run, attempt))?;
            log.at = self.ask.world.present();
            match present {
                Ok(true) => self.save_log(&log)?,
                Ok(false) => {
                    log.state = TracedState::Past;
                    gone.entry(number).or_default().push(log);
                }
                // It is taken to be there, as it was.
                Err(error) => {
                    let problem = format!("whether a log is there: {error}");
                    self.walk.trouble(&name_of(&self.sites[number]), problem);
                }
            }
        }
        for (number, logs) in gone {
            // GitHub says the same of a repository that the token may not see.
            let repository = &self.sites[number].repository;
            if let Ok(true) = self.ask.ask(|| client.sees(repository))? {
                logs.iter().try_for_each(|log| self.save_log(log))?;
            } else {
                let problem = "it cannot be seen any more".to_owned();
                self.walk.trouble(&name_of(&self.sites[number]), problem);
            }
        }
        Ok(())
    }

    fn save_log(&mut self, log: &TracedLog) -> Result<(), Halt> {
        let save = |changes: &Changes<'_>| changes.save_traced_log(log);
        Ok(self.store.change(self.ask.world.now(), save)?)
    }

    /// Lists the runs of a repository that are not known, or may have changed.
    fn list(&mut self, site: &Site) -> Result<(), Halt> {
        let world = self.ask.world;
        let repository = name_of(site);
        let of = (world.client().server(), &*repository);
        let visibility = site.visibility.as_deref();
        self.store.change(world.now(), |changes| {
            changes.save_traced_repository(of, visibility)
        })?;
        let now = world.present();
        let known = self.store.view().traced_windows(of.0, of.1)?;
        let runs = self.store.view().traced_runs(of.0, of.1)?;
        let open = runs.iter().filter(|run| !run.completed);
        let open: Vec<i64> = open
            .filter_map(|run| run.created_at)
            .map(Timestamp::as_second)
            .collect();
        let known = known
            .into_iter()
            .filter_map(|window| known_window(window, now, &open));
        let mut windows = Windows::around(self.since, now, known.collect());
        while windows.rest().is_some() {
            self.ask.tell(&repository, 0, 0, None);
            let next =
                |windows: &mut Windows| windows.next(world.client(), &site.repository, |_| ());
            match self.ask.ask(|| next(&mut windows))? {
                Ok(ControlFlow::Continue(())) => {}
                Ok(ControlFlow::Break(listed)) => self.save(&repository, listed)?,
                Err(error) => {
                    let problem = format!("its runs could not all be listed: {error}");
                    self.walk.trouble(&repository, problem);
                    return Ok(());
                }
            }
        }
        Ok(())
    }

    fn save(&mut self, repository: &str, listed: Listed) -> Result<(), Halt> {
        let world = self.ask.world;
        let server = world.client().server();
        let now = world.present();
        if listed.crowded {
            let problem = format!(
                "more runs were created in the second {} than GitHub lists: the others were not \
                 looked at",
                listed.window.first()
            );
            self.walk.trouble(repository, problem);
        }
        let window = TracedWindow {
            first: listed.window.first,
            last: listed.window.last.min(now.as_second() - LAG),
            etag: listed.etag,
            listed_at: now,
        };
        let runs = listed.runs.unwrap_or_default();
        let run = |run: crate::github::Run| TracedRun {
            key: RunKey::new(server, repository, run.id),
            created_at: run.created_at,
            attempts: run.run_attempt,
            completed: run.is_completed(),
            workflow: run
                .path
                .map(|path| harmless(world.respond.voice.detector, &path)),
            url: run.html_url,
        };
        let runs: Vec<TracedRun> = runs.into_iter().map(run).collect();
        let whole = window.first <= window.last && !listed.crowded;
        self.store.change(world.now(), |changes| {
            if whole {
                return changes.save_traced_window((server, repository), &window, &runs);
            }
            runs.iter().try_for_each(|run| changes.save_traced_run(run))
        })?;
        Ok(())
    }

    /// What there is to read.
    fn work(&mut self) -> Result<Work, Halt> {
        let mut pending = Vec::new();
        let (mut runs, mut known) = (0, 0);
        for (site, one) in self.sites.iter().enumerate() {
            let server = self.ask.world.client().server();
            let repository = name_of(one);
            let logs = self.store.view().traced_logs(server, &repository)?;
            for run in self.store.view().traced_runs(server, &repository)? {
                if !self.is_chosen(&run) {
                    continue;
                }
                runs += 1;
                for attempt in readable_attempts(&run) {
                    let log = logs.get(&(run.key.run_id, attempt));
                    if log.is_some_and(|log| self.is_settled(log))
                        || self.is_known_gone(&run, attempt)?
                    {
                        known += 1;
                    } else {
                        pending.push(Pending {
                            site,
                            run: run.clone(),
                            attempt,
                            read_by: log
                                .filter(|log| log.state == TracedState::Read)
                                .map(|log| log.terms.clone()),
                            tried: log.is_some_and(|log| log.state == TracedState::Unreadable),
                        });
                    }
                }
            }
        }
        self.sort(&mut pending);
        Ok(Work {
            pending,
            runs,
            known,
        })
    }

    fn is_chosen(&self, run: &TracedRun) -> bool {
        is_chosen(&self.order.workflows, self.since, run)
    }

    fn is_settled(&self, log: &TracedLog) -> bool {
        match log.state {
            TracedState::Gone | TracedState::Past => true,
            TracedState::Read => log.terms == self.order.terms,
            TracedState::Unreadable => false,
        }
    }

    /// Whether leaksweep itself saw the log gone: what is known need not be asked
    /// for.
    fn is_known_gone(&mut self, run: &TracedRun, attempt: u64) -> Result<bool, Halt> {
        let view = self.store.view();
        let Some(detail) = seen_gone(&view, &run.key, attempt)? else {
            return Ok(false);
        };
        let world = self.ask.world;
        let log = TracedLog {
            run: run.key.clone(),
            attempt,
            // What guard read of it, it read by its own terms.
            state: TracedState::Gone,
            terms: String::new(),
            detail: detail.to_owned(),
            at: world.present(),
        };
        self.save_log(&log)?;
        Ok(true)
    }

    /// The newest first, or the nearest to a time.
    fn sort(&self, pending: &mut [Pending]) {
        let created = |one: &Pending| one.run.created_at.unwrap_or(Timestamp::UNIX_EPOCH);
        let away = |one: &Pending| match self.order.around {
            None => -created(one).as_millisecond(),
            Some(around) => (created(one).as_millisecond() - around.as_millisecond()).abs(),
        };
        pending.sort_by_key(|one| (one.tried, away(one), std::cmp::Reverse(one.attempt)));
    }

    /// Says what will be done, before it is begun.
    fn tell(&self, logs: u64, doubtful: u64, (runs, known): (u64, u64)) {
        let world = self.ask.world;
        let limit = world.client().limit();
        let at_work = (logs as f64 * A_LOG_TAKES) as u64;
        (world.plan)(&Plan {
            repositories: self.sites.len() as u64,
            runs,
            logs,
            known,
            calls_an_hour: limit.map(|limit| limit.an_hour),
            doubtful,
            seconds: at_work.max(seconds_until_allowed(limit, logs + doubtful, world.now())),
        });
    }
}

/// Who deleted a log, if leaksweep saw it gone.
fn seen_gone(
    view: &View<'_>,
    run: &RunKey,
    attempt: u64,
) -> Result<Option<&'static str>, StoreError> {
    let contained = view.containments(run)?.pop();
    if contained.is_some_and(|last| last.is_gone(attempt)) {
        return Ok(Some("deleted by guard"));
    }
    let purged = view.purged(&run.server, &run.repository, PurgedKind::Logs, run.run_id)?;
    let gone = purged.is_some_and(|known| known.is_gone(attempt));
    Ok(gone.then_some("deleted by purge"))
}

/// A window that need not be listed again, or is to be asked for by its tag.
/// One with a run that had not ended, which was created at a second of `open`, is
/// always asked for.
fn known_window(
    window: TracedWindow,
    now: Timestamp,
    open: &[i64],
) -> Option<(Window, Option<String>)> {
    let (first, last) = (window.first, window.last);
    let has_open = open.iter().any(|at| (first..=last).contains(at));
    let settled = last < window.listed_at.as_second() - RERUNS.as_secs();
    let fresh = now.duration_since(window.listed_at) < FRESH;
    if (settled || fresh) && !has_open {
        return Some((Window { first, last }, None));
    }
    Some((Window { first, last }, Some(window.etag?)))
}
