//! Tar archives, read in order.
//!
//! The headers are those of the `tar` crate; the walk over them is done here
//! because that crate's entries cannot cross threads, hold names of any length
//! in memory, and end without a word where an archive is cut between entries.

mod rebuild;

use super::error::{ReadError, problem_at};
use super::sniff::{HEAD as BLOCK, has_checksum};
use super::unpack::Unpacker;
use crate::origin::Origin;
use std::io::{self, Read};
use tar::{EntryType, GnuExtSparseHeader, Header, PaxExtensions};

/// The longest extension header (a long name, pax records) that is read, in
/// bytes.
const MAX_EXTENSION: u64 = 1 << 20;

impl Unpacker<'_> {
    /// Visits the entries of a tar.
    pub(super) fn tar(&self, origin: &Origin, reader: &mut (dyn Read + Send), depth: usize) {
        if let Err(error) = self.tar_members(origin, reader, depth) {
            self.visitor.problem(problem_at(origin, &error));
        }
    }

    fn tar_members(
        &self,
        origin: &Origin,
        reader: &mut (dyn Read + Send),
        depth: usize,
    ) -> io::Result<()> {
        let mut members = Members::new(reader);
        while let Some(member) = members.next()? {
            self.budget.entry()?;
            let mut body = members.body(member.size);
            if member.is_log {
                self.stream(&origin.entry(&member.name), &mut body, depth);
            }
            // The visitor may have left bytes.
            io::copy(&mut body, &mut io::sink())?;
            members.skip_padding(member.size)?;
        }
        Ok(())
    }
}

struct Member {
    name: String,
    size: u64,
    is_log: bool,
}

/// What extension headers say about the member that follows them.
#[derive(Default)]
struct Extensions {
    name: Option<Vec<u8>>,
    size: Option<u64>,
    /// Says something about a sparse file.
    sparse: bool,
}

struct Members<'r> {
    reader: &'r mut (dyn Read + Send),
    /// The last block was zero, as at the end of an archive.
    ended: bool,
}

impl<'r> Members<'r> {
    fn new(reader: &'r mut (dyn Read + Send)) -> Self {
        let ended = false;
        Self { reader, ended }
    }

    /// The next member; its body must be read or skipped before the next call.
    /// Archives joined one after the other are read as one.
    fn next(&mut self) -> io::Result<Option<Member>> {
        let mut extensions = Extensions::default();
        while let Some(header) = self.next_header()? {
            if self.extend(&header, &mut extensions)?.is_none() {
                return self.member(&header, &extensions).map(Some);
            }
        }
        self.check_end().map(|()| None)
    }

    fn check_end(&self) -> io::Result<()> {
        if self.ended {
            return Ok(());
        }
        let detail = "the tar ends without its end mark; entries may be missing";
        Err(ReadError::damaged(detail).into())
    }

    fn next_header(&mut self) -> io::Result<Option<Header>> {
        let mut header = Header::new_old();
        while self.read_block(header.as_mut_bytes())? {
            if has_checksum(header.as_bytes()) {
                self.ended = false;
                return Ok(Some(header));
            }
            if header.as_bytes().iter().any(|&byte| byte != 0) {
                return Err(self.bad_header().into());
            }
            self.ended = true;
        }
        Ok(None)
    }

    fn bad_header(&self) -> ReadError {
        ReadError::damaged(if self.ended {
            "something else follows the end of the tar and was not read"
        } else {
            "a tar header is damaged; what follows it was not read"
        })
    }

    /// Takes in an extension header and returns its content; `None` if `header`
    /// is a member's own.
    fn extend(
        &mut self,
        header: &Header,
        extensions: &mut Extensions,
    ) -> io::Result<Option<Vec<u8>>> {
        let kind = header.entry_type();
        if !is_extension(kind) {
            return Ok(None);
        }
        let content = self.extension(header)?;
        match kind {
            EntryType::GNULongName => extensions.name = Some(content.clone()),
            EntryType::XHeader => read_pax(&content, extensions)?,
            _ => {}
        }
        Ok(Some(content))
    }

    fn extension(&mut self, header: &Header) -> io::Result<Vec<u8>> {
        let size = size_of(header)?;
        if size > MAX_EXTENSION {
            let detail = format!("an extension header of {size} bytes; at most 1 MiB is read");
            return Err(ReadError::new(crate::origin::ProblemKind::OverLimit, detail).into());
        }
        let mut bytes = Vec::new();
        self.body(size).read_to_end(&mut bytes)?;
        self.skip_padding(size)?;
        Ok(bytes)
    }

