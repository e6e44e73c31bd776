//! Shapes of values that tell alone that a value is no credential.

use super::words::{AnyOf, any_of, word_like, words_only};
use std::sync::LazyLock;

/// `***`, `[MASKED]`, `xxxxxxxx`, `(sensitive value)`, `<redacted>` and kin.
pub(super) fn is_masked(value: &[u8]) -> bool {
    static WORDS: AnyOf = LazyLock::new(|| {
        any_of(&[
            "***",
            "[masked",
            "[secure",
            "[filtered",
            "redacted",
            "(sensitive",
            "hidden>",
            "[hidden",
            "sanitized",
            "<secret",
            "•••",
            "…",
            "....",
            "__masked",
        ])
    });
    let one_char = value.windows(2).all(|pair| pair[0] == pair[1]);
    let of_mask = |byte: &u8| matches!(byte, b'x' | b'X' | b'-');
    one_char
        || WORDS.is_match(value)
        || longest_run(value, b'x') >= 8
        || (value.iter().all(of_mask) && !value.is_empty())
}

/// Of a letter, whatever its case.
fn longest_run(value: &[u8], of: u8) -> usize {
    value
        .split(|byte| !byte.eq_ignore_ascii_case(&of))
        .map(<[u8]>::len)
        .max()
        .unwrap_or(0)
}

/// `$X`, `${X}`, `%X%`, `{{ x }}`, `<x>`, `$(cmd)`, `os.environ[..]`, `f(x)`.
pub(super) fn is_variable(value: &[u8]) -> bool {
    const STARTS: &[&str] = &[
        "$",
        "%{",
        "{{",
        "{%",
        "<",
        "@@",
        "#{",
        "!ref",
        "!sub",
        "!vault",
        "`",
        "env.",
        "env:",
        "process.",
        "os.",
        "var.",
        "vars.",
        "secrets.",
        "local.",
        "data.",
        "module.",
        "self.",
        "this.",
        "config.",
        "settings.",
        "props.",
        "params.",
        "args.",
        "options.",
        "ctx.",
        "context.",
        "steps.",
        "needs.",
        "inputs.",
        "github.",
        "env[",
        "getenv",
        "lookup(",
        "vault:",
        "arn:",
        "ref+",
        "op://",
        "keyvault",
        "ssm:",
        "sm://",
        "\\$",
        "^$",
        "(",
        "[",
        "{",
        "||",
        "&&",
        "->",
        "=>",
        "==",
    ];
    let lower = value[..value.len().min(24)].to_ascii_lowercase();
    STARTS
        .iter()
        .any(|start| lower.starts_with(start.as_bytes()))
        || contains(value, b"${")
        || contains(value, b"{{")
        || contains(value, b"$(")
        || (value.len() > 2 && value[0] == b'%' && value[value.len() - 1] == b'%')
        || is_call(value)
        || is_joined(value)
        || is_constant_name(value)
}

/// `+new Name(`, between the quotes of two strings that a program joins.
fn is_joined(value: &[u8]) -> bool {
    value.starts_with(b"+") && value.ends_with(b"(")
}

/// `name(…` : a call, not a value.
fn is_call(value: &[u8]) -> bool {
    let Some(open) = memchr::memchr2(b'(', b'[', value) else {
        return false;
    };
    open >= 3
        && value[..open]
            .iter()
            .all(|byte| byte.is_ascii_alphanumeric() || b"_.:".contains(byte))
        && !value[open..].is_empty()
        && matches!(
            value[value.len() - 1],
            b')' | b']' | b';' | b',' | b'(' | b'"' | b'\''
        )
}

/// `SOME_OTHER_NAME`: upper-case words joined by underscores, no run of digits.
fn is_constant_name(value: &[u8]) -> bool {
    value.contains(&b'_')
        && value
            .iter()
            .all(|byte| byte.is_ascii_uppercase() || byte.is_ascii_digit() || *byte == b'_')
        && value
            .split(|&byte| byte == b'_')
            .all(|word| word.iter().filter(|b| b.is_ascii_digit()).count() <= 2)
        && value.iter().any(u8::is_ascii_uppercase)
}

