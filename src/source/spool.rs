//! Bytes of a stream kept for random access: in memory as far as the pool goes,
//! then in a temporary file without a name.

use super::error::ReadError;
use super::file::{ReadAt, pread};
use std::fs::File;
use std::io::{self, Read, Write};
use std::sync::atomic::{AtomicU64, Ordering::Relaxed};

/// Memory and disk are taken from the pool in steps of this many bytes.
const STEP: usize = 1 << 20;

/// Room for spooled bytes, shared by all that spool at the same time.
#[derive(Debug)]
pub(super) struct Pool {
    memory: AtomicU64,
    disk: AtomicU64,
}

impl Pool {
    pub(super) fn new(memory: usize, disk: u64) -> Self {
        Self {
            memory: (memory as u64).into(),
            disk: disk.into(),
        }
    }
}

fn take(room: &AtomicU64, n: usize) -> bool {
    let less = |left: u64| left.checked_sub(n as u64);
    room.fetch_update(Relaxed, Relaxed, less).is_ok()
}

/// Spooled bytes. Their room goes back to the pool when they are dropped.
pub(super) struct Spool<'p> {
    pool: &'p Pool,
    memory: Vec<u8>,
    disk: Option<File>,
    len: u64,
    taken_memory: u64,
    taken_disk: u64,
}

impl<'p> Spool<'p> {
    /// Reads all of `reader`. If that fails, what was read before is returned
    /// along with the error.
    pub(super) fn fill(pool: &'p Pool, reader: &mut dyn Read) -> (Self, io::Result<()>) {
        let mut spool = Self {
            pool,
            memory: Vec::new(),
            disk: None,
            len: 0,
            taken_memory: 0,
            taken_disk: 0,
        };
        let end = spool.read_all(reader);
        (spool, end)
    }

    fn read_all(&mut self, reader: &mut dyn Read) -> io::Result<()> {
        let mut buf = vec![0; 64 << 10];
        loop {
            match reader.read(&mut buf) {
                Ok(0) => return Ok(()),
                Ok(n) => self.push(&buf[..n])?,
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                Err(error) => return Err(error),
            }
        }
    }

    fn push(&mut self, bytes: &[u8]) -> io::Result<()> {
        if self.disk.is_none() && !self.grow_memory(bytes.len()) {
            self.spill()?;
        }
        if self.disk.is_some() {
            self.write(bytes)?;
        } else {
            self.memory.extend_from_slice(bytes);
        }
        self.len += bytes.len() as u64;
        Ok(())
    }

    /// Moves to disk. If that fails, memory keeps what it has.
    fn spill(&mut self) -> io::Result<()> {
        let file = tempfile::tempfile().map_err(|error| temporary(&error))?;
        let held = std::mem::take(&mut self.memory);
        self.disk = Some(file);
        if let Err(error) = self.write(&held) {
            (self.disk, self.memory) = (None, held);
            return Err(error);
        }
        self.give_back_memory();
        Ok(())
    }

    /// Makes room for `n` more bytes in memory, if the pool has it.
    fn grow_memory(&mut self, n: usize) -> bool {
        while self.memory.len() + n > self.taken_memory as usize {
            if !take(&self.pool.memory, STEP) {
                return false;
            }
            self.taken_memory += STEP as u64;
        }
        let room = self.taken_memory as usize - self.memory.len();
        self.memory.reserve_exact(room);
        true
    }

    fn write(&mut self, bytes: &[u8]) -> io::Result<()> {
        if !take(&self.pool.disk, bytes.len()) {
            let what = "too large to be kept in a temporary file";
            return Err(ReadError::over(what, "--max-spool").into());
        }
        self.taken_disk += bytes.len() as u64;
        let Some(file) = &mut self.disk else {
            return Ok(());
        };
        file.write_all(bytes)
            .map_err(|error| temporary(&error).into())
    }

    fn give_back_memory(&mut self) {
        self.pool.memory.fetch_add(self.taken_memory, Relaxed);
        self.taken_memory = 0;
    }
}

pub(super) fn temporary(error: &io::Error) -> ReadError {
    let detail = format!(
        "failed to write a temporary file: {error}; hint: set TMPDIR to a directory with room"
    );
    ReadError::new(crate::origin::ProblemKind::Unreadable, detail)
}

impl Drop for Spool<'_> {
    fn drop(&mut self) {
        self.give_back_memory();
        self.pool.disk.fetch_add(self.taken_disk, Relaxed);
    }
}

impl ReadAt for Spool<'_> {
    fn len(&self) -> u64 {
        self.len
    }

    fn read_at(&self, buf: &mut [u8], offset: u64) -> io::Result<usize> {
        if let Some(file) = &self.disk {
            return pread(file, buf, offset);
        }
        let from = usize::try_from(offset).unwrap_or(usize::MAX);
        self.memory.get(from..).unwrap_or_default().read(buf)
    }
}

#[cfg(test)]
mod tests {
    use super::super::file::read_full;
    use super::super::problem_of;
    use super::*;
    use crate::origin::ProblemKind;

    fn bytes(len: usize) -> Vec<u8> {
        (0..len).map(|i| (i / 3 + i % 253) as u8).collect()
    }

    fn content(spool: &Spool<'_>) -> Vec<u8> {
        let mut content = vec![0; spool.len() as usize + 1];
        let n = read_full(spool, &mut content, 0).unwrap();
        content.truncate(n);
        content
    }

    #[test]
    fn the_same_bytes_from_memory_and_disk() {
        let bytes = bytes(5 * STEP / 2);
        for (memory, on_disk) in [(4 * STEP, false), (2 * STEP, true), (0, true)] {
            let pool = Pool::new(memory, 1 << 30);
            let (spool, end) = Spool::fill(&pool, &mut &bytes[..]);
            assert!(end.is_ok());
            assert_eq!(spool.disk.is_some(), on_disk);
            assert!(content(&spool) == bytes);
            drop(spool);
            assert_eq!(pool.memory.into_inner(), memory as u64);
            assert_eq!(pool.disk.into_inner(), 1 << 30);
        }
    }

    #[test]
    fn the_pool_is_shared() {
        let pool = Pool::new(STEP, 1 << 30);
        let (first, _) = Spool::fill(&pool, &mut &b"first"[..]);
        let (second, _) = Spool::fill(&pool, &mut &b"second"[..]);
        assert!(first.disk.is_none() && second.disk.is_some());
        assert_eq!(content(&second), b"second");
    }

    #[test]
    fn a_full_disk_pool_keeps_what_was_read() {
        let bytes = bytes(3 * STEP);
        let pool = Pool::new(0, STEP as u64);
        let (spool, end) = Spool::fill(&pool, &mut &bytes[..]);
        assert_eq!(problem_of(&end.unwrap_err()).0, ProblemKind::OverLimit);
        assert!(content(&spool) == bytes[..STEP]);
    }
}
