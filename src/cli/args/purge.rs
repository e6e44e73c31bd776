//! Arguments of purge and retention.

use super::{GithubArguments, GuardFormat, WorkArguments, duration, level};
use clap::{Args, Subcommand};
use leaksweep::config::{Glob, Visibility};
use leaksweep::rule::Confidence;
use std::path::PathBuf;
use std::time::Duration;

pub(super) const PURGE_EXIT_CODES: &str = "\
Exit codes:
  0  everything that was due is gone, or would be (dry run)
  1  the same, and --scan-first found a secret
  2  wrong use or configuration
  3  not all that was due is gone, or not all was looked at; it says what, and purge can be run again";

/// Whose logs.
#[derive(Debug, Args)]
#[group(multiple = false)]
pub(crate) struct TargetArguments {
    /// Those of this repository; several times for several [default: that of the job]
    #[arg(long, value_name = "OWNER/REPO")]
    pub repo: Vec<String>,
    /// Those of every repository of this organization
    #[arg(long, value_name = "ORG")]
    pub org: Option<String>,
    /// Those of every repository that the app is installed in
    #[arg(long)]
    pub installation: bool,
}

#[derive(Debug, Args)]
pub(crate) struct PurgeArguments {
    #[command(flatten)]
    pub target: TargetArguments,
    /// Do it; without this, say what would be done
    #[arg(long)]
    pub yes: bool,
    /// Age of a run's newest attempt from which its logs go
    #[arg(long, value_name = "AGE", default_value = "48h", value_parser = duration)]
    pub older_than: Duration,
    /// Purge artifacts too, under their own age [default: that of logs]
    #[arg(long, value_name = "AGE", value_parser = duration, num_args = 0..=1)]
    #[expect(clippy::option_option, reason = "given, and given with a value")]
    pub artifacts: Option<Option<Duration>>,
    /// Look only at runs created so long ago at most (where no state is kept from one purge to the
    /// next)
    #[arg(long, value_name = "AGE", value_parser = duration)]
    pub look_back: Option<Duration>,
    /// Scan each log before it goes; a hit becomes an incident, and what cannot be read is kept
    #[arg(long)]
    pub scan_first: bool,
    /// With --scan-first: open incidents for findings from this confidence on (default: high)
    #[arg(long, value_name = "LEVEL", value_parser = level::<Confidence>, requires = "scan_first")]
    pub act_at: Option<Confidence>,
    /// Stop after this time and say what is left
    #[arg(long, value_name = "DURATION", value_parser = duration)]
    pub max_duration: Option<Duration>,

    /// Only runs of this workflow file (`ci.yml`)
    #[arg(long, value_name = "GLOB", value_parser = Glob::new, help_heading = "Which runs")]
    pub workflow: Vec<Glob>,
    /// Only runs on this branch
    #[arg(long, value_name = "GLOB", value_parser = Glob::new, help_heading = "Which runs")]
    pub branch: Vec<Glob>,
    /// Only runs that this started (`pull_request`)
    #[arg(long, value_name = "GLOB", value_parser = Glob::new, help_heading = "Which runs")]
    pub event: Vec<Glob>,
    /// Only runs that ended so (`failure`)
    #[arg(long, value_name = "GLOB", value_parser = Glob::new, help_heading = "Which runs")]
    pub conclusion: Vec<Glob>,
    /// Only repositories of this visibility
    #[arg(long, value_name = "WORD", value_parser = visibility, help_heading = "Which runs")]
    pub visibility: Vec<Visibility>,

    /// Format of what is printed
    #[arg(
        long,
        value_name = "FORMAT",
        default_value = "text",
        help_heading = "Output"
    )]
    pub format: GuardFormat,
    /// No progress bar
    #[arg(long, help_heading = "Output")]
    pub no_progress: bool,
    #[command(flatten)]
    pub work: WorkArguments,
}

#[derive(Debug, Subcommand)]
pub(crate) enum RetentionCommand {
    /// Show the setting
    Show(RetentionArguments),
    /// Set it; without --yes, say what would change
    Set {
        /// How long new logs and artifacts are kept: 1 to 90 days, in private repositories to 400
        #[arg(value_parser = clap::value_parser!(u64).range(1..=400))]
        days: u64,
        /// Do it
        #[arg(long)]
        yes: bool,
        /// State file, for the audit trail; by default `leaksweep/state.db` in the folder of the
        /// user's states
        #[arg(long, value_name = "FILE")]
        state: Option<PathBuf>,
        #[command(flatten)]
        arguments: RetentionArguments,
    },
}

#[derive(Debug, Args)]
pub(crate) struct RetentionArguments {
    /// Of this repository [default: that of the job]
    #[arg(long, value_name = "OWNER/REPO", conflicts_with = "org")]
    pub repo: Option<String>,
    /// Of this organization
    #[arg(long, value_name = "ORG")]
    pub org: Option<String>,
    /// Format of what is printed
    #[arg(long, value_name = "FORMAT", default_value = "text")]
    pub format: GuardFormat,
    #[command(flatten)]
    pub github: GithubArguments,
}

fn visibility(word: &str) -> Result<Visibility, String> {
    word.parse()
        .map_err(|_| "expected public, private or internal".to_owned())
}