pub(super) fn is_literal(value: &[u8]) -> bool {
    const WORDS: &[&str] = &[
        "true",
        "false",
        "null",
        "none",
        "nil",
        "undefined",
        "yes",
        "no",
        "on",
        "off",
        "enabled",
        "disabled",
        "required",
        "optional",
        "default",
        "unset",
        "empty",
        "string",
        "str",
        "bytes",
        "number",
        "object",
        "boolean",
        "bool",
        "integer",
        "int",
        "ok",
        "success",
        "failed",
        "failure",
        "error",
        "unknown",
        "n/a",
        "valid",
        "invalid",
        "missing",
        "present",
        "set",
        "not",
        "skipped",
        "passed",
        "expired",
        "found",
        "bearer",
        "basic",
        "always",
        "never",
    ];
    let lower = value.to_ascii_lowercase();
    WORDS.iter().any(|word| lower == word.as_bytes()) || is_number(value)
}

fn is_number(value: &[u8]) -> bool {
    let digits = value.iter().filter(|byte| byte.is_ascii_digit()).count();
    // Long digit strings are ids and PINs of some vendors: their rules say so.
    value
        .iter()
        .all(|byte| byte.is_ascii_digit() || b".,+-:/ ".contains(byte))
        || (digits > 0 && digits + 2 >= value.len() && value.len() <= 8)
}

/// `2024-07-19…`, `09:26:53`: what stands on the next line's start when a value is empty.
pub(super) fn is_time(value: &[u8]) -> bool {
    let digit = |at: usize| value.get(at).is_some_and(u8::is_ascii_digit);
    let date = value.len() >= 10
        && (0..4).all(digit)
        && matches!(value[4], b'-' | b'/')
        && digit(5)
        && digit(6)
        && value[7] == value[4];
    let clock = value.len() >= 8
        && digit(0)
        && digit(1)
        && value[2] == b':'
        && digit(3)
        && value[5] == b':';
    date || clock
}

/// Words by which documentation says that a value is none.
pub(super) fn is_placeholder(value: &[u8]) -> bool {
    static WORDS: AnyOf = LazyLock::new(|| {
        any_of(&[
            "example",
            "changeme",
            "change_me",
            "change-me",
            "placeholder",
            "your_",
            "your-",
            "yourpass",
            "yourtoken",
            "yourkey",
            "yoursecret",
            "your.",
            "replace_",
            "replace-",
            "replaceme",
            "dummy",
            "sample",
            "insert_",
            "insert-",
            "enter_",
            "enter-",
            "put_your",
            "todo",
            "fixme",
            "not_set",
            "notset",
            "not-set",
            "not-a-",
            "not_a_",
            "fake",
            "mysecret",
            "my-secret",
            "my_secret",
            "mypassword",
            "my-password",
            "my_password",
            "mytoken",
            "my-token",
            "my_token",
            "test-secret",
            "test_secret",
            "testsecret",
            "test-token",
            "test_token",
            "testtoken",
            "test-key",
            "test_key",
            "testkey",
            "test-pass",
            "test_pass",
            "testpass",
            "secret-key",
            "secret_key",
            "secretkey",
            "supersecret",
            "super-secret",
            "super_secret",
            "topsecret",
            "api-key",
            "api_key",
            "apikey",
            "access_token",
            "access-token",
            "the-token",
            "password",
            "passw0rd",
            "foobar",
            "foo-bar",
            "lorem",
        ])
    });
    let lower = value.to_ascii_lowercase();
    WORDS.is_match(value)
        || matches!(
            lower.as_slice(),
            b"secret"
                | b"token"
                | b"pass"
                | b"test"
                | b"admin"
                | b"root"
                | b"postgres"
                | b"mysql"
                | b"guest"
                | b"user"
                | b"key"
                | b"minioadmin"
        )
}

/// The keyboard, the alphabet, counting, or the same few characters over and
/// over.
pub(super) fn is_sequence(value: &[u8]) -> bool {
    let lower = value.to_ascii_lowercase();
    ["abcdefgh", "1234567", "qwerty", "asdfgh", "deadbeef"]
        .iter()
        .any(|row| contains(&lower, row.as_bytes()))
        || periodic(&lower)
}

/// The alphabet, 12 letters and more of it, whatever their case, or as many
/// digits in order: no generator draws these.
pub(super) fn is_counted(value: &[u8]) -> bool {
    const LONG: usize = 12;
    let follows = |a: &u8, b: &u8| {
        let (a, b) = (a.to_ascii_lowercase(), b.to_ascii_lowercase());
        let turns = matches!((a, b), (b'z', b'a') | (b'9', b'0'));
        a.is_ascii_alphanumeric() && (b == a + 1 || turns)
    };
    value.chunk_by(follows).any(|run| run.len() >= LONG)
}

