//! AWS CodeBuild: a prefix on the lines of the agent, none on those of commands.

use super::echo::{Echo, Echoes};
use super::grammar::{Grammar, Signs};
use super::landmark::Landmark;
use super::{Prefix, stamp};

const OPENING: &[u8] = b"[Container] ";
const SECONDS: &[u8] = b"0000/00/00 00:00:00";

pub(super) const CODEBUILD: Grammar = Grammar {
    id: "codebuild",
    ci: Some("codebuild"),
    signs: Signs::Lines {
        percent: 0,
        vote: |line| agent(line).is_some(),
    },
    prefix: |line| agent(line).unwrap_or_else(|| Prefix::plain(line)),
    time: stamp::civil,
    needles: &["Entering phase ", "Phase complete: "],
    landmark,
    echoes: Echoes {
        needles: &["Running command "],
        read: command,
        ..Echoes::SHELL
    },
    ..Grammar::PLAIN
};

/// `[Container] 2024/11/18 03:32:38.837564 `; older agents wrote no fraction.
fn agent(line: &[u8]) -> Option<Prefix> {
    let rest = line.strip_prefix(OPENING)?;
    if !stamp::matches(rest.get(..SECONDS.len())?, SECONDS) {
        return None;
    }
    let length = SECONDS.len() + stamp::fraction_length(&rest[SECONDS.len()..]);
    let end = OPENING.len() + length;
    match line.get(end) {
        Some(b' ') => Some(Prefix::stamped(end + 1, OPENING.len()..end)),
        None => Some(Prefix::stamped(end, OPENING.len()..end)),
        Some(_) => None,
    }
}

/// `Running command make`, on a line of the agent.
fn command(line: &[u8], stamped: bool) -> Option<Echo<'_>> {
    let command = line.strip_prefix(b"Running command ")?;
    stamped.then_some(Echo::Command(command))
}

fn landmark(line: &[u8], at: usize) -> Option<Landmark> {
    if agent(line)?.len != at {
        return None;
    }
    match line[at..].strip_prefix(b"Entering phase ") {
        Some(phase) => Some(Landmark::step(phase)),
        None => Some(Landmark::end()),
    }
}
