//! What an expression tells about its matches before it is compiled.

use super::Text;
use super::implied::{begins_with_keyword, parsed};

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
        let Some(hir) = parsed(pattern) else {
            return Self::default();
        };
        let shortest = hir.properties().minimum_len().unwrap_or(0);
        Self {
            anchored: begins_with_keyword(pattern, keywords),
            shortest: shortest.try_into().unwrap_or(u32::MAX),
        }
    }
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
