//! Offline proofs: checksums that vendors build into their tokens.

use crate::rule::{Checksum, template::base62_crc32};

/// Whether `token` carries the right checksum. A token that is too short for
/// one does not.
pub(super) fn verify(kind: Checksum, token: &[u8]) -> bool {
    match kind {
        Checksum::Github | Checksum::Npm => crc32_base62(token),
    }
}

/// The last six characters are the base62 CRC-32 of what stands between the
/// last `_` and them.
fn crc32_base62(token: &[u8]) -> bool {
    let body = token
        .iter()
        .rposition(|&byte| byte == b'_')
        .map_or(token, |at| &token[at + 1..]);
    let Some(split) = body.len().checked_sub(6) else {
        return false;
    };
    split > 0 && base62_crc32(&body[..split]).as_bytes() == &body[split..]
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rule::template::{Seed, expand};

    #[test]
    fn a_generated_token_verifies_and_a_changed_one_does_not() {
        let token = expand("ghp_{base62:30}{crc32}", &mut Seed::new(1)).unwrap();
        assert!(verify(Checksum::Github, token.as_bytes()));
        let other = if &token[4..5] == "a" { "b" } else { "a" };
        let changed = format!("{}{other}{}", &token[..4], &token[5..]);
        assert!(!verify(Checksum::Github, changed.as_bytes()));
        assert!(!verify(Checksum::Npm, b"npm_abc"));
    }
}
