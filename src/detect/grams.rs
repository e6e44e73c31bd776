//! Where might a keyword stand? A filter over grams of four bytes.
//!
//! Of each keyword two grams are kept, one for each parity of the place it may
//! stand at, so that only every second byte of a text has to be looked up: a
//! window of four bytes there covers one of the two. Of all its grams those
//! are taken that are the rarest in words. Keywords of three or four bytes fill
//! a window only together with a neighbour, which may be any byte.
//!
//! The filter may say yes too often, never no too often.

use super::buckets::Buckets;
use super::sieve::Sieve;
use super::simd::{self, FOLD, ROWS, STRIDE, place};
use super::words;
use foldhash::HashSet;

/// Words of which every build log is full: a gram out of one of them would stop
/// the filter on every line.
const LOG_WORDS: &str = "\
    account action actions active adding alias already apache application apply archive argument \
    artifact assembly assert async attempt available average based because before begin binary \
    branch browser build building cache cached cannot change changed check checking checkout chrome \
    class clean client cloud cmake code collect collecting command commit compile compiling complete \
    component config configuration configure conflict connect container content context copied copy \
    core count coverage create created creating current data database date debug default delete \
    dependencies dependency deploy deprecated description detail develop device directory disable \
    docker done download downloaded downloading elapsed empty enable enabled end endpoint engine \
    environment error errors event exec execute executing exist exit expect expected export extension \
    extract fail failed failure false feature fetch field file files filter finally find finish \
    finished float flag folder force format found framework from function generate generated generator \
    github global google gradle graph group handle handler hash head header help home host hosted html \
    http https icon ignore image images import include index info information input install installed \
    installing instance integration interface internal invalid issue item items java javascript job \
    json junit kernel kotlin label language latest launch layer level library license line link linux \
    list listen load loaded loading local location lock locked log logger main make manager manifest \
    match maven memory merge message metadata method microsoft migrate minute missing mode model module \
    modules mount move name native network new node not note notice number object official open option \
    options order org origin output overflow override package packages packaged page parallel param \
    parse parser parsing pass passed passing password patch path pending percent performance permission \
    platform plugin plugins pool port post prepare press preview previous print private problem process \
    processing product profile progress project projects property protocol provide provider public pull \
    push python query queue rails reading ready reason receive reference register release remote remove \
    repo report repository request require required resolve resolved resource response result results \
    return root rule run runner running runtime sample save scan schema scope script search second \
    seconds section secret select send server service session setting setup share shell simple site \
    size skip skipped snapshot source space spec stack stage standard start started starting state \
    static status step stop storage store stream string struct style success successfully suite summary \
    support symbol sync system table tag target task template temp terminal test testing tests text \
    thread time timeout title token tool total trace track transfer travis tree trigger true type \
    unable unit unknown unpack unused update updated upgrade upload usage user using util value variable \
    verify version versions view virtual visual wait warn warning warnings web when window windows with \
    work worker workflow workspace write writing yarn zone";

const FOLD_ALL: u64 = (FOLD as u64) << 32 | FOLD as u64;

/// Bytes of a window.
const WIDTH: usize = 4;

/// Which bytes of a window belong to the keyword.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Part {
    Whole,
    /// All but the last, and all but the first.
    Head,
    Tail,
}

impl Part {
    fn mask(self) -> u32 {
        match self {
            Self::Whole => u32::MAX,
            Self::Head => u32::MAX >> 8,
            Self::Tail => u32::MAX << 8,
        }
    }
}

/// A gram of a keyword.
#[derive(Debug, Clone, Copy)]
struct Entry {
    word: u32,
    /// Bytes from the start of the keyword to the window; −1 for one byte
    /// before.
    offset: i32,
}

/// Bytes before a window that are looked at with it; the ones behind it fill up a
/// word of 64 bits.
const BEFORE: usize = 1;

/// Of a window with what stands around it, the bytes by which a keyword may be
/// told a second time.
const SHAPES: [u64; 4] = [
    0x0000_ffff_ffff_ff00,
    0x0000_00ff_ffff_ffff,
    // Of keywords of three and four bytes.
    0x0000_0000_ffff_ff00,
    0x0000_00ff_ffff_0000,
];

/// The filter, and the keywords behind each gram.
#[derive(Debug)]
pub(super) struct Grams {
    pub table: Box<[u32; ROWS]>,
    /// What keywords are like around their grams.
    around: Sieve<{ 1 << 13 }>,
    /// Keywords by what they are like there.
    entries: Buckets<Entry>,
}

