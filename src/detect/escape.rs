//! Escapes of one character, undone: backslashes and percent signs.

use super::decode::Decoded;
use crate::finding::Encoding;
use std::ops::Range;

/// Whether [`unescape`] or [`unpercent`] undoes something at the backslash or
/// percent sign at `at`.
pub(super) fn is_mark(text: &[u8], at: usize) -> bool {
    is_escape(&text[at..]) || is_percent(&text[at..])
}

fn is_escape(text: &[u8]) -> bool {
    text[0] == b'\\' && escape(text).is_some()
}

fn is_percent(text: &[u8]) -> bool {
    text[0] == b'%' && text.len() > 2 && text[1].is_ascii_hexdigit() && text[2].is_ascii_hexdigit()
}

/// Builds text piece by piece with its way back.
#[derive(Default)]
struct Pieces {
    text: Vec<u8>,
    map: Vec<(usize, usize)>,
}

impl Pieces {
    fn copy(&mut self, outer: &[u8], range: Range<usize>) {
        if !range.is_empty() {
            self.map.push((self.text.len(), range.start));
            self.text.extend_from_slice(&outer[range]);
        }
    }

    fn put(&mut self, meaning: Meaning, at: usize) {
        let Meaning { bytes, len } = meaning;
        self.map.push((self.text.len(), at));
        self.text.extend_from_slice(&bytes[..len]);
    }

    fn done(mut self, encoding: Encoding, end: usize) -> Decoded {
        self.map.push((self.text.len(), end));
        Decoded::of_pieces(encoding, self.text, self.map)
    }
}

/// `text` with `%XX` undone; `None` if there is none.
pub(super) fn unpercent(text: &[u8]) -> Option<Decoded> {
    substitute(text, b'%', Encoding::Percent, |rest| {
        is_percent(rest).then(|| (3, Meaning::of(hex_value(rest[1]) * 16 + hex_value(rest[2]))))
    })
}

/// `text` with backslash escapes undone; `None` if there is none.
pub(super) fn unescape(text: &[u8]) -> Option<Decoded> {
    substitute(text, b'\\', Encoding::Escape, escape)
}

fn substitute(
    text: &[u8],
    mark: u8,
    encoding: Encoding,
    undo: impl Fn(&[u8]) -> Option<(usize, Meaning)>,
) -> Option<Decoded> {
    let mut pieces = Pieces::default();
    let mut copied = 0;
    let mut at = 0;
    let mut changed = false;
    while let Some(found) = memchr::memchr(mark, &text[at..]).map(|offset| at + offset) {
        let Some((len, meaning)) = undo(&text[found..]) else {
            at = found + 1;
            continue;
        };
        pieces.copy(text, copied..found);
        pieces.put(meaning, found);
        copied = found + len;
        at = copied;
        changed = true;
    }
    changed.then(|| {
        pieces.copy(text, copied..text.len());
        pieces.done(encoding, text.len())
    })
}

/// The bytes that an escape stands for: one character at most.
#[derive(Clone, Copy)]
struct Meaning {
    bytes: [u8; 4],
    len: usize,
}

impl Meaning {
    fn of(byte: u8) -> Self {
        Self {
            bytes: [byte, 0, 0, 0],
            len: 1,
        }
    }
}

/// Length and meaning of the escape at the start of `text`.
fn escape(text: &[u8]) -> Option<(usize, Meaning)> {
    let plain = |byte: u8| Some((2, Meaning::of(byte)));
    match *text.get(1)? {
        b'n' => plain(b'\n'),
        b'r' => plain(b'\r'),
        b't' => plain(b'\t'),
        byte @ (b'"' | b'\\' | b'/' | b'\'') => plain(byte),
        b'e' | b'E' => plain(0x1b),
        b'x' => numeric(text, 2),
        b'u' => numeric(text, 4),
        b'0' if text.get(2..4) == Some(b"33") => Some((4, Meaning::of(0x1b))),
        _ => None,
    }
}

fn numeric(text: &[u8], digits: usize) -> Option<(usize, Meaning)> {
    let digits = text.get(2..2 + digits)?;
    let code = digits.iter().try_fold(0u32, |sum, byte| {
        byte.is_ascii_hexdigit()
            .then(|| sum * 16 + u32::from(hex_value(*byte)))
    })?;
    let mut bytes = [0; 4];
    let shown = char::from_u32(code).unwrap_or('\u{fffd}');
    let len = shown.encode_utf8(&mut bytes).len();
    Some((2 + digits.len(), Meaning { bytes, len }))
}

fn hex_value(byte: u8) -> u8 {
    match byte {
        b'0'..=b'9' => byte - b'0',
        _ => (byte | 0x20).wrapping_sub(b'a').wrapping_add(10),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn escapes_keep_the_way_back() {
        let decoded = unescape(br#"{"a":"x\n\"tok\" \u001b[0m"}"#).unwrap();
        assert_eq!(decoded.text, b"{\"a\":\"x\n\"tok\" \x1b[0m\"}");
        let at = memchr::memmem::find(&decoded.text, b"tok").unwrap();
        assert_eq!(decoded.outer(&(at..at + 3)), 11..14);
        assert!(unescape(b"nothing here").is_none());
    }

    #[test]
    fn percent_keeps_the_way_back() {
        let decoded = unpercent(b"r=https%3A%2F%2Fu%3Apw%40db").unwrap();
        assert_eq!(decoded.text, b"r=https://u:pw@db");
        let at = memchr::memmem::find(&decoded.text, b"pw").unwrap();
        assert_eq!(decoded.outer(&(at..at + 2)), 20..22);
    }
}
