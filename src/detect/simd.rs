//! What kind of byte stands where, and which grams may, 64 bytes at a time.
//!
//! The file of the engine with `unsafe`: vector instructions, chosen when the program
//! runs on a processor that has them. Every version gives what the [`portable`]
//! one gives, which property tests hold. Measured gain: see
//! `docs/performance.md`.
#![allow(unsafe_code)]

use super::buckets::hash;
use super::decode::{begins_base64, begins_hex};
use crate::rule::runs::is_token;

/// Bytes of a chunk: one for each bit of a mask.
pub(super) const CHUNK: usize = 64;

/// The first of the bytes, with `fill` behind them where there are too few.
pub(super) fn padded<const N: usize>(bytes: &[u8], fill: u8) -> [u8; N] {
    let mut padded = [fill; N];
    let len = bytes.len().min(N);
    padded[..len].copy_from_slice(&bytes[..len]);
    padded
}

/// Kinds of the bytes of one chunk: bit `n` is for byte `n`.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) struct Kinds {
    /// Letters, digits, `+`, `/`, `-`, `_`: what runs of base64 consist of.
    pub token: u64,
    /// `+`, `/`, `-`, `_` alone.
    pub joint: u64,
    /// Escape, backspace, NUL.
    pub control: u64,
    /// Backslash and percent sign.
    pub mark: u64,
    /// What base64 of text, and hexadecimal digits of text, may begin with.
    pub base64: u64,
    pub hex: u64,
}

/// Windows of four bytes are looked up at every second byte.
pub(super) const STRIDE: usize = 2;
/// Bytes that the windows of a chunk cover.
pub(super) const SPAN: usize = CHUNK + STRIDE;
/// A table of grams has two bits for each of them in one of so many words of 32:
/// as much as stays in the second level of the cache.
const ROW_BITS: u32 = 14;
pub(super) const ROWS: usize = 1 << ROW_BITS;
/// What is shifted out of a hash to leave a row, and the two bits of it.
const SHIFTS: [u32; 3] = [32 - ROW_BITS, 32 - ROW_BITS - 5, 32 - ROW_BITS - 10];
/// Sets the bit that tells lower from upper case. It makes other bytes equal
/// too, which does no harm to a filter.
pub(super) const FOLD: u32 = 0x2020_2020;

/// A table without a gram.
pub(super) fn empty_table() -> Box<[u32; ROWS]> {
    let rows: Box<[u32]> = vec![0; ROWS].into();
    match rows.try_into() {
        Ok(table) => table,
        Err(rows) => unreachable!("{} rows are not {ROWS}", rows.len()),
    }
}

/// The row of a folded gram in a table, and its bits there.
pub(super) fn place(gram: u32) -> (usize, u32) {
    let hash = hash(gram);
    let [row, one, two] = SHIFTS.map(|shift| hash >> shift);
    (row as usize, 1 << (one & 31) | 1 << (two & 31))
}

/// What is done with vector instructions where there are some.
#[derive(Clone, Copy)]
pub(super) struct Kernel {
    /// Tells the kinds of `out.len()` chunks, which the bytes hold.
    pub classify: fn(&[u8], &mut [Kinds]),
    /// For `out.len()` chunks, which the bytes hold with two bytes more: bit `n` is
    /// set when the table has the window at byte `n`.
    pub grams: fn(&[u32; ROWS], &[u8], &mut [u64]),
    /// For `out.len()` chunks, which the bytes hold: bit `n` is set when byte `n` is a
    /// line feed.
    pub feeds: fn(&[u8], &mut [u64]),
}

const PORTABLE: Kernel = Kernel {
    classify: portable,
    grams: portable_grams,
    feeds: portable_feeds,
};

/// The fastest one that this processor runs.
pub(super) fn kernel() -> Kernel {
    #[cfg(target_arch = "x86_64")]
    if is_x86_feature_detected!("avx2") {
        return Kernel {
            classify: avx2,
            grams: avx2_grams,
            feeds: avx2_feeds,
        };
    }
    #[cfg(target_arch = "aarch64")]
    if std::arch::is_aarch64_feature_detected!("neon") {
        return Kernel {
            classify: neon,
            feeds: neon_feeds,
            ..PORTABLE
        };
    }
    PORTABLE
}

