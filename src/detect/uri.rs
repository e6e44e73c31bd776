//! Credentials in URLs, and the ones that go with `Basic`.

use std::ops::Range;

/// How the URLs of Java's databases begin; the password may stand in their query.
const JDBC: &[u8] = b"jdbc:";
/// In the address of a webhook: who knows all of it may call it.
const HOOK: &[u8] = b"hook";
/// A user part longer than this is none.
pub(super) const LONGEST_USERINFO: usize = 2048;

/// The password in `scheme://user:password@host`, where `hit` is the `:` of
/// `://`. `None` when there is no userinfo with a password.
pub(super) fn password(text: &[u8], line: &Range<usize>, hit: usize) -> Option<Range<usize>> {
    let scheme = line.start + start_of_scheme(&text[line.start..hit]);
    let cut = scheme > line.start && b"?^!*~".contains(&text[scheme - 1]);
    if cut || !text[line.start..hit].last()?.is_ascii_alphanumeric() {
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

/// What `secret` is a part of: the URI in whose userinfo it stands, up to the
/// end of the hosts; a connection string of Java; the address of a webhook.
pub(super) fn around(
    text: &[u8],
    line: &Range<usize>,
    secret: &Range<usize>,
) -> Option<Range<usize>> {
    if secret.end > line.end {
        return None;
    }
    let floor = line
        .start
        .max(secret.start.saturating_sub(LONGEST_USERINFO));
    let before = &text[floor..secret.start];
    let word = before
        .iter()
        .rposition(|byte| parts_words(*byte))
        .map_or(0, |at| at + 1);
    let before = &before[word..];
    let mark = memchr::memmem::rfind(before, b"://");
    let hosts_end = mark.and_then(|mark| end_of_hosts(text, line, floor + word + mark, secret));
    let is_hook = mark.is_some_and(|mark| memchr::memmem::find(&before[mark..], HOOK).is_some());
    let java = memchr::memmem::find(before, JDBC);
    let start = java.or_else(|| mark.map(|mark| start_of_scheme(&before[..mark])))?;
    let end = hosts_end.or_else(|| (is_hook || java.is_some()).then_some(secret.end))?;
    Some(floor + word + start..end)
}

fn start_of_scheme(before: &[u8]) -> usize {
    let of_scheme = |byte: &u8| byte.is_ascii_alphanumeric() || b"+.-".contains(byte);
    before
        .iter()
        .rposition(|byte| !of_scheme(byte))
        .map_or(0, |at| at + 1)
}

/// End of the hosts of the URI with `://` at `mark`, if `secret` stands in its userinfo.
fn end_of_hosts(
    text: &[u8],
    line: &Range<usize>,
    mark: usize,
    secret: &Range<usize>,
) -> Option<usize> {
    let limit = line.end.min(mark + 3 + LONGEST_USERINFO);
    let at = authority(text, mark + 3, limit)?
        .rev()
        .find(|&at| text[at] == b'@')?;
    (secret.end <= at).then(|| at + 1 + hosts(&text[at + 1..line.end]))
}

/// Length of the hosts and their ports: `a.example.com:1,b.example.com:2`.
fn hosts(rest: &[u8]) -> usize {
    let of_host = |byte: &&u8| byte.is_ascii_alphanumeric() || b"-._:[]%*,".contains(byte);
    // Bounded, so that it does not depend on where a long line is cut.
    let near = rest.iter().take(LONGEST_USERINFO);
    let len = near.take_while(of_host).count();
    // Behind the comma the next URI begins, or the sentence goes on.
    let one = rest[len..].starts_with(b"//") || rest[..len].ends_with(b",");
    let first = memchr::memchr(b',', &rest[..len]).filter(|_| one);
    let hosts = &rest[..first.unwrap_or(len)];
    hosts
        .iter()
        .rposition(|byte| !b".:".contains(byte))
        .map_or(0, |last| last + 1)
}

/// Up to white space, a quote or the path; a `/` before the `@` may belong to
/// a password, so the path only begins where no `@` follows in this word.
fn authority(text: &[u8], start: usize, limit: usize) -> Option<Range<usize>> {
    let word_end = text[start..limit]
        .iter()
        .position(|byte| parts_words(*byte))
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

fn parts_words(byte: u8) -> bool {
    byte.is_ascii_whitespace() || b"\"'<>`\\,|".contains(&byte) || byte >= 0x80
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
    fn what_a_password_is_a_part_of() {
        let whole = |text: &str| {
            let start = text.find("pw1")?;
            let whole = around(text.as_bytes(), &(0..text.len()), &(start..start + 3))?;
            Some(text[whole].to_owned())
        };
        for (text, expected) in [
            (
                "DB=\"redis://ci:pw1@db.example.com:5432/app?a=b\"",
                "redis://ci:pw1@db.example.com:5432",
            ),
            ("see a+b://pw1@h.", "a+b://pw1@h"),
            ("m://u:pw1@a:1,b:2/?x", "m://u:pw1@a:1,b:2"),
            ("m://u:pw1@a:1,n://b", "m://u:pw1@a:1"),
            (
                "u=jdbc:a://h/b?user=c&password=pw1&d",
                "jdbc:a://h/b?user=c&password=pw1",
            ),
            ("jdbc:a://u:pw1@h:1/b", "jdbc:a://u:pw1@h:1"),
            (
                "x=https://hooks.example.com/a/pw1",
                "https://hooks.example.com/a/pw1",
            ),
        ] {
            assert_eq!(whole(text).as_deref(), Some(expected), "{text}");
        }
        for text in [
            "https://h/pw1",
            "https://h/?a=pw1 b@c",
            "pw1@h",
            "https://u@h/pw1",
        ] {
            assert_eq!(whole(text), None, "{text}");
        }
    }

    #[test]
    fn urls_without() {
        for text in [
            "https://github.com/o/r",
            "http://host:8080/a@b",
            "https://user@host/",
            "a ://u:p@h",
            "http://h:80/x?mail=a:b@c",
            "?ostgres://ci:pw1@db.example.com",
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
