//! Builds clean text: control sequences dropped, lone CRs made line breaks.

use super::ansi::{self, Fate, State};
use super::text::{Line, Map, Segment, Text};

/// Shortest body that is put aside: the end of a link (`8;;`) is shorter.
const MIN_ASIDE: usize = 8;

/// Decoded bytes of a record and the place they come from.
#[derive(Clone, Copy)]
pub(super) struct Piece<'b> {
    bytes: &'b [u8],
    source: Segment,
}

impl<'b> Piece<'b> {
    /// Bytes that stand in the raw log as they are, from `raw` on.
    pub(super) fn linear(bytes: &'b [u8], raw: usize) -> Self {
        Self::mapped(bytes, raw, Map::Linear)
    }

    /// Bytes that were decoded from raw bytes from `raw` on.
    pub(super) fn mapped(bytes: &'b [u8], raw: usize, map: Map) -> Self {
        Self {
            bytes,
            source: Segment { clean: 0, raw, map },
        }
    }

    fn split_at(self, middle: usize) -> (Self, Self) {
        let (head, tail) = self.bytes.split_at(middle);
        let source = self.source.skip(middle);
        (
            Self {
                bytes: head,
                ..self
            },
            Self {
                bytes: tail,
                source,
            },
        )
    }
}

/// How far the text had come when the body of a control sequence began.
#[derive(Default, Clone, Copy)]
struct Mark {
    bytes: usize,
    segments: usize,
    cuts: usize,
    dropped: bool,
    /// It is the body of an OSC sequence.
    osc: bool,
}

/// Text under construction. One record after the other is named with
/// [`Builder::record`] and [fed](Builder::feed).
#[derive(Default)]
pub(super) struct Builder {
    bytes: Vec<u8>,
    segments: Vec<Segment>,
    lines: Vec<Line>,
    cuts: Vec<u32>,
    state: State,
    body: Mark,
    /// Bodies of OSC sequences of the line: targets of links, titles. They are
    /// not to be seen, but leak what is in them; so they follow as a line.
    aside: Vec<u8>,
    aside_segments: Vec<Segment>,
    /// A control sequence was dropped since the last text byte of this line.
    dropped: bool,
    /// A CR that will break the line if more text follows on it.
    carriage: Option<Segment>,
    /// The line end that will stand between the last line and the next one.
    separator: Option<Segment>,
    /// The line under construction; its clean start is set once it is open.
    line: Line,
    /// The record that is being fed, as a line of its own.
    record: Line,
    /// Something belongs to the line already, be it only a dropped sequence.
    open: bool,
}

impl Builder {
    /// A builder for a window of `size` raw bytes.
    pub(super) fn new(size: usize) -> Self {
        Self {
            bytes: Vec::with_capacity(size),
            ..Self::default()
        }
    }

    /// The next bytes come from this record (`line.clean` is ignored): it
    /// begins a line, or continues the open one.
    pub(super) fn record(&mut self, line: Line) {
        if self.open {
            self.line.raw.end = line.raw.end;
        } else {
            self.line = line.clone();
        }
        self.record = line;
    }

    /// Adds decoded bytes of the record.
    pub(super) fn feed(&mut self, mut piece: Piece) {
        while !piece.bytes.is_empty() {
            let run = match self.state {
                State::Text => ansi::plain_run(piece.bytes),
                _ => 0,
            };
            if run > 0 {
                let (text, rest) = piece.split_at(run);
                self.keep(text);
                piece = rest;
            } else {
                piece = self.special(piece);
            }
        }
    }

