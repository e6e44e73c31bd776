//! The logs of a walk, one after the other.

use super::ask::{Ask, Halt};
use super::content::Attempt;
use super::history::name_of;
use super::{Order, TraceError};
use crate::github::{GithubError, GithubErrorKind, Repository, Site};
use crate::origin::Origin;
use crate::respond::harmless;
use crate::source;
use crate::store::{Changes, Store, TracedContent, TracedLog, TracedRun, TracedState};
use jiff::SignedDuration;
use std::fs::File;

/// Failures in a row after which a repository is given up.
const MOST_FAILURES: u32 = 10;
/// Missing logs after which it is asked whether the repository can be seen.
const MOST_GONE: usize = 100;
/// A run this old has its logs, or never had them.
const SETTLED: SignedDuration = SignedDuration::from_hours(24);

/// One log that is to be read.
#[derive(Debug, Clone)]
pub(super) struct Pending {
    pub(super) site: usize,
    pub(super) run: TracedRun,
    pub(super) attempt: u64,
    /// The terms that it was read by before, if it was.
    pub(super) read_by: Option<String>,
    /// Whether it could not be read before: it comes last.
    pub(super) tried: bool,
}

pub(super) struct Reader<'a> {
    ask: &'a Ask<'a>,
    order: &'a Order,
    sites: &'a [Site],
    about: u64,
    done: u64,
    /// Of each site, failures in a row, and whether it was given up.
    failures: Vec<u32>,
    /// Of each site, logs that were missing since it was seen last.
    gone: Vec<Vec<TracedLog>>,
    /// Repositories in which something is in the way, and what.
    pub(super) problems: Vec<(String, String)>,
}

impl<'a> Reader<'a> {
    pub(super) fn new(ask: &'a Ask<'a>, order: &'a Order, sites: &'a [Site], about: usize) -> Self {
        Self {
            ask,
            order,
            sites,
            about: about as u64,
            done: 0,
            failures: vec![0; sites.len()],
            gone: vec![Vec::new(); sites.len()],
            problems: Vec::new(),
        }
    }

    pub(super) fn read_all(
        &mut self,
        store: &mut Store,
        pending: Vec<Pending>,
    ) -> Result<(), Halt> {
        for log in pending {
            if self.failures[log.site] < MOST_FAILURES {
                self.read(store, &log)?;
            }
            if self.gone[log.site].len() >= MOST_GONE {
                self.look(store, log.site)?;
            }
            self.done += 1;
            self.ask
                .tell(&log.run.key.repository, self.done, self.about, None);
        }
        (0..self.sites.len()).try_for_each(|site| self.look(store, site))
    }

    fn read(&mut self, store: &mut Store, log: &Pending) -> Result<(), Halt> {
        let repository = &self.sites[log.site].repository;
        let mut file = tempfile::tempfile().map_err(TraceError::from)?;
        let fetched = self.ask.ask(|| self.fetch(repository, log, &mut file))?;
        match fetched {
            Ok(()) => {
                self.failures[log.site] = 0;
                self.settle(store, log.site)?;
                self.keep(store, log, file)
            }
            Err(error) => self.missing(store, log, &error),
        }
    }

    fn fetch(
        &self,
        repository: &Repository,
        log: &Pending,
        file: &mut File,
    ) -> Result<(), GithubError> {
        let client = self.ask.world.client();
        let fetched = client.run_logs(repository, log.run.key.run_id, log.attempt, file);
        fetched.map(drop)
    }

    /// Scans a log, and writes down what it shows.
    fn keep(&self, store: &mut Store, log: &Pending, file: File) -> Result<(), Halt> {
        let world = self.ask.world;
        let name = format!("run-{}-attempt-{}.zip", log.run.key.run_id, log.attempt);
        let log_source = source::opened(Origin::new(name), file);
        let content = (world.read)(&[log_source], &log.run.key.repository);
        let detector = world.respond.voice.detector;
        let told = content.scanned.outcome.problems.iter().map(|problem| {
            let path = harmless(detector, problem.path.as_str());
            format!("{}: {}", path.escape_debug(), problem.detail)
        });
        let detail = told.collect::<Vec<_>>().join("\n");
        let state = if detail.is_empty() {
            TracedState::Read
        } else {
            TracedState::Unreadable
        };
        if state == TracedState::Unreadable && log.read_by.is_some() {
            // What an earlier look found whole says more than what is damaged now.
            return Ok(());
        }
        let attempt = Attempt {
            run: &log.run.key,
            number: log.attempt,
            below: "",
        };
        let content = content.of(detector, &attempt);
        self.save(store, log, state, detail, Some(&content))
    }

