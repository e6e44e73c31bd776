//! A set of keys that is asked without a branch.
//!
//! It may say yes too often, never no too often. Where most answers are no but
//! a processor cannot guess which, a few reads more cost less than a wrong
//! guess.

/// A set with two bits for every key in one of `ROWS` words: a power of two of
/// them, so that a place needs no check.
#[derive(Debug)]
pub(super) struct Sieve<const ROWS: usize> {
    rows: Box<[u64; ROWS]>,
}

impl<const ROWS: usize> Sieve<ROWS> {
    pub(super) fn new(keys: impl Iterator<Item = u64>) -> Self {
        let mut rows = Box::new([0; ROWS]);
        for key in keys {
            let (row, bits) = Self::place(key);
            rows[row] |= bits;
        }
        Self { rows }
    }

    /// Whether `key` may be one of the set.
    #[inline]
    pub(super) fn has(&self, key: u64) -> bool {
        let (row, bits) = Self::place(key);
        self.rows[row] & bits == bits
    }

    /// The row of a key and its bits there.
    #[inline]
    fn place(key: u64) -> (usize, u64) {
        // 2^64 over the golden ratio, which mixes a key into the upper bits.
        let hash = key.wrapping_mul(0x9E37_79B9_7F4A_7C15);
        let row = hash >> (u64::BITS - ROWS.ilog2());
        let bit = |shift: u32| 1 << ((hash >> shift) % u64::from(u64::BITS));
        (row as usize, bit(32) | bit(40))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_put_in_is_there_and_little_else() {
        let sieve = Sieve::<1024>::new((0..500).map(|n| n * 7919));
        assert!((0..500).all(|n| sieve.has(n * 7919)));
        let others = (0..10_000).filter(|n| sieve.has(n * 7919 + 1)).count();
        assert!(others < 500, "{others}");
    }
}