    fn member(&mut self, header: &Header, extensions: &Extensions) -> io::Result<Member> {
        let kind = header.entry_type();
        // Bodies of these do not exist, whatever their size field says.
        let has_body = !(is_link(kind) || is_special(kind));
        let size = match extensions.size {
            _ if !has_body => 0,
            Some(size) => size,
            None => size_of(header)?,
        };
        self.skip_sparse_map(header)?;
        let name = match &extensions.name {
            Some(name) => String::from_utf8_lossy(name),
            None => String::from_utf8_lossy(&header.path_bytes())
                .into_owned()
                .into(),
        };
        Ok(Member {
            name: name.trim_end_matches('\0').to_owned(),
            size,
            is_log: has_body,
        })
    }

    /// The map of a sparse file goes on behind its header. Holes are left out:
    /// the data alone is scanned.
    fn skip_sparse_map(&mut self, header: &Header) -> io::Result<()> {
        let gnu = header
            .as_gnu()
            .filter(|_| header.entry_type().is_gnu_sparse());
        let mut more = gnu.is_some_and(tar::GnuHeader::is_extended);
        let mut map = GnuExtSparseHeader::new();
        while more {
            if !self.read_block(map.as_mut_bytes())? {
                return Err(cut().into());
            }
            more = map.is_extended();
        }
        Ok(())
    }

    fn body(&mut self, size: u64) -> Exact<'_> {
        Exact {
            reader: &mut *self.reader,
            left: size,
        }
    }

    fn skip_padding(&mut self, size: u64) -> io::Result<()> {
        let padding = size.wrapping_neg() % BLOCK as u64;
        io::copy(&mut self.body(padding), &mut io::sink()).map(drop)
    }

    /// False at the end.
    fn read_block(&mut self, block: &mut [u8; BLOCK]) -> io::Result<bool> {
        let mut filled = 0;
        while filled < BLOCK {
            match self.reader.read(&mut block[filled..])? {
                0 if filled == 0 => return Ok(false),
                0 => return Err(cut().into()),
                n => filled += n,
            }
        }
        Ok(true)
    }
}

fn is_extension(kind: EntryType) -> bool {
    let of_gnu = kind.is_gnu_longname() || kind.is_gnu_longlink();
    of_gnu || kind.is_pax_local_extensions() || kind.is_pax_global_extensions()
}

fn is_link(kind: EntryType) -> bool {
    kind.is_hard_link() || kind.is_symlink()
}

fn is_special(kind: EntryType) -> bool {
    kind.is_dir() || kind.is_character_special() || kind.is_block_special() || kind.is_fifo()
}

fn size_of(header: &Header) -> io::Result<u64> {
    let size = header.entry_size();
    size.map_err(|error| ReadError::damaged(format!("a tar header is damaged: {error}")).into())
}

fn read_pax(records: &[u8], extensions: &mut Extensions) -> io::Result<()> {
    for record in PaxExtensions::new(records) {
        let record = record.map_err(|error| ReadError::damaged(error.to_string()))?;
        extensions.sparse |= record.key_bytes().starts_with(b"GNU.sparse");
        match record.key_bytes() {
            b"path" | b"GNU.sparse.name" => extensions.name = Some(record.value_bytes().to_vec()),
            b"size" => extensions.size = Some(pax_size(record.value())?),
            _ => {}
        }
    }
    Ok(())
}

fn pax_size(value: Result<&str, std::str::Utf8Error>) -> io::Result<u64> {
    let size = value.ok().and_then(|text| text.parse().ok());
    size.ok_or_else(|| ReadError::damaged("a size in a pax header is no number").into())
}

fn cut() -> ReadError {
    ReadError::damaged("the tar ends in the middle of an entry; hint: fetch it again")
}

/// Bytes of which `left` must come; fewer are an error.
struct Exact<'r> {
    reader: &'r mut (dyn Read + Send),
    left: u64,
}

impl Read for Exact<'_> {
    fn read(&mut self, buf: &mut [u8]) -> io::Result<usize> {
        let want = usize::try_from(self.left).map_or(buf.len(), |left| left.min(buf.len()));
        if want == 0 {
            return Ok(0);
        }
        let n = self.reader.read(&mut buf[..want])?;
        if n == 0 {
            return Err(cut().into());
        }
        self.left -= n as u64;
        Ok(n)
    }
}
