//! The logs of every attempt of a run, in temporary files that have no name:
//! the operating system removes them however the program ends.

use super::{RespondError, World};
use crate::detect::Detector;
use crate::github::{
    Annotation, Client, Fetched as Download, GithubError, GithubErrorKind, Job, Repository, Run,
};
use crate::origin::{Origin, Problem, ProblemKind};
use crate::source::{self, Source};
use crate::store::{Action, Containment, ContainmentState, LogRecord, RunKey, Store};
use data_encoding::HEXLOWER;
use jiff::Timestamp;
use sha2::{Digest, Sha256};
use std::fmt::Write as _;
use std::fs::File;
use std::io::Write;

/// Which attempts of a run to look at.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Attempts {
    /// All that there are.
    All,
    /// One.
    One(u64),
}

/// What `guard` is asked to do.
#[derive(Debug, Clone)]
#[expect(
    clippy::struct_excessive_bools,
    reason = "each is a switch of the command line"
)]
pub struct Order {
    /// Whose run.
    pub repository: Repository,
    /// Which run.
    pub run_id: u64,
    /// Which attempts.
    pub attempts: Attempts,
    /// Read the annotations of the run's checks too.
    pub annotations: bool,
    /// Jobs that have not finished are no reason to call the scan incomplete.
    pub allow_unfinished: bool,
    /// Ask GitHub to delete the logs of a run that leaks.
    pub delete_logs: bool,
    /// Delete the run where its logs or annotations stay.
    pub delete_run: bool,
    /// Act from this confidence on.
    pub act_at: Option<crate::rule::Confidence>,
}

/// One log as GitHub sent it.
#[derive(Debug)]
pub struct Part {
    /// Attempt it belongs to.
    pub attempt: u64,
    /// `run`, `job N` or `annotations`.
    pub name: String,
    /// What it is called in findings.
    pub origin: Origin,
    /// Its bytes.
    pub file: File,
    /// Their number.
    pub bytes: u64,
    /// Their SHA-256, lower-case hexadecimal.
    pub sha256: String,
    /// When they were fetched.
    pub fetched_at: Timestamp,
}

impl Part {
    /// Whether it is text of annotations, not a log.
    pub fn is_annotations(&self) -> bool {
        self.name == ANNOTATIONS
    }
}

const ANNOTATIONS: &str = "annotations";

/// A run and what could be read of it.
#[derive(Debug)]
pub struct Fetched {
    /// The run in the store.
    pub key: RunKey,
    /// The run as GitHub tells it.
    pub run: Run,
    /// Logs and annotations.
    pub parts: Vec<Part>,
    /// What could not be read.
    pub problems: Vec<Problem>,
    /// Whether nothing is left that a later look could read.
    pub complete: bool,
    /// Whether the annotations of all checks were read.
    pub annotations_read: bool,
    /// Those of the problems that tell of logs that GitHub no longer has.
    pub gone: Vec<Problem>,
}

impl Fetched {
    /// The parts, to be scanned.
    pub(super) fn sources(&self) -> Result<Vec<Box<dyn Source>>, RespondError> {
        let open = |part: &Part| Ok(source::opened(part.origin.clone(), part.file.try_clone()?));
        self.parts.iter().map(open).collect()
    }

    /// `public`, `private` or `internal`, as far as GitHub tells.
    pub(super) fn visibility(&self) -> Option<&str> {
        let word = |private| if private { "private" } else { "public" };
        let private = self.run.private.map(word);
        self.run.visibility.as_deref().or(private)
    }

    /// Whether everything was read that can be, given what the scan could not
    /// read: a damaged log is fetched a second time before it counts as one
    /// that stays damaged.
    pub(super) fn complete_despite(&self, store: Option<&Store>, problems: &[Problem]) -> bool {
        let known = store.map(|store| store.view().logs(&self.key));
        let known = known.and_then(Result::ok).unwrap_or_default();
        let again = |part: &Part| {
            let same = |log: &LogRecord| {
                log.attempt == part.attempt && log.part == part.name && log.sha256 == part.sha256
            };
            known.iter().any(same)
        };
        let damaged = problems
            .iter()
            .filter_map(|problem| self.part_of(&problem.path));
        self.complete && damaged.into_iter().all(again)
    }

