//! A log copied with masks.

use crate::detect::MASK;
use crate::log::{self, LogFormat};
use crate::source::LogFile;
use std::fs::File;
use std::io::{self, BufWriter, Write};
use std::ops::Range;

/// The mask where text stands as base64: its three bytes again, so that the
/// text before and behind it can still be decoded.
const MASK_BASE64: &str = "Kioq";
/// Bytes before and after a span in which its records are looked for.
const AROUND: u64 = 128 << 10;
/// Bytes copied at a time.
const STEP: u64 = 1 << 20;

/// How much a mask takes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Breadth {
    /// The secret.
    Secret,
    /// The text of every record that it stands on.
    Record,
}

/// Copies `log` to a file without a name, `spans` masked; tells how many masks
/// it has.
pub(super) fn masked(
    log: &LogFile,
    format: LogFormat,
    spans: &[Range<u64>],
    breadth: Breadth,
) -> io::Result<(File, u64)> {
    let mut pieces = Vec::new();
    for span in spans {
        pieces.extend(pieces_of(log, format, span, breadth)?);
    }
    let pieces = merged(pieces);
    let mask = if format.is_base64() {
        MASK_BASE64
    } else {
        MASK
    };
    let mut out = BufWriter::new(tempfile::tempfile()?);
    let mut at = 0;
    for piece in &pieces {
        copy(log, at..piece.start, &mut out)?;
        out.write_all(mask.as_bytes())?;
        at = piece.end;
    }
    copy(log, at..log.len(), &mut out)?;
    let file = out.into_inner().map_err(io::IntoInnerError::into_error)?;
    Ok((file, pieces.len() as u64))
}

fn copy(log: &LogFile, range: Range<u64>, out: &mut impl Write) -> io::Result<()> {
    let mut start = range.start;
    while start < range.end {
        let end = range.end.min(start + STEP);
        out.write_all(&log.window(start..end)?)?;
        start = end;
    }
    Ok(())
}

/// Ranges in order, those that touch made one.
fn merged(mut ranges: Vec<Range<u64>>) -> Vec<Range<u64>> {
    ranges.sort_by_key(|range| (range.start, range.end));
    let mut merged: Vec<Range<u64>> = Vec::new();
    for range in ranges {
        match merged.last_mut() {
            Some(last) if range.start <= last.end => last.end = last.end.max(range.end),
            _ => merged.push(range),
        }
    }
    merged
}

/// What of `span` is text: a secret over several records has line ends and
/// prefixes in it.
fn pieces_of(
    log: &LogFile,
    format: LogFormat,
    span: &Range<u64>,
    breadth: Breadth,
) -> io::Result<Vec<Range<u64>>> {
    let on_one_record = log::next_record(format, &log.window(span.clone())?, 1).is_none();
    if breadth == Breadth::Secret && on_one_record {
        return Ok(vec![span.clone()]);
    }
    let base = span.start.saturating_sub(AROUND);
    let window = log.window(base..log.len().min(span.end + AROUND))?;
    let span = (span.start - base) as usize..(span.end - base) as usize;
    let texts = texts(format, &window, &span);
    let pieces = texts.map(|text| match breadth {
        Breadth::Secret => text.start.max(span.start)..text.end.min(span.end),
        Breadth::Record => text,
    });
    Ok(pieces
        .map(|piece| trimmed(&window, piece))
        .filter(|piece| !piece.is_empty())
        .map(|piece| base + piece.start as u64..base + piece.end as u64)
        .collect())
}

/// Where the text of each record stands that has a part of `span`.
fn texts<'a>(
    format: LogFormat,
    window: &'a [u8],
    span: &'a Range<usize>,
) -> impl Iterator<Item = Range<usize>> + 'a {
    let next = move |from: usize| log::next_record(format, window, from + 1);
    let first = std::iter::successors(Some(0), move |at| next(*at).filter(|at| *at <= span.start));
    let records = std::iter::successors(first.last(), move |at| next(*at));
    records
        .take_while(|start| *start < span.end)
        .map(move |start| {
            let text = log::clean(format, window, start..next(start).unwrap_or(window.len()));
            text.raw_span(0..text.bytes().len())
        })
}

/// Without the white space around it.
fn trimmed(window: &[u8], piece: Range<usize>) -> Range<usize> {
    let Some(bytes) = window.get(piece.clone()) else {
        return 0..0;
    };
    let start = piece.end - bytes.trim_ascii_start().len();
    start..start + bytes.trim_ascii().len()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn mask(format: LogFormat, text: &str, secret: &str, breadth: Breadth) -> String {
        let mut file = tempfile::tempfile().unwrap();
        file.write_all(text.as_bytes()).unwrap();
        let start = text.find(secret).unwrap() as u64;
        let span = start..start + secret.len() as u64;
        let log = LogFile::of(file).unwrap();
        let (file, _) = masked(&log, format, &[span], breadth).unwrap();
        let log = LogFile::of(file).unwrap();
        String::from_utf8(log.window(0..log.len()).unwrap().to_vec()).unwrap()
    }

    #[test]
    fn prefixes_and_line_ends_inside_a_secret_stay() {
        let stamp = "2025-03-15T10:00:00.1234567Z ";
        let text = format!("{stamp}key: AAA\r\n{stamp}  BBB\n\n{stamp}CCC;\n{stamp}end\n");
        let secret = &text[text.find("AAA").unwrap()..text.find(';').unwrap()];
        assert_eq!(
            mask(LogFormat::GitHubActions, &text, secret, Breadth::Secret),
            format!("{stamp}key: ***\r\n{stamp}  ***\n\n{stamp}***;\n{stamp}end\n")
        );
        assert_eq!(
            mask(LogFormat::GitHubActions, &text, "BB", Breadth::Record),
            format!("{stamp}key: AAA\r\n{stamp}  ***\n\n{stamp}CCC;\n{stamp}end\n")
        );
    }

    #[test]
    fn records_stay_records() {
        let record = |text: &str| format!(r#"{{"log":"{text}\n","stream":"stdout"}}"#);
        let text = format!("{}\n{}\n", record("a AAA"), record("BBB b"));
        let secret = &text[text.find("AAA").unwrap()..text.find(" b").unwrap()];
        let expected = format!("{}\n{}\n", record("a ***"), record("*** b"));
        assert_eq!(
            mask(LogFormat::DockerJson, &text, secret, Breadth::Secret),
            expected
        );
        let array = |first: &str, second: &str| {
            format!(r#"[{{"pos":0,"out":"{first}\n"}},{{"pos":1,"out":"{second}\n"}}]"#)
        };
        let text = array("a AAA", "BBB b");
        let secret = &text[text.find("AAA").unwrap()..text.find(" b").unwrap()];
        assert_eq!(
            mask(LogFormat::Drone, &text, secret, Breadth::Secret),
            array("a ***", "*** b")
        );
    }

    #[test]
    fn ranges_that_touch_are_one() {
        let touching = vec![5..7, 0..2, 2..4, 6..9, 6..7];
        assert_eq!(merged(touching), [0..4, 5..9]);
    }
}
