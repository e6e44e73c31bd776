//! What the command line looks like.

mod guard;
mod purge;
mod trace;

pub(crate) use guard::*;
pub(crate) use purge::*;
pub(crate) use trace::*;

use clap::{Args, Parser, Subcommand, ValueEnum};
use leaksweep::config::Glob;
use leaksweep::log::LogFormat;
use leaksweep::report::OutputFormat;
use leaksweep::rule::{Confidence, Severity};
use leaksweep::source::Limits;
use std::path::PathBuf;

/// Keeps leaked secrets out of CI logs.
#[derive(Debug, Parser)]
#[command(version, max_term_width = 100, after_help = EXIT_CODES)]
pub(crate) struct Arguments {
    #[command(subcommand)]
    pub command: Command,
}

const EXIT_CODES: &str = "\
Exit codes:
  0  nothing found
  1  findings at or above --fail-on
  2  wrong use or configuration
  3  something could not be read (findings, if any, are still reported)";

const REDACT_EXIT_CODES: &str = "\
Exit codes:
  0  written
  2  wrong use or configuration, or OUT could not be written
  3  something could not be read and was left out (OUT is written if anything could)";

#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// Look for leaked secrets in CI logs
    #[command(after_help = EXIT_CODES)]
    Scan(Box<ScanArguments>),
    /// After a build: scan a run's logs, open incidents, delete what leaks, tell the channels
    #[command(after_help = GUARD_EXIT_CODES)]
    Guard(Box<GuardArguments>),
    /// Finish what a crash, an outage or a missing permission left of `guard`
    Resume(Box<ResumeArguments>),
    /// Delete the logs of runs that are older than 48 hours, or say which that would be
    ///
    /// Nothing is deleted without --yes. What `guard.hold` and `purge.keep` of the configuration
    /// name is kept whatever its age; so is a run in progress. GitHub's clock decides about age,
    /// and the newest attempt of a run counts. The state remembers what is gone, so that the next
    /// purge costs in proportion to what is new.
    #[command(after_help = PURGE_EXIT_CODES)]
    Purge(Box<PurgeArguments>),
    /// Show or set how long GitHub itself keeps new logs and artifacts
    #[command(subcommand)]
    Retention(RetentionCommand),
    /// Since when, where else, who copied it: read the logs of past runs and tell of each secret
    ///
    /// Every log of every attempt is read once; what it shows is kept in the state, redacted, so
    /// that a trace that was interrupted goes on where it was, and a later one asks only for what
    /// is new. With PATHs, logs and archives on this machine are traced, without GitHub.
    #[command(after_help = TRACE_EXIT_CODES)]
    Trace(Box<TraceArguments>),
    /// List, show, report and close incidents, and write down what people did
    #[command(subcommand)]
    Incident(IncidentCommand),
    /// Print or verify the audit trail
    Audit(AuditArguments),
    /// Copy a log or an archive of logs with every secret masked
    ///
    /// A secret becomes `***`, wherever it stands; all else stays as it is, byte
    /// for byte: line ends, time stamps, and in archives the names, order and
    /// times of the entries. What was masked is scanned again until nothing is
    /// found. What cannot be read (encrypted or damaged entries) is left out and
    /// named on standard error.
    #[command(after_help = REDACT_EXIT_CODES)]
    Redact(Box<RedactArguments>),
    /// Write a small GitHub Actions run log with fake leaks, scan it and show the report
    Demo {
        /// Where to write the log
        #[arg(long, value_name = "FILE", default_value = "target/demo/logs_demo.zip")]
        out: PathBuf,
    },
    /// List, show and check rules
    #[command(subcommand)]
    Rules(RulesCommand),
    /// Print the JSON Schema of a file format
    Schema {
        /// Which format
        what: SchemaKind,
    },
    /// Print a completion script for a shell
    Completions {
        /// Which shell
        shell: clap_complete::Shell,
    },
    /// Write the manual pages
    Man {
        /// Folder to write them to
        #[arg(value_name = "FOLDER")]
        out: PathBuf,
    },
}

