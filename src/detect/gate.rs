//! Which lines are worth a look?
//!
//! The gate must have no false negatives: every line in which the rules would
//! find something is woken. It runs over raw bytes, 4 KiB at a time: vector
//! instructions tell what kind of byte stands where, [`Grams`](super::grams) and
//! [`Heads`](super::heads) where a keyword may stand, and a
//! [`Glance`](super::glance) whether it is worth anything. Lines from which
//! cleaning takes bytes out of the middle are cleaned and go through the gate
//! again.

use super::decode;
use super::glance::{Glance, Known, Line};
use super::simd::{self, CHUNK, Kernel, Kinds};
use crate::log::{self, LogFormat};
use crate::rule::LONG_RUN;

/// Chunks that are looked at together.
const CHUNKS: usize = 64;
const BATCH: usize = CHUNKS * CHUNK;

/// Finds the next byte of a line that is worth a look.
pub(super) struct Gate<'a> {
    known: Known<'a>,
    /// Whether lines are cleaned and escapes in them undone.
    looks_inside: bool,
    bytes: &'a [u8],
    /// Nothing from here on is woken.
    end: usize,
    /// Off: every line is.
    on: bool,
    /// Where the batch at hand begins, a multiple of its size.
    batch: Option<usize>,
    room: Room,
    /// Of the gates that look at what comes out of a line.
    room_inside: Room,
    line: Line<'a>,
    /// End of the line that was last cleaned and decoded, and whether it is
    /// woken by what came out.
    inside: Option<(usize, bool)>,
}

/// What one gate after the other needs.
#[derive(Default)]
struct Room {
    /// What stands in the chunks of the batch at hand.
    signs: Vec<Signs>,
    /// The kinds of its bytes.
    kinds: Vec<Kinds>,
}

/// Places in a chunk, a bit for each byte.
#[derive(Debug, Clone, Copy, Default)]
struct Signs {
    /// A gram of a keyword may stand here.
    gram: u64,
    /// A long run of token bytes begins here, or goes on behind a joint.
    head: u64,
    /// And it may be base64 or hexadecimal digits of text.
    text: u64,
    control: u64,
    mark: u64,
}

impl Signs {
    fn any(&self) -> u64 {
        self.gram | self.head | self.text | self.control | self.mark
    }
}

impl<'a> Gate<'a> {
    /// Over all of `bytes`.
    pub(super) fn new(known: Known<'a>, bytes: &'a [u8]) -> Self {
        Self {
            known,
            looks_inside: true,
            bytes,
            end: bytes.len(),
            on: true,
            batch: None,
            room: Room::default(),
            room_inside: Room::default(),
            line: Line::new(bytes, 0..0),
            inside: None,
        }
    }

    /// Only up to `end`; what follows is read on into. With `on` false, every
    /// line is woken.
    pub(super) fn up_to(self, end: usize, on: bool) -> Self {
        Self { end, on, ..self }
    }

    /// The first byte at or after `from` for which a line is woken.
    pub(super) fn next(&mut self, from: usize) -> Option<usize> {
        if !self.on {
            return (from < self.end).then_some(from);
        }
        // A keyword at the start of a line may be told by the byte before it.
        let mut since = from.saturating_sub(1);
        while since < self.end {
            let batch = since / BATCH * BATCH;
            if self.batch != Some(batch) {
                self.load(batch);
            }
            if let Some(woken) = self.within(batch, since, from) {
                return (woken < self.end).then_some(woken);
            }
            since = batch + BATCH;
        }
        None
    }

    fn within(&mut self, batch: usize, since: usize, from: usize) -> Option<usize> {
        for chunk in (since - batch) / CHUNK..self.room.signs.len() {
            let signs = self.room.signs[chunk];
            let start = batch + chunk * CHUNK;
            let mut places = signs.any();
            if start < since {
                places &= u64::MAX << (since - start);
            }
            while places != 0 {
                let bit = places.trailing_zeros();
                places &= places - 1;
                let at = start + bit as usize;
                let woken = self.wakes(&signs, bit, at).filter(|woken| *woken >= from);
                if woken.is_some() {
                    return woken;
                }
            }
        }
        None
    }

    /// The byte that is worth a look, by what stands at `at`.
    fn wakes(&mut self, signs: &Signs, bit: u32, at: usize) -> Option<usize> {
        let is = |places: u64| places >> bit & 1 == 1;
        let hidden = is(signs.control | signs.mark);
        let found = is(signs.text)
            || (is(signs.head) && self.is_head(at))
            || (hidden && self.is_woken_inside(at));
        if found {
            return Some(at);
        }
        if is(signs.gram) {
            return self.keyword_near(at);
        }
        None
    }

