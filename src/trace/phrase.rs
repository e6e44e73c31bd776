//! What is said, before a view lays it out and escapes it for its target.

use crate::report::labels::thousands;

/// A part of a phrase. Every text may be hostile.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Piece {
    /// A sentence or a part of one.
    Words(String),
    /// Text of a rule, in which addresses may be links.
    Rule(String),
    /// What is called so by a log, a repository or a program: shown as it is.
    Name(String),
    /// A page or a file, and a short text that may stand for a page.
    Link {
        /// Says little without the address.
        text: String,
        /// An address, or a path on this machine.
        address: String,
    },
}

/// Pieces that follow each other.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Phrase(pub(super) Vec<Piece>);

impl Phrase {
    pub(super) fn name(text: impl Into<String>) -> Self {
        Self::default().and_name(text)
    }

    pub(super) fn and(mut self, words: impl Into<String>) -> Self {
        self.0.push(Piece::Words(words.into()));
        self
    }

    pub(super) fn and_name(mut self, text: impl Into<String>) -> Self {
        self.0.push(Piece::Name(text.into()));
        self
    }

    pub(super) fn and_link(mut self, text: impl Into<String>, address: impl Into<String>) -> Self {
        let (text, address) = (text.into(), address.into());
        self.0.push(Piece::Link { text, address });
        self
    }

    pub(super) fn is_empty(&self) -> bool {
        self.plain().is_empty()
    }

    /// Not escaped, with addresses and not what stands for them.
    pub(super) fn plain(&self) -> String {
        let plain = |piece: &Piece| match piece {
            Piece::Words(text) | Piece::Rule(text) | Piece::Name(text) => text.clone(),
            Piece::Link { address, .. } => address.clone(),
        };
        self.0.iter().map(plain).collect()
    }

    /// As `show` shows its pieces.
    pub(super) fn shown(&self, show: fn(&Piece) -> String) -> String {
        self.0.iter().map(show).collect()
    }
}

impl<T: Into<String>> From<T> for Phrase {
    fn from(words: T) -> Self {
        Self::default().and(words)
    }
}

/// Something that is known, and what it is about in a word.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Point {
    pub(super) label: &'static str,
    pub(super) phrase: Phrase,
}

/// A column of a table.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Column {
    pub(super) name: &'static str,
    /// Whether it is of numbers, which stand to the right.
    pub(super) number: bool,
    /// Whether a terminal, which has little room, does without it.
    pub(super) extra: bool,
}

pub(super) const fn column(name: &'static str) -> Column {
    Column {
        name,
        number: false,
        extra: false,
    }
}

pub(super) const fn number(name: &'static str) -> Column {
    Column {
        number: true,
        ..column(name)
    }
}

impl Column {
    pub(super) const fn extra(self) -> Self {
        Self {
            extra: true,
            ..self
        }
    }
}

/// Rows of phrases.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Table {
    /// A word for a terminal.
    pub(super) label: &'static str,
    /// A heading for a document.
    pub(super) title: &'static str,
    pub(super) head: &'static [Column],
    pub(super) rows: Vec<Vec<Phrase>>,
    /// What a row is, and several are.
    pub(super) noun: (&'static str, &'static str),
}

impl Table {
    /// Columns in which something stands, with or without those that are extra.
    pub(super) fn columns(&self, with_extra: bool) -> Vec<usize> {
        let empty = |at: usize| self.rows.iter().all(|row| row[at].is_empty());
        let shown = |at: &usize| (with_extra || !self.head[*at].extra) && !empty(*at);
        (0..self.head.len()).filter(shown).collect()
    }

    /// Whether the last column is of pages or files.
    pub(super) fn ends_in_link(&self) -> bool {
        let mut last = self.rows.iter().filter_map(|row| row.last());
        last.any(|phrase| matches!(phrase.0[..], [Piece::Link { .. }, ..]))
    }

    /// What a view says that shows `most` rows only.
    pub(super) fn more(&self, most: usize) -> Option<String> {
        let more = self.rows.len().saturating_sub(most) as u64;
        let (one, several) = self.noun;
        let noun = if more == 1 { one } else { several };
        (more > 0).then(|| format!("and {} more {noun}", thousands(more)))
    }
}

/// A text of several lines, and what it is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Quote {
    pub(super) about: Phrase,
    pub(super) lines: Vec<String>,
}

impl Quote {
    /// What a view says that shows `most` lines only.
    pub(super) fn more(&self, most: usize) -> Option<String> {
        let more = self.lines.len().saturating_sub(most) as u64;
        (more > 0).then(|| format!("and {}", count(more, ("more line", "more lines"))))
    }
}

/// `1 run`, `1,234 runs`.
pub(super) fn count(number: u64, (one, several): (&str, &str)) -> String {
    let noun = if number == 1 { one } else { several };
    format!("{} {noun}", thousands(number))
}

/// A word of ours at the beginning of a line.
pub(super) fn capitalised(word: &str) -> String {
    let mut letters = word.chars();
    let first = letters.next().map(|first| first.to_ascii_uppercase());
    first.into_iter().chain(letters).collect()
}
