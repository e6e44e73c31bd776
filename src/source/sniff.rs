//! Knowing an archive by its first bytes.

use super::decode::Packing;

/// Bytes that must be seen to tell: a whole tar header.
pub(super) const HEAD: usize = 512;

/// What the bytes are.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    Plain,
    Zip,
    Tar,
    /// Says it is a tar, but its first header does not add up.
    BrokenTar,
    Packed(Packing),
    /// The name of an archive format that cannot be read.
    Unsupported(&'static str),
}

/// First bytes that tell the format, without those that need a second look.
const MAGIC: &[(&[u8], Kind)] = &[
    (b"PK\x03\x04", Kind::Zip),
    (b"PK\x05\x06", Kind::Zip),
    // Written as one volume by tools that were ready to split.
    (b"PK\x07\x08PK\x03\x04", Kind::Zip),
    (b"\x1f\x8b\x08", Kind::Packed(Packing::Gzip)),
    (b"\xfd7zXZ\0", Kind::Packed(Packing::Xz)),
    (b"\x28\xb5\x2f\xfd", Kind::Packed(Packing::Zstd)),
    (b"7z\xbc\xaf\x27\x1c", Kind::Unsupported("7-zip")),
    (b"Rar!\x1a\x07", Kind::Unsupported("rar")),
    (b"\x04\x22\x4d\x18", Kind::Unsupported("lz4")),
    (b"LZIP\x01", Kind::Unsupported("lzip")),
    (b"\x1f\x9d\x90", Kind::Unsupported("compress (.Z)")),
    (b"MSCF\0\0\0\0", Kind::Unsupported("cabinet")),
    (b"\xed\xab\xee\xdb", Kind::Unsupported("rpm")),
    (b"!<arch>\n", Kind::Unsupported("ar")),
];

/// What bytes starting with `head` are. `head` is [`HEAD`] bytes long, or all
/// there is.
pub(super) fn sniff(head: &[u8]) -> Kind {
    let known = MAGIC.iter().find(|(magic, _)| head.starts_with(magic));
    if let Some((_, kind)) = known {
        return *kind;
    }
    if is_bzip2(head) {
        return Kind::Packed(Packing::Bzip2);
    }
    if is_skippable_frame(head) {
        return Kind::Packed(Packing::Zstd);
    }
    tar(head)
}

/// `BZh`, a digit, then the first block or the end of an empty stream.
fn is_bzip2(head: &[u8]) -> bool {
    head.starts_with(b"BZh")
        && head
            .get(3)
            .is_some_and(|level| (b'1'..=b'9').contains(level))
        && head.get(4..10).is_some_and(|mark| {
            mark == [0x31, 0x41, 0x59, 0x26, 0x53, 0x59]
                || mark == [0x17, 0x72, 0x45, 0x38, 0x50, 0x90]
        })
}

/// zstd allows frames of user data before the first real one.
fn is_skippable_frame(head: &[u8]) -> bool {
    head.first().is_some_and(|first| first & 0xf0 == 0x50)
        && head.get(1..4) == Some(b"\x2a\x4d\x18")
}

fn tar(head: &[u8]) -> Kind {
    let Some(block) = head.get(..HEAD) else {
        return Kind::Plain;
    };
    let marked = &block[257..262] == b"ustar";
    match (has_checksum(block), marked) {
        (true, _) => Kind::Tar,
        (false, true) => Kind::BrokenTar,
        (false, false) => Kind::Plain,
    }
}

/// Whether this is a tar header: the sum of its bytes, with the sum itself taken
/// as blanks, stands in it as an octal number.
pub(super) fn has_checksum(block: &[u8]) -> bool {
    let Some(field) = block.get(148..156) else {
        return false;
    };
    let sum: u32 = block.iter().map(|&byte| u32::from(byte)).sum();
    let own: u32 = field.iter().map(|&byte| u32::from(byte)).sum();
    octal(field).is_some_and(|stored| stored == sum - own + 8 * 32)
}

fn octal(field: &[u8]) -> Option<u32> {
    let text = std::str::from_utf8(field).ok()?;
    u32::from_str_radix(text.trim_matches([' ', '\0']), 8).ok()
}

/// The name of what is inside a compressed file: without the suffix that tells
/// the compression, or `content` if there is none.
pub(super) fn stem(name: &str) -> String {
    const SUFFIXES: [(&str, &str); 11] = [
        (".gz", ""),
        (".zst", ""),
        (".zstd", ""),
        (".xz", ""),
        (".bz2", ""),
        (".tgz", ".tar"),
        (".tzst", ".tar"),
        (".txz", ".tar"),
        (".tbz2", ".tar"),
        (".tbz", ".tar"),
        (".svgz", ".svg"),
    ];
    let name = name.rsplit(['/', '\\']).next().unwrap_or(name);
    let lower = name.to_ascii_lowercase();
    for (suffix, instead) in SUFFIXES {
        if lower.len() > suffix.len() && lower.ends_with(suffix) {
            return format!("{}{instead}", &name[..name.len() - suffix.len()]);
        }
    }
    "content".into()
}

#[cfg(test)]
mod tests {
    use super::super::decode::tests::{PACKINGS, pack};
    use super::*;

    #[test]
    fn compressed_streams_are_known_even_when_empty() {
        for packing in PACKINGS {
            for bytes in [b"".as_slice(), b"text"] {
                assert_eq!(sniff(&pack(packing, bytes)), Kind::Packed(packing));
            }
        }
    }

    #[test]
    fn text_is_no_archive() {
        for text in ["", "B", "BZh9 is a header", "PK", "P*M", "LZIP is a tool\n"] {
            assert_eq!(sniff(text.as_bytes()), Kind::Plain, "{text}");
        }
        assert_eq!(sniff(&[b'0'; HEAD]), Kind::Plain);
        assert_eq!(sniff(&[0; HEAD]), Kind::Plain);
    }

    #[test]
    fn old_and_new_tars_are_known() {
        let mut old = tar::Header::new_old();
        old.set_path("a").unwrap();
        old.set_size(0);
        old.set_cksum();
        assert_eq!(sniff(old.as_bytes()), Kind::Tar);
        let mut new = tar::Header::new_ustar();
        new.set_cksum();
        assert_eq!(sniff(new.as_bytes()), Kind::Tar);
        new.as_mut_bytes()[0] ^= 1;
        assert_eq!(sniff(new.as_bytes()), Kind::BrokenTar);
    }

    #[test]
    fn stems() {
        assert_eq!(stem("a.log.gz"), "a.log");
        assert_eq!(stem("dir.gz/A.LOG.GZ"), "A.LOG");
        assert_eq!(stem("é.tgz"), "é.tar");
        for name in ["a", "", ".gz", "-", "a.gz.txt"] {
            assert_eq!(stem(name), "content", "{name}");
        }
    }
}