impl Grams {
    /// Over `(number, keyword)`, lower case, of at least three bytes.
    pub(super) fn new<'a>(keywords: impl Iterator<Item = (u32, &'a [u8])>) -> Self {
        let mut table = simd::empty_table();
        let mut around = Vec::new();
        let mut entries = Vec::new();
        let usual = Usual::new();
        for (word, text) in keywords {
            for parity in 0..STRIDE {
                let (part, offset) = usual.rarest(text, parity);
                mark(&mut table, part, (gram(text, offset) | FOLD) & part.mask());
                let shape = own_shape(text, offset);
                around.push(shape);
                entries.push((key(shape), Entry { word, offset }));
            }
        }
        Self {
            table,
            around: Sieve::new(around.into_iter()),
            entries: Buckets::new(entries),
        }
    }

    /// Whether the window at `at` of `text`, which the table has, may be part of a
    /// keyword that stands there. Most are not, which no branch could guess.
    #[inline]
    pub(super) fn may_be(&self, text: &[u8], at: usize) -> bool {
        let around = around(text, at) | FOLD_ALL;
        let has = |shape: u64| self.around.has(around & shape);
        SHAPES
            .into_iter()
            .fold(false, |any, shape| any | has(shape))
    }

    /// Calls `each(keyword, start)` for what the window at `at` of `text` may be
    /// part of, until one returns true.
    pub(super) fn find(
        &self,
        text: &[u8],
        at: usize,
        each: &mut impl FnMut(u32, usize) -> bool,
    ) -> bool {
        let around = around(text, at) | FOLD_ALL;
        SHAPES.into_iter().any(|shape| {
            let shape = around & shape;
            self.around.has(shape)
                && self.entries.of(key(shape)).any(|entry| {
                    let start = at.checked_add_signed(-(entry.offset as isize));
                    start.is_some_and(|start| each(entry.word, start))
                })
        })
    }
}

/// Mixes what stands around a window into the half of its bits.
fn key(around: u64) -> u32 {
    (around.wrapping_mul(0x9E37_79B9_7F4A_7C15) >> u32::BITS) as u32
}

/// The bytes of `text` around the window at `at`.
fn around(text: &[u8], at: usize) -> u64 {
    let whole = at
        .checked_sub(BEFORE)
        .and_then(|start| text.get(start..)?.first_chunk());
    whole.map_or_else(
        || {
            let byte = |n: usize| {
                text.get((at + n).wrapping_sub(BEFORE))
                    .copied()
                    .unwrap_or(b'\n')
            };
            u64::from_le_bytes(std::array::from_fn(byte))
        },
        |bytes| u64::from_le_bytes(*bytes),
    )
}

/// What stands around the window at `offset` of a keyword, in the shape that
/// holds the most of it and nothing else.
fn own_shape(keyword: &[u8], offset: i32) -> u64 {
    let at = |n: usize| n.checked_add_signed(offset as isize)?.checked_sub(BEFORE);
    let byte = |n: usize| at(n).and_then(|at| keyword.get(at)).copied();
    let mask = u64::from_le_bytes(std::array::from_fn(|n| byte(n).map_or(0, |_| 0xff)));
    let bytes = u64::from_le_bytes(std::array::from_fn(|n| byte(n).unwrap_or(0)));
    let own = SHAPES.into_iter().filter(|shape| shape & mask == *shape);
    let shape = own.max_by_key(|shape| shape.count_ones());
    (bytes | FOLD_ALL) & shape.unwrap_or_else(|| unreachable!("a keyword has three bytes"))
}

/// Marks every window of which `key` is this part.
fn mark(table: &mut [u32; ROWS], part: Part, key: u32) {
    let mut put = |window: u32| {
        let (row, bits) = place(window);
        table[row] |= bits;
    };
    let free = !part.mask();
    if free == 0 {
        return put(key);
    }
    let shift = free.trailing_zeros();
    for byte in (0..=255u32).filter(|byte| byte & 0x20 != 0) {
        put(key | byte << shift);
    }
}

/// How usual grams are, by guess.
struct Usual {
    /// Grams of three and four bytes that words of logs hold.
    of_logs: HashSet<&'static [u8]>,
}

impl Usual {
    fn new() -> Self {
        let words = LOG_WORDS.split(' ').map(str::as_bytes);
        let grams = words.flat_map(|word| word.windows(WIDTH).chain(word.windows(WIDTH - 1)));
        Self {
            of_logs: grams.collect(),
        }
    }

    fn of(&self, gram: &[u8]) -> i32 {
        const PUNCTUATION: i32 = -64;
        const REPEATED: i32 = 128;
        const OF_LOGS: i32 = 1024;
        let pair = |pair: &[u8]| match pair {
            [a, b] if a == b => REPEATED,
            _ => words::bits(pair[0], pair[1]).unwrap_or(PUNCTUATION),
        };
        let of_logs = i32::from(self.of_logs.contains(gram)) * OF_LOGS;
        gram.windows(2).map(pair).sum::<i32>() + of_logs
    }

    /// The part of a window, and the offset of the window in the keyword, by
    /// which `text` is found where it starts at a place of this parity.
    fn rarest(&self, text: &[u8], parity: usize) -> (Part, i32) {
        let last = text.len().checked_sub(WIDTH);
        let offsets = last.map(|last| (parity..=last).step_by(STRIDE));
        let whole = offsets
            .into_iter()
            .flatten()
            .min_by_key(|offset| self.of(&text[*offset..offset + WIDTH]));
        match whole {
            Some(offset) => (Part::Whole, (offset as u32).cast_signed()),
            None if parity == 0 => (Part::Head, 0),
            None if last.is_some() && self.of(&text[1..]) < self.of(&text[..WIDTH - 1]) => {
                (Part::Head, 1)
            }
            None => (Part::Tail, -1),
        }
    }
}

/// Four bytes of `text` from `offset` on; what lies outside of it is 0.
fn gram(text: &[u8], offset: i32) -> u32 {
    let byte = |n: i32| {
        let at = usize::try_from(offset + n).ok();
        u32::from(at.and_then(|at| text.get(at)).copied().unwrap_or(0))
    };
    (0..4).fold(0, |gram, n| gram | byte(n) << (8 * n))
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
}
