//! Files read by windows, and random access for archive directories.

use super::error::ReadError;
use memmap2::{Mmap, MmapOptions};
use std::fs::{File, Metadata};
use std::io::{self, Read, Seek, SeekFrom};
use std::ops::{Deref, Range};
use std::path::Path;
use std::time::Duration;

/// Windows of at least so many bytes are mapped. What stays in the second level of the
/// processor's cache costs less to copy than the page faults of a mapping do.
pub const MAPPED: u64 = 1 << 20;

/// A file changed so lately may still be written to or rotated.
const LIVE: Duration = Duration::from_secs(2);

/// Bytes a [`Cursor`] fetches at a time.
const BLOCK: usize = 32 << 10;

/// Bytes at any offset, from any thread.
pub(super) trait ReadAt: Sync {
    fn len(&self) -> u64;

    /// Reads what `buf` holds or less; 0 at the end.
    fn read_at(&self, buf: &mut [u8], offset: u64) -> io::Result<usize>;
}

/// A regular file of which windows can be had in any order.
#[derive(Debug)]
pub struct LogFile {
    file: File,
    len: u64,
    live: bool,
}

impl LogFile {
    /// Opens the regular file at `path`.
    pub fn open(path: &Path) -> io::Result<Self> {
        Self::of(File::open(path)?)
    }

    /// The regular file that is open as `file`.
    pub fn of(file: File) -> io::Result<Self> {
        let metadata = file.metadata()?;
        Ok(Self {
            file,
            len: metadata.len(),
            live: is_live(&metadata),
        })
    }

    /// Length in bytes when the file was opened; what is appended later is not
    /// read.
    pub fn len(&self) -> u64 {
        self.len
    }

    /// Whether the file has no bytes.
    pub fn is_empty(&self) -> bool {
        self.len == 0
    }

    /// Whether the file was changed in the two seconds before it was opened: its bytes
    /// may change again.
    pub fn is_live(&self) -> bool {
        self.live
    }

    /// Whether bytes can be read although the length says there are none.
    pub(super) fn has_bytes(&self) -> bool {
        matches!(pread(&self.file, &mut [0], 0), Ok(1))
    }

    /// The bytes `range` of the file. Windows of [`MAPPED`] bytes or more are mapped into
    /// memory, smaller ones and those of a file changed in the last two seconds are
    /// copied. Fails if the range is not inside the file, or if the file has
    /// become shorter.
    pub fn window(&self, range: Range<u64>) -> io::Result<Window> {
        let len = range.end.checked_sub(range.start);
        let Some(len) = len.filter(|_| range.end <= self.len) else {
            return Err(io::ErrorKind::InvalidInput.into());
        };
        if len >= MAPPED
            && !self.live
            && let Some(map) = self.map(range.start, len)
        {
            return Ok(Window(Bytes::Mapped(map)));
        }
        self.copy(range.start, len)
            .map(|bytes| Window(Bytes::Copied(bytes)))
    }

    /// None where the file system cannot map; copying then tells why.
    #[expect(unsafe_code, reason = "mapping is the fastest way to read large files")]
    fn map(&self, start: u64, len: u64) -> Option<Mmap> {
        let len = usize::try_from(len).ok()?;
        let mut options = MmapOptions::new();
        // Not populated: that holds the lock on all mappings, for which every thread waits that
        // maps the next log, and to touch the pages one after the other costs less.
        options.offset(start).len(len);
        // A file cut before this call would fault at the first touch.
        if self.file.metadata().ok()?.len() < self.len {
            return None;
        }
        // SAFETY: the mapping is read-only and private, and nobody in this
        // process writes to the file. Another process can: bytes that change
        // under the scan make wrong matches, not wrong memory, because they are
        // only ever read as bytes. If it *truncates* the file, touching a page
        // past the new end raises SIGBUS and ends the process. The ways this
        // happens to logs are writing and rotation in progress, so files
        // changed in the last two seconds are never mapped; and windows are
        // short-lived and checked against the length just before.
        unsafe { options.map(&self.file) }.ok()
    }

