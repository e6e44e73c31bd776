//! Where do lines end?
//!
//! Lines of logs are short, and a search that begins anew for each costs more than
//! all that it looks at: line ends are found for a batch of bytes at once.

use super::signs::{BATCH, CHUNKS, List, write_down};
use super::simd::{self, BitWork, CHUNK};

/// A chunk seldom has more.
const AT_ONCE: usize = 2;

/// Offsets of the line feeds in some bytes, in their order.
pub(super) struct LineEnds<'a> {
    bytes: &'a [u8],
    /// The batch at hand begins here.
    batch: usize,
    /// Its line feeds.
    list: Box<List>,
    count: usize,
    next: usize,
}

impl<'a> LineEnds<'a> {
    /// Those from `from` on.
    pub(super) fn new(bytes: &'a [u8], from: usize) -> Self {
        let mut ends = Self {
            bytes,
            batch: from,
            list: Box::new([0; _]),
            count: 0,
            next: 0,
        };
        ends.read();
        ends
    }

    fn read(&mut self) {
        let rest = &self.bytes[self.batch..];
        let batch = &rest[..rest.len().min(BATCH)];
        let mut feeds = [0; CHUNKS];
        let feeds_of = simd::kernel().feeds;
        let whole = batch.len() / CHUNK;
        feeds_of(batch, &mut feeds[..whole]);
        if let Some(last) = feeds.get_mut(whole) {
            let padded = simd::padded::<CHUNK>(&batch[whole * CHUNK..], 0);
            feeds_of(&padded, std::slice::from_mut(last));
        }
        let list = &mut self.list;
        self.count = simd::with_bits(Listing { feeds, list });
        self.next = 0;
    }
}

/// Lists the line feeds of a batch; returns how many there are.
struct Listing<'a> {
    feeds: [u64; CHUNKS],
    list: &'a mut List,
}

impl BitWork for Listing<'_> {
    type Out = usize;

    // What is inlined into `simd::with_bits` is compiled for the instructions it has.
    #[allow(clippy::inline_always)]
    #[inline(always)]
    fn run(self) -> usize {
        write_down::<AT_ONCE>(&self.feeds, self.list)
    }
}

impl Iterator for LineEnds<'_> {
    type Item = usize;

    #[inline]
    fn next(&mut self) -> Option<usize> {
        while self.next == self.count {
            if self.bytes.len() - self.batch <= BATCH {
                return None;
            }
            self.batch += BATCH;
            self.read();
        }
        let end = self.batch + usize::from(self.list[self.next]);
        self.next += 1;
        Some(end)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn every_end_is_found(
            lens in proptest::collection::vec(prop_oneof![4 => 0usize..4, 1 => 0usize..400], 0..200),
            from in 0usize..70,
        ) {
            let mut text = Vec::new();
            for len in lens {
                text.extend(std::iter::repeat_n(b'\x0b', len));
                text.push(b'\n');
            }
            let from = from.min(text.len());
            let ends: Vec<usize> = LineEnds::new(&text, from).collect();
            let expected = memchr::memchr_iter(b'\n', &text[from..]).map(|at| from + at);
            prop_assert_eq!(ends, expected.collect::<Vec<_>>());
        }
    }
}
