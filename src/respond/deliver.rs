//! One message of the outbox on its way out.

use super::Voice;
use crate::incident::{Channel, Delivery, MOST_ATTEMPTS, Rendered, next_attempt};
use crate::store::{Message, MessageState, Phase, Store, StoreError};
use jiff::SignedDuration;
use std::time::Duration;

/// Times a message is sent to a channel that cannot tell a repetition, after
/// nobody knew whether it had come.
const MOST_AMBIGUOUS: u32 = 1;

/// A receiver may be away for so long, however often it is tried.
const A_DAY: SignedDuration = SignedDuration::from_hours(24);

/// Sends a message. Whether it is out, one way or the other: sent or given up.
pub(super) fn deliver(
    voice: &Voice<'_>,
    store: &mut Store,
    mut message: Message,
) -> Result<bool, StoreError> {
    let Some(channel) = voice.channel(&message.channel) else {
        message.detail = "the configuration has no channel of this name".into();
        return give_up(voice, store, message);
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
    let doubtful = message.ambiguous > 0 && !channel.idempotent();
    let body = store.view().body(message.id, doubtful)?;
    let Ok(rendered) = serde_json::from_str::<Rendered>(&body) else {
        message.detail = "what the state holds of it cannot be read".into();
        return give_up(voice, store, message);
    };
    begin(voice, store, &mut message)?;
    let request = channel.request(&rendered, &message.message_id, voice.clock.now());
    let delivery = voice.sender.send(request);
    settle(voice, store, channel, message, delivery)
}

/// A channel that can tell a repetition takes a message any number of times.
fn gives_up(channel: &dyn Channel, message: &Message) -> bool {
    !channel.idempotent() && message.ambiguous > MOST_AMBIGUOUS
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
            let later = later(voice, &message, after);
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

/// When to try again. Tries alone do not end it: who asks often must not shorten
/// the day that a receiver has to come back.
fn later(voice: &Voice<'_>, message: &Message, after: Option<Duration>) -> Option<Duration> {
    let age = voice.clock.now().duration_since(message.created_at);
    let tries = if age < A_DAY {
        message.attempts.min(MOST_ATTEMPTS - 1)
    } else {
        message.attempts
    };
    next_attempt(tries, after, message.id.unsigned_abs())
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
