//! The list of sources: which one a path on the command line means.

use super::Source;
use super::input::{Directory, Held, Opened, RegularFile, StandardInput, Stream};
use crate::origin::Origin;
use std::fs::File;
use std::path::Path;

/// The source named `path`: `-` is standard input, a directory is walked, a
/// regular file is read by windows, and anything else (a FIFO as in
/// `leaksweep scan <(command)`, a device) in order. A path that does not exist
/// is a source too: visiting it tells the problem.
pub fn open(path: &Path) -> Box<dyn Source> {
    if path.as_os_str() == "-" {
        return Box::new(StandardInput);
    }
    let path = path.to_owned();
    match std::fs::metadata(&path) {
        Ok(metadata) if metadata.is_dir() => Box::new(Directory(path)),
        Ok(metadata) if metadata.is_file() => Box::new(RegularFile(path)),
        // Opening it again tells why it cannot be read.
        Ok(_) | Err(_) => Box::new(Stream(path)),
    }
}

/// The regular file `file`, shown as `origin`: one that may have no name, such
/// as an unlinked temporary file. It is read from its start, wherever it was
/// read or written last, and can be visited again.
pub fn opened(origin: Origin, file: File) -> Box<dyn Source> {
    Box::new(Opened { origin, file })
}

/// A log of `bytes` in memory, shown as `origin`.
pub fn held(origin: Origin, bytes: impl Into<Vec<u8>>) -> Box<dyn Source> {
    let bytes = bytes.into();
    Box::new(Held { origin, bytes })
}
