//! What is known, and small ways to say it.

use super::Language;
use super::material::Material;
use super::words::Words;
use crate::report::escape::is_address;
use crate::report::markup::code;
use crate::respond::outcome::spell_with;
use crate::store::{Incident, IncidentState};
use jiff::Timestamp;

/// What is known, and how to say it.
pub(super) struct Draft<'a> {
    pub(super) material: &'a Material,
    pub(super) words: &'static Words,
}

impl<'a> Draft<'a> {
    pub(super) fn new(material: &'a Material, language: Language) -> Self {
        let words = Words::of(language);
        Self { material, words }
    }

    pub(super) fn incident(&self) -> &'a Incident {
        &self.material.incident
    }

    pub(super) fn spell(&self, seconds: i64) -> String {
        spell_with(self.words.day, seconds.max(0))
    }

    /// The time from one moment to another, or that it is not known.
    pub(super) fn between(&self, from: Option<Timestamp>, to: Option<Timestamp>) -> String {
        let seconds = from
            .zip(to)
            .map(|(from, to)| to.duration_since(from).as_secs());
        self.spelled(seconds)
    }

    pub(super) fn spelled(&self, seconds: Option<i64>) -> String {
        seconds.map_or_else(|| self.words.unknown.to_owned(), |it| self.spell(it))
    }

    pub(super) fn moment(&self, at: Option<Timestamp>) -> String {
        at.map_or_else(|| self.words.not_yet.to_owned(), clock)
    }

    pub(super) fn list(&self, facts: &[(&str, String)]) -> String {
        let line = |(label, value): &(&str, String)| {
            format!("- **{label}{}** {value}\n", self.words.colon)
        };
        facts.iter().map(line).collect()
    }

    pub(super) fn known(&self, text: Option<&str>) -> String {
        text.map_or_else(|| self.words.unknown.to_owned(), code)
    }

    /// The number of a run, as a link to its page where that is known.
    pub(super) fn run(&self, id: u64) -> String {
        let url = self.material.run(id).and_then(|run| run.url.as_deref());
        match url.filter(|url| is_address(url)) {
            Some(url) => format!("[{id}]({url})"),
            None => id.to_string(),
        }
    }

    /// What a message tells, by the last word of its identifier.
    pub(super) fn stage(&self, message_id: &str) -> String {
        let stage = message_id.rsplit('-').next().unwrap_or_default();
        let word = self.words.stage(stage);
        word.map_or_else(|| code(stage), str::to_owned)
    }

    pub(super) fn state_of(&self, incident: &Incident) -> String {
        let words = self.words;
        match (incident.state, incident.close_reason) {
            (IncidentState::Open, _) => words.open.to_owned(),
            (IncidentState::Contained, _) => words.contained.to_owned(),
            (IncidentState::Closed, None) => words.closed.to_owned(),
            (IncidentState::Closed, Some(reason)) => {
                format!("{} ({})", words.closed, words.close_reason(reason))
            }
        }
    }

    pub(super) fn table(&self, head: &[&str], rows: impl Iterator<Item = Vec<String>>) -> String {
        let line = |cells: &[String]| format!("| {} |\n", cells.join(" | "));
        let rows: String = rows.map(|cells| line(&cells)).collect();
        if rows.is_empty() {
            return self.words.nothing.to_owned();
        }
        let rule = " --- |".repeat(head.len());
        format!("| {} |\n|{rule}\n{rows}", head.join(" | "))
    }
}

/// `2026-11-27 09:00:01 UTC`.
pub(super) fn clock(at: Timestamp) -> String {
    at.strftime("%Y-%m-%d %H:%M:%S UTC").to_string()
}

/// What was written down at the time, as it was.
pub(super) fn record(detail: &str) -> String {
    match detail {
        "" => "–".to_owned(),
        detail => code(detail),
    }
}
