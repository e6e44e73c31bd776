//! What a log shows: secrets by step, and the commands of its steps.

use super::command::{self, Echo};
use crate::detect::{Detector, MASK};
use crate::finding::{Finding, Place};
use crate::origin::Origin;
use crate::respond::{facts_of, harmless};
use crate::scan::{self, Scanned};
use crate::source::Source;
use crate::store::{RunKey, TracedCommand, TracedContent, TracedPlace, TracedStep};
use jiff::Timestamp;
use std::collections::{BTreeMap, BTreeSet};

/// Shorter words are no secrets.
const SHORTEST: usize = 4;

/// What was read of logs.
#[derive(Debug, Default)]
pub struct LogContent {
    pub(super) scanned: Scanned,
    echoes: BTreeMap<Origin, Vec<Echo>>,
}

/// Reads logs, on the current rayon pool. `repository` is the `OWNER/REPO` that
/// they are of, where it is known.
pub fn read(
    detector: &Detector,
    sources: &[Box<dyn Source>],
    options: &scan::Options<'_>,
    repository: Option<&str>,
) -> LogContent {
    LogContent {
        scanned: scan::scan(detector, sources, options),
        echoes: command::commands(detector, sources, options, repository),
    }
}

/// One attempt of a run, and where its logs lie among those that were read.
pub(super) struct Attempt<'a> {
    pub(super) run: &'a RunKey,
    pub(super) number: u64,
    /// A log, or the archive they are in; empty if all are its own.
    pub(super) below: &'a str,
}

impl Attempt<'_> {
    fn owns(&self, origin: &Origin) -> bool {
        let rest = origin.as_str().strip_prefix(self.below);
        self.below.is_empty() || rest.is_some_and(|rest| rest.is_empty() || is_entry(rest))
    }
}

/// Whether what follows an archive's path is one of its own logs, and not one
/// of an archive in it.
fn is_entry(rest: &str) -> bool {
    rest.strip_prefix('!')
        .is_some_and(|entry| !entry.contains('!'))
}

impl LogContent {
    /// What the logs of an attempt show.
    pub(super) fn of(&self, detector: &Detector, attempt: &Attempt<'_>) -> TracedContent {
        let findings = &self.scanned.outcome.findings;
        let mut gathered = Gathered {
            detector,
            echoes: &self.echoes,
            attempt,
            secrets: findings.iter().map(|one| &*one.fingerprint).collect(),
            groups: BTreeMap::new(),
            commands: BTreeMap::new(),
        };
        let mut secrets = BTreeMap::new();
        for finding in findings {
            if gathered.add(finding) {
                secrets
                    .entry(finding.fingerprint.clone())
                    .or_insert_with(|| facts_of(finding));
            }
        }
        let below = Origin::new(attempt.below);
        let near = self.echoes.range(below..);
        let near = near.take_while(|(origin, _)| origin.as_str().starts_with(attempt.below));
        let own = near.filter(|(origin, _)| attempt.owns(origin));
        let steps: BTreeSet<TracedStep> = own
            .flat_map(|(_, echoes)| echoes)
            .map(|echo| gathered.step(echo.job.as_deref(), echo.step.as_deref(), Some(echo)))
            .collect();
        TracedContent {
            steps: steps.into_iter().collect(),
            secrets,
            commands: std::mem::take(&mut gathered.commands),
            places: gathered.places(),
        }
    }
}

/// Lines of one step that hold one secret.
#[derive(Default)]
struct Group {
    /// The stamp of each, or else its place.
    lines: BTreeSet<String>,
    first: Option<Timestamp>,
    last: Option<Timestamp>,
}

struct Gathered<'a> {
    detector: &'a Detector,
    echoes: &'a BTreeMap<Origin, Vec<Echo>>,
    attempt: &'a Attempt<'a>,
    /// Fingerprints of all that was found.
    secrets: BTreeSet<&'a str>,
    groups: BTreeMap<(String, TracedStep), Group>,
    commands: BTreeMap<String, TracedCommand>,
}

