//! One intention to delete, from "is it still there" to "GitHub says it is
//! gone".
//!
//! Each step asks GitHub first how things stand, so that it can be taken again
//! after a crash: what is gone already is not deleted a second time.

use super::World;
use super::document::announce;
use crate::github::{Deleted, GithubError, GithubErrorKind, Repository, Run};
use crate::incident::Stage;
use crate::store::{
    Action, Changes, Containment, ContainmentState, Incident, IncidentState, Phase, RunKey, Store,
    StoreError,
};
use jiff::Timestamp;
use std::time::Duration;

/// First wait for what changes by itself; it doubles each time.
const SOON: Duration = Duration::from_secs(2);
/// The longest wait.
const LATE: Duration = Duration::from_secs(15 * 60);

/// What a look at GitHub says is to be done next.
#[derive(Debug)]
enum Step {
    /// Nothing is left of so many attempts: why that is known.
    Gone(u64, String),
    /// Ask for deletion of so many attempts.
    Ask(u64),
    /// Some of its logs were not read.
    Unread,
    /// It is not to be done any more.
    Withdrawn,
    /// Go on later; without a time, when somebody asks.
    Wait(Option<Timestamp>, String),
    /// Its logs or annotations stay: only deleting the run removes them.
    Stays(String),
}

/// Takes an intention as far as it goes now.
pub(super) fn contain(
    world: &World<'_>,
    store: &mut Store,
    mut containment: Containment,
) -> Result<(), StoreError> {
    let mut look = Look {
        world,
        store,
        containment: &mut containment,
    };
    let step = look.step()?;
    look.settle(step)
}

struct Look<'a, 'w> {
    world: &'a World<'w>,
    store: &'a mut Store,
    containment: &'a mut Containment,
}

impl Look<'_, '_> {
    fn run(&self) -> &RunKey {
        &self.containment.run
    }

    /// What is to be done, by what the store and GitHub say now.
    fn step(&self) -> Result<Step, StoreError> {
        let now = self.world.now();
        let today = now.to_zoned(jiff::tz::TimeZone::UTC).date();
        let key = self.run();
        if key.server != self.world.client.server() {
            let elsewhere = format!("it is on {}", key.server);
            return Ok(Step::Wait(None, elsewhere));
        }
        let incidents = self.store.view().incidents_of(key)?;
        if !incidents.is_empty() && incidents.iter().all(Incident::is_false_alarm) {
            return Ok(Step::Withdrawn);
        }
        if let Some(reason) = self.world.policy.held(&key.repository, key.run_id, today) {
            return Ok(Step::Wait(None, format!("held by configuration: {reason}")));
        }
        let Ok(repository) = key.repository.parse::<Repository>() else {
            let detail = "the name of the repository is not valid".to_owned();
            return Ok(Step::Stays(detail));
        };
        match self.world.client.run(&repository, key.run_id) {
            Err(error) if error.kind() == GithubErrorKind::NotFound => self.no_run(&repository),
            Err(error) => Ok(self.trouble(&error)),
            Ok(run) => self.with_run(&repository, &run),
        }
    }

    /// GitHub says 404 of what a token may not see, too: a run is gone only
    /// from a repository that can be seen.
    fn no_run(&self, repository: &Repository) -> Result<Step, StoreError> {
        let known = self.store.view().run(self.run())?;
        let attempts = known.map_or(0, |known| known.attempts);
        Ok(match self.world.client.sees(repository) {
            Ok(true) => Step::Gone(attempts, "the run does not exist any more".into()),
            Ok(false) => Step::Wait(
                None,
                "the token does not see the repository\n\
                 hint: use a token with `actions: write` on it, then `leaksweep resume`"
                    .into(),
            ),
            Err(error) => self.trouble(&error),
        })
    }

    fn with_run(&self, repository: &Repository, run: &Run) -> Result<Step, StoreError> {
        if !run.is_completed() {
            let due = self.later();
            return Ok(Step::Wait(Some(due), "the run is in progress".into()));
        }
        if self.unread(run)? {
            return Ok(Step::Unread);
        }
        match self.containment.action {
            Action::DeleteLogs => self.with_logs(repository, run),
            Action::DeleteRun if self.asked_for(run) => {
                Ok(self.again("GitHub still shows the run"))
            }
            Action::DeleteRun => Ok(Step::Ask(run.run_attempt)),
        }
    }

    fn with_logs(&self, repository: &Repository, run: &Run) -> Result<Step, StoreError> {
        match self.left(repository, run) {
            Err(error) => Ok(self.trouble(&error)),
            Ok(left) if left.is_empty() => self.logs_gone(run),
            Ok(left) if self.asked_for(run) => Ok(self.again(&still_served(&left))),
            Ok(_) => Ok(Step::Ask(run.run_attempt)),
        }
    }