    /// Takes one byte, or one console note, that needs a look.
    fn special<'b>(&mut self, piece: Piece<'b>) -> Piece<'b> {
        if let Some(length) = self.note(piece.bytes) {
            self.drop_sequence();
            return piece.split_at(length).1;
        }
        let (one, rest) = piece.split_at(1);
        match one.bytes {
            b"\n" => self.end_line(Some(one.source)),
            b"\r" => self.carriage_return(one.source),
            [byte] => self.control(*byte, one),
            _ => {}
        }
        rest
    }

    fn note(&self, bytes: &[u8]) -> Option<usize> {
        (self.state == State::Text).then(|| ansi::console_note(bytes))?
    }

    fn control(&mut self, byte: u8, one: Piece) {
        let (state, fate) = ansi::step(self.state, byte);
        self.state = state;
        match fate {
            Fate::Keep if ansi::is_noise(byte) => self.open_line(),
            Fate::Keep => self.keep(one),
            Fate::Drop => self.drop_sequence(),
            Fate::Open => self.open_body(byte == b']'),
            Fate::Close => self.close_body(),
        }
    }

    fn drop_sequence(&mut self) {
        self.open_line();
        self.dropped = true;
    }

    fn open_body(&mut self, osc: bool) {
        self.break_line();
        self.drop_sequence();
        self.body = Mark {
            bytes: self.bytes.len(),
            segments: self.segments.len(),
            cuts: self.cuts.len(),
            dropped: self.dropped,
            osc,
        };
    }

    fn close_body(&mut self) {
        if self.body.osc && self.bytes.len() >= self.body.bytes + MIN_ASIDE {
            self.put_aside();
        }
        self.bytes.truncate(self.body.bytes);
        self.segments.truncate(self.body.segments);
        self.cuts.truncate(self.body.cuts);
        self.dropped = self.body.dropped;
    }

    /// Keeps the body that was just closed for a line of its own.
    fn put_aside(&mut self) {
        if let Some(last) = self.aside_segments.last() {
            let end = last.skip(self.aside.len() - last.clean as usize);
            let map = Map::Block(0);
            self.aside_segments.push(Segment { map, ..end });
            self.aside.push(b' ');
        }
        let (from, to) = (self.body.bytes as u32, self.aside.len() as u32);
        let body = self.segments.drain(self.body.segments..);
        self.aside_segments.extend(body.map(|segment| Segment {
            clean: segment.clean - from + to,
            ..segment
        }));
        self.aside.extend_from_slice(&self.bytes[self.body.bytes..]);
    }

    /// Writes what was put aside as a line that stands where the last one stood.
    fn write_aside(&mut self, mut line: Line, source: Segment) {
        self.open_line();
        let start = self.bytes.len() as u32;
        let segments = self.aside_segments.drain(..);
        self.segments.extend(segments.map(|segment| Segment {
            clean: segment.clean + start,
            ..segment
        }));
        self.bytes.append(&mut self.aside);
        line.clean = start..self.bytes.len() as u32;
        self.lines.push(line);
        self.separator = Some(source);
        self.open = false;
    }

    fn carriage_return(&mut self, source: Segment) {
        self.state = State::Text;
        self.open_line();
        self.carriage.get_or_insert(source);
    }

    fn keep(&mut self, piece: Piece) {
        self.open_line();
        self.break_line();
        self.note_cut(piece.bytes);
        self.push(piece.bytes, piece.source);
    }

    /// Makes a pending CR a line break, unless the line is empty yet.
    fn break_line(&mut self) {
        let Some(carriage) = self.carriage.take() else {
            return;
        };
        if self.bytes.len() > self.line.clean.start as usize {
            let (state, line) = (self.state, self.line.clone());
            self.end_line(Some(carriage));
            self.line = line;
            self.open_line();
            self.state = state;
        }
    }

    fn note_cut(&mut self, text: &[u8]) {
        let inside = self.bytes.len() > self.line.clean.start as usize;
        let before = self.bytes.last().copied().is_some_and(is_token);
        if self.dropped && inside && before && text.first().copied().is_some_and(is_token) {
            self.cuts.push(self.bytes.len() as u32);
        }
        self.dropped = false;
    }

    /// Adds bytes, extending the last segment where that says the same.
    fn push(&mut self, bytes: &[u8], source: Segment) {
        let clean = self.bytes.len() as u32;
        let extends = self.segments.last().is_some_and(|last| {
            let there = last.skip((clean - last.clean) as usize);
            there.raw == source.raw && there.map == source.map
        });
        if !extends {
            self.segments.push(Segment { clean, ..source });
        }
        self.bytes.extend_from_slice(bytes);
    }

    fn open_line(&mut self) {
        if self.open {
            return;
        }
        if let Some(separator) = self.separator.take() {
            self.push(b"\n", separator);
        }
        self.open = true;
        self.line.clean.start = self.bytes.len() as u32;
    }

    /// Ends the line, if one is open. `source` is the line end, where there is one.
    fn end_line(&mut self, source: Option<Segment>) {
        self.open_line();
        let end = self.line.raw.end;
        let none = Segment {
            clean: 0,
            raw: end,
            map: Map::Block(0),
        };
        let source = source.unwrap_or(none);
        self.separator = Some(source);
        self.line.clean.end = self.bytes.len() as u32;
        let next = self.record.clone();
        let line = std::mem::replace(&mut self.line, next);
        self.lines.push(line.clone());
        self.state = State::Text;
        self.carriage = None;
        self.dropped = false;
        self.open = false;
        if !self.aside.is_empty() {
            self.write_aside(line, source);
        }
    }

    /// Ends a physical line, empty or not; `line_end` is the raw offset of its `\n`.
    pub(super) fn end_physical(&mut self, line_end: Option<usize>) {
        let source = line_end.map(|raw| Segment {
            clean: 0,
            raw,
            map: Map::Linear,
        });
        self.end_line(source);
    }

    /// Ends the open line of a stream, if there is one.
    pub(super) fn end_open(&mut self) {
        if self.open {
            self.end_line(None);
        }
    }

    /// The text.
    pub(super) fn finish<'a>(self) -> Text<'a> {
        Text::built(self.bytes, self.lines, self.segments, self.cuts)
    }
}

fn is_token(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'-')
}
