//! Archives made anew: every log in them goes through a function, and what could
//! not be read is left out.
//!
//! Bytes at every layer lie in temporary files without a name, so that an entry
//! is known to be whole before anything of it is written.

use super::Options;
use super::budget::{Budget, Metered};
use super::decode::{self, Packing};
use super::error::{ReadError, problem_at};
use super::file::{Cursor, LogFile, read_full};
use super::lookahead::Lookahead;
use super::pack::pack;
use super::sniff::{HEAD, Kind, sniff, stem};
use super::spool::temporary;
use super::unpack::{foreign, too_deep};
use crate::origin::{Origin, Problem};
use std::fs::File;
use std::io::{self, Read};

/// What an archive has become.
#[derive(Debug)]
pub struct Rebuilt {
    /// The new archive, or the new log where there was no archive; `None` if
    /// nothing of it could be read. Where it is read from next is not said.
    pub file: Option<File>,
    /// What was left out.
    pub problems: Vec<Problem>,
}

/// Gives the file that takes the place of a log, or why there is none.
pub type Replace<'a> = dyn FnMut(&Origin, File) -> Result<File, Problem> + 'a;

/// Makes the log or archive in `file` anew with the logs that `replace` gives.
/// Archives keep their kind and the order of their entries; entries keep name,
/// time, permissions and method of compression. Comments are not kept: nobody
/// looks for secrets in them. Entries have the names that [`super::Source`]
/// gives them.
pub fn rebuild(
    origin: &Origin,
    file: File,
    options: &Options,
    replace: &mut Replace<'_>,
) -> Rebuilt {
    let packed = file.metadata().map_or(0, |metadata| metadata.len());
    let budget = Budget::new(&options.limits, packed);
    let mut rebuilder = Rebuilder {
        options,
        budget: &budget,
        replace,
        problems: Vec::new(),
    };
    let file = rebuilder.layer(origin, file, 0);
    let file = rebuilder.kept(file);
    Rebuilt {
        file,
        problems: rebuilder.problems,
    }
}

/// All of `reader` in a temporary file without a name.
pub fn spooled(reader: &mut dyn Read, options: &Options) -> io::Result<File> {
    let max = options.limits.max_spool;
    let mut file = temporary_file()?;
    let copied = io::copy(&mut reader.take(max.saturating_add(1)), &mut file)?;
    if copied > max {
        let what = "too large to be kept in a temporary file";
        return Err(ReadError::over(what, "--max-spool").into());
    }
    Ok(file)
}

pub(super) fn temporary_file() -> io::Result<File> {
    tempfile::tempfile().map_err(|error| temporary(&error).into())
}

/// One top-level input on its way. `depth` is as in `Unpacker`.
pub(super) struct Rebuilder<'a> {
    options: &'a Options,
    pub(super) budget: &'a Budget<'a>,
    replace: &'a mut Replace<'a>,
    pub(super) problems: Vec<Problem>,
}

impl Rebuilder<'_> {
    /// What is there of it; why it is not is a problem.
    pub(super) fn kept<T>(&mut self, result: Result<T, Problem>) -> Option<T> {
        result.map_err(|problem| self.problems.push(problem)).ok()
    }

    /// Makes the bytes of `file` anew, whatever they are.
    pub(super) fn layer(
        &mut self,
        origin: &Origin,
        file: File,
        depth: usize,
    ) -> Result<File, Problem> {
        let at = |error: io::Error| problem_at(origin, &error);
        let log = file.try_clone().and_then(LogFile::of).map_err(at)?;
        let max = self.options.limits.max_depth;
        match kind(&log).map_err(at)? {
            Kind::Plain => (self.replace)(origin, file),
            Kind::Unsupported(format) => Err(foreign(format).at(origin)),
            Kind::BrokenTar => {
                let detail = "the first header of this tar is damaged; hint: fetch it again";
                Err(ReadError::damaged(detail).at(origin))
            }
            _ if depth >= max => Err(too_deep(max).at(origin)),
            Kind::Zip => self.zip(origin, &log, depth + 1).map_err(at),
            Kind::Tar => self.tar(origin, &log, depth + 1).map_err(at),
            Kind::Packed(packing) => self.packed(packing, origin, &log, depth + 1),
        }
    }

    /// A compressed tar is one archive, not two, in names and in depth.
    fn packed(
        &mut self,
        packing: Packing,
        origin: &Origin,
        log: &LogFile,
        depth: usize,
    ) -> Result<File, Problem> {
        let at = |error: io::Error| problem_at(origin, &error);
        let content = self.unpacked(packing, log).map_err(at)?;
        let log = content.try_clone().and_then(LogFile::of).map_err(at)?;
        let content = if kind(&log).map_err(at)? == Kind::Tar {
            self.tar(origin, &log, depth).map_err(at)?
        } else {
            self.layer(&origin.entry(&stem(origin.leaf())), content, depth)?
        };
        let log = LogFile::of(content).map_err(at)?;
        let file = temporary_file().map_err(at)?;
        pack(packing, &mut Cursor::new(&log, 0), file).map_err(at)
    }

    fn unpacked(&self, packing: Packing, log: &LogFile) -> io::Result<File> {
        let decoder = decode::unpack(packing, Lookahead::new(Cursor::new(log, 0)))
            .map_err(|error| ReadError::from_decoder(&error))?;
        self.spool(&mut Metered::new(decoder, self.budget))
    }

    pub(super) fn spool(&self, reader: &mut dyn Read) -> io::Result<File> {
        spooled(reader, self.options)
    }
}

fn kind(log: &LogFile) -> io::Result<Kind> {
    let mut head = [0; HEAD];
    let n = read_full(log, &mut head, 0)?;
    Ok(sniff(&head[..n]))
}

/// Writes all of `file` to `out`; returns how many bytes.
pub fn copy(file: File, out: &mut dyn io::Write) -> io::Result<u64> {
    io::copy(&mut Cursor::new(&LogFile::of(file)?, 0), out)
}
