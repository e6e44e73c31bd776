//! The central directory, walked in chunks so that its size costs no memory.

use super::super::decode::Method;
use super::super::error::{ReadError, problem_of};
use super::super::file::{Cursor, ReadAt, read_full};
use crate::origin::ProblemKind;
use std::collections::HashMap;
use zip::CompressionMethod;
use zip::read::ZipFileEntry;
use zip::result::{ZipError, ZipResult};
use zip::unstable::read::ZipIterable;

/// Entries handed over at a time: enough to keep all threads busy.
const CHUNK: usize = 4096;

/// Bytes of names in one chunk; hostile names have 64 KiB each.
const CHUNK_NAMES: usize = 4 << 20;

/// Bytes of a directory header without its name, extra fields and comment.
const HEADER: usize = 46;

/// What the directory says about one entry.
pub(super) struct Entry {
    pub(super) name: String,
    pub(super) method: Method,
    pub(super) encrypted: bool,
    /// Offset of the local header.
    pub(super) header: u64,
    pub(super) packed: u64,
    pub(super) size: u64,
    pub(super) crc: u32,
    pub(super) modified: Option<zip::DateTime>,
    /// Permissions, where the directory tells.
    pub(super) mode: Option<u32>,
    /// Offset of the header in the directory.
    listed_at: u64,
}

impl Entry {
    fn new(entry: &ZipFileEntry<'_>) -> Self {
        Self {
            name: name(entry),
            method: method(entry.compression()),
            encrypted: entry.encrypted(),
            header: entry.header_start(),
            packed: entry.compressed_size(),
            size: entry.size(),
            crc: entry.crc32(),
            modified: entry.last_modified(),
            mode: entry.unix_mode(),
            listed_at: entry.central_header_start(),
        }
    }

    /// A folder has nothing to read; one with content is read as a log.
    pub(super) fn is_directory(&self) -> bool {
        self.size == 0 && self.name.ends_with(['/', '\\'])
    }
}

fn name(entry: &ZipFileEntry<'_>) -> String {
    entry.name().map_or_else(
        |_| String::from_utf8_lossy(entry.name_raw()).into_owned(),
        std::borrow::Cow::into_owned,
    )
}

fn method(method: CompressionMethod) -> Method {
    match method {
        CompressionMethod::Stored => Method::Stored,
        CompressionMethod::Deflated => Method::Deflate,
        CompressionMethod::Bzip2 => Method::Bzip2,
        CompressionMethod::Zstd => Method::Zstd,
        CompressionMethod::Xz => Method::Xz,
        other => Method::Other(code(other)),
    }
}

#[expect(
    deprecated,
    reason = "the crate offers no other way to the number of a foreign method"
)]
fn code(method: CompressionMethod) -> u16 {
    match method {
        CompressionMethod::Unsupported(code) => code,
        _ => u16::MAX,
    }
}

/// The list of entries at the end of a zip.
pub(super) struct Directory<'b> {
    bytes: &'b dyn ReadAt,
    archive: ZipIterable<Cursor<'b>>,
}

impl<'b> Directory<'b> {
    pub(super) fn open(bytes: &'b dyn ReadAt) -> Result<Self, ReadError> {
        let archive = ZipIterable::try_new(Cursor::new(bytes, 0), zip::read::Config::default());
        let archive = archive.map_err(|error| fault(&error))?;
        Ok(Self { bytes, archive })
    }

    /// Calls `visit` with the entries in order, some thousands at a time. Fails
    /// if `visit` does or, after all readable entries, if the directory is
    /// damaged or does not cover the archive.
    pub(super) fn for_each_chunk(
        &mut self,
        visit: &mut dyn FnMut(&[Entry]) -> Result<(), ReadError>,
    ) -> Result<(), ReadError> {
        let files = self.archive.files().map_err(|error| fault(&error))?;
        let (mut first, mut last) = (u64::MAX, None);
        loop {
            let (entries, end) = chunk(files);
            visit(&entries)?;
            first = entries
                .iter()
                .map(|entry| entry.header)
                .fold(first, u64::min);
            last = entries.last().map(|entry| entry.listed_at).or(last);
            end?;
            if entries.is_empty() {
                return check_cover(self.bytes, first, last);
            }
        }
    }

    /// Offsets of the local headers that are listed, with the lengths of what
    /// follows them; at most `max`.
    pub(super) fn listed(&mut self, max: usize) -> HashMap<u64, u64> {
        let files = self.archive.files().into_iter().flatten();
        files
            .map_while(Result::ok)
            .take(max)
            .map(|entry| (entry.header_start(), entry.compressed_size()))
            .collect()
    }
}

/// The next entries, none at the end, and the damage met behind them.
fn chunk(
    files: &mut dyn Iterator<Item = ZipResult<ZipFileEntry<'static>>>,
) -> (Vec<Entry>, Result<(), ReadError>) {
    let (mut entries, mut names) = (Vec::new(), 0);
    while entries.len() < CHUNK && names < CHUNK_NAMES {
        match files.next() {
            Some(Ok(entry)) => entries.push(Entry::new(&entry)),
            Some(Err(error)) => return (entries, Err(fault(&error))),
            None => break,
        }
        names += entries.last().map_or(0, |entry| entry.name.len());
    }
    (entries, Ok(()))
}

/// Finds entries that the directory as it was read passes over: those in front
/// of an archive that was appended to another, and those behind a count that
/// wrapped at 65,536.
fn check_cover(bytes: &dyn ReadAt, first: u64, last: Option<u64>) -> Result<(), ReadError> {
    if first > 0 && starts_with(bytes, 0, *b"PK\x03\x04") {
        return Err(ReadError::damaged(
            "the zip has entries that it does not list",
        ));
    }
    if last.is_some_and(|last| has_more(bytes, last)) {
        return Err(ReadError::damaged(
            "the zip lists more entries than it counts",
        ));
    }
    Ok(())
}

fn has_more(bytes: &dyn ReadAt, last: u64) -> bool {
    let mut header = [0; HEADER];
    if !matches!(read_full(bytes, &mut header, last), Ok(HEADER)) {
        return false;
    }
    let length = |at| u64::from(u16::from_le_bytes([header[at], header[at + 1]]));
    let next = last + HEADER as u64 + length(28) + length(30) + length(32);
    starts_with(bytes, next, *b"PK\x01\x02")
}

fn starts_with(bytes: &dyn ReadAt, at: u64, signature: [u8; 4]) -> bool {
    let mut found = [0; 4];
    matches!(read_full(bytes, &mut found, at), Ok(4)) && found == signature
}

fn fault(error: &ZipError) -> ReadError {
    let detail = format!("the directory of the zip is damaged or missing: {error}");
    let kind = match error {
        ZipError::Io(error) if problem_of(error).0 == ProblemKind::Unreadable => {
            ProblemKind::Unreadable
        }
        ZipError::UnsupportedArchive(_) => ProblemKind::Unsupported,
        _ => ProblemKind::Damaged,
    };
    ReadError::new(kind, detail)
}
