//! Logs as GitHub lays them out.

use super::http::{Body, Writer};
use super::world::{Attempt, Job};
use std::io::{Cursor, Write};
use std::sync::Arc;
use zip::ZipWriter;
use zip::write::SimpleFileOptions;

/// The zip of an attempt: each job whole, and again by steps.
pub(crate) fn zip(attempt: &Attempt) -> Vec<u8> {
    let mut zip = ZipWriter::new(Cursor::new(Vec::new()));
    let mut file = |name: String, text: &str| {
        zip.start_file(name, SimpleFileOptions::default()).unwrap();
        zip.write_all(text.as_bytes()).unwrap();
    };
    for (number, job) in attempt.jobs.iter().enumerate() {
        file(format!("{number}_{}.txt", job.name), &text(job));
        for (step, (name, text)) in job.steps.iter().enumerate() {
            file(format!("{}/{}_{name}.txt", job.name, step + 1), text);
        }
    }
    zip.finish().unwrap().into_inner()
}

/// The log of a job.
pub(crate) fn text(job: &Job) -> String {
    job.steps.iter().map(|(_, text)| text.as_str()).collect()
}

/// One large text, never held whole: `line` over and over, and then `last`.
#[derive(Clone)]
pub(crate) struct Huge {
    block: Arc<Vec<u8>>,
    blocks: u64,
    last: Arc<Vec<u8>>,
}

const NAME: &[u8] = b"0_build.txt";

impl Huge {
    /// A text of at least `bytes`. Both lines end in a line break.
    pub(crate) fn new(bytes: u64, line: &str, last: &str) -> Self {
        let block = line.repeat((1 << 20) / line.len() + 1).into_bytes();
        Self {
            blocks: bytes.div_ceil(block.len() as u64),
            block: Arc::new(block),
            last: Arc::new(last.as_bytes().to_vec()),
        }
    }

    fn text_bytes(&self) -> u64 {
        self.blocks * self.block.len() as u64 + self.last.len() as u64
    }

    fn parts(&self) -> impl Iterator<Item = &[u8]> {
        let blocks = (0..self.blocks).map(|_| self.block.as_slice());
        blocks.chain([self.last.as_slice()])
    }

    /// A zip of it, stored: its size on the way is the size of the text.
    pub(crate) fn zip(&self) -> Body {
        let mut digest = crc32fast::Hasher::new();
        self.parts().for_each(|part| digest.update(part));
        let size = u32::try_from(self.text_bytes()).unwrap().to_le_bytes();
        let crc = digest.finalize().to_le_bytes();
        let name = u16::try_from(NAME.len()).unwrap().to_le_bytes();
        // Version 2.0, no flags, stored, no time; checksum, sizes, name.
        let common = [&[20, 0][..], &[0; 8], &crc, &size, &size, &name, &[0, 0]].concat();
        let local = [b"PK\x03\x04", &common[..], NAME].concat();
        let entry = [b"PK\x01\x02", &[20, 0][..], &common, &[0; 14], NAME].concat();
        let start = (local.len() as u64 + self.text_bytes()) as u32;
        let length = u32::try_from(entry.len()).unwrap().to_le_bytes();
        let end = [
            b"PK\x05\x06",
            &[0, 0, 0, 0, 1, 0, 1, 0][..],
            &length,
            &start.to_le_bytes(),
            &[0, 0],
        ];
        let tail = [entry, end.concat()].concat();
        let total = u64::from(start) + tail.len() as u64;
        let huge = self.clone();
        let writer: Writer = Box::new(move |out| {
            out.write_all(&local)?;
            huge.parts().try_for_each(|part| out.write_all(part))?;
            out.write_all(&tail)
        });
        Body::Made(total, writer)
    }
}