    fn is_head(&mut self, at: usize) -> bool {
        let mut words = self.known.layers.prefilter.heads.at(self.bytes, at);
        words.any(|word| self.is_keyword(word, at))
    }

    /// Where a keyword starts that the gram at `at` is part of.
    fn keyword_near(&mut self, at: usize) -> Option<usize> {
        let (layers, bytes) = (self.known.layers, self.bytes);
        let mut found = None;
        layers.prefilter.grams.find(bytes, at, &mut |word, start| {
            found = self.is_keyword(word, start).then_some(start);
            found.is_some()
        });
        found
    }

    /// Whether the keyword stands there and is worth a look.
    fn is_keyword(&mut self, word: u32, start: usize) -> bool {
        let word = &self.known.layers.prefilter.words[word as usize];
        let text = word.text.as_bytes();
        let found = self.bytes.get(start..start + text.len());
        // Most often the first byte is another one already.
        let same = |found: &[u8]| {
            found
                .iter()
                .zip(text)
                .all(|(a, b)| a.to_ascii_lowercase() == *b)
        };
        if !found.is_some_and(same) {
            return false;
        }
        let glance = word
            .glance
            .get_or_init(|| Glance::new(word, self.known.rules));
        if !glance.may_be_worth(self.bytes, start, self.known) {
            return false;
        }
        self.enter(start);
        glance.is_worth(&self.line, start, self.known)
    }

    /// Makes the line around `at` the one at hand.
    fn enter(&mut self, at: usize) {
        if !self.line.range.contains(&at) {
            // A carriage return becomes a line end.
            let (before, after) = self.bytes.split_at(at);
            let start = memchr::memrchr2(b'\n', b'\r', before).map_or(0, |end| end + 1);
            let end = memchr::memchr2(b'\n', b'\r', after).map_or(self.bytes.len(), |len| at + len);
            self.line = Line::new(self.bytes, start..end);
        }
    }

    /// Whether the line around `at` is woken by what comes out when its control
    /// sequences are taken out and its escapes undone.
    fn is_woken_inside(&mut self, at: usize) -> bool {
        if !self.looks_inside {
            return false;
        }
        if let Some((end, woken)) = self.inside
            && at < end
        {
            return woken;
        }
        self.enter(at);
        let line = self.line.range.clone();
        let text = log::clean(LogFormat::Plain, self.bytes, line.clone());
        let (known, room) = (self.known, &mut self.room_inside);
        let woken = is_woken(known, text.bytes(), room)
            || text
                .separated()
                .is_some_and(|text| is_woken(known, text.bytes(), room));
        self.inside = Some((line.end, woken));
        woken
    }

    /// Reads the batch that begins at `batch`.
    fn load(&mut self, batch: usize) {
        let count = (self.bytes.len() - batch).div_ceil(CHUNK).min(CHUNKS);
        let kernel = simd::kernel();
        let mut kinds = std::mem::take(&mut self.room.kinds);
        kinds.clear();
        kinds.resize(count + 2, Kinds::default());
        self.classify(kernel, batch, &mut kinds);
        let mut grams = [0; CHUNKS];
        self.look_up(kernel, batch, &mut grams[..count]);
        self.tell(&kinds, &grams[..count]);
        self.room.kinds = kinds;
        self.batch = Some(batch);
        self.narrow(batch);
    }

    /// Puts together what stands in each chunk.
    fn tell(&mut self, kinds: &[Kinds], grams: &[u64]) {
        let mut long = reached(kinds[0], kinds[1]);
        self.room.signs.clear();
        for (three, gram) in kinds.windows(3).zip(grams) {
            let [last, this, next] = [three[0], three[1], three[2]];
            let reached = [long, reached(this, next)];
            long = reached[1];
            let head = heads(last, this, reached);
            self.room.signs.push(Signs {
                gram: *gram,
                head,
                text: head & texts(this, next),
                control: this.control,
                mark: this.mark,
            });
        }
    }

    /// Takes out the signs behind which nothing can stand. Most are such, and the
    /// processor could not guess which.
    fn narrow(&mut self, batch: usize) {
        let (bytes, prefilter) = (self.bytes, &self.known.layers.prefilter);
        for (chunk, signs) in self.room.signs.iter_mut().enumerate() {
            let start = batch + chunk * CHUNK;
            signs.gram = kept(signs.gram, start, |at| prefilter.grams.may_be(bytes, at));
            signs.text = kept(signs.text, start, |at| decode::may_begin(bytes, at));
            signs.head = kept(signs.head, start, |at| prefilter.heads.may_be(bytes, at));
            signs.mark = kept(signs.mark, start, |at| decode::is_mark(bytes, at));
        }
    }