/// What is done faster with the instructions that count and find bits. `run` is
/// inlined where they may be used; a closure would not be.
pub(super) trait BitWork {
    type Out;

    fn run(self) -> Self::Out;
}

/// Runs `work` with those instructions where the processor has them.
pub(super) fn with_bits<W: BitWork>(work: W) -> W::Out {
    #[cfg(target_arch = "x86_64")]
    if is_x86_feature_detected!("bmi1")
        && is_x86_feature_detected!("bmi2")
        && is_x86_feature_detected!("popcnt")
    {
        // SAFETY: the processor was just seen to have them.
        return unsafe { x86::with_bits(work) };
    }
    work.run()
}

/// Window by window, on any processor.
fn portable_grams(table: &[u32; ROWS], bytes: &[u8], out: &mut [u64]) {
    let has = |at: usize| {
        let window = bytes[at..].first_chunk().copied().unwrap_or_default();
        let (row, bits) = place(u32::from_le_bytes(window) | FOLD);
        u64::from(table[row] & bits == bits)
    };
    for (chunk, found) in out.iter_mut().enumerate() {
        let windows = (0..CHUNK).step_by(STRIDE);
        *found = windows.fold(0, |found, at| found | has(chunk * CHUNK + at) << at);
    }
}

/// Byte by byte, on any processor.
fn portable_feeds(bytes: &[u8], out: &mut [u64]) {
    for (chunk, feeds) in bytes.chunks_exact(CHUNK).zip(out) {
        let bits = (0..)
            .zip(chunk)
            .map(|(at, byte)| u64::from(*byte == b'\n') << at);
        *feeds = bits.fold(0, |all, bit| all | bit);
    }
}

const TOKEN: u8 = 1;
const JOINT: u8 = 2;
const CONTROL: u8 = 4;
const MARK: u8 = 8;
const BASE64: u8 = 16;
const HEX: u8 = 32;
const TABLE: [u8; 256] = table();

const fn table() -> [u8; 256] {
    let mut table = [0u8; 256];
    let mut at = 0usize;
    while at < 256 {
        table[at] = match at as u8 {
            byte if byte.is_ascii_alphanumeric() => TOKEN,
            byte if is_token(byte) => TOKEN | JOINT,
            0x1b | 0x08 | 0 => CONTROL,
            b'\\' | b'%' => MARK,
            _ => 0,
        };
        if begins_base64(at as u8) {
            table[at] |= BASE64;
        }
        if begins_hex(at as u8) {
            table[at] |= HEX;
        }
        at += 1;
    }
    table
}

/// Byte by byte, on any processor.
fn portable(bytes: &[u8], out: &mut [Kinds]) {
    for (chunk, kinds) in bytes.chunks_exact(CHUNK).zip(out) {
        *kinds = Kinds::default();
        for (at, byte) in chunk.iter().enumerate() {
            let class = TABLE[usize::from(*byte)];
            kinds.token |= u64::from(class & TOKEN) << at;
            kinds.joint |= u64::from(class & JOINT != 0) << at;
            kinds.control |= u64::from(class & CONTROL != 0) << at;
            kinds.mark |= u64::from(class & MARK != 0) << at;
            kinds.base64 |= u64::from(class & BASE64 != 0) << at;
            kinds.hex |= u64::from(class & HEX != 0) << at;
        }
    }
}

/// Groups of bytes that a table by the low and one by the high half of a byte
/// tell together: a byte is in a group when both tables have its bit.
#[cfg(any(target_arch = "x86_64", target_arch = "aarch64", test))]
mod halves {
    /// `A`-`O`, `a`-`o`.
    const FIRST_LETTERS: u8 = 1;
    /// `P`-`Z`, `p`-`z`.
    const LAST_LETTERS: u8 = 2;
    const DIGITS: u8 = 4;
    /// `+`, `-`, `/`.
    const SIGNS: u8 = 8;
    const UNDERSCORE: u8 = 16;
    /// NUL and backspace.
    const NULS: u8 = 32;
    const ESCAPE: u8 = 64;
    /// A percent sign; the backslash is told by its value.
    const PERCENT: u8 = 128;

