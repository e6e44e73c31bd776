//! Rules that are regular expressions, run in bounded windows.
//!
//! A pattern is compiled when its first keyword shows up, never before. Most
//! patterns begin with their keyword: these are tried at the keyword and
//! nowhere else. The others get a window around it, as wide as the longest
//! possible match.

use crate::rule::{Left, Rule, parsed};
use regex::bytes::{Captures, Regex, RegexBuilder};
use regex_syntax::hir::{Class, Hir, HirKind};
use std::ops::Range;
use std::sync::OnceLock;

/// A match longer than this is not looked for: it bounds what one keyword
/// costs. Session tokens reach about 2 KiB.
const LONGEST: usize = 8 << 10;
/// How often a match that fails its boundary is looked for again one byte on.
const RETRIES: usize = 16;

/// A rule's expression, compiled on first use.
#[derive(Debug, Default)]
pub(super) struct Matcher {
    compiled: OnceLock<Option<Compiled>>,
}

#[derive(Debug)]
struct Compiled {
    regex: Regex,
    allow: Vec<Regex>,
    longest: usize,
    group: usize,
    left: Left,
    tail: ByteSet,
}

/// One match: the secret, and whether an allow expression takes it back.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Match {
    /// Where the whole pattern matched.
    pub whole: Range<usize>,
    /// Where the secret stands in the text.
    pub secret: Range<usize>,
    /// The rule itself says that it is none.
    pub allowed: bool,
}

impl Matcher {
    /// Matches of `rule` in the line `text[line]`, whose keywords start at
    /// `hits` (ascending). Patterns never see beyond the line.
    pub(super) fn run(
        &self,
        rule: &Rule,
        text: &[u8],
        line: &Range<usize>,
        hits: &[usize],
        found: &mut dyn FnMut(Match),
    ) {
        if line.len() < rule.shortest as usize {
            return;
        }
        if rule.anchored {
            for &hit in hits.iter().filter(|hit| may_start(rule, text, line, **hit)) {
                let Some(compiled) = self.compiled(rule) else {
                    return;
                };
                compiled.at(text, line, hit, found);
            }
        } else if let Some(compiled) = self.compiled(rule) {
            for window in windows(hits, line, compiled.longest) {
                compiled.within(text, window, line, found);
            }
        }
    }

    /// Whether the pattern, which begins at its keyword, matches at `hit`; `None`
    /// when it may begin before it. What stands around the match is not asked.
    pub(super) fn begins_at(
        &self,
        rule: &Rule,
        text: &[u8],
        line: &Range<usize>,
        hit: usize,
    ) -> Option<bool> {
        if !rule.anchored {
            return None;
        }
        if !may_start(rule, text, line, hit) {
            return Some(false);
        }
        let compiled = self.compiled(rule)?;
        let end = (hit + compiled.longest + 1).min(line.end);
        Some(compiled.regex.is_match(&text[hit..end]))
    }

    fn compiled(&self, rule: &Rule) -> Option<&Compiled> {
        self.compiled.get_or_init(|| Compiled::new(rule)).as_ref()
    }
}

/// What can be told without the expression: most short keywords stand inside a
/// word, or too near the end of their line, and no log is worth compiling for these.
fn may_start(rule: &Rule, text: &[u8], line: &Range<usize>, hit: usize) -> bool {
    line.end - hit >= rule.shortest as usize && rule.left.lets(text, line, hit)
}

impl Left {
    /// Whether a match may start there.
    fn lets(self, text: &[u8], line: &Range<usize>, start: usize) -> bool {
        match self {
            Self::Any => true,
            Self::Word => start <= line.start || !text[start - 1].is_ascii_alphanumeric(),
        }
    }
}

/// Windows of `reach` bytes to both sides of each hit, overlapping ones merged.
fn windows(hits: &[usize], line: &Range<usize>, reach: usize) -> Vec<Range<usize>> {
    let mut out: Vec<Range<usize>> = Vec::new();
    for &hit in hits {
        let start = hit.saturating_sub(reach).max(line.start);
        let end = hit.saturating_add(reach).min(line.end);
        match out.last_mut() {
            Some(last) if start <= last.end => last.end = last.end.max(end),
            _ => out.push(start..end),
        }
    }
    out
}

