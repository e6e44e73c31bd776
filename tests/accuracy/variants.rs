//! Kinds of logs that a case is set into.

use data_encoding::BASE64;
use leaksweep::log::LogFormat;
use std::fmt;
use std::ops::Range;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Variant {
    Plain,
    Gha,
    Ansi,
    Base64,
    Json,
    Gitlab,
}

/// A log and where the case stands in it.
pub(super) struct Log {
    pub raw: Vec<u8>,
    pub format: LogFormat,
    pub case: Range<usize>,
}

impl fmt::Display for Variant {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Plain => "plain",
            Self::Gha => "gha",
            Self::Ansi => "ansi",
            Self::Base64 => "base64",
            Self::Json => "json",
            Self::Gitlab => "gitlab",
        })
    }
}

impl Variant {
    pub(super) const ALL: [Self; 6] = [
        Self::Plain,
        Self::Gha,
        Self::Ansi,
        Self::Base64,
        Self::Json,
        Self::Gitlab,
    ];

    /// `text`, with `secret` in it, as part of a log.
    pub(super) fn set(self, text: &str, secret: Option<&str>) -> Log {
        let text = match self {
            Self::Plain | Self::Gha | Self::Gitlab => text.to_owned(),
            Self::Ansi => coloured(text, secret),
            Self::Base64 => format!("payload {}", BASE64.encode(text.as_bytes())),
            Self::Json => format!("{{\"msg\":{}}}", serde_json::Value::from(text)),
        };
        let head = self.lines(match self {
            Self::Gitlab => "section_start:1741860000:step_script\r\u{1b}[0K$ make deploy",
            _ => "make: Entering directory 'build'",
        });
        let body = self.lines(&text);
        let tail = self.lines("all done");
        Log {
            case: head.len()..head.len() + body.len(),
            raw: [head, body, tail].concat().into_bytes(),
            format: self.format(),
        }
    }

    fn format(self) -> LogFormat {
        match self {
            Self::Plain => LogFormat::Plain,
            Self::Gitlab => LogFormat::GitLab,
            Self::Gha | Self::Ansi | Self::Base64 | Self::Json => LogFormat::GitHubActions,
        }
    }

    fn lines(self, text: &str) -> String {
        let (prefix, end) = match self {
            Self::Plain => ("", "\n"),
            Self::Gitlab => ("", "\r\n"),
            _ => ("2025-03-15T10:00:00.1234567Z ", "\n"),
        };
        text.lines()
            .map(|line| format!("{prefix}{line}{end}"))
            .collect()
    }
}

/// Colour around the secret, or around every line.
fn coloured(text: &str, secret: Option<&str>) -> String {
    let colour = |text: &str| format!("\u{1b}[36;1m{text}\u{1b}[0m");
    match secret {
        Some(secret) => text.replacen(secret, &colour(secret), 1),
        None => text.lines().map(|line| colour(line) + "\n").collect(),
    }
}

#[test]
fn variants_write_what_they_say() {
    let holds = |variant: Variant, needle: &str| {
        let raw = variant.set("key \"Secret\"", Some("Secret")).raw;
        memchr::memmem::find(&raw, needle.as_bytes()).is_some()
    };
    for variant in Variant::ALL {
        assert_eq!(holds(variant, "Secret"), variant != Variant::Base64);
        assert_eq!(holds(variant, "mSecret\u{1b}"), variant == Variant::Ansi);
        assert_eq!(holds(variant, "\\\"Secret"), variant == Variant::Json);
        assert_eq!(holds(variant, "section_start"), variant == Variant::Gitlab);
        let stamped = !matches!(variant, Variant::Plain | Variant::Gitlab);
        assert_eq!(holds(variant, "00.1234567Z "), stamped);
    }
}
