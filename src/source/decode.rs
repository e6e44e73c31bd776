//! Decompressors with bounded memory. Streams of several members (gzip, bzip2),
//! frames (zstd) or streams (xz) are read to their end.

use super::error::ReadError;
use super::lookahead::Lookahead;
use flate2::bufread::{DeflateDecoder, GzDecoder};
use liblzma::bufread::XzDecoder;
use std::io::{self, BufRead, Read};

/// Dictionary and tables an xz stream may ask for, in bytes.
const XZ_MEMORY: u64 = 128 << 20;

/// Binary logarithm of the window a zstd frame may ask for: 128 MiB.
const ZSTD_WINDOW: u32 = 27;

/// Formats that compress one stream.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Packing {
    Gzip,
    Bzip2,
    Xz,
    Zstd,
}

/// Compression methods of zip entries.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Method {
    Stored,
    Deflate,
    Bzip2,
    Zstd,
    Xz,
    /// The number of a method that cannot be read.
    Other(u16),
}

impl Method {
    /// The method with this number in zip headers.
    pub(super) fn from_code(code: u16) -> Self {
        match code {
            0 => Self::Stored,
            8 => Self::Deflate,
            12 => Self::Bzip2,
            93 => Self::Zstd,
            95 => Self::Xz,
            other => Self::Other(other),
        }
    }
}

type Decoder<'r> = Box<dyn Read + Send + 'r>;

/// Decompresses a whole stream, however many members it has.
pub(super) fn unpack<'r, R: Read + Send + 'r>(
    packing: Packing,
    packed: Lookahead<R>,
) -> io::Result<Decoder<'r>> {
    Ok(match packing {
        Packing::Gzip | Packing::Bzip2 => Box::new(Members::new(packing, packed)),
        Packing::Xz => xz(packed, liblzma::stream::CONCATENATED)?,
        Packing::Zstd => Box::new(zstd(packed)?),
    })
}

/// Decompresses one zip entry. Takes no more bytes from `packed` than belong to
/// it.
pub(super) fn unpack_entry<'r, R: BufRead + Send + 'r>(
    method: Method,
    packed: R,
) -> io::Result<Decoder<'r>> {
    Ok(match method {
        Method::Stored => Box::new(packed),
        Method::Deflate => Box::new(DeflateDecoder::new(packed)),
        Method::Bzip2 => Box::new(bzip2::bufread::BzDecoder::new(packed)),
        Method::Zstd => Box::new(zstd(packed)?.single_frame()),
        Method::Xz => xz(packed, 0)?,
        Method::Other(code) => return Err(unsupported(code).into()),
    })
}

fn unsupported(code: u16) -> ReadError {
    ReadError::unsupported(format!(
        "zip compression method {code} is not supported; hint: unpack the archive first"
    ))
}

fn xz<'r, R: BufRead + Send + 'r>(packed: R, flags: u32) -> io::Result<Decoder<'r>> {
    let stream = liblzma::stream::Stream::new_stream_decoder(XZ_MEMORY, flags)?;
    Ok(Box::new(XzDecoder::new_stream(packed, stream)))
}

fn zstd<'r, R: BufRead>(packed: R) -> io::Result<zstd::Decoder<'r, R>> {
    let mut decoder = zstd::Decoder::with_buffer(packed)?;
    decoder.window_log_max(ZSTD_WINDOW)?;
    Ok(decoder)
}

/// The members of a gzip or bzip2 stream, one after the other. Zero padding
/// behind the last is normal (tapes, block devices); anything else is reported.
struct Members<R: Read> {
    packing: Packing,
    member: Option<Member<R>>,
}

enum Member<R: Read> {
    Gzip(Box<GzDecoder<Lookahead<R>>>),
    Bzip2(bzip2::bufread::BzDecoder<Lookahead<R>>),
}

impl<R: Read> Member<R> {
    fn new(packing: Packing, packed: Lookahead<R>) -> Self {
        match packing {
            Packing::Bzip2 => Self::Bzip2(bzip2::bufread::BzDecoder::new(packed)),
            _ => Self::Gzip(Box::new(GzDecoder::new(packed))),
        }
    }

    fn into_rest(self) -> Lookahead<R> {
        match self {
            Self::Gzip(decoder) => decoder.into_inner(),
            Self::Bzip2(decoder) => decoder.into_inner(),
        }
    }
}

impl<R: Read> Read for Member<R> {
    fn read(&mut self, buf: &mut [u8]) -> io::Result<usize> {
        match self {
            Self::Gzip(decoder) => decoder.read(buf),
            Self::Bzip2(decoder) => decoder.read(buf),
        }
    }
}

impl<R: Read> Members<R> {
    fn new(packing: Packing, packed: Lookahead<R>) -> Self {
        let member = Some(Member::new(packing, packed));
        Self { packing, member }
    }

    fn next_member(&mut self) -> io::Result<()> {
        let Some(ended) = self.member.take() else {
            return Ok(());
        };
        let mut rest = ended.into_rest();
        if !starts_member(self.packing, rest.peek(4)) {
            return skip_padding(&mut rest);
        }
        self.member = Some(Member::new(self.packing, rest));
        Ok(())
    }
}

fn starts_member(packing: Packing, head: &[u8]) -> bool {
    match packing {
        Packing::Bzip2 => head.starts_with(b"BZh"),
        _ => head.starts_with(&[0x1f, 0x8b]),
    }
}

