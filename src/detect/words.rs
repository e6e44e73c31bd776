//! Is it made of words?

/// Mostly made of words: split at punctuation and case, at least two thirds of
/// the letters stand in pronounceable runs of four and more.
pub(super) fn word_like(value: &[u8]) -> bool {
    let letters = value
        .iter()
        .filter(|byte| byte.is_ascii_alphabetic())
        .count();
    let in_words: usize = runs(value)
        .filter(|run| run.len() >= 4 && pronounceable(run))
        .map(<[u8]>::len)
        .sum();
    letters > 0 && in_words * 3 >= letters * 2
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
