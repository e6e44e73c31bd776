//! Does every match of a pattern hold one of its keywords?
//!
//! The prefilter wakes a rule by its keywords, so a match without one would
//! never be found. The proof is by structure: the strings a part of the
//! pattern can match are listed while they are few, and each must hold a
//! keyword. It may fail to see an implication, never invent one.

use regex_syntax::hir::{Class, Hir, HirKind};

/// Most strings that are listed at a time.
const MOST: usize = 512;
/// Most keywords a rule is given unasked.
const MOST_KEYWORDS: usize = 64;

/// Whether `pattern` (bytes, Unicode off) implies one of `keywords` (lower
/// case, compared without case).
pub fn implies_keyword(pattern: &str, keywords: &[impl AsRef<str>]) -> bool {
    let keywords: Vec<&str> = keywords.iter().map(AsRef::as_ref).collect();
    parsed(pattern).is_some_and(|hir| implies(&hir, &keywords))
}

/// `pattern` as all patterns of rules are read: over bytes, Unicode off.
pub(crate) fn parsed(pattern: &str) -> Option<Hir> {
    let mut parser = regex_syntax::ParserBuilder::new()
        .utf8(false)
        .unicode(false)
        .build();
    parser.parse(pattern).ok()
}

/// Whether every match of `pattern` (bytes, Unicode off) begins with one of
/// `keywords`.
pub(super) fn begins_with_keyword(pattern: &str, keywords: &[impl AsRef<str>]) -> bool {
    let Some(hir) = parsed(pattern) else {
        return false;
    };
    let mut extractor = regex_syntax::hir::literal::Extractor::new();
    extractor.limit_class(32).limit_total(2048);
    let prefixes = extractor.extract(&hir);
    let begins = |literal: &[u8]| {
        let lower = literal.to_ascii_lowercase();
        keywords
            .iter()
            .any(|keyword| lower.starts_with(keyword.as_ref().as_bytes()))
    };
    prefixes.literals().is_some_and(|literals| {
        !literals.is_empty() && literals.iter().all(|literal| begins(literal.as_bytes()))
    })
}

/// Literals of which every match of `pattern` holds one, in lower case, if there
/// are any of three bytes and more: the longest choice that is not too wide.
pub(super) fn derive_keywords(pattern: &str) -> Option<Vec<String>> {
    let mut choices = Vec::new();
    required(&parsed(pattern)?, &mut choices);
    let shortest = |words: &Vec<String>| words.iter().map(String::len).min().unwrap_or(0);
    choices
        .into_iter()
        .filter_map(|words| {
            words
                .into_iter()
                .map(|word| String::from_utf8(word).ok())
                .collect()
        })
        .map(fewest)
        .filter(|words: &Vec<String>| words.len() <= MOST_KEYWORDS && shortest(words) >= 3)
        .max_by_key(|words| (shortest(words), std::cmp::Reverse(words.len())))
}

/// Leaves out words that hold another one.
fn fewest(mut words: Vec<String>) -> Vec<String> {
    words.sort_by_key(String::len);
    let mut kept: Vec<String> = Vec::new();
    for word in words {
        if !kept.iter().any(|short| word.contains(short.as_str())) {
            kept.push(word);
        }
    }
    kept.sort();
    kept
}

/// Sets of strings of which every match holds one.
fn required(hir: &Hir, choices: &mut Vec<Vec<Vec<u8>>>) {
    if let Some(all) = strings(hir) {
        return choices.push(all);
    }
    match hir.kind() {
        HirKind::Capture(capture) => required(&capture.sub, choices),
        HirKind::Repetition(repetition) if repetition.min > 0 => required(&repetition.sub, choices),
        HirKind::Concat(parts) => {
            let mut run = vec![Vec::new()];
            for part in parts {
                let longer = strings(part).and_then(|more| product(&run, &more));
                if let Some(longer) = longer {
                    run = longer;
                } else {
                    choices.push(std::mem::replace(&mut run, vec![Vec::new()]));
                    required(part, choices);
                }
            }
            choices.push(run);
        }
        _ => {}
    }
}

fn implies(hir: &Hir, keywords: &[&str]) -> bool {
    if let Some(strings) = strings(hir) {
        return all_hold(&strings, keywords);
    }
    match hir.kind() {
        HirKind::Capture(capture) => implies(&capture.sub, keywords),
        HirKind::Repetition(repetition) => repetition.min > 0 && implies(&repetition.sub, keywords),
        HirKind::Alternation(parts) => parts.iter().all(|part| implies(part, keywords)),
        HirKind::Concat(parts) => concat_implies(parts, keywords),
        HirKind::Empty | HirKind::Literal(_) | HirKind::Class(_) | HirKind::Look(_) => false,
    }
}