    pub(super) const TOKEN: u8 = FIRST_LETTERS | LAST_LETTERS | DIGITS | JOINT;
    pub(super) const JOINT: u8 = SIGNS | UNDERSCORE;
    pub(super) const CONTROL: u8 = NULS | ESCAPE;
    pub(super) const MARK: u8 = PERCENT;

    pub(super) static LOW: [u8; 16] = low();
    pub(super) static HIGH: [u8; 16] = [
        NULS,
        ESCAPE,
        SIGNS | PERCENT,
        DIGITS,
        FIRST_LETTERS,
        LAST_LETTERS | UNDERSCORE,
        FIRST_LETTERS,
        LAST_LETTERS,
        0,
        0,
        0,
        0,
        0,
        0,
        0,
        0,
    ];

    /// A group for each high half, and by low halves those in which a byte is of
    /// the kind: any kind of ASCII can be told so.
    pub(super) static EIGHT: [u8; 16] = [1, 2, 4, 8, 16, 32, 64, 128, 0, 0, 0, 0, 0, 0, 0, 0];
    pub(super) static BASE64: [u8; 16] = of_kind(super::BASE64);
    pub(super) static HEX: [u8; 16] = of_kind(super::HEX);

    const fn of_kind(kind: u8) -> [u8; 16] {
        let mut table = [0u8; 16];
        let mut byte = 0usize;
        while byte < 128 {
            if super::TABLE[byte] & kind != 0 {
                table[byte & 15] |= 1 << (byte >> 4);
            }
            byte += 1;
        }
        table
    }

    const fn low() -> [u8; 16] {
        let mut table = [0u8; 16];
        let mut at = 0usize;
        while at < 16 {
            if at >= 1 {
                table[at] |= FIRST_LETTERS;
            }
            if at <= 10 {
                table[at] |= LAST_LETTERS;
            }
            if at <= 9 {
                table[at] |= DIGITS;
            }
            if at == 0xb || at == 0xd || at == 0xf {
                table[at] |= SIGNS;
            }
            if at == 0xf {
                table[at] |= UNDERSCORE;
            }
            if at == 0 || at == 8 {
                table[at] |= NULS;
            }
            if at == 0xb {
                table[at] |= ESCAPE;
            }
            if at == 5 {
                table[at] |= PERCENT;
            }
            at += 1;
        }
        table
    }
}

#[cfg(target_arch = "x86_64")]
fn avx2(bytes: &[u8], out: &mut [Kinds]) {
    assert!(bytes.len() >= out.len() * CHUNK);
    // SAFETY: `kernel` gives this function out only where AVX2 was detected,
    // and the bytes of every chunk were just seen to be there.
    unsafe { x86::chunks(bytes, out) }
}

#[cfg(target_arch = "x86_64")]
fn avx2_grams(table: &[u32; ROWS], bytes: &[u8], out: &mut [u64]) {
    assert!(out.is_empty() || bytes.len() >= out.len() * CHUNK + STRIDE);
    // SAFETY: as above; a window goes two bytes beyond its chunk.
    unsafe { x86::grams(table, bytes, out) }
}

#[cfg(target_arch = "x86_64")]
fn avx2_feeds(bytes: &[u8], out: &mut [u64]) {
    assert!(bytes.len() >= out.len() * CHUNK);
    // SAFETY: as for `avx2`.
    unsafe { x86::feeds(bytes, out) }
}

#[cfg(target_arch = "x86_64")]
mod x86 {
    use super::super::buckets::FACTOR;
    use super::{BitWork, CHUNK, FOLD, Kinds, ROWS, SHIFTS, STRIDE, halves};
    use std::arch::x86_64::{
        __m256i, _mm_loadu_si128, _mm_unpackhi_epi16, _mm_unpacklo_epi16, _mm256_and_si256,
        _mm256_broadcastsi128_si256, _mm256_castsi256_ps, _mm256_cmpeq_epi8,
        _mm256_i32gather_epi32, _mm256_loadu_si256, _mm256_movemask_epi8, _mm256_movemask_ps,
        _mm256_mullo_epi32, _mm256_or_si256, _mm256_set_m128i, _mm256_set1_epi8, _mm256_set1_epi32,
        _mm256_setzero_si256, _mm256_shuffle_epi8, _mm256_slli_epi32, _mm256_srli_epi16,
        _mm256_srli_epi32, _mm256_srlv_epi32,
    };

