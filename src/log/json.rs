//! As much of JSON as logs in JSON need, over raw offsets and over input that
//! may end anywhere or be no JSON at all.

use super::build::{Builder, Piece};
use super::text::Map;
use std::ops::Range;

/// A token: a string by the range between its quotes, or one of `{}[]:,`.
enum Token {
    String(Range<usize>),
    Mark(u8),
}

/// The token at or after `at`, and the offset behind it. Numbers and names are
/// passed over. A string that does not end ends with the input.
fn token(bytes: &[u8], at: usize) -> Option<(Token, usize)> {
    let is_mark = |byte: &u8| matches!(byte, b'"' | b'{' | b'}' | b'[' | b']' | b':' | b',');
    let start = at + bytes.get(at..)?.iter().position(is_mark)?;
    if bytes[start] != b'"' {
        return Some((Token::Mark(bytes[start]), start + 1));
    }
    let end = string_end(bytes, start + 1);
    Some((Token::String(start + 1..end), (end + 1).min(bytes.len())))
}

/// Offset of the quote that closes the string which begins at `at`.
fn string_end(bytes: &[u8], mut at: usize) -> usize {
    while let Some(found) = memchr::memchr2(b'"', b'\\', bytes.get(at..).unwrap_or_default()) {
        at += found;
        if bytes[at] == b'"' {
            return at;
        }
        at += 2;
    }
    bytes.len()
}

/// Reads the object that begins at `start` and gives the range of every string
/// field of the object itself (not of objects inside it) to `each`. Returns the
/// offset behind the object.
pub(super) fn object(
    bytes: &[u8],
    start: usize,
    each: &mut dyn FnMut(&[u8], Range<usize>),
) -> usize {
    let (mut at, mut depth) = (start, 0_usize);
    let (mut key, mut value) = (None, false);
    while let Some((token, next)) = token(bytes, at) {
        at = next;
        match token {
            Token::Mark(b'{' | b'[') => depth += 1,
            Token::Mark(b'}' | b']') => depth = depth.saturating_sub(1),
            Token::Mark(b':') if depth == 1 => value = true,
            Token::Mark(_) if depth == 1 => (key, value) = (None, false),
            Token::String(range) if depth == 1 && !value => key = Some(range),
            Token::String(range) if depth == 1 => {
                if let Some(key) = key.take() {
                    each(&bytes[key], range);
                }
            }
            Token::Mark(_) | Token::String(_) => {}
        }
        if depth == 0 {
            return at;
        }
    }
    bytes.len()
}

/// Whether an object may begin at `at`: `{"name` after `[`, `,` or nothing.
/// This cannot stand inside a string: there the quote would be escaped, and
/// behind a string that ends in `{` no letter follows the quote.
pub(super) fn may_begin(bytes: &[u8], at: usize) -> bool {
    let is_blank = |byte: &&u8| byte.is_ascii_whitespace();
    let after = bytes.get(at + 1..).unwrap_or_default();
    let mut after = after.iter().take(64).skip_while(is_blank);
    let before = bytes.get(at.saturating_sub(64)..at).unwrap_or_default();
    let before = before.iter().rev().find(|byte| !is_blank(byte));
    after.next() == Some(&b'"')
        && after.next().is_some_and(u8::is_ascii_alphabetic)
        && before.is_none_or(|byte| matches!(byte, b'[' | b','))
}

/// Feeds the text of the string `raw[range]`, escapes undone.
pub(super) fn feed_string(builder: &mut Builder, raw: &[u8], range: Range<usize>) {
    let mut at = range.start;
    while at < range.end {
        let rest = &raw[at..range.end];
        let run = memchr::memchr(b'\\', rest).unwrap_or(rest.len());
        builder.feed(Piece::linear(&rest[..run], at));
        at += run + feed_escape(builder, &rest[run..], at + run);
    }
}

/// Feeds one escape and returns its length. A backslash that begins none is text.
fn feed_escape(builder: &mut Builder, rest: &[u8], raw: usize) -> usize {
    let Some((decoded, length)) = escape(rest) else {
        let length = rest.len().min(1);
        builder.feed(Piece::linear(&rest[..length], raw));
        return length;
    };
    let mut utf8 = [0; 4];
    let bytes = decoded.encode_utf8(&mut utf8).as_bytes();
    builder.feed(Piece::mapped(bytes, raw, Map::Block(length as u32)));
    length
}

