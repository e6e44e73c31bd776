//! Clean text and its way back to the raw bytes.

use std::borrow::Cow;
use std::ops::Range;

/// One line of clean text. Raw offsets count in the buffer given to
/// [`clean`](super::clean).
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Line {
    /// Clean bytes, without the separator.
    pub clean: Range<u32>,
    /// The physical line it stands on (from the first to the last one, where
    /// records were joined), without the line end. Lines that a lone CR
    /// divides share it.
    pub raw: Range<usize>,
    /// Raw offset at which the text begins, after the transport prefix.
    pub text: usize,
    /// Interleaved stream the line belongs to; 0 where there is only one.
    pub stream: u32,
    /// Raw range of the time stamp.
    pub stamp: Option<Range<usize>>,
}

/// How the clean bytes of a segment lie in the raw bytes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Map {
    /// Byte for byte.
    Linear,
    /// All of them come from one escape sequence of this many raw bytes.
    Block(u32),
    /// Base64 without breaks: three clean bytes from four raw ones; the first
    /// clean byte is this one (0 to 2) of its three.
    Quads(u8),
}

/// Clean bytes from `clean` on come from raw bytes at `raw`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Segment {
    pub(super) clean: u32,
    pub(super) raw: usize,
    pub(super) map: Map,
}

impl Segment {
    /// The same segment from its `delta`-th clean byte on.
    pub(super) fn skip(self, delta: usize) -> Self {
        let clean = self.clean + delta as u32;
        match self.map {
            Map::Linear => Self {
                clean,
                raw: self.raw + delta,
                map: Map::Linear,
            },
            Map::Block(_) => Self { clean, ..self },
            Map::Quads(phase) => {
                let byte = usize::from(phase) + delta;
                let map = Map::Quads((byte % 3) as u8);
                Self {
                    clean,
                    raw: self.raw + byte / 3 * 4,
                    map,
                }
            }
        }
    }

    /// Raw bytes of its first clean byte.
    fn first(self) -> Range<usize> {
        let width = match self.map {
            Map::Linear => 1,
            Map::Block(width) => width as usize,
            Map::Quads(_) => 4,
        };
        self.raw..self.raw + width
    }
}

/// The lines of a text; one line, the usual case, is not worth an allocation.
#[derive(Debug, Clone, PartialEq, Eq)]
enum Lines {
    One([Line; 1]),
    Many(Vec<Line>),
}

/// Clean text of a window of raw bytes: no transport prefixes, no control
/// sequences, records joined.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Text<'a> {
    bytes: Cow<'a, [u8]>,
    lines: Lines,
    /// In order of clean offset. Empty for borrowed text, which is linear.
    segments: Vec<Segment>,
    cuts: Vec<u32>,
}

impl<'a> Text<'a> {
    /// One line that needs no change: `raw[text]` is its clean text.
    pub(super) fn borrowed(raw: &'a [u8], mut line: Line, end: usize) -> Self {
        let bytes = raw.get(line.text..end).unwrap_or_default();
        line.clean = 0..bytes.len() as u32;
        Self {
            bytes: Cow::Borrowed(bytes),
            lines: Lines::One([line]),
            segments: Vec::new(),
            cuts: Vec::new(),
        }
    }

    /// Text that was built.
    pub(super) fn built(
        bytes: Vec<u8>,
        lines: Vec<Line>,
        segments: Vec<Segment>,
        cuts: Vec<u32>,
    ) -> Self {
        Self {
            bytes: Cow::Owned(bytes),
            lines: Lines::Many(lines),
            segments,
            cuts,
        }
    }

    /// The clean bytes. Exactly one `\n` stands between two lines, none after
    /// the last one. Bytes that are not UTF-8 are as they were.
    pub fn bytes(&self) -> &[u8] {
        &self.bytes
    }

    /// The lines, in order of clean offset (which is the order in which they
    /// begin in the raw bytes).
    pub fn lines(&self) -> &[Line] {
        match &self.lines {
            Lines::One(line) => line,
            Lines::Many(lines) => lines,
        }
    }

    /// Clean bytes of one line.
    pub fn line_bytes(&self, line: &Line) -> &[u8] {
        let range = line.clean.start as usize..line.clean.end as usize;
        self.bytes.get(range).unwrap_or_default()
    }

    /// Clean offsets at which a control sequence was dropped between two token
    /// characters (`[A-Za-z0-9_-]`). There the sequence may have divided two
    /// words as well as coloured a part of one: see [`Text::separated`].
    pub fn cuts(&self) -> &[u32] {
        &self.cuts
    }