    const ROW: i32 = SHIFTS[0].cast_signed();
    const ONE: i32 = SHIFTS[1].cast_signed();
    const TWO: i32 = SHIFTS[2].cast_signed();
    const _: () = assert!(ROWS == 1 << (32 - ROW));

    #[target_feature(enable = "bmi1,bmi2,popcnt")]
    pub(super) fn with_bits<W: BitWork>(work: W) -> W::Out {
        work.run()
    }

    struct Tables {
        low: __m256i,
        high: __m256i,
        eight: __m256i,
        base64: __m256i,
        hex: __m256i,
        nibble: __m256i,
    }

    #[target_feature(enable = "avx2")]
    fn twice(table: &[u8; 16]) -> __m256i {
        // SAFETY: the table has the 16 bytes that are loaded.
        _mm256_broadcastsi128_si256(unsafe { _mm_loadu_si128(table.as_ptr().cast()) })
    }

    /// # Safety
    /// AVX2, and `CHUNK` bytes for every element of `out`.
    #[target_feature(enable = "avx2")]
    pub(super) unsafe fn chunks(bytes: &[u8], out: &mut [Kinds]) {
        let tables = Tables {
            low: twice(&halves::LOW),
            high: twice(&halves::HIGH),
            eight: twice(&halves::EIGHT),
            base64: twice(&halves::BASE64),
            hex: twice(&halves::HEX),
            nibble: _mm256_set1_epi8(0x0f),
        };
        for (chunk, kinds) in bytes.chunks_exact(CHUNK).zip(out) {
            let (a, b) = load(chunk);
            let (a, b) = (half(a, &tables), half(b, &tables));
            *kinds = Kinds {
                token: join(a.token, b.token),
                joint: join(a.joint, b.joint),
                control: join(a.control, b.control),
                mark: join(a.mark, b.mark),
                base64: join(a.base64, b.base64),
                hex: join(a.hex, b.hex),
            };
        }
    }

    /// Both halves of a chunk.
    #[target_feature(enable = "avx2")]
    fn load(chunk: &[u8]) -> (__m256i, __m256i) {
        let (low, high) = chunk.split_at(CHUNK / 2);
        assert!(high.len() == CHUNK / 2);
        // SAFETY: each has 32 bytes.
        unsafe {
            (
                _mm256_loadu_si256(low.as_ptr().cast()),
                _mm256_loadu_si256(high.as_ptr().cast()),
            )
        }
    }

    #[target_feature(enable = "avx2")]
    pub(super) fn feeds(bytes: &[u8], out: &mut [u64]) {
        let feed = _mm256_set1_epi8(0x0a);
        let is = |half| _mm256_movemask_epi8(_mm256_cmpeq_epi8(half, feed)).cast_unsigned();
        for (chunk, feeds) in bytes.chunks_exact(CHUNK).zip(out) {
            let (low, high) = load(chunk);
            *feeds = join(is(low), is(high));
        }
    }

    fn join(low: u32, high: u32) -> u64 {
        u64::from(low) | u64::from(high) << 32
    }

    struct Half {
        token: u32,
        joint: u32,
        control: u32,
        mark: u32,
        base64: u32,
        hex: u32,
    }

    #[target_feature(enable = "avx2")]
    fn half(bytes: __m256i, tables: &Tables) -> Half {
        // A byte above 0x7f gives 0 in the table of low halves.
        let low = _mm256_shuffle_epi8(tables.low, bytes);
        let halves = _mm256_and_si256(_mm256_srli_epi16::<4>(bytes), tables.nibble);
        let groups = _mm256_and_si256(low, _mm256_shuffle_epi8(tables.high, halves));
        let eighth = _mm256_shuffle_epi8(tables.eight, halves);
        let of_kind = |table| {
            let groups = _mm256_and_si256(_mm256_shuffle_epi8(table, bytes), eighth);
            any(groups, u8::MAX)
        };
        let backslash = _mm256_cmpeq_epi8(bytes, _mm256_set1_epi8(0x5c));
        Half {
            token: any(groups, halves::TOKEN),
            joint: any(groups, halves::JOINT),
            control: any(groups, halves::CONTROL),
            mark: any(groups, halves::MARK) | _mm256_movemask_epi8(backslash).cast_unsigned(),
            base64: of_kind(tables.base64),
            hex: of_kind(tables.hex),
        }
    }

