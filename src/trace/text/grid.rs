//! A table on a terminal: columns as wide as what stands in them.

use crate::report::escape::visible;
use crate::report::text::layout::keep_start;
use crate::trace::phrase::{Column, Phrase, Table};
use unicode_width::UnicodeWidthStr;

/// Widest column; the last one is as wide as it is, for it may be an address.
const WIDEST: usize = 32;
/// Between columns.
const GAP: usize = 2;

pub(super) struct Grid {
    head: Vec<Column>,
    /// The head, then the rows.
    rows: Vec<Vec<String>>,
    widths: Vec<usize>,
    /// Whether the last column stands on lines of its own.
    folds: bool,
}

impl Grid {
    /// At most `most` rows of `table` within `width`.
    pub(super) fn of(table: &Table, most: usize, width: usize) -> Self {
        let columns = table.columns(false);
        let head: Vec<Column> = columns.iter().map(|at| table.head[*at]).collect();
        let cell = |phrase: &Phrase| visible(&phrase.plain()).into_owned();
        let row = |row: &Vec<Phrase>| columns.iter().map(|at| cell(&row[*at])).collect();
        let names = head.iter().map(|column| column.name.to_owned()).collect();
        let mut rows: Vec<Vec<String>> = vec![names];
        rows.extend(table.rows.iter().take(most).map(row));
        for row in &mut rows {
            crop(row);
        }
        let widths = widths(&rows);
        let all: usize = widths.iter().map(|width| width + GAP).sum();
        Self {
            folds: table.ends_in_link() && all > width + GAP,
            head,
            rows,
            widths,
        }
    }

    /// The head and the rows; nothing where there is no row.
    pub(super) fn lines(&self) -> Vec<String> {
        if self.rows.len() < 2 {
            return Vec::new();
        }
        let mut lines: Vec<String> = self.rows.iter().flat_map(|row| self.line(row)).collect();
        if self.folds {
            // What stands below needs no head: it is an address.
            lines.remove(1);
        }
        lines
            .iter()
            .map(|line| line.trim_end().to_owned())
            .collect()
    }

    fn line(&self, row: &[String]) -> Vec<String> {
        let cell = |(at, cell): (usize, &String)| {
            let gap = " ".repeat(self.widths[at].saturating_sub(cell.width()));
            if self.head[at].number {
                format!("{gap}{cell}")
            } else {
                format!("{cell}{gap}")
            }
        };
        let cells: Vec<String> = row.iter().enumerate().map(cell).collect();
        let between = " ".repeat(GAP);
        match cells.split_last() {
            Some((last, cells)) if self.folds => {
                let below = format!("{between}{last}");
                vec![cells.join(&between), below]
            }
            _ => vec![cells.join(&between)],
        }
    }
}

fn crop(row: &mut [String]) {
    let but_last = row.len().saturating_sub(1);
    for cell in &mut row[..but_last] {
        *cell = keep_start(cell, WIDEST);
    }
}

fn widths(rows: &[Vec<String>]) -> Vec<usize> {
    let columns = rows.first().map_or(0, Vec::len);
    let widest = |at: usize| rows.iter().map(move |row| row[at].width()).max();
    (0..columns).map(|at| widest(at).unwrap_or(0)).collect()
}
