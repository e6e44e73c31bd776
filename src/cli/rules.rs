//! `leaksweep rules`.

use super::args::RulesCommand;
use super::exit::{Exit, print};
use anyhow::{Context, bail};
use leaksweep::detect;
use leaksweep::rule::{Rule, RuleSet, load_path};
use std::fmt::Write;
use std::path::PathBuf;

pub(crate) fn run(command: &RulesCommand) -> anyhow::Result<Exit> {
    match command {
        RulesCommand::List(source) => list(&rule_set(&source.rules)?),
        RulesCommand::Show { id, source } => show(&rule_set(&source.rules)?, id),
        RulesCommand::Check { path, samples } => check(path.as_slice(), *samples),
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
        rule.id, rule.name, rule.description
    )?;
    writeln!(out, "  vendor      {}", rule.vendor)?;
    writeln!(out, "  severity    {}", rule.severity)?;
    writeln!(out, "  confidence  {}", rule.confidence)?;
    writeln!(out, "  keywords    {}", rule.keywords.join(" "))?;
    if !rule.pattern.is_empty() {
        writeln!(out, "  pattern     {}", rule.pattern)?;
    }
    for example in &rule.examples {
        writeln!(out, "  example     {}", example.escape_debug())?;
    }
    if let Some(revoke) = &rule.revoke {
        writeln!(out, "\n  revoke: {}", revoke.trim())?;
    }
    for reference in &rule.references {
        writeln!(out, "  see {reference}")?;
    }
    Ok(out)
}

fn check(paths: &[PathBuf], samples: u64) -> anyhow::Result<Exit> {
    let set = rule_set(paths)?;
    let failures = detect::prove(&set, samples).context("failed to prepare the rules")?;
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
