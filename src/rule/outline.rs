//! What an expression tells about its matches before it is compiled.

use super::Text;
use regex_syntax::ParserBuilder;
use regex_syntax::hir::Hir;
use regex_syntax::hir::literal::Extractor;

/// By this most keywords are passed by without the expression.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Outline {
    /// Every match begins with a keyword.
    pub anchored: bool,
    /// Bytes of the shortest match.
    pub shortest: u32,
}

impl Outline {
    /// Of `pattern` (bytes, Unicode off); nothing is known of one that does not parse.
    pub(super) fn of(pattern: &str, keywords: &[Text]) -> Self {
        let mut parser = ParserBuilder::new().utf8(false).unicode(false).build();
        let Ok(hir) = parser.parse(pattern) else {
            return Self::default();
        };
        let shortest = hir.properties().minimum_len().unwrap_or(0);
        Self {
            anchored: begins_with_keyword(&hir, keywords),
            shortest: shortest.try_into().unwrap_or(u32::MAX),
        }
    }
}

fn begins_with_keyword(hir: &Hir, keywords: &[Text]) -> bool {
    let mut extractor = Extractor::new();
    extractor.limit_class(32).limit_total(2048);
    let prefixes = extractor.extract(hir);
    prefixes.literals().is_some_and(|literals| {
        !literals.is_empty()
            && literals.iter().all(|literal| {
                let lower = literal.as_bytes().to_ascii_lowercase();
                keywords
                    .iter()
                    .any(|keyword| lower.starts_with(keyword.as_bytes()))
            })
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn outlines() {
        for (pattern, anchored, shortest) in [
            ("tok_[0-9a-z]{6}", true, 10),
            ("(?:tok_|TOK_)[0-9a-z]{6,9}", true, 10),
            ("[0-9a-f]{4}\\.tok_", false, 9),
            ("tok_(", false, 0),
        ] {
            let outline = Outline::of(pattern, &["tok_".into()]);
            assert_eq!(outline, Outline { anchored, shortest }, "{pattern}");
        }
    }
}
