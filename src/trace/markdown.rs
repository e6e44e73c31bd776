//! A Markdown document, for issues.
//!
//! As in reports of scans: what logs and repositories call things is code,
//! all else is escaped prose.

use super::phrase::{Phrase, Piece, Point, Quote, Table, capitalised};
use super::story::{Alert, Chapter, Story};
use super::timeline::{Cell, MOST_COLUMNS, Row, Timeline};
use super::traced::Traced;
use crate::report::escape::{is_address, visible};
use crate::report::labels;
use crate::report::markup::{block, code, linked_prose, prose, reference};
use crate::report::text::layout::keep_start;
use unicode_width::UnicodeWidthStr;

/// Rows of one table or drawing: an issue holds 65,536 characters.
const ROWS: usize = 50;
const COMMANDS: usize = 10;
const LINES: usize = 40;
/// Columns for the name of a repository in a drawing.
const NAME: usize = 40;

pub(super) fn markdown(traced: &Traced) -> String {
    let story = Story::of(traced);
    let mut document = heading(&story);
    if story.chapters.len() > 1 {
        document += &table(&story.overview, 3);
    }
    let chapters = story.chapters.iter();
    document.extend(chapters.map(|chapter| secret(traced, chapter)));
    document += "### What was searched\n\n";
    document += &points(&story.search);
    document += &table(&story.searched, 4);
    document += &table(&story.problems, 4);
    document += &table(&story.contained, 3);
    document.trim_end().to_owned() + "\n"
}

fn heading(story: &Story<'_>) -> String {
    let alert = match story.alert {
        Alert::Clean => "NOTE",
        Alert::Unread => "WARNING",
        Alert::Leaked => "CAUTION",
    };
    format!(
        "## leaksweep trace\n\n> [!{alert}]\n> **{}**\n>\n> Told at {}.\n\n",
        capitalised(&story.headline),
        story.at
    )
}

fn secret(traced: &Traced, chapter: &Chapter<'_>) -> String {
    let timeline = Timeline::of(traced, chapter.exposure, MOST_COLUMNS);
    [
        title(chapter),
        points(&chapter.points),
        timeline.as_ref().map(drawing).unwrap_or_default(),
        next(&chapter.next),
        table(&chapter.sites, 4),
        commands(&chapter.commands),
        table(&chapter.places, 4),
        table(&chapter.copies, 4),
    ]
    .concat()
}

fn title(chapter: &Chapter<'_>) -> String {
    let facts = &chapter.exposure.facts;
    format!(
        "### {} {} {}\n\n{} · {}\n\n",
        labels::dot(facts.severity),
        prose(&facts.name),
        code(&facts.redacted),
        facts.severity,
        prose(&chapter.about())
    )
}

fn points(points: &[Point]) -> String {
    let item = |point: &Point| {
        let label = capitalised(point.label);
        format!("- **{label}:** {}\n", shown(&point.phrase))
    };
    let items: String = points.iter().map(item).collect();
    items + "\n"
}

fn drawing(timeline: &Timeline<'_>) -> String {
    let rows = &timeline.rows[..timeline.rows.len().min(ROWS)];
    let name = |row: &Row<'_>| keep_start(&visible(row.repository), NAME);
    let indent = rows.iter().map(|row| name(row).width()).max().unwrap_or(0) + 2;
    let line = |row: &Row<'_>| {
        let name = name(row);
        let gap = " ".repeat(indent - name.width());
        let cells: String = row.cells.iter().map(|cell| cell.glyph()).collect();
        format!("{name}{gap}{cells}")
    };
    let mut lines = vec![format!("{:indent$}{}", "", timeline.dates())];
    lines.extend(rows.iter().map(line));
    format!("{}\n{}\n\n", block(&lines), legend(timeline))
}

fn legend(timeline: &Timeline<'_>) -> String {
    let key = |cell: Cell| match cell {
        Cell::Nothing => format!("blank: {}", cell.words()),
        _ => format!("`{}` {}", cell.glyph(), cell.words()),
    };
    let keys = timeline.legend().into_iter().map(key);
    let all = keys.chain(timeline.notes(ROWS)).collect::<Vec<_>>();
    all.join(" · ")
}

fn next(steps: &[Phrase]) -> String {
    let item = |(step, number): (&Phrase, u32)| format!("{number}. {}\n", shown(step));
    let items: String = steps.iter().zip(1..).map(item).collect();
    format!("#### What to do now\n\n{items}\n")
}

fn commands(quotes: &[Quote]) -> String {
    if quotes.is_empty() {
        return String::new();
    }
    let item = |quote: &Quote| {
        let lines = &quote.lines[..quote.lines.len().min(LINES)];
        let more = quote.more(LINES);
        let more = more.map(|more| format!("\n{more}\n")).unwrap_or_default();
        format!(
            "{}:\n\n{}{more}\n",
            capitalised(&shown(&quote.about)),
            block(lines)
        )
    };
    let items: String = quotes.iter().take(COMMANDS).map(item).collect();
    let left = quotes.len().saturating_sub(COMMANDS);
    let left = (left > 0).then(|| format!("and {left} more commands\n\n"));
    format!(
        "#### What printed it\n\n{items}{}",
        left.unwrap_or_default()
    )
}

/// A heading of `level`, and the rows; nothing without rows.
fn table(table: &Table, level: usize) -> String {
    if table.rows.is_empty() {
        return String::new();
    }
    let columns = table.columns(true);
    let names = columns.iter().map(|at| table.head[*at].name.to_owned());
    let rules = columns.iter().map(|at| {
        let rule = if table.head[*at].number { "--:" } else { ":--" };
        rule.to_owned()
    });
    let line = |cells: Vec<String>| format!("| {} |\n", cells.join(" | "));
    let row = |row: &Vec<Phrase>| line(columns.iter().map(|at| shown(&row[*at])).collect());
    let rows: String = table.rows.iter().take(ROWS).map(row).collect();
    let more = table.more(ROWS).map(|more| format!("\n{more}\n"));
    format!(
        "{} {}\n\n{}{}{rows}{}\n",
        "#".repeat(level),
        table.title,
        line(names.collect()),
        line(rules.collect()),
        more.unwrap_or_default()
    )
}

fn shown(phrase: &Phrase) -> String {
    phrase.shown(|piece| match piece {
        Piece::Words(text) => prose(text),
        Piece::Rule(text) => linked_prose(text),
        Piece::Name(text) => code(text),
        Piece::Link { text, address } if text != address && is_address(address) => {
            format!("[{}]({address})", prose(text))
        }
        Piece::Link { address, .. } => reference(address),
    })
}
