//! A set of keys that is asked without a branch.
//!
//! It may say yes too often, never no too often. Where most answers are no but
//! a processor cannot guess which, a few reads more cost less than a wrong
//! guess.

/// A set with a bit for every value of a hash, in `ROWS` words of 32: a power
/// of two of them, so that a place needs no check.
#[derive(Debug)]
pub(super) struct Sieve<const ROWS: usize> {
    rows: Box<[u32; ROWS]>,
}

impl<const ROWS: usize> Sieve<ROWS> {
    const BITS: u32 = ROWS.ilog2() + u32::BITS.ilog2();

    pub(super) fn new(keys: impl Iterator<Item = u64>) -> Self {
        let mut rows = Box::new([0; ROWS]);
        for key in keys {
            let (row, bit) = Self::place(key);
            rows[row] |= 1 << bit;
        }
        Self { rows }
    }

    /// Whether `key` may be one of the set.
    #[inline]
    pub(super) fn has(&self, key: u64) -> bool {
        let (row, bit) = Self::place(key);
        self.rows[row] >> bit & 1 == 1
    }

    fn place(key: u64) -> (usize, u32) {
        // 2^64 over the golden ratio, which mixes a key into the upper bits.
        let hash = key.wrapping_mul(0x9E37_79B9_7F4A_7C15) >> (u64::BITS - Self::BITS);
        (
            (hash / u64::from(u32::BITS)) as usize,
            hash as u32 % u32::BITS,
        )
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
