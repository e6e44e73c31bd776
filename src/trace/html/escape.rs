//! Hostile text in HTML.

use crate::report::escape::{clip, is_address, visible};

/// Characters of one hostile text: no log can crowd out the others.
const LONGEST: usize = 1_000;

/// Text for an element or for a quoted attribute: no markup, and nothing that
/// hides or reorders what is shown.
pub(super) fn escape(text: &str) -> String {
    let text = visible(text);
    let text = clip(&text, LONGEST);
    let mut escaped = String::with_capacity(text.len() + 16);
    for c in text.chars() {
        match c {
            '&' => escaped.push_str("&amp;"),
            '<' => escaped.push_str("&lt;"),
            '>' => escaped.push_str("&gt;"),
            '"' => escaped.push_str("&quot;"),
            '\'' => escaped.push_str("&#39;"),
            _ => escaped.push(c),
        }
    }
    escaped
}

/// `text` that leads to `address`; the address as it is where it is no page.
pub(super) fn link(text: &str, address: &str) -> String {
    if is_address(address) {
        let address = escape(address);
        format!(
            "<a href=\"{address}\" rel=\"noopener noreferrer\">{}</a>",
            escape(text)
        )
    } else {
        format!("<code>{}</code>", escape(address))
    }
}

/// Text of a rule, its addresses as links.
pub(super) fn linked(text: &str) -> String {
    let words = text.split(' ').map(|word| {
        let address = word.trim_end_matches(['.', ',', ';', ':', '?']);
        if is_address(address) {
            link(address, address) + &escape(&word[address.len()..])
        } else {
            escape(word)
        }
    });
    words.collect::<Vec<_>>().join(" ")
}

#[cfg(test)]
mod tests {
    use super::{escape, link, linked};

    #[test]
    fn no_markup_is_left() {
        insta::assert_snapshot!(
            escape("</script><b a=\"x\" b='y'>&amp;\u{202e}\u{1b}[2J"),
            @r"&lt;/script&gt;&lt;b a=&quot;x&quot; b=&#39;y&#39;&gt;&amp;amp;\u{202e}\u{1b}[2J"
        );
    }

    #[test]
    fn only_pages_are_links() {
        insta::assert_snapshot!(link("7", "https://example.com/a?b=1&c=2"), @r#"<a href="https://example.com/a?b=1&amp;c=2" rel="noopener noreferrer">7</a>"#);
        for address in ["javascript:x", "/tmp/a.log", "https://a\" onclick=x"] {
            assert!(!link("7", address).contains("<a"), "{address}");
        }
    }

    #[test]
    fn an_address_ends_before_the_sentence_does() {
        insta::assert_snapshot!(linked("Go to https://example.com/keys, <then> on."), @r#"Go to <a href="https://example.com/keys" rel="noopener noreferrer">https://example.com/keys</a>, &lt;then&gt; on."#);
    }
}