    /// # Safety
    /// AVX2, and `CHUNK` bytes for every element of `out` with `STRIDE` more.
    #[target_feature(enable = "avx2")]
    pub(super) unsafe fn grams(table: &[u32; ROWS], bytes: &[u8], out: &mut [u64]) {
        for (chunk, found) in out.iter_mut().enumerate() {
            let mut windows = 0;
            for part in 0..4 {
                let bytes = &bytes[chunk * CHUNK + part * 16..];
                // SAFETY: 16 bytes, and 16 from the second byte on, are there.
                let (even, odd) = unsafe {
                    (
                        _mm_loadu_si128(bytes.as_ptr().cast()),
                        _mm_loadu_si128(bytes[STRIDE..].as_ptr().cast()),
                    )
                };
                // Eight windows: two bytes each, and the two behind them.
                let eight =
                    _mm256_set_m128i(_mm_unpackhi_epi16(even, odd), _mm_unpacklo_epi16(even, odd));
                // SAFETY: AVX2 is there.
                windows |= unsafe { lookup(table, eight) } << (8 * part);
            }
            *found = spread(windows);
        }
    }

    /// One bit for each of eight windows.
    ///
    /// # Safety
    /// AVX2.
    #[target_feature(enable = "avx2")]
    unsafe fn lookup(table: &[u32; ROWS], windows: __m256i) -> u32 {
        let folded = _mm256_or_si256(windows, _mm256_set1_epi32(FOLD.cast_signed()));
        let hash = _mm256_mullo_epi32(folded, _mm256_set1_epi32(FACTOR.cast_signed()));
        let row = _mm256_srli_epi32::<ROW>(hash);
        let five = _mm256_set1_epi32(31);
        let one = _mm256_and_si256(_mm256_srli_epi32::<ONE>(hash), five);
        let two = _mm256_and_si256(_mm256_srli_epi32::<TWO>(hash), five);
        // SAFETY: a row is what is left of 32 bits after a shift that leaves as
        // many values as the table has rows.
        let rows = unsafe { _mm256_i32gather_epi32::<4>(table.as_ptr().cast(), row) };
        let both = _mm256_and_si256(_mm256_srlv_epi32(rows, one), _mm256_srlv_epi32(rows, two));
        let sign = _mm256_slli_epi32::<31>(both);
        _mm256_movemask_ps(_mm256_castsi256_ps(sign)).cast_unsigned()
    }

    /// Bit `n` becomes bit `2n`.
    fn spread(bits: u32) -> u64 {
        let steps = [
            (16, 0x0000_ffff_0000_ffff),
            (8, 0x00ff_00ff_00ff_00ff),
            (4, 0x0f0f_0f0f_0f0f_0f0f),
            (2, 0x3333_3333_3333_3333),
            (1, 0x5555_5555_5555_5555),
        ];
        let step = |bits: u64, (shift, mask): (u32, u64)| (bits | bits << shift) & mask;
        steps.into_iter().fold(u64::from(bits), step)
    }

    /// One bit for each byte: is it in one of these groups?
    #[target_feature(enable = "avx2")]
    fn any(groups: __m256i, wanted: u8) -> u32 {
        let wanted = _mm256_set1_epi8(wanted.cast_signed());
        let none = _mm256_cmpeq_epi8(_mm256_and_si256(groups, wanted), _mm256_setzero_si256());
        !_mm256_movemask_epi8(none).cast_unsigned()
    }
}

