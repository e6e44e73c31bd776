//! Formats of which records continue one another: streams are told apart and
//! joined, each line standing where it begins.

use super::build::{Builder, Piece};
use super::grammar::{Grammar, Layout};
use super::lines::line_end;
use super::records::{Coding, Records};
use super::text::{Line, Map, Text};
use super::{ansi, json, stamp};
use std::collections::{HashMap, HashSet};
use std::ops::Range;

/// Records that are held before the lines that are done are written out.
const MAX_HELD: usize = 1 << 16;

/// The text of one record.
#[derive(Clone)]
struct Fragment {
    line: Line,
    text: Range<usize>,
    coding: Coding,
    /// Raw offset of the `\n` that ends it, where that is the line end of the text.
    newline: Option<usize>,
    /// It joins the fragment before it in its stream even if that ended a line.
    continues: bool,
    /// The next fragment of the stream does not join it.
    ends: bool,
    /// Index of the fragment that joins it.
    next: Option<usize>,
}

/// A line of a stream that grows. It may grow as long as the window: wherever
/// it was cut, what stands on the cut would be lost.
struct Chain {
    head: usize,
    last: usize,
    open: bool,
}

/// Joins fragments to lines.
struct Joiner<'r> {
    raw: &'r [u8],
    builder: Builder,
    fragments: Vec<Fragment>,
    /// Indexes of the fragments that begin a line.
    heads: Vec<usize>,
    chains: HashMap<u32, Chain>,
    /// Fragments that are held before lines are written out.
    room: usize,
}

/// Cleans the records of `raw[range]`.
pub(super) fn clean<'r>(grammar: &Grammar, raw: &'r [u8], range: Range<usize>) -> Text<'r> {
    let mut joiner = Joiner {
        raw,
        builder: Builder::new(range.len()),
        fragments: Vec::new(),
        heads: Vec::new(),
        chains: HashMap::new(),
        room: MAX_HELD,
    };
    match grammar.layout {
        Layout::Records(records) if records.array => joiner.array(records, range),
        Layout::Records(_) | Layout::Streams | Layout::Lines => joiner.lines(grammar, range),
    }
    joiner.write_out();
    joiner.builder.finish()
}

