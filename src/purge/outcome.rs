//! What came of a purge, or would.

use super::judge::RunRef;
use super::remove::Fate;
use crate::respond::{escape_lines, spell};
use crate::store::PurgedKind;
use jiff::Timestamp;
use serde::Serialize;
use std::collections::{BTreeMap, BTreeSet};

/// Lines about single logs in texts for people; JSON has all of them.
const MOST_LINES: usize = 20;

/// Something that could not be deleted.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Failure {
    /// Number of the run or of the artifact.
    pub id: u64,
    /// Why.
    pub why: String,
}

/// Counts of logs, or of artifacts.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct Tally {
    /// Deleted now, and confirmed gone.
    pub deleted: u64,
    /// Gone when they were to be deleted.
    pub already_gone: u64,
    /// Known to be gone from an earlier purge or guard; GitHub was not asked.
    pub known_gone: u64,
    /// Kept, by reason.
    pub kept: BTreeMap<String, u64>,
    /// What is still there, or may be.
    pub failed: Vec<Failure>,
}

impl Tally {
    pub(super) fn keep(&mut self, why: String) {
        *self.kept.entry(why).or_default() += 1;
    }

    pub(super) fn settle(&mut self, id: u64, fate: Fate) {
        match fate {
            Fate::Deleted => self.deleted += 1,
            Fate::AlreadyGone => self.already_gone += 1,
            Fate::Failed(why) => self.failed.push(Failure { id, why }),
        }
    }

    fn is_empty(&self) -> bool {
        *self == Self::default()
    }

    /// How many were dealt with.
    pub(super) fn done(&self) -> u64 {
        let kept: u64 = self.kept.values().sum();
        self.deleted + self.already_gone + self.known_gone + kept + self.failed.len() as u64
    }
}

/// What is left of a repository, and why.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Left {
    /// Why purge did not go on.
    pub why: String,
    /// Logs and artifacts that are known to be due.
    pub due: u64,
    /// Runs created from here on were not looked at.
    pub not_looked_at_from: Option<Timestamp>,
}

/// What came of one repository.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct Swept {
    /// `OWNER/REPO`.
    pub repository: String,
    /// Logs of runs.
    pub logs: Tally,
    /// Artifacts.
    pub artifacts: Tally,
    /// Incidents that a scan before a deletion found.
    pub incidents: BTreeSet<String>,
    /// What makes the result incomplete beside single failures.
    pub problems: Vec<String>,
    /// What is left, if not all was dealt with.
    pub left: Option<Left>,
}

/// Something that is due.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Due {
    /// `OWNER/REPO`.
    pub repository: String,
    /// What it is.
    pub kind: PurgedKind,
    /// Number of the run or of the artifact.
    pub id: u64,
    /// Attempts of the run.
    pub attempts: u64,
    /// Its workflow and branch, where known.
    #[serde(flatten)]
    pub run: RunRef,
    /// Its age in seconds.
    pub age_seconds: u64,
}

/// What a dry run says of the work.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Plan {
    /// What would be deleted, unless it is gone already.
    pub due: Vec<Due>,
    /// Requests to GitHub it would take, looking included.
    pub calls: u64,
    /// Requests an hour that the token has, where GitHub tells.
    pub calls_an_hour: Option<u64>,
    /// About how many seconds it would take at that limit, and with a second
    /// between deletions.
    pub seconds: u64,
}

/// What came of a purge.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct PurgeOutcome {
    /// Each repository.
    pub repositories: Vec<Swept>,
    /// What would be done, if it was a dry run.
    pub plan: Option<Plan>,
    /// Requests to GitHub.
    pub calls: u64,
    /// Hash of the last line of the audit trail.
    pub audit_head: String,
}

impl Swept {
    fn is_unfinished(&self) -> bool {
        let failed = !self.logs.failed.is_empty() || !self.artifacts.failed.is_empty();
        failed || !self.problems.is_empty() || self.left.is_some()
    }

    fn tallies(&self) -> impl Iterator<Item = (&'static str, &Tally)> {
        let both = [("logs", &self.logs), ("artifacts", &self.artifacts)];
        both.into_iter().filter(|(_, tally)| !tally.is_empty())
    }

    fn lines(&self) -> Vec<String> {
        let mut lines: Vec<String> = self.tallies().flat_map(tally_lines).collect();
        for incident in &self.incidents {
            lines.push(format!("INCIDENT {incident}: a log held a secret"));
        }
        lines.extend(self.problems.iter().map(|one| format!("PROBLEM {one}")));
        lines.extend(self.left.as_ref().map(left_line));
        lines
    }
}

