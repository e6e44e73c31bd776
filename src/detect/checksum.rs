//! Offline proofs: checksums and structures that vendors build into their tokens.

use crate::rule::{Checksum, Confidence, check};
use data_encoding::{BASE32_NOPAD, BASE64_NOPAD};
use serde_json::{Map, Value};

/// How sure the proof makes of `token`, whose rule is `otherwise` this sure, and
/// why.
pub(super) fn judge(
    kind: Checksum,
    token: &[u8],
    otherwise: Confidence,
) -> (Confidence, &'static str) {
    match (verify(kind, token), kind) {
        (true, Checksum::Json) => (Confidence::Certain, "it holds the JSON that it should"),
        (true, _) => (Confidence::Certain, "its checksum is right"),
        (false, _) if kind.refutes() => (Confidence::Low, "its checksum is wrong"),
        (false, _) => (otherwise, "the vendor's own shape"),
    }
}

/// Whether `token` carries the right checksum. A token that is too short for
/// one does not.
fn verify(kind: Checksum, token: &[u8]) -> bool {
    match kind {
        Checksum::Github | Checksum::Npm => crc32_base62(token),
        Checksum::Grafana => ends_with(token, 8, |before| {
            before.strip_suffix(b"_").map(check::hex_crc32)
        }),
        Checksum::Gitlab => ends_with(token, 7, |before| Some(check::base36_crc32(before))),
        Checksum::Confluent => ends_with(token, 6, |before| {
            before
                .last_chunk::<54>()
                .map(|body| check::base64_crc32(body))
        }),
        Checksum::Bech32 => bech32(token),
        Checksum::Nkey => nkey(token),
        Checksum::Json => token
            .split(|byte| matches!(byte, b'_' | b'-'))
            .any(holds_json),
    }
}

/// Whether the last `width` bytes are what `sum` says of those before them.
fn ends_with(token: &[u8], width: usize, sum: impl Fn(&[u8]) -> Option<String>) -> bool {
    let Some(split) = token.len().checked_sub(width).filter(|split| *split > 0) else {
        return false;
    };
    sum(&token[..split]).is_some_and(|sum| sum.as_bytes() == &token[split..])
}

/// The last six characters are the base62 CRC-32 of what stands between the
/// last `_` and them.
fn crc32_base62(token: &[u8]) -> bool {
    let body = token
        .iter()
        .rposition(|&byte| byte == b'_')
        .map_or(token, |at| &token[at + 1..]);
    ends_with(body, 6, |before| Some(check::base62_crc32(before)))
}

/// Bech32 is written in one case, and counts in lower case.
fn bech32(token: &[u8]) -> bool {
    let lower = String::from_utf8_lossy(token).to_ascii_lowercase();
    let Some((prefix, data)) = lower.rsplit_once('1') else {
        return false;
    };
    ends_with(data.as_bytes(), 6, |before| check::bech32(prefix, before))
}

fn nkey(token: &[u8]) -> bool {
    let Ok(bytes) = BASE32_NOPAD.decode(token) else {
        return false;
    };
    let split = bytes.split_last_chunk::<2>();
    split.is_some_and(|(body, sum)| check::crc16(body).to_le_bytes() == *sum)
}

/// Whether `part` is a JSON object in base64, padded or not.
fn holds_json(part: &[u8]) -> bool {
    json_within(part).is_some()
}

/// The JSON object that `part` is in base64.
pub(super) fn json_within(part: &[u8]) -> Option<Map<String, Value>> {
    let end = part.iter().rposition(|byte| *byte != b'=')? + 1;
    let object = part.get(..end).filter(|part| part.starts_with(b"ey"))?;
    serde_json::from_slice(&BASE64_NOPAD.decode(object).ok()?).ok()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rule::template::{Seed, expand};

    /// Every scheme, a template that has it right, and where to spoil that.
    const SCHEMES: [(Checksum, &str, usize); 9] = [
        (Checksum::Github, "ghp_{base62:30}{crc32}", 5),
        (Checksum::Npm, "npm_{base62:30}{crc32}", 30),
        (Checksum::Grafana, "glsa_{base62:32}_{grafana-crc}", 9),
        (
            Checksum::Gitlab,
            "glpat-{base64url:36}.01.{gitlab-tail}",
            20,
        ),
        (Checksum::Gitlab, "glrt-t1_{base64url:36}.{gitlab-tail}", 20),
        (Checksum::Confluent, "cflt{base64:54}{confluent-crc}", 40),
        (Checksum::Bech32, "AGE-SECRET-KEY-1{age-key}", 30),
        (Checksum::Nkey, "{nkey:SU}", 20),
        (
            Checksum::Json,
            r#"sntrys_{b64:{"org":"acme"}}_{base62:43}"#,
            7,
        ),
    ];

    #[test]
    fn a_generated_token_verifies_and_a_changed_one_does_not() {
        for (kind, template, place) in SCHEMES {
            for seed in 0..20 {
                let mut token = expand(template, &mut Seed::new(seed)).unwrap().into_bytes();
                assert!(verify(kind, &token), "{template} {seed}");
                token[place] = if token[place] == b'Q' { b'R' } else { b'Q' };
                assert!(!verify(kind, &token), "{template} {seed}");
            }
        }
    }

    #[test]
    fn short_tokens_have_no_checksum() {
        for (kind, ..) in SCHEMES {
            assert!(!verify(kind, b"npm_abc") && !verify(kind, b""));
        }
    }

    #[test]
    fn a_wrong_checksum_refutes_only_where_every_token_has_it() {
        let wrong = |kind| judge(kind, b"x_0123456789", Confidence::High).0;
        assert_eq!(wrong(Checksum::Grafana), Confidence::Low);
        assert_eq!(wrong(Checksum::Gitlab), Confidence::High);
    }
}
