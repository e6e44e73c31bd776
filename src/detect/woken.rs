//! Which lines of a text are worth a look?
//!
//! Passages and lines that were [seen](super::seen) before and were not worth one are
//! passed over. The other lines are put one behind the other, without their prefixes,
//! and go through the [gate](super::gate) page by page.

use super::gate::{Gate, Room};
use super::glance::Known;
use super::lines::Lines;
use super::seen::Key;
use super::sheet::Sheet;
use std::collections::VecDeque;
use std::ops::Range;

/// A page ends with the passage that reaches so far.
const PAGE: usize = 16 << 10;

/// Passages, and lines, that are looked up together.
const PASSAGES_AT_ONCE: usize = 16;
const LINES_AT_ONCE: usize = u64::BITS as usize;

/// The lines that are woken, in their order.
pub(super) struct WokenLines<'a> {
    known: Known<'a>,
    lines: Lines<'a>,
    ahead: Ahead,
    page: Page,
    woken: VecDeque<Range<usize>>,
    room: Box<Room>,
}

struct Line {
    raw: Range<usize>,
    /// Where its text begins, behind the prefix.
    text: usize,
    key: Key,
}

/// What is looked up next.
#[derive(Default)]
struct Ahead {
    /// Lines of passages, and the passages with the number of lines up to the end of each.
    raw: Vec<Range<usize>>,
    passages: Vec<(Key, usize)>,
    lines: Vec<Line>,
}

/// Lines that were not seen before, without their prefixes.
#[derive(Default)]
struct Page {
    bytes: Vec<u8>,
    /// With the offset just past each.
    lines: Vec<(Line, usize)>,
    /// The passages of which they are, with the number of lines up to the end of each.
    passages: Vec<(Key, usize)>,
}

impl<'a> WokenLines<'a> {
    /// Of the lines that begin in `range`, itself the start of one.
    pub(super) fn new(known: Known<'a>, sheet: &'a Sheet<'a>, range: Range<usize>) -> Self {
        Self {
            known,
            lines: Lines::new(sheet, range),
            ahead: Ahead::default(),
            page: Page::default(),
            woken: VecDeque::new(),
            room: Box::default(),
        }
    }

    /// Reads some passages more, or what is left on the page. Returns whether there was
    /// anything.
    fn read_on(&mut self) -> bool {
        if !self.lines.is_empty() {
            self.read_passages();
        } else if !self.page.passages.is_empty() {
            self.look_at_page();
        } else {
            return false;
        }
        true
    }

    /// Reads the next passages, of those that were not seen before the lines.
    fn read_passages(&mut self) {
        let seen = &self.known.layers.passages;
        let mut ahead = std::mem::take(&mut self.ahead);
        while ahead.passages.len() < PASSAGES_AT_ONCE && !self.lines.is_empty() {
            let key = seen.key(self.lines.passage(&mut ahead.raw));
            ahead.passages.push((key, ahead.raw.len()));
        }
        let held = seen.held(ahead.passages.iter().map(|(key, _)| *key));
        let mut start = 0;
        for (n, (key, end)) in (0..).zip(ahead.passages.drain(..)) {
            if held >> n & 1 == 0 {
                self.read_lines(&ahead.raw[start..end], &mut ahead.lines);
                self.page.passages.push((key, self.page.lines.len()));
            }
            if self.page.bytes.len() >= PAGE {
                self.look_at_page();
            }
            start = end;
        }
        ahead.raw.clear();
        self.ahead = ahead;
    }

    /// Adds those of the lines to the page that were not seen before.
    fn read_lines(&mut self, raw: &[Range<usize>], ahead: &mut Vec<Line>) {
        let seen = &self.known.layers.seen;
        let bytes = self.lines.bytes();
        for raw in raw.chunks(LINES_AT_ONCE) {
            ahead.extend(raw.iter().map(|raw| {
                let text = self.lines.text_of(raw);
                Line {
                    raw: raw.clone(),
                    text,
                    key: seen.key(&bytes[text..raw.end]),
                }
            }));
            let held = seen.held(ahead.iter().map(|line| line.key));
            for (n, line) in (0..).zip(ahead.drain(..)) {
                if held >> n & 1 == 0 {
                    self.page.add(bytes, line);
                }
            }
        }
    }

    /// Tells the lines of the page that are woken from those that never need
    /// another look, and so the passages.
    fn look_at_page(&mut self) {
        let seen = &self.known.layers.seen;
        let room = std::mem::take(&mut self.room);
        let mut gate = Gate::new(self.known, &self.page.bytes, room);
        let mut next = gate.next(0);
        let mut before = 0;
        for (key, lines) in self.page.passages.drain(..) {
            let woken = self.woken.len();
            for (line, end) in &self.page.lines[before..lines] {
                if next.is_some_and(|next| next < *end) {
                    self.woken.push_back(line.raw.clone());
                    next = gate.next(*end);
                } else {
                    seen.add(line.key);
                }
            }
            if self.woken.len() == woken {
                self.known.layers.passages.add(key);
            }
            before = lines;
        }
        self.room = gate.into_room();
        self.page.clear();
    }
}

impl Iterator for WokenLines<'_> {
    type Item = Range<usize>;

    fn next(&mut self) -> Option<Range<usize>> {
        if !self.known.options.prefilter {
            return self.lines.next();
        }
        while self.woken.is_empty() && self.read_on() {}
        self.woken.pop_front()
    }
}

impl Page {
    fn clear(&mut self) {
        self.bytes.clear();
        self.lines.clear();
    }

    fn add(&mut self, bytes: &[u8], line: Line) {
        self.bytes
            .extend_from_slice(&bytes[line.text..line.raw.end]);
        self.bytes.push(b'\n');
        self.lines.push((line, self.bytes.len()));
    }
}
