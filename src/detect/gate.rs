//! Which lines are worth a look?
//!
//! The gate must have no false negatives: every line in which the rules would
//! find something is woken. Whether it is may depend on the bytes of the line
//! alone. The gate goes over 4 KiB at a time: vector instructions tell what kind
//! of byte stands where, [`Grams`](super::grams) and [`Heads`](super::heads)
//! where a keyword may stand, and a [`Glance`](super::glance) whether it is worth
//! anything. Lines from which cleaning takes bytes out of the middle are cleaned
//! and go through the gate again.

use super::escape;
use super::glance::{Known, Line};
use super::signs::{BATCH, Sign, Signs};
use crate::log::{self, LogFormat, Text};
use std::ops::Range;

/// Finds the next byte of a line that is worth a look.
pub(super) struct Gate<'a> {
    known: Known<'a>,
    looks: Looks,
    bytes: &'a [u8],
    /// Where the batch at hand begins, a multiple of its size.
    batch: Option<usize>,
    room: Box<Room>,
    line: Line<'a>,
    /// End of the last line of which the inside was looked at.
    seen_inside: usize,
    /// Lines that are woken by what is inside, of those that touch the batch, in
    /// their order.
    woken_inside: Vec<Range<usize>>,
    /// Bytes that may still be decoded.
    budget: usize,
}

/// Where a gate looks that stands at what is hidden.
#[derive(Debug, Clone, Copy)]
enum Looks {
    /// At lines without their control sequences.
    Cleaned,
    /// At lines whose escapes are undone, so many inside one another.
    Undone { depth: u8 },
}

/// What one gate after the other needs.
#[derive(Default)]
pub(super) struct Room {
    signs: Signs,
    /// Of the gate that looks inside.
    inside: Option<Box<Room>>,
}

impl<'a> Gate<'a> {
    /// Over all of `bytes`.
    pub(super) fn new(known: Known<'a>, bytes: &'a [u8], room: Box<Room>) -> Self {
        Self::looking(known, bytes, Looks::Cleaned, room)
    }

    /// What the next gate needs.
    pub(super) fn into_room(self) -> Box<Room> {
        self.room
    }

    fn looking(known: Known<'a>, bytes: &'a [u8], looks: Looks, room: Box<Room>) -> Self {
        Self {
            known,
            looks,
            bytes,
            batch: None,
            room,
            line: Line::new(bytes, 0..0),
            seen_inside: 0,
            woken_inside: Vec::new(),
            budget: known.options.decode_budget,
        }
    }

    /// The first byte at or after `from` for which a line is woken.
    pub(super) fn next(&mut self, from: usize) -> Option<usize> {
        // A keyword at the start of a line may be told by the byte before it.
        let mut since = from.saturating_sub(1);
        while since < self.bytes.len() {
            let batch = since / BATCH * BATCH;
            if self.batch != Some(batch) {
                self.load(batch);
            }
            let woken = self.within(batch, since, from);
            if woken.is_some() {
                return woken;
            }
            since = batch + BATCH;
        }
        None
    }

    fn within(&mut self, batch: usize, since: usize, from: usize) -> Option<usize> {
        let inside = self.next_inside(from);
        let mut place = since - batch;
        while let Some(sign) = self.room.signs.next(place) {
            let at = batch + sign.at;
            if inside.is_some_and(|inside| inside <= at) {
                break;
            }
            let woken = self.wakes(sign, at);
            if woken.is_some_and(|woken| woken >= from) {
                return woken;
            }
            place = sign.at + 1;
        }
        inside
    }

    /// The first byte at or after `from` of a line that is woken by what is inside.
    fn next_inside(&self, from: usize) -> Option<usize> {
        let before = self.woken_inside.partition_point(|line| line.end <= from);
        let line = self.woken_inside.get(before)?;
        Some(line.start.max(from))
    }

    /// The byte that is worth a look, by what stands at `at`.
    fn wakes(&mut self, sign: Sign, at: usize) -> Option<usize> {
        if sign.text || (sign.head && self.is_head(at)) {
            return Some(at);
        }
        if sign.gram {
            return self.keyword_near(at);
        }
        None
    }

    fn is_head(&mut self, at: usize) -> bool {
        let mut words = self.known.layers.prefilter.heads.at(self.bytes, at);
        words.any(|word| self.is_keyword(word, at))
    }

    /// Where a keyword starts that the gram at `at` is part of.
    fn keyword_near(&mut self, at: usize) -> Option<usize> {
        let (layers, bytes) = (self.known.layers, self.bytes);
        let mut found = None;
        layers.prefilter.grams.find(bytes, at, &mut |word, start| {
            found = self.is_keyword(word, start).then_some(start);
            found.is_some()
        });
        found
    }

