//! Does every match of a pattern hold one of its keywords?
//!
//! The prefilter wakes a rule by its keywords, so a match without one would
//! never be found. The proof is by structure: the strings a part of the
//! pattern can match are listed while they are few, and each must hold a
//! keyword. It may fail to see an implication, never invent one.

use regex_syntax::hir::{Class, Hir, HirKind};

/// Most strings that are listed at a time.
const MOST: usize = 512;

/// Whether `pattern` (bytes, Unicode off) implies one of `keywords` (lower
/// case, compared without case).
pub fn implies_keyword(pattern: &str, keywords: &[String]) -> bool {
    let parser = regex_syntax::ParserBuilder::new()
        .utf8(false)
        .unicode(false)
        .build()
        .parse(pattern);
    parser.is_ok_and(|hir| implies(&hir, keywords))
}

fn implies(hir: &Hir, keywords: &[String]) -> bool {
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
fn concat_implies(parts: &[Hir], keywords: &[String]) -> bool {
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

fn all_hold(strings: &[Vec<u8>], keywords: &[String]) -> bool {
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
    use super::implies_keyword;

    fn implied(pattern: &str, words: &[&str]) -> bool {
        let words: Vec<String> = words.iter().map(|word| (*word).to_owned()).collect();
        implies_keyword(pattern, &words)
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
    fn keywords_that_are_not_implied() {
        assert!(!implied("gh[a-z]_[0-9]{3}", &["ghp_"]));
        assert!(!implied("(?:acme)?[0-9]{3}", &["acme"]));
        assert!(!implied("a|b", &["a"]));
    }
}
