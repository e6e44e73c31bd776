//! GitHub Actions: the runner's log, and what `gh run view --log` prints of it.

use super::ansi::bom_length;
use super::echo::{self, Block, Echo, Echoes};
use super::grammar::{Grammar, Signs};
use super::landmark::{Landmark, label};
use super::text::{Line, Text};
use super::{Prefix, stamp};

/// A fifth of the lines is enough: unstamped values of several lines may be
/// longer than the log around them, and nothing else has this shape.
pub(super) const ACTIONS: Grammar = Grammar {
    id: "github-actions",
    ci: Some("github-actions"),
    signs: Signs::Lines {
        percent: 20,
        vote: |line| prefix(line).stamp.is_some(),
    },
    prefix,
    needles: &["##[group]Run ", "Post job cleanup.", "Complete job name: "],
    landmark: actions_landmark,
    tells_jobs: true,
    echoes: Echoes {
        needles: &["##[group]Run "],
        read: |line, _| line.starts_with(HEADER).then_some(Echo::Block),
        block: Block {
            last: Some("##[endgroup]"),
            read: header,
        },
    },
    labels,
    ..Grammar::PLAIN
};

pub(super) const VIEW: Grammar = Grammar {
    id: "gh-run-view",
    signs: Signs::Lines {
        percent: 20,
        vote: is_view_line,
    },
    prefix: view_prefix,
    landmark: view_landmark,
    tells_jobs: true,
    labels: |_| Landmark::default(),
    line_labels: view_labels,
    ..ACTIONS
};

/// A BOM (the runner writes one wherever it begins a new page), the stamp, one
/// space. A line without a stamp continues a value of several lines and has no
/// prefix.
pub(super) fn prefix(line: &[u8]) -> Prefix {
    let bom = bom_length(line);
    let Some(length) = stamp::utc_length(&line[bom..]) else {
        return Prefix {
            len: bom,
            ..Prefix::default()
        }
        .with_buildx(line);
    };
    let end = bom + length;
    match line.get(end) {
        None => Prefix::stamped(end, bom..end),
        Some(b' ') => Prefix::stamped(end + 1, bom..end).with_buildx(line),
        Some(_) => Prefix {
            len: bom,
            ..Prefix::default()
        },
    }
}

/// The same behind `job TAB step TAB`.
fn view_prefix(line: &[u8]) -> Prefix {
    let Some((_, _, text)) = columns(line) else {
        return prefix(line);
    };
    let skipped = line.len() - text.len();
    prefix(text).behind(skipped)
}

/// Bytes in which job and step stand: names are shorter, and lines may be long.
const COLUMNS: usize = 1024;

/// Job, step and the rest of a line of `gh run view --log`.
fn columns(line: &[u8]) -> Option<(&[u8], &[u8], &[u8])> {
    let head = &line[..line.len().min(COLUMNS)];
    let mut tabs = memchr::memchr_iter(b'\t', head);
    let (first, second) = (tabs.next()?, tabs.next()?);
    Some((
        &line[..first],
        &line[first + 1..second],
        &line[second + 1..],
    ))
}

/// Whether the line has the shape of `gh run view --log`, stamp included.
fn is_view_line(line: &[u8]) -> bool {
    columns(line).is_some_and(|(_, _, text)| prefix(text).stamp.is_some())
}

/// Job and step at the start of a line of `gh run view --log`.
fn view_labels(line: &[u8]) -> Landmark {
    let Some((job, step, _)) = columns(&line[bom_length(line)..]) else {
        return Landmark::default();
    };
    let known = (step != b"UNKNOWN STEP").then(|| label(step));
    Landmark {
        job: Some(label(job)),
        step: known,
    }
}

fn actions_landmark(line: &[u8], at: usize) -> Option<Landmark> {
    (prefix(line).len == at).then(|| landmark(&line[at..]))?
}

fn view_landmark(line: &[u8], at: usize) -> Option<Landmark> {
    (view_prefix(line).len == at).then(|| landmark(&line[at..]))?
}

/// A `Run` group is the header of a step. Other groups stand inside of steps,
/// and their end does not end the step.
fn landmark(text: &[u8]) -> Option<Landmark> {
    if let Some(title) = text.strip_prefix(b"##[group]") {
        return title.starts_with(b"Run ").then(|| Landmark::step(title));
    }
    if let Some(name) = text.strip_prefix(b"Complete job name: ") {
        return Some(Landmark {
            job: Some(label(name)),
            step: None,
        });
    }
    (text == b"Post job cleanup.").then(|| Landmark::step(b"Post job cleanup"))
}

/// The name of an entry of a run-log zip: `0_build.txt` is a whole job,
/// `build/1_Set up job.txt` a step. Older zips number whole jobs `-999`.
pub(super) fn labels(leaf: &str) -> Landmark {
    let (folders, name) = leaf.rsplit_once('/').unwrap_or(("", leaf));
    let Some(title) = numbered(name).map(str::to_owned) else {
        return Landmark::default();
    };
    let folder = folders.rsplit('/').next().unwrap_or_default();
    if is_root(folder) || name.starts_with(['0', '-']) {
        return Landmark {
            job: Some(title),
            step: None,
        };
    }
    Landmark {
        job: Some(folder.to_owned()),
        step: Some(title),
    }
}

/// Whether a folder is the unpacked archive itself (`logs_47738665835`) and no job.
fn is_root(folder: &str) -> bool {
    folder.is_empty() || folder.starts_with("logs") || folder.contains(".zip")
}

/// `Set up job` of `1_Set up job.txt`.
fn numbered(name: &str) -> Option<&str> {
    let (number, title) = name.strip_suffix(".txt")?.split_once('_')?;
    let digits = number.strip_prefix('-').unwrap_or(number);
    let counted = !digits.is_empty() && digits.bytes().all(|byte| byte.is_ascii_digit());
    (counted && !title.is_empty()).then_some(title)
}

const HEADER: &[u8] = b"##[group]Run ";
/// The colour of every line of a script.
const SCRIPT: &[u8] = b"\x1b[36;1m";

/// What the header of a step runs: the lines of a script, or an action, without
/// its version, and its inputs.
fn header(text: &Text<'_>, raw: &[u8]) -> String {
    let Some((title, lines)) = text.lines().split_first() else {
        return String::new();
    };
    let is_script = |line: &Line| raw[line.text..].starts_with(SCRIPT);
    if lines.first().is_some_and(is_script) {
        return echo::joined(text, lines.iter().take_while(|line| is_script(line)));
    }
    // A line without a stamp goes on with the value of an input.
    let stamped = lines.first().is_some_and(|line| line.stamp.is_some());
    let heads = |line: &&Line| line.stamp.is_some() == stamped && is_head(text.line_bytes(line));
    let body = echo::joined(text, lines.iter().take_while(|line| !heads(line)));
    let end = lines.iter().find(heads);
    let runs = end.is_some_and(|line| text.line_bytes(line).starts_with(b"shell: "));
    if runs && !body.starts_with("with:") {
        return body;
    }
    let title = text.line_bytes(title);
    let title = String::from_utf8_lossy(title.strip_prefix(HEADER).unwrap_or(title));
    let action = title.split('@').next().unwrap_or_default();
    format!("uses: {action}\n{body}")
}

/// Whether a line begins what does not tell the command, or ends the header.
fn is_head(line: &[u8]) -> bool {
    line.starts_with(b"shell: ") || matches!(line, b"env:" | b"##[endgroup]")
}
