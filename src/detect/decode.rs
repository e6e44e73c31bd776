//! Undoing encodings: base64, hexadecimal, percent, backslash escapes.
//!
//! Each function is linear in its input. Decoded text is at most as long as
//! what it was decoded from, so nesting costs a constant factor per level.

use crate::finding::Encoding;
use crate::rule::LONG_RUN;
use crate::rule::runs::is_token;
use data_encoding::{BASE64_NOPAD, BASE64URL_NOPAD, Encoding as Alphabet};
use std::ops::Range;

/// A run shorter than this is not decoded: it could hold no more than a
/// 15-byte text.
const SHORTEST_BASE64: usize = 20;
const _: () = assert!(SHORTEST_BASE64 >= LONG_RUN);
const SHORTEST_HEX: usize = 32;
/// How near the start of a run base64 may begin in it.
const NEAR: usize = 64;
/// How much of a run is looked at before all of it is decoded.
const TASTE: usize = 24;

/// Text out of an encoding, and the way back.
#[derive(Debug)]
pub(super) struct Decoded {
    /// Which encoding was undone.
    pub encoding: Encoding,
    /// The text.
    pub text: Vec<u8>,
    map: Map,
}

#[derive(Debug)]
enum Map {
    /// The whole run stands for every part of the text.
    Outer(Range<usize>),
    /// `(offset in the text, offset in the outer text)`, both ascending; one
    /// entry for every change of the distance between them, and the end.
    Pieces(Vec<(usize, usize)>),
}

impl Decoded {
    /// Text of pieces, each given by its offset in the text and in the outer one;
    /// both ascend, and the last piece is the end.
    pub(super) fn of_pieces(
        encoding: Encoding,
        text: Vec<u8>,
        pieces: Vec<(usize, usize)>,
    ) -> Self {
        let map = Map::Pieces(pieces);
        Self {
            encoding,
            text,
            map,
        }
    }

    /// Where `span` of the text stands in the outer text.
    pub(super) fn outer(&self, span: &Range<usize>) -> Range<usize> {
        match &self.map {
            Map::Outer(run) => run.clone(),
            Map::Pieces(pieces) => {
                let start = locate(pieces, span.start);
                let end = locate(pieces, span.end).max(start);
                start..end
            }
        }
    }
}

fn locate(pieces: &[(usize, usize)], at: usize) -> usize {
    let index = pieces
        .partition_point(|&(inner, _)| inner <= at)
        .saturating_sub(1);
    let Some(&(inner, outer)) = pieces.get(index) else {
        return at;
    };
    let plain = outer + (at - inner.min(at));
    pieces
        .get(index + 1)
        .map_or(plain, |&(_, next)| plain.min(next))
}

const BASE64_CLASS: u8 = 1;
const HEX_CLASS: u8 = 2;
/// See [`is_first_of_text`].
const FIRST_CLASS: u8 = 4;
static CLASSES: [u8; 256] = classes();

const fn classes() -> [u8; 256] {
    let mut table = [0u8; 256];
    let mut byte = 0usize;
    while byte < 256 {
        let b = byte as u8;
        if is_token(b) {
            table[byte] |= BASE64_CLASS;
        }
        if b.is_ascii_hexdigit() {
            table[byte] |= HEX_CLASS;
        }
        if begins_base64(b) {
            table[byte] |= FIRST_CLASS;
        }
        byte += 1;
    }
    table
}

/// The next run of base64 characters of at least `SHORTEST_BASE64` at or
/// after `from`. A run that long covers every `SHORTEST_BASE64`-th byte, so
/// only these are looked at until one is of the class.
fn next_run(text: &[u8], from: usize) -> Option<Range<usize>> {
    let of_class = |at: usize| CLASSES[usize::from(text[at])] & BASE64_CLASS != 0;
    let mut floor = from;
    let mut probe = from + SHORTEST_BASE64 - 1;
    while probe < text.len() {
        if !of_class(probe) {
            floor = probe + 1;
            probe += SHORTEST_BASE64;
            continue;
        }
        let mut start = probe;
        while start > floor && of_class(start - 1) {
            start -= 1;
        }
        let mut end = probe + 1;
        while end < text.len() && of_class(end) {
            end += 1;
        }
        if end - start >= SHORTEST_BASE64 {
            return Some(start..end);
        }
        floor = end;
        probe = end + SHORTEST_BASE64;
    }
    None
}

