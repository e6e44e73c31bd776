//! Whether the logs of a run are to go.

use super::World;
use crate::clock::before;
use crate::config::{Glob, Traits, Visibility, names_workflow};
use crate::github::{Repository, Run, Site};
use crate::respond::spell;
use crate::store::{ContainmentState, PurgedKind, RunKey, Store, StoreError};
use data_encoding::HEXLOWER;
use jiff::Timestamp;
use jiff::civil::Date;
use serde::Serialize;
use sha2::{Digest, Sha256};
use std::time::Duration;

/// Which runs; of each list one must fit, unless it is empty.
#[derive(Debug, Clone, Default)]
pub struct Choice {
    /// Files of workflows, with or without their folder.
    pub workflows: Vec<Glob>,
    /// Branches.
    pub branches: Vec<Glob>,
    /// What started the runs.
    pub events: Vec<Glob>,
    /// How they ended.
    pub conclusions: Vec<Glob>,
    /// Visibilities of repositories.
    pub visibilities: Vec<Visibility>,
}

impl Choice {
    /// What is not known is not chosen.
    fn fits(&self, run: &Traits<'_>) -> bool {
        let fits = |globs: &[Glob], text: Option<&str>| {
            let any = |text| globs.iter().any(|glob| glob.is_match(text));
            globs.is_empty() || text.is_some_and(any)
        };
        let names = |path| {
            let mut globs = self.workflows.iter();
            globs.any(|glob| names_workflow(glob, path))
        };
        (self.workflows.is_empty() || run.workflow.is_some_and(names))
            && fits(&self.branches, run.branch)
            && fits(&self.events, run.event)
            && fits(&self.conclusions, run.conclusion)
            && self.admits(run.visibility)
    }

    /// Whether anything in a repository can be chosen.
    pub(super) fn admits(&self, visibility: Option<Visibility>) -> bool {
        let listed = |is| self.visibilities.contains(&is);
        self.visibilities.is_empty() || visibility.is_some_and(listed)
    }

    fn terms(&self) -> String {
        let lists = [
            &self.workflows,
            &self.branches,
            &self.events,
            &self.conclusions,
        ];
        let text = |globs: &Vec<Glob>| -> Vec<String> {
            let globs = globs.iter();
            globs.map(|glob| glob.as_str().to_owned()).collect()
        };
        format!("{:?} {:?}", lists.map(text), self.visibilities)
    }
}

/// What a listing tells of a run, for people.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct RunRef {
    /// Path of the workflow's file.
    pub workflow: Option<String>,
    /// Branch it ran on.
    pub branch: Option<String>,
}

impl RunRef {
    pub(super) fn of(run: Option<&Run>) -> Self {
        Self {
            workflow: run.and_then(|run| run.path.clone()),
            branch: run.and_then(|run| run.head_branch.clone()),
        }
    }
}

/// What is to become of the logs of a run.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Verdict {
    /// They are to go; their age.
    Due(Duration),
    /// The store knows that they are gone.
    Gone,
    /// They are kept, and nothing but other rules changes that.
    Kept(String),
    /// They are kept for now.
    NotYet(String),
}

/// What a verdict is given by.
pub(super) struct Judge<'a> {
    pub(super) world: &'a World<'a>,
    pub(super) choice: &'a Choice,
    pub(super) site: &'a Site,
    pub(super) store: &'a Store,
    /// GitHub's present.
    pub(super) now: Timestamp,
}

