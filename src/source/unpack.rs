//! Opens archives layer by layer until logs are left.

use super::budget::{Budget, Counted, Metered};
use super::decode::{self, Packing};
use super::error::{ReadError, problem_at};
use super::file::{Cursor, LogFile, read_full};
use super::lookahead::Lookahead;
use super::sniff::{HEAD, Kind, sniff, stem};
use super::spool::Spool;
use super::{Body, Options, Visitor};
use crate::origin::Origin;
use std::io::Read;

/// One top-level input on its way to the visitor. `depth` below is the number of
/// archives around the bytes at hand.
pub(super) struct Unpacker<'a> {
    pub(super) visitor: &'a dyn Visitor,
    pub(super) budget: Budget<'a>,
    options: &'a Options,
}

impl<'a> Unpacker<'a> {
    fn new(options: &'a Options, visitor: &'a dyn Visitor, len: u64) -> Self {
        Self {
            visitor,
            budget: Budget::new(&options.limits, len),
            options,
        }
    }

    /// Visits a regular file.
    pub(super) fn visit_file(
        options: &'a Options,
        visitor: &'a dyn Visitor,
        origin: &Origin,
        file: &LogFile,
    ) {
        Self::new(options, visitor, file.len()).file(origin, file);
    }

    /// Visits bytes that come in order, of unknown length.
    pub(super) fn visit_stream(
        options: &'a Options,
        visitor: &'a dyn Visitor,
        origin: &Origin,
        reader: impl Read + Send,
    ) {
        let unpacker = Self::new(options, visitor, 0);
        let mut reader = Counted::new(reader, &unpacker.budget);
        unpacker.stream(origin, &mut reader, 0);
    }

    fn file(&self, origin: &Origin, file: &LogFile) {
        let mut head = [0; HEAD];
        let head = match read_full(file, &mut head, 0) {
            Ok(n) => &head[..n],
            Err(error) => return self.visitor.problem(problem_at(origin, &error)),
        };
        match sniff(head) {
            Kind::Plain => self.visitor.log(origin, Body::File(file)),
            Kind::BrokenTar => {
                self.broken_tar(origin);
                self.visitor.log(origin, Body::File(file));
            }
            Kind::Zip if self.may_open(origin, 0) => self.zip(origin, file, 1),
            Kind::Zip => {}
            _ => self.stream(origin, &mut Cursor::new(file, 0), 0),
        }
    }

    /// Visits bytes that come in order.
    pub(super) fn stream(&self, origin: &Origin, reader: &mut (dyn Read + Send), depth: usize) {
        let mut ahead = Lookahead::new(reader);
        match sniff(ahead.peek(HEAD)) {
            Kind::Plain => self.visitor.log(origin, Body::Stream(&mut ahead)),
            Kind::BrokenTar => {
                self.broken_tar(origin);
                self.visitor.log(origin, Body::Stream(&mut ahead));
            }
            Kind::Unsupported(format) => self.unsupported(origin, format),
            archive if self.may_open(origin, depth) => {
                self.archive(archive, origin, ahead, depth + 1);
            }
            _ => {}
        }
    }

    fn archive<R: Read + Send>(
        &self,
        kind: Kind,
        origin: &Origin,
        mut ahead: Lookahead<R>,
        depth: usize,
    ) {
        match kind {
            Kind::Zip => self.spooled_zip(origin, &mut ahead, depth),
            Kind::Tar => self.tar(origin, &mut ahead, depth),
            Kind::Packed(packing) => self.packed(packing, origin, ahead, depth),
            Kind::Plain | Kind::BrokenTar | Kind::Unsupported(_) => {}
        }
    }

    /// A zip has its directory at the end, so a stream must be kept whole.
    fn spooled_zip(&self, origin: &Origin, reader: &mut dyn Read, depth: usize) {
        let (spool, end) = Spool::fill(&self.options.pool, reader);
        if let Err(error) = end {
            self.visitor.problem(problem_at(origin, &error));
        }
        self.zip(origin, &spool, depth);
    }

    /// A compressed tar is one archive, not two, in names and in depth.
    fn packed<R: Read + Send>(
        &self,
        packing: Packing,
        origin: &Origin,
        packed: Lookahead<R>,
        depth: usize,
    ) {
        let decoder = match decode::unpack(packing, packed) {
            Ok(decoder) => decoder,
            Err(error) => return self.report(origin, ReadError::from_decoder(&error)),
        };
        let mut inner = Lookahead::new(Metered::new(decoder, &self.budget));
        if sniff(inner.peek(HEAD)) == Kind::Tar {
            self.tar(origin, &mut inner, depth);
        } else {
            let origin = origin.entry(&stem(origin.leaf()));
            self.stream(&origin, &mut inner, depth);
        }
    }

    fn may_open(&self, origin: &Origin, depth: usize) -> bool {
        let max = self.options.limits.max_depth;
        if depth >= max {
            self.report(origin, too_deep(max));
        }
        depth < max
    }

    fn broken_tar(&self, origin: &Origin) {
        let detail = "the first header of this tar is damaged; it was scanned as plain text";
        self.report(origin, ReadError::damaged(detail));
    }

    fn unsupported(&self, origin: &Origin, format: &str) {
        self.report(origin, foreign(format));
    }

    pub(super) fn report(&self, origin: &Origin, error: ReadError) {
        self.visitor.problem(error.at(origin));
    }

    /// The most entries an input may have.
    pub(super) fn max_entries(&self) -> usize {
        usize::try_from(self.options.limits.max_entries).unwrap_or(usize::MAX)
    }
}

pub(super) fn too_deep(max: usize) -> ReadError {
    let what = format!("nested deeper than {max} archives");
    ReadError::over(&what, "--max-depth")
}

pub(super) fn foreign(format: &str) -> ReadError {
    let detail = format!("{format} archives are not supported; hint: unpack it first");
    ReadError::unsupported(detail)
}