    /// Whether GitHub agreed to delete the run as it is now. A run that was run
    /// again since has logs that nobody asked it to delete.
    fn asked_for(&self, run: &Run) -> bool {
        self.containment.state == ContainmentState::Asked
            && self.containment.attempts >= run.run_attempt
    }

    /// Nothing is deleted that was not read, or could not be.
    fn unread(&self, run: &Run) -> Result<bool, StoreError> {
        let known = self.store.view().run(self.run())?;
        let read = known.filter(|known| known.complete);
        Ok(read.is_none_or(|known| known.attempts < run.run_attempt))
    }

    /// Attempts whose logs GitHub still serves.
    fn left(&self, repository: &Repository, run: &Run) -> Result<Vec<u64>, GithubError> {
        let mut left = Vec::new();
        for attempt in run.attempts() {
            if self
                .world
                .client
                .logs_present(repository, run.id, attempt)?
            {
                left.push(attempt);
            }
        }
        Ok(left)
    }

    fn logs_gone(&self, run: &Run) -> Result<Step, StoreError> {
        let view = self.store.view();
        if view.seen_in_annotations(self.run())? {
            return Ok(Step::Stays(
                "its annotations show the secret, and deleting logs does not remove them".into(),
            ));
        }
        let attempts = match run.run_attempt {
            1 => "its one attempt".to_owned(),
            n => format!("all {n} attempts"),
        };
        let mut why = format!("GitHub no longer serves the logs of {attempts}");
        if view
            .run(self.run())?
            .is_none_or(|known| !known.annotations_read)
        {
            why += "; its annotations were not looked at";
        }
        Ok(Step::Gone(run.run_attempt, why))
    }

    /// Deletion was agreed to and does not show yet.
    fn again(&self, what: &str) -> Step {
        let asked_at = self.containment.asked_at.unwrap_or(Timestamp::UNIX_EPOCH);
        let since = self.world.now().duration_since(asked_at);
        match Duration::try_from(since) {
            Ok(since) if since >= self.world.confirm_within => {
                Step::Stays(format!("{what} although it agreed to delete"))
            }
            _ => Step::Wait(Some(self.later()), what.to_owned()),
        }
    }

    fn later(&self) -> Timestamp {
        let doubled = SOON.saturating_mul(1 << self.containment.tries.min(16));
        self.world.now() + doubled.min(LATE)
    }

    /// What to do when GitHub does not answer as it should.
    fn trouble(&self, error: &GithubError) -> Step {
        use GithubErrorKind as Kind;
        match error.kind() {
            Kind::RateLimited { until } => Step::Wait(Some(until), error.to_string()),
            Kind::Server | Kind::Network | Kind::NotYet | Kind::Conflict => {
                Step::Wait(Some(self.later()), error.to_string())
            }
            Kind::Forbidden => Step::Wait(
                None,
                format!(
                    "the token may not delete: {error}\n\
                     hint: run `leaksweep resume` with a token that has `actions: write`; pull \
                     requests from forks never get one"
                ),
            ),
            // Somebody has to change something first.
            _ => Step::Wait(None, error.to_string()),
        }
    }

    /// One request that deletes, between two lines of the trail.
    fn ask(&mut self, attempts: u64) -> Result<(), StoreError> {
        let target = self.run().to_string();
        let action = self.containment.action;
        self.write(|changes| changes.audit(Phase::Intent, action.as_str(), &target, ""))?;
        let answer = self.delete();
        match answer {
            Ok(deleted) => self.asked(attempts, deleted),
            Err(error) => {
                let detail = error.to_string();
                let step = self.trouble(&error);
                self.write(|changes| {
                    changes.audit(Phase::Failed, action.as_str(), &target, &detail)
                })?;
                self.settle(step)
            }
        }
    }

    fn delete(&self) -> Result<Deleted, GithubError> {
        let key = self.run();
        // It was parsed before; an error here cannot be.
        let repository = key.repository.parse()?;
        match self.containment.action {
            Action::DeleteLogs => self.world.client.delete_logs(&repository, key.run_id),
            Action::DeleteRun => self.world.client.delete_run(&repository, key.run_id),
        }
    }

    /// GitHub agreed. That is not yet "gone".
    fn asked(&mut self, attempts: u64, deleted: Deleted) -> Result<(), StoreError> {
        let detail = match deleted {
            Deleted::Now => "GitHub agreed",
            Deleted::AlreadyGone => "GitHub says that it was gone",
        };
        self.containment.state = ContainmentState::Asked;
        self.containment.attempts = attempts;
        self.containment.asked_at = Some(self.world.now());
        self.containment.tries = 0;
        self.containment.due_at = Some(self.world.now());
        let target = self.run().to_string();
        let action = self.containment.action;
        self.write(|changes| changes.audit(Phase::Done, action.as_str(), &target, detail))?;
        // The confirming look, at once.
        let step = self.step()?;
        self.settle(step)
    }

