//! One deletion: written down before, asked for once, confirmed, written down
//! after.

use super::{Halt, World};
use crate::github::{Client, Deleted, GithubError, GithubErrorKind, Repository};
use crate::store::{Changes, Phase, Purged, PurgedKind, PurgedState, Store, StoreError};
use jiff::Timestamp;
use std::time::Duration;

/// Looks at what GitHub still serves after it agreed to delete it; before each
/// but the first a wait, twice as long each time.
const MOST_LOOKS: u32 = 5;
const SOON: Duration = Duration::from_secs(2);

/// What is to be deleted.
#[derive(Debug, Clone, Copy)]
pub(super) struct Thing<'a> {
    pub(super) repository: &'a Repository,
    pub(super) kind: PurgedKind,
    /// Number of the run or of the artifact.
    pub(super) id: u64,
    /// Attempts of the run; 1 for an artifact.
    pub(super) attempts: u64,
}

/// What became of it.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Fate {
    /// GitHub deleted it when asked.
    Deleted,
    /// It was gone before.
    AlreadyGone,
    /// It is still there, or may be.
    Failed(String),
}

/// What is remembered from one deletion in a repository to the next.
#[derive(Debug, Default)]
pub(super) struct Hand {
    /// Whether the last one was there: then the next, which is younger, is
    /// likely to be, and is not looked for before.
    expects: bool,
    /// What GitHub was asked to delete and has not confirmed yet, and what it
    /// said.
    asked: Option<(PurgedKind, u64, Deleted)>,
}

impl Hand {
    /// Whether GitHub was asked to delete this, and has not confirmed yet.
    pub(super) fn is_about(&self, kind: PurgedKind, id: u64) -> bool {
        let asked = self.asked.as_ref();
        asked.is_some_and(|asked| (asked.0, asked.1) == (kind, id))
    }
}

impl Thing<'_> {
    fn action(self) -> &'static str {
        match self.kind {
            PurgedKind::Logs => "purge-logs",
            PurgedKind::Artifact => "purge-artifact",
        }
    }

    fn target(self) -> String {
        let word = match self.kind {
            PurgedKind::Logs => "run",
            PurgedKind::Artifact => "artifact",
        };
        format!("{} {word} {}", self.repository, self.id)
    }

    /// What GitHub still has of it, in words; nothing if all is gone.
    fn left(self, client: &Client) -> Result<Option<String>, GithubError> {
        if self.kind == PurgedKind::Artifact {
            let present = client.artifact_present(self.repository, self.id)?;
            return Ok(present.then(|| "the artifact".to_owned()));
        }
        // The newest is the likeliest to be there.
        for attempt in (1..=self.attempts).rev() {
            if client.logs_present(self.repository, self.id, attempt)? {
                return Ok(Some(format!("the logs of attempt {attempt}")));
            }
        }
        Ok(None)
    }

    fn delete(self, client: &Client) -> Result<Deleted, GithubError> {
        match self.kind {
            PurgedKind::Logs => client.delete_logs(self.repository, self.id),
            PurgedKind::Artifact => client.delete_artifact(self.repository, self.id),
        }
    }

    /// Requests that its deletion takes.
    pub(super) fn calls(self) -> u64 {
        1 + self.attempts
    }
}

/// Deletes a thing, unless it is gone. After a [`Halt`] it may be called again
/// with the same `hand`, also in another process with a new one.
pub(super) fn remove(
    world: &World<'_>,
    store: &mut Store,
    hand: &mut Hand,
    thing: Thing<'_>,
) -> Result<Fate, Halt> {
    let mut removal = Removal {
        world,
        store,
        hand,
        thing,
    };
    match removal.hand.asked {
        Some((kind, id, answer)) if (kind, id) == (thing.kind, thing.id) => removal.confirm(answer),
        _ => removal.begin(),
    }
}

struct Removal<'a, 'w> {
    world: &'a World<'w>,
    store: &'a mut Store,
    hand: &'a mut Hand,
    thing: Thing<'a>,
}

impl Removal<'_, '_> {
    fn begin(&mut self) -> Result<Fate, Halt> {
        let interrupted = self.was_intended()?;
        if (interrupted || !self.hand.expects) && self.left()?.is_none() {
            return self.was_gone(interrupted);
        }
        self.write(PurgedState::Intended, "", |changes, thing| {
            changes.audit(Phase::Intent, thing.action(), &thing.target(), "")
        })?;
        match self.thing.delete(self.world.client()) {
            Ok(answer) => self.agreed(answer),
            Err(error) => self.refused(&error),
        }
    }

    /// Whether a process ended between its intention and what came of it.
    fn was_intended(&self) -> Result<bool, StoreError> {
        let server = self.world.client().server();
        let repository = self.thing.repository.to_string();
        let view = self.store.view();
        let known = view.purged(server, &repository, self.thing.kind, self.thing.id)?;
        Ok(known.is_some_and(|known| known.state == PurgedState::Intended))
    }

