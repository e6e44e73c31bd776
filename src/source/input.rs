//! The sources: standard input, files, bytes in memory, streams and directories.

use super::error::ReadError;
use super::file::LogFile;
use super::unpack::Unpacker;
use super::{Options, Source, Visitor};
use crate::origin::{Origin, Problem, ProblemKind};
use std::fs::File;
use std::io;
use std::path::{Path, PathBuf};
use walkdir::{DirEntry, WalkDir};

/// Files of a directory visited at a time, so that millions of names are never
/// held at once.
const CHUNK: usize = 4096;

/// Standard input, shown as `-`.
pub(super) struct StandardInput;

impl Source for StandardInput {
    fn visit(&self, options: &Options, visitor: &dyn Visitor) {
        Unpacker::visit_stream(options, visitor, &Origin::new("-"), io::stdin());
    }
}

/// A regular file.
pub(super) struct RegularFile(pub(super) PathBuf);

impl Source for RegularFile {
    fn visit(&self, options: &Options, visitor: &dyn Visitor) {
        visit_file(&self.0, options, visitor);
    }
}

/// A regular file that is open already.
pub(super) struct Opened {
    pub(super) origin: Origin,
    pub(super) file: File,
}

impl Source for Opened {
    fn visit(&self, options: &Options, visitor: &dyn Visitor) {
        match self.file.try_clone().and_then(LogFile::of) {
            Ok(file) => Unpacker::visit_file(options, visitor, &self.origin, &file),
            Err(error) => visitor.problem(unopened(&self.origin, &error)),
        }
    }
}

/// Bytes in memory.
pub(super) struct Held {
    pub(super) origin: Origin,
    pub(super) bytes: Vec<u8>,
}

impl Source for Held {
    fn visit(&self, options: &Options, visitor: &dyn Visitor) {
        Unpacker::visit_stream(options, visitor, &self.origin, &self.bytes[..]);
    }
}

/// Something to be read in order: a FIFO, a device.
pub(super) struct Stream(pub(super) PathBuf);

impl Source for Stream {
    fn visit(&self, options: &Options, visitor: &dyn Visitor) {
        let origin = origin(&self.0);
        match File::open(&self.0) {
            Ok(file) => Unpacker::visit_stream(options, visitor, &origin, file),
            Err(error) => visitor.problem(unopened(&origin, &error)),
        }
    }
}

/// A directory with all that is below it. Links to files are followed, links to
/// directories are not; FIFOs, sockets and devices are passed over.
pub(super) struct Directory(pub(super) PathBuf);

impl Source for Directory {
    fn visit(&self, options: &Options, visitor: &dyn Visitor) {
        let mut files = self.files(options, visitor);
        loop {
            let chunk: Vec<PathBuf> = files.by_ref().take(CHUNK).collect();
            if chunk.is_empty() {
                return;
            }
            let job = |i: usize| visit_file(&chunk[i], options, visitor);
            visitor.fork(chunk.len(), &job);
        }
    }
}

impl Directory {
    /// Paths of the files to visit, sorted within each directory.
    fn files<'a>(
        &'a self,
        options: &'a Options,
        visitor: &'a dyn Visitor,
    ) -> impl Iterator<Item = PathBuf> + 'a {
        WalkDir::new(&self.0)
            .sort_by_file_name()
            .into_iter()
            .filter_entry(|entry| entry.depth() == 0 || !options.excludes(self.below(entry)))
            .filter_map(move |entry| match entry {
                Ok(entry) => self.file(entry, options, visitor),
                Err(error) => {
                    visitor.problem(self.unwalked(&error));
                    None
                }
            })
    }

    fn file(&self, entry: DirEntry, options: &Options, visitor: &dyn Visitor) -> Option<PathBuf> {
        if entry.file_type().is_dir() || !options.includes(self.below(&entry)) {
            return None;
        }
        let is_file = if entry.path_is_symlink() {
            match std::fs::metadata(entry.path()) {
                Ok(metadata) => metadata.is_file(),
                Err(error) => {
                    visitor.problem(unopened(&origin(entry.path()), &error));
                    false
                }
            }
        } else {
            entry.file_type().is_file()
        };
        is_file.then(|| entry.into_path())
    }

    fn below<'e>(&self, entry: &'e DirEntry) -> &'e Path {
        let path = entry.path();
        path.strip_prefix(&self.0).unwrap_or(path)
    }

    fn unwalked(&self, error: &walkdir::Error) -> Problem {
        let origin = origin(error.path().unwrap_or(&self.0));
        let detail = format!("failed to list the directory: {error}");
        Problem::new(&origin, ProblemKind::Unreadable, detail)
    }
}

/// The path as given, and bytes that are not UTF-8 replaced: for showing only.
fn origin(path: &Path) -> Origin {
    Origin::new(path.to_string_lossy())
}

fn visit_file(path: &Path, options: &Options, visitor: &dyn Visitor) {
    let origin = origin(path);
    match LogFile::open(path) {
        Ok(file) if file.is_empty() => visit_empty(path, &file, &origin, options, visitor),
        Ok(file) => Unpacker::visit_file(options, visitor, &origin, &file),
        Err(error) => visitor.problem(unopened(&origin, &error)),
    }
}

/// Files that the kernel makes up (`/proc`) say they are empty and are not.
fn visit_empty(
    path: &Path,
    file: &LogFile,
    origin: &Origin,
    options: &Options,
    visitor: &dyn Visitor,
) {
    match File::open(path) {
        Ok(stream) if file.has_bytes() => {
            Unpacker::visit_stream(options, visitor, origin, stream);
        }
        _ => Unpacker::visit_file(options, visitor, origin, file),
    }
}

fn unopened(origin: &Origin, error: &io::Error) -> Problem {
    let hint = match error.kind() {
        io::ErrorKind::NotFound => "; hint: check the path",
        io::ErrorKind::PermissionDenied => "; hint: run as a user who may read it",
        _ => "",
    };
    let detail = format!("failed to open: {error}{hint}");
    ReadError::new(ProblemKind::Unreadable, detail).at(origin)
}
