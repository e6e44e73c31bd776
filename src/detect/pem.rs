//! Private keys in PEM armour: over many lines, each perhaps behind a stamp
//! that is already gone, indented, quoted, with diff marks or `+ `, with foreign
//! lines between, or cut off.

use std::ops::Range;

/// Lines and bytes of a key that are looked at.
pub(super) const MOST_LINES: usize = 200;
pub(super) const MOST_BYTES: usize = 64 << 10;
/// Foreign lines in a row that may stand between two lines of a key.
const MOST_FOREIGN: usize = 8;

/// A private key.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Pem {
    /// From `-----BEGIN` to the end of the last line that belongs to it.
    pub span: Range<usize>,
    /// The base64 between the armour, white space left out.
    pub body: Vec<u8>,
    /// `-----END` was seen.
    pub complete: bool,
    /// The key needs a passphrase.
    pub encrypted: bool,
}

impl Pem {
    fn add(&mut self, part: &[u8]) {
        self.body
            .extend(part.iter().filter(|byte| !byte.is_ascii_whitespace()));
    }
}

/// The key whose `-----BEGIN` starts at `hit`. `None` for other armour
/// (certificates, public keys) and for a header without a key.
pub(super) fn at(text: &[u8], hit: usize) -> Option<Pem> {
    let label_end = label(text, hit)?;
    let limit = text.len().min(hit + MOST_BYTES);
    let mut pem = Pem {
        span: hit..label_end,
        body: Vec::new(),
        complete: false,
        encrypted: contains(&text[hit..label_end], b"ENCRYPTED"),
    };
    collect(text, label_end, limit, &mut pem);
    let whole = pem.body.len() >= 40 || (pem.complete && pem.body.len() >= 16);
    whole.then_some(pem)
}

/// End of `-----BEGIN … PRIVATE KEY…-----`.
fn label(text: &[u8], hit: usize) -> Option<usize> {
    let rest = &text[hit..text.len().min(hit + 80)];
    let start = b"-----BEGIN".len();
    let end = start + memchr::memmem::find(rest.get(start..)?, b"-----")?;
    let words = &rest[start..end];
    let private = contains(words, b"PRIVATE KEY") && !contains(words, b"\n");
    private.then_some(hit + end + 5)
}

fn collect(text: &[u8], from: usize, limit: usize, pem: &mut Pem) {
    let mut foreign = 0;
    for (count, line) in pieces(text, from, limit).enumerate() {
        if count > MOST_LINES || foreign > MOST_FOREIGN {
            return;
        }
        match read(&text[line.clone()]) {
            Piece::Body(part) => {
                pem.add(&text[line.start + part.start..line.start + part.end]);
                pem.span.end = line.start + part.end;
                foreign = 0;
            }
            Piece::Header => {
                pem.encrypted |= contains(&text[line], b"ENCRYPTED");
            }
            Piece::End(part, len) => {
                pem.add(&text[line.start + part.start..line.start + part.end]);
                pem.span.end = line.start + len;
                pem.complete = true;
                return;
            }
            // Another key begins: this one was cut off.
            Piece::Begin => return,
            Piece::Blank => {}
            Piece::Foreign => foreign += 1,
        }
    }
}

enum Piece {
    Body(Range<usize>),
    Header,
    End(Range<usize>, usize),
    Begin,
    Blank,
    Foreign,
}

/// Lines, cut also at literal `\n` and `\r`, which is how a key looks in text
/// that nobody has unescaped.
fn pieces(text: &[u8], from: usize, limit: usize) -> impl Iterator<Item = Range<usize>> {
    let mut start = from;
    std::iter::from_fn(move || {
        if start >= limit {
            return None;
        }
        let rest = &text[start..limit];
        let (len, gap) = match memchr::memchr2(b'\n', b'\\', rest) {
            None => (rest.len(), 0),
            Some(at) if rest[at] == b'\n' => (at, 1),
            Some(at) => (at, escape_len(&rest[at..])),
        };
        let line = start..start + len;
        start += len + gap;
        Some(line)
    })
}

/// `\n`, `\\n`, `\r\n`: slashes and one letter; at least one byte.
fn escape_len(rest: &[u8]) -> usize {
    let slashes = rest.iter().take_while(|byte| **byte == b'\\').count();
    slashes + usize::from(matches!(rest.get(slashes), Some(b'n' | b'r')))
}

fn read(line: &[u8]) -> Piece {
    if let Some(at) = memchr::memmem::find(line, b"-----END") {
        let end = at + 8;
        let close = memchr::memmem::find(&line[end..], b"-----");
        // Everything on one line: the rest of the body stands before the end.
        let body = body_of(&line[..at])
            .filter(|body| body.len() > 2)
            .unwrap_or(0..0);
        return Piece::End(body, close.map_or(line.len(), |more| end + more + 5));
    }
    if contains(line, b"-----BEGIN") {
        return Piece::Begin;
    }
    match body_of(line) {
        Some(part) if part.is_empty() => Piece::Blank,
        Some(part) => Piece::Body(part),
        None if is_header(line) => Piece::Header,
        None => Piece::Foreign,
    }
}

