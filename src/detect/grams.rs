//! Where might a keyword stand? A filter over grams of four bytes.
//!
//! Of each keyword two grams are kept, one for each parity of the place it may
//! stand at, so that only every second byte of a text has to be looked up: a
//! window of four bytes there covers one of the two. Of all its grams those
//! are taken that are the rarest in words. Keywords of three or four bytes fill
//! a window only together with a neighbour, which may be any byte.
//!
//! The filter may say yes too often, never no too often.

use super::words;

/// Bytes of a window.
pub(super) const WIDTH: usize = 4;
/// Windows are looked up at every second byte.
pub(super) const STRIDE: usize = 2;
/// Bits of a hash. The table has a byte for each, and stays in the second
/// level of the cache.
const BITS: u32 = 18;
/// Bits of a hash by which entries are found.
const BUCKET_BITS: u32 = 13;
/// Sets the bit that tells lower from upper case. It makes other bytes equal
/// too, which does no harm to a filter.
const FOLD: u32 = 0x2020_2020;

/// Which bytes of a window belong to the keyword.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Part {
    Whole,
    /// All but the last, and all but the first.
    Head,
    Tail,
}

impl Part {
    const ALL: [Self; 3] = [Self::Whole, Self::Head, Self::Tail];

    fn mask(self) -> u32 {
        match self {
            Self::Whole => u32::MAX,
            Self::Head => u32::MAX >> 8,
            Self::Tail => u32::MAX << 8,
        }
    }

    fn bit(self) -> u8 {
        1 << self as u8
    }
}

/// Where a gram stands in a keyword.
#[derive(Debug, Clone, Copy)]
struct Entry {
    key: u32,
    word: u32,
    /// Bytes from the start of the keyword to the window; −1 for one byte
    /// before.
    offset: i16,
}

/// The filter, and the keywords behind each gram.
#[derive(Debug)]
pub(super) struct Grams {
    /// For each hash the parts that have it.
    table: Box<[u8; 1 << BITS]>,
    /// For each part its entries.
    entries: [Entries; 3],
}

/// Entries of one part.
#[derive(Debug, Default)]
struct Entries {
    /// In the order of their buckets.
    sorted: Vec<Entry>,
    /// Where each bucket begins, and the last one ends.
    starts: Vec<u32>,
}

impl Entries {
    fn new(mut entries: Vec<Entry>) -> Self {
        entries.sort_unstable_by_key(|entry| (bucket(entry.key), entry.key, entry.word));
        let start = |number| entries.partition_point(|entry| bucket(entry.key) < number) as u32;
        Self {
            starts: (0..=1 << BUCKET_BITS).map(start).collect(),
            sorted: entries,
        }
    }

    fn of(&self, key: u32) -> impl Iterator<Item = &Entry> {
        let bucket = bucket(key);
        let range = self.starts[bucket] as usize..self.starts[bucket + 1] as usize;
        self.sorted[range]
            .iter()
            .filter(move |entry| entry.key == key)
    }
}

fn bucket(key: u32) -> usize {
    hash(key) >> (BITS - BUCKET_BITS)
}

impl Grams {
    /// Over `(number, keyword)`, lower case, of at least three bytes.
    pub(super) fn new<'a>(keywords: impl Iterator<Item = (u32, &'a [u8])>) -> Self {
        let mut table = Box::new([0; 1 << BITS]);
        let mut entries: [Vec<Entry>; 3] = Default::default();
        for (word, text) in keywords {
            for parity in 0..STRIDE {
                let (part, offset) = choose(text, parity);
                let key = (gram(text, offset) | FOLD) & part.mask();
                entries[part as usize].push(Entry { key, word, offset });
                mark(&mut table, part, key);
            }
        }
        Self {
            table,
            entries: entries.map(Entries::new),
        }
    }

    /// Bit `n`: a gram may stand at byte `n` of `bytes`, which holds a window for
    /// each of its first 64 bytes.
    pub(super) fn chunk(&self, bytes: &[u8; 64 + STRIDE]) -> u64 {
        let mut found = 0;
        for (quarter, start) in (0..64).step_by(16).enumerate() {
            let part = bytes[start..].first_chunk::<{ 16 + STRIDE }>();
            if let Some(part) = part.filter(|part| self.any(part)) {
                found |= self.places(part) << (16 * quarter);
            }
        }
        found
    }

    /// Is there one in the first 16 bytes? Most often there is none.
    fn any(&self, part: &[u8; 16 + STRIDE]) -> bool {
        let mut found = 0;
        for start in (0..16).step_by(STRIDE) {
            found |= self.table[hash(window(part, start))];
        }
        found != 0
    }

    fn places(&self, part: &[u8; 16 + STRIDE]) -> u64 {
        (0..16)
            .step_by(STRIDE)
            .filter(|at| self.table[hash(window(part, *at))] != 0)
            .fold(0, |places, at| places | 1 << at)
    }

    /// Calls `each(keyword, start)` for what the window at `at` of `text` may be
    /// part of, until one returns true.
    pub(super) fn find(
        &self,
        text: &[u8],
        at: usize,
        each: &mut impl FnMut(u32, usize) -> bool,
    ) -> bool {
        let mut bytes = [b'\n'; WIDTH];
        let end = text.len().min(at + WIDTH);
        bytes[..end - at].copy_from_slice(&text[at..end]);
        let window = u32::from_le_bytes(bytes) | FOLD;
        let parts = self.table[hash(window)];
        Part::ALL
            .into_iter()
            .filter(|part| parts & part.bit() != 0)
            .any(|part| {
                let mut entries = self.entries[part as usize].of(window & part.mask());
                entries.any(|entry| {
                    at.checked_add_signed(-isize::from(entry.offset))
                        .is_some_and(|start| each(entry.word, start))
                })
            })
    }
}

