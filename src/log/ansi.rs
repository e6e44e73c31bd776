//! Terminal control sequences, byte by byte.
//!
//! A log is not a terminal: what is not certainly a control sequence stays in
//! the text, because dropping text could hide a secret.

/// Longest run of parameters of one CSI sequence, in bytes.
const MAX_CSI: u8 = 64;
/// Longest body of one OSC, APC, DCS, PM or SOS sequence, in bytes.
const MAX_BODY: u16 = 4096;

pub(super) const ESC: u8 = 0x1b;
const BEL: u8 = 0x07;
const BACKSPACE: u8 = 0x08;
const BOM: &[u8] = b"\xef\xbb\xbf";

/// Where in a control sequence the next byte stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(super) enum State {
    /// Outside of any sequence.
    #[default]
    Text,
    /// After ESC.
    Escape,
    /// After ESC and an intermediate byte (`ESC (`): one more byte follows.
    Charset,
    /// In the parameters of a CSI sequence, with the bytes so far.
    Csi(u8),
    /// In the body of an OSC, APC, DCS, PM or SOS sequence.
    Body(u16),
    /// After an ESC in such a body: `\` would close it.
    BodyEscape,
}

/// What becomes of a byte.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Fate {
    /// It is text.
    Keep,
    /// It is part of a control sequence.
    Drop,
    /// It opens a body. Until [`Fate::Close`] the bytes stand as text: if the
    /// end never comes, they are text.
    Open,
    /// It closes a body: all since [`Fate::Open`] is dropped.
    Close,
}

/// Takes one byte. Line ends are the caller's: they end every sequence.
pub(super) fn step(state: State, byte: u8) -> (State, Fate) {
    match state {
        State::Text if byte == ESC => (State::Escape, Fate::Drop),
        State::Text => (State::Text, Fate::Keep),
        State::Charset => after_charset(byte),
        State::Csi(length) => in_csi(length, byte),
        State::Body(length) => in_body(length, byte),
        State::BodyEscape if byte == b'\\' => (State::Text, Fate::Close),
        // In a body: not the terminator. The body was none, and this ESC opens
        // another sequence.
        State::Escape | State::BodyEscape => after_escape(byte),
    }
}

fn after_escape(byte: u8) -> (State, Fate) {
    match byte {
        b'[' => (State::Csi(0), Fate::Drop),
        b']' | b'_' | b'P' | b'^' | b'X' => (State::Body(0), Fate::Open),
        b'(' | b')' | b'*' | b'+' | b'#' | b'%' | b' ' => (State::Charset, Fate::Drop),
        // Only the two-byte sequences that exist: any other byte is text behind a stray ESC.
        b'7' | b'8' | b'=' | b'>' | b'\\' | b'D' | b'E' | b'H' | b'M' | b'N' | b'O' | b'Z'
        | b'c' | b'n' | b'o' => (State::Text, Fate::Drop),
        _ => step(State::Text, byte),
    }
}

fn after_charset(byte: u8) -> (State, Fate) {
    match byte {
        b'0'..=b'~' => (State::Text, Fate::Drop),
        _ => step(State::Text, byte),
    }
}

fn in_csi(length: u8, byte: u8) -> (State, Fate) {
    match byte {
        b' '..=b'?' if length < MAX_CSI => (State::Csi(length + 1), Fate::Drop),
        b'@'..=b'~' => (State::Text, Fate::Drop),
        _ => step(State::Text, byte),
    }
}

fn in_body(length: u16, byte: u8) -> (State, Fate) {
    match byte {
        BEL => (State::Text, Fate::Close),
        ESC => (State::BodyEscape, Fate::Drop),
        _ if length < MAX_BODY => (State::Body(length + 1), Fate::Keep),
        _ => (State::Text, Fate::Keep),
    }
}

/// Length of the first run of `text` that needs no look at single bytes.
pub(super) fn plain_run(text: &[u8]) -> usize {
    let end = memchr::memchr3(ESC, b'\r', b'\n', text).unwrap_or(text.len());
    memchr::memchr2(BACKSPACE, 0, &text[..end]).unwrap_or(end)
}

/// Whether a byte never stands in clean text (NUL, backspace).
pub(super) fn is_noise(byte: u8) -> bool {
    matches!(byte, BACKSPACE | 0)
}

/// Length of the Jenkins console note at the start of `text`: `ESC[8mha:`,
/// base64, `ESC[0m`. Its payload is a signed, compressed object, which looks
/// like a secret and is none.
pub(super) fn console_note(text: &[u8]) -> Option<usize> {
    let payload = text.strip_prefix(b"\x1b[8mha:")?;
    let length = payload.iter().position(|byte| !is_base64(*byte))?;
    let signed = payload.starts_with(b"////4") || payload.starts_with(b"AAAA");
    let closed = payload.get(length..)?.starts_with(b"\x1b[0m");
    (signed && closed).then_some(text.len() - payload.len() + length + 4)
}

fn is_base64(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || matches!(byte, b'+' | b'/' | b'=')
}

/// Must the line be rebuilt before it can be searched: does it hold an ESC, a
/// backspace, a NUL, a CR other than at its end, or a BOM at its start?
///
/// Two vectorised passes, nothing is allocated.
pub fn is_dirty(line: &[u8]) -> bool {
    let line = trim_line_end(line);
    line.starts_with(BOM)
        || memchr::memchr3(ESC, BACKSPACE, 0, line).is_some()
        || memchr::memchr(b'\r', line).is_some()
}

/// The line without `\n`, `\r\n` or `\r\r\n`.
pub(super) fn trim_line_end(line: &[u8]) -> &[u8] {
    let mut line = line.strip_suffix(b"\n").unwrap_or(line);
    while let Some(shorter) = line.strip_suffix(b"\r") {
        line = shorter;
    }
    line
}

/// Length of a BOM at the start of the line.
pub(super) fn bom_length(line: &[u8]) -> usize {
    if line.starts_with(BOM) { BOM.len() } else { 0 }
}