/// Whether [`runs`] may find text that begins at `at`: at the start of a run, or
/// behind a joint in one. May say yes too often, never no too often.
pub(super) fn may_begin(text: &[u8], at: usize) -> bool {
    let Some(head) = text[at..].first_chunk::<SHORTEST_BASE64>() else {
        return false;
    };
    // Next to nothing passes the first of these.
    let base64 = head.iter().step_by(4).all(|byte| is_first_of_text(*byte));
    let hex = head.chunks_exact(2).all(is_hex_of_text);
    (base64 || hex)
        && head.iter().all(|byte| is_base64(*byte))
        && ((hex && at_start_of_run(text, at)) || taste(run_at(text, at)).is_some())
}

/// The beginning of the run that goes on from `at`.
fn run_at(text: &[u8], at: usize) -> &[u8] {
    let head = &text[at..text.len().min(at + TASTE)];
    let end = head.iter().position(|byte| !is_base64(*byte));
    &head[..end.unwrap_or(head.len())]
}

fn at_start_of_run(text: &[u8], at: usize) -> bool {
    at == 0 || !is_base64(text[at - 1])
}

fn is_base64(byte: u8) -> bool {
    CLASSES[usize::from(byte)] & BASE64_CLASS != 0
}

/// Where base64 may begin in a run: at its start, or behind a `/`, `-`, `_` or `+`
/// near it that belongs to what stands before.
fn offsets(run: &[u8]) -> impl Iterator<Item = usize> {
    let near = &run[..run.len().min(NEAR)];
    let inner = near
        .iter()
        .enumerate()
        .filter(|(_, byte)| !byte.is_ascii_alphanumeric())
        .map(|(at, _)| at + 1);
    std::iter::once(0)
        .chain(inner.take(3))
        .filter(|&from| run.len() - from >= SHORTEST_BASE64)
}

/// Whether base64 of text may begin with the byte; it then has such a byte at
/// every fourth place.
pub(super) const fn begins_base64(byte: u8) -> bool {
    matches!(byte, b'A' | b'/' | b'C' | b'D' | b'G' | b'I'..=b'Z' | b'a'..=b'f' | b'w'..=b'z' | b'0'..=b'9')
}

/// The same for hexadecimal digits, and for every second place.
pub(super) const fn begins_hex(byte: u8) -> bool {
    matches!(byte, b'0'..=b'7')
}

/// Base64 of text: the first character of every four holds the six high bits
/// of a byte, so it is one of few (`A` and `/` are for UTF-16).
fn is_first_of_text(byte: u8) -> bool {
    CLASSES[usize::from(byte)] & FIRST_CLASS != 0
}

/// Whether a run of base64 holds text, by its beginning.
fn taste(run: &[u8]) -> Option<Encoding> {
    let mut quads = run[..run.len().min(TASTE)].chunks_exact(4);
    if !quads.all(|quad| is_first_of_text(quad[0])) {
        return None;
    }
    let head = decode_base64(&run[..run.len().min(TASTE) / 4 * 4])?;
    if is_utf16(&head) {
        return Some(Encoding::Base64Utf16);
    }
    let good = head.iter().filter(|byte| is_text(**byte)).count();
    (good * 10 >= head.len() * 9).then_some(Encoding::Base64)
}

fn is_text(byte: u8) -> bool {
    matches!(byte, b'\t' | b'\n' | b'\r' | 0x1b | 0x20..=0x7e)
}

fn is_utf16(head: &[u8]) -> bool {
    let body = head.strip_prefix(&[0xff, 0xfe]).unwrap_or(head);
    body.len() >= 8
        && body
            .chunks_exact(2)
            .all(|pair| is_text(pair[0]) && pair[1] == 0)
}

/// Hexadecimal digits of text: ASCII, white space or the escape character.
fn tastes_of_hex(run: &[u8]) -> bool {
    run.len() >= SHORTEST_HEX
        && run.len().is_multiple_of(2)
        && run
            .iter()
            .all(|&byte| CLASSES[usize::from(byte)] & HEX_CLASS != 0)
        && run.chunks_exact(2).take(TASTE).all(is_hex_of_text)
}

fn is_hex_of_text(pair: &[u8]) -> bool {
    matches!(pair, [b'2'..=b'7' | b'0', _] | [b'1', b'b' | b'B'])
}