    /// A log that GitHub did not give.
    fn missing(
        &mut self,
        store: &mut Store,
        log: &Pending,
        error: &GithubError,
    ) -> Result<(), Halt> {
        use GithubErrorKind::{Forbidden, Gone, Network, NotFound, Server, Unauthorized};
        let kind = error.kind();
        if kind == Gone || (kind == NotFound && !self.is_young(log)) {
            self.gone(log);
            return Ok(());
        }
        match kind {
            // The same would be said of every log.
            Unauthorized | Forbidden => self.failures[log.site] = MOST_FAILURES,
            Server | Network => self.failures[log.site] += 1,
            _ => {}
        }
        if self.failures[log.site] >= MOST_FAILURES {
            let problem = format!("its logs could not be read: {error}");
            self.trouble(log.site, problem);
        }
        if log.read_by.is_some() {
            return Ok(());
        }
        let detail = error.to_string();
        self.save(store, log, TracedState::Unreadable, detail, None)
    }

    /// The logs of a run that has just ended may not be there yet.
    fn is_young(&self, log: &Pending) -> bool {
        let now = self.ask.world.present();
        let created = log.run.created_at;
        created.is_none_or(|at| now.duration_since(at) < SETTLED)
    }

    fn trouble(&mut self, site: usize, problem: String) {
        let repository = name_of(&self.sites[site]);
        self.problems.push((repository, problem));
    }

    /// GitHub says the same of a log that is gone and of one that the token may
    /// not see any more: it is not written down before the repository was seen
    /// again.
    fn gone(&mut self, log: &Pending) {
        self.failures[log.site] = 0;
        let world = self.ask.world;
        let (state, terms) = match &log.read_by {
            Some(terms) => (TracedState::Past, terms.clone()),
            None => (TracedState::Gone, self.order.terms.clone()),
        };
        self.gone[log.site].push(TracedLog {
            run: log.run.key.clone(),
            attempt: log.attempt,
            state,
            terms,
            detail: "GitHub no longer has it".to_owned(),
            at: world.present(),
        });
    }

    /// The repository was seen: what it no longer has is gone.
    fn settle(&mut self, store: &mut Store, site: usize) -> Result<(), Halt> {
        let gone = std::mem::take(&mut self.gone[site]);
        if gone.is_empty() {
            return Ok(());
        }
        let now = self.ask.world.now();
        let save =
            |changes: &Changes<'_>| gone.iter().try_for_each(|log| changes.save_traced_log(log));
        Ok(store.change(now, save)?)
    }

    /// Asks whether a repository can be seen if logs were missing in it.
    fn look(&mut self, store: &mut Store, site: usize) -> Result<(), Halt> {
        if self.gone[site].is_empty() {
            return Ok(());
        }
        let repository = &self.sites[site].repository;
        let client = self.ask.world.client();
        match self.ask.ask(|| client.sees(repository))? {
            Ok(true) => self.settle(store, site),
            seen => {
                self.gone[site].clear();
                self.failures[site] = MOST_FAILURES;
                let why = seen.err().map(|error| format!(": {error}"));
                let why = why.unwrap_or_default();
                self.trouble(site, format!("it cannot be seen any more{why}"));
                Ok(())
            }
        }
    }

    fn save(
        &self,
        store: &mut Store,
        log: &Pending,
        state: TracedState,
        detail: String,
        content: Option<&TracedContent>,
    ) -> Result<(), Halt> {
        let world = self.ask.world;
        let log = TracedLog {
            run: log.run.key.clone(),
            attempt: log.attempt,
            state,
            terms: self.order.terms.clone(),
            detail,
            at: world.present(),
        };
        store.change(world.now(), |changes| match content {
            Some(content) => changes.save_traced_content(&log, content),
            None => changes.save_traced_log(&log),
        })?;
        Ok(())
    }
}