impl Gathered<'_> {
    /// Whether any of it is of this attempt.
    fn add(&mut self, finding: &Finding) -> bool {
        let places = std::iter::once(&finding.place).chain(&finding.places);
        let mut own: Vec<&Place> = places
            .filter(|place| self.attempt.owns(&place.path))
            .collect();
        // An archive holds a line in the log of its step and in that of its job.
        // The one of its step knows more, and lies in a folder.
        own.sort_by_key(|place| !place.path.leaf().contains('/'));
        let mut known: BTreeSet<(&str, u64, Option<&str>)> = BTreeSet::new();
        for place in &own {
            let stamp = place.logged_at.as_deref();
            let line = stamp.map(|at| (at, place.text_column, place.job.as_deref()));
            let of_step = place.path.leaf().contains('/');
            if of_step {
                known.extend(line);
            }
            if of_step || line.is_none_or(|line| !known.contains(&line)) {
                self.place(finding, place);
            }
        }
        !own.is_empty()
    }

    fn place(&mut self, finding: &Finding, place: &Place) {
        let echoes = self.echoes.get(&place.path);
        let echo = echoes.and_then(|echoes| command::at(echoes, place));
        if let Some(echo) = echo {
            let command = TracedCommand {
                text: self.without_findings(&echo.text),
                own: echo.own,
            };
            self.commands.insert(echo.digest.clone(), command);
        }
        let step = self.step(place.job.as_deref(), place.step.as_deref(), echo);
        let group = self
            .groups
            .entry((finding.fingerprint.clone(), step))
            .or_default();
        let at: Option<Timestamp> = place.logged_at.as_deref().and_then(|at| at.parse().ok());
        group.first = [group.first, at].into_iter().flatten().min();
        group.last = [group.last, at].into_iter().flatten().max();
        let line = || format!("{}:{}", place.path, place.line);
        group
            .lines
            .insert(place.logged_at.clone().unwrap_or_else(line));
    }

    /// A command without words that are secrets by what the log says elsewhere:
    /// nothing in the command itself gives them away.
    fn without_findings(&self, text: &str) -> String {
        let is_secret = |word: &str| {
            let trimmed = word.trim_start_matches('-');
            let glued = trimmed.get(1..).filter(|_| trimmed.len() < word.len());
            let mut forms = [Some(word), Some(trimmed), glued].into_iter().flatten();
            forms.any(|form| {
                self.secrets
                    .contains(&*self.detector.fingerprint(form.as_bytes()))
            })
        };
        let ends = |c: char| c.is_whitespace() || "\"'`=:,@/;&()|<>{}[]".contains(c);
        let mut shown = String::with_capacity(text.len());
        for piece in text.split_inclusive(ends) {
            let word = piece.trim_end_matches(ends);
            if word.len() >= SHORTEST && is_secret(word) {
                shown.push_str(MASK);
                shown.push_str(&piece[word.len()..]);
            } else {
                shown.push_str(piece);
            }
        }
        // A secret that holds one of these characters is no single word.
        let whole = shown.split_whitespace().filter(|word| is_secret(word));
        let whole: Vec<String> = whole.map(str::to_owned).collect();
        whole
            .iter()
            .fold(shown.clone(), |shown, word| shown.replace(word, MASK))
    }

    fn step(&self, job: Option<&str>, step: Option<&str>, echo: Option<&Echo>) -> TracedStep {
        let name = |name: &str| harmless(self.detector, name);
        TracedStep {
            job: job.map(name),
            step: step.map(name),
            command: echo.map(|echo| echo.digest.clone()),
        }
    }

    fn places(self) -> Vec<TracedPlace> {
        let place = |((fingerprint, step), group): ((String, TracedStep), Group)| TracedPlace {
            fingerprint,
            run: self.attempt.run.clone(),
            attempt: self.attempt.number,
            step,
            lines: group.lines.len() as u64,
            first: group.first,
            last: group.last,
        };
        self.groups.into_iter().map(place).collect()
    }
}
