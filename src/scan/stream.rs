//! Logs that only come in order: standard input, entries of archives.

use super::Run;
use super::block::{Block, Cutter};
use super::buffer::{Buffer, Stream};
use crate::log::Landmark;
use crate::origin::Origin;
use rayon::prelude::*;
use std::io;
use std::ops::Range;
use std::sync::atomic::Ordering;

/// Scans a stream: while one batch is scanned, the next one is read. At most
/// two batches are in memory.
pub(super) fn scan(run: &Run<'_>, origin: &Origin, stream: Stream<'_>) {
    let mut incoming = read(run, stream);
    let cutter = run.cutter(origin, incoming.buffer.bytes());
    let mut held = Held {
        buffer: Buffer::default(),
        base: 0,
    };
    let mut blocks = Vec::new();
    let mut next = 0;
    loop {
        held.buffer.append(&mut incoming.buffer);
        run.buffers.give_back(incoming.buffer);
        let ended = incoming.ended;
        let ready = next..held.ready(&cutter, ended).max(next);
        next = ready.end;
        if ended {
            blocks.extend(held.scan(run, &cutter, ready, true));
            break;
        }
        let read_on = || read(run, stream);
        let scan_held = || held.scan(run, &cutter, ready, false);
        let (more, scanned) = together(run, read_on, scan_held);
        incoming = more;
        blocks.extend(scanned);
        held.forget(cutter.window_of(next..next, u64::MAX).start);
    }
    run.buffers.give_back(held.buffer);
    if let Some(error) = incoming.error {
        run.unread(origin, &error);
    }
    // All of them were read for landmarks, except the last.
    let recall = |unread: &[_]| {
        debug_assert!(unread.is_empty());
        Landmark::default()
    };
    run.take(origin, cutter.format, blocks.into_iter(), &recall);
}

/// Both at once, unless as many streams as there are threads do so already:
/// a waiting thread would open yet another one, and another.
fn together<A: Send, B: Send>(
    run: &Run<'_>,
    a: impl FnOnce() -> A + Send,
    b: impl FnOnce() -> B + Send,
) -> (A, B) {
    let others = run.streams.fetch_add(1, Ordering::Relaxed);
    let out = if others < rayon::current_num_threads() {
        rayon::join(a, b)
    } else {
        (a(), b())
    };
    run.streams.fetch_sub(1, Ordering::Relaxed);
    out
}

/// What one read gave.
struct Incoming {
    buffer: Buffer,
    ended: bool,
    error: Option<io::Error>,
}

/// Up to a batch. An error ends the stream; what came before it is kept.
fn read(run: &Run<'_>, stream: Stream<'_>) -> Incoming {
    let most = run.options.batch;
    let mut incoming = Incoming {
        buffer: run.buffers.take(),
        ended: false,
        error: None,
    };
    while !incoming.ended && incoming.buffer.len() < most {
        match incoming.buffer.read(stream, most) {
            Ok(read) => incoming.ended = read == 0,
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            Err(error) => (incoming.ended, incoming.error) = (true, Some(error)),
        }
    }
    incoming
}

/// The part of the stream that is in memory.
struct Held {
    buffer: Buffer,
    /// Offset of its first byte.
    base: u64,
}

impl Held {
    fn end(&self) -> u64 {
        self.base + self.buffer.len() as u64
    }

    /// Blocks before this number can be scanned.
    fn ready(&self, cutter: &Cutter<'_>, ended: bool) -> u64 {
        if ended {
            return cutter.count(self.end());
        }
        // The last blocks whose surroundings have not all come are left.
        let mut count = cutter.count(self.end());
        while count > 0 && cutter.window_of(count - 1..count, u64::MAX).end > self.end() {
            count -= 1;
        }
        count
    }

    fn scan(
        &self,
        run: &Run<'_>,
        cutter: &Cutter<'_>,
        ready: Range<u64>,
        ended: bool,
    ) -> Vec<Block> {
        let len = ended.then(|| self.end());
        let scan = |index| cutter.block(self.buffer.bytes(), self.base, index, len);
        let blocks: Vec<Block> = if ready.end - ready.start < 2 {
            ready.filter_map(scan).collect()
        } else {
            ready.into_par_iter().filter_map(scan).collect()
        };
        for block in &blocks {
            (run.options.progress)(block.bytes());
        }
        blocks
    }

    fn forget(&mut self, before: u64) {
        let gone = (before.saturating_sub(self.base) as usize).min(self.buffer.len());
        self.buffer.forget(gone);
        self.base += gone as u64;
    }
}
