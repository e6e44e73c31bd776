//! Logs, streamed from the log store to a file.

use super::answer::is_unwritten;
use super::core::Core;
use super::transport::Response;
use super::{GithubError, GithubErrorKind, Repository, link};
use data_encoding::HEXLOWER;
use http::{StatusCode, Uri};
use http_body_util::{BodyExt, Limited};
use sha2::{Digest, Sha256};
use std::fs::File;
use std::io::{self, Seek, Write};

/// A log that was fetched whole.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Fetched {
    /// Size of the file.
    pub bytes: u64,
    /// SHA-256 of the file, lower-case hexadecimal.
    pub sha256: String,
}

/// What a log must begin with; any of these.
pub(super) type Magic = &'static [&'static [u8]];

/// A zip with entries, and one without.
pub(super) const ZIP: Magic = &[b"PK\x03\x04", b"PK\x05\x06"];

const LONGEST_MAGIC: usize = 4;

/// A text begins with anything.
pub(super) const TEXT: Magic = &[b""];

impl Core {
    /// Fetches the log at `tail` into `out`, which is emptied before. Each try
    /// takes a new link, because links last a minute.
    pub(super) fn fetch(
        &self,
        of: &Repository,
        tail: &str,
        magic: Magic,
        out: &mut File,
    ) -> Result<Fetched, GithubError> {
        self.patiently(|| {
            let answer = self.get_once(of, tail)?;
            let link = link::location(&answer, self.settings.allow_http)?;
            let mut sink = Sink::new(out).map_err(|error| unwritable(&error))?;
            self.block_on(self.download(link, &mut sink))?;
            sink.finish(tail, magic)
        })
    }

    async fn download(&self, link: Uri, sink: &mut Sink<'_>) -> Result<(), GithubError> {
        let response = self.in_time(STORE, self.store._get(link)).await?;
        let response = response.map_err(|error| GithubError::network(STORE, &error))?;
        if response.status() != StatusCode::OK {
            return Err(self.in_time(STORE, refused(response)).await?);
        }
        let mut body = response.into_body();
        while let Some(frame) = self.in_time(STORE, body.frame()).await? {
            let frame = frame.map_err(|error| GithubError::network(STORE, &error))?;
            let part = frame.into_data().unwrap_or_default();
            sink.take(&part).map_err(|error| unwritable(&error))?;
        }
        Ok(())
    }
}

/// Its address would be a signed link.
const STORE: &str = "the log store";

/// Why the store did not serve. All but what is certain may be a link that
/// ran out, and is worth a new one.
async fn refused(response: Response) -> GithubError {
    const MOST: usize = 64 << 10;
    let status = response.status();
    let body = Limited::new(response.into_body(), MOST).collect().await;
    let body = body
        .map(http_body_util::Collected::to_bytes)
        .unwrap_or_default();
    let kind = match status {
        StatusCode::NOT_FOUND if is_unwritten(&body) => GithubErrorKind::NotYet,
        StatusCode::NOT_FOUND => GithubErrorKind::NotFound,
        StatusCode::GONE => GithubErrorKind::Gone,
        _ => GithubErrorKind::Server,
    };
    let (what, hint) = match kind {
        GithubErrorKind::NotYet => (
            "the log is not written yet",
            "ask again when the job has ended",
        ),
        GithubErrorKind::Server => ("the log store does not serve", "ask again later"),
        _ => (
            "the log store has no such log",
            "it was deleted or has expired",
        ),
    };
    let what = format!("{what} (status {})", status.as_u16());
    GithubError::new(kind, what, hint).with_status(status)
}

fn unwritable(error: &io::Error) -> GithubError {
    let what = format!("failed to write a log to its file: {error}");
    GithubError::new(GithubErrorKind::File, what, "is the disk full?")
}

/// Where a log goes.
struct Sink<'a> {
    out: &'a mut File,
    digest: Sha256,
    bytes: u64,
    head: Vec<u8>,
}

impl<'a> Sink<'a> {
    /// Forgets what an earlier try left.
    fn new(out: &'a mut File) -> io::Result<Self> {
        out.rewind()?;
        out.set_len(0)?;
        Ok(Self {
            out,
            digest: Sha256::new(),
            bytes: 0,
            head: Vec::new(),
        })
    }

    fn take(&mut self, part: &[u8]) -> io::Result<()> {
        let missing = LONGEST_MAGIC.saturating_sub(self.head.len());
        self.head.extend(part.iter().take(missing));
        self.digest.update(part);
        self.bytes += part.len() as u64;
        self.out.write_all(part)
    }

    fn finish(self, tail: &str, magic: Magic) -> Result<Fetched, GithubError> {
        if !magic.iter().any(|magic| self.head.starts_with(magic)) {
            let what = format!("what came for {tail} is not a zip ({} bytes)", self.bytes);
            return Err(GithubError::bad_answer(what));
        }
        Ok(Fetched {
            bytes: self.bytes,
            sha256: HEXLOWER.encode(&self.digest.finalize()),
        })
    }
}
