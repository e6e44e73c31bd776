//! Findings of an earlier scan, which are not news.

use super::ConfigError;
use data_encoding::HEXLOWER_PERMISSIVE;
use serde::{Deserialize, Deserializer, de};
use std::collections::BTreeSet;

/// The version of reports that this program reads.
const VERSION: u64 = 1;

const HINT: &str = "hint: give an earlier report in the format `json` or `jsonl`";

/// Fingerprints of an earlier report. They compare only with fingerprints made
/// with the same key.
#[derive(Debug, Clone, Default)]
pub struct Baseline(BTreeSet<Fingerprint>);

impl Baseline {
    /// Reads a JSON or JSONL report of leaksweep; `path` is for messages.
    pub fn parse(bytes: &[u8], path: &str) -> Result<Self, ConfigError> {
        let bytes = bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(bytes);
        let found = match head(bytes) {
            Ok(head) if head.kind.is_some() => from_lines(bytes),
            Ok(_) => from_document(bytes),
            Err(message) => Err(message),
        };
        found.map(Self).map_err(|message| ConfigError::Baseline {
            path: path.to_owned(),
            message: format!("{message}\n{HINT}"),
        })
    }

    /// Whether the earlier report holds this secret (hexadecimal).
    pub fn contains(&self, fingerprint: &str) -> bool {
        !self.0.is_empty()
            && Fingerprint::from_hex(fingerprint).is_some_and(|it| self.0.contains(&it))
    }

    /// Number of secrets.
    pub fn len(&self) -> usize {
        self.0.len()
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
struct Fingerprint([u8; 32]);

impl Fingerprint {
    fn from_hex(text: &str) -> Option<Self> {
        let bytes = HEXLOWER_PERMISSIVE.decode(text.as_bytes()).ok()?;
        bytes.try_into().ok().map(Self)
    }
}

impl<'de> Deserialize<'de> for Fingerprint {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        Self::from_hex(&text).ok_or_else(|| de::Error::custom("not a fingerprint"))
    }
}

/// What tells the forms apart: only a line of JSONL has a type.
#[derive(Deserialize)]
struct Head {
    #[serde(rename = "type")]
    kind: Option<de::IgnoredAny>,
}

#[derive(Deserialize)]
struct Document {
    version: u64,
    findings: Vec<Leaked>,
}

#[derive(Deserialize)]
struct Leaked {
    fingerprint: Fingerprint,
}

#[derive(Deserialize)]
#[serde(tag = "type", rename_all = "lowercase")]
enum Record {
    Finding(Leaked),
    Problem,
    Summary { version: u64 },
}

fn head(bytes: &[u8]) -> Result<Head, String> {
    let mut values = serde_json::Deserializer::from_slice(bytes).into_iter();
    match values.next() {
        Some(head) => head.map_err(|error| refusal(&error, 1)),
        None => Err("it is empty".to_owned()),
    }
}

fn from_document(bytes: &[u8]) -> Result<BTreeSet<Fingerprint>, String> {
    let document: Document = serde_json::from_slice(bytes).map_err(|error| refusal(&error, 1))?;
    check(document.version)?;
    let findings = document.findings.into_iter();
    Ok(findings.map(|finding| finding.fingerprint).collect())
}

fn from_lines(bytes: &[u8]) -> Result<BTreeSet<Fingerprint>, String> {
    let mut found = BTreeSet::new();
    for (index, line) in bytes.split(|byte| *byte == b'\n').enumerate() {
        if line.trim_ascii().is_empty() {
            continue;
        }
        match serde_json::from_slice(line).map_err(|error| refusal(&error, index + 1))? {
            Record::Finding(finding) => drop(found.insert(finding.fingerprint)),
            Record::Problem => {}
            Record::Summary { version } => check(version)?,
        }
    }
    Ok(found)
}

fn check(version: u64) -> Result<(), String> {
    if version == VERSION {
        return Ok(());
    }
    Err(format!(
        "it is a report of version {version}, this program reads version {VERSION}"
    ))
}

/// Says where, but not what: the parser would quote a file that is no report
/// and may hold anything. `first` is the number of the first line parsed.
fn refusal(error: &serde_json::Error, first: usize) -> String {
    let line = first + error.line().saturating_sub(1);
    let column = error.column();
    if error.is_data() {
        return format!("line {line}, column {column} is not of a leaksweep report");
    }
    format!("line {line}, column {column} is not JSON, or is cut off")
}

#[cfg(test)]
mod tests {
    use super::Baseline;

