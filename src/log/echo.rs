//! Lines that show the command that runs next.

use super::grammar::{Grammar, Layout};
use super::text::{Line, Text};
use super::{LogFormat, Prefix, ansi, clean, json, landmark, next_record};
use std::ops::Range;

/// Bytes from the start of an echo that are read; the rest of it is left out.
pub const ECHO_REACH: usize = 64 << 10;
/// How far before a needle its record may begin: prefixes are shorter.
const MAX_BEFORE: usize = 1024;

/// What a line shows.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Echo<'l> {
    /// This command.
    Command(&'l [u8]),
    /// A command that the lines below it tell.
    Block,
    /// What comes next is no longer printed by the command before.
    End,
}

/// How a command is shown over several lines.
#[derive(Debug, Clone, Copy)]
pub(super) struct Block {
    /// Stands on the line that closes it; without one it is a single record.
    pub(super) last: Option<&'static str>,
    /// The command, given the lines from the head on: the text, and the raw
    /// bytes, which tell its colours.
    pub(super) read: fn(&Text<'_>, &[u8]) -> String,
}

/// How a format shows the commands that it runs.
#[derive(Debug, Clone, Copy)]
pub(super) struct Echoes {
    /// One of these stands, in the raw bytes, in every record that shows one.
    pub(super) needles: &'static [&'static str],
    /// What a clean line shows, given whether it has a time stamp.
    pub(super) read: fn(&[u8], bool) -> Option<Echo<'_>>,
    pub(super) block: Block,
}

impl Echoes {
    /// What shells print: `set -x` puts a `+` before a command (and `++` before
    /// one inside of it, which is none of the step's), a prompt is `$`.
    pub(super) const SHELL: Self = Self {
        needles: &["+ ", "$ "],
        read: |line, _| traced(line).or_else(|| prompted(line)),
        block: Block {
            last: None,
            read: |_, _| String::new(),
        },
    };
}

/// `+ make`.
pub(super) fn traced(line: &[u8]) -> Option<Echo<'_>> {
    line.strip_prefix(b"+ ").map(Echo::Command)
}

/// `$ make`.
pub(super) fn prompted(line: &[u8]) -> Option<Echo<'_>> {
    line.strip_prefix(b"$ ").map(Echo::Command)
}

/// The lines of a text, joined.
pub(super) fn joined<'l>(text: &Text<'_>, lines: impl Iterator<Item = &'l Line>) -> String {
    let lines = lines.map(|line| String::from_utf8_lossy(text.line_bytes(line)).into_owned());
    lines.collect::<Vec<_>>().join("\n")
}

/// Calls `each` for every command that is shown in a record that begins in
/// `raw[core]`, in order, with the raw offset of its echo. An empty command
/// says that what comes next is none's. An echo depends on its own lines only,
/// so it does not matter where a log is cut, as long as that is at records and
/// [`ECHO_REACH`] bytes stand behind the core (or the end of the log).
///
/// One vectorised pass per needle of the format; what it hits by chance costs
/// a look at the start of its line.
pub fn commands(
    format: LogFormat,
    raw: &[u8],
    core: Range<usize>,
    each: &mut dyn FnMut(usize, String),
) {
    let end = core.end.min(raw.len());
    let core = core.start.min(end)..end;
    let mut done = core.start;
    for hit in landmark::hits(format.grammar().echoes.needles, &raw[core.clone()]) {
        let hit = core.start + hit;
        let Some(start) = record_before(format, raw, hit).filter(|start| *start >= done) else {
            continue;
        };
        if may_echo(format.grammar(), raw, start..hit) && !is_rest(format, raw, start) {
            done = reach(format, raw, start);
            read(format, raw, start..done, each);
        }
    }
}

/// Where the record begins that a needle stands in.
fn record_before(format: LogFormat, raw: &[u8], at: usize) -> Option<usize> {
    let from = at.saturating_sub(MAX_BEFORE);
    let before = &raw[from..at];
    if let Layout::Records(records) = format.grammar().layout
        && records.array
    {
        let mut braces = memchr::memrchr_iter(b'{', before).map(|brace| from + brace);
        return braces.find(|brace| json::may_begin(raw, *brace));
    }
    match memchr::memrchr(b'\n', before) {
        Some(newline) => Some(from + newline + 1),
        None => (from == 0).then_some(0),
    }
}

