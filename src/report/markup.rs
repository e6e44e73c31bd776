//! Hostile text in Markdown.

use super::escape::{clip, is_address, visible};

/// Characters of one hostile text: no log can crowd out the others.
const LONGEST: usize = 1_000;

/// A link where the text is nothing but an address, code otherwise.
pub(crate) fn reference(text: &str) -> String {
    if is_address(text) {
        format!("<{text}>")
    } else {
        code(text)
    }
}

/// Hostile text as a code span, fit for a table cell.
pub(crate) fn code(text: &str) -> String {
    let text = visible(text);
    // Implementations differ in how a table cell escapes a pipe after a
    // backslash: leave none.
    let text = clip(&text, LONGEST).replace('|', "\\u{7c}");
    let fence = "`".repeat(longest_run(&text) + 1);
    // Spaces keep backticks at the ends apart, and one is stripped again.
    let pad = if text.starts_with('`') || text.ends_with('`') || text.trim().is_empty() {
        " "
    } else {
        ""
    };
    format!("{fence}{pad}{text}{pad}{fence}")
}

/// Hostile text as a block of one line.
pub(crate) fn fenced(text: &str) -> String {
    block(&[text])
}

/// Hostile lines as a block.
pub(crate) fn block(lines: &[impl AsRef<str>]) -> String {
    let line = |line: &_| clip(&visible(AsRef::as_ref(line)), LONGEST).into_owned();
    let lines: Vec<String> = lines.iter().map(line).collect();
    let text = lines.join("\n");
    let fence = "`".repeat(longest_run(&text).max(2) + 1);
    format!("{fence}text\n{text}\n{fence}\n")
}

fn longest_run(text: &str) -> usize {
    text.split(|c| c != '`').map(str::len).max().unwrap_or(0)
}

/// Text of a rule or a detector: no markup, no HTML, no mention, no link.
pub(crate) fn prose(text: &str) -> String {
    linked_prose(text)
        .replace("://", ":<!-- -->//")
        .replace("www.", "www<!-- -->.")
}

/// Text of a rule in which bare addresses stay links.
pub(crate) fn linked_prose(text: &str) -> String {
    let text = visible(text);
    let text = clip(&text, LONGEST);
    let mut escaped = String::with_capacity(text.len() + 16);
    for (at, c) in text.char_indices() {
        match c {
            '&' => escaped.push_str("&amp;"),
            '<' => escaped.push_str("&lt;"),
            '>' => escaped.push_str("&gt;"),
            '|' => escaped.push_str("&#124;"),
            // A comment is not shown, and ends the word for whoever looks for
            // mentions and issue numbers.
            '@' => escaped.push_str("@<!-- -->"),
            '#' if next_is_digit(&text[at + 1..]) => escaped.push_str("#<!-- -->"),
            '\\' | '`' | '*' | '[' | ']' | '~' | '$' => escaped.extend(['\\', c]),
            // Inside a word it is plain, and may be part of an address.
            '_' if !text[..at].ends_with(char::is_alphanumeric) => escaped.push_str("\\_"),
            _ => escaped.push(c),
        }
    }
    escaped
}

fn next_is_digit(rest: &str) -> bool {
    rest.starts_with(|c: char| c.is_ascii_digit())
}
