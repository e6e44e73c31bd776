//! Formats of which every physical line can be cleaned alone.

use super::build::{Builder, Piece};
use super::grammar::Grammar;
use super::text::{Line, Text};
use super::{ansi, stamp};
use std::ops::Range;

/// Offset just past the line that begins at `start`, its `\n` included.
pub(super) fn line_end(raw: &[u8], start: usize, limit: usize) -> usize {
    let rest = &raw[start..limit];
    memchr::memchr(b'\n', rest).map_or(limit, |newline| start + newline + 1)
}

/// Cleans the lines of `raw[range]`.
pub(super) fn clean<'r>(grammar: &Grammar, raw: &'r [u8], range: Range<usize>) -> Text<'r> {
    if let Some(text) = borrow(grammar, raw, &range) {
        return text;
    }
    let mut builder = Builder::new(range.len());
    let mut start = range.start;
    while start < range.end {
        let end = line_end(raw, start, range.end);
        add(&mut builder, grammar, raw, start..end);
        start = end;
    }
    builder.finish()
}

/// Cleans these lines of `raw`, given without their ends.
pub(super) fn clean_each<'r>(grammar: &Grammar, raw: &[u8], lines: &[Range<usize>]) -> Text<'r> {
    let mut builder = Builder::new(lines.iter().map(|line| line.len() + 1).sum());
    for line in lines {
        add(&mut builder, grammar, raw, line.clone());
    }
    builder.finish()
}

/// A single line that needs no change but the loss of its prefix.
fn borrow<'a>(grammar: &Grammar, raw: &'a [u8], range: &Range<usize>) -> Option<Text<'a>> {
    if range.is_empty() || line_end(raw, range.start, range.end) < range.end {
        return None;
    }
    let line = describe(grammar, raw, range);
    let end = line.raw.end;
    let clean = !ansi::is_dirty(&raw[line.text..end]);
    clean.then(|| Text::borrowed(raw, line, end))
}

fn add(builder: &mut Builder, grammar: &Grammar, raw: &[u8], physical: Range<usize>) {
    let line = describe(grammar, raw, &physical);
    let (text, end) = (line.text, line.raw.end);
    builder.record(line);
    builder.feed(Piece::linear(&raw[text..end], text));
    let ended = raw[physical.clone()].ends_with(b"\n");
    let newline = ended.then(|| physical.end - 1);
    builder.end_physical(newline);
}

/// What the prefix of a physical line (line end included) tells.
fn describe(grammar: &Grammar, raw: &[u8], physical: &Range<usize>) -> Line {
    let bytes = ansi::trim_line_end(&raw[physical.clone()]);
    let prefix = (grammar.prefix)(bytes);
    Line {
        clean: 0..0,
        raw: physical.start..physical.start + bytes.len(),
        text: physical.start + prefix.len,
        stream: prefix.stream,
        stamp: prefix
            .stamp
            .map(|range| stamp::moved(&range, physical.start)),
    }
}
