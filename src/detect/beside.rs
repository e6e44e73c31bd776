//! Values beside the word of a vendor: `acme token - '…'`, `acme-secret-…`.
//!
//! Vendors whose credentials are mere hexadecimal or alphanumeric runs have no
//! rule of their own. Their word, at most a few words in between, and a value
//! that could be nothing else: that is what people and programs print.

use super::assignment::in_name;
use super::hit::Hit;
use super::name::{self, LONGEST_ALIAS, LazyVendors, Vendors};
use super::value::NO_FORM;
use crate::rule::Confidence;
use std::ops::Range;

/// A value this far behind the vendor's word belongs to something else.
const REACH: usize = 64;
/// Words in between.
const MOST_WORDS: usize = 5;
const LONGEST_WORD: usize = 16;
/// Shorter values are not looked at.
const SHORTEST: usize = 10;
const LONGEST: usize = 512;

/// A vendor's word and a value behind it.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Beside<'a> {
    pub vendor: &'a str,
    pub value: Range<usize>,
    /// A word that speaks of credentials stands between.
    pub named: bool,
}

/// Words between that say that a credential follows.
const CREDENTIAL: &[&str] = &[
    "secret",
    "private",
    "access",
    "key",
    "token",
    "api",
    "auth",
    "password",
    "passwd",
    "pass",
    "credential",
    "credentials",
    "creds",
    "bearer",
    "apikey",
    "client",
    "license",
    "personal",
];

/// Words between that say that something else follows.
const OTHER: &[&str] = &[
    "sha",
    "sha1",
    "sha256",
    "sha512",
    "md5",
    "hash",
    "digest",
    "checksum",
    "commit",
    "rev",
    "revision",
    "version",
    "cache",
    "image",
    "tag",
    "uuid",
    "etag",
    "integrity",
    "trace",
    "span",
    "request",
    "run",
    "build",
    "job",
    "node",
    "container",
    "layer",
    "blob",
    "url",
    "uri",
    "host",
    "path",
    "file",
    "dir",
    "id",
];

/// Whether [`at`] or [`is_interface`] may find something, without knowing the line.
/// May say yes too often, never no too often.
pub(super) fn may_begin(text: &[u8], hit: usize) -> bool {
    let behind = &text[hit..];
    starts_word(text, &(0..text.len()), hit)
        && (has_candidate_near(behind) || names_interface(behind))
}

/// A run that begins near enough and may hold a candidate.
fn has_candidate_near(text: &[u8]) -> bool {
    let (mut len, mut digit, mut letter) = (0, false, false);
    for (at, byte) in text.iter().enumerate() {
        if of_value(*byte) {
            len += 1;
            digit |= byte.is_ascii_digit();
            letter |= byte.is_ascii_alphabetic();
            if digit && letter && len >= SHORTEST {
                return true;
            }
        } else if at > LONGEST_ALIAS + REACH || matches!(byte, b'\n' | b'\r') {
            return false;
        } else {
            (len, digit, letter) = (0, false, false);
        }
    }
    false
}

fn names_interface(text: &[u8]) -> bool {
    let near = &text[..text.len().min(LONGEST_ALIAS + GAP + INTERFACE.len())];
    near.windows(INTERFACE.len()).any(|part| part == INTERFACE)
}

/// What stands behind the vendor's word that starts at `hit`.
pub(super) fn at<'a>(
    text: &[u8],
    line: &Range<usize>,
    hit: usize,
    vendors: &'a Vendors,
) -> Option<Beside<'a>> {
    if !starts_word(text, line, hit) {
        return None;
    }
    let (len, vendor) = vendors.at(&text[hit..line.end])?;
    let limit = line.end.min(hit + len + REACH);
    let mut at = hit + len;
    let mut named = false;
    for _ in 0..MOST_WORDS {
        let word = word_from(text, at, limit, line.end)?;
        let rest = past_credential_words(text, word.clone());
        named |= rest.start > word.start;
        let bytes = &text[rest.clone()];
        if is_candidate(bytes) {
            let whole = stands_alone(text, line, &rest)
                && (named || is_assigned(&text[hit + len..rest.start]));
            return whole.then_some(Beside {
                vendor,
                value: rest,
                named,
            });
        }
        let is = |word: &&str| bytes.eq_ignore_ascii_case(word.as_bytes());
        if rest.len() > LONGEST_WORD || OTHER.iter().any(is) {
            return None;
        }
        at = word.end;
    }
    None
}

