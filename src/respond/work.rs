//! The loop over what is still to be done.

use super::outcome::Undelivered;
use super::{Voice, World, contain, deliver};
use crate::store::{Containment, Message, RunKey, Store, StoreError};
use jiff::Timestamp;
use std::collections::BTreeSet;

/// Which intentions to work on.
#[derive(Debug, Clone, Copy)]
pub enum Scope<'a> {
    /// Those about one run, as they fall due.
    Run(&'a RunKey),
    /// All, also those that wait for somebody to ask.
    All,
}

/// Does what is due, containment first, and waits for what falls due within
/// [`World::patience`]. The rest stays in the store. Other processes get their
/// turn while it waits.
pub fn work(world: &World<'_>, store: &mut Store, scope: Scope<'_>) -> Result<(), StoreError> {
    let end = world.now() + world.patience;
    pass(world, store, scope, matches!(scope, Scope::All))?;
    while let Some(due) = next(store, scope, world.now() <= end)?
        && due <= end.max(world.now())
    {
        wait(world, due);
        pass(world, store, scope, false)?;
    }
    Ok(())
}

/// One look at everything that is due; `asked`: at everything.
fn pass(
    world: &World<'_>,
    store: &mut Store,
    scope: Scope<'_>,
    asked: bool,
) -> Result<(), StoreError> {
    let _alone = store.lock_work()?;
    for containment in containments(store, scope)? {
        if asked || is_due(world, containment.due_at) {
            contain::contain(world, store, containment)?;
        }
    }
    let messages = messages(store, scope)?;
    deliver_all(&world.voice, store, messages, asked)
}

fn is_due(world: &World<'_>, due_at: Option<Timestamp>) -> bool {
    due_at.is_some_and(|due| due <= world.now())
}

fn wait(world: &World<'_>, due: Timestamp) {
    let left = due.duration_since(world.now());
    if let Ok(left) = left.try_into() {
        world.voice.clock.sleep(left);
    }
}

/// Messages about one incident keep their order on each channel. A channel that
/// did not take a message is left alone for the rest of the pass, so that one
/// that does not answer costs one timeout.
fn deliver_all(
    voice: &Voice<'_>,
    store: &mut Store,
    messages: Vec<Message>,
    asked: bool,
) -> Result<(), StoreError> {
    let mut waiting = BTreeSet::new();
    let mut down = BTreeSet::new();
    for message in messages {
        let line = line(&message);
        if down.contains(&line.0) || waiting.contains(&line) {
            continue;
        }
        let due = message.due_at.is_some_and(|due| due <= voice.clock.now());
        if !asked && !due {
            waiting.insert(line);
        } else if !deliver::deliver(voice, store, message)? {
            down.insert(line.0);
        }
    }
    Ok(())
}

/// Where a message stands in line: its channel and its incident.
fn line(message: &Message) -> (String, String) {
    (message.channel.clone(), message.incident.clone())
}

/// Sends what the outbox holds about one incident, once; what is left comes back.
pub(super) fn deliver_about(
    voice: &Voice<'_>,
    store: &mut Store,
    incident: &str,
) -> Result<Vec<Undelivered>, StoreError> {
    let _alone = store.lock_work()?;
    let mut messages = store.view().messages_of(incident)?;
    messages.retain(Message::is_open);
    deliver_all(voice, store, messages, true)?;
    let left = store.view().messages_of(incident)?;
    let left = left.iter().filter(|one| one.is_open());
    Ok(left.map(Undelivered::of).collect())
}

fn containments(store: &Store, scope: Scope<'_>) -> Result<Vec<Containment>, StoreError> {
    let mut open = store.view().open_containments()?;
    if let Scope::Run(run) = scope {
        open.retain(|containment| containment.run == *run);
    }
    Ok(open)
}

fn messages(store: &Store, scope: Scope<'_>) -> Result<Vec<Message>, StoreError> {
    let mut open = store.view().open_messages()?;
    if let Scope::Run(run) = scope {
        let incidents = store.view().incidents_of(run)?;
        let about = |message: &Message| incidents.iter().any(|one| one.id == message.incident);
        open.retain(about);
    }
    Ok(open)
}

/// When something falls due next. What stands behind a message that waits is
/// not due before it.
fn next(
    store: &Store,
    scope: Scope<'_>,
    with_messages: bool,
) -> Result<Option<Timestamp>, StoreError> {
    let containments = containments(store, scope)?;
    let mut messages = messages(store, scope)?;
    let mut lines = BTreeSet::new();
    messages.retain(|one| with_messages && lines.insert(line(one)));
    let due = containments.iter().map(|one| one.due_at);
    let due = due.chain(messages.iter().map(|one| one.due_at));
    Ok(due.flatten().min())
}
