use super::*;
use proptest::prelude::*;

fn kinds(kernel: Kernel, bytes: &[u8]) -> Vec<Kinds> {
    let mut out = vec![Kinds::default(); bytes.len() / CHUNK];
    (kernel.classify)(bytes, &mut out);
    out
}

fn grams(kernel: Kernel, table: &[u32; ROWS], bytes: &[u8]) -> Vec<u64> {
    let mut out = vec![0; bytes.len().saturating_sub(STRIDE) / CHUNK];
    (kernel.grams)(table, bytes, &mut out);
    out
}

#[test]
fn every_byte_is_of_its_kind() {
    let bytes: Vec<u8> = (0..=255).collect();
    assert_eq!(kinds(kernel(), &bytes), kinds(PORTABLE, &bytes));
    let by_halves = |byte: u8, group: u8| {
        halves::LOW[usize::from(byte & 15)] & halves::HIGH[usize::from(byte >> 4)] & group != 0
    };
    for byte in 0..=255u8 {
        let class = TABLE[usize::from(byte)];
        assert_eq!(class & TOKEN != 0, by_halves(byte, halves::TOKEN));
        assert_eq!(class & JOINT != 0, by_halves(byte, halves::JOINT));
        assert_eq!(class & CONTROL != 0, by_halves(byte, halves::CONTROL));
        let mark = by_halves(byte, halves::MARK) || byte == b'\\';
        assert_eq!(class & MARK != 0, mark);
        let eighth = halves::EIGHT[usize::from(byte >> 4)];
        let of_kind = |table: &[u8; 16]| table[usize::from(byte & 15)] & eighth != 0;
        assert_eq!(class & BASE64 != 0, of_kind(&halves::BASE64));
        assert_eq!(class & HEX != 0, of_kind(&halves::HEX));
    }
}

proptest! {
    #[test]
    fn the_fast_version_equals_the_portable_one(
        bytes in proptest::collection::vec(any::<u8>(), 0..1024),
        skipped in 0usize..64,
    ) {
        let bytes = &bytes[skipped.min(bytes.len())..];
        let whole = &bytes[..bytes.len() / CHUNK * CHUNK];
        prop_assert_eq!(kinds(kernel(), whole), kinds(PORTABLE, whole));
        // Every third of the windows is in the table.
        let mut table = empty_table();
        for window in bytes.windows(4).step_by(3) {
            let bytes = [window[0], window[1], window[2], window[3]];
            let (row, bits) = place(u32::from_le_bytes(bytes) | FOLD);
            table[row] |= bits;
        }
        let found = grams(kernel(), &table, bytes);
        prop_assert_eq!(&found, &grams(PORTABLE, &table, bytes));
        prop_assert!(found.is_empty() || found.iter().any(|places| *places != 0));
    }
}
