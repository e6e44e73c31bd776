//! Compressors, for archives that are made anew. Their memory is bounded as well:
//! presets that need more than some tens of MiB are not used.

use super::decode::Packing;
use std::fs::File;
use std::io::{self, Read};

/// Of xz: 32 MiB. The usual preset takes three times as much.
const XZ_PRESET: u32 = 3;

/// Compresses all of `from` to the end of `to`.
pub(super) fn pack(packing: Packing, from: &mut dyn Read, to: File) -> io::Result<File> {
    match packing {
        Packing::Gzip => {
            let mut packer = flate2::write::GzEncoder::new(to, flate2::Compression::default());
            io::copy(from, &mut packer)?;
            packer.finish()
        }
        Packing::Bzip2 => {
            let mut packer = bzip2::write::BzEncoder::new(to, bzip2::Compression::default());
            io::copy(from, &mut packer)?;
            packer.finish()
        }
        Packing::Xz => {
            let mut packer = liblzma::write::XzEncoder::new(to, XZ_PRESET);
            io::copy(from, &mut packer)?;
            packer.finish()
        }
        Packing::Zstd => {
            let mut packer = zstd::Encoder::new(to, zstd::DEFAULT_COMPRESSION_LEVEL)?;
            packer.include_checksum(true)?;
            io::copy(from, &mut packer)?;
            packer.finish()
        }
    }
}
