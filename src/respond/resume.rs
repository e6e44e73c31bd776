//! What a crash, a kill or an outage left.

use super::World;
use super::document::standing;
use super::outcome::{Undelivered, escape_lines};
use super::work::{Scope, work};
use crate::store::{
    Containment, ContainmentState, Message, MessageState, RunKey, Store, StoreError,
};

/// What is still to be done, or was given up in this go.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Remaining {
    /// Deletions.
    pub containments: Vec<Containment>,
    /// Messages.
    pub messages: Vec<Undelivered>,
    /// How many intentions there were.
    pub taken_up: usize,
    /// Messages that were given up, now or before.
    pub dead: u64,
}

impl Remaining {
    /// Whether all is done.
    pub fn is_empty(&self) -> bool {
        self.containments.is_empty() && self.messages.is_empty()
    }

    /// For people.
    pub fn text(&self) -> String {
        let left = self.containments.len() + self.messages.len();
        let mut text = format!("resume: {} taken up, {left} left\n", self.taken_up);
        for one in &self.containments {
            text += &escape_lines(&format!("  {}: {}", one.run, standing(one)));
        }
        text.extend(self.messages.iter().map(Undelivered::line));
        if self.dead > 0 {
            text += &format_dead(self.dead);
        }
        text
    }
}

fn format_dead(dead: u64) -> String {
    format!("  {dead} messages were given up; `leaksweep resume --dead` tries them again\n")
}

/// Runs whose logs are to be deleted and were not all read: they have to be
/// inspected and recorded again before [`finish`].
pub fn unread(world: &World<'_>, store: &Store) -> Result<Vec<RunKey>, StoreError> {
    let mut runs = Vec::new();
    for containment in store.view().open_containments()? {
        let run = containment.run;
        let known = store.view().run(&run)?;
        let read = known.is_some_and(|known| known.complete);
        if !read && run.server == world.client.server() {
            runs.push(run);
        }
    }
    Ok(runs)
}

/// Works on everything in the store and tells what is left.
pub fn finish(world: &World<'_>, store: &mut Store) -> Result<Remaining, StoreError> {
    let containments = store.view().open_containments()?;
    let messages = store.view().open_messages()?;
    work(world, store, Scope::All)?;
    left(store, &containments, &messages)
}

fn left(
    store: &Store,
    containments: &[Containment],
    messages: &[Message],
) -> Result<Remaining, StoreError> {
    let view = store.view();
    let mut remaining = Remaining {
        containments: Vec::new(),
        messages: Vec::new(),
        taken_up: containments.len() + messages.len(),
        dead: view.count_dead()?,
    };
    for before in containments {
        let now = view.containment(before.id)?;
        if now.is_open() || now.state == ContainmentState::Failed {
            remaining.containments.push(now);
        }
    }
    for before in messages {
        let now = view.message(before.id)?;
        if now.state != MessageState::Sent {
            remaining.messages.push(Undelivered::of(&now));
        }
    }
    // What containment itself had to tell.
    let new = view.open_messages()?;
    let new = new
        .iter()
        .filter(|one| messages.iter().all(|old| old.id != one.id));
    remaining.messages.extend(new.map(Undelivered::of));
    Ok(remaining)
}
