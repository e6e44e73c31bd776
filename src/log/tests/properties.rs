//! What holds for every input.

use super::*;
use proptest::prelude::*;

/// Pieces that logs are made of, so that random logs meet the interesting paths.
const PIECES: &[&str] = &[
    "\n",
    "\n",
    "\r\n",
    "\r",
    "\r\r\n",
    "\x1b[0m",
    "\x1b[36;1m",
    "\x1b[",
    "\x1b",
    "\x1b]8;;https://a.example/x",
    "\x07",
    "\x1b\\",
    "\x1b_bk;t=1745322209921\x07",
    "\x1b[8mha:////4AAAA=\x1b[0m",
    "\0",
    "\x08",
    "\u{feff}",
    "token",
    "-_",
    " ",
    "é",
    "\u{1f600}",
    "2022-06-16T22:22:54.2999347Z ",
    "2024-07-01T10:00:00.000000Z 01O ",
    "2024-07-01T10:00:00.000000Z 01O+",
    "2024-07-01T10:00:00.000000Z 02E ",
    "2016-10-06T00:17:09.669794202Z stdout P ",
    "2016-10-06T00:17:09.669794202Z stdout F ",
    "job\tstep\t",
    "#12 0.345 ",
    "web-1  | ",
    "[Container] 2024/11/18 03:32:38 ",
    "[2024-01-01T00:00:00.000Z] ",
    "[{\"message\":\"",
    "\",\"type\":\"out\",\"time\":\"2024-03-01T00:00:00Z\"},{\"message\":\"",
    "\"}]",
    "{\"log\":\"",
    "\\n\",\"stream\":\"stdout\"}",
    "\",\"stream\":\"stderr\"}",
    "{\"out\":\"",
    "{\"data\":\"",
    "dG9rZW4gdG9rZW4=",
    "bWFrZQ",
    "\"",
    "\\",
    "\\\"",
    "\\u00e9",
    "\\ud83d\\ude00",
    "\\u001b[0m",
    "{",
    "}",
    "[",
    ",",
    "section_start:1621524382:x\r\x1b[0K",
    "travis_fold:start:a\r\x1b[0K",
    "##[group]Run x",
    "##[endgroup]",
    "Script contents:",
    "\"#!/",
    "\"Ky",
    "\x1b[32;1m$ ",
    "+ ",
    "$ ",
];

fn logs() -> impl Strategy<Value = Vec<u8>> {
    let piece = prop_oneof![
        8 => prop::sample::select(PIECES).prop_map(|piece| piece.as_bytes().to_vec()),
        1 => prop::collection::vec(any::<u8>(), 0..6),
    ];
    prop::collection::vec(piece, 0..40).prop_map(|pieces| pieces.concat())
}

fn formats() -> impl Strategy<Value = LogFormat> {
    prop::sample::select(LogFormat::ALL.as_slice())
}

fn line_based() -> impl Strategy<Value = LogFormat> {
    let formats = LogFormat::ALL
        .into_iter()
        .filter(|format| format.is_line_based());
    prop::sample::select(formats.collect::<Vec<_>>())
}

/// Every clean byte is its raw byte, unless it was decoded or put in; spans are
/// inside the raw bytes of their line and never step back in it.
fn check_spans(text: &Text, raw: &[u8], decoded: bool) -> Result<(), TestCaseError> {
    for line in text.lines() {
        let mut before = 0;
        for at in line.clean.start as usize..line.clean.end as usize {
            let span = text.raw_span(at..at + 1);
            prop_assert!(span.start >= before && span.end <= raw.len());
            prop_assert!(span.is_empty() || line.raw.start <= span.start);
            let same = raw[span.clone()] == text.bytes()[at..=at];
            prop_assert!(same || decoded || span.is_empty(), "byte {at} at {span:?}");
            before = span.start;
        }
    }
    Ok(())
}