/// What stands behind the vendor's word where a program says whom it calls.
pub(super) const INTERFACE: &[u8] = b" API";
/// What may stand between: `.io`, `'s`.
const GAP: usize = 4;

/// `the acme API`: see [`below`].
pub(super) fn is_interface(
    text: &[u8],
    line: &Range<usize>,
    hit: usize,
    vendors: &Vendors,
) -> bool {
    interface(text, line, hit, vendors).is_some()
}

fn interface<'a>(
    text: &[u8],
    line: &Range<usize>,
    hit: usize,
    vendors: &'a Vendors,
) -> Option<&'a str> {
    let (len, vendor) = vendors.at(&text[hit..line.end])?;
    let behind = &text[hit + len..line.end];
    let behind = &behind[..behind.len().min(GAP + INTERFACE.len())];
    memchr::memmem::find(behind, INTERFACE)?;
    starts_word(text, line, hit).then_some(vendor)
}

/// `Sending a request to the acme API`, and on the line below, where it was
/// read on into, `Using key=…`: a name that alone says too little.
pub(super) fn below<'a>(
    text: &[u8],
    line: &Range<usize>,
    hit: usize,
    vendors: &'a Vendors,
) -> Option<Beside<'a>> {
    let below = line.end + 1..text.len();
    let next = text.get(below.clone()).filter(|next| !next.is_empty())?;
    let vendor = interface(text, line, hit, vendors)?;
    let end = below.start + memchr::memchr(b'\n', next).unwrap_or(next.len());
    let value = word_from(text, value_of_key(text, below.start..end)?, end, end)?;
    let whole = stands_alone(text, &(below.start..end), &value);
    (whole && is_candidate(&text[value.clone()])).then_some(Beside {
        vendor,
        value,
        named: true,
    })
}

/// How far before a value the line above it is looked for.
const LOOK: usize = 1 << 10;

/// The line above the one in which `text[at]` stands; an escaped line end is one.
pub(super) fn above(text: &[u8], at: usize) -> Option<&[u8]> {
    let near = &text[at.saturating_sub(LOOK)..at];
    let end_of = |text: &[u8]| {
        let escaped = memchr::memmem::rfind(text, b"\\n");
        memchr::memrchr(b'\n', text).max(escaped)
    };
    let above = &near[..end_of(near)?];
    let start = end_of(above).map_or(0, |end| end + 1);
    Some(&above[start..])
}

/// Lowers a value under a name that tells no vendor, where the line above tells
/// one that has no such credentials.
pub(super) fn lower_unlike(hit: &mut Hit, above: &[u8], vendors: &LazyVendors<'_>) {
    let vendor = called(above, vendors).or_else(|| of_block(above, vendors));
    if vendor.is_some_and(|vendor| vendors.is_unlike(vendor, hit.secret.expose())) {
        hit.confidence = Confidence::Low;
        hit.reasons.push(NO_FORM);
    }
}

/// The vendor whose API the line says is called.
fn called<'a>(line: &[u8], vendors: &'a Vendors) -> Option<&'a str> {
    let words = &line[..memchr::memmem::find(line, INTERFACE)?];
    let space = words.iter().rposition(u8::is_ascii_whitespace);
    interface(
        line,
        &(0..line.len()),
        space.map_or(0, |space| space + 1),
        vendors,
    )
}

/// The vendor in the name of a function whose body begins: `fn acme_key() {`.
fn of_block<'a>(line: &[u8], vendors: &'a Vendors) -> Option<&'a str> {
    let line = line.trim_ascii_end();
    let begins = line.ends_with(b"{") || line.ends_with(b"):");
    let open = memchr::memchr(b'(', line).filter(|_| begins)?;
    let name = line[..open].rsplit(|byte| !in_name(*byte)).next()?;
    name::classify(name, vendors).and_then(|_| vendors.issuer(name))
}

