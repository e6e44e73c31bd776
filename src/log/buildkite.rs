//! Buildkite: the time in milliseconds in an APC sequence.

use super::Prefix;
use super::echo::{self, Echoes};
use super::grammar::{Grammar, Signs};
use super::landmark::Landmark;
use super::stamp;

const OPENING: &[u8] = b"\x1b_bk;t=";

pub(super) const BUILDKITE: Grammar = Grammar {
    id: "buildkite",
    ci: Some("buildkite"),
    signs: Signs::Lines {
        percent: 0,
        vote: |line| timed(line).is_some(),
    },
    prefix: |line| timed(line).unwrap_or_else(|| Prefix::plain(line)),
    time: stamp::epoch_millis,
    needles: &["~~~ ", "--- ", "+++ "],
    landmark,
    echoes: Echoes {
        needles: &["$ ", "$\x1b[0m "],
        read: |line, _| echo::prompted(line),
        ..Echoes::SHELL
    },
    ..Grammar::PLAIN
};

/// `ESC _bk;t=1745322209921` and BEL, or ESC and a backslash.
fn timed(line: &[u8]) -> Option<Prefix> {
    let rest = line.strip_prefix(OPENING)?;
    let digits = rest
        .iter()
        .take(20)
        .take_while(|byte| byte.is_ascii_digit())
        .count();
    let close = match rest.get(digits..)? {
        [0x07, ..] => 1,
        [0x1b, b'\\', ..] => 2,
        _ => return None,
    };
    let end = OPENING.len() + digits;
    Some(Prefix::stamped(end + close, OPENING.len()..end).with_buildx(line))
}

/// A header of a group of lines, open, closed or dimmed.
fn landmark(line: &[u8], at: usize) -> Option<Landmark> {
    let begins = timed(line).is_some_and(|prefix| prefix.len == at);
    begins.then(|| Landmark::step(&line[at + 4..]))
}
