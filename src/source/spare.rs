//! Buffers that are used again.
//!
//! A fresh buffer of some hundred KiB costs a fault for each of its pages, which
//! is more than it costs to read into it.

use std::cell::RefCell;
use std::ops::{Deref, DerefMut};

/// Buffers that a thread keeps, and how large they may be.
const KEPT: usize = 4;
const LARGEST: usize = 8 << 20;

thread_local! {
    static SPARE: RefCell<Vec<Vec<u8>>> = const { RefCell::new(Vec::new()) };
}

/// A buffer that goes back to the thread by which it is dropped. It holds what it
/// was left with.
#[derive(Debug)]
pub(crate) struct Spare(Vec<u8>);

impl Spare {
    /// One of the thread's, or a new one.
    pub(crate) fn take() -> Self {
        Self(SPARE.with_borrow_mut(Vec::pop).unwrap_or_default())
    }
}

impl Drop for Spare {
    fn drop(&mut self) {
        let buffer = std::mem::take(&mut self.0);
        if buffer.capacity() <= LARGEST {
            // A thread that ends has none to keep.
            let _ = SPARE.try_with(|spare| {
                let mut spare = spare.borrow_mut();
                if spare.len() < KEPT {
                    spare.push(buffer);
                }
            });
        }
    }
}

impl Deref for Spare {
    type Target = Vec<u8>;

    fn deref(&self) -> &Vec<u8> {
        &self.0
    }
}

impl DerefMut for Spare {
    fn deref_mut(&mut self) -> &mut Vec<u8> {
        &mut self.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_buffer_is_used_again() {
        let place = {
            let mut buffer = Spare::take();
            buffer.resize(100_000, 7);
            buffer.as_ptr()
        };
        let again = Spare::take();
        assert_eq!((again.as_ptr(), again.len()), (place, 100_000));
        assert!(Spare::take().is_empty());
    }
}
