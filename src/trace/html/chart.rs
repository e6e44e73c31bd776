//! The timeline as a drawing: told by patterns, not only by colour, and in
//! words to whoever does not see it.

use super::escape::escape;
use crate::trace::timeline::{Cell, Row, Stretch, Timeline};

/// Rows of one drawing; a page of an organisation would be all drawing.
const ROWS: usize = 200;

/// What cells are filled with, once for the page.
pub(super) const PATTERNS: &str = include_str!("patterns.svg");

pub(super) fn chart(timeline: &Timeline<'_>) -> String {
    let rows = timeline.rows.iter().take(ROWS);
    let rows: String = rows.map(|row| line(timeline, row)).collect();
    let columns = timeline.axis.columns();
    let (first, last) = timeline.axis.days(0, columns);
    let last = if first == last {
        String::new()
    } else {
        format!("<span>{last}</span>")
    };
    format!(
        "<h3>When</h3>\n<figure>\n{rows}\
         <div class=\"row dates\"><div></div><div><span>{first}</span>{last}</div></div>\n\
         <figcaption>{}</figcaption>\n</figure>\n",
        legend(timeline)
    )
}

fn line(timeline: &Timeline<'_>, row: &Row<'_>) -> String {
    let visibility = row.visibility.map(escape);
    let visibility = visibility.map(|word| format!(" <span class=\"quiet\">{word}</span>"));
    let stretches = row.stretches();
    let drawn = stretches.iter().filter(|one| one.cell != Cell::Nothing);
    let drawn: Vec<(&Stretch, String)> = drawn.map(|one| (one, said(timeline, one))).collect();
    let said: Vec<&str> = drawn.iter().map(|(_, said)| &**said).collect();
    let columns = row.cells.len();
    let cells: String = drawn
        .iter()
        .map(|(one, said)| cell(one, said, columns))
        .collect();
    format!(
        "<div class=\"row\"><div><code>{name}</code>{}</div>\
         <svg role=\"img\" aria-label=\"{name}: {}\">{cells}</svg></div>\n",
        visibility.unwrap_or_default(),
        said.join("; "),
        name = escape(row.repository),
    )
}

/// Our own words and days: nothing in it is to be escaped.
fn said(timeline: &Timeline<'_>, stretch: &Stretch) -> String {
    let (first, last) = timeline.axis.days(stretch.from, stretch.to);
    let words = stretch.cell.words();
    if first == last {
        format!("{words} on {first}")
    } else {
        format!("{words} from {first} to {last}")
    }
}

fn cell(stretch: &Stretch, said: &str, columns: usize) -> String {
    let percent = |column: usize| column as f64 * 100.0 / columns as f64;
    format!(
        "<rect x=\"{:.3}%\" width=\"{:.3}%\" height=\"100%\" fill=\"url(#{})\">\
         <title>{said}</title></rect>",
        percent(stretch.from),
        percent(stretch.to - stretch.from),
        stretch.cell.name()
    )
}

fn legend(timeline: &Timeline<'_>) -> String {
    let key = |cell: Cell| {
        let rect = match cell {
            Cell::Nothing => String::new(),
            _ => format!(
                "<rect width=\"100%\" height=\"100%\" fill=\"url(#{})\"/>",
                cell.name()
            ),
        };
        let words = cell.words();
        format!("<span><svg class=\"key\" aria-hidden=\"true\">{rect}</svg> {words}</span>\n")
    };
    let keys: String = timeline.legend().into_iter().map(key).collect();
    let notes = timeline.notes(ROWS);
    let notes = notes.iter().map(|note| format!("<span>{note}</span>\n"));
    keys + &notes.collect::<String>()
}
