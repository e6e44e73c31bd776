//! The bytes that lines are taken from, and what stands around a line.

use super::Window;
use crate::log::{self, LogFormat, Text};
use std::ops::Range;

/// What lines are taken from: the raw bytes of a window, or, where records
/// have to be joined or transcoded first, its clean text as a whole.
pub(super) struct Sheet<'a> {
    pub window: &'a Window<'a>,
    pub bytes: &'a [u8],
    pub text: Option<&'a Text<'a>>,
}

/// A line of the log itself.
pub(super) struct OuterLine {
    pub raw: Range<usize>,
    pub text: usize,
}

impl Sheet<'_> {
    /// Whether what begins there is what is left of a line.
    pub(super) fn is_cut(&self, start: usize) -> bool {
        start == 0 && !self.window.starts_record
    }

    /// What is left of a line whose start was cut off has no prefix.
    pub(super) fn format(&self, line: &Range<usize>) -> LogFormat {
        if self.text.is_some() || self.is_cut(line.start) {
            LogFormat::Plain
        } else {
            self.window.format
        }
    }

    pub(super) fn raw_span(&self, span: Range<usize>) -> Range<usize> {
        self.text.map_or(span.clone(), |text| text.raw_span(span))
    }

    pub(super) fn owns_part_of(&self, line: &Range<usize>) -> bool {
        let core = &self.window.core;
        let raw = self.raw_span(line.start..line.end.max(line.start + 1).min(self.bytes.len()));
        raw.start < core.end && raw.end >= core.start
    }

    pub(super) fn outer_line(&self, line: &log::Line, span: &Range<usize>) -> OuterLine {
        let Some(text) = self.text else {
            return OuterLine {
                raw: line.raw.clone(),
                text: line.text,
            };
        };
        let index = text.line_at(line.raw.start);
        let outer = &text.lines()[index];
        // A joined record: the prefix of the physical line is the one that counts.
        let start = memchr::memrchr(b'\n', &self.window.raw[..span.start]).map_or(0, |at| at + 1);
        if start <= outer.raw.start {
            return OuterLine {
                raw: outer.raw.clone(),
                text: outer.text,
            };
        }
        let end = memchr::memchr(b'\n', &self.window.raw[start..])
            .map_or(self.window.raw.len(), |at| start + at);
        let prefix = log::prefix(self.window.format, &self.window.raw[start..end]);
        OuterLine {
            raw: start..end,
            text: start + prefix.len,
        }
    }

    /// `  NAME: value` under a line `env:`, as GitHub Actions prints it.
    pub(super) fn in_env_block(&self, line: &Range<usize>, text: &Text<'_>) -> bool {
        self.window.format == LogFormat::GitHubActions
            && is_env_entry(text.bytes())
            && above(self.bytes, line.start)
                .map(|line| log::clean(self.window.format, self.bytes, line))
                .map(|text| env_line(text.bytes()))
                .find(|kind| *kind != EnvLine::Entry)
                == Some(EnvLine::Head)
    }
}

#[derive(PartialEq, Eq)]
enum EnvLine {
    Head,
    Entry,
    Other,
}

fn env_line(line: &[u8]) -> EnvLine {
    let line = line.trim_ascii_end();
    if line == b"env:" {
        EnvLine::Head
    } else if is_env_entry(line) {
        EnvLine::Entry
    } else {
        EnvLine::Other
    }
}

fn is_env_entry(line: &[u8]) -> bool {
    let Some(rest) = line.strip_prefix(b"  ") else {
        return false;
    };
    let name = rest
        .iter()
        .take_while(|byte| byte.is_ascii_alphanumeric() || **byte == b'_')
        .count();
    name > 0 && rest.get(name) == Some(&b':')
}

/// The lines above, nearest first, at most a hundred.
pub(super) fn above(bytes: &[u8], start: usize) -> impl Iterator<Item = Range<usize>> {
    let mut end = start;
    std::iter::from_fn(move || {
        let last = end.checked_sub(1)?;
        let begin = memchr::memrchr(b'\n', &bytes[..last]).map_or(0, |at| at + 1);
        end = begin;
        Some(begin..last)
    })
    .take(100)
}

pub(super) fn line_around(bytes: &[u8], at: usize) -> Range<usize> {
    let start = memchr::memrchr(b'\n', &bytes[..at]).map_or(0, |before| before + 1);
    let end = memchr::memchr(b'\n', &bytes[at..]).map_or(bytes.len(), |len| at + len);
    start..end
}

/// End of the clean text that belongs to the line itself.
pub(super) fn own_end(text: &Text<'_>, line: &Range<usize>) -> usize {
    let own = text
        .lines()
        .iter()
        .filter(|part| part.raw.start <= line.end);
    own.map(|part| part.clean.end as usize).max().unwrap_or(0)
}