/// The base64 of a line, what is around it left out; empty for a blank line.
fn body_of(line: &[u8]) -> Option<Range<usize>> {
    let junk = |byte: &u8| byte.is_ascii_whitespace() || b"\"'`,|>#*;".contains(byte);
    let start = line
        .iter()
        .position(|byte| !junk(byte))
        .unwrap_or(line.len());
    let end = line
        .iter()
        .rposition(|byte| !junk(byte))
        .map_or(start, |at| at + 1);
    let start = if line[start..end].len() > 2 && matches!(&line[start..start + 2], b"+ " | b"- ") {
        start + 2
    } else {
        start
    };
    let part = &line[start..end];
    is_body(part).then_some(start..end)
}

/// Base64, perhaps as wide words that spaces join (a key flattened by a
/// shell), or the checksum of `OpenPGP` armour.
fn is_body(part: &[u8]) -> bool {
    let unpadded = part
        .iter()
        .rposition(|byte| *byte != b'=')
        .map_or(0, |at| at + 1);
    let of_class = |byte: &u8| byte.is_ascii_alphanumeric() || b"+/".contains(byte);
    let checksum = part.first() == Some(&b'=') && part.len() == 5;
    let mut words = part[..unpadded].split(|byte| *byte == b' ').peekable();
    let mut good = true;
    while let Some(word) = words.next() {
        good &= word.iter().all(of_class) && (words.peek().is_none() || word.len() >= 32);
    }
    good || checksum
}

fn is_header(line: &[u8]) -> bool {
    const HEADERS: &[&str] = &[
        "Proc-Type:",
        "DEK-Info:",
        "Version:",
        "Comment:",
        "Hash:",
        "Charset:",
    ];
    HEADERS
        .iter()
        .any(|header| contains(line, header.as_bytes()))
}

fn contains(text: &[u8], needle: &[u8]) -> bool {
    memchr::memmem::find(text, needle).is_some()
}

/// Does the body hold what a private key holds: an ASN.1 sequence, or the
/// magic of OpenSSH?
pub(super) fn has_structure(body: &[u8]) -> bool {
    let head = &body[..body.len().min(24) / 4 * 4];
    let Ok(head) = data_encoding::BASE64_NOPAD.decode(head) else {
        return false;
    };
    let sequence =
        head.first() == Some(&0x30) && matches!(head.get(1), Some(0x81 | 0x82 | 0x01..=0x7f));
    sequence || head.starts_with(b"openssh-key-v1")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rule::template::{Seed, expand};

    fn body(lines: usize) -> Vec<String> {
        let mut seed = Seed::new(5);
        (0..lines)
            .map(|_| expand("{base64:64}", &mut seed).unwrap())
            .collect()
    }

    fn armour(kind: &str, lines: &[String], between: &str) -> String {
        let dashes = "-----";
        format!(
            "{dashes}BEGIN {kind}{dashes}{between}{}{between}{dashes}END {kind}{dashes}",
            lines.join(between)
        )
    }

    #[test]
    fn keys_in_many_wrappings() {
        let lines = body(4);
        let key = "RSA PRIVATE KEY";
        for between in [
            "\n",
            "\n    ",
            "\n+ ",
            "\n\"",
            "\\n",
            "\\\\n",
            "\r\n",
            "\n[pod/a] hello: world\n",
        ] {
            let text = armour(key, &lines, between);
            let pem = at(text.as_bytes(), 0).unwrap_or_else(|| panic!("{between:?}"));
            assert!(pem.complete, "{between:?}");
            assert_eq!(pem.body, lines.concat().as_bytes(), "{between:?}");
            assert_eq!(pem.span, 0..text.len(), "{between:?}");
        }
    }

    #[test]
    fn a_key_without_an_end_is_cut_off() {
        let text = armour("OPENSSH PRIVATE KEY", &body(4), "\n");
        let cut = text.rfind('\n').unwrap();
        let pem = at(&text.as_bytes()[..cut], 0).unwrap();
        assert!(!pem.complete);
        assert_eq!(pem.body.len(), 256);
    }

    #[test]
    fn public_material_and_bare_headers_are_none() {
        assert_eq!(
            at(armour("CERTIFICATE", &body(4), "\n").as_bytes(), 0),
            None
        );
        assert_eq!(at(armour("PUBLIC KEY", &body(4), "\n").as_bytes(), 0), None);
        let dashes = "-----";
        let bare = format!("{dashes}BEGIN PRIVATE KEY{dashes} must come first in the file, then");
        assert_eq!(at(bare.as_bytes(), 0), None);
    }
}