    fn copy(&self, start: u64, len: u64) -> io::Result<Vec<u8>> {
        let len = usize::try_from(len).map_err(|_| io::ErrorKind::InvalidInput)?;
        let mut bytes = vec![0; len];
        self.read(start, &mut bytes)?;
        Ok(bytes)
    }

    /// Reads as many bytes as `buffer` has, from offset `start` on. Fails if the file has not
    /// so many, or has become shorter.
    pub fn read(&self, start: u64, buffer: &mut [u8]) -> io::Result<()> {
        if read_full(self, buffer, start)? < buffer.len() {
            return Err(ReadError::damaged("the file became shorter while it was read").into());
        }
        Ok(())
    }
}

fn is_live(metadata: &Metadata) -> bool {
    // A clock or file system without an answer is taken as "may be growing".
    let age = metadata
        .modified()
        .ok()
        .and_then(|time| time.elapsed().ok());
    age.is_none_or(|age| age < LIVE)
}

impl ReadAt for LogFile {
    fn len(&self) -> u64 {
        self.len
    }

    fn read_at(&self, buf: &mut [u8], offset: u64) -> io::Result<usize> {
        let left = self.len.saturating_sub(offset);
        let fits = usize::try_from(left).map_or(buf.len(), |left| left.min(buf.len()));
        pread(&self.file, &mut buf[..fits], offset)
    }
}

#[cfg(unix)]
pub(super) fn pread(file: &File, buf: &mut [u8], offset: u64) -> io::Result<usize> {
    std::os::unix::fs::FileExt::read_at(file, buf, offset)
}

#[cfg(windows)]
pub(super) fn pread(file: &File, buf: &mut [u8], offset: u64) -> io::Result<usize> {
    std::os::windows::fs::FileExt::seek_read(file, buf, offset)
}

/// Reads until `buf` is full or the bytes end; returns how many there were.
pub(super) fn read_full(bytes: &dyn ReadAt, buf: &mut [u8], offset: u64) -> io::Result<usize> {
    let mut filled = 0;
    while filled < buf.len() {
        match bytes.read_at(&mut buf[filled..], offset + filled as u64) {
            Ok(0) => break,
            Ok(n) => filled += n,
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            Err(error) => return Err(ReadError::unreadable(&error).into()),
        }
    }
    Ok(filled)
}

/// Some bytes of a [`LogFile`].
#[derive(Debug)]
pub struct Window(Bytes);

#[derive(Debug)]
enum Bytes {
    Mapped(Mmap),
    Copied(Vec<u8>),
}

impl Deref for Window {
    type Target = [u8];

    fn deref(&self) -> &[u8] {
        match &self.0 {
            Bytes::Mapped(map) => map,
            Bytes::Copied(bytes) => bytes,
        }
    }
}

/// A position in random-access bytes. It keeps its block over a seek, which
/// makes the many short jumps through a zip directory cheap.
pub(super) struct Cursor<'b> {
    bytes: &'b dyn ReadAt,
    position: u64,
    block: Vec<u8>,
    block_start: u64,
}

impl<'b> Cursor<'b> {
    pub(super) fn new(bytes: &'b dyn ReadAt, position: u64) -> Self {
        Self {
            bytes,
            position,
            block: Vec::new(),
            block_start: 0,
        }
    }

    /// What of the block lies at and after the position.
    fn cached(&self) -> &[u8] {
        let skip = self.position.checked_sub(self.block_start);
        skip.and_then(|skip| self.block.get(usize::try_from(skip).ok()?..))
            .unwrap_or_default()
    }

    fn fetch(&mut self) -> io::Result<()> {
        self.block.resize(BLOCK, 0);
        let read = read_full(self.bytes, &mut self.block, self.position);
        self.block.truncate(*read.as_ref().unwrap_or(&0));
        self.block_start = self.position;
        read.map(drop)
    }
}

