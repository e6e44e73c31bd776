//! Making hostile text harmless for whoever shows it.

use std::borrow::Cow;
use std::fmt::Write;

/// Characters that steer a terminal or reorder, hide or split what is shown.
fn is_hostile(c: char) -> bool {
    c.is_control()
        || matches!(c,
            // Bidirectional controls ("Trojan Source").
            '\u{61c}' | '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}'
            // Line and paragraph separators.
            | '\u{2028}' | '\u{2029}'
            // Invisible: zero-width, annotations, tags. ZWJ stays, emoji need it.
            | '\u{200b}' | '\u{200c}' | '\u{2060}'..='\u{2065}' | '\u{206a}'..='\u{206f}'
            | '\u{feff}' | '\u{fff9}'..='\u{fffb}' | '\u{e0000}'..='\u{e007f}')
}

/// Text safe for one line of a terminal or of a CI log: control, bidirectional
/// and invisible characters appear as `\u{1b}`, line ends as `\n`, a tab as a
/// space (its width is unknown, markers below would miss). CI runners act on
/// `##name[` anywhere in a line and on `::` at its start: these are broken up.
/// Borrowed when there is nothing to do.
pub(crate) fn visible(text: &str) -> Cow<'_, str> {
    if !text.contains(is_hostile) && !text.contains("##") && !text.contains("::") {
        return Cow::Borrowed(text);
    }
    let mut shown = String::with_capacity(text.len() + 16);
    for (at, c) in text.char_indices() {
        match c {
            '\t' => shown.push(' '),
            '\n' => shown.push_str("\\n"),
            '\r' => shown.push_str("\\r"),
            _ if is_hostile(c) || starts_command(text, at, c) => push_code(&mut shown, c),
            _ => shown.push(c),
        }
    }
    Cow::Owned(shown)
}

fn push_code(to: &mut String, c: char) {
    // Writing to a string cannot fail.
    let _ = write!(to, "\\u{{{:x}}}", u32::from(c));
}

/// Whether the character at `at` is the one that makes a runner's command of
/// the text: the `[` of `##name[`, or the first `:` of a word's leading `::`.
fn starts_command(text: &str, at: usize, c: char) -> bool {
    match c {
        '[' => is_after_hashes(&text[..at]),
        ':' => text[at..].starts_with("::") && !text[..at].ends_with(|c: char| !c.is_whitespace()),
        _ => false,
    }
}

/// Whether `before` ends in `##` and a short ASCII word (`##vso`). Only a few
/// bytes are looked at, so that a line of brackets costs linear time.
fn is_after_hashes(before: &str) -> bool {
    const LONGEST: usize = 24;
    let bytes = before.as_bytes();
    let name = bytes
        .iter()
        .rev()
        .take(LONGEST)
        .take_while(|b| b.is_ascii_alphanumeric() || **b == b'-')
        .count();
    bytes[..bytes.len() - name].ends_with(b"##")
}

/// At most `limit` characters of `text`, the cut marked by `…`.
pub(crate) fn clip(text: &str, limit: usize) -> Cow<'_, str> {
    match text.char_indices().nth(limit) {
        None => Cow::Borrowed(text),
        Some((end, _)) => Cow::Owned(format!("{}…", &text[..end])),
    }
}

/// Whether `text` is an HTTPS address and nothing else, so that it can be
/// handed on as a link.
pub(crate) fn is_address(text: &str) -> bool {
    let is_part = |b: u8| b.is_ascii_alphanumeric() || b"-._~/?#%=&+:,;".contains(&b);
    text.strip_prefix("https://")
        .is_some_and(|rest| !rest.is_empty() && rest.bytes().all(is_part))
}

/// Finished JSON in which hostile characters beyond ASCII controls (which JSON
/// escapes anyway) are `\uXXXX` too, and no runner's command is left. They can
/// stand only inside strings, so the document means the same.
pub(super) fn harmless_json(json: String) -> String {
    if !json.contains(|c| c != '\n' && is_hostile(c)) && !json.contains("##") {
        return json;
    }
    let mut escaped = String::with_capacity(json.len() + 64);
    for (at, c) in json.char_indices() {
        if c != '\n' && is_hostile(c) || c == '[' && is_after_hashes(&json[..at]) {
            push_utf16(&mut escaped, c);
        } else {
            escaped.push(c);
        }
    }
    escaped
}

fn push_utf16(to: &mut String, c: char) {
    for unit in c.encode_utf16(&mut [0; 2]) {
        let _ = write!(to, "\\u{unit:04x}");
    }
}

#[cfg(test)]
mod tests {
    use super::{clip, harmless_json, is_address, visible};
    use std::borrow::Cow;

    #[test]
    fn clean_text_is_borrowed() {
        for text in ["", "build/3_Run make.txt", "naïve 🚀 [ok]", "auth:x"] {
            assert!(matches!(visible(text), Cow::Borrowed(same) if same == text));
        }
    }

    #[test]
    fn terminal_and_bidi_controls_are_shown() {
        let hostile = "a\u{1b}[31mb\u{9b}c\u{7}\u{202e}d\u{7f}\r\ne\tf\u{2028}\u{feff}";
        insta::assert_snapshot!(visible(hostile), @r"a\u{1b}[31mb\u{9b}c\u{7}\u{202e}d\u{7f}\r\ne f\u{2028}\u{feff}");
    }

    #[test]
    fn commands_of_runners_are_broken_up() {
        insta::assert_snapshot!(
            visible("x ##[group]y ##vso[task.x]z ::warning::w a::b # [c]"),
            @r"x ##\u{5b}group]y ##vso\u{5b}task.x]z \u{3a}:warning::w a::b # [c]"
        );
    }

    #[test]
    fn json_keeps_its_meaning() {
        let value = serde_json::json!({"a": "\u{1b}\u{9b}\u{e0041} ##[x] ##vso[y]", "##b": [1]});
        let json = harmless_json(serde_json::to_string_pretty(&value).unwrap());
        assert!(!json.contains("##[") && !json.contains("##vso[") && !json.contains('\u{9b}'));
        let back: serde_json::Value = serde_json::from_str(&json).unwrap();
        assert_eq!(back, value);
    }

    #[test]
    fn only_plain_addresses_are_links() {
        assert!(is_address("https://example.com/a-b?c=d#e"));
        for text in [
            "https://",
            "http://a",
            "javascript:x",
            "https://a b",
            "https://a>b",
        ] {
            assert!(!is_address(text), "{text}");
        }
    }

    #[test]
    fn clipping_counts_characters() {
        assert_eq!(clip("äöü", 3), "äöü");
        assert_eq!(clip("äöüß", 3), "äöü…");
    }
}
