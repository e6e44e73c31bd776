//! Passwords among the arguments of well-known commands.

use std::ops::Range;

/// How far behind the command its password may begin.
const REACH: usize = 512;
/// A password longer than this is none.
const LONGEST: usize = 4096;

/// A password, and the `user:password` that it may be a part of.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Argument {
    pub password: Range<usize>,
    pub pair: Option<Range<usize>>,
}

/// The password in `docker login … -p X`, `sshpass -p X`, `mysql … -pX`,
/// `curl … -u user:X`, where the command's name starts at `hit`.
pub(super) fn password(text: &[u8], line: &Range<usize>, hit: usize) -> Option<Argument> {
    let starts_word = hit == line.start || !text[hit - 1].is_ascii_alphanumeric();
    let limit = line.end.min(hit + REACH);
    let rest = &text[hit..limit];
    let lower = |word: &str| {
        rest.len() > word.len() && rest[..word.len()].eq_ignore_ascii_case(word.as_bytes())
    };
    let word_at = |at: usize| word(text, at..line.end);
    let argument = |flags: &[&str], glued: bool| word_at(argument(text, hit..limit, flags, glued)?);
    let alone = |password| Argument {
        password,
        pair: None,
    };
    if !starts_word {
        None
    } else if lower("identified by ") {
        word_at(hit + "identified by ".len()).map(alone)
    } else if lower("-passin ") || lower("-passout ") {
        // The other forms (`env:`, `file:`, `stdin`) hold no password.
        let flag = rest.iter().position(|byte| *byte == b' ')?;
        let source = word_at(hit + flag)?;
        let is_password = text[source.clone()].starts_with(b"pass:");
        is_password.then(|| alone(source.start + 5..source.end))
    } else if lower("--user ") {
        // A command over several lines: the one with `curl` stands above.
        after_colon(text, word_at(hit + "--user ".len())?)
    } else if lower("curl ") || lower("wget ") || lower("http ") {
        after_colon(
            text,
            argument(&["-u", "--user", "--proxy-user", "-U"], false)?,
        )
    } else if lower("mysql") || lower("mysqldump") || lower("mariadb") {
        argument(&["-p"], true).map(alone)
    } else {
        argument(&["-p", "-P", "-w"], false).map(alone)
    }
}

fn after_colon(text: &[u8], pair: Range<usize>) -> Option<Argument> {
    let colon = pair.start + memchr::memchr(b':', &text[pair.clone()])?;
    (colon + 1 < pair.end).then(|| Argument {
        password: colon + 1..pair.end,
        pair: Some(pair),
    })
}

/// Where the argument of one of `flags` begins; `glued`: it follows without a
/// space.
fn argument(text: &[u8], range: Range<usize>, flags: &[&str], glued: bool) -> Option<usize> {
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
            return Some(behind + usize::from(gap));
        }
    }
    None
}

/// The shell word behind white space, without its quotes.
fn word(text: &[u8], range: Range<usize>) -> Option<Range<usize>> {
    let rest = text.get(range.clone())?;
    let gap = rest.iter().take_while(|byte| **byte == b' ').count();
    let rest = &rest[gap..rest.len().min(gap + LONGEST + 2)];
    let quote = rest
        .first()
        .copied()
        .filter(|byte| matches!(byte, b'"' | b'\''));
    let ends = |byte: &u8| match quote {
        Some(quote) => *byte == quote,
        None => byte.is_ascii_whitespace() || b"\"'`;|&)".contains(byte),
    };
    let body = &rest[usize::from(quote.is_some())..];
    let len = body.iter().position(ends).unwrap_or(body.len());
    let start = range.start + gap + usize::from(quote.is_some());
    (len > 0 && len <= LONGEST).then_some(start..start + len)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn find(text: &str) -> Option<&str> {
        password(text.as_bytes(), &(0..text.len()), 0).map(|found| &text[found.password])
    }

    #[test]
    fn the_pair_of_a_user_and_a_password() {
        let pair = |text: &str| {
            let found = password(text.as_bytes(), &(0..text.len()), 0)?;
            found.pair.map(|pair| text[pair].to_owned())
        };
        assert_eq!(pair("curl -u 'ci:pw1' h").as_deref(), Some("ci:pw1"));
        assert_eq!(pair("docker login -p a:b h"), None);
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