fn skip_padding(rest: &mut impl BufRead) -> io::Result<()> {
    loop {
        let bytes = rest.fill_buf()?;
        if bytes.iter().any(|&byte| byte != 0) {
            let detail = "something else follows the compressed data and was not read; \
                          hint: cut it off and scan it on its own";
            return Err(ReadError::damaged(detail).into());
        }
        let n = bytes.len();
        if n == 0 {
            return Ok(());
        }
        rest.consume(n);
    }
}

impl<R: Read> Read for Members<R> {
    fn read(&mut self, buf: &mut [u8]) -> io::Result<usize> {
        while let Some(member) = &mut self.member {
            let n = member.read(buf)?;
            if n > 0 || buf.is_empty() {
                return Ok(n);
            }
            self.next_member()?;
        }
        Ok(0)
    }
}

#[cfg(test)]
pub(super) mod tests {
    use super::*;
    use std::io::Write;

    pub(in crate::source) const PACKINGS: [Packing; 4] =
        [Packing::Gzip, Packing::Bzip2, Packing::Xz, Packing::Zstd];

    pub(in crate::source) fn pack(packing: Packing, bytes: &[u8]) -> Vec<u8> {
        match packing {
            Packing::Gzip => {
                let mut to = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
                to.write_all(bytes).unwrap();
                to.finish().unwrap()
            }
            Packing::Bzip2 => {
                let mut to = bzip2::write::BzEncoder::new(Vec::new(), bzip2::Compression::fast());
                to.write_all(bytes).unwrap();
                to.finish().unwrap()
            }
            Packing::Xz => {
                let mut to = liblzma::write::XzEncoder::new(Vec::new(), 1);
                to.write_all(bytes).unwrap();
                to.finish().unwrap()
            }
            Packing::Zstd => {
                // With a checksum, so that damage shows.
                let mut to = zstd::Encoder::new(Vec::new(), 1).unwrap();
                to.include_checksum(true).unwrap();
                to.write_all(bytes).unwrap();
                to.finish().unwrap()
            }
        }
    }

    fn unpacked(packing: Packing, packed: &[u8]) -> (Vec<u8>, io::Result<usize>) {
        let mut bytes = Vec::new();
        let mut decoder = unpack(packing, Lookahead::new(packed)).unwrap();
        let end = decoder.read_to_end(&mut bytes);
        (bytes, end)
    }

    fn text() -> Vec<u8> {
        (0..20_000_u32)
            .flat_map(|i| format!("line {}\n", i.wrapping_mul(2_654_435_761)).into_bytes())
            .collect()
    }

    #[test]
    fn all_members_are_read() {
        for packing in PACKINGS {
            let mut packed = pack(packing, b"one ");
            packed.extend(pack(packing, b""));
            packed.extend(pack(packing, b"two"));
            let (bytes, end) = unpacked(packing, &packed);
            assert!(end.is_ok(), "{packing:?}");
            assert_eq!(bytes, b"one two");
        }
    }

    #[test]
    fn a_cut_stream_gives_its_bytes_and_then_fails() {
        let text = text();
        for packing in PACKINGS {
            let packed = pack(packing, &text);
            for cut in [packed.len() - 1, packed.len() / 2, 7] {
                let (bytes, end) = unpacked(packing, &packed[..cut]);
                assert!(end.is_err(), "{packing:?} cut at {cut}");
                assert!(text.starts_with(&bytes));
            }
        }
        let packed = pack(Packing::Gzip, &text);
        let (bytes, _) = unpacked(Packing::Gzip, &packed[..packed.len() - 1]);
        assert_eq!(bytes.len(), text.len());
    }

    #[test]
    fn what_follows_the_members_is_not_dropped_in_silence() {
        for packing in PACKINGS {
            let mut packed = pack(packing, b"text");
            packed.extend(b"plain line\n");
            let (bytes, end) = unpacked(packing, &packed);
            assert_eq!(bytes, b"text", "{packing:?}");
            assert!(end.is_err(), "{packing:?}");
        }
    }

    #[test]
    fn zero_padding_is_normal() {
        for packing in [Packing::Gzip, Packing::Bzip2, Packing::Xz] {
            let mut packed = pack(packing, b"text");
            packed.extend([0; 512]);
            let (bytes, end) = unpacked(packing, &packed);
            assert!(end.is_ok() && bytes == b"text", "{packing:?}");
        }
    }

    #[test]
    fn skippable_frames_are_skipped() {
        let mut packed = b"\x50\x2a\x4d\x18\x03\0\0\0abc".to_vec();
        packed.extend(pack(Packing::Zstd, b"text"));
        let (bytes, end) = unpacked(Packing::Zstd, &packed);
        assert!(end.is_ok() && bytes == b"text");
    }

    #[test]
    fn huge_windows_are_refused_as_over_the_limit() {
        let mut to = zstd::Encoder::new(Vec::new(), 1).unwrap();
        to.window_log(28).unwrap();
        to.write_all(&text()).unwrap();
        let (_, end) = unpacked(Packing::Zstd, &to.finish().unwrap());
        let kind = ReadError::from_decoder(&end.unwrap_err()).kind;
        assert_eq!(kind, crate::origin::ProblemKind::OverLimit);
    }
}