    fn fingerprint(byte: u8) -> String {
        format!("{byte:02x}").repeat(32)
    }

    fn document(version: u32) -> String {
        let (one, two) = (fingerprint(1), fingerprint(2).to_uppercase());
        format!(
            "{{\n \"version\": {version}, \"schema\": \"s\",\n \"findings\": [\n\
             {{\"rule_id\": \"a\", \"fingerprint\": \"{one}\"}},\n\
             {{\"fingerprint\": \"{two}\", \"places\": []}}],\n\
             \"problems\": [], \"summary\": {{\"findings\": 2}}}}\n"
        )
    }

    fn lines() -> String {
        let one = fingerprint(1);
        format!(
            "{{\"type\":\"finding\",\"rule_id\":\"a\",\"fingerprint\":\"{one}\"}}\r\n\
             {{\"type\":\"problem\",\"path\":\"x\"}}\n\n\
             {{\"type\":\"summary\",\"version\":1,\"findings\":1}}\n"
        )
    }

    fn refused(text: &str) -> String {
        let error = Baseline::parse(text.as_bytes(), "old.json").unwrap_err();
        let error = error.to_string();
        assert!(
            error.contains("old.json") && error.contains("hint: "),
            "{error}"
        );
        error
    }

    #[test]
    fn both_forms_are_read() {
        let json = Baseline::parse(document(1).as_bytes(), "a").unwrap();
        assert_eq!(json.len(), 2);
        assert!(json.contains(&fingerprint(1)) && json.contains(&fingerprint(2)));
        let jsonl = Baseline::parse(lines().as_bytes(), "a").unwrap();
        assert_eq!(jsonl.len(), 1);
        assert!(jsonl.contains(&fingerprint(1)) && !jsonl.contains(&fingerprint(2)));
        assert!(!jsonl.contains("no fingerprint"));
    }

    #[test]
    fn a_byte_order_mark_is_no_obstacle() {
        let text = format!("\u{feff}{}", document(1));
        assert_eq!(Baseline::parse(text.as_bytes(), "a").unwrap().len(), 2);
    }

    #[test]
    fn a_report_of_another_version_is_refused() {
        assert!(refused(&document(2)).contains("version 2"));
        assert!(refused(&lines().replace(":1,\"f", ":3,\"f")).contains("version 3"));
    }

    #[test]
    fn anything_else_is_refused() {
        for text in [
            "[]",
            "{}",
            "7",
            "{\"version\":1}",
            "{\"type\":\"other\"}",
            "a: b",
        ] {
            assert!(refused(text).contains("line 1"), "{text}");
        }
        assert!(refused(" \n").contains("empty"));
        assert!(refused(&document(1).replace("01", "0x")).contains("line 4"));
        assert!(refused(&(document(1) + "{}")).contains("line 7"));
    }

    #[test]
    fn a_report_that_was_cut_off_is_refused() {
        let text = lines();
        assert!(refused(&text[..text.len() - 5]).contains("line 4"));
        let text = document(1);
        assert!(refused(&text[..text.len() - 5]).contains("cut off"));
    }

    #[test]
    fn a_wrong_file_is_not_quoted() {
        let value = "w0rd".repeat(5);
        for text in [
            format!("[{{\"Secret\":\"{value}\"}}]"),
            format!("{{\"version\":\"{value}\"}}"),
            format!("{{\"type\":\"{value}\"}}"),
            format!("\"{value}\""),
        ] {
            assert!(!refused(&text).contains(&value));
        }
    }

    #[test]
    fn deep_nesting_is_refused() {
        assert!(refused(&"[".repeat(1_000_000)).contains("line 1"));
        let deep = format!("{{\"x\":{}", "[".repeat(1_000_000));
        assert!(refused(&deep).contains("line 1"));
    }
}