/// The character of the escape `rest` begins with, and its length.
fn escape(rest: &[u8]) -> Option<(char, usize)> {
    let plain = match rest.get(1)? {
        b'n' => '\n',
        b'r' => '\r',
        b't' => '\t',
        b'b' => '\u{8}',
        b'f' => '\u{c}',
        quoted @ (b'"' | b'\\' | b'/') => char::from(*quoted),
        b'u' => return unicode(rest),
        _ => return None,
    };
    Some((plain, 2))
}

fn unicode(rest: &[u8]) -> Option<(char, usize)> {
    let high = unit(rest)?;
    if let Some(single) = char::from_u32(high) {
        return Some((single, 6));
    }
    let pair = unit(rest.get(6..)?).filter(|low| (0xdc00..0xe000).contains(low));
    let low = pair.filter(|_| high < 0xdc00)?;
    let value = 0x10000 + ((high - 0xd800) << 10) + (low - 0xdc00);
    Some((char::from_u32(value)?, 12))
}

/// The value of `\u12ab`.
fn unit(rest: &[u8]) -> Option<u32> {
    let digits = std::str::from_utf8(rest.strip_prefix(b"\\u")?.get(..4)?).ok()?;
    let hexadecimal = digits.bytes().all(|byte| byte.is_ascii_hexdigit());
    u32::from_str_radix(digits, 16).ok().filter(|_| hexadecimal)
}

/// Whether the text of a string (given with its escapes) ends with a line end.
pub(super) fn ends_line(string: &[u8]) -> bool {
    let Some(head) = string.strip_suffix(b"n") else {
        return string.ends_with(b"\\u000a") || string.ends_with(b"\\u000A");
    };
    let backslashes = head.iter().rev().take_while(|byte| **byte == b'\\').count();
    backslashes % 2 == 1
}

#[cfg(test)]
mod tests {
    use super::*;

    fn strings(json: &[u8]) -> (Vec<(String, String)>, usize) {
        let mut found = Vec::new();
        let end = object(json, 0, &mut |key, value| {
            let value = String::from_utf8_lossy(&json[value]).into_owned();
            found.push((String::from_utf8_lossy(key).into_owned(), value));
        });
        (found, end)
    }

    #[test]
    fn string_fields_of_the_object_itself() {
        let json = br#"{"a":"x\"}","n":1,"in":{"b":"y"},"list":["z"],"c" : ""} rest"#;
        let (found, end) = strings(json);
        let pairs = [("a", "x\\\"}"), ("c", "")].map(|(key, value)| (key.into(), value.into()));
        assert_eq!(found, pairs);
        assert_eq!(end, json.len() - 5);
    }

    #[test]
    fn broken_objects_end_with_the_input() {
        assert_eq!(strings(br#"{"a":"x"#), (vec![("a".into(), "x".into())], 7));
        assert_eq!(strings(br#"{"a":"x\"#).1, 8);
        assert_eq!(strings(b"").1, 0);
    }

    #[test]
    fn escapes() {
        assert_eq!(escape(br"\u00e9"), Some(('\u{e9}', 6)));
        assert_eq!(escape(br"\ud83d\ude00"), Some(('\u{1f600}', 12)));
        for broken in ["\\ud83d", "\\ude00\\ud83d", "\\u+123", "\\x", "\\"] {
            assert_eq!(escape(broken.as_bytes()), None, "{broken}");
        }
    }

    #[test]
    fn line_ends_of_strings() {
        assert!(ends_line(br"text\n") && ends_line(br"\\\n") && ends_line(br"\u000a"));
        assert!(!ends_line(br"text\\n") && !ends_line(b"n") && !ends_line(b""));
    }

    #[test]
    fn objects_begin_outside_of_strings() {
        let json = br#"[{"a":"[{"},{ "b":1},{"c":"},{"}]"#;
        let begins: Vec<usize> = (0..json.len())
            .filter(|at| json[*at] == b'{' && may_begin(json, *at))
            .collect();
        assert_eq!(begins, [1, 12, 21]);
    }
}
