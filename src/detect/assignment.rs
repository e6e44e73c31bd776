//! Values under names: `NAME=value`, `"name": "value"`, `--name value`,
//! `<name>value</name>`, `{"name": "NAME", "value": "value"}`.
//!
//! This room finds out which bytes are the name and which are the value. What
//! they mean is for `name` and `value`.

use std::ops::Range;

/// Names longer than this are none.
const LONGEST_NAME: usize = 100;
/// What stands within a longer value is not looked at as a name.
const LONGEST_VALUE: usize = 4096;

/// `login NAME` stands this near before its `password`.
const LONGEST_LOGIN: usize = 256;

/// A name and its value.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Assignment {
    pub name: Range<usize>,
    pub value: Range<usize>,
    /// The value stands in quotes.
    pub quoted: bool,
    /// `name:value` without a space, which coordinates and prose have too.
    pub tight_colon: bool,
    /// It was `Authorization: Basic …`, which another detector undoes.
    pub basic: bool,
}

impl Assignment {
    /// Where the next name may begin. A long value without quotes is one run without
    /// a separator: to look for names in it would cost its length for each.
    pub(super) fn resume(&self) -> usize {
        if !self.quoted && self.value.len() > LONGEST_VALUE {
            self.value.end
        } else {
            self.name.end
        }
    }
}

/// The assignment whose name holds the byte at `hit` of `text`.
#[cfg(test)]
fn at(text: &[u8], line: &Range<usize>, hit: usize) -> Option<Assignment> {
    of_name(text, line, &name_around(text, line, hit)?)
}

/// The assignment of what this name names. The name stands in `line`; its value may
/// stand on the next one, where `text` goes on.
pub(super) fn of_name(text: &[u8], line: &Range<usize>, name: &Range<usize>) -> Option<Assignment> {
    if matches!(
        before(text, line, name.start),
        Some(b'$' | b'{' | b'%' | b'@' | b'#')
    ) && !opens_object(text, line, name.start)
    {
        return None;
    }
    named_pair(text, line, name).or_else(|| direct(text, line, name.clone()))
}

/// Whether the value may stand on the line below, where `line` is read on.
pub(super) fn may_be_below(text: &[u8], line: &Range<usize>, name: &Range<usize>) -> bool {
    // Nothing follows, or what opens an object.
    let next = || text[name.end + 1..line.end].trim_ascii_start().first();
    is_value_of_name(text, line, name)
        || (xml(text, line, name, name.end) && matches!(next(), None | Some(b'{')))
}

/// Whether [`of_name`] may find something: there is a name with an operator, a quote or
/// a tag behind it, or in one of the forms without any. No more is looked at than
/// what stands next to the name.
pub(super) fn may_begin(text: &[u8], line: &Range<usize>, hit: usize) -> bool {
    let Some(name) = name_around(text, line, hit) else {
        return false;
    };
    let closed = skip(text, name.end, line.end, b"\"'`\\])*", 4);
    let spaced = skip(text, closed, line.end, b" \t", 64);
    let next = text[spaced..line.end].first();
    // A bare word behind a space: `--token X`, `password X`, `ENV TOKEN X`.
    let bare = || {
        let word = &text[name.clone()];
        let before = &text[name.start.saturating_sub(4).max(line.start)..name.start];
        spaced > closed
            && (word.starts_with(b"-")
                || word.eq_ignore_ascii_case(b"password")
                || before.ends_with(b"ENV "))
    };
    operator(text, spaced, line.end).is_some()
        || next.is_some_and(|byte| b"\"'>".contains(byte))
        || bare()
        || is_value_of_name(text, line, &name)
}

fn before(text: &[u8], line: &Range<usize>, at: usize) -> Option<u8> {
    (at > line.start).then(|| text[at - 1])
}

/// `{name:` opens an object; `${name` and `#{name` are references.
fn opens_object(text: &[u8], line: &Range<usize>, at: usize) -> bool {
    text[at - 1] == b'{'
        && !(at >= line.start + 2 && matches!(text[at - 2], b'$' | b'{' | b'#' | b'%'))
}

pub(super) fn in_name(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'-' | b'.')
}

