//! Is the value under a credential's name a credential?
//!
//! Everything here is a heuristic and says which one in a short phrase, so
//! that `--explain` can repeat it.

use super::name::NameClass;
use super::shape::{
    is_coordinate, is_derived_uuid, is_digest, is_literal, is_location, is_masked, is_placeholder,
    is_sequence, is_time, is_uuid, is_variable,
};
use super::words::{is_prose, is_rare, word_like, words_only};
use crate::rule::Confidence;
use std::ops::Range;

/// What a value turned out to be.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Verdict {
    /// A credential, this surely, because.
    Secret(Confidence, &'static str),
    /// None, because.
    Not(&'static str),
}

/// Shapes a value can have that decide alone.
type Shape = (fn(&[u8]) -> bool, &'static str);

/// Tried in order; the first that fits tells why a value is none.
const SHAPES: &[Shape] = &[
    (is_masked, "masked"),
    (is_variable, "a variable or expression"),
    (is_literal, "a literal such as true, null or a number"),
    (is_time, "a time or date"),
    (is_placeholder, "a placeholder"),
    (is_location, "a path or URL"),
    (is_coordinate, "a package coordinate, image or version"),
];

/// Judges `value`, found under a name of class `class`. `quoted`: it stood in
/// quotes. `known`: whether the name tells a vendor we know.
pub(super) fn judge(
    class: NameClass,
    value: &[u8],
    quoted: bool,
    known: impl Fn() -> bool,
) -> Verdict {
    if let Some((_, why)) = SHAPES.iter().find(|(fits, _)| fits(value)) {
        return Verdict::Not(why);
    }
    if is_sequence(value) {
        return judge_sequence(class, value, known());
    }
    if value.contains(&b' ') && (class != NameClass::Password || is_prose(value)) {
        return Verdict::Not("natural language");
    }
    match class {
        NameClass::Password => judge_password(value, quoted),
        NameClass::Secret | NameClass::Token => judge_token(value, known),
        NameClass::Vague if value.len() >= 20 && is_random(value) && !is_digest(value) => {
            Verdict::Secret(Confidence::Medium, "a random value under a vague name")
        }
        NameClass::Vague => Verdict::Not("a name that says little"),
    }
}

/// Judges `value`, which stands in a place that is for passwords.
pub(super) fn judge_placed(value: &[u8]) -> Verdict {
    judge(NameClass::Password, value, false, || false)
}

/// Alphabets and counting: made up by hand, unless a vendor's name says that a
/// key is to stand here. People type such values into tests and documents,
/// and into the first version of a deployment.
fn judge_sequence(class: NameClass, value: &[u8], known: bool) -> Verdict {
    if known && class != NameClass::Password && value.len() >= 16 && kinds(value) >= 2 {
        Verdict::Secret(
            Confidence::Medium,
            "a sequence under a vendor's credential name",
        )
    } else {
        Verdict::Not("a placeholder")
    }
}

/// Why a value of another form than a vendor's ranks low.
pub(super) const NO_FORM: &str = "has none of the forms of this vendor's credentials";
/// Why a value of a vendor's form ranks higher than others.
pub(super) const KNOWN_FORM: &str = "a form of this vendor's credentials";

/// Judges `value`, which stands behind a vendor's word. `named`: a word such as
/// `key` or `token` stands between. `form`: whether it has a form of the
/// vendor's credentials, where that is known.
pub(super) fn judge_beside(value: &[u8], named: bool, form: Option<bool>) -> Verdict {
    if let Some((_, why)) = SHAPES.iter().find(|(fits, _)| fits(value)) {
        return Verdict::Not(why);
    }
    let random = is_random(value) && value.len() >= 16;
    let likely = random || (value.len() >= 16 && kinds(value) >= 2 && !word_like(value));
    if form == Some(false) {
        Verdict::Secret(Confidence::Low, NO_FORM)
    } else if form == Some(true) && (named || likely) {
        Verdict::Secret(Confidence::Medium, KNOWN_FORM)
    } else if named && likely {
        Verdict::Secret(
            Confidence::Medium,
            "a credential's value behind a vendor's name",
        )
    } else if random {
        Verdict::Secret(Confidence::Low, "a random value behind a vendor's name")
    } else {
        Verdict::Not("not random enough to stand alone")
    }
}

/// The one random word of a value of several, or of what braces hold.
pub(super) fn kernel(text: &[u8], value: &Range<usize>) -> Option<Range<usize>> {
    let bytes = &text[value.clone()];
    if !bytes.contains(&b' ') {
        return None;
    }
    let mut found = None;
    let mut at = value.start;
    for word in bytes.split(|byte| *byte == b' ') {
        let span = at..at + word.len();
        at = span.end + 1;
        let span = trimmed(text, span);
        if span.len() >= 16 && is_random(&text[span.clone()]) {
            if found.is_some() {
                return None;
            }
            found = Some(span);
        }
    }
    found
}

/// Without braces and the marks of a sentence around it.
fn trimmed(text: &[u8], mut span: Range<usize>) -> Range<usize> {
    let around = b"{}()[]<>,;.:'\"";
    while span.start < span.end && around.contains(&text[span.start]) {
        span.start += 1;
    }
    while span.start < span.end && around.contains(&text[span.end - 1]) {
        span.end -= 1;
    }
    span
}

/// Three kinds of characters in eight and more: no word and no coordinate.
pub(super) fn is_strong(value: &[u8]) -> bool {
    value.len() >= 8 && kinds(value) >= 3 && value.iter().any(u8::is_ascii_digit)
}

/// Characters that generators leave out because shells, URLs and quotes take
/// them for their own; the padding of base64 before its end; an ellipsis.
pub(super) fn is_mangled(value: &[u8]) -> bool {
    let end = value
        .iter()
        .rposition(|byte| *byte != b'=')
        .map_or(0, |at| at + 1);
    let percent = |at: usize| {
        value[at] == b'%'
            && value
                .get(at + 1..at + 3)
                .is_some_and(|hex| hex.iter().all(u8::is_ascii_hexdigit))
    };
    value.ends_with(b"...")
        || (0..end).any(|at| {
            b"?^!()$&[]{}*#=<>, ;'\"|`".contains(&value[at]) || (value[at] == b'%' && !percent(at))
        })
}

fn judge_password(value: &[u8], quoted: bool) -> Verdict {
    let kinds = kinds(value);
    if value.len() < 5 {
        return Verdict::Not("too short");
    }
    if is_random(value) {
        return Verdict::Secret(Confidence::High, "a random value under a password's name");
    }
    if words_only(value) {
        return if quoted || value.len() >= 8 {
            Verdict::Secret(Confidence::Low, "words under a password's name")
        } else {
            Verdict::Not("a word")
        };
    }
    if is_punctuated_word(value) {
        return Verdict::Secret(
            Confidence::Low,
            "a word and punctuation under a password's name",
        );
    }
    if kinds >= 3 || (kinds == 2 && value.len() >= 8) {
        return Verdict::Secret(Confidence::Medium, "a value under a password's name");
    }
    Verdict::Secret(Confidence::Low, "a weak value under a password's name")
}

/// Words of small letters with marks between or behind them: what people type
/// into tests and documents, be it with a mark in place of a letter.
fn is_punctuated_word(value: &[u8]) -> bool {
    let mut words = value.split(u8::is_ascii_punctuation);
    let small = |byte: &u8| byte.is_ascii_lowercase();
    words.all(|word| word.iter().all(small) && words_only(word))
}

fn judge_token(value: &[u8], known: impl Fn() -> bool) -> Verdict {
    if value.len() < 8 {
        return Verdict::Not("too short");
    }
    if is_derived_uuid(value) && !known() {
        return Verdict::Secret(Confidence::Low, "a UUID made of a time or a name");
    }
    if words_only(value) {
        return Verdict::Not("words");
    }
    if !value.iter().any(u8::is_ascii_digit) && !mixed_case(value) {
        return Verdict::Not("no digits");
    }
    if value.len() >= 16 && is_random(value) {
        return Verdict::Secret(Confidence::High, "a random value under a credential's name");
    }
    if value.len() >= 12 && entropy(value) >= 3.0 && kinds(value) >= 2 && !word_like(value) {
        return Verdict::Secret(
            Confidence::Medium,
            "a likely value under a credential's name",
        );
    }
    Verdict::Secret(Confidence::Low, "a weak value under a credential's name")
}

/// Shannon entropy in bits per byte.
pub(super) fn entropy(value: &[u8]) -> f32 {
    entropy::shannon_entropy(value)
}

/// Long and even enough to have come out of a generator.
pub(super) fn is_random(value: &[u8]) -> bool {
    let len = value.len();
    let hex = value.iter().all(u8::is_ascii_hexdigit) || is_uuid(value);
    if hex {
        return len >= 24 && entropy(value) >= 3.0 && value.iter().any(u8::is_ascii_digit);
    }
    len >= 12 && value.iter().any(u8::is_ascii_digit) && entropy(value) >= 3.2 && is_rare(value)
}

fn kind(byte: u8) -> u8 {
    match byte {
        b'a'..=b'z' => 0,
        b'A'..=b'Z' => 1,
        b'0'..=b'9' => 2,
        _ => 3,
    }
}

/// How many of lower case, upper case, digits, punctuation stand in it.
fn kinds(value: &[u8]) -> u32 {
    value
        .iter()
        .fold(0u32, |set, &byte| set | (1 << kind(byte)))
        .count_ones()
}

fn mixed_case(value: &[u8]) -> bool {
    value.iter().any(u8::is_ascii_lowercase) && value.iter().any(u8::is_ascii_uppercase)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_with_a_mark() {
        for value in ["garden$hed", "lemon@", "lemon!"] {
            assert!(is_punctuated_word(value.as_bytes()), "{value}");
        }
        for value in ["Lemon$", "lemon1!", "xkqvz$tr"] {
            assert!(!is_punctuated_word(value.as_bytes()), "{value}");
        }
    }
}