/// Lines lie one after the other with exactly one separator between them.
fn check_lines(text: &Text, raw: &[u8]) -> Result<(), TestCaseError> {
    let mut next = 0;
    for (index, line) in text.lines().iter().enumerate() {
        prop_assert_eq!(line.clean.start, next);
        prop_assert!(!text.line_bytes(line).contains(&b'\n'));
        prop_assert!(line.raw.start <= line.raw.end && line.raw.end <= raw.len());
        prop_assert_eq!(text.line_at(line.clean.end as usize), index);
        next = line.clean.end + 1;
    }
    let expected = text
        .lines()
        .last()
        .map_or(0, |line| line.clean.end as usize);
    prop_assert_eq!(text.bytes().len(), expected);
    Ok(())
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(2000))]

    #[test]
    fn clean_text_knows_its_way_back(raw in logs(), format in formats()) {
        let text = clean(format, &raw, 0..raw.len());
        check_lines(&text, &raw)?;
        check_spans(&text, &raw, !format.is_line_based())?;
        if let Some(separated) = text.separated() {
            check_lines(&separated, &raw)?;
            check_spans(&separated, &raw, !format.is_line_based())?;
            let spaces = separated.bytes().len() - text.bytes().len();
            prop_assert_eq!(spaces, text.cuts().len());
        }
    }

    #[test]
    fn nothing_special_is_left(raw in logs(), format in formats()) {
        let text = clean(format, &raw, 0..raw.len());
        let special = text.bytes().iter().find(|byte| matches!(byte, 0 | 8 | b'\r' | 0x1b));
        prop_assert_eq!(special, None);
    }

    #[test]
    fn lines_can_be_cleaned_alone(raw in logs(), format in line_based()) {
        let whole = clean(format, &raw, 0..raw.len());
        let (mut start, mut lines, mut bytes) = (0, Vec::new(), Vec::new());
        while let Some(end) = next_record(format, &raw, start + 1).or((start < raw.len()).then_some(raw.len())) {
            let one = clean(format, &raw, start..end);
            for line in one.lines() {
                lines.push((line.raw.clone(), line.text, line.stream, line.stamp.clone()));
                bytes.push(one.line_bytes(line).to_vec());
            }
            start = end;
        }
        let whole_lines: Vec<_> = whole.lines().iter().map(|line| (line.raw.clone(), line.text, line.stream, line.stamp.clone())).collect();
        prop_assert_eq!(lines, whole_lines);
        prop_assert_eq!(bytes.join(&b'\n'), whole.bytes());
    }

    #[test]
    fn what_is_not_dirty_stands_as_it_is(raw in logs(), format in line_based()) {
        for line in raw.split(|byte| *byte == b'\n').filter(|line| !is_dirty(line)) {
            let text = clean(format, line, 0..line.len());
            prop_assert!(line[prefix(format, line).len..].starts_with(text.bytes()));
            prop_assert!(text.cuts().is_empty());
        }
    }

    #[test]
    fn everything_takes_any_bytes(raw in logs(), from in 0_usize..200, format in formats()) {
        let other = recognise(&raw, "a/1_b.txt");
        for format in [format, other] {
            if let Some(start) = next_record(format, &raw, from) {
                prop_assert!(start >= from && start < raw.len());
            }
            let mut last = 0;
            landmarks(format, &raw, &mut |at, _| { assert!(at >= last); last = at; });
            for line in raw.split(|byte| *byte == b'\n') {
                prop_assert!(prefix(format, line).len <= line.len());
                line_labels(format, line);
                logged_at(format, line);
            }
        }
    }

    #[test]
    fn commands_do_not_depend_on_cuts(raw in logs(), at in 0_usize..400, format in formats()) {
        let shown = |core| {
            let mut shown = Vec::new();
            commands(format, &raw, core, &mut |at, text| shown.push((at, text)));
            shown
        };
        let whole = shown(0..raw.len());
        let cut = next_record(format, &raw, at).unwrap_or(raw.len());
        prop_assert_eq!(&[shown(0..cut), shown(cut..raw.len())].concat(), &whole);
        prop_assert!(whole.is_sorted_by_key(|(at, _)| *at));
        prop_assert!(whole.iter().all(|(at, text)| *at <= raw.len() && !text.contains(['\x1b', '\r'])));
    }

    #[test]
    fn lines_cleaned_together_are_as_they_are_alone(raw in logs(), step in 1_usize..4) {
        let ends = memchr::memchr_iter(b'\n', &raw).chain([raw.len()]);
        let mut start = 0;
        let lines = ends.map(|end| std::mem::replace(&mut start, end + 1)..end);
        let lines: Vec<Range<usize>> = lines.step_by(step).collect();
        let alone = lines.iter().map(|line| clean(LogFormat::Plain, &raw, line.clone()));
        let alone: Vec<Vec<u8>> = alone.map(|text| text.bytes().to_vec()).collect();
        let together = clean_lines(&raw, &lines);
        prop_assert_eq!(together.bytes(), alone.join(&b'\n'));
        for line in together.lines() {
            prop_assert!(lines.iter().any(|one| one.start <= line.raw.start && line.raw.end <= one.end));
        }
    }

    #[test]
    fn windows_outside_are_clipped(raw in logs(), start in 0_usize..300, end in 0_usize..300, format in formats()) {
        let text = clean(format, &raw, start..end);
        check_lines(&text, &raw)?;
    }
}
