//! What held nothing when it was looked at before?
//!
//! Many lines of a log stand in others too, or elsewhere in the same: the archive
//! of a run has most of them twice, and runs of one workflow have most in common.
//! Whether a line is worth a look its own bytes tell, and what the rules make of
//! a text the text does: one look is enough for all of them. What is kept is a
//! keyed hash of what held nothing, never a text, and nothing of a text in which
//! there is a finding.

use foldhash::quality::RandomState;
use std::fmt;
use std::hash::{BuildHasher, Hash};
use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering};
use zerocopy::FromZeros;

/// Hashes that are kept of lines and texts at most, in 8 MiB.
const LINES: usize = 1 << 20;

/// And of passages, in half a MiB: as much as stays in the second level of the cache.
const PASSAGES: usize = 1 << 16;

/// Slots in which a hash may stand: a line of the processor's cache.
const BUCKET: usize = 8;

/// Buckets of lines at first, and by how many times more they become when half of the slots
/// may be full. Each page of memory costs what a look at several lines does: a small log
/// is to need few. What then stands elsewhere is forgotten.
const FIRST_BUCKETS: usize = 1 << 7;
const GROWTH: usize = 4;

/// Hashes of texts that held nothing. A newer one may take the place of an older.
pub(super) struct Seen {
    /// Keyed anew each time: which texts share a hash cannot be known before.
    hash: RandomState,
    slots: Box<[AtomicU64]>,
    /// The first slot that begins a line of the cache.
    first: usize,
    /// Buckets that there are, and that are used, powers of two, and hashes that were added.
    most: usize,
    buckets: AtomicUsize,
    added: AtomicUsize,
}

/// The hash of a text; that of an empty slot is 0.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Key(u64);

impl Seen {
    /// For lines, and for texts.
    pub(super) fn lines() -> Self {
        Self::new(LINES, FIRST_BUCKETS)
    }

    /// For passages, of which even a small log has few for each page of memory.
    pub(super) fn passages() -> Self {
        Self::new(PASSAGES, PASSAGES / BUCKET)
    }

    fn new(slots: usize, buckets: usize) -> Self {
        let most = slots / BUCKET;
        // Without the memory nothing is remembered.
        let slots: Box<[AtomicU64]> =
            FromZeros::new_box_zeroed_with_elems(slots + BUCKET).unwrap_or_default();
        let line = size_of::<[AtomicU64; BUCKET]>();
        Self {
            hash: RandomState::default(),
            first: slots.as_ptr().align_offset(line).min(BUCKET),
            slots,
            most,
            buckets: AtomicUsize::new(buckets),
            added: AtomicUsize::new(0),
        }
    }

    /// Of a text and whatever else decides what is made of it.
    #[inline]
    pub(super) fn key(&self, text: impl Hash) -> Key {
        Key(self.hash.hash_one(text).max(1))
    }

    #[inline]
    pub(super) fn holds(&self, key: Key) -> bool {
        // No branch for each slot: at which it would stop cannot be guessed.
        let slots = self.bucket(key).iter();
        slots.fold(false, |found, slot| {
            found | (slot.load(Ordering::Relaxed) == key.0)
        })
    }

    /// Which of some keys are held: a bit for each, of at most 64.
    pub(super) fn held(&self, keys: impl Iterator<Item = Key> + Clone) -> u64 {
        // Slots lie far away in memory. The processor asks for many of them before it
        // has the first, as long as nothing is done with them.
        let first = |key| {
            let slot = self.bucket(key).first();
            slot.map_or(0, |slot| slot.load(Ordering::Relaxed))
        };
        std::hint::black_box(keys.clone().map(first).fold(0, |all, slot| all ^ slot));
        (0..)
            .zip(keys)
            .fold(0, |held, (n, key)| held | u64::from(self.holds(key)) << n)
    }

    pub(super) fn add(&self, key: Key) {
        let buckets = self.buckets.load(Ordering::Relaxed);
        let added = self.added.fetch_add(1, Ordering::Relaxed);
        if added >= buckets * BUCKET / 2 && buckets < self.most {
            let more = (buckets * GROWTH).min(self.most);
            self.buckets.store(more, Ordering::Relaxed);
        }
        let slots = self.bucket(key);
        let free = slots.iter().find(|slot| slot.load(Ordering::Relaxed) == 0);
        if let Some(slot) = free.or_else(|| slots.get(key.number() % BUCKET)) {
            slot.store(key.0, Ordering::Relaxed);
        }
    }

    fn bucket(&self, key: Key) -> &[AtomicU64] {
        let buckets = self.buckets.load(Ordering::Relaxed);
        // A power of two: no division.
        let number = (key.number() / BUCKET) & (buckets - 1);
        let start = self.first + number * BUCKET;
        self.slots.get(start..start + BUCKET).unwrap_or_default()
    }
}

impl Key {
    fn number(self) -> usize {
        self.0 as usize
    }
}

impl fmt::Debug for Seen {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Seen").finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_added_is_held_and_nothing_else() {
        let seen = Seen::lines();
        let key = |number: u32| seen.key(("text", number));
        for number in 0..100_000 {
            assert!(!seen.holds(key(number)));
            seen.add(key(number));
            assert!(seen.holds(key(number)));
        }
        let held =
            |range: std::ops::Range<u32>| range.filter(|number| seen.holds(key(*number))).count();
        // What was added before there were more buckets is forgotten in part.
        assert!(held(0..100_000) > 70_000);
        assert_eq!(held(100_000..200_000), 0);
        let keys: Vec<Key> = (99_968..100_032).map(key).collect();
        assert_eq!(seen.held(keys.into_iter()), u64::MAX >> 32);
    }

    #[test]
    fn a_full_bucket_holds_the_newest() {
        let seen = Seen::passages();
        let keys = (1..100).map(|number| Key(number * PASSAGES as u64 + number % 8));
        for key in keys.clone() {
            assert_eq!(seen.bucket(key).len(), BUCKET);
            seen.add(key);
            assert!(seen.holds(key));
        }
        assert_eq!(keys.filter(|key| seen.holds(*key)).count(), BUCKET);
    }

    #[test]
    fn hashes_are_keyed_anew_each_time() {
        assert_ne!(Seen::lines().key("text"), Seen::lines().key("text"));
    }
}