#[cfg(target_arch = "aarch64")]
fn neon(bytes: &[u8], out: &mut [Kinds]) {
    assert!(bytes.len() >= out.len() * CHUNK);
    // SAFETY: `kernel` gives this function out only where NEON was detected,
    // and the bytes of every chunk were just seen to be there.
    unsafe { arm::chunks(bytes, out) }
}

#[cfg(target_arch = "aarch64")]
fn neon_feeds(bytes: &[u8], out: &mut [u64]) {
    assert!(bytes.len() >= out.len() * CHUNK);
    // SAFETY: as for `neon`.
    unsafe { arm::feeds(bytes, out) }
}

#[cfg(target_arch = "aarch64")]
mod arm {
    use super::{CHUNK, Kinds, halves};
    use std::arch::aarch64::{
        uint8x16_t, vaddv_u8, vandq_u8, vceqq_u8, vdupq_n_u8, vget_high_u8, vget_low_u8, vld1q_u8,
        vorrq_u8, vqtbl1q_u8, vshrq_n_u8, vtstq_u8,
    };

    /// # Safety
    /// NEON, and `CHUNK` bytes for every element of `out`.
    #[target_feature(enable = "neon")]
    pub(super) unsafe fn chunks(bytes: &[u8], out: &mut [Kinds]) {
        for (chunk, kinds) in bytes.chunks_exact(CHUNK).zip(out) {
            *kinds = Kinds::default();
            for (quarter, part) in chunk.chunks_exact(16).enumerate() {
                // SAFETY: a part has 16 bytes.
                let bytes = unsafe { vld1q_u8(part.as_ptr()) };
                let (low, high) = (vandq_u8(bytes, vdupq_n_u8(0x0f)), vshrq_n_u8::<4>(bytes));
                let groups =
                    |of_low, of_high| vandq_u8(look_up(of_low, low), look_up(of_high, high));
                let of_kind = |table| {
                    let groups = groups(table, &halves::EIGHT);
                    bits(vtstq_u8(groups, groups))
                };
                let groups = groups(&halves::LOW, &halves::HIGH);
                let any = |wanted: u8| vtstq_u8(groups, vdupq_n_u8(wanted));
                let backslash = vceqq_u8(bytes, vdupq_n_u8(0x5c));
                let shift = 16 * quarter;
                kinds.token |= bits(any(halves::TOKEN)) << shift;
                kinds.joint |= bits(any(halves::JOINT)) << shift;
                kinds.control |= bits(any(halves::CONTROL)) << shift;
                kinds.mark |= bits(vorrq_u8(any(halves::MARK), backslash)) << shift;
                kinds.base64 |= of_kind(&halves::BASE64) << shift;
                kinds.hex |= of_kind(&halves::HEX) << shift;
            }
        }
    }

    #[target_feature(enable = "neon")]
    pub(super) fn feeds(bytes: &[u8], out: &mut [u64]) {
        for (chunk, feeds) in bytes.chunks_exact(CHUNK).zip(out) {
            *feeds = 0;
            for (quarter, part) in chunk.chunks_exact(16).enumerate() {
                // SAFETY: a part has 16 bytes.
                let bytes = unsafe { vld1q_u8(part.as_ptr()) };
                *feeds |= bits(vceqq_u8(bytes, vdupq_n_u8(b'\n'))) << (16 * quarter);
            }
        }
    }

    #[target_feature(enable = "neon")]
    fn look_up(table: &[u8; 16], halves: uint8x16_t) -> uint8x16_t {
        // SAFETY: the table has 16 bytes.
        vqtbl1q_u8(unsafe { vld1q_u8(table.as_ptr()) }, halves)
    }

    /// One bit for each byte that is not 0.
    #[target_feature(enable = "neon")]
    fn bits(mask: uint8x16_t) -> u64 {
        static PLACES: [u8; 16] = [1, 2, 4, 8, 16, 32, 64, 128, 1, 2, 4, 8, 16, 32, 64, 128];
        // SAFETY: the table has 16 bytes.
        let places = unsafe { vld1q_u8(PLACES.as_ptr()) };
        let placed = vandq_u8(mask, places);
        u64::from(vaddv_u8(vget_low_u8(placed))) | u64::from(vaddv_u8(vget_high_u8(placed))) << 8
    }
}

#[cfg(test)]
mod tests;
