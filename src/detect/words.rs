//! Is it made of words?

use aho_corasick::{AhoCorasick, AhoCorasickKind};
use std::sync::LazyLock;

/// How usual each letter is behind each other one in the prose of the rules, in
/// sixteenths of a bit above or below chance (see `build.rs`).
static PAIRS: &[u8; 26 * 26] = include_bytes!(concat!(env!("OUT_DIR"), "/pairs.bin"));
/// A letter next to a digit: rare in words, every third place in random text.
const LETTER_TO_DIGIT: i32 = -32;
/// Values above are made of words, values below [`RARE`] came out of a
/// generator. Words of English and of code lie around a bit a pair, random
/// letters around one and a half below chance.
const USUAL: f32 = 0.1;
const RARE: f32 = -0.3;

/// Whether one of some words stands in a value, whatever its case.
pub(super) type AnyOf = LazyLock<AhoCorasick>;

pub(super) fn any_of(words: &[&str]) -> AhoCorasick {
    let mut builder = AhoCorasick::builder();
    builder
        .ascii_case_insensitive(true)
        .kind(Some(AhoCorasickKind::ContiguousNFA));
    match builder.build(words) {
        Ok(automaton) => automaton,
        Err(error) => unreachable!("a few words make no automaton: {error}"),
    }
}

/// Mostly made of words: its letters follow one another as they do in them.
pub(super) fn word_like(value: &[u8]) -> bool {
    usualness(value) > USUAL
}

/// Its letters and digits follow one another as they do in no word.
pub(super) fn is_rare(value: &[u8]) -> bool {
    usualness(value) < RARE
}

/// Mean of how usual the pairs of neighbours in `value` are, in bits. Pairs
/// with punctuation and starts of words in camel case do not count.
fn usualness(value: &[u8]) -> f32 {
    let pairs = value.windows(2).filter_map(|pair| bits(pair[0], pair[1]));
    let (sum, count) = pairs.fold((0, 0), |(sum, count), bits| (sum + bits, count + 1));
    if count == 0 {
        0.0
    } else {
        sum as f32 / 16.0 / count as f32
    }
}

/// How usual the second letter is behind the first, in sixteenths of a bit;
/// none where one of them is punctuation or camel case begins a word.
pub(super) fn bits(a: u8, b: u8) -> Option<i32> {
    let letter = |byte: u8| {
        byte.is_ascii_alphabetic()
            .then(|| usize::from(byte.to_ascii_lowercase() - b'a'))
    };
    match (letter(a), letter(b)) {
        (Some(_), Some(_)) if a.is_ascii_lowercase() && b.is_ascii_uppercase() => None,
        (Some(a), Some(b)) => Some(i32::from(i8::from_le_bytes([PAIRS[a * 26 + b]]))),
        (Some(_), None) if b.is_ascii_digit() => Some(LETTER_TO_DIGIT),
        (None, Some(_)) if a.is_ascii_digit() => Some(LETTER_TO_DIGIT),
        _ => None,
    }
}

/// Runs of letters, cut at a change from lower to upper case.
fn runs(value: &[u8]) -> impl Iterator<Item = &[u8]> {
    value
        .chunk_by(|a, b| {
            a.is_ascii_alphabetic()
                && b.is_ascii_alphabetic()
                && !(a.is_ascii_lowercase() && b.is_ascii_uppercase())
        })
        .filter(|run| run[0].is_ascii_alphabetic())
}

/// Vowels and consonants alternate as they do in words, and case is even.
fn pronounceable(run: &[u8]) -> bool {
    let vowel = |byte: &u8| {
        matches!(
            byte.to_ascii_lowercase(),
            b'a' | b'e' | b'i' | b'o' | b'u' | b'y'
        )
    };
    let vowels = run.iter().filter(|byte| vowel(byte)).count();
    let even_case =
        run[1..].iter().all(u8::is_ascii_lowercase) || run.iter().all(u8::is_ascii_uppercase);
    let longest_hard = run
        .chunk_by(|a, b| vowel(a) == vowel(b))
        .map(<[u8]>::len)
        .max()
        .unwrap_or(0);
    even_case && vowels * 5 >= run.len() && vowels * 10 <= run.len() * 8 && longest_hard <= 4
}

/// Letters and separators only, in words.
pub(super) fn words_only(value: &[u8]) -> bool {
    let plain = |byte: &u8| byte.is_ascii_alphabetic() || b"-_ .:/".contains(byte);
    value.iter().all(plain) && runs(value).all(|run| run.len() <= 3 || pronounceable(run))
}

pub(super) fn is_prose(value: &[u8]) -> bool {
    let spaces = memchr::memchr_iter(b' ', value).count();
    spaces >= 2 || words_only(value)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rule::template::Seed;

    #[test]
    fn words_are_usual_and_random_values_are_not() {
        for words in [
            "compileJava",
            "storageaccountkeybase64encoded",
            "development-product",
            "AgencyIdentificationCodeContentType",
            "my-company-deployment",
            "kubernetes.io/service-account",
            "linux-build-cache",
        ] {
            assert!(
                word_like(words.as_bytes()),
                "{words}: {}",
                usualness(words.as_bytes())
            );
        }
        let mut seed = Seed::new(11);
        let alphabet = "abcdefghijklmnopqrstuvwxyz0123456789";
        let usual = (0..1000)
            .filter(|_| word_like(seed.text(alphabet, 20).as_bytes()))
            .count();
        assert!(usual <= 2, "{usual} of 1,000 random values look like words");
    }
}
