//! Which lines of a text are worth a look?
//!
//! Lines that were [seen](super::seen) before and were not worth one are passed
//! over. The others are put one behind the other, without their prefixes, and go
//! through the [gate](super::gate) page by page.

use super::ends::LineEnds;
use super::gate::{Gate, Room};
use super::glance::Known;
use super::seen::Key;
use super::sheet::Sheet;
use crate::log;
use std::collections::VecDeque;
use std::ops::Range;

/// A page ends with the line that reaches so far.
const PAGE: usize = 16 << 10;

/// Lines that are looked up together.
const AT_ONCE: usize = u64::BITS as usize;

/// The lines that are woken, in their order.
pub(super) struct WokenLines<'a> {
    known: Known<'a>,
    lines: Lines<'a>,
    ahead: Vec<Line>,
    page: Page,
    woken: VecDeque<Range<usize>>,
    room: Box<Room>,
}

/// The lines of a sheet.
struct Lines<'a> {
    sheet: &'a Sheet<'a>,
    /// Where the next line begins, and from where on none does.
    range: Range<usize>,
    ends: LineEnds<'a>,
}

struct Line {
    raw: Range<usize>,
    /// Where its text begins, behind the prefix.
    text: usize,
    key: Key,
}

/// Lines that were not seen before, without their prefixes.
#[derive(Default)]
struct Page {
    bytes: Vec<u8>,
    /// With the offset just past each.
    lines: Vec<(Line, usize)>,
}

impl<'a> WokenLines<'a> {
    /// Of the lines that begin in `range`, itself the start of one.
    pub(super) fn new(known: Known<'a>, sheet: &'a Sheet<'a>, range: Range<usize>) -> Self {
        Self {
            known,
            lines: Lines {
                sheet,
                ends: LineEnds::new(sheet.bytes, range.start),
                range,
            },
            ahead: Vec::with_capacity(AT_ONCE),
            page: Page::default(),
            woken: VecDeque::new(),
            room: Box::default(),
        }
    }

    /// Fills a page and looks at it.
    fn turn_page(&mut self) {
        self.page.bytes.clear();
        self.page.lines.clear();
        while self.page.bytes.len() < PAGE && !self.lines.range.is_empty() {
            self.read_ahead();
        }
        self.look_at_page();
    }

    /// Adds those of the next lines to the page that were not seen before.
    fn read_ahead(&mut self) {
        let seen = &self.known.layers.seen;
        while self.ahead.len() < AT_ONCE
            && let Some(raw) = self.lines.next()
        {
            let text = self.lines.text_of(&raw);
            let key = seen.key(&self.lines.sheet.bytes[text..raw.end]);
            self.ahead.push(Line { raw, text, key });
        }
        let held = seen.held(self.ahead.iter().map(|line| line.key));
        for (n, line) in (0..).zip(self.ahead.drain(..)) {
            if held >> n & 1 == 0 {
                self.page.add(self.lines.sheet.bytes, line);
            }
        }
    }

    /// Tells the lines of the page that are woken from those that never need
    /// another look.
    fn look_at_page(&mut self) {
        let seen = &self.known.layers.seen;
        let room = std::mem::take(&mut self.room);
        let mut gate = Gate::new(self.known, &self.page.bytes, room);
        let mut next = gate.next(0);
        for (line, end) in self.page.lines.drain(..) {
            if next.is_some_and(|next| next < end) {
                self.woken.push_back(line.raw);
                next = gate.next(end);
            } else {
                seen.add(line.key);
            }
        }
        self.room = gate.into_room();
    }
}

impl Iterator for WokenLines<'_> {
    type Item = Range<usize>;

    fn next(&mut self) -> Option<Range<usize>> {
        if !self.known.options.prefilter {
            return self.lines.next();
        }
        while self.woken.is_empty() && !self.lines.range.is_empty() {
            self.turn_page();
        }
        self.woken.pop_front()
    }
}

impl Lines<'_> {
    /// Where the text of the line begins.
    fn text_of(&self, line: &Range<usize>) -> usize {
        let prefix = log::prefix(self.sheet.format(line), &self.sheet.bytes[line.clone()]);
        line.start + prefix.len.min(line.len())
    }
}

impl Iterator for Lines<'_> {
    type Item = Range<usize>;

    fn next(&mut self) -> Option<Range<usize>> {
        if self.range.is_empty() {
            return None;
        }
        let start = self.range.start;
        let end = self.ends.next().unwrap_or(self.sheet.bytes.len());
        self.range.start = end + 1;
        Some(start..end)
    }
}

impl Page {
    fn add(&mut self, bytes: &[u8], line: Line) {
        self.bytes
            .extend_from_slice(&bytes[line.text..line.raw.end]);
        self.bytes.push(b'\n');
        self.lines.push((line, self.bytes.len()));
    }
}
