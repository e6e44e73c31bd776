//! A buffered reader that can look ahead, to know what follows before reading.

use std::io::{self, BufRead, Read};

const BUFFER: usize = 32 << 10;

/// A buffered reader with [`Lookahead::peek`].
pub(super) struct Lookahead<R> {
    inner: R,
    buffer: Vec<u8>,
    start: usize,
    end: usize,
    /// An error met while looking ahead; returned when its place is reached.
    failed: Option<io::Error>,
}

impl<R: Read> Lookahead<R> {
    pub(super) fn new(inner: R) -> Self {
        Self {
            inner,
            buffer: vec![0; BUFFER],
            start: 0,
            end: 0,
            failed: None,
        }
    }

    /// The next `n` bytes, or as many as there are before the end or an error.
    /// `n` is at most the size of the buffer.
    pub(super) fn peek(&mut self, n: usize) -> &[u8] {
        if self.start + n > BUFFER {
            self.buffer.copy_within(self.start..self.end, 0);
            self.end -= self.start;
            self.start = 0;
        }
        while self.end - self.start < n && self.failed.is_none() {
            match self.inner.read(&mut self.buffer[self.end..]) {
                Ok(0) => break,
                Ok(read) => self.end += read,
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                Err(error) => self.failed = Some(error),
            }
        }
        &self.buffer[self.start..self.end.min(self.start + n)]
    }

    fn is_drained(&self) -> bool {
        self.start == self.end && self.failed.is_none()
    }
}

impl<R: Read> BufRead for Lookahead<R> {
    fn fill_buf(&mut self) -> io::Result<&[u8]> {
        if self.start == self.end {
            if let Some(error) = self.failed.take() {
                return Err(error);
            }
            (self.start, self.end) = (0, 0);
            self.end = self.inner.read(&mut self.buffer)?;
        }
        Ok(&self.buffer[self.start..self.end])
    }

    fn consume(&mut self, n: usize) {
        self.start = (self.start + n).min(self.end);
    }
}

impl<R: Read> Read for Lookahead<R> {
    fn read(&mut self, buf: &mut [u8]) -> io::Result<usize> {
        if self.is_drained() && buf.len() >= BUFFER {
            return self.inner.read(buf);
        }
        let n = self.fill_buf()?.read(buf)?;
        self.consume(n);
        Ok(n)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Gives `left` bytes one at a time, then fails.
    struct Dripping(usize);

    impl Read for Dripping {
        fn read(&mut self, buf: &mut [u8]) -> io::Result<usize> {
            self.0 = self.0.checked_sub(1).ok_or(io::ErrorKind::BrokenPipe)?;
            buf[0] = b'x';
            Ok(1)
        }
    }

    #[test]
    fn peeking_takes_nothing_away() {
        let text: Vec<u8> = (0..100_000_u32).map(|i| i as u8).collect();
        let mut reader = Lookahead::new(&text[..]);
        let mut read = Vec::new();
        while !reader.peek(512).is_empty() {
            let ahead = reader.peek(512).to_vec();
            let mut buf = [0; 700];
            let n = reader.read(&mut buf).unwrap();
            assert_eq!(ahead[..n.min(512)], buf[..n.min(512)]);
            read.extend_from_slice(&buf[..n]);
        }
        assert!(read == text);
    }

    #[test]
    fn an_error_comes_after_the_bytes_before_it() {
        let mut reader = Lookahead::new(Dripping(5));
        assert_eq!(reader.peek(512), b"xxxxx");
        let mut read = Vec::new();
        assert!(reader.read_to_end(&mut read).is_err());
        assert_eq!(read, b"xxxxx");
    }
}
