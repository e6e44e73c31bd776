use super::sample::{self, HOSTILE};
use super::traced::Traced;
use super::{TraceFormat, render};
use crate::report::RenderOptions;
use crate::rule::template::Seed;
use std::collections::BTreeSet;

fn shown(format: TraceFormat, traced: &Traced, width: usize) -> String {
    let color = false;
    let bytes = render(format, traced, &RenderOptions { color, width });
    String::from_utf8(bytes).unwrap()
}

fn views(traced: &Traced) -> impl Iterator<Item = (TraceFormat, String)> {
    let all = TraceFormat::ALL.into_iter();
    all.map(|format| (format, shown(format, traced, 100)))
}

#[test]
fn names_and_formats_correspond() {
    for format in TraceFormat::ALL {
        assert_eq!(TraceFormat::named(&format.to_string()), Some(format));
    }
    assert_eq!(TraceFormat::named("xml"), None);
}

#[test]
fn views_end_in_one_line_feed() {
    for traced in sample::all() {
        for (format, view) in views(&traced) {
            assert!(view.ends_with('\n') && !view.ends_with("\n\n"), "{format}");
        }
    }
}

#[test]
fn a_terminal_shows_it_at_a_glance() {
    insta::assert_snapshot!(shown(TraceFormat::Text, &sample::traced(), 110), @"");
}

#[test]
fn a_narrow_terminal_puts_addresses_below() {
    let text = shown(TraceFormat::Text, &sample::long(40), 70);
    insta::assert_snapshot!(text, @"");
}

#[test]
fn an_issue_shows_it_too() {
    insta::assert_snapshot!(shown(TraceFormat::Markdown, &sample::traced(), 100), @"");
}

#[test]
fn nothing_found_is_clean_only_if_all_was_read() {
    for (format, view) in views(&sample::nothing()) {
        let said = view.contains("no secret found in 195 logs");
        assert!(said || format == TraceFormat::Json, "{format}: {view}");
        assert!(!view.contains("not all was read"), "{format}: {view}");
    }
    for (format, view) in views(&sample::unread()) {
        let said = view.contains("but not all was read") && view.contains("not known to be clean");
        assert!(said || format == TraceFormat::Json, "{format}: {view}");
        assert!(view.contains("GitHub answered 502"), "{format}: {view}");
    }
}

#[test]
fn colour_changes_only_colour() {
    let options = RenderOptions {
        color: true,
        width: 110,
    };
    let colored = render(TraceFormat::Text, &sample::traced(), &options);
    let colored = String::from_utf8(colored).unwrap();
    let escapes = regex::Regex::new("\u{1b}\\[[0-9;]*m").unwrap();
    assert!(escapes.is_match(&colored));
    let plain = shown(TraceFormat::Text, &sample::traced(), 110);
    assert_eq!(escapes.replace_all(&colored, ""), plain);
}

#[test]
fn json_tells_all_of_it() {
    let traced = sample::traced();
    let json: serde_json::Value =
        serde_json::from_str(&shown(TraceFormat::Json, &traced, 100)).unwrap();
    assert_eq!(json, serde_json::to_value(&traced).unwrap());
    assert_eq!(json["exposures"][0]["rule_id"], "example.token");
}

#[test]
fn thousands_of_places_are_counted_where_they_are_not_listed() {
    let traced = sample::long(2_000);
    for (format, view) in views(&traced) {
        let run = |view: &str| view.matches("actions/runs/73").count();
        match format {
            TraceFormat::Html | TraceFormat::Json => assert_eq!(run(&view), 2_000, "{format}"),
            TraceFormat::Text => {
                assert_eq!(run(&view), 5);
                assert!(view.contains("and 1,995 more places"), "{view}");
            }
            TraceFormat::Markdown => {
                assert_eq!(run(&view), 50);
                assert!(view.contains("and 1,950 more places"), "{view}");
                assert!(view.len() < 65_536);
            }
        }
    }
}

#[test]
fn an_annotation_is_not_called_gone() {
    let mut traced = sample::traced();
    traced.exposures.remove(0);
    let place = &mut traced.exposures[0].sites[0].places[0];
    place.annotation = true;
    for (format, view) in views(&traced) {
        let said =
            view.contains("stay when logs are deleted") && view.contains("annotation; log gone");
        assert!(said || format == TraceFormat::Json, "{format}: {view}");
        let drawn = match format {
            TraceFormat::Html => view.contains("leaked, readable on 2026-03-04"),
            TraceFormat::Json => true,
            TraceFormat::Text | TraceFormat::Markdown => view.contains('█'),
        };
        assert!(drawn, "{format}: {view}");
    }
}

#[test]
fn logs_on_this_machine_are_not_deleted_by_leaksweep() {
    let mut traced = sample::traced();
    traced.exposures.truncate(1);
    for site in &mut traced.exposures[0].sites {
        site.visibility = None;
        let places = site.places.iter_mut();
        places.for_each(|place| place.url = Some("logs/17.txt".into()));
    }
    traced.exposures[0].public = false;
    let text = shown(TraceFormat::Text, &traced, 100);
    assert!(!text.contains("--contain"), "{text}");
    assert!(text.contains("whatever they were copied from"), "{text}");
    assert!(text.contains("not known: who may read"), "{text}");
}

