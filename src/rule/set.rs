//! Rules ready for detection.

use super::implied::begins_with_keyword;
use super::lazy::Lazy;
use super::outline::Outline;
use super::{
    Checksum, Confidence, DetectorKind, Left, RuleFile, RuleSpec, Severity, Text, VendorSpec, runs,
};
use serde::{Deserialize, Serialize};
use std::collections::HashMap;

/// A run of token bytes (letters, digits, `+`, `/`, `-`, `_`) of this length is
/// looked at for itself: it may begin with a keyword, or be base64 of text.
pub(crate) const LONG_RUN: usize = 16;

/// One rule with what it inherits from its file.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(bound(deserialize = "'de: 'static"))]
pub struct Rule {
    /// Identifier.
    pub id: Text,
    /// Vendor identifier.
    pub vendor: Text,
    /// Kind of credential, for people.
    pub name: Text,
    /// How bad a leak is.
    pub severity: Severity,
    /// How sure a match is.
    pub confidence: Confidence,
    /// Which detector.
    pub detector: DetectorKind,
    /// Literals that wake the rule: its keywords, or its context words.
    pub keywords: Vec<Text>,
    /// Every match begins with a keyword, behind no letter or digit, and goes on
    /// in token bytes for 16 of them at least.
    pub heads_token: bool,
    /// Whether `keywords` stand before the value instead of in it.
    pub contextual: bool,
    /// The expression, with the context put in front where the rule has one.
    pub pattern: Text,
    /// Whether every match of the expression begins with one of `keywords`.
    pub anchored: bool,
    /// Bytes that a match of the expression has at least.
    pub shortest: u32,
    /// Token bytes in a row that every match holds: from its start on, where it
    /// begins with a keyword that is no mere context.
    pub run: u32,
    /// Shannon entropy the secret must have, in bits per byte.
    pub min_entropy: f32,
    /// Offline proof.
    pub checksum: Option<Checksum>,
    /// Check on the left; none where the rule has a context.
    pub left: Left,
    /// How sure a match is that nothing names, assigns or quotes.
    pub alone: Option<Confidence>,
    /// Expressions on the secret that make it a non-finding.
    pub allow: Vec<Text>,
    /// Rules whose findings nearby are parts of the same credential.
    pub parts: Vec<Text>,
    /// Rules whose nearest finding takes this rule's name.
    pub claims: Vec<Text>,
    /// What people read about it, and what proves it.
    pub texts: Lazy<Texts>,
}

/// What no scan needs of a rule before it has found something.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
#[serde(bound(deserialize = "'de: 'static"))]
pub struct Texts {
    /// What it gives access to.
    pub description: Text,
    /// Templates that must be found.
    pub examples: Vec<Text>,
    /// Templates in which this rule must find nothing.
    pub counter_examples: Vec<Text>,
    /// How to revoke and rotate.
    pub revoke: Option<Text>,
    /// Documentation.
    pub references: Vec<Text>,
}

/// A vendor and the words by which a name tells it.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(bound(deserialize = "'de: 'static"))]
pub struct Vendor {
    /// Identifier.
    pub id: Text,
    /// Name for people.
    pub name: Text,
    /// Lower-case words, the identifier first.
    pub aliases: Vec<Text>,
    /// Some of its credentials have shapes for which there is no rule.
    pub other_shapes: bool,
    /// Forms of its credentials, as far as they are known (see `rule::form`).
    pub forms: Vec<String>,
}

/// All rules of a scan.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
#[serde(bound(deserialize = "'de: 'static"))]
pub struct RuleSet {
    /// In order of vendor and file.
    pub rules: Vec<Rule>,
    /// In order of identifier.
    pub vendors: Lazy<Vec<Vendor>>,
}

impl RuleSet {
    /// Rules from parsed files; a later rule replaces an earlier one of the
    /// same identifier.
    pub fn from_files(files: Vec<RuleFile>) -> Self {
        let mut set = Self::default();
        set.extend(files);
        set
    }

    /// Adds files, replacing rules of the same identifier.
    pub fn extend(&mut self, files: Vec<RuleFile>) {
        for file in files {
            self.add_vendor(&file);
            for spec in &file.rules {
                self.put(Rule::resolve(&file, spec));
            }
        }
        self.vendors.sort_by(|a, b| a.id.cmp(&b.id));
    }

    fn put(&mut self, rule: Rule) {
        match self.rules.iter_mut().find(|known| known.id == rule.id) {
            Some(known) => *known = rule,
            None => self.rules.push(rule),
        }
    }

    fn add_vendor(&mut self, file: &RuleFile) {
        let words = |id: &str, aliases: &[String]| {
            let aliases = aliases.iter().map(|word| word.to_ascii_lowercase());
            std::iter::once(id.to_ascii_lowercase())
                .chain(aliases)
                .map(Text::from)
                .collect()
        };
        self.merge(Vendor {
            id: file.vendor.as_str().into(),
            name: file.name.as_str().into(),
            aliases: words(&file.vendor, &file.aliases),
            other_shapes: file.other_shapes,
            forms: file.forms.clone(),
        });
        for vendor in &file.vendors {
            self.merge(Vendor {
                id: vendor.id.as_str().into(),
                name: vendor.name.as_str().into(),
                aliases: words(&vendor.id, &vendor.aliases),
                other_shapes: true,
                forms: vendor.forms.clone(),
            });
        }
    }

    fn merge(&mut self, vendor: Vendor) {
        match self.vendors.iter_mut().find(|known| known.id == vendor.id) {
            Some(known) => {
                known.aliases.extend(vendor.aliases);
                known.other_shapes |= vendor.other_shapes;
                known.forms.extend(vendor.forms);
            }
            None => self.vendors.push(vendor),
        }
    }