/// Behind `key=`, where `key` is the whole name.
fn value_of_key(text: &[u8], line: Range<usize>) -> Option<usize> {
    const KEY: &[u8] = b"key";
    let lower = text[line.clone()].to_ascii_lowercase();
    let at = memchr::memmem::find(&lower, KEY)?;
    let whole = at == 0 || lower[at - 1].is_ascii_whitespace();
    let behind = lower[at + KEY.len()..].trim_ascii_start();
    let assigned = matches!(behind.first(), Some(b'=' | b':'));
    (whole && assigned).then(|| line.end - behind.len() + 1)
}

fn starts_word(text: &[u8], line: &Range<usize>, hit: usize) -> bool {
    hit == line.start || !text[hit - 1].is_ascii_alphanumeric()
}

/// What a credential may consist of.
fn of_value(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_' | b'.' | b'~' | b'+' | b'/' | b'=')
}

/// The next run of bytes that a credential may consist of.
fn word_from(text: &[u8], at: usize, limit: usize, line_end: usize) -> Option<Range<usize>> {
    // A mark of an assignment is none of the value behind it.
    let starts = |byte: &u8| of_value(*byte) && !b"=-_.".contains(byte);
    let start = at + text.get(at..limit)?.iter().position(starts)?;
    let most = line_end.min(start + LONGEST);
    let len = text[start..most]
        .iter()
        .take_while(|byte| of_value(**byte))
        .count();
    let end = text[start..start + len]
        .iter()
        .rposition(|byte| *byte != b'.')?;
    Some(start..start + end + 1)
}

/// Past `secret-`, `API_KEY=`, `TOKEN` at the start of a word.
fn past_credential_words(text: &[u8], mut word: Range<usize>) -> Range<usize> {
    while let Some(len) = credential_word(&text[word.clone()]) {
        word.start += len;
        while word.start < word.end && b"-_.=".contains(&text[word.start]) {
            word.start += 1;
        }
    }
    word
}

/// Length of the credential word that `text` begins with: a whole one, so that
/// neither `keyring` nor a value that happens to begin with `api` counts.
fn credential_word(text: &[u8]) -> Option<usize> {
    let begins = |text: &[u8], word: &str| {
        text.len() >= word.len() && text[..word.len()].eq_ignore_ascii_case(word.as_bytes())
    };
    let lengths = CREDENTIAL
        .iter()
        .filter(|word| begins(text, word))
        .map(|word| word.len());
    let ends = |len: &usize| {
        let (last, rest) = (text[len - 1], &text[*len..]);
        // `key2`
        let digits = rest.iter().take(2).take_while(|byte| byte.is_ascii_digit());
        let rest = &rest[digits.count()..];
        let camel = last.is_ascii_lowercase() && rest.first().is_some_and(u8::is_ascii_uppercase);
        !rest.first().is_some_and(u8::is_ascii_alphanumeric)
            || camel
            || CREDENTIAL.iter().any(|word| begins(rest, word))
    };
    lengths.filter(ends).max()
}

/// What parts a value from what surrounds it; other punctuation is part of a
/// longer thing, a path or a mangled token.
fn stands_alone(text: &[u8], line: &Range<usize>, value: &Range<usize>) -> bool {
    let quoted_equals = value.start >= line.start + 2
        && text[value.start - 1] == b'='
        && b"\"'`".contains(&text[value.start - 2]);
    let before = (value.start > line.start).then(|| text[value.start - 1]);
    let after = (value.end < line.end).then(|| text[value.end]);
    let parts = |byte: u8, marks: &[u8]| byte.is_ascii_whitespace() || marks.contains(&byte);
    !quoted_equals
        && before.is_none_or(|byte| parts(byte, b"\"'`=:({[<>,-_.;|") || byte.is_ascii_alphabetic())
        && after.is_none_or(|byte| parts(byte, b"\"'`)}]>,;|<&\\.") || byte >= 0x80)
}