/// Neighbours with few strings are multiplied out; what lies between is asked
/// for itself.
fn concat_implies(parts: &[Hir], keywords: &[&str]) -> bool {
    let mut run = vec![Vec::new()];
    for part in parts {
        let next = strings(part).and_then(|more| product(&run, &more));
        match next {
            Some(longer) => run = longer,
            None if all_hold(&run, keywords) || implies(part, keywords) => return true,
            None => run = strings(part).unwrap_or_else(|| vec![Vec::new()]),
        }
    }
    all_hold(&run, keywords)
}

fn all_hold(strings: &[Vec<u8>], keywords: &[&str]) -> bool {
    let holds = |text: &Vec<u8>| {
        keywords
            .iter()
            .any(|word| memchr::memmem::find(text, word.as_bytes()).is_some())
    };
    !strings.is_empty() && strings.iter().all(holds)
}

/// Every string that `hir` matches, in lower case, if they are few.
fn strings(hir: &Hir) -> Option<Vec<Vec<u8>>> {
    match hir.kind() {
        HirKind::Empty | HirKind::Look(_) => Some(vec![Vec::new()]),
        HirKind::Literal(literal) => Some(vec![literal.0.to_ascii_lowercase()]),
        HirKind::Class(class) => class_strings(class),
        HirKind::Capture(capture) => strings(&capture.sub),
        HirKind::Repetition(repetition) => {
            let (min, max) = (repetition.min, repetition.max?);
            let once = strings(&repetition.sub)?;
            if max > if once.len() == 1 { 64 } else { 4 } {
                return None;
            }
            let mut all = Vec::new();
            for count in min..=max {
                let mut some = vec![Vec::new()];
                for _ in 0..count {
                    some = product(&some, &once)?;
                }
                all.extend(some);
            }
            few(all)
        }
        HirKind::Concat(parts) => parts
            .iter()
            .try_fold(vec![Vec::new()], |run, part| product(&run, &strings(part)?)),
        HirKind::Alternation(parts) => {
            let all: Option<Vec<_>> = parts.iter().map(strings).collect();
            few(all?.concat())
        }
    }
}

fn class_strings(class: &Class) -> Option<Vec<Vec<u8>>> {
    let Class::Bytes(bytes) = class else {
        let literals = class
            .literal()
            .map(|literal| vec![literal.to_ascii_lowercase()]);
        return literals;
    };
    let each = bytes
        .ranges()
        .iter()
        .flat_map(|range| range.start()..=range.end());
    few(each
        .map(|byte| vec![byte.to_ascii_lowercase()])
        .take(65)
        .collect())
    .filter(|all| all.len() <= 64)
}

fn few(mut all: Vec<Vec<u8>>) -> Option<Vec<Vec<u8>>> {
    all.sort_unstable();
    all.dedup();
    (all.len() <= MOST).then_some(all)
}

fn product(left: &[Vec<u8>], right: &[Vec<u8>]) -> Option<Vec<Vec<u8>>> {
    if left.len() * right.len() > 16 * MOST {
        return None;
    }
    few(left
        .iter()
        .flat_map(|a| right.iter().map(move |b| [a.as_slice(), b].concat()))
        .collect())
}

#[cfg(test)]
mod tests {
    use super::{derive_keywords, implies_keyword};

    fn implied(pattern: &str, words: &[&str]) -> bool {
        implies_keyword(pattern, words)
    }

    #[test]
    fn implied_keywords() {
        assert!(implied("ghp_[0-9A-Za-z]{36}", &["ghp_"]));
        assert!(implied("xox[bp]-[0-9]{10}", &["xoxb-", "xoxp-"]));
        assert!(implied("(?i)acme[_-]?key=[a-z]{5}", &["acme"]));
        assert!(implied(
            "(?:sk|rk)_live_[a-z]{9}",
            &["sk_live_", "rk_live_"]
        ));
        assert!(implied("[a-z]{32}-us[0-9]{1,2}", &["-us"]));
        assert!(implied(
            "(?P<secret>[a-z]{4})@(?:a\\.example|b\\.example)",
            &["a.example", "b.example"]
        ));
    }

    #[test]
    fn keywords_are_derived_from_what_is_required() {
        let derived = |pattern: &str| derive_keywords(pattern).unwrap_or_default();
        assert_eq!(derived("(?i)acme_[0-9a-z]{32}"), ["acme_"]);
        assert_eq!(derived("x{0,9}(?:acme|ajax)[0-9]{9,}"), ["acme", "ajax"]);
        assert!(derived("(?:acme)?[0-9]{32}").is_empty());
        for pattern in ["(?i)acme_[0-9a-z]{32}", "[a-z]{9,}-(?:us|eu)west[0-9]+"] {
            assert!(implies_keyword(pattern, &derived(pattern)));
        }
    }

    #[test]
    fn keywords_that_are_not_implied() {
        assert!(!implied("gh[a-z]_[0-9]{3}", &["ghp_"]));
        assert!(!implied("(?:acme)?[0-9]{3}", &["acme"]));
        assert!(!implied("a|b", &["a"]));
    }
}
