//! JSON Web Tokens: three parts of base64url, the first one JSON with an `alg`.

use std::ops::Range;

/// A token longer than this is cut off in any sane log.
const LONGEST: usize = 16 << 10;

/// The token that starts at `hit` (`eyJ…`), if its header is one.
pub(super) fn at(text: &[u8], line: &Range<usize>, hit: usize) -> Option<Range<usize>> {
    if hit > line.start && of_class(text[hit - 1]) {
        return None;
    }
    let limit = line.end.min(hit + LONGEST);
    let header = part(text, hit, limit);
    let payload = next_part(text, header.end, limit)?;
    let signature = next_part(text, payload.end, limit)?;
    let long_enough = payload.len() >= 16 && signature.len() >= 16;
    (long_enough && is_header(&text[header])).then_some(hit..signature.end)
}

fn of_class(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_')
}

fn part(text: &[u8], start: usize, limit: usize) -> Range<usize> {
    start
        ..start
            + text[start..limit]
                .iter()
                .take_while(|byte| of_class(**byte))
                .count()
}

fn next_part(text: &[u8], dot: usize, limit: usize) -> Option<Range<usize>> {
    (dot < limit && text[dot] == b'.').then(|| part(text, dot + 1, limit))
}

fn is_header(part: &[u8]) -> bool {
    let Ok(json) = data_encoding::BASE64URL_NOPAD.decode(part) else {
        return false;
    };
    let header: Result<serde_json::Map<String, serde_json::Value>, _> =
        serde_json::from_slice(&json);
    header.is_ok_and(|header| header.contains_key("alg") || header.contains_key("enc"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rule::template::{Seed, expand};

    #[test]
    fn a_token_with_a_header_and_nothing_else() {
        let good = r#"{b64json:{"alg":"HS256"}}.{b64json:{"sub":"1234567890"}}.{base64url:43}"#;
        let token = expand(good, &mut Seed::new(3)).unwrap();
        let text = format!("\"{token}\" x");
        assert_eq!(
            at(text.as_bytes(), &(0..text.len()), 1),
            Some(1..1 + token.len())
        );
        let bad = expand(
            r#"{b64json:{"sub":"1"}}.{b64json:{"sub":"1234567890"}}.{base64url:43}"#,
            &mut Seed::new(3),
        )
        .unwrap();
        assert_eq!(at(bad.as_bytes(), &(0..bad.len()), 0), None);
    }
}