fn steers(c: char) -> bool {
    c != '\n' && c.is_control() || matches!(c, '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
}

/// Texts that attack, made of pieces that do.
fn hostile_texts() -> Vec<String> {
    const PIECES: [&str; 24] = [
        "\u{1b}[31m",
        "::error::",
        "##[",
        "##vso[",
        "\u{9b}",
        "\u{202e}",
        "\r\n",
        "\n",
        "```",
        "`",
        "|",
        "\"",
        "'",
        "<script>",
        "</script>",
        "-->",
        "&",
        ">",
        "\\",
        "](",
        "@a",
        "#1",
        "漢",
        " ",
    ];
    let mut seed = Seed::new(6);
    let mut text = || {
        let pieces = seed.below(12);
        (0..pieces)
            .map(|_| PIECES[seed.below(PIECES.len())])
            .collect()
    };
    let mut texts: Vec<String> = (0..60).map(|_| text()).collect();
    texts.push(HOSTILE.to_owned());
    texts
}

#[test]
fn hostile_text_steers_nothing() {
    for text in hostile_texts() {
        for (format, view) in views(&sample::saying(&text)) {
            assert!(!view.contains(steers), "{format}: {view:?}");
            for command in ["##[add-mask]", "##vso["] {
                assert!(!view.contains(command), "{format}: {view}");
            }
            let obeyed = |line: &str| line.trim_start().starts_with("::");
            assert!(!view.lines().any(obeyed), "{format}: {view}");
        }
    }
}

/// The tags of a page, with the values of their attributes left out.
fn skeleton(page: &str) -> Vec<String> {
    let tag = regex::Regex::new(r#"<(?:[^<>"]|"[^"]*")*>"#).unwrap();
    let value = regex::Regex::new(r#""[^"]*""#).unwrap();
    let tags: Vec<String> = tag
        .find_iter(page)
        .map(|tag| value.replace_all(tag.as_str(), "\"\"").into_owned())
        .collect();
    let angles = page.matches('<').count();
    assert_eq!(tags.len(), angles, "{page}");
    tags
}

#[test]
fn hostile_text_is_text_in_a_page() {
    let page = |text: &str| shown(TraceFormat::Html, &sample::saying(text), 100);
    let calm = skeleton(&page("calm"));
    for text in hostile_texts() {
        // What is empty is no column and no point.
        let page = page(&format!("x{text}"));
        assert_eq!(skeleton(&page), calm, "{page}");
    }
}

/// What of a document is neither a code span nor in a block.
fn outside_of_code(document: &str) -> String {
    let block = regex::Regex::new(r"(?s)(?:^|\n)(`{3,})text\n.*").unwrap();
    let mut rest = document.to_owned();
    while let Some(open) = block.captures(&rest) {
        let (start, fence) = (open.get(0).unwrap().start(), open[1].to_owned());
        let inside = start + fence.len() + 6;
        let end = rest[inside..].find(&format!("\n{fence}\n")).unwrap();
        rest.replace_range(start..inside + end + fence.len() + 1, "\n");
    }
    rest.lines()
        .map(without_spans)
        .collect::<Vec<_>>()
        .join("\n")
}

fn without_spans(line: &str) -> String {
    let mut kept = String::new();
    let mut rest = line;
    while let Some(at) = rest.find('`') {
        let run = rest[at..].chars().take_while(|c| *c == '`').count();
        if rest[..at].ends_with('\\') {
            kept += &rest[..=at];
            rest = &rest[at + 1..];
            continue;
        }
        kept += &rest[..at];
        let inside = &rest[at + run..];
        let runs = regex::Regex::new("`+").unwrap();
        let close = runs.find_iter(inside).find(|close| close.len() == run);
        rest = &inside[close.unwrap_or_else(|| panic!("open: {line}")).end()..];
    }
    kept + rest
}

#[test]
fn hostile_text_is_no_markup_in_a_document() {
    for text in hostile_texts() {
        let document = shown(TraceFormat::Markdown, &sample::saying(&text), 100);
        let plain = outside_of_code(&document).replace("<!-- -->", "");
        assert!(!plain.contains('<'), "{document}");
        assert!(!plain.contains("](h") || text == HOSTILE, "{document}");
        let mut cells = 0;
        for line in plain.lines() {
            let bars = line.matches('|').count();
            let continues = cells > 0 && bars > 0;
            assert!(!continues || bars == cells, "{line}\n{document}");
            cells = bars;
        }
    }
}

#[test]
fn a_page_needs_nothing_and_runs_nothing() {
    for traced in sample::all() {
        let page = shown(TraceFormat::Html, &traced, 100);
        assert!(page.contains("default-src 'none'"), "{page}");
        let tags: BTreeSet<String> = skeleton(&page).into_iter().collect();
        for tag in &tags {
            let name = tag[1..].split([' ', '>']).next().unwrap();
            let loads = [
                "script", "img", "link", "iframe", "object", "embed", "use", "base",
            ];
            assert!(!loads.contains(&name), "{tag}");
            for attribute in [" src=", " style=", " on", " srcset="] {
                assert!(!tag.contains(attribute), "{tag}");
            }
        }
        let styles = &page[page.find("<style>").unwrap()..page.find("</style>").unwrap()];
        assert!(!styles.contains("url(") && !styles.contains("@import"));
    }
}
