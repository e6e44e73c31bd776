//! Keywords that begin long tokens: `ghp_…`.
//!
//! Of most rules every match begins with a keyword, stands behind no letter or
//! digit, and goes on without a gap for as long as a run that may be base64.
//! Such runs are found anyhow, and at their start and behind each of their
//! joints three bytes tell whether a keyword may begin.

use super::buckets::Buckets;
use super::sieve::Sieve;

/// A shorter keyword stands everywhere.
pub(super) const SHORTEST: usize = 2;
/// Of the set of keys: as much as stays in the first level of the cache.
const ROWS: usize = 1 << 9;
const FOLD: u32 = 0x2020_2020;

/// First bytes by which keywords are found; a shorter one is entered with every
/// byte that may follow it.
const WIDTH: usize = 3;

/// Keywords by their first bytes.
#[derive(Debug)]
pub(super) struct Heads {
    keys: Sieve<ROWS>,
    entries: Buckets<u32>,
}

impl Heads {
    /// Over `(number, keyword)`, lower case, of at least [`SHORTEST`] bytes.
    pub(super) fn new<'a>(keywords: impl Iterator<Item = (u32, &'a [u8])>) -> Self {
        let mut entries = Vec::new();
        for (word, text) in keywords {
            keys(text, &mut |key| entries.push((key, word)));
        }
        Self {
            keys: Sieve::new(entries.iter().map(|(key, _)| u64::from(*key))),
            entries: Buckets::new(entries),
        }
    }

    /// Whether a keyword may begin at byte `at` of `text`, without a branch.
    #[inline]
    pub(super) fn may_be(&self, text: &[u8], at: usize) -> bool {
        key(text, at).is_some_and(|key| self.keys.has(u64::from(key)))
    }

    /// The keywords that may begin there.
    pub(super) fn at(&self, text: &[u8], at: usize) -> impl Iterator<Item = u32> {
        let entries = key(text, at)
            .into_iter()
            .flat_map(|key| self.entries.of(key));
        entries.copied()
    }
}

fn keys(text: &[u8], each: &mut dyn FnMut(u32)) {
    if let Some(key) = key(text, 0) {
        return each(key);
    }
    for byte in (0..=u8::MAX).filter(|byte| byte & 0x20 != 0) {
        keys(&[text, &[byte]].concat(), each);
    }
}

#[inline]
fn key(text: &[u8], at: usize) -> Option<u32> {
    let bytes: &[u8; WIDTH] = text.get(at..)?.first_chunk()?;
    Some(u32::from_le_bytes([bytes[0], bytes[1], bytes[2], 0]) | FOLD)
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
