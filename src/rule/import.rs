//! Rules out of the TOML configurations of gitleaks and of betterleaks, which
//! extends them.
//!
//! What cannot be carried over is told, never dropped in silence. Imported
//! rules get identifiers of their own, so that they stand beside the built-in
//! rules instead of replacing them.

mod dialect;
mod emit;

pub use emit::to_yaml;

use super::implied::derive_keywords;
use super::{Confidence, DetectorKind, Left, RuleFile, RuleSpec, Severity, implies_keyword, load};
use dialect::translate;
use serde::Deserialize;
use std::collections::BTreeMap;

/// What became of a configuration.
#[derive(Debug, Clone)]
pub struct Imported {
    /// The rules that were carried over.
    pub file: RuleFile,
    /// What was not, or not in full, in the order of the configuration.
    pub notes: Vec<Note>,
}

/// Something that was not carried over as it stood.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Note {
    /// The rule in the configuration; `None` if it is about the whole.
    pub rule: Option<String>,
    /// Whether the rule as a whole was left out.
    pub left_out: bool,
    /// What and why.
    pub message: String,
}

#[derive(Deserialize)]
struct Config {
    title: Option<String>,
    #[serde(default)]
    rules: Vec<Rule>,
    #[serde(default)]
    allowlists: Vec<Allowlist>,
    allowlist: Option<Allowlist>,
    extend: Option<toml::Table>,
    #[serde(flatten)]
    rest: BTreeMap<String, toml::Value>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Rule {
    #[serde(default)]
    id: String,
    #[serde(default)]
    description: String,
    #[serde(default)]
    regex: String,
    #[serde(default)]
    secret_group: usize,
    #[serde(default)]
    entropy: f32,
    #[serde(default)]
    keywords: Vec<String>,
    path: Option<String>,
    #[serde(default)]
    skip_report: bool,
    #[serde(default)]
    allowlists: Vec<Allowlist>,
    allowlist: Option<Allowlist>,
    // Labels only: nothing is lost with them.
    #[serde(rename = "tags")]
    _tags: Option<toml::Value>,
    #[serde(flatten)]
    rest: BTreeMap<String, toml::Value>,
}

#[derive(Deserialize, Clone, Default)]
#[serde(rename_all = "camelCase", default)]
struct Allowlist {
    condition: String,
    regex_target: String,
    regexes: Vec<String>,
    #[serde(alias = "stopWords")]
    stopwords: Vec<String>,
    paths: Vec<String>,
    commits: Vec<String>,
    target_rules: Vec<String>,
    // What it is for; nothing is lost with it.
    #[serde(rename = "description")]
    _description: Option<String>,
    #[serde(flatten)]
    rest: BTreeMap<String, toml::Value>,
}

/// Reads a configuration.
///
/// # Errors
/// What the parser says, with the place, if it is not TOML of this form.
pub fn import(text: &str) -> Result<Imported, String> {
    let config: Config = toml::from_str(text).map_err(|error| error.to_string())?;
    let mut notes = Notes::default();
    config.told(&mut notes);
    let global: Vec<&Allowlist> = config.allowlists.iter().chain(&config.allowlist).collect();
    let mut rules: Vec<RuleSpec> = Vec::new();
    for rule in &config.rules {
        notes.rule = Some(rule.id.clone());
        match rule.carried(&global, &mut notes) {
            Ok(spec) if rules.iter().any(|known| known.id == spec.id) => {
                notes.left_out("a rule before it has the same id".into());
            }
            Ok(spec) => rules.push(spec),
            Err(why) => notes.left_out(why),
        }
    }
    let name = config.title.filter(|title| !title.trim().is_empty());
    Ok(Imported {
        file: RuleFile {
            vendor: "imported".into(),
            name: name.unwrap_or_else(|| "Imported rules".into()),
            revoke: None,
            references: Vec::new(),
            aliases: Vec::new(),
            other_shapes: false,
            forms: Vec::new(),
            vendors: Vec::new(),
            rules,
        },
        notes: notes.all,
    })
}

#[derive(Default)]
struct Notes {
    rule: Option<String>,
    all: Vec<Note>,
}

impl Notes {
    fn add(&mut self, message: String) {
        self.push(message, false);
    }

    fn left_out(&mut self, message: String) {
        self.push(message, true);
    }

    fn push(&mut self, message: String, left_out: bool) {
        let rule = self.rule.clone();
        self.all.push(Note {
            rule,
            left_out,
            message,
        });
    }