/// Marks every window of which `key` is this part.
fn mark(table: &mut [u8; 1 << BITS], part: Part, key: u32) {
    let free = !part.mask();
    if free == 0 {
        table[hash(key)] |= part.bit();
        return;
    }
    let shift = free.trailing_zeros();
    for byte in (0..=255u32).filter(|byte| byte & 0x20 != 0) {
        table[hash(key | byte << shift)] |= part.bit();
    }
}

/// Folded, so that a table made of folded grams is asked for the same.
fn window(bytes: &[u8], at: usize) -> u32 {
    u32::from_le_bytes([bytes[at], bytes[at + 1], bytes[at + 2], bytes[at + 3]]) | FOLD
}

fn hash(gram: u32) -> usize {
    (gram.wrapping_mul(0x9E37_79B1) >> (32 - BITS)) as usize
}

/// The part of a window, and the offset of the window in the keyword, by which
/// `text` is found where it starts at a place of this parity.
fn choose(text: &[u8], parity: usize) -> (Part, i16) {
    let offsets = (parity..=text.len().saturating_sub(WIDTH)).step_by(STRIDE);
    let whole = offsets
        .filter(|offset| offset + WIDTH <= text.len())
        .min_by_key(|offset| words::usual(&text[*offset..offset + WIDTH]));
    match (whole, parity) {
        (Some(offset), _) => (Part::Whole, offset as i16),
        (None, 0) => (Part::Head, 0),
        // Of four bytes the first or the last three: what is rarer in words.
        (None, _) if text.len() >= WIDTH && words::usual(&text[1..]) < words::usual(&text[..3]) => {
            (Part::Head, 1)
        }
        (None, _) => (Part::Tail, -1),
    }
}

/// Four bytes of `text` from `offset` on; what lies outside of it is 0.
fn gram(text: &[u8], offset: i16) -> u32 {
    let byte = |n: i16| {
        let at = usize::try_from(offset + n).ok();
        u32::from(at.and_then(|at| text.get(at)).copied().unwrap_or(0))
    };
    (0..WIDTH as i16).fold(0, |gram, n| gram | byte(n) << (8 * n))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn found(words: &[&str], text: &str) -> Vec<(u32, usize)> {
        let keywords = (0u32..).zip(words.iter().map(|word| word.as_bytes()));
        let grams = Grams::new(keywords);
        let mut out = Vec::new();
        for at in (0..text.len()).step_by(STRIDE) {
            grams.find(text.as_bytes(), at, &mut |word, start| {
                let end = start + words[word as usize].len();
                let same = |part: &str| part.eq_ignore_ascii_case(words[word as usize]);
                if text.get(start..end).is_some_and(same) {
                    out.push((word, start));
                }
                false
            });
        }
        out.sort_unstable();
        out.dedup();
        out
    }

    #[test]
    fn keywords_of_every_length_are_found_at_every_place() {
        for word in ["abc", "://", "pass", "ghp_", "token", "secret", "xoxb-x"] {
            for before in 0..9 {
                for after in ["", " ", "\n", "zz", "\u{fc}"] {
                    let text = format!("{}{}{after}", " ".repeat(before), word.to_uppercase());
                    assert_eq!(found(&[word], &text), [(0, before)], "{text:?}");
                }
            }
        }
    }

    #[test]
    fn chunks_tell_the_windows_that_find() {
        let words = ["pass", "abc", "secret_key"];
        let keywords = (0u32..).zip(words.iter().map(|word| word.as_bytes()));
        let grams = Grams::new(keywords);
        let text = format!("{:64}  ", "xx SECRET_KEY=1 Pass abC");
        let mut bytes = [0; 64 + STRIDE];
        bytes.copy_from_slice(text.as_bytes());
        let told = grams.chunk(&bytes);
        for at in (0..64).step_by(STRIDE) {
            let mut finds = false;
            grams.find(&bytes, at, &mut |_, _| {
                finds = true;
                true
            });
            assert!(!finds || told >> at & 1 == 1, "{at}");
        }
        assert_ne!(told, 0);
    }
}