    /// Whether the keyword stands there and is worth a look.
    fn is_keyword(&mut self, word: u32, start: usize) -> bool {
        if !self.known.layers.prefilter.stands(word, self.bytes, start) {
            return false;
        }
        let glance = self.known.glance(word);
        if !glance.may_be_worth(self.bytes, start) {
            return false;
        }
        self.enter(start);
        glance.is_worth(&self.line, start, self.known)
    }

    /// Makes the line around `at` the one at hand.
    fn enter(&mut self, at: usize) {
        if !self.line.range.contains(&at) {
            // A carriage return becomes a line end.
            let (before, after) = self.bytes.split_at(at);
            let start = memchr::memrchr2(b'\n', b'\r', before).map_or(0, |end| end + 1);
            let end = memchr::memchr2(b'\n', b'\r', after).map_or(self.bytes.len(), |len| at + len);
            self.line = Line::new(self.bytes, start..end);
        }
    }

    /// Reads the batch that begins at `batch`.
    fn load(&mut self, batch: usize) {
        let prefilter = &self.known.layers.prefilter;
        self.room.signs.read(prefilter, self.bytes, batch);
        self.batch = Some(batch);
        self.woken_inside.retain(|line| line.end > batch);
        self.look_inside(batch);
        self.woken_inside.sort_unstable_by_key(|line| line.start);
    }

    /// Notes the lines of the batch that are woken by what they hide.
    fn look_inside(&mut self, batch: usize) {
        match self.looks {
            Looks::Cleaned => {
                let lines = self.hiding_lines(batch);
                if !lines.is_empty() {
                    self.look_at_cleaned(&lines);
                }
            }
            Looks::Undone { depth: 0 } => {}
            Looks::Undone { depth } => {
                for line in self.hiding_lines(batch) {
                    if self.is_woken_undone(line.clone(), depth) {
                        self.woken_inside.push(line);
                    }
                }
            }
        }
    }

    /// Lines of the batch that hide something and were not looked at before.
    fn hiding_lines(&mut self, batch: usize) -> Vec<Range<usize>> {
        let mut lines = Vec::new();
        let mut from = self.seen_inside.saturating_sub(batch);
        while let Some(at) = self.room.signs.next_hidden(from) {
            self.enter(batch + at);
            self.seen_inside = self.line.range.end;
            from = self.seen_inside - batch;
            lines.push(self.line.range.clone());
        }
        lines
    }

    /// Notes those of the lines that are woken when their control sequences are
    /// taken out, and when they part what stands around them.
    fn look_at_cleaned(&mut self, lines: &[Range<usize>]) {
        let text = log::clean_lines(self.bytes, lines);
        self.note_woken(&text);
        if let Some(text) = text.separated() {
            self.note_woken(&text);
        }
    }

    fn note_woken(&mut self, text: &Text<'_>) {
        let depth = self.known.options.decode_depth;
        let mut gate = self.inner(text.bytes(), depth);
        let mut from = 0;
        while let Some(woken) = gate.next(from) {
            let line = &text.lines()[text.line_at(woken)];
            self.woken_inside.push(line.raw.clone());
            from = line.clean.end as usize + 1;
        }
        self.room.inside = Some(gate.room);
    }

    /// Whether the line is woken by what its escapes stand for.
    fn is_woken_undone(&mut self, line: Range<usize>, depth: u8) -> bool {
        if depth == self.known.options.decode_depth {
            self.budget = self.known.options.decode_budget;
        }
        let line = &self.bytes[line];
        let mut undone = [escape::unescape, escape::unpercent].into_iter();
        undone.any(|undo| {
            undo(line).is_some_and(|decoded| self.is_woken_by(&decoded.text, depth - 1))
        })
    }

    /// What is more than may be decoded wakes the line, so that this is said.
    fn is_woken_by(&mut self, decoded: &[u8], depth: u8) -> bool {
        let Some(rest) = self.budget.checked_sub(decoded.len()) else {
            return true;
        };
        self.budget = rest;
        let text = log::clean(LogFormat::Plain, decoded, 0..decoded.len());
        let mut gate = self.inner(text.bytes(), depth);
        let woken = gate.next(0).is_some();
        self.budget = gate.budget;
        self.room.inside = Some(gate.room);
        woken
    }

    /// A gate over what was inside of a line. It gives its room back.
    fn inner<'b>(&mut self, text: &'b [u8], depth: u8) -> Gate<'b>
    where
        'a: 'b,
    {
        let room = self.room.inside.take().unwrap_or_default();
        Gate {
            budget: self.budget,
            ..Gate::looking(self.known, text, Looks::Undone { depth }, room)
        }
    }
}
