//! Forms of credentials: `{base62:20}-{hex:8}`, what a whole value looks like.
//!
//! Written as templates are (see [`super::template`]), with a length or a
//! range of lengths: `{base62:32}`, `{base64url:22-64}`, `{graph:100-}`. They
//! are read when a value is compared, so a start pays nothing for them.

/// The next part of a form.
enum Part<'a> {
    Literal(&'a str),
    /// That many bytes of a class, from the least to the most.
    Class {
        holds: fn(u8) -> bool,
        least: usize,
        most: usize,
    },
}

/// How a value compares with a form.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Fit {
    /// As a whole.
    Whole,
    /// It begins so and goes on for a while: vendors lengthen their keys, and
    /// documents lag.
    Longer,
    /// Neither.
    None,
}

/// How `value` compares with the form. A form that is not valid fits nothing.
pub(crate) fn fit(form: &str, value: &[u8]) -> Fit {
    let goes_on = |byte: &u8| byte.is_ascii_alphanumeric() || b"-_".contains(byte);
    match rest_behind(form, value) {
        Some([]) => Fit::Whole,
        Some(rest) if rest.len() * 4 <= value.len() && rest.iter().all(goes_on) => Fit::Longer,
        _ => Fit::None,
    }
}

/// What stands behind the form at the start of `value`. Each class takes as
/// much as it may, which is what keeps this linear.
fn rest_behind<'a>(form: &str, mut value: &'a [u8]) -> Option<&'a [u8]> {
    let mut form = form;
    while !form.is_empty() {
        let (part, rest) = next(form).ok()?;
        form = rest;
        value = match part {
            Part::Literal(text) => value.strip_prefix(text.as_bytes())?,
            Part::Class { holds, least, most } => {
                let run = value.iter().take(most).take_while(|byte| holds(**byte));
                let len = run.count();
                (len >= least).then(|| &value[len..])?
            }
        };
    }
    Some(value)
}

/// Whether every part of the form can be read.
///
/// # Errors
/// A sentence about the part that cannot.
pub(super) fn validate(form: &str) -> Result<(), String> {
    let mut rest = form;
    while !rest.is_empty() {
        rest = next(rest)?.1;
    }
    Ok(())
}

/// The first part of `form` and what follows it.
fn next(form: &str) -> Result<(Part<'_>, &str), String> {
    let Some(word) = form.strip_prefix('{') else {
        let end = form.find('{').unwrap_or(form.len());
        return Ok((Part::Literal(&form[..end]), &form[end..]));
    };
    let (word, rest) = word
        .split_once('}')
        .ok_or_else(|| format!("form '{form}' has an unpaired brace"))?;
    Ok((class(word)?, rest))
}

fn class(word: &str) -> Result<Part<'_>, String> {
    // As good as one, and there is nothing that it could be taken for.
    let word = if word == "uuid" { "uuid:36" } else { word };
    let (name, lengths) = word.split_once(':').unwrap_or((word, ""));
    let holds = holds(name).ok_or_else(|| format!("form word '{{{word}}}' is unknown"))?;
    let (least, most) = match lengths.split_once('-') {
        None => (lengths, lengths),
        Some((least, most)) => (least, most),
    };
    let number = |text: &str| {
        text.parse::<usize>()
            .map_err(|_| format!("form word '{{{word}}}' needs a length"))
    };
    let open = lengths.ends_with('-');
    let part = Part::Class {
        holds,
        least: number(least)?,
        most: if open { usize::MAX } else { number(most)? },
    };
    Ok(part)
}

/// The characters of a class.
fn holds(name: &str) -> Option<fn(u8) -> bool> {
    Some(match name {
        "base62" => |byte| byte.is_ascii_alphanumeric(),
        "alnum" => |byte| byte.is_ascii_lowercase() || byte.is_ascii_digit(),
        "ALNUM" => |byte| byte.is_ascii_uppercase() || byte.is_ascii_digit(),
        "digits" => |byte| byte.is_ascii_digit(),
        "hex" => |byte| matches!(byte, b'0'..=b'9' | b'a'..=b'f'),
        "HEX" => |byte| matches!(byte, b'0'..=b'9' | b'A'..=b'F'),
        "uuid" => |byte| byte.is_ascii_hexdigit() || byte == b'-',
        "base64" => |byte| byte.is_ascii_alphanumeric() || matches!(byte, b'+' | b'/'),
        "base64url" => |byte| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_'),
        // As RFC 7235 calls what may stand behind `Bearer`.
        "token68" => |byte| byte.is_ascii_alphanumeric() || b"-._~+/".contains(&byte),
        // What can be seen: for vendors that use punctuation.
        "graph" => |byte| byte.is_ascii_graphic(),
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rule::RuleSet;
    use crate::rule::template::{Seed, expand};

    #[test]
    fn a_form_is_of_the_whole_value() {
        let mut seed = Seed::new(3);
        for (form, template) in [
            ("{base62:32}", "{base62:32}"),
            ("{alnum:8}-{hex:6}", "{alnum:8}-{hex:6}"),
            ("{uuid}:{digits:1-9}", "{uuid}:{digits:4}"),
            ("at_{base64url:20-40}", "at_{base64url:29}"),
            ("{base64:43}=", "{base64:43}="),
            (
                "eyJ{base64url:8-}.{base64url:8-}",
                "eyJ{base62:30}.{base62:90}",
            ),
        ] {
            let value = expand(template, &mut seed).unwrap();
            assert_eq!(fit(form, value.as_bytes()), Fit::Whole, "{form}: {value}");
            assert_eq!(fit(form, &value.as_bytes()[1..]), Fit::None, "{form}");
            let ends_otherwise = format!("{value}?");
            assert_eq!(fit(form, ends_otherwise.as_bytes()), Fit::None, "{form}");
        }
        assert_eq!(fit("{hex:8}", b"0123abcd99"), Fit::Longer);
        assert_eq!(fit("{hex:8}", b"0123abcd9999"), Fit::None);
    }

    #[test]
    fn what_cannot_be_read_is_named() {
        for (form, part) in [
            ("{nope:3}", "nope"),
            ("{hex}", "length"),
            ("{hex:3", "brace"),
        ] {
            assert!(validate(form).unwrap_err().contains(part), "{form}");
            assert_eq!(fit(form, b"123"), Fit::None);
        }
    }

    #[test]
    fn forms_of_the_builtin_vendors_are_valid() {
        for vendor in RuleSet::builtin().vendors.iter() {
            for form in &vendor.forms {
                assert_eq!(validate(form), Ok(()), "{}", vendor.id);
            }
        }
    }
}
