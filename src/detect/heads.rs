//! Keywords that begin long tokens: `ghp_…`.
//!
//! Of most rules every match begins with a keyword, stands behind no letter or
//! digit, and goes on without a gap for as long as a run that may be base64.
//! Such runs are found anyhow, and at their start and behind each of their
//! joints three bytes tell whether a keyword may begin.

use super::buckets::{Buckets, hash};

/// A shorter keyword stands everywhere.
pub(super) const SHORTEST: usize = 2;
/// Bits of a hash. A table has a bit for each, in words of 32, and stays in the
/// first level of the cache.
const BITS: u32 = 15;
const ROWS: usize = 1 << (BITS - 5);
const FOLD: u32 = 0x2020_2020;

/// Keywords by their first bytes.
#[derive(Debug)]
pub(super) struct Heads {
    long: Table<4>,
    short: Table<3>,
}

/// Keywords by `WIDTH` bytes; a shorter one is entered with every byte that may
/// follow it.
#[derive(Debug)]
struct Table<const WIDTH: usize> {
    /// Whether some keyword has this hash.
    bits: Box<[u32; ROWS]>,
    /// Keywords by their first bytes.
    entries: Buckets<u32>,
}

impl Heads {
    /// Over `(number, keyword)`, lower case, of at least [`SHORTEST`] bytes.
    pub(super) fn new<'a>(keywords: impl Iterator<Item = (u32, &'a [u8])>) -> Self {
        let (long, short) = keywords.partition::<Vec<_>, _>(|(_, text)| text.len() >= 4);
        Self {
            long: Table::new(&long),
            short: Table::new(&short),
        }
    }

    /// The keywords that may begin at byte `at` of `text`.
    pub(super) fn at(&self, text: &[u8], at: usize) -> impl Iterator<Item = u32> {
        self.long
            .at(text, at)
            .chain(self.short.at(text, at))
            .copied()
    }
}

impl<const WIDTH: usize> Table<WIDTH> {
    fn new(keywords: &[(u32, &[u8])]) -> Self {
        let mut entries = Vec::new();
        for (word, text) in keywords {
            Self::keys(text, &mut |key| entries.push((key, *word)));
        }
        let mut bits = Box::new([0; ROWS]);
        for (key, _) in &entries {
            let (row, bit) = place(*key);
            bits[row] |= 1 << bit;
        }
        Self {
            bits,
            entries: Buckets::new(entries),
        }
    }

    fn keys(text: &[u8], each: &mut dyn FnMut(u32)) {
        if let Some(key) = Self::key(text, 0) {
            return each(key);
        }
        for byte in (0..=u8::MAX).filter(|byte| byte & 0x20 != 0) {
            Self::keys(&[text, &[byte]].concat(), each);
        }
    }

    fn key(text: &[u8], at: usize) -> Option<u32> {
        let bytes: &[u8; WIDTH] = text.get(at..)?.first_chunk()?;
        let key = bytes
            .iter()
            .rev()
            .fold(0, |key, byte| key << 8 | u32::from(*byte));
        Some(key | FOLD)
    }

    fn at(&self, text: &[u8], at: usize) -> impl Iterator<Item = &u32> {
        let known = |key: &u32| {
            let (row, bit) = place(*key);
            self.bits[row] >> bit & 1 == 1
        };
        let key = Self::key(text, at).filter(known);
        key.into_iter().flat_map(|key| self.entries.of(key))
    }
}

/// Row and bit of a table.
fn place(key: u32) -> (usize, u32) {
    let hash = hash(key) >> (32 - BITS);
    ((hash >> 5) as usize, hash & 31)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keywords_are_found_in_any_case_where_they_begin() {
        let words = ["ghp_", "gho_", "npm_", "k_"];
        let heads = Heads::new((0u32..).zip(words.iter().map(|word| word.as_bytes())));
        let at = |text: &str, at| heads.at(text.as_bytes(), at).collect::<Vec<_>>();
        assert_eq!(at("x GHP_1", 2), [0]);
        assert_eq!(at("npm_", 0), [2]);
        assert!(at("npm_", 1).is_empty());
        assert!(at("np", 0).is_empty());
        assert_eq!(at("K_9z", 0), [3]);
    }
}
