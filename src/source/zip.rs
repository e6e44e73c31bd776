//! Zip archives: the listed entries in parallel, or what can be found where the
//! list is damaged.

mod directory;
mod local;
mod rebuild;
mod rescue;

use super::budget::{Budget, Metered};
use super::decode::unpack_entry;
use super::error::{ReadError, problem_of};
use super::file::{Cursor, ReadAt};
use super::lookahead::Lookahead;
use super::unpack::Unpacker;
use crate::origin::{Origin, ProblemKind};
use directory::{Directory, Entry};
use local::Local;
use std::io::{self, Read};
use std::sync::atomic::{AtomicBool, Ordering::Relaxed};

impl Unpacker<'_> {
    /// Visits the entries of a zip.
    pub(super) fn zip(&self, origin: &Origin, bytes: &dyn ReadAt, depth: usize) {
        let listed = Directory::open(bytes)
            .and_then(|mut directory| self.listed(origin, bytes, &mut directory, depth));
        match listed {
            Ok(()) => {}
            Err(error) if error.kind == ProblemKind::OverLimit => self.report(origin, error),
            Err(mut error) => {
                error.detail += "; entries were read as far as they could be found; \
                                 hint: fetch the archive again";
                self.report(origin, error);
                self.rescue(origin, bytes, depth);
            }
        }
    }

    fn listed(
        &self,
        origin: &Origin,
        bytes: &dyn ReadAt,
        directory: &mut Directory<'_>,
        depth: usize,
    ) -> Result<(), ReadError> {
        directory.for_each_chunk(&mut |entries| self.chunk(origin, bytes, entries, depth))
    }

    fn chunk(
        &self,
        origin: &Origin,
        bytes: &dyn ReadAt,
        entries: &[Entry],
        depth: usize,
    ) -> Result<(), ReadError> {
        let skipped = AtomicBool::new(false);
        let job = |i: usize| match self.budget.entry() {
            Ok(()) => self.entry(origin, bytes, &entries[i], depth),
            Err(_) => skipped.store(true, Relaxed),
        };
        self.run(entries, &job);
        if skipped.load(Relaxed) {
            return self.budget.entry();
        }
        Ok(())
    }

    /// Runs in parallel, unless a limit is sure to be passed: where that happens
    /// should not depend on which thread was faster.
    fn run(&self, entries: &[Entry], job: &(dyn Fn(usize) + Sync)) {
        let sizes = entries.iter().map(|entry| entry.size);
        if self.budget.would_refuse(sizes.fold(0, u64::saturating_add)) {
            (0..entries.len()).for_each(job);
        } else {
            self.visitor.fork(entries.len(), job);
        }
    }

    fn entry(&self, origin: &Origin, bytes: &dyn ReadAt, entry: &Entry, depth: usize) {
        if entry.is_directory() {
            return;
        }
        let origin = origin.entry(&entry.name);
        match open_entry(bytes, entry, &self.budget) {
            Ok(mut reader) => self.stream(&origin, &mut reader, depth),
            Err(error) => self.report(&origin, error),
        }
    }
}

fn open_entry<'r>(
    bytes: &'r dyn ReadAt,
    entry: &Entry,
    budget: &'r Budget<'r>,
) -> Result<Metered<'r>, ReadError> {
    if entry.encrypted {
        return Err(encrypted());
    }
    let missing = || ReadError::damaged("the header of this zip entry is missing");
    let local = Local::read(bytes, entry.header).map_err(|error| class(&error))?;
    let local = local.ok_or_else(missing)?;
    let packed = Cursor::new(bytes, local.data).take(entry.packed);
    let decoder = unpack_entry(entry.method, Lookahead::new(packed));
    let decoder = decoder.map_err(|error| ReadError::from_decoder(&error))?;
    let verified = Verified::new(decoder, entry.size, entry.crc);
    Ok(Metered::new(Box::new(verified), budget))
}

fn encrypted() -> ReadError {
    let detail = "encrypted; hint: unpack the archive with its password and scan the files";
    ReadError::new(ProblemKind::Encrypted, detail)
}

fn class(error: &io::Error) -> ReadError {
    let (kind, detail) = problem_of(error);
    ReadError::new(kind, detail)
}

/// A decompressed entry, held against the size and the checksum on record.
struct Verified<'r> {
    inner: Box<dyn Read + Send + 'r>,
    left: u64,
    overflows: bool,
    expected: u32,
    crc: crc32fast::Hasher,
}

impl<'r> Verified<'r> {
    fn new(inner: Box<dyn Read + Send + 'r>, size: u64, expected: u32) -> Self {
        Self {
            inner,
            left: size,
            overflows: false,
            expected,
            crc: crc32fast::Hasher::new(),
        }
    }

    fn check(&self) -> Result<(), ReadError> {
        let detail = if self.overflows {
            "the entry is larger than the archive says; the rest was not read"
        } else if self.left > 0 {
            "the entry ends before its end"
        } else if self.crc.clone().finalize() != self.expected {
            "the checksum of the entry does not match"
        } else {
            return Ok(());
        };
        Err(ReadError::damaged(detail))
    }
}

impl Read for Verified<'_> {
    fn read(&mut self, buf: &mut [u8]) -> io::Result<usize> {
        let n = if self.overflows {
            0
        } else {
            self.inner.read(buf)?
        };
        let kept = usize::try_from(self.left).map_or(n, |left| left.min(n));
        self.overflows |= kept < n;
        self.left -= kept as u64;
        self.crc.update(&buf[..kept]);
        if kept == 0 && !buf.is_empty() {
            self.check()?;
        }
        Ok(kept)
    }
}
