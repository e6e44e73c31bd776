//! Rule files as YAML for people: patterns stand as they are read.

use crate::rule::{Left, RuleFile, RuleSpec};
use std::fmt::Write;

/// `file` as YAML that [`crate::rule::parse`] reads.
pub fn to_yaml(file: &RuleFile) -> String {
    let mut out = String::new();
    field(&mut out, "vendor: ", &file.vendor);
    field(&mut out, "name: ", &file.name);
    out.push_str("rules:");
    if file.rules.is_empty() {
        out.push_str(" []\n");
    }
    for rule in &file.rules {
        out.push('\n');
        write_rule(&mut out, rule);
    }
    out
}

/// What an imported rule can have. (Writing to a `String` does not fail.)
fn write_rule(out: &mut String, rule: &RuleSpec) {
    field(out, "  - id: ", &rule.id);
    field(out, "    name: ", &rule.name);
    if !rule.description.is_empty() {
        field(out, "    description: ", &rule.description);
    }
    field(out, "    severity: ", &rule.severity.to_string());
    field(out, "    confidence: ", &rule.confidence.to_string());
    list(out, "keywords", &rule.keywords);
    field(out, "    pattern: ", &rule.pattern);
    if rule.min_entropy > 0.0 {
        let _ = writeln!(out, "    min_entropy: {}", rule.min_entropy);
    }
    if rule.left == Left::Any {
        field(out, "    left: ", "any");
    }
    list(out, "allow", &rule.allow);
}

fn field(out: &mut String, head: &str, value: &str) {
    out.push_str(head);
    out.push_str(&scalar(value));
    out.push('\n');
}

fn list(out: &mut String, name: &str, values: &[String]) {
    if !values.is_empty() {
        let _ = writeln!(out, "    {name}:");
    }
    for value in values {
        field(out, "      - ", value);
    }
}

/// Words bare, else in single quotes, in which a backslash is itself; control
/// characters need the double ones, escaped as JSON has it.
fn scalar(value: &str) -> String {
    // Words that YAML may take for something else than text are short.
    let is_word = value.len() > 5
        && value.starts_with(|c: char| c.is_ascii_lowercase())
        && value.chars().all(|c| c.is_ascii_lowercase() || c == '-');
    if value.contains(|c: char| c.is_control() || c == '\u{feff}') {
        serde_json::Value::from(value).to_string()
    } else if is_word {
        value.to_owned()
    } else {
        format!("'{}'", value.replace('\'', "''"))
    }
}
