//! Entries of a zip whose directory is missing or damaged (a download that broke
//! off), found by their local headers.

use super::super::budget::Metered;
use super::super::decode::{Method, unpack_entry};
use super::super::error::{ReadError, problem_at};
use super::super::file::{Cursor, ReadAt, read_full};
use super::super::lookahead::Lookahead;
use super::super::unpack::Unpacker;
use super::directory::Directory;
use super::local::Local;
use super::{Verified, encrypted};
use crate::origin::Origin;
use std::collections::HashMap;
use std::io::{self, BufRead, Read};
use std::sync::atomic::{AtomicU64, Ordering::Relaxed};

/// Bytes looked through at a time.
const BLOCK: usize = 64 << 10;

impl Unpacker<'_> {
    /// Visits every entry with a local header that the directory does not list.
    pub(super) fn rescue(&self, origin: &Origin, bytes: &dyn ReadAt, depth: usize) {
        let listed = Directory::open(bytes)
            .map(|mut directory| directory.listed(self.max_entries()))
            .unwrap_or_default();
        if let Err(error) = self.rescue_unlisted(origin, bytes, &listed, depth) {
            self.visitor.problem(problem_at(origin, &error));
        }
    }

    /// Every byte is looked through once at most: the search goes on behind what
    /// the entry has used.
    fn rescue_unlisted(
        &self,
        origin: &Origin,
        bytes: &dyn ReadAt,
        listed: &HashMap<u64, u64>,
        depth: usize,
    ) -> io::Result<()> {
        let mut at = 0;
        while let Some(header) = find(bytes, at, *b"PK\x03\x04")? {
            at = header + 4;
            let Some(local) = Local::read(bytes, header)? else {
                continue;
            };
            at = if let Some(&packed) = listed.get(&header) {
                behind(bytes, &local, packed, 0)
            } else {
                self.budget.entry()?;
                self.rescued(origin, bytes, &local, depth)?
            };
        }
        Ok(())
    }

    /// Visits one entry and returns the offset behind it.
    fn rescued(
        &self,
        origin: &Origin,
        bytes: &dyn ReadAt,
        local: &Local,
        depth: usize,
    ) -> io::Result<u64> {
        let used = AtomicU64::new(0);
        let is_directory = local.name.ends_with('/') && local.size == 0;
        if !is_directory {
            let origin = origin.entry(&local.name);
            match self.open_rescued(bytes, local, &used)? {
                Ok(mut reader) => self.stream(&origin, &mut reader, depth),
                Err(error) => self.report(&origin, error),
            }
        }
        let packed = if local.is_open_ended() {
            u64::MAX
        } else {
            local.packed
        };
        Ok(behind(bytes, local, packed, used.into_inner()))
    }

    fn open_rescued<'r>(
        &'r self,
        bytes: &'r dyn ReadAt,
        local: &Local,
        used: &'r AtomicU64,
    ) -> io::Result<Result<Metered<'r>, ReadError>> {
        if local.is_encrypted() {
            return Ok(Err(encrypted()));
        }
        let method = Method::from_code(local.method);
        let packed = Tracked {
            inner: Lookahead::new(Cursor::new(bytes, local.data).take(extent(bytes, local)?)),
            used,
        };
        let decoder = match unpack_entry(method, packed) {
            Ok(decoder) => decoder,
            Err(error) => return Ok(Err(ReadError::from_decoder(&error))),
        };
        let reader: Box<dyn Read + Send> = if local.is_open_ended() {
            decoder
        } else {
            Box::new(Verified::new(decoder, local.size, local.crc))
        };
        Ok(Ok(Metered::new(reader, &self.budget)))
    }
}

/// How many bytes may belong to the entry. Compressed data knows its end by
/// itself; stored data of unknown length goes on to the next signature.
fn extent(bytes: &dyn ReadAt, local: &Local) -> io::Result<u64> {
    if !local.is_open_ended() {
        return Ok(local.packed);
    }
    if Method::from_code(local.method) != Method::Stored {
        return Ok(u64::MAX);
    }
    let end = find(bytes, local.data, *b"PK\x07\x08")?.unwrap_or(bytes.len());
    Ok(end - local.data)
}

/// The offset behind an entry: by its length on record if that stays inside the
/// file, else by what was used.
fn behind(bytes: &dyn ReadAt, local: &Local, packed: u64, used: u64) -> u64 {
    let end = local.data.checked_add(packed);
    end.filter(|end| *end <= bytes.len())
        .unwrap_or(local.data + used)
}

/// The offset of the next `signature` at or after `at`.
fn find(bytes: &dyn ReadAt, mut at: u64, signature: [u8; 4]) -> io::Result<Option<u64>> {
    let mut block = vec![0; BLOCK];
    loop {
        let n = read_full(bytes, &mut block, at)?;
        if let Some(found) = memchr::memmem::find(&block[..n], &signature) {
            return Ok(Some(at + found as u64));
        }
        if n < BLOCK {
            return Ok(None);
        }
        // A signature may lie across the border.
        at += (n - (signature.len() - 1)) as u64;
    }
}

/// Counts what a decoder takes, to know where its data ends.
struct Tracked<'r, R> {
    inner: Lookahead<R>,
    used: &'r AtomicU64,
}

impl<R: Read> BufRead for Tracked<'_, R> {
    fn fill_buf(&mut self) -> io::Result<&[u8]> {
        self.inner.fill_buf()
    }

    fn consume(&mut self, n: usize) {
        self.used.fetch_add(n as u64, Relaxed);
        self.inner.consume(n);
    }
}

impl<R: Read> Read for Tracked<'_, R> {
    fn read(&mut self, buf: &mut [u8]) -> io::Result<usize> {
        let n = self.inner.read(buf)?;
        self.used.fetch_add(n as u64, Relaxed);
        Ok(n)
    }
}
