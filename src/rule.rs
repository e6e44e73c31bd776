//! The YAML form of a rule, loading, and the templates its examples are made of.
//!
//! A rule file is one vendor: `rules/<vendor>.yaml`. The files in this
//! repository are compiled in ([`RuleSet::builtin`]); others are read by
//! [`load_path`] and extend or replace them. Nothing here looks at a log, and
//! nothing here uses another room: the build script compiles this one as well.

pub(crate) mod check;
pub mod docs;
pub(crate) mod form;
mod implied;
pub mod import;
mod lazy;
mod load;
mod outline;
pub(crate) mod runs;
mod set;
pub mod template;
mod text;

pub use implied::implies_keyword;
pub(crate) use implied::parsed;
pub use lazy::Lazy;
pub(crate) use lazy::unpacked;
pub use load::{LoadError, load_path, parse};
pub(crate) use set::LONG_RUN;
pub use set::{Rule, RuleSet, Texts, Vendor};
pub use text::Text;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// How bad a leak is, worst last so that `>=` reads naturally.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema,
)]
#[serde(rename_all = "lowercase")]
pub enum Severity {
    /// Of little use to a stranger.
    Low,
    /// Limited reach.
    Medium,
    /// Access to data or money of one system.
    High,
    /// Access that spreads: administration, production, source code.
    Critical,
}

/// How sure a finding is, surest last.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema,
)]
#[serde(rename_all = "lowercase")]
pub enum Confidence {
    /// Might be one; not shown by default.
    Low,
    /// Likely one.
    Medium,
    /// Vendor's own shape, or a credential name with a random value.
    High,
    /// A checksum or a structure proves it.
    Certain,
}

/// An offline proof that a token is genuine. Each is published by the vendor, in
/// its documentation or in the source that makes the tokens.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Checksum {
    /// The last six base62 characters are the CRC-32 of the characters between
    /// the prefix (up to and with the first `_`) and them.
    Github,
    /// As [`Checksum::Github`], for npm.
    Npm,
    /// The last eight hexadecimal digits are the CRC-32, least significant byte
    /// first, of all that stands before the `_` in front of them.
    Grafana,
    /// The last seven base36 digits are the CRC-32 of all that stands before them.
    Gitlab,
    /// The last six characters are the CRC-32, least significant byte first, in
    /// base64, of the 54 characters before them.
    Confluent,
    /// Bech32 (BIP 173): the last six characters are its checksum.
    Bech32,
    /// Base32 of bytes the last two of which are the CRC-16 (XMODEM) of the
    /// others, as NATS writes its keys.
    Nkey,
    /// A part of the token is a JSON object in base64.
    Json,
}

impl Checksum {
    /// Whether a wrong one disproves the token: every token of the form has it
    /// and the vendor refuses those in which it is wrong. Where it does not,
    /// a wrong one says nothing.
    pub fn refutes(self) -> bool {
        match self {
            Self::Github
            | Self::Npm
            | Self::Grafana
            | Self::Confluent
            | Self::Bech32
            | Self::Nkey => true,
            // GitLab compares tokens whole, and a log may cut encoded JSON off.
            Self::Gitlab | Self::Json => false,
        }
    }
}

/// What the byte to the left of a match must be.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Left {
    /// Not a letter or digit.
    #[default]
    Word,
    /// Anything.
    Any,
}

/// Which detector a rule belongs to. All but `pattern` are code: their rules
/// say what to call the finding and what to do about it.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum DetectorKind {
    /// The rule's own `pattern`.
    #[default]
    Pattern,
    /// PEM-armoured keys, over many lines or escaped on one.
    PrivateKey,
    /// A private key whose end is missing from the log.
    TruncatedPrivateKey,
    /// A value under a name that says password.
    Password,
    /// A value under a name that says token, key or secret.
    Credential,
    /// The password of `docker login -p`, `curl -u` and kin.
    CommandLine,
    /// `scheme://user:password@host`.
    UriUserinfo,
    /// `Authorization: Basic …` and the credential of `curl -u`.
    BasicAuth,
    /// JSON Web Tokens.
    Jwt,
    /// A random value behind the word of a vendor whose credentials have no
    /// shape of their own; woken by the words of the file's `vendors`.
    VendorContext,
}

impl DetectorKind {
    /// Whether it finds private keys.
    pub fn is_key(self) -> bool {
        matches!(self, Self::PrivateKey | Self::TruncatedPrivateKey)
    }
}