    fn left(&self) -> Result<Option<String>, Halt> {
        let client = self.world.client();
        let left = self.thing.left(client);
        left.map_err(|error| Halt::of(&error, client))
    }

    fn was_gone(&mut self, interrupted: bool) -> Result<Fate, Halt> {
        let detail = "it was gone already";
        self.write(PurgedState::Gone, detail, |changes, thing| {
            if !interrupted {
                return Ok(());
            }
            let why = "gone; a purge that was interrupted may have deleted it";
            changes.audit(Phase::Done, "confirm", &thing.target(), why)
        })?;
        Ok(Fate::AlreadyGone)
    }

    fn agreed(&mut self, answer: Deleted) -> Result<Fate, Halt> {
        self.hand.expects = answer == Deleted::Now;
        self.hand.asked = Some((self.thing.kind, self.thing.id, answer));
        self.confirm(answer)
    }

    /// GitHub agreed. That is not yet "gone".
    fn confirm(&mut self, answer: Deleted) -> Result<Fate, Halt> {
        let mut wait = SOON;
        for look in 1.. {
            match self.left()? {
                None => break,
                Some(left) if look == MOST_LOOKS => {
                    return self.stays(&format!("GitHub agreed to delete and still serves {left}"));
                }
                Some(_) => self.world.sleep(wait),
            }
            wait *= 2;
        }
        self.hand.asked = None;
        self.gone(answer)
    }

    fn gone(&mut self, answer: Deleted) -> Result<Fate, Halt> {
        let (said, fate) = match answer {
            Deleted::Now => ("GitHub agreed", Fate::Deleted),
            Deleted::AlreadyGone => ("GitHub says that it was gone", Fate::AlreadyGone),
        };
        self.write(PurgedState::Gone, said, |changes, thing| {
            let target = thing.target();
            changes.audit(Phase::Done, thing.action(), &target, said)?;
            changes.audit(Phase::Done, "confirm", &target, "GitHub no longer has it")
        })?;
        Ok(fate)
    }

    fn stays(&mut self, why: &str) -> Result<Fate, Halt> {
        self.hand.asked = None;
        self.hand.expects = false;
        self.fail(why)?;
        Ok(Fate::Failed(why.to_owned()))
    }

    fn fail(&mut self, why: &str) -> Result<(), StoreError> {
        self.write(PurgedState::Failed, why, |changes, thing| {
            changes.audit(Phase::Failed, thing.action(), &thing.target(), why)
        })
    }

    /// GitHub did not agree, or nobody knows.
    fn refused(&mut self, error: &GithubError) -> Result<Fate, Halt> {
        use GithubErrorKind as Kind;
        let why = error.to_string();
        match error.kind() {
            Kind::Conflict => self.stays(&why),
            Kind::Server | Kind::Network | Kind::BadAnswer => self.unclear(&why),
            _ => {
                self.fail(&why)?;
                Err(Halt::of(error, self.world.client()))
            }
        }
    }

    /// It may have been deleted all the same. It is not asked for again.
    fn unclear(&mut self, why: &str) -> Result<Fate, Halt> {
        self.hand.expects = false;
        match self.left()? {
            None => self.gone(Deleted::Now),
            Some(left) => self.stays(&format!("{why}; GitHub still serves {left}")),
        }
    }

    /// Writes how it stands, together with what `change` writes.
    fn write(
        &mut self,
        state: PurgedState,
        detail: &str,
        change: impl FnOnce(&Changes<'_>, Thing<'_>) -> Result<(), StoreError>,
    ) -> Result<(), StoreError> {
        let thing = self.thing;
        let purged = purged(self.world, thing, state, detail);
        save(self.world.now(), self.store, &purged, |changes| {
            change(changes, thing)
        })
    }
}

fn save(
    now: Timestamp,
    store: &mut Store,
    purged: &Purged,
    change: impl FnOnce(&Changes<'_>) -> Result<(), StoreError>,
) -> Result<(), StoreError> {
    store.change(now, |changes| {
        changes.save_purged(purged)?;
        change(changes)
    })
}

fn purged(world: &World<'_>, thing: Thing<'_>, state: PurgedState, detail: &str) -> Purged {
    Purged {
        server: world.client().server().to_owned(),
        repository: thing.repository.to_string(),
        kind: thing.kind,
        id: thing.id,
        attempts: thing.attempts,
        state,
        detail: detail.to_owned(),
    }
}

/// Writes down that a thing is gone that was deleted elsewhere.
pub(super) fn note_gone(
    world: &World<'_>,
    store: &mut Store,
    thing: Thing<'_>,
    detail: &str,
) -> Result<(), StoreError> {
    let gone = purged(world, thing, PurgedState::Gone, detail);
    save(world.now(), store, &gone, |_| Ok(()))
}
