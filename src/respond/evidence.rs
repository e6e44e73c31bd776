//! Copies of logs that are kept before the logs are deleted: with every secret
//! masked, or whole and encrypted.

use super::fetch::Part;
use super::{Inspected, World};
use crate::origin::{Origin, Problem, ProblemKind};
use crate::redact::redact;
use crate::rule::Confidence;
use crate::scan;
use crate::seal::{Recipient, seal};
use std::fs::File;
use std::io::{self, Seek, SeekFrom};
use std::path::{Path, PathBuf};
use tempfile::NamedTempFile;

/// What is kept of the logs of a run that leaks.
#[derive(Debug, Clone, Default)]
pub struct Keep {
    /// Folder for copies with every secret masked.
    pub redacted: Option<PathBuf>,
    /// Who can read whole copies, and their folder.
    pub sealed: Option<(Recipient, PathBuf)>,
}

/// Keeps what is to be kept of a run that is acted on. What cannot be kept is a
/// problem, and the reason why nothing is deleted: a log that is gone cannot be
/// had back.
pub fn keep(world: &World<'_>, keep: &Keep, inspected: &mut Inspected) {
    if inspected.decided.cases.is_empty() {
        return;
    }
    let scan_ok = inspected.scanned.outcome.problems.is_empty();
    let mut problems = Vec::new();
    for part in &inspected.fetched.parts {
        let name = file_name(&inspected.fetched.key.repository, part);
        if let Some(folder) = &keep.redacted {
            problems.extend(keep_redacted(world, part, (folder, &name), scan_ok));
        }
        if let Some((recipient, folder)) = &keep.sealed {
            let path = folder.join(format!("{name}.age"));
            problems.extend(keep_sealed(recipient, part, &path));
        }
    }
    if let Some(first) = problems.first() {
        let why = format!("a copy could not be kept: {}", first.detail);
        inspected.decided.withheld = Some(why);
    }
    inspected.scanned.outcome.add_problems(problems);
}

/// `acme-shop-run-7-attempt-1.zip`. Names of repositories hold no separators
/// but the one slash.
fn file_name(repository: &str, part: &Part) -> String {
    format!("{}-{}", repository.replace('/', "-"), part.origin.as_str())
}

fn keep_redacted(
    world: &World<'_>,
    part: &Part,
    (folder, name): (&Path, &str),
    scan_ok: bool,
) -> Option<Problem> {
    let options = scan::Options {
        min_confidence: Confidence::Low,
        ..scan::Options::default()
    };
    let origin = Origin::new(name);
    let written = write(&folder.join(name), |out| {
        let redacted = redact(world.voice.detector, &origin, &part.file, options, out);
        let left_out = redacted.map_err(io::Error::other)?.problems;
        match left_out.first().filter(|_| scan_ok) {
            // What the scan could read belongs into the copy.
            Some(problem) => Err(io::Error::other(problem.detail.clone())),
            None => Ok(()),
        }
    });
    written.err().map(|error| problem(&origin, &error))
}

fn keep_sealed(recipient: &Recipient, part: &Part, path: &Path) -> Option<Problem> {
    let written = write(path, |out| {
        let mut input = part.file.try_clone()?;
        input.seek(SeekFrom::Start(0))?;
        seal(recipient, &mut input, out).map(drop)
    });
    let origin = Origin::new(path.display().to_string());
    written.err().map(|error| problem(&origin, &error))
}

fn problem(origin: &Origin, error: &io::Error) -> Problem {
    let detail = format!("the copy could not be kept: {error}");
    Problem::new(origin, ProblemKind::Unreadable, detail)
}

/// Writes a file, for its owner only, that is there whole or not at all.
fn write(path: &Path, fill: impl FnOnce(&mut File) -> io::Result<()>) -> io::Result<()> {
    let folder = path.parent().unwrap_or(Path::new(""));
    std::fs::create_dir_all(folder)?;
    let mut copy = NamedTempFile::new_in(folder)?;
    fill(copy.as_file_mut())?;
    copy.as_file().sync_all()?;
    copy.persist(path)?;
    Ok(())
}
