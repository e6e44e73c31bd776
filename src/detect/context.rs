//! The line around a secret, with every secret on it masked.

use super::hit::Hit;
use super::redact::MASK;
use std::ops::Range;

/// Characters shown before and after the secret.
const BEFORE: usize = 60;
const AFTER: usize = 60;
/// Shorter values are not looked for elsewhere on the line.
const SHORTEST: usize = 4;

/// `text[line]` around `hit`, every span of `all` masked, and every other place
/// on it where one of their values stands too.
pub(super) fn masked(text: &[u8], line: Range<usize>, hit: &Hit, all: &[Hit]) -> String {
    let shown = line.start.max(hit.span.start.saturating_sub(4 * BEFORE))
        ..line.end.min(hit.span.end.min(line.end) + 4 * AFTER);
    let pairs = Pairs::of(&text[shown.clone()]);
    let mut spans: Vec<Range<usize>> = Vec::new();
    for other in all.iter().filter(|other| !other.dropped) {
        if overlap(&other.span, &shown) || overlap(&other.span, &hit.span) {
            spans.push(other.span.clone());
        }
        if pairs.may_hold(other.secret.expose()) {
            spans.extend(elsewhere(text, &shown, other.secret.expose()));
        }
    }
    spans.sort_by_key(|span| span.start);
    let (before, after) = around(text, &shown, hit, &spans);
    format!(
        "{}{MASK}{}",
        last_chars(&before, BEFORE),
        first_chars(&after, AFTER)
    )
}

fn overlap(a: &Range<usize>, b: &Range<usize>) -> bool {
    a.start < b.end && b.start < a.end
}

/// Which pairs of bytes stand in a text: a line may hold thousands of values,
/// and next to none of them stands beside any other.
struct Pairs(Vec<u64>);

impl Pairs {
    fn of(text: &[u8]) -> Self {
        let mut pairs = Self(vec![0; (1 << 16) / 64]);
        for pair in text.windows(2) {
            let (word, bit) = Self::place(pair);
            pairs.0[word] |= bit;
        }
        pairs
    }

    /// May say yes too often, never no too often.
    fn may_hold(&self, value: &[u8]) -> bool {
        value.windows(2).take(16).all(|pair| {
            let (word, bit) = Self::place(pair);
            self.0[word] & bit != 0
        })
    }

    fn place(pair: &[u8]) -> (usize, u64) {
        let number = usize::from(pair[0]) << 8 | usize::from(pair[1]);
        (number / 64, 1 << (number % 64))
    }
}

fn elsewhere(text: &[u8], shown: &Range<usize>, value: &[u8]) -> Vec<Range<usize>> {
    if value.len() < SHORTEST || value.len() > shown.len() {
        return Vec::new();
    }
    memchr::memmem::find_iter(&text[shown.clone()], value)
        .map(|at| shown.start + at..shown.start + at + value.len())
        .collect()
}

/// What stands before and after the hit, masked.
fn around(
    text: &[u8],
    shown: &Range<usize>,
    hit: &Hit,
    spans: &[Range<usize>],
) -> (String, String) {
    // Spans that overlap the hit are one with it.
    let mut whole = hit.span.clone();
    for span in spans {
        if overlap(span, &whole) {
            whole = whole.start.min(span.start)..whole.end.max(span.end);
        }
    }
    let before = mask(text, shown.start..whole.start.max(shown.start), spans);
    let after = mask(text, whole.end.min(shown.end)..shown.end, spans);
    (before, after)
}

fn mask(text: &[u8], range: Range<usize>, spans: &[Range<usize>]) -> String {
    let mut out = String::new();
    let mut at = range.start;
    for span in spans {
        if span.end <= at || span.start >= range.end {
            continue;
        }
        if span.start > at {
            out.push_str(&String::from_utf8_lossy(&text[at..span.start]));
        }
        if !out.ends_with(MASK) {
            out.push_str(MASK);
        }
        at = span.end.min(range.end);
    }
    out.push_str(&String::from_utf8_lossy(&text[at..range.end]));
    out
}

fn last_chars(text: &str, count: usize) -> &str {
    let at = text
        .char_indices()
        .rev()
        .nth(count.saturating_sub(1))
        .map_or(0, |(at, _)| at);
    &text[at..]
}

fn first_chars(text: &str, count: usize) -> &str {
    let at = text
        .char_indices()
        .nth(count)
        .map_or(text.len(), |(at, _)| at);
    &text[..at]
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rule::Confidence;

    #[test]
    fn every_value_on_the_line_is_masked_wherever_it_stands() {
        let text = b"echo firstpw && A=firstpw B=secondpw";
        let hit = |span| Hit::new(0, text, span, Confidence::High, "x");
        let all = [hit(18..25), hit(28..36)];
        assert_eq!(
            masked(text, 0..36, &all[0], &all),
            "echo *** && A=*** B=***"
        );
        assert_eq!(
            masked(text, 0..36, &all[1], &all),
            "echo *** && A=*** B=***"
        );
    }
}
