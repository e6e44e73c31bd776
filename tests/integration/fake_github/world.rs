//! What the fake GitHub knows.

use super::fault::Fault;
use super::limits::Limits;
use super::logs::Huge;
use jiff::{SignedDuration, Timestamp};
use std::collections::BTreeMap;

#[derive(Default)]
pub(crate) struct World {
    pub(crate) repositories: BTreeMap<String, Repository>,
    pub(crate) tokens: BTreeMap<String, Token>,
    /// Installed apps: app, installation, repository.
    pub(crate) installations: Vec<(u64, u64, String)>,
    pub(crate) links: Vec<Link>,
    pub(crate) faults: Vec<Fault>,
    pub(crate) seen: Vec<Seen>,
    /// Items of a page, if not as many as asked for.
    pub(crate) page_size: Option<usize>,
    /// How far its clock is before the real one, in seconds.
    pub(crate) ahead: i64,
    /// The status of logs that were deleted.
    pub(crate) gone: Gone,
    pub(crate) limits: Option<Limits>,
    /// Days that new logs are kept, by repository or organization.
    pub(crate) retention: BTreeMap<String, u64>,
    /// Deletions of logs that were gone already.
    pub(crate) vain: usize,
}

#[derive(Clone, Copy, Default)]
pub(crate) enum Gone {
    #[default]
    NotFound,
    Gone,
}

#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Access {
    Read,
    Write,
}

pub(crate) struct Token {
    pub(crate) access: Access,
    pub(crate) until: Option<Timestamp>,
}

#[derive(Default)]
pub(crate) struct Repository {
    pub(crate) private: bool,
    pub(crate) runs: BTreeMap<u64, Run>,
    pub(crate) artifacts: BTreeMap<u64, Artifact>,
}

/// What a run left beside its logs.
#[derive(Clone)]
pub(crate) struct Artifact {
    pub(crate) id: u64,
    pub(crate) run: u64,
    pub(crate) created: Timestamp,
    pub(crate) expired: bool,
}

/// A run. Its attempts count from 1; the last one is the latest.
#[derive(Clone)]
pub(crate) struct Run {
    pub(crate) id: u64,
    pub(crate) status: &'static str,
    pub(crate) branch: String,
    pub(crate) event: String,
    pub(crate) workflow: String,
    pub(crate) conclusion: &'static str,
    pub(crate) created: Timestamp,
    /// When the newest attempt began, and when something last happened.
    pub(crate) started: Timestamp,
    pub(crate) updated: Timestamp,
    pub(crate) attempts: Vec<Attempt>,
}

#[derive(Clone, Default)]
pub(crate) struct Attempt {
    pub(crate) jobs: Vec<Job>,
    /// The log in place of the jobs' texts.
    pub(crate) huge: Option<Huge>,
    pub(crate) deleted: bool,
    /// Whether deletion passes it over.
    pub(crate) stubborn: bool,
    /// How often its blobs are asked for in vain.
    pub(crate) late: usize,
}

#[derive(Clone)]
pub(crate) struct Job {
    pub(crate) id: u64,
    pub(crate) name: String,
    pub(crate) status: &'static str,
    /// Name and text of each step.
    pub(crate) steps: Vec<(String, String)>,
    /// Messages of its check run, which has the number of the job.
    pub(crate) annotations: Vec<String>,
}

impl Run {
    /// A completed run without an attempt.
    pub(crate) fn new(id: u64) -> Self {
        Self {
            id,
            status: "completed",
            branch: "main".to_owned(),
            event: "push".to_owned(),
            workflow: ".github/workflows/ci.yml".to_owned(),
            conclusion: "success",
            created: stamp(),
            started: stamp(),
            updated: stamp(),
            attempts: Vec::new(),
        }
    }

    pub(crate) fn in_progress(mut self) -> Self {
        self.status = "in_progress";
        self
    }

    /// Created, and begun, then; it took a minute.
    pub(crate) fn created(mut self, at: Timestamp) -> Self {
        self.created = at;
        self.begun(at)
    }

    /// The newest attempt began then; it took a minute.
    pub(crate) fn begun(mut self, at: Timestamp) -> Self {
        self.started = at;
        self.updated = at + SignedDuration::from_mins(1);
        self
    }

    pub(crate) fn attempt(mut self, attempt: Attempt) -> Self {
        self.attempts.push(attempt);
        self
    }

    /// One more attempt, with one job `build` of one step.
    pub(crate) fn text(self, text: &str) -> Self {
        let number = self.attempts.len() as u64 + 1;
        let job = Job::new(self.id * 100 + number, "build").step("Set up job", text);
        self.attempt(Attempt::new().job(job))
    }
}

/// An hour before the fake clock's noon.
fn stamp() -> Timestamp {
    super::json::STAMP.parse().unwrap()
}

impl Attempt {
    pub(crate) fn new() -> Self {
        Self::default()
    }

    pub(crate) fn job(mut self, job: Job) -> Self {
        self.jobs.push(job);
        self
    }

    pub(crate) fn huge(mut self, huge: Huge) -> Self {
        self.huge = Some(huge);
        self
    }

    /// Not written yet: the first `times` requests are in vain.
    pub(crate) fn late(mut self, times: usize) -> Self {
        self.late = times;
        self
    }

    /// Deletion passes it over.
    pub(crate) fn stubborn(mut self) -> Self {
        self.stubborn = true;
        self
    }
}

impl Job {
    pub(crate) fn new(id: u64, name: &str) -> Self {
        Self {
            id,
            name: name.to_owned(),
            status: "completed",
            steps: Vec::new(),
            annotations: Vec::new(),
        }
    }

    pub(crate) fn step(mut self, name: &str, text: &str) -> Self {
        self.steps.push((name.to_owned(), text.to_owned()));
        self
    }

    pub(crate) fn annotation(mut self, message: &str) -> Self {
        self.annotations.push(message.to_owned());
        self
    }

    pub(crate) fn in_progress(mut self) -> Self {
        self.status = "in_progress";
        self
    }
}

/// A request, as it came.
#[derive(Debug, Clone)]
pub(crate) struct Seen {
    /// Whether it came to the log store, which is another origin.
    pub(crate) store: bool,
    pub(crate) method: String,
    pub(crate) target: String,
    pub(crate) authorized: bool,
    pub(crate) agent: String,
    pub(crate) version: String,
    pub(crate) body: Vec<u8>,
}

impl Seen {
    /// `GET /path`.
    pub(crate) fn call(&self) -> String {
        format!("{} {}", self.method, self.target)
    }
}

/// What a signed link leads to.
#[derive(Clone)]
pub(crate) struct Link {
    pub(crate) repository: String,
    pub(crate) run: u64,
    pub(crate) attempt: usize,
    /// One job, or the zip of all.
    pub(crate) job: Option<u64>,
    pub(crate) until: Timestamp,
}

impl World {
    pub(crate) fn run(&mut self, repository: &str, id: u64) -> Option<&mut Run> {
        self.repositories.get_mut(repository)?.runs.get_mut(&id)
    }

    /// The run, attempt (from 1) and place of a job.
    pub(crate) fn job(&self, repository: &str, id: u64) -> Option<(u64, usize, &Job)> {
        let runs = self.repositories.get(repository)?.runs.values();
        let mut attempts = runs.flat_map(|run| {
            let numbered = run.attempts.iter().enumerate();
            numbered.map(move |(n, attempt)| (run.id, n + 1, attempt))
        });
        attempts.find_map(|(run, number, attempt)| {
            let job = attempt.jobs.iter().find(|job| job.id == id)?;
            Some((run, number, job))
        })
    }
}