    /// The rule with this identifier.
    pub fn get(&self, id: &str) -> Option<&Rule> {
        self.rules.iter().find(|rule| *rule.id == *id)
    }

    /// Index of every rule by identifier.
    pub fn index(&self) -> HashMap<&str, usize> {
        self.rules
            .iter()
            .enumerate()
            .map(|(i, rule)| (&*rule.id, i))
            .collect()
    }
}

/// What may stand between a context word and its value: the rest of a name, an
/// operator, quotes, an authentication scheme; or a word that speaks of
/// credentials, to which the value is glued. Never a line end.
const GLUE: &str = concat!(
    r#"(?:[0-9A-Za-z_.\- ]{0,40}?["'`\]\\]{0,3}[ \t]{0,4}"#,
    r#"(?:=>|[:.]{0,3}=|[?!+]=|={1,2}|:|,|\(|>|[ \t])[ \t]{0,4}"#,
    r#"(?:(?i:bearer|token|basic|apikey)[ \t]{1,2})?["'`\\]{0,4}"#,
    r#"|[0-9A-Za-z_.\- ]{0,24}?(?i:secret|private|access|token|key)[-_.])"#,
);

impl Rule {
    fn resolve(file: &RuleFile, spec: &RuleSpec) -> Self {
        let contextual = !spec.context.is_empty();
        let keywords = keywords(file, spec);
        let pattern = if contextual {
            contextual_pattern(spec)
        } else {
            spec.pattern.clone()
        };
        let outline = Outline::of(&pattern, &keywords);
        let run = if outline.anchored && !contextual {
            outline.runs.first
        } else {
            outline.runs.longest
        };
        Self {
            heads_token: heads_token(spec),
            id: spec.id.as_str().into(),
            vendor: file.vendor.as_str().into(),
            name: spec.name.as_str().into(),
            severity: spec.severity,
            confidence: spec.confidence,
            detector: spec.detector,
            keywords,
            contextual,
            pattern: pattern.into(),
            anchored: contextual || outline.anchored,
            shortest: outline.shortest,
            run: run.try_into().unwrap_or(u32::MAX),
            min_entropy: spec.min_entropy,
            checksum: spec.checksum,
            left: if contextual { Left::Any } else { spec.left },
            alone: spec.alone,
            allow: texts(&spec.allow),
            parts: texts(&spec.parts),
            claims: texts(&spec.claims),
            texts: Texts::resolve(file, spec).into(),
        }
    }
}

impl Texts {
    fn resolve(file: &RuleFile, spec: &RuleSpec) -> Self {
        let revoke = spec.revoke.as_deref().or(file.revoke.as_deref());
        Self {
            description: spec.description.trim().into(),
            examples: texts(&spec.examples),
            counter_examples: texts(&spec.counter_examples),
            revoke: revoke.map(Text::from),
            references: texts(file.references.iter().chain(&spec.references)),
        }
    }
}

fn texts<'a>(texts: impl IntoIterator<Item = &'a String>) -> Vec<Text> {
    texts.into_iter().map(|text| text.as_str().into()).collect()
}

/// See [`Rule::heads_token`].
pub(super) fn heads_token(spec: &RuleSpec) -> bool {
    spec.detector == DetectorKind::Pattern
        && spec.context.is_empty()
        && spec.left == Left::Word
        && runs::of_pattern(&spec.pattern).first >= LONG_RUN
        && begins_with_keyword(&spec.pattern, &lower(&spec.keywords))
}

fn lower(words: &[String]) -> Vec<String> {
    words.iter().map(|word| word.to_ascii_lowercase()).collect()
}

/// The literals that wake a rule of a file with these vendors, as they are written.
pub(super) fn waking<'f>(vendors: &'f [VendorSpec], spec: &'f RuleSpec) -> Vec<&'f String> {
    let of_vendors = vendors
        .iter()
        .flat_map(|vendor| std::iter::once(&vendor.id).chain(&vendor.aliases));
    match spec.detector {
        DetectorKind::VendorContext => of_vendors.collect(),
        _ if !spec.context.is_empty() => spec.context.iter().collect(),
        _ => spec.keywords.iter().collect(),
    }
}

fn keywords(file: &RuleFile, spec: &RuleSpec) -> Vec<Text> {
    let words = waking(&file.vendors, spec).into_iter();
    words.map(|word| word.to_ascii_lowercase().into()).collect()
}

fn contextual_pattern(spec: &RuleSpec) -> String {
    let words: Vec<String> = spec
        .context
        .iter()
        .map(|word| regex::escape(word))
        .collect();
    let value = if spec.pattern.contains("(?P<secret>") {
        spec.pattern.clone()
    } else {
        format!("(?P<secret>{})", spec.pattern)
    };
    format!("(?i:{}){GLUE}{value}", words.join("|"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn builtin_rules_parse_and_have_unique_ids() {
        let set = RuleSet::builtin();
        assert_eq!(set.index().len(), set.rules.len());
    }

    #[test]
    fn a_later_rule_replaces_an_earlier_one() {
        let yaml = |name: &str| {
            format!(
                "vendor: acme\nname: Acme\nrules:\n  - id: acme-key\n    name: {name}\n    \
                 severity: low\n    confidence: low\n    keywords: [acme_]\n    pattern: 'acme_[0-9]{{4}}'\n"
            )
        };
        let first = super::super::parse(&yaml("one"), "a.yaml").unwrap();
        let second = super::super::parse(&yaml("two"), "b.yaml").unwrap();
        let set = RuleSet::from_files(vec![first, second]);
        assert_eq!(set.rules.len(), 1);
        assert_eq!(&*set.rules[0].name, "two");
    }
}
