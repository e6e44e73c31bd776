//! One page that needs nothing but itself: no script, no network, and a policy
//! that would forbid both.

mod chart;
mod escape;

use super::phrase::{Phrase, Piece, Point, Quote, Table, capitalised};
use super::story::{Alert, Chapter, Story};
use super::timeline::{MOST_COLUMNS, Timeline};
use super::traced::Traced;
use crate::report::labels::thousands;
use data_encoding::BASE64;
use escape::{escape, link, linked};
use sha2::{Digest, Sha256};

const STYLE: &str = include_str!("html/style.css");
/// Lines of one command.
const LINES: usize = 200;

pub(super) fn html(traced: &Traced) -> String {
    let story = Story::of(traced);
    let chapters = story.chapters.iter();
    let secrets: String = chapters.map(|chapter| secret(traced, chapter)).collect();
    let overview = match story.chapters.len() {
        0 | 1 => String::new(),
        _ => section("", &table(&story.overview, 2)),
    };
    let body = [header(&story), overview, secrets, searched(&story)].concat();
    format!(
        "<!DOCTYPE html>\n<html lang=\"en\">\n{}<body>\n{}{body}</body>\n</html>\n",
        head(&story),
        chart::PATTERNS
    )
}

fn head(story: &Story<'_>) -> String {
    let hash = BASE64.encode(&Sha256::digest(STYLE));
    format!(
        "<head>\n<meta charset=\"utf-8\">\n\
         <meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; \
         style-src 'sha256-{hash}'; base-uri 'none'; form-action 'none'\">\n\
         <meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n\
         <meta name=\"color-scheme\" content=\"light dark\">\n\
         <meta name=\"referrer\" content=\"no-referrer\">\n\
         <meta name=\"robots\" content=\"noindex\">\n\
         <title>leaksweep trace: {}</title>\n<style>{STYLE}</style>\n</head>\n",
        escape(&story.headline)
    )
}

fn header(story: &Story<'_>) -> String {
    let class = match story.alert {
        Alert::Clean => "good",
        Alert::Unread => "warn",
        Alert::Leaked => "bad",
    };
    format!(
        "<header>\n<h1>leaksweep trace</h1>\n<p class=\"verdict {class}\">{}</p>\n\
         <p class=\"quiet\">Told at {}.</p>\n</header>\n",
        escape(&capitalised(&story.headline)),
        escape(&story.at)
    )
}

fn section(class: &str, content: &str) -> String {
    format!("<section class=\"card {class}\">\n{content}</section>\n")
}

fn secret(traced: &Traced, chapter: &Chapter<'_>) -> String {
    let timeline = Timeline::of(traced, chapter.exposure, MOST_COLUMNS);
    let content = [
        title(chapter),
        points(&chapter.points),
        timeline.as_ref().map(chart::chart).unwrap_or_default(),
        next(&chapter.next),
        table(&chapter.sites, 3),
        commands(&chapter.commands),
        table(&chapter.copies, 3),
        table(&chapter.places, 3),
    ];
    let severity = chapter.exposure.facts.severity.to_string();
    section(&escape(&severity), &content.concat())
}

fn title(chapter: &Chapter<'_>) -> String {
    let facts = &chapter.exposure.facts;
    format!(
        "<h2><span class=\"badge\">{}</span> {} <code>{}</code></h2>\n\
         <p class=\"quiet\">{}</p>\n",
        escape(&facts.severity.to_string()),
        escape(&facts.name),
        escape(&facts.redacted),
        escape(&chapter.about())
    )
}

fn points(points: &[Point]) -> String {
    let item = |point: &Point| {
        let label = escape(&capitalised(point.label));
        format!("<dt>{label}</dt><dd>{}</dd>\n", shown(&point.phrase))
    };
    let items: String = points.iter().map(item).collect();
    format!("<dl>\n{items}</dl>\n")
}

fn next(steps: &[Phrase]) -> String {
    let item = |step: &Phrase| format!("<li>{}</li>\n", shown(step));
    let items: String = steps.iter().map(item).collect();
    format!("<h3>What to do now</h3>\n<ol>\n{items}</ol>\n")
}

fn commands(quotes: &[Quote]) -> String {
    if quotes.is_empty() {
        return String::new();
    }
    let item = |quote: &Quote| {
        let lines = quote.lines.iter().take(LINES).map(|line| escape(line));
        let lines: Vec<String> = lines.collect();
        let more = quote.more(LINES);
        let more = more.map(|more| format!("<p class=\"quiet\">{more}</p>\n"));
        format!(
            "<p>{}:</p>\n<pre tabindex=\"0\"><code>{}</code></pre>\n{}",
            capitalised(&shown(&quote.about)),
            lines.join("\n"),
            more.unwrap_or_default()
        )
    };
    let items: String = quotes.iter().map(item).collect();
    format!("<h3>What printed it</h3>\n{items}")
}

fn searched(story: &Story<'_>) -> String {
    let content = [
        "<h2>What was searched</h2>\n".to_owned(),
        points(&story.search),
        table(&story.searched, 3),
        table(&story.problems, 3),
        table(&story.contained, 3),
    ];
    section("", &content.concat())
}

/// A heading of `level`, and all rows, which scroll where they are many;
/// nothing without rows.
fn table(table: &Table, level: usize) -> String {
    if table.rows.is_empty() {
        return String::new();
    }
    let columns = table.columns(true);
    let head = columns.iter().map(|at| {
        let class = class(table, *at);
        format!("<th scope=\"col\"{class}>{}</th>", table.head[*at].name)
    });
    let cell = |row: &[Phrase], at: usize| {
        let class = class(table, at);
        format!("<td{class}>{}</td>", shown(&row[at]))
    };
    let row = |row: &Vec<Phrase>| {
        let cells: String = columns.iter().map(|at| cell(row, *at)).collect();
        format!("<tr>{cells}</tr>\n")
    };
    let rows: String = table.rows.iter().map(row).collect();
    let number = thousands(table.rows.len() as u64);
    format!(
        "<h{level}>{title} <span class=\"quiet\">({number})</span></h{level}>\n\
         <div class=\"scroll\" role=\"region\" tabindex=\"0\" aria-label=\"{title}\">\n\
         <table>\n<thead><tr>{}</tr></thead>\n<tbody>\n{rows}</tbody>\n</table>\n</div>\n",
        head.collect::<String>(),
        title = table.title
    )
}

fn class(table: &Table, at: usize) -> &'static str {
    if table.head[at].number {
        " class=\"number\""
    } else {
        ""
    }
}

fn shown(phrase: &Phrase) -> String {
    phrase.shown(|piece| match piece {
        Piece::Words(text) => escape(text),
        Piece::Rule(text) => linked(text),
        Piece::Name(text) => format!("<code>{}</code>", escape(text)),
        Piece::Link { text, address } => link(text, address),
    })
}
