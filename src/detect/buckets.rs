//! Values by 32-bit keys, found with two neighbouring reads.

/// As many buckets as there are values, and some more: a place in the first
/// level of the cache is worth more than an empty bucket.
#[derive(Debug)]
pub(super) struct Buckets<T> {
    /// In the order of their buckets.
    sorted: Vec<(u32, T)>,
    /// Where each bucket begins, and the last one ends.
    starts: Vec<u32>,
    /// Bits of a hash that are not those of a bucket.
    shift: u32,
}

impl<T> Buckets<T> {
    /// Values of the same key stay in order.
    pub(super) fn new(mut values: Vec<(u32, T)>) -> Self {
        let bits = values.len().max(2).next_power_of_two().ilog2();
        let shift = u32::BITS - bits;
        let bucket = |value: &(u32, T)| hash(value.0) >> shift;
        values.sort_by_key(bucket);
        let start = |number| values.partition_point(|value| bucket(value) < number) as u32;
        Self {
            starts: (0..=1 << bits).map(start).collect(),
            sorted: values,
            shift,
        }
    }

    /// The values of `key`.
    pub(super) fn of(&self, key: u32) -> impl Iterator<Item = &T> {
        let bucket = (hash(key) >> self.shift) as usize;
        let range = self.starts[bucket] as usize..self.starts[bucket + 1] as usize;
        let same = move |value: &&(u32, T)| value.0 == key;
        self.sorted[range].iter().filter(same).map(|value| &value.1)
    }
}

/// What a key is multiplied by: 2^32 over the golden ratio.
pub(super) const FACTOR: u32 = 0x9E37_79B1;

/// Mixed into its upper bits.
pub(super) fn hash(key: u32) -> u32 {
    key.wrapping_mul(FACTOR)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_are_found_by_their_keys() {
        let values = (0..1000u32).map(|n| (n / 2 * 7, n)).collect();
        let buckets = Buckets::new(values);
        for n in 0..500 {
            let found: Vec<u32> = buckets.of(n * 7).copied().collect();
            assert_eq!(found, [2 * n, 2 * n + 1]);
            assert_eq!(buckets.of(n * 7 + 1).count(), 0);
        }
        assert_eq!(Buckets::<u32>::new(Vec::new()).of(7).count(), 0);
    }
}
