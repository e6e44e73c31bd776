//! What is known of an incident, redacted.

use crate::rule::{Confidence, Severity};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};

/// Where an incident stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Stage {
    /// The secret was seen for the first time.
    Opened,
    /// It was seen again.
    Updated,
    /// The logs that show it are gone, or what became of them is known.
    Contained,
    /// People have dealt with it.
    Closed,
}

impl Stage {
    /// The word for it in identifiers.
    pub fn word(self) -> &'static str {
        match self {
            Self::Opened => "opened",
            Self::Updated => "updated",
            Self::Contained => "contained",
            Self::Closed => "closed",
        }
    }
}

/// One place at which the secret stands.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Sighting {
    /// The run.
    pub run_id: u64,
    /// Which attempt of it, counted from 1.
    pub attempt: u64,
    /// Workflow, by name or file.
    pub workflow: Option<String>,
    /// Branch.
    pub branch: Option<String>,
    /// Page of the run.
    pub url: Option<String>,
    /// Job, where the log tells.
    pub job: Option<String>,
    /// Step, where the log tells.
    pub step: Option<String>,
    /// The log, archive entries joined by `!`.
    pub path: String,
    /// Line, counted from 1.
    pub line: u64,
    /// Time on the line (RFC 3339), where the log tells.
    pub logged_at: Option<String>,
}

/// What became of the logs of one run.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct RunContainment {
    /// The run.
    pub run_id: u64,
    /// In words: `logs deleted and confirmed gone`, `waits: the run is in progress`.
    pub state: String,
    /// When that became so.
    pub at: Option<Timestamp>,
}

/// One incident: a secret in a repository. Nothing in it gives the secret away.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Document {
    /// `ls-` and 16 hexadecimal digits, the same for the same server,
    /// repository and fingerprint.
    pub id: String,
    /// Where it stands.
    pub stage: Stage,
    /// One for each message, the same on every delivery of it; without `.`.
    pub message_id: String,
    /// Base of the API of the server.
    pub server: String,
    /// `OWNER/REPO`.
    pub repository: String,
    /// `public`, `internal` or `private`.
    pub visibility: Option<String>,
    /// Rule that matched.
    pub rule_id: String,
    /// Vendor of the credential, lower case.
    pub vendor: String,
    /// What kind of credential it is, for people.
    pub name: String,
    /// How bad a leak of this kind is.
    pub severity: Severity,
    /// How sure it is that this is one.
    pub confidence: Confidence,
    /// The kind and fixed prefix of the secret, never its random part.
    pub redacted: String,
    /// HMAC-SHA-256 of the secret, lower-case hexadecimal.
    pub fingerprint: String,
    /// Why the confidence is what it is.
    pub reasons: Vec<String>,
    /// How to revoke and rotate it.
    pub revoke: Option<String>,
    /// Documentation of the credential.
    pub references: Vec<String>,
    /// Earliest time on a line that shows it.
    pub leaked_at: Option<Timestamp>,
    /// When it was found.
    pub detected_at: Timestamp,
    /// When its last log was gone.
    pub contained_at: Option<Timestamp>,
    /// Seconds from the leak to its detection.
    pub time_to_detect_s: Option<i64>,
    /// Seconds from the detection to the last log being gone.
    pub time_to_contain_s: Option<i64>,
    /// Where it stands, the first few.
    pub sightings: Vec<Sighting>,
    /// How many places there are.
    pub sightings_total: u64,
    /// What became of the logs.
    pub containment: Vec<RunContainment>,
    /// Name and version of this program.
    pub tool: String,
    /// Version of the rules.
    pub rules_version: String,
    /// What is to be said of this message, in short phrases; see
    /// [`Document::repeated`] and [`Document::without_log_texts`].
    #[serde(default)]
    pub notes: Vec<String>,
}

impl Document {
    /// The same, marked as perhaps told already: for a channel that is not
    /// idempotent, when it is not known whether an earlier delivery arrived.
    #[must_use]
    pub fn repeated(mut self) -> Self {
        self.notes.push("may be a duplicate".into());
        self
    }

    /// The same with nothing that a log or a stranger wrote, and a note of it.
    #[must_use]
    pub fn without_log_texts(mut self) -> Self {
        for sighting in &mut self.sightings {
            *sighting = Sighting {
                run_id: sighting.run_id,
                attempt: sighting.attempt,
                line: sighting.line,
                ..Sighting::default()
            };
        }
        self.redacted = "***".into();
        self.reasons.clear();
        self.notes.push("texts of the log left out".into());
        self
    }
}