fn tally_lines((word, tally): (&str, &Tally)) -> Vec<String> {
    let mut lines = vec![format!(
        "{word}: {} deleted and confirmed gone, {} already gone, {} gone before",
        tally.deleted, tally.already_gone, tally.known_gone
    )];
    let kept = tally.kept.iter();
    lines.extend(kept.map(|(why, count)| format!("{word}: {count} kept: {why}")));
    let failed = tally.failed.iter().take(MOST_LINES);
    lines.extend(failed.map(|one| format!("{word}: FAILED {}: {}", one.id, one.why)));
    let more = tally.failed.len().saturating_sub(MOST_LINES);
    lines.extend((more > 0).then(|| format!("{word}: FAILED {more} more")));
    lines
}

fn left_line(left: &Left) -> String {
    let from = left.not_looked_at_from;
    let from = from.map(|from| format!(", and all runs created from {from} on"));
    let from = from.unwrap_or_default();
    format!("LEFT {} that are due{from}: {}", left.due, left.why)
}

impl PurgeOutcome {
    /// Whether something is left that was to go.
    pub fn is_unfinished(&self) -> bool {
        self.repositories.iter().any(Swept::is_unfinished)
    }

    /// Whether a scan before a deletion found a secret.
    pub fn found_leaks(&self) -> bool {
        let mut repositories = self.repositories.iter();
        repositories.any(|one| !one.incidents.is_empty())
    }

    /// For people.
    pub fn text(&self) -> String {
        let mut lines = vec![self.heading()];
        for swept in self.told() {
            lines.push(format!("{}:", swept.repository));
            lines.extend(swept.lines().iter().map(|line| format!("  {line}")));
        }
        if let Some(plan) = &self.plan {
            lines.extend(plan.lines());
        }
        lines.iter().map(|line| escape_lines(line)).collect()
    }

    fn heading(&self) -> String {
        let sum = |of: fn(&Tally) -> u64| -> u64 {
            let tallies = self.repositories.iter().flat_map(Swept::tallies);
            tallies.map(|(_, tally)| of(tally)).sum()
        };
        let repositories = self.repositories.len();
        if let Some(plan) = &self.plan {
            return format!(
                "purge: dry run, nothing was changed; {} due in {repositories} repositories",
                plan.due.len()
            );
        }
        format!(
            "purge: {} deleted, {} already gone, {} kept, {} failed in {repositories} \
             repositories with {} requests{}",
            sum(|tally| tally.deleted),
            sum(|tally| tally.already_gone),
            sum(|tally| tally.kept.values().sum()),
            sum(|tally| tally.failed.len() as u64),
            self.calls,
            if self.is_unfinished() {
                "; NOT all is done"
            } else {
                ""
            }
        )
    }

    /// Repositories there is something to tell of.
    fn told(&self) -> impl Iterator<Item = &Swept> {
        let quiet = |swept: &&Swept| !swept.lines().is_empty();
        self.repositories.iter().filter(quiet)
    }
}

impl Plan {
    fn lines(&self) -> Vec<String> {
        let mut lines: Vec<String> = self.groups();
        let limit = self
            .calls_an_hour
            .map_or_else(String::new, |limit| format!(" at {limit} an hour"));
        lines.push(format!(
            "it would take about {} requests{limit}, {}; pass --yes to do it",
            self.calls,
            spell(self.seconds.cast_signed())
        ));
        lines
    }

    /// A line a repository and workflow, those with most first.
    fn groups(&self) -> Vec<String> {
        let mut groups: BTreeMap<(&str, PurgedKind, &str), Vec<u64>> = BTreeMap::new();
        for due in &self.due {
            let workflow = due.run.workflow.as_deref().unwrap_or("-");
            let group = groups.entry((&due.repository, due.kind, workflow));
            group.or_default().push(due.age_seconds);
        }
        let mut groups: Vec<_> = groups.into_iter().collect();
        groups.sort_by_key(|(_, ages)| std::cmp::Reverse(ages.len()));
        let mut lines: Vec<String> = groups.iter().take(MOST_LINES).map(group_line).collect();
        let more = groups.len().saturating_sub(MOST_LINES);
        lines.extend((more > 0).then(|| format!("and of {more} more workflows")));
        lines
    }
}

fn group_line(
    ((repository, kind, workflow), ages): &((&str, PurgedKind, &str), Vec<u64>),
) -> String {
    let age = |age: Option<&u64>| spell(age.map_or(0, |age| age.cast_signed()));
    format!(
        "{repository} {workflow}: {kind} of {}, {} to {} old",
        ages.len(),
        age(ages.iter().min()),
        age(ages.iter().max())
    )
}
