//! Arguments of guard, resume, and of the commands that look into the state.

use super::{ReportFile, RuleSource, level, report_file};
use clap::{Args, Subcommand, ValueEnum};
use jiff::Timestamp;
use leaksweep::respond::{Attempts, Language};
use leaksweep::rule::{Confidence, Severity};
use leaksweep::store::CloseReason;
use std::path::PathBuf;
use std::time::Duration;

pub(super) const GUARD_EXIT_CODES: &str = "\
Exit codes:
  0  nothing found
  1  a secret was found; it was told and contained as far as was asked
  2  wrong use or configuration
  3  something could not be read, sent or deleted; it says what, and `leaksweep resume` goes on";

/// Name of the state file in the folder of the user's states.
pub(crate) const STATE_FILE: &str = "state.db";

/// How GitHub is reached.
#[derive(Debug, Args)]
pub(crate) struct GithubArguments {
    /// Root of GitHub's API; `https://HOST/api/v3` on an Enterprise Server
    #[arg(
        long,
        value_name = "URL",
        env = "GITHUB_API_URL",
        default_value = "https://api.github.com",
        hide_env_values = true,
        help_heading = "GitHub"
    )]
    pub api_url: String,
    /// Requests to the API at most
    #[arg(long, value_name = "N", help_heading = "GitHub")]
    pub budget: Option<u64>,
    /// How long one call may wait for a limit, and how long to go on with what cannot be done
    /// at once
    #[arg(long, value_name = "DURATION", default_value = "2m", value_parser = duration, help_heading = "GitHub")]
    pub max_wait: Duration,
    /// How long GitHub may take until what it agreed to delete is gone
    #[arg(long, value_name = "DURATION", default_value = "10m", value_parser = duration, help_heading = "GitHub")]
    pub confirm_within: Duration,
}

/// What guard and resume delete.
#[derive(Debug, Default, Args)]
pub(crate) struct DeleteArguments {
    /// Delete the logs of a run that leaks
    #[arg(long, help_heading = "Containment")]
    pub delete_logs: bool,
    /// Delete the run itself where its logs or annotations stay
    #[arg(long, help_heading = "Containment")]
    pub delete_run: bool,
}

/// What guard, resume and purge share.
#[derive(Debug, Args)]
pub(crate) struct WorkArguments {
    #[command(flatten)]
    pub github: GithubArguments,
    /// Keep copies of the logs with every secret masked in this folder before they are deleted
    /// (in the configuration, so that `resume` knows it too)
    #[arg(long, value_name = "FOLDER", help_heading = "Evidence")]
    pub keep_redacted: Option<PathBuf>,
    /// Keep whole copies of the logs, encrypted with age, before they are deleted
    #[arg(long, value_name = "RECIPIENT", help_heading = "Evidence")]
    pub seal: Option<String>,
    /// Folder for encrypted copies; by default `sealed` beside the state
    #[arg(long, value_name = "FOLDER", help_heading = "Evidence")]
    pub seal_to: Option<PathBuf>,
    /// Where incidents, intentions and the audit trail are kept; by default `leaksweep/state.db`
    /// in the folder of the user's states
    #[arg(long, value_name = "FILE", help_heading = "Containment")]
    pub state: Option<PathBuf>,
    #[command(flatten)]
    pub rules: RuleSource,
    /// Configuration; `leaksweep.yaml` here by default, if there is one
    #[arg(long, value_name = "FILE", help_heading = "Rules")]
    pub config: Option<PathBuf>,
    /// An earlier JSON or JSONL report: its findings are known and left out
    #[arg(long, value_name = "FILE", help_heading = "Rules")]
    pub baseline: Vec<PathBuf>,
    /// Report findings from this confidence on
    #[arg(long, value_name = "LEVEL", value_parser = level::<Confidence>, help_heading = "Rules")]
    pub min_confidence: Option<Confidence>,
    /// Threads; all cores by default
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u16).range(1..=1024), help_heading = "Limits")]
    pub threads: Option<u16>,
}

