//! GitLab CI, with and without the time stamps of newer runners.

use super::Prefix;
use super::echo::{Echo, Echoes};
use super::grammar::{Grammar, Layout, Signs};
use super::landmark::Landmark;
use super::stamp;
use memchr::memmem::Finder;
use std::sync::LazyLock;

/// Traces without time stamps. Section marks end in a CR, so they stand on
/// lines of their own in clean text.
pub(super) const TRACE: Grammar = Grammar {
    id: "gitlab",
    ci: Some("gitlab"),
    signs: Signs::Head(is_trace),
    needles: &["section_start:", "section_end:"],
    landmark,
    echoes: Echoes {
        needles: &["\x1b[32;1m$ "],
        read: |line, _| command(line),
        ..Echoes::SHELL
    },
    ..Grammar::PLAIN
};

/// Traces with time stamps and stream ids.
pub(super) const STAMPED: Grammar = Grammar {
    id: "gitlab-stamped",
    layout: Layout::Streams,
    signs: Signs::Lines {
        percent: 20,
        vote: |line| stamped(line).is_some(),
    },
    prefix: |line| stamped(line).unwrap_or_else(|| Prefix::plain(line)),
    ..TRACE
};

/// The stamp, a space, two hexadecimal digits of the stream, `O` or `E`, then
/// a space, or a `+` on a line that continues the one before it in its stream.
fn stamped(line: &[u8]) -> Option<Prefix> {
    let end = stamp::utc_length(line)?;
    let [b' ', high, low, kind @ (b'O' | b'E'), mode @ (b' ' | b'+')] = *line.get(end..end + 5)?
    else {
        return None;
    };
    let id = digit(high)? * 16 + digit(low)?;
    Some(Prefix {
        stream: 1 + 2 * id + u32::from(kind == b'E'),
        continues: mode == b'+',
        ..Prefix::stamped(end + 5, 0..end)
    })
}

fn digit(byte: u8) -> Option<u32> {
    char::from(byte).to_digit(16)
}

static SECTION: LazyLock<Finder> = LazyLock::new(|| Finder::new(b"section_start:"));
static RUNNER: LazyLock<Finder> = LazyLock::new(|| Finder::new(b"Running with gitlab-runner "));

/// A section begins, or a runner says its name near the start of a line.
fn is_trace(head: &[u8]) -> bool {
    let near_start = |at: usize| {
        let before = &head[at.saturating_sub(64)..at];
        at < 64 || before.contains(&b'\n')
    };
    let mut sections = SECTION.find_iter(head);
    sections.any(|at| mark(&head[at..]).is_some()) || RUNNER.find_iter(head).any(near_start)
}

/// The name behind `section_start:1621524382:`.
fn mark(text: &[u8]) -> Option<&[u8]> {
    name(text.strip_prefix(b"section_start:")?)
}

/// `prepare_script` of `1621524382:prepare_script[collapsed=true]` and CR.
fn name(mark: &[u8]) -> Option<&[u8]> {
    let digits = mark.iter().take_while(|byte| byte.is_ascii_digit()).count();
    let name = mark.get(digits..)?.strip_prefix(b":")?;
    let is_name = |byte: &u8| byte.is_ascii_alphanumeric() || b"_.-".contains(byte);
    let length = name.iter().take_while(|byte| is_name(byte)).count();
    (digits >= 9 && length > 0).then(|| &name[..length])
}

/// `$ make`, green and bold. Of a command over several lines only the first is
/// shown.
fn command(line: &[u8]) -> Option<Echo<'_>> {
    let line = line.strip_prefix(b"$ ")?;
    let first = line.strip_suffix(b" # collapsed multi-line command");
    Some(Echo::Command(first.unwrap_or(line)))
}

fn landmark(line: &[u8], at: usize) -> Option<Landmark> {
    let text = &line[at..];
    if let Some(name) = mark(text) {
        return Some(Landmark::step(name));
    }
    name(text.strip_prefix(b"section_end:")?).map(|_| Landmark::end())
}