/// The run of a name's bytes around the one at `hit`.
pub(super) fn name_around(text: &[u8], line: &Range<usize>, hit: usize) -> Option<Range<usize>> {
    let left = line.start.max(hit.saturating_sub(LONGEST_NAME));
    let right = line.end.min(hit + LONGEST_NAME);
    let start = (left..hit)
        .rev()
        .find(|&at| !in_name(text[at]))
        .map_or(left, |at| at + 1);
    let start = past_escape(text, left, start, hit);
    let end = (hit..right).find(|&at| !in_name(text[at])).unwrap_or(right);
    (end - start <= LONGEST_NAME).then_some(start..end)
}

/// Past the letter of `\t` or `\n` in front of a name that goes on to `hit`.
fn past_escape(text: &[u8], left: usize, start: usize, hit: usize) -> usize {
    let escapes = start > left && text[start - 1] == b'\\' && b"tnr".contains(&text[start]);
    start + usize::from(escapes && hit > start)
}

fn skip(text: &[u8], mut at: usize, end: usize, of: &[u8], most: usize) -> usize {
    let stop = end.min(at + most);
    while at < stop && of.contains(&text[at]) {
        at += 1;
    }
    at
}

fn direct(text: &[u8], line: &Range<usize>, name: Range<usize>) -> Option<Assignment> {
    let closed = skip(text, name.end, line.end, b"\"'`\\])*", 4);
    // Terraform and properties files align what they assign.
    let spaced = skip(text, closed, line.end, b" \t", 64);
    let flag = text[name.clone()].starts_with(b"-");
    let (after, colon) = match operator(text, spaced, line.end) {
        // `("NAME", "value")` is a call; elsewhere a comma parts what is unrelated.
        Some(_) if text[spaced] == b',' && !is_first_argument(text, line, name.start) => {
            return None;
        }
        Some((after, colon)) => (after, colon),
        None if xml(text, line, &name, closed) => (closed + 1, false),
        None if is_netrc(text, line, &name, spaced) || is_docker_env(text, line, &name) => {
            (spaced, false)
        }
        None if spaced > closed && (flag || quote_follows(text, spaced, line.end)) => {
            (spaced, false)
        }
        None => return None,
    };
    let value_at = skip(text, after, line.end, b" \t", 64);
    let value_at = unwrap_object(text, value_at, line.end)
        .or_else(|| past_type(text, value_at, line.end))
        .unwrap_or(value_at);
    let in_xml = after == closed + 1 && xml(text, line, &name, closed);
    let before = text[line.start..name.start]
        .strip_suffix(b"<")
        .unwrap_or(b"x");
    // At the start of a line, or of a string: `usage: login <user> <password>` is neither.
    let opens_line = matches!(before.trim_ascii().last(), None | Some(b'"'));
    let below = (in_xml && opens_line)
        .then(|| below(text, value_at, line.end))
        .flatten();
    let (value, quoted, basic) = match below {
        Some(value) => (value, false, false),
        None => value_from(text, line, value_at, in_xml)?,
    };
    let tight_colon = colon && value_at == after && closed == name.end && !quoted;
    Some(Assignment {
        name,
        value,
        quoted,
        tight_colon,
        basic,
    })
}

/// End of the operator at `at`, and whether it is a bare colon.
fn operator(text: &[u8], at: usize, end: usize) -> Option<(usize, bool)> {
    let rest = &text[at..end];
    // `:=`, `::=`, `?=`, `!=`, `+=`, `.=`, `||=`: what is assigned or compared with.
    let marks = rest.iter().take_while(|byte| b":?!+.|".contains(byte));
    let equals = marks.take(3).count();
    match rest {
        _ if equals > 0 && rest.get(equals) == Some(&b'=') => Some((
            at + equals + 1 + usize::from(rest.get(equals + 1) == Some(&b'=')),
            false,
        )),
        [b':', b':', ..] | [] => None,
        [b'=', b'>' | b'=', ..] | [b',' | b'-', b' ', b'"' | b'\'', ..] => Some((at + 2, false)),
        [b'=', ..] | [b',', b'"' | b'\'', ..] => Some((at + 1, false)),
        [b':', ..] => Some((at + 1, true)),
        _ => None,
    }
}

fn is_first_argument(text: &[u8], line: &Range<usize>, name: usize) -> bool {
    let open = back(text, line.start, name, b"\"' ", 3);
    before(text, line, open) == Some(b'(')
}

