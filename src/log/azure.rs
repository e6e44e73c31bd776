//! Azure Pipelines: the stamp of GitHub Actions, sections of its own.

use super::echo::{self, Block, Echo, Echoes};
use super::github;
use super::grammar::{Grammar, Signs};
use super::landmark::Landmark;
use super::text::Text;

pub(super) const AZURE: Grammar = Grammar {
    id: "azure-pipelines",
    ci: Some("azure-pipelines"),
    signs: Signs::Lines {
        percent: 0,
        vote: is_azure,
    },
    needles: &["##[section]"],
    landmark,
    echoes: Echoes {
        needles: &["Script contents:", "##[command]", "[command]"],
        read: |line, _| command(line),
        block: Block {
            last: Some(OUTPUT),
            read: script,
        },
    },
    labels: github::labels,
    prefix: github::prefix,
    ..Grammar::PLAIN
};

/// How a job begins that was cut off before its agent took over.
const DECORATORS: &[u8] = b"########## System Pipeline Decorator(s) ####";

/// Stands behind a script, between rows of `=`.
const OUTPUT: &str = "Starting Command Output";

/// A stamped section line. GitHub's service writes a few of them, too, before
/// its runner takes over.
fn is_azure(line: &[u8]) -> bool {
    // Every line of a head is asked, and most are plain.
    if !matches!(line, [b'0'..=b'9' | 0xef, ..]) || memchr::memchr(b'#', line).is_none() {
        return false;
    }
    let prefix = github::prefix(line);
    let text = line[prefix.len..].trim_ascii_start();
    prefix.stamp.is_some() && (text.starts_with(DECORATORS) || is_section(text))
}

fn is_section(text: &[u8]) -> bool {
    let Some(title) = text.strip_prefix(b"##[section]") else {
        return false;
    };
    let of_service = [b": Prepare job ".as_slice(), b": Request a runner "];
    let has = |part: &&[u8]| memchr::memmem::find(title, part).is_some();
    !of_service.iter().any(has)
}

fn landmark(line: &[u8], at: usize) -> Option<Landmark> {
    if github::prefix(line).len != at {
        return None;
    }
    let title = line[at..].strip_prefix(b"##[section]")?;
    if let Some(name) = title.strip_prefix(b"Starting: ") {
        return Some(Landmark::step(name));
    }
    title.starts_with(b"Finishing: ").then(Landmark::end)
}

/// `[command]make`, also behind `##`.
fn command(line: &[u8]) -> Option<Echo<'_>> {
    if line.trim_ascii_end() == b"Script contents:" {
        return Some(Echo::Block);
    }
    let line = line.strip_prefix(b"##").unwrap_or(line);
    let command = line.strip_prefix(b"[command]")?;
    (!starts_script(command)).then_some(Echo::Command(command))
}

/// Whether it does nothing but start the script that the agent has written: that
/// was shown before, if at all.
fn starts_script(command: &[u8]) -> bool {
    let end = command.trim_ascii_end();
    let quotes = end.iter().rev().take_while(|byte| b"\"'".contains(byte));
    let end = &end[..end.len() - quotes.count()];
    let file = [b".sh".as_slice(), b".cmd", b".bat", b".ps1"];
    let temporary = [b"_temp/".as_slice(), b"_temp\\"];
    let has = |part: &&[u8]| memchr::memmem::find(end, part).is_some();
    file.iter().any(|name| end.ends_with(name)) && temporary.iter().any(has)
}

fn script(text: &Text<'_>, _: &[u8]) -> String {
    let shown = text.lines().iter().skip(1);
    let is_output = |line: &[u8]| line.starts_with(b"=====");
    echo::joined(
        text,
        shown.take_while(|line| !is_output(text.line_bytes(line))),
    )
}
