//! What the command line looks like.

use clap::{Args, Parser, Subcommand};
use std::path::PathBuf;

/// Keeps leaked secrets out of CI logs.
#[derive(Debug, Parser)]
#[command(version, max_term_width = 100)]
pub(crate) struct Arguments {
    #[command(subcommand)]
    pub command: Command,
}

#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// List, show and check rules
    #[command(subcommand)]
    Rules(RulesCommand),
}

#[derive(Debug, Subcommand)]
pub(crate) enum RulesCommand {
    /// One line a rule
    List(RuleSource),
    /// Everything about one rule
    Show {
        /// Identifier, as `rules list` shows it
        id: String,
        #[command(flatten)]
        source: RuleSource,
    },
    /// Try every rule on its examples and counter-examples
    Check {
        /// Rule file or folder to check together with the built-in rules
        path: Option<PathBuf>,
        /// Fillings of each example
        #[arg(long, default_value_t = 10)]
        samples: u64,
    },
}

/// Where rules come from.
#[derive(Debug, Args)]
pub(crate) struct RuleSource {
    /// Rule file or folder that extends or replaces the built-in rules
    #[arg(long, value_name = "PATH", help_heading = "Rules")]
    pub rules: Vec<PathBuf>,
}
