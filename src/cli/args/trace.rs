//! Arguments of trace.

use super::{TargetArguments, When, WorkArguments, duration, level};
use clap::Args;
use leaksweep::config::Glob;
use leaksweep::rule::Confidence;
use leaksweep::trace::TraceFormat;
use std::path::PathBuf;
use std::time::Duration;

pub(super) const TRACE_EXIT_CODES: &str = "\
Exit codes:
  0  no secret was found
  1  a secret was found; with --contain, it was contained
  2  wrong use or configuration
  3  not all logs could be read, or not all be contained; it says what, and trace can be run again";

/// How far back a trace looks.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Since(pub Option<Duration>);

#[derive(Debug, Args)]
pub(crate) struct TraceArguments {
    /// Logs, folders and archives on this machine instead of GitHub's; `-` is standard input
    #[arg(value_name = "PATH", conflicts_with_all = ["repo", "org", "installation", "contain"])]
    pub paths: Vec<PathBuf>,
    #[command(flatten)]
    pub target: TargetArguments,
    /// Look at runs created so long ago at most; `all` for all there are
    #[arg(long, value_name = "AGE|all", default_value = "90d", value_parser = since)]
    pub since: Since,
    /// Only runs of this workflow file (`ci.yml`)
    #[arg(long, value_name = "GLOB", value_parser = Glob::new)]
    pub workflow: Vec<Glob>,
    /// Tell only of secrets whose fingerprint begins so
    #[arg(long, value_name = "FINGERPRINT", value_parser = fingerprint)]
    pub fingerprint: Vec<String>,
    /// Tell only of the secret of this incident, and read the logs nearest to its leak first
    #[arg(long, value_name = "ID", conflicts_with = "fingerprint")]
    pub incident: Option<String>,
    /// Stop after this time and say what is left
    #[arg(long, value_name = "DURATION", value_parser = duration)]
    pub max_duration: Option<Duration>,

    /// Contain what was found as `guard` does: incidents, evidence, deletion of the logs, messages
    #[arg(long, help_heading = "Containment")]
    pub contain: bool,
    /// With --contain: say what would be done, call by call, and do nothing
    #[arg(long, requires = "contain", help_heading = "Containment")]
    pub dry_run: bool,
    /// With --contain: act on findings from this confidence on (default: high)
    #[arg(long, value_name = "LEVEL", value_parser = level::<Confidence>, requires = "contain", help_heading = "Containment")]
    pub act_at: Option<Confidence>,

    /// Format of what is printed
    #[arg(long, value_name = "FORMAT", default_value = "text", value_parser = trace_format(), help_heading = "Output")]
    pub format: TraceFormat,
    /// The same in another format, to a file
    #[arg(long, value_name = "FORMAT=FILE", value_parser = trace_file, help_heading = "Output")]
    pub report: Vec<TraceFile>,
    /// Colour in the text
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
    #[command(flatten)]
    pub work: WorkArguments,
}

/// A report and where it goes.
#[derive(Debug, Clone)]
pub(crate) struct TraceFile {
    pub format: TraceFormat,
    pub path: PathBuf,
}

fn since(text: &str) -> Result<Since, String> {
    if text == "all" {
        return Ok(Since(None));
    }
    duration(text).map(|age| Since(Some(age)))
}

fn fingerprint(text: &str) -> Result<String, String> {
    let is_digit = |c: char| c.is_ascii_digit() || ('a'..='f').contains(&c);
    if text.len() < 8 || !text.chars().all(is_digit) {
        return Err("expected at least 8 digits of a fingerprint, as reports show it".to_owned());
    }
    Ok(text.to_owned())
}

fn trace_format() -> impl clap::builder::TypedValueParser<Value = TraceFormat> {
    use clap::builder::TypedValueParser;
    clap::builder::PossibleValuesParser::new(TraceFormat::ALL.map(TraceFormat::name))
        .try_map(|name| TraceFormat::named(&name).ok_or("no such format"))
}

fn trace_file(text: &str) -> Result<TraceFile, String> {
    let (format, path) = text
        .split_once('=')
        .ok_or("expected FORMAT=FILE, e.g. html=trace.html")?;
    let names = TraceFormat::ALL.map(TraceFormat::name).join(", ");
    Ok(TraceFile {
        format: TraceFormat::named(format).ok_or_else(|| format!("expected one of {names}"))?,
        path: PathBuf::from(path),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ages_and_all() {
        assert_eq!(since("all"), Ok(Since(None)));
        assert_eq!(since("90d"), Ok(Since(Some(Duration::from_hours(90 * 24)))));
        assert!(since("ever").is_err());
    }

    #[test]
    fn fingerprints_are_long_enough_to_mean_one() {
        assert!(fingerprint("0123abcd").is_ok());
        for bad in ["", "0123abc", "0123abcg", "0123ABCD"] {
            assert!(fingerprint(bad).is_err(), "{bad}");
        }
    }
}
