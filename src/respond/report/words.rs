//! What a report says, in each language. A text that one language lacks does
//! not compile.

mod english;
mod french;

use super::Language;
use crate::rule::{Confidence, Severity};
use crate::store::{CloseReason, ContainmentState, MessageState, PersonActionKind, Phase};

/// The texts of one language.
#[derive(Debug)]
pub(super) struct Words {
    /// Behind a label.
    pub(super) colon: &'static str,
    /// Short for a day.
    pub(super) day: &'static str,
    pub(super) unknown: &'static str,
    pub(super) not_yet: &'static str,
    pub(super) nothing: &'static str,
    pub(super) done: &'static str,
    pub(super) to_do: &'static str,

    pub(super) title: &'static str,
    pub(super) in_the_logs_of: &'static str,
    pub(super) incident: &'static str,
    pub(super) state: &'static str,
    pub(super) credential: &'static str,
    pub(super) vendor: &'static str,
    pub(super) severity: &'static str,
    pub(super) confidence: &'static str,
    pub(super) repository: &'static str,
    pub(super) fingerprint: &'static str,

    pub(super) open: &'static str,
    pub(super) contained: &'static str,
    pub(super) closed: &'static str,
    /// Worst first.
    severities: [&'static str; 4],
    /// Surest first.
    confidences: [&'static str; 4],
    /// Public, internal, private.
    visibilities: [&'static str; 3],
    /// Rotated, false alarm, accepted.
    close_reasons: [&'static str; 3],

    pub(super) exposure: &'static str,
    pub(super) at_least: &'static str,
    pub(super) since: &'static str,
    pub(super) since_at_the_latest: &'static str,
    pub(super) still_there: &'static str,
    pub(super) lower_bound: &'static str,
    pub(super) earlier_not_searched: &'static str,
    pub(super) lines_without_time: &'static str,
    pub(super) logs_not_read: &'static str,

    pub(super) leaked_at: &'static str,
    pub(super) detected_at: &'static str,
    pub(super) detected_again_at: &'static str,
    pub(super) told_at: &'static str,
    pub(super) acknowledged_at: &'static str,
    pub(super) contained_at: &'static str,
    pub(super) rotated_at: &'static str,
    pub(super) closed_at: &'static str,
    pub(super) time_to_detect: &'static str,
    pub(super) time_to_contain: &'static str,
    pub(super) time_to_rotate: &'static str,

    pub(super) repositories: &'static str,
    pub(super) workflows: &'static str,
    pub(super) runs: &'static str,
    pub(super) attempts: &'static str,
    pub(super) jobs: &'static str,
    pub(super) steps: &'static str,
    pub(super) lines: &'static str,
    pub(super) secrets: &'static str,

    pub(super) run: &'static str,
    pub(super) attempt: &'static str,
    pub(super) workflow: &'static str,
    pub(super) job: &'static str,
    pub(super) step: &'static str,
    pub(super) annotation: &'static str,
    pub(super) first: &'static str,
    pub(super) last: &'static str,

    pub(super) logs: &'static str,
    pub(super) confirmed_at: &'static str,
    pub(super) record: &'static str,
    pub(super) annotations_stay: &'static str,
    /// Not asked for, waiting, asked, done, failed.
    containments: [&'static str; 6],

    pub(super) channel: &'static str,
    pub(super) message: &'static str,
    pub(super) at: &'static str,
    /// Pending, sending, sent, dead.
    messages: [&'static str; 4],
    /// Opened, updated, contained, closed.
    stages: [&'static str; 4],

    pub(super) priority: &'static str,
    pub(super) action: &'static str,
    /// Rotate, silence the command, delete the logs, search, shorten retention.
    pub(super) recommended: [&'static str; 5],
    pub(super) rotation_steps: &'static str,
    pub(super) no_rotation_steps: &'static str,

    pub(super) rule: &'static str,
    pub(super) value: &'static str,
    pub(super) excerpt: &'static str,
    pub(super) no_excerpt: &'static str,
    pub(super) logs_read: &'static str,
    pub(super) log: &'static str,
    pub(super) bytes: &'static str,
    pub(super) fetched_at: &'static str,
    pub(super) tool: &'static str,
    pub(super) rules: &'static str,

    pub(super) relation: &'static str,
    pub(super) in_the_same_runs: &'static str,
    pub(super) the_same_secret: &'static str,

    pub(super) event: &'static str,
    pub(super) leaked: &'static str,
    /// Acknowledged, rotated, note.
    person_actions: [&'static str; 3],
    /// In the order of [`EVENTS`].
    events: [&'static str; EVENTS.len()],
}

/// What the audit trail tells of, by action and phase.
const EVENTS: [(&str, Phase); 17] = [
    ("incident-opened", Phase::Note),
    ("incident-updated", Phase::Note),
    ("incident-contained", Phase::Note),
    ("incident-closed", Phase::Note),
    ("delete-logs", Phase::Intent),
    ("delete-logs", Phase::Done),
    ("delete-logs", Phase::Failed),
    ("delete-run", Phase::Intent),
    ("delete-run", Phase::Done),
    ("delete-run", Phase::Failed),
    ("confirm", Phase::Done),
    ("confirm", Phase::Failed),
    ("confirm", Phase::Note),
    ("send", Phase::Intent),
    ("send", Phase::Done),
    ("send", Phase::Failed),
    ("incident-rotated", Phase::Note),
];

impl Words {
    pub(super) fn of(language: Language) -> &'static Self {
        match language {
            Language::English => &english::WORDS,
            Language::French => &french::WORDS,
        }
    }

    /// What a line of the trail tells, if it is known here.
    pub(super) fn event(&self, action: &str, phase: Phase) -> Option<&'static str> {
        let at = EVENTS.iter().position(|event| *event == (action, phase))?;
        Some(self.events[at])
    }

    pub(super) fn severity(&self, severity: Severity) -> &'static str {
        let [critical, high, medium, low] = self.severities;
        match severity {
            Severity::Critical => critical,
            Severity::High => high,
            Severity::Medium => medium,
            Severity::Low => low,
        }
    }

    pub(super) fn confidence(&self, confidence: Confidence) -> &'static str {
        let [certain, high, medium, low] = self.confidences;
        match confidence {
            Confidence::Certain => certain,
            Confidence::High => high,
            Confidence::Medium => medium,
            Confidence::Low => low,
        }
    }

    pub(super) fn visibility(&self, word: &str) -> &'static str {
        let [public, internal, private] = self.visibilities;
        match word {
            "public" => public,
            "internal" => internal,
            "private" => private,
            _ => self.unknown,
        }
    }

    pub(super) fn close_reason(&self, reason: CloseReason) -> &'static str {
        let [rotated, false_alarm, accepted] = self.close_reasons;
        match reason {
            CloseReason::Rotated => rotated,
            CloseReason::FalseAlarm => false_alarm,
            CloseReason::Accepted => accepted,
        }
    }

    pub(super) fn containment(&self, state: Option<ContainmentState>) -> &'static str {
        let [not_asked_for, waiting, asked, done, failed, withdrawn] = self.containments;
        match state {
            None => not_asked_for,
            Some(ContainmentState::Waiting) => waiting,
            Some(ContainmentState::Asked) => asked,
            Some(ContainmentState::Done) => done,
            Some(ContainmentState::Failed) => failed,
            Some(ContainmentState::Withdrawn) => withdrawn,
        }
    }

    pub(super) fn message(&self, state: MessageState) -> &'static str {
        let [pending, sending, sent, dead] = self.messages;
        match state {
            MessageState::Pending => pending,
            MessageState::Sending => sending,
            MessageState::Sent => sent,
            MessageState::Dead => dead,
        }
    }

    pub(super) fn stage(&self, word: &str) -> Option<&'static str> {
        let [opened, updated, contained, closed] = self.stages;
        match word {
            "opened" => Some(opened),
            "updated" => Some(updated),
            "contained" => Some(contained),
            "closed" => Some(closed),
            _ => None,
        }
    }

    pub(super) fn person_action(&self, kind: PersonActionKind) -> &'static str {
        let [acknowledged, rotated, note] = self.person_actions;
        match kind {
            PersonActionKind::Acknowledged => acknowledged,
            PersonActionKind::Rotated => rotated,
            PersonActionKind::Note => note,
        }
    }
}