    fn settle(&mut self, step: Step) -> Result<(), StoreError> {
        match step {
            Step::Ask(attempts) => self.ask(attempts),
            Step::Gone(attempts, why) => self.gone(attempts, &why),
            Step::Stays(why) => self.stays(why),
            Step::Unread => self.unread_logs(),
            Step::Withdrawn => self.withdraw(),
            Step::Wait(due, why) => {
                self.containment.tries += 1;
                self.containment.due_at = due;
                self.containment.detail = why;
                self.write(|_| Ok(()))
            }
        }
    }

    /// The run went on after it was read, or some of it could not be had.
    fn unread_logs(&mut self) -> Result<(), StoreError> {
        let run = self.run().clone();
        self.containment.due_at = None;
        self.containment.detail = "not all of its logs were read yet\n\
                                   hint: `leaksweep resume` reads them, then deletes"
            .into();
        self.write(|changes| changes.mark_unread(&run))
    }

    /// A person said that there is no secret in it.
    fn withdraw(&mut self) -> Result<(), StoreError> {
        let target = self.run().to_string();
        self.containment.state = ContainmentState::Withdrawn;
        self.containment.due_at = None;
        self.containment.done_at = Some(self.world.now());
        self.containment.detail = "all that was found in it was a false alarm".into();
        self.write(|changes| changes.audit(Phase::Note, "withdraw", &target, ""))
    }

    /// Deleting logs was not enough.
    fn stays(&mut self, why: String) -> Result<(), StoreError> {
        let target = self.run().to_string();
        let may = self.world.policy.delete_run && self.containment.action == Action::DeleteLogs;
        let (phase, state) = if may {
            self.containment.action = Action::DeleteRun;
            self.containment.tries = 0;
            self.containment.due_at = Some(self.world.now());
            (Phase::Note, ContainmentState::Waiting)
        } else {
            self.containment.due_at = None;
            self.containment.done_at = Some(self.world.now());
            (Phase::Failed, ContainmentState::Failed)
        };
        self.containment.state = state;
        self.containment.detail = match self.containment.action {
            Action::DeleteLogs if !may => format!("{why}\nhint: --delete-run deletes the run"),
            _ => why,
        };
        let detail = self.containment.detail.clone();
        self.write(|changes| changes.audit(phase, "confirm", &target, &detail))
    }

    /// It is gone, and GitHub said so.
    fn gone(&mut self, attempts: u64, why: &str) -> Result<(), StoreError> {
        let target = self.run().to_string();
        let run = self.run().clone();
        self.containment.state = ContainmentState::Done;
        self.containment.attempts = attempts;
        self.containment.due_at = None;
        self.containment.done_at = Some(self.world.now());
        why.clone_into(&mut self.containment.detail);
        let world = self.world;
        self.write(|changes| {
            changes.audit(Phase::Done, "confirm", &target, why)?;
            for incident in changes.incidents_of(&run)? {
                contained(world, changes, incident, &run)?;
            }
            Ok(())
        })
    }

    /// Writes the intention as it stands, together with what `change` writes.
    fn write(
        &mut self,
        change: impl FnOnce(&Changes<'_>) -> Result<(), StoreError>,
    ) -> Result<(), StoreError> {
        let containment = &*self.containment;
        self.store.change(self.world.now(), |changes| {
            changes.save_containment(containment)?;
            change(changes)
        })
    }
}

fn still_served(left: &[u64]) -> String {
    let numbers: Vec<String> = left.iter().map(u64::to_string).collect();
    format!(
        "GitHub still serves the logs of attempt {}",
        numbers.join(", ")
    )
}

/// An incident is contained when every run that shows its secret is.
fn contained(
    world: &World<'_>,
    changes: &Changes<'_>,
    incident: Incident,
    run: &RunKey,
) -> Result<(), StoreError> {
    if incident.state != IncidentState::Open {
        return Ok(());
    }
    for other in changes.runs_of(&incident)? {
        let last = changes.standing(&other)?;
        if last.is_none_or(|last| last.state != ContainmentState::Done) {
            return Ok(());
        }
    }
    let id = incident.id.clone();
    changes.save_incident(&Incident {
        state: IncidentState::Contained,
        contained_at: Some(world.now()),
        ..incident
    })?;
    changes.audit(Phase::Note, "incident-contained", &id, "")?;
    announce(
        &world.voice,
        changes,
        &id,
        Stage::Contained,
        Some(run.run_id),
        None,
    )
}
