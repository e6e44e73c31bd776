//! Passwords among the arguments of well-known commands.

use std::ops::Range;

/// How far behind the command its password may stand.
const REACH: usize = 512;

/// The password in `docker login … -p X`, `sshpass -p X`, `mysql … -pX`,
/// `curl … -u user:X`, where the command's name starts at `hit`.
pub(super) fn password(text: &[u8], line: &Range<usize>, hit: usize) -> Option<Range<usize>> {
    let starts_word = hit == line.start || !text[hit - 1].is_ascii_alphanumeric();
    let limit = line.end.min(hit + REACH);
    let rest = &text[hit..limit];
    let lower = |word: &str| {
        rest.len() > word.len() && rest[..word.len()].eq_ignore_ascii_case(word.as_bytes())
    };
    if !starts_word {
        None
    } else if lower("identified by ") {
        word(text, hit + "identified by ".len()..limit)
    } else if lower("-passin ") || lower("-passout ") {
        // The other forms (`env:`, `file:`, `stdin`) hold no password.
        let flag = rest.iter().position(|byte| *byte == b' ')?;
        let source = word(text, hit + flag..limit)?;
        text[source.clone()]
            .starts_with(b"pass:")
            .then(|| source.start + 5..source.end)
    } else if lower("--user ") {
        // A command over several lines: the one with `curl` stands above.
        let user = word(text, hit + "--user ".len()..limit)?;
        after_colon(text, user)
    } else if lower("curl ") || lower("wget ") || lower("http ") {
        let user = argument(
            text,
            hit..limit,
            &["-u", "--user", "--proxy-user", "-U"],
            false,
        )?;
        after_colon(text, user)
    } else if lower("mysql") || lower("mysqldump") || lower("mariadb") {
        argument(text, hit..limit, &["-p"], true)
    } else {
        argument(text, hit..limit, &["-p", "-P", "-w"], false)
    }
}

fn after_colon(text: &[u8], user: Range<usize>) -> Option<Range<usize>> {
    let colon = user.start + memchr::memchr(b':', &text[user.clone()])?;
    (colon + 1 < user.end).then_some(colon + 1..user.end)
}

/// The argument of one of `flags`; `glued`: it follows without a space.
fn argument(text: &[u8], range: Range<usize>, flags: &[&str], glued: bool) -> Option<Range<usize>> {
    let mut at = range.start;
    while let Some(space) = memchr::memchr(b' ', &text[at..range.end]).map(|offset| at + offset) {
        at = space + 1;
        if matches!(text.get(at), Some(b'|' | b';' | b'&')) {
            return None;
        }
        let Some(flag) = flags
            .iter()
            .find(|flag| text[at..range.end].starts_with(flag.as_bytes()))
        else {
            continue;
        };
        let behind = at + flag.len();
        let gap = matches!(text.get(behind), Some(b' ' | b'='));
        if gap != glued && behind < range.end {
            return word(text, behind + usize::from(gap)..range.end);
        }
    }
    None
}

/// One shell word, without its quotes.
fn word(text: &[u8], range: Range<usize>) -> Option<Range<usize>> {
    let gap = text[range.clone()]
        .iter()
        .take_while(|byte| **byte == b' ')
        .count();
    let range = range.start + gap..range.end;
    let quote = text
        .get(range.start)
        .copied()
        .filter(|byte| matches!(byte, b'"' | b'\''));
    let start = range.start + usize::from(quote.is_some());
    let ends = |byte: &u8| match quote {
        Some(quote) => *byte == quote,
        None => byte.is_ascii_whitespace() || b"\"'`;|&)".contains(byte),
    };
    let rest = text.get(start..range.end)?;
    let end = rest
        .iter()
        .position(ends)
        .map_or(range.end, |at| start + at);
    (end > start).then_some(start..end)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn find(text: &str) -> Option<&str> {
        password(text.as_bytes(), &(0..text.len()), 0).map(|span| &text[span])
    }

    #[test]
    fn arguments() {
        assert_eq!(
            find("docker login -u ci -p pw1 registry.example.com"),
            Some("pw1")
        );
        assert_eq!(find("curl -s -u 'ci:pw1' https://h/"), Some("pw1"));
        assert_eq!(find("curl --user ci:pw1 https://h/"), Some("pw1"));
        assert_eq!(find("mysql -uroot -ppw1 db"), Some("pw1"));
        assert_eq!(find("--user ci:pw1 \\"), Some("pw1"));
        assert_eq!(find("-passin pass:pw1 -out k"), Some("pw1"));
        assert_eq!(find("IDENTIFIED BY 'pw1' x"), Some("pw1"));
        assert_eq!(find("sshpass -p \"pw 1\" ssh h"), Some("pw 1"));
    }

    #[test]
    fn no_arguments() {
        assert_eq!(find("docker login --password-stdin"), None);
        assert_eq!(find("-passin file:/run/key"), None);
        assert_eq!(find("curl -u token https://h/"), None);
        assert_eq!(find("mysql -p db"), None);
        assert_eq!(find("docker login x | grep -p y"), None);
    }
}