fn decode_base64(run: &[u8]) -> Option<Vec<u8>> {
    let url = run.iter().any(|byte| matches!(byte, b'-' | b'_'));
    let alphabet: &Alphabet = if url { &BASE64URL_NOPAD } else { &BASE64_NOPAD };
    // One character too many is what a cut leaves behind, and trailing bits
    // may be anything: neither is a reason to see nothing.
    let whole = run.len() - usize::from(run.len() % 4 == 1);
    let full = whole / 4 * 4;
    let mut out = alphabet.decode(&run[..full]).ok()?;
    if whole > full {
        let rest = &run[full..whole];
        let mut padded = [b'A'; 4];
        padded[..rest.len()].copy_from_slice(rest);
        let tail = alphabet.decode(&padded).ok()?;
        out.extend_from_slice(&tail[..rest.len() - 1]);
    }
    Some(out)
}

/// Calls `each` for every run of base64 or hexadecimal digits in `text` that
/// holds text.
pub(super) fn runs(text: &[u8], each: &mut dyn FnMut(Decoded)) {
    let mut at = 0;
    while let Some(run) = next_run(text, at) {
        at = run.end;
        if let Some(decoded) = decode_run(text, &run) {
            each(decoded);
        }
    }
}

fn decode_run(text: &[u8], run: &Range<usize>) -> Option<Decoded> {
    let bytes = &text[run.clone()];
    if tastes_of_hex(bytes) {
        let decoded = data_encoding::HEXLOWER_PERMISSIVE.decode(bytes).ok()?;
        return mostly_text(&decoded).then(|| outer(Encoding::Hex, decoded, run.clone()));
    }
    let (from, encoding) = offsets(bytes).find_map(|from| Some((from, taste(&bytes[from..])?)))?;
    let decoded =
        decode_base64(&bytes[from..]).or_else(|| decode_base64(up_to_mixed(&bytes[from..])))?;
    let decoded = if encoding == Encoding::Base64Utf16 {
        narrow(&decoded)
    } else {
        decoded
    };
    let padding = text[run.end..]
        .iter()
        .take(2)
        .take_while(|byte| **byte == b'=')
        .count();
    let span = run.start + from..run.end + padding;
    mostly_text(&decoded).then(|| outer(encoding, decoded, span))
}

/// A run may go on in the other alphabet (`…abc/def-ghi`): keep what comes
/// before the first character of the alphabet that did not come first.
fn up_to_mixed(run: &[u8]) -> &[u8] {
    let url = run
        .iter()
        .find(|byte| b"+/-_".contains(byte))
        .is_some_and(|byte| b"-_".contains(byte));
    let other: &[u8] = if url { b"+/" } else { b"-_" };
    let end = run
        .iter()
        .position(|byte| other.contains(byte))
        .unwrap_or(run.len());
    &run[..end]
}

fn outer(encoding: Encoding, text: Vec<u8>, span: Range<usize>) -> Decoded {
    Decoded {
        encoding,
        text,
        map: Map::Outer(span),
    }
}

fn narrow(bytes: &[u8]) -> Vec<u8> {
    let body = bytes.strip_prefix(&[0xff, 0xfe]).unwrap_or(bytes);
    body.chunks(2)
        .filter(|pair| pair.get(1) == Some(&0))
        .map(|pair| pair[0])
        .collect()
}

fn mostly_text(bytes: &[u8]) -> bool {
    let good = bytes
        .iter()
        .filter(|byte| is_text(**byte) || **byte >= 0x80)
        .count();
    bytes.len() >= 8 && good * 20 >= bytes.len() * 17
}

/// Wrapped base64: if `text` (a line and its followers, each a line of
/// base64) decodes to text, the whole block as one.
pub(super) fn wrapped(text: &[u8]) -> Option<Decoded> {
    let mut joined = Vec::new();
    let mut span: Option<Range<usize>> = None;
    let mut width = 0;
    for line in lines(text) {
        let body = trim(text, &line);
        let bytes = &text[body.clone()];
        let unpadded = bytes
            .iter()
            .rposition(|byte| *byte != b'=')
            .map_or(0, |last| last + 1);
        let of_class = bytes[..unpadded]
            .iter()
            .all(|byte| CLASSES[usize::from(*byte)] & BASE64_CLASS != 0);
        if unpadded == 0 || !of_class || (width > 0 && bytes.len() > width) {
            break;
        }
        joined.extend_from_slice(&bytes[..unpadded]);
        span = Some(span.map_or(body.start, |known| known.start)..body.end);
        if (width > 0 && bytes.len() < width) || unpadded < bytes.len() {
            break;
        }
        width = bytes.len();
    }
    taste(&joined)?;
    let decoded = decode_base64(&joined)?;
    mostly_text(&decoded).then(|| outer(Encoding::Base64, decoded, span.unwrap_or(0..0)))
}

