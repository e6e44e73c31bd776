//! One message of the outbox on its way out.

use super::Voice;
use crate::incident::{Channel, Delivery, Rendered, next_attempt};
use crate::store::{Message, MessageState, Phase, Store, StoreError};

/// Times a message is sent to a channel that cannot tell a repetition, after
/// nobody knew whether it had come.
const MOST_AMBIGUOUS: u32 = 1;

/// Sends a message. Whether it is out, one way or the other: sent or given up.
pub(super) fn deliver(
    voice: &Voice<'_>,
    store: &mut Store,
    mut message: Message,
) -> Result<bool, StoreError> {
    let Some(channel) = voice.channel(&message.channel) else {
        message.due_at = None;
        message.detail = "the configuration has no channel of this name".into();
        return save(voice, store, &message, None);
    };
    if let Some(missing) = channel.endpoint().missing() {
        message.due_at = None;
        message.detail = missing.to_string();
        return save(voice, store, &message, None);
    }
    if message.state == MessageState::Sending {
        // The process ended while it was being sent.
        message.detail = "it may have been sent just before an interruption".into();
        message.ambiguous += 1;
    }
    if gives_up(channel, &message) {
        return give_up(voice, store, message);
    }
    begin(voice, store, &mut message)?;
    let rendered: Rendered = serde_json::from_slice(body(channel, &message))?;
    let request = channel.request(&rendered, &message.message_id, voice.clock.now());
    let delivery = voice.sender.send(request);
    settle(voice, store, channel, message, delivery)
}

/// A channel that can tell a repetition takes a message any number of times.
fn gives_up(channel: &dyn Channel, message: &Message) -> bool {
    !channel.idempotent() && message.ambiguous > MOST_AMBIGUOUS
}

fn body<'m>(channel: &dyn Channel, message: &'m Message) -> &'m [u8] {
    if message.ambiguous > 0 && !channel.idempotent() {
        &message.doubtful
    } else {
        &message.body
    }
}

/// Writes down that it is being sent, before it is.
fn begin(voice: &Voice<'_>, store: &mut Store, message: &mut Message) -> Result<(), StoreError> {
    message.state = MessageState::Sending;
    message.attempts += 1;
    let detail = format!("try {}", message.attempts);
    save(voice, store, message, Some((Phase::Intent, &detail))).map(drop)
}

fn settle(
    voice: &Voice<'_>,
    store: &mut Store,
    channel: &dyn Channel,
    mut message: Message,
    delivery: Delivery,
) -> Result<bool, StoreError> {
    match delivery {
        Delivery::Delivered => {
            message.state = MessageState::Sent;
            message.due_at = None;
            message.done_at = Some(voice.clock.now());
            message.detail = String::new();
            save(voice, store, &message, Some((Phase::Done, "")))
        }
        Delivery::Refused { reason } => {
            message.detail = reason;
            give_up(voice, store, message)
        }
        Delivery::Retry {
            after,
            ambiguous,
            reason,
        } => {
            message.ambiguous += u32::from(ambiguous);
            message.detail = reason;
            let later = next_attempt(message.attempts, after, message.id.unsigned_abs());
            match later.filter(|_| !gives_up(channel, &message)) {
                None => give_up(voice, store, message),
                Some(later) => {
                    message.state = MessageState::Pending;
                    message.due_at = Some(voice.clock.now() + later);
                    let detail = message.detail.clone();
                    save(voice, store, &message, Some((Phase::Failed, &detail)))
                }
            }
        }
    }
}

fn give_up(voice: &Voice<'_>, store: &mut Store, mut message: Message) -> Result<bool, StoreError> {
    message.state = MessageState::Dead;
    message.due_at = None;
    message.done_at = Some(voice.clock.now());
    let detail = format!("given up: {}", message.detail);
    save(voice, store, &message, Some((Phase::Failed, &detail)))
}

/// Writes the message as it stands, and a line of the trail.
fn save(
    voice: &Voice<'_>,
    store: &mut Store,
    message: &Message,
    trail: Option<(Phase, &str)>,
) -> Result<bool, StoreError> {
    store.change(voice.clock.now(), |changes| {
        changes.save_message(message)?;
        if let Some((phase, detail)) = trail {
            let target = format!("{} to {}", message.message_id, message.channel);
            changes.audit(phase, "send", &target, detail)?;
        }
        Ok(())
    })?;
    Ok(!message.is_open())
}
