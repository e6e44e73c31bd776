//! A log in blocks that are cut where records begin.

use crate::log::{self, ECHO_REACH, LogFormat};
use crate::source::LogFile;
use std::io::{self, Read};
use std::ops::Range;

/// Bytes of a block, at least.
const BLOCK: usize = 1 << 20;
/// How far behind that a block may end, to end where a record begins.
const SLACK: usize = 256 << 10;

/// The windows of a file, one after the other.
pub(super) struct InOrder<'f> {
    file: &'f LogFile,
    at: u64,
}

impl<'f> InOrder<'f> {
    pub(super) fn new(file: &'f LogFile) -> Self {
        Self { file, at: 0 }
    }
}

impl Read for InOrder<'_> {
    fn read(&mut self, buf: &mut [u8]) -> io::Result<usize> {
        let end = self.file.len().min(self.at + buf.len() as u64);
        let window = self.file.window(self.at..end)?;
        buf[..window.len()].copy_from_slice(&window);
        self.at = end;
        Ok(window.len())
    }
}

/// Cuts a log into blocks. Where depends on the log alone.
pub(super) struct Blocks<'r> {
    log: &'r mut dyn Read,
    held: Vec<u8>,
    /// The next block begins here.
    next: usize,
    ended: bool,
}

impl<'r> Blocks<'r> {
    pub(super) fn new(log: &'r mut dyn Read) -> Self {
        let mut blocks = Self {
            log,
            held: Vec::new(),
            next: 0,
            ended: false,
        };
        blocks.fill(BLOCK + SLACK + ECHO_REACH);
        blocks
    }

    /// The bytes that the log begins with.
    pub(super) fn head(&self) -> &[u8] {
        &self.held[..self.held.len().min(log::HEAD)]
    }

    /// Reads on until so many bytes are held, or the end. An error is an end,
    /// too: what came before it is read.
    fn fill(&mut self, size: usize) {
        let missing = size.saturating_sub(self.held.len()) as u64;
        let part = self.log.take(missing).read_to_end(&mut self.held);
        self.ended |= part.is_err() || self.held.len() < size;
    }

    /// What is held, and where in it the next block lies.
    pub(super) fn next(&mut self, format: LogFormat) -> Option<(&[u8], Range<usize>)> {
        self.held.drain(..self.next);
        self.next = 0;
        if !self.ended {
            self.fill(BLOCK + SLACK + ECHO_REACH);
        }
        let limit = self.held.len().min(BLOCK + SLACK);
        let cut = log::next_record(format, &self.held[..limit], BLOCK.min(limit));
        self.next = cut.unwrap_or(limit);
        (self.next > 0).then_some((&*self.held, 0..self.next))
    }
}
