//! Memory for the bytes of one log after the other.

use crate::source::LogFile;
use std::io::{self, Read};
use std::ops::Range;
use std::sync::{Mutex, PoisonError};

pub(super) type Stream<'a> = &'a mut (dyn Read + Send);

/// Bytes, and room behind them that held others before: to clear it would cost as
/// much as to inflate into it.
#[derive(Default)]
pub(super) struct Buffer {
    room: Vec<u8>,
    len: usize,
}

impl Buffer {
    const FIRST: usize = 256 << 10;

    pub(super) fn bytes(&self) -> &[u8] {
        &self.room[..self.len]
    }

    pub(super) fn len(&self) -> usize {
        self.len
    }

    /// Reads on, up to `most` bytes in all. Returns how many came, none at the end.
    pub(super) fn read(&mut self, stream: Stream<'_>, most: usize) -> io::Result<usize> {
        if self.room.len() == self.len {
            let more = (2 * self.len).clamp(Self::FIRST.min(most), most);
            self.room.resize(more, 0);
        }
        let end = self.room.len().min(most);
        let read = stream.read(&mut self.room[self.len..end])?;
        self.len += read;
        Ok(read)
    }

    /// Reads the bytes `range` of a file in place of its own.
    pub(super) fn fill(&mut self, file: &LogFile, range: Range<u64>) -> io::Result<()> {
        let len = (range.end - range.start) as usize;
        if self.room.len() < len {
            self.room.resize(len.max(Self::FIRST), 0);
        }
        self.len = len;
        file.read(range.start, &mut self.room[..len])
    }

    /// Moves all bytes of `other` behind its own.
    pub(super) fn append(&mut self, other: &mut Self) {
        if self.len == 0 {
            std::mem::swap(self, other);
        } else {
            self.room.truncate(self.len);
            self.room.extend_from_slice(other.bytes());
            self.len = self.room.len();
        }
        other.len = 0;
    }

    /// Takes out the first bytes.
    pub(super) fn forget(&mut self, first: usize) {
        self.room.copy_within(first..self.len, 0);
        self.len -= first;
    }
}

/// Buffers that some log was done with.
#[derive(Default)]
pub(super) struct Buffers(Mutex<Vec<Buffer>>);

impl Buffers {
    fn with<T>(&self, change: impl FnOnce(&mut Vec<Buffer>) -> T) -> T {
        change(&mut self.0.lock().unwrap_or_else(PoisonError::into_inner))
    }

    pub(super) fn take(&self) -> Buffer {
        self.with(Vec::pop).unwrap_or_default()
    }

    pub(super) fn give_back(&self, mut buffer: Buffer) {
        if !buffer.room.is_empty() {
            buffer.len = 0;
            self.with(|buffers| buffers.push(buffer));
        }
    }
}