    /// Index into [`Text::lines`] of the line that holds a clean offset (a
    /// separator belongs to the line before it).
    pub fn line_at(&self, clean_offset: usize) -> usize {
        let after = |line: &Line| line.clean.start as usize <= clean_offset;
        self.lines().partition_point(after).saturating_sub(1)
    }

    /// Raw bytes of a range of clean bytes, in the buffer given to
    /// [`clean`](super::clean). The end is mapped through the last byte, so
    /// that a control sequence after it stays outside; one inside is inside.
    /// Ranges beyond the text are clipped to it.
    pub fn raw_span(&self, clean: Range<usize>) -> Range<usize> {
        let start = self.raw_byte(clean.start).start;
        if clean.is_empty() {
            return start..start;
        }
        let end = self.raw_byte(clean.end - 1).end;
        start..end.max(start)
    }

    /// Raw bytes of one clean byte; the empty range at the end for an offset
    /// beyond the text.
    fn raw_byte(&self, offset: usize) -> Range<usize> {
        if offset < self.bytes.len() {
            return self.segment_at(offset).first();
        }
        let end = match self.bytes.len().checked_sub(1) {
            Some(last) => self.segment_at(last).first().end,
            None => self.lines().first().map_or(0, |line| line.text),
        };
        end..end
    }

    /// The segment of a clean offset, from that offset on.
    fn segment_at(&self, offset: usize) -> Segment {
        let next = self
            .segments
            .partition_point(|segment| segment.clean as usize <= offset);
        let base = self.lines().first().map_or(0, |line| line.text);
        let linear = Segment {
            clean: 0,
            raw: base,
            map: Map::Linear,
        };
        let segment = next
            .checked_sub(1)
            .map_or(linear, |index| self.segments[index]);
        segment.skip(offset - segment.clean as usize)
    }

    /// The same text with one space at each cut, so that what a control
    /// sequence divided stays divided. `None` when there are no cuts.
    #[must_use]
    pub fn separated(&self) -> Option<Self> {
        if self.cuts.is_empty() {
            return None;
        }
        let lines = self.lines().iter().map(|line| self.moved(line)).collect();
        Some(Self::built(
            self.spaced_bytes(),
            lines,
            self.spaced_segments(),
            Vec::new(),
        ))
    }

    /// How many spaces stand before a clean offset once the cuts are spaced.
    fn spaces_before(&self, offset: u32) -> u32 {
        self.cuts.partition_point(|cut| *cut < offset) as u32
    }

    fn moved(&self, line: &Line) -> Line {
        let start = line.clean.start + self.spaces_before(line.clean.start);
        let end = line.clean.end + self.spaces_before(line.clean.end);
        Line {
            clean: start..end,
            ..line.clone()
        }
    }

    fn spaced_bytes(&self) -> Vec<u8> {
        let mut spaced = Vec::with_capacity(self.bytes.len() + self.cuts.len());
        let mut done = 0;
        for &cut in &self.cuts {
            spaced.extend_from_slice(&self.bytes[done..cut as usize]);
            spaced.push(b' ');
            done = cut as usize;
        }
        spaced.extend_from_slice(&self.bytes[done..]);
        spaced
    }

    /// Segments are split at the cuts; a space stands on no raw byte.
    fn spaced_segments(&self) -> Vec<Segment> {
        let mut spaced = Vec::with_capacity(self.segments.len() + 2 * self.cuts.len());
        let mut segments = self.segments.iter().copied().peekable();
        for (index, &cut) in self.cuts.iter().enumerate() {
            let shift = index as u32;
            while let Some(segment) = segments.next_if(|segment| segment.clean < cut) {
                spaced.push(Segment {
                    clean: segment.clean + shift,
                    ..segment
                });
            }
            segments.next_if(|segment| segment.clean == cut);
            let raw = self.raw_byte(cut as usize - 1).end;
            spaced.push(Segment {
                clean: cut + shift,
                raw,
                map: Map::Block(0),
            });
            let rest = self.segment_at(cut as usize);
            spaced.push(Segment {
                clean: cut + shift + 1,
                ..rest
            });
        }
        let shift = self.cuts.len() as u32;
        spaced.extend(segments.map(|rest| Segment {
            clean: rest.clean + shift,
            ..rest
        }));
        spaced
    }
}
