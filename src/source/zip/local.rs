//! The header in front of each entry.

use super::super::file::{ReadAt, read_full};
use std::io;

/// Bytes of a local header without its name and extra fields.
const HEADER: usize = 30;

/// A size field that says "look into the zip64 extra field".
const IN_ZIP64: u64 = u32::MAX as u64;

/// What a local header says. Sizes and checksum are 0 where they follow the
/// data.
pub(super) struct Local {
    pub(super) flags: u16,
    pub(super) method: u16,
    pub(super) crc: u32,
    pub(super) packed: u64,
    pub(super) size: u64,
    pub(super) name: String,
    /// Offset of the data.
    pub(super) data: u64,
}

impl Local {
    /// The header at offset `at`; `None` if there is none, or not all of it.
    pub(super) fn read(bytes: &dyn ReadAt, at: u64) -> io::Result<Option<Self>> {
        let mut header = [0; HEADER];
        if read_full(bytes, &mut header, at)? < HEADER || !header.starts_with(b"PK\x03\x04") {
            return Ok(None);
        }
        let name_len = usize::from(u16_at(&header, 26));
        let mut tail = vec![0; name_len + usize::from(u16_at(&header, 28))];
        let start = at + HEADER as u64;
        if read_full(bytes, &mut tail, start)? < tail.len() {
            return Ok(None);
        }
        let (name, extra) = tail.split_at(name_len);
        let data = start + tail.len() as u64;
        Ok(Some(Self::new(&header, name, extra, data)))
    }

    fn new(header: &[u8; HEADER], name: &[u8], extra: &[u8], data: u64) -> Self {
        let mut wide = zip64(extra).chunks_exact(8).map(u64_of);
        let mut widen = |narrow: u32| match u64::from(narrow) {
            IN_ZIP64 => wide.next().unwrap_or(IN_ZIP64),
            size => size,
        };
        // In the extra field, the size comes first.
        let size = widen(u32_at(header, 22));
        let packed = widen(u32_at(header, 18));
        Self {
            flags: u16_at(header, 6),
            method: u16_at(header, 8),
            crc: u32_at(header, 14),
            packed,
            size,
            name: String::from_utf8_lossy(name).into_owned(),
            data,
        }
    }

    pub(super) fn is_encrypted(&self) -> bool {
        self.flags & 1 != 0
    }

    /// Whether sizes and checksum follow the data, because the writer did not
    /// know them yet.
    pub(super) fn is_open_ended(&self) -> bool {
        self.flags & 8 != 0 && (self.packed == 0 || self.packed == IN_ZIP64)
    }
}

fn u16_at(header: &[u8; HEADER], at: usize) -> u16 {
    u16::from_le_bytes([header[at], header[at + 1]])
}

fn u32_at(header: &[u8; HEADER], at: usize) -> u32 {
    u32::from(u16_at(header, at)) | u32::from(u16_at(header, at + 2)) << 16
}

fn u64_of(bytes: &[u8]) -> u64 {
    bytes
        .iter()
        .rev()
        .fold(0, |sum, &byte| sum << 8 | u64::from(byte))
}

/// The content of the zip64 extra field, empty if there is none.
fn zip64(mut extra: &[u8]) -> &[u8] {
    while let [id_low, id_high, len_low, len_high, rest @ ..] = extra {
        let len = usize::from(u16::from_le_bytes([*len_low, *len_high]));
        let (content, next) = rest.split_at(len.min(rest.len()));
        if (*id_low, *id_high) == (1, 0) {
            return content;
        }
        extra = next;
    }
    &[]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn zip64_is_found_among_other_fields() {
        let extra = [9, 0, 1, 0, 7, 1, 0, 8, 0, 1, 2, 0, 0, 0, 0, 0, 0];
        assert_eq!(zip64(&extra), [1, 2, 0, 0, 0, 0, 0, 0]);
        assert_eq!(u64_of(zip64(&extra)), 513);
    }

    #[test]
    fn broken_extra_fields_hold_nothing() {
        for extra in [&[][..], &[1, 0, 9], &[2, 0, 255, 255, 1], &[1, 0, 8, 0]] {
            assert!(zip64(extra).is_empty());
        }
    }
}
