//! Paths as URI references.

use crate::origin::Origin;
use std::fmt::Write;

/// The whole name as one URI: `logs.zip!3_a b.txt` is `logs.zip%213_a%20b.txt`.
/// An absolute path becomes a `file` URI.
pub(super) fn of(path: &Origin) -> String {
    let path = path.as_str();
    let scheme = if path.starts_with('/') { "file://" } else { "" };
    let mut uri = scheme.to_owned();
    for byte in path.bytes() {
        if byte.is_ascii_alphanumeric() || b"-._~/".contains(&byte) {
            uri.push(char::from(byte));
        } else {
            // Writing to a string cannot fail.
            let _ = write!(uri, "%{byte:02X}");
        }
    }
    uri
}

#[cfg(test)]
mod tests {
    use super::of;
    use crate::origin::Origin;

    #[test]
    fn everything_but_plain_characters_is_percent_encoded() {
        let uri = |path| of(&Origin::new(path));
        assert_eq!(uri("logs.zip!3_a b.txt"), "logs.zip%213_a%20b.txt");
        assert_eq!(uri("/var/log/ü"), "file:///var/log/%C3%BC");
        assert_eq!(uri("javascript:x%?#"), "javascript%3Ax%25%3F%23");
        assert_eq!(uri("-"), "-");
    }
}