#[derive(Debug, Args)]
pub(crate) struct GuardArguments {
    /// Whose run
    #[arg(
        long,
        value_name = "OWNER/REPO",
        env = "GITHUB_REPOSITORY",
        hide_env_values = true
    )]
    pub repo: Option<String>,
    /// Which run; in GitHub Actions the one that the event tells of
    #[arg(long, value_name = "ID")]
    pub run: Option<u64>,
    /// Which attempt of it
    #[arg(long, value_name = "N|all", default_value = "all", value_parser = attempts)]
    pub attempt: Attempts,
    /// Say what would be done, call by call, and do nothing
    #[arg(long)]
    pub dry_run: bool,
    /// Leave the annotations of the run's checks unread
    #[arg(long)]
    pub no_annotations: bool,
    /// Jobs that have not finished do not make the scan incomplete (for a guard that is itself a
    /// job of the run)
    #[arg(long)]
    pub allow_unfinished: bool,
    /// Open incidents for findings from this confidence on (default: high)
    #[arg(long, value_name = "LEVEL", value_parser = level::<Confidence>)]
    pub act_at: Option<Confidence>,
    /// Findings from this severity on lead to exit code 1
    #[arg(long, value_name = "SEVERITY", value_parser = level::<Severity>, help_heading = "Rules")]
    pub fail_on: Option<Severity>,
    /// Format of what is printed
    #[arg(
        long,
        value_name = "FORMAT",
        default_value = "text",
        help_heading = "Output"
    )]
    pub format: GuardFormat,
    /// A report of the findings, to a file
    #[arg(long, value_name = "FORMAT=FILE", value_parser = report_file, help_heading = "Output")]
    pub report: Vec<ReportFile>,
    #[command(flatten)]
    pub delete: DeleteArguments,
    #[command(flatten)]
    pub work: WorkArguments,
}

/// How guard's result is printed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum GuardFormat {
    Text,
    Json,
}

#[derive(Debug, Args)]
pub(crate) struct ResumeArguments {
    /// Also send messages that were given up
    #[arg(long)]
    pub dead: bool,
    #[command(flatten)]
    pub delete: DeleteArguments,
    #[command(flatten)]
    pub work: WorkArguments,
}

/// Where the store is, for commands that only look at it.
#[derive(Debug, Args)]
pub(crate) struct StoreArguments {
    /// State file; by default `leaksweep/state.db` in the folder of the user's states
    #[arg(long, value_name = "FILE", global = true)]
    pub state: Option<PathBuf>,
    /// Format of what is printed
    #[arg(long, value_name = "FORMAT", default_value = "text", global = true)]
    pub format: GuardFormat,
}

#[derive(Debug, Subcommand)]
pub(crate) enum IncidentCommand {
    /// One line an incident, the newest first
    List {
        /// Closed ones too
        #[arg(long)]
        all: bool,
        #[command(flatten)]
        store: StoreArguments,
    },
    /// Everything about one incident
    Show {
        /// Identifier, as `incident list` shows it
        id: String,
        #[command(flatten)]
        store: StoreArguments,
    },
    /// Close an incident and tell the channels
    Close(CloseArguments),
    /// Write down something that was done or decided
    Note {
        /// Identifier
        id: String,
        /// What was done; no names are needed
        text: String,
        #[command(flatten)]
        person: PersonArguments,
    },
    /// Write down that the credential was revoked or rotated
    Rotate {
        /// Identifier
        id: String,
        /// When, e.g. 2026-11-27T10:05:00Z; now by default
        #[arg(long, value_name = "TIME")]
        at: Option<Timestamp>,
        /// A word for those who read it later
        #[arg(long, default_value = "")]
        note: String,
        #[command(flatten)]
        person: PersonArguments,
    },
    /// Write down that somebody looks after the incident
    Acknowledge {
        /// Identifier
        id: String,
        #[command(flatten)]
        person: PersonArguments,
    },
    /// Write the incident report, in Markdown
    Report(ReportArguments),
}

/// What the commands share that write down what a person did.
#[derive(Debug, Args)]
pub(crate) struct PersonArguments {
    /// Configuration; `leaksweep.yaml` here by default, if there is one
    #[arg(long, value_name = "FILE")]
    pub config: Option<PathBuf>,
    #[command(flatten)]
    pub store: StoreArguments,
}

