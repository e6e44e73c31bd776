//! What an expression tells about its matches before it is compiled.

use super::Text;
use super::implied::{begins_with_keyword, parsed};
use super::runs::Runs;

/// By this most keywords are passed by without the expression.
#[derive(Debug)]
pub(super) struct Outline {
    /// Every match begins with a keyword.
    pub anchored: bool,
    /// Bytes of the shortest match.
    pub shortest: u32,
    /// Runs of token bytes that every match holds.
    pub runs: Runs,
}

impl Outline {
    /// Of `pattern` (bytes, Unicode off); nothing is known of one that does not parse.
    pub(super) fn of(pattern: &str, keywords: &[Text]) -> Self {
        let Some(hir) = parsed(pattern) else {
            return Self {
                anchored: false,
                shortest: 0,
                runs: Runs::NONE,
            };
        };
        let shortest = hir.properties().minimum_len().unwrap_or(0);
        Self {
            anchored: begins_with_keyword(pattern, keywords),
            shortest: shortest.try_into().unwrap_or(u32::MAX),
            runs: Runs::of(&hir),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn outlines() {
        for (pattern, anchored, shortest, longest) in [
            ("tok_[0-9a-z]{6}", true, 10, 10),
            ("(?:tok_|TOK_)[0-9a-z]{6,9}", true, 10, 10),
            ("[0-9a-f]{5}\\.tok_", false, 10, 5),
            ("tok_(", false, 0, 0),
        ] {
            let outline = Outline::of(pattern, &["tok_".into()]);
            let told = (outline.anchored, outline.shortest, outline.runs.longest);
            assert_eq!(told, (anchored, shortest, longest), "{pattern}");
        }
    }
}
