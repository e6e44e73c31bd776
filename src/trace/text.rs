//! For a terminal: a block a secret, then what was searched.

mod grid;

use super::phrase::{Point, Quote, Table};
use super::story::{Alert, Chapter, Story};
use super::timeline::{Cell, Row, Timeline};
use super::traced::Traced;
use crate::report::RenderOptions;
use crate::report::escape::visible;
use crate::report::text::layout::keep_start;
use crate::report::text::page::{BOLD, DIM, GUTTER, Page, WARNING, text_style};
use anstyle::{AnsiColor, Style};
use grid::Grid;
use unicode_width::UnicodeWidthStr;

/// Rows of a timeline; the rest are counted, as in all that follows.
const ROWS: usize = 12;
const SITES: usize = 8;
const PLACES: usize = 5;
const COMMANDS: usize = 3;
const LINES: usize = 6;
const COPIES: usize = 5;
const SEARCHED: usize = 10;
const PROBLEMS: usize = 10;

/// Columns for the name of a repository.
const NAME: usize = 28;

/// What `traced` tells, the verdict last, where eyes are.
pub(super) fn text(traced: &Traced, options: &RenderOptions) -> String {
    let story = Story::of(traced);
    let mut page = Page::new(options);
    for chapter in &story.chapters {
        secret(&mut page, traced, chapter);
        page.line("");
    }
    searched(&mut page, &story);
    page.text
}

fn secret(page: &mut Page, traced: &Traced, chapter: &Chapter<'_>) {
    title(page, chapter);
    points(page, &chapter.points);
    let most = page.width.saturating_sub(GUTTER + NAME + 2);
    if let Some(timeline) = Timeline::of(traced, chapter.exposure, most) {
        draw(page, &timeline);
    }
    table(page, &chapter.sites, SITES);
    table(page, &chapter.places, PLACES);
    quotes(page, &chapter.commands);
    table(page, &chapter.copies, COPIES);
    for (step, number) in chapter.next.iter().zip(1..) {
        let label = if number == 1 { "next" } else { "" };
        page.field(label, &format!("{number}. {}", step.plain()));
    }
}

fn title(page: &mut Page, chapter: &Chapter<'_>) {
    let facts = &chapter.exposure.facts;
    let name = page.paint(BOLD, &visible(&facts.name));
    let value = page.paint(text_style(facts.severity), &visible(&facts.redacted));
    let about = page.paint(DIM, &visible(&chapter.about()));
    let badge = page.badge(facts.severity);
    page.line(&format!("{badge}  {name}  {value}  {about}"));
}

fn points(page: &mut Page, points: &[Point]) {
    for point in points {
        page.field(point.label, &point.phrase.plain());
    }
}

fn draw(page: &mut Page, timeline: &Timeline<'_>) {
    let shown = &timeline.rows[..timeline.rows.len().min(ROWS)];
    let names = shown.iter().map(|row| name_of(row).width());
    let indent = names.max().unwrap_or(0) + 2;
    let dates = page.paint(DIM, &timeline.dates());
    page.entry("when", &format!("{:indent$}{dates}", ""));
    for row in shown {
        let name = name_of(row);
        let gap = " ".repeat(indent - name.width());
        let cells = cells(page, row);
        page.entry("", &format!("{name}{gap}{cells}"));
    }
    for line in fill(&notes(timeline), page.width - GUTTER) {
        let line = page.paint(DIM, &line);
        page.entry("", &line);
    }
}

fn name_of(row: &Row<'_>) -> String {
    keep_start(&visible(row.repository), NAME)
}

fn cells(page: &Page, row: &Row<'_>) -> String {
    let stretch = |one: super::timeline::Stretch| {
        let glyphs = one.cell.glyph().to_string().repeat(one.to - one.from);
        page.paint(style(one.cell), &glyphs)
    };
    row.stretches().into_iter().map(stretch).collect()
}

fn notes(timeline: &Timeline<'_>) -> Vec<String> {
    let key = |cell: Cell| match cell {
        Cell::Nothing => format!("blank {}", cell.words()),
        _ => format!("{} {}", cell.glyph(), cell.words()),
    };
    let keys = timeline.legend().into_iter().map(key);
    keys.chain(timeline.notes(ROWS)).collect()
}

/// Lines of as many whole `parts` as fit.
fn fill(parts: &[String], width: usize) -> Vec<String> {
    const GAP: &str = "   ";
    let mut lines: Vec<String> = Vec::new();
    for part in parts {
        match lines.last_mut() {
            Some(line) if line.width() + GAP.len() + part.width() <= width => {
                *line += GAP;
                *line += part;
            }
            _ => lines.push(part.clone()),
        }
    }
    lines
}

const fn style(cell: Cell) -> Style {
    match cell {
        Cell::Readable => AnsiColor::Red.on_default(),
        Cell::Gone => AnsiColor::Yellow.on_default(),
        Cell::Unread => AnsiColor::Magenta.on_default(),
        Cell::Clean => AnsiColor::Green.on_default(),
        Cell::Nothing => Style::new(),
    }
}

fn table(page: &mut Page, table: &Table, most: usize) {
    let grid = Grid::of(table, most, page.width - GUTTER);
    let lines = grid.lines();
    for (at, line) in lines.iter().enumerate() {
        // The first is the head.
        if at == 0 {
            let head = page.paint(DIM, line);
            page.entry(table.label, &head);
        } else {
            page.entry("", line);
        }
    }
    more(page, table.more(most));
}

fn more(page: &mut Page, more: Option<String>) {
    if let Some(more) = more {
        let more = page.paint(DIM, &more);
        page.entry("", &more);
    }
}

fn quotes(page: &mut Page, quotes: &[Quote]) {
    for (at, quote) in quotes.iter().take(COMMANDS).enumerate() {
        let label = if at == 0 { "printed" } else { "" };
        page.field(label, &format!("by {}", quote.about.plain()));
        for line in quote.lines.iter().take(LINES) {
            let bar = page.paint(DIM, "│");
            let line = keep_start(&visible(line), page.width - GUTTER);
            page.line(&format!("{:8}{bar} {line}", ""));
        }
        more(page, quote.more(LINES));
    }
    let left = quotes.len().saturating_sub(COMMANDS);
    more(
        page,
        (left > 0).then(|| format!("and by {left} more commands")),
    );
}

fn searched(page: &mut Page, story: &Story<'_>) {
    let heading = if story.is_complete {
        page.paint(BOLD, "SEARCHED")
    } else {
        page.paint(WARNING, "NOT ALL READ")
    };
    page.line(&heading);
    table(page, &story.searched, SEARCHED);
    table(page, &story.problems, PROBLEMS);
    table(page, &story.contained, PROBLEMS);
    points(page, &story.search);
    page.line("");
    let style = match story.alert {
        Alert::Clean => AnsiColor::Green,
        Alert::Unread => AnsiColor::Yellow,
        Alert::Leaked => AnsiColor::Red,
    };
    let headline = page.paint(style.on_default().bold(), &story.headline);
    page.line(&headline);
}