impl Read for Cursor<'_> {
    fn read(&mut self, buf: &mut [u8]) -> io::Result<usize> {
        let n = if self.cached().is_empty() && buf.len() >= BLOCK {
            read_full(self.bytes, buf, self.position)?
        } else {
            if self.cached().is_empty() {
                self.fetch()?;
            }
            let cached = self.cached();
            let n = cached.len().min(buf.len());
            buf[..n].copy_from_slice(&cached[..n]);
            n
        };
        self.position += n as u64;
        Ok(n)
    }
}

impl Seek for Cursor<'_> {
    fn seek(&mut self, to: SeekFrom) -> io::Result<u64> {
        let position = match to {
            SeekFrom::Start(offset) => Some(offset),
            SeekFrom::End(delta) => self.bytes.len().checked_add_signed(delta),
            SeekFrom::Current(delta) => self.position.checked_add_signed(delta),
        };
        // Far beyond any file, yet sums of offsets stay inside u64.
        let position = position.filter(|position| *position < u64::MAX / 2);
        self.position = position.ok_or(io::ErrorKind::InvalidInput)?;
        Ok(self.position)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn pattern(len: usize) -> Vec<u8> {
        (0..len).map(|i| (i / 7 + i % 251) as u8).collect()
    }

    fn file(bytes: &[u8], live: bool) -> (tempfile::TempDir, LogFile) {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("log");
        std::fs::write(&path, bytes).unwrap();
        let mut log = LogFile::open(&path).unwrap();
        log.live = live;
        (dir, log)
    }

    #[test]
    fn windows_are_the_same_mapped_and_copied() {
        let len = 2 * MAPPED;
        let bytes = pattern(len as usize);
        for live in [false, true] {
            let (_dir, log) = file(&bytes, live);
            for range in [0..len, 5..5, 4097..len - 1, len - 1..len] {
                let window = log.window(range.clone()).unwrap();
                assert_eq!(&*window, &bytes[range.start as usize..range.end as usize]);
            }
            let mapped = log.window(0..MAPPED).unwrap();
            assert_eq!(matches!(mapped.0, Bytes::Mapped(_)), !live);
            let copied = log.window(1..MAPPED).unwrap();
            assert!(matches!(copied.0, Bytes::Copied(_)));
        }
    }

    #[test]
    fn a_fresh_file_counts_as_live() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("log");
        std::fs::write(&path, b"x").unwrap();
        assert!(LogFile::open(&path).unwrap().live);
        let old = std::time::SystemTime::now() - Duration::from_secs(60);
        let file = File::options().write(true).open(&path).unwrap();
        file.set_modified(old).unwrap();
        assert!(!LogFile::open(&path).unwrap().live);
    }

    #[test]
    fn a_window_outside_the_file_is_refused() {
        let (_dir, log) = file(b"abc", true);
        assert!(log.window(1..4).is_err());
        let (start, end) = (2, 1);
        assert!(log.window(start..end).is_err());
    }

    #[test]
    fn a_file_cut_meanwhile_is_damaged_not_shorter() {
        for live in [false, true] {
            let (dir, log) = file(&pattern(MAPPED as usize), live);
            let path = dir.path().join("log");
            let writer = File::options().write(true).open(path).unwrap();
            writer.set_len(10).unwrap();
            let error = log.window(0..MAPPED).unwrap_err();
            assert!(error.to_string().contains("became shorter"));
        }
    }

    #[test]
    fn a_cursor_reads_the_same_bytes_by_any_steps() {
        let bytes = pattern(100_000);
        let (_dir, log) = file(&bytes, true);
        for step in [1, 1000, 32 << 10, 90_000] {
            let mut cursor = Cursor::new(&log, 3);
            let mut read = Vec::new();
            let mut buf = vec![0; step];
            loop {
                match cursor.read(&mut buf).unwrap() {
                    0 => break,
                    n => read.extend_from_slice(&buf[..n]),
                }
            }
            assert!(read == bytes[3..]);
            cursor.seek(SeekFrom::End(-1)).unwrap();
            assert_eq!(cursor.read(&mut buf).unwrap(), 1);
        }
        assert!(Cursor::new(&log, 0).seek(SeekFrom::Current(-1)).is_err());
    }
}