impl Compiled {
    fn new(rule: &Rule) -> Option<Self> {
        let build = |pattern: &str| RegexBuilder::new(pattern).unicode(false).build().ok();
        let hir = parsed(&rule.pattern)?;
        let pattern = if rule.anchored {
            format!(r"\A(?:{})", rule.pattern)
        } else {
            rule.pattern.to_string()
        };
        let regex = build(&pattern)?;
        let group = regex
            .capture_names()
            .position(|name| name == Some("secret"))
            .unwrap_or(0);
        let secret = if group == 0 {
            &hir
        } else {
            secret_group(&hir).unwrap_or(&hir)
        };
        Some(Self {
            allow: rule
                .allow
                .iter()
                .filter_map(|pattern| build(pattern))
                .collect(),
            longest: hir
                .properties()
                .maximum_len()
                .unwrap_or(LONGEST)
                .min(LONGEST),
            group,
            left: rule.left,
            tail: ByteSet::tail_of(secret),
            regex,
        })
    }

    fn at(&self, text: &[u8], line: &Range<usize>, hit: usize, found: &mut dyn FnMut(Match)) {
        let end = (hit + self.longest + 1).min(line.end);
        if let Some(captures) = self.regex.captures(&text[hit..end])
            && let Some(found_here) = self.accept(text, line, hit, &captures)
        {
            found(found_here);
        }
    }

    fn within(
        &self,
        text: &[u8],
        window: Range<usize>,
        line: &Range<usize>,
        found: &mut dyn FnMut(Match),
    ) {
        let mut at = 0;
        let mut retries = 0;
        while let Some(captures) = self.regex.captures_at(&text[window.clone()], at) {
            let Some(whole) = captures.get(0) else { return };
            if let Some(good) = self.accept(text, line, window.start, &captures) {
                at = whole.end().max(whole.start() + 1);
                found(good);
            } else if retries < RETRIES {
                retries += 1;
                at = whole.start() + 1;
            } else {
                retries = 0;
                at = whole.end().max(whole.start() + 1);
            }
            if at > window.len() {
                return;
            }
        }
    }

    /// The boundaries: what stands before the match must not be part of a
    /// word, and what stands behind the secret must not go on with it.
    fn accept(
        &self,
        text: &[u8],
        line: &Range<usize>,
        base: usize,
        captures: &Captures<'_>,
    ) -> Option<Match> {
        let whole = captures.get(0)?.range();
        let whole = base + whole.start..base + whole.end;
        let secret = captures.get(self.group)?.range();
        let secret = base + secret.start..base + secret.end;
        let after = (secret.end < line.end).then(|| text[secret.end]);
        let left = self.left.lets(text, line, whole.start);
        let right = secret.end != whole.end || !after.is_some_and(|b| self.tail.holds(b));
        let allowed = self
            .allow
            .iter()
            .any(|allow| allow.is_match(&text[secret.clone()]));
        (left && right).then_some(Match {
            whole,
            secret,
            allowed,
        })
    }
}

fn secret_group(hir: &Hir) -> Option<&Hir> {
    match hir.kind() {
        HirKind::Capture(capture) if capture.name.as_deref() == Some("secret") => {
            Some(&capture.sub)
        }
        HirKind::Capture(capture) => secret_group(&capture.sub),
        HirKind::Repetition(repetition) => secret_group(&repetition.sub),
        HirKind::Concat(parts) | HirKind::Alternation(parts) => parts.iter().find_map(secret_group),
        HirKind::Empty | HirKind::Literal(_) | HirKind::Class(_) | HirKind::Look(_) => None,
    }
}

/// A set of bytes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct ByteSet([u64; 4]);