    /// The part that a path of a finding leads into.
    pub(super) fn part_of(&self, path: &Origin) -> Option<&Part> {
        let path = path.as_str();
        self.parts.iter().find(|part| {
            let rest = path.strip_prefix(part.origin.as_str());
            rest.is_some_and(|rest| rest.is_empty() || rest.starts_with('!'))
        })
    }
}

/// Fetches what `order` names.
pub(super) fn fetch(
    world: &World<'_>,
    store: Option<&Store>,
    order: &Order,
) -> Result<Fetched, RespondError> {
    let client = world.client;
    let run = client.run(&order.repository, order.run_id)?;
    let last = run.run_attempt;
    let attempts = match order.attempts {
        Attempts::All => 1..=last,
        Attempts::One(attempt) if attempt > last => {
            return Err(RespondError::NoAttempt { attempt, last });
        }
        Attempts::One(attempt) => attempt..=attempt,
    };
    let mut fetching = Fetching {
        world,
        client,
        order,
        store,
        fetched: Fetched {
            key: key(client, order),
            complete: run.is_completed(),
            run,
            parts: Vec::new(),
            problems: Vec::new(),
            annotations_read: order.annotations,
            gone: Vec::new(),
        },
    };
    for attempt in attempts {
        fetching.attempt(attempt, attempt >= last)?;
    }
    Ok(fetching.fetched)
}

fn key(client: &Client, order: &Order) -> RunKey {
    RunKey::new(client.server(), &order.repository.to_string(), order.run_id)
}

struct Fetching<'a> {
    world: &'a World<'a>,
    client: &'a Client,
    order: &'a Order,
    store: Option<&'a Store>,
    fetched: Fetched,
}

