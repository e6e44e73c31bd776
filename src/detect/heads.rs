//! Keywords that begin long tokens: `ghp_…`.
//!
//! Of most rules every match begins with a keyword, stands behind no letter or
//! digit, and goes on without a gap for as long as a run that may be base64.
//! Such runs are found anyhow, and at their start and behind each of their
//! joints three bytes tell whether a keyword may begin.

/// Bytes by which a keyword is looked up.
const WIDTH: usize = 3;
/// A shorter keyword stands everywhere.
pub(super) const SHORTEST: usize = 2;
/// Bits of a hash.
const BITS: u32 = 14;
const FOLD: u32 = 0x0020_2020;

/// Keywords by their first bytes.
#[derive(Debug)]
pub(super) struct Heads {
    /// Whether some keyword has this hash.
    table: Box<[bool; 1 << BITS]>,
    /// `(first bytes, keyword)`, sorted.
    entries: Vec<(u32, u32)>,
}

impl Heads {
    /// Over `(number, keyword)`, lower case, of at least [`SHORTEST`] bytes.
    pub(super) fn new<'a>(keywords: impl Iterator<Item = (u32, &'a [u8])>) -> Self {
        let mut table = Box::new([false; 1 << BITS]);
        let mut entries = Vec::new();
        for (word, text) in keywords {
            match key(text, 0) {
                Some(key) => entries.push((key, word)),
                None => entries.extend(followed(text).map(|key| (key, word))),
            }
        }
        entries.sort_unstable();
        for (key, _) in &entries {
            table[hash(*key)] = true;
        }
        Self { table, entries }
    }

    /// The keywords that may begin at byte `at` of `text`.
    pub(super) fn at(&self, text: &[u8], at: usize) -> impl Iterator<Item = u32> {
        let key = key(text, at).filter(|key| self.table[hash(*key)]);
        let first = key.map_or(self.entries.len(), |key| {
            self.entries.partition_point(|entry| entry.0 < key)
        });
        let same = move |entry: &&(u32, u32)| Some(entry.0) == key;
        self.entries[first..]
            .iter()
            .take_while(same)
            .map(|entry| entry.1)
    }
}

fn key(text: &[u8], at: usize) -> Option<u32> {
    let bytes = text.get(at..at + WIDTH)?;
    Some(u32::from_le_bytes([bytes[0], bytes[1], bytes[2], 0]) | FOLD)
}

/// The keys of a keyword that fills one only together with what follows it.
fn followed(text: &[u8]) -> impl Iterator<Item = u32> {
    let folded = (0..=u8::MAX).filter(|byte| byte & 0x20 != 0);
    folded.filter_map(move |byte| key(&[text, &[byte]].concat(), 0))
}

fn hash(key: u32) -> usize {
    (key.wrapping_mul(0x9E37_79B1) >> (32 - BITS)) as usize
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
        assert_eq!(at("K_9", 0), [3]);
    }
}
