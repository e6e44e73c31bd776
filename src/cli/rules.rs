//! `leaksweep rules`.

use super::args::RulesCommand;
use super::exit::{Exit, print, say};
use anyhow::{Context, bail};
use leaksweep::detect;
use leaksweep::rule::{Rule, RuleSet, docs, import, load_path};
use std::fmt::Write;
use std::path::{Path, PathBuf};

pub(crate) fn run(command: &RulesCommand) -> anyhow::Result<Exit> {
    match command {
        RulesCommand::List(source) => list(&rule_set(&source.rules)?),
        RulesCommand::Show { id, source } => show(&rule_set(&source.rules)?, id),
        RulesCommand::Check { path, samples } => check(path.as_slice(), *samples),
        RulesCommand::Import { file, out } => import_file(file, out.as_deref()),
        RulesCommand::Docs(source) => {
            print(docs::markdown(&rule_set(&source.rules)?).as_bytes())?;
            Ok(Exit::Clean)
        }
    }
}

/// The built-in rules, with those of `paths` on top.
pub(crate) fn rule_set(paths: &[PathBuf]) -> anyhow::Result<RuleSet> {
    let mut set = RuleSet::builtin();
    for path in paths {
        set.extend(load_path(path)?);
    }
    Ok(set)
}

fn list(set: &RuleSet) -> anyhow::Result<Exit> {
    let mut out = String::new();
    let width = set
        .rules
        .iter()
        .map(|rule| rule.id.len())
        .max()
        .unwrap_or(0);
    for rule in &set.rules {
        let Rule {
            id,
            severity,
            confidence,
            name,
            ..
        } = rule;
        writeln!(out, "{id:width$}  {severity:8}  {confidence:7}  {name}")?;
    }
    writeln!(
        out,
        "\n{} rules, {} vendors",
        set.rules.len(),
        set.vendors.len()
    )?;
    print(out.as_bytes())?;
    Ok(Exit::Clean)
}

fn show(set: &RuleSet, id: &str) -> anyhow::Result<Exit> {
    let Some(rule) = set.get(id) else {
        bail!("there is no rule '{id}'\nhint: `leaksweep rules list` shows all");
    };
    print(describe(rule)?.as_bytes())?;
    Ok(Exit::Clean)
}

fn describe(rule: &Rule) -> Result<String, std::fmt::Error> {
    let mut out = String::new();
    writeln!(
        out,
        "{}\n  {}\n  {}\n",
        rule.id, rule.name, rule.texts.description
    )?;
    writeln!(out, "  vendor      {}", rule.vendor)?;
    writeln!(out, "  severity    {}", rule.severity)?;
    writeln!(out, "  confidence  {}", rule.confidence)?;
    writeln!(out, "  keywords    {}", rule.keywords.join(" "))?;
    if !rule.pattern.is_empty() {
        writeln!(out, "  pattern     {}", rule.pattern)?;
    }
    for example in &rule.texts.examples {
        writeln!(out, "  example     {}", example.escape_debug())?;
    }
    if let Some(revoke) = &rule.texts.revoke {
        writeln!(out, "\n  revoke: {}", revoke.trim())?;
    }
    for reference in &rule.texts.references {
        writeln!(out, "  see {reference}")?;
    }
    Ok(out)
}

fn check(paths: &[PathBuf], samples: u64) -> anyhow::Result<Exit> {
    let set = rule_set(paths)?;
    let failures = detect::prove(&set, samples);
    let mut out = String::new();
    for failure in &failures {
        writeln!(out, "{}: {}", failure.rule, failure.message)?;
    }
    let rules = set.rules.len();
    writeln!(
        out,
        "{rules} rules, {samples} samples an example, {} failures",
        failures.len()
    )?;
    print(out.as_bytes())?;
    Ok(if failures.is_empty() {
        Exit::Clean
    } else {
        Exit::Findings
    })
}

/// The rules to a file or standard output, what became of them to standard error.
fn import_file(path: &Path, out: Option<&Path>) -> anyhow::Result<Exit> {
    let shown = path.display();
    let text = std::fs::read_to_string(path).with_context(|| format!("failed to read {shown}"))?;
    let imported = match import::import(&text) {
        Ok(imported) => imported,
        Err(message) => bail!("failed to parse {shown}: {message}"),
    };
    let yaml = import::to_yaml(&imported.file);
    match out {
        Some(out) => std::fs::write(out, yaml)
            .with_context(|| format!("failed to write {}", out.display()))?,
        None => print(yaml.as_bytes())?,
    }
    for note in &imported.notes {
        let place = note
            .rule
            .as_deref()
            .map(|id| format!("{}: ", id.escape_debug()));
        let verdict = if note.left_out {
            "not carried over: "
        } else {
            ""
        };
        let message = note.message.escape_debug();
        say(&format!(
            "note: {}{verdict}{message}",
            place.unwrap_or_default()
        ));
    }
    let left_out = imported.notes.iter().filter(|note| note.left_out).count();
    say(&format!(
        "{} rules carried over, {left_out} not",
        imported.file.rules.len()
    ));
    Ok(Exit::Clean)
}