/// Is the line nothing but a wide run of base64, so that it may be one line of
/// a wrapped block of text?
pub(super) fn is_wrapped_line(line: &[u8]) -> bool {
    let body = &line[trim(line, &(0..line.len()))];
    let of_base64 = |byte: &u8| CLASSES[usize::from(*byte)] & BASE64_CLASS != 0;
    // A taste costs less than to look at all of an endless token.
    body.len() >= 48 && taste(body).is_some() && body.iter().all(of_base64)
}

fn trim(text: &[u8], line: &Range<usize>) -> Range<usize> {
    let bytes = &text[line.clone()];
    let trimmed = bytes.trim_ascii_start();
    let start = line.end - trimmed.len();
    start..start + trimmed.trim_ascii_end().len()
}

fn lines(text: &[u8]) -> impl Iterator<Item = Range<usize>> {
    let mut start = 0;
    std::iter::from_fn(move || {
        (start <= text.len() && !text.is_empty()).then(|| {
            let end = memchr::memchr(b'\n', &text[start..]).map_or(text.len(), |at| start + at);
            let line = start..end;
            start = end + 1;
            line
        })
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn all(text: &str) -> Vec<(Encoding, String, Range<usize>)> {
        let mut out = Vec::new();
        runs(text.as_bytes(), &mut |decoded| {
            let span = decoded.outer(&(0..1));
            out.push((
                decoded.encoding,
                String::from_utf8_lossy(&decoded.text).into_owned(),
                span,
            ));
        });
        out
    }

    #[test]
    fn base64_in_its_alphabets_padded_or_not() {
        let plain = "the value is ~~~ and ???";
        let standard = data_encoding::BASE64.encode(plain.as_bytes());
        let url = BASE64URL_NOPAD.encode(plain.as_bytes());
        for encoded in [
            standard.clone(),
            url,
            standard.trim_end_matches('=').to_owned(),
        ] {
            let line = format!("payload: {encoded} end");
            let found = all(&line);
            assert_eq!(found.len(), 1, "{line}");
            assert_eq!(
                (found[0].1.as_str(), found[0].2.clone()),
                (plain, 9..9 + encoded.len())
            );
        }
    }

    #[test]
    fn powershell_takes_utf16() {
        let wide: Vec<u8> = "Write-Host hello"
            .bytes()
            .flat_map(|byte| [byte, 0])
            .collect();
        let found = all(&data_encoding::BASE64.encode(&wide));
        assert_eq!(
            (found[0].0, found[0].1.as_str()),
            (Encoding::Base64Utf16, "Write-Host hello")
        );
    }

    #[test]
    fn hexadecimal_text_yes_digests_no() {
        let hex = data_encoding::HEXLOWER.encode(b"some plain words");
        assert_eq!(all(&hex)[0].1, "some plain words");
        assert!(all("34e114876b0b11c390a56381ad16ebd13914f8d5").is_empty());
    }

    #[test]
    fn hexadecimal_text_with_colours() {
        let hex = data_encoding::HEXUPPER.encode(b"\x1b[32msome plain words\x1b[0m");
        assert_eq!(all(&hex)[0].1, "\x1b[32msome plain words\x1b[0m");
    }

    #[test]
    fn paths_are_not_base64() {
        assert!(all("/home/runner/work/some/project/target/release/build").is_empty());
    }

    #[test]
    fn wrapped_lines_are_joined() {
        let text =
            "a line of words that is rather long, so that its base64 has to be wrapped over lines";
        let encoded = data_encoding::BASE64.encode(text.as_bytes());
        let block = format!("{}\n{}\nnext", &encoded[..64], &encoded[64..]);
        let decoded = wrapped(block.as_bytes()).unwrap();
        assert_eq!(decoded.text, text.as_bytes());
        assert_eq!(decoded.outer(&(0..1)), 0..encoded.len() + 1);
    }
}
