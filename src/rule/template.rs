//! Templates of credentials: `ghp_{base62:30}{crc32}`.
//!
//! No whole credential-shaped string stands in this project; examples are
//! templates which a seeded generator fills in. See [`expand`] for the words.

use super::check;
use data_encoding::{BASE64, BASE64URL_NOPAD};

const LOWER: &str = "abcdefghijklmnopqrstuvwxyz";
const UPPER: &str = "ABCDEFGHIJKLMNOPQRSTUVWXYZ";
const DIGITS: &str = "0123456789";
const BECH32: &str = "qpzry9x8gf2tvdw0s3jn54khce6mua7l";

/// A small, seeded generator (`SplitMix64`): the same seed gives the same text
/// on every machine.
#[derive(Debug, Clone)]
pub struct Seed(u64);

impl Seed {
    /// A generator that starts at `seed`.
    pub fn new(seed: u64) -> Self {
        Self(seed)
    }

    /// A generator for the text `label`, so that neighbours do not share values.
    pub fn of(seed: u64, label: &str) -> Self {
        Self(seed ^ (u64::from(crc32fast::hash(label.as_bytes())) << 17))
    }

    /// The next number.
    pub fn next_u64(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let z = (self.0 ^ (self.0 >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        let z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        z ^ (z >> 31)
    }

    /// A number below `n` (which is not 0).
    pub fn below(&mut self, n: usize) -> usize {
        (self.next_u64() % n as u64) as usize
    }

    /// `n` characters of `alphabet` (ASCII).
    pub fn text(&mut self, alphabet: &str, n: usize) -> String {
        let letters = alphabet.as_bytes();
        (0..n)
            .map(|_| char::from(letters[self.below(letters.len())]))
            .collect()
    }

    /// A random (version 4) UUID.
    pub fn uuid(&mut self) -> String {
        let hex = self.text("0123456789abcdef", 30);
        let variant = self.text("89ab", 1);
        format!(
            "{}-{}-4{}-{variant}{}-{}",
            &hex[..8],
            &hex[8..12],
            &hex[12..15],
            &hex[15..18],
            &hex[18..30]
        )
    }
}

/// Fills a template in.
///
/// `{NAME:N}` gives `N` characters of an alphabet: `base62`, `alnum` (0-9a-z),
/// `ALNUM` (0-9A-Z), `lower`, `upper`, `digits`, `hex`, `HEX`, `base64`,
/// `base64url`, `base32`, `bech32`. `{uuid}`; `{crc32}` (CRC-32 of the random
/// part just before it, six base62 characters); `{b64json:TEXT}` (base64url
/// without padding of TEXT), `{b64:TEXT}` (standard base64), `{x:N}` (N times the
/// letter, a placeholder). `{{` and `}}` are
/// literal braces. Checksums of what stands before them, back to the first
/// character that cannot be part of a token: `{grafana-crc}`, `{gitlab-tail}`
/// (length and CRC-32), `{confluent-crc}`. Keys with their checksum:
/// `{age-key}` (what follows `AGE-SECRET-KEY-1`), `{nkey:PREFIX}` (a seed).
///
/// # Errors
/// A sentence about the word that is not known.
pub fn expand(template: &str, seed: &mut Seed) -> Result<String, String> {
    let mut out = String::new();
    let mut last_random = String::new();
    let mut rest = template;
    while let Some(at) = rest.find(['{', '}']) {
        out.push_str(&rest[..at]);
        rest = &rest[at..];
        if let Some(tail) = rest.strip_prefix("{{").or_else(|| rest.strip_prefix("}}")) {
            out.push_str(&rest[..1]);
            rest = tail;
            continue;
        }
        let end = closing_brace(rest)
            .ok_or_else(|| format!("template '{template}' has an unpaired brace"))?;
        let filled = fill(&rest[1..end], &last_random, token_at_end(&out), seed)?;
        out.push_str(&filled);
        last_random = filled;
        rest = &rest[end + 1..];
    }
    out.push_str(rest);
    Ok(out)
}

/// What of `text` may be the beginning of a token that goes on behind it.
fn token_at_end(text: &str) -> &str {
    let ends = |c: char| !c.is_ascii_alphanumeric() && !"_-.".contains(c);
    text.rsplit(ends).next().unwrap_or_default()
}

/// The `}` that closes the `{` at the start, braces inside it paired.
fn closing_brace(text: &str) -> Option<usize> {
    let mut depth = 0usize;
    for (at, byte) in text.bytes().enumerate() {
        match byte {
            b'{' => depth += 1,
            b'}' if depth == 1 => return Some(at),
            b'}' => depth = depth.checked_sub(1)?,
            _ => {}
        }
    }
    None
}

fn fill(word: &str, before: &str, token: &str, seed: &mut Seed) -> Result<String, String> {
    let (name, argument) = word.split_once(':').unwrap_or((word, ""));
    match name {
        "uuid" => return Ok(seed.uuid()),
        "x" => {
            return argument
                .parse()
                .map(|n| "x".repeat(n))
                .map_err(|_| not_a_number(word));
        }
        "crc32" => return Ok(check::base62_crc32(before.as_bytes())),
        "grafana-crc" => return Ok(check::hex_crc32(token.trim_end_matches('_').as_bytes())),
        "gitlab-tail" => return Ok(gitlab_tail(token, before)),
        "confluent-crc" => return Ok(check::base64_crc32(before.as_bytes())),
        "age-key" => return Ok(age_key(seed)),
        "nkey" => return nkey(argument, seed),
        "b64json" => return Ok(BASE64URL_NOPAD.encode(argument.as_bytes())),
        "b64" => return Ok(BASE64.encode(argument.as_bytes())),
        _ => {}
    }
    let alphabet =
        alphabet(name).ok_or_else(|| format!("template word '{{{word}}}' is unknown"))?;
    let count = argument.parse().map_err(|_| not_a_number(word))?;
    Ok(seed.text(&alphabet, count))
}

fn not_a_number(word: &str) -> String {
    format!("template word '{{{word}}}' needs a number")
}

fn alphabet(name: &str) -> Option<String> {
    Some(match name {
        "base62" => format!("{DIGITS}{UPPER}{LOWER}"),
        "alnum" => format!("{DIGITS}{LOWER}"),
        "ALNUM" => format!("{DIGITS}{UPPER}"),
        "lower" => LOWER.into(),
        "upper" => UPPER.into(),
        "digits" => DIGITS.into(),
        "hex" => format!("{DIGITS}abcdef"),
        "HEX" => format!("{DIGITS}ABCDEF"),
        "base64" => format!("{UPPER}{LOWER}{DIGITS}+/"),
        "base64url" => format!("{UPPER}{LOWER}{DIGITS}-_"),
        "base32" => format!("{UPPER}234567"),
        "bech32" => BECH32.into(),
        _ => return None,
    })
}

/// Two base36 digits for the length of the payload and the CRC-32 of it all.
fn gitlab_tail(token: &str, payload: &str) -> String {
    let length = check::base36(payload.len() as u32, 2);
    let crc = check::base36_crc32(format!("{token}{length}").as_bytes());
    format!("{length}{crc}")
}

/// 32 bytes in Bech32: 51 characters, one whose last four bits are padding,
/// and six of checksum.
fn age_key(seed: &mut Seed) -> String {
    let key = seed.text(BECH32, 51) + &seed.text("qs", 1);
    let sum = check::bech32("age-secret-key-", key.as_bytes()).unwrap_or_default();
    format!("{key}{sum}").to_ascii_uppercase()
}

/// A NATS seed of 32 bytes; `prefix` is `SU`, `SA`, `SO` …
fn nkey(prefix: &str, seed: &mut Seed) -> Result<String, String> {
    // Between the prefix and the bytes stand six bits of nothing.
    let text = format!(
        "{prefix}A{}{}AAA",
        seed.text("ABCDEFGHIJKLMNOP", 1),
        seed.text(&alphabet("base32").unwrap_or_default(), 51)
    );
    let bytes = data_encoding::BASE32_NOPAD
        .decode(text.as_bytes())
        .map_err(|error| format!("'{prefix}' does not begin a NATS key: {error}"))?;
    let body = &bytes[..bytes.len() - 2];
    let whole = [body, &check::crc16(body).to_le_bytes()].concat();
    Ok(data_encoding::BASE32_NOPAD.encode(&whole))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn one(template: &str) -> Result<String, String> {
        expand(template, &mut Seed::new(7))
    }

    #[test]
    fn alphabets_and_lengths() {
        let text = one("a_{hex:8}-{digits:3}{{x}}").unwrap();
        assert_eq!(text.len(), 2 + 8 + 1 + 3 + 3);
        assert!(text.ends_with("{x}"));
        assert_eq!(text, one("a_{hex:8}-{digits:3}{{x}}").unwrap());
    }

    #[test]
    fn checksum_is_of_the_random_part() {
        let text = one("ghp_{base62:30}{crc32}").unwrap();
        assert_eq!(text[34..], check::base62_crc32(&text.as_bytes()[4..34]));
    }

    #[test]
    fn encoded_texts_may_hold_braces() {
        assert_eq!(one(r#"{b64json:{"a":1}}."#).unwrap(), "eyJhIjoxfQ.");
        assert_eq!(one("{b64:user:pw}").unwrap(), "dXNlcjpwdw==");
    }

    #[test]
    fn unknown_words_are_errors() {
        assert!(one("{nope:3}").is_err());
        assert!(one("{hex:many}").is_err());
        assert!(one("open {hex:3").is_err());
    }

    #[test]
    fn uuids_are_version_4() {
        let uuid = one("{uuid}").unwrap();
        assert_eq!((uuid.len(), &uuid[14..15]), (36, "4"));
    }
}
