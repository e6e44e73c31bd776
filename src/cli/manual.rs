//! Texts about the program: schemas, completions, manual pages.

use super::args::{Arguments, SchemaKind};
use super::exit::{Exit, print};
use anyhow::Context;
use clap::CommandFactory;
use leaksweep::{config, report};
use std::path::Path;

pub(crate) fn schema(what: SchemaKind) -> anyhow::Result<Exit> {
    let schema = match what {
        SchemaKind::Config => config::schema(),
        SchemaKind::Rules => config::rule_schema(),
        SchemaKind::Findings => report::schema(),
    };
    print(format!("{}\n", serde_json::to_string_pretty(&schema)?).as_bytes())?;
    Ok(Exit::Clean)
}

pub(crate) fn completions(shell: clap_complete::Shell) -> anyhow::Result<Exit> {
    let mut out = Vec::new();
    clap_complete::generate(shell, &mut Arguments::command(), "leaksweep", &mut out);
    print(&out)?;
    Ok(Exit::Clean)
}

/// One page for the program and one for each command.
pub(crate) fn pages(folder: &Path) -> anyhow::Result<Exit> {
    let shown = folder.display();
    std::fs::create_dir_all(folder).with_context(|| format!("failed to create {shown}"))?;
    clap_mangen::generate_to(Arguments::command(), folder)
        .with_context(|| format!("failed to write manual pages to {shown}"))?;
    Ok(Exit::Clean)
}