impl Judge<'_> {
    /// The verdict about the logs of a run.
    pub(super) fn logs(&self, run: &Run, older_than: Duration) -> Result<Verdict, StoreError> {
        if self.is_gone(run)? {
            return Ok(Verdict::Gone);
        }
        if let Some(verdict) = self.exempt(Some(run), run.id) {
            return Ok(verdict);
        }
        let newest = [run.created_at, run.run_started_at, run.updated_at];
        let newest = newest.into_iter().flatten().max();
        Ok(self.by_age(newest, older_than, "its newest attempt"))
    }

    /// The verdict about an artifact of a run, which may not be there any more.
    pub(super) fn artifact(
        &self,
        run: Option<&Run>,
        run_id: u64,
        made: Option<Timestamp>,
        older_than: Duration,
    ) -> Verdict {
        let exempt = self.exempt(run, run_id);
        exempt.unwrap_or_else(|| self.by_age(made, older_than, "the artifact"))
    }

    /// What is kept whatever its age: held, by rule, not chosen, in progress.
    fn exempt(&self, run: Option<&Run>, run_id: u64) -> Option<Verdict> {
        let repository = self.site.repository.to_string();
        let today = day(self.now);
        let holds = self.world.respond.policy;
        if let Some(reason) = holds.held(&repository, run_id, today) {
            return Some(Verdict::Kept(format!("held by configuration: {reason}")));
        }
        let traits = traits(&repository, run, self.site);
        if let Some(reason) = self.world.rules.kept(&traits) {
            return Some(Verdict::Kept(format!("kept by configuration: {reason}")));
        }
        if !self.choice.fits(&traits) {
            return Some(Verdict::Kept("not chosen".to_owned()));
        }
        let in_progress = run.is_some_and(|run| !run.is_completed());
        in_progress.then(|| Verdict::NotYet("the run is in progress".to_owned()))
    }

    fn by_age(&self, newest: Option<Timestamp>, older_than: Duration, what: &str) -> Verdict {
        match newest {
            None => Verdict::NotYet("GitHub does not tell how old it is".to_owned()),
            Some(newest) if newest >= before(self.now, older_than) => Verdict::NotYet(format!(
                "{what} is younger than {}",
                spell(older_than.as_secs().cast_signed())
            )),
            Some(newest) => Verdict::Due(self.now.duration_since(newest).unsigned_abs()),
        }
    }

    /// Whether all attempts are known to be without logs: purged, or contained
    /// by `guard`.
    fn is_gone(&self, run: &Run) -> Result<bool, StoreError> {
        let key = key(self.world, &self.site.repository, run.id);
        let view = self.store.view();
        let (server, repository) = (&key.server, &key.repository);
        if let Some(known) = view.purged(server, repository, PurgedKind::Logs, run.id)? {
            return Ok(known.is_gone(run.run_attempt));
        }
        let contained = view.containments(&key)?.pop();
        let contained = contained.is_some_and(|last| last.state == ContainmentState::Done);
        let attempts = || view.run(&key).map(|run| run.map_or(0, |run| run.attempts));
        Ok(contained && attempts()? >= run.run_attempt)
    }
}

pub(super) fn key(world: &World<'_>, repository: &Repository, run_id: u64) -> RunKey {
    RunKey::new(world.client().server(), &repository.to_string(), run_id)
}

pub(super) fn day(time: Timestamp) -> Date {
    time.to_zoned(jiff::tz::TimeZone::UTC).date()
}

fn traits<'a>(repository: &'a str, run: Option<&'a Run>, site: &Site) -> Traits<'a> {
    Traits {
        repository,
        workflow: run.and_then(|run| run.path.as_deref()),
        branch: run.and_then(|run| run.head_branch.as_deref()),
        event: run.and_then(|run| run.event.as_deref()),
        conclusion: run.and_then(|run| run.conclusion.as_deref()),
        visibility: site
            .visibility
            .as_deref()
            .and_then(|word| word.parse().ok()),
    }
}

/// Digest of all that decides what is kept for good. What is settled by other
/// terms has to be looked at again.
pub(super) fn terms(world: &World<'_>, choice: &Choice, today: Date) -> String {
    let rules = world.rules.keep.iter();
    let rules = rules.map(|rule| format!("keep {}", rule.terms()));
    let holds = world.respond.policy.holds_on(today);
    let holds = holds.map(|hold| format!("hold {} {:?}", hold.repository.as_str(), hold.run));
    let lines = std::iter::once(choice.terms()).chain(rules).chain(holds);
    let text = lines.collect::<Vec<_>>().join("\n");
    HEXLOWER.encode(&Sha256::digest(text)[..8])
}