impl ByteSet {
    /// Bytes that would go on with a token that matched `hir`: letters,
    /// digits, and `_` or `-` where the token may end in them. A `.`, `/`, `=`
    /// or `+` behind a token ends it, because sentences and URLs do.
    fn tail_of(hir: &Hir) -> Self {
        let mut last = Self([0; 4]);
        last.add_last(hir);
        let mut set = Self([0; 4]);
        for byte in 0..=255u8 {
            let goes_on = byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'-');
            if byte.is_ascii_alphanumeric() || (goes_on && last.holds(byte)) {
                set.add(byte);
            }
        }
        set
    }

    fn holds(self, byte: u8) -> bool {
        self.0[usize::from(byte >> 6)] & (1 << (byte & 63)) != 0
    }

    fn add(&mut self, byte: u8) {
        self.0[usize::from(byte >> 6)] |= 1 << (byte & 63);
    }

    /// Adds what a match of `hir` may end in; tells whether it may be empty.
    fn add_last(&mut self, hir: &Hir) -> bool {
        match hir.kind() {
            HirKind::Empty | HirKind::Look(_) => true,
            HirKind::Literal(literal) => {
                literal.0.last().inspect(|&&byte| self.add(byte)).is_none()
            }
            HirKind::Class(class) => {
                self.add_class(class);
                false
            }
            HirKind::Repetition(repetition) => {
                self.add_last(&repetition.sub) || repetition.min == 0
            }
            HirKind::Capture(capture) => self.add_last(&capture.sub),
            HirKind::Concat(parts) => parts.iter().rev().all(|part| self.add_last(part)),
            HirKind::Alternation(parts) => {
                // Every alternative is looked at, also behind one that may be empty.
                let empty: Vec<bool> = parts.iter().map(|part| self.add_last(part)).collect();
                empty.contains(&true)
            }
        }
    }

    fn add_class(&mut self, class: &Class) {
        match class {
            Class::Bytes(bytes) => {
                for range in bytes.ranges() {
                    (range.start()..=range.end()).for_each(|byte| self.add(byte));
                }
            }
            Class::Unicode(chars) => {
                for range in chars.ranges() {
                    let top = range.end().min('\u{7f}');
                    (range.start()..=top).for_each(|c| self.add(c as u8));
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rule::RuleSet;

    fn rule(fields: &str) -> Rule {
        let yaml = format!(
            "vendor: a\nname: A\nrules:\n  - id: a-key\n    name: k\n    severity: low\n    confidence: low\n{fields}"
        );
        RuleSet::from_files(vec![crate::rule::parse(&yaml, "a.yaml").unwrap()])
            .rules
            .remove(0)
    }

    fn run(rule: &Rule, text: &str) -> Vec<String> {
        let lower = text.to_ascii_lowercase();
        let mut hits: Vec<usize> = rule
            .keywords
            .iter()
            .flat_map(|word| lower.match_indices(&**word).map(|(at, _)| at))
            .collect();
        hits.sort_unstable();
        let mut out = Vec::new();
        Matcher::default().run(
            rule,
            text.as_bytes(),
            &(0..text.len()),
            &hits,
            &mut |found| {
                out.push(text[found.secret].to_owned());
            },
        );
        out
    }

    #[test]
    fn boundaries_let_every_punctuation_pass_and_no_longer_token() {
        let rule = rule("    keywords: [tok_]\n    pattern: 'tok_[0-9a-z]{6}'\n");
        for text in [
            "tok_abc123",
            "x:tok_abc123@h",
            "\"tok_abc123\",",
            "tok_abc123.",
            "_tok_abc123=",
            "tok_abc123-x",
        ] {
            assert_eq!(run(&rule, text), ["tok_abc123"], "{text}");
        }
        assert!(run(&rule, "tok_abc1234").is_empty());
        assert!(run(&rule, "mytok_abc123").is_empty());
    }

    #[test]
    fn a_dash_goes_on_with_a_token_that_may_hold_one() {
        let rule = rule("    keywords: [tok_]\n    pattern: 'tok_[0-9a-z-]{6}'\n");
        assert!(run(&rule, "tok_abc123-x").is_empty());
    }

    #[test]
    fn a_contextual_rule_finds_the_value_behind_the_name() {
        let rule = rule("    context: [datadog]\n    pattern: '[0-9a-f]{8}'\n");
        for text in [
            "DATADOG_API_KEY=0123abcd",
            "datadog: \"0123abcd\"",
            r#"{\"datadog_key\":\"0123abcd\"}"#,
        ] {
            assert_eq!(run(&rule, text), ["0123abcd"], "{text}");
        }
        assert!(run(&rule, "datadog_key=0123abcdef").is_empty());
    }

    #[test]
    fn a_keyword_inside_the_match_gets_a_window() {
        let rule =
            rule("    keywords: ['.acme.']\n    pattern: '(?P<secret>[0-9a-f]{4})\\.acme\\.com'\n");
        assert_eq!(
            run(&rule, "https://01ab.acme.com/ and 99ff.acme.com"),
            ["01ab", "99ff"]
        );
    }
}
