//! What stands in a batch of bytes that may be worth a look?
//!
//! Vector instructions tell what kind of byte stands where and which grams may;
//! what they let pass is narrowed. All of it goes over the whole batch without a
//! branch on what stands there: a processor could not guess it, and a wrong
//! guess costs more than the work it spares.

// What is inlined into `simd::with_bits` is compiled for the instructions it has.
#![allow(clippy::inline_always)]

use super::decode;
use super::escape;
use super::prefilter::Prefilter;
use super::simd::{self, BitWork, CHUNK, Kernel, Kinds};
use crate::rule::LONG_RUN;

/// Chunks that are looked at together.
pub(super) const CHUNKS: usize = 64;
pub(super) const BATCH: usize = CHUNKS * CHUNK;

/// Places of one kind in each chunk of a batch, a bit for each byte.
type Places = [u64; CHUNKS];

/// What stands in the chunks of a batch.
#[derive(Debug, Clone)]
pub(super) struct Signs {
    /// Chunks of the batch.
    count: usize,
    /// A gram of a keyword may stand here.
    gram: Places,
    /// A long run of token bytes begins here, or goes on behind a joint.
    head: Places,
    /// And it may be base64 or hexadecimal digits of text.
    text: Places,
    /// One of these.
    any: Places,
    /// A control sequence, or something escaped.
    hidden: Places,
    /// Those of the chunk before the batch, of its own ones and of the one behind it.
    kinds: [Kinds; CHUNKS + 2],
    list: List,
}

/// Places as a list, and room for what is written in vain behind it.
pub(super) type List = [u16; BATCH + AT_ONCE];
/// Places of a chunk that are written at once.
const AT_ONCE: usize = 4;

/// What may stand at a place.
#[derive(Debug, Clone, Copy)]
pub(super) struct Sign {
    pub at: usize,
    pub gram: bool,
    pub head: bool,
    pub text: bool,
}

impl Default for Signs {
    fn default() -> Self {
        Self {
            count: 0,
            gram: [0; CHUNKS],
            head: [0; CHUNKS],
            text: [0; CHUNKS],
            any: [0; CHUNKS],
            hidden: [0; CHUNKS],
            kinds: [Kinds::default(); CHUNKS + 2],
            list: [0; BATCH + AT_ONCE],
        }
    }
}

impl Signs {
    /// Reads the batch of `bytes` that begins at `batch`.
    pub(super) fn read(&mut self, prefilter: &Prefilter, bytes: &[u8], batch: usize) {
        self.count = (bytes.len() - batch).div_ceil(CHUNK).min(CHUNKS);
        let kernel = simd::kernel();
        self.classify(kernel, bytes, batch);
        self.look_up(kernel, prefilter, &bytes[batch..]);
        simd::with_bits(Sifting {
            signs: self,
            prefilter,
            bytes,
            batch,
        });
    }

    /// Calls `each(rule, start)` for every keyword in `text` of which a match may be
    /// made, for some of them twice.
    pub(super) fn keywords(
        &mut self,
        prefilter: &Prefilter,
        text: &[u8],
        mut each: impl FnMut(u32, usize),
    ) {
        let mut wake = |word: u32, start: usize| {
            if prefilter.stands(word, text, start) {
                let rules = prefilter.words[word as usize].rules.iter();
                rules.for_each(|rule| each(*rule, start));
            }
        };
        for batch in (0..text.len()).step_by(BATCH) {
            self.read(prefilter, text, batch);
            let mut from = 0;
            while let Some(sign) = self.next(from) {
                let at = batch + sign.at;
                if sign.head {
                    let words = prefilter.heads.at(text, at);
                    words.for_each(|word| wake(word, at));
                }
                if sign.gram {
                    prefilter.grams.find(text, at, &mut |word, start| {
                        wake(word, start);
                        false
                    });
                }
                from = sign.at + 1;
            }
        }
    }

    /// The first place from byte `from` of the batch on at which something is
    /// hidden.
    pub(super) fn next_hidden(&self, from: usize) -> Option<usize> {
        self.next_of(&self.hidden, from)
    }

