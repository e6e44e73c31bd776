//! One entry of `allow`, and its conditions.

use super::Glob;
use jiff::civil::Date;
use schemars::JsonSchema;
use serde::{Deserialize, Deserializer, de};

/// Findings that are known and accepted. All conditions must hold; at least
/// one of rule, path, fingerprint and value is needed.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[schemars(extend("anyOf" = [
    {"required": ["rule"]}, {"required": ["path"]},
    {"required": ["fingerprint"]}, {"required": ["value"]}
]))]
pub struct Allow {
    /// Rule identifier, or a glob on it.
    #[serde(default, deserialize_with = "present")]
    #[schemars(with = "Glob")]
    pub rule: Option<Glob>,
    /// Glob on the path of the finding.
    #[serde(default, deserialize_with = "present")]
    #[schemars(with = "Glob")]
    pub path: Option<Glob>,
    /// Fingerprint of the secret, or its first 16 hexadecimal digits or more.
    #[serde(default, deserialize_with = "present")]
    #[schemars(with = "FingerprintPrefix")]
    pub fingerprint: Option<FingerprintPrefix>,
    /// Regular expression on the secret itself.
    #[serde(default, deserialize_with = "present")]
    #[schemars(with = "ValuePattern")]
    pub value: Option<ValuePattern>,
    /// Why it is accepted; reports say it.
    #[schemars(length(min = 1))]
    pub reason: String,
    /// Last day on which the entry holds.
    #[serde(default, deserialize_with = "date")]
    #[schemars(with = "String", extend("format" = "date"))]
    pub expires: Option<Date>,
}

impl Allow {
    /// What no single key can tell.
    pub(super) fn check(&self) -> Result<(), String> {
        if self.reason.trim().is_empty() {
            return Err("the reason is empty\nhint: say why the finding is accepted".into());
        }
        let conditions = [
            self.rule.is_some(),
            self.path.is_some(),
            self.fingerprint.is_some(),
            self.value.is_some(),
        ];
        if conditions.contains(&true) {
            return Ok(());
        }
        Err("the entry has no condition, so it would allow everything\n\
             hint: add one of `rule`, `path`, `fingerprint`, `value`"
            .into())
    }

    /// Whether `today` is past its last day.
    pub fn is_expired(&self, today: Date) -> bool {
        self.expires.is_some_and(|last| last < today)
    }
}

/// A fingerprint, or enough of its start.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(try_from = "String")]
#[schemars(with = "String", extend("pattern" = "^[0-9A-Fa-f]{16,64}$"))]
pub struct FingerprintPrefix(String);

impl FingerprintPrefix {
    /// Whether `fingerprint` (lower-case hexadecimal) starts so.
    pub fn is_match(&self, fingerprint: &str) -> bool {
        fingerprint.starts_with(&self.0)
    }
}

impl TryFrom<String> for FingerprintPrefix {
    type Error = &'static str;

    fn try_from(text: String) -> Result<Self, Self::Error> {
        let is_hex = text.bytes().all(|byte| byte.is_ascii_hexdigit());
        if is_hex && (16..=64).contains(&text.len()) {
            return Ok(Self(text.to_ascii_lowercase()));
        }
        Err(
            "the fingerprint is not valid\nhint: copy 16 to 64 hexadecimal digits from a \
             report, in quotes",
        )
    }
}

/// A regular expression over the bytes of a secret, without Unicode classes.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(try_from = "String")]
#[schemars(with = "String")]
pub struct ValuePattern(regex::bytes::Regex);

impl ValuePattern {
    /// The compiled expression.
    pub fn regex(&self) -> &regex::bytes::Regex {
        &self.0
    }
}

impl TryFrom<String> for ValuePattern {
    type Error = String;

    fn try_from(text: String) -> Result<Self, String> {
        let built = regex::bytes::RegexBuilder::new(&text)
            .unicode(false)
            .build()
            .map_err(|error| refusal(&error))?;
        // A stray `|` or a lone `.*` would allow every secret there is.
        if built.is_match(b"") {
            return Err("the expression matches the empty text, so it may match \
                        everything\nhint: use `+` for `*`, and look for a stray `|`"
                .into());
        }
        Ok(Self(built))
    }
}

/// The last line of a syntax error says what is wrong; those above repeat the
/// expression.
fn refusal(error: &regex::Error) -> String {
    let what = match error {
        regex::Error::Syntax(text) => text
            .lines()
            .last()
            .map_or("", |line| line.trim_start_matches("error: "))
            .to_owned(),
        _ => "it is too large".to_owned(),
    };
    format!(
        "the expression is not valid: {what}\nhint: the syntax is that of the Rust crate `regex`"
    )
}

/// A condition that is written down must say something: an empty one would
/// widen the entry without a word.
fn present<'de, D, T>(deserializer: D) -> Result<Option<T>, D::Error>
where
    D: Deserializer<'de>,
    T: Deserialize<'de>,
{
    T::deserialize(deserializer).map(Some)
}

pub(super) fn date<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<Date>, D::Error> {
    let text = String::deserialize(deserializer)?;
    // Jiff would also take a time behind the day, and leave it out.
    let parsed = text.parse().ok().filter(|_| text.len() == 10);
    parsed.map(Some).ok_or_else(|| {
        de::Error::custom("this is no day of the calendar\nhint: write it like 2027-01-31")
    })
}
