//! Cutting a log into blocks, and scanning one.

use crate::detect::{Bound, Detected, Detector, Unseen, Window, sort};
use crate::log::{self, Landmark, LogFormat};
use std::ops::Range;

/// Bytes before a block that are looked at with it, and after.
const LEFT: usize = 64 << 10;
const RIGHT: usize = 128 << 10;

/// Cuts logs of one format into blocks.
#[derive(Debug, Clone, Copy)]
pub(super) struct Cutter<'a> {
    detector: &'a Detector,
    pub format: LogFormat,
    block: usize,
    /// The bytes of a block can be had again, unchanged.
    pub again: bool,
}

/// What was found in a block. Offsets count from the start of the log.
#[derive(Debug, Default)]
pub(super) struct Block {
    /// The bytes of the block itself.
    pub span: Range<u64>,
    /// Line feeds in it.
    pub newlines: u64,
    /// Offset of the last of them.
    pub last_newline: Option<u64>,
    /// In order of their start.
    pub found: Vec<InBlock>,
    /// Lines of which not all was looked at, in order.
    pub unseen: Vec<(Position, Bound)>,
    /// What the block's lines tell of job and step, at its end. `None` where nobody may
    /// ask for it: nothing was found, and nothing follows or the bytes can be had again.
    pub landmark: Option<Landmark>,
}

impl Block {
    pub(super) fn bytes(&self) -> u64 {
        self.span.end - self.span.start
    }
}

/// A secret and where it stands in its block.
#[derive(Debug)]
pub(super) struct InBlock {
    pub detected: Detected,
    /// Offsets in the log.
    pub span: Range<u64>,
    /// Those of the secret itself.
    pub own: Range<u64>,
    pub text_start: u64,
    pub start: Position,
    pub end: Position,
    /// What the block's lines before it tell of job and step.
    pub landmark: Landmark,
}

/// A place in a block.
#[derive(Debug, Clone, Copy)]
pub(super) struct Position {
    /// Line feeds of the block before it.
    pub newlines: u64,
    /// Offset in the log of the last of them.
    pub last_newline: Option<u64>,
}

impl<'a> Cutter<'a> {
    pub(super) fn new(detector: &'a Detector, format: LogFormat, block: usize) -> Self {
        Self {
            detector,
            format,
            block: block.max(64),
            again: false,
        }
    }

    /// How far behind its nominal place a cut may move to reach a record.
    fn slack(&self) -> usize {
        self.block / 4
    }

    /// Blocks of a log of `len` bytes: at least one.
    pub(super) fn count(&self, len: u64) -> u64 {
        len.div_ceil(self.block as u64).max(1)
    }

    /// Bytes that must be at hand to scan `blocks` of a log of `len` bytes.
    pub(super) fn window_of(&self, blocks: Range<u64>, len: u64) -> Range<u64> {
        let start = (blocks.start * self.block as u64).saturating_sub(LEFT as u64);
        let end = blocks.end * self.block as u64 + (self.slack() + RIGHT) as u64;
        start.min(len)..end.min(len)
    }

    /// Scans the block of number `index`, given the bytes around it, which begin
    /// at offset `base` of the log. `len`: length of the log, if its end is in
    /// sight. `None` when there is no such block.
    pub(super) fn block(
        &self,
        bytes: &[u8],
        base: u64,
        index: u64,
        len: Option<u64>,
    ) -> Option<Block> {
        let start = self.cut(bytes, base, index, len);
        let end = self.cut(bytes, base, index + 1, len);
        let empty = index > 0 && start >= end;
        (!empty).then(|| self.scan(bytes, base, start..end, len))
    }

    /// Where the block of number `index` begins, as an offset into `bytes`: at
    /// the first record behind its nominal place, or, if none begins within
    /// the slack, there.
    fn cut(&self, bytes: &[u8], base: u64, index: u64, len: Option<u64>) -> usize {
        let nominal = index * self.block as u64;
        if nominal == 0 {
            return 0;
        }
        if len.is_some_and(|len| nominal >= len) {
            return bytes.len();
        }
        let from = (nominal.saturating_sub(base) as usize).min(bytes.len());
        let limit = (from + self.slack()).min(bytes.len());
        log::next_record(self.format, &bytes[..limit], from).unwrap_or(limit)
    }

