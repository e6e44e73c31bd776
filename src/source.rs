//! From command-line paths to logs: files, directories, standard input, and
//! archives inside any of them.
//!
//! Archives are known by their first bytes, never by their names. Memory is
//! bounded by [`Limits`]; a log is handed over as a file to be read by windows
//! or as a stream, never as a whole. Whatever cannot be read ends in
//! [`Visitor::problem`] or in an error of the stream that was handed over.

mod budget;
mod decode;
mod error;
mod file;
mod input;
mod lookahead;
mod open;
mod pack;
mod rebuild;
mod sniff;
mod spool;
mod tar;
mod unpack;
mod zip;

pub use error::problem_of;
pub use file::{LogFile, MAPPED, Window};
pub use open::{held, open, opened};
pub use rebuild::{Rebuilt, Replace, copy, rebuild, spooled};

use crate::origin::{Origin, Problem};
use globset::GlobSet;
use spool::Pool;
use std::io::Read;
use std::path::Path;

/// How much one input may cost. Every limit that is reached is reported.
#[derive(Debug, Clone)]
pub struct Limits {
    /// Archives nested in one another; a compressed tar counts once.
    pub max_depth: usize,
    /// Entries of all archives in one top-level input.
    pub max_entries: u64,
    /// Decompressed bytes per byte of the top-level input, looked at once
    /// 64 MiB were decompressed.
    pub max_ratio: u64,
    /// Decompressed bytes of one top-level input, all layers added up.
    pub max_total: u64,
    /// Bytes of zips inside streams held in memory at one time, by all inputs
    /// together; what exceeds it goes to unlinked temporary files.
    pub spool_memory: usize,
    /// Bytes in temporary files at one time, by all inputs together.
    pub max_spool: u64,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            max_depth: 4,
            max_entries: 1_000_000,
            max_ratio: 1000,
            max_total: 1 << 40,
            spool_memory: 32 << 20,
            max_spool: 16 << 30,
        }
    }
}

/// What to visit and at what cost. One value serves all inputs of a scan, which
/// share its memory for spooled archives.
#[derive(Debug)]
pub struct Options {
    include: Option<GlobSet>,
    exclude: Option<GlobSet>,
    limits: Limits,
    pool: Pool,
}

impl Options {
    /// Files below a directory are visited if `include` (when given) matches
    /// their path below that directory or their name, and `exclude` does not.
    /// Paths named by the user and entries of archives are always visited.
    pub fn new(include: Option<GlobSet>, exclude: Option<GlobSet>, limits: Limits) -> Self {
        let pool = Pool::new(limits.spool_memory, limits.max_spool);
        Self {
            include,
            exclude,
            limits,
            pool,
        }
    }

    fn includes(&self, below: &Path) -> bool {
        self.include
            .as_ref()
            .is_none_or(|globs| matches(globs, below))
    }

    fn excludes(&self, below: &Path) -> bool {
        self.exclude
            .as_ref()
            .is_some_and(|globs| matches(globs, below))
    }
}

impl Default for Options {
    fn default() -> Self {
        Self::new(None, None, Limits::default())
    }
}

fn matches(globs: &GlobSet, below: &Path) -> bool {
    globs.is_match(below) || below.file_name().is_some_and(|name| globs.is_match(name))
}

/// What the pipeline gives to the sources: they call back, from several threads
/// if [`Visitor::fork`] uses several.
pub trait Visitor: Sync {
    /// A log that is not an archive.
    fn log(&self, origin: &Origin, body: Body<'_>);

    /// Something that was not read, or not to its end.
    fn problem(&self, problem: Problem);

    /// Runs `job(0)` to `job(n - 1)`, in parallel if the visitor wishes, and
    /// returns when all are done. Jobs fork in their turn.
    fn fork(&self, n: usize, job: &(dyn Fn(usize) + Sync));
}

/// The bytes of one log.
pub enum Body<'a> {
    /// A regular file: windows of it can be had in any order, from any thread.
    File(&'a LogFile),
    /// Bytes that come in order only. An error means that the rest cannot be
    /// had; [`problem_of`] tells why, and it is the visitor who reports it.
    Stream(&'a mut (dyn Read + Send)),
}

/// Something named by the user that holds logs.
pub trait Source: Sync {
    /// Shows every log to `visitor`, and every reason why one cannot be shown.
    fn visit(&self, options: &Options, visitor: &dyn Visitor);
}

#[cfg(test)]
mod tests;
