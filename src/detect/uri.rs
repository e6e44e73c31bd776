//! Credentials in URLs, and the ones that go with `Basic`.

use std::ops::Range;

/// A user part longer than this is none.
pub(super) const LONGEST_USERINFO: usize = 2048;

/// The password in `scheme://user:password@host`, where `hit` is the `:` of
/// `://`. `None` when there is no userinfo with a password.
pub(super) fn password(text: &[u8], line: &Range<usize>, hit: usize) -> Option<Range<usize>> {
    let scheme = text[line.start..hit].last()?;
    if !scheme.is_ascii_alphanumeric() {
        return None;
    }
    let start = hit + 3;
    let limit = line.end.min(start + LONGEST_USERINFO);
    let authority = authority(text, start, limit)?;
    // The last `@` ends the userinfo: passwords hold `@` more often than hosts do.
    let at = authority.clone().rev().find(|&at| text[at] == b'@')?;
    let host = text.get(at + 1).copied()?;
    if !(host.is_ascii_alphanumeric() || b"[$*_".contains(&host)) {
        return None;
    }
    let colon = start + memchr::memchr(b':', &text[start..at])?;
    (colon + 1 < at).then_some(colon + 1..at)
}

/// Up to white space, a quote or the path; a `/` before the `@` may belong to
/// a password, so the path only begins where no `@` follows in this word.
fn authority(text: &[u8], start: usize, limit: usize) -> Option<Range<usize>> {
    let stop =
        |byte: &u8| byte.is_ascii_whitespace() || b"\"'<>`\\,|".contains(byte) || *byte >= 0x80;
    let word_end = text[start..limit]
        .iter()
        .position(stop)
        .map_or(limit, |at| start + at);
    let slash = text[start..word_end]
        .iter()
        .position(|byte| b"/?#".contains(byte))
        .map(|at| start + at);
    match slash {
        Some(slash) if memchr::memchr(b'@', &text[start..slash]).is_some() => Some(start..slash),
        // `scheme://user:pa/ss@host`: only when a user and a colon come first
        // and what follows the colon is no port.
        Some(slash) => {
            let colon = start + memchr::memchr(b':', &text[start..slash])?;
            let port = text[colon + 1..slash].iter().all(u8::is_ascii_digit);
            let at = memchr::memchr(b'@', &text[slash..word_end])?;
            let between = &text[slash..slash + at];
            (!port && !between.contains(&b':') && between.len() < 64).then_some(start..word_end)
        }
        None => Some(start..word_end),
    }
}

/// The base64 behind `basic ` whose keyword starts at `hit`.
pub(super) fn basic(text: &[u8], line: &Range<usize>, hit: usize) -> Option<Range<usize>> {
    let gap = text[hit + 5..line.end]
        .iter()
        .take_while(|byte| b" \t\"'".contains(byte))
        .count();
    let start = hit + 5 + gap;
    let of_class = |byte: &u8| byte.is_ascii_alphanumeric() || b"+/-_=".contains(byte);
    let len = text[start..line.end]
        .iter()
        .take(LONGEST_USERINFO)
        .take_while(|byte| of_class(byte))
        .count();
    (gap > 0 && len >= 8).then_some(start..start + len)
}

/// `user:password` out of the base64 of a `Basic` header.
pub(super) fn undo_basic(encoded: &[u8]) -> Option<Vec<u8>> {
    let end = encoded
        .iter()
        .rposition(|byte| *byte != b'=')
        .map_or(0, |at| at + 1);
    let body = &encoded[..end];
    let decoded = data_encoding::BASE64_NOPAD
        .decode(body)
        .or_else(|_| data_encoding::BASE64URL_NOPAD.decode(body))
        .ok()?;
    let printable = decoded
        .iter()
        .all(|byte| (0x20..0x7f).contains(byte) || *byte >= 0x80);
    (printable && decoded.contains(&b':')).then_some(decoded)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn find(text: &str) -> Option<&str> {
        let hit = text.find("://")?;
        password(text.as_bytes(), &(0..text.len()), hit).map(|span| &text[span])
    }

    #[test]
    fn passwords_in_urls() {
        assert_eq!(
            find("postgres://ci:pw1@db.example.com:5432/app"),
            Some("pw1")
        );
        assert_eq!(
            find("'https://x-access-token:tok@github.com/o/r.git/'"),
            Some("tok")
        );
        assert_eq!(find("amqp://u:p@ss@host"), Some("p@ss"));
        assert_eq!(find("redis://:pw@host:6379"), Some("pw"));
        assert_eq!(find("mysql://u:pa/ss@host/db"), Some("pa/ss"));
    }

    #[test]
    fn urls_without() {
        for text in [
            "https://github.com/o/r",
            "http://host:8080/a@b",
            "https://user@host/",
            "a ://u:p@h",
            "http://h:80/x?mail=a:b@c",
        ] {
            assert_eq!(find(text), None, "{text}");
        }
    }

    #[test]
    fn basic_headers() {
        let encoded = data_encoding::BASE64.encode(b"user:pw1");
        let text = format!("Authorization: Basic {encoded}\"");
        let span = basic(text.as_bytes(), &(0..text.len()), 15).unwrap();
        assert_eq!(undo_basic(&text.as_bytes()[span]).unwrap(), b"user:pw1");
        assert!(basic(b"basic auth", &(0..10), 0).is_none());
    }
}