/// Past the type in `password: String = "…`, up to the quote.
fn past_type(text: &[u8], at: usize, end: usize) -> Option<usize> {
    let of_type = |byte: &&u8| byte.is_ascii_alphabetic() || b"[]<>?*&.".contains(byte);
    let word = text[at..end].iter().take(24).take_while(of_type).count();
    let sign = skip(text, at + word, end, b" \t", 4);
    let value = skip(text, sign + 1, end, b" \t", 4);
    (word > 0 && sign < end && text[sign] == b'=' && quote_follows(text, value, end))
        .then_some(value)
}

/// `<name>` and its value on a line of its own: the following one, where it
/// was read on into.
fn below(text: &[u8], at: usize, end: usize) -> Option<Range<usize>> {
    let blank = text[at..end].iter().all(u8::is_ascii_whitespace);
    let next = text.get(end + 1..).filter(|_| blank)?;
    let until = memchr::memchr(b'\n', next).unwrap_or(next.len());
    let value = next[..until].trim_ascii();
    let start = end
        + 1
        + next
            .iter()
            .take_while(|byte| byte.is_ascii_whitespace())
            .count();
    (!value.is_empty() && value.len() <= LONGEST_VALUE).then(|| start..start + value.len())
}

/// The name together with the word in front of it: `Secret Key: …`.
pub(super) fn with_word_before(
    text: &[u8],
    line: &Range<usize>,
    name: &Range<usize>,
) -> Option<Range<usize>> {
    let end = name
        .start
        .checked_sub(1)
        .filter(|at| *at >= line.start && text[*at] == b' ')?;
    let letters = |at: &usize| text[*at].is_ascii_alphabetic();
    let start = (line.start..end)
        .rev()
        .take(24)
        .take_while(letters)
        .last()?;
    Some(start..name.end)
}

/// The name together with the plain words in front of it: `acme api key = …`.
pub(super) fn with_words_before(
    text: &[u8],
    line: &Range<usize>,
    name: &Range<usize>,
) -> Range<usize> {
    const REACH: usize = 40;
    let plain = |at: &usize| text[*at].is_ascii_alphanumeric() || b" _-".contains(&text[*at]);
    let floor = line.start.max(name.start.saturating_sub(REACH));
    let start = (floor..name.start).rev().take_while(plain).last();
    start.unwrap_or(name.start)..name.end
}

/// `… login ci password X`, and `  password X` alone on its line.
fn is_netrc(text: &[u8], line: &Range<usize>, name: &Range<usize>, value: usize) -> bool {
    if value != name.end + 1 || !text[name.clone()].eq_ignore_ascii_case(b"password") {
        return false;
    }
    let near = line.start.max(name.start.saturating_sub(LONGEST_LOGIN));
    let before = text[near..name.start].trim_ascii();
    let words = text[value..line.end.min(value + LONGEST_VALUE)].split(u8::is_ascii_whitespace);
    let alone = || words.filter(|word| !word.is_empty()).take(2).count() == 1;
    memchr::memmem::find(before, b"login ").is_some()
        || (before.is_empty() && near == line.start && alone())
}

/// `ENV NAME value`, as the steps of a Dockerfile are printed.
fn is_docker_env(text: &[u8], line: &Range<usize>, name: &Range<usize>) -> bool {
    let before = &text[line.start..name.start];
    // A log in JSON quotes the line.
    before.ends_with(b" ENV ") || before.ends_with(b"\"ENV ") || before == b"ENV "
}

fn quote_follows(text: &[u8], at: usize, end: usize) -> bool {
    at < end && matches!(text[at], b'"' | b'\'')
}

/// `<name>`, with the `>` at `at`.
fn xml(text: &[u8], line: &Range<usize>, name: &Range<usize>, at: usize) -> bool {
    at == name.end
        && at < line.end
        && text[at] == b'>'
        && before(text, line, name.start) == Some(b'<')
}

/// `{"value":"…` as runners and terraform print it.
fn unwrap_object(text: &[u8], at: usize, end: usize) -> Option<usize> {
    let rest = &text[at..end];
    if rest.first() != Some(&b'{') {
        return None;
    }
    let inner = skip(text, at + 1, end, b" \t\"'\\", 6);
    let word = text[inner..end].get(..5)?;
    word.eq_ignore_ascii_case(b"value").then_some(())?;
    let closed = skip(text, inner + 5, end, b"\"'\\ ", 4);
    (closed < end && matches!(text[closed], b':' | b'='))
        .then(|| skip(text, closed + 1, end, b" \t", 4))
}