/// The same one to four characters over and over.
fn periodic(value: &[u8]) -> bool {
    value.len() >= 8 && (1..=4).any(|step| value[step..].iter().zip(value).all(|(a, b)| a == b))
}

pub(super) fn is_location(value: &[u8]) -> bool {
    let starts = |text: &str| value.starts_with(text.as_bytes());
    let drive = value.len() > 2
        && value[0].is_ascii_alphabetic()
        && value[1] == b':'
        && matches!(value[2], b'\\' | b'/');
    contains(value, b"://")
        || is_rooted(value)
        || is_host(value)
        || starts("./")
        || starts("../")
        || starts("~/")
        || drive
        || is_path(value)
}

/// `db.example.net`: labels of small letters below a common domain.
fn is_host(value: &[u8]) -> bool {
    const ENDS: &[&str] = &[".com", ".net", ".org", ".io", ".dev", ".cloud", ".local"];
    let of_host =
        |byte: &u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || b".-".contains(byte);
    value.len() < 64
        && value.iter().all(of_host)
        && ENDS.iter().any(|end| value.ends_with(end.as_bytes()))
}

/// `/home/cltbld`: two slashes and nothing that base64 has and paths have not.
fn is_rooted(value: &[u8]) -> bool {
    let plain =
        |byte: &u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || b"/._-".contains(byte);
    value.starts_with(b"/") && value[1..].contains(&b'/') && value.iter().all(plain)
}

/// `org.example.Type@4bc5f1be`: how Java shows an object.
fn is_java_object(value: &[u8]) -> bool {
    let Some(at) = memchr::memrchr(b'@', value) else {
        return false;
    };
    let (name, hash) = (&value[..at], &value[at + 1..]);
    (5..=8).contains(&hash.len())
        && hash.iter().all(u8::is_ascii_hexdigit)
        && name.contains(&b'.')
        && name
            .iter()
            .all(|byte| byte.is_ascii_alphanumeric() || b"._$".contains(byte))
}

/// Slashes between word-like parts. Base64 holds slashes too, but its parts
/// are not words.
fn is_path(value: &[u8]) -> bool {
    let parts: Vec<&[u8]> = value
        .split(|&byte| byte == b'/' || byte == b'\\')
        .filter(|part| !part.is_empty())
        .collect();
    let slashes = value
        .iter()
        .filter(|&&byte| byte == b'/' || byte == b'\\')
        .count();
    let wordy = parts
        .iter()
        .filter(|part| part.len() <= 2 || words_only(part) || word_like(part))
        .count();
    // Half is enough where the path begins at the root: base64 rarely does.
    let enough = wordy * 2 + usize::from(value.starts_with(b"/")) > parts.len();
    slashes > 0 && !value.ends_with(b"=") && enough
}

/// `group:artifact:jar:0.11.2`, `name@1.2.3`, `registry/image:tag`, `v1.2.3-rc1`, `file.ext`.
pub(super) fn is_coordinate(value: &[u8]) -> bool {
    let colons = memchr::memchr_iter(b':', value).count();
    let dotted_digits = value
        .windows(3)
        .any(|w| w[0].is_ascii_digit() && w[1] == b'.' && w[2].is_ascii_digit());
    let version = dotted_digits
        && value
            .iter()
            .all(|byte| byte.is_ascii_alphanumeric() || b".-+_:@/^~>=<*".contains(byte))
        && value.len() < 60
        && !is_dense(value);
    colons >= 2 && contains(value, b"::") || version || is_file_name(value) || is_java_object(value)
}

/// A run of 20 and more letters and digits without a word in it.
fn is_dense(value: &[u8]) -> bool {
    value
        .split(|byte| !byte.is_ascii_alphanumeric())
        .any(|run| run.len() >= 20 && !word_like(run))
}