/// Without a word that speaks of credentials: an operator, quote or brace, and
/// no word behind it.
fn is_assigned(gap: &[u8]) -> bool {
    let mark = gap.iter().rposition(|byte| b"=:'\"`{".contains(byte));
    mark.is_some_and(|mark| !gap[mark..].iter().any(u8::is_ascii_alphanumeric))
        && !gap.iter().any(|byte| b"/\\@#".contains(byte))
}

/// Long enough, and digits among letters: no word of a sentence.
fn is_candidate(word: &[u8]) -> bool {
    word.len() >= SHORTEST
        && word.iter().any(u8::is_ascii_digit)
        && word.iter().any(u8::is_ascii_alphabetic)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rule::{RuleSet, Vendor};

    fn vendors() -> Vendors {
        Vendors::new(&RuleSet {
            rules: Vec::new(),
            vendors: vec![Vendor {
                id: "acme".into(),
                name: "Acme".into(),
                aliases: vec!["acme".into(), "acmeio".into()],
                other_shapes: true,
                forms: Vec::new(),
            }]
            .into(),
        })
    }

    fn find(text: &str) -> Option<(String, bool)> {
        let vendors = vendors();
        let hit = text.to_ascii_lowercase().find("acme")?;
        let found = at(text.as_bytes(), &(0..text.len()), hit, &vendors)?;
        Some((text[found.value].to_owned(), found.named))
    }

    #[test]
    fn values_behind_a_vendors_word() {
        let value = "q9k2vhjz4btg6a8l2mnk";
        for (text, named) in [
            (format!("acme: {value}"), false),
            (format!("acme token - '{value}'"), true),
            (format!("acme-SECRET-{value}"), true),
            (format!("acmeio PRIVATE {value}"), true),
            (format!("ACME_API_KEY={value}"), true),
            (format!("The acme key is {value}."), true),
        ] {
            assert_eq!(find(&text), Some((value.to_owned(), named)), "{text}");
        }
    }

    #[test]
    fn a_key_below_the_api_that_it_is_for() {
        let vendors = vendors();
        let value = "q9k2vhjz4btg6a8l2mnk";
        let find = |above: &str, under: &str| {
            let text = format!("{above}\n{under}\nelse");
            let hit = text.find("acme")?;
            let found = below(text.as_bytes(), &(0..above.len()), hit, &vendors)?;
            Some(text[found.value].to_owned())
        };
        let key = format!("Using Key={value}");
        let found = Some(value.to_owned());
        assert_eq!(find("Sending a request to the acme API", &key), found);
        assert_eq!(
            find("calling the acme.io API:", &format!("key: {value}")),
            found
        );
        assert_eq!(find("acme is no API", &key), None);
        let longer = format!("cache-key={value}");
        assert_eq!(find("to the acme API", &longer), None);
        assert_eq!(find("to the acme API", "nothing"), None);
    }

    #[test]
    fn the_line_above_a_value() {
        assert_eq!(above(b"a\nbc\nde", 6), Some(&b"bc"[..]));
        assert_eq!(above(b"a b\\nc", 6), Some(&b"a b"[..]));
        assert_eq!(above(b"abc", 2), None);
    }

    #[test]
    fn the_vendor_of_the_line_above() {
        let vendors = vendors();
        for line in [
            "sending it to the acme API",
            "func checkAcmeKey() bool {",
            "def acme_key(x):",
        ] {
            let line = line.as_bytes();
            let vendor = called(line, &vendors).or_else(|| of_block(line, &vendors));
            assert_eq!(vendor, Some("acme"));
        }
        for line in ["the API of acme", "\"acme_key\": {", "func acme() {"] {
            let line = line.as_bytes();
            assert_eq!(
                called(line, &vendors).or_else(|| of_block(line, &vendors)),
                None
            );
        }
    }

    #[test]
    fn words_and_digests_behind_a_vendors_word() {
        for text in [
            "acme is a company",
            "acme version 1.2.3",
            "acme: authorized deploy",
            "acme image sha256:0123456789abcdef0123456789abcdef",
            "myacme q9k2vhjz4btg6a8l2mnk",
        ] {
            assert_eq!(find(text), None, "{text}");
        }
    }
}
