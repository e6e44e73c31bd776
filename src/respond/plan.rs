//! What `guard` would do, call by call, without doing it.

use super::fetch::Order;
use super::{Inspected, World, record};
use crate::store::{Action, Containment, Message, Store, StoreError};

/// The calls that would follow, in order. The code that makes intentions makes
/// these too, in a copy of the store in memory.
pub fn plan(
    world: &World<'_>,
    store: Option<&Store>,
    order: &Order,
    inspected: &Inspected,
) -> Result<Vec<String>, StoreError> {
    let mut copy = Store::scratch(store)?;
    let known = copy.view().open_messages()?.len();
    record::record(world, &mut copy, order, inspected)?;
    let key = &inspected.fetched.key;
    let mut lines = Vec::new();
    let read = copy.view().run(key)?.is_some_and(|run| run.complete);
    for containment in copy.view().open_containments()? {
        if containment.run == *key {
            lines.extend(deletion(world, &containment, inspected, read));
        }
    }
    let messages = copy.view().open_messages()?;
    lines.extend(messages.iter().skip(known).map(|one| telling(world, one)));
    Ok(lines)
}

fn deletion(
    world: &World<'_>,
    containment: &Containment,
    inspected: &Inspected,
    read: bool,
) -> Vec<String> {
    let run = &containment.run;
    let base = format!(
        "{}/repos/{}/actions/runs/{}",
        run.server, run.repository, run.run_id
    );
    if let Some(reason) = &inspected.decided.held {
        return vec![format!(
            "nothing is deleted: held by configuration: {reason}"
        )];
    }
    if !inspected.fetched.run.is_completed() {
        return vec!["nothing is deleted while the run is in progress".to_owned()];
    }
    if !read {
        return vec!["nothing is deleted before every log of the run was read".to_owned()];
    }
    let mut lines = vec![match containment.action {
        Action::DeleteLogs => format!("DELETE {base}/logs"),
        Action::DeleteRun => format!("DELETE {base}"),
    }];
    for attempt in inspected.fetched.run.attempts() {
        lines.push(format!(
            "GET {base}/attempts/{attempt}/logs, which has to be gone"
        ));
    }
    if world.policy.delete_run {
        lines.push(format!("DELETE {base}, if logs or annotations stay"));
    }
    lines
}

fn telling(world: &World<'_>, message: &Message) -> String {
    let channel = world.voice.channel(&message.channel);
    let host = channel.map_or("", |channel| channel.endpoint().host());
    format!(
        "POST {} to {} ({host})",
        message.message_id, message.channel
    )
}