fn is_file_name(value: &[u8]) -> bool {
    const ENDS: &[&str] = &[
        ".json",
        ".yaml",
        ".yml",
        ".xml",
        ".txt",
        ".pem",
        ".key",
        ".crt",
        ".log",
        ".conf",
        ".cfg",
        ".ini",
        ".env",
        ".js",
        ".ts",
        ".go",
        ".rs",
        ".py",
        ".rb",
        ".java",
        ".php",
        ".cs",
        ".c",
        ".h",
        ".cpp",
        ".md",
        ".html",
        ".css",
        ".sh",
        ".toml",
        ".lock",
        ".jar",
        ".tgz",
        ".zip",
        ".jks",
        ".p12",
        ".keystore",
        ".class",
        ".properties",
        ".kt",
        ".gradle",
        ".tf",
        ".svg",
        ".png",
        ".o",
        ".so",
        ".dll",
        ".exe",
    ];
    let lower = value.to_ascii_lowercase();
    ENDS.iter().any(|end| lower.ends_with(end.as_bytes()))
}

/// 8-4-4-4-12 hexadecimal digits.
pub(super) fn is_uuid(value: &[u8]) -> bool {
    value.len() == 36
        && value.iter().enumerate().all(|(at, byte)| match at {
            8 | 13 | 18 | 23 => *byte == b'-',
            _ => byte.is_ascii_hexdigit(),
        })
}

/// A UUID that was not drawn at random: made of a time or a name.
pub(super) fn is_derived_uuid(value: &[u8]) -> bool {
    is_uuid(value) && value[14] != b'4'
}

/// 32, 40, 56, 64, 96 or 128 hexadecimal digits: the length of a digest.
pub(super) fn is_digest(value: &[u8]) -> bool {
    matches!(value.len(), 32 | 40 | 56 | 64 | 96 | 128) && value.iter().all(u8::is_ascii_hexdigit)
}

/// Whether `needle` stands in `text`.
pub(super) fn contains(text: &[u8], needle: &[u8]) -> bool {
    memchr::memmem::find(text, needle).is_some()
}

/// A shape that no generator makes, whatever the vendor's prefix in front: one
/// character eight times in a row, or the words of documentation. Zero bits
/// are `A` in base64 and set ones `/`: long tokens hold runs of them.
pub(super) fn is_blatant(secret: &[u8]) -> bool {
    let runs = secret
        .chunk_by(|a, b| a == b)
        .filter(|run| !matches!(run[0], b'A' | b'/' | b'='));
    let run = runs.map(<[u8]>::len).max().unwrap_or(0);
    run >= 8 || says_example(secret)
}

/// Holds a word by which documentation and tests say that it is made up.
pub(super) fn says_example(secret: &[u8]) -> bool {
    const WORDS: [&str; 8] = [
        "example",
        "placeholder",
        "your_",
        "your-",
        "redacted",
        "changeme",
        "invalid",
        "dummy",
    ];
    let lower = secret.to_ascii_lowercase();
    WORDS.iter().any(|word| contains(&lower, word.as_bytes()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_no_credential_by_its_shape() {
        assert!(is_variable(b"paramiko.ECDSAKey.generate("));
        assert!(is_variable(b"+encode("));
        assert!(is_variable(b"${{ secrets.X }}") && is_variable(b"OTHER_NAME"));
        assert!(is_location(b"/home/cltbld") && is_location(b"/Users/cltbld"));
        assert!(is_location(b"/run/secrets/db-password"));
        assert!(is_location(b"db.acme.example.com"));
        assert!(is_coordinate(b"org.example.Builder@4bc5f1be"));
        assert!(is_masked(b"***") && is_masked(b"XXXXXXXX") && is_masked(b"(sensitive value)"));
        assert!(is_time(b"2024-07-19T13:36:17.1234567Z"));
        assert!(is_placeholder(b"changeme") && is_sequence(b"abababababab"));
    }

    #[test]
    fn what_is_counted() {
        for value in [
            "acme_abcdefghijklmnopqrstuvwxyz",
            "acme_AbCdEfGhIjKlMnOpQrStUv",
            "acme_12345678901234567890",
        ] {
            assert!(is_counted(value.as_bytes()), "{value}");
        }
        assert!(!is_counted(b"acme_abcdef1234567890abcdef1234567890"));
    }

    #[test]
    fn random_values_have_none_of_the_shapes() {
        let mut seed = crate::rule::template::Seed::new(9);
        for alphabet in [
            "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789",
            "0123456789abcdef",
        ] {
            for _ in 0..500 {
                let value = format!("{}9", seed.text(alphabet, 31));
                let bytes = value.as_bytes();
                assert!(!is_masked(bytes) && !is_variable(bytes) && !is_time(bytes));
                assert!(!is_location(bytes) && !is_coordinate(bytes));
            }
        }
    }
}