    /// The kinds of the chunk before the batch, of its own ones and of the one
    /// behind it.
    fn classify(&self, kernel: Kernel, batch: usize, kinds: &mut [Kinds]) {
        let first = usize::from(batch == 0);
        let bytes = &self.bytes[batch.saturating_sub(CHUNK)..];
        let whole = (bytes.len() / CHUNK).min(kinds.len() - first);
        (kernel.classify)(bytes, &mut kinds[first..first + whole]);
        if let Some(kinds) = kinds.get_mut(first + whole..=first + whole) {
            let rest = &bytes[whole * CHUNK..];
            let mut padded = [b'\n'; CHUNK];
            padded[..rest.len()].copy_from_slice(rest);
            (kernel.classify)(&padded, kinds);
        }
    }

    /// Places of grams in the chunks of the batch.
    fn look_up(&self, kernel: Kernel, batch: usize, grams: &mut [u64]) {
        let table = &self.known.layers.prefilter.grams.table;
        let bytes = &self.bytes[batch..];
        let whole = (bytes.len().saturating_sub(simd::STRIDE) / CHUNK).min(grams.len());
        (kernel.grams)(table, bytes, &mut grams[..whole]);
        // Chunks whose windows reach beyond the end of the bytes.
        for (chunk, found) in grams.iter_mut().enumerate().skip(whole) {
            let rest = &bytes[chunk * CHUNK..];
            let mut padded = [b'\n'; simd::SPAN];
            let len = rest.len().min(simd::SPAN);
            padded[..len].copy_from_slice(&rest[..len]);
            (kernel.grams)(table, &padded, std::slice::from_mut(found));
        }
    }
}

/// Whether clean text is worth a look, or what escapes in it stand for.
fn is_woken(known: Known<'_>, text: &[u8], room: &mut Room) -> bool {
    Inside {
        known,
        room,
        budget: known.options.decode_budget,
    }
    .is_woken(text, known.options.decode_depth)
}

/// A look into what escapes stand for.
struct Inside<'a> {
    known: Known<'a>,
    room: &'a mut Room,
    /// Bytes that may still be decoded.
    budget: usize,
}

impl Inside<'_> {
    fn is_woken(&mut self, text: &[u8], depth: u8) -> bool {
        let mut gate = Gate {
            looks_inside: false,
            room: std::mem::take(self.room),
            ..Gate::new(self.known, text)
        };
        let woken = gate.next(0).is_some();
        *self.room = gate.room;
        let mut undone = [decode::unescape, decode::unpercent].into_iter();
        woken
            || (depth > 0
                && undone.any(|undo| {
                    undo(text).is_some_and(|decoded| self.is_woken_by(&decoded.text, depth - 1))
                }))
    }

    /// What is more than may be decoded wakes the line, so that this is said.
    fn is_woken_by(&mut self, decoded: &[u8], depth: u8) -> bool {
        let Some(rest) = self.budget.checked_sub(decoded.len()) else {
            return true;
        };
        self.budget = rest;
        let text = log::clean(LogFormat::Plain, decoded, 0..decoded.len());
        self.is_woken(text.bytes(), depth)
    }
}

/// Those of the places, which count from `start`, that `may` lets pass.
fn kept(places: u64, start: usize, may: impl Fn(usize) -> bool) -> u64 {
    let (mut left, mut kept) = (places, 0);
    while left != 0 {
        let bit = left.trailing_zeros();
        kept |= u64::from(may(start + bit as usize)) << bit;
        left &= left - 1;
    }
    kept
}

/// Places in `this` at which a run has come to be long.
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
fn heads(last: Kinds, this: Kinds, reached: [u64; 2]) -> u64 {
    let both = u128::from(reached[1]) << 64 | u128::from(reached[0]);
    let long = (both >> (LONG_RUN - 1)) as u64;
    let starts = long & !(this.token << 1 | last.token >> 63);
    let behind_joint = this.joint << 1 | last.joint >> 63;
    starts | long & behind_joint
}

/// Where base64 or hexadecimal digits of text may begin: five bytes tell most of
/// what is none.
fn texts(this: Kinds, next: Kinds) -> u64 {
    let five = |this: u64, next: u64, step: usize| {
        let both = u128::from(next) << 64 | u128::from(this);
        (0..5).fold(both, |all, n| all & both >> (n * step)) as u64
    };
    five(this.base64, next.base64, 4) | five(this.hex, next.hex, 2)
}
