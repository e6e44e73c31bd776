//! The arithmetic of checksums in tokens, for those who verify them and for
//! the templates that make them.

use data_encoding::{BASE64_NOPAD, HEXLOWER};

const BASE62: &[u8; 62] = b"0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";
const BECH32: &[u8; 32] = b"qpzry9x8gf2tvdw0s3jn54khce6mua7l";

/// CRC-32 (IEEE) of `bytes` as six base62 digits (0-9, A-Z, a-z), most
/// significant first: the check that GitHub and npm put behind their tokens.
pub(crate) fn base62_crc32(bytes: &[u8]) -> String {
    digits(crc32fast::hash(bytes), BASE62, 6)
}

/// CRC-32 of `bytes` as seven base36 digits, as in GitLab's routable tokens.
pub(crate) fn base36_crc32(bytes: &[u8]) -> String {
    base36(crc32fast::hash(bytes), 7)
}

/// `number` as `width` base36 digits, most significant first.
pub(crate) fn base36(number: u32, width: usize) -> String {
    let lower: Vec<u8> = BASE62[..36].to_ascii_lowercase();
    digits(number, &lower, width)
}

/// CRC-32 of `bytes`, least significant byte first, in hexadecimal.
pub(crate) fn hex_crc32(bytes: &[u8]) -> String {
    HEXLOWER.encode(&crc32fast::hash(bytes).to_le_bytes())
}

/// CRC-32 of `bytes`, least significant byte first, in base64 without padding.
pub(crate) fn base64_crc32(bytes: &[u8]) -> String {
    BASE64_NOPAD.encode(&crc32fast::hash(bytes).to_le_bytes())
}

fn digits(number: u32, alphabet: &[u8], width: usize) -> String {
    let mut rest = number as usize;
    let mut out = vec![alphabet[0]; width];
    for slot in out.iter_mut().rev() {
        *slot = alphabet[rest % alphabet.len()];
        rest /= alphabet.len();
    }
    out.into_iter().map(char::from).collect()
}

/// CRC-16 with the polynomial 0x1021 from 0 (XMODEM).
pub(crate) fn crc16(bytes: &[u8]) -> u16 {
    bytes.iter().fold(0, |crc, byte| {
        (0..8).fold(crc ^ (u16::from(*byte) << 8), |crc, _| {
            let shifted = crc << 1;
            if crc & 0x8000 == 0 {
                shifted
            } else {
                shifted ^ 0x1021
            }
        })
    })
}

/// The six characters that end the Bech32 text `prefix`, `1`, `data` (all in
/// lower case); `None` if `data` holds a character that Bech32 does not know.
pub(crate) fn bech32(prefix: &str, data: &[u8]) -> Option<String> {
    let values: Option<Vec<u8>> = data
        .iter()
        .map(|byte| BECH32.iter().position(|known| known == byte))
        .map(|value| value.map(|value| value as u8))
        .collect();
    let high = prefix.bytes().map(|byte| byte >> 5);
    let low = prefix.bytes().map(|byte| byte & 31);
    let all = high.chain([0]).chain(low).chain(values?).chain([0; 6]);
    let sum = all.fold(1, bech32_step) ^ 1;
    let at = |shift: u32| char::from(BECH32[(sum >> shift) as usize & 31]);
    Some([25, 20, 15, 10, 5, 0].map(at).iter().collect())
}

/// One step of the BCH code of BIP 173.
fn bech32_step(sum: u32, value: u8) -> u32 {
    const GENERATOR: [u32; 5] = [
        0x3b6a_57b2,
        0x2650_8e6d,
        0x1ea1_19fa,
        0x3d42_33dd,
        0x2a14_62b3,
    ];
    let top = sum >> 25;
    let shifted = ((sum & 0x1ff_ffff) << 5) ^ u32::from(value);
    let taken = GENERATOR
        .iter()
        .enumerate()
        .filter(|(bit, _)| top >> bit & 1 == 1);
    taken.fold(shifted, |sum, (_, term)| sum ^ term)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn published_values() {
        assert_eq!(crc16(b"123456789"), 0x31c3);
        assert_eq!(hex_crc32(b"123456789"), "2639f4cb");
        // The shortest valid text of BIP 173: prefix `a`, no data.
        assert_eq!(bech32("a", b"").as_deref(), Some("2uel5l"));
        assert_eq!(bech32("a", b"b"), None);
        assert_eq!(base36(35, 2), "0z");
    }
}
