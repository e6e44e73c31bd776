//! Azure Pipelines: the stamp of GitHub Actions, sections of its own.

use super::github;
use super::grammar::{Grammar, Signs};
use super::landmark::Landmark;

pub(super) const AZURE: Grammar = Grammar {
    id: "azure-pipelines",
    ci: Some("azure-pipelines"),
    signs: Signs::Lines {
        percent: 0,
        vote: is_azure,
    },
    needles: &["##[section]"],
    landmark,
    labels: github::labels,
    prefix: github::prefix,
    ..Grammar::PLAIN
};

/// How a job begins that was cut off before its agent took over.
const DECORATORS: &[u8] = b"########## System Pipeline Decorator(s) ####";

/// A stamped section line. GitHub's service writes a few of them, too, before
/// its runner takes over.
fn is_azure(line: &[u8]) -> bool {
    // Every line of a head is asked, and most are plain.
    if memchr::memchr(b'#', line).is_none() {
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
