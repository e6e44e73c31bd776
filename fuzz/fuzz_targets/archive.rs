//! Archives of every kind, damaged and nested: read to their ends within the
//! limits.

#![no_main]

use leaksweep::origin::{Origin, Problem};
use leaksweep::source::{self, Body, Limits, Options, Visitor};
use libfuzzer_sys::fuzz_target;
use std::io::Write;
use std::sync::atomic::{AtomicU64, Ordering};

const MAX_TOTAL: u64 = 1 << 20;

#[derive(Default)]
struct Reader {
    bytes: AtomicU64,
}

impl Visitor for Reader {
    fn log(&self, _: &Origin, body: Body<'_>) {
        let read = match body {
            Body::File(file) => file.window(0..file.len()).map_or(0, |w| w.len() as u64),
            Body::Stream(stream) => drain(stream),
        };
        self.bytes.fetch_add(read, Ordering::Relaxed);
    }

    fn problem(&self, problem: Problem) {
        assert!(!problem.detail.is_empty());
    }

    fn fork(&self, n: usize, job: &(dyn Fn(usize) + Sync)) {
        (0..n).for_each(job);
    }
}

/// Bytes up to the end or the first error: what was given counts either way.
fn drain(stream: &mut dyn std::io::Read) -> u64 {
    let mut buffer = [0; 8 << 10];
    let mut bytes = 0;
    while let Ok(read @ 1..) = stream.read(&mut buffer) {
        bytes += read as u64;
    }
    bytes
}

fuzz_target!(|data: &[u8]| {
    let limits = Limits {
        max_depth: 3,
        max_entries: 64,
        max_ratio: 1000,
        max_total: MAX_TOTAL,
        spool_memory: 64 << 10,
        max_spool: MAX_TOTAL,
    };
    let mut file = tempfile::NamedTempFile::new().expect("a temporary file can be made");
    file.write_all(data)
        .expect("a temporary file can be written");
    let reader = Reader::default();
    source::open(file.path()).visit(&Options::new(None, None, limits), &reader);
    // What is not compressed does not count towards the limit.
    let most = MAX_TOTAL + data.len() as u64;
    assert!(reader.bytes.into_inner() <= most);
});