impl Fetching<'_> {
    fn attempt(&mut self, attempt: u64, is_last: bool) -> Result<(), RespondError> {
        let in_progress = is_last && !self.fetched.run.is_completed();
        let jobs = if in_progress || self.order.annotations {
            self.jobs(attempt)
        } else {
            Vec::new()
        };
        if in_progress {
            self.finished_jobs(attempt, &jobs)?;
        } else {
            self.whole(attempt)?;
        }
        if self.order.annotations {
            self.annotations(attempt, &jobs)?;
        }
        Ok(())
    }

    fn whole(&mut self, attempt: u64) -> Result<(), RespondError> {
        let (id, repository) = (self.order.run_id, &self.order.repository);
        let name = format!("run-{id}-attempt-{attempt}.zip");
        let client = self.client;
        let take = |file: &mut File| client.run_logs(repository, id, attempt, file);
        self.part(attempt, "run", &name, take)
    }

    /// The logs of a run in progress can be had job by job.
    fn finished_jobs(&mut self, attempt: u64, jobs: &[Job]) -> Result<(), RespondError> {
        let id = self.order.run_id;
        for job in jobs {
            if !job.is_completed() {
                self.unfinished(attempt, job);
                continue;
            }
            // It never had a log.
            if job.conclusion.as_deref() == Some("skipped") {
                continue;
            }
            let name = format!("run-{id}-attempt-{attempt}-job-{}.txt", job.id);
            let (client, repository) = (self.client, &self.order.repository);
            let take = |file: &mut File| client.job_log(repository, job.id, file);
            self.part(attempt, &format!("job {}", job.id), &name, take)?;
        }
        Ok(())
    }

    fn unfinished(&mut self, attempt: u64, job: &Job) {
        if !self.order.allow_unfinished {
            let name = harmless(self.world.voice.detector, &job.name);
            let detail = format!(
                "the job '{}' has not finished, so its log was not scanned\n\
                 hint: guard the run again when it has completed, or pass --allow-unfinished",
                name.escape_debug()
            );
            self.problem(attempt, "", ProblemKind::Unreadable, detail);
        }
    }

    /// Fetches one log into a file of its own.
    fn part(
        &mut self,
        attempt: u64,
        part: &str,
        name: &str,
        take: impl FnOnce(&mut File) -> Result<Download, GithubError>,
    ) -> Result<(), RespondError> {
        let mut file = tempfile::tempfile()?;
        match take(&mut file) {
            Ok(download) => self.keep(attempt, part, name, file, download),
            Err(error) => self.missing(attempt, name, &error),
        }
        Ok(())
    }

    fn keep(&mut self, attempt: u64, part: &str, name: &str, file: File, download: Download) {
        self.fetched.parts.push(Part {
            attempt,
            name: part.to_owned(),
            origin: Origin::new(name),
            file,
            bytes: download.bytes,
            sha256: download.sha256,
            fetched_at: self.world.now(),
        });
    }

    fn missing(&mut self, attempt: u64, name: &str, error: &GithubError) {
        use GithubErrorKind::{BadAnswer, Gone, NotFound};
        let gone = matches!(error.kind(), NotFound | Gone);
        if gone && self.deleted_by_us(attempt) {
            return;
        }
        self.fetched.complete &= gone;
        if gone {
            let detail = "GitHub no longer has this log (it expired or was deleted), so it was \
                          not scanned";
            self.problem(attempt, name, ProblemKind::Unreadable, detail.to_owned());
            let told = self.fetched.problems.last().cloned();
            self.fetched.gone.extend(told);
        } else {
            let kind = if error.kind() == BadAnswer {
                ProblemKind::Damaged
            } else {
                ProblemKind::Unreadable
            };
            self.problem(attempt, name, kind, error.to_string());
        }
    }

    /// Whether this log was read before GitHub agreed to delete it. A store that
    /// cannot be read knows of nothing.
    fn deleted_by_us(&self, attempt: u64) -> bool {
        let agreed = |one: &Containment| {
            one.state != ContainmentState::Waiting || one.action == Action::DeleteRun
        };
        let key = &self.fetched.key;
        let Some(view) = self.store.map(Store::view) else {
            return false;
        };
        let deleted = view
            .containments(key)
            .is_ok_and(|all| all.iter().any(agreed));
        let read = |logs: Vec<LogRecord>| logs.iter().any(|log| log.attempt == attempt);
        deleted && view.logs(key).is_ok_and(read)
    }

    fn jobs(&mut self, attempt: u64) -> Vec<Job> {
        match self
            .client
            .jobs(&self.order.repository, self.order.run_id, attempt)
        {
            Ok(jobs) => jobs,
            Err(error) => {
                let detail = format!("failed to list its jobs: {error}");
                self.fetched.complete &= error.kind() == GithubErrorKind::NotFound;
                self.fetched.annotations_read = false;
                self.problem(attempt, "", ProblemKind::Unreadable, detail);
                Vec::new()
            }
        }
    }

    fn annotations(&mut self, attempt: u64, jobs: &[Job]) -> Result<(), RespondError> {
        let mut text = String::new();
        for check in jobs.iter().filter_map(Job::check_run) {
            match self.client.annotations(&self.order.repository, check) {
                Ok(annotations) => annotations
                    .iter()
                    .for_each(|one| write_annotation(one, &mut text)),
                Err(error) => {
                    let detail = format!(
                        "its annotations were not scanned: {error}\n\
                         hint: give the token `checks: read`, or pass --no-annotations"
                    );
                    self.problem(attempt, ANNOTATIONS, ProblemKind::Unreadable, detail);
                    self.fetched.annotations_read = false;
                    self.fetched.complete &= error.kind() == GithubErrorKind::Forbidden;
                    // The same would be said of every job.
                    break;
                }
            }
        }
        if text.is_empty() {
            return Ok(());
        }
        let name = format!(
            "run-{}-attempt-{attempt}-annotations.txt",
            self.order.run_id
        );
        let mut file = tempfile::tempfile()?;
        file.write_all(text.as_bytes())?;
        let download = Download {
            bytes: text.len() as u64,
            sha256: HEXLOWER.encode(&Sha256::digest(&text)),
        };
        self.keep(attempt, ANNOTATIONS, &name, file, download);
        Ok(())
    }

    fn problem(&mut self, attempt: u64, name: &str, kind: ProblemKind, detail: String) {
        let whole = format!("run-{}-attempt-{attempt}", self.order.run_id);
        let name = if name.is_empty() { &whole } else { name };
        let problem = Problem::new(&Origin::new(name), kind, detail);
        self.fetched.problems.push(problem);
    }
}

/// A name that somebody else chose, unless it shows what looks like a secret:
/// jobs are named after what they are given.
pub(crate) fn harmless(detector: &Detector, name: &str) -> String {
    if crate::incident::shows(detector, name.as_bytes()) {
        "***".to_owned()
    } else {
        name.to_owned()
    }
}

/// An annotation as lines of a log.
fn write_annotation(annotation: &Annotation, text: &mut String) {
    let parts = [
        &annotation.title,
        &annotation.message,
        &annotation.raw_details,
    ];
    for part in parts.into_iter().flatten() {
        // Writing to a string does not fail.
        let _ = writeln!(text, "{part}");
    }
}
