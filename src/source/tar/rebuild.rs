//! A tar made anew, member by member.

use super::super::error::{ReadError, problem_at};
use super::super::file::{Cursor, LogFile};
use super::super::rebuild::{Rebuilder, copy, temporary_file};
use super::{BLOCK, Extensions, Members};
use crate::origin::{Origin, Problem};
use std::fs::File;
use std::io::{self, BufWriter, Write};
use tar::Header;

/// Tars end at a multiple of this, unless their writer was told otherwise.
const RECORD: u64 = 20 * BLOCK as u64;

impl Rebuilder<'_> {
    /// Headers stay as they are but for the sizes of logs. Where the tar is
    /// damaged, the new one ends.
    pub(in crate::source) fn tar(
        &mut self,
        origin: &Origin,
        log: &LogFile,
        depth: usize,
    ) -> io::Result<File> {
        let mut out = Blocks {
            inner: BufWriter::new(temporary_file()?),
            len: 0,
        };
        let mut reader = Cursor::new(log, 0);
        let read = self.tar_members(origin, &mut Members::new(&mut reader), depth, &mut out);
        self.kept(read.map_err(|error| problem_at(origin, &error)));
        out.write_all(&[0; 2 * BLOCK])?;
        if log.len().is_multiple_of(RECORD) {
            out.pad(RECORD)?;
        }
        out.inner
            .into_inner()
            .map_err(io::IntoInnerError::into_error)
    }

    fn tar_members(
        &mut self,
        origin: &Origin,
        members: &mut Members<'_>,
        depth: usize,
        out: &mut Blocks,
    ) -> io::Result<()> {
        let mut headers = Headers::default();
        while let Some(header) = members.next_header()? {
            if let Some(content) = members.extend(&header, &mut headers.say)? {
                headers.push(&header, &content);
            } else {
                self.budget.entry()?;
                let headers = std::mem::take(&mut headers);
                self.tar_member(origin, members, depth, (headers, header), out)?;
            }
        }
        members.check_end()
    }

    fn tar_member(
        &mut self,
        origin: &Origin,
        members: &mut Members<'_>,
        depth: usize,
        (headers, header): (Headers, Header),
        out: &mut Blocks,
    ) -> io::Result<()> {
        let member = members.member(&header, &headers.say)?;
        if !member.is_log {
            out.write_all(&headers.bytes)?;
            return out.write_all(header.as_bytes());
        }
        let content = self.spool(&mut members.body(member.size))?;
        members.skip_padding(member.size)?;
        let origin = origin.entry(&member.name);
        let content = headers
            .check(&header, &origin)
            .and_then(|()| self.layer(&origin, content, depth));
        match self.kept(content) {
            Some(content) => out.member(&headers, header, content),
            None => Ok(()),
        }
    }
}

/// The extension headers in front of a member.
#[derive(Default)]
struct Headers {
    bytes: Vec<u8>,
    say: Extensions,
}

impl Headers {
    fn push(&mut self, header: &Header, content: &[u8]) {
        self.bytes.extend_from_slice(header.as_bytes());
        self.bytes.extend_from_slice(content);
        let whole = self.bytes.len().next_multiple_of(BLOCK);
        self.bytes.resize(whole, 0);
    }

    /// Only a size that stands in the member's own header can be changed.
    fn check(&self, header: &Header, origin: &Origin) -> Result<(), Problem> {
        let sparse = self.say.sparse || header.entry_type().is_gnu_sparse();
        if self.say.size.is_none() && !sparse {
            return Ok(());
        }
        let detail = "sparse files and sizes in pax headers cannot be written anew; \
                      hint: unpack the tar and take the file alone";
        Err(ReadError::unsupported(detail).at(origin))
    }
}

/// What is written, counted in bytes.
struct Blocks {
    inner: BufWriter<File>,
    len: u64,
}

impl Blocks {
    fn member(&mut self, headers: &Headers, mut header: Header, content: File) -> io::Result<()> {
        header.set_size(content.metadata()?.len());
        header.set_cksum();
        self.write_all(&headers.bytes)?;
        self.write_all(header.as_bytes())?;
        copy(content, self)?;
        self.pad(BLOCK as u64)
    }

    fn pad(&mut self, unit: u64) -> io::Result<()> {
        let padding = self.len.next_multiple_of(unit) - self.len;
        self.write_all(&vec![0; padding as usize])
    }
}

impl Write for Blocks {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let n = self.inner.write(bytes)?;
        self.len += n as u64;
        Ok(n)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.inner.flush()
    }
}
