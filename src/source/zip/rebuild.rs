//! A zip made anew, entry by entry.

use super::super::decode::Method;
use super::super::error::{ReadError, problem_at};
use super::super::file::LogFile;
use super::super::rebuild::{Rebuilder, copy, temporary_file};
use super::directory::{Directory, Entry};
use super::{class, open_entry};
use crate::origin::Origin;
use std::fs::File;
use std::io;
use zip::CompressionMethod;
use zip::write::{SimpleFileOptions, ZipWriter};

impl Rebuilder<'_> {
    /// Entries that the directory does not list are left out, and what is wrong
    /// with it is a problem.
    pub(in crate::source) fn zip(
        &mut self,
        origin: &Origin,
        log: &LogFile,
        depth: usize,
    ) -> io::Result<File> {
        let mut directory = Directory::open(log)?;
        let mut writer = ZipWriter::new(temporary_file()?);
        let listed = directory.for_each_chunk(&mut |entries| {
            entries.iter().try_for_each(|entry| {
                self.budget.entry()?;
                self.zip_entry(origin, log, entry, depth, &mut writer)
                    .map_err(|error| class(&error))
            })
        });
        let listed = listed.map_err(|error| error.at(origin));
        self.kept(listed);
        writer.finish().map_err(|error| unwritten(&error))
    }

    /// Fails only if the new archive cannot be written.
    fn zip_entry(
        &mut self,
        origin: &Origin,
        log: &LogFile,
        entry: &Entry,
        depth: usize,
        writer: &mut ZipWriter<File>,
    ) -> io::Result<()> {
        let origin = origin.entry(&entry.name);
        if entry.is_directory() {
            let added = writer.add_directory(&*entry.name, options(entry, 0));
            self.kept(added.map_err(|error| problem_at(&origin, &unwritten(&error))));
            return Ok(());
        }
        let content = open_entry(log, entry, self.budget)
            .map_err(io::Error::from)
            .and_then(|mut reader| self.spool(&mut reader))
            .map_err(|error| problem_at(&origin, &error))
            .and_then(|content| self.layer(&origin, content, depth));
        let Some(content) = self.kept(content) else {
            return Ok(());
        };
        let options = options(entry, content.metadata()?.len());
        let started = writer.start_file(&*entry.name, options);
        let started = started.map_err(|error| problem_at(&origin, &unwritten(&error)));
        if self.kept(started).is_some() {
            copy(content, writer)?;
        }
        Ok(())
    }
}

fn options(entry: &Entry, size: u64) -> SimpleFileOptions {
    let mut options = SimpleFileOptions::default()
        .compression_method(method(entry.method))
        .large_file(size > u64::from(u32::MAX));
    if let Some(time) = entry.modified {
        options = options.last_modified_time(time);
    }
    if let Some(mode) = entry.mode {
        options = options.unix_permissions(mode);
    }
    options
}

fn method(method: Method) -> CompressionMethod {
    match method {
        Method::Stored => CompressionMethod::Stored,
        Method::Bzip2 => CompressionMethod::Bzip2,
        Method::Zstd => CompressionMethod::Zstd,
        Method::Xz => CompressionMethod::Xz,
        Method::Deflate | Method::Other(_) => CompressionMethod::Deflated,
    }
}

/// Most often two entries have the same name, which the writer refuses.
fn unwritten(error: &zip::result::ZipError) -> io::Error {
    ReadError::unsupported(format!("could not be written to the new zip: {error}")).into()
}