#[derive(Debug, Clone, Copy, ValueEnum)]
pub(crate) enum SchemaKind {
    /// `leaksweep.yaml`
    Config,
    /// Rule files
    Rules,
    /// JSON and JSONL reports
    Findings,
}

#[derive(Debug, Args)]
pub(crate) struct ScanArguments {
    /// Logs, folders and archives; `-` is standard input
    #[arg(value_name = "PATH", required = true)]
    pub paths: Vec<PathBuf>,

    /// Only files in folders whose path below the folder matches
    #[arg(long, value_name = "GLOB", value_parser = Glob::new, help_heading = "Input")]
    pub include: Vec<Glob>,
    /// No files in folders whose path below the folder matches
    #[arg(long, value_name = "GLOB", value_parser = Glob::new, help_heading = "Input")]
    pub exclude: Vec<Glob>,
    /// Take every log to be of this format instead of recognising it
    #[arg(long, value_name = "FORMAT", value_parser = log_format(), help_heading = "Input")]
    pub log_format: Option<LogFormat>,
    #[command(flatten)]
    pub limits: LimitArguments,

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
    /// Findings from this severity on lead to exit code 1
    #[arg(long, value_name = "SEVERITY", value_parser = level::<Severity>, help_heading = "Rules")]
    pub fail_on: Option<Severity>,
    /// Say on standard error why each candidate was kept or dropped
    #[arg(long, help_heading = "Rules")]
    pub explain: bool,

    /// Format of the report on standard output
    #[arg(long, value_name = "FORMAT", default_value = "text", value_parser = output_format(), help_heading = "Output")]
    pub format: OutputFormat,
    /// Another report, to a file
    #[arg(long, value_name = "FORMAT=FILE", value_parser = report_file, help_heading = "Output")]
    pub report: Vec<ReportFile>,
    /// Colour in the text report
    #[arg(
        long,
        value_name = "WHEN",
        default_value = "auto",
        help_heading = "Output"
    )]
    pub color: When,
    /// No progress bar
    #[arg(long, help_heading = "Output")]
    pub no_progress: bool,
}

#[derive(Debug, Args)]
pub(crate) struct RedactArguments {
    /// Log or archive; `-` is standard input
    #[arg(value_name = "IN")]
    pub input: PathBuf,
    /// Where to write it, readable by its owner alone; standard output by default
    #[arg(value_name = "OUT")]
    pub out: Option<PathBuf>,

    /// Take every log to be of this format instead of recognising it
    #[arg(long, value_name = "FORMAT", value_parser = log_format(), help_heading = "Input")]
    pub log_format: Option<LogFormat>,
    #[command(flatten)]
    pub limits: LimitArguments,

    #[command(flatten)]
    pub rules: RuleSource,
    /// Configuration; `leaksweep.yaml` here by default, if there is one. Its
    /// `allow` entries do not apply: what they allow is masked all the same
    #[arg(long, value_name = "FILE", help_heading = "Rules")]
    pub config: Option<PathBuf>,
    /// Mask findings from this confidence on. A false alarm that is masked costs
    /// a reader a word, a secret that is not costs more: hence the lowest
    #[arg(long, value_name = "LEVEL", default_value = "low", value_parser = level::<Confidence>, help_heading = "Rules")]
    pub min_confidence: Confidence,

    /// No progress bar
    #[arg(long, help_heading = "Output")]
    pub no_progress: bool,
}

