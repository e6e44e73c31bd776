//! Logs on this machine, traced without GitHub.
//!
//! A log or an archive of a run's logs counts as a run, and the folder right
//! below a path that was given as a repository. They go into a store that is
//! not kept, and the answer is told as that of a walk is.

use super::answer::{Scene, answer};
use super::content::{self, Attempt, LogContent};
use super::{TraceError, Traced};
use crate::detect::Detector;
use crate::log;
use crate::origin::{Origin, Problem};
use crate::scan;
use crate::source::{Body, Source, Visitor};
use crate::store::{RunKey, Store, TracedLog, TracedRun, TracedState};
use jiff::Timestamp;
use std::collections::BTreeMap;
use std::io::Read;
use std::sync::{Mutex, PoisonError};

/// The server of logs that no server has.
const HERE: &str = "";

/// Traces logs. `sources` are visited more than once; their paths begin with
/// `names`. `fingerprints` are the beginnings of those that are told, or none for
/// all; `now` is the present.
pub fn local(
    detector: &Detector,
    (names, sources): (&[String], &[Box<dyn Source>]),
    options: &scan::Options<'_>,
    now: Timestamp,
    fingerprints: &[String],
) -> Result<Traced, TraceError> {
    let content = content::read(detector, sources, options, None);
    let heads = Heads::of(sources, options);
    let runs = runs(names, &heads, &content.scanned.outcome.problems);
    let mut store = Store::scratch(None)?;
    for (number, (path, run)) in runs.iter().enumerate() {
        record(
            &mut store,
            detector,
            &content,
            (number as u64 + 1, path),
            run,
            now,
        )?;
    }
    let names = runs.into_values().map(|run| (run.repository, Vec::new()));
    let scene = Scene {
        server: HERE,
        now,
        since: None,
        horizon: Some("no other logs were given".to_owned()),
        repositories: &names.collect(),
        workflows: &[],
        fingerprints,
        terms: None,
    };
    Ok(answer(&store, &scene)?)
}

/// A log, or an archive of the logs of a run.
struct LocalRun {
    repository: String,
    /// Earliest stamp in it.
    begun: Option<Timestamp>,
    problems: Vec<String>,
}

/// The runs by their paths, also those of which nothing could be read.
fn runs(names: &[String], heads: &Heads, problems: &[Problem]) -> BTreeMap<String, LocalRun> {
    let mut runs: BTreeMap<String, LocalRun> = BTreeMap::new();
    for (origin, begun) in heads.all() {
        let path = run_of(&origin).to_owned();
        let run = entry(&mut runs, names, path);
        run.begun = [run.begun, begun].into_iter().flatten().min();
    }
    for problem in problems {
        let path = problem.path.as_str();
        // An archive that cannot be read is named itself, not by an entry.
        let path = if runs.contains_key(path) {
            path
        } else {
            run_of(&problem.path)
        };
        let detail = problem.detail.clone();
        entry(&mut runs, names, path.to_owned())
            .problems
            .push(detail);
    }
    runs
}

fn entry<'a>(
    runs: &'a mut BTreeMap<String, LocalRun>,
    names: &[String],
    path: String,
) -> &'a mut LocalRun {
    let repository = repository_of(names, &path);
    runs.entry(path).or_insert_with(|| LocalRun {
        repository,
        begun: None,
        problems: Vec::new(),
    })
}

/// The log itself, or the innermost archive that it lies in.
fn run_of(origin: &Origin) -> &str {
    let path = origin.as_str();
    path.rsplit_once('!').map_or(path, |(archive, _)| archive)
}

/// The folder right below the path that was given, or else that path, or of a
/// file its folder.
fn repository_of(names: &[String], path: &str) -> String {
    let below = names.iter().find_map(|name| {
        let rest = path.strip_prefix(&**name)?;
        let rest = if name.ends_with('/') {
            rest
        } else {
            rest.strip_prefix(['/', '!'])?
        };
        Some((name, rest))
    });
    match below {
        Some((_, rest)) => match rest.split_once('/') {
            Some((folder, _)) => path[..path.len() - rest.len() + folder.len()].to_owned(),
            None => path[..path.len() - rest.len()]
                .trim_end_matches(['/', '!'])
                .to_owned(),
        },
        None => path
            .rsplit_once('/')
            .map_or(".", |(folder, _)| folder)
            .to_owned(),
    }
}

fn record(
    store: &mut Store,
    detector: &Detector,
    content: &LogContent,
    (number, path): (u64, &str),
    run: &LocalRun,
    now: Timestamp,
) -> Result<(), TraceError> {
    let key = RunKey {
        server: HERE.to_owned(),
        repository: run.repository.clone(),
        run_id: number,
    };
    let attempt = Attempt {
        run: &key,
        number: 1,
        below: path,
    };
    let content = content.of(detector, &attempt);
    let log = TracedLog {
        run: key.clone(),
        attempt: 1,
        state: if run.problems.is_empty() {
            TracedState::Read
        } else {
            TracedState::Unreadable
        },
        terms: String::new(),
        detail: run.problems.join("\n"),
        at: now,
    };
    let traced = TracedRun {
        key: key.clone(),
        created_at: run.begun,
        attempts: 1,
        completed: true,
        workflow: None,
        url: Some(path.to_owned()),
    };
    store.change(now, |changes| {
        changes.save_traced_repository((HERE, &run.repository), None)?;
        changes.save_traced_run(&traced)?;
        changes.save_traced_content(&log, &content)
    })?;
    Ok(())
}

/// Every log there is, with its first stamp.
struct Heads<'a> {
    options: &'a scan::Options<'a>,
    found: Mutex<Vec<(Origin, Option<Timestamp>)>>,
}

impl<'a> Heads<'a> {
    fn of(sources: &[Box<dyn Source>], options: &'a scan::Options<'a>) -> Self {
        let heads = Self {
            options,
            found: Mutex::default(),
        };
        for source in sources {
            source.visit(&options.source, &heads);
        }
        heads
    }

    fn all(&self) -> Vec<(Origin, Option<Timestamp>)> {
        let found = self.found.lock().unwrap_or_else(PoisonError::into_inner);
        found.clone()
    }

    fn stamp(&self, origin: &Origin, head: &[u8]) -> Option<Timestamp> {
        let format = self.options.format_of(origin, head);
        let mut lines = head.split(|byte| *byte == b'\n');
        lines.find_map(|line| log::logged_at(format, line)?.parse().ok())
    }
}

impl Visitor for Heads<'_> {
    fn log(&self, origin: &Origin, body: Body<'_>) {
        let mut head = Vec::new();
        let stamp = match body {
            Body::File(file) => {
                let window = file.window(0..file.len().min(log::HEAD as u64));
                window.ok().and_then(|head| self.stamp(origin, &head))
            }
            // What cannot be read was told by the scan.
            Body::Stream(stream) => {
                let read = stream.take(log::HEAD as u64).read_to_end(&mut head);
                read.ok().and_then(|_| self.stamp(origin, &head))
            }
        };
        let mut found = self.found.lock().unwrap_or_else(PoisonError::into_inner);
        found.push((origin.clone(), stamp));
    }

    fn problem(&self, _problem: Problem) {}

    fn fork(&self, n: usize, job: &(dyn Fn(usize) + Sync)) {
        (0..n).for_each(job);
    }
}
