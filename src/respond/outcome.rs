//! What came of a run: scanned, leaking, told, contained, each on its own.

use super::document::standing;
use super::show::incident_line;
use super::{Inspected, Reported};
use crate::origin::Problem;
use crate::report::escape::visible;
use crate::store::{
    Containment, ContainmentState, Incident, LogRecord, Message, MessageState, RunKey, Store,
    StoreError, View,
};
use serde::Serialize;

/// Whether those who are to know were told.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Telling {
    /// There was nothing to tell, or nobody to tell it.
    Nothing,
    /// Every channel has every message.
    Told,
    /// Some messages are still to be sent.
    Pending,
    /// leaksweep gave up on some.
    Failed,
}

/// Whether the leaked logs are gone.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Containing {
    /// There is nothing to delete.
    Nothing,
    /// A secret is in the logs, and deletion was not asked for.
    NotAsked,
    /// It is still to be done, or to be confirmed.
    Pending,
    /// GitHub confirmed that nothing is left.
    Contained,
    /// leaksweep gave up.
    Failed,
}

/// A message that is not out.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Undelivered {
    /// Channel it is for.
    pub channel: String,
    /// Its identifier.
    pub message_id: String,
    /// `pending`, `sending` or `dead`.
    pub state: MessageState,
    /// Why.
    pub detail: String,
}

/// What came of guarding a run.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct GuardOutcome {
    /// The run.
    #[serde(flatten)]
    pub run: RunKey,
    /// Its page.
    pub url: Option<String>,
    /// Whether every log was read.
    pub scan_ok: bool,
    /// Whether a secret was found that is acted on, now or before.
    pub leaks_found: bool,
    /// Findings of this scan, acted on or not.
    pub findings: usize,
    /// Whether those who are to know were told.
    pub telling: Telling,
    /// Whether the leaked logs are gone.
    pub containing: Containing,
    /// How deletion stands, for people.
    pub containment: Option<String>,
    /// Incidents whose secret was seen in the run.
    pub incidents: Vec<Incident>,
    /// Findings that were only reported, and why.
    pub reported: Vec<Reported>,
    /// Messages that are not out.
    pub undelivered: Vec<Undelivered>,
    /// What was read.
    pub logs: Vec<LogRecord>,
    /// What was not.
    pub problems: Vec<Problem>,
    /// Hash of the last line of the audit trail.
    pub audit_head: String,
}

/// What came of a run, as the store tells it now.
pub fn outcome(store: &Store, inspected: &Inspected) -> Result<GuardOutcome, StoreError> {
    let view = store.view();
    let run = inspected.fetched.key.clone();
    let incidents = view.live_incidents_of(&run)?;
    let messages = messages(&view, &run, &incidents)?;
    let containment = view.standing(&run)?;
    let problems = &inspected.scanned.outcome.problems;
    Ok(GuardOutcome {
        url: inspected.fetched.run.html_url.clone(),
        scan_ok: problems.is_empty(),
        leaks_found: !incidents.is_empty(),
        findings: inspected.scanned.outcome.findings.len(),
        telling: telling(&messages),
        containing: containing(&incidents, containment.as_ref()),
        containment: containment
            .as_ref()
            .map(standing)
            .or_else(|| inspected.decided.withheld.clone()),
        reported: inspected.decided.reported.clone(),
        undelivered: undelivered(&messages),
        logs: view.logs(&run)?,
        problems: problems.clone(),
        audit_head: view.audit_head()?.1,
        incidents,
        run,
    })
}

/// Messages that this run gave rise to.
fn messages(
    view: &View<'_>,
    run: &RunKey,
    incidents: &[Incident],
) -> Result<Vec<Message>, StoreError> {
    let mut messages = Vec::new();
    for incident in incidents {
        let about = format!("{}-r{}-", incident.id, run.run_id);
        let all = view.messages_of(&incident.id)?;
        messages.extend(
            all.into_iter()
                .filter(|one| one.message_id.starts_with(&about)),
        );
    }
    Ok(messages)
}

fn telling(messages: &[Message]) -> Telling {
    let of = |message: &Message| match message.state {
        MessageState::Sent => Telling::Told,
        MessageState::Pending | MessageState::Sending => Telling::Pending,
        MessageState::Dead => Telling::Failed,
    };
    messages.iter().map(of).max().unwrap_or(Telling::Nothing)
}

fn containing(incidents: &[Incident], last: Option<&Containment>) -> Containing {
    match last.map(|last| last.state) {
        Some(ContainmentState::Done) => Containing::Contained,
        Some(ContainmentState::Failed) => Containing::Failed,
        Some(ContainmentState::Waiting | ContainmentState::Asked) => Containing::Pending,
        // What was withdrawn says nothing of secrets that were found since.
        Some(ContainmentState::Withdrawn) | None if incidents.is_empty() => Containing::Nothing,
        Some(ContainmentState::Withdrawn) | None => Containing::NotAsked,
    }
}