/// `name: NAME` followed by `value: v`, in one object or on the next line.
fn named_pair(text: &[u8], line: &Range<usize>, name: &Range<usize>) -> Option<Assignment> {
    if !is_value_of_name(text, line, name) {
        return None;
    }
    let until = text.len().min(name.end + 120);
    let gap = &text[name.end..until];
    let value_word = gap
        .windows(5)
        .position(|word| word.eq_ignore_ascii_case(b"value"))?;
    // Nothing but quotes, commas, white space and list marks may stand between.
    if !gap[..value_word]
        .iter()
        .all(|byte| b"\"'\\, \t\n-".contains(byte))
    {
        return None;
    }
    let closed = skip(text, name.end + value_word + 5, until, b"\"'\\ ", 4);
    let (after, _) = operator(text, closed, text.len())?;
    let limit = text.len().min(after + 2 * LONGEST_VALUE);
    let end = memchr::memchr(b'\n', &text[after..limit]).map_or(limit, |at| after + at);
    let value_at = skip(text, after, end, b" \t", 8);
    let (value, quoted, basic) = value_from(text, &(line.start..end), value_at, false)?;
    // Cut off at the limit, it could not be masked whole.
    if value.end == limit && limit < text.len() {
        return None;
    }
    Some(Assignment {
        name: name.clone(),
        value,
        quoted,
        tight_colon: false,
        basic,
    })
}

/// `name: ` or `key: ` stands before it.
fn is_value_of_name(text: &[u8], line: &Range<usize>, name: &Range<usize>) -> bool {
    let opened = back(text, line.start, name.start, b"\"'\\ \t", 6);
    let colon = back(text, line.start, opened, b":=", 1);
    let key_end = back(text, line.start, colon, b"\"'\\ \t", 4);
    let ends_with = |word: &[u8]| {
        let start = key_end.saturating_sub(word.len()).max(line.start);
        text[start..key_end].eq_ignore_ascii_case(word)
    };
    colon < opened && (ends_with(b"name") || ends_with(b"key"))
}

fn back(text: &[u8], floor: usize, mut at: usize, of: &[u8], most: usize) -> usize {
    let stop = floor.max(at.saturating_sub(most));
    while at > stop && of.contains(&text[at - 1]) {
        at -= 1;
    }
    at
}

fn value_from(
    text: &[u8],
    line: &Range<usize>,
    at: usize,
    in_xml: bool,
) -> Option<(Range<usize>, bool, bool)> {
    let at = at + entity(&text[at..line.end]);
    let open = skip(text, at, line.end, b"\\", 3);
    let quote = (open < line.end && matches!(text[open], b'"' | b'\'' | b'`')).then(|| text[open]);
    let slashes = open - at;
    let start = quote.map_or(at, |_| open + 1);
    // `'"value"'`: of quotes within quotes the inner one closes.
    let inner =
        quote.is_some() && quote_follows(text, start, line.end) && quote != Some(text[start]);
    let (start, quote) = if inner {
        (start + 1, Some(text[start]))
    } else {
        (start, quote)
    };
    let (start, basic) = scheme(text, start, line.end);
    let end = match quote {
        Some(quote) => closing(text, start, line.end, quote, slashes),
        None if in_xml => memchr::memchr(b'<', &text[start..line.end]).map(|end| start + end)?,
        None => bare_end(text, start, line.end),
    };
    (end > start).then_some((start..end, quote.is_some(), basic))
}

/// Length of a quote written as an entity of HTML.
fn entity(rest: &[u8]) -> usize {
    let found = ["&quot;", "&#34;", "&#39;", "&apos;"].iter();
    let mut found = found.filter(|entity| rest.starts_with(entity.as_bytes()));
    found.next().map_or(0, |entity| entity.len())
}

/// Past `Bearer `, `Token ` and kin; whether it was `Basic `.
fn scheme(text: &[u8], at: usize, end: usize) -> (usize, bool) {
    const SCHEMES: &[&str] = &[
        "bearer ",
        "token ",
        "apikey ",
        "apikey-v1 ",
        "basic ",
        "key ",
        "token token=",
    ];
    let rest = &text[at..end];
    let found = SCHEMES.iter().find(|scheme| {
        rest.len() > scheme.len() && rest[..scheme.len()].eq_ignore_ascii_case(scheme.as_bytes())
    });
    found.map_or((at, false), |scheme| {
        (
            skip(text, at + scheme.len(), end, b" \"'", 4),
            *scheme == "basic ",
        )
    })
}