#[derive(Debug, Args)]
pub(crate) struct ReportArguments {
    /// Identifier
    pub id: String,
    /// Language: `en`, `fr`
    #[arg(long, value_name = "LANGUAGE", default_value = "en", value_parser = level::<Language>)]
    pub lang: Language,
    /// Markdown with `{field}` in the place of the report that is built in
    #[arg(long, value_name = "FILE")]
    pub template: Option<PathBuf>,
    /// File to write; if it is an earlier report, what people wrote into it, and
    /// its form, stay. Standard output by default
    #[arg(long, value_name = "FILE")]
    pub out: Option<PathBuf>,
    /// Configuration; `leaksweep.yaml` here by default, if there is one
    #[arg(long, value_name = "FILE")]
    pub config: Option<PathBuf>,
    /// State file; by default `leaksweep/state.db` in the folder of the user's states
    #[arg(long, value_name = "FILE")]
    pub state: Option<PathBuf>,
}

#[derive(Debug, Args)]
pub(crate) struct CloseArguments {
    /// Identifier
    pub id: String,
    /// Why: `rotated`, `false-alarm` (the value is not acted on again), `accepted`
    #[arg(long, value_parser = level::<CloseReason>)]
    pub reason: CloseReason,
    /// A word for those who read it later
    #[arg(long, default_value = "")]
    pub note: String,
    /// Print an entry of `allow` for a false alarm, so that scans leave it out too
    #[arg(long)]
    pub allow: bool,
    /// Put that entry into this configuration
    #[arg(long, value_name = "FILE")]
    pub allow_to: Option<PathBuf>,
    /// Days for which the entry holds
    #[arg(long, value_name = "N", default_value_t = 90, value_parser = clap::value_parser!(u16).range(1..=3650))]
    pub allow_days: u16,
    /// Tell no channel
    #[arg(long)]
    pub no_tell: bool,
    /// Configuration; `leaksweep.yaml` here by default, if there is one
    #[arg(long, value_name = "FILE")]
    pub config: Option<PathBuf>,
    #[command(flatten)]
    pub store: StoreArguments,
}

#[derive(Debug, Args)]
pub(crate) struct AuditArguments {
    #[command(subcommand)]
    pub command: Option<AuditCommand>,
    #[command(flatten)]
    pub store: StoreArguments,
}

#[derive(Debug, Subcommand)]
pub(crate) enum AuditCommand {
    /// Follow the chain of hashes from the first line to the last
    Verify {
        /// Hash that the trail must hold, as an earlier guard gave it
        #[arg(long, value_name = "HASH")]
        expect: Option<String>,
    },
}

fn attempts(text: &str) -> Result<Attempts, String> {
    match text.parse() {
        _ if text == "all" => Ok(Attempts::All),
        Ok(number) if number > 0 => Ok(Attempts::One(number)),
        _ => Err("expected `all` or the number of an attempt, from 1".to_owned()),
    }
}

/// `90s`, `2m`, `48h`, `7d`.
pub(super) fn duration(text: &str) -> Result<Duration, String> {
    let wrong = || format!("'{text}' is not a duration, e.g. 90s, 2m or 48h");
    let unit = text.find(|c: char| !c.is_ascii_digit()).ok_or_else(wrong)?;
    let (number, unit) = text.split_at(unit);
    let number: u64 = number.parse().map_err(|_| wrong())?;
    let seconds = match unit {
        "s" => 1,
        "m" => 60,
        "h" => 3600,
        "d" => 86_400,
        _ => return Err(wrong()),
    };
    // A century: beyond it, sums with the present would not fit.
    let seconds = number
        .checked_mul(seconds)
        .filter(|n| *n <= 36_525 * 86_400);
    seconds.map(Duration::from_secs).ok_or_else(wrong)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn durations() {
        assert_eq!(duration("48h"), Ok(Duration::from_hours(48)));
        assert_eq!(duration("0s"), Ok(Duration::ZERO));
        for bad in ["", "s", "5", "5 parsecs", "-1s", "é", "99999999999d"] {
            assert!(duration(bad).is_err(), "{bad}");
        }
    }
}