fn undelivered(messages: &[Message]) -> Vec<Undelivered> {
    let left = messages
        .iter()
        .filter(|one| one.state != MessageState::Sent);
    left.map(Undelivered::of).collect()
}

impl Undelivered {
    pub(super) fn of(message: &Message) -> Self {
        Self {
            channel: message.channel.clone(),
            message_id: message.message_id.clone(),
            state: message.state,
            detail: message.detail.clone(),
        }
    }

    /// For people.
    pub fn line(&self) -> String {
        escape_lines(&format!(
            "  {} to {} is {}: {}",
            self.message_id, self.channel, self.state, self.detail
        ))
    }
}

impl GuardOutcome {
    /// Whether something is left that somebody has to look after.
    pub fn is_unfinished(&self) -> bool {
        !self.scan_ok
            || matches!(self.telling, Telling::Pending | Telling::Failed)
            || matches!(self.containing, Containing::Pending | Containing::Failed)
    }

    /// For people.
    pub fn text(&self) -> String {
        let mut lines = vec![format!("guard: {}", self.run), self.scan_line()];
        for incident in &self.incidents {
            lines.push(format!("  {}", incident_line(incident).trim_end()));
        }
        for one in &self.reported {
            let Reported {
                rule_id,
                redacted,
                reason,
            } = one;
            lines.push(format!("  only reported: {rule_id} ({redacted}): {reason}"));
        }
        lines.push(format!("  logs: {}", self.containing_words()));
        lines.push(format!("  told: {}", self.telling_words()));
        // Names and details come from logs and servers.
        let escaped = lines.iter().map(|line| escape_lines(line));
        escaped
            .chain(self.undelivered.iter().map(Undelivered::line))
            .collect()
    }

    fn scan_line(&self) -> String {
        let read = if self.scan_ok {
            "every log was read".to_owned()
        } else {
            format!("NOT all of it was read ({} problems)", self.problems.len())
        };
        let found = match self.findings {
            0 => "no finding".to_owned(),
            1 => "1 finding".to_owned(),
            n => format!("{n} findings"),
        };
        format!("  scan: {read}, {found}")
    }

    fn containing_words(&self) -> String {
        let detail = self.containment.clone().unwrap_or_default();
        match self.containing {
            Containing::Nothing => "nothing to delete".to_owned(),
            Containing::NotAsked if detail.is_empty() => {
                "still there: deletion was not asked for (--delete-logs)".to_owned()
            }
            Containing::NotAsked => format!("still there: {detail}"),
            Containing::Pending | Containing::Contained | Containing::Failed => detail,
        }
    }

    fn telling_words(&self) -> &'static str {
        match self.telling {
            Telling::Nothing => "nobody: there is no channel, or nothing new",
            Telling::Told => "every channel",
            Telling::Pending => "not everybody yet: `leaksweep resume` sends what is left",
            Telling::Failed => "NOT everybody",
        }
    }

    /// Lines for `GITHUB_OUTPUT`: `name=value`. Values are words, numbers and
    /// our own identifiers, so that none can begin another line.
    pub fn step_outputs(&self) -> String {
        let told = self.telling == Telling::Told;
        let incidents: Vec<&str> = self.incidents.iter().map(|one| &*one.id).collect();
        [
            ("scan-ok", self.scan_ok.to_string()),
            ("leaks-found", self.leaks_found.to_string()),
            ("findings", self.findings.to_string()),
            ("incident", incidents.join(",")),
            ("told", told.to_string()),
            (
                "contained",
                (self.containing == Containing::Contained).to_string(),
            ),
        ]
        .map(|(name, value)| format!("{name}={value}\n"))
        .concat()
    }
}

/// `2 d 3 h`, `4 min 5 s`: the two largest units.
pub(crate) fn spell(seconds: i64) -> String {
    spell_with("d", seconds)
}

/// The same with another word for a day.
pub(super) fn spell_with(day: &str, seconds: i64) -> String {
    let units = [(86_400, day), (3600, "h"), (60, "min"), (1, "s")];
    let mut left = seconds;
    let mut words = Vec::new();
    for (size, unit) in units {
        if left >= size {
            words.push(format!("{} {unit}", left / size));
            left %= size;
        }
    }
    words.truncate(2);
    if words.is_empty() {
        words.push("0 s".to_owned());
    }
    words.join(" ")
}

/// Control characters as escapes, but for ends of lines; those that follow are
/// set in.
pub(crate) fn escape_lines(text: &str) -> String {
    let lines: Vec<_> = text.lines().map(visible).collect();
    lines.join("\n    ") + "\n"
}