impl Joiner<'_> {
    fn lines(&mut self, grammar: &Grammar, range: Range<usize>) {
        let mut start = range.start;
        while start < range.end {
            let end = line_end(self.raw, start, range.end);
            let fragment = match grammar.layout {
                Layout::Records(records) => self.object(records, start..end),
                Layout::Streams | Layout::Lines => self.line(grammar, start..end),
            };
            // Empty lines are no records; a log of nothing else must stay cheap.
            if !fragment.line.raw.is_empty() {
                self.add(fragment);
            }
            start = end;
        }
    }

    /// A physical line. CRs at its end stay: they break the line if it continues.
    fn line(&self, grammar: &Grammar, physical: Range<usize>) -> Fragment {
        let bytes = &self.raw[physical.clone()];
        let prefix = (grammar.prefix)(ansi::trim_line_end(bytes));
        let text = physical.start + prefix.len;
        let mut fragment = self.bare(physical.clone());
        fragment.line.text = text;
        fragment.text.start = text;
        fragment.line.stream = prefix.stream;
        fragment.line.stamp = prefix
            .stamp
            .map(|range| stamp::moved(&range, physical.start));
        fragment.continues = prefix.continues;
        fragment.ends = !prefix.partial;
        fragment
    }

    /// Raw bytes that are text as they are.
    fn bare(&self, physical: Range<usize>) -> Fragment {
        let bytes = &self.raw[physical.clone()];
        let newline = bytes.ends_with(b"\n").then(|| physical.end - 1);
        let trimmed = ansi::trim_line_end(bytes).len();
        Fragment {
            line: Line {
                raw: physical.start..physical.start + trimmed,
                text: physical.start,
                ..Line::default()
            },
            text: physical.start..newline.unwrap_or(physical.end),
            coding: Coding::Bare,
            newline,
            continues: false,
            ends: true,
            next: None,
        }
    }

    /// An object on a line of its own; a line that holds none is bare text.
    fn object(&self, records: &Records, physical: Range<usize>) -> Fragment {
        let bytes = &self.raw[..physical.end];
        let bare = self.bare(physical);
        if bytes.get(bare.line.raw.start) != Some(&b'{') {
            return bare;
        }
        let fields = records.read(bytes, bare.line.raw.start);
        let Some(text) = fields.text else {
            return bare;
        };
        Fragment {
            line: Line {
                text: text.start,
                stream: fields.stream,
                stamp: fields.time,
                ..bare.line
            },
            coding: records.coding,
            newline: None,
            ends: records.ends_line(&bytes[text.clone()]),
            text,
            ..bare
        }
    }

    /// The objects of an array. What stands between them and is no JSON, and
    /// objects without text, are bare text: nothing is passed over.
    fn array(&mut self, records: &Records, range: Range<usize>) {
        let mut at = range.start;
        while at < range.end {
            let rest = &self.raw[at..range.end];
            let next = at + memchr::memchr(b'{', rest).unwrap_or(rest.len());
            self.between(at..next);
            if next == range.end {
                return;
            }
            at = records.read(&self.raw[..range.end], next).end;
            let fragment = self.object(records, next..at);
            self.add(fragment);
        }
    }

    fn between(&mut self, range: Range<usize>) {
        let is_array = |byte: &u8| byte.is_ascii_whitespace() || b"[],".contains(byte);
        if self.raw[range.clone()].iter().all(is_array) {
            return;
        }
        let mut start = range.start;
        while start < range.end {
            let end = line_end(self.raw, start, range.end);
            self.add(self.bare(start..end));
            start = end;
        }
    }

    fn add(&mut self, fragment: Fragment) {
        if self.fragments.len() >= self.room {
            self.write_done();
        }
        let index = self.fragments.len();
        if let Some(before) = self.join(&fragment, index) {
            self.fragments[before].next = Some(index);
        } else {
            self.heads.push(index);
        }
        self.fragments.push(fragment);
    }

    /// Adds the fragment to the chain of its stream, or begins one. Returns
    /// the fragment it joins.
    fn join(&mut self, fragment: &Fragment, index: usize) -> Option<usize> {
        let fresh = Chain {
            head: index,
            last: index,
            open: !fragment.ends,
        };
        let Some(chain) = self.chains.get_mut(&fragment.line.stream) else {
            self.chains.insert(fragment.line.stream, fresh);
            return None;
        };
        if !(chain.open || fragment.continues) {
            *chain = fresh;
            return None;
        }
        let before = chain.last;
        *chain = Chain {
            head: chain.head,
            ..fresh
        };
        Some(before)
    }

    /// Writes the lines that are held but the last one of each stream, which
    /// may go on.
    fn write_done(&mut self) {
        let fragments = std::mem::take(&mut self.fragments);
        let growing: HashSet<usize> = self.chains.values().map(|chain| chain.head).collect();
        for head in std::mem::take(&mut self.heads) {
            if growing.contains(&head) {
                self.hold_on(&fragments, head);
            } else {
                self.write_line(&fragments, head);
            }
        }
        // However much is held on to, the cost of it stays in proportion.
        self.room = MAX_HELD + self.fragments.len();
    }

    /// Takes over a line that grows.
    fn hold_on(&mut self, fragments: &[Fragment], head: usize) {
        let first = self.fragments.len();
        let mut next = Some(head);
        while let Some(index) = next {
            next = fragments[index].next;
            let after = next.map(|_| self.fragments.len() + 1);
            self.fragments.push(Fragment {
                next: after,
                ..fragments[index].clone()
            });
        }
        self.heads.push(first);
        let last = self.fragments.len() - 1;
        if let Some(chain) = self.chains.get_mut(&fragments[head].line.stream) {
            (chain.head, chain.last) = (first, last);
        }
    }

    /// Writes all lines that are held, in the order in which they begin.
    fn write_out(&mut self) {
        let fragments = std::mem::take(&mut self.fragments);
        for head in std::mem::take(&mut self.heads) {
            self.write_line(&fragments, head);
        }
    }

    fn write_line(&mut self, fragments: &[Fragment], head: usize) {
        let mut next = Some(head);
        while let Some(index) = next {
            let fragment = &fragments[index];
            self.builder.record(fragment.line.clone());
            self.decode(fragment);
            next = fragment.next;
            if next.is_none() && fragment.coding == Coding::Bare {
                self.builder.end_physical(fragment.newline);
            }
        }
        self.builder.end_open();
    }

    fn decode(&mut self, fragment: &Fragment) {
        let text = fragment.text.clone();
        match fragment.coding {
            Coding::Bare => self
                .builder
                .feed(Piece::linear(&self.raw[text.clone()], text.start)),
            Coding::Json => json::feed_string(&mut self.builder, self.raw, text),
            Coding::Base64 => self.decode_base64(text),
        }
    }

    /// What is not base64 is text as it is.
    fn decode_base64(&mut self, text: Range<usize>) {
        let encoded = &self.raw[text.clone()];
        match data_encoding::BASE64.decode(encoded) {
            Ok(bytes) => self
                .builder
                .feed(Piece::mapped(&bytes, text.start, Map::Quads(0))),
            Err(_) => self.builder.feed(Piece::linear(encoded, text.start)),
        }
    }
}
