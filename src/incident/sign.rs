//! HMAC-SHA-256 of what is sent.

use crate::config::DigestEncoding;
use data_encoding::{BASE64, HEXLOWER};
use hmac::{Hmac, KeyInit, Mac};
use sha2::Sha256;

/// HMAC-SHA-256 of the parts, one after the other.
pub(super) fn hmac(key: &[u8], parts: &[&[u8]]) -> Vec<u8> {
    // HMAC takes keys of any length.
    let Ok(mut mac) = Hmac::<Sha256>::new_from_slice(key) else {
        return Vec::new();
    };
    for part in parts {
        mac.update(part);
    }
    mac.finalize().into_bytes().to_vec()
}

/// The digest as text.
pub(super) fn encoded(digest: &[u8], encoding: DigestEncoding) -> String {
    match encoding {
        DigestEncoding::Hex => HEXLOWER.encode(digest),
        DigestEncoding::Base64 => BASE64.encode(digest),
    }
}

#[cfg(test)]
mod tests {
    use super::{encoded, hmac};
    use crate::config::DigestEncoding;

    /// The second case of RFC 4231.
    #[test]
    fn the_digest_is_that_of_the_standard() {
        let digest = hmac(b"Jefe", &[b"what do ya want ", b"for nothing?"]);
        assert_eq!(digest[..4], [0x5b, 0xdc, 0xc1, 0x46]);
        assert!(encoded(&digest, DigestEncoding::Hex).starts_with("5bdcc146bf60754e"));
        assert!(encoded(&digest, DigestEncoding::Base64).starts_with("W9zBRr9gdU5q"));
    }
}