/// The quote that closes: not escaped more deeply than the one that opened.
fn closing(text: &[u8], start: usize, end: usize, quote: u8, slashes: usize) -> usize {
    let mut at = start;
    while let Some(found) = memchr::memchr(quote, &text[at..end]).map(|offset| at + offset) {
        let escapes = text[start..found]
            .iter()
            .rev()
            .take_while(|byte| **byte == b'\\')
            .count();
        if escapes <= slashes {
            return found - escapes;
        }
        at = found + 1;
    }
    end
}

/// White space, and what closes the thing around a bare value.
static ENDS_BARE: [bool; 256] = {
    let mut ends = [false; 256];
    let bytes = b" \t\n\x0c\r\"'`<>;,)}]|&\\";
    let mut n = 0;
    while n < bytes.len() {
        ends[bytes[n] as usize] = true;
        n += 1;
    }
    ends
};

/// Where a bare value ends.
fn bare_end(text: &[u8], start: usize, end: usize) -> usize {
    let cut = text[start..end]
        .iter()
        .position(|byte| ENDS_BARE[usize::from(*byte)])
        .map_or(end, |at| start + at);
    // A sentence may end behind the value; `!` also ends many a password.
    let digits = text[start..cut].iter().any(u8::is_ascii_digit);
    let marks: &[u8] = if digits { b".:?" } else { b".:!?" };
    let trailing = text[start..cut]
        .iter()
        .rev()
        .take_while(|byte| marks.contains(byte));
    cut - trailing.count()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn value(text: &str, word: &str) -> Option<String> {
        let hit = text.to_ascii_lowercase().find(word)?;
        let end = text.find('\n').unwrap_or(text.len());
        at(text.as_bytes(), &(0..end), hit).map(|found| text[found.value].to_owned())
    }

    #[test]
    fn shapes_of_assignments() {
        let cases = [
            ("PASSWORD=v4lue", "v4lue"),
            (r"\tDB_PASSWORD=v4lue", "v4lue"),
            ("export DB_PASSWORD=\"v4 lue\"", "v4 lue"),
            ("declare -x DB_PASSWORD='v4lue!'", "v4lue!"),
            ("  password: v4lue", "v4lue"),
            ("\"password\": \"v4lue\",", "v4lue"),
            (r#"{\"password\":\"v4lue\",\"a\":1}"#, "v4lue"),
            ("Server=db;User Id=sa;Password=v4lue;", "v4lue"),
            ("docker run --password v4lue img", "v4lue"),
            ("docker run --password=v4lue img", "v4lue"),
            ("<password>v4lue</password>", "v4lue"),
            ("password => v4lue", "v4lue"),
            ("      + password = \"v4lue\"", "v4lue"),
            ("https://h/?password=v4lue&b=1", "v4lue"),
            (
                "\"system.password\":{\"value\":\"v4lue\",\"isSecret\":true}",
                "v4lue",
            ),
            ("{\"name\":\"DB_PASSWORD\",\"value\":\"v4lue\"}", "v4lue"),
            ("- name: DB_PASSWORD\n  value: v4lue\n", "v4lue"),
            ("setenv(\"PASSWORD\", \"v4lue\")", "v4lue"),
            ("alter user x password 'v4lue'", "v4lue"),
            ("ENV DB_PASSWORD v4lue", "v4lue"),
            (r#"{"msg":"ENV DB_PASSWORD v4lue"}"#, "v4lue"),
            ("password                 = \"v4lue\"", "v4lue"),
            ("machine h login ci password v4lue", "v4lue"),
            ("  password v4lue", "v4lue"),
            ("password: String = \"v4lue\"", "v4lue"),
            ("password :::= \"v4lue\"", "v4lue"),
            ("password=&quot;v4lue&quot;", "v4lue"),
            ("<password>\n    v4lue\n</password>", "v4lue"),
        ];
        for (text, expected) in cases {
            assert_eq!(value(text, "password").as_deref(), Some(expected), "{text}");
        }
        assert_eq!(
            value("Authorization: Bearer v4lue", "auth").as_deref(),
            Some("v4lue")
        );
    }

    #[test]
    fn what_is_no_assignment() {
        for text in [
            "Password authentication is disabled",
            "password::Hash::new",
            "echo ${PASSWORD}",
            "$PASSWORD=",
            "PASSWORD=",
        ] {
            assert_eq!(value(text, "password"), None, "{text}");
        }
    }
}
