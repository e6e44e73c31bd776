//! The runs of one repository that a trace knows, in order, and how far each of
//! their logs was looked at.

use super::{StoreError, TracedLog, TracedRun, TracedState, View};
use jiff::Timestamp;
use std::collections::BTreeMap;

/// What a trace knows of one repository.
#[derive(Debug)]
pub struct History {
    /// By creation.
    runs: Vec<TracedRun>,
    /// Where a run stands in them.
    places: BTreeMap<u64, usize>,
    logs: BTreeMap<(u64, u64), TracedLog>,
    /// Seconds of creation of which all runs are known, from and to, in order,
    /// with gaps between them.
    listed: Vec<(i64, i64)>,
    terms: Option<String>,
}

/// How far a log is known.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Known {
    /// It was read.
    Read,
    /// It was gone before anybody read it.
    Gone,
    /// It is still to be read.
    Unread,
    /// It is not written yet: the run is in progress.
    Running,
}

/// Logs right before a time, in an unbroken row, that were read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Before {
    /// Their number.
    pub logs: u64,
    /// Creation of the first of them.
    pub from: Option<Timestamp>,
    /// Where the row ends.
    pub end: End,
}

/// What is before an unbroken row of logs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum End {
    /// A log that was gone before it was read.
    Gone,
    /// One that is still to be read.
    Unread,
    /// Time of which no runs are known.
    Gap,
    /// Logs whose time is not known.
    Timeless,
    /// Nothing that is known.
    Start,
    /// The run itself is not known.
    Unknown,
}

impl History {
    /// All that is known of a repository. What was read by other `terms` does not
    /// count as read; without any, all does.
    pub fn load(
        view: &View<'_>,
        server: &str,
        repository: &str,
        terms: Option<&str>,
    ) -> Result<Self, StoreError> {
        let runs = view.traced_runs(server, repository)?;
        let numbered = runs.iter().enumerate();
        let mut listed: Vec<(i64, i64)> = Vec::new();
        for window in view.traced_windows(server, repository)? {
            match listed.last_mut() {
                Some(last) if window.first <= last.1 + 1 => last.1 = last.1.max(window.last),
                _ => listed.push((window.first, window.last)),
            }
        }
        Ok(Self {
            places: numbered.map(|(at, run)| (run.key.run_id, at)).collect(),
            runs,
            logs: view.traced_logs(server, repository)?,
            listed,
            terms: terms.map(str::to_owned),
        })
    }

    /// The runs, by creation.
    pub fn runs(&self) -> &[TracedRun] {
        &self.runs
    }

    /// The run `id`.
    pub fn run(&self, id: u64) -> Option<&TracedRun> {
        Some(&self.runs[*self.places.get(&id)?])
    }

    /// What was written down of a log.
    pub fn log(&self, run: u64, attempt: u64) -> Option<&TracedLog> {
        self.logs.get(&(run, attempt))
    }

    /// How far a log is known.
    pub fn known(&self, run: &TracedRun, attempt: u64) -> Known {
        let log = self.log(run.key.run_id, attempt);
        let by_others = |log: &TracedLog| {
            let terms = self.terms.as_ref();
            terms.is_some_and(|terms| *terms != log.terms)
        };
        match log.map(|log| (log.state, by_others(log))) {
            Some((TracedState::Read | TracedState::Past, false)) => Known::Read,
            Some((TracedState::Gone | TracedState::Past, _)) => Known::Gone,
            None if attempt == run.attempts && !run.completed => Known::Running,
            Some((TracedState::Unreadable | TracedState::Read, _)) | None => Known::Unread,
        }
    }

    /// The logs of the same workflow before `at`, or else before the run, from
    /// which an attempt of a run is.
    pub fn before(&self, run: u64, attempt: u64, at: Option<Timestamp>) -> Before {
        let mut before = Before {
            logs: 0,
            from: None,
            end: End::Start,
        };
        let Some(own) = self.run(run) else {
            before.end = End::Unknown;
            return before;
        };
        let Some(at) = at.or(own.created_at) else {
            before.end = End::Timeless;
            return before;
        };
        let same = |one: &&TracedRun| one.workflow == own.workflow;
        if self
            .runs
            .iter()
            .filter(same)
            .any(|one| one.created_at.is_none())
        {
            before.end = End::Timeless;
        }
        let listed_from = self.listed_from(at);
        for (created, one, attempt) in self.earlier(own, attempt, at) {
            let known = self.known(one, attempt);
            if created.as_second() < listed_from || known != Known::Read {
                before.end = match known {
                    _ if created.as_second() < listed_from => End::Gap,
                    Known::Gone => End::Gone,
                    Known::Read | Known::Unread | Known::Running => End::Unread,
                };
                break;
            }
            before.logs += 1;
            before.from = Some(created);
        }
        before
    }

    /// Logs of the same workflow before `at`, the newest first.
    fn earlier<'a>(
        &'a self,
        own: &'a TracedRun,
        attempt: u64,
        at: Timestamp,
    ) -> Vec<(Timestamp, &'a TracedRun, u64)> {
        let attempts = |run: &TracedRun| {
            if run.key == own.key {
                1..=attempt.saturating_sub(1)
            } else {
                1..=run.attempts
            }
        };
        let same = self.runs.iter().filter(|run| run.workflow == own.workflow);
        let timed = same.filter_map(|run| Some((run.created_at?, run)));
        let mut earlier: Vec<_> = timed
            .filter(|(created, _)| *created < at)
            .flat_map(|(created, run)| attempts(run).map(move |attempt| (created, run, attempt)))
            .collect();
        earlier.sort_by_key(|(created, run, attempt)| {
            std::cmp::Reverse((*created, run.key.run_id, *attempt))
        });
        earlier
    }

    /// Since which second all runs up to `at` are known. Logs without a server
    /// are listed by nobody.
    fn listed_from(&self, at: Timestamp) -> i64 {
        let at = at.as_second();
        let slices = self.listed.iter().rev();
        let known = slices.map(|slice| slice.0).find(|first| *first <= at);
        known.unwrap_or(i64::MIN)
    }
}
