//! One entry of `channels`: where incidents are told, without a secret in it.

use super::{RepositoryGlob, Template};
use crate::rule::Severity;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// What a channel speaks.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum ChannelKind {
    /// SRE-Bot of the Canadian Digital Service.
    SreBot,
    /// An incoming webhook of Slack.
    Slack,
    /// A workflow of Microsoft Teams.
    Teams,
    /// A webhook of Discord.
    Discord,
    /// `PagerDuty`, Events API v2.
    Pagerduty,
    /// Opsgenie and Jira Service Management.
    Opsgenie,
    /// Alertmanager, API v2.
    Alertmanager,
    /// `CloudEvents` 1.0 with the signature of Standard Webhooks.
    Webhook,
    /// A webhook whose body the configuration gives.
    Template,
}

/// How a digest is written.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum DigestEncoding {
    /// Lower-case hexadecimal.
    #[default]
    Hex,
    /// Base64, standard alphabet, padded.
    Base64,
}

/// A header with the HMAC-SHA-256 of the body under the secret of the channel.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Signature {
    /// Name of the header.
    pub header: HeaderName,
    /// How the digest is written: `hex` or `base64`.
    #[serde(default)]
    pub encoding: DigestEncoding,
    /// What stands before it, such as `sha256=`.
    #[serde(default)]
    pub prefix: String,
}

/// Where incidents are told. Addresses and keys are secrets: the entry names
/// the environment variables that hold them.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct ChannelConfig {
    /// Name of the channel, for messages and the record of what was sent.
    pub name: ChannelName,
    /// What the channel speaks.
    #[serde(rename = "type")]
    pub kind: ChannelKind,
    /// Environment variable with the address.
    #[serde(default)]
    pub url_env: Option<EnvName>,
    /// Address, where it is no secret: base of `pagerduty`, `opsgenie` and
    /// `alertmanager`, address of a `template`.
    #[serde(default)]
    pub url: Option<String>,
    /// Environment variable with the key: routing key, `GenieKey` or secret of
    /// the signature.
    #[serde(default)]
    pub secret_env: Option<EnvName>,
    /// Incidents of lower severity are not told here.
    #[serde(default)]
    pub min_severity: Option<Severity>,
    /// Globs on `OWNER/REPO`; all repositories if empty.
    #[serde(default)]
    pub repositories: Vec<RepositoryGlob>,
    /// More headers, each with the environment variable of its value.
    #[serde(default)]
    pub headers: BTreeMap<HeaderName, EnvName>,
    /// Header with a signature, for `sre_bot` and `template`.
    #[serde(default)]
    pub signature: Option<Signature>,
    /// Body of a `template`: any value, whose texts hold `{field}`.
    #[serde(default)]
    pub template: Option<Template>,
    /// Whether the receiver of a `template` takes a repeated body for the same.
    #[serde(default)]
    pub idempotent: bool,
    /// Whether private addresses may be reached, and loopback without TLS.
    #[serde(default)]
    pub allow_private: bool,
}

/// Whether a key must, may or cannot stand in an entry.
#[derive(PartialEq, Eq)]
enum Use {
    Needed,
    Optional,
    Never,
}

impl ChannelKind {
    /// The name in the configuration.
    pub const fn name(self) -> &'static str {
        match self {
            Self::SreBot => "sre_bot",
            Self::Slack => "slack",
            Self::Teams => "teams",
            Self::Discord => "discord",
            Self::Pagerduty => "pagerduty",
            Self::Opsgenie => "opsgenie",
            Self::Alertmanager => "alertmanager",
            Self::Webhook => "webhook",
            Self::Template => "template",
        }
    }

    /// The vendor's address, where there is one for everybody.
    pub const fn default_url(self) -> Option<&'static str> {
        match self {
            Self::Pagerduty => Some("https://events.pagerduty.com"),
            Self::Opsgenie => Some("https://api.opsgenie.com"),
            _ => None,
        }
    }

    const fn has_public_url(self) -> bool {
        matches!(
            self,
            Self::Pagerduty | Self::Opsgenie | Self::Alertmanager | Self::Template
        )
    }

    const fn secret(self, signs: bool) -> Use {
        match self {
            Self::Pagerduty | Self::Opsgenie => Use::Needed,
            Self::Webhook => Use::Optional,
            Self::SreBot | Self::Template if signs => Use::Needed,
            _ => Use::Never,
        }
    }
}

impl ChannelConfig {
    /// What no single key can tell.
    pub(super) fn check(&self) -> Result<(), String> {
        let kind = self.kind;
        let signs = matches!(kind, ChannelKind::SreBot | ChannelKind::Template);
        let template = if kind == ChannelKind::Template {
            Use::Needed
        } else {
            Use::Never
        };
        self.check_address()?;
        let secret = kind.secret(self.signature.is_some());
        self.check_key("secret_env", self.secret_env.is_some(), &secret)?;
        self.check_key("signature", self.signature.is_some(), &optional(signs))?;
        self.check_key(
            "idempotent",
            self.idempotent,
            &optional(template == Use::Needed),
        )?;
        self.check_key("template", self.template.is_some(), &template)
    }

