//! Widths on a terminal: wrapping and cropping.

use unicode_width::{UnicodeWidthChar, UnicodeWidthStr};

/// Lines of whole words, none wider than `width` unless one word is: a path or
/// an address that was cut could not be copied.
pub(crate) fn wrap(text: &str, width: usize) -> impl Iterator<Item = String> {
    let mut lines: Vec<String> = Vec::new();
    let mut used = 0;
    for word in text.split_whitespace() {
        let wide = word.width();
        match lines.last_mut() {
            Some(line) if used + 1 + wide <= width => {
                line.push(' ');
                line.push_str(word);
                used += 1 + wide;
            }
            _ => {
                lines.push(word.to_owned());
                used = wide;
            }
        }
    }
    lines.into_iter()
}

/// A line of which one part is to be pointed at.
pub(super) struct Marked {
    before: String,
    mark: String,
    after: String,
}

/// What of a [`Marked`] fits on the terminal.
pub(super) struct Cropped {
    pub(super) before: String,
    pub(super) mark: String,
    pub(super) after: String,
    /// Columns the mark takes; 0 when there is none.
    pub(super) mark_width: usize,
}

impl Marked {
    /// Points at the first `mark` in `line`, else at the first `***`, else at
    /// nothing.
    pub(super) fn new(line: &str, mark: &str) -> Self {
        let found = [mark, "***"]
            .into_iter()
            .find_map(|mark| line.find(mark).map(|at| (at, mark.len())));
        let (at, len) = found.unwrap_or_default();
        Self {
            before: line[..at].to_owned(),
            mark: line[at..at + len].to_owned(),
            after: line[at + len..].to_owned(),
        }
    }

    /// The part around the mark that fits into `width` columns, and the
    /// carets that go below the mark.
    pub(super) fn crop(&self, width: usize) -> (Cropped, String) {
        let mark = keep_start(&self.mark, width / 2);
        let mark_width = mark.width();
        let room = width.saturating_sub(mark_width);
        let ahead = self.before.width().min(room - room / 3);
        let behind = self.after.width().min(room - ahead);
        // What the end leaves free, the beginning may use.
        let before = keep_end(&self.before, room - behind);
        let after = keep_start(&self.after, room.saturating_sub(before.width()));
        let carets = "^".repeat(mark_width);
        let cropped = Cropped {
            before,
            mark,
            after,
            mark_width,
        };
        (cropped, carets)
    }
}

impl Cropped {
    /// Columns before the mark.
    pub(super) fn indent(&self) -> usize {
        self.before.width()
    }
}

/// As much of the beginning as fits, a cut marked by `…`.
pub(crate) fn keep_start(text: &str, width: usize) -> String {
    if text.width() <= width {
        return text.to_owned();
    }
    let mut kept: String = fitting(text.chars(), width).collect();
    kept.push('…');
    kept
}

fn keep_end(text: &str, width: usize) -> String {
    if text.width() <= width {
        return text.to_owned();
    }
    let kept: Vec<_> = fitting(text.chars().rev(), width).collect();
    std::iter::once('…').chain(kept.into_iter().rev()).collect()
}

/// The characters that fit into `width` columns, one of which is left free for
/// the ellipsis.
fn fitting(chars: impl Iterator<Item = char>, width: usize) -> impl Iterator<Item = char> {
    let mut used = 1;
    chars.take_while(move |c| {
        used += c.width().unwrap_or(0);
        used <= width
    })
}

#[cfg(test)]
mod tests {
    use super::{Marked, wrap};
    use unicode_width::UnicodeWidthStr;

    #[test]
    fn words_wrap_and_long_words_stay_whole() {
        let lines: Vec<_> = wrap("one two  three-and-more four", 7).collect();
        assert_eq!(lines, ["one two", "three-and-more", "four"]);
        assert_eq!(wrap("", 7).count(), 0);
    }

    #[test]
    fn a_crop_keeps_the_mark_and_fits() {
        let long = format!("{} exa_*** {}", "漢字 ".repeat(40), "tail ".repeat(40));
        for width in 10..120 {
            let (cropped, carets) = Marked::new(&long, "exa_***").crop(width);
            let line = format!("{}{}{}", cropped.before, cropped.mark, cropped.after);
            assert!(line.width() <= width, "{width}: {line}");
            assert_eq!(carets.len(), cropped.mark_width);
            assert!(line.contains("exa_"), "{width}: {line}");
        }
    }

    #[test]
    fn a_short_line_is_not_cropped() {
        let (cropped, carets) = Marked::new("x=exa_*** y", "exa_***").crop(60);
        assert_eq!(
            (cropped.before.as_str(), cropped.after.as_str()),
            ("x=", " y")
        );
        assert_eq!((cropped.indent(), carets.as_str()), (2, "^^^^^^^"));
    }

    #[test]
    fn without_a_mark_there_is_no_caret() {
        let (cropped, carets) = Marked::new("nothing here", "exa").crop(60);
        assert_eq!(
            (cropped.after.as_str(), carets.as_str()),
            ("nothing here", "")
        );
    }
}
