//! Texts that steer nobody: visible, of bounded length, in bounded number.

use super::{Document, RunContainment, Sighting};
use crate::report::escape::{clip, is_address, visible};

/// Lists are cut to these lengths, one after the other, until a body fits.
const MOST: [usize; 5] = [20, 10, 5, 2, 0];

/// The fullest body that fits its target. Texts are so short that the last one
/// does always.
pub(super) fn fitting<T>(make: impl Fn(usize) -> T, fits: impl Fn(&T) -> bool) -> T {
    let [longer @ .., shortest] = MOST;
    let mut bodies = longer.into_iter().map(&make);
    bodies.find(fits).unwrap_or_else(|| make(shortest))
}

/// Units of UTF-16, which no target counts fewer of than it has characters.
pub(super) fn units(text: &str) -> usize {
    text.encode_utf16().count()
}

/// `text` with what steers a terminal or hides made visible, at most `limit`
/// characters.
pub(super) fn text(text: &str, limit: usize) -> String {
    // What is far behind the limit need not be made visible first.
    clip(&visible(&clip(text, limit)), limit).into_owned()
}

/// `text` without what chat programs act on, but for addresses: mentions, tags,
/// code. Look-alikes keep it readable.
pub(super) fn tame(text: &str) -> String {
    let swap = |c: char| match c {
        '@' => '＠',
        '<' => '‹',
        '>' => '›',
        '`' => 'ˋ',
        other => other,
    };
    text.chars().map(swap).collect()
}

/// The same without addresses: for what strangers wrote.
pub(super) fn inert(text: &str) -> String {
    tame(text).replace("://", "[:]//")
}

fn optional(value: Option<&String>, limit: usize) -> Option<String> {
    value.map(|value| text(value, limit))
}

/// An address is kept whole or not at all.
fn address(value: &str) -> Option<String> {
    (value.len() <= 300 && is_address(value)).then(|| value.to_owned())
}

fn sighting(of: &Sighting) -> Sighting {
    Sighting {
        run_id: of.run_id,
        attempt: of.attempt,
        workflow: optional(of.workflow.as_ref(), 100),
        branch: optional(of.branch.as_ref(), 100),
        url: of.url.as_deref().and_then(address),
        job: optional(of.job.as_ref(), 100),
        step: optional(of.step.as_ref(), 100),
        path: text(&of.path, 160),
        line: of.line,
        logged_at: optional(of.logged_at.as_ref(), 40),
    }
}

fn containment(of: &RunContainment) -> RunContainment {
    RunContainment {
        state: text(&of.state, 160),
        ..of.clone()
    }
}

fn texts(of: &[String], most: usize, limit: usize) -> Vec<String> {
    of.iter()
        .take(most)
        .map(|value| text(value, limit))
        .collect()
}

impl Document {
    /// The same with every text clean, and no list longer than `most`.
    pub(super) fn clean(&self, most: usize) -> Self {
        Self {
            id: text(&self.id, 60),
            stage: self.stage,
            message_id: text(&self.message_id, 100),
            server: text(&self.server, 100),
            repository: text(&self.repository, 140),
            visibility: optional(self.visibility.as_ref(), 20),
            rule_id: text(&self.rule_id, 80),
            vendor: text(&self.vendor, 60),
            name: text(&self.name, 100),
            severity: self.severity,
            confidence: self.confidence,
            redacted: text(&self.redacted, 80),
            fingerprint: text(&self.fingerprint, 64),
            reasons: texts(&self.reasons, most.min(5), 120),
            revoke: optional(self.revoke.as_ref(), 500),
            references: self
                .references
                .iter()
                .filter_map(|it| address(it))
                .take(most.min(3))
                .collect(),
            leaked_at: self.leaked_at,
            detected_at: self.detected_at,
            contained_at: self.contained_at,
            time_to_detect_s: self.time_to_detect_s,
            time_to_contain_s: self.time_to_contain_s,
            sightings: self.sightings.iter().take(most).map(sighting).collect(),
            sightings_total: self.sightings_total,
            containment: self
                .containment
                .iter()
                .take(most)
                .map(containment)
                .collect(),
            tool: text(&self.tool, 60),
            rules_version: text(&self.rules_version, 60),
            notes: texts(&self.notes, 4, 60),
        }
    }
}
