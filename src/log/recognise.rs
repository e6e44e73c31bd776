//! Tells the format of a log from its first bytes and its name.

use super::grammar::Signs;
use super::{LogFormat, ansi, json};

/// Bytes of a log that its format is recognised by.
pub const HEAD: usize = 64 << 10;
/// Lines that begin before this offset speak first: in 6,000 logs those of the first 8 KiB
/// told the same as those of the whole head, which are asked where they tell nothing.
const FIRST: usize = 16 << 10;
/// Lines that vote: so many, evenly spread, tell the majority.
const VOTERS: usize = 128;

/// In this order the formats are tried: a log that is wrapped in another one
/// shows the signs of both, the wrapping ones at the start of every line.
const ORDER: [LogFormat; LogFormat::ALL.len()] = [
    LogFormat::CircleCi,
    LogFormat::Drone,
    LogFormat::Woodpecker,
    LogFormat::DockerJson,
    LogFormat::Cri,
    LogFormat::GitLabStamped,
    LogFormat::GhRunView,
    LogFormat::Azure,
    LogFormat::GitHubActions,
    LogFormat::Buildkite,
    LogFormat::GitLab,
    LogFormat::Travis,
    LogFormat::CodeBuild,
    LogFormat::Jenkins,
    LogFormat::Compose,
    LogFormat::Plain,
];

/// The format of a log that begins with `head` ([`HEAD`] bytes are enough) and has this
/// name. The majority of lines decides, since logs often start with lines that
/// are not typical; the name counts only where the lines tell nothing. The cost
/// is a look at up to 128 of the lines in the first 16 KiB for every format, and
/// for a log of none at as many of all.
pub fn recognise(head: &[u8], name: &str) -> LogFormat {
    let head = &head[..head.len().min(HEAD)];
    let all = || (head.len() > FIRST).then(|| shown(head, HEAD))?;
    let shown = shown(head, FIRST).or_else(all);
    shown.unwrap_or_else(|| by_name(name))
}

/// The format of which the lines are that begin within the `first` bytes.
fn shown(head: &[u8], first: usize) -> Option<LogFormat> {
    let lines: Vec<&[u8]> = lines(head, first).collect();
    ORDER
        .into_iter()
        .find(|format| shows(*format, head, &lines))
}

/// Those lines, if they are not empty, without line ends and BOM.
fn lines(head: &[u8], first: usize) -> impl Iterator<Item = &[u8]> {
    let ends = memchr::memchr_iter(b'\n', head).chain([head.len()]);
    let lines = ends.scan(0, move |start, end| {
        let start = std::mem::replace(start, end + 1);
        (start < first).then(|| &head[start..end])
    });
    lines
        .map(ansi::trim_line_end)
        .map(|line| &line[ansi::bom_length(line)..])
        .filter(|line| !line.is_empty())
}

fn shows(format: LogFormat, head: &[u8], lines: &[&[u8]]) -> bool {
    match format.grammar().signs {
        Signs::None => false,
        Signs::Head(test) => test(head),
        // One line is enough.
        Signs::Lines { percent: 0, vote } => lines.iter().any(|line| vote(line)),
        Signs::Lines { percent, vote } => {
            let mut voters = lines.iter().step_by(lines.len().div_ceil(VOTERS).max(1));
            let needed = (voters.len() * percent).div_ceil(100).max(1);
            let mut ayes = 0;
            // It is over as soon as the rest could not change it.
            while ayes < needed && ayes + voters.len() >= needed {
                ayes += usize::from(voters.next().is_some_and(|line| vote(line)));
            }
            ayes >= needed
        }
    }
}

/// What servers call their logs, where the lines do not tell.
fn by_name(name: &str) -> LogFormat {
    match name.rsplit('/').next() {
        Some("consoleText" | "consoleFull") => LogFormat::Jenkins,
        _ => LogFormat::Plain,
    }
}

/// Whether `head` begins a JSON array whose first object has all these fields.
pub(super) fn begins_with_fields(head: &[u8], fields: &[&str]) -> bool {
    let Some(array) = head.trim_ascii_start().strip_prefix(b"[") else {
        return false;
    };
    let array = array.trim_ascii_start();
    let end = json::object(array, 0, &mut |_, _| {});
    let object = &array[..end];
    // Quotes inside of strings are escaped, so this finds nothing but names.
    let has = |field: &&str| memchr::memmem::find(object, format!("\"{field}\":").as_bytes());
    json::may_begin(array, 0) && fields.iter().all(|field| has(field).is_some())
}
