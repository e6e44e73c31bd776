//! From places in blocks to places in the log: line, column, job, step.

use super::Located;
use super::block::{Block, InBlock, Position};
use super::unseen::Unseen;
use crate::detect::Settler;
use crate::finding::Place;
use crate::log::{self, Landmark, LogFormat};
use crate::origin::{Origin, Problem};
use crate::rule::RuleSet;
use std::ops::Range;

/// Reads what blocks of a log, one behind the other, tell of job and step at their end.
pub(super) type Recall<'a> = dyn Fn(&[Range<u64>]) -> Landmark + 'a;

/// Adds up the blocks of one log.
pub(super) struct Locator<'a> {
    origin: &'a Origin,
    format: LogFormat,
    rules: &'a RuleSet,
    recall: &'a Recall<'a>,
    bytes: u64,
    newlines: u64,
    last_newline: Option<u64>,
    landmark: Landmark,
    /// Blocks since then that were not read for landmarks.
    unread: Vec<Range<u64>>,
    labels: Landmark,
    found: Vec<Located>,
    unseen: Unseen,
    /// A secret over several lines may reach into the next block.
    settler: Settler,
}

impl<'a> Locator<'a> {
    pub(super) fn new(
        origin: &'a Origin,
        format: LogFormat,
        rules: &'a RuleSet,
        recall: &'a Recall<'a>,
    ) -> Self {
        Self {
            origin,
            format,
            rules,
            recall,
            bytes: 0,
            newlines: 0,
            last_newline: None,
            landmark: Landmark::default(),
            unread: Vec::new(),
            labels: log::labels(format, origin.leaf()),
            found: Vec::new(),
            unseen: Unseen::default(),
            settler: Settler::default(),
        }
    }

    /// Bytes so far.
    pub(super) fn bytes(&self) -> u64 {
        self.bytes
    }

    /// Lines so far.
    pub(super) fn lines(&self) -> u64 {
        self.newlines
    }

    /// Adds the next block.
    pub(super) fn add(&mut self, block: Block) {
        self.bytes += block.bytes();
        if block.landmark.is_some() {
            // Hardly a log has a finding: only for one is read what stands before it.
            self.landmark.update((self.recall)(&self.unread));
            self.unread.clear();
        } else {
            self.unread.push(block.span);
        }
        for found in block.found {
            if !self.settler.keeps(&found.detected, found.span.end) {
                continue;
            }
            let place = self.place(&found);
            let finding = super::finding_of(&found.detected, self.rules, place);
            self.found.push((found.detected, finding));
        }
        for (position, bound) in block.unseen {
            self.unseen
                .add(self.newlines + position.newlines + 1, bound);
        }
        self.newlines += block.newlines;
        self.last_newline = block.last_newline.or(self.last_newline);
        self.landmark.update(block.landmark.unwrap_or_default());
    }

    /// Everything, in order of its start, and what was not looked at.
    pub(super) fn finish(self) -> (Vec<Located>, Vec<Problem>) {
        (self.found, self.unseen.problems(self.origin))
    }

    fn place(&self, found: &InBlock) -> Place {
        let (line, line_start) = self.line(found.start);
        let (end_line, end_line_start) = self.line(found.end);
        let (job, step) = self.job_and_step(found);
        Place {
            path: self.origin.clone(),
            byte_start: found.span.start,
            byte_end: found.span.end,
            secret: (found.own.start, found.own.end),
            line,
            column: found.span.start - line_start + 1,
            end_line,
            end_column: found.span.end - end_line_start + 1,
            text_column: found
                .span
                .start
                .saturating_sub(found.text_start.max(line_start))
                + 1,
            ci: self.format.ci().map(str::to_owned),
            job,
            step,
            logged_at: found.detected.logged_at.clone(),
        }
    }

    /// Number of a line, and the offset at which it starts.
    fn line(&self, at: Position) -> (u64, u64) {
        let before = at.last_newline.or(self.last_newline);
        (
            self.newlines + at.newlines + 1,
            before.map_or(0, |offset| offset + 1),
        )
    }

    /// The line itself knows best, then the lines before it, then the name.
    fn job_and_step(&self, found: &InBlock) -> (Option<String>, Option<String>) {
        let mut known = self.labels.clone();
        known.update(self.landmark.clone());
        known.update(found.landmark.clone());
        known.update(found.detected.labels.clone());
        let named = |label: Option<String>| label.filter(|name| !name.is_empty());
        (named(known.job), named(known.step))
    }
}
