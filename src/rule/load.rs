//! Reading rule files. The only I/O of the room.

use super::{DetectorKind, RuleFile, RuleSpec, VendorSpec};
use std::path::{Path, PathBuf};

/// Why a rule file was refused.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum LoadError {
    /// It could not be read.
    #[error("failed to read {path}: {source}")]
    Read {
        /// The file or folder.
        path: PathBuf,
        /// Why.
        source: std::io::Error,
    },
    /// It is not YAML, or not of the form of a rule file. The message holds
    /// line and column.
    #[error("failed to parse {path}: {message}")]
    Parse {
        /// The file.
        path: String,
        /// What the parser says, with the place.
        message: String,
    },
    /// A rule contradicts itself.
    #[error("{path}: rule '{id}': {message}")]
    Rule {
        /// The file.
        path: String,
        /// The rule.
        id: String,
        /// What is wrong and what to do.
        message: String,
    },
}

/// Rules of one file, or of every `*.yaml` and `*.yml` directly in a folder.
pub fn load_path(path: &Path) -> Result<Vec<RuleFile>, LoadError> {
    let files = if path.is_dir() {
        yaml_files(path)?
    } else {
        vec![path.to_owned()]
    };
    files.iter().map(|file| load_file(file)).collect()
}

fn load_file(path: &Path) -> Result<RuleFile, LoadError> {
    let text = std::fs::read_to_string(path).map_err(|source| read_error(path, source))?;
    parse(&text, &path.display().to_string())
}

fn read_error(path: &Path, source: std::io::Error) -> LoadError {
    LoadError::Read {
        path: path.to_owned(),
        source,
    }
}

fn yaml_files(folder: &Path) -> Result<Vec<PathBuf>, LoadError> {
    let entries = std::fs::read_dir(folder).map_err(|source| read_error(folder, source))?;
    let paths: Result<Vec<PathBuf>, _> = entries.map(|entry| entry.map(|e| e.path())).collect();
    let mut paths = paths.map_err(|source| read_error(folder, source))?;
    paths.retain(|path| {
        path.extension()
            .is_some_and(|end| end == "yaml" || end == "yml")
    });
    paths.sort();
    Ok(paths)
}

/// Parses and validates one rule file; `path` is for messages.
pub fn parse(text: &str, path: &str) -> Result<RuleFile, LoadError> {
    let file: RuleFile = serde_saphyr::from_str(text).map_err(|error| LoadError::Parse {
        path: path.to_owned(),
        message: error.to_string(),
    })?;
    for vendor in &file.vendors {
        check_forms(&vendor.id, &vendor.forms, path)?;
    }
    check_forms(&file.vendor, &file.forms, path)?;
    for rule in &file.rules {
        validate(&file.vendors, rule).map_err(|message| LoadError::Rule {
            path: path.to_owned(),
            id: rule.id.clone(),
            message,
        })?;
    }
    Ok(file)
}

/// A shorter keyword stands everywhere and would wake its rule there; one that
/// begins long tokens is only looked for where such a run begins.
const SHORTEST_KEYWORD: usize = 3;
const SHORTEST_HEAD: usize = 2;

fn check_forms(vendor: &str, forms: &[String], path: &str) -> Result<(), LoadError> {
    forms
        .iter()
        .try_for_each(|form| super::form::validate(form))
        .map_err(|message| LoadError::Parse {
            path: path.to_owned(),
            message: format!("vendor '{vendor}': {message}"),
        })
}

/// Whether the rule can be used.
pub(super) fn validate(vendors: &[VendorSpec], rule: &RuleSpec) -> Result<(), String> {
    let is_pattern = rule.detector == DetectorKind::Pattern;
    if is_pattern && rule.pattern.is_empty() {
        return Err("has no pattern\nhint: add `pattern:`, or name a `detector:`".into());
    }
    let words = super::set::waking(vendors, rule);
    if words.is_empty() {
        return Err(format!(
            "has neither keywords nor context, so nothing would wake it\nhint: {}",
            if rule.detector == DetectorKind::VendorContext {
                "name vendors in `vendors:`"
            } else {
                "add a literal that every match holds to `keywords:`"
            }
        ));
    }
    let least = if super::set::heads_token(rule) {
        SHORTEST_HEAD
    } else {
        SHORTEST_KEYWORD
    };
    if let Some(word) = words.into_iter().find(|word| word.len() < least) {
        return Err(format!(
            "keyword '{word}' is too short\nhint: use at least {least} bytes"
        ));
    }
    if !is_pattern {
        return Ok(());
    }
    for expression in std::iter::once(&rule.pattern).chain(&rule.allow) {
        regex::bytes::RegexBuilder::new(expression)
            .unicode(false)
            .build()
            .map_err(|error| format!("pattern does not compile: {error}"))?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    const HEAD: &str = "vendor: acme\nname: Acme\nrules:\n  - id: acme-key\n    name: k\n    severity: low\n    confidence: low\n";

    #[test]
    fn a_misspelt_field_is_named_with_its_line() {
        let error = parse(&format!("{HEAD}    keyword: [acme_]\n"), "a.yaml").unwrap_err();
        let text = error.to_string();
        assert!(
            text.contains("a.yaml") && text.contains("keyword"),
            "{text}"
        );
        assert!(text.contains('8'), "line is missing: {text}");
    }

    #[test]
    fn a_rule_without_keywords_is_refused() {
        for rule in [
            "pattern: 'acme'",
            "detector: password",
            "detector: vendor-context",
        ] {
            let error = parse(&format!("{HEAD}    {rule}\n"), "a.yaml").unwrap_err();
            assert!(
                error.to_string().contains("nothing would wake it"),
                "{rule}"
            );
        }
    }

    #[test]
    fn short_keywords_are_refused_for_every_detector() {
        let vendors = "vendors: [{id: xy, name: Xy}]\nvendor: acme";
        for (head, rule) in [
            (HEAD, "detector: password\n    keywords: [pw]"),
            (
                &HEAD.replace("vendor: acme", vendors),
                "detector: vendor-context",
            ),
        ] {
            let error = parse(&format!("{head}    {rule}\n"), "a.yaml").unwrap_err();
            assert!(error.to_string().contains("is too short"), "{error}");
        }
    }

    #[test]
    fn a_bad_pattern_is_refused() {
        let text = format!("{HEAD}    keywords: [acme]\n    pattern: 'acme('\n");
        assert!(
            parse(&text, "a.yaml")
                .unwrap_err()
                .to_string()
                .contains("does not compile")
        );
    }
}
