//! The artifacts of a repository. GitHub stops listing what is deleted, so they
//! are listed whole first.

use super::judge::{Judge, RunRef, Verdict};
use super::outcome::Due;
use super::remove::Thing;
use super::sweep::{Means, Sweep};
use super::{Halt, present};
use crate::github::{Artifact, GithubErrorKind, Run};
use crate::store::PurgedKind;
use std::collections::VecDeque;
use std::time::Duration;

/// Artifacts that are still to be judged, the oldest first.
#[derive(Default)]
pub(super) struct Artifacts {
    listed: Option<VecDeque<Artifact>>,
    /// The run that was looked at last; artifacts of one run stand together.
    run: Option<(u64, Option<Run>)>,
}

impl Artifacts {
    pub(super) fn len(&self) -> usize {
        self.listed.as_ref().map_or(0, VecDeque::len)
    }
}

impl Sweep {
    /// Lists the artifacts, or deals with the oldest.
    pub(super) fn next_artifact(&mut self, means: &mut Means<'_>) -> Result<(), Halt> {
        let Some(listed) = &self.artifacts.listed else {
            return self.list_artifacts(means);
        };
        let Some(artifact) = listed.front().cloned() else {
            self.finish();
            return Ok(());
        };
        let older_than = means.order.artifacts_older_than.unwrap_or_default();
        match self.judge_artifact(means, &artifact, older_than)? {
            Verdict::Due(age) if means.order.dry_run => self.plan_artifact(&artifact, age),
            Verdict::Due(_) => return self.remove_artifact(means, &artifact),
            Verdict::Gone => self.swept.artifacts.known_gone += 1,
            Verdict::Kept(why) | Verdict::NotYet(why) => self.swept.artifacts.keep(why),
        }
        self.pass_artifact();
        Ok(())
    }

    fn list_artifacts(&mut self, means: &Means<'_>) -> Result<(), Halt> {
        let client = means.world.client();
        let listed = client.artifacts(&self.site.repository);
        let mut listed = listed.map_err(|error| Halt::of(&error, client))?;
        listed.retain(|artifact| !artifact.expired);
        listed.sort_by_key(|artifact| (artifact.run(), artifact.id));
        self.artifacts.listed = Some(listed.into());
        Ok(())
    }

    fn judge_artifact(
        &mut self,
        means: &Means<'_>,
        artifact: &Artifact,
        older_than: Duration,
    ) -> Result<Verdict, Halt> {
        let made = artifact.created_at.max(artifact.updated_at);
        let run = artifact.run().unwrap_or_default();
        let verdict = |run_of: Option<&Run>, sweep: &Self| {
            let judge = Judge {
                world: means.world,
                choice: &means.order.choice,
                site: &sweep.site,
                store: means.store,
                now: present(means.world.client())?,
            };
            Ok::<_, Halt>(judge.artifact(run_of, run, made, older_than))
        };
        // Its age tells most of them apart without a look at the run.
        if let young @ Verdict::NotYet(_) = verdict(None, self)? {
            return Ok(young);
        }
        let known = self.artifacts.run.take().filter(|known| known.0 == run);
        let run_of = match known {
            Some((_, known)) => known,
            None => self.run_of(means, run)?,
        };
        let verdict = verdict(run_of.as_ref(), self);
        self.artifacts.run = Some((run, run_of));
        verdict
    }

    /// The run, if it is still there.
    fn run_of(&self, means: &Means<'_>, run: u64) -> Result<Option<Run>, Halt> {
        let client = means.world.client();
        match client.run(&self.site.repository, run) {
            Ok(run) => Ok(Some(run)),
            Err(error) if error.kind() == GithubErrorKind::NotFound => Ok(None),
            Err(error) => Err(Halt::of(&error, client)),
        }
    }

    fn remove_artifact(&mut self, means: &mut Means<'_>, artifact: &Artifact) -> Result<(), Halt> {
        let repository = self.site.repository.clone();
        let thing = Thing {
            repository: &repository,
            kind: PurgedKind::Artifact,
            id: artifact.id,
            attempts: 1,
        };
        let fate = self.remove(means, thing)?;
        self.pass_artifact();
        let failed = self.count(&fate);
        self.swept.artifacts.settle(artifact.id, fate);
        failed
    }

    fn plan_artifact(&mut self, artifact: &Artifact, age: Duration) {
        let run = self.artifacts.run.as_ref();
        self.due.push(Due {
            repository: self.swept.repository.clone(),
            kind: PurgedKind::Artifact,
            id: artifact.id,
            attempts: 1,
            run: RunRef::of(run.and_then(|(_, run)| run.as_ref())),
            age_seconds: age.as_secs(),
        });
    }

    fn pass_artifact(&mut self) {
        if let Some(listed) = &mut self.artifacts.listed {
            listed.pop_front();
        }
    }
}
