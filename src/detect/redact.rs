//! What may be shown of a secret: its kind, never its random part.

use crate::rule::Text;
use crate::secret::Secret;
use hmac::{Hmac, KeyInit, Mac};
use sha2::Sha256;

/// The key when `LEAKSWEEP_FINGERPRINT_KEY` is not set. Fingerprints made with
/// it can be compared between installations, and a weak password could be
/// guessed from one: set a key of your own where reports leave the house.
pub const DEFAULT_FINGERPRINT_KEY: &[u8] = b"leaksweep fingerprint v1";

/// What stands in place of the hidden part.
pub const MASK: &str = "***";

/// The fixed prefix of the secret, if it has one of the rule's literals at its
/// start, then [`MASK`].
pub(super) fn redact(secret: &Secret, keywords: &[Text]) -> String {
    let bytes = secret.expose();
    let shown = keywords
        .iter()
        .map(|word| word.len())
        .filter(|&len| len + 8 <= bytes.len())
        .filter(|&len| {
            keywords
                .iter()
                .any(|word| bytes[..len].eq_ignore_ascii_case(word.as_bytes()))
        })
        .max()
        .unwrap_or(0);
    format!("{}{MASK}", String::from_utf8_lossy(&bytes[..shown]))
}

/// HMAC-SHA-256 of the normalised secret (white space left out, so that a key
/// over many lines is the same key however it was indented), in lower-case
/// hexadecimal.
pub(super) fn fingerprint(key: &[u8], secret: &Secret) -> String {
    let parts = secret.expose().split(u8::is_ascii_whitespace);
    keyed(key, parts)
}

/// HMAC-SHA-256 of a text that has no secret in it, in lower-case hexadecimal.
pub(super) fn digest(key: &[u8], text: &str) -> String {
    keyed(key, std::iter::once(text.as_bytes()))
}

fn keyed<'p>(key: &[u8], parts: impl Iterator<Item = &'p [u8]>) -> String {
    // HMAC takes a key of any length; hashing first gives a fixed one.
    let mut mac = match Hmac::<Sha256>::new_from_slice(key) {
        Ok(mac) => mac,
        Err(error) => unreachable!("{error}"),
    };
    parts.for_each(|part| mac.update(part));
    data_encoding::HEXLOWER.encode(&mac.finalize().into_bytes())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_fixed_prefix_is_shown() {
        let words = [Text::from("tok_")];
        assert_eq!(redact(&Secret::new(b"tok_abcdefgh1"), &words), "tok_***");
        assert_eq!(redact(&Secret::new(b"tok_a"), &words), "***");
        assert_eq!(redact(&Secret::new(b"abcdefgh1tok_"), &words), "***");
    }

    #[test]
    fn fingerprints_ignore_white_space_and_depend_on_the_key() {
        let one = fingerprint(b"k", &Secret::new(b"ab\n  cd"));
        assert_eq!(one, fingerprint(b"k", &Secret::new(b"abcd")));
        assert_ne!(one, fingerprint(b"other", &Secret::new(b"abcd")));
        assert_eq!(one.len(), 64);
        assert_eq!(one, digest(b"k", "abcd"));
        assert_ne!(one, digest(b"k", "ab cd"));
    }
}