/// How much a command may read, keep and use.
#[derive(Debug, Args)]
pub(crate) struct LimitArguments {
    /// Archives opened inside one another
    #[arg(long, value_name = "N", help_heading = "Limits")]
    pub max_depth: Option<usize>,
    /// Entries of all archives in one input
    #[arg(long, value_name = "N", default_value_t = Limits::default().max_entries, help_heading = "Limits")]
    pub max_entries: u64,
    /// Decompressed bytes per byte of an input
    #[arg(long, value_name = "N", default_value_t = Limits::default().max_ratio, help_heading = "Limits")]
    pub max_ratio: u64,
    /// Decompressed bytes of one input
    #[arg(long, value_name = "SIZE", default_value = "1TiB", value_parser = size, help_heading = "Limits")]
    pub max_total: u64,
    /// Bytes of archives in temporary files
    #[arg(long, value_name = "SIZE", default_value = "16GiB", value_parser = size, help_heading = "Limits")]
    pub max_spool: u64,
    /// Memory to keep to, e.g. 512MiB
    #[arg(long, value_name = "SIZE", default_value = "512MiB", value_parser = size, help_heading = "Limits")]
    pub max_memory: u64,
    /// Threads; all cores by default
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u16).range(1..=1024), help_heading = "Limits")]
    pub threads: Option<u16>,
}

/// When to use colour.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum When {
    Auto,
    Always,
    Never,
}

#[derive(Debug, Clone)]
pub(crate) struct ReportFile {
    pub format: OutputFormat,
    pub path: PathBuf,
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
    /// Turn a TOML configuration of gitleaks or betterleaks into a rule file
    Import {
        /// The configuration
        file: PathBuf,
        /// Where to write the rules; standard output by default
        #[arg(short, long, value_name = "FILE")]
        out: Option<PathBuf>,
    },
    /// Print the page of all rules (Markdown)
    Docs(RuleSource),
}

/// Where rules come from.
#[derive(Debug, Args)]
pub(crate) struct RuleSource {
    /// Rule file or folder that extends or replaces the built-in rules
    #[arg(long, value_name = "PATH", help_heading = "Rules")]
    pub rules: Vec<PathBuf>,
}

fn log_format() -> impl clap::builder::TypedValueParser<Value = LogFormat> {
    use clap::builder::TypedValueParser;
    clap::builder::PossibleValuesParser::new(LogFormat::ALL.map(LogFormat::id))
        .try_map(|name| name.parse::<LogFormat>())
}

fn output_format() -> impl clap::builder::TypedValueParser<Value = OutputFormat> {
    use clap::builder::TypedValueParser;
    clap::builder::PossibleValuesParser::new(OutputFormat::ALL.map(OutputFormat::name))
        .try_map(|name| name.parse::<OutputFormat>())
}

fn level<T: std::str::FromStr<Err = String>>(word: &str) -> Result<T, String> {
    word.parse()
}

fn report_file(text: &str) -> Result<ReportFile, String> {
    let (format, path) = text
        .split_once('=')
        .ok_or("expected FORMAT=FILE, e.g. sarif=leaks.sarif")?;
    let format = format
        .parse::<OutputFormat>()
        .map_err(|error| error.to_string())?;
    Ok(ReportFile {
        format,
        path: PathBuf::from(path),
    })
}

/// `512MiB`, `2GB`, `1048576`.
fn size(text: &str) -> Result<u64, String> {
    let digits = text
        .find(|c: char| !c.is_ascii_digit())
        .unwrap_or(text.len());
    let number: u64 = text[..digits]
        .parse()
        .map_err(|_| format!("'{text}' is not a size, e.g. 512MiB"))?;
    let unit: u64 = match text[digits..].trim().to_ascii_lowercase().as_str() {
        "" | "b" => 1,
        "k" | "kib" => 1 << 10,
        "kb" => 1000,
        "m" | "mib" => 1 << 20,
        "mb" => 1_000_000,
        "g" | "gib" => 1 << 30,
        "gb" => 1_000_000_000,
        "t" | "tib" => 1 << 40,
        other => {
            return Err(format!(
                "'{other}' is not a unit of size: use KiB, MiB, GiB or TiB"
            ));
        }
    };
    number
        .checked_mul(unit)
        .ok_or_else(|| format!("'{text}' is too large"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use clap::CommandFactory;

    #[test]
    fn the_command_line_is_consistent() {
        Arguments::command().debug_assert();
    }

    #[test]
    fn sizes() {
        assert_eq!(size("512MiB"), Ok(512 << 20));
        assert_eq!(size("1000"), Ok(1000));
        assert!(size("many").is_err());
        assert!(size("5 parsecs").is_err());
    }
}
