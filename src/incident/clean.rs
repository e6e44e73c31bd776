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

/// At most `limit` units of `text`, the cut marked by `…`.
pub(super) fn within(text: &str, limit: usize) -> String {
    if units(text) <= limit {
        return text.to_owned();
    }
    let mut left = limit.saturating_sub(1);
    let fits = |c: &char| {
        left.checked_sub(c.len_utf16())
            .inspect(|rest| left = *rest)
            .is_some()
    };
    text.chars().take_while(fits).chain(['…']).collect()
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

/// An address is kept whole or not at all.
fn address(value: &str) -> Option<String> {
    (value.len() <= 300 && is_address(value)).then(|| value.to_owned())
}

/// What is done to a text, which is then at most as long as said.
type Wash<'a> = &'a dyn Fn(&str, usize) -> String;

fn optional(value: Option<&String>, limit: usize, wash: Wash<'_>) -> Option<String> {
    value.map(|value| wash(value, limit))
}

fn sighting(of: &Sighting, wash: Wash<'_>) -> Sighting {
    Sighting {
        run_id: of.run_id,
        attempt: of.attempt,
        workflow: optional(of.workflow.as_ref(), 100, wash),
        branch: optional(of.branch.as_ref(), 100, wash),
        url: of.url.as_deref().and_then(address),
        job: optional(of.job.as_ref(), 100, wash),
        step: optional(of.step.as_ref(), 100, wash),
        path: wash(&of.path, 160),
        line: of.line,
        logged_at: optional(of.logged_at.as_ref(), 40, wash),
    }
}

fn containment(of: &RunContainment, wash: Wash<'_>) -> RunContainment {
    RunContainment {
        state: wash(&of.state, 160),
        ..of.clone()
    }
}

impl Document {
    /// The same with every text clean, and no list longer than `most`.
    pub(super) fn clean(&self, most: usize) -> Self {
        self.washed(most, &text)
    }

    /// The same with every text clean and inert, but for addresses that are ours
    /// or a rule's.
    pub(super) fn inert(&self, most: usize) -> Self {
        self.washed(most, &|value, limit| inert(&text(value, limit)))
    }

    fn washed(&self, most: usize, wash: Wash<'_>) -> Self {
        let list = |of: &[String], most: usize, limit: usize| {
            let texts = of.iter().take(most).map(|value| wash(value, limit));
            texts.collect::<Vec<_>>()
        };
        let references = self.references.iter().filter_map(|it| address(it));
        let sightings = self.sightings.iter().take(most);
        let containments = self.containment.iter().take(most);
        Self {
            id: wash(&self.id, 60),
            stage: self.stage,
            message_id: wash(&self.message_id, 100),
            server: address(&self.server).unwrap_or_else(|| wash(&self.server, 100)),
            repository: wash(&self.repository, 140),
            visibility: optional(self.visibility.as_ref(), 20, wash),
            rule_id: wash(&self.rule_id, 80),
            vendor: wash(&self.vendor, 60),
            name: wash(&self.name, 100),
            severity: self.severity,
            confidence: self.confidence,
            redacted: wash(&self.redacted, 80),
            fingerprint: wash(&self.fingerprint, 64),
            reasons: list(&self.reasons, most.min(5), 120),
            revoke: self.revoke.as_ref().map(|it| tame(&text(it, 500))),
            references: references.take(most.min(3)).collect(),
            leaked_at: self.leaked_at,
            detected_at: self.detected_at,
            contained_at: self.contained_at,
            time_to_detect_s: self.time_to_detect_s,
            time_to_contain_s: self.time_to_contain_s,
            sightings: sightings.map(|it| sighting(it, wash)).collect(),
            sightings_total: self.sightings_total,
            containment: containments.map(|it| containment(it, wash)).collect(),
            tool: wash(&self.tool, 60),
            rules_version: wash(&self.rules_version, 60),
            notes: list(&self.notes, 4, 60),
        }
    }
}