    fn unknown(&mut self, place: &str, rest: &BTreeMap<String, toml::Value>) {
        for field in rest.keys() {
            self.add(format!("{place}'{field}' has no counterpart"));
        }
    }
}

impl Config {
    fn told(&self, notes: &mut Notes) {
        for (field, value) in self.extend.iter().flatten() {
            notes.add(match (field.as_str(), value.as_bool()) {
                ("useDefault", Some(false)) => continue,
                ("useDefault", _) => "'extend.useDefault': the other scanner's own rules are not imported; leaksweep's are used beside these".into(),
                ("path" | "url", _) => format!("'extend.{field}': import that configuration as well"),
                _ => format!("'extend.{field}' has no counterpart: name rules under `disable:` in leaksweep.yaml"),
            });
        }
        for list in self.allowlists.iter().chain(&self.allowlist) {
            list.told(notes);
        }
        notes.unknown("", &self.rest);
    }
}

impl Rule {
    fn carried(&self, global: &[&Allowlist], notes: &mut Notes) -> Result<RuleSpec, String> {
        if self.id.is_empty() {
            return Err("has no id".into());
        }
        if self.regex.is_empty() {
            return Err("looks at paths only, and logs have none".into());
        }
        if self.skip_report {
            return Err("is only a part of other rules ('skipReport')".into());
        }
        let pattern = translate(&self.regex, self.secret_group)?;
        if pattern.group_was_guessed {
            notes.add(
                "has several groups and no 'secretGroup': the first one is taken for the secret"
                    .into(),
            );
        }
        let keywords = self.keywords(&pattern.text, notes)?;
        self.told(notes);
        let spec = self.spec(pattern.text, keywords, self.allowed(global, notes));
        load::validate(&[], &spec)?;
        Ok(spec)
    }

    fn spec(&self, pattern: String, keywords: Vec<String>, allow: Vec<String>) -> RuleSpec {
        let bounded = pattern.starts_with(r"\b") || pattern.starts_with(r"(?i)\b");
        RuleSpec {
            id: format!("imported-{}", self.id),
            name: self.id.replace(['-', '_'], " "),
            description: self.description.clone(),
            severity: Severity::High,
            confidence: Confidence::Medium,
            detector: DetectorKind::Pattern,
            keywords,
            context: Vec::new(),
            // A pattern is tried where its keyword begins, so that it cannot
            // look at what stands before it.
            left: if bounded { Left::Word } else { Left::Any },
            pattern,
            alone: None,
            min_entropy: self.entropy,
            checksum: None,
            allow,
            parts: Vec::new(),
            claims: Vec::new(),
            examples: Vec::new(),
            counter_examples: Vec::new(),
            revoke: None,
            references: Vec::new(),
        }
    }

    /// The rule's own keywords if every match holds one of them, else literals
    /// that every match holds.
    fn keywords(&self, pattern: &str, notes: &mut Notes) -> Result<Vec<String>, String> {
        let own: Vec<String> = self
            .keywords
            .iter()
            .map(|word| word.to_ascii_lowercase())
            .collect();
        let usable = own.iter().all(|word| word.len() >= 2) && implies_keyword(pattern, &own);
        if usable {
            return Ok(own);
        }
        let derived = derive_keywords(pattern)
            .ok_or("a match need not hold any keyword, so that nothing would wake it")?;
        if !own.is_empty() {
            notes.add(format!(
                "a match need not hold any of its keywords; these are used: {}",
                derived.join(" ")
            ));
        }
        Ok(derived)
    }

    fn told(&self, notes: &mut Notes) {
        if self.path.is_some() {
            notes.add("'path' is left out: it is tried on every log".into());
        }
        for list in self.allowlists.iter().chain(&self.allowlist) {
            list.told(notes);
        }
        notes.unknown("", &self.rest);
    }

    /// Expressions on the secret, of its own lists and of those for all rules.
    fn allowed(&self, global: &[&Allowlist], notes: &mut Notes) -> Vec<String> {
        let own = self.allowlists.iter().chain(&self.allowlist);
        let meant = |list: &&&Allowlist| {
            list.target_rules.is_empty() || list.target_rules.contains(&self.id)
        };
        let all = own.chain(global.iter().filter(meant).copied());
        all.filter(|list| list.is_on_the_secret())
            .flat_map(|list| list.expressions(notes))
            .collect()
    }
}

impl Allowlist {
    /// Whether it speaks of nothing but the secret: with `AND` every part of
    /// it has to hold.
    fn is_on_the_secret(&self) -> bool {
        let elsewhere = !self.paths.is_empty() || !self.commits.is_empty();
        let kinds = [self.regexes.is_empty(), self.stopwords.is_empty()];
        let all = matches!(self.condition.to_ascii_uppercase().as_str(), "AND" | "&&");
        let several = elsewhere || kinds == [false, false];
        let on_secret = matches!(self.regex_target.as_str(), "" | "secret");
        (on_secret || self.regexes.is_empty()) && !(all && several)
    }

    fn told(&self, notes: &mut Notes) {
        if !self.is_on_the_secret() {
            let why = "needs the whole match, its line or several conditions at once";
            notes.add(format!("an allow-list {why}"));
        } else if !self.paths.is_empty() {
            notes.add(
                "the paths of an allow-list: use `allow:` with `path:` in leaksweep.yaml".into(),
            );
        }
        if !self.commits.is_empty() {
            notes.add("the commits of an allow-list: a log has none".into());
        }
        notes.unknown("an allow-list: ", &self.rest);
    }

    fn expressions(&self, notes: &mut Notes) -> Vec<String> {
        let mut out = Vec::new();
        for regex in &self.regexes {
            match translate(regex, usize::MAX) {
                Ok(pattern) => out.push(pattern.text),
                Err(why) => notes.add(format!("an expression of an allow-list: {why}")),
            }
        }
        if !self.stopwords.is_empty() {
            let words: Vec<String> = self
                .stopwords
                .iter()
                .map(|word| regex::escape(word))
                .collect();
            out.push(format!("(?i:{})", words.join("|")));
        }
        out
    }
}

#[cfg(test)]
mod tests;
