//! The name that was probably meant.

/// Names are short; what is longer is no slip of the keyboard.
const MOST_BYTES: usize = 64;

/// The name among `known` that is nearest to `word`, if it is near: at most one
/// byte in three differs. The first in order among equals.
pub(super) fn nearest<'a>(word: &str, known: impl Iterator<Item = &'a str>) -> Option<&'a str> {
    if word.len() > MOST_BYTES {
        return None;
    }
    known
        .map(|name| (distance(word.as_bytes(), name.as_bytes()), name))
        .filter(|(distance, name)| distance * 3 <= word.len().max(name.len()))
        .min_by_key(|(distance, _)| *distance)
        .map(|(_, name)| name)
}

/// Levenshtein distance.
fn distance(a: &[u8], b: &[u8]) -> usize {
    let mut row: Vec<usize> = (0..=b.len()).collect();
    for (i, left) in a.iter().enumerate() {
        let mut diagonal = i;
        row[0] = i + 1;
        for (j, right) in b.iter().enumerate() {
            let replaced = diagonal + usize::from(left != right);
            diagonal = row[j + 1];
            row[j + 1] = replaced.min(diagonal + 1).min(row[j] + 1);
        }
    }
    row[b.len()]
}

#[cfg(test)]
mod tests {
    use super::{distance, nearest};

    #[test]
    fn distances_are_edits() {
        assert_eq!(distance(b"kitten", b"sitting"), 3);
        assert_eq!(distance(b"", b"abc"), 3);
        assert_eq!(distance(b"abc", b"abc"), 0);
    }

    #[test]
    fn only_what_is_near_is_suggested() {
        let known = ["disable", "scan", "allow"];
        let near = |word| nearest(word, known.into_iter());
        assert_eq!(near("disabled"), Some("disable"));
        assert_eq!(near("alow"), Some("allow"));
        assert_eq!(near("zzzz"), None);
        assert_eq!(near(&"scan".repeat(1000)), None);
    }
}
