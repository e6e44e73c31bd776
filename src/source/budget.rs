//! What one top-level input may cost, counted over all its layers.

use super::Limits;
use super::error::ReadError;
use crate::origin::ProblemKind;
use std::io::{self, Read};
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering::Relaxed};

/// Short logs compress arbitrarily well; the ratio says nothing about them.
const RATIO_FROM: u64 = 64 << 20;

/// Counters of one top-level input. Once a limit is passed, every reader of
/// that input fails.
pub(super) struct Budget<'l> {
    limits: &'l Limits,
    packed: AtomicU64,
    unpacked: AtomicU64,
    entries: AtomicU64,
    spent: AtomicBool,
}

impl<'l> Budget<'l> {
    /// The budget of an input that has `packed` bytes as far as is known.
    pub(super) fn new(limits: &'l Limits, packed: u64) -> Self {
        Self {
            limits,
            packed: packed.into(),
            unpacked: 0.into(),
            entries: 0.into(),
            spent: false.into(),
        }
    }

    pub(super) fn is_spent(&self) -> bool {
        self.spent.load(Relaxed)
    }

    /// Counts bytes of the input itself, where its length is not known before.
    fn feed(&self, n: usize) {
        self.packed.fetch_add(n as u64, Relaxed);
    }

    /// Counts one archive entry, or tells why no more are read.
    pub(super) fn entry(&self) -> Result<(), ReadError> {
        if self.is_spent() {
            let detail = "the rest of the archive was not read: a limit was reached in it";
            return Err(ReadError::new(ProblemKind::OverLimit, detail));
        }
        let entries = self.entries.fetch_add(1, Relaxed) + 1;
        if entries <= self.limits.max_entries {
            return Ok(());
        }
        let what = format!("more than {} archive entries", self.limits.max_entries);
        self.refuse(&what, "--max-entries")
    }

    /// Counts `n` decompressed bytes.
    fn charge(&self, n: usize) -> Result<(), ReadError> {
        let unpacked = self.unpacked.fetch_add(n as u64, Relaxed) + n as u64;
        if unpacked > self.limits.max_total {
            let what = format!("decompresses to more than {} bytes", self.limits.max_total);
            return self.refuse(&what, "--max-total");
        }
        if self.is_too_dense(unpacked) {
            let what = format!(
                "decompresses to over {} times its size",
                self.limits.max_ratio
            );
            return self.refuse(&what, "--max-ratio");
        }
        Ok(())
    }

    fn is_too_dense(&self, unpacked: u64) -> bool {
        let allowed = self
            .limits
            .max_ratio
            .saturating_mul(self.packed.load(Relaxed));
        unpacked > RATIO_FROM && unpacked > allowed
    }

    /// Whether `n` more decompressed bytes would pass a limit.
    pub(super) fn would_refuse(&self, n: u64) -> bool {
        let unpacked = self.unpacked.load(Relaxed).saturating_add(n);
        unpacked > self.limits.max_total || self.is_too_dense(unpacked)
    }

    fn refuse(&self, what: &str, flag: &str) -> Result<(), ReadError> {
        self.spent.store(true, Relaxed);
        Err(ReadError::over(what, flag))
    }
}

/// Decompressed bytes, charged to a budget. Fails for ever once it failed.
pub(super) struct Metered<'r> {
    inner: Box<dyn Read + Send + 'r>,
    budget: &'r Budget<'r>,
    failed: Option<ReadError>,
}

impl<'r> Metered<'r> {
    pub(super) fn new(inner: Box<dyn Read + Send + 'r>, budget: &'r Budget<'r>) -> Self {
        Self {
            inner,
            budget,
            failed: None,
        }
    }

    fn charged(&mut self, buf: &mut [u8]) -> Result<usize, ReadError> {
        let read = loop {
            match self.inner.read(buf) {
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                read => break read,
            }
        };
        let n = read.map_err(|error| ReadError::from_decoder(&error))?;
        self.budget.charge(n).map(|()| n)
    }
}

impl Read for Metered<'_> {
    fn read(&mut self, buf: &mut [u8]) -> io::Result<usize> {
        if let Some(error) = &self.failed {
            return Err(error.clone().into());
        }
        self.charged(buf).map_err(|error| {
            self.failed = Some(error.clone());
            error.into()
        })
    }
}

/// The bytes of an input whose length is not known before: they are counted,
/// and errors are marked as the system's.
pub(super) struct Counted<'r, R> {
    inner: R,
    budget: &'r Budget<'r>,
}

impl<'r, R> Counted<'r, R> {
    pub(super) fn new(inner: R, budget: &'r Budget<'r>) -> Self {
        Self { inner, budget }
    }
}

impl<R: Read> Read for Counted<'_, R> {
    fn read(&mut self, buf: &mut [u8]) -> io::Result<usize> {
        let read = self.inner.read(buf);
        let n = read.map_err(|error| match error.kind() {
            io::ErrorKind::Interrupted => error,
            _ => ReadError::unreadable(&error).into(),
        })?;
        self.budget.feed(n);
        Ok(n)
    }
}

#[cfg(test)]
mod tests {
    use super::super::problem_of;
    use super::*;

    fn limits(max_ratio: u64, max_total: u64) -> Limits {
        Limits {
            max_ratio,
            max_total,
            max_entries: 2,
            ..Limits::default()
        }
    }

    fn read_zeros(budget: &Budget<'_>, n: u64) -> io::Result<u64> {
        let zeros = Box::new(io::repeat(0).take(n));
        io::copy(&mut Metered::new(zeros, budget), &mut io::sink())
    }

    #[test]
    fn the_total_is_counted_over_all_readers() {
        let limits = limits(1000, 100_000);
        let budget = Budget::new(&limits, 1_000_000);
        assert_eq!(read_zeros(&budget, 100_000).unwrap(), 100_000);
        let error = read_zeros(&budget, 1).unwrap_err();
        assert_eq!(problem_of(&error).0, ProblemKind::OverLimit);
        assert!(budget.is_spent());
    }

    #[test]
    fn the_ratio_counts_only_past_its_threshold() {
        let limits = limits(10, u64::MAX);
        let budget = Budget::new(&limits, 1);
        assert!(!budget.would_refuse(RATIO_FROM));
        assert!(read_zeros(&budget, RATIO_FROM).is_ok());
        assert!(budget.would_refuse(1));
        assert!(read_zeros(&budget, 1).is_err());
    }

    #[test]
    fn input_of_unknown_length_raises_what_is_allowed() {
        let limits = limits(10, u64::MAX);
        let budget = Budget::new(&limits, 0);
        let fed = io::repeat(0).take(RATIO_FROM);
        io::copy(&mut Counted::new(fed, &budget), &mut io::sink()).unwrap();
        assert!(read_zeros(&budget, RATIO_FROM + 1).is_ok());
    }

    #[test]
    fn a_failed_reader_goes_on_failing() {
        let limits = limits(10, 5);
        let budget = Budget::new(&limits, 1);
        let mut reader = Metered::new(Box::new(io::repeat(0)), &budget);
        assert!(reader.read(&mut [0; 9]).is_err());
        assert!(reader.read(&mut [0; 1]).is_err());
    }

    #[test]
    fn entries_are_limited() {
        let limits = limits(10, 5);
        let budget = Budget::new(&limits, 1);
        assert!(budget.entry().is_ok() && budget.entry().is_ok());
        assert!(budget.entry().is_err() && budget.is_spent());
    }
}
