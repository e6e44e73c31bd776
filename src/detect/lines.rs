//! Lines of a sheet, and passages of them.
//!
//! Of what stands twice in a log or in two of them, many lines stand one behind the
//! other. So lines are looked up by passages first. Where one ends, the bytes there
//! tell, not how many stand before: the same lines are cut in the same way wherever they
//! stand (content-defined chunking).

use super::ends::LineEnds;
use super::sheet::Sheet;
use crate::log::{self, LogFormat};
use std::ops::Range;

/// One of so many lines ends a passage.
const LINES_A_PASSAGE: u64 = 32;

/// And one that reaches so far.
const LONGEST_PASSAGE: usize = 16 << 10;

/// The lines of a sheet, without their ends.
pub(super) struct Lines<'a> {
    sheet: &'a Sheet<'a>,
    /// Where the next line begins, and from where on none does.
    range: Range<usize>,
    ends: LineEnds<'a>,
}

impl<'a> Lines<'a> {
    /// Those that begin in `range`, itself the start of one.
    pub(super) fn new(sheet: &'a Sheet<'a>, range: Range<usize>) -> Self {
        Self {
            sheet,
            ends: LineEnds::new(sheet.bytes, range.start),
            range,
        }
    }

    pub(super) fn is_empty(&self) -> bool {
        self.range.is_empty()
    }

    /// What they are lines of.
    pub(super) fn bytes(&self) -> &'a [u8] {
        self.sheet.bytes
    }

    /// Adds the lines of the next passage to `lines`. Returns its bytes, and what else
    /// decides whether they are worth a look.
    pub(super) fn passage(&mut self, lines: &mut Vec<Range<usize>>) -> (LogFormat, bool, &'a [u8]) {
        let bytes = self.bytes();
        let start = self.range.start;
        for line in self.by_ref() {
            let end = line.end;
            lines.push(line);
            if end - start >= LONGEST_PASSAGE || ends_passage(&bytes[..end]) {
                break;
            }
        }
        let end = self.range.start.min(bytes.len());
        let is_cut = self.sheet.is_cut(start);
        (self.sheet.window.format, is_cut, &bytes[start..end])
    }

    /// Where the text of the line begins, behind its prefix.
    pub(super) fn text_of(&self, line: &Range<usize>) -> usize {
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

/// Whether the line with which `bytes` end is the last one of a passage.
fn ends_passage(bytes: &[u8]) -> bool {
    // 2^64 over the golden ratio, which mixes the bytes into the upper bits.
    const FACTOR: u64 = 0x9E37_79B9_7F4A_7C15;
    let chosen = |last: &[u8; 8]| {
        u64::from_le_bytes(*last).wrapping_mul(FACTOR) < u64::MAX / LINES_A_PASSAGE
    };
    bytes.last_chunk().is_some_and(chosen)
}

#[cfg(test)]
mod tests {
    use super::super::Window;
    use super::*;
    use std::collections::BTreeSet;

    /// Of a plain log: where passages end, counted from the end of it.
    fn cuts(text: &[u8]) -> BTreeSet<usize> {
        let window = Window {
            raw: text,
            core: 0..text.len(),
            format: LogFormat::Plain,
            starts_record: true,
        };
        let sheet = Sheet {
            window: &window,
            bytes: text,
            text: None,
        };
        let mut lines = Lines::new(&sheet, 0..text.len());
        let (mut cuts, mut whole) = (BTreeSet::new(), Vec::new());
        let mut end = 0;
        while !lines.is_empty() {
            let (_, _, passage) = lines.passage(&mut whole);
            end += passage.len();
            cuts.insert(text.len() - end);
        }
        assert_eq!(end, text.len());
        let all = Lines::new(&sheet, 0..text.len());
        assert_eq!(whole, all.collect::<Vec<_>>());
        cuts
    }

    fn numbered(lines: Range<u32>) -> Vec<u8> {
        let line = |n: u32| format!("line {}\n", n.wrapping_mul(0x9E37_79B9));
        lines.map(line).collect::<String>().into_bytes()
    }

    #[test]
    fn the_same_lines_are_cut_in_the_same_way_wherever_they_stand() {
        let lines = numbered(0..5000);
        let alone = cuts(&lines);
        assert!((100..250).contains(&alone.len()), "{}", alone.len());
        for before in [1, 20, 700] {
            let together = cuts(&[numbered(9000..9000 + before), lines.clone()].concat());
            assert!(together.is_superset(&alone));
        }
    }

    #[test]
    fn lines_of_which_none_tells_an_end_are_cut_by_length() {
        let text = b"the same again\n".repeat(5000);
        let ends = cuts(&text);
        let longest = LONGEST_PASSAGE + 15;
        assert_eq!(ends.len(), text.len().div_ceil(longest / 15 * 15));
        let line = vec![b'x'; 100_000];
        assert_eq!(cuts(&line).len(), 1);
    }
}
