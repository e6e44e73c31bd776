//! Does a line go on over the following ones?

use super::{beside, decode, pem};
use memchr::memmem::Finder;
use std::ops::Range;
use std::sync::LazyLock;

/// Followers of a line are looked at up to here.
const MOST_FOLLOWING: usize = pem::MOST_BYTES;

// Prepared once: that costs more than to look through a line.
static KEY_BEGINS: LazyLock<Finder<'_>> = LazyLock::new(|| Finder::new("-----BEGIN"));
static KEY_ENDS: LazyLock<Finder<'_>> = LazyLock::new(|| Finder::new("-----END"));
static CLOSES_ELEMENT: LazyLock<Finder<'_>> = LazyLock::new(|| Finder::new("</"));
/// What may name the value on the line below.
static NAMES_NEXT: [LazyLock<Finder<'_>>; 4] = [
    LazyLock::new(|| Finder::new("name")),
    LazyLock::new(|| Finder::new("Name")),
    LazyLock::new(|| Finder::new("key:")),
    LazyLock::new(|| Finder::new(beside::INTERFACE)),
];

/// End of what is looked at together with a line: its own end, or, where a
/// secret may go on over the following lines, the end of the last of these.
pub(super) fn reach(bytes: &[u8], line: &Range<usize>) -> usize {
    let own = &bytes[line.clone()];
    let following = &bytes[line.end..bytes.len().min(line.end + MOST_FOLLOWING)];
    let has = |needle: &Finder<'_>| needle.find(own).is_some();
    if has(&KEY_BEGINS) && !has(&KEY_ENDS) {
        return line.end + until(following, b"-----");
    }
    if decode::is_wrapped_line(last_word(own.trim_ascii_end())) {
        return line.end + some_lines(following, 8);
    }
    // The value of an element may stand on a line of its own.
    let opens_element = own.trim_ascii_end().ends_with(b">") && !has(&CLOSES_ELEMENT);
    let reads_on = || NAMES_NEXT.iter().any(|word| has(word));
    if own.len() < 300 && (opens_element || reads_on()) {
        return line.end + some_lines(following, 1);
    }
    line.end
}

/// What stands behind the last white space of the line.
fn last_word(line: &[u8]) -> &[u8] {
    let space = memchr::memrchr3(b' ', b'\t', b'\r', line);
    let space = space.max(memchr::memrchr2(b'\n', b'\x0c', line));
    &line[space.map_or(0, |at| at + 1)..]
}

/// Up to the end of the line that holds `needle`, or all of it; at most as
/// many lines as a key may have.
fn until(following: &[u8], needle: &[u8]) -> usize {
    let found = memchr::memmem::find(following, needle).unwrap_or(following.len());
    let end = memchr::memchr(b'\n', &following[found..]).map_or(following.len(), |at| found + at);
    end.min(some_lines(following, pem::MOST_LINES))
}

fn some_lines(following: &[u8], count: usize) -> usize {
    memchr::memchr_iter(b'\n', following)
        .nth(count)
        .unwrap_or(following.len())
}
