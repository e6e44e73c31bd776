//! Messages to channels: rendered and kept before they are sent.

use super::word::words;
use super::{Changes, StoreError, View, millis, time};
use jiff::Timestamp;
use rusqlite::{Row, params};
use serde::Serialize;

words! {
    /// How far a message got.
    MessageState {
        /// It is to be sent.
        Pending = "pending",
        /// It is being sent. Found after a crash: nobody knows whether it came.
        Sending = "sending",
        /// The receiver has it.
        Sent = "sent",
        /// leaksweep gave up: people have to look.
        Dead = "dead",
    }
}

/// One message for one channel.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Message {
    /// Number in the store; messages go out in its order.
    pub id: i64,
    /// The same on every try, so that a receiver can tell a repetition.
    pub message_id: String,
    /// Name of the channel in the configuration.
    pub channel: String,
    /// Incident it tells of.
    pub incident: String,
    /// How far it got.
    pub state: MessageState,
    /// Times it was sent.
    pub attempts: u32,
    /// Times after which nobody knew whether it came.
    pub ambiguous: u32,
    /// When to send it; `None` if only when somebody asks.
    pub due_at: Option<Timestamp>,
    /// How it stands, for people.
    pub detail: String,
    /// When it was written.
    pub created_at: Timestamp,
    /// When it was sent or given up.
    pub done_at: Option<Timestamp>,
}

impl Message {
    /// Whether there is still something to do.
    pub fn is_open(&self) -> bool {
        matches!(self.state, MessageState::Pending | MessageState::Sending)
    }
}

impl Changes<'_> {
    /// Puts a message into the outbox, due at once: as the channel rendered it,
    /// without its address and keys, and the same marked as one that may be a
    /// duplicate.
    pub fn enqueue(
        &self,
        (message_id, channel, incident): (&str, &str, &str),
        body: &str,
        doubtful: &str,
    ) -> Result<(), StoreError> {
        self.view.0.execute(
            "INSERT INTO outbox (message_id, channel, incident, body, doubtful, state, due_at,
                created_at) VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
            params![
                message_id,
                channel,
                incident,
                body,
                doubtful,
                MessageState::Pending,
                millis(self.now),
                millis(self.now)
            ],
        )?;
        Ok(())
    }

    /// Writes what can change of a message.
    pub fn save_message(&self, message: &Message) -> Result<(), StoreError> {
        self.view.0.execute(
            "UPDATE outbox SET state = ?, attempts = ?, ambiguous = ?, due_at = ?, detail = ?,
                done_at = ? WHERE id = ?",
            params![
                message.state,
                message.attempts,
                message.ambiguous,
                message.due_at.map(millis),
                message.detail,
                message.done_at.map(millis),
                message.id
            ],
        )?;
        Ok(())
    }
}

impl Changes<'_> {
    /// Takes every message up again that was given up, and tells how many.
    pub fn revive(&self) -> Result<usize, StoreError> {
        Ok(self.view.0.execute(
            "UPDATE outbox SET state = ?, attempts = 0, ambiguous = 0, due_at = ?, done_at = NULL,
                created_at = ? WHERE state = ?",
            params![
                MessageState::Pending,
                millis(self.now),
                millis(self.now),
                MessageState::Dead
            ],
        )?)
    }
}

impl View<'_> {
    /// How many messages were given up.
    pub fn count_dead(&self) -> Result<u64, StoreError> {
        let sql = "SELECT count(*) FROM outbox WHERE state = ?";
        Ok(self
            .0
            .query_row(sql, [MessageState::Dead], |row| row.get(0))?)
    }

    /// The message `id`.
    pub fn message(&self, id: i64) -> Result<Message, StoreError> {
        let sql =
            "SELECT id, message_id, channel, incident, state, attempts, ambiguous, due_at, detail,
                   created_at, done_at FROM outbox WHERE id = ?";
        Ok(self.0.query_row(sql, [id], message_of)?)
    }

    /// What the message `id` says; `doubtful`: marked as a possible duplicate.
    pub fn body(&self, id: i64, doubtful: bool) -> Result<String, StoreError> {
        let sql = "SELECT iif(?, doubtful, body) FROM outbox WHERE id = ?";
        Ok(self
            .0
            .query_row(sql, params![doubtful, id], |row| row.get(0))?)
    }

    /// Messages that are not yet out, in order.
    pub fn open_messages(&self) -> Result<Vec<Message>, StoreError> {
        let sql = "SELECT id, message_id, channel, incident, state, attempts, ambiguous, due_at, detail,
                   created_at, done_at FROM outbox WHERE state IN ('pending', 'sending') ORDER BY id";
        let mut statement = self.0.prepare(sql)?;
        let rows = statement.query_map([], message_of)?;
        Ok(rows.collect::<Result<_, _>>()?)
    }

    /// All messages about an incident, in order.
    pub fn messages_of(&self, incident: &str) -> Result<Vec<Message>, StoreError> {
        let sql =
            "SELECT id, message_id, channel, incident, state, attempts, ambiguous, due_at, detail,
                   created_at, done_at FROM outbox WHERE incident = ? ORDER BY id";
        let mut statement = self.0.prepare(sql)?;
        let rows = statement.query_map([incident], message_of)?;
        Ok(rows.collect::<Result<_, _>>()?)
    }
}

fn message_of(row: &Row<'_>) -> rusqlite::Result<Message> {
    Ok(Message {
        id: row.get("id")?,
        message_id: row.get("message_id")?,
        channel: row.get("channel")?,
        incident: row.get("incident")?,
        state: row.get("state")?,
        attempts: row.get("attempts")?,
        ambiguous: row.get("ambiguous")?,
        due_at: row.get::<_, Option<i64>>("due_at")?.map(time),
        detail: row.get("detail")?,
        created_at: time(row.get("created_at")?),
        done_at: row.get::<_, Option<i64>>("done_at")?.map(time),
    })
}
