//! The configuration file `leaksweep.yaml`, and what it suppresses.
//!
//! Suppression comes from here and from baselines only, never from a log: who
//! can print a secret can print a marker beside it. Messages name keys and
//! places, never values, because a wrong file given by mistake may hold
//! secrets. The only I/O is reading the files named.

mod allow;
mod baseline;
mod channels;
mod entry;
mod error;
mod glob;
mod guard;
mod located;
mod message;
mod nearest;
mod purge;
mod schema;
mod suppress;
mod template;

pub use allow::{Allow, FingerprintPrefix, ValuePattern};
pub use baseline::Baseline;
pub use channels::{
    ChannelConfig, ChannelKind, ChannelName, DigestEncoding, EnvName, HeaderName, Signature,
};
pub use entry::AllowEntry;
pub use error::ConfigError;
pub use glob::{Glob, RepositoryGlob, glob_set};
pub use guard::{ActAt, Decision, Guard, Hold, Subject, Visibility};
pub use located::Located;
pub use purge::{Keep, Purge, Traits, names_workflow};
pub use schema::{rule_schema, schema};
pub use suppress::Suppressions;
pub use template::{Piece, TEMPLATE_FIELDS, Template, pieces};

use crate::rule::{Confidence, Rule, RuleSet, Severity, load_path};
use schemars::JsonSchema;
use serde::{Deserialize, Deserializer, de};
use std::collections::BTreeSet;
use std::io::Read;
use std::path::{Path, PathBuf};

/// The version of the form that this program reads.
const VERSION: u64 = 1;

/// A configuration file is some kilobytes; a device or a log is not one.
const MOST_BYTES: u64 = 1 << 20;

/// The configuration of leaksweep.
#[derive(Debug, Clone, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Config {
    /// Version of this form: 1.
    #[serde(rename = "version", deserialize_with = "version")]
    #[schemars(with = "u32", extend("const" = VERSION))]
    _version: (),
    /// Files or folders of rules that extend or replace the built-in rules,
    /// relative to the configuration file.
    #[serde(default)]
    pub rules: Vec<Located<String>>,
    /// Identifiers of rules that are switched off.
    #[serde(default)]
    pub disable: Vec<Located<String>>,
    /// How to scan.
    #[serde(default)]
    pub scan: Scan,
    /// What `guard` does when it finds a secret.
    #[serde(default)]
    pub guard: Guard,
    /// What `purge` leaves alone.
    #[serde(default)]
    pub purge: Purge,
    /// Findings that are known and accepted.
    #[serde(default)]
    pub allow: Vec<Located<Allow>>,
    /// Where incidents are told.
    #[serde(default)]
    pub channels: Vec<Located<ChannelConfig>>,
    #[serde(skip)]
    path: String,
}

/// How to scan. What the command line says goes first.
#[derive(Debug, Clone, Default, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct Scan {
    /// Findings below are not reported.
    pub min_confidence: Option<Confidence>,
    /// Findings of this severity and worse fail the run.
    pub fail_on: Option<Severity>,
    /// Files of directories that are scanned; all of them if empty.
    pub include: Vec<Glob>,
    /// Files of directories that are left out.
    pub exclude: Vec<Glob>,
    /// Archives inside archives that are opened.
    pub max_depth: Option<u32>,
}

impl Config {
    /// Reads and parses the file at `path`.
    pub fn load(path: &Path) -> Result<Self, ConfigError> {
        let text = read(path).map_err(|source| ConfigError::Read {
            path: path.to_owned(),
            source,
        })?;
        Self::parse(&text, &path.display().to_string())
    }

    /// Parses a configuration. `path` is for messages, and rule files are
    /// relative to its folder.
    pub fn parse(text: &str, path: &str) -> Result<Self, ConfigError> {
        // Snippets would show the lines around an error, whatever they hold.
        let options = serde_saphyr::options! { with_snippet: false };
        let parsed = serde_saphyr::from_str_with_options(text, options);
        let mut config: Self = parsed.map_err(|error| message::of(&error, path))?;
        path.clone_into(&mut config.path);
        for entry in &config.allow {
            let checked = entry.check();
            checked.map_err(|message| ConfigError::at(path, entry, message))?;
        }
        config.check_channels()?;
        Ok(config)
    }

    fn check_channels(&self) -> Result<(), ConfigError> {
        let mut names = BTreeSet::new();
        for entry in &self.channels {
            let twice = "two channels have this name\nhint: give each a name of its own";
            let alone = names
                .insert(&entry.name)
                .then_some(())
                .ok_or(twice.to_owned());
            let checked = alone.and_then(|()| entry.check());
            checked.map_err(|message| ConfigError::at(&self.path, entry, message))?;
        }
        Ok(())
    }

    /// The path it was parsed under; empty for the default.
    pub fn path(&self) -> &str {
        &self.path
    }

    /// The built-in rules, with those of the configuration and then those of
    /// `more` on top, less the rules that are switched off.
    pub fn rule_set(&self, more: &[PathBuf]) -> Result<RuleSet, ConfigError> {
        let mut set = RuleSet::builtin();
        for entry in &self.rules {
            let files = load_path(&self.resolve(entry));
            set.extend(files.map_err(|source| ConfigError::rules(&self.path, entry, source))?);
        }
        for path in more {
            set.extend(load_path(path)?);
        }
        self.check_rule_names(&set)?;
        set.rules.retain(|rule| !self.disables(rule));
        Ok(set)
    }

    fn resolve(&self, entry: &str) -> PathBuf {
        Path::new(&self.path)
            .parent()
            .map_or_else(|| PathBuf::from(entry), |folder| folder.join(entry))
    }

    fn disables(&self, rule: &Rule) -> bool {
        self.disable.iter().any(|id| **id == *rule.id)
    }

    fn check_rule_names(&self, set: &RuleSet) -> Result<(), ConfigError> {
        for id in &self.disable {
            if set.get(id).is_none() {
                return Err(self.no_rule(id, id, set));
            }
        }
        for entry in &self.allow {
            if let Some(glob) = &entry.rule
                && !set.rules.iter().any(|rule| glob.is_match(&rule.id))
            {
                return Err(self.no_rule(entry, glob.as_str(), set));
            }
        }
        Ok(())
    }

    fn no_rule<T>(&self, at: &Located<T>, id: &str, set: &RuleSet) -> ConfigError {
        let known = set.rules.iter().map(|rule| &*rule.id);
        let hint = nearest::nearest(id, known).map_or_else(
            || "`leaksweep rules list` shows all".to_owned(),
            |near| format!("did you mean '{near}'?"),
        );
        let id: String = id.chars().take(64).collect();
        let message = format!("there is no rule '{}'\nhint: {hint}", id.escape_debug());
        ConfigError::at(&self.path, at, message)
    }
}

fn read(path: &Path) -> std::io::Result<String> {
    let mut text = String::new();
    let file = std::fs::File::open(path)?;
    file.take(MOST_BYTES + 1).read_to_string(&mut text)?;
    if text.len() as u64 > MOST_BYTES {
        return Err(std::io::Error::other("it is larger than 1 MiB"));
    }
    Ok(text)
}

fn version<'de, D: Deserializer<'de>>(deserializer: D) -> Result<(), D::Error> {
    if u64::deserialize(deserializer)? == VERSION {
        return Ok(());
    }
    Err(de::Error::custom(
        "this version of the configuration is not known\nhint: this program reads `version: 1`",
    ))
}

#[cfg(test)]
mod tests;