    fn check_address(&self) -> Result<(), String> {
        self.check_key(
            "url",
            self.url.is_some(),
            &optional(self.kind.has_public_url()),
        )?;
        match (&self.url, &self.url_env) {
            (Some(_), Some(_)) => {
                Err("`url` and `url_env` both stand here\nhint: keep one of them".into())
            }
            (None, None) if self.kind.default_url().is_none() => Err(format!(
                "a channel of type `{}` needs an address\nhint: write the name of the \
                 environment variable that holds it into `url_env`",
                self.kind.name()
            )),
            _ => Ok(()),
        }
    }

    fn check_key(&self, key: &str, stands: bool, wanted: &Use) -> Result<(), String> {
        let kind = self.kind.name();
        match wanted {
            Use::Needed if !stands => Err(format!(
                "a channel of type `{kind}` needs `{key}` here\nhint: add `{key}:`"
            )),
            Use::Never if stands => Err(format!(
                "a channel of type `{kind}` has no use for `{key}` here\nhint: take it out"
            )),
            _ => Ok(()),
        }
    }
}

const fn optional(may: bool) -> Use {
    if may { Use::Optional } else { Use::Never }
}

/// A text of some form: what is not of it is refused without being shown.
macro_rules! name {
    ($(#[$doc:meta])* $name:ident, $pattern:literal, $check:path) => {
        $(#[$doc])*
        #[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Deserialize, JsonSchema)]
        #[serde(try_from = "String")]
        #[schemars(with = "String", extend("pattern" = $pattern))]
        pub struct $name(String);

        impl TryFrom<String> for $name {
            type Error = &'static str;

            fn try_from(text: String) -> Result<Self, &'static str> {
                $check(&text).map(|()| Self(text))
            }
        }

        impl std::ops::Deref for $name {
            type Target = str;

            fn deref(&self) -> &str {
                &self.0
            }
        }
    };
}

name!(
    /// Name of an environment variable.
    EnvName, "^[A-Z_][A-Z0-9_]*$", check_env_name
);
name!(
    /// Name of a channel.
    ChannelName, "^[A-Za-z0-9][A-Za-z0-9_-]{0,63}$", check_channel_name
);
name!(
    /// Name of an HTTP header.
    HeaderName, "^[A-Za-z0-9-]{1,64}$", check_header_name
);

/// A word with a digit in it that is longer is rather a key than a name.
const MOST_OF_A_WORD: usize = 20;

fn check_env_name(text: &str) -> Result<(), &'static str> {
    if text.contains("://") {
        return Err(
            "this looks like an address, not like the name of an environment variable\n\
                    hint: put the address into the environment, and write the variable's name \
                    here; change the address, it is a secret",
        );
    }
    let is_part = |byte: u8| byte.is_ascii_uppercase() || byte.is_ascii_digit() || byte == b'_';
    let is_name = text.bytes().all(is_part) && !text.starts_with(|c: char| c.is_ascii_digit());
    let is_word =
        |word: &str| word.len() < MOST_OF_A_WORD || !word.contains(|c: char| c.is_ascii_digit());
    if !text.is_empty() && is_name && text.split('_').all(is_word) {
        return Ok(());
    }
    Err("this is not the name of an environment variable\n\
         hint: names have upper-case letters, digits and `_`; if it is a key, put it into the \
         environment and change it, it is a secret")
}

fn check_channel_name(text: &str) -> Result<(), &'static str> {
    let is_part = |byte: u8| byte.is_ascii_alphanumeric() || b"_-".contains(&byte);
    let starts = text.starts_with(|c: char| c.is_ascii_alphanumeric());
    if starts && text.len() <= 64 && text.bytes().all(is_part) {
        return Ok(());
    }
    Err("the name is not valid\nhint: use up to 64 letters, digits, `_` and `-`")
}

/// Those that the transport or the signature sets are not to be given twice.
const OWN_HEADERS: [&str; 7] = [
    "content-length",
    "content-type",
    "host",
    "transfer-encoding",
    "webhook-id",
    "webhook-signature",
    "webhook-timestamp",
];

fn check_header_name(text: &str) -> Result<(), &'static str> {
    let is_part = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'-';
    if text.is_empty() || text.len() > 64 || !text.bytes().all(is_part) {
        return Err("the name of the header is not valid\nhint: use letters, digits and `-`");
    }
    if OWN_HEADERS.contains(&&*text.to_ascii_lowercase()) {
        return Err("this header is set already\nhint: take it out");
    }
    Ok(())
}
