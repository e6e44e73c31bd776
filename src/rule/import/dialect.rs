//! Expressions of Go's `regexp` as the `regex` crate reads them.
//!
//! Both come from RE2 and nearly agree. They differ in brackets: in a class, Go
//! takes `[`, `&&`, `--` and `~~` for themselves; outside, a `{` that begins no
//! repetition, and `\<` and `\>`.

use regex::bytes::RegexBuilder;

/// An expression and what was done to it.
pub(super) struct Pattern {
    pub text: String,
    /// One of several groups was taken for the secret unasked.
    pub group_was_guessed: bool,
}

/// Translates `source`, its group number `group` named `secret`. Group 0 is the
/// first one if there is any, as in gitleaks; without groups, and with
/// [`usize::MAX`], nothing is named.
pub(super) fn translate(source: &str, group: usize) -> Result<Pattern, String> {
    let mut writer = Writer {
        rest: source,
        out: String::with_capacity(source.len() + 16),
        groups: 0,
        secret: group.max(1),
    };
    writer.run();
    let (text, groups) = (writer.out, writer.groups);
    RegexBuilder::new(&text)
        .unicode(false)
        .build()
        .map_err(|error| format!("its expression is not understood: {}", summary(&error)))?;
    if group != usize::MAX && group > groups {
        return Err(format!("'secretGroup' is {group} of {groups} groups"));
    }
    Ok(Pattern {
        text,
        group_was_guessed: group == 0 && groups > 1,
    })
}

/// The last line of what the parser says; those before it draw the place.
fn summary(error: &regex::Error) -> String {
    let text = error.to_string();
    text.lines().last().unwrap_or_default().trim().to_owned()
}

struct Writer<'a> {
    rest: &'a str,
    out: String,
    groups: usize,
    secret: usize,
}

impl Writer<'_> {
    fn run(&mut self) {
        while let Some(next) = self.rest.chars().next() {
            match next {
                '\\' => self.escape(),
                '[' => self.class(),
                '(' => self.group(),
                '{' if !begins_repetition(self.rest) => {
                    self.out.push('\\');
                    self.take(1);
                }
                other => self.take(other.len_utf8()),
            }
        }
    }

    /// Moves `bytes` over as they are.
    fn take(&mut self, bytes: usize) {
        let (head, tail) = self.rest.split_at(bytes.min(self.rest.len()));
        self.out.push_str(head);
        self.rest = tail;
    }

    fn skip(&mut self, bytes: usize) {
        self.rest = &self.rest[bytes.min(self.rest.len())..];
    }

    fn escape(&mut self) {
        let escaped = self.rest[1..].chars().next();
        match escaped {
            Some('<' | '>') => {
                self.skip(1);
                self.take(1);
            }
            Some('Q') => self.quoted(),
            // `\x{7f}` and `\p{L}` have braces of their own.
            Some('x' | 'p' | 'P') if self.rest[2..].starts_with('{') => {
                self.take(self.rest.find('}').map_or(3, |end| end + 1));
            }
            _ => self.take(1 + escaped.map_or(0, char::len_utf8)),
        }
    }

    /// `\Q…\E`: everything between them stands for itself.
    fn quoted(&mut self) {
        self.skip(2);
        let end = self.rest.find(r"\E").unwrap_or(self.rest.len());
        self.out.push_str(&regex::escape(&self.rest[..end]));
        self.skip(end + 2);
    }

    fn group(&mut self) {
        let name_end = ["(?P<", "(?<"]
            .iter()
            .find(|head| self.rest.starts_with(**head))
            .and_then(|_| self.rest.find('>'));
        if self.rest.starts_with("(?") && name_end.is_none() {
            return self.take(2);
        }
        self.groups += 1;
        // Other groups lose their names, which might be `secret` by chance.
        self.out.push_str(if self.groups == self.secret {
            "(?P<secret>"
        } else {
            "("
        });
        self.skip(name_end.map_or(1, |end| end + 1));
    }

    fn class(&mut self) {
        let negated = self.rest.starts_with("[^");
        self.take(1 + usize::from(negated));
        // A bracket that comes first stands for itself.
        if self.rest.starts_with(']') {
            self.out.push('\\');
            self.take(1);
        }
        while let Some(next) = self.rest.chars().next() {
            match next {
                ']' => return self.take(1),
                '\\' => self.escape(),
                '[' if self.rest.starts_with("[:") => {
                    let end = self.rest.find(":]").map_or(1, |end| end + 2);
                    self.take(end);
                }
                '[' | '&' | '~' => {
                    self.out.push('\\');
                    self.take(1);
                }
                '-' if self.rest.starts_with("--") => {
                    self.out.push_str(r"-\");
                    self.skip(1);
                    self.take(1);
                }
                other => self.take(other.len_utf8()),
            }
        }
    }
}

/// `{2}`, `{2,}` or `{2,5}`.
fn begins_repetition(text: &str) -> bool {
    let Some(inner) = text.strip_prefix('{').and_then(|rest| rest.split_once('}')) else {
        return false;
    };
    let (least, most) = inner.0.split_once(',').unwrap_or((inner.0, ""));
    let digits = |text: &str| text.bytes().all(|byte| byte.is_ascii_digit());
    !least.is_empty() && digits(least) && digits(most)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn text(source: &str, group: usize) -> String {
        translate(source, group).unwrap().text
    }

    #[test]
    fn brackets_and_braces() {
        assert_eq!(text(r"a[[&]b", 0), r"a[\[\&]b");
        assert_eq!(text(r"[[:alpha:]_]{2,}", 0), r"[[:alpha:]_]{2,}");
        assert_eq!(text(r"[]x]", 0), r"[\]x]");
        assert_eq!(text(r"[+--]", 0), r"[+-\-]");
        assert_eq!(text(r#"{"k": x{2}"#, 0), r#"\{"k": x{2}"#);
        assert_eq!(text(r"\<a\>\Qa.b\E", 0), r"<a>a\.b");
        assert_eq!(text(r"\x{7f}[\x60]", 0), r"\x{7f}[\x60]");
    }

    #[test]
    fn the_group_of_the_secret() {
        assert_eq!(text("a(?:b)(c)", 0), "a(?:b)(?P<secret>c)");
        assert_eq!(text("(?P<secret>b)(?i)(c)", 2), "(b)(?i)(?P<secret>c)");
        assert_eq!(text("(a)", usize::MAX), "(a)");
        assert!(translate("(a)(b)", 0).unwrap().group_was_guessed);
        assert!(translate("(a)", 2).is_err());
    }

    #[test]
    fn what_the_crate_does_not_know() {
        for source in [r"\p{Greek}+", r"\C", "(?=a)b", "a{1,5000}{1,5000}"] {
            assert!(translate(source, 0).is_err(), "{source}");
        }
    }
}