    fn scan(&self, bytes: &[u8], base: u64, core: Range<usize>, len: Option<u64>) -> Block {
        let window = self.around(bytes, base, &core);
        let raw = &bytes[window.clone()];
        let mut detected = Vec::new();
        let unseen = self.detector.scan(
            &Window {
                raw,
                core: core.start - window.start..core.end - window.start,
                format: self.format,
                starts_record: self.starts_record(bytes, base, window.start),
            },
            &mut detected,
        );
        sort(&mut detected);
        let mut block = Block {
            span: base + core.start as u64..base + core.end as u64,
            ..Block::default()
        };
        let scribe = Scribe {
            bytes,
            base,
            core: core.clone(),
            window: window.start,
        };
        let ends_log = len.is_some_and(|len| base + core.end as u64 >= len);
        if !detected.is_empty() || !(ends_log || self.again) {
            scribe.locate(detected, self.format, &mut block);
        }
        scribe.locate_unseen(unseen, &mut block);
        let own = &bytes[core.clone()];
        block.newlines = memchr::memchr_iter(b'\n', own).count() as u64;
        block.last_newline = memchr::memrchr(b'\n', own).map(|at| base + (core.start + at) as u64);
        // A last line without a line feed is a line too.
        block.newlines += u64::from(ends_log && !own.is_empty() && !own.ends_with(b"\n"));
        block
    }

    /// The core with its surroundings, beginning at a record where the format
    /// needs one.
    fn around(&self, bytes: &[u8], base: u64, core: &Range<usize>) -> Range<usize> {
        let start = core.start.saturating_sub(LEFT);
        let end = (core.end + RIGHT).min(bytes.len());
        if base + start as u64 == 0 || self.format.is_line_based() {
            return start..end;
        }
        let record = log::next_record(self.format, &bytes[..core.start], start).unwrap_or(start);
        record..end
    }

    fn starts_record(&self, bytes: &[u8], base: u64, at: usize) -> bool {
        (base == 0 && at == 0)
            || (at > 0 && bytes[at - 1] == b'\n')
            || log::next_record(self.format, &bytes[..(at + 1).min(bytes.len())], at) == Some(at)
    }
}

/// Writes down where things stand in a block.
struct Scribe<'a> {
    bytes: &'a [u8],
    base: u64,
    core: Range<usize>,
    window: usize,
}

impl Scribe<'_> {
    fn locate(&self, detected: Vec<Detected>, format: LogFormat, block: &mut Block) {
        let mut marks = Vec::new();
        log::landmarks(format, &self.bytes[self.core.clone()], &mut |at, mark| {
            marks.push((self.core.start + at, mark));
        });
        let mut marks = marks.into_iter().peekable();
        let mut landmark = Landmark::default();
        let mut from = self.start();
        for found in detected {
            let start = found.span.start + self.window;
            let end = found.span.end + self.window;
            while let Some((_, mark)) = marks.next_if(|(at, _)| *at <= start) {
                landmark.update(mark);
            }
            from = (start, self.advance(from, start));
            let offset = |at: usize| self.base + (at + self.window) as u64;
            block.found.push(InBlock {
                span: offset(found.span.start)..offset(found.span.end),
                own: offset(found.own.start)..offset(found.own.end),
                text_start: offset(found.text_start),
                start: from.1,
                end: self.advance(from, end),
                landmark: landmark.clone(),
                detected: found,
            });
        }
        marks.for_each(|(_, mark)| landmark.update(mark));
        block.landmark = Some(landmark);
    }

    fn locate_unseen(&self, mut unseen: Vec<Unseen>, block: &mut Block) {
        unseen.sort();
        let mut from = self.start();
        for line in unseen {
            let at = line.at + self.window;
            from = (at, self.advance(from, at));
            block.unseen.push((from.1, line.bound));
        }
    }

    fn start(&self) -> (usize, Position) {
        let position = Position {
            newlines: 0,
            last_newline: None,
        };
        (self.core.start, position)
    }

    fn advance(&self, from: (usize, Position), to: usize) -> Position {
        let part = &self.bytes[from.0.min(to)..to];
        let last = memchr::memrchr(b'\n', part).map(|at| self.base + (from.0 + at) as u64);
        Position {
            newlines: from.1.newlines + memchr::memchr_iter(b'\n', part).count() as u64,
            last_newline: last.or(from.1.last_newline),
        }
    }
}