/// Whether what stands before a needle may be all but text: a prefix, or what
/// ends in a control sequence or a CR. The name of a folder is taken for one.
fn may_echo(grammar: &Grammar, raw: &[u8], before: Range<usize>) -> bool {
    let line = &raw[before.start..];
    let head = &line[..before.len()];
    if matches!(grammar.layout, Layout::Records(_)) || head.is_empty() || head[0] == b'[' {
        return true;
    }
    if memchr::memchr2(0x1b, b'\r', head).is_some() {
        return true;
    }
    let line = &line[..line.len().min(before.len() + MAX_BEFORE)];
    let line = &line[..memchr::memchr(b'\n', line).unwrap_or(line.len())];
    (grammar.prefix)(line).len == head.len()
}

/// End of the record at `start`, or of what is read of it.
fn end_of(format: LogFormat, raw: &[u8], start: usize) -> usize {
    let within = &raw[..raw.len().min(start + ECHO_REACH)];
    next_record(format, within, start + 1).unwrap_or(within.len())
}

fn prefix(format: LogFormat, raw: &[u8], start: usize) -> Prefix {
    let record = &raw[start..end_of(format, raw, start)];
    super::prefix(format, ansi::trim_line_end(record))
}

/// Whether the record at `next` goes on with the text of the one before it.
fn goes_on(format: LogFormat, raw: &[u8], before: usize, next: usize) -> bool {
    let (before, next) = (prefix(format, raw, before), prefix(format, raw, next));
    before.stream == next.stream && (before.partial || next.continues)
}

/// End of the record at `start` and of those that continue it.
fn reach(format: LogFormat, raw: &[u8], start: usize) -> usize {
    let mut end = end_of(format, raw, start);
    if matches!(format.grammar().layout, Layout::Lines) {
        return end;
    }
    let within = &raw[..raw.len().min(start + ECHO_REACH)];
    let mut from = start;
    while end < within.len() && goes_on(format, within, from, end) {
        (from, end) = (end, end_of(format, within, end));
    }
    end
}

/// Whether the record at `start` continues another one.
fn is_rest(format: LogFormat, raw: &[u8], start: usize) -> bool {
    if matches!(format.grammar().layout, Layout::Lines) || start == 0 {
        return false;
    }
    let before = record_before(format, raw, start - 1);
    prefix(format, raw, start).continues
        || before.is_some_and(|before| goes_on(format, raw, before, start))
}

/// Reads the commands of one record.
fn read(format: LogFormat, raw: &[u8], record: Range<usize>, each: &mut dyn FnMut(usize, String)) {
    let text = clean(format, raw, record.clone());
    let mut last = record.start;
    for line in text.lines() {
        let start = line.clean.start as usize;
        let at = text.raw_span(start..start + 1).start;
        // The target of a link follows the line that it stands on, and is none.
        if at < last {
            continue;
        }
        last = at;
        let shown = (format.grammar().echoes.read)(text.line_bytes(line), line.stamp.is_some());
        match shown {
            Some(Echo::Command(command)) => {
                each(at, String::from_utf8_lossy(command).trim().to_owned());
            }
            Some(Echo::Block) => each(at, block(format, raw, at..record.end)),
            Some(Echo::End) => each(at, String::new()),
            None => {}
        }
    }
}

/// The command that is shown from `head` on, which stands where its text does.
fn block(format: LogFormat, raw: &[u8], head: Range<usize>) -> String {
    let Block { last, read } = format.grammar().echoes.block;
    let Some(last) = last else {
        // The records of a format that has them so do not stand as text.
        let record = record_before(format, raw, head.start).unwrap_or(head.start);
        return read(&clean(format, raw, record..head.end), raw)
            .trim()
            .to_owned();
    };
    let within = &raw[head.start..raw.len().min(head.start + ECHO_REACH)];
    let closed = memchr::memmem::find(within, last.as_bytes());
    let length = closed.map_or(within.len(), |at| at + last.len());
    let text = clean(format, raw, head.start..head.start + length);
    read(&text, raw).trim().to_owned()
}