    /// The first place from byte `from` of the batch on at which something else
    /// may stand.
    pub(super) fn next(&self, from: usize) -> Option<Sign> {
        let at = self.next_of(&self.any, from)?;
        let is = |places: &Places| places[at / CHUNK] >> (at % CHUNK) & 1 == 1;
        Some(Sign {
            at,
            gram: is(&self.gram),
            head: is(&self.head),
            text: is(&self.text),
        })
    }

    fn next_of(&self, places: &Places, from: usize) -> Option<usize> {
        let mut chunks = places[..self.count].iter().enumerate().skip(from / CHUNK);
        let (first, places) = chunks.next()?;
        let behind = places & u64::MAX << (from % CHUNK);
        let (chunk, places) = if behind == 0 {
            chunks
                .find(|(_, places)| **places != 0)
                .map(|(chunk, places)| (chunk, *places))?
        } else {
            (first, behind)
        };
        Some(chunk * CHUNK + places.trailing_zeros() as usize)
    }

    fn classify(&mut self, kernel: Kernel, bytes: &[u8], batch: usize) {
        let kinds = &mut self.kinds[..self.count + 2];
        let first = usize::from(batch == 0);
        let bytes = &bytes[batch.saturating_sub(CHUNK)..];
        let whole = (bytes.len() / CHUNK).min(kinds.len() - first);
        kinds[..first].fill(Kinds::default());
        (kernel.classify)(bytes, &mut kinds[first..first + whole]);
        if let Some((kinds, behind)) = kinds[first + whole..].split_first_mut() {
            let padded = simd::padded::<CHUNK>(&bytes[whole * CHUNK..], b'\n');
            (kernel.classify)(&padded, std::slice::from_mut(kinds));
            behind.fill(Kinds::default());
        }
    }

    /// Places of grams in the chunks of the batch, with which `bytes` begin.
    fn look_up(&mut self, kernel: Kernel, prefilter: &Prefilter, bytes: &[u8]) {
        let table = &prefilter.grams.table;
        let grams = &mut self.gram[..self.count];
        let whole = (bytes.len().saturating_sub(simd::STRIDE) / CHUNK).min(grams.len());
        (kernel.grams)(table, bytes, &mut grams[..whole]);
        // Chunks whose windows reach beyond the end of the bytes.
        for (chunk, found) in grams.iter_mut().enumerate().skip(whole) {
            let padded = simd::padded::<{ simd::SPAN }>(&bytes[chunk * CHUNK..], b'\n');
            (kernel.grams)(table, &padded, std::slice::from_mut(found));
        }
    }

    /// What stands in each chunk by the kinds of its bytes and of those around.
    #[inline(always)]
    fn tell(&mut self) {
        let mut long = reached(self.kinds[0], self.kinds[1]);
        for (chunk, three) in self.kinds[..self.count + 2].windows(3).enumerate() {
            let [last, this, next] = [three[0], three[1], three[2]];
            let reached = [long, reached(this, next)];
            long = reached[1];
            self.head[chunk] = heads(last, this, reached);
            self.text[chunk] = self.head[chunk] & texts(this, next);
            self.hidden[chunk] = this.mark;
        }
    }

    /// Takes out the places behind which nothing can stand. Most are such.
    #[inline(always)]
    fn narrow(&mut self, prefilter: &Prefilter, bytes: &[u8], batch: usize) {
        let (count, list) = (self.count, &mut self.list);
        let grams = |at| prefilter.grams.may_be(bytes, batch + at);
        keep(&mut self.gram[..count], list, grams);
        let heads = |at| prefilter.heads.may_be(bytes, batch + at);
        keep(&mut self.head[..count], list, heads);
        let texts = |at| decode::may_begin(bytes, batch + at);
        keep(&mut self.text[..count], list, texts);
        let marks = |at| escape::is_mark(bytes, batch + at);
        keep(&mut self.hidden[..count], list, marks);
        for chunk in 0..count {
            self.any[chunk] = self.gram[chunk] | self.head[chunk] | self.text[chunk];
            self.hidden[chunk] |= self.kinds[chunk + 1].control;
        }
    }
}