/// One vendor's rules, as they stand in a YAML file.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct RuleFile {
    /// Identifier: lower case, equal to the file name.
    pub vendor: String,
    /// Name for people.
    pub name: String,
    /// How to revoke and rotate, for rules that do not say it themselves.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub revoke: Option<String>,
    /// The vendor's documentation.
    #[serde(default)]
    pub references: Vec<String>,
    /// Other words by which the name of a variable tells this vendor.
    #[serde(default)]
    pub aliases: Vec<String>,
    /// The vendor also issues credentials of shapes that no rule here has: a
    /// value of another shape under its name is ranked like anybody's.
    #[serde(default)]
    pub other_shapes: bool,
    /// Forms of its credentials, when it has no rule for every one of them.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub forms: Vec<String>,
    /// More vendors, which need no rule: for the `vendor-context` detector.
    #[serde(default)]
    pub vendors: Vec<VendorSpec>,
    /// The rules.
    #[serde(default)]
    pub rules: Vec<RuleSpec>,
}

/// A vendor whose credentials have no shape of their own.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct VendorSpec {
    /// Identifier, and the first word that tells the vendor.
    pub id: String,
    /// Name for people.
    pub name: String,
    /// Other words that tell it.
    #[serde(default)]
    pub aliases: Vec<String>,
    /// What its credentials look like, each as a whole: `{base62:32}`. A value
    /// that has none of these forms ranks low; without forms, none is expected.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub forms: Vec<String>,
}

/// One rule, as it stands in a YAML file.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct RuleSpec {
    /// Identifier: `vendor-kind`, unique.
    pub id: String,
    /// What kind of credential it is, for people.
    pub name: String,
    /// What it gives access to.
    #[serde(default)]
    pub description: String,
    /// How bad a leak is.
    pub severity: Severity,
    /// How sure a match is.
    pub confidence: Confidence,
    /// Which detector.
    #[serde(default)]
    pub detector: DetectorKind,
    /// Literals of which every match of `pattern` holds at least one
    /// (ASCII case ignored).
    #[serde(default)]
    pub keywords: Vec<String>,
    /// Makes the rule contextual: words one of which must stand before the
    /// value, with an operator between.
    #[serde(default)]
    pub context: Vec<String>,
    /// Regular expression over bytes; the secret is the group `secret`, else
    /// the whole match.
    #[serde(default)]
    pub pattern: String,
    /// Shannon entropy the secret must have, in bits per byte.
    #[serde(default)]
    pub min_entropy: f32,
    /// Offline proof.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub checksum: Option<Checksum>,
    /// Check on the left of the match.
    #[serde(default)]
    pub left: Left,
    /// How sure a match is that nothing names, assigns or quotes: for shapes
    /// that are public where they stand alone.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub alone: Option<Confidence>,
    /// Expressions on the secret that make it a non-finding.
    #[serde(default)]
    pub allow: Vec<String>,
    /// Rules whose findings nearby are parts of the same credential.
    #[serde(default)]
    pub parts: Vec<String>,
    /// Rules whose nearest finding takes this rule's name: a match of this
    /// one tells what stands beside it, and is no secret itself.
    #[serde(default)]
    pub claims: Vec<String>,
    /// Templates that must be found.
    #[serde(default)]
    pub examples: Vec<String>,
    /// Templates in which this rule must find nothing.
    #[serde(default)]
    pub counter_examples: Vec<String>,
    /// How to revoke and rotate; the file's if absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub revoke: Option<String>,
    /// Documentation beside the file's.
    #[serde(default)]
    pub references: Vec<String>,
}

/// Names of a scale, for the command line, configuration and reports.
macro_rules! named {
    ($scale:ident, $names:literal, $($name:literal => $level:ident),+) => {
        impl std::str::FromStr for $scale {
            type Err = String;

            fn from_str(word: &str) -> Result<Self, String> {
                match word {
                    $($name => Ok(Self::$level),)+
                    _ => Err(format!("'{word}' is not one of {}", $names)),
                }
            }
        }

        impl std::fmt::Display for $scale {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.pad(match self {
                    $(Self::$level => $name,)+
                })
            }
        }
    };
}

named!(Severity, "low, medium, high, critical",
    "low" => Low, "medium" => Medium, "high" => High, "critical" => Critical);
named!(Confidence, "low, medium, high, certain",
    "low" => Low, "medium" => Medium, "high" => High, "certain" => Certain);