/// What is done to a batch once the kinds of its bytes and its grams are known.
struct Sifting<'a> {
    signs: &'a mut Signs,
    prefilter: &'a Prefilter,
    bytes: &'a [u8],
    batch: usize,
}

impl BitWork for Sifting<'_> {
    type Out = ();

    #[inline(always)]
    fn run(self) {
        self.signs.tell();
        self.signs.narrow(self.prefilter, self.bytes, self.batch);
    }
}

/// Leaves those of the places that `may` lets pass.
#[inline(always)]
fn keep(places: &mut [u64], list: &mut List, may: impl Fn(usize) -> bool) {
    let count = write_down::<AT_ONCE>(places, list);
    let mut kept = 0;
    for n in 0..count {
        let at = list[n];
        list[kept] = at;
        kept += usize::from(may(usize::from(at)));
    }
    places.fill(0);
    for &at in &list[..kept] {
        places[usize::from(at) / CHUNK] |= 1 << (usize::from(at) % CHUNK);
    }
}

/// Lists the places, as many as are returned. A branch is needed only for chunks
/// with more than `N` of them.
#[inline(always)]
pub(super) fn write_down<const N: usize>(places: &[u64], list: &mut List) -> usize {
    let mut count = 0;
    for (chunk, &places) in places.iter().enumerate() {
        let start = (chunk * CHUNK) as u16;
        let (mut left, end) = (places, count + places.count_ones() as usize);
        // So many at once, whether there are as many or not.
        loop {
            for place in &mut list[count..count + N] {
                *place = start + left.trailing_zeros() as u16;
                left &= left.wrapping_sub(1);
            }
            count += N;
            if count >= end {
                break;
            }
        }
        count = end;
    }
    count
}

/// Places in `this` at which a run has come to be long.
#[inline(always)]
fn reached(last: Kinds, this: Kinds) -> u64 {
    let both = u128::from(this.token) << 64 | u128::from(last.token);
    let twice = both & both << 1;
    let four = twice & twice << 2;
    let eight = four & four << 4;
    let sixteen = eight & eight << 8;
    const { assert!(LONG_RUN == 16) };
    (sixteen >> 64) as u64
}

/// Where runs begin that come to be long, and where in them a keyword may begin
/// that is as long. `reached` is that of this chunk and of the next.
#[inline(always)]
fn heads(last: Kinds, this: Kinds, reached: [u64; 2]) -> u64 {
    let both = u128::from(reached[1]) << 64 | u128::from(reached[0]);
    let long = (both >> (LONG_RUN - 1)) as u64;
    let starts = long & !(this.token << 1 | last.token >> 63);
    let behind_joint = this.joint << 1 | last.joint >> 63;
    starts | long & behind_joint
}

/// Where base64 or hexadecimal digits of text may begin: three bytes tell most of
/// what is none.
#[inline(always)]
fn texts(this: Kinds, next: Kinds) -> u64 {
    let three = |this: u64, next: u64, step: usize| {
        let both = u128::from(next) << 64 | u128::from(this);
        (both & both >> step & both >> (2 * step)) as u64
    };
    three(this.base64, next.base64, 8) | three(this.hex, next.hex, 4)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn those_places_are_kept_that_may_be(
            mut places in proptest::collection::vec(any::<u64>(), 0..=CHUNKS),
            full in any::<bool>(),
            divisor in 1usize..9,
        ) {
            if full {
                places.fill(u64::MAX);
            }
            let listed = |places: &[u64]| {
                let is = |at: &usize| places[at / CHUNK] >> (at % CHUNK) & 1 == 1;
                (0..places.len() * CHUNK).filter(is).collect::<Vec<_>>()
            };
            let mut expected = listed(&places);
            expected.retain(|at| at % divisor == 0);
            let mut list = Signs::default().list;
            keep(&mut places, &mut list, |at| at % divisor == 0);
            prop_assert_eq!(listed(&places), expected);
        }
    }
}
